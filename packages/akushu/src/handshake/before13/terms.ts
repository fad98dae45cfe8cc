/** What a handshake before TLS 1.3 has agreed upon with the two hellos, as both sides need it. */
import type { Cipher12 } from '../../keys/index.js';
import type { KeyExchange12 } from '../../messages/index.js';
import type { CipherSuite } from '../../registry/index.js';
import type { Established12 } from '../established.js';

export interface Terms12 {
  readonly version: number;
  readonly suite: CipherSuite;
  readonly kx: KeyExchange12;
  readonly cipher: Cipher12;
  readonly clientRandom: Uint8Array;
  readonly serverRandom: Uint8Array;
  /** RFC 7627. */
  readonly extendedMasterSecret: boolean;
  /** RFC 5746: the peer sent renegotiation_info, or the SCSV for it. */
  readonly secureRenegotiation: boolean;
  readonly alpn: string | null;
  /** A NewSessionTicket comes before the server's Finished (RFC 5077 §3.3). */
  readonly ticketFollows: boolean;
}

/** The handshake that is renewed; null for the first on a connection. */
export type Previous = Established12 | null;
