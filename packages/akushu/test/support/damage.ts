/** Random damage to bytes, and what must hold of a connection that was given it. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { concat } from '../../src/bytes/index.js';
import { ERRORS, TlsError } from '../../src/errors.js';
import type { End } from './pair.js';

export interface Damage {
  readonly at: number;
  readonly how: 'flip' | 'set' | 'drop' | 'insert' | 'repeat' | 'cut';
  readonly value: number;
}

const damage = fc.record({
  at: fc.nat(),
  how: fc.constantFrom<Damage['how']>('flip', 'set', 'drop', 'insert', 'repeat', 'cut'),
  value: fc.nat(255),
});
export const damages = fc.array(damage, { minLength: 1, maxLength: 4 });

function apply(bytes: Uint8Array, { at, how, value }: Damage): Uint8Array {
  if (bytes.length === 0) return bytes;
  const place = at % bytes.length;
  const [head, tail] = [bytes.slice(0, place), bytes.slice(place)];
  switch (how) {
    case 'flip':
      tail[0]! ^= 1 << (value % 8);
      return concat(head, tail);
    case 'set':
      tail[0] = value;
      return concat(head, tail);
    case 'drop':
      return concat(head, tail.slice(1 + (value % 40)));
    case 'insert':
      return concat(head, new Uint8Array(1 + (value % 40)).fill(value), tail);
    case 'repeat':
      return concat(head, tail.slice(0, 1 + value), tail);
    case 'cut':
      return head;
  }
}

export const all = (bytes: Uint8Array, list: readonly Damage[]): Uint8Array => list.reduce(apply, bytes);

/** What must hold of a connection whatever came. */
export function expectSane(end: End): void {
  expect(end.errors.length).toBeLessThanOrEqual(1);
  for (const error of end.errors) {
    expect(error).toBeInstanceOf(TlsError);
    expect(Object.keys(ERRORS)).toContain(error.code);
    // A mistake of ours would show here: nothing that a peer sends is our internal error.
    expect([error.code, error.cause]).not.toEqual(['internal_error', expect.anything()]);
    expect(error.code).not.toBe('callback_failed');
    expect(end.connection.isDead).toBe(true);
  }
  const alerts = end.events.filter((event) => event.kind === 'alert' && event.from === end.connection.role);
  expect(alerts.length).toBeLessThanOrEqual(1);
}
