/** A second handshake on the same connection before TLS 1.3 (RFC 5746), and data before the first is done (RFC 7918). */
import { beforeAll, describe, expect, test } from 'vitest';
import { fromUtf8, toHex } from '../src/bytes/index.js';
import { nodeProvider } from '../src/crypto/node.js';
import type { ClientConfig, Credential, ServerConfig } from '../src/handshake/index.js';
import type { ClientHello, ServerHello } from '../src/messages/index.js';
import { Suite, Version } from '../src/registry/index.js';
import { SelfEncryptedTickets } from '../src/session/index.js';
import { type Cut, every, type Pair, sizes, whole } from './support/pair.js';
import {
  codes,
  expectAgreement,
  expectRefusal,
  makeCredentials,
  meet,
  OLD,
  own,
  sentBy,
  sessionsFrom,
  V10,
  V11,
  V12,
} from './support/pairs12.js';

let another: Credential;
beforeAll(async () => {
  await makeCredentials();
  const { credential } = await import('./support/credentials.js');
  another = await credential('P-256', 'other.example');
});

const once = { renegotiations: 1 };
const often = { renegotiations: 100 };

const established = (ours: Partial<ClientConfig> = {}, theirs: Partial<ServerConfig> = {}, cut?: Cut): Pair =>
  expectAgreement(meet(ours, theirs, cut));

const exported = (pair: Pair): string =>
  toHex(pair.client.connection.exportKeyingMaterial('label', null, 16));

/** Both sides have gone through `times` of them, agree, and data flows. */
function expectRenewed(pair: Pair, times = 1): void {
  pair.pump();
  expect([codes(pair.client), codes(pair.server)]).toEqual([[], []]);
  expect([pair.client.renewed.length, pair.server.renewed.length]).toEqual([times, times]);
  expect([pair.client.summaries.length, pair.server.summaries.length]).toEqual([1, 1]);
  expectAgreement(pair);
}

describe('renegotiation', () => {
  test.each([
    ['TLS 1.2 with AES-GCM', V12, Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256],
    ['TLS 1.2 with ChaCha20', V12, Suite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256],
    ['TLS 1.2 with CBC', V12, Suite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA],
    ['TLS 1.1 with CBC', V11, Suite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA],
    ['TLS 1.0 with CBC', V10, Suite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA],
    ['TLS 1.2 with static RSA', V12, 0x009c],
    ['TLS 1.0 with NULL', V10, 0x0002],
  ] as const)('of either side renews keys and goes on: %s', (_, versions, code) => {
    for (const side of ['client', 'server'] as const) {
      const more = { versions, cipherSuites: [code], ...often };
      const pair = established(more, more);
      const keys = new Set([exported(pair)]);
      for (let times = 1; times <= 3; times++) {
        pair[side].connection.renegotiate();
        expectRenewed(pair, times);
        keys.add(exported(pair));
      }
      expect(keys.size).toBe(4);
      expect(pair.client.keyLog.length).toBe(4);
    }
  });

  test.each<readonly [string, Cut]>([
    ['whole', whole],
    ['a byte at a time', every(1)],
    ['in odd pieces', sizes([1, 5, 100, 3])],
  ])('works however the bytes come (%s), with certificates and tickets', (_, cut) => {
    const credentials = [own('Ed25519')];
    const tickets = new SelfEncryptedTickets(nodeProvider);
    const pair = established({ ...once, credentials }, { ...once, clientAuth: 'require', tickets }, cut);
    pair.server.connection.renegotiate();
    expectRenewed(pair);
    expect(pair.server.renewed[0]?.peerCertificates).toEqual(own('Ed25519').chain);
    expect(pair.client.renewed[0]?.peerCertificates).toEqual(own().chain);
  });

  test('works with answers that take their time', async () => {
    const late = { verifyPeer: async () => ({ trusted: true }) as const };
    const pair = meet({ ...once, ...late }, { ...once, chooseCredential: async () => own() });
    await pair.settle();
    pair.client.connection.renegotiate();
    await pair.settle();
    expectRenewed(pair);
  });

  test('is told as such: its messages are protected, and its hello says what was before', () => {
    const pair = established(once, once);
    pair.client.events.length = 0;
    pair.client.connection.renegotiate();
    pair.pump();
    const messages = pair.client.events.filter((event) => event.kind === 'message');
    expect(messages.map((event) => event.type)).toEqual([
      'ClientHello',
      'ServerHello',
      'Certificate',
      'ServerKeyExchange',
      'ServerHelloDone',
      'ClientKeyExchange',
      'ChangeCipherSpec',
      'Finished',
      'ChangeCipherSpec',
      'Finished',
    ]);
    const bare = messages.filter((event) => event.protectedBy === null).map((event) => event.type);
    expect(bare.every((type) => type === 'ChangeCipherSpec')).toBe(true);
  });

  test('keeps the protocol that the first handshake agreed upon', () => {
    const more = { ...once, alpn: ['h2', 'http/1.1'] };
    const pair = established(more, more);
    pair.client.connection.renegotiate();
    expectRenewed(pair);
    expect([pair.client.renewed[0]?.alpn, pair.server.renewed[0]?.alpn]).toEqual(['h2', 'h2']);
    expect(pair.client.connection.summary).toBe(pair.client.renewed[0]);
  });

  test('does not resume: who is there proves itself again', () => {
    const theirs = { ...once, tickets: new SelfEncryptedTickets(nodeProvider) };
    const [session] = sessionsFrom({}, theirs);
    const pair = established({ ...once, session: session! }, theirs);
    expect(pair.client.summaries[0]?.resumed).toBe(true);
    pair.client.connection.renegotiate();
    expectRenewed(pair);
    expect(pair.server.renewed[0]?.resumed).toBe(false);
    expect(sentBy(pair.server)).toContain('Certificate');
  });
});

describe('a renegotiation that the peer begins', () => {
  test('is refused unless it was allowed', () => {
    for (const side of ['client', 'server'] as const) {
      const pair = established();
      pair[side].connection.renegotiate();
      const other = side === 'client' ? 'server' : 'client';
      // A server that asked for it takes the hello that comes; it is the client here that refuses.
      expectRefusal(pair, other, 'renegotiation_refused', 'no_renegotiation');
    }
  });

  test('is refused once it has come too often', () => {
    for (const side of ['client', 'server'] as const) {
      const other = side === 'client' ? 'server' : 'client';
      const limited = { renegotiations: 2 };
      const pair = established(other === 'client' ? limited : {}, other === 'server' ? limited : {});
      for (let times = 1; times <= 2; times++) {
        pair[side].connection.renegotiate();
        expectRenewed(pair, times);
      }
      pair[side].connection.renegotiate();
      expectRefusal(pair, other, 'renegotiation_refused', 'no_renegotiation');
    }
  });

  test('does not count where we asked for it', () => {
    const pair = established(often);
    for (let times = 1; times <= 5; times++) {
      pair.server.connection.renegotiate();
      expectRenewed(pair, times);
    }
  });

  test('can be ignored by a client, a number of times', () => {
    const pair = established({ ignoreHelloRequests: true, limits: { emptyRecords: 3 } });
    for (let i = 0; i < 3; i++) pair.server.connection.renegotiate();
    expect(pair.exchange().toServer).toBe('pingping');
    expect([codes(pair.client), pair.client.renewed.length]).toEqual([[], 0]);
    // Data in between begins the count anew.
    for (let i = 0; i < 3; i++) pair.server.connection.renegotiate();
    expect(pair.exchange().toServer).toBe('pingpingping');
    for (let i = 0; i < 4; i++) pair.server.connection.renegotiate();
    expectRefusal(pair, 'client', 'renegotiation_refused', 'no_renegotiation');
  });

  test('that crosses one of ours on the way is one with it', () => {
    for (const ours of [{}, once]) {
      const pair = established(ours, once);
      pair.server.connection.renegotiate();
      pair.client.connection.renegotiate();
      expectRenewed(pair);
    }
  });
});

describe('a renegotiation of ours', () => {
  test('is an error of the caller’s where there can be none', () => {
    const pair = meet(once, once);
    expect(() => pair.client.connection.renegotiate()).toThrow(/established/);
    pair.pump();
    pair.client.connection.renegotiate();
    expect(() => pair.client.connection.renegotiate()).toThrow(/under way/);
    pair.pump();
    pair.client.connection.close();
    expect(() => pair.client.connection.renegotiate()).toThrow(/established/);
    const versions = [Version['TLSv1.3']];
    const modern = expectAgreement(meet({ versions }, { versions }));
    for (const end of [modern.client, modern.server])
      expect(() => end.connection.renegotiate()).toThrow(/1\.3/);
    expect([codes(modern.client), codes(modern.server)]).toEqual([[], []]);
  });

  test('is refused to the caller where the peer cannot do it safely', () => {
    const dropped = <T extends ClientHello | ServerHello>(hello: T): T => {
      const { renegotiationInfo: _, ...kept } = hello.extensions as { renegotiationInfo?: unknown };
      return { ...hello, extensions: kept };
    };
    const unsafe = established({ ...once, shapeHello: dropped }, once);
    for (const end of [unsafe.client, unsafe.server])
      expect(() => end.connection.renegotiate()).toThrow(/safely/);
    expect(unsafe.exchange().toServer).toBe('pingping');
    expect([codes(unsafe.client), codes(unsafe.server)]).toEqual([[], []]);
  });

  test('ends the connection where the server shows another certificate', () => {
    let asked = 0;
    const pair = established(once, { ...once, chooseCredential: () => (asked++ === 0 ? own() : another) });
    pair.client.connection.renegotiate();
    expectRefusal(pair, 'client', 'server_changed_in_renegotiation', 'illegal_parameter');
  });

  test('ends the connection where the verdict is another one now', () => {
    let asked = 0;
    const verifyPeer = () =>
      asked++ === 0
        ? ({ trusted: true } as const)
        : ({ trusted: false, code: 'certificate_revoked' } as const);
    const pair = established({ ...once, verifyPeer }, once);
    pair.server.connection.renegotiate();
    expectRefusal(pair, 'client', 'certificate_revoked', 'certificate_revoked');
  });
});

describe('data during a renegotiation', () => {
  const text = (value: string) => fromUtf8(value);

  test('that we write is kept until it is done, and comes in order', () => {
    for (const side of ['client', 'server'] as const) {
      const pair = established(once, once);
      const [ours, theirs] = side === 'client' ? [pair.client, pair.server] : [pair.server, pair.client];
      const before = theirs.text();
      ours.connection.write(text('before '));
      pair.client.connection.renegotiate();
      if (side === 'server') pair.server.connection.receive(pair.client.take());
      expect(ours.connection.holdsOutput).toBe(true);
      const reused = text('one ');
      ours.connection.write(reused);
      // What was written is the caller's to use again.
      reused.fill(0x78);
      ours.connection.write(text('two'));
      pair.pump();
      expect(ours.connection.holdsOutput).toBe(false);
      expect(theirs.text()).toBe(`${before}before one two`);
      expectRenewed(pair);
    }
  });

  test('that the peer wrote before it knew is delivered', () => {
    const pair = established(once, once);
    pair.client.connection.renegotiate();
    const hello = pair.client.take();
    pair.server.connection.write(text(' crossing'));
    pair.client.connection.receive(pair.server.take());
    expect(pair.client.text()).toBe('pong crossing');
    pair.server.connection.receive(hello);
    expectRenewed(pair);
  });

  test('is bounded: what does not fit is an error of the caller’s, and nothing is lost', () => {
    const pair = established({ ...once, limits: { pendingInput: 1000 } }, once);
    pair.client.connection.renegotiate();
    pair.client.connection.write(new Uint8Array(900).fill(0x61));
    expect(() => pair.client.connection.write(new Uint8Array(101))).toThrow(RangeError);
    pair.client.connection.write(new Uint8Array(100).fill(0x62));
    pair.pump();
    expect(pair.server.text()).toBe(`ping${'a'.repeat(900)}${'b'.repeat(100)}`);
    expectRenewed(pair);
    pair.client.connection.write(new Uint8Array(5000).fill(0x63));
    pair.pump();
    expect(pair.server.text().endsWith('c'.repeat(5000))).toBe(true);
  });

  test('is not lost where we close', () => {
    const pair = established(once, once);
    pair.client.connection.renegotiate();
    pair.client.connection.write(text(' last'));
    pair.client.connection.close();
    expect(() => pair.client.connection.write(text('no'))).toThrow(/write_after_close/);
    pair.pump();
    expect([pair.server.text(), pair.server.closes]).toEqual(['ping last', 1]);
    pair.server.connection.close();
    pair.pump();
    expect([pair.client.connection.isDead, pair.server.connection.isDead]).toEqual([true, true]);
    expect([codes(pair.client), codes(pair.server)]).toEqual([[], []]);
  });

  test('is not waited for where the peer closes in the middle', () => {
    for (const closing of [true, false]) {
      const pair = established(once, once);
      pair.client.connection.renegotiate();
      pair.client.connection.write(text(' last'));
      if (closing) pair.client.connection.close();
      // The server closes before the hello reaches it.
      pair.server.connection.close();
      pair.client.connection.receive(pair.server.take());
      expect(pair.client.closes).toBe(1);
      pair.client.connection.close();
      expect(pair.client.connection.isDead).toBe(true);
      pair.pump();
      expect(pair.server.connection.isDead).toBe(true);
    }
  });

  test('our own close without data ends it', () => {
    const pair = established(once, once);
    pair.client.connection.renegotiate();
    pair.client.connection.close();
    pair.pump();
    expect(pair.server.closes).toBe(1);
    pair.server.connection.close();
    pair.pump();
    expect([pair.client.connection.isDead, pair.server.connection.isDead]).toEqual([true, true]);
  });
});

describe('False Start', () => {
  const start = (ours: Partial<ClientConfig> = {}, theirs: Partial<ServerConfig> = {}) => {
    const pair = meet({ falseStart: true, ...ours }, theirs);
    pair.server.connection.receive(pair.client.take());
    expect(() => pair.client.connection.write(fromUtf8('x'))).toThrow(/not done/);
    pair.client.connection.receive(pair.server.take());
    return pair;
  };

  test('sends data with the second flight, after the server was proven', () => {
    for (const more of [{}, { credentials: [own('RSA')] }]) {
      const pair = start(more, { clientAuth: 'request', tickets: new SelfEncryptedTickets(nodeProvider) });
      expect([pair.client.early, pair.client.summaries.length]).toEqual([1, 0]);
      pair.client.connection.write(fromUtf8('early '));
      pair.server.connection.receive(pair.client.take());
      expect(pair.server.text()).toBe('early ');
      expect(pair.client.summaries.length).toBe(0);
      expectAgreement(pair);
    }
  });

  test('is not done where it would not be safe, or was not asked for', () => {
    const never: readonly (readonly [string, Partial<ClientConfig>, Partial<ServerConfig>])[] = [
      ['not asked for', { falseStart: false }, {}],
      ['CBC', { cipherSuites: [Suite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA] }, { cipherSuites: [0xc009] }],
      ['static RSA', { cipherSuites: [0x009c] }, { cipherSuites: [0x009c] }],
      ['DHE', { cipherSuites: [0x009e] }, { cipherSuites: [0x009e] }],
      ['TLS 1.1', { versions: V11 }, { versions: OLD }],
      ['NULL', { cipherSuites: [0xc006] }, { cipherSuites: [0xc006] }],
    ];
    for (const [what, ours, theirs] of never) {
      const pair = start(ours, theirs);
      expect([what, pair.client.early]).toEqual([what, 0]);
      expect(() => pair.client.connection.write(fromUtf8('early'))).toThrow(/not done/);
      expectAgreement(pair);
    }
  });

  test('is not done with a server that is not trusted', () => {
    const verifyPeer = () => ({ trusted: false, code: 'unknown_ca' }) as const;
    const pair = start({ verifyPeer });
    expect([pair.client.early, codes(pair.client)]).toEqual([0, ['unknown_ca']]);
  });

  test('does not make a bad Finished good', () => {
    const pair = start();
    pair.client.connection.write(fromUtf8('early'));
    pair.server.connection.receive(pair.client.take());
    const flight = pair.server.take();
    flight[flight.length - 1]! ^= 1;
    pair.client.connection.receive(flight);
    expect([codes(pair.client), pair.client.summaries.length]).toEqual([['bad_record_mac'], 0]);
  });
});
