/**
 * Where servers and clients keep what outlives a connection: sessions, keys of tickets, marks against replay. One
 * interface; here is the store in memory. Others are `akushu/redis` and the files of the command line.
 * Knows nothing of TLS, and does not hide what it is given: callers seal what must be secret.
 */
/** At hand, or to come. */
export type Maybe<T> = T | Promise<T>;

/**
 * A store of small values that expire. Keys are short ASCII texts, values at most 64 KiB. Every method may give a
 * promise; one that fails (rejects, throws, or takes
 * seconds) means that the store is away, which its users take as "nothing known".
 */
export interface SessionStore {
  /** The value, or null where there is none or it has expired. */
  get(key: string): Maybe<Uint8Array | null>;
  /** Keeps the value for `ttl` milliseconds, in place of another. */
  put(key: string, value: Uint8Array, ttl: number): Maybe<void>;
  /** As `put`, but only where there is none. True where it was kept: of several callers at once, for one. */
  add(key: string, value: Uint8Array, ttl: number): Maybe<boolean>;
  /** Gives the value and removes it: of several callers at once, to one. */
  take(key: string): Maybe<Uint8Array | null>;
  delete(key: string): Maybe<void>;
  /**
   * True for the first who marks the key within `window` milliseconds, and only where the store is sure: one that may
   * have lost marks of the last `window` milliseconds, or has no room for another, says false (RFC 9846 §8).
   */
  mark(key: string, window: number): Maybe<boolean>;
}

export interface MemoryStoreOptions {
  /** Values and marks that are kept at most, each kind for itself. Default 10,000 and 100,000. */
  readonly maxEntries?: number;
  readonly maxMarks?: number;
  /** Milliseconds. Default `Date.now`. */
  readonly now?: () => number;
  /**
   * Whoever filled this process's predecessor with marks could replay to this one, unless what is marked cannot be
   * older than the store: tickets under a key made with it. Default false: nothing is marked in the first `window`.
   */
  readonly marksFromTheStart?: boolean;
}

interface Entry {
  readonly value: Uint8Array;
  readonly expires: number;
}

/**
 * In memory, bounded: beyond `maxEntries` the least recently used value goes. Marks never go before their time; where
 * there is no room for one, the answer is no.
 */
export class MemoryStore implements SessionStore {
  private readonly entries = new Map<string, Entry>();
  /** Key and when it expires, in the order of marking. */
  private readonly marks = new Map<string, number>();
  /** The latest time at which a mark expired that is not known any more. */
  private forgotten = Number.NEGATIVE_INFINITY;
  private readonly maxEntries: number;
  private readonly maxMarks: number;
  private readonly now: () => number;
  private readonly born: number;

  /** Throws RangeError for bounds that are not positive integers. */
  constructor(options: MemoryStoreOptions = {}) {
    this.maxEntries = positive('maxEntries', options.maxEntries ?? 10_000);
    this.maxMarks = positive('maxMarks', options.maxMarks ?? 100_000);
    this.now = options.now ?? Date.now;
    this.born = options.marksFromTheStart ? Number.NEGATIVE_INFINITY : this.now();
  }

  /** Values that are kept, expired ones among them until somebody asks. */
  get size(): number {
    return this.entries.size;
  }

  get(key: string): Uint8Array | null {
    const entry = this.entries.get(key);
    if (!entry) return null;
    this.entries.delete(key);
    if (entry.expires <= this.now()) return null;
    this.entries.set(key, entry);
    return entry.value.slice();
  }

  put(key: string, value: Uint8Array, ttl: number): void {
    this.entries.delete(key);
    if (ttl <= 0) return;
    this.entries.set(key, { value: value.slice(), expires: this.now() + ttl });
    if (this.entries.size > this.maxEntries) this.entries.delete(this.entries.keys().next().value!);
  }

  add(key: string, value: Uint8Array, ttl: number): boolean {
    if (this.get(key)) return false;
    this.put(key, value, ttl);
    return true;
  }

  take(key: string): Uint8Array | null {
    const value = this.get(key);
    this.entries.delete(key);
    return value;
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  mark(key: string, window: number): boolean {
    const now = this.now();
    if (now - this.born < window) return false;
    // A clock that went ahead and came back: what was marked before may be unknown now.
    if (now < this.forgotten) return false;
    this.forgetMarks(now);
    const expires = this.marks.get(key);
    if (expires !== undefined && expires > now) return false;
    if (this.marks.size >= this.maxMarks) return false;
    if (expires !== undefined) this.forget(key, expires);
    this.marks.set(key, now + window);
    return true;
  }

  /** Those of one window expire in their order, so this ends at the first that lives. */
  private forgetMarks(now: number): void {
    for (const [key, expires] of this.marks) {
      if (expires > now) return;
      this.forget(key, expires);
    }
  }

  private forget(key: string, expires: number): void {
    this.marks.delete(key);
    this.forgotten = Math.max(this.forgotten, expires);
  }
}

function positive(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`"${name}" expected a positive integer, got ${value}`);
  return value;
}
