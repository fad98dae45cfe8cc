/** What a connection tells whoever uses it. */
import type { TlsError } from '../errors.js';
import type { HandshakeSummary } from './summary.js';

/** What happens on a connection. A handler that throws ends the connection with `callback_failed`. */
export interface ConnectionHandlers {
  /** Bytes for the transport, in order. The arrays are the receiver's to keep. */
  output(pieces: readonly Uint8Array[]): void;
  established?(summary: HandshakeSummary): void;
  /** Data may be sent although the handshake is not done: 0.5-RTT on a server (RFC 9846 §2.3), False Start on a client (RFC 7918). */
  earlyWriting?(): void;
  /** Before TLS 1.3: a renegotiation was done; the summary is the new one. */
  renegotiated?(summary: HandshakeSummary): void;
  /** An awaited answer has come: `wantsInput` is true again. */
  inputWanted?(): void;
  /** Application data. `replaySafe` is false for early data, which an attacker may have sent again (§8). */
  data?(bytes: Uint8Array, info: { readonly replaySafe: boolean }): void;
  /** The client proved itself after the handshake; an empty list where it would not. */
  peerAuthenticated?(chain: readonly Uint8Array[]): void;
  /** The peer's close_notify came: no more data. */
  peerClosed?(): void;
  /** The connection is dead. Comes once; nothing comes after it. */
  error?(error: TlsError): void;
}
