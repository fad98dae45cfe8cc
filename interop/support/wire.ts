/** Our side of a connection, with promises: reads that wait, ends that tell how they came, and what was traced. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, type Socket, connect as tcpConnect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Session, TlsError, TraceEvent } from 'akushu';
import {
  type ConnectOptions,
  connect,
  createServer,
  type ServerOptions,
  type TlsServer,
  type TlsSocket,
} from 'akushu/node';
import type { Cleaner } from './processes.js';

const PATIENCE = 20_000;

export class Wire {
  readonly sessions: Session[] = [];
  /** Null after an orderly end, else what went wrong. */
  readonly ended: Promise<Error | null>;
  private buffered: Buffer[] = [];
  private length = 0;
  private over = false;
  private wake: (() => void) | null = null;

  constructor(
    readonly socket: TlsSocket,
    /** What the engine reported, in order. */
    readonly events: readonly TraceEvent[],
    private readonly raw: Socket | null,
  ) {
    let failure: Error | null = null;
    let orderly = false;
    const notice = (): void => {
      this.over = true;
      this.wake?.();
    };
    socket.on('data', (chunk: Buffer) => {
      this.buffered.push(chunk);
      this.length += chunk.length;
      this.wake?.();
    });
    socket.on('session', (session: Session) => this.sessions.push(session));
    socket.on('end', () => {
      orderly = true;
      notice();
    });
    this.ended = new Promise((resolve) => {
      socket.on('error', (error: Error) => {
        failure ??= error;
        notice();
      });
      socket.on('close', () => {
        notice();
        resolve(failure ?? (orderly ? null : new Error('closed without an end')));
      });
    });
  }

  get handshake(): TlsSocket['handshake'] {
    return this.socket.handshake;
  }

  send(data: string | Uint8Array): void {
    this.socket.write(data);
  }

  /** Exactly `size` bytes. Throws where the connection ends before. */
  async read(size: number): Promise<Buffer> {
    await this.until(`${size} bytes`, () => this.length >= size);
    const all = Buffer.concat(this.buffered, this.length);
    this.buffered = [all.subarray(size)];
    this.length = all.length - size;
    return all.subarray(0, size);
  }

  /** All bytes up to and including the first match's end. */
  async readThrough(mark: string): Promise<string> {
    let at = -1;
    await this.until(JSON.stringify(mark), () => {
      at = Buffer.concat(this.buffered, this.length).indexOf(mark, 0, 'latin1');
      return at >= 0;
    });
    return (await this.read(at + mark.length)).toString('latin1');
  }

  private async until(what: string, ready: () => boolean): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    while (!ready()) {
      if (this.over) {
        const error = await this.ended;
        if (ready()) return;
        throw error ?? new Error(`the peer closed before ${what}, with ${this.length} bytes`);
      }
      if (Date.now() > deadline) throw new Error(`waited in vain for ${what}, have ${this.length} bytes`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 250);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Waits for something to be seen in the trace. */
  async traced(what: string, match: (event: TraceEvent) => boolean): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    while (!this.events.some(match)) {
      if (Date.now() > deadline) throw new Error(`never traced: ${what}`);
      await sleep(5);
    }
  }

  hasMessage(from: 'client' | 'server', type: string): boolean {
    return this.events.some(
      (event) => event.kind === 'message' && event.from === from && event.type === type,
    );
  }

  /** A session that the server gave for later. */
  async session(): Promise<Session> {
    const deadline = Date.now() + PATIENCE;
    while (this.sessions.length === 0) {
      if (this.over || Date.now() > deadline) throw new Error('the server gave no session');
      await sleep(5);
    }
    return this.sessions[0]!;
  }

  /** Closes in order and waits for the peer's end. */
  async close(): Promise<Error | null> {
    this.socket.end();
    return this.ended;
  }

  /** Cuts the TCP connection without a word. */
  cut(): void {
    if (!this.raw) throw new Error('no TCP connection at hand');
    this.raw.destroy();
  }
}

/**
 * Opens a connection to a peer on this machine. Rejects with the error of a failed handshake. `early` is written at
 * once, and goes when the engine lets it.
 */
export async function open(
  clean: Cleaner,
  port: number,
  options: ConnectOptions,
  early?: Uint8Array,
): Promise<Wire> {
  const events: TraceEvent[] = [];
  const raw = tcpConnect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const socket = connect({
    host: 'localhost',
    ...options,
    socket: raw,
    trace: (event) => events.push(event),
  });
  clean(() => void socket.destroy());
  const wire = new Wire(socket, events, raw);
  if (early) wire.send(early);
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  return wire;
}

/** The error with which a connection fails, during its handshake or right after it. Throws where it does not. */
export async function failureOf(clean: Cleaner, port: number, options: ConnectOptions): Promise<TlsError> {
  let wire: Wire;
  try {
    wire = await open(clean, port, options);
  } catch (error) {
    return error as TlsError;
  }
  // In TLS 1.3 a client is done before the server has judged its certificate.
  const error = await wire.ended;
  if (error) return error as TlsError;
  throw new Error('the connection did not fail');
}

/** A server of ours that collects its connections. */
export class Service {
  private readonly queue: (Wire | Error)[] = [];
  private wake: (() => void) | null = null;

  private constructor(private readonly server: TlsServer) {}

  static async start(clean: Cleaner, options: ServerOptions): Promise<Service> {
    const traces = new Map<number, TraceEvent[]>();
    let number = 0;
    const server = createServer({
      ...options,
      trace: (info) => {
        const events: TraceEvent[] = [];
        traces.set(info.number, events);
        return (event) => events.push(event);
      },
    });
    const service = new Service(server);
    server.removeAllListeners('connection');
    server.on('connection', (raw: Socket) => {
      const socket = server.accept(raw);
      const own = ++number;
      clean(() => void socket.destroy());
      socket.once('secureConnect', () => service.put(new Wire(socket, traces.get(own) ?? [], raw)));
    });
    server.on('tlsClientError', (error: Error) => service.put(error));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    clean(() => void server.close());
    return service;
  }

  private put(what: Wire | Error): void {
    this.queue.push(what);
    this.wake?.();
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The next connection, or the error with which it failed. */
  async take(): Promise<Wire | Error> {
    const deadline = Date.now() + PATIENCE;
    while (this.queue.length === 0) {
      if (Date.now() > deadline) throw new Error('nobody connected');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 250);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.queue.shift()!;
  }

  async next(): Promise<Wire> {
    const taken = await this.take();
    if (taken instanceof Error) throw taken;
    return taken;
  }

  /** The error of the next connection; throws where it does not fail, during or right after its handshake. */
  async nextFailure(): Promise<TlsError> {
    const taken = await this.take();
    const error = taken instanceof Error ? taken : await taken.ended;
    if (!error) throw new Error('the connection did not fail');
    return error as TlsError;
  }
}

export const MEBIBYTE = 1_048_576;

/** Bytes that nobody could make up. */
export function payload(size: number): Buffer {
  return randomBytes(size);
}

export function sha256(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
