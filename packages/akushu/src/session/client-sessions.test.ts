import { afterEach, describe, expect, test, vi } from 'vitest';
import { clientSession, MoodyStore } from '../../test/support/sessions.js';
import { nodeProvider } from '../crypto/node.js';
import { ClientSessions, MemoryStore, type Session, StoreTooSlow } from './index.js';

afterEach(() => {
  vi.useRealTimers();
});

const START = clientSession.receivedAt;

function setUp() {
  const clock = { now: START };
  const inner = new MemoryStore({ now: () => clock.now });
  const store = new MoodyStore(inner);
  const key = new Uint8Array(32).fill(1);
  const make = (more = {}) =>
    new ClientSessions({ provider: nodeProvider, store, key, now: () => clock.now, ...more });
  return { clock, inner, store, make, sessions: make() };
}

const numbered = (number: number): Session => ({ ...clientSession, ticket: Uint8Array.of(number) });
const old: Session = { ...clientSession, version: 0x0303, cipherSuite: 0xc02f };
const number = (session: Session | null) => (session ? session.ticket[0] : null);

describe('a client’s sessions', () => {
  test('of TLS 1.3 are given out once, the newest first', async () => {
    const { sessions } = setUp();
    for (let i = 1; i <= 3; i++) await sessions.put('a', numbered(i));
    const taken = [];
    for (let i = 0; i < 4; i++) taken.push(number(await sessions.take('a')));
    expect(taken).toEqual([3, 2, 1, null]);
  });

  test('of TLS 1.3 are given to one of many who ask at once', async () => {
    const { sessions, store } = setUp();
    await sessions.put('a', numbered(1));
    store.mood = 'answers later';
    const taken = await Promise.all(Array.from({ length: 20 }, () => sessions.take('a')));
    expect(taken.filter(Boolean).length).toBe(1);
  });

  test('of which there are too many lose the oldest', async () => {
    const { sessions, inner } = setUp();
    for (let i = 1; i <= 100; i++) await sessions.put('a', numbered(i));
    expect(inner.size).toBe(4);
    const taken = new Set();
    for (let i = 0; i < 4; i++) taken.add(number(await sessions.take('a')));
    expect(taken).toEqual(new Set([97, 98, 99, 100]));
  });

  test('of TLS 1.2 are given out again and again, where there is none of TLS 1.3', async () => {
    const { sessions } = setUp();
    await sessions.put('a', old);
    expect([await sessions.take('a'), await sessions.take('a')]).toEqual([old, old]);
    await sessions.put('a', numbered(1));
    expect([(await sessions.take('a'))?.version, (await sessions.take('a'))?.version]).toEqual([
      0x0304, 0x0303,
    ]);
  });

  test('are those of one server', async () => {
    const { sessions } = setUp();
    await sessions.put('a', numbered(1));
    expect(await sessions.take('b')).toBeNull();
    expect(number(await sessions.take('a'))).toBe(1);
  });

  test('do not outlive their time, nor are kept once it is over', async () => {
    const { sessions, clock, inner } = setUp();
    await sessions.put('a', numbered(1));
    clock.now = START + clientSession.lifetime * 1000;
    expect(await sessions.take('a')).toBeNull();
    await sessions.put('a', numbered(2));
    expect(inner.size).toBe(0);
  });

  test('outlive the process where the store does and the key is the same', async () => {
    const { sessions, make } = setUp();
    for (let i = 1; i <= 3; i++) await sessions.put('a', numbered(i));
    await sessions.put('a', old);
    const next = make();
    const numbers = [];
    for (let i = 0; i < 3; i++) numbers.push(number(await next.take('a')));
    expect(new Set(numbers)).toEqual(new Set([1, 2, 3]));
    expect((await next.take('a'))?.version).toBe(0x0303);
    expect(await make({ key: new Uint8Array(32) }).take('a')).toBeNull();
  });

  test('that somebody changed in the store, or gave to another server, are none', async () => {
    const { sessions, inner } = setUp();
    await sessions.put('a', old);
    const { entries } = inner as unknown as { entries: Map<string, { value: Uint8Array }> };
    const [[nameOfA, { value }]] = [...entries] as [[string, { value: Uint8Array }]];
    expect(nameOfA).toMatch(/^client:[0-9a-f]{64}:old$/);
    await sessions.put('b', old);
    const nameOfB = [...entries.keys()].find((name) => name !== nameOfA)!;
    inner.put(nameOfB, value, 1000);
    expect(await sessions.take('b')).toBeNull();
    for (const at of [0, 12, 40, value.length - 1]) {
      inner.put(
        nameOfA,
        value.map((byte, i) => (i === at ? byte ^ 1 : byte)),
        1000,
      );
      expect(await sessions.take('a')).toBeNull();
    }
    expect(Buffer.from(value).includes(Buffer.from(old.psk))).toBe(false);
    expect(Buffer.from(value).includes('example.com')).toBe(false);
  });

  test.each(['throws', 'rejects'] as const)('reject where the store is away and %s', async (mood) => {
    const { sessions, store } = setUp();
    store.mood = mood;
    await expect(sessions.take('a')).rejects.toThrow('away');
    await expect(sessions.put('a', old)).rejects.toThrow('away');
  });

  test('reject where the store never answers', async () => {
    vi.useFakeTimers();
    const { sessions, store } = setUp();
    store.mood = 'is silent';
    const both = [sessions.take('a'), sessions.put('a', old)].map((one) =>
      one.catch((error: unknown) => error),
    );
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await Promise.all(both)).toEqual([expect.any(StoreTooSlow), expect.any(StoreTooSlow)]);
  });
});
