/** What a finished handshake gives. Cannot be made without the proofs (design decision 4). */
import type { Exporter, ResumptionSecret, TrafficSecret } from '../keys/index.js';
import type { CipherSuite } from '../registry/index.js';
import type { Session, TicketState } from '../session/index.js';
import type { DecisionEvent, Side } from '../trace/index.js';
import type { VerifiedPeer } from './authentication.js';
import type { CommonConfig } from './config.js';
import type { VerifiedFinished } from './finished.js';
import type { Handshake } from './handshake.js';

/** Who the peer is: proven now; by a PSK, with what an earlier session knew; or nobody (a client that was not asked). */
export type PeerIdentity =
  | VerifiedPeer
  | { readonly resumed: Session | TicketState | null }
  | { readonly anonymous: true };

export interface HandshakeOutcome {
  readonly suite: CipherSuite;
  /** Code point; null for PSK without (EC)DHE. */
  readonly group: number | null;
  readonly alpn: string | null;
  readonly peer: PeerIdentity;
  readonly finished: VerifiedFinished;
  readonly traffic: Readonly<Record<Side, TrafficSecret>>;
  readonly exporter: Exporter;
  readonly resumption: ResumptionSecret;
  readonly serverName: string | null;
  readonly earlyDataAccepted: boolean;
  /** What the client can do with tickets and later (§4.3.6, §4.3.9), from its last hello. */
  readonly clientAbilities: { readonly usesTickets: boolean; readonly postHandshakeAuth: boolean };
}

export interface Established extends HandshakeOutcome {
  readonly decisions: readonly DecisionEvent[];
}

export function establish<C extends CommonConfig>(hs: Handshake<C>, outcome: HandshakeOutcome): Established {
  hs.trace({ kind: 'state', t: hs.elapsed(), state: 'established' });
  return { ...outcome, decisions: hs.decisions };
}

/** The peer's chain, DER, leaf first; of the earlier session where this one resumed it. */
export function peerChain(peer: PeerIdentity): readonly Uint8Array[] {
  if ('anonymous' in peer) return [];
  if ('resumed' in peer) return peer.resumed?.peerChain ?? [];
  return peer.chain;
}

/** SubjectPublicKeyInfo of a peer without a chain (RFC 7250), of the earlier session where this one resumed it. */
export function peerRawKey(peer: PeerIdentity): Uint8Array | null {
  if ('anonymous' in peer) return null;
  return 'resumed' in peer ? (peer.resumed?.peerRawKey ?? null) : peer.rawPublicKey;
}
