import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { MoodyStore, ticketState as state } from '../../test/support/sessions.js';
import { nodeProvider } from '../crypto/node.js';
import {
  ForeignTicketKey,
  MemoryStore,
  SharedTickets,
  type SharedTicketsOptions,
  StoreTooSlow,
} from './index.js';

const ROTATION = 100_000;
const START = 1000 * ROTATION;
const key = new Uint8Array(32).fill(3);

afterEach(() => {
  vi.useRealTimers();
});

/** A fleet: servers with clocks of their own over one store. */
function fleet(size: number, options: Partial<SharedTicketsOptions> = {}) {
  const clock = { now: START };
  const inner = new MemoryStore({ now: () => clock.now });
  const store = new MoodyStore(inner);
  const troubles: unknown[] = [];
  const server = (more: Partial<SharedTicketsOptions> = {}): SharedTickets =>
    new SharedTickets({
      provider: nodeProvider,
      store,
      key,
      rotation: ROTATION,
      checkEvery: 1000,
      onTrouble: (error) => troubles.push(error),
      now: () => clock.now,
      ...options,
      ...more,
    });
  return { clock, inner, store, troubles, server, servers: Array.from({ length: size }, () => server()) };
}

/** Lets what goes on in the background come to its end. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

/** As time goes by on a server with clients: somebody comes, and what that sets off is done. */
async function pass(servers: readonly SharedTickets[], clock: { now: number }, milliseconds: number) {
  const end = clock.now + milliseconds;
  while (clock.now < end) {
    clock.now = Math.min(end, clock.now + 1000);
    for (const server of servers) await server.seal(state);
    await settle0();
  }
}
const settle0 = () => new Promise((resolve) => setImmediate(resolve));

async function opens(by: SharedTickets, ticket: Uint8Array | null): Promise<boolean> {
  return ticket !== null && (await by.open(ticket)) !== null;
}

describe.each([2, 4])('tickets that %i servers share', (size) => {
  test('open on all of them, from the first one on', async () => {
    const { servers } = fleet(size);
    const sealed = await Promise.all(servers.map((server) => server.seal(state)));
    for (const ticket of sealed)
      for (const server of servers) expect(await server.open(ticket!)).toEqual({ ...state, renew: false });
  });

  test('open on all of them also where the store takes its time and all begin at once', async () => {
    const { servers, store } = fleet(size);
    store.mood = 'answers later';
    const sealed = await Promise.all(servers.map((server) => server.seal(state)));
    for (const ticket of sealed) for (const server of servers) expect(await opens(server, ticket)).toBe(true);
  });

  test('change their key on all of them together, without one that does not open', async () => {
    const { servers, clock, store } = fleet(size);
    await Promise.all(servers.map((server) => server.ready()));
    const names = new Set<string>();
    for (let step = 0; step < 12; step++) {
      const sealed = await Promise.all(servers.map((server) => server.seal(state)));
      const used = new Set(sealed.map((ticket) => Buffer.from(ticket!.subarray(0, 16)).toString('hex')));
      expect(used.size).toBe(1);
      for (const name of used) names.add(name);
      for (const ticket of sealed)
        for (const server of servers) expect(await opens(server, ticket)).toBe(true);
      await pass(servers, clock, ROTATION / 4);
    }
    expect(names.size).toBe(3);
    // The next turn's key is there before it begins: at its first instant nobody has to ask.
    clock.now = Math.ceil(clock.now / ROTATION) * ROTATION;
    store.mood = 'is silent';
    const ticket = servers[0]!.seal(state) as Uint8Array;
    for (const server of servers) expect(server.open(ticket)).toEqual({ ...state, renew: false });
  });

  test('open in the turn after theirs, and are to be renewed then; not in the one after that', async () => {
    const { servers, clock } = fleet(size);
    const ticket = (await servers[0]!.seal(state))!;
    await pass(servers, clock, ROTATION);
    for (const server of servers) expect(await server.open(ticket)).toEqual({ ...state, renew: true });
    await pass(servers, clock, ROTATION);
    for (const server of servers) expect(await server.open(ticket)).toBeNull();
  });

  test('open where clocks are some seconds apart, also while one server is a turn ahead', async () => {
    const { clock, server } = fleet(0);
    const servers = Array.from({ length: size }, (_, i) => server({ now: () => clock.now + i * 2000 }));
    await Promise.all(servers.map((one) => one.ready()));
    for (const at of [START + ROTATION - 5000, START + ROTATION - 1000, START + ROTATION]) {
      clock.now = at;
      const sealed = await Promise.all(servers.map((one) => one.seal(state)));
      for (const ticket of sealed) for (const one of servers) expect(await opens(one, ticket)).toBe(true);
      await settle();
    }
  });

  test('open on a server that was started again, and its own on the others', async () => {
    const { servers, server, clock } = fleet(size);
    const ticket = (await servers[0]!.seal(state))!;
    await pass(servers, clock, ROTATION);
    const again = server();
    expect(await opens(again, ticket)).toBe(true);
    const its = await again.seal(state);
    for (const one of servers) expect(await opens(one, its)).toBe(true);
  });

  test('outlive a store that loses everything in mid-turn: who knows the key gives it back', async () => {
    const { servers, server, inner, clock } = fleet(size);
    const ticket = await servers[0]!.seal(state);
    await settle();
    for (const turn of [-1, 0, 1, 2]) inner.delete(`ticket-key:${START / ROTATION + turn}`);
    await pass(servers, clock, 3000);
    expect(inner.get(`ticket-key:${START / ROTATION}`)).not.toBeNull();
    const newcomer = server();
    expect(await opens(newcomer, ticket)).toBe(true);
  });

  test('open also where a newcomer gave an empty store another key before the others looked', async () => {
    const { servers, server, inner, clock } = fleet(size);
    const old = await servers[0]!.seal(state);
    for (const one of servers) await one.ready();
    for (const turn of [-1, 0, 1, 2]) inner.delete(`ticket-key:${START / ROTATION + turn}`);
    const newcomer = server();
    const fresh = await newcomer.seal(state);
    await pass(servers, clock, 3000);
    for (const one of servers) {
      expect(await one.open(old!)).toEqual({ ...state, renew: true });
      expect(await one.open(fresh!)).toEqual({ ...state, renew: false });
      // All of them use the store's from now on.
      expect(await opens(newcomer, await one.seal(state))).toBe(true);
    }
    expect(await opens(newcomer, old)).toBe(false);
  });
});

describe('a store of ticket keys that is away', () => {
  test.each(['throws', 'rejects'] as const)('and %s is told once, and once that it is back', async (mood) => {
    const { servers, store, clock, troubles } = fleet(1);
    const [server] = servers as [SharedTickets];
    await server.ready();
    store.mood = mood;
    await pass([server], clock, 5000);
    expect([troubles.length, server.isAway]).toEqual([1, true]);
    store.mood = 'answers';
    await pass([server], clock, 2000);
    expect([troubles[1], server.isAway]).toEqual([null, false]);
  });

  test('stops no resumption by keys that are known, until they are too old; then there are no tickets', async () => {
    const { servers, store, clock } = fleet(2);
    const [a, b] = servers as [SharedTickets, SharedTickets];
    await Promise.all([a.ready(), b.ready()]);
    store.mood = 'rejects';
    const ticket = await a.seal(state);
    expect(await opens(b, ticket)).toBe(true);
    // The next turn's key was there already.
    await pass(servers, clock, ROTATION);
    const second = await b.seal(state);
    expect(await opens(a, second)).toBe(true);
    expect(await opens(a, ticket)).toBe(true);
    await pass(servers, clock, ROTATION);
    expect(await a.seal(state)).toBeNull();
    expect(await opens(a, second)).toBe(true);
    await pass(servers, clock, ROTATION);
    expect(await opens(a, second)).toBe(false);
    store.mood = 'answers';
    await pass(servers, clock, 2000);
    expect(await opens(b, await a.seal(state))).toBe(true);
  });

  test('stops all resumption where that is wanted, from when it is noticed until it is back', async () => {
    const { servers, store, clock } = fleet(1, { resumeWhenAway: 'never' });
    const [server] = servers as [SharedTickets];
    const ticket = await server.seal(state);
    store.mood = 'rejects';
    await pass(servers, clock, 2000);
    expect([await server.open(ticket!), await server.seal(state)]).toEqual([null, null]);
    store.mood = 'answers';
    await pass(servers, clock, 2000);
    expect(await opens(server, ticket)).toBe(true);
  });

  test('from the start leads to no tickets, and to no waiting once that is known', async () => {
    const { servers, store } = fleet(1);
    const [server] = servers as [SharedTickets];
    store.mood = 'rejects';
    expect(await server.seal(state)).toBeNull();
    expect(server.seal(state)).toBeNull();
    expect(server.open(new Uint8Array(100))).toBeNull();
  });

  test('since it never answers holds nobody up for ever', async () => {
    vi.useFakeTimers();
    const { servers, store, clock, troubles } = fleet(1);
    const [server] = servers as [SharedTickets];
    store.mood = 'is silent';
    const waiting = server.seal(state);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await waiting).toBeNull();
    expect(troubles[0]).toBeInstanceOf(StoreTooSlow);
    expect(server.seal(state)).toBeNull();
    store.mood = 'answers';
    clock.now += 2000;
    server.seal(state);
    await vi.advanceTimersByTimeAsync(10);
    expect(await opens(server, await server.seal(state))).toBe(true);
  });

  test('is asked no more often than it should be, however many handshakes there are', async () => {
    const { servers, store } = fleet(1);
    const [server] = servers as [SharedTickets];
    await server.ready();
    const asked = store.asked;
    for (let i = 0; i < 1000; i++) server.open((await server.seal(state))!);
    expect(store.asked).toBe(asked);
  });
});

describe('the keys in the store', () => {
  test('are of no use to who reads it', async () => {
    const { servers, inner } = fleet(1);
    const ticket = Buffer.from((await servers[0]!.seal(state))!);
    const wrapped = inner.get(`ticket-key:${START / ROTATION}`)!;
    expect(wrapped.length).toBe(12 + 32 + 16);
    const thief = fleet(0).server({ key: key.map((byte) => byte ^ 1), store: inner });
    expect(await thief.open(ticket)).toBeNull();
    expect(ticket.includes(Buffer.from(wrapped.subarray(12, 44)))).toBe(false);
  });

  test('sealed under another operator’s key are named, and lead to no tickets', async () => {
    const { servers, server, troubles } = fleet(1);
    await servers[0]!.ready();
    const foreign = server({ key: new Uint8Array(32).fill(4) });
    expect(await foreign.seal(state)).toBeNull();
    expect([troubles.length, troubles[0], foreign.isAway]).toEqual([1, expect.any(ForeignTicketKey), true]);
    expect(await opens(servers[0]!, await servers[0]!.seal(state))).toBe(true);
  });

  test('live through a change of the operator’s key, server by server', async () => {
    const other = new Uint8Array(32).fill(4);
    const { server } = fleet(0);
    const [old, both, changed] = [server(), server({ key: [key, other] }), server({ key: [other, key] })];
    const ticket = await old.seal(state);
    for (const one of [both, changed]) expect(await opens(one, ticket)).toBe(true);
    expect(await opens(old, await changed.seal(state))).toBe(true);
    expect(() => server({ key: [] })).toThrow(RangeError);
    expect(() => server({ key: [key, other.subarray(1)] })).toThrow(RangeError);
  });

  test('that somebody changed, cut or exchanged are named and not used', async () => {
    const name = (turn: number) => `ticket-key:${START / ROTATION + turn}`;
    const { servers, inner, server } = fleet(1);
    await servers[0]!.ready();
    const [now, next] = [inner.get(name(0))!, inner.get(name(1))!];
    const broken = [
      next,
      new Uint8Array(0),
      now.subarray(0, 12),
      now.subarray(0, 59),
      Uint8Array.from([...now, 0]),
      ...Array.from(now.keys(), (at) => now.map((byte, i) => (i === at ? byte ^ 1 : byte))),
    ];
    for (const value of broken) {
      inner.put(name(0), value, ROTATION);
      const troubles: unknown[] = [];
      const newcomer = server({ onTrouble: (error) => troubles.push(error) });
      expect(await newcomer.seal(state)).toBeNull();
      expect(troubles).toEqual([expect.any(ForeignTicketKey)]);
    }
    inner.put(name(0), now, ROTATION);
    expect(await opens(server(), await servers[0]!.seal(state))).toBe(true);
  });

  test('that are anything at all lead to an answer and never to an error', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 80 }),
        fc.integer({ min: -1, max: 1 }),
        async (bytes, turn) => {
          const { servers, inner } = fleet(1);
          inner.put(`ticket-key:${START / ROTATION + turn}`, bytes, ROTATION);
          const ticket = await servers[0]!.seal(state);
          return ticket === null && (await servers[0]!.open(bytes)) === null;
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('a clock that is set', () => {
  test('back does not keep a server from asking for the keys that it needs now', async () => {
    const { servers, clock } = fleet(2);
    const [a, b] = servers as [SharedTickets, SharedTickets];
    const before = await a.seal(state);
    clock.now += 10 * ROTATION;
    await pass([a], clock, 2000);
    clock.now = START + 3000;
    await pass([a], clock, 3000);
    expect(await opens(a, before)).toBe(true);
    expect(await opens(b, await a.seal(state))).toBe(true);
  });
});

describe('what an onlooker throws', () => {
  test('is not the server’s affair', async () => {
    const thrown: unknown[] = [];
    const listener = (error: unknown) => thrown.push(error);
    const before = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', listener);
    try {
      const { server, store } = fleet(0);
      store.mood = 'throws';
      const one = server({
        onTrouble: () => {
          throw new Error('mine');
        },
      });
      expect(await one.seal(state)).toBeNull();
      await settle();
      expect(String(thrown)).toBe('Error: mine');
    } finally {
      process.off('uncaughtException', listener);
      for (const one of before) process.on('uncaughtException', one);
    }
  });
});

test('options are checked at once', () => {
  const make = (options: Partial<SharedTicketsOptions>) => () => fleet(0).server(options);
  expect(make({ key: new Uint8Array(31) })).toThrow(RangeError);
  for (const bad of [0, -1, Number.NaN]) {
    expect(make({ rotation: bad })).toThrow(RangeError);
    expect(make({ checkEvery: bad })).toThrow(RangeError);
  }
});
