import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ticketState as state } from '../../test/support/sessions.js';
import { nodeProvider } from '../crypto/node.js';
import { portableProvider } from '../crypto/portable.js';
import { SelfEncryptedTickets, type TicketState } from './index.js';

const secret = new Uint8Array(32).fill(5);

describe('a self-encrypted ticket', () => {
  test('gives back all that was sealed in it', () => {
    const tickets = new SelfEncryptedTickets(nodeProvider);
    const other: TicketState = {
      ...state,
      serverName: null,
      alpn: null,
      peerChain: [],
      peerRawKey: Uint8Array.of(9),
    };
    for (const one of [state, other]) expect(tickets.open(tickets.seal(one)!)).toEqual(one);
  });

  test('opens wherever the secret is known, whatever the provider', () => {
    const sealed = new SelfEncryptedTickets(nodeProvider, secret).seal(state)!;
    expect(new SelfEncryptedTickets(portableProvider, secret).open(sealed)).toEqual(state);
    expect(new SelfEncryptedTickets(nodeProvider).open(sealed)).toBeNull();
    expect(
      new SelfEncryptedTickets(
        nodeProvider,
        secret.map((byte) => byte + 1),
      ).open(sealed),
    ).toBeNull();
  });

  test('is another one each time', () => {
    const tickets = new SelfEncryptedTickets(nodeProvider, secret);
    expect(tickets.seal(state)).not.toEqual(tickets.seal(state));
  });

  test('that was changed anywhere, cut, or made up, is no error but nothing', () => {
    const tickets = new SelfEncryptedTickets(nodeProvider, secret);
    const sealed = tickets.seal(state)!;
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.slice();
      changed[at]! ^= 1;
      expect([at, tickets.open(changed), tickets.open(sealed.slice(0, at))]).toEqual([at, null, null]);
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => tickets.open(bytes) === null));
  });

  test('does not show what it holds', () => {
    const sealed = Buffer.from(new SelfEncryptedTickets(nodeProvider, secret).seal(state)!);
    expect(sealed.includes(Buffer.from(state.psk))).toBe(false);
    expect(sealed.includes('example.com')).toBe(false);
  });

  test('is not made for a chain that would make every resuming hello long', () => {
    const tickets = new SelfEncryptedTickets(nodeProvider, secret);
    expect(tickets.seal({ ...state, peerChain: [new Uint8Array(16_385)] })).toBeNull();
    expect(tickets.seal({ ...state, peerChain: [new Uint8Array(16_000)] })).not.toBeNull();
  });

  test('needs a secret of 32 bytes', () => {
    expect(() => new SelfEncryptedTickets(nodeProvider, new Uint8Array(31))).toThrow(RangeError);
  });
});
