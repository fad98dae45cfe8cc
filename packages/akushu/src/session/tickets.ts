/**
 * Self-encrypted tickets (RFC 9846 §4.7.1, RFC 5077 §4): the server keeps nothing but keys. A ticket is the key's
 * name, a nonce, and the sealed state. Whatever does not open is no error: the handshake is then a full one.
 * Keys that a fleet shares are in `shared-tickets.ts`, tickets of which the server keeps the state in `stored.ts`.
 */
import { concat, equal, fromUtf8 } from '../bytes/index.js';
import type { Aead, Provider } from '../crypto/provider.js';
import type { Maybe } from './store.js';
import { decodeState, encodeState, type TicketState } from './ticket-state.js';

/** What came back out of a ticket. */
export interface OpenedTicket extends TicketState {
  /** The ticket will not open for long: before TLS 1.3 another one is given for the same session. */
  readonly renew?: boolean;
}

/** Makes and opens tickets. Both may take their time; an opener that finds nothing gives null. */
export interface TicketKeeper {
  /** null: no ticket for this state. */
  seal(state: TicketState): Maybe<Uint8Array | null>;
  open(ticket: Uint8Array): Maybe<OpenedTicket | null>;
}

const NAME_LENGTH = 16;
const NONCE_LENGTH = 12;
/** Bytes: what comes back in every resuming ClientHello should stay small. */
const MAX_CHAIN = 16_384;
export const SECRET_LENGTH = 32;

/** One key for tickets: AES-256-GCM with random nonces, hence for 2^32 tickets at most (NIST SP 800-38D §8.3). */
export class TicketKey {
  private readonly name: Uint8Array;
  private readonly aead: Aead;

  /** Throws RangeError for a secret of less than 32 bytes. */
  constructor(
    private readonly provider: Provider,
    readonly secret: Uint8Array,
  ) {
    if (secret.length < SECRET_LENGTH)
      throw new RangeError(`"secret" expected at least 32 bytes, got ${secret.length}`);
    const root = provider.hmacKey('sha256', secret);
    this.name = root.sign(fromUtf8('akushu ticket key name')).subarray(0, NAME_LENGTH);
    this.aead = provider.aead('aes-256-gcm', root.sign(fromUtf8('akushu ticket key')));
  }

  /** null for a client whose chain is too long for a ticket. */
  seal(state: TicketState): Uint8Array | null {
    const chainSize = state.peerChain.reduce((sum, der) => sum + der.length, state.peerRawKey?.length ?? 0);
    if (chainSize > MAX_CHAIN) return null;
    const nonce = this.provider.random(NONCE_LENGTH);
    const { ciphertext, tag } = this.aead.seal(nonce, this.name, encodeState(state));
    return concat(this.name, nonce, ciphertext, tag);
  }

  /** Whether the ticket says that it was made with this key. */
  made(ticket: Uint8Array): boolean {
    return ticket.length > NAME_LENGTH && equal(ticket.subarray(0, NAME_LENGTH), this.name);
  }

  open(ticket: Uint8Array): TicketState | null {
    const start = NAME_LENGTH + NONCE_LENGTH;
    if (!this.made(ticket) || ticket.length <= start + this.aead.tagLength) return null;
    const plain = this.aead.open(ticket.subarray(NAME_LENGTH, start), this.name, ticket.subarray(start));
    return plain && decodeState(plain);
  }
}

/** Tickets under one key, for as long as the object lives. */
export class SelfEncryptedTickets implements TicketKeeper {
  private readonly key: TicketKey;

  /**
   * `secret` has at least 32 unpredictable bytes; servers that share it accept each other's tickets. Throws RangeError
   * for less.
   */
  constructor(provider: Provider, secret: Uint8Array = provider.random(SECRET_LENGTH)) {
    this.key = new TicketKey(provider, secret);
  }

  seal(state: TicketState): Uint8Array | null {
    return this.key.seal(state);
  }

  open(ticket: Uint8Array): OpenedTicket | null {
    return this.key.open(ticket);
  }
}

export interface RotatingTicketsOptions {
  /** Milliseconds for which a key seals; it opens for one `rotation` more. Default 12 hours. */
  readonly rotation?: number;
  /** Milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

export const HOUR = 3_600_000;

/** Tickets under random keys of this process that take turns: whoever gets hold of one opens the tickets of a day. */
export class RotatingTickets implements TicketKeeper {
  private readonly rotation: number;
  private readonly now: () => number;
  private current: { readonly key: TicketKey; readonly turn: number } | null = null;
  private previous: TicketKey | null = null;

  /** Throws RangeError for a rotation that is not positive. */
  constructor(
    private readonly provider: Provider,
    options: RotatingTicketsOptions = {},
  ) {
    this.rotation = positiveTime('rotation', options.rotation ?? 12 * HOUR);
    this.now = options.now ?? Date.now;
  }

  seal(state: TicketState): Uint8Array | null {
    return this.turn().seal(state);
  }

  open(ticket: Uint8Array): OpenedTicket | null {
    const current = this.turn();
    if (current.made(ticket)) return current.open(ticket);
    const state = this.previous?.open(ticket);
    return state ? { renew: true, ...state } : null;
  }

  /** The key whose turn it is. */
  private turn(): TicketKey {
    const turn = Math.floor(this.now() / this.rotation);
    const last = this.current?.turn;
    // A clock that is set back a little does not bring back a turn that is over.
    if (this.current && (last === turn || last === turn + 1)) return this.current.key;
    this.previous = this.current && last === turn - 1 ? this.current.key : null;
    const key = new TicketKey(this.provider, this.provider.random(SECRET_LENGTH));
    this.current = { key, turn };
    return key;
  }
}

export function positiveTime(name: string, value: number): number {
  if (!(value > 0) || !Number.isFinite(value))
    throw new RangeError(`"${name}" expected milliseconds above 0, got ${value}`);
  return value;
}
