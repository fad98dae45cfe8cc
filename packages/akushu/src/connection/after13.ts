/** After the handshake of TLS 1.3 (RFC 9846 §4.7): KeyUpdate, tickets, and authentication of a client later on. */
import { tlsError } from '../errors.js';
import {
  answerLateRequest,
  type ClientConfig,
  type Established13,
  type Handshake,
  receiveTicket,
  type ServerConfig,
} from '../handshake/index.js';
import { displayName } from '../messages/index.js';
import { HandshakeType } from '../registry/index.js';
import type { AfterHandshake, AfterHost } from './after.js';
import type { Traffic } from './traffic.js';

export class After13 implements AfterHandshake {
  readonly holdsData = false;
  private lateRequests = 0;

  constructor(
    private readonly hs: Handshake<ClientConfig & ServerConfig>,
    private readonly done: Established13,
    private readonly traffic: Traffic,
    private readonly host: AfterHost,
  ) {}

  intercept(message: Uint8Array): boolean {
    const type = message[0];
    if (type === HandshakeType.key_update) this.traffic.receiveUpdate(message);
    else if (type === HandshakeType.new_session_ticket && this.hs.role === 'client')
      this.receiveTicket(message);
    else return false;
    return true;
  }

  private receiveTicket(message: Uint8Array): void {
    this.hs.traceMessage('server', message);
    receiveTicket(this.hs, this.done, message);
  }

  receive(message: Uint8Array): void {
    const { hs, host } = this;
    const asked = hs.role === 'client' && message[0] === HandshakeType.certificate_request;
    if (!asked || !hs.config.postHandshakeAuth || host.isClosing()) {
      hs.traceMessage(hs.peerRole, message);
      // What answers a question from before our close_notify has nobody to go to.
      if (host.isClosing()) return;
      throw tlsError('unexpected_post_handshake_message', { got: displayName(message) });
    }
    const limit = hs.limits.lateRequests;
    if (++this.lateRequests > limit) throw tlsError('too_many_late_requests', { limit });
    host.begin(
      answerLateRequest(hs, message, () => this.traffic.secretOf('client')),
      () => {},
    );
  }

  sawData(): void {
    this.traffic.sawData();
  }

  /** §4.7.3: due before the next application data, and several requests are answered with one update. */
  beforeWrite(): void {
    this.traffic.payUpdate();
  }

  renewKeys(requestPeer: boolean): void {
    this.traffic.sendUpdate(requestPeer);
  }

  checkRenegotiation(): void {
    throw new Error('TLS 1.3 has no renegotiation; updateKeys and requestClientCertificate do its work');
  }

  renegotiate(): void {
    this.checkRenegotiation();
  }

  abandonRenegotiation(): void {}

  failed(): void {}

  wipe(): void {
    this.traffic.wipe();
    this.done.resumption.wipe();
    this.done.exporter.wipe();
  }
}
