import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemoryStore } from './index.js';

const value = (...bytes: number[]) => Uint8Array.from(bytes);

describe('the store in memory', () => {
  test('keeps a value for its time and no longer', () => {
    let now = 1000;
    const store = new MemoryStore({ now: () => now });
    store.put('a', value(1, 2), 10);
    now = 1009;
    expect(store.get('a')).toEqual(value(1, 2));
    now = 1010;
    expect([store.get('a'), store.take('a')]).toEqual([null, null]);
    expect(store.size).toBe(0);
  });

  test('gives a value away once', () => {
    const store = new MemoryStore();
    store.put('a', value(1), 1000);
    expect([store.take('a'), store.take('a'), store.get('a')]).toEqual([value(1), null, null]);
  });

  test('adds only where there is nothing', () => {
    let now = 0;
    const store = new MemoryStore({ now: () => now });
    expect([store.add('a', value(1), 5), store.add('a', value(2), 5)]).toEqual([true, false]);
    expect(store.get('a')).toEqual(value(1));
    now = 5;
    expect(store.add('a', value(3), 5)).toBe(true);
  });

  test('shares no memory with its users', () => {
    const store = new MemoryStore();
    const given = value(1);
    store.put('a', given, 1000);
    given[0] = 9;
    store.get('a')![0] = 8;
    expect(store.get('a')).toEqual(value(1));
  });

  test('lets the least recently used go when it is full', () => {
    const store = new MemoryStore({ maxEntries: 2 });
    store.put('a', value(1), 1000);
    store.put('b', value(2), 1000);
    store.get('a');
    store.put('c', value(3), 1000);
    expect([store.get('a'), store.get('b'), store.get('c')]).toEqual([value(1), null, value(3)]);
  });

  test('never holds more than it may, whatever is done with it', () => {
    const action = fc.record({
      what: fc.constantFrom('put', 'add', 'get', 'take', 'delete', 'mark'),
      key: fc.integer({ min: 0, max: 20 }),
      wait: fc.integer({ min: 0, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        let now = 0;
        const store = new MemoryStore({
          maxEntries: 5,
          maxMarks: 5,
          now: () => now,
          marksFromTheStart: true,
        });
        const model = new Map<string, number>();
        for (const { what, key: number, wait } of actions) {
          now += wait;
          const key = `k${number}`;
          if (what === 'put') store.put(key, value(number), 10);
          else if (what === 'add') store.add(key, value(number), 10);
          else if (what === 'delete') store.delete(key);
          else if (what === 'mark') {
            const marked = store.mark(key, 10);
            const seen = (model.get(key) ?? 0) > now;
            if (marked && seen) return false;
            if (marked) model.set(key, now + 10);
          } else {
            const got = what === 'get' ? store.get(key) : store.take(key);
            if (got && got[0] !== number) return false;
          }
          if (store.size > 5) return false;
        }
        return true;
      }),
    );
  });

  test('marks a key once within the window, and again after it', () => {
    let now = 0;
    const store = new MemoryStore({ now: () => now, marksFromTheStart: true });
    expect([store.mark('a', 10), store.mark('a', 10), store.mark('b', 10)]).toEqual([true, false, true]);
    now = 9;
    expect(store.mark('a', 10)).toBe(false);
    now = 10;
    expect(store.mark('a', 10)).toBe(true);
  });

  test('is not sure of anything in its first window, since its predecessor may have known more', () => {
    let now = 0;
    const store = new MemoryStore({ now: () => now });
    expect(store.mark('a', 10)).toBe(false);
    now = 9;
    expect(store.mark('b', 10)).toBe(false);
    now = 10;
    expect(store.mark('b', 10)).toBe(true);
  });

  test('forgets no mark for want of room, but refuses new ones', () => {
    let now = 0;
    const store = new MemoryStore({ maxMarks: 2, now: () => now, marksFromTheStart: true });
    expect([store.mark('a', 10), store.mark('b', 10), store.mark('c', 10)]).toEqual([true, true, false]);
    expect(store.mark('a', 10)).toBe(false);
    now = 10;
    expect(store.mark('c', 10)).toBe(true);
  });

  test('is not sure while a clock that went ahead and came back has made it forget marks', () => {
    let now = 100;
    const store = new MemoryStore({ now: () => now, marksFromTheStart: true });
    expect(store.mark('a', 10)).toBe(true);
    now = 1000;
    expect(store.mark('b', 10)).toBe(true);
    now = 101;
    expect([store.mark('a', 10), store.mark('b', 10), store.mark('c', 10)]).toEqual([false, false, false]);
    now = 110;
    expect([store.mark('a', 10), store.mark('b', 10)]).toEqual([true, false]);
  });

  test('accepts nothing twice within its window, wherever the clock goes', () => {
    const step = fc.record({ key: fc.nat(3), move: fc.integer({ min: -40, max: 40 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let now = 1000;
        const store = new MemoryStore({ now: () => now, marksFromTheStart: true });
        const marked = new Map<number, number[]>();
        for (const { key, move } of steps) {
          now += move;
          if (!store.mark(`k${key}`, 10)) continue;
          const before = marked.get(key) ?? [];
          if (before.some((at) => now >= at && now < at + 10)) return false;
          marked.set(key, [...before, now]);
        }
        return true;
      }),
      { numRuns: 500 },
    );
  });

  test('needs bounds', () => {
    for (const bad of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => new MemoryStore({ maxEntries: bad })).toThrow(RangeError);
      expect(() => new MemoryStore({ maxMarks: bad })).toThrow(RangeError);
    }
  });
});
