/**
 * Tickets of a fleet: every server seals with the same key and opens what the others sealed. The keys come from one
 * store, where they lie sealed under a key of the operator's, and change on all servers at the same time, without a
 * word between them: time is cut into turns, each turn has its key, and the next turn's is there before it begins.
 *
 * Once it has the keys a server asks nobody in a handshake. A store that is away stops nothing: what is known is good
 * until its turn ends; then there is no ticket, and the handshakes are full ones.
 */
import { concat, equal, fromUtf8 } from '../bytes/index.js';
import type { Aead, Provider } from '../crypto/provider.js';
import { inTime } from './patience.js';
import type { Maybe, SessionStore } from './store.js';
import type { TicketState } from './ticket-state.js';
import {
  HOUR,
  type OpenedTicket,
  positiveTime,
  SECRET_LENGTH,
  type TicketKeeper,
  TicketKey,
} from './tickets.js';

export interface SharedTicketsOptions {
  readonly provider: Provider;
  readonly store: SessionStore;
  /**
   * At least 32 unpredictable bytes, the same on every server: seals the keys in the store. Of several the first seals
   * and all open. To change it without a gap, give every server the new one behind the old one; when all have it, in
   * front; and leave the old one out three turns later.
   */
  readonly key: Uint8Array | readonly Uint8Array[];
  /** Milliseconds of a turn, the same on every server. A key opens for one turn more. Default 8 hours. */
  readonly rotation?: number;
  /** Milliseconds between looks at the store. Default 5,000. */
  readonly checkEvery?: number;
  /** While the store is away: no resumption, or by the keys that are known. Default `stateless`. */
  readonly resumeWhenAway?: 'never' | 'stateless';
  /** Told when the store goes away, what it holds does not open, and (null) when it is back. */
  readonly onTrouble?: (error: unknown) => void;
  /** Milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** What the store holds does not open under the operator's key: another key is in use somewhere. */
export class ForeignTicketKey extends Error {
  override readonly name = 'ForeignTicketKey';
  constructor() {
    super('the ticket keys in the store are sealed under another key');
  }
}

const NONCE_LENGTH = 12;
/** Turns before and behind the current one of which the key is wanted. */
const AROUND = [0, 1, -1] as const;

export class SharedTickets implements TicketKeeper {
  /** By turn. Usually one each; more where the store lost one that servers still knew, and was given another. */
  private readonly ring = new Map<number, TicketKey[]>();
  /** Of the operator's keys; the first one seals. */
  private readonly wrapping: readonly Aead[];
  private readonly provider: Provider;
  private readonly store: SessionStore;
  private readonly rotation: number;
  private readonly checkEvery: number;
  private readonly mayUseKnown: boolean;
  private readonly onTrouble: (error: unknown) => void;
  private readonly now: () => number;
  private refreshing: Promise<void> | null = null;
  private checkedAt = Number.NEGATIVE_INFINITY;
  private away = false;

  /** Throws RangeError for a key of less than 32 bytes and times that are not positive. */
  constructor(options: SharedTicketsOptions) {
    const { provider, key } = options;
    const keys = key instanceof Uint8Array ? [key] : key;
    if (keys.length === 0) throw new RangeError('"key" expected at least one');
    this.provider = provider;
    this.wrapping = keys.map((one) => wrappingKey(provider, one));
    this.store = options.store;
    this.rotation = positiveTime('rotation', options.rotation ?? 8 * HOUR);
    // Often enough that the next turn's key is there before the turn.
    this.checkEvery = Math.min(positiveTime('checkEvery', options.checkEvery ?? 5000), this.rotation / 4);
    this.mayUseKnown = (options.resumeWhenAway ?? 'stateless') === 'stateless';
    this.onTrouble = options.onTrouble ?? (() => {});
    this.now = options.now ?? Date.now;
  }

  /** Whether the store failed to answer last time. */
  get isAway(): boolean {
    return this.away;
  }

  /** Fetches the keys, so that the first clients get tickets as well. Never rejects: what fails goes to `onTrouble`. */
  ready(): Promise<void> {
    return this.refresh();
  }

  seal(state: TicketState): Maybe<Uint8Array | null> {
    return this.withKeys(() => this.keysOf(this.turn())[0]?.seal(state) ?? null);
  }

  open(ticket: Uint8Array): Maybe<OpenedTicket | null> {
    return this.withKeys(() => this.openNow(ticket));
  }

  private openNow(ticket: Uint8Array): OpenedTicket | null {
    const now = this.turn();
    for (const offset of AROUND) {
      const keys = this.keysOf(now + offset);
      const key = keys.find((one) => one.made(ticket));
      const state = key?.open(ticket);
      if (state) return { renew: offset === -1 || key !== keys[0], ...state };
      if (key) return null;
    }
    return null;
  }

  /** At once where there is a key for this turn; else what the store says is awaited. */
  private withKeys<T>(use: () => T | null): Maybe<T | null> {
    // The clock may have been set back.
    const due = Math.abs(this.now() - this.checkedAt) >= this.checkEvery;
    if (due) void this.refresh();
    const wait = this.refreshing !== null && !this.away && this.keysOf(this.turn()).length === 0;
    const result = (): T | null => (this.away && !this.mayUseKnown ? null : use());
    return wait ? this.refreshing!.then(result) : result();
  }

  private turn(): number {
    return Math.floor(this.now() / this.rotation);
  }

  private keysOf(turn: number): readonly TicketKey[] {
    return this.ring.get(turn) ?? [];
  }

  // ---- The store ----

  private refresh(): Promise<void> {
    this.refreshing ??= this.fetch().finally(() => {
      this.refreshing = null;
    });
    return this.refreshing;
  }

  private async fetch(): Promise<void> {
    this.checkedAt = this.now();
    const now = this.turn();
    for (const turn of this.ring.keys()) if (turn < now - 1) this.ring.delete(turn);
    try {
      for (const offset of AROUND) await this.agreeOn(now + offset, offset >= 0);
      if (this.away) this.tell(null);
      this.away = false;
    } catch (error) {
      // A foreign key is no key: as if the store were not there, but what is known is known to nobody else.
      if (error instanceof ForeignTicketKey) this.ring.clear();
      if (!this.away) this.tell(error);
      this.away = true;
    }
  }

  /**
   * The key that the store has for the turn is the one to seal with. Where it has none it gets ours, and a new one
   * where there is none at all: of several servers at once the first one's counts.
   */
  private async agreeOn(turn: number, make: boolean): Promise<void> {
    const known = this.keysOf(turn);
    let wrapped = await inTime(this.store.get(keyName(turn)));
    if (!wrapped && (make || known.length > 0)) {
      const secret = known[0]?.secret ?? this.provider.random(SECRET_LENGTH);
      const ours = this.wrap(turn, secret);
      const ttl = (turn + 3) * this.rotation - this.now();
      const added = await inTime(this.store.add(keyName(turn), ours, ttl));
      wrapped = added ? ours : await inTime(this.store.get(keyName(turn)));
    }
    if (!wrapped) return;
    const secret = this.unwrap(turn, wrapped);
    const same = known.find((key) => equal(key.secret, secret));
    if (same && same === known[0]) return;
    const first = same ?? new TicketKey(this.provider, secret);
    this.ring.set(turn, [first, ...known.filter((key) => key !== first)]);
  }

  private wrap(turn: number, secret: Uint8Array): Uint8Array {
    const nonce = this.provider.random(NONCE_LENGTH);
    const { ciphertext, tag } = this.wrapping[0]!.seal(nonce, fromUtf8(keyName(turn)), secret);
    return concat(nonce, ciphertext, tag);
  }

  private unwrap(turn: number, wrapped: Uint8Array): Uint8Array {
    const nonce = wrapped.subarray(0, NONCE_LENGTH);
    const sealed = wrapped.subarray(NONCE_LENGTH);
    if (nonce.length === NONCE_LENGTH) {
      for (const key of this.wrapping) {
        const secret = key.open(nonce, fromUtf8(keyName(turn)), sealed);
        if (secret?.length === SECRET_LENGTH) return secret;
      }
    }
    throw new ForeignTicketKey();
  }

  /** What an onlooker throws is its own affair: resumption goes on without it. */
  private tell(error: unknown): void {
    try {
      this.onTrouble(error);
    } catch (cause) {
      queueMicrotask(() => {
        throw cause;
      });
    }
  }
}

function wrappingKey(provider: Provider, key: Uint8Array): Aead {
  if (key.length < SECRET_LENGTH) throw new RangeError(`"key" expected at least 32 bytes, got ${key.length}`);
  const root = provider.hmacKey('sha256', key);
  return provider.aead('aes-256-gcm', root.sign(fromUtf8('akushu key of ticket keys')));
}

function keyName(turn: number): string {
  return `ticket-key:${turn}`;
}
