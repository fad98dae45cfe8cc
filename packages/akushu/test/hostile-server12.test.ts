/** What a server may do wrong in TLS 1.2, 1.1 and 1.0, and how our client takes it: each with its alert. */
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, fromHex, fromUtf8, toLatin1 } from '../src/bytes/index.js';
import { ffdheGroup } from '../src/crypto/ffdhe.js';
import { nodeProvider as provider } from '../src/crypto/node.js';
import type { ErrorCode } from '../src/errors.js';
import type { ClientConfig, Credential } from '../src/handshake/index.js';
import { HELLO_RETRY_RANDOM } from '../src/messages/index.js';
import { ContentType, Group, HandshakeType, Scheme, Suite, Version } from '../src/registry/index.js';
import type { Session } from '../src/session/index.js';
import { createCertificate } from '../src/x509/index.js';
import { type CredentialKind, credential, KINDS, trustAll } from './support/credentials.js';
import { End } from './support/pair.js';
import { alter, raw, rawMessage } from './support/scripted-peer.js';
import { none, PSK, type ScriptedPeer12 } from './support/scripted-peer12.js';
import { ScriptedServer12, type ServerScript12 } from './support/scripted-server12.js';
import { converse, expectDeath } from './support/verdict.js';

const own = {} as Record<CredentialKind, Credential>;
let other: Credential;
let encryptOnly: Credential;
let signOnly: Credential;
beforeAll(async () => {
  for (const kind of KINDS) own[kind] = await credential(kind);
  other = await credential('P-256', 'other.example');
  const limited = async (keyUsage: 'keyEncipherment' | 'digitalSignature'): Promise<Credential> => {
    const { key } = own.RSA;
    const der = await createCertificate({
      provider,
      subject: 'localhost',
      key,
      altNames: ['localhost'],
      notBefore: Date.UTC(2020, 0, 1),
      notAfter: Date.UTC(2060, 0, 1),
      keyUsage: [keyUsage],
    });
    return { chain: [der], key };
  };
  encryptOnly = await limited('keyEncipherment');
  signOnly = await limited('digitalSignature');
});

const NOW = 1_800_000_000_000;
const V12 = [Version['TLSv1.2']];
const ECDHE_RSA = Suite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
const ECDHE_CBC = Suite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA;
const DHE = 0x009e;
const RSA = 0x009c;

const config: ClientConfig = {
  provider,
  versions: V12,
  serverName: 'localhost',
  groups: [Group.x25519, Group.secp256r1],
  now: () => NOW,
  verifyPeer: trustAll,
};

function meet(script: ServerScript12 = {}, more: Partial<ClientConfig> = {}) {
  const suites = script.suite ? { cipherSuites: [script.suite] } : {};
  const versions = script.version ? { versions: [script.version] } : {};
  const client = new End('client', { ...config, ...suites, ...versions, ...more });
  const server = new ScriptedServer12({ credential: own['P-256'], ...script });
  client.connection.start();
  return { client, server };
}

/** A handshake that has to fail with this code. */
function refuses(code: ErrorCode, script: ServerScript12, more: Partial<ClientConfig> = {}): void {
  const { client, server } = meet(script, more);
  converse(client, server);
  expectDeath(client, server, code, true);
  expect(client.summaries).toEqual([]);
}

/** A handshake that works. */
function established(script: ServerScript12 = {}, more: Partial<ClientConfig> = {}) {
  const both = meet(script, more);
  converse(both.client, both.server);
  expect(both.client.errors).toEqual([]);
  expect(both.client.summaries.length).toBe(1);
  return both;
}

/** As established, but the connection dies with this code afterwards. */
function dies(
  code: ErrorCode,
  after: (server: ScriptedServer12) => void,
  more: Partial<ClientConfig> = {},
): void {
  const { client, server } = established({}, more);
  after(server);
  converse(client, server);
  expectDeath(client, server, code, true);
}

function* recordsOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const end = at + 5 + ((bytes[at + 3]! << 8) | bytes[at + 4]!);
    yield bytes.subarray(at, end);
    at = end;
  }
}

const psk = { externalPsks: [PSK] };
const session = (change: Partial<Session> = {}): Session => ({
  version: Version['TLSv1.2'],
  cipherSuite: Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
  psk: new Uint8Array(48).fill(9),
  ticket: Uint8Array.of(1, 2, 3),
  lifetime: 1000,
  ageAdd: 0,
  authenticatedAt: 0,
  trust: null,
  presented: null,
  receivedAt: NOW,
  maxEarlyData: 0,
  serverName: 'localhost',
  alpn: null,
  peerChain: own['P-256'].chain,
  peerRawKey: null,
  extendedMasterSecret: true,
  ...change,
});

describe('an honest server', () => {
  test.each<readonly [string, () => readonly [ServerScript12, Partial<ClientConfig>?]]>([
    ['ECDHE with ECDSA', () => [{}]],
    ['ECDHE with RSA', () => [{ suite: ECDHE_RSA, credential: own.RSA }]],
    ['ECDHE with Ed25519', () => [{ credential: own.Ed25519 }]],
    ['DHE', () => [{ suite: DHE, credential: own.RSA }]],
    ['static RSA', () => [{ suite: RSA, credential: own.RSA }]],
    ['PSK', () => [{ suite: 0x00a8 }, psk]],
    ['PSK with a hint', () => [{ suite: 0x00a8, hint: fromUtf8('this one') }, psk]],
    ['ECDHE_PSK', () => [{ suite: 0xc037 }, psk]],
    ['DHE_PSK', () => [{ suite: 0x00aa }, psk]],
    ['RSA_PSK', () => [{ suite: 0x00ac, credential: own.RSA }, psk]],
    ['TLS 1.1 with ECDSA', () => [{ version: 0x0302, suite: ECDHE_CBC }]],
    ['TLS 1.0 with RSA', () => [{ version: 0x0301, suite: 0x002f, credential: own.RSA }]],
    ['encrypt-then-MAC', () => [{ suite: ECDHE_CBC, extensions: { encryptThenMac: true } }]],
    ['a request that is answered', () => [{ request: true }, { credentials: [own['P-256']] }]],
    ['a request that is not', () => [{ request: true }]],
    ['a stapled response', () => [{ status: true }, { requestOcsp: true }]],
    ['a ticket', () => [{ ticket: true }, { onSession: () => {} }]],
    ['one byte to a record', () => [{ fragment: 1 }]],
    ['a session that goes on', () => [{ resume: session() }, { session: session() }]],
    ['no renegotiation_info', () => [{ extensions: { renegotiationInfo: undefined } }]],
    ['no extended master secret', () => [{ extensions: { extendedMasterSecret: undefined } }]],
    ['no extensions at all', () => [{ hello: { extensions: undefined } }]],
    ['a name for the session', () => [{ hello: { legacySessionIdEcho: new Uint8Array(32).fill(1) } }]],
  ])('is believed: %s', (_, make) => {
    const { client, server } = established(...make());
    client.connection.write(fromUtf8('up'));
    server.applicationData('down');
    converse(client, server);
    expect([client.text(), toLatin1(concat(...server.data)), server.unreadable]).toEqual(['down', 'up', 0]);
  });
});

describe('order of messages', () => {
  /** Each step of the first flight, where it has all of them. */
  const FIRST = [
    'ServerHello',
    'Certificate',
    'CertificateStatus',
    'ServerKeyExchange',
    'CertificateRequest',
    'ServerHelloDone',
  ];
  const full = (): readonly [ServerScript12, Partial<ClientConfig>] => [
    { request: true, status: true },
    { requestOcsp: true },
  ];
  const inOrder = (wanted: readonly string[]): ServerScript12 => ({
    ...full()[0],
    // The second flight is not touched.
    order: (steps) => (steps.includes('ServerHello') ? wanted : steps),
  });

  test('all of it in order is believed', () => {
    established(inOrder(FIRST), full()[1]);
  });

  const swapped = FIRST.slice(1).map((_, i) => {
    const order = [...FIRST];
    [order[i], order[i + 1]] = [order[i + 1]!, order[i]!];
    return [order] as const;
  });
  const skipped = FIRST.filter((name) => !/Status|Request|Done/.test(name)).map(
    (name) => [FIRST.filter((one) => one !== name)] as const,
  );
  const repeated = FIRST.map(
    (name) => [FIRST.flatMap((one) => (one === name ? [one, one] : [one]))] as const,
  );
  const jumps = [
    [['ServerHello', 'ServerHelloDone']],
    [['ServerHello', 'Certificate', 'ServerHelloDone']],
    [['ServerHello', 'ServerKeyExchange', 'ServerHelloDone']],
    [['Certificate', 'ServerKeyExchange', 'ServerHelloDone']],
    [['ServerHelloDone']],
  ] as const;

  test.each([...swapped, ...skipped, ...repeated, ...jumps])('%s is refused', (order) => {
    const { client, server } = meet(inOrder(order), full()[1]);
    converse(client, server);
    // In front of the ServerHello nobody knows what a ServerHelloDone would be.
    const code = order[0] === 'ServerHelloDone' ? 'unknown_message_type' : 'unexpected_message';
    expect(client.errors.map((error) => [error.code, error.alert])).toEqual([[code, 'unexpected_message']]);
    // Behind the client's ChangeCipherSpec the two have no keys in common.
    if (server.changeCipherSpecs === 0)
      expect(server.alerts.map((alert) => alert.description)).toEqual(['unexpected_message']);
    expect([client.summaries, client.connection.isDead]).toEqual([[], true]);
  });

  test('what is optional may be left out', () => {
    for (const name of ['CertificateStatus', 'CertificateRequest'])
      established(inOrder(FIRST.filter((one) => one !== name)), full()[1]);
  });

  test('a flight without an end is waited for, and its end is a truncation', () => {
    const { client, server } = meet(inOrder(FIRST.slice(0, -1)), full()[1]);
    converse(client, server);
    expect([client.errors, client.connection.isDead]).toEqual([[], false]);
    client.connection.endOfInput();
    expect(client.errors.map((error) => error.code)).toEqual(['closed_during_handshake']);
  });

  test.each<readonly [string, () => readonly [ServerScript12, Partial<ClientConfig>]]>([
    [
      'a CertificateStatus nobody announced',
      () => [{ status: true, extensions: { statusRequest: undefined } }, { requestOcsp: true }],
    ],
    [
      'a certificate under a PSK',
      () => [
        {
          suite: 0xc037,
          before: { ServerKeyExchange: (peer) => peer.handshake(rawMessage(11, fromHex('000000'))) },
        },
        psk,
      ],
    ],
    ['a CertificateRequest under a PSK', () => [{ suite: 0xc037, request: true }, psk]],
    [
      'a ServerKeyExchange under static RSA',
      () => [
        {
          suite: RSA,
          credential: own.RSA,
          before: { ServerHelloDone: (peer) => peer.handshake(rawMessage(12, fromHex('00'))) },
        },
        {},
      ],
    ],
    [
      'a ticket nobody announced',
      () => [{ ticket: true, extensions: { sessionTicket: undefined } }, { onSession: () => {} }],
    ],
  ])('%s is refused', (_, make) => {
    refuses('unexpected_message', ...make());
  });

  test.each([
    ['a ClientHello', 1, 'unexpected_message'],
    ['an EncryptedExtensions of TLS 1.3', 8, 'unknown_message_type'],
    ['a KeyUpdate', 24, 'unknown_message_type'],
    ['a CompressedCertificate', 25, 'unknown_message_type'],
    ['a message_hash', 254, 'unknown_message_type'],
    ['a message of an unknown type', 99, 'unknown_message_type'],
  ] as const)('%s in the middle of the handshake is refused', (_, type, code) => {
    for (const step of ['Certificate', 'ServerKeyExchange', 'ServerHelloDone'])
      refuses(code, { edit: { [step]: (message) => [rawMessage(type, none), message] } });
  });

  test('a promised ticket that does not come is refused', () => {
    refuses(
      'bad_change_cipher_spec',
      { ticket: true, edit: { NewSessionTicket: () => null } },
      { onSession: () => {} },
    );
  });

  test('a Finished that comes twice is refused', () => {
    refuses('message_across_key_change', { edit: { Finished: (message) => [message, message] } });
    dies('unexpected_post_handshake_message', (server) =>
      server.handshake(rawMessage(20, server.verifyData.server)),
    );
  });
});

describe('ChangeCipherSpec (CVE-2014-0224)', () => {
  const ccs = (peer: ScriptedPeer12): void => peer.changeCipherSpec();

  test.each(['ServerHello', 'Certificate', 'ServerKeyExchange', 'CertificateRequest', 'ServerHelloDone'])(
    'in front of %s is refused',
    (step) => {
      refuses('bad_change_cipher_spec', { request: true, before: { [step]: ccs } });
      for (const versions of [[Version['TLSv1.3'], Version['TLSv1.2']], V12])
        refuses('bad_change_cipher_spec', { request: true, before: { [step]: ccs } }, { versions });
    },
  );

  test('in front of ServerHelloDone, with keys of zeros in use behind it, is refused', () => {
    for (const step of ['Certificate', 'ServerKeyExchange', 'ServerHelloDone']) {
      const { client, server } = meet({
        before: {
          [step]: (peer) => {
            peer.changeCipherSpec();
            peer.writeProtected();
          },
        },
      });
      converse(client, server);
      expect([client.errors.map((error) => error.code), client.summaries]).toEqual([
        ['bad_change_cipher_spec'],
        [],
      ]);
    }
  });

  test.each<readonly [string, Uint8Array]>([
    ['of two bytes', Uint8Array.of(1, 1)],
    ['of value 2', Uint8Array.of(2)],
    ['of value 0', Uint8Array.of(0)],
    ['of nothing', none],
  ])('%s is refused', (_, value) => {
    refuses('bad_change_cipher_spec', {
      before: { ChangeCipherSpec: (peer) => peer.changeCipherSpec(value) },
    });
  });

  test('that comes twice is refused', () => {
    refuses('bad_record_mac', { before: { Keys: ccs } });
    refuses('bad_change_cipher_spec', { after: { Keys: ccs } });
  });

  test('that is left out is missed, whether its keys are used or not', () => {
    for (const order of [['Keys', 'Finished'], ['Finished']])
      refuses('unexpected_message', { order: (steps) => (steps.includes('Keys') ? order : steps) });
  });

  test('without keys behind it is no protection', () => {
    refuses('bad_record_mac', {
      order: (steps) => (steps.includes('Keys') ? ['ChangeCipherSpec', 'Finished'] : steps),
    });
  });

  test('in front of a promised ticket is refused', () => {
    refuses(
      'bad_change_cipher_spec',
      {
        ticket: true,
        order: (steps) =>
          steps.includes('Keys') ? ['ChangeCipherSpec', 'Keys', 'NewSessionTicket', 'Finished'] : steps,
      },
      { onSession: () => {} },
    );
  });

  test('with part of a message in front of it is refused', () => {
    const half = (peer: ScriptedPeer12): void => peer.record(ContentType.handshake, Uint8Array.of(20, 0));
    refuses('unexpected_message', { before: { ChangeCipherSpec: half } });
    for (const step of ['Certificate', 'ServerKeyExchange', 'ServerHelloDone'])
      refuses('bad_change_cipher_spec', {
        before: {
          [step]: (peer) => {
            half(peer);
            ccs(peer);
          },
        },
      });
  });

  test('with a message begun in the record of the one before is refused (CVE-2025-61730)', () => {
    refuses('message_across_key_change', {
      edit: { ServerHelloDone: (message) => concat(message, Uint8Array.of(20, 0, 0)) },
    });
  });

  test('after the handshake is refused', () => {
    dies('bad_change_cipher_spec', ccs);
    dies('bad_record_mac', (server) => server.plain(ContentType.change_cipher_spec, Uint8Array.of(1)));
  });
});

describe('application data', () => {
  const data = (peer: ScriptedPeer12): void => peer.applicationData('too early');

  test.each(['ServerHello', 'Certificate', 'ServerKeyExchange', 'ServerHelloDone', 'ChangeCipherSpec'])(
    'in front of %s is refused',
    (step) => refuses('unexpected_application_data', { before: { [step]: data } }),
  );

  test('between ChangeCipherSpec and Finished is refused', () => {
    refuses('bad_record_mac', { after: { ChangeCipherSpec: data } });
    refuses('unexpected_application_data', { after: { Keys: data } });
    refuses('unexpected_application_data', { after: { Keys: data } }, { falseStart: true });
  });

  test('in the clear after the handshake is refused', () => {
    dies('bad_record_mac', (server) => server.plain(ContentType.application_data, new Uint8Array(40)));
  });
});

describe('Finished', () => {
  test.each<readonly [string, (data: Uint8Array) => Uint8Array]>([
    ['with a bit wrong', (data) => data.map((byte, i) => (i === 11 ? byte ^ 1 : byte))],
    ['of eleven bytes', (data) => data.slice(1)],
    ['of thirteen bytes', (data) => concat(data, none, Uint8Array.of(0))],
    ['of nothing', () => none],
    ['of zeros', () => new Uint8Array(12)],
  ])('%s is refused', (_, change) => {
    refuses('bad_finished', {
      edit: { Finished: alter('Finished', ({ verifyData }) => ({ verifyData: change(verifyData) })) },
    });
  });

  test('that is our own sent back is refused', () => {
    let ours = none;
    const { client, server } = meet({
      edit: { Finished: alter('Finished', () => ({ verifyData: ours })) },
      before: {
        Finished: (peer) => {
          ours = peer.verifyData.client;
        },
      },
    });
    converse(client, server);
    expectDeath(client, server, 'bad_finished', true);
  });
});

describe('ServerHello', () => {
  const both = [Version['TLSv1.3'], Version['TLSv1.2']];
  const hello = (change: ServerScript12['hello'] & object): ServerScript12 => ({ hello: change });
  const extended = (change: Record<string, unknown>): ServerScript12 => ({ extensions: change });

  const wrong: readonly (readonly [string, ErrorCode, ServerScript12, Partial<ClientConfig>?])[] = [
    ['a version not offered', 'unsupported_version_chosen', hello({ legacyVersion: 0x0302 })],
    ['SSL 3.0', 'unsupported_version_chosen', hello({ legacyVersion: 0x0300 })],
    [
      'SSL 3.0, to a client of all versions',
      'unsupported_version_chosen',
      hello({ legacyVersion: 0x0300 }),
      { versions: [0x0304, 0x0303, 0x0302, 0x0301] },
    ],
    ['TLS 1.3 in the old field', 'unsupported_version_chosen', hello({ legacyVersion: 0x0304 })],
    [
      'supported_versions of TLS 1.2',
      'illegal_version_chosen',
      extended({ supportedVersions: 0x0303 }),
      { versions: both },
    ],
    [
      'supported_versions of TLS 1.3, not offered',
      'illegal_version_chosen',
      extended({ supportedVersions: 0x0304 }),
    ],
    ['a suite not offered', 'unoffered_cipher_suite', hello({ cipherSuite: RSA })],
    ['a suite of TLS 1.3', 'unoffered_cipher_suite', hello({ cipherSuite: 0x1301 }), { versions: both }],
    ['an unknown suite', 'unoffered_cipher_suite', hello({ cipherSuite: 0x1a1a })],
    ['a signalling suite', 'unoffered_cipher_suite', hello({ cipherSuite: 0x00ff })],
    [
      'a suite of TLS 1.2 in 1.1',
      'unoffered_cipher_suite',
      {
        version: 0x0302,
        suite: ECDHE_CBC,
        hello: { cipherSuite: Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 },
      },
      {
        versions: [0x0303, 0x0302],
        cipherSuites: [Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, ECDHE_CBC],
      },
    ],
    ['compression', 'compression_chosen', hello({ legacyCompressionMethod: 1 })],
    [
      'renegotiation_info that is not empty',
      'renegotiation_info_mismatch',
      extended({ renegotiationInfo: Uint8Array.of(1) }),
    ],
    [
      'no renegotiation_info where it is required',
      'no_secure_renegotiation',
      extended({ renegotiationInfo: undefined }),
      { requireSecureRenegotiation: true },
    ],
    [
      'no extended master secret where it is required',
      'extended_master_secret_missing',
      extended({ extendedMasterSecret: undefined }),
      { requireExtendedMasterSecret: true },
    ],
    [
      'encrypt_then_mac with an AEAD',
      'forbidden_extension',
      extended({ encryptThenMac: true }),
      { cipherSuites: [Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, ECDHE_CBC] },
    ],
    [
      'encrypt_then_mac that was not offered',
      'unsolicited_extension',
      { suite: ECDHE_CBC, extensions: { encryptThenMac: true } },
      { encryptThenMac: false },
    ],
    ['ALPN that was not offered', 'unsolicited_extension', extended({ alpn: [fromUtf8('h2')] })],
    [
      'a protocol that was not offered',
      'unoffered_alpn',
      extended({ alpn: [fromUtf8('h3')] }),
      { alpn: ['h2'] },
    ],
    [
      'SCTs that were not asked for',
      'unsolicited_extension',
      extended({ signedCertificateTimestamp: [Uint8Array.of(1)] }),
    ],
    ['status_request that was not asked for', 'unsolicited_extension', extended({ statusRequest: true })],
    ['session_ticket that was not offered', 'unsolicited_extension', extended({ sessionTicket: none })],
    ['a heartbeat (CVE-2014-0160)', 'unsolicited_extension', extended(raw(15, Uint8Array.of(1)))],
    ['an unknown extension', 'unsolicited_extension', extended(raw(0x1234))],
    ['GREASE', 'unsolicited_extension', extended(raw(0x2a2a))],
    [
      'supported_groups, which some servers send',
      'unsolicited_extension',
      extended({ supportedGroups: [Group.x25519] }),
      { cipherSuites: [RSA], groups: [] },
    ],
    [
      'a key share',
      'unsolicited_extension',
      extended({ keyShare: { group: Group.x25519, keyExchange: new Uint8Array(32) } }),
      { versions: both },
    ],
    ['a PSK', 'unsolicited_extension', extended({ preSharedKey: 0 }), { versions: both }],
    ['no point format that everybody reads', 'bad_point_formats', extended({ ecPointFormats: [1, 2] })],
    [
      'another fragment length',
      'bad_max_fragment_length',
      extended({ maxFragmentLength: 2 }),
      { maxFragmentLength: 512 },
    ],
    [
      'a record_size_limit below 64',
      'bad_record_size_limit',
      extended({ recordSizeLimit: 63 }),
      { recordSizeLimit: 1000 },
    ],
    [
      'both sizes',
      'bad_record_size_limit',
      extended({ recordSizeLimit: 64, maxFragmentLength: 1 }),
      { recordSizeLimit: 1000, maxFragmentLength: 512 },
    ],
    [
      'the random of a HelloRetryRequest and a key share',
      'illegal_version_chosen',
      {
        hello: { random: HELLO_RETRY_RANDOM, extensions: { retry: { keyShare: Group.secp256r1 } } as never },
      },
      { versions: both },
    ],
    [
      'the random of a HelloRetryRequest and a cookie',
      'illegal_version_chosen',
      { hello: { random: HELLO_RETRY_RANDOM, extensions: { retry: { cookie: Uint8Array.of(1) } } as never } },
      { versions: both },
    ],
  ];

  test.each(wrong.map(([what, code, script, more = {}]) => ({ what, code, script, more })))(
    'with $what is refused',
    ({ code, script, more }) => {
      refuses(
        code,
        { order: (steps) => (steps.includes('ServerHello') ? ['ServerHello'] : steps), ...script },
        more,
      );
    },
  );

  test('that names our own session id though we had no session is refused', () => {
    const script: ServerScript12 = {
      edit: {
        ServerHello: alter('ServerHello', (body) => ({ ...body, legacySessionIdEcho: sent! })),
      },
      order: (steps) => (steps.includes('ServerHello') ? ['ServerHello'] : steps),
    };
    let sent: Uint8Array | undefined;
    const shapeHello = <T extends { legacySessionId: Uint8Array }>(body: T): T => {
      sent = body.legacySessionId;
      return body;
    };
    refuses('session_not_resumable', script, { versions: both, shapeHello });
    expect(sent?.length).toBe(32);
  });

  test('with an extension twice is refused', () => {
    refuses('duplicate_extension', {
      edit: {
        ServerHello: (message) => {
          // renegotiation_info once more, with the lengths put right.
          const longer = concat(message, fromHex('ff01000100'));
          const body = longer.length - 4;
          longer[2] = body >> 8;
          longer[3] = body & 0xff;
          const at = 4 + 2 + 32 + 1 + 2 + 1;
          const length = longer.length - at - 2;
          longer[at] = length >> 8;
          longer[at + 1] = length & 0xff;
          return longer;
        },
      },
      order: () => ['ServerHello'],
    });
  });

  test('of TLS 1.2 that says it could do better is a downgrade', () => {
    for (const [tail, version, versions] of [
      ['\u0001', 0x0303, both],
      ['\u0000', 0x0303, both],
      ['\u0000', 0x0302, [0x0303, 0x0302]],
      ['\u0000', 0x0301, [0x0304, 0x0303, 0x0302, 0x0301]],
      ['\u0001', 0x0301, [0x0304, 0x0303, 0x0302, 0x0301]],
    ] as const) {
      const random = concat(new Uint8Array(24), fromUtf8(`DOWNGRD${tail}`));
      const cipherSuites = [0x1301, Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, ECDHE_CBC];
      const suite = version === 0x0303 ? cipherSuites[1]! : ECDHE_CBC;
      refuses('downgrade_detected', { version, suite, hello: { random } }, { versions, cipherSuites });
      // Whoever could not have done better himself has nothing to object.
      established({ version, suite, hello: { random } }, { versions: [version], cipherSuites });
    }
  });

  test('of an older version after early data is refused', () => {
    const early = session({
      version: 0x0304,
      cipherSuite: 0x1301,
      maxEarlyData: 1000,
      psk: new Uint8Array(32).fill(1),
    });
    const { client, server } = meet(
      {},
      {
        versions: both,
        session: early,
        replayableEarlyData: fromUtf8('early'),
        middleboxCompatibility: false,
      },
    );
    server.receive(client.take().subarray(0));
    client.connection.receive(server.take());
    expect(client.errors.map((error) => error.code)).toEqual(['old_version_after_early_data']);
  });
});

describe('certificates', () => {
  const certificates = (...list: readonly Uint8Array[]): ServerScript12 => ({
    edit: { Certificate: alter('Certificate12', () => ({ certificateList: list })) },
  });

  test('of another kind than the suite’s are refused (CVE-2021-34558)', () => {
    const mismatch = 'certificate_suite_mismatch';
    for (const kind of ['RSA', 'RSA-PSS', 'ML-DSA-44'] as const)
      refuses(mismatch, { edit: certificates(...own[kind].chain).edit! });
    for (const kind of ['P-256', 'Ed25519', 'ML-DSA-44'] as const) {
      for (const suite of [ECDHE_RSA, DHE])
        refuses(mismatch, { suite, credential: own.RSA, edit: certificates(...own[kind].chain).edit! });
    }
    // Those that can only sign say so themselves.
    for (const kind of ['P-256', 'Ed25519', 'ML-DSA-44', 'RSA-PSS'] as const)
      refuses('wrong_key_usage', {
        suite: RSA,
        credential: own.RSA,
        edit: certificates(...own[kind].chain).edit!,
      });
    refuses(mismatch, {
      version: 0x0302,
      suite: ECDHE_CBC,
      edit: certificates(...own.Ed25519.chain).edit!,
    });
  });

  test('whose key may not be used so are refused', () => {
    established({ suite: RSA, credential: encryptOnly });
    established({ suite: ECDHE_RSA, credential: signOnly });
    refuses('wrong_key_usage', { suite: ECDHE_RSA, credential: encryptOnly });
    refuses('wrong_key_usage', { suite: DHE, credential: encryptOnly });
    refuses('wrong_key_usage', { suite: RSA, credential: signOnly });
    refuses('wrong_key_usage', { suite: 0x00ac, credential: signOnly }, psk);
  });

  test('that are none, too many or no certificates are refused', () => {
    refuses('empty_server_certificate', certificates());
    const [leaf] = own['P-256'].chain;
    refuses('too_many_certificates', certificates(...new Array<Uint8Array>(11).fill(leaf!)));
    refuses('malformed_certificate', certificates(Uint8Array.of(0x30, 0)));
    refuses('malformed_certificate', certificates(fromUtf8('no certificate')));
    refuses('malformed_certificate', certificates(leaf!.slice(0, -1)));
  });

  test('a stapled response of another type is refused', () => {
    refuses(
      'illegal_field',
      {
        status: true,
        edit: { CertificateStatus: alter('CertificateStatus', (body) => ({ ...body, statusType: 2 })) },
      },
      { requestOcsp: true },
    );
  });

  test('that are not trusted end the handshake before anything is sent to the server', () => {
    const { client, server } = meet(
      {},
      { verifyPeer: () => ({ trusted: false, code: 'hostname_mismatch' }) },
    );
    converse(client, server);
    expectDeath(client, server, 'hostname_mismatch', true);
    expect(server.messages.map(({ type }) => type)).toEqual([HandshakeType.client_hello]);
  });
});

describe('ServerKeyExchange', () => {
  test('signed over anything but both randoms and the parameters is refused', () => {
    for (const version of [0x0303, 0x0302, 0x0301]) {
      for (const [suite, kind] of [
        [ECDHE_CBC, 'P-256'],
        [Suite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, 'RSA'],
        [0x0033, 'RSA'],
      ] as const) {
        const more = { version, suite, credential: own[kind] };
        established(more);
        const wrong: readonly ((content: Uint8Array) => Uint8Array)[] = [
          (content) => content.map((byte, i) => (i === 0 ? byte ^ 1 : byte)),
          (content) => content.map((byte, i) => (i === 32 ? byte ^ 1 : byte)),
          (content) => content.map((byte, i) => (i === content.length - 1 ? byte ^ 1 : byte)),
          (content) => concat(content.slice(32, 64), content.slice(0, 32), content.slice(64)),
          (content) => content.slice(64),
          () => none,
        ];
        for (const signed of wrong) refuses('bad_signature', { ...more, signed });
      }
    }
  });

  test('signed by another key is refused', () => {
    refuses('bad_signature', {
      edit: { Certificate: alter('Certificate12', () => ({ certificateList: other.chain })) },
    });
  });

  test('without a signature, or with one of nothing, is refused', () => {
    const cut = (length: number): ServerScript12 => ({
      edit: {
        ServerKeyExchange: (message) => rawMessage(12, message.slice(4, 4 + 1 + 2 + 1 + 32 + length)),
      },
    });
    for (const length of [0, 1, 2, 3]) refuses('malformed_message', cut(length));
    refuses('bad_signature', {
      edit: {
        ServerKeyExchange: (message) =>
          rawMessage(12, concat(message.slice(4, 4 + 1 + 2 + 1 + 32 + 2), Uint8Array.of(0, 0))),
      },
    });
  });

  test.each<readonly [string, ErrorCode, number, CredentialKind]>([
    ['not offered', 'unoffered_signature_scheme', Scheme.ecdsa_sha1, 'P-256'],
    ['not offered, though of the right key', 'unoffered_signature_scheme', Scheme.rsa_pkcs1_sha1, 'RSA'],
    ['unknown', 'unoffered_signature_scheme', 0x0a0a, 'P-256'],
    ['of RSA with a key of ECDSA', 'signature_scheme_key_mismatch', Scheme.rsa_pkcs1_sha256, 'P-256'],
    ['of Ed25519 with a key of ECDSA', 'signature_scheme_key_mismatch', Scheme.ed25519, 'P-256'],
    ['of ECDSA with a key of RSA', 'signature_scheme_key_mismatch', Scheme.ecdsa_secp256r1_sha256, 'RSA'],
    [
      'of restricted PSS with a key of plain RSA',
      'signature_scheme_key_mismatch',
      Scheme.rsa_pss_pss_sha256,
      'RSA',
    ],
    [
      'of plain PSS with a restricted key',
      'signature_scheme_key_mismatch',
      Scheme.rsa_pss_rsae_sha256,
      'RSA-PSS',
    ],
    ['of ML-DSA', 'signature_scheme_key_mismatch', Scheme.mldsa44, 'P-256'],
  ])('with a scheme %s is refused', (_, code, scheme, kind) => {
    const suite = kind.startsWith('RSA') ? ECDHE_RSA : Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    refuses(code, { scheme, suite, credential: own[kind] });
  });

  test('an ECDSA scheme names the hash alone, whatever the curve', () => {
    const scheme = Scheme.ecdsa_secp384r1_sha384;
    established({ credential: own['P-384'] }, { groups: [Group.x25519, Group.secp384r1] });
    const { key } = own['P-256'];
    if (key.schemes.includes('ecdsa_secp384r1_sha384')) established({ scheme });
  });

  const point = (namedCurve: number, value: Uint8Array, curveType = 3): ServerScript12 => ({
    params: { curveType, namedCurve, public: value },
  });

  test.each<readonly [string, ErrorCode, ServerScript12]>([
    ['an explicit prime curve', 'unsupported_curve_type', point(Group.x25519, new Uint8Array(32).fill(9), 1)],
    [
      'an explicit binary curve',
      'unsupported_curve_type',
      point(Group.x25519, new Uint8Array(32).fill(9), 2),
    ],
    [
      'an unknown kind of curve',
      'unsupported_curve_type',
      point(Group.x25519, new Uint8Array(32).fill(9), 0),
    ],
    ['a group not offered', 'unoffered_group', point(Group.secp384r1, new Uint8Array(97).fill(4))],
    ['a finite field', 'unoffered_group', point(Group.ffdhe2048, new Uint8Array(255).fill(4))],
    ['a group of TLS 1.3', 'unoffered_group', point(Group.X25519MLKEM768, new Uint8Array(255).fill(4))],
    ['an unknown group', 'unoffered_group', point(0x2a2a, Uint8Array.of(1))],
    ['a point of zeros on X25519', 'bad_key_share', point(Group.x25519, new Uint8Array(32))],
    [
      'a point of small order on X25519',
      'bad_key_share',
      point(Group.x25519, concat(Uint8Array.of(1), new Uint8Array(31))),
    ],
    ['a short point on X25519', 'bad_key_share', point(Group.x25519, new Uint8Array(31).fill(9))],
    ['a long point on X25519', 'bad_key_share', point(Group.x25519, new Uint8Array(33).fill(9))],
    [
      'a point that is not on P-256',
      'bad_key_share',
      point(Group.secp256r1, concat(Uint8Array.of(4), new Uint8Array(64).fill(9))),
    ],
    ['the point at infinity', 'bad_key_share', point(Group.secp256r1, Uint8Array.of(0))],
    [
      'a compressed point',
      'bad_key_share',
      point(Group.secp256r1, fromHex('036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296')),
    ],
    [
      'a hybrid point',
      'bad_key_share',
      point(
        Group.secp256r1,
        fromHex(
          '076b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
        ),
      ),
    ],
    [
      'coordinates beyond the field',
      'bad_key_share',
      point(Group.secp256r1, concat(Uint8Array.of(4), new Uint8Array(64).fill(255))),
    ],
  ])('with %s is refused', (_, code, script) => {
    refuses(code, script);
    const suite = 0xc037;
    refuses(code, { ...script, suite }, psk);
  });

  const { prime } = ffdheGroup('ffdhe2048');
  const less = (by: number): Uint8Array => {
    const value = prime.slice();
    value[value.length - 1]! -= by;
    return value;
  };
  const composite = prime.map((byte, i) => (i === 100 ? byte ^ 0x10 : byte));
  const field = (p: Uint8Array, g: Uint8Array, ys: Uint8Array): ServerScript12 => ({ params: { p, g, ys } });
  const two = Uint8Array.of(2);

  test.each<readonly [string, ErrorCode, ServerScript12]>([
    ['a prime of 1,024 bits', 'weak_dh_group', field(prime.slice(0, 128), two, Uint8Array.of(5))],
    ['a prime of zeros', 'weak_dh_group', field(new Uint8Array(256), two, Uint8Array.of(5))],
    ['a prime of one byte', 'weak_dh_group', field(Uint8Array.of(7), two, Uint8Array.of(5))],
    [
      'leading zeros that make a prime look longer',
      'weak_dh_group',
      field(concat(new Uint8Array(128), prime.slice(0, 128)), two, Uint8Array.of(5)),
    ],
    [
      'a prime of more than 8,192 bits (CVE-2023-3446)',
      'unsafe_dh_group',
      field(new Uint8Array(1025).fill(255), two, Uint8Array.of(5)),
    ],
    [
      'a prime as long as the field',
      'unsafe_dh_group',
      field(new Uint8Array(65_000).fill(255), two, Uint8Array.of(5)),
    ],
    ['a number that is no prime', 'unsafe_dh_group', field(composite, two, Uint8Array.of(5))],
    ['an even number', 'unsafe_dh_group', field(less(1), two, Uint8Array.of(5))],
    ['a generator of zero', 'bad_key_share', field(prime, Uint8Array.of(0), Uint8Array.of(5))],
    ['a generator of one', 'bad_key_share', field(prime, Uint8Array.of(1), Uint8Array.of(5))],
    ['a generator of p - 1', 'bad_key_share', field(prime, less(1), Uint8Array.of(5))],
    ['a share of zero', 'bad_key_share', field(prime, two, Uint8Array.of(0))],
    ['a share of one', 'bad_key_share', field(prime, two, Uint8Array.of(1))],
    ['a share of p - 1', 'bad_key_share', field(prime, two, less(1))],
    ['a share of p', 'bad_key_share', field(prime, two, prime)],
    ['a share longer than p', 'bad_key_exchange', field(prime, two, concat(Uint8Array.of(1), prime))],
  ])('with %s is refused', (_, code, script) => {
    refuses(code, { ...script, suite: DHE, credential: own.RSA });
    refuses(code, { ...script, suite: 0x00aa }, psk);
  });

  test('with zeros in front of numbers is read as without', () => {
    const padded = (bytes: Uint8Array): Uint8Array => concat(new Uint8Array(3), bytes);
    const share = provider.finiteField(prime, two).generate();
    const { client, server } = meet({
      suite: DHE,
      credential: own.RSA,
      ...field(padded(prime), padded(two), padded(share.publicKey)),
    });
    // The scripted server has another secret: what counts is that the client goes on.
    server.receive(client.take());
    client.connection.receive(server.take());
    expect(client.errors).toEqual([]);
    expect(client.take().length).toBeGreaterThan(256);
  });
});

describe('HelloRequest', () => {
  const request = rawMessage(0, none);

  test('is ignored in the middle of a handshake, wherever it comes', () => {
    for (const step of [
      'Certificate',
      'CertificateStatus',
      'ServerKeyExchange',
      'CertificateRequest',
      'ServerHelloDone',
    ]) {
      const { client } = meetWithRequest(step);
      expect([step, client.errors, client.summaries.length]).toEqual([step, [], 1]);
    }
  });

  function meetWithRequest(step: string) {
    // RFC 5246 §7.4.1.1: not in the hashes either.
    const both = meet(
      { request: true, status: true, before: { [step]: (peer) => peer.handshake(request) } },
      { requestOcsp: true },
    );
    converse(both.client, both.server);
    return both;
  }

  test('is not ignored for ever', () => {
    const flood = (count: number): ServerScript12 => ({
      before: {
        Certificate: (peer) => {
          for (let i = 0; i < count; i++) peer.handshake(request);
        },
      },
    });
    established(flood(4));
    refuses('too_many_warnings', flood(5));
  });

  test('with a body is none', () => {
    refuses('unexpected_message', {
      edit: { Certificate: (message) => [rawMessage(0, Uint8Array.of(1)), message] },
    });
    dies('malformed_message', (server) => server.handshake(rawMessage(0, Uint8Array.of(1))));
  });

  test('after the handshake is answered with no_renegotiation, at once', () => {
    dies('renegotiation_refused', (server) => server.handshake(request));
  });

  test('may be ignored, but not for ever', () => {
    const { client, server } = established({}, { ignoreHelloRequests: true });
    for (let i = 0; i < 32; i++) server.handshake(request);
    converse(client, server);
    expect([client.errors, server.messages.filter(({ type }) => type === 1).length]).toEqual([[], 1]);
    for (let i = 0; i < 33; i++) server.handshake(request);
    converse(client, server);
    expectDeath(client, server, 'renegotiation_refused', true);
  });

  test('that comes many times is answered as often as was allowed', () => {
    const { client, server } = established({}, { renegotiations: 3 });
    for (let i = 0; i < 3; i++) {
      server.handshake(request);
      converse(client, server);
    }
    expect([client.errors, client.renewed.length]).toEqual([[], 3]);
    server.handshake(request);
    converse(client, server);
    expectDeath(client, server, 'renegotiation_refused', true);
  });

  test('that comes again and again while one is answered does not go on for ever', () => {
    const { client, server } = established({}, { renegotiations: 3 });
    for (let i = 0; i < 200; i++) server.handshake(request);
    client.connection.receive(server.take());
    expect(client.connection.isDead).toBe(true);
    expect(client.errors.map((error) => error.alert)).toHaveLength(1);
  });
});

describe('a session that goes on', () => {
  test.each<readonly [string, ErrorCode, Partial<Session>, ServerScript12]>([
    [
      'without the extended master secret that it has',
      'extended_master_secret_changed',
      {},
      { extensions: { extendedMasterSecret: undefined } },
    ],
    [
      'with an extended master secret that it has not',
      'extended_master_secret_changed',
      { extendedMasterSecret: false },
      {},
    ],
    [
      'with another suite',
      'session_not_resumable',
      {},
      { hello: { cipherSuite: Suite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 } },
    ],
    [
      'with renegotiation_info of something',
      'renegotiation_info_mismatch',
      {},
      { extensions: { renegotiationInfo: Uint8Array.of(1) } },
    ],
  ])('%s is refused', (_, code, change, script) => {
    const mine = session(change);
    refuses(code, { resume: mine, ...script }, { session: mine });
  });

  test('with another version is refused', () => {
    const mine = session({ cipherSuite: ECDHE_CBC });
    const cipherSuites = [ECDHE_CBC];
    refuses(
      'session_not_resumable',
      { resume: mine, version: 0x0302, suite: ECDHE_CBC },
      { session: mine, versions: [0x0303, 0x0302], cipherSuites },
    );
  });

  test('with another secret is refused', () => {
    refuses('bad_record_mac', { resume: session({ psk: new Uint8Array(48) }) }, { session: session() });
  });

  test('with a Certificate in the middle is refused', () => {
    refuses(
      'unexpected_message',
      {
        resume: session(),
        after: { ServerHello: (peer) => peer.handshake(rawMessage(11, fromHex('000000'))) },
      },
      { session: session() },
    );
  });

  test('with Finished but no ChangeCipherSpec is refused', () => {
    refuses(
      'unexpected_message',
      { resume: session(), order: () => ['ServerHello', 'Keys', 'Finished'] },
      { session: session() },
    );
  });

  test('where we had none to offer is a full handshake to us', () => {
    refuses('bad_change_cipher_spec', { resume: session() });
  });
});

describe('renegotiation', () => {
  /** Renegotiates of our own accord, with a server that is another one the second time. */
  function again(second: Partial<ServerScript12>, more: Partial<ClientConfig> = {}) {
    const script: Record<string, unknown> = {};
    const { client, server } = established(script as ServerScript12, more);
    Object.assign(server.script, second);
    client.connection.renegotiate();
    converse(client, server);
    return { client, server };
  }

  test('with an honest server works', () => {
    const { client, server } = again({});
    expect([client.errors, client.renewed.length]).toEqual([[], 1]);
    client.connection.write(fromUtf8('up'));
    server.applicationData('down');
    converse(client, server);
    expect([client.text(), server.data.length]).toEqual(['down', 1]);
  });

  test.each<readonly [string, ErrorCode, () => Partial<ServerScript12>]>([
    [
      'no renegotiation_info',
      'renegotiation_info_mismatch',
      () => ({ extensions: { renegotiationInfo: undefined } }),
    ],
    [
      'an empty renegotiation_info',
      'renegotiation_info_mismatch',
      () => ({ extensions: { renegotiationInfo: none } }),
    ],
    [
      'renegotiation_info of zeros',
      'renegotiation_info_mismatch',
      () => ({ extensions: { renegotiationInfo: new Uint8Array(24) } }),
    ],
    [
      'renegotiation_info of 12 bytes',
      'renegotiation_info_mismatch',
      () => ({ extensions: { renegotiationInfo: new Uint8Array(12) } }),
    ],
    [
      'no extended master secret any more',
      'extended_master_secret_changed',
      () => ({ extensions: { extendedMasterSecret: undefined } }),
    ],
    ['another certificate', 'server_changed_in_renegotiation', () => ({ credential: other })],
    ['another version', 'illegal_version_chosen', () => ({ hello: { legacyVersion: 0x0302 } })],
    ['a suite that was not offered', 'unoffered_cipher_suite', () => ({ hello: { cipherSuite: RSA } })],
    [
      'a ChangeCipherSpec too early',
      'bad_change_cipher_spec',
      () => ({ before: { Certificate: (peer) => peer.changeCipherSpec() } }),
    ],
    ['a message left out', 'unexpected_message', () => ({ edit: { ServerKeyExchange: () => null } })],
    [
      'a wrong Finished',
      'bad_finished',
      () => ({ edit: { Finished: alter('Finished', () => ({ verifyData: new Uint8Array(12) })) } }),
    ],
  ])('with %s is refused', (_, code, second) => {
    const { client, server } = again(second());
    expectDeath(client, server, code, true);
    expect(client.renewed).toEqual([]);
  });

  test('that the server will not have ends in no_renegotiation', () => {
    const { client, server } = established();
    client.connection.renegotiate();
    client.take();
    server.alert(1, 100);
    client.connection.receive(server.take());
    expect(client.errors.map((error) => [error.code, error.alert])).toEqual([
      ['peer_alert', 'no_renegotiation'],
    ]);
  });

  test('with data in between delivers it, but not behind ChangeCipherSpec', () => {
    const data = (peer: ScriptedPeer12): void => peer.applicationData('between ');
    const { client } = again({ before: { ServerHello: data, Certificate: data, ServerHelloDone: data } });
    expect([client.text(), client.renewed.length]).toEqual(['between between between ', 1]);
    const { client: second, server } = again({ after: { Keys: data } });
    expectDeath(second, server, 'unexpected_application_data', true);
  });

  test('in the clear is refused', () => {
    const { client, server } = established();
    client.connection.renegotiate();
    client.take();
    server.plain(ContentType.handshake, rawMessage(2, new Uint8Array(40)));
    client.connection.receive(server.take());
    expect(client.errors.map((error) => error.code)).toEqual(['bad_record_mac']);
  });
});

describe('records and alerts', () => {
  test('of another version than was agreed upon are refused', () => {
    for (const version of [0x0301, 0x0304, 0x0300]) {
      const { client, server } = meet({
        before: { Certificate: (peer) => peer.plain(ContentType.handshake, Uint8Array.of(11), version) },
      });
      converse(client, server);
      expectDeath(client, server, 'wrong_record_version', true);
    }
  });

  test('of nothing are refused in the handshake, and bounded as data', () => {
    refuses('empty_fragment', {
      before: { Certificate: (peer) => peer.record(ContentType.handshake, none) },
    });
    const { client, server } = established();
    for (let i = 0; i < 32; i++) server.record(ContentType.application_data, none);
    converse(client, server);
    expect(client.errors).toEqual([]);
    server.record(ContentType.application_data, none);
    converse(client, server);
    expectDeath(client, server, 'too_many_empty_records', true);
  });

  test('of other types between the parts of a message are refused', () => {
    const half = (peer: ScriptedPeer12): void => peer.record(ContentType.handshake, Uint8Array.of(11, 0));
    const what: readonly (readonly [ErrorCode, (peer: ScriptedPeer12) => void])[] = [
      ['interleaved_record', (peer) => peer.alert(1, 90)],
      ['unexpected_application_data', (peer) => peer.applicationData('x')],
    ];
    for (const [code, send] of what)
      refuses(code, {
        before: {
          Certificate: (peer) => {
            half(peer);
            send(peer);
          },
        },
      });
    dies('interleaved_record', (server) => {
      server.record(ContentType.handshake, Uint8Array.of(0, 0));
      server.applicationData('x');
    });
  });

  test('of heartbeat or unknown types are refused', () => {
    for (const type of [24, 25]) {
      refuses('unknown_record_type', {
        before: { Certificate: (peer) => peer.record(type, Uint8Array.of(1)) },
      });
      dies('unknown_record_type', (server) => server.record(type, Uint8Array.of(1, 0, 255)));
    }
  });

  test('too long for their limit are record_overflow', () => {
    dies('plaintext_too_long', (server) =>
      server.record(ContentType.application_data, new Uint8Array(16_385)),
    );
    const { client, server } = established(
      { extensions: { maxFragmentLength: 1 } },
      { maxFragmentLength: 512 },
    );
    server.record(ContentType.application_data, new Uint8Array(513));
    converse(client, server);
    expectDeath(client, server, 'plaintext_too_long', true);
  });

  test('warnings are news, up to a number', () => {
    const { client, server } = established();
    for (let i = 0; i < 4; i++) server.alert(1, 90 + (i % 2) * 10);
    server.applicationData('on');
    for (let i = 0; i < 4; i++) server.alert(1, 112);
    converse(client, server);
    expect([client.errors, client.text()]).toEqual([[], 'on']);
    server.alert(1, 112);
    converse(client, server);
    expectDeath(client, server, 'too_many_warnings', true);
    refuses('too_many_warnings', {
      before: {
        Certificate: (peer) => {
          for (let i = 0; i < 5; i++) peer.alert(1, 112);
        },
      },
    });
    established({ before: { Certificate: (peer) => peer.alert(1, 112) } });
  });

  test('a fatal alert ends the connection, and nothing goes back', () => {
    for (const step of ['ServerHello', 'Certificate', 'ServerHelloDone', 'Finished']) {
      const { client, server } = meet({ before: { [step]: (peer) => peer.alert(2, 40) } });
      converse(client, server);
      expect(client.errors.map((error) => [error.code, error.alert, error.sentBy])).toEqual([
        ['peer_alert', 'handshake_failure', 'server'],
      ]);
      expect(server.alerts).toEqual([]);
    }
  });

  test('close_notify in the middle of the handshake ends it (RUSTSEC-2024-0336)', () => {
    for (const step of ['ServerHello', 'Certificate', 'ServerHelloDone', 'ChangeCipherSpec', 'Finished']) {
      const { client, server } = meet({ before: { [step]: (peer) => peer.alert(1, 0) } });
      converse(client, server);
      expect(client.errors.map((error) => error.code)).toEqual(['closed_during_handshake']);
    }
  });

  test('the end of the transport anywhere in the handshake is a truncation', () => {
    const more = { onSession: () => {} };
    let records = 0;
    for (let kept = 0; kept <= records; kept++) {
      const { client, server } = meet({ ticket: true }, more);
      let left = kept;
      let seen = 0;
      for (let round = 0; round < 3; round++) {
        server.receive(client.take());
        for (const record of recordsOf(server.take())) {
          seen++;
          if (left-- > 0) client.connection.receive(record);
        }
      }
      records = Math.max(records, seen);
      const done = client.summaries.length === 1;
      client.take();
      client.connection.endOfInput();
      expect([kept, client.errors.map((error) => error.code)]).toEqual([
        kept,
        [done ? 'truncated_close' : 'closed_during_handshake'],
      ]);
      expect(client.take().length).toBe(0);
    }
    // ServerHello to ServerHelloDone, then ticket, ChangeCipherSpec and Finished.
    expect(records).toBe(7);
  });

  test('the end of the transport after the handshake is a truncation, but not after close_notify', () => {
    const { client } = established();
    client.connection.endOfInput();
    expect(client.errors.map((error) => error.code)).toEqual(['truncated_close']);
    const { client: closed, server } = established();
    server.alert(1, 0);
    converse(closed, server);
    closed.connection.endOfInput();
    expect([closed.errors, closed.closes]).toEqual([[], 1]);
  });

  test('a message that says it is too long is refused before it has come', () => {
    refuses('message_too_long', {
      before: { Certificate: (peer) => peer.record(ContentType.handshake, Uint8Array.of(11, 2, 0, 1)) },
    });
    refuses('message_too_long', {
      before: { Certificate: (peer) => peer.record(ContentType.handshake, Uint8Array.of(12, 1, 0, 1)) },
    });
  });
});

describe('after the handshake', () => {
  test.each([1, 2, 4, 5, 8, 11, 12, 13, 14, 15, 16, 20, 22, 24])(
    'a message of type %i is refused',
    (type) => {
      dies('unexpected_post_handshake_message', (server) => server.handshake(rawMessage(type, none)));
    },
  );
});

test('a server that cannot read our version sends its alert, and is understood', () => {
  const { client, server } = meet({}, { versions: [Version['TLSv1.3']] });
  server.plain(ContentType.alert, Uint8Array.of(2, 70), 0x0301);
  client.take();
  client.connection.receive(server.take());
  expect(client.errors.map((error) => error.alert)).toEqual(['protocol_version']);
});
