/**
 * Self-encrypted tickets (RFC 9846 §4.7.1, RFC 5077 §4): the server keeps nothing but a key. A ticket is the key's
 * name, a nonce, and the sealed state. Whatever does not open is no error: the handshake is then a full one.
 */
import { concat, EMPTY, equal, fromUtf8, Reader, ShortRead, toUtf8, Writer } from '../bytes/index.js';
import { decode, encode, type Infer, opaque, struct, uint8, uint16, uint32, vector } from '../codec/index.js';
import type { Provider } from '../crypto/provider.js';
import { TlsError } from '../errors.js';

/** What the server wants back when a client resumes. */
export interface TicketState {
  readonly version: number;
  readonly cipherSuite: number;
  readonly psk: Uint8Array;
  readonly ageAdd: number;
  /** Milliseconds since 1970, by the server's clock. */
  readonly issuedAt: number;
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

/** Makes and opens tickets. Both may take their time; an opener that finds nothing gives null. */
export interface TicketKeeper {
  /** null: no ticket for this state. */
  seal(state: TicketState): Uint8Array | null | Promise<Uint8Array | null>;
  open(ticket: Uint8Array): TicketState | null | Promise<TicketState | null>;
}

const stateCodec = struct('TicketState', 'akushu', {
  format: uint16,
  version: uint16,
  cipherSuite: uint16,
  psk: opaque(1, 255),
  ageAdd: uint32,
  issuedAtHigh: uint32,
  issuedAtLow: uint32,
  lifetime: uint32,
  maxEarlyData: uint32,
  serverName: opaque(0, 0xffff),
  alpn: opaque(0, 255),
  peerChain: vector(opaque(1, 0xffffff), 0, 0xffffff),
  peerRawKey: opaque(0, 0xffff),
  extendedMasterSecret: uint8,
});

const FORMAT = 2;
const NAME_LENGTH = 16;
const NONCE_LENGTH = 12;
/** Bytes: what comes back in every resuming ClientHello should stay small. */
const MAX_CHAIN = 16_384;
const TWO_32 = 0x1_0000_0000;

function toWire(state: TicketState): Infer<typeof stateCodec> {
  return {
    format: FORMAT,
    version: state.version,
    cipherSuite: state.cipherSuite,
    psk: state.psk,
    ageAdd: state.ageAdd,
    issuedAtHigh: Math.floor(state.issuedAt / TWO_32),
    issuedAtLow: state.issuedAt % TWO_32,
    lifetime: state.lifetime,
    maxEarlyData: state.maxEarlyData,
    serverName: fromUtf8(state.serverName ?? ''),
    alpn: fromUtf8(state.alpn ?? ''),
    peerChain: state.peerChain,
    peerRawKey: state.peerRawKey ?? EMPTY,
    extendedMasterSecret: state.extendedMasterSecret ? 1 : 0,
  };
}

function fromWire(wire: Infer<typeof stateCodec>): TicketState | null {
  if (wire.format !== FORMAT) return null;
  return {
    version: wire.version,
    cipherSuite: wire.cipherSuite,
    psk: wire.psk,
    ageAdd: wire.ageAdd,
    issuedAt: wire.issuedAtHigh * TWO_32 + wire.issuedAtLow,
    lifetime: wire.lifetime,
    maxEarlyData: wire.maxEarlyData,
    serverName: toUtf8(wire.serverName) || null,
    alpn: toUtf8(wire.alpn) || null,
    peerChain: wire.peerChain,
    peerRawKey: wire.peerRawKey.length > 0 ? wire.peerRawKey : null,
    ...(wire.extendedMasterSecret === 1 && { extendedMasterSecret: true }),
  };
}

/** Tickets under one AES-256-GCM key, which the caller rotates by making another keeper. */
export class SelfEncryptedTickets implements TicketKeeper {
  private readonly name: Uint8Array;
  private readonly key: Uint8Array;

  /** `secret` has at least 32 unpredictable bytes; servers that share it accept each other's tickets. */
  constructor(
    private readonly provider: Provider,
    secret: Uint8Array = provider.random(32),
  ) {
    if (secret.length < 32) throw new RangeError('"secret" expected at least 32 bytes');
    const root = provider.hmacKey('sha256', secret);
    this.name = root.sign(fromUtf8('akushu ticket key name')).subarray(0, NAME_LENGTH);
    this.key = root.sign(fromUtf8('akushu ticket key'));
  }

  /** null for a client whose chain is too long for a ticket. */
  seal(state: TicketState): Uint8Array | null {
    const chainSize = state.peerChain.reduce((sum, der) => sum + der.length, state.peerRawKey?.length ?? 0);
    if (chainSize > MAX_CHAIN) return null;
    const nonce = this.provider.random(NONCE_LENGTH);
    const plain = encode(stateCodec, toWire(state));
    const { ciphertext, tag } = this.provider.aead('aes-256-gcm', this.key).seal(nonce, this.name, plain);
    const writer = new Writer(NAME_LENGTH + NONCE_LENGTH + ciphertext.length + tag.length);
    for (const part of [this.name, nonce, ciphertext, tag]) writer.append(part);
    return writer.finish();
  }

  open(ticket: Uint8Array): TicketState | null {
    const reader = new Reader(ticket);
    try {
      if (!equal(reader.view(NAME_LENGTH), this.name)) return null;
      const nonce = reader.view(NONCE_LENGTH);
      const plain = this.provider.aead('aes-256-gcm', this.key).open(nonce, this.name, concat(reader.rest()));
      return plain === null ? null : fromWire(decode(stateCodec, plain));
    } catch (error) {
      if (error instanceof ShortRead || error instanceof TlsError) return null;
      throw error;
    }
  }
}
