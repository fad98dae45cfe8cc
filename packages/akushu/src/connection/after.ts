/**
 * What may come and go once a handshake is done, which differs by version: KeyUpdate, tickets and late authentication
 * in TLS 1.3 (RFC 9846 §4.7), renegotiation before (RFC 5246 §7.4.1, RFC 5746).
 */
import type { Established, Flow } from '../handshake/index.js';

export interface AfterHandshake {
  /** True while a handshake is under way again, and application data has to wait. */
  readonly holdsData: boolean;
  /** Deals with a message that may come whatever else is under way. False: it is for whoever waits. */
  intercept(message: Uint8Array): boolean;
  /** A message that nobody waits for. Throws where none may come. */
  receive(message: Uint8Array): void;
  sawData(): void;
  /** Called before application data goes out. */
  beforeWrite(): void;
  /** The writing key has protected as much as is safe. */
  renewKeys(requestPeer: boolean): void;
  /** Throws a plain Error where version, peer or moment do not allow a new handshake. */
  checkRenegotiation(): void;
  /** Starts a handshake again, of our own accord. */
  renegotiate(): void;
  /** The peer will have no new handshake, or no more of the one under way. */
  abandonRenegotiation(): void;
  /** A fatal alert came or went. */
  failed(): void;
  wipe(): void;
}

/** What of the connection it needs. */
export interface AfterHost {
  /** We said that we send no more. */
  isClosing(): boolean;
  /** A flow is under way. */
  isBusy(): boolean;
  begin<T>(flow: Flow<T>, whenDone: (result: T) => void): void;
  /** A renegotiation has ended. */
  renewed(done: Established): void;
}
