/** What a connection tells whoever uses it. */
import type { TlsError } from '../errors.js';
import type { HandshakeSummary } from './summary.js';

/** What happens on a connection. A handler that throws ends the connection with `callback_failed`. */
export interface ConnectionHandlers {
  /** Bytes for the transport, in order. The arrays are the receiver's to keep. */
  output(pieces: readonly Uint8Array[]): void;
  established?(summary: HandshakeSummary): void;
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
