import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodes, rangeFault } from '../../test/support/hellos.js';
import { concat, fromHex, toHex } from '../bytes/index.js';
import { type Codec, decode, encode } from '../codec/index.js';
import { TlsError } from '../errors.js';
import { Group, Scheme, Version } from '../registry/index.js';
import {
  annotateMessage,
  type ClientKeyExchange,
  decodeBody,
  displayName,
  isKeyExchange12,
  isMessageType12,
  type KeyExchange12,
  keyExchangeForms,
  type MessageBody,
  type MessageName,
  messageBytes,
  type ServerKeyExchange,
  usesDhe,
  usesEcdhe,
  usesPsk,
  usesRsa,
} from './index.js';

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const none = new Uint8Array(0);

const codeFrom = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof TlsError) return error.code;
    throw error;
  }
  return 'nothing';
};

type Name12 = Exclude<MessageName, 'ServerKeyExchange' | 'ClientKeyExchange'>;

/** Name, version, body, and the bytes of the body as the RFC has them. */
const EXAMPLES: readonly (readonly [Name12, number, unknown, string])[] = [
  ['HelloRequest', 0x0303, {}, ''],
  ['ServerHelloDone', 0x0303, {}, ''],
  ['Certificate12', 0x0303, { certificateList: [] }, '000000'],
  [
    'Certificate12',
    0x0301,
    { certificateList: [filled(2, 0x30), filled(1, 0x31)] },
    '000009000002303000000131',
  ],
  [
    'CertificateRequest12',
    0x0303,
    {
      certificateTypes: [1, 64],
      supportedSignatureAlgorithms: [Scheme.rsa_pss_rsae_sha256, Scheme.ed25519],
      certificateAuthorities: [filled(2, 0x30)],
    },
    '020140000408040807000400023030',
  ],
  [
    'CertificateRequest10',
    0x0302,
    { certificateTypes: [1, 2, 64], certificateAuthorities: [] },
    '030102400000',
  ],
  [
    'CertificateVerify12',
    0x0303,
    { algorithm: Scheme.rsa_pkcs1_sha256, signature: filled(3, 9) },
    '04010003090909',
  ],
  ['CertificateVerify10', 0x0301, { signature: filled(3, 9) }, '0003090909'],
  ['NewSessionTicket12', 0x0303, { ticketLifetimeHint: 7200, ticket: filled(2, 7) }, '00001c2000020707'],
  ['NewSessionTicket12', 0x0303, { ticketLifetimeHint: 0, ticket: none }, '000000000000'],
  ['CertificateStatus', 0x0303, { statusType: 1, response: filled(4, 0x30) }, '0100000430303030'],
  ['Finished', 0x0303, { verifyData: filled(12, 5) }, '05'.repeat(12)],
];

describe('messages of TLS 1.0 to 1.2', () => {
  test.each(EXAMPLES)('%s of version %s stands on the wire as the RFC has it', (name, version, body, hex) => {
    const message = messageBytes(name, body as MessageBody<typeof name>);
    expect(toHex(message.subarray(4))).toBe(hex);
    expect((message[1]! << 16) | (message[2]! << 8) | message[3]!).toBe(hex.length / 2);
    expect(decodeBody(name, message)).toEqual(body);
    expect(isMessageType12(message[0]!)).toBe(true);
    const tree = annotateMessage(message, { version });
    expect(rangeFault(tree)).toBeUndefined();
    expect([tree.name, tree.end]).toEqual([displayName(message), message.length]);
    // Every byte of the body is explained.
    const explained = [...nodes(tree)].filter((node) => node.children.length === 0);
    expect(explained.every((node) => node.end <= message.length)).toBe(true);
  });

  test.each(EXAMPLES)('%s of version %s, cut or continued, is malformed', (name, version, body) => {
    const message = messageBytes(name, body as MessageBody<typeof name>);
    for (let length = 4; length < message.length; length++) {
      // A Finished has no length of its own: twelve bytes are the handshake's to ask for.
      if (name === 'Finished') continue;
      const cut = message.slice(0, length);
      expect([length, codeFrom(() => decodeBody(name, cut))]).toEqual([length, 'malformed_message']);
      expect(rangeFault(annotateMessage(cut, { version }))).toBeUndefined();
    }
    if (name !== 'Finished')
      expect(codeFrom(() => decodeBody(name, concat(message, filled(1, 0))))).toBe('malformed_message');
  });

  test('a certificate of no bytes is malformed, and so is a request without a type or a scheme', () => {
    const wrong: readonly (readonly [Name12, string])[] = [
      ['Certificate12', '000003000000'],
      ['CertificateRequest12', '00000208040000'],
      ['CertificateRequest12', '010100000000'],
      ['CertificateRequest12', '01010003080408'],
      ['CertificateRequest10', '000000'],
      ['CertificateRequest10', '010100020000'],
    ];
    for (const [name, hex] of wrong) {
      const body = fromHex(hex);
      const message = concat(Uint8Array.of(0, 0, 0, body.length), body);
      expect([hex, codeFrom(() => decodeBody(name, message))]).toEqual([hex, 'malformed_message']);
    }
  });

  test('types of TLS 1.3 alone are none of theirs', () => {
    for (const type of [5, 8, 24, 25, 254, 99]) expect([type, isMessageType12(type)]).toEqual([type, false]);
    for (const type of [0, 1, 2, 4, 11, 12, 13, 14, 15, 16, 20, 22])
      expect([type, isMessageType12(type)]).toEqual([type, true]);
  });
});

const KX = ['ECDHE', 'DHE', 'RSA', 'PSK', 'ECDHE_PSK', 'DHE_PSK', 'RSA_PSK'] as const;
const VERSIONS = [Version.TLSv1, Version['TLSv1.1'], Version['TLSv1.2']];

const curve = { curveType: 3, namedCurve: Group.x25519, public: filled(4, 0xaa) };
const field = { p: filled(3, 0xfb), g: filled(1, 2), ys: filled(3, 0x11) };

function serverBody(kx: KeyExchange12, version: number): ServerKeyExchange {
  const signature = filled(2, 0x55);
  return {
    ...(usesPsk(kx) && { pskIdentityHint: filled(2, 0x68) }),
    ...(usesEcdhe(kx) && { params: curve }),
    ...(usesDhe(kx) && { params: field }),
    ...((kx === 'ECDHE' || kx === 'DHE') && {
      signed:
        version >= Version['TLSv1.2'] ? { algorithm: Scheme.rsa_pss_rsae_sha256, signature } : { signature },
    }),
  };
}

function clientBody(kx: KeyExchange12): ClientKeyExchange {
  return {
    ...(usesPsk(kx) && { pskIdentity: filled(2, 0x69) }),
    ...(usesEcdhe(kx) && { ecdhPublic: filled(4, 0xbb) }),
    ...(usesDhe(kx) && { dhPublic: filled(3, 0xcc) }),
    ...(usesRsa(kx) && { encryptedPremaster: filled(5, 0xdd) }),
  };
}

const HINT = '00026868';
const ECDH = '03001d04aaaaaaaa';
const DH = '0003fbfbfb0001020003111111';
/** On the wire in TLS 1.2; before, the two bytes of the scheme are not there. */
const SERVER_BYTES: Readonly<Record<KeyExchange12, string>> = {
  ECDHE: `${ECDH}080400025555`,
  DHE: `${DH}080400025555`,
  RSA: '',
  PSK: HINT,
  ECDHE_PSK: HINT + ECDH,
  DHE_PSK: HINT + DH,
  RSA_PSK: HINT,
};
const CLIENT_BYTES: Readonly<Record<KeyExchange12, string>> = {
  ECDHE: '04bbbbbbbb',
  DHE: '0003cccccc',
  RSA: '0005dddddddddd',
  PSK: '00026969',
  ECDHE_PSK: '0002696904bbbbbbbb',
  DHE_PSK: '000269690003cccccc',
  RSA_PSK: '000269690005dddddddddd',
};

describe('key exchange messages', () => {
  test('have the form of the suite', () => {
    for (const kx of KX) {
      for (const version of VERSIONS) {
        const { server, client } = keyExchangeForms(kx, version);
        const expected =
          version >= Version['TLSv1.2'] ? SERVER_BYTES[kx] : SERVER_BYTES[kx].replace('08040002', '0002');
        expect([kx, toHex(encode(server, serverBody(kx, version)))]).toEqual([kx, expected]);
        expect([kx, toHex(encode(client, clientBody(kx)))]).toEqual([kx, CLIENT_BYTES[kx]]);
        expect(decode(server, fromHex(expected))).toEqual(serverBody(kx, version));
        expect(decode(client, fromHex(CLIENT_BYTES[kx]))).toEqual(clientBody(kx));
      }
    }
  });

  test('cut or continued are malformed, and their trees still nest', () => {
    for (const keyExchange of KX) {
      for (const version of VERSIONS) {
        const forms = keyExchangeForms(keyExchange, version);
        for (const [name, form, body] of [
          ['ServerKeyExchange', forms.server, encode(forms.server, serverBody(keyExchange, version))],
          ['ClientKeyExchange', forms.client, encode(forms.client, clientBody(keyExchange))],
        ] as const) {
          for (let length = 0; length < body.length; length++) {
            const cut = body.slice(0, length);
            expect([keyExchange, name, length, codeFrom(() => decode(form as Codec<unknown>, cut))]).toEqual([
              keyExchange,
              name,
              length,
              'malformed_message',
            ]);
            const tree = annotateMessage(messageBytes(name, cut), { version, keyExchange });
            expect(rangeFault(tree)).toBeUndefined();
          }
          expect(codeFrom(() => decode(form as Codec<unknown>, concat(body, filled(1, 0))))).toBe(
            'malformed_message',
          );
          const whole = annotateMessage(messageBytes(name, body), { version, keyExchange });
          expect(rangeFault(whole)).toBeUndefined();
          expect(whole.end).toBe(4 + body.length);
        }
      }
    }
  });

  test('without a public value are malformed', () => {
    const wrong: readonly (readonly [KeyExchange12, 'server' | 'client', string])[] = [
      ['ECDHE', 'server', '03001d00080400025555'],
      ['DHE', 'server', '00000001020003111111080400025555'],
      ['DHE', 'server', '0003fbfbfb00000003111111080400025555'],
      ['DHE', 'server', '0003fbfbfb0001020000080400025555'],
      ['ECDHE', 'client', '00'],
      ['DHE', 'client', '0000'],
      // A client that sends its premaster secret without a length, as SSL 3.0 did.
      ['RSA', 'client', 'dddddddddd'],
    ];
    for (const [kx, side, hex] of wrong) {
      const form = keyExchangeForms(kx, Version['TLSv1.2'])[side] as Codec<unknown>;
      expect([hex, codeFrom(() => decode(form, fromHex(hex)))]).toEqual([hex, 'malformed_message']);
    }
  });

  test('name what a curve is, a group and a scheme, in the tree', () => {
    const { server } = keyExchangeForms('ECDHE', Version['TLSv1.2']);
    const message = messageBytes(
      'ServerKeyExchange',
      encode(server, serverBody('ECDHE', Version['TLSv1.2'])),
    );
    const tree = annotateMessage(message, { version: Version['TLSv1.2'], keyExchange: 'ECDHE' });
    const values = [...nodes(tree)].map((node) => String(node.value));
    for (const wanted of ['named_curve', 'x25519', 'rsa_pss_rsae_sha256'])
      expect(values.some((value) => value.includes(wanted))).toBe(true);
    // Without the suite the body is bytes.
    const bare = annotateMessage(message, { version: Version['TLSv1.2'] });
    expect(bare.children.length).toBe(2);
  });

  test('of any content are decoded or refused in the one way, and come out as they went in', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...KX),
        fc.constantFrom(...VERSIONS),
        fc.constantFrom('server', 'client'),
        fc.uint8Array({ maxLength: 40 }),
        (kx, version, side, bytes) => {
          const form = keyExchangeForms(kx, version)[side] as ReturnType<typeof keyExchangeForms>['server'];
          const code = codeFrom(() => expect(toHex(encode(form, decode(form, bytes)))).toBe(toHex(bytes)));
          expect(['nothing', 'malformed_message', 'illegal_field']).toContain(code);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

test('each key exchange says what it is made of', () => {
  const parts = (kx: KeyExchange12) => [usesEcdhe(kx), usesDhe(kx), usesRsa(kx), usesPsk(kx)];
  expect(Object.fromEntries(KX.map((kx) => [kx, parts(kx)]))).toEqual({
    ECDHE: [true, false, false, false],
    DHE: [false, true, false, false],
    RSA: [false, false, true, false],
    PSK: [false, false, false, true],
    ECDHE_PSK: [true, false, false, true],
    DHE_PSK: [false, true, false, true],
    RSA_PSK: [false, false, true, true],
  });
  for (const kx of ['ECDH', 'DH', 'SRP', 'KRB5', 'any', '', 'rsa', '__proto__'])
    expect(isKeyExchange12(kx)).toBe(false);
});
