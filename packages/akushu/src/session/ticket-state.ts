/** What a server wants back when a client resumes, and its form of bytes, of which only servers of ours know. */
import { EMPTY, fromUtf8 } from '../bytes/index.js';
import { decode, encode, type Infer, opaque, struct, uint8, uint16, uint32, vector } from '../codec/index.js';
import { TlsError } from '../errors.js';
import { milliseconds, textOf } from './wire.js';

export interface TicketState {
  readonly version: number;
  readonly cipherSuite: number;
  /** Before TLS 1.3: the master secret. */
  readonly psk: Uint8Array;
  readonly ageAdd: number;
  /** Milliseconds since 1970, by the server's clock. */
  readonly issuedAt: number;
  /** When both sides proved themselves in full; resumption does not make it any later. Milliseconds since 1970. */
  readonly authenticatedAt: number;
  /** Seconds. */
  readonly lifetime: number;
  readonly maxEarlyData: number;
  readonly serverName: string | null;
  readonly alpn: string | null;
  /** The client's chain, DER, leaf first; empty where it did not authenticate. */
  readonly peerChain: readonly Uint8Array[];
  /** The client's key where it came without a chain (RFC 7250). */
  readonly peerRawKey: Uint8Array | null;
  /** Before TLS 1.3: `psk` is an extended master secret (RFC 7627 §5.3). */
  readonly extendedMasterSecret?: boolean;
}

const codec = struct('TicketState', 'akushu', {
  format: uint16,
  version: uint16,
  cipherSuite: uint16,
  psk: opaque(1, 255),
  ageAdd: uint32,
  issuedAt: milliseconds,
  authenticatedAt: milliseconds,
  lifetime: uint32,
  maxEarlyData: uint32,
  serverName: opaque(0, 0xffff),
  alpn: opaque(0, 510),
  peerChain: vector(opaque(1, 0xffffff), 0, 0xffffff),
  peerRawKey: opaque(0, 0xffff),
  extendedMasterSecret: uint8,
});

const FORMAT = 3;

export function encodeState(state: TicketState): Uint8Array {
  const wire: Infer<typeof codec> = {
    format: FORMAT,
    version: state.version,
    cipherSuite: state.cipherSuite,
    psk: state.psk,
    ageAdd: state.ageAdd,
    issuedAt: state.issuedAt,
    authenticatedAt: state.authenticatedAt,
    lifetime: state.lifetime,
    maxEarlyData: state.maxEarlyData,
    serverName: fromUtf8(state.serverName ?? ''),
    alpn: fromUtf8(state.alpn ?? ''),
    peerChain: state.peerChain,
    peerRawKey: state.peerRawKey ?? EMPTY,
    extendedMasterSecret: state.extendedMasterSecret ? 1 : 0,
  };
  return encode(codec, wire);
}

/** null for bytes of another format. */
export function decodeState(bytes: Uint8Array): TicketState | null {
  try {
    const wire = decode(codec, bytes);
    if (wire.format !== FORMAT) return null;
    return {
      version: wire.version,
      cipherSuite: wire.cipherSuite,
      psk: wire.psk,
      ageAdd: wire.ageAdd,
      issuedAt: wire.issuedAt,
      authenticatedAt: wire.authenticatedAt,
      lifetime: wire.lifetime,
      maxEarlyData: wire.maxEarlyData,
      serverName: textOf(wire.serverName) || null,
      alpn: textOf(wire.alpn) || null,
      peerChain: wire.peerChain,
      peerRawKey: wire.peerRawKey.length > 0 ? wire.peerRawKey : null,
      ...(wire.extendedMasterSecret === 1 && { extendedMasterSecret: true }),
    };
  } catch (error) {
    if (error instanceof TlsError) return null;
    throw error;
  }
}
