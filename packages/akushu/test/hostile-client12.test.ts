/** What a client may do wrong in TLS 1.2, 1.1 and 1.0, and how our server takes it: each with its alert. */
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, fromHex, fromUtf8, toLatin1 } from '../src/bytes/index.js';
import { ffdheGroup } from '../src/crypto/ffdhe.js';
import { nodeProvider as provider } from '../src/crypto/node.js';
import type { ErrorCode } from '../src/errors.js';
import type { Credential, ServerConfig } from '../src/handshake/index.js';
import { ContentType, Group, HandshakeType, Scheme, Scsv, Suite, Version } from '../src/registry/index.js';
import { parseCertificate } from '../src/x509/index.js';
import { type CredentialKind, credential, KINDS, trustAll } from './support/credentials.js';
import { End } from './support/pair.js';
import { type ClientScript12, ScriptedClient12 } from './support/scripted-client12.js';
import { alter, raw, rawMessage } from './support/scripted-peer.js';
import { none, PSK, type ScriptedPeer12 } from './support/scripted-peer12.js';
import { converse, expectDeath } from './support/verdict.js';

const own = {} as Record<CredentialKind, Credential>;
let other: Credential;
beforeAll(async () => {
  for (const kind of KINDS) own[kind] = await credential(kind);
  other = await credential('P-256', 'other.example');
});

const OLD = [Version['TLSv1.2'], Version['TLSv1.1'], Version.TLSv1];
const ECDHE_RSA = Suite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
const ECDHE_CBC = Suite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA;
const DHE = 0x009e;
const RSA = 0x009c;

function meet(script: ClientScript12 = {}, more: Partial<ServerConfig> = {}) {
  const server = new End('server', {
    provider,
    versions: [Version['TLSv1.3'], ...OLD],
    cipherSuites: [0x1301, script.suite ?? Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256],
    groups: [Group.x25519, Group.secp256r1, Group.ffdhe2048],
    credentials: [own['P-256'], own.RSA],
    externalPsks: [PSK],
    verifyPeer: trustAll,
    ...more,
  });
  const client = new ScriptedClient12(script);
  server.connection.start();
  client.start();
  return { client, server };
}

function refuses(code: ErrorCode, script: ClientScript12, more: Partial<ServerConfig> = {}): void {
  const { client, server } = meet(script, more);
  converse(server, client);
  expectDeath(server, client, code, true);
  expect(server.summaries).toEqual([]);
}

function established(script: ClientScript12 = {}, more: Partial<ServerConfig> = {}) {
  const both = meet(script, more);
  converse(both.server, both.client);
  expect(both.server.errors).toEqual([]);
  expect(both.server.summaries.length).toBe(1);
  return both;
}

function dies(
  code: ErrorCode,
  after: (client: ScriptedClient12) => void,
  more: Partial<ServerConfig> = {},
): void {
  const { client, server } = established({}, more);
  after(client);
  converse(server, client);
  expectDeath(server, client, code, true);
}

const asking = { clientAuth: 'request' } as const;

describe('an honest client', () => {
  test.each<readonly [string, () => readonly [ClientScript12, Partial<ServerConfig>?]]>([
    ['ECDHE with ECDSA', () => [{}]],
    ['ECDHE with RSA', () => [{ suite: ECDHE_RSA }]],
    ['DHE', () => [{ suite: DHE }]],
    ['static RSA', () => [{ suite: RSA }]],
    ['PSK', () => [{ suite: 0x00a8 }]],
    ['ECDHE_PSK', () => [{ suite: 0xc037 }]],
    ['DHE_PSK', () => [{ suite: 0x00aa }]],
    ['RSA_PSK', () => [{ suite: 0x00ac }]],
    ['TLS 1.1 with ECDSA', () => [{ version: 0x0302, suite: ECDHE_CBC }]],
    ['TLS 1.0 with RSA', () => [{ version: 0x0301, suite: 0x002f }]],
    ['encrypt-then-MAC', () => [{ suite: ECDHE_CBC, extensions: { encryptThenMac: true } }]],
    ['a certificate', () => [{ credential: own['P-256'] }, asking]],
    ['a certificate in TLS 1.0', () => [{ version: 0x0301, suite: 0x002f, credential: own.RSA }, asking]],
    ['no certificate', () => [{}, asking]],
    ['one byte to a record (RUSTSEC-2024-0399)', () => [{ fragment: 1 }]],
    ['no extended master secret', () => [{ extensions: { extendedMasterSecret: undefined } }]],
    ['no extensions at all', () => [{ suite: 0x002f, hello: { extensions: undefined } }]],
    ['a version of the future', () => [{ hello: { legacyVersion: 0x0305 } }]],
    ['supported_versions of TLS 1.2', () => [{ extensions: { supportedVersions: [0x0303] } }]],
    [
      'GREASE everywhere',
      () => [
        {
          hello: { cipherSuites: [0x1a1a, Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256] },
          extensions: { supportedGroups: [0x2a2a, Group.x25519, Group.secp256r1], ...raw(0x3a3a) },
        },
      ],
    ],
    ['compression beside none', () => [{ hello: { legacyCompressionMethods: [1, 0] } }]],
    [
      'the signalling suite for renegotiation',
      () => [
        {
          hello: {
            cipherSuites: [
              Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
              Scsv.TLS_EMPTY_RENEGOTIATION_INFO_SCSV,
            ],
          },
          extensions: { renegotiationInfo: undefined },
        },
        { requireSecureRenegotiation: true },
      ],
    ],
  ])('is served: %s', (_, make) => {
    const { client, server } = established(...make());
    client.applicationData('up');
    server.connection.write(fromUtf8('down'));
    converse(server, client);
    expect([server.text(), toLatin1(concat(...client.data)), client.unreadable]).toEqual(['up', 'down', 0]);
  });
});

describe('ClientHello', () => {
  const extended = (change: Record<string, unknown>): ClientScript12 => ({ extensions: change });

  test.each<readonly [string, ErrorCode, ClientScript12, Partial<ServerConfig>]>([
    ['SSL 3.0', 'no_shared_version', { hello: { legacyVersion: 0x0300 } }, {}],
    [
      'SSL 3.0, whatever its extensions say',
      'no_shared_version',
      { hello: { legacyVersion: 0x0300 }, extensions: { supportedVersions: [0x0304, 0x0303] } },
      {},
    ],
    ['SSL 2.0', 'no_shared_version', { hello: { legacyVersion: 0x0200 } }, {}],
    [
      'an older version than ours',
      'no_shared_version',
      { hello: { legacyVersion: 0x0302 } },
      { versions: [0x0303] },
    ],
    [
      'versions that we have not',
      'no_shared_version',
      extended({ supportedVersions: [0x0302, 0x1a1a] }),
      { versions: [0x0303] },
    ],
    [
      'a fallback',
      'inappropriate_fallback',
      { hello: { cipherSuites: [Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, Scsv.TLS_FALLBACK_SCSV] } },
      {},
    ],
    ['no shared suite', 'no_shared_cipher_suite', { hello: { cipherSuites: [0x1a1a, 0xc0ff] } }, {}],
    [
      'nothing but signalling suites',
      'no_shared_cipher_suite',
      { hello: { cipherSuites: [Scsv.TLS_EMPTY_RENEGOTIATION_INFO_SCSV] } },
      {},
    ],
    ['a suite of TLS 1.3 alone', 'no_shared_cipher_suite', { hello: { cipherSuites: [0x1301] } }, {}],
    [
      'a suite of TLS 1.2 in 1.1',
      'no_shared_cipher_suite',
      { version: 0x0302 },
      {
        versions: [0x0303, 0x0302],
        cipherSuites: [Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, ECDHE_CBC],
      },
    ],
    ['no shared group', 'no_shared_group', extended({ supportedGroups: [Group.secp521r1, 0x2a2a] }), {}],
    [
      'no shared finite field',
      'no_shared_group',
      { suite: DHE, extensions: { supportedGroups: [Group.x25519, Group.ffdhe8192 ?? 0x0104] } },
      {},
    ],
    [
      'no shared scheme',
      'no_shared_signature_scheme',
      extended({ signatureAlgorithms: [Scheme.ecdsa_sha1] }),
      {},
    ],
    ['SHA-1 by silence', 'no_shared_signature_scheme', extended({ signatureAlgorithms: undefined }), {}],
    ['compression only', 'compression_offered', { hello: { legacyCompressionMethods: [1] } }, {}],
    ['no point format that everybody reads', 'bad_point_formats', extended({ ecPointFormats: [1, 2] }), {}],
    [
      'renegotiation_info that is not empty',
      'renegotiation_info_mismatch',
      extended({ renegotiationInfo: new Uint8Array(12) }),
      {},
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
      'a record_size_limit below 64',
      'bad_record_size_limit',
      extended({ recordSizeLimit: 63 }),
      { recordSizeLimit: 1000 },
    ],
    [
      'a fragment length that there is not',
      'bad_max_fragment_length',
      extended({ maxFragmentLength: 5 }),
      {},
    ],
    ['a fragment length of zero', 'bad_max_fragment_length', extended({ maxFragmentLength: 0 }), {}],
    [
      'a name that is none',
      'bad_server_name',
      extended({ serverName: [{ tag: 0, kind: 'host_name', value: fromUtf8('a b') }] }),
      {},
    ],
    [
      'an unknown name where the server is strict',
      'unrecognized_server_name',
      extended({ serverName: [{ tag: 0, kind: 'host_name', value: fromUtf8('else.example') }] }),
      { unknownServerName: 'refuse' },
    ],
    [
      'no protocol that we have',
      'no_shared_alpn',
      extended({ alpn: [fromUtf8('spdy/3')] }),
      { alpn: ['h2'] },
    ],
    [
      'a key exchange for which there is no certificate',
      'no_certificate_for_suite',
      { suite: ECDHE_RSA },
      { credentials: [] as never, chooseCredential: () => own['P-256'] },
    ],
    ['nobody to prove', 'no_credential', {}, { credentials: [] }],
  ])('with %s is refused', (_, code, script, more) => {
    refuses(code, script, more);
  });

  test('with an extension twice is refused', () => {
    refuses('duplicate_extension', {
      edit: {
        ClientHello: (message) => {
          const body = concat(message.slice(4), fromHex('00170000'));
          // Version, random, no session id, one suite, one compression method.
          const at = 2 + 32 + 1 + 2 + 2 + 1 + 1;
          const length = body.length - at - 2;
          body[at] = length >> 8;
          body[at + 1] = length & 0xff;
          return rawMessage(1, body);
        },
      },
    });
  });

  test('in the format of SSL 2.0 is recognised and refused, whatever it asks for', () => {
    for (const version of ['0300', '0301', '0303', '0002']) {
      const server = new End('server', {
        provider,
        versions: OLD,
        credentials: [own['P-256']],
        verifyPeer: trustAll,
      });
      // Message type, version, lengths of suites, session id and challenge; two suites, a challenge.
      const body = fromHex(`01${version}000600000010${'00002f'}${'0700c0'}${'ab'.repeat(16)}`);
      server.connection.receive(concat(Uint8Array.of(0x80, body.length), body));
      expect(server.errors.map((error) => [error.code, error.alert])).toEqual([
        ['ssl2_client_hello', 'protocol_version'],
      ]);
      expect([...server.take()]).toEqual([21, 3, expect.any(Number), 0, 2, 2, 70]);
    }
  });

  test('of SSL 3.0 gets an alert that it can read, and is named', () => {
    const server = new End('server', {
      provider,
      versions: OLD,
      credentials: [own['P-256']],
      verifyPeer: trustAll,
    });
    const hello = fromHex(`0300${'11'.repeat(32)}00000400050004${'0100'}`);
    const message = rawMessage(1, hello);
    server.connection.receive(concat(Uint8Array.of(22, 3, 0, 0, message.length), message));
    expect(server.errors[0]?.code).toBe('no_shared_version');
    expect(JSON.stringify(server.errors[0]?.facts)).toMatch(/SSLv3|SSL 3/);
    const sent = server.take();
    expect([sent[0], sent[1], sent.at(-2), sent.at(-1)]).toEqual([21, 3, 2, 70]);
  });
});

describe('order of messages', () => {
  const FLIGHT = [
    'Certificate',
    'ClientKeyExchange',
    'CertificateVerify',
    'ChangeCipherSpec',
    'Keys',
    'Finished',
  ];
  const inOrder = (wanted: readonly string[]): ClientScript12 => ({
    credential: own['P-256'],
    order: (steps) => (steps.includes('Finished') ? wanted : steps),
  });
  const fails = (order: readonly string[], alert: string): void => {
    const { client, server } = meet(inOrder(order), { clientAuth: 'require' });
    converse(server, client);
    expect([order, server.errors.map((error) => error.alert)]).toEqual([order, [alert]]);
    expect(client.alerts.map((one) => one.description)).toEqual([alert]);
    expect([server.summaries, server.connection.isDead, client.data]).toEqual([[], true, []]);
    // No ChangeCipherSpec and no Finished of ours came out of it.
    expect([client.changeCipherSpecs, client.messages.some(({ type }) => type === 20)]).toEqual([0, false]);
  };

  test('all of it in order is accepted', () => {
    established(inOrder(FLIGHT), { clientAuth: 'require' });
  });

  test('any message left out is missed', () => {
    for (const name of FLIGHT.filter((one) => one !== 'Keys' && one !== 'Finished'))
      fails(
        FLIGHT.filter((one) => one !== name),
        'unexpected_message',
      );
    fails(
      FLIGHT.filter((one) => one !== 'Keys'),
      'bad_record_mac',
    );
  });

  test('any message twice is refused', () => {
    for (const name of ['Certificate', 'ClientKeyExchange', 'CertificateVerify'])
      fails(
        FLIGHT.flatMap((one) => (one === name ? [one, one] : [one])),
        'unexpected_message',
      );
    fails(
      FLIGHT.flatMap((one) => (one === 'ChangeCipherSpec' ? [one, one] : [one])),
      'bad_record_mac',
    );
  });

  test('any two messages in the wrong order are refused', () => {
    for (const i of [0, 1, 2]) {
      const order = [...FLIGHT];
      [order[i], order[i + 1]] = [order[i + 1]!, order[i]!];
      fails(order, 'unexpected_message');
    }
  });

  test.each([
    [['ChangeCipherSpec', 'Keys', 'Finished']],
    [['Certificate', 'ChangeCipherSpec', 'Keys', 'Finished']],
    [['ClientKeyExchange', 'ChangeCipherSpec', 'Keys', 'Finished']],
    [['Finished']],
    [['Certificate', 'ClientKeyExchange', 'CertificateVerify', 'Finished']],
  ])('%s alone is refused (SMACK)', (order) => {
    fails(order, 'unexpected_message');
  });

  test('a certificate, or a proof for one, that nobody asked for is refused', () => {
    refuses('unexpected_message', {
      before: { ClientKeyExchange: (peer) => peer.handshake(rawMessage(11, fromHex('000000'))) },
    });
    refuses('unexpected_message', {
      after: { ClientKeyExchange: (peer) => peer.handshake(rawMessage(15, fromHex('04030000'))) },
    });
    refuses(
      'unexpected_message',
      { after: { ClientKeyExchange: (peer) => peer.handshake(rawMessage(15, fromHex('04030000'))) } },
      asking,
    );
  });

  test('a second ClientHello is refused', () => {
    refuses('unexpected_message', {
      edit: { ClientKeyExchange: (message) => [rawMessage(1, none), message] },
    });
  });

  test('a Finished that comes twice is refused', () => {
    dies('unexpected_post_handshake_message', (client) =>
      client.handshake(rawMessage(20, client.verifyData.client)),
    );
  });

  test.each([0, 4, 8, 12, 14, 22, 24, 25, 67, 254])('a message of type %i is refused', (type) => {
    const { client, server } = meet({
      before: { ClientKeyExchange: (peer) => peer.handshake(rawMessage(type, none)) },
    });
    converse(server, client);
    expect(server.errors.map((error) => error.alert)).toEqual(['unexpected_message']);
    dies('unexpected_post_handshake_message', (peer) => peer.handshake(rawMessage(type, none)));
  });
});

describe('ChangeCipherSpec (CVE-2014-0224)', () => {
  const ccs = (peer: ScriptedPeer12): void => peer.changeCipherSpec();

  test.each(['ClientHello', 'Certificate', 'ClientKeyExchange', 'CertificateVerify'])(
    'in front of %s is refused',
    (step) => {
      const script: ClientScript12 = { credential: own['P-256'], before: { [step]: ccs } };
      for (const versions of [[Version['TLSv1.3'], Version['TLSv1.2']], [Version['TLSv1.2']]])
        refuses('bad_change_cipher_spec', script, { ...asking, versions });
    },
  );

  test('with keys of zeros in use behind it is refused', () => {
    const { client, server } = meet({
      before: {
        ClientKeyExchange: (peer) => {
          peer.changeCipherSpec();
          peer.writeProtected();
        },
      },
    });
    converse(server, client);
    expectDeath(server, client, 'bad_change_cipher_spec');
  });

  test.each<readonly [string, Uint8Array]>([
    ['of two bytes', Uint8Array.of(1, 1)],
    ['of value 2', Uint8Array.of(2)],
    ['of nothing', none],
  ])('%s is refused', (_, value) => {
    refuses('bad_change_cipher_spec', {
      before: { ChangeCipherSpec: (peer) => peer.changeCipherSpec(value) },
    });
  });

  test('that comes twice, or after the handshake, is refused', () => {
    refuses('bad_record_mac', { before: { Keys: ccs } });
    refuses('bad_change_cipher_spec', { after: { Keys: ccs } });
    dies('bad_change_cipher_spec', ccs);
    dies('bad_record_mac', (client) => client.plain(ContentType.change_cipher_spec, Uint8Array.of(1)));
  });

  test('with part of a message in front of it is refused', () => {
    const half = (peer: ScriptedPeer12): void => peer.record(ContentType.handshake, Uint8Array.of(20, 0));
    refuses('unexpected_message', { before: { ChangeCipherSpec: half } });
    refuses('bad_change_cipher_spec', {
      before: {
        ClientKeyExchange: (peer) => {
          half(peer);
          ccs(peer);
        },
      },
    });
    refuses('message_across_key_change', {
      edit: { ClientKeyExchange: (message) => concat(message, Uint8Array.of(20, 0, 0)) },
    });
  });

  test('with a message begun in the record of the hello is refused (CVE-2025-61730)', () => {
    refuses('message_across_key_change', {
      edit: { ClientHello: (message) => concat(message, Uint8Array.of(16)) },
    });
  });
});

describe('application data', () => {
  const data = (peer: ScriptedPeer12): void => peer.applicationData('too early');

  test('before Finished is refused', () => {
    for (const step of ['ClientHello', 'ClientKeyExchange', 'ChangeCipherSpec'])
      refuses('unexpected_application_data', { before: { [step]: data } });
    refuses('bad_record_mac', { after: { ChangeCipherSpec: data } });
    refuses('unexpected_application_data', { after: { Keys: data } });
  });

  test('right behind Finished is delivered', () => {
    const { server } = established({ after: { Finished: data } });
    expect(server.text()).toBe('too early');
  });
});

describe('Finished', () => {
  test.each<readonly [string, (data: Uint8Array) => Uint8Array]>([
    ['with a bit wrong', (data) => data.map((byte, i) => (i === 0 ? byte ^ 0x80 : byte))],
    ['of eleven bytes', (data) => data.slice(0, 11)],
    ['of thirteen bytes', (data) => concat(data, Uint8Array.of(0))],
    ['of nothing', () => none],
  ])('%s is refused', (_, change) => {
    refuses('bad_finished', {
      edit: { Finished: alter('Finished', ({ verifyData }) => ({ verifyData: change(verifyData) })) },
    });
  });
});

describe('certificates', () => {
  const required = { clientAuth: 'require' } as const;

  test('that are missing, malformed, too many or of the wrong kind are refused', () => {
    const list = (...certificateList: readonly Uint8Array[]): ClientScript12 => ({
      credential: own['P-256'],
      edit: { Certificate: alter('Certificate12', () => ({ certificateList })) },
    });
    const [leaf] = own['P-256'].chain;
    refuses('no_peer_certificate', list(), required);
    refuses('too_many_certificates', list(...new Array<Uint8Array>(11).fill(leaf!)), required);
    refuses('malformed_certificate', list(leaf!.slice(1)), required);
    refuses('certificate_suite_mismatch', list(...own['ML-DSA-44'].chain), required);
  });

  test('are proved over all messages so far, with their own key', () => {
    for (const [version, suite, kind] of [
      [0x0303, ECDHE_CBC, 'P-256'],
      [0x0302, ECDHE_CBC, 'P-256'],
      [0x0301, 0x002f, 'RSA'],
      [0x0303, RSA, 'Ed25519'],
    ] as const) {
      const more = { version, suite, credential: own[kind] };
      established(more, required);
      for (const signed of [
        (content: Uint8Array) => content.slice(0, -1),
        (content: Uint8Array) => content.slice(1),
        (content: Uint8Array) => content.map((byte, i) => (i === 50 ? byte ^ 1 : byte)),
        () => none,
      ])
        refuses('bad_signature', { ...more, signed }, required);
    }
    refuses(
      'bad_signature',
      {
        credential: own['P-256'],
        edit: { Certificate: alter('Certificate12', () => ({ certificateList: other.chain })) },
      },
      required,
    );
  });

  test('are proved with a scheme that was asked for and fits the key', () => {
    refuses('unoffered_signature_scheme', { credential: own['P-256'], scheme: Scheme.ecdsa_sha1 }, required);
    refuses('unoffered_signature_scheme', { credential: own['P-256'], scheme: 0x0a0a }, required);
    for (const scheme of [Scheme.rsa_pkcs1_sha256, Scheme.ed25519, Scheme.mldsa44, Scheme.rsa_pss_pss_sha256])
      refuses(
        'signature_scheme_key_mismatch',
        { credential: own['P-256'], scheme },
        {
          ...required,
          signatureSchemes: [Scheme.ecdsa_secp256r1_sha256, scheme],
        },
      );
  });

  test('that are not trusted are refused, and the verdict is the server’s', () => {
    refuses(
      'certificate_revoked',
      { credential: own['P-256'] },
      { ...required, verifyPeer: () => ({ trusted: false, code: 'certificate_revoked' }) },
    );
  });
});

describe('ClientKeyExchange', () => {
  const { prime } = ffdheGroup('ffdhe2048');
  const less = (by: number): Uint8Array => {
    const value = prime.slice();
    value[value.length - 1]! -= by;
    return value;
  };
  const ecdh = (ecdhPublic: Uint8Array): ClientScript12 => ({
    exchange: (body) => ({ ...body, ecdhPublic }),
  });
  const dh = (dhPublic: Uint8Array): ClientScript12 => ({ exchange: (body) => ({ ...body, dhPublic }) });
  const p256 = { groups: [Group.secp256r1] };

  test.each<readonly [string, ErrorCode, ClientScript12, Partial<ServerConfig>]>([
    ['a point of zeros', 'bad_key_share', ecdh(new Uint8Array(32)), {}],
    ['a point of small order', 'bad_key_share', ecdh(concat(Uint8Array.of(1), new Uint8Array(31))), {}],
    ['a short point', 'bad_key_share', ecdh(new Uint8Array(31).fill(9)), {}],
    ['a point of one byte', 'bad_key_share', ecdh(Uint8Array.of(0)), {}],
    ['a point of another group', 'bad_key_share', ecdh(new Uint8Array(32).fill(9)), p256],
    [
      'a point that is not on the curve',
      'bad_key_share',
      ecdh(concat(Uint8Array.of(4), new Uint8Array(64).fill(9))),
      p256,
    ],
    [
      'a compressed point',
      'bad_key_share',
      ecdh(fromHex('036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296')),
      p256,
    ],
    [
      'coordinates beyond the field',
      'bad_key_share',
      ecdh(concat(Uint8Array.of(4), new Uint8Array(64).fill(255))),
      p256,
    ],
    ['zero', 'bad_key_share', dh(Uint8Array.of(0)), {}],
    ['one', 'bad_key_share', dh(Uint8Array.of(1)), {}],
    ['p - 1', 'bad_key_share', dh(less(1)), {}],
    ['p', 'bad_key_share', dh(prime), {}],
    ['a number longer than p', 'bad_key_exchange', dh(concat(Uint8Array.of(1), prime)), {}],
  ])('with %s is refused', (_, code, script, more) => {
    const kinds =
      code === 'bad_key_exchange' || script.exchange!({}, undefined as never).dhPublic
        ? [DHE, 0x00aa]
        : [undefined, 0xc037];
    for (const suite of kinds) refuses(code, { ...script, ...(suite && { suite }) }, more);
  });

  test('with bytes behind it, or none at all, is malformed', () => {
    for (const suite of [Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, DHE, RSA, 0x00a8]) {
      const edit = (change: (body: Uint8Array) => Uint8Array): ClientScript12 => ({
        suite,
        edit: { ClientKeyExchange: (message) => rawMessage(16, change(message.slice(4))) },
      });
      refuses(
        'malformed_message',
        edit((body) => concat(body, Uint8Array.of(0))),
      );
      refuses(
        'malformed_message',
        edit((body) => body.slice(0, -1)),
      );
      refuses(
        'malformed_message',
        edit(() => none),
      );
    }
  });

  test('with an identity that nobody knows is unknown_psk_identity', () => {
    for (const suite of [0x00a8, 0xc037, 0x00aa, 0x00ac])
      refuses('unknown_psk_identity', {
        suite,
        exchange: (body) => ({ ...body, pskIdentity: fromUtf8('who?') }),
      });
  });
});

describe('the premaster secret of static RSA (Bleichenbacher, ROBOT)', () => {
  /** How our server's side of it looks from outside, and to its own user. */
  function course(script: ClientScript12) {
    const { client, server } = meet({ suite: RSA, ...script });
    const answers: number[] = [];
    for (let round = 0; round < 4; round++) {
      server.connection.receive(client.take());
      const flight = server.take();
      answers.push(flight.length);
      client.receive(flight);
    }
    return {
      answers: answers.slice(1),
      alerts: client.alerts.map(({ level, description }) => [level, description]),
      unreadable: client.unreadable,
      errors: server.errors.map((error) => [error.code, error.facts]),
      events: server.events.map((event) => [event.kind, 'type' in event ? event.type : '']),
      established: server.summaries.length,
    };
  }
  const changed = (change: (block: Uint8Array) => void): ClientScript12 => ({
    block: (honest) => {
      const block = honest.slice();
      change(block);
      return block;
    },
  });
  const encrypted = (change: (bytes: Uint8Array) => Uint8Array): ClientScript12 => ({
    exchange: (body) => ({ ...body, encryptedPremaster: change(body.encryptedPremaster!) }),
  });
  const modulus = (): Uint8Array => {
    // SubjectPublicKeyInfo of a 2,048-bit key ends in the modulus and 02 03 01 00 01.
    const { spki } = parseCertificate(own.RSA.chain[0]!);
    return spki.slice(-256 - 5, -5);
  };

  /** Bytes from a place on, counted from the end where it is negative. */
  const put = (at: number, ...bytes: readonly number[]): ClientScript12 =>
    changed((block) => block.set(bytes, at < 0 ? block.length + at : at));

  const BAD: readonly (readonly [string, () => ClientScript12])[] = [
    ['a first byte that is not zero', () => put(0, 1)],
    ['block type 1', () => put(1, 1)],
    ['block type 0', () => put(1, 0)],
    ['a zero among the first eight', () => put(5, 0)],
    ['a zero at the very beginning', () => put(2, 0)],
    ['a zero further on', () => put(100, 0)],
    ['a secret of 49 bytes', () => put(-50, 0, 0x5a)],
    ['a secret of 47 bytes', () => put(-49, 0x5a, 0)],
    ['no zero in front of the secret', () => put(-49, 0x5a)],
    ['an older version', () => put(-48, 3, 2)],
    ['a newer version', () => put(-48, 3, 4)],
    ['a version of zeros', () => put(-48, 0, 0)],
    ['nothing but zeros', () => changed((block) => block.fill(0))],
    ['nothing but ones', () => changed((block) => block.fill(0x01))],
    ['a ciphertext of zeros', () => encrypted((bytes) => new Uint8Array(bytes.length))],
    [
      'a ciphertext of one',
      () => encrypted((bytes) => bytes.map((_, i) => (i === bytes.length - 1 ? 1 : 0))),
    ],
    ['a ciphertext as large as the modulus', () => encrypted(modulus)],
    ['a ciphertext of ones', () => encrypted((bytes) => new Uint8Array(bytes.length).fill(255))],
    ['a ciphertext that is short', () => encrypted((bytes) => bytes.slice(1))],
    ['a ciphertext that is long', () => encrypted((bytes) => concat(Uint8Array.of(0), bytes))],
    ['no ciphertext', () => encrypted(() => none)],
    ['another ciphertext', () => encrypted((bytes) => bytes.map((byte, i) => (i === 200 ? byte ^ 1 : byte)))],
  ];

  test('that is in order is accepted', () => {
    expect(course(changed(() => {})).established).toBe(1);
  });

  test.each([RSA, 0x00ac])('with suite %i, whatever is wrong with it, all looks the same', (suite) => {
    const courses = BAD.map(([what, make]) => [what, course({ suite, ...make() })] as const);
    const [, expected] = courses[0]!;
    expect(expected.errors).toEqual([['bad_record_mac', {}]]);
    expect(expected.alerts).toEqual([[2, 'bad_record_mac']]);
    for (const [what, seen] of courses) expect([what, seen]).toEqual([what, expected]);
  });

  test('is no other where the key is somewhere else', async () => {
    const { decryptRaw, ...rest } = own.RSA.key;
    const sign = own.RSA.key.sign.bind(own.RSA.key);
    const remote: Credential = {
      chain: own.RSA.chain,
      key: { ...rest, sign, decryptRaw: async (block) => decryptRaw!.call(own.RSA.key, block) },
    };
    for (const [what, make] of BAD) {
      const { client, server } = meet({ suite: RSA, ...make() }, { credentials: [remote] });
      for (let round = 0; round < 6; round++) {
        server.connection.receive(client.take());
        await new Promise((resolve) => setImmediate(resolve));
        client.receive(server.take());
      }
      expect([what, server.errors.map((error) => error.code)]).toEqual([what, ['bad_record_mac']]);
    }
  });
});

describe('renegotiation', () => {
  const often = { renegotiations: 5 };

  /** A client that is another one the second time. */
  function again(
    second: Partial<ClientScript12>,
    more: Partial<ServerConfig> = often,
    first: ClientScript12 = {},
  ) {
    const { client, server } = established({ ...first }, more);
    Object.assign(client.script, second);
    client.start();
    converse(server, client);
    return { client, server };
  }

  test('is served where it is allowed, and data in between is delivered', () => {
    const data = (peer: ScriptedPeer12): void => peer.applicationData('between ');
    const { client, server } = again({ before: { ClientHello: data, ClientKeyExchange: data } });
    expect([server.errors, server.renewed.length, server.text()]).toEqual([[], 1, 'between between ']);
    server.connection.write(fromUtf8('down'));
    converse(server, client);
    expect(toLatin1(concat(...client.data))).toBe('down');
  });

  test('is refused where it is not', () => {
    const { client, server } = again({}, {});
    expectDeath(server, client, 'renegotiation_refused', true);
  });

  test('is refused with a client that cannot do it safely (CVE-2009-3555)', () => {
    const unsafe = { extensions: { renegotiationInfo: undefined } };
    const { client, server } = again({}, often, unsafe);
    expectDeath(server, client, 'renegotiation_refused', true);
  });

  test.each<readonly [string, ErrorCode, () => Partial<ClientScript12>]>([
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
      () => ({ extensions: { renegotiationInfo: new Uint8Array(12) } }),
    ],
    [
      'the signalling suite',
      'renegotiation_info_mismatch',
      () => ({
        hello: {
          cipherSuites: [
            Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            Scsv.TLS_EMPTY_RENEGOTIATION_INFO_SCSV,
          ],
        },
      }),
    ],
    [
      'no extended master secret any more',
      'extended_master_secret_changed',
      () => ({ extensions: { extendedMasterSecret: undefined } }),
    ],
    ['an older version', 'no_shared_version', () => ({ hello: { legacyVersion: 0x0302 } })],
    ['no shared suite', 'no_shared_cipher_suite', () => ({ hello: { cipherSuites: [0x1a1a] } })],
    [
      'a ChangeCipherSpec too early',
      'bad_change_cipher_spec',
      () => ({ before: { ClientKeyExchange: (peer) => peer.changeCipherSpec() } }),
    ],
    ['a message left out', 'bad_change_cipher_spec', () => ({ edit: { ClientKeyExchange: () => null } })],
    [
      'a wrong Finished',
      'bad_finished',
      () => ({ edit: { Finished: alter('Finished', () => ({ verifyData: new Uint8Array(12) })) } }),
    ],
    [
      'data behind ChangeCipherSpec',
      'unexpected_application_data',
      () => ({ after: { Keys: (peer) => peer.applicationData('x') } }),
    ],
  ])('with %s is refused', (_, code, second) => {
    const { client, server } = again(second());
    expectDeath(server, client, code, true);
    expect(server.renewed).toEqual([]);
  });

  test('in the clear is refused', () => {
    dies(
      'bad_record_mac',
      (client) => client.plain(ContentType.handshake, rawMessage(1, new Uint8Array(50))),
      often,
    );
  });

  test('begun in the record of other data, or never ended, holds nothing but what was allowed', () => {
    const { client, server } = established({}, often);
    client.record(ContentType.handshake, Uint8Array.of(1, 0));
    client.applicationData('x');
    converse(server, client);
    expectDeath(server, client, 'interleaved_record', true);
  });

  test('comes to an end, however often it is begun', () => {
    const { client, server } = established({}, often);
    for (let i = 0; i < 5; i++) {
      client.start();
      converse(server, client);
    }
    expect([server.errors, server.renewed.length]).toEqual([[], 5]);
    client.start();
    converse(server, client);
    expectDeath(server, client, 'renegotiation_refused', true);
  });
});

describe('records and alerts', () => {
  test('of another version than was agreed upon are refused', () => {
    for (const version of [0x0301, 0x0304, 0x0300])
      refuses('wrong_record_version', {
        before: {
          ClientKeyExchange: (peer) => peer.plain(ContentType.handshake, Uint8Array.of(16), version),
        },
      });
  });

  test('of the hello may be of any version', () => {
    for (const version of [0x0300, 0x0301, 0x0302, 0x0303, 0x03ff]) {
      const { client, server } = meet();
      const record = client.take();
      record[1] = version >> 8;
      record[2] = version & 0xff;
      server.connection.receive(record);
      client.receive(server.take());
      converse(server, client);
      expect([version, server.errors.map((error) => error.code), server.summaries.length]).toEqual([
        version,
        [],
        1,
      ]);
    }
  });

  test('warnings and empty records are bounded', () => {
    for (const description of [90, 100, 112]) {
      dies('too_many_warnings', (client) => {
        for (let i = 0; i < 5; i++) client.alert(1, description);
      });
    }
    dies('too_many_empty_records', (client) => {
      for (let i = 0; i < 33; i++) client.record(ContentType.application_data, none);
    });
    refuses('empty_fragment', {
      before: { ClientKeyExchange: (peer) => peer.record(ContentType.handshake, none) },
    });
    refuses('bad_alert', { before: { ClientKeyExchange: (peer) => peer.record(ContentType.alert, none) } });
    refuses('bad_alert', {
      before: { ClientKeyExchange: (peer) => peer.record(ContentType.alert, Uint8Array.of(1, 0, 1)) },
    });
    refuses('unknown_alert_level', { before: { ClientKeyExchange: (peer) => peer.alert(3, 0) } });
  });

  test('of heartbeat or unknown types, or too long, are refused', () => {
    for (const type of [24, 25])
      dies('unknown_record_type', (client) => client.record(type, Uint8Array.of(1, 0, 255)));
    dies('plaintext_too_long', (client) =>
      client.record(ContentType.application_data, new Uint8Array(16_385)),
    );
    dies('record_too_long', (client) => client.bytes(Uint8Array.of(23, 3, 3, 0x48, 0x01)));
  });

  test('a fatal alert or close_notify in the middle ends it, and nothing goes back', () => {
    for (const step of ['ClientKeyExchange', 'ChangeCipherSpec', 'Finished']) {
      for (const [level, description, code] of [
        [2, 46, 'peer_alert'],
        [1, 0, 'closed_during_handshake'],
      ] as const) {
        const { client, server } = meet({ before: { [step]: (peer) => peer.alert(level, description) } });
        converse(server, client);
        expect(server.errors.map((error) => error.code)).toEqual([code]);
        expect(client.alerts).toEqual([]);
      }
    }
  });

  test('the end of the transport anywhere in the handshake is a truncation', () => {
    for (const step of [
      'ClientHello',
      'Certificate',
      'ClientKeyExchange',
      'CertificateVerify',
      'ChangeCipherSpec',
      'Finished',
    ]) {
      const { client, server } = meet(
        {
          credential: own['P-256'],
          order: (steps) => (steps.includes(step) ? steps.slice(0, steps.indexOf(step)) : steps),
        },
        asking,
      );
      converse(server, client);
      expect([step, server.errors]).toEqual([step, []]);
      server.connection.endOfInput();
      expect(server.errors.map((error) => error.code)).toEqual(['closed_during_handshake']);
    }
  });

  test('a message that says it is too long is refused before it has come', () => {
    refuses('message_too_long', {
      before: { ClientKeyExchange: (peer) => peer.record(ContentType.handshake, Uint8Array.of(16, 1, 0, 1)) },
    });
  });
});

test('an alert of ours is told in a record that the client reads', () => {
  for (const version of OLD) {
    const suite = version === 0x0303 ? Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 : ECDHE_CBC;
    const { client, server } = meet({ version, suite, extensions: { supportedGroups: [Group.secp521r1] } });
    server.connection.receive(client.take());
    const sent = server.take();
    expect([sent[0], (sent[1]! << 8) | sent[2]!, sent.length]).toEqual([21, version, 7]);
    expect(server.events.some((event) => event.kind === 'message' && event.from === 'server')).toBe(false);
  }
  expect(HandshakeType.client_key_exchange).toBe(16);
});
