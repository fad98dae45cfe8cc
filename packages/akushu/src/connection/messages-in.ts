/** Messages on their way to the handshake; what the connection handles itself is kept from it. */
import { tlsError } from '../errors.js';
import type { CommonConfig, Handshake } from '../handshake/index.js';
import { displayName } from '../messages/index.js';
import { HandshakeType } from '../registry/index.js';
import type { FlowSource } from './driver.js';
import type { Wire } from './wire.js';

export class MessagesIn implements FlowSource {
  /** RFC 5246 §7.1: one has come that the handshake has not taken yet. */
  changeCipherSpecCame = false;
  private helloRequests = 0;

  constructor(
    private readonly hs: Handshake<CommonConfig>,
    private readonly wire: Wire,
    /** What handles messages of an established connection; undefined while there is none. */
    private readonly intercept: (message: Uint8Array) => boolean | undefined,
  ) {}

  takeMessage(): Uint8Array | undefined {
    for (;;) {
      const message = this.wire.joiner.next();
      if (!message || !this.handles(message)) return message;
    }
  }

  /** As `takeMessage`: what is ignored does not stand in the way of what comes behind it. */
  peekType(): number | undefined {
    const { joiner } = this.wire;
    while (joiner.peekType() === HandshakeType.hello_request) {
      const message = joiner.next();
      if (!message) return undefined;
      if (!this.handles(message)) throw tlsError('unexpected_message', { got: displayName(message) });
    }
    return joiner.peekType();
  }

  takeChangeCipherSpec(): boolean {
    // A message that was begun before belongs under the keys of now.
    this.wire.expectEndOfFlight();
    const came = this.changeCipherSpecCame;
    this.changeCipherSpecCame = false;
    return came;
  }

  private handles(message: Uint8Array): boolean {
    return this.intercept(message) ?? this.ignoreHelloRequest(message);
  }

  /** RFC 5246 §7.4.1.1: a client that is negotiating already ignores it. */
  private ignoreHelloRequest(message: Uint8Array): boolean {
    const { hs, wire } = this;
    const ignored =
      hs.role === 'client' &&
      message[0] === HandshakeType.hello_request &&
      message.length === 4 &&
      (hs.isBefore13 || (wire.inbound.mayBeOld && !wire.inbound.readsProtected));
    if (!ignored) return false;
    hs.traceMessage('server', message);
    const limit = hs.limits.warnings;
    if (++this.helloRequests > limit) throw tlsError('too_many_warnings', { limit });
    return true;
  }
}
