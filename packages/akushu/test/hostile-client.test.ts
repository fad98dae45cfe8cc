/** What a client may do wrong in a TLS 1.3 handshake, and how our server takes it: each with its alert. */
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, fromHex, fromUtf8 } from '../src/bytes/index.js';
import { nodeProvider as provider } from '../src/crypto/node.js';
import type { ErrorCode } from '../src/errors.js';
import { type Credential, DEFAULT_LIMITS, type ServerConfig } from '../src/handshake/index.js';
import { EarlySecret } from '../src/keys/index.js';
import { type Extensions, messageBytes } from '../src/messages/index.js';
import { ContentType, Group, Scheme, Suite, Version } from '../src/registry/index.js';
import { SelfEncryptedTickets } from '../src/session/index.js';
import { credential, trustAll } from './support/credentials.js';
import { End } from './support/pair.js';
import {
  alter,
  type ClientScript,
  extend,
  raw,
  rawMessage,
  ScriptedClient,
  type ScriptedPeer,
} from './support/scripted-peer.js';
import { converse, expectDeath } from './support/verdict.js';

let p256: Credential;
let other: Credential;
beforeAll(async () => {
  p256 = await credential();
  other = await credential('P-256', 'other.example');
});

const none = new Uint8Array(0);

function meet(script: ClientScript = {}, more: Partial<ServerConfig> = {}) {
  const server = new End('server', {
    provider,
    groups: [Group.x25519, Group.secp256r1],
    credentials: [p256],
    verifyPeer: trustAll,
    ...more,
  });
  const client = new ScriptedClient(script);
  server.connection.start();
  client.start();
  return { client, server };
}

function refuses(code: ErrorCode, script: ClientScript, more: Partial<ServerConfig> = {}): void {
  const { client, server } = meet(script, more);
  converse(server, client);
  expectDeath(server, client, code);
  expect(server.summaries).toEqual([]);
}

function established(script: ClientScript = {}, more: Partial<ServerConfig> = {}) {
  const both = meet(script, more);
  converse(both.server, both.client);
  expect(both.server.errors).toEqual([]);
  expect(both.server.summaries.length).toBe(1);
  return both;
}

test('an honest client is served, and data flows', () => {
  const { client, server } = established();
  client.applicationData('up');
  server.connection.write(fromUtf8('down'));
  converse(server, client);
  expect([server.text(), client.data.length]).toEqual(['up', 1]);
});

describe('ClientHello', () => {
  test.each<readonly [string, ErrorCode, ClientScript]>([
    ['no shared suite', 'no_shared_cipher_suite', { hello: { cipherSuites: [0xc02f, 0x1a1a] } }],
    ['a compression method', 'compression_offered', { hello: { legacyCompressionMethods: [0, 1] } }],
    ['compression only', 'compression_offered', { hello: { legacyCompressionMethods: [1] } }],
    [
      'no extensions at all, so of TLS 1.2, and a suite of 1.3',
      'no_shared_cipher_suite',
      { hello: { extensions: undefined } },
    ],
    [
      'no version that we speak',
      'no_shared_version',
      { extensions: { supportedVersions: [0x0302, 0x0301] } },
    ],
    ['only GREASE versions', 'no_shared_version', { extensions: { supportedVersions: [0x1a1a] } }],
    ['legacy_version SSL 3.0', 'no_shared_version', { hello: { legacyVersion: 0x0300 } }],
    [
      'no shared group',
      'no_shared_group',
      { extensions: { supportedGroups: [0x1a1a, Group.secp521r1], keyShare: [] } },
    ],
    [
      'key_share but no supported_groups',
      'missing_extension',
      { extensions: { supportedGroups: undefined } },
    ],
    ['supported_groups but no key_share', 'missing_extension', { extensions: { keyShare: undefined } }],
    [
      'neither groups nor PSK',
      'missing_extension',
      { extensions: { supportedGroups: undefined, keyShare: undefined } },
    ],
    ['no signature_algorithms', 'missing_extension', { extensions: { signatureAlgorithms: undefined } }],
    [
      'no scheme for our key',
      'no_shared_signature_scheme',
      { extensions: { signatureAlgorithms: [Scheme.ed25519] } },
    ],
    [
      'only PKCS#1 v1.5',
      'no_shared_signature_scheme',
      { extensions: { signatureAlgorithms: [Scheme.rsa_pkcs1_sha256] } },
    ],
    [
      'a share outside of its groups',
      'key_share_not_in_groups',
      { extensions: { supportedGroups: [Group.secp256r1] } },
    ],
    ['a cookie that nobody gave it', 'bad_cookie', { extensions: { cookie: Uint8Array.of(1) } }],
    [
      'oid_filters, which belong elsewhere',
      'forbidden_extension',
      { extensions: raw(48, fromHex('0000')) as Extensions<'CH'> },
    ],
    ['a record_size_limit below 64', 'bad_record_size_limit', { extensions: { recordSizeLimit: 63 } }],
    [
      'a malformed unknown-to-others extension',
      'malformed_message',
      { extensions: raw(49, fromHex('00')) as Extensions<'CH'> },
    ],
  ])('with %s is refused', (_, code, script) => {
    refuses(code, script, { recordSizeLimit: 1000 });
  });

  test.each<readonly [string, ClientScript]>([
    ['no extensions at all', { hello: { extensions: undefined } }],
    ['no supported_versions', { extensions: { supportedVersions: undefined } }],
    ['older versions only', { extensions: { supportedVersions: [0x0303, 0x0302] } }],
  ])('with %s is refused by a server of TLS 1.3 alone', (_, script) => {
    refuses('no_shared_version', script, { versions: [Version['TLSv1.3']] });
  });

  test('with ALPN of which nothing is shared is no_application_protocol, unless the server is lenient', () => {
    const script: ClientScript = { extensions: { alpn: [fromUtf8('spdy/3')] } };
    refuses('no_shared_alpn', script, { alpn: ['h2'] });
    const { server } = established(script, { alpn: ['h2'], strictAlpn: false });
    expect(server.summaries[0]?.alpn).toBeNull();
  });

  test('with an unknown name is unrecognized_name where the server is strict', () => {
    const script: ClientScript = {
      extensions: { serverName: [{ tag: 0, kind: 'host_name', value: fromUtf8('else.example') }] },
    };
    refuses('unrecognized_server_name', script, { unknownServerName: 'refuse' });
    established(script);
  });

  test('with early_data but no PSK is served without it', () => {
    const { server } = established({ extensions: { earlyData: true } });
    expect(server.summaries[0]?.earlyDataAccepted).toBe(false);
  });

  test.each(['a\0b', 'ä.example', 'example.com.', 'x y'])(
    'with the name %j, which no DNS has, is refused',
    (name) => {
      refuses('bad_server_name', {
        extensions: { serverName: [{ tag: 0, kind: 'host_name', value: fromUtf8(name) }] },
      });
    },
  );

  test('with two shares for one group is refused', () => {
    refuses('duplicate_key_share', {
      edit: {
        ClientHello: (message) =>
          alter('ClientHello', (body) => ({
            ...body,
            extensions: {
              ...body.extensions,
              keyShare: [...body.extensions!.keyShare!, ...body.extensions!.keyShare!],
            },
          }))(message),
      },
    });
  });

  test('in which an extension stands twice is refused', () => {
    refuses('duplicate_extension', {
      extensions: raw(0x1234) as Extensions<'CH'>,
      edit: {
        ClientHello: (message) => {
          const twice = concat(message, message.subarray(message.length - 4));
          const at = 4 + 2 + 32 + 33 + 4 + 2;
          for (const [place, size] of [
            [2, twice.length - 4],
            [at, twice.length - at - 2],
          ] as const) {
            twice[place] = size >> 8;
            twice[place + 1] = size & 0xff;
          }
          return twice;
        },
      },
    });
  });

  test('of every length shorter than it says is decode_error', () => {
    const { client } = meet();
    const whole = client.take().subarray(5);
    for (let length = 0; length < whole.length - 4; length += 3) {
      const { client: peer, server } = meet();
      peer.take();
      peer.handshake(rawMessage(1, whole.subarray(4, 4 + length)));
      converse(server, peer);
      const ended = length === 2 + 32 + 33 + 4 + 2;
      expectDeath(server, peer, ended ? 'no_shared_version' : 'malformed_message');
    }
  });

  test('one byte to a record is understood (RUSTSEC-2024-0399)', () => {
    const { server } = established({ fragment: 1 });
    expect(server.summaries[0]?.cipherSuite.iana).toBe('TLS_AES_128_GCM_SHA256');
  });

  test('one byte to a record and one byte at a time is understood', () => {
    const { client, server } = meet({ fragment: 1 });
    converse(server, client, 1);
    expect([server.errors, server.summaries.length]).toEqual([[], 1]);
  });

  test('a second time in place of what should follow is refused', () => {
    const { client, server } = meet({ edit: { ClientHello: (message) => [message, message] } });
    converse(server, client);
    expect(server.errors.map((error) => error.code)).toEqual(['message_across_key_change']);
  });

  test('that announces more than a message may have is refused at its header', () => {
    const { client, server } = meet();
    client.take();
    client.record(ContentType.handshake, Uint8Array.of(1, 1, 0, 1));
    converse(server, client);
    expectDeath(server, client, 'message_too_long');
  });

  test.each<readonly [string, string]>([
    ['zero', '00'.repeat(32)],
    ['one', `01${'00'.repeat(31)}`],
    ['a point of order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
    ['p - 1', `ec${'ff'.repeat(30)}7f`],
  ])('with an x25519 share that is %s is refused', (_, share) => {
    refuses('bad_key_share', {
      extensions: { keyShare: [{ group: Group.x25519, keyExchange: fromHex(share) }] },
    });
  });

  test.each<readonly [string, number, Uint8Array]>([
    ['a P-256 share off the curve', Group.secp256r1, concat(Uint8Array.of(4), new Uint8Array(64).fill(1))],
    ['a P-256 share of the wrong length', Group.secp256r1, new Uint8Array(64).fill(4)],
    ['an empty-looking hybrid share', Group.X25519MLKEM768, new Uint8Array(1216)],
    ['a short hybrid share', Group.X25519MLKEM768, new Uint8Array(32)],
    ['an ffdhe2048 share of 1', Group.ffdhe2048, concat(new Uint8Array(255), Uint8Array.of(1))],
    ['an ffdhe2048 share of 0', Group.ffdhe2048, new Uint8Array(256)],
  ])('with %s is refused', (_, group, keyExchange) => {
    refuses(
      'bad_key_share',
      { groups: [group], extensions: { keyShare: [{ group, keyExchange }] } },
      { groups: [group] },
    );
  });

  test('with GREASE in every list is served', () => {
    established({
      groups: [0x2a2a, Group.x25519],
      hello: { cipherSuites: [0x1a1a, Suite.TLS_AES_128_GCM_SHA256] },
      extensions: {
        supportedVersions: [0x3a3a, 0x0304],
        signatureAlgorithms: [0x4a4a, Scheme.ecdsa_secp256r1_sha256],
        pskKeyExchangeModes: [0x0b, 1],
        alpn: [Uint8Array.of(0x5a, 0x5a), fromUtf8('h2')],
        ...(raw(0x6a6a) as object),
      },
    });
  });
});

describe('the groups that both sides have', () => {
  const both = { groups: [Group.secp256r1, Group.x25519] };

  test('the order of the server counts, at the price of a retry, and is not lost (CVE-2026-2673)', () => {
    const { server, client } = established(
      { shares: [Group.x25519], groups: [Group.x25519, Group.secp256r1] },
      both,
    );
    expect(server.summaries[0]?.group?.iana).toBe('secp256r1');
    expect(server.summaries[0]?.why.group?.reason).toBe('first_shared_in_server_order');
    expect(client.messages.filter((message) => message.type === 2).length).toBe(2);
  });

  test('the order of the client counts where the server says so', () => {
    const { server } = established(
      { shares: [Group.x25519], groups: [Group.x25519, Group.secp256r1] },
      { ...both, preference: 'client' },
    );
    expect(server.summaries[0]?.group?.iana).toBe('x25519');
  });
});

describe('second ClientHello', () => {
  const retry = { groups: [Group.secp256r1] };
  const script: ClientScript = { shares: [Group.x25519], groups: [Group.x25519, Group.secp256r1] };

  test('with the share wanted is served', () => {
    const { server } = established(script, retry);
    expect(server.summaries[0]?.group?.iana).toBe('secp256r1');
  });

  test('with the cookie wanted is served', () => {
    established(script, { requireCookie: true });
    established(script, { ...retry, requireCookie: true });
  });

  test.each<readonly [string, ErrorCode, Extensions<'CH'>]>([
    ['another cookie', 'bad_cookie', { cookie: Uint8Array.of(1, 2, 3) }],
    ['no cookie', 'bad_cookie', { cookie: undefined }],
    ['early data', 'early_data_mismatch', { earlyData: true }],
    ['other schemes', 'hello_changed_after_retry', { signatureAlgorithms: [Scheme.ecdsa_secp256r1_sha256] }],
    ['other groups', 'hello_changed_after_retry', { supportedGroups: [Group.secp256r1] }],
    [
      'another name',
      'hello_changed_after_retry',
      { serverName: [{ tag: 0, kind: 'host_name', value: fromUtf8('b') }] },
    ],
    ['one protocol more', 'hello_changed_after_retry', { alpn: [fromUtf8('h2')] }],
    ['an unknown extension more', 'hello_changed_after_retry', raw(0x1234) as Extensions<'CH'>],
    ['no share', 'hello_changed_after_retry', { keyShare: [] }],
  ])('with %s is refused', (title, code, secondExtensions) => {
    const { client, server } = meet(
      { ...script, secondExtensions },
      { ...retry, makeCookie: () => Uint8Array.of(7) },
    );
    converse(server, client);
    // Early data without a PSK is wrong already by itself.
    expectDeath(server, client, title === 'early data' ? 'early_data_mismatch' : code);
  });

  test.each<readonly [string, (message: Uint8Array) => Uint8Array]>([
    ['another random', alter('ClientHello', (body) => ({ ...body, random: new Uint8Array(32) })) as never],
    ['another session id', alter('ClientHello', (body) => ({ ...body, legacySessionId: none })) as never],
    [
      'other suites',
      alter('ClientHello', (body) => ({ ...body, cipherSuites: [...body.cipherSuites, 0x1303] })) as never,
    ],
  ])('with %s is refused', (_, edit) => {
    refuses('hello_changed_after_retry', { ...script, edit: { SecondClientHello: edit } }, retry);
  });

  test('still with the share of the first is refused', () => {
    refuses(
      'hello_changed_after_retry',
      {
        ...script,
        edit: {
          SecondClientHello: extend('ClientHello', {
            keyShare: [{ group: Group.x25519, keyExchange: new Uint8Array(32).fill(9) }],
          }),
        },
      },
      retry,
    );
  });

  test('may add or change padding, and come in another order', () => {
    established({ ...script, secondExtensions: { padding: new Uint8Array(9) } }, retry);
  });

  test('replaced by something else is refused', () => {
    refuses(
      'unexpected_message',
      { ...script, edit: { SecondClientHello: () => rawMessage(20, new Uint8Array(32)) } },
      retry,
    );
  });
});

describe('pre-shared keys', () => {
  const psk = { identity: fromUtf8('me'), key: new Uint8Array(32).fill(3), hash: 'sha256' } as const;
  const offered = (binder: Uint8Array = new Uint8Array(32)): Extensions<'CH'> => ({
    pskKeyExchangeModes: [1],
    preSharedKey: { identities: [{ identity: psk.identity, obfuscatedTicketAge: 0 }], binders: [binder] },
  });
  const knows: Partial<ServerConfig> = { externalPsks: [psk] };

  test('pre_shared_key that is not last is refused', () => {
    refuses(
      'psk_not_last',
      {
        extensions: {
          ...offered(),
          order: [43, 10, 13, 51, 45, 41],
          unknown: [{ type: 0x1234, data: none }],
        },
        edit: {
          ClientHello: alter('ClientHello', (body) => ({
            ...body,
            extensions: { ...body.extensions, order: [43, 10, 13, 51, 45, 41, 0x1234] },
          })),
        },
      },
      knows,
    );
  });

  test.each<readonly [string, Uint8Array]>([
    ['zeros', new Uint8Array(32)],
    ['too long', new Uint8Array(48)],
  ])('a binder of %s for a known identity is decrypt_error', (_, binder) => {
    refuses('bad_psk_binder', { extensions: offered(binder) }, knows);
  });

  test('a binder of which a bit was changed is decrypt_error', () => {
    const sign = (message: Uint8Array) => {
      const signed = message.slice();
      const hash = provider.digest('sha256', message.subarray(0, message.length - 35));
      signed.set(
        EarlySecret.from(provider, 'sha256', psk.key).binder('ext binder', hash),
        message.length - 32,
      );
      return signed;
    };
    refuses(
      'bad_psk_binder',
      {
        extensions: offered(),
        edit: {
          ClientHello(message) {
            const signed = sign(message);
            signed[signed.length - 1]! ^= 1;
            return signed;
          },
        },
      },
      knows,
    );
    // The same without the changed bit is taken: our scripted client cannot go on from there, but gets a ServerHello.
    const { client, server } = meet({ extensions: offered(), edit: { ClientHello: sign } }, knows);
    server.connection.receive(client.take());
    expect([server.errors, server.connection.isDead]).toEqual([[], false]);
  });

  test('an identity that is not known leads to a full handshake, whatever its binder says', () => {
    const { server } = established({ extensions: offered() });
    expect(server.summaries[0]?.resumed).toBe(false);
    expect(server.summaries[0]?.why.psk?.alternatives).toEqual([
      { value: 'identity 0', reason: 'unknown_value' },
    ]);
  });

  test('modes are mandatory with pre_shared_key', () => {
    refuses('psk_modes_missing', { extensions: { ...offered(), pskKeyExchangeModes: undefined } }, knows);
  });

  test('as many binders as identities are mandatory', () => {
    refuses('psk_binder_count', {
      extensions: {
        ...offered(),
        preSharedKey: {
          identities: [{ identity: psk.identity, obfuscatedTicketAge: 0 }],
          binders: [new Uint8Array(32), new Uint8Array(32)],
        },
      },
    });
  });

  test('thousands of identities are looked at in part only', () => {
    let asked = 0;
    const identities = Array.from({ length: 1000 }, (_, i) => ({
      identity: Uint8Array.of(i >> 8, i & 0xff),
      obfuscatedTicketAge: 0,
    }));
    established(
      {
        extensions: {
          pskKeyExchangeModes: [1],
          preSharedKey: { identities, binders: identities.map(() => new Uint8Array(32)) },
        },
      },
      {
        findPsk: () => {
          asked++;
          return null;
        },
      },
    );
    expect(asked).toBeLessThanOrEqual(16);
  });
});

describe('records before the handshake is done', () => {
  test('ChangeCipherSpec before the ClientHello is refused (CVE-2014-0224)', () => {
    const { client, server } = meet();
    const hello = client.take();
    client.changeCipherSpec();
    client.bytes(hello);
    converse(server, client);
    expectDeath(server, client, 'bad_change_cipher_spec');
  });

  test('ChangeCipherSpec between ClientHello and Finished is dropped, after it refused', () => {
    const { client, server } = meet({
      before: { Finished: () => client.changeCipherSpec() },
      after: { ClientHello: (peer) => peer.changeCipherSpec() },
    });
    converse(server, client);
    expect([server.errors, server.summaries.length]).toEqual([[], 1]);
    client.changeCipherSpec();
    converse(server, client);
    expectDeath(server, client, 'bad_change_cipher_spec');
  });

  test('a flood of ChangeCipherSpec is refused', () => {
    const { client, server } = meet({
      before: {
        Finished() {
          for (let i = 0; i < 40; i++) client.changeCipherSpec();
        },
      },
    });
    converse(server, client);
    expectDeath(server, client, 'bad_change_cipher_spec');
  });

  test('application data before the ClientHello is refused', () => {
    const { client, server } = meet();
    client.take();
    client.plain(ContentType.application_data, new Uint8Array(40));
    converse(server, client);
    expectDeath(server, client, 'unexpected_application_data');
  });

  test('application data before Finished is refused, though it is rightly encrypted', () => {
    const { client, server } = meet({ before: { Finished: () => client.applicationData('early') } });
    converse(server, client);
    expectDeath(server, client, 'unexpected_application_data');
    expect(server.received).toEqual([]);
  });

  test('a heartbeat record is refused (CVE-2014-0160)', () => {
    const { client, server } = meet();
    client.take();
    client.plain(24, fromHex('014000'));
    converse(server, client);
    expectDeath(server, client, 'unknown_record_type');
  });

  test('an HTTP request is told apart from TLS', () => {
    const { client, server } = meet();
    client.take();
    client.bytes(fromUtf8('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'));
    converse(server, client);
    expectDeath(server, client, 'not_tls_http');
  });

  test('a plaintext alert of a client that could not read our hello is heard, later ones are not', () => {
    const { client, server } = meet({ order: (steps) => (steps[0] === 'ClientHello' ? steps : []) });
    server.connection.receive(client.take());
    client.plain(ContentType.alert, Uint8Array.of(2, 47));
    server.connection.receive(client.take());
    expect(server.errors.map((error) => [error.code, error.alert])).toEqual([
      ['peer_alert', 'illegal_parameter'],
    ]);
    const later = established();
    later.client.plain(ContentType.alert, Uint8Array.of(2, 47));
    converse(later.server, later.client);
    expectDeath(later.server, later.client, 'unencrypted_record');
  });

  test('close_notify in the middle of the handshake ends it and does not loop (RUSTSEC-2024-0336)', () => {
    for (const step of ['Finished', 'ClientHello']) {
      const { client, server } = meet({
        before: { [step]: () => step === 'Finished' && client.alert(1, 0) },
      });
      if (step === 'ClientHello') {
        client.take();
        client.alert(1, 0);
      }
      converse(server, client);
      expectDeath(server, client, 'closed_during_handshake');
    }
  });

  test('handshake messages in the clear once there are keys are refused', () => {
    const { client, server } = meet({
      edit: { Finished: () => null },
      before: { Finished: (peer) => peer.plain(ContentType.handshake, rawMessage(20, new Uint8Array(32))) },
    });
    converse(server, client);
    expectDeath(server, client, 'unencrypted_record');
  });
});

describe('the flight of the client', () => {
  test.each([0, 31])('a Finished wrong in byte %i is decrypt_error', (at) => {
    refuses('bad_finished', {
      edit: {
        Finished: alter('Finished', ({ verifyData }) => {
          const changed = verifyData.slice();
          changed[at]! ^= 1;
          return { verifyData: changed };
        }),
      },
    });
  });

  test('application data under the application keys without a Finished cannot be read', () => {
    const { client, server } = meet({
      edit: { Finished: () => null },
      after: { ApplicationKeys: () => client.applicationData('x') },
    });
    converse(server, client);
    expectDeath(server, client, 'bad_record_mac');
  });

  test('a message behind Finished in its record is refused', () => {
    refuses('message_across_key_change', {
      edit: { Finished: (message) => [message, messageBytes('KeyUpdate', { requestUpdate: 0 })] },
    });
  });

  test('a certificate that nobody asked for is refused', () => {
    refuses('unexpected_message', {
      edit: { Finished: (message) => [rawMessage(11, fromHex('00000000')), message] },
    });
  });
});

describe('authentication of the client', () => {
  const require: Partial<ServerConfig> = { clientAuth: 'require' };

  test('a client with a certificate is known by it', () => {
    const { server } = established({ credential: other }, require);
    expect(server.summaries[0]?.peerCertificates).toEqual(other.chain);
  });

  test('an empty certificate is enough where one was asked for, and certificate_required where it was required', () => {
    established({ credential: null }, { clientAuth: 'request' });
    refuses('no_peer_certificate', { credential: null }, require);
  });

  test('skipping Certificate and CertificateVerify is refused (SMACK)', () => {
    refuses(
      'unexpected_message',
      { credential: other, edit: { Certificate: () => null, CertificateVerify: () => null } },
      require,
    );
  });

  test('a chain that does not fit into a ticket costs the ticket, not the connection', () => {
    const chain = [...other.chain, ...Array.from({ length: 9 }, () => new Uint8Array(8000))];
    const { server } = established(
      { credential: { ...other, chain }, extensions: { pskKeyExchangeModes: [1] } },
      { ...require, tickets: new SelfEncryptedTickets(provider) },
    );
    expect(server.connection.isDead).toBe(false);
  });

  test('skipping CertificateVerify is refused', () => {
    refuses('unexpected_message', { credential: other, edit: { CertificateVerify: () => null } }, require);
  });

  test('a CertificateVerify by another key is decrypt_error', () => {
    refuses('bad_signature', { credential: { chain: other.chain, key: p256.key } }, require);
  });

  test('a CertificateVerify after an empty certificate is refused', () => {
    refuses(
      'unexpected_message',
      {
        credential: other,
        edit: { Certificate: alter('Certificate', (body) => ({ ...body, certificateList: [] })) },
      },
      { clientAuth: 'request' },
    );
  });

  test('another context than that of the request is refused', () => {
    refuses(
      'bad_certificate_context',
      {
        credential: other,
        edit: {
          Certificate: alter('Certificate', (body) => ({
            ...body,
            certificateRequestContext: Uint8Array.of(1),
          })),
        },
      },
      require,
    );
  });

  test('a scheme not asked for is refused', async () => {
    const credentials = [await credential('Ed25519')];
    refuses(
      'unoffered_signature_scheme',
      { credential: other },
      { ...require, credentials, signatureSchemes: [Scheme.ed25519] },
    );
  });

  test('a certificate that is not trusted is refused with the alert of the verdict', () => {
    refuses(
      'unknown_ca',
      { credential: other },
      { ...require, verifyPeer: () => ({ trusted: false, code: 'unknown_ca' }) },
    );
  });
});

describe('after the handshake', () => {
  test.each<readonly [string, () => Uint8Array]>([
    ['a NewSessionTicket', () => rawMessage(4, none)],
    ['a ClientHello, which would be a renegotiation', () => rawMessage(1, none)],
    ['a Certificate', () => rawMessage(11, fromHex('00000000'))],
    ['a Finished', () => rawMessage(20, new Uint8Array(32))],
    ['an unknown message', () => rawMessage(88, none)],
  ])('%s is unexpected', (_, message) => {
    const { client, server } = established();
    client.handshake(message());
    converse(server, client);
    expectDeath(server, client, 'unexpected_post_handshake_message');
  });

  test('a flood of KeyUpdates is refused, with and without requests (CVE-2026-56862)', () => {
    for (const request of [0, 1]) {
      const { client, server } = established();
      for (let i = 0; i <= DEFAULT_LIMITS.keyUpdates; i++) client.updateKey(request);
      converse(server, client);
      expectDeath(server, client, 'too_many_key_updates');
    }
  });

  test('several KeyUpdates in one record are refused and do not deadlock (CVE-2026-32283)', () => {
    const { client, server } = established();
    const update = messageBytes('KeyUpdate', { requestUpdate: 1 });
    client.handshake(update, update);
    converse(server, client);
    expectDeath(server, client, 'message_across_key_change');
  });

  test('messages are kept no longer than they announce (CVE-2023-39322)', () => {
    const { client, server } = established();
    client.record(ContentType.handshake, Uint8Array.of(24, 0xff, 0xff, 0xff));
    converse(server, client);
    expectDeath(server, client, 'message_too_long');
  });

  test('asking for a certificate that the client did not offer is a mistake of the caller', () => {
    const { server } = established();
    expect(() => server.connection.requestClientCertificate()).toThrow(/did not offer/);
  });
});

describe('early data', () => {
  const early: Extensions<'CH'> = {
    earlyData: true,
    pskKeyExchangeModes: [1],
    preSharedKey: {
      identities: [{ identity: fromUtf8('gone'), obfuscatedTicketAge: 0 }],
      binders: [new Uint8Array(32)],
    },
  };
  const junk = (client: ScriptedPeer, count: number, size = 100): void => {
    for (let i = 0; i < count; i++) client.plain(ContentType.application_data, new Uint8Array(size).fill(i));
  };

  test('that is refused is skipped, and the handshake goes on', () => {
    const { client, server } = meet({ extensions: early, after: { ClientHello: (peer) => junk(peer, 10) } });
    converse(server, client);
    expect([server.errors, server.summaries.length, server.received.length]).toEqual([[], 1, 0]);
  });

  test('that is refused is skipped up to a bound', () => {
    const { client, server } = meet({ extensions: early, after: { ClientHello: (peer) => junk(peer, 200) } });
    converse(server, client);
    expectDeath(server, client, 'too_much_skipped_data');
  });

  test('before a retry is skipped, and refused afterwards', () => {
    const script: ClientScript = {
      extensions: early,
      secondExtensions: { earlyData: undefined },
      shares: [Group.x25519],
      groups: [Group.x25519, Group.secp256r1],
    };
    const more = { groups: [Group.secp256r1] };
    const { client, server } = meet({ ...script, after: { ClientHello: (peer) => junk(peer, 10) } }, more);
    converse(server, client);
    expect([server.errors, server.summaries.length]).toEqual([[], 1]);
    const later = meet({ ...script, after: { SecondClientHello: (peer) => junk(peer, 1) } }, more);
    converse(later.server, later.client);
    expectDeath(later.server, later.client, 'bad_record_mac');
  });

  test('that nobody announced is bad_record_mac', () => {
    const { client, server } = meet({ before: { Finished: () => junk(client, 1) } });
    converse(server, client);
    expectDeath(server, client, 'bad_record_mac');
  });
});
