/** A fleet for tests: a Redis, four server processes, one port in front of them, and client processes. */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { certFile, keyFile } from '../support/pki.js';
import { type Cleaner, PeerProcess } from '../support/processes.js';
import { RedisServer } from '../support/redis.js';
import { Balancer } from './balancer.js';

const { dir, pkiDir } = inject('prepared');
const pki = { dir: pkiDir };
const LIFETIME = 600_000;

export interface FleetOptions {
  /** Milliseconds for which a ticket key seals. */
  readonly rotation: number;
}

/** What a server process is given. */
interface Settings extends FleetOptions {
  readonly name: string;
  readonly client: 'ioredis' | 'node-redis';
  readonly redisPort: number;
  readonly key: string;
  readonly cert: string;
  readonly certKey: string;
  readonly clockTolerance: number;
}

/** How often each text was delivered, and each trouble told. */
type Counts = Readonly<Record<string, number>>;

interface ServerReport {
  readonly early: Counts;
  readonly late: Counts;
  readonly troubles: Counts;
}

/** What a client process is given. */
interface Load {
  readonly name: string;
  readonly port: number;
  readonly ca: string;
  readonly lanes: number;
  readonly count: number;
  readonly early: boolean;
}

export interface LoadReport {
  readonly connections: number;
  /** Those that had a session to resume. */
  readonly resumable: number;
  readonly resumed: number;
  /** Those that were resumed by another server than gave the ticket. */
  readonly crossed: number;
  /** Those whose 0-RTT data was accepted. */
  readonly early: number;
  readonly failures: Counts;
  /** Names of the keys of tickets that were given. */
  readonly keys: Counts;
}

/** A process that says `report {…}` for every line of its input. */
class Reporter<R> {
  readonly process: PeerProcess;
  private asked = 0;

  constructor(script: string, settings: object, clean: Cleaner) {
    const path = fileURLToPath(new URL(script, import.meta.url));
    this.process = new PeerProcess(process.execPath, [path, JSON.stringify(settings)], clean, {
      lifetime: LIFETIME,
    });
  }

  async report(): Promise<R> {
    const number = this.asked++;
    this.process.write('\n');
    const find = (): string | undefined =>
      [...this.process.stdout.matchAll(/^report (.*)\n/gm)].map(([, json]) => json!)[number];
    return JSON.parse(await this.process.until('a report', find)) as R;
  }
}

/** Clients in one process. */
export class ClientProcess extends Reporter<LoadReport> {
  /** All of its connections are over. */
  async done(): Promise<LoadReport> {
    await this.process.exit;
    const said = this.process.stdout.match(/^done (.*)\n/m)?.[1];
    if (!said) throw new Error(`clients ended early:\n${this.process.output.slice(-3000)}`);
    return JSON.parse(said) as LoadReport;
  }

  stop(): Promise<LoadReport> {
    this.process.endInput();
    return this.done();
  }
}

/** What several client processes report, as one. */
export function together(reports: readonly LoadReport[]): LoadReport {
  const sum = (of: (report: LoadReport) => number): number => reports.reduce((n, one) => n + of(one), 0);
  return {
    connections: sum((report) => report.connections),
    resumable: sum((report) => report.resumable),
    resumed: sum((report) => report.resumed),
    crossed: sum((report) => report.crossed),
    early: sum((report) => report.early),
    failures: merged(reports.map((report) => report.failures)),
    keys: merged(reports.map((report) => report.keys)),
  };
}

export function merged(all: readonly Counts[]): Counts {
  const result: Record<string, number> = {};
  for (const counts of all)
    for (const [text, n] of Object.entries(counts)) result[text] = (result[text] ?? 0) + n;
  return result;
}

export class Fleet {
  private loads = 0;

  private constructor(
    readonly redis: RedisServer,
    private readonly servers: readonly Reporter<ServerReport>[],
    /** Ports of the servers themselves. */
    readonly ports: readonly number[],
    readonly balancer: Balancer,
    private readonly clean: Cleaner,
  ) {}

  static async start(clean: Cleaner, options: FleetOptions): Promise<Fleet> {
    const redis = await RedisServer.start(dir, clean);
    const key = randomBytes(32).toString('hex');
    const servers = Array.from({ length: 4 }, (_, i) => {
      const settings: Settings = {
        ...options,
        name: `server ${i + 1}`,
        client: i % 2 === 0 ? 'ioredis' : 'node-redis',
        redisPort: redis.port,
        key,
        cert: certFile(pki, 'p256'),
        certKey: keyFile(pki, 'p256'),
        clockTolerance: 200,
      };
      return new Reporter<ServerReport>('server.mjs', settings, clean);
    });
    const listening = await Promise.all(servers.map(({ process }) => process.says(/listening (\d+)\n/)));
    const ports = listening.map(([, port]) => Number(port));
    return new Fleet(redis, servers, ports, await Balancer.start(clean, ports), clean);
  }

  /** Clients that connect until they have done so `count` times, or are stopped. */
  clients(options: { readonly count?: number; readonly early?: boolean; readonly lanes?: number } = {}) {
    const load: Load = {
      name: `load ${++this.loads}`,
      port: this.balancer.port,
      ca: certFile(pki, 'ca'),
      lanes: options.lanes ?? 4,
      count: options.count ?? 1_000_000,
      early: options.early ?? false,
    };
    return new ClientProcess('client.mjs', load, this.clean);
  }

  /** What all servers together have delivered. */
  async report(): Promise<ServerReport> {
    const reports = await Promise.all(this.servers.map((server) => server.report()));
    return {
      early: merged(reports.map(({ early }) => early)),
      late: merged(reports.map(({ late }) => late)),
      troubles: merged(reports.map(({ troubles }) => troubles)),
    };
  }
}
