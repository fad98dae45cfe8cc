/**
 * After the handshake of TLS 1.0 to 1.2: renegotiation (RFC 5246 §7.4.1.1, §7.4.1.2), only where both sides know how
 * to do it safely (RFC 5746), and not more often than the configuration allows the peer to ask for it.
 */
import { tlsError } from '../errors.js';
import {
  type ClientConfig,
  type Established12,
  type Handshake,
  makeOffer,
  renegotiateAsClient,
  renegotiateAsServer,
  type ServerConfig,
} from '../handshake/index.js';
import { decodeBody, displayName, messageBytes } from '../messages/index.js';
import { HandshakeType } from '../registry/index.js';
import type { AfterHandshake, AfterHost } from './after.js';

export class After12 implements AfterHandshake {
  /** A hello went out or came in; what we asked for with a HelloRequest may never come. */
  holdsData = false;
  /** We sent a HelloRequest: the hello that comes is not of the peer's own making. */
  private asked = false;
  /** HelloRequests in a row, without application data between. */
  private ignored = 0;

  constructor(
    private readonly hs: Handshake<ClientConfig & ServerConfig>,
    private readonly done: Established12,
    private readonly host: AfterHost,
    /** How often the peer began so far. */
    private begunByPeer: number,
  ) {}

  /** RFC 5246 §7.4.1.1: a HelloRequest while a handshake is under way is ignored. */
  intercept(message: Uint8Array): boolean {
    if (this.hs.role !== 'client' || message[0] !== HandshakeType.hello_request || !this.host.isBusy())
      return false;
    this.hs.traceMessage('server', message);
    decodeBody('HelloRequest', message);
    this.boundIgnored();
    return true;
  }

  receive(message: Uint8Array): void {
    const { hs, host } = this;
    const opening = hs.role === 'client' ? HandshakeType.hello_request : HandshakeType.client_hello;
    if (message[0] !== opening || host.isClosing()) {
      hs.traceMessage(hs.peerRole, message);
      if (host.isClosing()) return;
      throw tlsError('unexpected_post_handshake_message', { got: displayName(message) });
    }
    if (hs.role === 'server') {
      if (!this.asked) this.count();
      this.asked = false;
      this.renew(renegotiateAsServer(hs.again(), this.done, message));
      return;
    }
    hs.traceMessage('server', message);
    decodeBody('HelloRequest', message);
    if (this.ignores()) return;
    this.count();
    this.sendHello();
  }

  /** §7.4.1.1: a client may leave it unanswered; not for ever. */
  private ignores(): boolean {
    const { config } = this.hs;
    if (!config.ignoreHelloRequests || (config.renegotiations ?? 0) > 0) return false;
    this.boundIgnored();
    return true;
  }

  private boundIgnored(): void {
    const limit = this.hs.limits.emptyRecords;
    if (++this.ignored > limit) throw tlsError('renegotiation_refused', { limit });
  }

  private count(): void {
    const limit = this.hs.config.renegotiations ?? 0;
    if (++this.begunByPeer > limit) throw tlsError('renegotiation_refused', { limit });
    if (!this.done.secureRenegotiation) throw tlsError('renegotiation_refused', { secure: false });
  }

  checkRenegotiation(): void {
    if (!this.done.secureRenegotiation) throw new Error('the peer cannot renegotiate safely (RFC 5746)');
    if (this.host.isBusy()) throw new Error('a handshake is under way');
  }

  /** Ours: a server asks for it, a client begins. */
  renegotiate(): void {
    this.checkRenegotiation();
    if (this.hs.role === 'client') this.sendHello();
    else {
      this.hs.sendBytes(messageBytes('HelloRequest', {}));
      this.asked = true;
    }
  }

  abandonRenegotiation(): void {
    this.asked = false;
    this.holdsData = false;
  }

  private sendHello(): void {
    const hs = this.hs.again();
    const { version, verifyData } = this.done;
    const offer = makeOffer(hs, { renegotiating: { version, clientVerifyData: verifyData.client } });
    this.renew(renegotiateAsClient(hs, offer, this.done));
  }

  private renew(flow: ReturnType<typeof renegotiateAsClient>): void {
    this.holdsData = true;
    this.host.begin(flow, (done) => this.host.renewed(done));
  }

  /** For the handshake that comes after this one. */
  get peerCount(): number {
    return this.begunByPeer;
  }

  sawData(): void {
    this.ignored = 0;
  }

  beforeWrite(): void {}

  /** There is no other key without a new handshake; no cipher of these versions comes to its end in practice. */
  renewKeys(): void {
    throw new Error('keys are updated in TLS 1.3 only');
  }

  /** RFC 5246 §7.2.2: the session is not resumed any more. */
  failed(): void {
    const { keptAs } = this.done;
    const { sessionIds } = this.hs.config;
    // The connection has failed with an error of its own, which one of the store's must not replace.
    if (keptAs && sessionIds)
      void new Promise((resolve) => resolve(sessionIds.forget(keptAs))).catch(() => {});
  }

  wipe(): void {
    this.done.master.wipe();
  }
}
