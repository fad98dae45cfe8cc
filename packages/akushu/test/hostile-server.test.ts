/** What a server may do wrong in a TLS 1.3 handshake, and how our client takes it: each with its alert. */
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, fromHex, fromUtf8 } from '../src/bytes/index.js';
import { nodeProvider as provider } from '../src/crypto/node.js';
import type { ErrorCode } from '../src/errors.js';
import { type ClientConfig, type Credential, DEFAULT_LIMITS } from '../src/handshake/index.js';
import { decodeBody, encodeBareBody, type MessageBody, messageBytes } from '../src/messages/index.js';
import { ContentType, Group, Scheme, Suite, Version } from '../src/registry/index.js';
import type { Session } from '../src/session/index.js';
import { credential, trustAll } from './support/credentials.js';
import { End } from './support/pair.js';
import {
  alter,
  certificateRequest,
  extend,
  raw,
  rawMessage,
  ScriptedServer,
  type ServerScript,
} from './support/scripted-peer.js';
import { converse, expectDeath } from './support/verdict.js';

let p256: Credential;
let other: Credential;
let ed25519: Credential;
beforeAll(async () => {
  p256 = await credential();
  other = await credential('P-256', 'other.example');
  ed25519 = await credential('Ed25519');
});

const config: ClientConfig = {
  provider,
  serverName: 'localhost',
  groups: [Group.x25519, Group.secp256r1],
  verifyPeer: trustAll,
};

function meet(script: ServerScript, more: Partial<ClientConfig> = {}) {
  const client = new End('client', { ...config, ...more });
  const server = new ScriptedServer({ credential: p256, ...script });
  client.connection.start();
  return { client, server };
}

/** A handshake that has to fail with this code. */
function refuses(code: ErrorCode, script: ServerScript, more: Partial<ClientConfig> = {}): void {
  const { client, server } = meet(script, more);
  converse(client, server);
  expectDeath(client, server, code);
  expect(client.summaries).toEqual([]);
}

/** A handshake that works. */
function established(script: ServerScript = {}, more: Partial<ClientConfig> = {}) {
  const both = meet(script, more);
  converse(both.client, both.server);
  expect(both.client.errors).toEqual([]);
  expect(both.client.summaries.length).toBe(1);
  return both;
}

const none = new Uint8Array(0);
const hello = (change: (body: MessageBody<'ServerHello'>) => MessageBody<'ServerHello'>) =>
  alter('ServerHello', change);
const editHello = (
  change: (body: MessageBody<'ServerHello'>) => MessageBody<'ServerHello'>,
): ServerScript => ({
  edit: { ServerHello: hello(change) },
});

test('an honest server is believed, and data flows', () => {
  const { client, server } = established();
  client.connection.write(fromUtf8('up'));
  server.applicationData('down');
  converse(client, server);
  expect([client.text(), server.data.length]).toEqual(['down', 1]);
});

describe('authentication', () => {
  test('a server that skips CertificateVerify never reaches application data (SMACK, CVE-2014-1266)', () => {
    refuses('unexpected_message', { edit: { CertificateVerify: () => null } });
  });

  test('a server that skips Certificate and CertificateVerify is refused', () => {
    refuses('unexpected_message', { edit: { Certificate: () => null, CertificateVerify: () => null } });
  });

  test('a CertificateVerify signed by another key ends the handshake with decrypt_error', () => {
    refuses('bad_signature', { credential: { chain: p256.chain, key: other.key } });
  });

  test('a CertificateVerify of which a bit was changed ends the handshake with decrypt_error', () => {
    refuses('bad_signature', {
      edit: {
        CertificateVerify: alter('CertificateVerify', (body) => {
          const signature = body.signature.slice();
          signature[signature.length - 1]! ^= 1;
          return { ...body, signature };
        }),
      },
    });
  });

  test('a CertificateVerify of another handshake ends this one with decrypt_error', () => {
    let old: Uint8Array | undefined;
    const keep = (message: Uint8Array): Uint8Array => {
      const earlier = old ?? message;
      old = message;
      return earlier;
    };
    established({ edit: { CertificateVerify: keep } });
    refuses('bad_signature', { edit: { CertificateVerify: keep } });
  });

  test.each([0, 1, 63, 65, 1000])('an Ed25519 signature of %i bytes is a bad signature', (length) => {
    refuses('bad_signature', {
      credential: ed25519,
      edit: {
        CertificateVerify: alter('CertificateVerify', (body) => ({
          ...body,
          signature: new Uint8Array(length),
        })),
      },
    });
  });

  test('a scheme that was not offered is refused', () => {
    refuses('unoffered_signature_scheme', {}, { signatureSchemes: [Scheme.ed25519] });
  });

  test.each([
    ['RSA with PKCS#1 v1.5', Scheme.rsa_pkcs1_sha256],
    ['ECDSA with SHA-1', Scheme.ecdsa_sha1],
  ])('%s never signs a handshake of TLS 1.3, even where it was offered', (_, scheme) => {
    refuses(
      'unoffered_signature_scheme',
      { scheme },
      { signatureSchemes: [scheme, Scheme.ecdsa_secp256r1_sha256] },
    );
  });

  test('a scheme that does not fit the key of the certificate is refused', () => {
    refuses('signature_scheme_key_mismatch', { scheme: Scheme.ed25519 });
    refuses('signature_scheme_key_mismatch', { scheme: Scheme.ecdsa_secp384r1_sha384 });
    refuses('signature_scheme_key_mismatch', { scheme: Scheme.rsa_pss_rsae_sha256 });
  });

  test('an empty certificate list of a server is decode_error', () => {
    refuses('empty_server_certificate', {
      edit: { Certificate: alter('Certificate', (body) => ({ ...body, certificateList: [] })) },
    });
  });

  test('a certificate_request_context in a server certificate is refused', () => {
    refuses('bad_certificate_context', {
      edit: {
        Certificate: alter('Certificate', (body) => ({
          ...body,
          certificateRequestContext: Uint8Array.of(1),
        })),
      },
    });
  });

  test('a certificate that is none is malformed_certificate', () => {
    for (const certData of [fromHex('00'), fromHex('3000'), fromHex('308400ffffff')]) {
      refuses('malformed_certificate', {
        edit: {
          Certificate: alter('Certificate', (body) => ({
            ...body,
            certificateList: [{ certData, extensions: {} }],
          })),
        },
      });
    }
  });

  test('a giant certificate chain is refused by number and by size', () => {
    const entry = { certData: none, extensions: {} };
    const list = (count: number, size: number) =>
      Array.from({ length: count }, (_, i) => ({
        ...entry,
        certData: i === 0 ? p256.chain[0]! : new Uint8Array(size),
      }));
    const chain = (count: number, size: number): ServerScript => ({
      edit: {
        Certificate: alter('Certificate', (body) => ({ ...body, certificateList: list(count, size) })),
      },
    });
    refuses('too_many_certificates', chain(11, 1));
    refuses('too_many_certificates', chain(10_000, 1));
    refuses('message_too_long', chain(10, 20_000));
  });

  test('the verdict on the chain is asked before the proof, and becomes the alert', () => {
    for (const code of [
      'unknown_ca',
      'certificate_expired',
      'certificate_revoked',
      'hostname_mismatch',
    ] as const) {
      refuses(code, {}, { verifyPeer: () => ({ trusted: false, code }) });
    }
  });

  test('without a verifier no certificate is trusted', () => {
    const { verifyPeer: _, ...rest } = config;
    const client = new End('client', rest);
    const server = new ScriptedServer({ credential: p256 });
    client.connection.start();
    converse(client, server);
    expectDeath(client, server, 'certificate_refused');
  });
});

describe('Finished', () => {
  test('a wrong Finished is decrypt_error, in whichever byte', () => {
    for (const at of [0, 15, 31]) {
      refuses('bad_finished', {
        edit: {
          Finished: alter('Finished', ({ verifyData }) => {
            const changed = verifyData.slice();
            changed[at]! ^= 1;
            return { verifyData: changed };
          }),
        },
      });
    }
  });

  test.each([0, 16, 31, 33])('a Finished of %i bytes is refused', (length) => {
    refuses('bad_finished', {
      edit: { Finished: alter('Finished', () => ({ verifyData: new Uint8Array(length) })) },
    });
  });

  test('application data in place of a Finished is refused', () => {
    const { client, server } = meet({ edit: { Finished: () => null }, order: (steps) => steps.slice(0, -1) });
    server.receive(client.take());
    server.applicationData('too early');
    converse(client, server);
    expectDeath(client, server, 'unexpected_application_data');
    expect(client.received).toEqual([]);
  });

  test('an early Finished, before the certificate, is refused', () => {
    refuses('unexpected_message', {
      order: () => ['ServerHello', 'HandshakeKeys', 'EncryptedExtensions', 'Finished'],
    });
  });

  test('a Finished under the application keys cannot be read', () => {
    refuses('bad_record_mac', {
      order: (steps) => [...steps.slice(0, -2), 'ApplicationKeys', 'Finished'],
    });
  });
});

describe('order of messages', () => {
  const honest = ['EncryptedExtensions', 'Certificate', 'CertificateVerify', 'Finished'];

  test.each(honest)('a missing %s is unexpected_message', (step) => {
    const { client, server } = meet({ edit: { [step]: () => null } });
    converse(client, server);
    if (step !== 'Finished') expectDeath(client, server, 'unexpected_message');
    else {
      // Nothing came in its place yet: what follows is under keys that the client has not.
      server.applicationData('early');
      converse(client, server);
      expectDeath(client, server, 'bad_record_mac');
    }
  });

  test.each(honest)('a repeated %s is refused', (step) => {
    const { client, server } = meet({ edit: { [step]: (message) => [message, message] } });
    converse(client, server);
    expectDeath(client, server, step === 'Finished' ? 'message_across_key_change' : 'unexpected_message');
  });

  test.each([
    ['EncryptedExtensions', 'Certificate'],
    ['Certificate', 'CertificateVerify'],
    ['CertificateVerify', 'Finished'],
    ['EncryptedExtensions', 'Finished'],
  ])('%s and %s in exchanged places are refused', (a, b) => {
    refuses('unexpected_message', {
      order: (steps) => steps.map((step) => (step === a ? b : step === b ? a : step)),
    });
  });

  test('a CertificateRequest after the certificate is refused', () => {
    refuses('unexpected_message', {
      request: true,
      order: (steps) => [
        ...steps.filter((step) => step !== 'CertificateRequest').slice(0, 4),
        'CertificateRequest',
        ...steps.slice(5),
      ],
    });
  });

  test('a HelloRequest of TLS 1.2 in the middle of the handshake is refused once TLS 1.3 is agreed upon', () => {
    const request = rawMessage(0, none);
    for (const versions of [[Version['TLSv1.3']], [Version['TLSv1.3'], Version['TLSv1.2']]]) {
      for (const step of ['EncryptedExtensions', 'Certificate', 'Finished']) {
        const { client, server } = meet({ edit: { [step]: (message) => [request, message] } }, { versions });
        converse(client, server);
        expect(client.errors.map((error) => error.alert)).toEqual(['unexpected_message']);
        expect(client.summaries).toEqual([]);
      }
    }
  });

  test.each([
    ['a ClientHello', 1, 'unexpected_message'],
    ['a NewSessionTicket', 4, 'unexpected_message'],
    ['an EndOfEarlyData', 5, 'unexpected_message'],
    ['a ServerKeyExchange of TLS 1.2', 12, 'unknown_message_type'],
    ['a ServerHelloDone of TLS 1.2', 14, 'unknown_message_type'],
    ['a KeyUpdate', 24, 'unexpected_message'],
    ['a message_hash', 254, 'unknown_message_type'],
    ['a message of an unknown type', 99, 'unknown_message_type'],
  ] as const)('%s in the middle of the handshake is refused', (_, type, code) => {
    refuses(code, {
      edit: { EncryptedExtensions: (message) => [message, rawMessage(type, Uint8Array.of(0))] },
    });
    refuses(code, {
      edit: { ServerHello: () => rawMessage(type, Uint8Array.of(0)) },
      order: () => ['ServerHello'],
    });
  });

  test('EncryptedExtensions in the clear are refused', () => {
    const { client, server } = meet({
      order: () => ['ServerHello', 'HandshakeKeys'],
      after: {
        HandshakeKeys: () =>
          server.plain(ContentType.handshake, messageBytes('EncryptedExtensions', { extensions: {} })),
      },
    });
    converse(client, server);
    expectDeath(client, server, 'unencrypted_record');
  });
});

describe('ServerHello', () => {
  test.each<readonly [string, ErrorCode, ServerScript]>([
    [
      'an unoffered suite',
      'unoffered_cipher_suite',
      editHello((b) => ({ ...b, cipherSuite: Suite.TLS_AES_128_CCM_SHA256 })),
    ],
    ['a suite of TLS 1.2', 'unoffered_cipher_suite', editHello((b) => ({ ...b, cipherSuite: 0xc02f }))],
    ['a GREASE suite', 'unoffered_cipher_suite', editHello((b) => ({ ...b, cipherSuite: 0x1a1a }))],
    [
      'a session id that is not the one sent',
      'session_id_not_echoed',
      editHello((b) => ({ ...b, legacySessionIdEcho: new Uint8Array(32) })),
    ],
    [
      'no session id where one was sent',
      'session_id_not_echoed',
      editHello((b) => ({ ...b, legacySessionIdEcho: none })),
    ],
    ['a compression method', 'compression_chosen', editHello((b) => ({ ...b, legacyCompressionMethod: 1 }))],
    ['legacy_version TLS 1.3', 'illegal_version_chosen', editHello((b) => ({ ...b, legacyVersion: 0x0304 }))],
    [
      'legacy_version SSL 3.0',
      'unsupported_version_chosen',
      editHello((b) => ({ ...b, legacyVersion: 0x0300 })),
    ],
    ['legacy_version TLS 1.1', 'illegal_version_chosen', editHello((b) => ({ ...b, legacyVersion: 0x0302 }))],
    [
      'selected version TLS 1.2',
      'illegal_version_chosen',
      { edit: { ServerHello: extend('ServerHello', { supportedVersions: 0x0303 }) } },
    ],
    [
      'a draft version',
      'illegal_version_chosen',
      { edit: { ServerHello: extend('ServerHello', { supportedVersions: 0x7f1c }) } },
    ],
    [
      'no supported_versions, so of TLS 1.2, but a key share',
      'unsolicited_extension',
      { edit: { ServerHello: extend('ServerHello', { supportedVersions: undefined }) } },
    ],
    [
      'no extensions at all, so of TLS 1.2, but a suite of 1.3',
      'unoffered_cipher_suite',
      editHello((b) => ({ ...b, extensions: undefined })),
    ],
    [
      'no key_share',
      'missing_extension',
      { edit: { ServerHello: extend('ServerHello', { keyShare: undefined }) } },
    ],
    [
      'an unoffered group',
      'unoffered_group',
      {
        edit: {
          ServerHello: extend('ServerHello', {
            keyShare: { group: Group.secp384r1, keyExchange: new Uint8Array(97) },
          }),
        },
      },
    ],
    [
      'a group without a share',
      'unoffered_group',
      {
        edit: {
          ServerHello: extend('ServerHello', {
            keyShare: { group: Group.secp256r1, keyExchange: new Uint8Array(65) },
          }),
        },
      },
    ],
    [
      'an extension not asked for',
      'unsolicited_extension',
      { edit: { ServerHello: extend('ServerHello', raw(0x1234)) } },
    ],
    [
      'pre_shared_key not offered',
      'unsolicited_extension',
      { edit: { ServerHello: extend('ServerHello', { preSharedKey: 0 }) } },
    ],
    [
      'ALPN, which belongs elsewhere',
      'forbidden_extension',
      { edit: { ServerHello: extend('ServerHello', { alpn: [fromUtf8('h2')] }) } },
    ],
    [
      'server_name, which belongs elsewhere',
      'forbidden_extension',
      { edit: { ServerHello: extend('ServerHello', { serverName: true }) } },
    ],
    [
      'supported_groups, which belong elsewhere',
      'forbidden_extension',
      { edit: { ServerHello: extend('ServerHello', { supportedGroups: [Group.x25519] }) } },
    ],
    [
      'a cookie',
      'unsolicited_extension',
      { edit: { ServerHello: extend('ServerHello', raw(44, fromHex('000101'))) } },
    ],
  ])('with %s is refused', (_, code, script) => {
    refuses(code, { ...script, order: () => ['ServerHello'] }, { alpn: ['h2'] });
  });

  test.each<readonly [string, ServerScript]>([
    [
      'no supported_versions',
      { edit: { ServerHello: extend('ServerHello', { supportedVersions: undefined }) } },
    ],
    ['no extensions at all', editHello((b) => ({ ...b, extensions: undefined }))],
  ])('with %s is refused by a client of TLS 1.3 alone', (_, script) => {
    refuses('unsupported_version_chosen', script, { versions: [Version['TLSv1.3']] });
  });

  test('a duplicate extension is illegal_parameter', () => {
    refuses('duplicate_extension', {
      order: () => ['ServerHello'],
      edit: {
        ServerHello: (message) => {
          const twice = concat(message, fromHex('002b00020304'));
          const body = twice.length - 4;
          twice.set([body >> 8, body & 0xff], 2);
          const at = 4 + 2 + 32 + 1 + 32 + 3;
          const size = twice.length - at - 2;
          twice.set([size >> 8, size & 0xff], at);
          return twice;
        },
      },
    });
  });

  test('a cut ServerHello is decode_error', () => {
    refuses('malformed_message', {
      order: () => ['ServerHello'],
      edit: { ServerHello: (message) => rawMessage(2, message.subarray(4, message.length - 1)) },
    });
  });

  test.each(['444f574e47524401', '444f574e47524400'])(
    'the downgrade sentinel %s in an older ServerHello is seen',
    (sentinel) => {
      refuses('downgrade_detected', {
        order: () => ['ServerHello'],
        edit: {
          ServerHello: alter('ServerHello', (body) => ({
            ...body,
            random: concat(body.random.subarray(0, 24), fromHex(sentinel)),
            extensions: undefined,
          })),
        },
      });
    },
  );

  test.each<readonly [string, string]>([
    ['zero', '00'.repeat(32)],
    ['one', `01${'00'.repeat(31)}`],
    ['a point of order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
    ['another point of order 8', '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'],
    ['p - 1', `ec${'ff'.repeat(30)}7f`],
    ['p', `ed${'ff'.repeat(30)}7f`],
  ])('an x25519 share that is %s is refused', (_, share) => {
    refuses('bad_key_share', {
      order: () => ['ServerHello'],
      edit: {
        ServerHello: extend('ServerHello', {
          keyShare: { group: Group.x25519, keyExchange: fromHex(share) },
        }),
      },
    });
  });

  test.each([1, 31, 33, 1000])('an x25519 share of %i bytes is refused', (length) => {
    refuses('bad_key_share', {
      order: () => ['ServerHello'],
      edit: {
        ServerHello: extend('ServerHello', {
          keyShare: { group: Group.x25519, keyExchange: new Uint8Array(length).fill(9) },
        }),
      },
    });
  });

  test.each<readonly [string, Uint8Array]>([
    ['off the curve', concat(Uint8Array.of(4), new Uint8Array(64).fill(1))],
    ['at infinity', concat(Uint8Array.of(0), new Uint8Array(64))],
    ['compressed', concat(Uint8Array.of(2), new Uint8Array(32).fill(1))],
  ])('a P-256 share %s is refused', (_, keyExchange) => {
    refuses(
      'bad_key_share',
      {
        group: Group.secp256r1,
        order: () => ['ServerHello'],
        edit: { ServerHello: extend('ServerHello', { keyShare: { group: Group.secp256r1, keyExchange } }) },
      },
      { groups: [Group.secp256r1] },
    );
  });

  test.each([
    ['a byte', Uint8Array.of(8)],
    ['all', messageBytes('EncryptedExtensions', { extensions: {} })],
  ])(
    'with %s of the next message in its record is refused, since keys change in between (CVE-2025-61730)',
    (_, next) => {
      const { client, server } = meet({ order: () => ['ServerHello', 'HandshakeKeys'] });
      server.receive(client.take());
      const longer = concat(server.take(), next);
      longer[4]! += next.length;
      client.connection.receive(longer);
      converse(client, server);
      expectDeath(client, server, 'message_across_key_change');
    },
  );
});

describe('HelloRetryRequest', () => {
  const retry = { group: Group.secp256r1 } as const;
  const shares = { keyShares: [Group.x25519] };

  test('is answered with a share of the group wanted, or with the cookie', () => {
    const { client } = established({ retry, group: Group.secp256r1 }, shares);
    expect(client.summaries[0]?.group?.iana).toBe('secp256r1');
    const { server } = established({ retry: { cookie: fromUtf8('biscuit') } }, shares);
    expect(server.hellos[1]?.extensions?.cookie).toEqual(fromUtf8('biscuit'));
    expect(server.hellos[1]?.random).toEqual(server.hellos[0]?.random);
  });

  test.each<readonly [string, ErrorCode, ServerScript]>([
    [
      'a second time',
      'second_hello_retry_request',
      { retry, order: (steps) => (steps[0] === 'ServerHello' ? ['ServerHello'] : steps) },
    ],
    ['without reason', 'pointless_hello_retry_request', { retry: {} }],
    ['for a group whose share it has', 'pointless_hello_retry_request', { retry: { group: Group.x25519 } }],
    ['for a group not offered', 'unoffered_group', { retry: { group: Group.secp384r1 } }],
    ['for a GREASE group', 'unoffered_group', { retry: { group: 0x2a2a } }],
    [
      'with an unoffered suite',
      'unoffered_cipher_suite',
      { retry: { ...retry, suite: Suite.TLS_AES_128_CCM_SHA256 } },
    ],
  ])('%s is refused', (title, code, script) => {
    const { client, server } = meet(
      {
        group: Group.secp256r1,
        ...script,
        ...(title === 'a second time' && {
          edit: { ServerHello: () => server.retryMessage(server.hellos[1]!, { group: Group.x25519 }) },
        }),
      },
      shares,
    );
    converse(client, server);
    expectDeath(client, server, code);
  });

  test('with another suite afterwards is refused', () => {
    refuses(
      'cipher_suite_changed',
      {
        retry,
        group: Group.secp256r1,
        order: (steps) => (steps[0] === 'ServerHello' ? ['ServerHello'] : steps),
        edit: {
          ServerHello: hello((body) => ({ ...body, cipherSuite: Suite.TLS_CHACHA20_POLY1305_SHA256 })),
        },
      },
      shares,
    );
  });

  test('with another group afterwards is refused', () => {
    refuses(
      'unoffered_group',
      {
        retry,
        group: Group.secp256r1,
        order: (steps) => (steps[0] === 'ServerHello' ? ['ServerHello'] : steps),
        edit: {
          ServerHello: extend('ServerHello', {
            keyShare: { group: Group.x25519, keyExchange: new Uint8Array(32).fill(9) },
          }),
        },
      },
      shares,
    );
  });

  const altered = (change: Record<string, unknown>, top: object = {}): ServerScript => ({
    retry,
    edit: {
      HelloRetryRequest: alter('ServerHello', (body) => ({
        ...body,
        ...top,
        extensions: { retry: { ...body.extensions!.retry!, ...change } },
      })),
    },
  });

  test.each<readonly [string, ErrorCode, ServerScript]>([
    ['an extension not asked for', 'unsolicited_extension', altered(raw(0x1234))],
    ['ALPN', 'forbidden_extension', altered(raw(16, fromHex('0003026832')))],
    ['an unoffered early_data', 'unsolicited_extension', altered(raw(42))],
    ['another session id', 'session_id_not_echoed', altered({}, { legacySessionIdEcho: none })],
    ['version TLS 1.2', 'illegal_version_chosen', altered({ supportedVersions: 0x0303 })],
    ['a compression method', 'compression_chosen', altered({}, { legacyCompressionMethod: 1 })],
  ])('with %s is refused', (_, code, script) => {
    refuses(code, script, { ...shares, alpn: ['h2'] });
  });

  test('with no supported_versions is refused, whatever versions we speak', () => {
    const script = altered({ supportedVersions: undefined });
    refuses('unsupported_version_chosen', script, { ...shares, versions: [Version['TLSv1.3']] });
    refuses('illegal_version_chosen', script, shares);
  });
});

describe('extensions of the encrypted flight', () => {
  const encrypted = (change: Record<string, unknown>): ServerScript => ({
    edit: { EncryptedExtensions: extend('EncryptedExtensions', change) },
  });

  test.each<readonly [string, ErrorCode, ServerScript]>([
    ['ALPN not offered', 'unoffered_alpn', encrypted({ alpn: [fromUtf8('spdy/3')] })],
    ['two protocols', 'malformed_message', encrypted({ alpn: [fromUtf8('h2'), fromUtf8('h3')] })],
    ['an extension not asked for', 'unsolicited_extension', encrypted(raw(0x1234))],
    ['early_data not offered', 'unsolicited_extension', encrypted({ earlyData: true })],
    ['record_size_limit not offered', 'unsolicited_extension', encrypted({ recordSizeLimit: 1000 })],
    ['heartbeat not offered', 'unsolicited_extension', encrypted(raw(15, fromHex('01')))],
    ['key_share, which belongs elsewhere', 'forbidden_extension', encrypted(raw(51, fromHex('001d')))],
    [
      'supported_versions, which belong elsewhere',
      'forbidden_extension',
      encrypted(raw(43, fromHex('0304'))),
    ],
    [
      'signature_algorithms, which belong elsewhere',
      'forbidden_extension',
      encrypted(raw(13, fromHex('00020403'))),
    ],
    [
      'a body in server_name',
      'malformed_message',
      encrypted({ serverName: undefined, ...raw(0, fromHex('00')) }),
    ],
    ['an unoffered certificate type', 'unsolicited_extension', encrypted({ serverCertificateType: 2 })],
  ])('EncryptedExtensions with %s are refused', (_, code, script) => {
    refuses(code, script, { alpn: ['h2'] });
  });

  test.each([0, 63, 16_386])('a record_size_limit of %i is refused', (limit) => {
    refuses('bad_record_size_limit', encrypted({ recordSizeLimit: limit }), { recordSizeLimit: 1000 });
  });

  test('a certificate type that was not offered is refused', () => {
    refuses('unoffered_certificate_type', encrypted({ serverCertificateType: 1 }), {
      certificateTypes: { peer: ['raw_public_key', 'x509'] },
    });
  });

  const inCertificate = (extensions: object): ServerScript => ({
    edit: {
      Certificate: alter('Certificate', (body) => ({
        ...body,
        certificateList: body.certificateList.map((entry) => ({ ...entry, extensions })),
      })),
    },
  });

  test.each<readonly [string, ErrorCode, object]>([
    [
      'an OCSP response not asked for',
      'unsolicited_extension',
      { statusRequest: { statusType: 1, response: none.slice() } },
    ],
    ['SCTs not asked for', 'unsolicited_extension', { signedCertificateTimestamp: [Uint8Array.of(1)] }],
    ['an unknown extension', 'unsolicited_extension', raw(0x1234)],
    ['server_name, which belongs elsewhere', 'forbidden_extension', raw(0)],
  ])('a Certificate with %s is refused', (_, code, extensions) => {
    const filled =
      'statusRequest' in extensions
        ? { statusRequest: { statusType: 1, response: Uint8Array.of(1) } }
        : extensions;
    refuses(code, inCertificate(filled));
  });

  const request = (change: Record<string, unknown>): ServerScript => ({
    request: true,
    edit: { CertificateRequest: extend('CertificateRequest', change) },
  });

  test.each<readonly [string, ErrorCode, ServerScript]>([
    ['no signature_algorithms', 'missing_extension', request({ signatureAlgorithms: undefined })],
    ['key_share, which belongs elsewhere', 'forbidden_extension', request(raw(51))],
    ['ALPN, which belongs elsewhere', 'forbidden_extension', request(raw(16))],
    [
      'a context',
      'bad_certificate_context',
      { request: true, edit: { CertificateRequest: () => certificateRequest(Uint8Array.of(1)) } },
    ],
  ])('a CertificateRequest with %s is refused', (_, code, script) => refuses(code, script));

  test('unknown extensions of a CertificateRequest are ignored', () => {
    established(request(raw(0x1234, Uint8Array.of(1))));
  });
});

describe('certificate compression', () => {
  const compressed = (
    announced: (length: number) => number,
    algorithm = 1,
    change = (data: Uint8Array) => data,
  ): ServerScript => ({
    edit: {
      Certificate: (message) => {
        const plain = encodeBareBody('Certificate', decodeBody('Certificate', message));
        return messageBytes('CompressedCertificate', {
          algorithm,
          uncompressedLength: announced(plain.length),
          compressedCertificateMessage: change(provider.compress!('zlib', plain)),
        });
      },
    },
  });
  const offering = { certificateCompression: ['zlib'] } as const;
  const right = (length: number) => length;

  test('is understood where it was offered', () => {
    established(compressed(right), offering);
  });

  test('is unexpected where it was not offered', () => refuses('unexpected_message', compressed(right)));

  test('with another algorithm than those offered is refused', () => {
    refuses('unoffered_certificate_compression', compressed(right, 2), offering);
  });

  test.each<readonly [string, (length: number) => number]>([
    ['shorter', (length) => length - 1],
    ['longer', (length) => length + 1],
    ['far longer', () => 0xffffff],
    ['zero', () => 0],
  ])('that announces a length %s than it has is bad_certificate', (_, announced) => {
    refuses('certificate_decompression_failed', compressed(announced), offering);
  });

  test('a bomb is not let off: what is announced is all that is made (CVE-2025-66199)', () => {
    const bomb = provider.compress!('zlib', new Uint8Array(50_000_000));
    refuses(
      'certificate_decompression_failed',
      compressed(
        () => 60_000,
        1,
        () => bomb,
      ),
      offering,
    );
  });

  test('data that is not compressed at all is bad_certificate', () => {
    refuses(
      'certificate_decompression_failed',
      compressed(right, 1, () => new Uint8Array(50)),
      offering,
    );
  });
});

describe('records', () => {
  test('ChangeCipherSpec is dropped anywhere between ServerHello and Finished', () => {
    const { client, server } = meet({
      before: Object.fromEntries(
        ['ServerHello', 'EncryptedExtensions', 'Certificate', 'CertificateVerify', 'Finished'].map((step) => [
          step,
          () => server.changeCipherSpec(),
        ]),
      ),
    });
    converse(client, server);
    expect(client.summaries.length).toBe(1);
  });

  test.each([[0], [2], [1, 1], []])('a ChangeCipherSpec of %j is refused', (...value) => {
    const { client, server } = meet({
      after: { ServerHello: () => server.changeCipherSpec(Uint8Array.from(value)) },
    });
    converse(client, server);
    expectDeath(client, server, 'bad_change_cipher_spec');
  });

  test('a flood of ChangeCipherSpec is refused', () => {
    const { client, server } = meet({
      after: {
        ServerHello() {
          for (let i = 0; i < 33; i++) server.changeCipherSpec();
        },
      },
    });
    converse(client, server);
    expectDeath(client, server, 'bad_change_cipher_spec');
  });

  test('an encrypted ChangeCipherSpec is refused', () => {
    const { client, server } = meet({
      after: { HandshakeKeys: () => server.record(ContentType.change_cipher_spec, Uint8Array.of(1)) },
    });
    converse(client, server);
    expectDeath(client, server, 'bad_change_cipher_spec');
  });

  test('a ChangeCipherSpec after Finished is refused', () => {
    const { client, server } = established();
    server.changeCipherSpec();
    converse(client, server);
    expectDeath(client, server, 'bad_change_cipher_spec');
  });

  test('a heartbeat record is refused, before and after the handshake (CVE-2014-0160)', () => {
    const { client, server } = meet({ before: { ServerHello: () => server.plain(24, fromHex('01400000')) } });
    converse(client, server);
    expectDeath(client, server, 'unknown_record_type');
    const later = established();
    later.server.record(24, fromHex('01400000'));
    converse(later.client, later.server);
    expectDeath(later.client, later.server, 'unknown_record_type');
  });

  test('an empty handshake record is refused, in the clear and encrypted', () => {
    const { client, server } = meet({ before: { ServerHello: () => server.plain(22, none) } });
    converse(client, server);
    expectDeath(client, server, 'empty_fragment');
    const later = meet({ after: { HandshakeKeys: () => later.server.record(22, none) } });
    converse(later.client, later.server);
    expectDeath(later.client, later.server, 'empty_fragment');
  });

  test('a few empty records of application data are nothing, many are a flood', () => {
    const { client, server } = established({}, { limits: { emptyRecords: 4 } });
    for (let i = 0; i < 4; i++) server.applicationData('');
    server.applicationData('x');
    for (let i = 0; i < 4; i++) server.applicationData('');
    converse(client, server);
    expect([client.text(), client.errors]).toEqual(['x', []]);
    server.applicationData('');
    converse(client, server);
    expectDeath(client, server, 'too_many_empty_records');
  });

  test('without any configuration the number of empty records is bounded', () => {
    const { client, server } = established();
    for (let i = 0; i <= DEFAULT_LIMITS.emptyRecords; i++) server.applicationData('');
    converse(client, server);
    expectDeath(client, server, 'too_many_empty_records');
  });

  test('a few warnings are nothing, many are a flood', () => {
    const { client, server } = established();
    for (let i = 0; i < 4; i++) server.alert(1, 90);
    converse(client, server);
    expect(client.errors).toEqual([]);
    server.alert(1, 90);
    converse(client, server);
    expectDeath(client, server, 'too_many_warnings');
  });

  test.each([[1], [2, 40, 0], []])('an alert of the bytes %j is refused', (...bytes) => {
    const { client, server } = established();
    server.record(ContentType.alert, Uint8Array.from(bytes));
    converse(client, server);
    expectDeath(client, server, 'bad_alert');
  });

  test('an alert of an unknown level is refused', () => {
    const { client, server } = established();
    server.alert(3, 0);
    converse(client, server);
    expectDeath(client, server, 'unknown_alert_level');
  });

  test('an alert between the parts of a message is refused', () => {
    const { client, server } = established();
    server.record(ContentType.handshake, Uint8Array.of(4, 0, 0, 9));
    server.alert(1, 0);
    converse(client, server);
    expectDeath(client, server, 'interleaved_record');
  });

  test('a plaintext alert once there are keys is refused, so that nobody in between can end a connection', () => {
    const { client, server } = established();
    server.plain(ContentType.alert, Uint8Array.of(2, 40));
    converse(client, server);
    expectDeath(client, server, 'unencrypted_record');
  });

  test('a record of any changed byte is bad_record_mac', () => {
    for (const at of [5, 10, -1]) {
      const { client, server } = established();
      server.applicationData('hello');
      const record = server.take();
      record[at < 0 ? record.length - 1 : at]! ^= 1;
      client.connection.receive(record);
      converse(client, server);
      expectDeath(client, server, 'bad_record_mac');
    }
  });

  test('a record that comes a second time is bad_record_mac', () => {
    const { client, server } = established();
    server.applicationData('hello');
    const record = server.take();
    client.connection.receive(concat(record, record));
    converse(client, server);
    expectDeath(client, server, 'bad_record_mac');
    expect(client.text()).toBe('hello');
  });

  test('an oversized record is record_overflow, at its header', () => {
    const { client, server } = established();
    client.connection.receive(Uint8Array.of(23, 3, 3, 0x41, 0x01));
    converse(client, server);
    expectDeath(client, server, 'record_too_long');
  });

  test('an HTTP answer is told apart from TLS', () => {
    const { client, server } = meet({});
    client.take();
    client.connection.receive(fromUtf8('HTTP/1.1 400 Bad Request\r\n\r\n'));
    converse(client, server);
    expectDeath(client, server, 'not_tls_http');
  });

  test('an oversized handshake message is refused at its header (CVE-2022-41724)', () => {
    const { client, server } = meet({
      after: { HandshakeKeys: () => server.record(ContentType.handshake, Uint8Array.of(8, 1, 0, 1)) },
    });
    converse(client, server);
    expectDeath(client, server, 'message_too_long');
  });

  test.each([1, 7, 1000])(
    'a flight in fragments of %i bytes is understood, however it is cut',
    (fragment) => {
      const { client, server } = meet({ fragment });
      converse(client, server, 3);
      expect(client.errors).toEqual([]);
      expect(client.summaries.length).toBe(1);
    },
  );
});

describe('alerts and the end', () => {
  test('an alert of the server ends the handshake, and nothing goes back', () => {
    const { client, server } = meet({ order: () => ['ServerHello'], edit: { ServerHello: () => null } });
    server.receive(client.take());
    server.alert(2, 40);
    converse(client, server);
    expect(client.errors.map((error) => [error.code, error.alert, error.sentBy])).toEqual([
      ['peer_alert', 'handshake_failure', 'server'],
    ]);
    expect(server.alerts).toEqual([]);
  });

  test('an alert of level warning that is neither close_notify nor user_canceled is an error all the same', () => {
    const { client, server } = established();
    server.alert(1, 100);
    converse(client, server);
    expect(client.errors.map((error) => error.alert)).toEqual(['no_renegotiation']);
  });

  test('an unknown alert keeps its number', () => {
    const { client, server } = established();
    server.alert(2, 200);
    converse(client, server);
    expect(client.errors.map((error) => error.alert)).toEqual(['alert_200']);
  });

  test.each(['EncryptedExtensions', 'CertificateVerify', 'Finished'])(
    'close_notify before %s ends the handshake at once (RUSTSEC-2024-0336)',
    (step) => {
      const { client, server } = meet({ before: { [step]: () => server.alert(1, 0) } });
      converse(client, server);
      expectDeath(client, server, 'closed_during_handshake');
    },
  );

  test('the end of input without close_notify is a truncation, and said so', () => {
    const { client } = established();
    client.connection.endOfInput();
    expect(client.errors.map((error) => error.code)).toEqual(['truncated_close']);
    const early = meet({});
    early.client.connection.endOfInput();
    expect(early.client.errors.map((error) => error.code)).toEqual(['closed_during_handshake']);
  });

  test('after close_notify of both sides the end of input is in order', () => {
    const { client, server } = established();
    server.alert(1, 0);
    converse(client, server);
    expect([client.closes, client.connection.isDead]).toEqual([1, false]);
    client.connection.write(fromUtf8('still'));
    client.connection.close();
    converse(client, server);
    client.connection.endOfInput();
    expect([client.errors, client.connection.error, client.connection.isDead]).toEqual([[], null, true]);
    expect(server.data.length).toBe(1);
    expect(server.alerts.map((alert) => alert.description)).toEqual(['close_notify']);
  });
});

describe('after the handshake', () => {
  const ticket = (change: Partial<MessageBody<'NewSessionTicket'>> = {}) =>
    messageBytes('NewSessionTicket', {
      ticketLifetime: 100,
      ticketAgeAdd: 1,
      ticketNonce: none,
      ticket: Uint8Array.of(1),
      extensions: {},
      ...change,
    });

  test.each<readonly [string, () => Uint8Array]>([
    ['ServerHello', () => rawMessage(2, none)],
    ['EncryptedExtensions', () => messageBytes('EncryptedExtensions', { extensions: {} })],
    ['Finished', () => rawMessage(20, new Uint8Array(32))],
    ['HelloRequest', () => rawMessage(0, none)],
    ['CertificateRequest without offer', () => certificateRequest(Uint8Array.of(1))],
    ['an unknown message', () => rawMessage(77, none)],
  ])('%s is unexpected', (_, message) => {
    const { client, server } = established();
    server.handshake(message());
    converse(client, server);
    expectDeath(client, server, 'unexpected_post_handshake_message');
  });

  test('a late CertificateRequest without a context is refused', () => {
    const { client, server } = established({}, { postHandshakeAuth: true });
    server.handshake(certificateRequest());
    converse(client, server);
    expectDeath(client, server, 'bad_certificate_context');
  });

  test('a late CertificateRequest is answered with its context, by an empty list where there is nothing', () => {
    const { client, server } = established({}, { postHandshakeAuth: true });
    server.handshake(certificateRequest(Uint8Array.of(5)));
    converse(client, server);
    expect(client.errors).toEqual([]);
    const certificate = server.messages.find((message) => message.type === 11)!;
    expect(decodeBody('Certificate', certificate.bytes)).toMatchObject({
      certificateRequestContext: Uint8Array.of(5),
      certificateList: [],
    });
  });

  test('a ticket that lives longer than a week is refused', () => {
    const { client, server } = established();
    server.handshake(ticket({ ticketLifetime: 604_801 }));
    converse(client, server);
    expectDeath(client, server, 'bad_ticket');
  });

  test.each([51, 16, 43])('a ticket with extension %i, which belongs elsewhere, is refused', (type) => {
    const { client, server } = established();
    server.handshake(ticket({ extensions: raw(type) }));
    converse(client, server);
    expectDeath(client, server, 'forbidden_extension');
  });

  test('a flood of late CertificateRequests is refused', () => {
    const { client, server } = established({}, { postHandshakeAuth: true });
    for (let i = 0; i <= DEFAULT_LIMITS.lateRequests; i++)
      server.handshake(certificateRequest(Uint8Array.of(i)));
    converse(client, server);
    expectDeath(client, server, 'too_many_late_requests');
  });

  test('a ticket without life or without a taker is dropped, unknown extensions in it are ignored', () => {
    const sessions: unknown[] = [];
    const { client, server } = established({}, { onSession: (session) => void sessions.push(session) });
    server.handshake(ticket({ ticketLifetime: 0 }), ticket({ extensions: raw(0x1a1a) }));
    converse(client, server);
    expect([sessions.length, client.errors]).toEqual([1, []]);
  });

  test('a malformed ticket is decode_error', () => {
    const { client, server } = established();
    server.handshake(rawMessage(4, new Uint8Array(10)));
    converse(client, server);
    expectDeath(client, server, 'malformed_message');
  });

  test('what comes after the handshake is bounded by the length that a message announces (CVE-2023-39322)', () => {
    const { client, server } = established();
    server.record(ContentType.handshake, Uint8Array.of(4, 0xff, 0xff, 0xff));
    converse(client, server);
    expectDeath(client, server, 'message_too_long');
  });

  test('KeyUpdates are followed, and a request is answered', () => {
    const { client, server } = established();
    server.updateKey(0);
    server.applicationData('one');
    server.updateKey(1);
    server.applicationData('two');
    converse(client, server);
    client.connection.write(fromUtf8('answer'));
    converse(client, server);
    expect([client.text(), client.errors, server.unreadable]).toEqual(['onetwo', [], 0]);
    expect(server.messages.filter((message) => message.type === 24).length).toBe(1);
    expect(server.data.length).toBe(1);
  });

  test('many requests are answered with one KeyUpdate, before the next data goes out', () => {
    const { client, server } = established();
    for (let i = 0; i < 20; i++) server.updateKey(1);
    converse(client, server);
    client.connection.write(fromUtf8('a'));
    client.connection.write(fromUtf8('b'));
    converse(client, server);
    expect([client.errors, server.messages.filter((message) => message.type === 24).length]).toEqual([[], 1]);
    expect([server.data.length, server.unreadable]).toEqual([2, 0]);
  });

  test('a flood of KeyUpdates is refused (CVE-2026-56862)', () => {
    const { client, server } = established();
    for (let i = 0; i < 33; i++) server.updateKey(0);
    converse(client, server);
    expectDeath(client, server, 'too_many_key_updates');
  });

  test('data between KeyUpdates makes them no flood', () => {
    const { client, server } = established();
    for (let i = 0; i < 100; i++) {
      server.updateKey(0);
      server.applicationData('x');
    }
    converse(client, server);
    expect([client.errors, client.text().length]).toEqual([[], 100]);
  });

  test('several KeyUpdates in one record are refused and do not deadlock (CVE-2026-32283)', () => {
    const { client, server } = established();
    const update = messageBytes('KeyUpdate', { requestUpdate: 1 });
    server.handshake(update, update, update);
    converse(client, server);
    expectDeath(client, server, 'message_across_key_change');
  });

  test('a KeyUpdate with the beginning of another message behind it is refused', () => {
    const { client, server } = established();
    server.handshake(messageBytes('KeyUpdate', { requestUpdate: 0 }), Uint8Array.of(4));
    converse(client, server);
    expectDeath(client, server, 'message_across_key_change');
  });

  test.each([2, 255])('a KeyUpdate with the value %i is refused', (value) => {
    const { client, server } = established();
    server.handshake(messageBytes('KeyUpdate', { requestUpdate: value }));
    converse(client, server);
    expectDeath(client, server, 'bad_key_update');
  });

  test('an empty KeyUpdate, or one too long, is decode_error', () => {
    for (const body of [none, new Uint8Array(2)]) {
      const { client, server } = established();
      server.handshake(rawMessage(24, body));
      converse(client, server);
      expectDeath(client, server, 'malformed_message');
    }
  });

  test('data under the old key after a KeyUpdate is bad_record_mac', () => {
    const { client, server } = established();
    server.handshake(messageBytes('KeyUpdate', { requestUpdate: 0 }));
    server.applicationData('old');
    converse(client, server);
    expectDeath(client, server, 'bad_record_mac');
  });
});

describe('pre-shared keys', () => {
  const externalPsks = [
    { identity: fromUtf8('me'), key: new Uint8Array(32).fill(3), hash: 'sha256' },
  ] as const;
  const chooses = (
    change: Record<string, unknown>,
    suite: number = Suite.TLS_AES_128_GCM_SHA256,
  ): ServerScript => ({
    suite,
    order: () => ['ServerHello'],
    edit: { ServerHello: extend('ServerHello', change) },
  });

  test('an index that was not offered is refused', () => {
    refuses('psk_index_out_of_range', chooses({ preSharedKey: 1 }), { externalPsks });
  });

  test('a suite of another hash than the key has is refused', () => {
    refuses('psk_hash_mismatch', chooses({ preSharedKey: 0 }, Suite.TLS_AES_256_GCM_SHA384), {
      externalPsks,
    });
  });

  test('a key without (EC)DHE is refused where only both together were offered', () => {
    refuses('missing_extension', chooses({ preSharedKey: 0, keyShare: undefined }), { externalPsks });
  });

  test('a server that chooses a key that it does not know cannot go on', () => {
    const { client, server } = meet(
      { edit: { ServerHello: extend('ServerHello', { preSharedKey: 0 }) } },
      { externalPsks },
    );
    converse(client, server);
    expect(client.errors.map((error) => error.code)).toEqual(['bad_record_mac']);
    expect(client.summaries).toEqual([]);
  });

  const session: Session = {
    version: 0x0304,
    cipherSuite: Suite.TLS_AES_128_GCM_SHA256,
    psk: new Uint8Array(32).fill(1),
    ticket: fromUtf8('ticket'),
    lifetime: 1000,
    ageAdd: 0,
    receivedAt: 0,
    authenticatedAt: 0,
    trust: null,
    presented: null,
    maxEarlyData: 100,
    serverName: 'localhost',
    alpn: null,
    peerChain: [],
    peerRawKey: null,
  };

  test('early data cannot be accepted without the key that it went under', () => {
    const { client, server } = meet(
      { edit: { EncryptedExtensions: extend('EncryptedExtensions', { earlyData: true }) } },
      { session, replayableEarlyData: fromUtf8('GET /') },
    );
    converse(client, server);
    expect(client.errors.map((error) => error.code)).toEqual(['early_data_mismatch']);
    expect(client.summaries).toEqual([]);
  });

  test('a session that the server does not know leads to a full handshake with its proof', () => {
    const { client } = established({}, { session });
    expect(client.summaries[0]?.resumed).toBe(false);
    refuses('bad_signature', { credential: { chain: p256.chain, key: other.key } }, { session });
  });
});

describe('raw public keys', () => {
  const types: Partial<ClientConfig> = { certificateTypes: { peer: ['raw_public_key'] } };
  const bare = (key = p256.key): ServerScript => ({
    credential: { chain: [key.spki], key: p256.key },
    edit: { EncryptedExtensions: extend('EncryptedExtensions', { serverCertificateType: 2 }) },
  });

  test('one that the caller trusts is enough', () => {
    const seen: unknown[] = [];
    const verifyPeer = (peer: { rawPublicKey: Uint8Array | null }) => {
      seen.push(peer.rawPublicKey);
      return { trusted: true } as const;
    };
    established(bare(), { ...types, verifyPeer });
    expect(seen).toEqual([p256.key.spki]);
  });

  test('one that the caller does not trust is refused (CVE-2024-12797)', () => {
    refuses('certificate_refused', bare(), {
      ...types,
      verifyPeer: () => ({ trusted: false, code: 'certificate_refused' }),
    });
  });

  test('one of another key is decrypt_error', () => {
    refuses('bad_signature', bare(other.key), types);
  });

  test('an X.509 certificate where only raw keys were offered is refused', () => {
    refuses('unoffered_certificate_type', {}, types);
  });

  test('two raw keys, or what is no key, are refused', () => {
    const list = (...data: readonly Uint8Array[]): ServerScript => ({
      ...bare(),
      edit: {
        ...bare().edit,
        Certificate: alter('Certificate', (body) => ({
          ...body,
          certificateList: data.map((certData) => ({ certData, extensions: {} })),
        })),
      },
    });
    refuses('illegal_field', list(p256.key.spki, p256.key.spki), types);
    for (const data of [fromHex('3000'), p256.chain[0]!]) refuses('malformed_certificate', list(data), types);
  });
});
