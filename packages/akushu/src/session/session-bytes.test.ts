import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientSession as session, ticketState } from '../../test/support/sessions.js';
import { nodeProvider } from '../crypto/node.js';
import { BadSession, decodeSession, encodeSession, type Session, SessionSealer } from './index.js';
import { decodeState, encodeState } from './ticket-state.js';

const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
const time = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

const anySession: fc.Arbitrary<Session> = fc
  .record({
    version: uint(16),
    cipherSuite: uint(16),
    psk: bytes(1, 64),
    ticket: bytes(0, 300),
    lifetime: fc.integer({ min: 0, max: 604_800 }),
    ageAdd: uint(32),
    receivedAt: time,
    authenticatedAt: time,
    maxEarlyData: uint(32),
    serverName: fc.option(text),
    alpn: fc.option(text),
    peerChain: fc.array(bytes(1, 50), { maxLength: 4 }),
    peerRawKey: fc.option(bytes(1, 50)),
    trust: fc.option(fc.record({ name: bytes(1, 255), until: time })),
    presented: fc.option(fc.oneof(bytes(0, 0), bytes(32, 32))),
    sessionId: bytes(0, 32),
    extendedMasterSecret: fc.boolean(),
  })
  // What is empty or false is left out.
  .map(({ sessionId, extendedMasterSecret, ...rest }) => ({
    ...rest,
    ...(sessionId.length > 0 && { sessionId }),
    ...(extendedMasterSecret && { extendedMasterSecret: true }),
  }));

/** A session, or the reason why there is none. Whatever else is thrown goes on. */
function read(input: Uint8Array): Session | string {
  try {
    return decodeSession(input);
  } catch (error) {
    if (error instanceof BadSession) return error.reason;
    throw error;
  }
}

describe('a session as bytes', () => {
  test('is the same afterwards, whatever it is', () => {
    fc.assert(
      fc.property(anySession, (one) => {
        expect(decodeSession(encodeSession(one))).toEqual(one);
      }),
    );
  });

  test('tells apart a server that was asked for no name, and no protocol', () => {
    for (const serverName of [null, 'a']) {
      for (const alpn of [null, '', 'h2']) {
        const one = decodeSession(encodeSession({ ...session, serverName, alpn }));
        expect([one.serverName, one.alpn]).toEqual([serverName, alpn]);
      }
    }
  });

  test('keeps a verdict that holds for ever', () => {
    const trust = { name: Uint8Array.of(1), until: Number.POSITIVE_INFINITY };
    expect(decodeSession(encodeSession({ ...session, trust })).trust?.until).toBe(Number.MAX_SAFE_INTEGER);
  });

  test('keeps whole milliseconds', () => {
    const one = decodeSession(encodeSession({ ...session, receivedAt: 1234.75, authenticatedAt: -5 }));
    expect([one.receivedAt, one.authenticatedAt]).toEqual([1234, 0]);
  });

  test('that was cut or has something behind it is none', () => {
    const whole = encodeSession(session);
    for (let length = 0; length < whole.length; length++)
      expect(read(whole.subarray(0, length))).toMatch(length < 15 ? /^not_a_session$/ : /^malformed$/);
    expect(read(Uint8Array.from([...whole, 0]))).toBe('malformed');
  });

  test('of another form is told apart', () => {
    const whole = encodeSession(session);
    expect(read(whole.map((byte, i) => (i === 14 ? 2 : byte)))).toBe('unknown_version');
    expect(read(whole.map((byte, i) => (i === 0 ? byte ^ 1 : byte)))).toBe('not_a_session');
    expect(read(new Uint8Array(0))).toBe('not_a_session');
  });

  test('that is anything at all is a session or none, and never another error', () => {
    const head = encodeSession(session).subarray(0, 15);
    const whole = encodeSession(session);
    fc.assert(
      fc.property(bytes(0, 200), fc.boolean(), (tail, withHead) => {
        const result = read(withHead ? Uint8Array.from([...head, ...tail]) : tail);
        return typeof result === 'string' || withHead;
      }),
    );
    fc.assert(
      fc.property(fc.nat(whole.length - 1), uint(8), fc.nat(whole.length - 1), uint(8), (i, a, j, b) => {
        const changed = whole.slice();
        changed[i] = a;
        changed[j] = b;
        const result = read(changed);
        // What can be read can be written.
        return typeof result === 'string' || encodeSession(result).length > 0;
      }),
      { numRuns: 2000 },
    );
  });

  test('with a name that is no text is none', () => {
    const whole = encodeSession({ ...session, serverName: 'abc' });
    const at = Buffer.from(whole).indexOf('abc');
    expect(read(whole.map((byte, i) => (i === at ? 0xff : byte)))).toBe('malformed');
  });
});

describe('a sealed session', () => {
  const key = new Uint8Array(32).fill(6);
  const sealer = new SessionSealer(nodeProvider, key);
  const small: Session = { ...session, ticket: new Uint8Array(8), trust: null };
  const reason = (sealed: Uint8Array, context?: string, by = sealer): string => {
    try {
      by.open(sealed, context);
      return 'opened';
    } catch (error) {
      if (error instanceof BadSession) return error.reason;
      throw error;
    }
  };

  test('opens under the same key and in the same context', () => {
    const sealed = sealer.seal(session, 'a');
    expect(new SessionSealer(nodeProvider, key).open(sealed, 'a')).toEqual(session);
    expect([reason(sealed, 'b'), reason(sealed)]).toEqual(['does_not_open', 'does_not_open']);
    const other = new SessionSealer(nodeProvider, new Uint8Array(32));
    expect(reason(sealed, 'a', other)).toBe('does_not_open');
  });

  test('is another one each time, and does not show what it holds', () => {
    const sealed = Buffer.from(sealer.seal(session));
    expect(sealed).not.toEqual(Buffer.from(sealer.seal(session)));
    expect(sealed.includes(Buffer.from(session.psk))).toBe(false);
    expect(sealed.includes('example.com')).toBe(false);
  });

  test('that was changed in any bit of any byte, cut anywhere, or lengthened does not open', () => {
    const sealed = sealer.seal(small);
    for (let at = 0; at < sealed.length; at++) {
      for (let bit = 1; bit < 256; bit <<= 1) {
        const changed = sealed.slice();
        changed[at]! ^= bit;
        if (reason(changed) !== 'does_not_open') expect.fail(`byte ${at}, bit ${bit}`);
      }
      expect(reason(sealed.subarray(0, at))).toBe('does_not_open');
    }
    expect(reason(Uint8Array.from([...sealed, 0]))).toBe('does_not_open');
    expect(reason(sealed)).toBe('opened');
  });

  test('that is anything at all does not open', () => {
    fc.assert(fc.property(bytes(0, 300), (input) => reason(input) === 'does_not_open'));
  });

  test('needs a key of 32 bytes', () => {
    expect(() => new SessionSealer(nodeProvider, new Uint8Array(31))).toThrow(RangeError);
  });
});

describe('a server’s state as bytes', () => {
  test('that is anything at all is a state or none, and never an error', () => {
    const whole = encodeState(ticketState);
    expect(decodeState(whole)).toEqual(ticketState);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), uint(8), (at, value) => {
        const changed = whole.slice();
        changed[at] = value;
        const state = decodeState(changed);
        return state === null || encodeState(state).length > 0;
      }),
      { numRuns: 1000 },
    );
    fc.assert(fc.property(bytes(0, 100), (input) => decodeState(input) === null));
  });

  test('of another form is none', () => {
    const whole = encodeState(ticketState);
    for (const format of [0, 1, 2, 4, 255])
      expect(decodeState(whole.map((byte, i) => (i === 1 ? format : byte)))).toBeNull();
  });
});
