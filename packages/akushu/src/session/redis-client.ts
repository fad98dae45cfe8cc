/**
 * One way to talk to the clients of Redis that people have: ioredis (5, 6) and node-redis (4, 5, 6), for one server,
 * for sentinels and for a cluster. Typed by their shape, so that neither is a dependency. Knows no command and keeps nothing.
 */

/** What is said here of ioredis' `Redis` and `Cluster`. */
export interface IoredisClient {
  readonly status: string;
  callBuffer(command: string, ...args: (string | number | Uint8Array)[]): Promise<unknown>;
}

/** What is said here of node-redis' `createClient` and `createClientPool`. */
export interface NodeRedisClient {
  sendCommand(args: readonly (string | Uint8Array)[], options?: object): Promise<unknown>;
}

/** What is said here of node-redis' `createCluster`. */
export interface NodeRedisCluster {
  nodeClient(node: never): unknown;
  sendCommand(
    firstKey: string,
    isReadonly: boolean,
    args: readonly (string | Uint8Array)[],
    options?: object,
  ): Promise<unknown>;
}

/** What is said here of node-redis' `createSentinel`. */
export interface NodeRedisSentinel {
  getSentinelNode(): unknown;
  sendCommand(
    isReadonly: boolean,
    args: readonly (string | Uint8Array)[],
    options?: object,
  ): Promise<unknown>;
}

export type RedisClient = IoredisClient | NodeRedisClient | NodeRedisCluster | NodeRedisSentinel;

/**
 * Sends one command; `key` is the first of its keys. Answers hold texts as bytes. A command that still waits for a
 * connection when `signal` aborts is withdrawn where the client can.
 */
export type Send = (
  key: string,
  args: readonly (string | Uint8Array)[],
  signal: AbortSignal,
) => Promise<unknown>;

/** ioredis keeps commands for the next connection while it has none, for minutes: those are not given to it. */
const LOST = new Set(['close', 'reconnecting', 'end']);

/** A bulk string of RESP, as node-redis 5 and 6 number the types. */
const BLOB_STRING = 0x24;

/** Throws TypeError for what is no client of Redis. */
export function senderFor(client: RedisClient): Send {
  if (has(client, 'callBuffer')) {
    const ioredis = client as IoredisClient;
    return async (_key, [command, ...rest]) => {
      if (LOST.has(ioredis.status)) throw new Error(`the client is not connected: ${ioredis.status}`);
      return ioredis.callBuffer(text(command), ...rest.map(wired));
    };
  }
  if (!has(client, 'sendCommand'))
    throw new TypeError('"client" expected a client of ioredis or node-redis, got something else');
  // Each version looks at its own names, and lets the others be.
  const options = (signal: AbortSignal): object => ({
    returnBuffers: true,
    signal,
    typeMapping: { [BLOB_STRING]: Buffer },
    abortSignal: signal,
  });
  if (has(client, 'nodeClient')) {
    const cluster = client as NodeRedisCluster;
    return async (key, args, signal) => cluster.sendCommand(key, false, args.map(wired), options(signal));
  }
  if (has(client, 'getSentinelNode')) {
    const sentinel = client as NodeRedisSentinel;
    return async (_key, args, signal) => sentinel.sendCommand(false, args.map(wired), options(signal));
  }
  const single = client as NodeRedisClient;
  return async (_key, args, signal) => single.sendCommand(args.map(wired), options(signal));
}

/** The text of an answer, or of a part of a command. */
export function text(value: unknown): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value);
}

/** The kind of an error that Redis itself answered: they start with it, in capitals. Null where the connection failed. */
export function refusalOf(error: unknown): string | null {
  if (!(error instanceof Error) || 'code' in error) return null;
  return /^([A-Z][A-Z0-9]+)(?: |$)/.exec(error.message)?.[1] ?? null;
}

/** Both clients know bytes only as Buffer, and live only where there is one. */
function wired(value: string | Uint8Array): string | Buffer {
  return typeof value === 'string' ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function has(client: unknown, method: string): boolean {
  return typeof (client as Record<string, unknown> | null)?.[method] === 'function';
}
