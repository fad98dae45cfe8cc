import { afterEach, describe, expect, test, vi } from 'vitest';
import { MoodyStore } from '../../test/support/sessions.js';
import { FRESHNESS_WINDOW, MemoryStore, ReplayGuard, StoreTooSlow } from './index.js';

afterEach(() => {
  vi.useRealTimers();
});

function guarded(size = 1) {
  const clock = { now: 0 };
  const store = new MoodyStore(new MemoryStore({ now: () => clock.now, marksFromTheStart: true }));
  const troubles: unknown[] = [];
  const guards = Array.from(
    { length: size },
    () => new ReplayGuard({ store, onTrouble: (error) => troubles.push(error) }),
  );
  return { clock, store, troubles, guards, guard: guards[0]! };
}

const hello = (byte: number) => ({ binder: new Uint8Array(32).fill(byte) });

describe('a first flight', () => {
  test.each(['answers', 'answers later'] as const)(
    'is taken once, of however many servers, where the store %s',
    async (mood) => {
      const { guards, store } = guarded(4);
      store.mood = mood;
      const answers = await Promise.all(
        Array.from({ length: 1000 }, (_, i) => guards[i % 4]!.accept(hello(1))),
      );
      expect(answers.filter(Boolean).length).toBe(1);
      expect(await guards[3]!.accept(hello(2))).toBe(true);
    },
  );

  test('is known for as long as it can count as fresh anywhere, clocks apart and all', () => {
    const { guard, clock } = guarded();
    expect(guard.accept(hello(1))).toBe(true);
    clock.now = 2 * FRESHNESS_WINDOW + 10_000 - 1;
    expect(guard.accept(hello(1))).toBe(false);
    clock.now++;
    expect(guard.accept(hello(1))).toBe(true);
  });

  test('is told apart by all of its binder', () => {
    const { guard } = guarded();
    const binder = new Uint8Array(32);
    expect(guard.accept({ binder })).toBe(true);
    for (let at = 0; at < 32; at++) {
      const other = binder.slice();
      other[at] = 1;
      expect(guard.accept({ binder: other })).toBe(true);
    }
    // And by its length: SHA-384 has longer ones.
    expect(guard.accept({ binder: new Uint8Array(48) })).toBe(true);
  });
});

describe('where the store is away', () => {
  test.each(['throws', 'rejects'] as const)(
    'and %s, early data is refused, and the trouble told',
    async (mood) => {
      const { guard, store, troubles } = guarded();
      store.mood = mood;
      expect(await guard.accept(hello(1))).toBe(false);
      expect(String(troubles)).toBe('Error: away');
    },
  );

  test('and never answers, early data is refused after a while', async () => {
    vi.useFakeTimers();
    const { guard, store, troubles } = guarded();
    store.mood = 'is silent';
    const answer = guard.accept(hello(1));
    await vi.advanceTimersByTimeAsync(10_000);
    expect([await answer, troubles[0]]).toEqual([false, expect.any(StoreTooSlow)]);
  });

  test('nobody has to listen', async () => {
    const store = new MoodyStore(new MemoryStore());
    const guard = new ReplayGuard({ store });
    for (const mood of ['throws', 'rejects'] as const) {
      store.mood = mood;
      expect(await guard.accept(hello(1))).toBe(false);
    }
  });
});

test('a guard wants a clock skew that is one', () => {
  for (const clockSkew of [-1, Number.NaN])
    expect(() => new ReplayGuard({ store: new MemoryStore(), clockSkew })).toThrow(RangeError);
});
