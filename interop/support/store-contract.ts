/** What every `SessionStore` has to do, whatever it keeps things in. */
import type { SessionStore } from 'akushu';
import { describe, expect, test } from 'vitest';
import type { Cleaner } from './processes.js';

const LONG = 60_000;
/** Milliseconds after which what expires is gone, for tests that wait for it. */
const SHORT = 30;

/** Asks again until it is as expected. */
export function eventually<T>(look: () => T | Promise<T>): ReturnType<typeof expect.poll<T>> {
  return expect.poll(look, { timeout: 15_000 });
}

/** `open` gives an empty store that has been there long enough to mark. */
export function storeContract(
  name: string,
  why: string | null,
  open: (clean: Cleaner) => Promise<SessionStore>,
): void {
  describe(`${name} as a store`, () => {
    const keeps = (title: string, run: (store: SessionStore) => Promise<void>): void => {
      test(title, async (context) => {
        if (why) context.skip(why);
        await run(await open(context.onTestFinished));
      });
    };

    keeps('gives what was put, byte for byte, and a copy of it', async (store) => {
      const all = Uint8Array.from({ length: 65_536 }, (_, i) => i);
      await store.put('all', all, LONG);
      await store.put('none', new Uint8Array(), LONG);
      const got = await store.get('all');
      expect(got).toStrictEqual(all);
      got!.fill(0);
      expect(await store.get('all')).toStrictEqual(all);
      expect(await store.get('none')).toStrictEqual(new Uint8Array());
      expect(await store.get('nothing')).toBe(null);
    });

    keeps('replaces what was put before', async (store) => {
      await store.put('a', Uint8Array.of(1), LONG);
      await store.put('a', Uint8Array.of(2), LONG);
      expect(await store.get('a')).toStrictEqual(Uint8Array.of(2));
    });

    keeps('lets values expire', async (store) => {
      await store.put('a', Uint8Array.of(1), SHORT);
      await store.add('b', Uint8Array.of(1), SHORT);
      await store.put('stays', Uint8Array.of(1), LONG);
      await eventually(() => store.get('a')).toBe(null);
      await eventually(() => store.get('b')).toBe(null);
      expect(await store.add('a', Uint8Array.of(2), LONG)).toBe(true);
      expect(await store.get('stays')).not.toBe(null);
    });

    keeps('keeps nothing that has no time to live', async (store) => {
      await store.put('a', Uint8Array.of(1), LONG);
      await store.put('a', Uint8Array.of(2), 0);
      expect(await store.get('a')).toBe(null);
      expect(await store.add('a', Uint8Array.of(2), -1)).toBe(true);
      expect(await store.get('a')).toBe(null);
    });

    keeps('takes times that are no whole milliseconds', async (store) => {
      await store.put('a', Uint8Array.of(1), LONG + 0.5);
      await store.put('b', Uint8Array.of(1), Number.POSITIVE_INFINITY);
      expect(await store.get('a')).not.toBe(null);
      expect(await store.get('b')).not.toBe(null);
    });

    keeps('adds only where there is nothing', async (store) => {
      expect(await store.add('a', Uint8Array.of(1), LONG)).toBe(true);
      expect(await store.add('a', Uint8Array.of(2), LONG)).toBe(false);
      expect(await store.get('a')).toStrictEqual(Uint8Array.of(1));
    });

    keeps('lets one of many callers add, and one take', async (store) => {
      const many = Array.from({ length: 50 }, (_, i) => i);
      const added = await Promise.all(many.map((i) => store.add('a', Uint8Array.of(i), LONG)));
      expect(added.filter(Boolean)).toHaveLength(1);
      const taken = await Promise.all(many.map(() => store.take('a')));
      const got = taken.filter((value) => value !== null);
      expect(got).toStrictEqual([Uint8Array.of(added.indexOf(true))]);
    });

    keeps('deletes, also what is not there', async (store) => {
      await store.put('a', Uint8Array.of(1), LONG);
      await store.delete('a');
      await store.delete('a');
      expect(await store.get('a')).toBe(null);
      expect(await store.take('a')).toBe(null);
    });

    keeps('marks once, for one of many callers, and again when the time is over', async (store) => {
      const marked = await Promise.all(Array.from({ length: 50 }, () => store.mark('a', SHORT)));
      expect(marked.filter(Boolean)).toHaveLength(1);
      await eventually(() => store.mark('a', SHORT)).toBe(true);
      expect(await store.mark('b', SHORT)).toBe(true);
    });

    keeps('keeps values and marks apart', async (store) => {
      await store.put('a', Uint8Array.of(1), LONG);
      expect(await store.mark('a', SHORT)).toBe(true);
      expect(await store.get('a')).toStrictEqual(Uint8Array.of(1));
    });
  });
}
