/** Our client with our server: everything that can be negotiated, in every splitting, at once and in its own time. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { fromUtf8, toHex } from '../src/bytes/index.js';
import { nodeProvider } from '../src/crypto/node.js';
import { portableProvider } from '../src/crypto/portable.js';
import {
  type ClientConfig,
  type Credential,
  DEFAULT_GROUPS,
  type PeerPresentation,
  type ServerConfig,
} from '../src/handshake/index.js';
import { cipherSuiteByCode, cipherSuiteName, Group, groupName, Suite } from '../src/registry/index.js';
import { type ExternalPsk, SelfEncryptedTickets, type Session } from '../src/session/index.js';
import { type CredentialKind, credential, KINDS, trustAll } from './support/credentials.js';
import { type Cut, type End, every, Pair, sizes, whole } from './support/pair.js';

const NOW = 1_800_000_000_000;
const made = new Map<CredentialKind, Credential>();
let other: Credential;
beforeAll(async () => {
  for (const kind of KINDS) made.set(kind, await credential(kind));
  other = await credential('Ed25519', 'client.example');
});
const own = (kind: CredentialKind = 'P-256'): Credential => made.get(kind)!;

const base = { provider: nodeProvider, groups: [Group.x25519], now: () => NOW, verifyPeer: trustAll };
const client = (more: Partial<ClientConfig> = {}): ClientConfig => ({
  ...base,
  serverName: 'localhost',
  ...more,
});
const server = (more: Partial<ServerConfig> = {}): ServerConfig => ({
  ...base,
  credentials: [own()],
  ...more,
});

/** Both sides are there, agree on everything, and data flows both ways. */
function expectAgreement(pair: Pair): void {
  pair.pump();
  expect([pair.client.errors, pair.server.errors]).toEqual([[], []]);
  const [a, b] = [pair.client.summaries[0]!, pair.server.summaries[0]!];
  const what = (summary: typeof a) => ({
    version: summary.version,
    suite: summary.cipherSuite.iana,
    group: summary.group?.iana ?? null,
    alpn: summary.alpn,
    resumed: summary.resumed,
    early: summary.earlyDataAccepted,
  });
  expect(what(a)).toEqual(what(b));
  const before = pair.server.text();
  expect(pair.exchange()).toEqual({ toServer: `${before}ping`, toClient: 'pong' });
  for (const [label, context] of [
    ['EXPERIMENTAL-one', 'here'],
    ['two', ''],
  ] as const) {
    const keys = [pair.client, pair.server].map((end) =>
      toHex(end.connection.exportKeyingMaterial(label, fromUtf8(context), 40)),
    );
    expect(keys[0]).toBe(keys[1]);
  }
  // A server that refused early data never had its keys.
  const shared = (lines: readonly string[]): string[] =>
    lines.filter((line) => b.earlyDataAccepted || !/EARLY/.test(line)).toSorted();
  expect(shared(pair.client.keyLog)).toEqual(shared(pair.server.keyLog));
}

/** Suites of TLS 1.3; those of older versions have tests of their own. */
const SUITES = Object.values(Suite)
  .filter((code) => cipherSuiteByCode(code)?.versions.includes('TLSv1.3'))
  .map((code) => ({ code, name: cipherSuiteName(code) }));

describe('what can be negotiated', () => {
  test.each(SUITES)('$name', ({ code }) => {
    const pair = new Pair(client({ cipherSuites: [code] }), server({ cipherSuites: [code] }));
    expectAgreement(pair);
    expect(pair.client.summaries[0]?.cipherSuite.code).toBe(code);
  });

  const groups = [...DEFAULT_GROUPS, Group.ffdhe4096].map((code) => ({ code, name: groupName(code) }));

  test.each(groups)('$name', ({ code }) => {
    const pair = new Pair(client({ groups: [code] }), server({ groups: [code] }));
    expectAgreement(pair);
    expect(pair.client.summaries[0]?.group?.code).toBe(code);
  });

  test.each(KINDS)('a server with a key of kind %s', (kind) => {
    const pair = new Pair(client(), server({ credentials: [own(kind)] }));
    expectAgreement(pair);
    expect(pair.client.summaries[0]?.peerCertificates).toEqual(own(kind).chain);
  });

  test.each(KINDS)('a client with a key of kind %s', (kind) => {
    const pair = new Pair(client({ credentials: [own(kind)] }), server({ clientAuth: 'require' }));
    expectAgreement(pair);
    expect(pair.server.summaries[0]?.peerCertificates).toEqual(own(kind).chain);
  });

  test.each([
    ['node', 'portable', nodeProvider, portableProvider],
    ['portable', 'node', portableProvider, nodeProvider],
    ['portable', 'portable', portableProvider, portableProvider],
  ] as const)('the %s provider with the %s one', (_, __, ours, theirs) => {
    for (const group of [Group.x25519, Group.secp256r1, Group.X25519MLKEM768]) {
      expectAgreement(
        new Pair(client({ provider: ours, groups: [group] }), server({ provider: theirs, groups: [group] })),
      );
    }
    for (const code of [
      Suite.TLS_CHACHA20_POLY1305_SHA256,
      Suite.TLS_AES_256_GCM_SHA384,
      Suite.TLS_AES_128_CCM_SHA256,
    ]) {
      const cipherSuites = [code];
      expectAgreement(
        new Pair(client({ provider: ours, cipherSuites }), server({ provider: theirs, cipherSuites })),
      );
    }
    for (const kind of ['Ed25519', 'RSA-PSS', 'ML-DSA-44'] as const) {
      const credentials = [own(kind)];
      expectAgreement(new Pair(client({ provider: ours }), server({ provider: theirs, credentials })));
    }
  });

  test('the defaults of both sides give the hybrid group without a retry', () => {
    const { groups: _, ...rest } = client();
    const { groups: __, ...theirs } = server();
    const pair = new Pair(rest, theirs);
    expectAgreement(pair);
    expect(pair.client.summaries[0]?.group?.iana).toBe('X25519MLKEM768');
    expect(pair.client.summaries[0]?.why.helloRetryRequest).toBeUndefined();
  });

  test('a server chooses the credential that answers to the name', () => {
    const credentials = [own(), other];
    const pair = new Pair(client({ serverName: 'client.example' }), server({ credentials }));
    expectAgreement(pair);
    expect(pair.client.summaries[0]?.peerCertificates).toEqual(other.chain);
    expect(pair.server.summaries[0]?.why.credential?.reason).toBe('matches_server_name');
  });

  test('a client that puts ChaCha20 first gets it', () => {
    const cipherSuites = [Suite.TLS_CHACHA20_POLY1305_SHA256, Suite.TLS_AES_128_GCM_SHA256];
    const pair = new Pair(client({ cipherSuites }), server());
    expectAgreement(pair);
    expect(pair.client.summaries[0]?.cipherSuite.iana).toBe('TLS_CHACHA20_POLY1305_SHA256');
  });
});

describe('splitting', () => {
  const rich = (cut: Cut): Pair =>
    new Pair(
      client({
        alpn: ['h2'],
        credentials: [other],
        postHandshakeAuth: true,
        groups: [Group.secp256r1, Group.x25519],
      }),
      server({
        alpn: ['h2'],
        clientAuth: 'require',
        requireCookie: true,
        tickets: new SelfEncryptedTickets(nodeProvider),
      }),
      cut,
    );

  test.each([1, 2, 5, 6, 17, 1000])('in chunks of %i bytes nothing changes', (size) => {
    expectAgreement(rich(every(size)));
  });

  test('wherever the bytes are cut, nothing changes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 12 }), (pattern) => {
        expectAgreement(rich(sizes(pattern)));
      }),
      { numRuns: 40 },
    );
  });

  test('data of any size comes through in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(40_000), { maxLength: 5 }),
        fc.integer({ min: 100, max: 20_000 }),
        (writes, cut) => {
          const pair = new Pair(client(), server(), every(cut));
          pair.pump();
          let at = 0;
          for (const size of writes)
            pair.client.connection.write(new Uint8Array(size).map(() => at++ & 0xff));
          pair.pump();
          const got = Buffer.concat(pair.server.received);
          expect(got.length).toBe(at);
          expect(got.every((byte, i) => byte === (i & 0xff))).toBe(true);
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('buffers', () => {
  test('may be overwritten by their owner as soon as the call is over', () => {
    const pool = new Uint8Array(65_536);
    const pooled: Cut = function* (bytes) {
      for (const chunk of every(37)(bytes)) {
        pool.set(chunk);
        yield pool.subarray(0, chunk.length);
        pool.fill(0xee);
      }
    };
    const pair = new Pair(
      client({ credentials: [other], alpn: ['h2'] }),
      server({ clientAuth: 'require', alpn: ['h2'], tickets: new SelfEncryptedTickets(nodeProvider) }),
    );
    const feed = (end: End, bytes: Uint8Array): void => {
      for (const chunk of pooled(bytes)) end.connection.receive(chunk);
    };
    for (let i = 0; i < 6; i++) {
      feed(pair.server, pair.client.take());
      feed(pair.client, pair.server.take());
    }
    expectAgreement(pair);
    // Looked at only now: what the trace holds is the caller's to keep.
    const messages = (end: End) =>
      end.events.flatMap((event) =>
        event.kind === 'message' && event.bytes.length > 1 ? [toHex(event.bytes)] : [],
      );
    expect(messages(pair.client).toSorted()).toEqual(messages(pair.server).toSorted());
    expect(pair.server.summaries[0]?.peerCertificates).toEqual(other.chain);
  });

  test('what is written may be changed by its owner at once', () => {
    const pair = new Pair(client(), server());
    pair.pump();
    const data = fromUtf8('hello');
    pair.client.connection.write(data);
    data.fill(0);
    pair.pump();
    expect(pair.server.text()).toBe('hello');
  });
});

describe('raw public keys', () => {
  const bare = (kind: CredentialKind): Credential => ({ chain: [], key: own(kind).key });

  test.each(['P-256', 'Ed25519', 'RSA'] as const)('of kind %s serve on both sides, and resume', (kind) => {
    const theirs: Partial<ServerConfig> = {
      credentials: [bare(kind)],
      certificateTypes: { own: ['raw_public_key'], peer: ['raw_public_key'] },
      clientAuth: 'require',
      tickets: new SelfEncryptedTickets(nodeProvider),
    };
    const ours: Partial<ClientConfig> = {
      credentials: [bare(kind)],
      certificateTypes: { own: ['raw_public_key'], peer: ['raw_public_key', 'x509'] },
    };
    const [session] = firstSessions(ours, theirs);
    expect(session?.peerRawKey).toEqual(own(kind).key.spki);
    const pair = new Pair(client({ ...ours, session: session! }), server(theirs));
    expectAgreement(pair);
    expect(pair.client.summaries[0]?.resumed).toBe(true);
  });

  test('are not for a client that did not offer them', () => {
    const pair = new Pair(
      client(),
      server({ credentials: [bare('P-256')], certificateTypes: { own: ['raw_public_key'] } }),
    );
    pair.pump();
    expect(pair.server.errors.map((error) => error.code)).toEqual(['no_shared_certificate_type']);
  });
});

describe('answers that take their time', () => {
  const later = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(() => resolve(value), 0));
  const slow = (from: Credential): Credential => ({
    ...from,
    key: { ...from.key, sign: (scheme, message) => later(null).then(() => from.key.sign(scheme, message)) },
  });

  test.each([
    ['whole', whole],
    ['a byte at a time', every(1)],
  ] as const)('give the same connection as answers at once (%s)', async (_, cut) => {
    const tickets = new SelfEncryptedTickets(nodeProvider);
    const sessions: Session[] = [];
    const seen: PeerPresentation[] = [];
    const verifyPeer = (peer: PeerPresentation) => {
      seen.push(peer);
      return later({ trusted: true } as const);
    };
    const pair = new Pair(
      client({
        alpn: ['h2', 'http/1.1'],
        verifyPeer,
        chooseCredential: () => later(slow(other)),
        onSession: (session) => void sessions.push(session),
      }),
      server({
        verifyPeer,
        clientAuth: 'require',
        chooseCredential: () => later(slow(own())),
        chooseAlpn: (offered) => later(offered[1]!),
        tickets: {
          seal: (state) => later(tickets.seal(state)),
          open: (ticket) => later(tickets.open(ticket)),
        },
        findPsk: () => later(null),
      }),
      cut,
    );
    await pair.settle();
    await pair.settle();
    expectAgreement(pair);
    expect([pair.client.summaries[0]?.alpn, seen.length, sessions.length]).toEqual(['http/1.1', 2, 2]);
  });
});

describe('application protocols', () => {
  test.each<readonly [string, readonly string[] | undefined, Partial<ServerConfig>, string | null]>([
    ['the order of the server counts', ['a', 'b'], { alpn: ['b', 'a'] }, 'b'],
    [
      'the order of the client counts where the server says so',
      ['a', 'b'],
      { alpn: ['b', 'a'], preference: 'client' },
      'a',
    ],
    ['a server without protocols answers nothing', ['a'], {}, null],
    ['a client without protocols is served', undefined, { alpn: ['a'] }, null],
    ['a callback chooses', ['a', 'b'], { chooseAlpn: (offered) => offered.at(-1)! }, 'b'],
    ['a callback may choose none', ['a', 'b'], { chooseAlpn: () => null }, null],
  ])('%s', (_, offered, config, expected) => {
    const pair = new Pair(client(offered ? { alpn: offered } : {}), server(config));
    expectAgreement(pair);
    expect(pair.client.summaries[0]?.alpn).toBe(expected);
  });
});

describe('HelloRetryRequest', () => {
  test('a share that is missing is asked for', () => {
    const groups = [Group.x25519, Group.secp256r1];
    const pair = new Pair(
      client({ groups, keyShares: [Group.x25519] }),
      server({ groups: [Group.secp256r1] }),
    );
    expectAgreement(pair);
    expect(pair.client.summaries[0]?.why.helloRetryRequest?.chosen).toBe('secp256r1');
  });

  test('without any share at first a connection still comes about', () => {
    expectAgreement(new Pair(client({ keyShares: [] }), server()));
  });

  test('a cookie goes there and back, alone or with a share, GREASE or not', () => {
    for (const grease of [false, true]) {
      expectAgreement(new Pair(client({ grease }), server({ requireCookie: true })));
      const groups = [Group.x25519, Group.secp256r1];
      expectAgreement(
        new Pair(
          client({ grease, groups, keyShares: [Group.x25519] }),
          server({ requireCookie: true, groups: [Group.secp256r1] }),
        ),
      );
    }
  });

  test('without middlebox compatibility no session id and no ChangeCipherSpec is sent', () => {
    const pair = new Pair(client({ middleboxCompatibility: false }), server());
    expectAgreement(pair);
    const types = pair.client.events.flatMap((event) => (event.kind === 'message' ? [event.type] : []));
    expect(types).not.toContain('ChangeCipherSpec');
  });
});

describe('authentication of the client', () => {
  test('a server that only asks takes a client without certificate', () => {
    const pair = new Pair(client(), server({ clientAuth: 'request' }));
    expectAgreement(pair);
    expect(pair.server.summaries[0]?.peerCertificates).toEqual([]);
  });

  test('a server that requires one tells a client without certificate so', () => {
    const pair = new Pair(client(), server({ clientAuth: 'require' }));
    pair.pump();
    expect(pair.server.errors.map((error) => error.code)).toEqual(['no_peer_certificate']);
    expect(pair.client.errors.map((error) => error.alert)).toEqual(['certificate_required']);
  });

  test('a server that asks for nothing gets nothing', () => {
    const pair = new Pair(client({ credentials: [other] }), server());
    expectAgreement(pair);
    expect(pair.server.summaries[0]?.peerCertificates).toEqual([]);
    expect(pair.client.summaries[0]?.why.clientCertificate?.reason).toBe('not_requested');
  });

  test('after the handshake a client proves itself as often as it is asked', () => {
    const pair = new Pair(client({ credentials: [other], postHandshakeAuth: true }), server());
    expectAgreement(pair);
    for (let i = 0; i < 2; i++) {
      pair.server.connection.requestClientCertificate();
      pair.client.connection.write(fromUtf8('between'));
      pair.pump();
    }
    expect(pair.server.late).toEqual([other.chain, other.chain]);
    pair.client.connection.updateKeys(true);
    pair.pump();
    pair.server.connection.requestClientCertificate();
    pair.pump();
    expect([pair.server.late.length, pair.server.errors, pair.client.errors]).toEqual([3, [], []]);
  });

  test('after the handshake a client may have nothing to show', () => {
    const pair = new Pair(client({ postHandshakeAuth: true }), server({ clientAuth: 'request' }));
    pair.pump();
    pair.server.connection.requestClientCertificate();
    pair.pump();
    expect([pair.server.late, pair.server.errors]).toEqual([[[]], []]);
  });
});

describe('what goes with a certificate', () => {
  test.each(['zlib', 'brotli'] as const)('it is compressed by %s both ways where both can', (algorithm) => {
    const config = { certificateCompression: [algorithm] };
    const long = { ...own('RSA'), chain: [own('RSA').chain[0]!, own('RSA').chain[0]!] };
    const pair = new Pair(
      client({ ...config, credentials: [long] }),
      server({ ...config, credentials: [long], clientAuth: 'require' }),
    );
    expectAgreement(pair);
    const types = pair.client.events.flatMap((event) => (event.kind === 'message' ? [event.type] : []));
    expect(types.filter((type) => type === 'CompressedCertificate').length).toBe(2);
    expect(types).not.toContain('Certificate');
  });

  test('it is not compressed where one side cannot', () => {
    const config = { certificateCompression: ['zlib'] as const };
    for (const [a, b] of [
      [config, {}],
      [{}, config],
      [{ ...config, provider: portableProvider }, config],
    ]) {
      const pair = new Pair(client(a), server(b));
      expectAgreement(pair);
      const types = pair.client.events.flatMap((event) => (event.kind === 'message' ? [event.type] : []));
      expect(types).not.toContain('CompressedCertificate');
    }
  });

  test('OCSP response and SCTs come along where they were asked for', () => {
    const stapled: Credential = {
      ...own(),
      ocsp: Uint8Array.of(1, 2, 3),
      scts: [Uint8Array.of(4), Uint8Array.of(5)],
    };
    const asked = new Pair(
      client({ requestOcsp: true, requestScts: true }),
      server({ credentials: [stapled] }),
    );
    expectAgreement(asked);
    expect(asked.client.summaries[0]).toMatchObject({ ocsp: stapled.ocsp, scts: stapled.scts });
    const unasked = new Pair(client(), server({ credentials: [stapled] }));
    expectAgreement(unasked);
    expect(unasked.client.summaries[0]).toMatchObject({ ocsp: null, scts: [] });
  });
});

describe('records', () => {
  test.each([64, 100, 512, 16_385])(
    'a record_size_limit of %i on both sides bounds what each receives',
    (limit) => {
      const pair = new Pair(client({ recordSizeLimit: limit }), server({ recordSizeLimit: limit }));
      expectAgreement(pair);
      pair.client.connection.write(new Uint8Array(2000));
      pair.server.connection.write(new Uint8Array(2000));
      pair.pump();
      const longest = Math.max(
        ...[...pair.client.received, ...pair.server.received].map((data) => data.length),
      );
      expect(longest).toBe(Math.min(2000, limit - 1));
      expect([pair.client.errors, pair.server.errors]).toEqual([[], []]);
    },
  );

  test('different limits hold each for its own side', () => {
    const pair = new Pair(client({ recordSizeLimit: 100 }), server({ recordSizeLimit: 300 }));
    expectAgreement(pair);
    pair.client.connection.write(new Uint8Array(1000));
    pair.server.connection.write(new Uint8Array(1000));
    pair.pump();
    expect(Math.max(...pair.client.received.map((data) => data.length))).toBe(99);
    expect(Math.max(...pair.server.received.map((data) => data.length))).toBe(299);
  });

  test('padding hides lengths and changes nothing else', () => {
    const padding = (length: number): number => (length < 512 ? 512 - length : 0);
    const pair = new Pair(client({ padding }), server({ padding }));
    expectAgreement(pair);
    const before = pair.client.events.length;
    for (const text of ['a', 'ab', 'a'.repeat(500)]) pair.client.connection.write(fromUtf8(text));
    const lengths = pair.client.events
      .slice(before)
      .flatMap((event) => (event.kind === 'record' ? [event.length] : []));
    expect(lengths).toEqual([534, 534, 534]);
    pair.pump();
    expect(pair.server.text().length).toBe(4 + 503);
  });

  test('a key that is worn is replaced before more goes out', () => {
    const limits = { recordsPerKey: 5 };
    const pair = new Pair(client({ limits }), server({ limits }));
    expectAgreement(pair);
    for (let i = 0; i < 30; i++) pair.client.connection.write(Uint8Array.of(0x61));
    pair.pump();
    expect(pair.server.text()).toBe(`ping${'a'.repeat(30)}`);
    const generations = pair.server.events.flatMap((event) =>
      event.kind === 'key' && event.sender === 'client' && event.protects === 'application_data'
        ? [event.generation]
        : [],
    );
    expect(generations.at(-1)).toBeGreaterThanOrEqual(6);
    expect(pair.server.errors).toEqual([]);
  });

  test('keys updated by both sides at once, with requests, do not quarrel', () => {
    const pair = new Pair(client(), server());
    pair.pump();
    for (let i = 0; i < 5; i++) {
      pair.client.connection.updateKeys(true);
      pair.server.connection.updateKeys(true);
      pair.client.connection.write(fromUtf8('c'));
      pair.server.connection.write(fromUtf8('s'));
      pair.pump();
    }
    expect([pair.server.text(), pair.client.text()]).toEqual(['ccccc', 'sssss']);
  });

  test('GREASE is ignored by our own server, whatever it is', () => {
    for (let i = 0; i < 20; i++) expectAgreement(new Pair(client({ grease: true }), server()));
  });
});

/** A first connection, and the sessions that it gave. */
function firstSessions(more: Partial<ClientConfig> = {}, theirs: Partial<ServerConfig> = {}): Session[] {
  const sessions: Session[] = [];
  const pair = new Pair(
    client({ onSession: (session) => void sessions.push(session), ...more }),
    server(theirs),
  );
  expectAgreement(pair);
  return sessions;
}

describe('resumption', () => {
  const withTickets = (more: Partial<ServerConfig> = {}): Partial<ServerConfig> => ({
    tickets: new SelfEncryptedTickets(nodeProvider),
    ...more,
  });

  test('a ticket resumes, and carries the identity of the server', () => {
    const theirs = withTickets();
    const [session, second] = firstSessions({}, theirs);
    for (const ticket of [session!, second!]) {
      const pair = new Pair(client({ session: ticket }), server(theirs));
      expectAgreement(pair);
      expect(pair.client.summaries[0]).toMatchObject({ resumed: true, peerCertificates: own().chain });
    }
  });

  test.each(SUITES)('works with $name', ({ code }) => {
    const cipherSuites = [code];
    const theirs = withTickets({ cipherSuites });
    const [session] = firstSessions({ cipherSuites }, theirs);
    const pair = new Pair(client({ cipherSuites, session: session! }), server(theirs));
    expectAgreement(pair);
    expect(pair.client.summaries[0]?.resumed).toBe(true);
  });

  test('works through a HelloRetryRequest', () => {
    const theirs = withTickets({ requireCookie: true });
    const [session] = firstSessions({}, theirs);
    const pair = new Pair(client({ session: session! }), server(theirs));
    expectAgreement(pair);
    expect(pair.client.summaries[0]?.resumed).toBe(true);
  });

  test('without (EC)DHE only where both sides allow it', () => {
    const theirs = withTickets({ pskWithoutDhe: true });
    const [session] = firstSessions({ pskWithoutDhe: true }, theirs);
    const pair = new Pair(
      client({ session: session!, pskWithoutDhe: true, groups: [Group.secp384r1] }),
      server({ ...theirs, groups: [Group.x25519] }),
    );
    expectAgreement(pair);
    expect(pair.client.summaries[0]).toMatchObject({ resumed: true, group: null });
  });

  test('a server that takes no tickets any more, or has another key, makes a full handshake (CVE-2014-7189)', () => {
    const [session] = firstSessions({}, withTickets());
    for (const theirs of [{}, withTickets()]) {
      const pair = new Pair(client({ session: session! }), server(theirs));
      expectAgreement(pair);
      expect(pair.client.summaries[0]?.resumed).toBe(false);
    }
  });

  test('a ticket without a hello of the same name makes a full handshake', () => {
    const theirs = withTickets({ credentials: [own(), other] });
    const [session] = firstSessions({}, theirs);
    const pair = new Pair(
      client({ serverName: 'client.example', session: { ...session!, serverName: 'client.example' } }),
      server(theirs),
    );
    expectAgreement(pair);
    expect(pair.client.summaries[0]?.resumed).toBe(false);
  });

  test('a session of a client without certificate does not resume where one is required', () => {
    const theirs = withTickets();
    const [session] = firstSessions({}, theirs);
    const pair = new Pair(client({ session: session! }), server({ ...theirs, clientAuth: 'require' }));
    pair.pump();
    expect(pair.server.errors.map((error) => error.code)).toEqual(['no_peer_certificate']);
  });

  test('a session of a client with certificate remembers it', () => {
    const theirs = withTickets({ clientAuth: 'require' });
    const [session] = firstSessions({ credentials: [other] }, theirs);
    const pair = new Pair(client({ session: session!, credentials: [other] }), server(theirs));
    expectAgreement(pair);
    expect(pair.server.summaries[0]).toMatchObject({ resumed: true, peerCertificates: other.chain });
  });

  test('an expired ticket is not offered, and not taken', () => {
    const theirs = withTickets({ ticketLifetime: 10 });
    const [session] = firstSessions({}, theirs);
    const later = () => NOW + 11_000;
    const honest = new Pair(client({ session: session!, now: later }), server({ ...theirs, now: later }));
    expectAgreement(honest);
    expect(honest.client.summaries[0]?.resumed).toBe(false);
    const stubborn = new Pair(
      client({ session: { ...session!, lifetime: 1000 }, now: later }),
      server({ ...theirs, now: later }),
    );
    expectAgreement(stubborn);
    expect(stubborn.client.summaries[0]?.resumed).toBe(false);
  });

  test('ticket_age_add and nonces differ from ticket to ticket (CVE-2022-30629)', () => {
    const sessions = firstSessions({}, withTickets({ ticketCount: 8 }));
    expect(new Set(sessions.map((session) => session.ageAdd)).size).toBe(8);
    expect(new Set(sessions.map((session) => toHex(session.psk))).size).toBe(8);
  });

  test('a changed ticket makes a full handshake, wherever it was changed', () => {
    const theirs = withTickets();
    const [session] = firstSessions({}, theirs);
    for (const at of [0, 16, 30, session!.ticket.length - 1]) {
      const ticket = session!.ticket.slice();
      ticket[at]! ^= 1;
      const pair = new Pair(client({ session: { ...session!, ticket } }), server(theirs));
      expectAgreement(pair);
      expect(pair.client.summaries[0]?.resumed).toBe(false);
    }
  });

  test('a session with another key fails by its binder', () => {
    const theirs = withTickets();
    const [session] = firstSessions({}, theirs);
    const psk = session!.psk.slice().fill(1);
    const pair = new Pair(client({ session: { ...session!, psk } }), server(theirs));
    pair.pump();
    expect(pair.server.errors.map((error) => error.code)).toEqual(['bad_psk_binder']);
    expect(pair.client.errors.map((error) => error.alert)).toEqual(['decrypt_error']);
  });
});

describe('external pre-shared keys', () => {
  const psk = (change: Partial<ExternalPsk> = {}): ExternalPsk => ({
    identity: fromUtf8('device 7'),
    key: new Uint8Array(32).fill(7),
    hash: 'sha256',
    ...change,
  });
  const { credentials: _, ...bare } = { ...base, credentials: [] };

  test('serve without any certificate', () => {
    const pair = new Pair(client({ externalPsks: [psk()] }), { ...bare, externalPsks: [psk()] });
    expectAgreement(pair);
    expect(pair.client.summaries[0]?.peerCertificates).toEqual([]);
  });

  test('the server looks one up, and picks the one that it knows', () => {
    const found = psk({ identity: fromUtf8('second') });
    const pair = new Pair(client({ externalPsks: [psk(), found] }), {
      ...bare,
      findPsk: (identity) => (toHex(identity) === toHex(found.identity) ? found : null),
    });
    expectAgreement(pair);
    expect(pair.server.summaries[0]?.why.psk?.chosen).toBe('identity 1');
  });

  test('a key for SHA-384 goes with a suite of SHA-384 only', () => {
    const key = psk({ hash: 'sha384' });
    const pair = new Pair(client({ externalPsks: [key] }), {
      ...bare,
      externalPsks: [key],
      cipherSuites: [Suite.TLS_AES_256_GCM_SHA384],
    });
    expectAgreement(pair);
  });

  test('an imported key has a binder of its own kind', () => {
    const imported = psk({ imported: true });
    expectAgreement(new Pair(client({ externalPsks: [imported] }), { ...bare, externalPsks: [imported] }));
    const pair = new Pair(client({ externalPsks: [imported] }), { ...bare, externalPsks: [psk()] });
    pair.pump();
    expect(pair.server.errors.map((error) => error.code)).toEqual(['bad_psk_binder']);
  });
});

describe('early data', () => {
  const theirs = (more: Partial<ServerConfig> = {}): Partial<ServerConfig> => ({
    tickets: new SelfEncryptedTickets(nodeProvider),
    maxEarlyData: 1000,
    acceptEarlyData: () => true,
    ...more,
  });
  const early = (session: Session, more: Partial<ClientConfig> = {}): ClientConfig =>
    client({ session, replayableEarlyData: fromUtf8('GET /'), ...more });

  test('is accepted, marked as what may have been replayed, and comes before all else', () => {
    const config = theirs();
    const [session] = firstSessions({}, config);
    const pair = new Pair(early(session!), server(config));
    expectAgreement(pair);
    expect(pair.client.summaries[0]?.earlyDataAccepted).toBe(true);
    expect(pair.server.text()).toBe('GET /ping');
    expect(pair.server.replayable.map((bytes) => new TextDecoder().decode(bytes))).toEqual(['GET /']);
  });

  test('is accepted a byte at a time', () => {
    const config = theirs();
    const [session] = firstSessions({}, config);
    const pair = new Pair(early(session!), server(config), every(1));
    expectAgreement(pair);
    expect(pair.server.text()).toBe('GET /ping');
  });

  test.each<readonly [string, Partial<ServerConfig>, Partial<ClientConfig>]>([
    ['the caller says no', { acceptEarlyData: () => false }, {}],
    ['the caller says no later', { acceptEarlyData: async () => false }, {}],
    ['the server wants a second hello', { requireCookie: true }, {}],
    ['the server has another protocol now', { alpn: ['b'] }, { alpn: ['b'] }],
    ['the ticket is not known any more', { tickets: new SelfEncryptedTickets(nodeProvider) }, {}],
    ['the server allows none any more', { maxEarlyData: 0 }, {}],
    ['the clocks went apart', { now: () => NOW + 60_000 }, {}],
  ])('is skipped where %s', async (_, change, ours) => {
    const config = theirs();
    const [session] = firstSessions({}, config);
    const pair = await new Pair(early(session!, ours), server({ ...config, ...change })).settle();
    expectAgreement(pair);
    expect(pair.client.summaries[0]?.earlyDataAccepted).toBe(false);
    expect(pair.server.text()).toBe('ping');
  });

  test('is not sent where it is longer than the ticket allows, or the ticket allows none', () => {
    const config = theirs();
    const [session] = firstSessions({}, config);
    for (const more of [
      { replayableEarlyData: new Uint8Array(1001) },
      { session: { ...session!, maxEarlyData: 0 } },
    ]) {
      const pair = new Pair(early(session!, more), server(config));
      expectAgreement(pair);
      expect(pair.server.text()).toBe('ping');
    }
  });

  test('more than was allowed is refused', () => {
    const config = theirs();
    const [session] = firstSessions({}, config);
    const cheat = { ...session!, maxEarlyData: 5000 };
    const pair = new Pair(early(cheat, { replayableEarlyData: new Uint8Array(2000) }), server(config));
    pair.pump();
    expect(pair.server.errors.map((error) => error.code)).toEqual(['too_much_early_data']);
  });
});

describe('what is told', () => {
  const rich = (): Pair => {
    const pair = new Pair(
      client({
        alpn: ['h2'],
        credentials: [other],
        groups: [Group.x25519, Group.secp256r1],
        keyShares: [Group.x25519],
      }),
      server({
        alpn: ['h2'],
        clientAuth: 'require',
        groups: [Group.secp256r1],
        tickets: new SelfEncryptedTickets(nodeProvider),
      }),
    );
    expectAgreement(pair);
    return pair;
  };

  test('both sides see the same messages in the same order, and under the same secrets', () => {
    const pair = rich();
    for (const from of ['client', 'server'] as const) {
      const [sent, received] = [pair.client, pair.server].map((end) =>
        end.events.flatMap((event) =>
          event.kind === 'message' && event.from === from && event.type !== 'ChangeCipherSpec'
            ? [[event.type, event.protectedBy, toHex(event.bytes)]]
            : [],
        ),
      );
      expect(sent).toEqual(received);
      expect(sent!.length).toBeGreaterThan(4);
    }
  });

  test('every message has a tree without errors', () => {
    for (const event of rich().client.events) {
      if (event.kind === 'message')
        expect([event.type, event.annotate().error]).toEqual([event.type, undefined]);
    }
  });

  test('decisions name what was chosen, why, and what else there was', () => {
    const pair = rich();
    const why = pair.server.summaries[0]!.why;
    expect(why.cipherSuite).toMatchObject({
      chosen: 'TLS_AES_128_GCM_SHA256',
      reason: 'first_shared_in_server_order',
    });
    expect(why.cipherSuite?.alternatives.map((other) => other.value)).toContain('TLS_AES_256_GCM_SHA384');
    expect(why.group).toMatchObject({ chosen: 'secp256r1', reason: 'only_shared' });
    expect(why.group?.alternatives).toContainEqual({ value: 'x25519', reason: 'not_supported_by_server' });
    expect(why.helloRetryRequest).toMatchObject({ chosen: 'secp256r1', reason: 'no_key_share_yet' });
    expect(pair.client.summaries[0]!.why.peerCertificate).toMatchObject({
      chosen: 'trusted',
      reason: 'verified',
    });
  });

  test('no secret is in the trace, but for what goes over the wire anyway', () => {
    const pair = rich();
    const secrets = pair.client.keyLog.map((line) => line.split(' ')[2]!);
    const text = JSON.stringify(pair.client.events, (_, value) =>
      value instanceof Uint8Array ? toHex(value) : value,
    );
    for (const secret of secrets) expect(text.includes(secret)).toBe(false);
  });

  test('lines of SSLKEYLOGFILE have label, client random and secret', () => {
    const pair = rich();
    const hello = pair.client.events.find(
      (event) => event.kind === 'message' && event.type === 'ClientHello',
    );
    const random = hello?.kind === 'message' ? toHex(hello.bytes.subarray(6, 38)) : '';
    const labels = pair.client.keyLog.map((line) => {
      const match = /^([A-Z_0-9]+) ([0-9a-f]{64}) ([0-9a-f]{64}|[0-9a-f]{96})$/.exec(line);
      expect([line, match?.[2]]).toEqual([line, random]);
      return match![1];
    });
    expect(labels.toSorted()).toEqual([
      'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
      'CLIENT_TRAFFIC_SECRET_0',
      'EXPORTER_SECRET',
      'SERVER_HANDSHAKE_TRAFFIC_SECRET',
      'SERVER_TRAFFIC_SECRET_0',
    ]);
  });

  test('records are told with what is outside and what is inside', () => {
    const records = rich().server.events.filter((event) => event.kind === 'record');
    expect(records[0]).toMatchObject({ type: 22, innerType: 22, from: 'client' });
    expect(records).toContainEqual(expect.objectContaining({ type: 23, innerType: 22 }));
    expect(records).toContainEqual(expect.objectContaining({ type: 23, innerType: 23 }));
  });

  test('an exporter cannot be had before the handshake is done', () => {
    const pair = new Pair(client(), server());
    expect(() => pair.client.connection.exportKeyingMaterial('a', new Uint8Array(0), 32)).toThrow(/not done/);
    expect(() => pair.client.connection.write(new Uint8Array(1))).toThrow(/not done/);
  });

  test('a closing handshake in order leaves no error on either side', () => {
    const pair = rich();
    pair.client.connection.close();
    pair.pump();
    pair.server.connection.close();
    pair.pump();
    pair.client.connection.endOfInput();
    pair.server.connection.endOfInput();
    for (const end of [pair.client, pair.server]) {
      expect([end.errors, end.connection.isDead, end.closes]).toEqual([[], true, 1]);
    }
  });
});
