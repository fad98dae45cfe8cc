/** What a finished handshake gives. Cannot be made without the proofs (design decision 4). */
import type { MasterSecret12, ResumptionSecret, TrafficSecret } from '../keys/index.js';
import type { CipherSuite } from '../registry/index.js';
import type { Session, TicketState, Trust } from '../session/index.js';
import type { DecisionEvent, Side } from '../trace/index.js';
import type { CommonConfig } from './config.js';
import type { VerifiedFinished } from './finished.js';
import type { Handshake } from './handshake.js';
import type { VerifiedPeer } from './peer-proof.js';

/** Who the peer is: proven now; by a PSK, with what an earlier session knew; or nobody (a client that was not asked). */
export type PeerIdentity =
  | VerifiedPeer
  | { readonly resumed: Session | TicketState | null }
  | { readonly anonymous: true };

interface Outcome {
  /** Code point of the version. */
  readonly version: number;
  readonly suite: CipherSuite;
  /** Code point; null where no named group was used: a PSK without (EC)DHE, static RSA, a group of the server's making. */
  readonly group: number | null;
  readonly alpn: string | null;
  readonly peer: PeerIdentity;
  readonly finished: VerifiedFinished;
  readonly serverName: string | null;
  readonly earlyDataAccepted: boolean;
  readonly exporter: {
    export(label: string, context: Uint8Array | null, length: number): Uint8Array;
    wipe(): void;
  };
}

export interface Outcome13 extends Outcome {
  readonly protocol: 'tls13';
  readonly traffic: Readonly<Record<Side, TrafficSecret>>;
  readonly resumption: ResumptionSecret;
  /** What the client can do with tickets and later (§4.3.6, §4.3.9), from its last hello. */
  readonly clientAbilities: { readonly usesTickets: boolean; readonly postHandshakeAuth: boolean };
}

export interface Outcome12 extends Outcome {
  readonly protocol: 'tls12';
  readonly master: MasterSecret12;
  readonly extendedMasterSecret: boolean;
  /** RFC 5746: the peer knows how to renegotiate safely. */
  readonly secureRenegotiation: boolean;
  readonly verifyData: Readonly<Record<Side, Uint8Array>>;
  /** Whose Finished came first: the client's in a full handshake, the server's where a session goes on. */
  readonly firstFinished: Side;
  /** The id under which this server keeps the session; null where it does not. */
  readonly keptAs: Uint8Array | null;
}

export type Established13 = Outcome13 & { readonly decisions: readonly DecisionEvent[] };
export type Established12 = Outcome12 & { readonly decisions: readonly DecisionEvent[] };
export type Established = Established13 | Established12;

export function establish<C extends CommonConfig, O extends Outcome13 | Outcome12>(
  hs: Handshake<C>,
  outcome: O,
): O & { readonly decisions: readonly DecisionEvent[] } {
  hs.trace({ kind: 'state', t: hs.elapsed(), state: 'established' });
  return { decisions: hs.decisions, ...outcome };
}

/** The peer's chain, DER, leaf first; of the earlier session where this one resumed it. */
export function peerChain(peer: PeerIdentity): readonly Uint8Array[] {
  if ('anonymous' in peer) return [];
  if ('resumed' in peer) return peer.resumed?.peerChain ?? [];
  return peer.chain;
}

/** When the peer proved itself in full: now, or in the session that goes on. */
export function authenticatedAt(peer: PeerIdentity, now: number): number {
  return ('resumed' in peer ? peer.resumed?.authenticatedAt : undefined) ?? Math.floor(now);
}

/** What the verdict on the peer stands on, for sessions with it. */
export function trustIn(peer: PeerIdentity): Trust | null {
  if ('anonymous' in peer) return null;
  if ('resumed' in peer) return peer.resumed && 'trust' in peer.resumed ? peer.resumed.trust : null;
  return (peer.verdict.trusted && peer.verdict.trust) || null;
}

/** SubjectPublicKeyInfo of a peer without a chain (RFC 7250), of the earlier session where this one resumed it. */
export function peerRawKey(peer: PeerIdentity): Uint8Array | null {
  if ('anonymous' in peer) return null;
  return 'resumed' in peer ? (peer.resumed?.peerRawKey ?? null) : peer.rawPublicKey;
}
