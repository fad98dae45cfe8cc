import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodes, rangeFault, richClientHello } from '../../test/support/hellos.js';
import { concat, equal, fromHex, toHex } from '../bytes/index.js';
import { TlsError } from '../errors.js';
import { Group, Scheme, Suite, Version } from '../registry/index.js';
import {
  annotateMessage,
  type ClientHello,
  decodeBareBody,
  decodeBody,
  displayName,
  type Extensions,
  encodeBareBody,
  extensionCode,
  HELLO_RETRY_RANDOM,
  isHelloRetryRequest,
  type MessageBody,
  type MessageName,
  messageBytes,
  messageName13,
} from './index.js';

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

const codeFrom = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof TlsError) return error.code;
    throw error;
  }
  return 'nothing';
};

const serverHello = (extensions: object, random = filled(32, 1)): MessageBody<'ServerHello'> => ({
  legacyVersion: Version['TLSv1.2'],
  random,
  legacySessionIdEcho: filled(32, 2),
  cipherSuite: Suite.TLS_AES_128_GCM_SHA256,
  legacyCompressionMethod: 0,
  extensions,
});

/** Those of TLS 1.3, whose forms the hellos and Finished share with older versions. */
type Name13 =
  | 'ClientHello'
  | 'ServerHello'
  | 'NewSessionTicket'
  | 'EndOfEarlyData'
  | 'EncryptedExtensions'
  | 'Certificate'
  | 'CertificateRequest'
  | 'CertificateVerify'
  | 'Finished'
  | 'KeyUpdate'
  | 'CompressedCertificate';

const EXAMPLES: { readonly [N in Name13]: readonly MessageBody<N>[] } = {
  ClientHello: [richClientHello, { ...richClientHello, extensions: undefined }],
  ServerHello: [
    serverHello({
      supportedVersions: Version['TLSv1.3'],
      keyShare: { group: Group.x25519, keyExchange: filled(32, 3) },
      preSharedKey: 1,
    }),
    serverHello(
      { retry: { supportedVersions: Version['TLSv1.3'], keyShare: Group.secp256r1, cookie: filled(3, 3) } },
      HELLO_RETRY_RANDOM,
    ),
  ],
  NewSessionTicket: [
    {
      ticketLifetime: 7200,
      ticketAgeAdd: 0xffffffff,
      ticketNonce: new Uint8Array(0),
      ticket: filled(9, 9),
      extensions: { earlyData: 16_384, unknown: [{ type: 0x2a2a, data: filled(1, 1) }] },
    },
  ],
  EndOfEarlyData: [{}],
  EncryptedExtensions: [
    { extensions: {} },
    {
      extensions: {
        serverName: true,
        alpn: [filled(2, 0x68)],
        supportedGroups: [Group.x25519],
        recordSizeLimit: 64,
        earlyData: true,
        serverCertificateType: 2,
        clientCertificateType: 0,
      },
    },
  ],
  Certificate: [
    { certificateRequestContext: new Uint8Array(0), certificateList: [] },
    {
      certificateRequestContext: filled(3, 1),
      certificateList: [
        {
          certData: filled(300, 1),
          extensions: {
            statusRequest: { statusType: 1, response: filled(5, 5) },
            signedCertificateTimestamp: [filled(4, 4), filled(1, 1)],
          },
        },
        { certData: filled(1, 2), extensions: {} },
      ],
    },
  ],
  CertificateRequest: [
    {
      certificateRequestContext: filled(2, 2),
      extensions: {
        signatureAlgorithms: [Scheme.ed25519],
        certificateAuthorities: [filled(3, 3)],
        oidFilters: [{ certificateExtensionOid: filled(3, 1), certificateExtensionValues: filled(2, 2) }],
        signedCertificateTimestamp: true,
        compressCertificate: [1],
      },
    },
  ],
  CertificateVerify: [{ algorithm: Scheme.ed25519, signature: filled(64, 1) }],
  Finished: [{ verifyData: filled(32, 1) }, { verifyData: filled(48, 1) }],
  KeyUpdate: [{ requestUpdate: 0 }, { requestUpdate: 1 }],
  CompressedCertificate: [
    { algorithm: 2, uncompressedLength: 1000, compressedCertificateMessage: filled(10, 1) },
  ],
};

const examples = Object.entries(EXAMPLES).flatMap(([name, bodies]) =>
  bodies.map((body, i) => ({
    title: `${name} ${i}`,
    name: name as MessageName,
    bytes: messageBytes(name as MessageName, body as never),
    body: body as unknown,
  })),
);

/** Without `order`, which decoding adds at any depth. */
/** As a server of TLS 1.3 takes it: what is wrong with that version's extensions is kept for those who need them. */
function decodeStrictly(name: Parameters<typeof decodeBody>[0], bytes: Uint8Array): void {
  const body = decodeBody(name, bytes) as { extensions?: { malformed13?: Error } };
  if (name === 'ClientHello' && body.extensions?.malformed13) throw body.extensions.malformed13;
}

function withoutOrder(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(withoutOrder);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'order')
      .map(([key, inner]) => [key, withoutOrder(inner)]),
  );
}

describe.each(examples)('$title', ({ name, bytes, body }) => {
  test('decodes to what it was encoded from, and encodes to the same bytes again', () => {
    const decoded = decodeBody(name, bytes);
    expect(withoutOrder(decoded)).toEqual(withoutOrder(body));
    expect(toHex(messageBytes(name, decoded as never))).toBe(toHex(bytes));
    expect(toHex(concat(bytes.subarray(0, 4), encodeBareBody(name, decoded as never)))).toBe(toHex(bytes));
    expect(withoutOrder(decodeBareBody(name, bytes.subarray(4)))).toEqual(withoutOrder(body));
  });

  test('has a tree whose ranges nest, follow one another and cover every byte', () => {
    const tree = annotateMessage(bytes);
    expect(tree.error).toBeUndefined();
    expect([tree.start, tree.end, tree.children[0]?.start, tree.children[1]?.end]).toEqual([
      0,
      bytes.length,
      0,
      4,
    ]);
    expect(rangeFault(tree)).toBeUndefined();
  });

  test('cut or changed anywhere, it is refused with a typed error or not at all, and its tree agrees', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.nat(), fc.nat(255), (cut, at, value) => {
        const changed = bytes.slice(0, Math.max(4, bytes.length - (cut % 2 === 0 ? 0 : cut)));
        if (changed.length > 4) changed[4 + (at % (changed.length - 4))] = value;
        const code = codeFrom(() => decodeStrictly(name, changed));
        const tree = annotateMessage(changed);
        // An extension may be both a duplicate and malformed: either is right.
        const right = code === 'duplicate_extension' ? [code, 'malformed_message'] : [code];
        expect(right).toContain(tree.error ?? 'nothing');
        for (const node of nodes(tree)) expect(node.end).toBeLessThanOrEqual(changed.length);
      }),
      { numRuns: 300 },
    );
  });
});

describe('ClientHello', () => {
  const whole = messageBytes('ClientHello', richClientHello);

  test('every proper prefix is malformed_message, but for the one that ends where extensions may be absent', () => {
    const bodyEnd = whole.length;
    const withoutExtensions = messageBytes('ClientHello', {
      ...richClientHello,
      extensions: undefined,
    }).length;
    for (let end = 4; end < bodyEnd; end++) {
      const code = codeFrom(() => decodeStrictly('ClientHello', whole.subarray(0, end)));
      expect([end, code]).toEqual([end, end === withoutExtensions ? 'nothing' : 'malformed_message']);
    }
  });

  test('bytes behind the extensions are malformed_message', () => {
    expect(codeFrom(() => decodeStrictly('ClientHello', concat(whole, filled(1, 0))))).toBe(
      'malformed_message',
    );
  });

  test('an extension that stands twice is duplicate_extension, known or not', () => {
    for (const [type, data] of [
      [0x1234, filled(3, 3)],
      [extensionCode('recordSizeLimit'), Uint8Array.of(0x40, 0x01)],
    ] as const) {
      const once = messageBytes('ClientHello', {
        ...richClientHello,
        extensions: { unknown: [{ type, data }] },
      });
      const size = 4 + data.length;
      const twice = concat(once, once.subarray(once.length - size));
      twice[3]! += size;
      twice[once.length - size - 1]! += size;
      expect(codeFrom(() => decodeStrictly('ClientHello', once))).toBe('nothing');
      expect(codeFrom(() => decodeStrictly('ClientHello', twice))).toBe('duplicate_extension');
      expect(annotateMessage(twice).error).toBe('duplicate_extension');
    }
  });

  test('unknown extensions and GREASE values are kept and sent on as they came', () => {
    const decoded = decodeBody('ClientHello', whole);
    expect(decoded.extensions?.unknown?.map((extension) => extension.type)).toEqual([0x4a4a, 0x1234]);
    expect(decoded.cipherSuites[0]).toBe(0x1a1a);
    expect(decoded.extensions?.supportedVersions?.[0]).toBe(0x2a2a);
    expect(decoded.extensions?.keyShare?.[0]?.group).toBe(0x3a3a);
    expect(equal(messageBytes('ClientHello', decoded), whole)).toBe(true);
  });

  test('extensions stand in whatever order was asked for, and come back in it', () => {
    const codes = decodeBody('ClientHello', whole).extensions!.order!.filter((code) => code !== 41);
    fc.assert(
      fc.property(fc.shuffledSubarray([...codes], { minLength: codes.length }), (order) => {
        const shuffled: ClientHello = {
          ...richClientHello,
          extensions: { ...richClientHello.extensions, order },
        };
        const back = decodeBody('ClientHello', messageBytes('ClientHello', shuffled)).extensions!.order;
        expect(back).toEqual([...order, 41]);
      }),
      { numRuns: 50 },
    );
  });

  test('pre_shared_key is sent last where the order asked for does not name it', () => {
    for (const order of [[], [43], [0x1234, 0]]) {
      const hello = { ...richClientHello, extensions: { ...richClientHello.extensions, order } };
      expect(decodeBody('ClientHello', messageBytes('ClientHello', hello)).extensions!.order!.at(-1)).toBe(
        41,
      );
    }
  });

  test('a server_name list with two names, or of another type, is malformed_message', () => {
    const name = (tag: number) => ({ tag, kind: 'host_name', value: filled(3, 0x61) });
    for (const list of [[name(0), name(0)], [name(1)]]) {
      const hello = messageBytes('ClientHello', { ...richClientHello, extensions: { serverName: list } });
      expect(codeFrom(() => decodeStrictly('ClientHello', hello))).toBe('malformed_message');
    }
  });

  test('empty lists that the RFC forbids are malformed_message', () => {
    const bodies: readonly (readonly [number, string])[] = [
      [extensionCode('supportedGroups'), '0000'],
      [extensionCode('signatureAlgorithms'), '0000'],
      [extensionCode('supportedVersions'), '00'],
      [extensionCode('alpn'), '0000'],
      [extensionCode('alpn'), '000100'],
      [extensionCode('pskKeyExchangeModes'), '00'],
      [extensionCode('cookie'), '0000'],
      [extensionCode('keyShare'), '0004001d0000'],
      [extensionCode('preSharedKey'), '00000000'],
      [extensionCode('postHandshakeAuth'), '00'],
      [extensionCode('earlyData'), '00'],
      [extensionCode('serverName'), '0000'],
    ];
    for (const [type, body] of bodies) {
      const hello = messageBytes('ClientHello', {
        ...richClientHello,
        extensions: { unknown: [{ type, data: fromHex(body) }] },
      });
      expect([type, codeFrom(() => decodeStrictly('ClientHello', hello))]).toEqual([
        type,
        'malformed_message',
      ]);
    }
  });

  test('the tree names versions, suites, groups and hosts', () => {
    const values = [...nodes(annotateMessage(whole))].map((node) => node.value);
    for (const value of ['TLS_AES_128_GCM_SHA256 (0x1301)', 'example.com', 'h2', 'X25519MLKEM768 (0x11ec)']) {
      expect(values).toContain(value);
    }
  });
});

describe('names', () => {
  test('a HelloRetryRequest is known by its random and named so', () => {
    const [hello, retry] = EXAMPLES.ServerHello.map((body) => messageBytes('ServerHello', body));
    expect([displayName(hello!), displayName(retry!)]).toEqual(['ServerHello', 'HelloRetryRequest']);
    expect(isHelloRetryRequest({ random: filled(32, 1) })).toBe(false);
    const extensions = decodeBody('ServerHello', retry!).extensions as { retry: Extensions<'HRR'> };
    expect(extensions.retry.keyShare).toBe(Group.secp256r1);
  });

  test('message_hash is no message that can be received, nor are those of older versions', () => {
    for (const type of [254, 0, 3, 12, 14, 16, 22, 99]) expect(messageName13(type)).toBeUndefined();
    expect(displayName(Uint8Array.of(99, 0, 0, 0))).toBe('unknown (99)');
    expect(displayName(Uint8Array.of(0, 0, 0, 0))).toBe('HelloRequest');
  });

  test('a message of a type that TLS 1.3 has not is shown as bytes', () => {
    const tree = annotateMessage(Uint8Array.of(99, 0, 0, 1, 7));
    expect(tree.error).toBeUndefined();
    expect(tree.children[0]?.value).toBe('unknown (99)');
  });
});

describe('bounds', () => {
  test('an extension without a place in the message cannot be encoded there', () => {
    expect(() =>
      messageBytes('EncryptedExtensions', { extensions: { cookie: filled(1, 1) } as Extensions<'EE'> }),
    ).toThrow(RangeError);
  });

  test('a binder shorter than any hash is malformed_message', () => {
    const hello = messageBytes('ClientHello', {
      ...richClientHello,
      extensions: {
        unknown: [{ type: 41, data: fromHex(`0007000161000000000020${'1f'}${'00'.repeat(31)}`) }],
      },
    });
    expect(codeFrom(() => decodeStrictly('ClientHello', hello))).toBe('malformed_message');
  });

  test('a KeyUpdate keeps a value that its receiver has to refuse', () => {
    expect(decodeBody('KeyUpdate', Uint8Array.of(24, 0, 0, 1, 2)).requestUpdate).toBe(2);
  });
});
