/** The application traffic secrets of both directions, and their updates (RFC 9846 §4.7.3, §7.2). */
import { tlsError } from '../errors.js';
import type { CommonConfig, Handshake } from '../handshake/index.js';
import type { TrafficSecret } from '../keys/index.js';
import { decodeBody, messageBytes } from '../messages/index.js';
import type { Side } from '../trace/index.js';

/** How a new secret comes into use. */
export interface TrafficUse {
  readWith(secret: TrafficSecret): void;
  writeWith(secret: TrafficSecret): void;
}

export class Traffic {
  private readonly secrets: Record<Side, TrafficSecret>;
  /** Received in a row, without application data between. */
  private inARow = 0;
  private owed = false;

  constructor(
    private readonly hs: Handshake<CommonConfig>,
    secrets: Readonly<Record<Side, TrafficSecret>>,
    private readonly use: TrafficUse,
  ) {
    this.secrets = { ...secrets };
  }

  secretOf(side: Side): TrafficSecret {
    return this.secrets[side];
  }

  /** Application data has come: what was a row of updates ends. */
  sawData(): void {
    this.inARow = 0;
  }

  /** The peer's update. Throws `bad_key_update`, `too_many_key_updates`, `message_across_key_change`. */
  receiveUpdate(message: Uint8Array): void {
    const { hs } = this;
    hs.traceMessage(hs.peerRole, message);
    const { requestUpdate } = decodeBody('KeyUpdate', message);
    if (requestUpdate > 1) throw tlsError('bad_key_update', { requestUpdate });
    const limit = hs.limits.keyUpdates;
    if (++this.inARow > limit) throw tlsError('too_many_key_updates', { limit });
    this.replace(hs.peerRole, (secret) => this.use.readWith(secret));
    if (requestUpdate === 1) this.owed = true;
  }

  /** Answers requests that have come since the last time (§4.7.3). */
  payUpdate(): void {
    if (this.owed) this.sendUpdate(false);
  }

  /** Replaces our own key, and asks the peer for the same with `requestPeer`. */
  sendUpdate(requestPeer: boolean): void {
    this.owed = false;
    this.hs.sendBytes(messageBytes('KeyUpdate', { requestUpdate: requestPeer ? 1 : 0 }));
    this.replace(this.hs.role, (secret) => this.use.writeWith(secret));
  }

  private replace(side: Side, use: (secret: TrafficSecret) => void): void {
    const old = this.secrets[side];
    const next = old.next();
    use(next);
    old.wipe();
    this.secrets[side] = next;
    const label = side === 'client' ? 'CLIENT_TRAFFIC_SECRET_0' : 'SERVER_TRAFFIC_SECRET_0';
    this.hs.traceKey(label, next, side, 'application_data');
  }

  wipe(): void {
    this.secrets.client.wipe();
    this.secrets.server.wipe();
  }
}
