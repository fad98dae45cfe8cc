/** A Redis of our own, which can be ended, stopped and started again, and clients of both kinds for it. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RedisClient } from 'akushu/redis';
import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster, createSentinel } from 'redis';
import { type Cleaner, freePort, PeerProcess, untilListening } from './processes.js';
import { missingTools, tool } from './tools.js';

export const whyNoRedis = missingTools('redis-server');

const LIFETIME = 600_000;
const SENTINEL_NAME = 'watched';

export class RedisServer {
  private process: PeerProcess | null = null;

  private constructor(
    readonly port: number,
    private readonly home: string,
    clean: Cleaner,
  ) {
    // Of the one that runs then: it may have been started again, where nothing can be left to be cleaned any more.
    clean(() => this.kill());
  }

  /** `args` are added to those of a server that keeps nothing on disk. */
  static async start(dir: string, clean: Cleaner, args: readonly string[] = []): Promise<RedisServer> {
    const server = new RedisServer(await portForRedis(), mkdtempSync(join(dir, 'redis-')), clean);
    await server.start(args);
    return server;
  }

  /** Again, after `kill`. */
  async start(args: readonly string[] = []): Promise<void> {
    const settings = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.home];
    const memory = ['--save', '', '--appendonly', 'no'];
    this.process = new PeerProcess(tool('redis-server'), [...settings, ...memory, ...args], () => {}, {
      lifetime: LIFETIME,
    });
    await untilListening(this.process, this.port);
    await this.process.says(/Ready to accept connections/);
  }

  /** At once, as by a failure of power. */
  async kill(): Promise<void> {
    await this.process?.stop();
  }

  /** It does nothing any more, and its connections stay; until `resume`. */
  freeze(): void {
    this.process?.signal('SIGSTOP');
  }

  resume(): void {
    this.process?.signal('SIGCONT');
  }

  /** One command over a connection of its own. */
  tell(command: string, ...args: readonly string[]): Promise<unknown> {
    return tellRedis(this.port, command, ...args);
  }
}

export async function tellRedis(port: number, command: string, ...args: readonly string[]): Promise<unknown> {
  const redis = new Redis({ port });
  redis.on('error', () => {});
  try {
    return await redis.call(command, [...args]);
  } finally {
    redis.disconnect();
  }
}

const RETRY = 50;

/** How each client is connected. It connects again by itself, and its errors are nobody's. */
export const CLIENTS = {
  ioredis: async (port: number, clean: Cleaner): Promise<RedisClient> => {
    const redis = new Redis({ port, retryStrategy: () => RETRY });
    redis.on('error', () => {});
    clean(() => redis.disconnect());
    return redis;
  },
  'node-redis': async (port: number, clean: Cleaner): Promise<RedisClient> => {
    const client = createClient({ socket: { port, host: '127.0.0.1', reconnectStrategy: () => RETRY } });
    client.on('error', () => {});
    clean(() => client.destroy());
    await client.connect();
    return client;
  },
} as const;

export const CLUSTER_CLIENTS = {
  ioredis: async (port: number, clean: Cleaner): Promise<RedisClient> => {
    const cluster = new Cluster([{ port, host: '127.0.0.1' }]);
    cluster.on('error', () => {});
    clean(() => cluster.disconnect());
    return cluster;
  },
  'node-redis': async (port: number, clean: Cleaner): Promise<RedisClient> => {
    const cluster = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] });
    cluster.on('error', () => {});
    clean(() => cluster.destroy());
    await cluster.connect();
    return cluster;
  },
} as const;

export const SENTINEL_CLIENTS = {
  ioredis: async (port: number, clean: Cleaner): Promise<RedisClient> => {
    const redis = new Redis({ sentinels: [{ port, host: '127.0.0.1' }], name: SENTINEL_NAME });
    redis.on('error', () => {});
    clean(() => redis.disconnect());
    return redis;
  },
  'node-redis': async (port: number, clean: Cleaner): Promise<RedisClient> => {
    const sentinel = createSentinel({
      name: SENTINEL_NAME,
      sentinelRootNodes: [{ port, host: '127.0.0.1' }],
    });
    sentinel.on('error', () => {});
    clean(() => sentinel.destroy());
    await sentinel.connect();
    return sentinel;
  },
} as const;

/** Watches a primary and promotes a replica when it is gone. Gives the port. */
export async function startSentinel(dir: string, clean: Cleaner, primary: RedisServer): Promise<number> {
  const port = await portForRedis();
  const home = mkdtempSync(join(dir, 'sentinel-'));
  const file = join(home, 'sentinel.conf');
  writeFileSync(
    file,
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${home}`,
      `sentinel monitor ${SENTINEL_NAME} 127.0.0.1 ${primary.port} 1`,
      `sentinel down-after-milliseconds ${SENTINEL_NAME} 500`,
      `sentinel failover-timeout ${SENTINEL_NAME} 3000`,
    ].join('\n'),
  );
  const process = new PeerProcess(tool('redis-server'), [file, '--sentinel'], clean, { lifetime: LIFETIME });
  await untilListening(process, port);
  await process.says(/\+monitor master/);
  return port;
}

/** A server of a cluster listens on a second port as well, 10,000 above its own. */
async function portForRedis(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port < 55_536) return port;
  }
}
