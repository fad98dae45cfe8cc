/** Bounds on what reading a capture may keep. Whatever goes beyond is counted, said, and let go of. */

export interface ObserveLimits {
  /** Largest packet or block of a capture that is held at once, in bytes. */
  readonly packetBytes: number;
  /** Connections that are followed at once; the longest silent ones are ended for new ones. */
  readonly connections: number;
  /** Bytes kept for all open connections together. */
  readonly memory: number;
  /** Bytes that wait for a missing segment, for each direction of a connection. */
  readonly outOfOrderBytes: number;
  /** Fragmented IP packets that wait for their rest at once. */
  readonly fragmentedPackets: number;
  /** Bytes in the clear looked at for what is spoken, for each direction. */
  readonly preambleBytes: number;
  /** Records listed from the start of a connection; the last 32 are kept besides. */
  readonly records: number;
  readonly messages: number;
  /** Bytes of a handshake message; what is announced to be longer is not put together. */
  readonly messageBytes: number;
  /** Bytes of handshake messages kept for a connection. */
  readonly handshakeBytes: number;
  readonly problems: number;
  /** Addresses with names, and questions to DNS that wait for an answer. */
  readonly names: number;
  /** Sessions of TLS 1.2 and before that were seen and may be resumed. */
  readonly sessions: number;
  /** Secrets taken from key logs. */
  readonly secrets: number;
}

export const DEFAULT_OBSERVE_LIMITS: ObserveLimits = {
  packetBytes: 16 * 1024 * 1024,
  connections: 20_000,
  memory: 256 * 1024 * 1024,
  outOfOrderBytes: 2 * 1024 * 1024,
  fragmentedPackets: 256,
  preambleBytes: 65_536,
  records: 1_000,
  messages: 500,
  messageBytes: 256 * 1024,
  handshakeBytes: 1024 * 1024,
  problems: 50,
  names: 20_000,
  sessions: 10_000,
  secrets: 1_000_000,
};
