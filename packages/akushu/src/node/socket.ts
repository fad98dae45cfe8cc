/**
 * A TLS connection as a Duplex, shaped like `tls.TLSSocket`: the sans-IO `Connection` over a transport. Carries
 * backpressure both ways, closes half by half (RFC 9846 §6.1), and gives every failure out once, as 'error'.
 * Connecting, verification and options are in other files.
 */
import { addAbortSignal, type Duplex } from 'node:stream';
import { Connection, type HandshakeSummary } from '../connection/index.js';
import { TlsError } from '../errors.js';
import type { ClientConfig, ServerConfig } from '../handshake/index.js';
import type { Session } from '../session/index.js';
import type { TraceSink } from '../trace/index.js';
import { Deadline } from './deadline.js';
import { Onlookers } from './onlookers.js';
import { asBuffer, brokenPipe, coalesce, slices } from './pieces.js';
import { SocketFacts, type Trust } from './socket-facts.js';
import { type Dialogue, type StartTlsProtocol, startTls } from './starttls/index.js';
import { type Endpoint, isConnecting, preciseNow, Transport, type TransportObserver } from './transport.js';

/** What `connect` and `TlsServer` make a socket from. */
export interface TlsSocketSetup {
  readonly transport: Duplex;
  readonly allowHalfOpen?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds from now until the handshake must be done; 0 for no deadline. */
  readonly timeout: number;
  /** What is spoken in the clear until TLS may begin, and with whom. */
  readonly starttls?: { readonly protocol: StartTlsProtocol; readonly serverName: string } | undefined;
  /** Whether an address has to be found first. */
  readonly looksUp?: boolean;
  readonly trace?: TraceSink | undefined;
  readonly keyLog?: ((line: string) => void) | undefined;
  readonly onTransport?: TransportObserver | undefined;
  /** Client: what was given as early data, to be sent again where it was not accepted. */
  readonly replayable?: Uint8Array | undefined;
  /** Whether the peer is trusted, once the handshake is done; asked after each, resumed ones too. */
  readonly judge: (summary: HandshakeSummary) => Trust;
}

type Config =
  | { readonly role: 'client'; readonly config: ClientConfig }
  | { readonly role: 'server'; readonly config: ServerConfig };

/**
 * `accepted`: it went as 0-RTT data. `sent_late`: the server would not have it, or no session allowed it, and it went
 * first after the handshake. `withheld`: another protocol was agreed upon than when it was made (RFC 9846 §4.3.10).
 */
export type EarlyDataOutcome = 'accepted' | 'sent_late' | 'withheld';

type Done = (error?: Error | null) => void;

/** Plaintext kept for one record, and what one read may bring. */
const HIGH_WATER_MARK = 65_536;

/** A Duplex of plaintext. Its events are in `TlsSocketEvents`. */
export class TlsSocket extends SocketFacts {
  protected readonly connection: Connection;
  protected readonly stream: Duplex;
  private readonly transport: Transport;
  private readonly judge: TlsSocketSetup['judge'];
  private readonly looksUp: boolean;
  /** The dialogue before TLS; null where there is none, and when it is over. */
  private prelude: Dialogue | null = null;
  private readonly deadline: Deadline;
  private started = false;
  private secured = false;
  private onSecure: { readonly act: () => void; readonly early: boolean } | null = null;
  private mayWriteEarly = false;
  private earlyAnnounced = false;
  /** Client: early data that the server may not take. */
  private readonly replayable: Uint8Array | null;
  private earlyOutcome: EarlyDataOutcome | null = null;
  private onRenegotiated: (() => void) | null = null;
  /** The callback of the write, or of the end, that is under way. */
  private pending: Done | null = null;
  private early: { readonly bytes: Buffer; readonly replaySafe: boolean }[] = [];
  private readerSlow = false;
  private peerEnded = false;
  /** The transport brings no more; the engine has not been told yet. */
  private inputEnded = false;
  private failed: Error | null = null;
  private readonly onlookers: Onlookers;
  /** Bytes that came while the engine awaited an answer. */
  private unread = 0;

  /** @internal Use `connect` or `createServer`. */
  constructor(setup: TlsSocketSetup, role: Config) {
    super({
      allowHalfOpen: setup.allowHalfOpen ?? false,
      readableHighWaterMark: HIGH_WATER_MARK,
      writableHighWaterMark: HIGH_WATER_MARK,
    });
    this.judge = setup.judge;
    this.looksUp = setup.looksUp ?? false;
    this.replayable = setup.replayable?.length ? setup.replayable : null;
    this.stream = setup.transport;
    this.onlookers = new Onlookers(this.times.start, (cause) => this.abortFor(cause));
    this.transport = new Transport(setup.transport, role.role, this.onlookers.observer(setup.onTransport));
    this.connection = this.makeConnection(role, setup);
    if (setup.starttls) this.prelude = this.makePrelude(setup.starttls);
    this.attach(setup.transport);
    this.deadline = new Deadline(setup.timeout, (timeout) => this.timeOut(timeout));
    if (setup.signal) addAbortSignal(setup.signal, this);
  }

  get connecting(): boolean {
    return !this.secured && !this.destroyed;
  }

  // ---- What callers do ----

  /** Replaces our sending key; with `requestPeer` the peer is asked to do the same (§4.7.3). */
  updateKeys(options: { readonly requestPeer?: boolean } = {}): void {
    this.connection.updateKeys(options.requestPeer ?? false);
  }

  /**
   * Before TLS 1.3: a new handshake on the same connection (RFC 5746); a server asks the client for it. 'renegotiated'
   * follows. Throws where version, peer or moment do not allow it.
   */
  renegotiate(): void {
    this.connection.renegotiate();
    this.transport.flush();
  }

  /** Server: asks the client for a certificate now (§4.7.2); 'peerAuthenticated' follows. */
  requestClientCertificate(): void {
    this.connection.requestClientCertificate();
  }

  /** Client: what became of `earlyData.replayable`; null before the handshake is done, and where there was none. */
  get earlyData(): EarlyDataOutcome | null {
    return this.earlyOutcome;
  }

  /** False until the handshake is done: what came before may have been sent by somebody else (RFC 9846 §8). */
  get replaySafe(): boolean {
    return this.secured;
  }

  // ---- The engine ----

  private makeConnection(role: Config, setup: TlsSocketSetup): Connection {
    const common = {
      trace: this.onlookers.sink(setup.trace),
      keyLog: (line: string) =>
        this.onlookers.tell(() => {
          setup.keyLog?.(line);
          this.emit('keylog', line);
        }),
    };
    const handlers = {
      output: (pieces: readonly Uint8Array[]) => this.transport.send(pieces),
      inputWanted: () => {
        this.unread = 0;
        this.steer();
      },
      established: () => process.nextTick(() => this.becomeSecure()),
      data: (bytes: Uint8Array, { replaySafe }: { readonly replaySafe: boolean }) =>
        this.deliver(asBuffer(bytes), replaySafe),
      earlyWriting: () =>
        process.nextTick(() => (role.role === 'client' ? this.writeEarly() : this.announceEarly())),
      renegotiated: () => process.nextTick(() => this.resumeWriting()),
      peerAuthenticated: (chain: readonly Uint8Array[]) => void this.emit('peerAuthenticated', chain),
      peerClosed: () => this.finishReading(),
      error: (error: TlsError) => this.fail(error),
    };
    if (role.role === 'server') {
      return new Connection('server', withSinks(role.config, common), handlers);
    }
    const config = withSinks(role.config, common);
    const onSession = (session: Session): void => {
      config.onSession?.(session);
      this.emit('session', session);
    };
    return new Connection('client', { ...config, onSession }, handlers);
  }

  // ---- Before TLS ----

  private makePrelude({ protocol, serverName }: NonNullable<TlsSocketSetup['starttls']>): Dialogue {
    return startTls(protocol, serverName, {
      send: (bytes) => this.transport.send([bytes]),
      said: (step) => this.transport.tell({ kind: 'starttls', t: preciseNow(), protocol, ...step }),
      // The server has nothing to say before our hello: one turn shows what it sent all the same.
      ready: () => setImmediate(() => this.endPrelude(protocol)),
      failed: (error) => this.fail(error),
    });
  }

  private endPrelude(protocol: StartTlsProtocol): void {
    if (this.destroyed || !this.prelude) return;
    const now = preciseNow();
    const ms = now - (this.times.connect ?? this.times.start);
    this.startTlsFacts = { protocol, banner: this.prelude.banner, ms };
    this.prelude = null;
    this.transport.tell({ kind: 'starttls_ready', t: now, facts: this.startTlsFacts });
    this.begin();
  }

  private abortFor(cause: unknown): void {
    if (this.started) this.connection.abort('callback_failed', cause);
    else this.destroy(new TlsError('callback_failed', { cause }));
  }

  private becomeSecure(): void {
    if (this.destroyed) return;
    this.deadline.stop();
    this.secured = true;
    this.times.secure = preciseNow();
    try {
      this.trust = this.judge(this.handshake);
    } catch (cause) {
      this.destroy(new TlsError('callback_failed', { cause }));
      return;
    }
    if (this.replayable) this.settleEarly(this.replayable);
    const waiting = this.onSecure;
    this.onSecure = null;
    waiting?.act();
    this.emit('secureConnect');
    if (this.destroyed) return;
    for (const { bytes } of this.early.splice(0)) if (!this.push(bytes)) this.readerSlow = true;
    if (this.peerEnded) this.push(null);
    this.releaseEnd();
    this.steer();
  }

  /** RFC 9846 §4.3.10: what was refused is sent again, if it still means the same. */
  private settleEarly(bytes: Uint8Array): void {
    const { earlyDataAccepted, why, alpn } = this.handshake;
    const meant = why.earlyData?.facts?.alpn;
    if (earlyDataAccepted) this.earlyOutcome = 'accepted';
    else if (meant !== undefined && meant !== alpn) this.earlyOutcome = 'withheld';
    else {
      this.earlyOutcome = 'sent_late';
      this.connection.write(bytes);
    }
  }

  // ---- From the transport ----

  private attach(stream: Duplex): void {
    stream.on('data', (chunk: Buffer) => this.feed(chunk));
    stream.on('end', () => this.endInput());
    stream.on('error', (error: Error) => this.transportFailed(error));
    stream.on('close', () => this.transportClosed());
    if (!isConnecting(stream)) {
      this.times.connect = this.times.start;
      process.nextTick(() => (stream.destroyed ? this.endInput() : this.begin()));
      return;
    }
    stream.on('lookup', (error: Error | null, address: string, family: number, host: string) => {
      if (error) return;
      this.times.lookup ??= preciseNow();
      this.transport.tell({ kind: 'lookup', t: preciseNow(), host, address, family });
      this.emit('lookup', address, family, host);
    });
    stream.once('connect', () => {
      this.times.connect = preciseNow();
      this.transport.tell({
        kind: 'connect',
        t: this.times.connect,
        local: endpoint(stream.localAddress, stream.localPort),
        remote: endpoint(stream.remoteAddress, stream.remotePort),
      });
      this.emit('connect');
      this.begin();
    });
  }

  private begin(): void {
    if (this.destroyed || this.started) return;
    this.tcp?.setNoDelay(true);
    if (this.prelude) {
      this.prelude.start();
      return;
    }
    this.started = true;
    this.connection.start();
    this.steer();
  }

  private feed(chunk: Buffer): void {
    if (this.destroyed) return;
    this.stayActive();
    this.transport.received(chunk);
    this.begin();
    if (this.prelude) {
      this.prelude.receive(chunk);
      return;
    }
    this.connection.receive(chunk);
    this.unread = this.connection.wantsInput ? 0 : this.unread + chunk.length;
    this.steer();
  }

  /**
   * Reads on, or pauses the transport: while the reader is slow, and while the engine awaits an answer. In the latter
   * case not at once: a peer that gives up meanwhile should be noticed.
   */
  private steer(): void {
    const { stream } = this;
    if (this.destroyed || stream.destroyed) return;
    const patient = this.connection.wantsInput || this.connection.isDead || this.unread < HIGH_WATER_MARK;
    const wanted = patient && !this.readerSlow;
    if (wanted === stream.isPaused()) wanted ? stream.resume() : stream.pause();
  }

  private deliver(bytes: Buffer, replaySafe: boolean): void {
    if (this.destroyed || this.peerEnded) return;
    // Before 'secureConnect' nobody listens; early data is given out when the handshake proves that it is no replay.
    if (!this.secured) {
      this.early.push({ bytes, replaySafe });
      if (this.earlyAnnounced) this.giveEarly();
    } else if (!this.push(bytes)) this.readerSlow = true;
  }

  /** Server: there is early data, and data of ours may go out (RFC 9846 §2.3). */
  private announceEarly(): void {
    if (this.destroyed || this.secured) return;
    this.writeEarly();
    this.emit('earlyAccepted');
    this.earlyAnnounced = true;
    this.giveEarly();
  }

  /** To whoever asked for it by name. What nobody took waits for the end of the handshake. */
  private giveEarly(): void {
    if (this.listenerCount('earlyData') === 0) return;
    const unsafe = this.early.filter(({ replaySafe }) => !replaySafe);
    this.early = this.early.filter(({ replaySafe }) => replaySafe);
    for (const { bytes } of unsafe) {
      if (this.destroyed) return;
      this.emit('earlyData', bytes, { replaySafe: false });
    }
  }

  private finishReading(): void {
    this.peerEnded = true;
    if (this.secured) this.push(null);
  }

  /** The transport's end. What has come is read out first: a truncation must not swallow the data before it. */
  private endInput(): void {
    if (this.destroyed) return;
    this.transport.receivedEnd();
    if (this.prelude) {
      this.fail(this.prelude.interrupted('closed_during_handshake'));
      return;
    }
    // The engine would read on first, when it has its answer; but nobody is there any more to whom it matters.
    if (this.started && !this.connection.summary && !this.connection.wantsInput) {
      this.fail(new TlsError('closed_during_handshake', { facts: { waitingFor: 'answer' } }));
      return;
    }
    this.inputEnded = true;
    this.releaseEnd();
  }

  private releaseEnd(): void {
    const announced = this.secured || !this.connection.summary;
    if (!this.inputEnded || !announced || this.readableLength > 0) return;
    this.inputEnded = false;
    this.connection.endOfInput();
  }

  private transportFailed(error: Error): void {
    if (this.destroyed) return;
    // After close_notify nothing is lost to the reader; only a writer is concerned, and it learns of it below.
    if (this.peerEnded && !this.pending) return;
    this.fail(error);
  }

  private transportClosed(): void {
    if (this.destroyed) return;
    if (!this.peerEnded && !this.inputEnded) this.endInput();
    else if (this.pending) this.fail(brokenPipe());
  }

  // ---- Duplex ----

  override read(size?: number): Buffer | null {
    const bytes: Buffer | null = super.read(size);
    if (this.inputEnded) process.nextTick(() => this.releaseEnd());
    return bytes;
  }

  override _read(): void {
    this.readerSlow = false;
    this.steer();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.pending = done;
    this.whenSecure((waited) => this.sendData([chunk], waited), true);
  }

  /** Small pieces share records: each record costs the same fixed work. */
  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: Done): void {
    this.pending = done;
    this.whenSecure((waited) => this.sendData(coalesce(chunks.map(({ chunk }) => chunk)), waited), true);
  }

  /** `early`: False Start is good enough (RFC 7918). */
  private whenSecure(act: (waited: boolean) => void, early = false): void {
    if (this.secured || (early && this.mayWriteEarly)) act(false);
    else this.onSecure = { act: () => act(true), early };
  }

  private writeEarly(): void {
    this.mayWriteEarly = true;
    if (this.destroyed || !this.onSecure?.early) return;
    const { act } = this.onSecure;
    this.onSecure = null;
    act();
  }

  private resumeWriting(): void {
    if (this.destroyed) return;
    this.emit('renegotiated');
    const resume = this.onRenegotiated;
    this.onRenegotiated = null;
    resume?.();
  }

  private sendData(pieces: readonly Uint8Array[], fromQueue: boolean): void {
    this.sendNext(pieces.flatMap(slices), () => {
      const settle = (): void => this.transport.whenWritable(() => this.settle(this.failed));
      // What waited for the handshake goes into one write with our Finished, as does what is written upon it.
      if (fromQueue) {
        settle();
        return;
      }
      // Not at once: writes of the same turn then gather into one record.
      process.nextTick(() => {
        this.transport.flush();
        settle();
      });
    });
  }

  /** Protects slice after slice, as the transport takes them: a large write is not sealed as a whole. */
  private sendNext(rest: Uint8Array[], done: () => void): void {
    while (this.pending && rest.length > 0) {
      if (this.stream.destroyed) {
        this.settle(brokenPipe());
        return;
      }
      if (this.connection.holdsOutput) {
        const goOn = () => this.sendNext(rest, done);
        this.onRenegotiated = goOn;
        return;
      }
      this.stayActive();
      try {
        this.connection.write(rest.shift()!);
      } catch (error) {
        this.settle(error as Error);
        return;
      }
      if (rest.length > 0 && this.stream.writableNeedDrain) {
        this.transport.flush();
        this.transport.whenWritable(() => this.sendNext(rest, done));
        return;
      }
    }
    if (this.pending) done();
  }

  private settle(error: Error | null): void {
    const done = this.pending;
    this.pending = null;
    done?.(error);
  }

  override _final(done: Done): void {
    this.pending = done;
    this.whenSecure(() => {
      this.connection.close();
      this.transport.end(() => this.settle(null));
    });
  }

  override _destroy(error: Error | null, done: Done): void {
    this.deadline.stop();
    this.setTimeout(0);
    this.failed ??= error ?? brokenPipe();
    this.early = [];
    this.onSecure = null;
    if (this.transport.stream.destroyed) this.connection.discard();
    else if (this.started) this.connection.abort('canceled');
    this.transport.linger();
    done(error);
    this.settle(this.failed);
  }

  private fail(error: Error): void {
    if (this.destroyed || this.failed) return;
    this.failed = error;
    this.destroy(error);
  }

  // ---- The deadline ----

  /** `facts.phase` tells a port that does not answer from a server that does not shake hands. */
  private timeOut(timeout: number): void {
    const { stream } = this;
    if (this.prelude && !isConnecting(stream)) {
      this.fail(this.prelude.interrupted('starttls_timeout', { timeout }));
      return;
    }
    const connecting = this.looksUp && this.times.lookup === null ? 'lookup' : 'connect';
    const phase = isConnecting(stream) ? connecting : 'handshake';
    let facts: Record<string, unknown> = { phase, timeout };
    let sentBy: TlsError['sentBy'] = null;
    if (this.started) {
      this.failed = new TlsError('handshake_timeout');
      this.connection.abort('handshake_timeout');
      facts = { ...this.connection.error?.facts, ...facts };
      sentBy = this.connection.error?.sentBy ?? null;
    }
    const error = new TlsError('handshake_timeout', { facts });
    error.sentBy = sentBy;
    this.failed = error;
    this.destroy(error);
  }
}

function endpoint(address: string | undefined, port: number | undefined): Endpoint {
  return { address: address ?? '', port: port ?? 0 };
}

function withSinks<C extends ClientConfig | ServerConfig>(
  config: C,
  sinks: { trace: TraceSink | undefined; keyLog: (line: string) => void },
): C {
  const { trace: _, ...rest } = config;
  return { ...(rest as C), keyLog: sinks.keyLog, ...(sinks.trace && { trace: sinks.trace }) };
}
