/**
 * One TLS connection without a transport: bytes in, bytes out, events. Drives the handshake's generator, handles
 * alerts, closing, KeyUpdate and whatever else comes between records and the application (RFC 9846 §4.7, §5, §6).
 * Knows no socket and no clock; works the same however the bytes are cut.
 */
import { TlsError, tlsError } from '../errors.js';
import {
  type ClientConfig,
  callerSays,
  clientHandshake,
  type Established,
  type Established13,
  Handshake,
  limitsOf,
  requestLateAuthentication,
  type ServerConfig,
  sendTickets,
  serverHandshake,
  usableVersions,
  wrapCallbackFailure,
} from '../handshake/index.js';
import type { Incoming } from '../record/index.js';
import { ContentType, Version } from '../registry/index.js';
import type { Side } from '../trace/index.js';
import type { AfterHandshake, AfterHost } from './after.js';
import { After12 } from './after12.js';
import { After13 } from './after13.js';
import { Alerts } from './alerts.js';
import { Backlog } from './backlog.js';
import { FlowDriver } from './driver.js';
import type { ConnectionHandlers } from './handlers.js';
import { HeldOutput } from './held-output.js';
import type { AlertDescription } from './inbound.js';
import { MessagesIn } from './messages-in.js';
import { guardOnlookers } from './onlookers.js';
import { reportChangeCipherSpec, reportRecord } from './reports.js';
import { type HandshakeSummary, summarize } from './summary.js';
import { Traffic } from './traffic.js';
import { Wire } from './wire.js';

type State = 'idle' | 'handshaking' | 'established' | 'dead';

export class Connection {
  private readonly wire: Wire;
  private readonly hs: Handshake<ClientConfig & ServerConfig>;
  private aborter: AbortController | null = null;
  private readonly driver: FlowDriver;
  private readonly messages: MessagesIn;
  private readonly alerts: Alerts;
  /** Application data that waits for a renegotiation. */
  private readonly held: HeldOutput;
  private readonly backlog: Backlog;
  private state: State = 'idle';
  private running = false;
  private done: Established | null = null;
  private traffic: Traffic | null = null;
  private after: AfterHandshake | null = null;
  /** The transport's function threw: nothing can be sent any more. */
  private outputFailed = false;
  private summaryMade: HandshakeSummary | null = null;
  private failure: TlsError | null = null;

  constructor(role: 'client', config: ClientConfig, handlers: ConnectionHandlers);
  constructor(role: 'server', config: ServerConfig, handlers: ConnectionHandlers);
  constructor(
    readonly role: Side,
    given: ClientConfig & ServerConfig,
    private readonly handlers: ConnectionHandlers,
  ) {
    const config = guardOnlookers(given);
    const limits = limitsOf(config);
    this.wire = new Wire(
      role,
      config,
      limits,
      () => this.signal(),
      () => this.handlers.earlyWriting?.(),
    );
    this.hs = new Handshake(role, config, this.wire);
    this.wire.attach(this.hs);
    this.backlog = new Backlog(limits.pendingInput);
    this.held = new HeldOutput(limits.pendingInput);
    this.alerts = new Alerts(this.hs, this.wire);
    this.messages = new MessagesIn(this.hs, this.wire, (message) => this.after?.intercept(message));
    this.driver = new FlowDriver(this.messages, (work) => this.resume(work));
  }

  // ---- What callers do ----

  /** Begins the handshake. A client sends its ClientHello, a server waits for one. */
  start(): void {
    if (this.state !== 'idle') throw new Error('the connection was started before');
    this.state = 'handshaking';
    this.guard(() => {
      const versions = usableVersions(this.hs);
      this.wire.inbound.mayBeOld = versions.some((version) => version < Version['TLSv1.3']);
      // A client that could not be read yet may know TLS 1.0 and no more.
      const best = this.role === 'client' ? (versions[0] ?? Version['TLSv1.2']) : Version.TLSv1;
      this.wire.answerIn(best);
      const flow = this.role === 'client' ? clientHandshake(this.hs) : serverHandshake(this.hs);
      this.driver.begin(flow, (done) => this.establish(done));
    });
  }

  /** Bytes from the transport, however cut. They may be overwritten after the call. Never throws for what they hold. */
  receive(chunk: Uint8Array): void {
    // §6.1: what comes after a closure alert is ignored.
    if (this.state === 'dead' || this.wire.inbound.closed || chunk.length === 0) return;
    if (this.state === 'idle') this.start();
    this.guard(() => {
      if (this.driver.suspended || this.running || !this.backlog.isEmpty) {
        this.backlog.keep(chunk);
        return;
      }
      this.wire.layer.push(chunk);
      this.run();
      this.catchUp();
    });
  }

  /** False while somebody's answer is awaited: the transport should be paused. */
  get wantsInput(): boolean {
    return this.state !== 'dead' && !this.driver.suspended;
  }

  /** The transport will bring no more bytes. Without a close_notify before, that is a truncation (§6.1). */
  endOfInput(): void {
    if (this.state === 'dead' || this.wire.inbound.closed) return;
    this.backlog.ended = true;
    if (!this.running) this.guard(() => this.catchUp());
  }

  /** Sends application data. Throws `write_after_close`, or a plain Error before the handshake is done. */
  write(data: Uint8Array): void {
    if (this.state === 'dead' || this.wire.closeSent || this.held.closeWanted)
      throw tlsError('write_after_close');
    if (!this.wire.mayWrite) throw new Error('the handshake is not done');
    if (this.after?.holdsData) {
      this.held.add(data);
      return;
    }
    this.guard(() => this.protect(data));
  }

  private protect(data: Uint8Array): void {
    this.after?.beforeWrite();
    const limit = this.wire.layer.sendLimit;
    for (let at = 0; at < data.length; at += limit) {
      if (this.wire.layer.worn) this.after?.renewKeys(false);
      const piece = data.length <= limit ? data : data.subarray(at, at + limit);
      this.wire.layer.send(ContentType.application_data, piece);
    }
  }

  /** True while a renegotiation is under way: what is written is kept until it is done, and should wait. */
  get holdsOutput(): boolean {
    return this.after?.holdsData ?? false;
  }

  /** Sends close_notify. Data may still come until the peer closes as well (§6.1). */
  close(): void {
    if (this.state === 'dead' || this.wire.closeSent) return;
    if (!this.held.isEmpty) {
      this.held.closeWanted = true;
      return;
    }
    this.guard(() => {
      this.alerts.sendClose();
      if (this.wire.inbound.closed || this.state !== 'established') this.die('closed');
      if (this.state === 'dead') return;
      // What was under way after the handshake could not be sent any more; reading goes on.
      this.driver.stop();
      if (this.running) return;
      this.run();
      this.catchUp();
    });
  }

  /** Ends the connection at once, telling the peer why. `cause` is for a failure of the caller's own. */
  abort(code: 'canceled' | 'handshake_timeout' | 'callback_failed', cause?: unknown): void {
    if (this.state === 'dead') return;
    this.fail(new TlsError(code, { facts: this.progress(), ...(cause !== undefined && { cause }) }));
  }

  /** The transport is gone: ends the connection without a word to anybody. */
  discard(): void {
    if (this.state === 'dead') return;
    this.wire.closeSent = true;
    this.outputFailed = true;
    this.guard(() => this.die('failed'));
  }

  /** Replaces our sending key, and asks the peer for the same with `requestPeer` (§4.7.3). */
  updateKeys(requestPeer = false): void {
    if (this.state !== 'established' || this.wire.closeSent)
      throw new Error('keys are updated on an established connection');
    if (!this.traffic) throw new Error('keys are updated in TLS 1.3 only');
    this.guard(() => this.after?.renewKeys(requestPeer));
  }

  /**
   * Before TLS 1.3: a new handshake on the same connection (RFC 5746). A server asks the client for it. Throws a plain
   * Error where the version, the peer or the moment does not allow it.
   */
  renegotiate(): void {
    if (this.state !== 'established' || this.wire.closeSent || !this.after)
      throw new Error('only an established connection is renegotiated');
    const { after } = this;
    after.checkRenegotiation();
    this.guard(() => after.renegotiate());
  }

  /** Server: asks the client for a certificate now (§4.7.2). The client must have offered post_handshake_auth. */
  requestClientCertificate(): void {
    const { done } = this;
    if (this.role !== 'server' || !done || this.driver.active)
      throw new Error('not now, or not on this side');
    if (done.protocol !== 'tls13' || !done.clientAbilities.postHandshakeAuth)
      throw new Error('the client did not offer post_handshake_auth');
    this.guard(() =>
      this.driver.begin(
        requestLateAuthentication(this.hs, () => this.traffic!.secretOf('client')),
        (peer) => callerSays(() => this.handlers.peerAuthenticated?.(chainOf(peer))),
      ),
    );
  }

  /**
   * Keying material for another protocol (§7.5, RFC 5705). Both sides get the same. Before TLS 1.3 no context (null)
   * and an empty one differ.
   */
  exportKeyingMaterial(label: string, context: Uint8Array | null, length: number): Uint8Array {
    if (!this.done) throw new Error('the handshake is not done');
    if (this.state === 'dead') throw new Error('the connection has ended, and its secrets with it');
    return this.done.exporter.export(label, context, length);
  }

  /**
   * The channel binding tls-unique (RFC 5929 §3): the first Finished of the last handshake. Null in TLS 1.3, whose
   * binding is the exporter (RFC 9266), before the handshake is done, and where a session without the extended master
   * secret was resumed: two connections could then have the same (RFC 7627 §6.4).
   */
  get tlsUnique(): Uint8Array | null {
    const { done } = this;
    if (done?.protocol !== 'tls12') return null;
    const safe = done.extendedMasterSecret || done.firstFinished === 'client';
    return safe ? done.verifyData[done.firstFinished].slice() : null;
  }

  /** What was negotiated; null before the handshake is done. */
  get summary(): HandshakeSummary | null {
    return this.summaryMade;
  }

  /** Why the connection died; null while it lives or where it was closed in order. */
  get error(): TlsError | null {
    return this.failure;
  }

  get isDead(): boolean {
    return this.state === 'dead';
  }

  /** For those whose answer is awaited: aborted when the connection dies. Most connections ask nobody. */
  private signal(): AbortSignal {
    this.aborter ??= new AbortController();
    if (this.state === 'dead') this.aborter.abort();
    return this.aborter.signal;
  }

  // ---- The handshake ----

  private resume(work: () => void): void {
    this.guard(() => {
      work();
      this.run();
      this.catchUp();
      if (this.wantsInput) callerSays(() => this.handlers.inputWanted?.());
    });
  }

  private establish(done: Established): void {
    this.note(done);
    this.state = 'established';
    this.wire.inbound.established = true;
    this.wire.mayWrite = true;
    const summary = this.summaryMade!;
    callerSays(() => this.handlers.established?.(summary));
    if (
      done.protocol === 'tls13' &&
      this.role === 'server' &&
      done.clientAbilities.usesTickets &&
      !this.wire.closeSent
    )
      this.driver.begin(sendTickets(this.hs, done), () => {});
  }

  private note(done: Established): void {
    const begunByPeer = this.after instanceof After12 ? this.after.peerCount : 0;
    this.done = done;
    this.wire.inbound.awaitsFinished = false;
    const host = this.afterHost();
    this.after =
      done.protocol === 'tls13'
        ? new After13(this.hs, done, this.makeTraffic(done), host)
        : new After12(this.hs, done, host, begunByPeer);
    this.summaryMade = summarize(done);
  }

  private makeTraffic(done: Established13): Traffic {
    this.traffic = new Traffic(this.hs, done.traffic, {
      readWith: (secret) => this.wire.readWith(secret),
      writeWith: (secret) => this.wire.writeWith(secret),
    });
    return this.traffic;
  }

  private afterHost(): AfterHost {
    return {
      isClosing: () => this.wire.closeSent,
      isBusy: () => this.driver.active,
      begin: (flow, whenDone) => this.driver.begin(flow, whenDone),
      renewed: (done) => this.renewed(done),
    };
  }

  /** A renegotiation is done: what waited for it goes out. */
  private renewed(done: Established): void {
    this.after?.wipe();
    this.note(done);
    const summary = this.summaryMade!;
    callerSays(() => this.handlers.renegotiated?.(summary));
    this.releaseHeld();
  }

  /** What was written meanwhile, and the end where it was asked for. */
  private releaseHeld(): void {
    const { held } = this;
    const pieces = held.take();
    if (!this.wire.closeSent) for (const data of pieces) this.protect(data);
    if (!held.closeWanted) return;
    held.closeWanted = false;
    this.close();
  }

  /** The peer closed in the middle of a renegotiation, which nobody will end now. */
  private abandonRenegotiation(): void {
    if (!this.after?.holdsData) return;
    this.driver.stop();
    this.after.abandonRenegotiation();
    // Under keys that no Finished has proved nothing may be sent.
    if (this.wire.writesAhead) this.held.drop();
    this.releaseHeld();
  }

  // ---- Receiving ----

  /** Reads what was kept, and then the transport's end. */
  private catchUp(): void {
    while (!this.isSuspended && !this.wire.inbound.closed) {
      const chunk = this.backlog.take();
      if (!chunk) {
        if (this.backlog.ended) throw this.truncation();
        return;
      }
      this.wire.layer.push(chunk);
      this.run();
    }
  }

  /** §6.1: an end without close_notify before. */
  private truncation(): TlsError {
    return tlsError(
      this.state === 'established' ? 'truncated_close' : 'closed_during_handshake',
      this.progress(),
    );
  }

  /** Handles records until they run out or somebody's answer is awaited. */
  private run(): void {
    this.running = true;
    try {
      while (!this.isSuspended && !this.wire.inbound.closed) {
        this.deliverMessages();
        if (this.isSuspended) break;
        const record = this.wire.layer.next();
        if (!record) break;
        this.handle(record);
      }
      this.wire.layer.detach();
    } finally {
      this.running = false;
    }
  }

  private get isSuspended(): boolean {
    return this.state === 'dead' || this.driver.suspended;
  }

  private deliverMessages(): void {
    while (!this.isSuspended) {
      if (this.driver.active) {
        if (!this.driver.advance()) return;
      } else {
        const message = this.messages.takeMessage();
        if (!message) return;
        this.after!.receive(message);
      }
    }
  }

  private handle(record: Incoming): void {
    this.receivedAnything = true;
    reportRecord(this.hs, this.hs.peerRole, record.wireType, record.type, record.length);
    const content = this.wire.inbound.judge(record, this.wire.joiner.pending);
    switch (content.kind) {
      case 'handshake':
        if (this.driver.waitingFor === 'change_cipher_spec')
          throw tlsError('unexpected_message', { got: 'handshake', expected: ['ChangeCipherSpec'] });
        this.wire.joiner.push(content.fragment);
        break;
      case 'data':
        this.after?.sawData();
        callerSays(() => this.handlers.data?.(content.fragment, { replaySafe: content.replaySafe }));
        break;
      case 'alert':
        this.receiveAlert(content.level, content.description);
        break;
      case 'warning':
        this.receiveWarning(content.description);
        break;
      case 'change_cipher_spec':
        reportChangeCipherSpec(this.hs, this.hs.peerRole);
        if (!this.wire.inbound.before13) break;
        // RFC 5246 §7.1: at its one place and nowhere else (CVE-2014-0224).
        if (this.driver.waitingFor !== 'change_cipher_spec') throw tlsError('bad_change_cipher_spec');
        this.messages.changeCipherSpecCame = true;
        break;
      case 'nothing':
        break;
    }
  }

  /** §6: close_notify and user_canceled are news; everything else ends the connection, whatever its level says. */
  private receiveAlert(level: 'warning' | 'fatal', description: AlertDescription): void {
    this.alerts.reportReceived(level, description);
    if (description === 'user_canceled') return;
    if (description !== 'close_notify') {
      throw new TlsError('peer_alert', { peerAlert: description, facts: { level, ...this.progress() } });
    }
    this.receiveClose();
  }

  /** Before TLS 1.3: nothing ends with it, unless it is the answer to a handshake that we began again. */
  private receiveWarning(description: AlertDescription): void {
    this.alerts.reportReceived('warning', description);
    if (description !== 'no_renegotiation') return;
    if (!this.after?.holdsData) this.after?.abandonRenegotiation();
    else
      throw new TlsError('peer_alert', {
        peerAlert: description,
        facts: { level: 'warning', ...this.progress() },
      });
  }

  private receiveClose(): void {
    if (this.state !== 'established') throw tlsError('closed_during_handshake', this.progress());
    this.wire.inbound.closed = true;
    this.hs.trace({ kind: 'state', t: this.hs.elapsed(), state: 'peer_closed' });
    this.abandonRenegotiation();
    callerSays(() => this.handlers.peerClosed?.());
    if (this.wire.closeSent) this.die('closed');
  }

  // ---- Errors, alerts, the end ----

  /** Runs engine code: what it throws ends the connection; what it wrote goes out. Throws nothing itself. */
  private guard(work: () => void): void {
    try {
      work();
      this.flush();
    } catch (error) {
      this.fail(error instanceof TlsError ? error : new TlsError('internal_error', { cause: error }));
    }
  }

  private fail(error: TlsError): void {
    if (this.state === 'dead') return;
    error.sentBy = error.alert === null ? null : error.code === 'peer_alert' ? this.hs.peerRole : this.role;
    this.failure = error;
    if (error.alert !== null) this.after?.failed();
    try {
      this.alerts.sendFarewell(error);
      this.die('failed');
      this.flush();
    } catch (cause) {
      // A caller's function failed on the way out: said with the first failure, which it must not hide.
      this.state = 'dead';
      error.cause ??= cause;
    }
    try {
      this.handlers.error?.(error);
    } catch (cause) {
      // Nobody is left to tell: as an event emitter would do it.
      queueMicrotask(() => {
        throw cause;
      });
    }
  }

  private die(state: 'closed' | 'failed'): void {
    this.state = 'dead';
    this.driver.stop();
    this.backlog.clear();
    this.after?.wipe();
    this.held.drop();
    this.aborter?.abort();
    this.hs.trace({ kind: 'state', t: this.hs.elapsed(), state });
  }

  private flush(): void {
    const pieces = this.wire.layer.takeOutput();
    if (pieces.length === 0 || this.outputFailed) return;
    try {
      this.handlers.output(pieces);
    } catch (cause) {
      this.outputFailed = true;
      throw wrapCallbackFailure(cause);
    }
  }

  /** How far it had got, for whoever explains a failure. */
  private progress(): Record<string, unknown> {
    return {
      state: this.state,
      waitingFor: this.driver.waitingFor,
      receivedAnything: this.receivedAnything,
      midRecord: this.wire.layer.midRecord,
    };
  }

  private receivedAnything = false;
}

function chainOf(peer: unknown): readonly Uint8Array[] {
  return peer && typeof peer === 'object' && 'chain' in peer ? (peer.chain as readonly Uint8Array[]) : [];
}
