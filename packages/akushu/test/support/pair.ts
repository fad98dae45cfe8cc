/** Two connections in one process, joined by queues: what one sends the other receives, cut as the test likes. */
import { concat } from '../../src/bytes/index.js';
import { Connection, type HandshakeSummary } from '../../src/connection/index.js';
import type { TlsError } from '../../src/errors.js';
import type { ClientConfig, ServerConfig } from '../../src/handshake/index.js';
import type { TraceEvent } from '../../src/trace/index.js';

/** One side with all that it said to its caller. */
export class End {
  readonly connection: Connection;
  readonly out: Uint8Array[] = [];
  readonly received: Uint8Array[] = [];
  readonly replayable: Uint8Array[] = [];
  readonly errors: TlsError[] = [];
  readonly events: TraceEvent[] = [];
  readonly keyLog: string[] = [];
  readonly summaries: HandshakeSummary[] = [];
  /** One for each renegotiation. */
  readonly renewed: HandshakeSummary[] = [];
  readonly late: (readonly Uint8Array[])[] = [];
  closes = 0;
  /** How often data could be sent before the handshake was done. */
  early = 0;

  constructor(role: 'client' | 'server', config: ClientConfig | ServerConfig) {
    const observed = {
      ...config,
      trace: config.trace ?? ((event: TraceEvent) => void this.events.push(event)),
      keyLog: config.keyLog ?? ((line: string) => void this.keyLog.push(line)),
    };
    const handlers = {
      output: (pieces: readonly Uint8Array[]) => void this.out.push(...pieces),
      established: (summary: HandshakeSummary) => void this.summaries.push(summary),
      renegotiated: (summary: HandshakeSummary) => void this.renewed.push(summary),
      earlyWriting: () => {
        this.early++;
      },
      data: (bytes: Uint8Array, info: { readonly replaySafe: boolean }) => {
        this.received.push(bytes.slice());
        if (!info.replaySafe) this.replayable.push(bytes.slice());
      },
      peerAuthenticated: (chain: readonly Uint8Array[]) => void this.late.push(chain),
      peerClosed: () => {
        this.closes++;
      },
      error: (error: TlsError) => void this.errors.push(error),
    };
    this.connection =
      role === 'client'
        ? new Connection('client', observed as ClientConfig, handlers)
        : new Connection('server', observed as ServerConfig, handlers);
  }

  /** All that it wanted to send since the last call. */
  take(): Uint8Array {
    const bytes = concat(...this.out, new Uint8Array(0));
    this.out.length = 0;
    return bytes;
  }

  text(): string {
    return new TextDecoder().decode(concat(...this.received, new Uint8Array(0)));
  }
}

/** Cuts a flight into the chunks in which it arrives. */
export type Cut = (bytes: Uint8Array) => Iterable<Uint8Array>;

export const whole: Cut = (bytes) => [bytes];

/** Chunks of `size` bytes. */
export const every = (size: number): Cut =>
  function* (bytes) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };

/** Cuts at these places, taken again and again. */
export const sizes = (pattern: readonly number[]): Cut =>
  function* (bytes) {
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const size = pattern[i % pattern.length]!;
      yield bytes.subarray(at, at + size);
      at += size;
    }
  };

export class Pair {
  readonly client: End;
  readonly server: End;

  constructor(
    client: ClientConfig,
    server: ServerConfig,
    readonly cut: Cut = whole,
  ) {
    this.client = new End('client', client);
    this.server = new End('server', server);
    this.server.connection.start();
    this.client.connection.start();
  }

  /** Carries bytes until neither side has more to say. True where something was carried. */
  pump(): boolean {
    let moved = false;
    for (let rounds = 0; rounds < 1000; rounds++) {
      const up = this.client.take();
      const down = this.server.take();
      if (up.length + down.length === 0) return moved;
      moved = true;
      for (const chunk of this.cut(up)) this.server.connection.receive(chunk.slice());
      for (const chunk of this.cut(down)) this.client.connection.receive(chunk.slice());
    }
    throw new Error('the two sides never stop talking');
  }

  /** As `pump`, giving answers that take their time the time that they need. */
  async settle(): Promise<this> {
    for (let quiet = 0; quiet < 4; ) {
      quiet = this.pump() ? 0 : quiet + 1;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return this;
  }

  /** Both directions carry data once the handshake is done. */
  exchange(): { readonly toServer: string; readonly toClient: string } {
    this.pump();
    this.client.connection.write(new TextEncoder().encode('ping'));
    this.server.connection.write(new TextEncoder().encode('pong'));
    this.pump();
    return { toServer: this.server.text(), toClient: this.client.text() };
  }
}
