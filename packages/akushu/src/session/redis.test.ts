import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MarksUnsafe, RedisStore, StoreAway } from './redis.js';
import { refusalOf, senderFor } from './redis-client.js';
import { MARK, TAKE } from './redis-scripts.js';

type Args = (string | number | Uint8Array)[];

/** A client in the manner of ioredis whose answers the test gives. */
class FakeClient {
  status = 'ready';
  readonly asked: Args[] = [];
  answer: (args: Args) => unknown = () => null;

  async callBuffer(...args: Args): Promise<unknown> {
    this.asked.push(args);
    return this.answer(args);
  }

  get commands(): unknown[] {
    return this.asked.map(([command]) => command);
  }
}

const never = (): Promise<unknown> => new Promise(() => {});
const throwing = (message: string) => (): never => {
  throw new Error(message);
};

function stored(options: Partial<ConstructorParameters<typeof RedisStore>[0]> = {}) {
  const client = new FakeClient();
  const told: Error[] = [];
  const store = new RedisStore({ client, onTrouble: (error) => told.push(error), ...options });
  return { client, store, told };
}

const reasonOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof StoreAway ? error.reason : String(error)),
  );

describe('RedisStore', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('asks for what it is asked, under keys of one slot', async () => {
    const { client, store } = stored();
    await store.get('k');
    await store.put('k', Uint8Array.of(1), 5);
    await store.put('k', Uint8Array.of(1), 0);
    await store.add('k', Uint8Array.of(1), 5.5);
    await store.take('k');
    await store.delete('k');
    const key = '{akushu}:value:k';
    const value = Buffer.of(1);
    expect(client.asked).toStrictEqual([
      ['GET', key],
      ['SET', key, value, 'PX', '5'],
      ['DEL', key],
      ['SET', key, value, 'NX', 'PX', '6'],
      ['GETDEL', key],
      ['DEL', key],
    ]);
  });

  test.each([
    ['a:', '{a}:'],
    ['a', '{a}'],
    [':', '{:}'],
    ['a{b}c', 'a{b}c'],
    ['a{}', '{a{}}'],
  ])('puts the prefix %s into the slot of %s', async (prefix, expected) => {
    const { client, store } = stored({ prefix });
    await store.get('k');
    expect(client.asked).toStrictEqual([['GET', `${expected}value:k`]]);
  });

  test('sends scripts by their hash, and whole where the server has not seen them', async () => {
    const { client, store } = stored({ now: () => 1000.4 });
    client.answer = ([command]) => {
      if (command === 'EVALSHA') throw new Error('NOSCRIPT No matching script.');
      return Buffer.from('marked');
    };
    expect(await store.mark('k', 30)).toBe(true);
    const rest = ['2', '{akushu}:marks', '{akushu}:mark:k', '1001', '1000', '2030'];
    expect(client.asked).toStrictEqual([
      ['EVALSHA', MARK.sha, ...rest],
      ['EVAL', MARK.lua, ...rest],
    ]);
  });

  test.each([MARK, TAKE])('knows scripts by the hash that servers compute', ({ lua, sha }) => {
    expect(sha).toBe(createHash('sha1').update(lua).digest('hex'));
  });

  test('learns once that there is no GETDEL', async () => {
    const { client, store } = stored();
    client.answer = ([command]) => {
      if (command === 'GETDEL')
        throw new Error("ERR unknown command 'GETDEL', with args beginning with: 'k'");
      return Buffer.of(7);
    };
    expect([await store.take('k'), await store.take('k')]).toStrictEqual([
      Uint8Array.of(7),
      Uint8Array.of(7),
    ]);
    expect(client.commands).toStrictEqual(['GETDEL', 'EVALSHA', 'EVALSHA']);
  });

  test('tells why nothing can be marked: once, and again after it could', async () => {
    const { client, store, told } = stored();
    const verdicts = ['eviction allkeys-lru', 'eviction allkeys-lru', 'young', 'clock -5000', 'clock 7'];
    for (const verdict of [...verdicts, 'seen', 'clock 7', 'unknown']) {
      client.answer = () => Buffer.from(verdict);
      expect(await store.mark('k', 10)).toBe(false);
    }
    expect(told.map((error) => error instanceof MarksUnsafe && [error.reason, error.detail])).toStrictEqual([
      ['eviction', 'allkeys-lru'],
      ['clock', '-5000'],
      ['clock', '7'],
      ['unknown', ''],
    ]);
  });

  test('waits no longer than it may, and ignores what comes late', async () => {
    const { client, store, told } = stored({ timeout: 100 });
    const late: ((value: unknown) => void)[] = [];
    client.answer = () => new Promise((resolve) => late.push(resolve));
    const taken = reasonOf(store.take('k'));
    const marked = reasonOf(store.mark('k', 10));
    await vi.advanceTimersByTimeAsync(99);
    expect(late).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect([await taken, await marked]).toStrictEqual(['timeout', 'timeout']);
    expect(told).toHaveLength(1);
    for (const [i, resolve] of late.entries())
      resolve(i ? Promise.reject(new Error('NOSCRIPT gone')) : Buffer.of(1));
    await vi.advanceTimersByTimeAsync(1);
    // The whole script was not sent: nobody waits for its answer.
    expect(client.commands).toStrictEqual(['GETDEL', 'EVALSHA']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('asks nothing while the server is away, then lets one ask, and all when that one had an answer', async () => {
    const { client, store, told } = stored({ timeout: 100, retryAfter: 1000 });
    client.answer = never;
    const first = reasonOf(store.get('k'));
    await vi.advanceTimersByTimeAsync(100);
    expect(await first).toBe('timeout');
    await vi.advanceTimersByTimeAsync(999);
    expect(await reasonOf(store.get('k'))).toBe('paused');
    expect(client.asked).toHaveLength(1);

    await vi.advanceTimersByTimeAsync(1);
    const probe = reasonOf(store.get('k'));
    expect(await reasonOf(store.get('k'))).toBe('paused');
    expect(client.asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(100);
    expect(await probe).toBe('timeout');
    expect(await reasonOf(store.get('k'))).toBe('paused');

    await vi.advanceTimersByTimeAsync(1000);
    client.answer = () => null;
    expect(await Promise.all([store.get('k').catch(() => 0), reasonOf(store.get('k'))])).toStrictEqual([
      null,
      'paused',
    ]);
    expect(await Promise.all([store.get('k'), store.get('k')])).toStrictEqual([null, null]);
    expect(told).toHaveLength(1);

    client.answer = throwing('connect ECONNREFUSED 127.0.0.1:1');
    expect(await reasonOf(store.get('k'))).toBe('failed');
    expect(told).toHaveLength(2);
  });

  test('a refusal concerns one operation, not the server', async () => {
    const { client, store, told } = stored();
    client.answer = throwing('WRONGTYPE Operation against a key holding the wrong kind of value');
    expect([await reasonOf(store.get('k')), await reasonOf(store.get('k'))]).toStrictEqual([
      'refused',
      'refused',
    ]);
    expect(client.asked).toHaveLength(2);
    expect(told).toHaveLength(1);
  });

  test('gives nothing to a client that would keep it for later', async () => {
    const { client, store } = stored({ retryAfter: 1 });
    for (client.status of ['close', 'reconnecting', 'end']) {
      expect(await reasonOf(store.get('k'))).toBe('failed');
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(client.asked).toHaveLength(0);
  });

  test('is away where the client answers what is no answer, or throws', async () => {
    const { client, store } = stored({ retryAfter: 1 });
    for (const answer of [() => 7, () => undefined, throwing('')]) {
      client.answer = answer;
      expect(await reasonOf(store.get('k'))).toBe('failed');
      await vi.advanceTimersByTimeAsync(1);
    }
    client.answer = () => Promise.reject('no error at all');
    expect(await reasonOf(store.get('k'))).toBe('failed');
  });

  test('errors hold the kind and the reason, and nothing that was sent', async () => {
    const { client, store } = stored();
    client.answer = () => {
      const error = new Error("ERR unknown command 'SET', with args beginning with: 'secret' 'secret'");
      throw Object.assign(error, { command: { name: 'SET', args: ['secret'] } });
    };
    const error = await store.put('k', Uint8Array.of(1), 1).catch((reason: Error) => reason);
    expect(error).toMatchObject({
      reason: 'refused',
      message: 'the store is away (refused): ERR unknown command',
    });
    expect(Object.keys((error as Error).cause as Error)).not.toContain('command');
  });

  test('what an onlooker throws does not reach the operation', async () => {
    const thrown: unknown[] = [];
    const catchIt = (error: unknown): void => {
      thrown.push(error);
    };
    process.once('uncaughtException', catchIt);
    const { client, store } = stored({ onTrouble: throwing('mine') });
    client.answer = throwing('Connection is closed.');
    expect(await reasonOf(store.get('k'))).toBe('failed');
    vi.useRealTimers();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('uncaughtException', catchIt);
    expect(thrown).toStrictEqual([new Error('mine')]);
  });

  test('needs a client, a prefix and times', () => {
    const client = new FakeClient();
    for (const wrong of [{}, null, { get: () => null }])
      expect(() => new RedisStore({ client: wrong as unknown as FakeClient })).toThrow(TypeError);
    expect(() => new RedisStore({ client, prefix: '' })).toThrow(RangeError);
    for (const wrong of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => new RedisStore({ client, timeout: wrong })).toThrow(RangeError);
      expect(() => new RedisStore({ client, retryAfter: wrong })).toThrow(RangeError);
      expect(() => new RedisStore({ client, clockTolerance: wrong })).toThrow(RangeError);
    }
  });
});

describe('the clients', () => {
  const { signal } = new AbortController();

  test('node-redis is asked for bytes in the words of all its versions', async () => {
    const asked: unknown[] = [];
    const client = { sendCommand: async (...args: unknown[]) => void asked.push(args) };
    await senderFor(client)('k', ['SET', 'k', new Uint8Array(4).subarray(1, 3)], signal);
    expect(asked).toStrictEqual([
      [
        ['SET', 'k', Buffer.alloc(2)],
        { returnBuffers: true, signal, typeMapping: { 36: Buffer }, abortSignal: signal },
      ],
    ]);
  });

  test('a cluster of node-redis is told the key that decides on the node', async () => {
    const asked: unknown[] = [];
    const client = {
      nodeClient: () => null,
      sendCommand: async (...args: unknown[]) => void asked.push(args.slice(0, 3)),
    };
    await senderFor(client)('k', ['GET', 'k'], signal);
    expect(asked).toStrictEqual([['k', false, ['GET', 'k']]]);
  });

  test('sentinels of node-redis are told that nothing is for a replica', async () => {
    const asked: unknown[] = [];
    const client = {
      getSentinelNode: () => null,
      sendCommand: async (...args: unknown[]) => void asked.push(args.slice(0, 2)),
    };
    await senderFor(client)('k', ['GET', 'k'], signal);
    expect(asked).toStrictEqual([[false, ['GET', 'k']]]);
  });

  test.each([
    ['WRONGTYPE Operation against a key', 'WRONGTYPE'],
    ['ERR', 'ERR'],
    ['connect ECONNREFUSED 127.0.0.1:6379', null],
    ['Connection is closed.', null],
    ['', null],
  ])('an error that says "%s" is of kind %s', (message, kind) => {
    expect(refusalOf(new Error(message))).toBe(kind);
  });

  test('an error of the system is no refusal, whatever it says', () => {
    expect(refusalOf(Object.assign(new Error('EPIPE broken'), { code: 'EPIPE' }))).toBe(null);
    expect(refusalOf('ERR')).toBe(null);
  });
});
