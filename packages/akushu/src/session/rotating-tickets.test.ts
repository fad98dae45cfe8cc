import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ticketState as state } from '../../test/support/sessions.js';
import { nodeProvider } from '../crypto/node.js';
import { RotatingTickets } from './index.js';

const ROTATION = 1000;

function rotating(start = 0) {
  const clock = { now: start };
  const tickets = new RotatingTickets(nodeProvider, { rotation: ROTATION, now: () => clock.now });
  return { clock, tickets };
}

describe('tickets under keys that take turns', () => {
  test('open for a turn and the one after it, then no more', () => {
    const { clock, tickets } = rotating(500);
    const sealed = tickets.seal(state)!;
    expect(tickets.open(sealed)).toEqual(state);
    clock.now = 1999;
    expect(tickets.open(sealed)).toEqual({ ...state, renew: true });
    clock.now = 2000;
    expect(tickets.open(sealed)).toBeNull();
    clock.now = 1999;
    expect(tickets.open(sealed)).toBeNull();
  });

  test('are forgotten with a key whose turn nobody saw', () => {
    const { clock, tickets } = rotating();
    const sealed = tickets.seal(state)!;
    clock.now = 2 * ROTATION;
    expect(tickets.open(sealed)).toBeNull();
    expect(tickets.open(tickets.seal(state)!)).toEqual(state);
  });

  test('outlive a clock that is set back over the end of a turn', () => {
    const { clock, tickets } = rotating(ROTATION - 1);
    const before = tickets.seal(state)!;
    clock.now = ROTATION;
    const after = tickets.seal(state)!;
    clock.now = ROTATION - 1;
    expect([tickets.open(before), tickets.open(after)]).toEqual([{ ...state, renew: true }, state]);
    clock.now = ROTATION;
    expect([tickets.open(before), tickets.open(after)]).toEqual([{ ...state, renew: true }, state]);
  });

  test('get a new key where the clock is set back a long way: none is used for ever', () => {
    const { clock, tickets } = rotating(100 * ROTATION);
    const sealed = tickets.seal(state)!;
    clock.now = 0;
    expect(tickets.open(sealed)).toBeNull();
    clock.now = 2 * ROTATION;
    expect(tickets.open(tickets.seal(state)!)).toEqual(state);
  });

  test('never open two turns later, wherever the clock goes between', () => {
    const steps = fc.array(fc.integer({ min: -3 * ROTATION, max: 3 * ROTATION }), { maxLength: 20 });
    fc.assert(
      fc.property(steps, (moves) => {
        const { clock, tickets } = rotating(10 * ROTATION);
        const sealed: { bytes: Uint8Array; at: number }[] = [];
        for (const move of moves) {
          clock.now += move;
          sealed.push({ bytes: tickets.seal(state)!, at: clock.now });
          for (const { bytes, at } of sealed)
            if (tickets.open(bytes) && clock.now >= at + 2 * ROTATION + ROTATION) return false;
          if (!tickets.open(sealed.at(-1)!.bytes)) return false;
        }
        return true;
      }),
    );
  });

  test('of one process mean nothing to another', () => {
    expect(rotating().tickets.open(rotating().tickets.seal(state)!)).toBeNull();
  });

  test('need a rotation', () => {
    for (const rotation of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => new RotatingTickets(nodeProvider, { rotation })).toThrow(RangeError);
  });
});
