/** What a capture of our own connections gives with secrets: all bytes, whatever protects them. */
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, fromUtf8 } from '../src/bytes/index.js';
import { nodeProvider } from '../src/crypto/node.js';
import { portableProvider } from '../src/crypto/portable.js';
import type { PrivateKey } from '../src/crypto/provider.js';
import type { ClientConfig, ServerConfig } from '../src/handshake/index.js';
import type { ClientHello } from '../src/messages/index.js';
import { cipherSuiteName, Group, Suite, Version } from '../src/registry/index.js';
import { SelfEncryptedTickets, type Session } from '../src/session/index.js';
import { client, codes, makeCredentials, own, server, V10, V11, V12 } from './support/pairs12.js';
import { captureOf, WatchedPair, watch } from './support/watched.js';

beforeAll(makeCredentials);

const V13 = [Version['TLSv1.3']];
const psk = { identity: fromUtf8('somebody'), key: new Uint8Array(32).fill(7), hash: 'sha256' as const };

function meet(ours: Partial<ClientConfig> = {}, theirs: Partial<ServerConfig> = {}): WatchedPair {
  const pair = new WatchedPair(client(ours), server(theirs));
  pair.pump();
  expect([codes(pair.client), codes(pair.server)]).toEqual([[], []]);
  return pair;
}

/** Says something both ways. */
function talk(pair: WatchedPair, words = ''): WatchedPair {
  pair.client.connection.write(fromUtf8(`ping${words}`));
  pair.pump();
  pair.server.connection.write(fromUtf8(`pong${words}`));
  pair.pump();
  return pair;
}

/** A hello without these extensions. */
const without =
  (...keys: readonly ('encryptThenMac' | 'extendedMasterSecret')[]) =>
  (hello: ClientHello): ClientHello => {
    const extensions = { ...hello.extensions };
    for (const key of keys) delete extensions[key];
    return { ...hello, extensions } as ClientHello;
  };

const both = (more: object): [Partial<ClientConfig>, Partial<ServerConfig>] => [more, more];

describe('a key log opens', () => {
  test.each([
    [V13, Suite.TLS_AES_128_GCM_SHA256],
    [V13, Suite.TLS_AES_256_GCM_SHA384],
    [V13, Suite.TLS_CHACHA20_POLY1305_SHA256],
    [V13, Suite.TLS_AES_128_CCM_SHA256],
    [V13, Suite.TLS_AES_128_CCM_8_SHA256],
    [V12, Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256],
    [V12, Suite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384],
    [V12, Suite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256],
    [V12, Suite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA],
    [V12, 0xc0ac],
    [V12, 0xc027],
    [V12, 0x009e],
    [V12, 0x003c],
    [V12, 0x003b],
    [V11, Suite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA],
    [V11, 0x000a],
    [V10, Suite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA],
    [V10, 0x0002],
    [V10, 0x0033],
  ] as const)('records of %j with suite %i', async (versions, code) => {
    const pair = talk(meet(...both({ versions, cipherSuites: [code] })));
    pair.client.connection.close();
    pair.pump();
    const { connections, text } = await watch(pair.capture(), { keyLog: pair.client.keyLog.join('\n') });
    expect(text).toEqual({ client: 'ping', server: 'pong' });
    const { tls, problems } = connections[0]!;
    expect(problems).toEqual([]);
    expect(cipherSuiteName(tls!.negotiated.cipherSuite!)).toBe(cipherSuiteName(code));
    expect(tls!.negotiated.version).toBe(versions[0]);
    expect(tls!.finished).toEqual({ client: true, server: true });
    expect(tls!.closeNotify.client).toBe(true);
    expect(tls!.decryption).toMatchObject({
      client: { outcome: 'decrypted', sources: ['key_log'] },
      server: { outcome: 'decrypted', sources: ['key_log'] },
    });
  });

  test('encrypt-then-MAC as well as MAC inside, with the extended master secret and without', async () => {
    const cipherSuites = [Suite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA];
    for (const missing of [[], ['encryptThenMac'], ['encryptThenMac', 'extendedMasterSecret']] as const) {
      const pair = talk(meet({ cipherSuites, shapeHello: without(...missing) }, { cipherSuites }));
      const { text, connections } = await watch(pair.capture(), { keyLog: pair.client.keyLog });
      expect(text).toEqual({ client: 'ping', server: 'pong' });
      expect(connections[0]!.tls!.negotiated).toMatchObject({
        encryptThenMac: missing.length === 0,
        extendedMasterSecret: missing.length < 2,
      });
    }
  });

  test('what comes after key updates of both sides', async () => {
    const pair = talk(meet(...both({ versions: V13 })));
    for (let i = 0; i < 3; i++) {
      pair.client.connection.updateKeys(true);
      pair.pump();
      pair.server.connection.updateKeys();
      pair.pump();
      talk(pair, String(i));
    }
    const { text, connections } = await watch(pair.capture(), { keyLog: pair.client.keyLog });
    expect(text).toEqual({ client: 'pingping0ping1ping2', server: 'pongpong0pong1pong2' });
    expect(connections[0]!.tls!.negotiated.keyUpdates).toEqual({ client: 3, server: 3 });
    expect(connections[0]!.problems).toEqual([]);
  });

  test('what comes after a renegotiation', async () => {
    for (const versions of [V12, V10]) {
      const pair = talk(meet({ versions, renegotiations: 2 }, { versions, renegotiations: 2 }));
      pair.client.connection.renegotiate();
      pair.pump();
      talk(pair, ' again');
      const { text, connections } = await watch(pair.capture(), { keyLog: pair.client.keyLog });
      expect(text).toEqual({ client: 'pingping again', server: 'pongpong again' });
      expect(connections[0]!.tls!.negotiated.renegotiations).toBe(1);
      expect(connections[0]!.problems).toEqual([]);
    }
  });

  test('a second handshake after a HelloRetryRequest', async () => {
    const groups = [Group.x25519, Group.secp256r1];
    const pair = talk(
      meet(
        { versions: V13, groups, keyShares: [Group.x25519] },
        { versions: V13, groups: [Group.secp256r1] },
      ),
    );
    const { text, connections } = await watch(pair.capture(), { keyLog: pair.client.keyLog });
    expect(text).toEqual({ client: 'ping', server: 'pong' });
    const { tls } = connections[0]!;
    expect(tls!.negotiated).toMatchObject({
      helloRetryRequest: true,
      group: Group.secp256r1,
      renegotiations: 0,
    });
    expect(tls!.secondClientHello?.extensions?.keyShare?.map(({ group }) => group)).toEqual([
      Group.secp256r1,
    ]);
    expect(
      tls!.messages.map((message) => (message.kind === 'handshake' ? message.name : message.kind)),
    ).toEqual([
      'ClientHello',
      'HelloRetryRequest',
      'change_cipher_spec',
      'change_cipher_spec',
      'ClientHello',
      'ServerHello',
      'EncryptedExtensions',
      'Certificate',
      'CertificateVerify',
      'Finished',
      'Finished',
      'application_data',
      'application_data',
    ]);
  });

  test('certificates of both sides, compressed ones too, and what was agreed upon inside', async () => {
    const more = { versions: V13, alpn: ['h2', 'http/1.1'], certificateCompression: ['zlib' as const] };
    const ours = own('P-256');
    const pair = talk(meet({ ...more, credentials: [ours] }, { ...more, clientAuth: 'require' }));
    const { connections } = await watch(pair.capture(), { keyLog: pair.server.keyLog });
    const { tls } = connections[0]!;
    expect(tls!.negotiated).toMatchObject({
      alpn: 'h2',
      clientCertificateRequested: true,
      serverName: 'localhost',
    });
    expect(tls!.clientChain).toEqual(ours.chain);
    expect(tls!.serverChain).toEqual(own('P-256').chain);
  });

  test('a hello within a hello, whose random stands in the key log', async () => {
    const shapeHello = (hello: ClientHello): ClientHello => {
      const unknown = [{ type: 0xfe0d, data: new Uint8Array(20) }];
      return { ...hello, extensions: { ...hello.extensions, unknown } } as ClientHello;
    };
    const pair = talk(meet({ versions: V13, shapeHello }, { versions: V13 }));
    const other = talk(meet(...both({ versions: V13 })));
    const inner = pair.client.keyLog.map((line) => line.replace(/ [0-9a-f]{64} /, ` ${'5c'.repeat(32)} `));
    const { text, connections } = await watch(pair.capture(), { keyLog: [...other.client.keyLog, ...inner] });
    expect(text).toEqual({ client: 'ping', server: 'pong' });
    expect(connections[0]!.tls!.negotiated).toMatchObject({ echOffered: true, echRetryConfigs: false });
    expect(connections[0]!.problems).toEqual([]);
    const none = await watch(pair.capture(), { keyLog: other.client.keyLog });
    expect(none.text).toEqual({ client: '', server: '' });
    expect(none.connections[0]!.tls!.decryption.server.outcome).toBe('no_keys');
  });

  test('with the portable provider', async () => {
    for (const versions of [V13, V12]) {
      const pair = talk(meet(...both({ versions })));
      const { text } = await watch(pair.capture(), {
        keyLog: pair.client.keyLog,
        provider: portableProvider,
      });
      expect(text).toEqual({ client: 'ping', server: 'pong' });
    }
  });

  test('from inside of the capture', async () => {
    const pair = talk(meet(...both({ versions: V13 })));
    const { text, connections } = await watch(captureOf(pair.wire, 1, pair.client.keyLog));
    expect(text).toEqual({ client: 'ping', server: 'pong' });
    expect(connections[0]!.tls!.decryption.client.sources).toEqual(['decryption_secrets_block']);
  });
});

describe('early data', () => {
  const theirs = {
    versions: V13,
    tickets: new SelfEncryptedTickets(nodeProvider),
    maxEarlyData: 1000,
    acceptEarlyData: () => true,
  };

  function resumed(change: Partial<ServerConfig> = {}): WatchedPair {
    const sessions: Session[] = [];
    const first = new WatchedPair(
      client({ versions: V13, onSession: (session) => void sessions.push(session) }),
      server(theirs),
    );
    first.pump();
    const ours = { versions: V13, session: sessions[0]!, replayableEarlyData: fromUtf8('GET /') };
    const pair = new WatchedPair(client(ours), server({ ...theirs, ...change }));
    pair.pump();
    return talk(pair);
  }

  test('is opened and known to be accepted', async () => {
    const pair = resumed();
    const { text, connections } = await watch(pair.capture(), { keyLog: pair.client.keyLog });
    expect(text).toEqual({ client: 'GET /ping', server: 'pong' });
    expect(connections[0]!.tls!.negotiated).toMatchObject({ earlyData: 'accepted', resumed: true });
    expect(connections[0]!.tls!.decryption.client.labels[0]).toBe('CLIENT_EARLY_TRAFFIC_SECRET');
  });

  test('that was refused is opened too, and what follows as well', async () => {
    const pair = resumed({ acceptEarlyData: () => false });
    const { text, connections } = await watch(pair.capture(), { keyLog: pair.client.keyLog });
    expect(text).toEqual({ client: 'GET /ping', server: 'pong' });
    expect(connections[0]!.tls!.negotiated.earlyData).toBe('rejected');
  });

  test('without its secret does not keep the rest from being opened', async () => {
    for (const change of [{}, { acceptEarlyData: () => false }]) {
      const pair = resumed(change);
      const keyLog = pair.client.keyLog.filter((line) => !line.startsWith('CLIENT_EARLY'));
      const { text, connections } = await watch(pair.capture(), { keyLog });
      expect(text).toEqual({ client: 'ping', server: 'pong' });
      expect(connections[0]!.tls!.decryption.client.outcome).toBe('partial');
    }
  });
});

describe('an incomplete key log', () => {
  test('without handshake secrets opens application data', async () => {
    const pair = talk(meet(...both({ versions: V13 })));
    const keyLog = pair.client.keyLog.filter((line) => !line.includes('HANDSHAKE'));
    const { text, connections } = await watch(pair.capture(), { keyLog });
    expect(text).toEqual({ client: 'ping', server: 'pong' });
    expect(connections[0]!.tls!.decryption.server).toMatchObject({
      outcome: 'partial',
      labels: ['SERVER_TRAFFIC_SECRET_0'],
    });
  });

  test('of one side opens that side', async () => {
    const pair = talk(meet(...both({ versions: V13 })));
    const keyLog = pair.client.keyLog.filter((line) => line.startsWith('CLIENT'));
    const { text, connections } = await watch(pair.capture(), { keyLog });
    expect(text).toEqual({ client: 'ping', server: '' });
    expect(connections[0]!.tls!.decryption.server.outcome).toBe('no_keys');
  });

  test('with wrong secrets opens nothing and says so', async () => {
    for (const versions of [V13, V12]) {
      const pair = talk(meet(...both({ versions })));
      const keyLog = pair.client.keyLog.map((line) =>
        line.replace(/..$/, (end) => (end === '00' ? '01' : '00')),
      );
      const { text, connections } = await watch(pair.capture(), { keyLog });
      expect(text).toEqual({ client: '', server: '' });
      const { decryption } = connections[0]!.tls!;
      expect([decryption.client.outcome, decryption.server.outcome]).toEqual(['failed', 'failed']);
      expect(connections[0]!.problems[0]!.code).toBe('undecryptable_record');
    }
  });

  test('with secrets of another length says so', async () => {
    for (const versions of [V13, V12]) {
      const pair = talk(meet(...both({ versions })));
      const keyLog = pair.client.keyLog.map((line) => line.slice(0, -16));
      const { text, connections } = await watch(pair.capture(), { keyLog });
      expect(text).toEqual({ client: '', server: '' });
      expect(new Set(connections[0]!.problems.map((problem) => problem.code))).toEqual(
        new Set(['unfit_secret']),
      );
      expect(connections[0]!.tls!.decryption.server.outcome).toBe('no_keys');
    }
  });

  test('with lines that are none is read without them, which is said', async () => {
    const pair = talk(meet(...both({ versions: V12 })));
    const keyLog = `\r\n# comment\r\nnonsense\n${pair.client.keyLog.join('\r\n')}\nCLIENT_RANDOM 00 11`;
    const { text, capture } = await watch(pair.capture(), { keyLog });
    expect(text).toEqual({ client: 'ping', server: 'pong' });
    expect(capture.problems).toMatchObject([{ code: 'bad_secrets', facts: { lines: 2 } }]);
  });
});

describe("the server's RSA key", () => {
  const keyOf = (): PrivateKey => own('RSA').key;

  test.each([
    ['TLS 1.2', V12, 0x009c, true],
    ['TLS 1.2 without the extended master secret', V12, 0x003c, false],
    ['TLS 1.1', V11, 0x002f, true],
    ['TLS 1.0', V10, 0x000a, true],
    ['TLS 1.0 without the extended master secret', V10, 0x002f, false],
  ] as const)('opens static RSA of %s', async (_, versions, code, extended) => {
    const shape = extended ? {} : { shapeHello: without('extendedMasterSecret') };
    const pair = talk(meet({ versions, cipherSuites: [code], ...shape }, { versions, cipherSuites: [code] }));
    const { text, connections } = await watch(pair.capture(), { rsaKeys: [keyOf()] });
    expect(text).toEqual({ client: 'ping', server: 'pong' });
    expect(connections[0]!.tls!.decryption.client).toMatchObject({
      outcome: 'decrypted',
      sources: ['rsa_key'],
    });
    expect(connections[0]!.tls!.negotiated.extendedMasterSecret).toBe(extended);
    expect(connections[0]!.problems).toEqual([]);
  });

  test('that answers later is waited for', async () => {
    const key = keyOf();
    const slow: PrivateKey = {
      ...key,
      decryptRaw: async (block) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return key.decryptRaw!(block);
      },
    };
    const pair = talk(meet(...both({ cipherSuites: [0x009c] })));
    const { text } = await watch(pair.capture(), { rsaKeys: [slow] });
    expect(text).toEqual({ client: 'ping', server: 'pong' });
  });

  test('opens a session that it began where it is resumed by its ticket', async () => {
    const tickets = new SelfEncryptedTickets(nodeProvider);
    const sessions: Session[] = [];
    const ours = { cipherSuites: [0x009c], onSession: (session: Session) => void sessions.push(session) };
    const first = talk(meet(ours, { cipherSuites: [0x009c], tickets }));
    const second = talk(
      meet({ cipherSuites: [0x009c], session: sessions[0]! }, { cipherSuites: [0x009c], tickets }),
      '2',
    );
    // In one chunk, as from a file: the second has to wait for the first one's key.
    const file = concat(first.capture(1), second.capture(2));
    const { text, connections } = await watch(file, { rsaKeys: [keyOf()] });
    expect(text).toEqual({ client: 'pingping2', server: 'pongpong2' });
    expect(connections[1]!.tls!.negotiated.resumed).toBe(true);
    expect(connections[1]!.tls!.decryption.client.sources).toEqual(['session']);
  });

  test('that is another opens nothing, and forward secrecy is not opened', async () => {
    const other = (await nodeProvider.importPrivateKey(
      await nodeProvider.generatePrivateKey('rsa-2048'),
    )) as PrivateKey;
    for (const [code, key] of [
      [0x009c, other],
      [Suite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, keyOf()],
    ] as const) {
      const pair = talk(meet(...both({ cipherSuites: [code] })));
      const { text, connections } = await watch(pair.capture(), { rsaKeys: [key] });
      expect(text).toEqual({ client: '', server: '' });
      expect(connections[0]!.tls!.decryption.client.outcome).not.toBe('decrypted');
    }
  });
});

test('pre-shared keys need the key log like everything else', async () => {
  for (const code of [0x00a8, 0xc037, 0x00aa, 0x00ac]) {
    const pair = talk(meet(...both({ cipherSuites: [code], externalPsks: [psk] })));
    const { text, connections } = await watch(pair.capture(), { keyLog: pair.client.keyLog });
    expect(text).toEqual({ client: 'ping', server: 'pong' });
    expect(connections[0]!.problems).toEqual([]);
  }
});

test('without keys nothing is opened, and nothing is called broken', async () => {
  for (const versions of [V13, V12, V10]) {
    const pair = talk(meet(...both({ versions })));
    const { text, connections } = await watch(pair.capture());
    expect(text).toEqual({ client: '', server: '' });
    expect(connections[0]!.problems).toEqual([]);
    expect(connections[0]!.tls!.decryption.client.outcome).toBe('no_keys');
  }
});

describe('a hole in the capture', () => {
  /** Data in many records, one of which is cut out of the middle. */
  test.each([
    ['TLS 1.3', V13, Suite.TLS_AES_128_GCM_SHA256],
    ['TLS 1.2', V12, Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256],
    ['TLS 1.2 with CBC', V12, Suite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA],
    ['TLS 1.1 with CBC', V11, Suite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA],
  ] as const)('in %s loses what was in it, and no more', async (_, versions, code) => {
    const pair = meet(...both({ versions, cipherSuites: [code] }));
    const before = pair.wire.length;
    for (let i = 0; i < 10; i++) {
      pair.server.connection.write(fromUtf8(`<${i}>`));
      pair.pump();
    }
    const file = pair.capture();
    const cut = withoutPacket(file, pair.wire[before + 4]!);
    const { text, connections } = await watch(cut, { keyLog: pair.client.keyLog });
    expect(text.server).toBe('<0><1><2><3><5><6><7><8><9>');
    const { problems, tcp } = connections[0]!;
    expect(problems.map(({ code }) => code)).toEqual(['lost_bytes']);
    expect(tcp.lost).toMatchObject([{ from: 'server' }]);
  });
});

/** The file without the packet that carries these bytes. */
function withoutPacket(file: Uint8Array, event: (typeof WatchedPair.prototype.wire)[number]): Uint8Array {
  const bytes = 'bytes' in event ? event.bytes : new Uint8Array(0);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const kept: number[] = [];
  for (let at = 0; at < file.length; at += view.getUint32(at + 4)) {
    const block = file.subarray(at, at + view.getUint32(at + 4));
    if (Buffer.from(block).indexOf(Buffer.from(bytes)) < 0) kept.push(...block);
  }
  return Uint8Array.from(kept);
}
