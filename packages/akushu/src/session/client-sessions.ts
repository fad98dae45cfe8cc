/**
 * A client's sessions, by whatever the caller tells its servers apart by. Tickets of TLS 1.3 are given out once
 * (RFC 9846 appendix C.4: two connections with the same one can be linked); a session of TLS 1.2 again and again.
 */
import { toHex } from '../bytes/index.js';
import type { Provider } from '../crypto/provider.js';
import { inTime } from './patience.js';
import type { Session } from './session.js';
import { BadSession, SessionSealer } from './session-bytes.js';
import { MemoryStore, type SessionStore } from './store.js';

export interface ClientSessionsOptions {
  readonly provider: Provider;
  /** Default: a `MemoryStore` of its own. */
  readonly store?: SessionStore;
  /** Seals what is stored. Default random, which is right for a store in memory only. */
  readonly key?: Uint8Array;
  /** Milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/** Sessions that are kept of each server, those of TLS 1.3: the newest. */
const SLOTS = 4;
const BEFORE_13 = 'old';

export class ClientSessions {
  private readonly provider: Provider;
  private readonly store: SessionStore;
  private readonly sealer: SessionSealer;
  private readonly now: () => number;
  /** Which slot is written next, of servers that gave tickets to this object. */
  private next = 0;

  constructor(options: ClientSessionsOptions) {
    const { provider } = options;
    this.provider = provider;
    this.store = options.store ?? new MemoryStore();
    this.sealer = new SessionSealer(provider, options.key ?? provider.random(32));
    this.now = options.now ?? Date.now;
  }

  /** Keeps a session for connections to `server`, such as `example.com:443 h2`. Rejects where the store is away. */
  async put(server: string, session: Session): Promise<void> {
    const left = session.receivedAt + session.lifetime * 1000 - this.now();
    if (left <= 0) return;
    const slot = session.version >= 0x0304 ? `${this.next++ % SLOTS}` : BEFORE_13;
    await inTime(this.store.put(this.keyOf(server, slot), this.sealer.seal(session, server), left));
  }

  /** A session to resume; null for none. Rejects where the store is away. */
  async take(server: string): Promise<Session | null> {
    for (let back = 1; back <= SLOTS; back++) {
      const slot = `${(this.next + SLOTS * 2 - back) % SLOTS}`;
      const session = this.open(server, await inTime(this.store.take(this.keyOf(server, slot))));
      if (session) return session;
    }
    return this.open(server, await inTime(this.store.get(this.keyOf(server, BEFORE_13))));
  }

  /** A store gives back what it was given, or something that is none of ours: then it is as good as nothing. */
  private open(server: string, sealed: Uint8Array | null): Session | null {
    if (!sealed) return null;
    try {
      return this.sealer.open(sealed, server);
    } catch (error) {
      if (error instanceof BadSession) return null;
      throw error;
    }
  }

  /** Names may be long, and are nobody's business who reads the store. */
  private keyOf(server: string, slot: string): string {
    const name = this.provider.digest('sha256', new TextEncoder().encode(server));
    return `client:${toHex(name)}:${slot}`;
  }
}
