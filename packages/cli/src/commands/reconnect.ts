/** `akushu connect --reconnect N`: further connections, each resuming the session of the last, and what that saved. */
import { createHash } from 'node:crypto';
import type { TraceEvent } from 'akushu';
import { type ConnectOptions, connect, type TlsSocket } from 'akushu/node';
import { explain, type Failure, failureOf } from '../failure.js';
import type { Language } from '../language.js';
import { pskStage } from '../sessions/facts.js';
import { Story } from '../story.js';
import type { Target } from '../usage.js';
import { settle, waitForEnd } from './settle.js';

export interface Handshake {
  readonly kind: 'full' | 'resumed' | '0-rtt' | 'failed';
  /** Milliseconds from the open TCP connection to the end of the handshake. */
  readonly ms: number;
  /** Bytes of the handshake's records. */
  readonly sent: number;
  readonly received: number;
  /** Whether the secrets that protect its data occur in none of the connections before. */
  readonly ownKeys: boolean;
  /** Before TLS 1.3: it goes on with the master secret of an earlier one. */
  readonly sameMaster: boolean;
}

export interface Comparison {
  /** The one before them all first. */
  readonly handshakes: readonly Handshake[];
  /** Of the last one, where it failed. */
  readonly failure: Failure | null;
}

const CHANGE_CIPHER_SPEC = 20;
const HANDSHAKE = 22;

/** Sees the secrets of connections, and gives none of them out. */
export class SecretWatch {
  private readonly seen = new Set<string>();
  private readonly masters = new Set<string>();

  /** One connection's lines of SSLKEYLOGFILE. */
  judge(lines: readonly string[]): { readonly ownKeys: boolean; readonly sameMaster: boolean } {
    let ownKeys = lines.length > 0;
    let sameMaster = false;
    for (const line of lines) {
      const [label = '', random = '', secret = ''] = line.split(' ');
      // Before TLS 1.3 the keys follow from the master secret and both randoms, of which the client's is in the line.
      const isMaster = label === 'CLIENT_RANDOM';
      const name = digest(isMaster ? `${random} ${secret}` : secret);
      if (this.seen.has(name)) ownKeys = false;
      this.seen.add(name);
      if (isMaster && this.masters.has(digest(secret))) sameMaster = true;
      if (isMaster) this.masters.add(digest(secret));
    }
    return { ownKeys, sameMaster };
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Measures one connection; `trace` and `keyLog` are to be called for it. */
export class Measure {
  private sent = 0;
  private received = 0;
  private done = false;
  private readonly lines: string[] = [];

  readonly trace = (event: TraceEvent): void => {
    if (event.kind === 'state' && event.state === 'established') this.done = true;
    if (event.kind !== 'record' || (event.innerType !== HANDSHAKE && event.innerType !== CHANGE_CIPHER_SPEC))
      return;
    // What the server sends afterwards are tickets for the next one; our last flight may go out a moment later.
    if (event.from === 'client') this.sent += event.length;
    else if (!this.done) this.received += event.length;
  };

  readonly keyLog = (line: string): void => {
    this.lines.push(line);
  };

  result(socket: TlsSocket, watch: SecretWatch): Handshake {
    const summary = socket.handshakeOrNull;
    const { connect: open, secure, start } = socket.timings;
    const early = summary?.earlyDataAccepted ? '0-rtt' : 'resumed';
    return {
      kind: summary === null ? 'failed' : summary.resumed ? early : 'full',
      ms: secure === null ? 0 : secure - (open ?? start),
      sent: this.sent,
      received: this.received,
      ...watch.judge(this.lines),
    };
  }
}

export interface Saving {
  readonly ms: number;
  readonly bytes: number;
}

export function savedBy({ ms, sent, received }: Handshake, first: Handshake): Saving {
  return { ms: first.ms - ms, bytes: first.sent + first.received - sent - received };
}

export const isResumed = ({ kind }: Handshake): boolean => kind === 'resumed' || kind === '0-rtt';

/** As the table has it. `savedMs` and `savedBytes` are relative to the first, and null for it. */
export function comparisonJson(
  { handshakes, failure }: Comparison,
  language: Language,
): Record<string, unknown> {
  const rows = handshakes.map((handshake, i) => {
    const { kind, ms, sent, received, ownKeys, sameMaster } = handshake;
    const saved = i === 0 || kind === 'failed' ? null : savedBy(handshake, handshakes[0]!);
    return {
      number: i + 1,
      kind,
      ms: rounded(ms),
      bytesSent: sent,
      bytesReceived: received,
      savedMs: saved && rounded(saved.ms),
      savedBytes: saved?.bytes ?? null,
      ownKeys,
      sameMasterSecret: sameMaster,
    };
  });
  return {
    connections: rows,
    resumed: handshakes.slice(1).filter(isResumed).length,
    error: failure && { code: failure.code, alert: failure.alert, sentBy: failure.sentBy },
    explanation: failure && explain(failure, language),
  };
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

/** Connects `count` times more. Ends early where a connection fails. */
export async function reconnect(
  first: Handshake,
  count: number,
  options: ConnectOptions,
  target: Target,
  watch: SecretWatch,
  onSocket: (socket: TlsSocket) => void,
): Promise<Comparison> {
  const handshakes = [first];
  for (let i = 0; i < count; i++) {
    const measure = new Measure();
    const story = new Story('client', 0, target);
    const socket = connect({
      ...options,
      trace: (event) => {
        story.trace(event);
        measure.trace(event);
      },
      keyLog: (line) => {
        options.keyLog?.(line);
        measure.keyLog(line);
      },
      onTransport: story.transport,
    });
    onSocket(socket);
    const error = await untilOver(socket, story);
    handshakes.push(measure.result(socket, watch));
    socket.destroy();
    if (error !== null) return { handshakes, failure: failureIn(story, error, options, target) };
  }
  return { handshakes, failure: null };
}

async function untilOver(socket: TlsSocket, story: Story): Promise<unknown> {
  const failed = await new Promise<unknown>((resolve) => {
    socket.once('secureConnect', () => resolve(null));
    socket.once('error', resolve);
    socket.once('close', () => resolve(new Error('closed')));
  });
  if (failed !== null) return failed;
  story.summary = socket.handshake;
  return (await settle(socket, story)) ?? waitForEnd(socket);
}

function failureIn(story: Story, error: unknown, options: ConnectOptions, { host }: Target): Failure {
  return failureOf(error, {
    host,
    heardFromPeer: story.heardFromPeer,
    established: story.summary !== null,
    psk: pskStage(story, (options.tls?.externalPsks ?? []).length > 0),
  });
}
