import { afterEach, describe, expect, test, vi } from 'vitest';
import { MoodyStore, ticketState as state } from '../../test/support/sessions.js';
import { nodeProvider } from '../crypto/node.js';
import {
  MemoryStore,
  SelfEncryptedTickets,
  StoredSessions,
  StoredTickets,
  type TicketKeeper,
} from './index.js';

afterEach(() => {
  vi.useRealTimers();
});

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

function setUp(
  resumeWhenAway?: 'never' | 'stateless',
  keeper: TicketKeeper = new SelfEncryptedTickets(nodeProvider),
) {
  const clock = { now: 0 };
  const inner = new MemoryStore({ now: () => clock.now });
  const store = new MoodyStore(inner);
  const common = { provider: nodeProvider, store, keeper };
  const tickets = new StoredTickets({ ...common, ...(resumeWhenAway && { resumeWhenAway }) });
  return { clock, inner, store, keeper, tickets, sessions: new StoredSessions(common) };
}

/** All keys and values of a store in memory. */
function contents(store: MemoryStore): [string, Uint8Array][] {
  const { entries } = store as unknown as { entries: Map<string, { value: Uint8Array }> };
  return [...entries].map(([key, { value }]) => [key, value]);
}

describe('a ticket of which the server keeps the state', () => {
  test('is 32 random bytes, and opens once', async () => {
    const { tickets } = setUp();
    const [one, two] = [(await tickets.seal(state))!, (await tickets.seal(state))!];
    expect([one.length, two.length]).toEqual([32, 32]);
    expect(one).not.toEqual(two);
    expect(await tickets.open(one)).toEqual({ ...state, renew: true });
    expect(await tickets.open(one)).toBeNull();
    expect(await tickets.open(two)).toEqual({ ...state, renew: true });
  });

  test('opens for one of many who come at once', async () => {
    const { tickets, store } = setUp();
    store.mood = 'answers later';
    const ticket = (await tickets.seal(state))!;
    await settle();
    const opened = await Promise.all(Array.from({ length: 50 }, () => tickets.open(ticket)));
    expect(opened.filter((one) => one !== null).length).toBe(1);
  });

  test('does not outlive its time', async () => {
    const { tickets, clock } = setUp();
    const [one, two] = [(await tickets.seal(state))!, (await tickets.seal(state))!];
    clock.now = state.lifetime * 1000 - 1;
    expect(await tickets.open(one)).not.toBeNull();
    clock.now++;
    expect(await tickets.open(two)).toBeNull();
  });

  test('is not made where there is nothing to keep', async () => {
    const { tickets, inner } = setUp(undefined, { seal: () => null, open: () => null });
    expect([await tickets.seal(state), inner.size]).toEqual([null, 0]);
    const later = setUp(undefined, { seal: async () => null, open: () => null });
    expect([await later.tickets.seal(state), later.inner.size]).toEqual([null, 0]);
  });

  test('is not in the store, where only its digest and a sealed state are', async () => {
    const { tickets, inner } = setUp();
    const ticket = Buffer.from((await tickets.seal(state))!);
    const [[name, value]] = contents(inner) as [[string, Uint8Array]];
    expect(name).toMatch(/^ticket:[0-9a-f]{64}$/);
    expect(name).not.toContain(ticket.toString('hex'));
    expect(Buffer.from(value).includes(Buffer.from(state.psk))).toBe(false);
    expect(Buffer.from(value).includes(ticket)).toBe(false);
  });

  test('whose state was changed anywhere in the store is none', async () => {
    const { tickets, inner } = setUp();
    await tickets.seal(state);
    const [[name, value]] = contents(inner) as [[string, Uint8Array]];
    for (let at = 0; at < value.length; at++) {
      const ticket = (await tickets.seal(state))!;
      const [theirs] = contents(inner)
        .map(([key]) => key)
        .filter((key) => key !== name);
      const changed = value.slice();
      changed[at]! ^= 0x10;
      inner.put(theirs!, changed, 1000);
      expect([at, await tickets.open(ticket)]).toEqual([at, null]);
    }
  });

  test('of another length, or nobody’s, is none, and what is sealed alone is none either', async () => {
    const { tickets, keeper, store } = setUp();
    const asked = store.asked;
    for (const length of [0, 1, 31, 33, 1000]) expect(await tickets.open(new Uint8Array(length))).toBeNull();
    expect(await tickets.open((await keeper.seal(state))!)).toBeNull();
    expect(store.asked).toBe(asked);
    expect(await tickets.open(new Uint8Array(32))).toBeNull();
  });
});

describe('while the store is away', () => {
  test.each(['throws', 'rejects'] as const)('and %s, there are no tickets, and none opens', async (mood) => {
    const { tickets, store } = setUp();
    const kept = (await tickets.seal(state))!;
    await settle();
    store.mood = mood;
    // It takes one that is lost to notice.
    const lost = (await tickets.seal(state))!;
    await settle();
    expect([await tickets.seal(state), await tickets.open(kept)]).toEqual([null, null]);
    store.mood = 'answers';
    await tickets.seal(state);
    await settle();
    expect(await tickets.open(lost)).toBeNull();
    expect(await tickets.open((await tickets.seal(state))!)).not.toBeNull();
  });

  test('tickets hold their state themselves where that is wanted, and allow no early data then', async () => {
    const { tickets, store } = setUp('stateless');
    store.mood = 'rejects';
    await tickets.seal(state);
    await settle();
    const ticket = (await tickets.seal(state))!;
    expect(ticket.length).toBeGreaterThan(32);
    // It opens more than once: what the store guards against nobody does here.
    for (const mood of ['rejects', 'answers'] as const) {
      store.mood = mood;
      expect(await tickets.open(ticket)).toEqual({ ...state, maxEarlyData: 0 });
    }
  });

  test('and never says a word, nobody waits for ever', async () => {
    vi.useFakeTimers();
    const { tickets, sessions, store } = setUp();
    const ticket = (await tickets.seal(state))!;
    const id = sessions.newId();
    store.mood = 'is silent';
    const answers = Promise.all([
      tickets.seal(state),
      tickets.open(ticket),
      sessions.keep(id, state),
      sessions.find(id),
      sessions.forget(id),
    ]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await answers).toEqual([expect.any(Uint8Array), null, false, null, undefined]);
    expect(await tickets.seal(state)).toBeNull();
  });
});

describe('a session that is found by its id', () => {
  const old = { ...state, version: 0x0303, cipherSuite: 0xc02f, extendedMasterSecret: true };

  test('is found again and again, until it is forgotten', async () => {
    const { sessions } = setUp();
    const id = sessions.newId();
    expect(id.length).toBe(32);
    expect(await sessions.find(id)).toBeNull();
    expect(await sessions.keep(id, old)).toBe(true);
    expect([await sessions.find(id), await sessions.find(id)]).toEqual([old, old]);
    await sessions.forget(id);
    expect(await sessions.find(id)).toBeNull();
  });

  test('is found within its lifetime', async () => {
    const { sessions, clock } = setUp();
    const id = sessions.newId();
    await sessions.keep(id, old);
    clock.now = old.lifetime * 1000;
    expect(await sessions.find(id)).toBeNull();
  });

  test('is none where the id has another length: clients make them up', async () => {
    const { sessions, store } = setUp();
    for (const length of [0, 1, 31, 33, 255]) expect(await sessions.find(new Uint8Array(length))).toBeNull();
    expect(store.asked).toBe(0);
  });

  test('is no ticket, and a ticket is no session', async () => {
    const { sessions, tickets } = setUp();
    const id = sessions.newId();
    await sessions.keep(id, old);
    const ticket = (await tickets.seal(state))!;
    expect([await tickets.open(id), await sessions.find(ticket)]).toEqual([null, null]);
    expect([await sessions.find(id), await tickets.open(ticket)]).toEqual([old, { ...state, renew: true }]);
  });

  test('is not kept where the store is away or nothing is sealed, which nobody is told by an error', async () => {
    for (const mood of ['throws', 'rejects'] as const) {
      const { sessions, store } = setUp();
      store.mood = mood;
      const id = sessions.newId();
      expect([await sessions.keep(id, old), await sessions.find(id), await sessions.forget(id)]).toEqual([
        false,
        null,
        undefined,
      ]);
    }
    const { sessions } = setUp(undefined, { seal: () => null, open: () => null });
    expect(await sessions.keep(sessions.newId(), old)).toBe(false);
  });
});
