/** Our own connections as a capture sees them. */
import { concat, EMPTY } from '../../src/bytes/index.js';
import { nodeProvider } from '../../src/crypto/node.js';
import {
  type CaptureEvent,
  type ObservedCapture,
  type ObservedConnection,
  type ObserveOptions,
  observeAll,
  writePcapng,
} from '../../src/observe/index.js';
import type { Side } from '../../src/trace/index.js';
import { Pair } from './pair.js';

const START = Date.UTC(2026, 0, 2);

/** A pair with what went over the wire. */
export class WatchedPair extends Pair {
  readonly wire: CaptureEvent[] = [];

  override pump(): boolean {
    let moved = false;
    for (let rounds = 0; rounds < 1000; rounds++) {
      const up = this.client.take();
      const down = this.server.take();
      if (up.length + down.length === 0) return moved;
      moved = true;
      this.note('client', up);
      this.note('server', down);
      if (up.length > 0) this.server.connection.receive(up.slice());
      if (down.length > 0) this.client.connection.receive(down.slice());
    }
    throw new Error('the two sides never stop talking');
  }

  private note(from: Side, bytes: Uint8Array): void {
    if (bytes.length > 0) this.wire.push({ t: START + this.wire.length, from, bytes });
  }

  /** As a pcapng file, without secrets. */
  capture(port = 40_000): Uint8Array {
    return captureOf(this.wire, port);
  }
}

export function captureOf(
  events: readonly CaptureEvent[],
  port = 40_000,
  keyLog?: string | readonly string[],
): Uint8Array {
  return writePcapng([
    {
      client: { address: '192.0.2.1', port },
      server: { address: '198.51.100.7', port: 443 },
      events,
      openedAt: START - 1,
      keyLog,
    },
  ]);
}

export interface Watched {
  readonly connections: readonly ObservedConnection[];
  readonly capture: ObservedCapture;
  /** Decrypted application data of all connections. */
  readonly text: Readonly<Record<Side, string>>;
}

export async function watch(
  file: Uint8Array | Iterable<Uint8Array>,
  options: Partial<ObserveOptions> = {},
): Promise<Watched> {
  const data: Record<Side, Uint8Array[]> = { client: [], server: [] };
  const seen = await observeAll(file, {
    provider: nodeProvider,
    onPlaintext: ({ from }, bytes) => void data[from].push(bytes.slice()),
    ...options,
  });
  const text = (side: Side): string => new TextDecoder().decode(concat(EMPTY, ...data[side]));
  return {
    connections: seen.filter((item) => item.kind === 'connection').sort((a, b) => a.index - b.index),
    capture: seen.find((item) => item.kind === 'capture')!,
    text: { client: text('client'), server: text('server') },
  };
}
