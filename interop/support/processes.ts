/** Peers as processes: started, watched, and ended by their own process id. Nothing else is ever ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, connect as tcpConnect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll } from 'vitest';

export interface PeerOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Milliseconds after which it is ended in any case. Default 35,000. */
  readonly lifetime?: number;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Somebody who ends things when a test, or a file of tests, is over. */
export type Cleaner = (clean: () => void | Promise<void>) => void;

/**
 * Ends things after the last test of the file or of the suite. To be made while tests are collected: `afterAll` itself
 * does nothing any more when it is called in a test or in a hook.
 */
export function cleanerAfterAll(): Cleaner {
  const cleanings: Parameters<Cleaner>[0][] = [];
  afterAll(() => Promise.all(cleanings.map((clean) => clean())));
  return (clean) => void cleanings.push(clean);
}

const PATIENCE = 20_000;

export class PeerProcess {
  private readonly child: ChildProcess;
  private readonly chunks: { readonly out: Buffer[]; readonly err: Buffer[] } = { out: [], err: [] };
  private readonly watchers = new Set<() => void>();
  private ended: Exit | null = null;
  readonly exit: Promise<Exit>;

  constructor(
    readonly command: string,
    args: readonly string[],
    clean: Cleaner,
    options: PeerOptions = {},
  ) {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child = child;
    const timer = setTimeout(() => this.kill(), options.lifetime ?? 35_000);
    child.stdout!.on('data', (chunk: Buffer) => this.note(this.chunks.out, chunk));
    child.stderr!.on('data', (chunk: Buffer) => this.note(this.chunks.err, chunk));
    // A peer that is gone does not read: its exit tells more than EPIPE.
    child.stdin!.on('error', () => {});
    this.exit = new Promise((resolve) => {
      const settle = (exit: Exit): void => {
        clearTimeout(timer);
        this.ended = exit;
        resolve(exit);
        this.wake();
      };
      child.once('error', (error) => {
        this.chunks.err.push(Buffer.from(String(error)));
        settle({ code: null, signal: null });
      });
      child.once('close', (code, signal) => settle({ code, signal }));
    });
    clean(() => this.stop());
  }

  private note(list: Buffer[], chunk: Buffer): void {
    list.push(chunk);
    this.wake();
  }

  private wake(): void {
    for (const watcher of this.watchers) watcher();
  }

  get stdoutBytes(): Buffer {
    return Buffer.concat(this.chunks.out);
  }
  /** Whether its output holds these bytes. Searches only where there are enough: many small pieces make a long one. */
  hasSaid(bytes: Buffer): boolean {
    const length = this.chunks.out.reduce((sum, chunk) => sum + chunk.length, 0);
    return length >= bytes.length && this.stdoutBytes.includes(bytes);
  }
  get stdout(): string {
    return this.stdoutBytes.toString('latin1');
  }
  get stderr(): string {
    return Buffer.concat(this.chunks.err).toString('latin1');
  }
  /** All that it has said, for patterns and for messages of failed tests. */
  get output(): string {
    return `${this.stdout}\n${this.stderr}`;
  }

  write(data: string | Uint8Array): void {
    this.child.stdin!.write(data);
  }

  endInput(): void {
    this.child.stdin!.end();
  }

  /** Waits until `ready` gives something. Throws with the peer's output where it ends or takes too long. */
  async until<T>(what: string, ready: () => T | null | undefined | false): Promise<T> {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const found = ready();
      if (found !== null && found !== undefined && found !== false) return found;
      if (this.ended) throw new Error(`${this.command} ended before ${what}:\n${this.output.slice(-3000)}`);
      if (Date.now() > deadline)
        throw new Error(`${this.command}: waited in vain for ${what}:\n${this.output.slice(-3000)}`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.watchers.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, 250);
        this.watchers.add(wake);
      });
    }
  }

  says(pattern: RegExp): Promise<RegExpMatchArray> {
    return this.until(String(pattern), () => this.output.match(pattern));
  }

  kill(): void {
    this.signal('SIGKILL');
  }

  signal(name: NodeJS.Signals): void {
    if (!this.ended) this.child.kill(name);
  }

  /** Asks it to end, as servers with processes of their own want it, and insists after a moment. */
  async terminate(): Promise<void> {
    this.signal('SIGTERM');
    await Promise.race([this.exit, sleep(3_000, undefined, { ref: false })]);
    await this.stop();
  }

  async stop(): Promise<void> {
    this.kill();
    await this.exit;
  }
}

/** A port of the loopback interface that nobody listens on just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Waits until the peer listens, without connecting to it where the system can tell: some count connections. */
export async function untilListening(peer: PeerProcess, port: number): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  let gone = false;
  void peer.exit.then(() => {
    gone = true;
  });
  while (!((await listens(port)) ?? (await accepts(port)))) {
    if (gone || Date.now() > deadline)
      throw new Error(`${peer.command} does not listen on ${port}:\n${peer.output.slice(-3000)}`);
    await sleep(15);
  }
}

/** From the kernel's table; null where there is none. State 0A is LISTEN. */
async function listens(port: number): Promise<boolean | null> {
  const row = new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} [0-9A-F]+:0000 0A `);
  try {
    return ['/proc/net/tcp', '/proc/net/tcp6'].some((path) => row.test(readFileSync(path, 'latin1')));
  } catch {
    return null;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = tcpConnect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
