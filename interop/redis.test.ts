/** `akushu/redis` on a real Redis, over both clients: what it keeps, what it will not vouch for, and when it is away. */
import { MemoryStore } from 'akushu';
import { MarksUnsafe, RedisStore, type RedisStoreOptions, StoreAway } from 'akushu/redis';
import { describe, expect, inject, type TestContext, test } from 'vitest';
import { type Cleaner, cleanerAfterAll } from './support/processes.js';
import {
  CLIENTS,
  CLUSTER_CLIENTS,
  RedisServer,
  SENTINEL_CLIENTS,
  startSentinel,
  tellRedis,
  whyNoRedis,
} from './support/redis.js';
import { eventually, storeContract } from './support/store-contract.js';

const { dir } = inject('prepared');
const LONG = 60_000;
/** Milliseconds of a window that tests wait for. */
const SHORT = 20;
/** The longest that is wanted of a store in these tests, those of the contract among them. */
const LONGEST = 50;
/** For the same reason: by default it is 1,000. */
const clockTolerance = 100;
/** Of this machine, which others use as well. */
const timeout = 5000;

type ClientName = keyof typeof CLIENTS;
type Options = Omit<RedisStoreOptions, 'client'>;
let number = 0;

/** Until nothing stands against marks but what the test does. */
async function untilSure(store: RedisStore): Promise<void> {
  await eventually(() => store.mark(`probe-${++number}`, LONGEST)).toBe(true);
}

storeContract('MemoryStore', null, async () => new MemoryStore({ marksFromTheStart: true }));

describe.each(Object.keys(CLIENTS) as ClientName[])('over %s', (name) => {
  const connect = CLIENTS[name];

  async function storeOn(server: RedisServer, clean: Cleaner, options: Options = {}): Promise<RedisStore> {
    return new RedisStore({ client: await connect(server.port, clean), timeout, clockTolerance, ...options });
  }

  async function sureStoreOn(
    server: RedisServer,
    clean: Cleaner,
    options: Options = {},
  ): Promise<RedisStore> {
    const store = await storeOn(server, clean, options);
    await untilSure(store);
    return store;
  }

  /** A test with a server of its own. */
  function withServer(
    title: string,
    run: (server: RedisServer, clean: Cleaner, context: TestContext) => Promise<void>,
    args: readonly string[] = [],
  ): void {
    test(title, async (context) => {
      if (whyNoRedis) context.skip(whyNoRedis);
      const clean = context.onTestFinished;
      await run(await RedisServer.start(dir, clean, args), clean, context);
    });
  }

  // One server for each kind of contract: each test has its own prefix.
  const cleanUp = cleanerAfterAll();
  const startFor = (args: readonly string[]): Promise<RedisServer> => RedisServer.start(dir, cleanUp, args);
  const prefix = (): string => `test${++number}:`;

  let alone: Promise<RedisServer> | null = null;
  storeContract(`RedisStore over ${name}`, whyNoRedis, async (clean) => {
    alone ??= startFor([]);
    return sureStoreOn(await alone, clean, { prefix: prefix() });
  });

  async function startCluster(): Promise<RedisServer> {
    const server = await startFor(['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1']);
    await server.tell('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await eventually(() => server.tell('CLUSTER', 'INFO')).toContain('cluster_state:ok');
    return server;
  }

  let cluster: Promise<RedisServer> | null = null;
  storeContract(`RedisStore over ${name} on a cluster`, whyNoRedis, async (clean) => {
    cluster ??= startCluster();
    const client = await CLUSTER_CLIENTS[name]((await cluster).port, clean);
    const store = new RedisStore({ client, prefix: prefix(), timeout, clockTolerance });
    await untilSure(store);
    return store;
  });

  withServer('of 100 callers on five connections one takes and one marks', async (server, clean) => {
    const stores = await Promise.all(Array.from({ length: 5 }, () => sureStoreOn(server, clean)));
    await stores[0]!.put('ticket', Uint8Array.of(7), LONG);
    const callers = Array.from({ length: 100 }, (_, i) => stores[i % stores.length]!);
    const taken = await Promise.all(callers.map((store) => store.take('ticket')));
    expect(taken.filter((value) => value !== null)).toStrictEqual([Uint8Array.of(7)]);
    const marked = await Promise.all(callers.map((store) => store.mark('hello', LONG - SHORT)));
    // Sure for a short window is not yet sure for a long one.
    expect(marked.filter(Boolean)).toHaveLength(0);
    const short = await Promise.all(callers.map((store) => store.mark('other', SHORT)));
    expect(short.filter(Boolean)).toHaveLength(1);
  });

  withServer('stores of different prefixes do not see each other', async (server, clean) => {
    const [a, b] = [
      await storeOn(server, clean, { prefix: 'a:' }),
      await storeOn(server, clean, { prefix: 'x{b}' }),
    ];
    await a.put('key', Uint8Array.of(1), LONG);
    await b.put('key', Uint8Array.of(2), LONG);
    expect(await a.get('key')).toStrictEqual(Uint8Array.of(1));
    expect(((await server.tell('KEYS', '*')) as string[]).sort()).toStrictEqual([
      'x{b}value:key',
      '{a}:value:key',
    ]);
  });

  // ---- What a server may have forgotten ----

  const quick = ['--repl-diskless-sync-delay', '0'];

  withServer('after a restart without its memory it marks nothing for a window', async (server, clean) => {
    const store = await sureStoreOn(server, clean, { retryAfter: 10 });
    await store.put('value', Uint8Array.of(1), LONG);
    await server.kill();
    await expect(store.mark('a', SHORT)).rejects.toThrow(StoreAway);
    await server.start();
    await eventually(() => store.get('value').catch(() => 'away')).toBe(null);
    expect(await store.mark('a', LONG)).toBe(false);
    await untilSure(store);
  });

  withServer(
    'after a restart with what was saved it marks nothing for a window either',
    async (server, clean) => {
      const store = await sureStoreOn(server, clean, { retryAfter: 10 });
      await store.put('value', Uint8Array.of(1), LONG);
      await server.tell('SAVE');
      await store.mark('lost', SHORT);
      await server.kill();
      await server.start();
      await eventually(() => store.get('value').catch(() => null)).toStrictEqual(Uint8Array.of(1));
      const marks = await Promise.all(['lost', 'b', 'c'].map((key) => store.mark(key, SHORT)));
      expect(marks).toStrictEqual([false, false, false]);
      await untilSure(store);
    },
  );

  withServer(
    'nor after one with a log of everything',
    async (server, clean) => {
      const log = ['--appendonly', 'yes', '--appendfsync', 'always'];
      const store = await sureStoreOn(server, clean, { retryAfter: 10 });
      await store.put('value', Uint8Array.of(1), LONG);
      await server.kill();
      await server.start(log);
      await eventually(() => store.get('value').catch(() => null)).toStrictEqual(Uint8Array.of(1));
      expect(await store.mark('b', SHORT)).toBe(false);
      await untilSure(store);
    },
    ['--appendonly', 'yes', '--appendfsync', 'always'],
  );

  withServer('after FLUSHALL it marks nothing for a window', async (server, clean) => {
    const store = await sureStoreOn(server, clean);
    await server.tell('FLUSHALL');
    expect(await store.mark('a', SHORT)).toBe(false);
    await untilSure(store);
  });

  withServer(
    'a replica that is promoted starts anew',
    async (primary, clean) => {
      const replica = await RedisServer.start(dir, clean, quick);
      await replica.tell('REPLICAOF', '127.0.0.1', String(primary.port));
      await eventually(() => replica.tell('INFO', 'replication')).toContain('master_link_status:up');
      await sureStoreOn(primary, clean);
      await eventually(() => replica.tell('KEYS', '*')).toContain('{akushu}:marks');
      const store = await storeOn(replica, clean);
      await expect(store.mark('a', SHORT)).rejects.toThrow('READONLY');
      await replica.tell('REPLICAOF', 'NO', 'ONE');
      expect(await store.mark('a', SHORT)).toBe(false);
      await untilSure(store);
    },
    quick,
  );

  withServer(
    'a primary that was a replica for a while starts anew, though all that it knows is of its own making',
    async (primary, clean) => {
      const other = await RedisServer.start(dir, clean);
      const follow = async (replica: RedisServer, leader: RedisServer): Promise<void> => {
        await replica.tell('REPLICAOF', '127.0.0.1', String(leader.port));
        await eventually(() => replica.tell('INFO', 'replication')).toContain('master_link_status:up');
      };
      await follow(other, primary);
      const store = await sureStoreOn(primary, clean);
      const record = await primary.tell('GET', '{akushu}:marks');
      await eventually(() => other.tell('GET', '{akushu}:marks')).toBe(record);
      await other.tell('REPLICAOF', 'NO', 'ONE');
      // What is marked now the other one does not know, whose memory comes next.
      await store.mark('lost', LONG);
      await follow(primary, other);
      await primary.tell('REPLICAOF', 'NO', 'ONE');
      expect(await primary.tell('GET', '{akushu}:marks')).toBe(record);
      expect(await store.mark('a', SHORT)).toBe(false);
      await untilSure(store);
    },
    quick,
  );

  withServer(
    'after a failover, which clients of sentinels hardly notice, it marks nothing for a window',
    async (primary, clean) => {
      const replica = await RedisServer.start(dir, clean, quick);
      await replica.tell('REPLICAOF', '127.0.0.1', String(primary.port));
      await eventually(() => replica.tell('INFO', 'replication')).toContain('master_link_status:up');
      const port = await startSentinel(dir, clean, primary);
      // It asks the primary for its replicas every ten seconds.
      await eventually(() => tellRedis(port, 'SENTINEL', 'REPLICAS', 'watched')).toHaveLength(1);
      const client = await SENTINEL_CLIENTS[name](port, clean);
      const store = new RedisStore({ client, timeout: 1000, retryAfter: 10, clockTolerance });
      await untilSure(store);
      await store.put('value', Uint8Array.of(1), LONG);
      await eventually(() => replica.tell('KEYS', '*')).toContain('{akushu}:value:value');
      await primary.kill();
      await eventually(() => store.get('value').catch(() => null)).toStrictEqual(Uint8Array.of(1));
      let first: unknown;
      const mark = (): Promise<boolean | 'away'> =>
        store.mark(`after ${++number}`, SHORT).catch(() => 'away' as const);
      await eventually(async () => {
        first = await mark();
        return first;
      }).not.toBe('away');
      expect(first).toBe(false);
      await eventually(mark).toBe(true);
      expect(await replica.tell('INFO', 'replication')).toContain('role:master');
    },
    quick,
  );

  withServer('a policy that may evict marks is told once, and nothing is marked', async (server, clean) => {
    const told: Error[] = [];
    const store = await sureStoreOn(server, clean, { onTrouble: (error) => told.push(error) });
    await server.tell('CONFIG', 'SET', 'maxmemory', '50mb');
    expect(await store.mark('full is no', SHORT)).toBe(true);
    await server.tell('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru');
    expect([await store.mark('a', SHORT), await store.mark('b', SHORT)]).toStrictEqual([false, false]);
    expect(told).toHaveLength(1);
    expect(told[0]).toBeInstanceOf(MarksUnsafe);
    expect(told[0]).toMatchObject({ reason: 'eviction', detail: 'volatile-lru' });
    await server.tell('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    expect(await store.mark('c', SHORT)).toBe(true);
  });

  withServer('evictions behind its back are noticed', async (server, clean) => {
    const store = await sureStoreOn(server, clean);
    await store.put('what expires', Uint8Array.of(1), LONG);
    // The record beside the marks does not expire, and stays.
    await server.tell('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru');
    await server.tell('CONFIG', 'SET', 'maxmemory', '1');
    await eventually(() => server.tell('INFO', 'stats')).toMatch(/evicted_keys:[1-9]/);
    await server.tell('CONFIG', 'SET', 'maxmemory', '0');
    expect(await store.mark('a', SHORT)).toBe(false);
    await untilSure(store);
  });

  withServer('where there is no room for marks it is away, not sure', async (server, clean) => {
    const store = await sureStoreOn(server, clean);
    await server.tell('CONFIG', 'SET', 'maxmemory', '1');
    await expect(store.mark('a', SHORT)).rejects.toThrow(StoreAway);
    await server.tell('CONFIG', 'SET', 'maxmemory', '0');
    expect(await store.mark('a', SHORT)).toBe(true);
  });

  withServer('whose clock is not the server’s marks nothing, and is told so', async (server, clean) => {
    const told: Error[] = [];
    let skew = 0;
    const now = (): number => Date.now() + skew;
    const store = await sureStoreOn(server, clean, { onTrouble: (error) => told.push(error), now });
    for (skew of [-LONG, LONG]) expect(await store.mark('a', SHORT)).toBe(false);
    expect(told.map((error) => error instanceof MarksUnsafe && error.reason)).toStrictEqual(['clock']);
    skew = 0;
    expect(await store.mark('a', SHORT)).toBe(true);
  });

  withServer('a record from the future, or from nowhere, counts for nothing', async (server, clean) => {
    const store = await sureStoreOn(server, clean);
    const record = String(await server.tell('GET', '{akushu}:marks'));
    const [identity] = record.split(' ');
    for (const damaged of [`${identity} 1 ${Date.now() + LONG}`, `${identity} 1`, 'x', '']) {
      await server.tell('SET', '{akushu}:marks', damaged);
      expect(await store.mark(damaged, SHORT)).toBe(false);
    }
    await server.tell('SET', '{akushu}:marks', `${identity} 1 1`);
    expect(await store.mark('old', LONG)).toBe(true);
  });

  withServer('scripts that the server has forgotten are sent again', async (server, clean) => {
    const store = await sureStoreOn(server, clean);
    await server.tell('SCRIPT', 'FLUSH');
    expect(await store.mark('a', SHORT)).toBe(true);
  });

  withServer(
    'a server without GETDEL takes as well',
    async (server, clean) => {
      const store = await storeOn(server, clean);
      await store.put('a', Uint8Array.of(1, 255), LONG);
      const taken = await Promise.all([store.take('a'), store.take('a'), store.take('b')]);
      expect(taken).toStrictEqual([Uint8Array.of(1, 255), null, null]);
    },
    ['--rename-command', 'GETDEL', ''],
  );

  // ---- Away ----

  withServer(
    'a server that does not answer is away in time, and back when it does',
    async (server, clean) => {
      const told: Error[] = [];
      const store = await sureStoreOn(server, clean, {
        timeout: 100,
        retryAfter: 1,
        onTrouble: (error) => told.push(error),
      });
      await store.put('a', Uint8Array.of(1), LONG);
      server.freeze();
      const all = [
        store.get('a'),
        store.put('b', Uint8Array.of(1), LONG),
        store.take('a'),
        store.mark('m', SHORT),
      ];
      for (const { reason } of await Promise.all(all.map(errorOf))) expect(reason).toBe('timeout');
      expect(told).toHaveLength(1);
      server.resume();
      // Taken, although nobody got it.
      await eventually(() => store.get('a').catch(() => 'away')).toBe(null);
      await untilSure(store);
    },
  );

  withServer('once it is away nobody waits for it', async (server, clean) => {
    const store = await storeOn(server, clean, { timeout: 100, retryAfter: 1_000_000 });
    server.freeze();
    expect((await errorOf(store.get('a'))).reason).toBe('timeout');
    server.resume();
    const errors = await Promise.all(Array.from({ length: 100 }, () => errorOf(store.get('a'))));
    expect(new Set(errors.map(({ reason }) => reason))).toStrictEqual(new Set(['paused']));
  });

  withServer('a client without a connection is away, and later not', async (server, clean) => {
    const store = await sureStoreOn(server, clean, { timeout: 200, retryAfter: 1 });
    await server.kill();
    for (let i = 0; i < 3; i++) expect(await errorOf(store.get('a'))).toBeInstanceOf(StoreAway);
    await server.start();
    await eventually(() => store.get('a').catch(() => 'away')).toBe(null);
  });

  withServer('what is no value of ours is refused, and spares the rest', async (server, clean) => {
    const told: Error[] = [];
    const store = await storeOn(server, clean, { onTrouble: (error) => told.push(error) });
    await server.tell('LPUSH', '{akushu}:value:list', 'x');
    const errors = [await errorOf(store.get('list')), await errorOf(store.take('list'))];
    for (const error of errors) {
      expect(error).toMatchObject({ reason: 'refused' });
      expect(error.message).toContain('WRONGTYPE');
    }
    expect(told).toHaveLength(1);
    expect(await store.get('a')).toBe(null);
    await server.tell('HSET', '{akushu}:marks', 'a', 'b');
    expect((await errorOf(store.mark('a', SHORT))).message).toContain('WRONGTYPE');
  });

  withServer('errors do not repeat what was sent', async (server, clean) => {
    const secret = 'a secret that nobody may see';
    const told: Error[] = [];
    const store = await storeOn(server, clean, { onTrouble: (error) => told.push(error) });
    await server.tell('ACL', 'SETUSER', 'default', '-set');
    const error = await errorOf(store.put(`key of ${secret}`, new TextEncoder().encode(secret), LONG));
    expect(error.reason).toBe('refused');
    const shown = JSON.stringify([error, error.cause, ...told], (_, value) =>
      value instanceof Error ? { ...value, text: String(value), stack: value.stack } : value,
    );
    expect(shown).toContain('NOPERM');
    expect(shown).not.toContain('secret');
  });
});

/** What it fails with, which has to be a StoreAway. */
async function errorOf(promise: Promise<unknown>): Promise<StoreAway> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreAway);
  return error as StoreAway;
}
