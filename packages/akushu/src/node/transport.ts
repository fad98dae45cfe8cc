/**
 * What stands between a TLS connection and the stream that carries it: bytes out, gathered over one turn of the event
 * loop into one write; bytes in; the orderly end. Tells an observer of every byte and its time. Knows no TLS.
 */
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { StartTlsProtocol, StartTlsStep } from './starttls/index.js';

/** What happened below TLS. Times are milliseconds since 1970 with fractions. */
export type TransportEvent =
  | {
      readonly kind: 'lookup';
      readonly t: number;
      readonly host: string;
      readonly address: string;
      readonly family: number;
    }
  | { readonly kind: 'connect'; readonly t: number; readonly local: Endpoint; readonly remote: Endpoint }
  /** Bytes as handed to, or got from, the transport. `bytes` are the receiver's to keep. */
  | {
      readonly kind: 'bytes';
      readonly t: number;
      readonly from: 'client' | 'server';
      readonly bytes: Uint8Array;
    }
  /** Said in the clear before TLS; its bytes are reported as well. */
  | ({ readonly kind: 'starttls'; readonly t: number; readonly protocol: StartTlsProtocol } & StartTlsStep)
  /** The dialogue is over, and TLS begins. */
  | { readonly kind: 'starttls_ready'; readonly t: number; readonly facts: StartTlsFacts }
  /** No more bytes in this direction (TCP: FIN). */
  | { readonly kind: 'end'; readonly t: number; readonly from: 'client' | 'server' };

/** The dialogue in the clear, once it has led to TLS. */
export interface StartTlsFacts {
  readonly protocol: StartTlsProtocol;
  /** What the server said it is, safe to show; null where the protocol does not tell. Nothing protects it. */
  readonly banner: string | null;
  /** Milliseconds from the open connection until TLS could begin. */
  readonly ms: number;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export type TransportObserver = (event: TransportEvent) => void;

/** Milliseconds since 1970, with fractions. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

/** How long a refused or canceled connection may still take to hand its alert over. */
const LINGER_MS = 1000;

export class Transport {
  private gathering = false;
  private gathered: Uint8Array[] = [];
  private ended = false;

  constructor(
    readonly stream: Duplex,
    private readonly role: 'client' | 'server',
    private readonly observe: TransportObserver | undefined,
  ) {}

  /** Writes at the end of this turn, together with what else comes until then. */
  send(pieces: readonly Uint8Array[]): void {
    const { stream } = this;
    if (this.ended || stream.destroyed) return;
    if (!this.gathering) {
      this.gathering = true;
      stream.cork();
      process.nextTick(() => this.flush());
    }
    for (const piece of pieces) stream.write(piece);
    if (this.observe) this.gathered.push(...pieces);
  }

  flush(): void {
    if (!this.gathering) return;
    this.gathering = false;
    this.stream.uncork();
    this.report();
  }

  private report(): void {
    if (!this.observe || this.gathered.length === 0) return;
    const bytes = new Uint8Array(Buffer.concat(this.gathered));
    this.gathered = [];
    this.observe({ kind: 'bytes', t: preciseNow(), from: this.role, bytes });
  }

  received(chunk: Uint8Array): void {
    this.observe?.({ kind: 'bytes', t: preciseNow(), from: this.peer, bytes: Uint8Array.from(chunk) });
  }

  tell(event: TransportEvent): void {
    this.observe?.(event);
  }

  receivedEnd(): void {
    this.observe?.({ kind: 'end', t: preciseNow(), from: this.peer });
  }

  private get peer(): 'client' | 'server' {
    return this.role === 'client' ? 'server' : 'client';
  }

  /** Calls back once the stream takes more: now, or when it has drained. */
  whenWritable(callback: () => void): void {
    const { stream } = this;
    if (!stream.writableNeedDrain) callback();
    else stream.once('drain', callback);
  }

  /** Sends what is left, then the end (TCP: FIN). `done` comes when it is out, or cannot go out any more. */
  end(done: () => void): void {
    const { stream } = this;
    this.flush();
    if (stream.destroyed || stream.writableFinished) {
      done();
      return;
    }
    const settle = (): void => {
      stream.off('finish', settle);
      stream.off('close', settle);
      done();
    };
    stream.once('finish', settle);
    stream.once('close', settle);
    this.sendEnd();
  }

  private sendEnd(): void {
    if (this.ended) return;
    this.ended = true;
    this.stream.end();
    this.observe?.({ kind: 'end', t: preciseNow(), from: this.role });
  }

  /**
   * Ends, and goes on reading for a moment, throwing away what comes: closing a TCP socket with unread bytes sends a
   * reset, which may overtake the alert that says why.
   */
  linger(): void {
    const { stream } = this;
    this.flush();
    if (stream.destroyed) return;
    if (isConnecting(stream)) {
      stream.destroy();
      return;
    }
    this.sendEnd();
    const timer = setTimeout(() => stream.destroy(), LINGER_MS);
    timer.unref();
    const check = (): void => {
      if (stream.readableEnded && stream.writableFinished) stream.destroy();
    };
    stream.once('end', check);
    stream.once('finish', check);
    stream.once('close', () => clearTimeout(timer));
    stream.resume();
    check();
  }
}

export function isConnecting(stream: Duplex): stream is Socket {
  return 'connecting' in stream && stream.connecting === true;
}
