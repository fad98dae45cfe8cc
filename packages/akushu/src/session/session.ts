/**
 * What a later connection needs to resume this one (RFC 9846 §2.2), as the client keeps it, and pre-shared keys
 * agreed upon elsewhere. Its form of bytes is in `session-bytes.ts`.
 */
import type { HashName } from '../registry/index.js';

/**
 * Under which configuration of trust a peer was found good. A session is resumed under the same one, or where the peer
 * is found good again.
 */
export interface Trust {
  /** Names anchors, host, purpose and policy: other ones have another name. At most 255 bytes. */
  readonly name: Uint8Array;
  /** Milliseconds since 1970: the first end of a certificate on the path, or what else the verdict hangs on. */
  readonly until: number;
}

export interface Session {
  readonly version: number;
  /** Code point of the cipher suite; its hash binds the PSK. */
  readonly cipherSuite: number;
  /** Before TLS 1.3: the master secret. */
  readonly psk: Uint8Array;
  readonly ticket: Uint8Array;
  /** Seconds, at most 604,800 (§4.7.1). */
  readonly lifetime: number;
  readonly ageAdd: number;
  /** Milliseconds since 1970, by the receiver's clock. */
  readonly receivedAt: number;
  /** When the server proved itself in full; resumption does not make it any later. Milliseconds since 1970. */
  readonly authenticatedAt: number;
  /** Bytes of early data that the server allows; 0 for none. */
  readonly maxEarlyData: number;
  readonly serverName: string | null;
  readonly alpn: string | null;
  /** DER, leaf first, as it was verified in the full handshake. */
  readonly peerChain: readonly Uint8Array[];
  /** SubjectPublicKeyInfo in place of a chain (RFC 7250). */
  readonly peerRawKey: Uint8Array | null;
  /** What the verdict on the server stood on, and for how long it holds; null where whoever judged it did not say. */
  readonly trust: Trust | null;
  /**
   * Who we were to the server: SHA-256 of our leaf or raw public key; no bytes where we were asked and had none to
   * show; null where nobody asked.
   */
  readonly presented: Uint8Array | null;
  /** Before TLS 1.3: what the server named the session by; empty where a ticket stands for it (RFC 5077 §3.4). */
  readonly sessionId?: Uint8Array;
  /** Before TLS 1.3: `psk` is an extended master secret (RFC 7627 §5.3). */
  readonly extendedMasterSecret?: boolean;
}

/** A key that both sides were given beforehand (§4.3.11). Goes with exactly one hash. */
export interface ExternalPsk {
  readonly identity: Uint8Array;
  readonly key: Uint8Array;
  /** SHA-256 unless the key was provisioned for another (§4.3.11). */
  readonly hash: HashName;
  /** Imported by RFC 9258: then its binder has a label of its own. */
  readonly imported?: boolean;
}
