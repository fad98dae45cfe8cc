/**
 * Sessions, keys of tickets and marks against replay that many servers share, in Redis or Valkey, over a client that
 * the caller has made: `akushu/redis`. Handshakes wait for it, so it answers within `timeout` or not at all; and while
 * the server is away, nearly at once.
 *
 * A mark is as good as the server's memory: what a server may have lost, by a restart, a failover, a flush, an
 * eviction or its clock, it does not vouch for (redis-scripts.ts). What no store can see is two primaries at a time,
 * each with its own marks: where failover is automatic, `min-replicas-to-write` ends the older one.
 */
import type { RedisClient } from './redis-client.js';
import { refusalOf, type Send, senderFor, text } from './redis-client.js';
import { MARK, type Script, TAKE } from './redis-scripts.js';
import type { SessionStore } from './store.js';

export type {
  IoredisClient,
  NodeRedisClient,
  NodeRedisCluster,
  NodeRedisSentinel,
  RedisClient,
} from './redis-client.js';

export interface RedisStoreOptions {
  /** Of ioredis or node-redis, connected or about to be. It is not closed here, and its errors remain the caller's. */
  readonly client: RedisClient;
  /** Before every key. All keys lie in one slot of a cluster: by the braces in it, or else by all of it. Default `akushu:`. */
  readonly prefix?: string;
  /** Milliseconds that an operation may take. Default 250. */
  readonly timeout?: number;
  /** Milliseconds for which nothing is asked once the server did not answer. Default 1,000. */
  readonly retryAfter?: number;
  /** Milliseconds by which the clocks of server and caller may differ; beyond, nothing is marked. Default 1,000. */
  readonly clockTolerance?: number;
  /** Told when the server is away, and when it cannot keep marks: once, until it can again. */
  readonly onTrouble?: (error: StoreAway | MarksUnsafe) => void;
  /** Milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Nothing came of an operation: no answer in time, the connection `failed`, the server `refused`, or it was not asked
 * since it was away a moment ago (`paused`). The cause names neither keys nor values.
 */
export class StoreAway extends Error {
  override readonly name = 'StoreAway';
  constructor(
    readonly reason: 'timeout' | 'failed' | 'refused' | 'paused',
    cause?: Error,
  ) {
    super(`the store is away (${reason})${cause ? `: ${cause.message}` : ''}`, cause ? { cause } : undefined);
  }
}

/**
 * The server cannot keep marks: its memory policy lets them be evicted, its clock is not ours, or it does not say what
 * it is. `detail` is the policy, or by how many milliseconds it is ahead of us.
 */
export class MarksUnsafe extends Error {
  override readonly name = 'MarksUnsafe';
  constructor(
    readonly reason: 'eviction' | 'clock' | 'unknown',
    readonly detail: string,
  ) {
    super(`the store cannot keep marks (${[reason, detail].filter(Boolean).join(': ')})`);
  }
}

/** What an operation does; each may take several commands, within one time limit. */
type Operation<T> = (ask: Ask) => Promise<T>;
type Ask = (key: string, ...args: (string | Uint8Array)[]) => Promise<unknown>;

export class RedisStore implements SessionStore {
  private readonly send: Send;
  private readonly prefix: string;
  private readonly timeout: number;
  private readonly retryAfter: number;
  private readonly clockTolerance: number;
  private readonly onTrouble: (error: StoreAway | MarksUnsafe) => void;
  private readonly now: () => number;
  /** While the server is away: why, and until when it is not asked. */
  private pause: { readonly until: number; readonly cause: Error } | null = null;
  private probing = false;
  private knowsGetdel = true;
  /** What has been told, by its kind, so that it is told once. */
  private readonly told = new Map<string, string>();

  /** Throws TypeError for a client that is none, and RangeError for an empty prefix and times that are not positive. */
  constructor(options: RedisStoreOptions) {
    this.send = senderFor(options.client);
    this.prefix = inOneSlot(options.prefix ?? 'akushu:');
    this.timeout = positive('timeout', options.timeout ?? 250);
    this.retryAfter = positive('retryAfter', options.retryAfter ?? 1000);
    this.clockTolerance = positive('clockTolerance', options.clockTolerance ?? 1000);
    this.onTrouble = options.onTrouble ?? (() => {});
    this.now = options.now ?? Date.now;
  }

  get(key: string): Promise<Uint8Array | null> {
    const name = this.valueKey(key);
    return this.run(async (ask) => bytes(await ask(name, 'GET', name)));
  }

  put(key: string, value: Uint8Array, ttl: number): Promise<void> {
    const name = this.valueKey(key);
    return this.run(async (ask) => {
      if (ttl > 0) await ask(name, 'SET', name, value, 'PX', milliseconds(ttl));
      else await ask(name, 'DEL', name);
    });
  }

  add(key: string, value: Uint8Array, ttl: number): Promise<boolean> {
    const name = this.valueKey(key);
    return this.run(async (ask) => {
      if (!(ttl > 0)) return (await ask(name, 'GET', name)) === null;
      return (await ask(name, 'SET', name, value, 'NX', 'PX', milliseconds(ttl))) !== null;
    });
  }

  /** What is taken by an operation that fails is gone: it may have been given to nobody, but never to two. */
  take(key: string): Promise<Uint8Array | null> {
    const name = this.valueKey(key);
    return this.run(async (ask) => {
      if (this.knowsGetdel) {
        try {
          return bytes(await ask(name, 'GETDEL', name));
        } catch (error) {
          if (!/unknown command/i.test(String(error))) throw error;
          // Redis before 6.2.
          this.knowsGetdel = false;
        }
      }
      return bytes(await evaluate(ask, TAKE, [name], []));
    });
  }

  delete(key: string): Promise<void> {
    const name = this.valueKey(key);
    return this.run(async (ask) => {
      await ask(name, 'DEL', name);
    });
  }

  async mark(key: string, window: number): Promise<boolean> {
    const record = `${this.prefix}marks`;
    const span = window + 2 * this.clockTolerance;
    const times = [this.now(), this.clockTolerance, span].map(milliseconds);
    const keys: [string, string] = [record, `${this.prefix}mark:${key}`];
    const verdict = text(await this.run((ask) => evaluate(ask, MARK, keys, times)));
    const [word, detail = ''] = verdict.split(' ');
    if (word === 'eviction' || word === 'clock' || word === 'unknown') {
      this.tell('marks', word, new MarksUnsafe(word, detail));
      return false;
    }
    if (word !== 'young') this.told.delete('marks');
    return word === 'marked';
  }

  private valueKey(key: string): string {
    return `${this.prefix}value:${key}`;
  }

  // ---- A server that may be away ----

  private async run<T>(operation: Operation<T>): Promise<T> {
    const probe = this.pause !== null;
    if (this.pause && (this.probing || performance.now() < this.pause.until))
      throw new StoreAway('paused', this.pause.cause);
    this.probing ||= probe;
    try {
      const result = await this.inTime(operation);
      this.answered();
      return result;
    } catch (error) {
      throw this.fail(error);
    } finally {
      if (probe) this.probing = false;
    }
  }

  /** Rejects when time is over, whatever becomes of the operation; it gives up before its next command. */
  private inTime<T>(operation: Operation<T>): Promise<T> {
    const abort = new AbortController();
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new StoreAway('timeout'));
        abort.abort();
      }, this.timeout);
      const ask: Ask = async (key, ...args) => {
        abort.signal.throwIfAborted();
        return this.send(key, args, abort.signal);
      };
      operation(ask)
        .then(resolve, reject)
        .finally(() => clearTimeout(timer));
    });
  }

  private answered(): void {
    this.pause = null;
    this.told.delete('away');
  }

  private fail(error: unknown): StoreAway {
    const cause = harmless(error);
    const refusal = refusalOf(error);
    if (refusal) {
      // It answers, and at once: other operations need not be spared.
      this.answered();
      return this.tell('refused', refusal, new StoreAway('refused', cause));
    }
    this.pause = { until: performance.now() + this.retryAfter, cause };
    return this.tell('away', '', error instanceof StoreAway ? error : new StoreAway('failed', cause));
  }

  /** What an onlooker throws is its own affair: the operation goes on without it. */
  private tell<E extends StoreAway | MarksUnsafe>(
    kind: 'away' | 'refused' | 'marks',
    what: string,
    error: E,
  ): E {
    if (this.told.get(kind) === what) return error;
    this.told.set(kind, what);
    try {
      this.onTrouble(error);
    } catch (cause) {
      queueMicrotask(() => {
        throw cause;
      });
    }
    return error;
  }
}

/** By its hash; with its text where the server does not have it yet, or any more. */
async function evaluate(
  ask: Ask,
  script: Script,
  keys: readonly [string, ...string[]],
  args: readonly string[],
): Promise<unknown> {
  const rest = [String(keys.length), ...keys, ...args];
  try {
    return await ask(keys[0], 'EVALSHA', script.sha, ...rest);
  } catch (error) {
    if (refusalOf(error) !== 'NOSCRIPT') throw error;
    return ask(keys[0], 'EVAL', script.lua, ...rest);
  }
}

/** A copy: what clients give may lie in a buffer of theirs. */
function bytes(answer: unknown): Uint8Array | null {
  if (answer === null) return null;
  if (answer instanceof Uint8Array) return new Uint8Array(answer);
  throw new TypeError(`expected bytes from the server, got ${typeof answer}`);
}

/** Without what was sent: clients put it beside the message, and Redis, in quotes, into it. */
function harmless(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(typeof error);
  const [message = ''] = error.message.split(/['"`\n]/, 1);
  const code = (error as { code?: unknown }).code;
  const safe = new Error(message.slice(0, 200).trim() || (typeof code === 'string' ? code : error.name));
  safe.name = error.name;
  return safe;
}

/** What stands in braces decides on the slot. */
function inOneSlot(prefix: string): string {
  if (prefix === '') throw new RangeError('"prefix" expected a text, got an empty one');
  if (/\{[^}]+\}/.test(prefix)) return prefix;
  return prefix.endsWith(':') && prefix.length > 1 ? `{${prefix.slice(0, -1)}}:` : `{${prefix}}`;
}

function milliseconds(value: number): string {
  return String(Math.min(Math.ceil(value), Number.MAX_SAFE_INTEGER));
}

function positive(name: string, value: number): number {
  if (!(value > 0 && value < 2 ** 31)) throw new RangeError(`"${name}" expected milliseconds, got ${value}`);
  return value;
}
