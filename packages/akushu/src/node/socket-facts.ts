/** What is known of a connection, and of the TCP socket below it: the part of `TlsSocket` that changes nothing in the stream. */
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Connection, HandshakeSummary } from '../connection/index.js';
import type { TlsError } from '../errors.js';
import type { Session } from '../session/index.js';
import type { Certificate } from '../x509/index.js';
import { asBuffer, readOrSkip } from './pieces.js';
import type { StartTlsFacts } from './transport.js';

/** The verdict on the peer, as the socket shows it. */
export interface Trust {
  readonly authorized: boolean;
  readonly error: TlsError | null;
}

/** Milliseconds since 1970, with fractions; null for what has not happened. */
export interface SocketTimings {
  readonly start: number;
  readonly lookup: number | null;
  readonly connect: number | null;
  readonly secure: number | null;
}

/** What listeners of a `TlsSocket` are given. */
export interface TlsSocketEvents {
  lookup: [address: string, family: number, host: string];
  /** TCP is open. */
  connect: [];
  secureConnect: [];
  /** Server: early data was accepted, and comes as 'earlyData'. Nothing of it is said again as 'data' if anybody listens. */
  earlyAccepted: [];
  /** Server: bytes from before the end of the handshake, which may be a replay (RFC 9846 §8): `replaySafe` is false. */
  earlyData: [bytes: Buffer, info: { readonly replaySafe: false }];
  /** A ticket came; to be given to a later `connect`. */
  session: [session: Session];
  /** A line of SSLKEYLOGFILE. */
  keylog: [line: string];
  /** Server: the client's answer to `requestClientCertificate`, DER, leaf first; empty where it has none. */
  /** Before TLS 1.3: a renegotiation is done; `handshake` is the new one. */
  renegotiated: [];
  peerAuthenticated: [chain: readonly Uint8Array[]];
  /** A `TlsError`, or the system's own. Comes once. */
  error: [error: TlsError | NodeJS.ErrnoException];
  data: [bytes: Buffer];
  /** See `setTimeout`. */
  timeout: [];
  readable: [];
  pause: [];
  resume: [];
  end: [];
  finish: [];
  drain: [];
  close: [hadError: boolean];
}

export abstract class SocketFacts extends Duplex {
  readonly encrypted = true;
  protected abstract readonly connection: Connection;
  protected abstract readonly stream: Duplex;
  protected readonly times: { -readonly [K in keyof SocketTimings]: SocketTimings[K] } = {
    start: performance.timeOrigin + performance.now(),
    lookup: null,
    connect: null,
    secure: null,
  };
  private idle: NodeJS.Timeout | null = null;
  private idleTime = 0;
  protected trust: Trust = { authorized: false, error: null };
  protected startTlsFacts: StartTlsFacts | null = null;
  private certificates: readonly Certificate[] | null = null;

  override on<E extends keyof TlsSocketEvents>(
    event: E,
    listener: (...args: TlsSocketEvents[E]) => void,
  ): this;
  override on(event: string | symbol, listener: (...args: never[]) => void): this;
  override on(event: string | symbol, listener: (...args: never[]) => void): this {
    return super.on(event, listener as (...args: unknown[]) => void);
  }

  override once<E extends keyof TlsSocketEvents>(
    event: E,
    listener: (...args: TlsSocketEvents[E]) => void,
  ): this;
  override once(event: string | symbol, listener: (...args: never[]) => void): this;
  override once(event: string | symbol, listener: (...args: never[]) => void): this {
    return super.once(event, listener as (...args: unknown[]) => void);
  }

  // ---- The handshake ----

  /** What was negotiated, and why. Throws before 'secureConnect'. */
  get handshake(): HandshakeSummary {
    const { summary } = this.connection;
    if (!summary) throw new Error('the handshake is not done');
    return summary;
  }

  /** As `handshake`; null before it is done. */
  get handshakeOrNull(): HandshakeSummary | null {
    return this.connection.summary;
  }

  /** Null for none, and before the handshake is done. */
  get alpnProtocol(): string | null {
    return this.connection.summary?.alpn ?? null;
  }

  /** The name that the client asked for. */
  get servername(): string | null {
    return this.connection.summary?.serverName ?? null;
  }

  /**
   * Whether the peer proved to be who it should be: by a certificate that was verified, now or for the session that
   * was resumed, or by a pre-shared key. False for a client that was not asked, and before the handshake is done.
   */
  get authorized(): boolean {
    return this.trust.authorized;
  }

  /** Why not, where `rejectUnauthorized: false` let the peer in all the same. */
  get authorizationError(): TlsError | null {
    return this.trust.error;
  }

  /** The peer's certificates as it sent them, leaf first; those that cannot be read are left out. */
  getPeerCertificates(): readonly Certificate[] {
    const chain = this.connection.summary?.peerCertificates;
    if (!chain) return [];
    this.certificates ??= chain.flatMap(readOrSkip);
    return this.certificates;
  }

  /**
   * Keying material for another protocol (RFC 9846 §7.5, RFC 5705). Both sides get the same. Before TLS 1.3 no context
   * and an empty one differ. Throws before 'secureConnect' and after the end.
   */
  exportKeyingMaterial(length: number, label: string, context?: Uint8Array): Buffer {
    return asBuffer(this.connection.exportKeyingMaterial(label, context ?? null, length));
  }

  /** What came before TLS where `starttls` was asked for; null before that is over, and where it was not. */
  get starttls(): StartTlsFacts | null {
    return this.startTlsFacts;
  }

  get timings(): SocketTimings {
    return this.times;
  }

  // ---- The TCP socket; undefined, or without effect, over another stream ----

  get remoteAddress(): string | undefined {
    return this.tcp?.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.tcp?.remotePort;
  }

  get remoteFamily(): string | undefined {
    return this.tcp?.remoteFamily;
  }

  get localAddress(): string | undefined {
    return this.tcp?.localAddress;
  }

  get localPort(): number | undefined {
    return this.tcp?.localPort;
  }

  setNoDelay(noDelay = true): this {
    this.tcp?.setNoDelay(noDelay);
    return this;
  }

  setKeepAlive(enable = false, initialDelay = 0): this {
    this.tcp?.setKeepAlive(enable, initialDelay);
    return this;
  }

  /** Emits 'timeout' when nothing came or went for so many milliseconds; 0 for never. Does not close anything. */
  setTimeout(timeout: number, listener?: () => void): this {
    if (this.idle) clearTimeout(this.idle);
    this.idle = null;
    this.idleTime = timeout;
    this.stayActive();
    if (listener && timeout > 0) this.once('timeout', listener);
    else if (listener) this.off('timeout', listener);
    return this;
  }

  get timeout(): number {
    return this.idleTime;
  }

  protected stayActive(): void {
    if (this.idle) {
      this.idle.refresh();
      return;
    }
    if (this.idleTime === 0 || this.destroyed) return;
    this.idle = setTimeout(() => !this.destroyed && this.emit('timeout'), this.idleTime);
    this.idle.unref();
  }

  ref(): this {
    this.tcp?.ref();
    return this;
  }

  unref(): this {
    this.tcp?.unref();
    return this;
  }

  protected get tcp(): Socket | null {
    return this.stream instanceof Socket ? this.stream : null;
  }
}
