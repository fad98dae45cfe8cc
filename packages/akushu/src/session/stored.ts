/**
 * Sessions whose state the server keeps: tickets that are good once (RFC 9846 §8.1), and session ids of TLS 1.2 and
 * older (RFC 5246 §7.3). The state lies in the store as another keeper sealed it; the client has a random name for it.
 * Who can write to the store cannot read sessions or make any, but can keep clients from connecting by exchanging them,
 * and can bring back what was taken.
 */
import { toHex } from '../bytes/index.js';
import type { Provider } from '../crypto/provider.js';
import { inTime } from './patience.js';
import type { Maybe, SessionStore } from './store.js';
import type { TicketState } from './ticket-state.js';
import type { OpenedTicket, TicketKeeper } from './tickets.js';

const NAME_LENGTH = 32;

export interface StoredTicketsOptions {
  readonly provider: Provider;
  readonly store: SessionStore;
  /** Seals what is stored: whoever reads the store has no keys. */
  readonly keeper: TicketKeeper;
  /** Where the store is away: no tickets, or such as the keeper makes, which hold their state themselves. Default `never`. */
  readonly resumeWhenAway?: 'never' | 'stateless';
}

/** Tickets that are good once: of several connections with one ticket, wherever they arrive, one resumes. */
export class StoredTickets implements TicketKeeper {
  private away = false;

  constructor(private readonly options: StoredTicketsOptions) {}

  seal(state: TicketState): Maybe<Uint8Array | null> {
    const sealed = this.options.keeper.seal(state);
    return sealed instanceof Promise
      ? sealed.then((bytes) => this.name(bytes, state))
      : this.name(sealed, state);
  }

  /**
   * Does not wait for the store: a server that closes after its answer could not send the ticket any more. One that was
   * not kept leads to a full handshake.
   */
  private name(sealed: Uint8Array | null, state: TicketState): Maybe<Uint8Array | null> {
    if (!sealed) return null;
    const { provider, keeper, resumeWhenAway } = this.options;
    const ticket = provider.random(NAME_LENGTH);
    const wasAway = this.away;
    void this.keep(nameOf(provider, 'ticket', ticket), sealed, state.lifetime * 1000);
    if (!wasAway) return ticket;
    // Such a ticket is good more than once: no early data under it.
    return resumeWhenAway === 'stateless' ? keeper.seal({ ...state, maxEarlyData: 0 }) : null;
  }

  private async keep(name: string, sealed: Uint8Array, ttl: number): Promise<void> {
    try {
      await inTime(this.options.store.put(name, sealed, ttl));
      this.away = false;
    } catch {
      // The store tells whoever wants to know; here it decides what kind of ticket the next client gets.
      this.away = true;
    }
  }

  async open(ticket: Uint8Array): Promise<OpenedTicket | null> {
    const { provider, store, keeper, resumeWhenAway } = this.options;
    if (ticket.length !== NAME_LENGTH) return resumeWhenAway === 'stateless' ? keeper.open(ticket) : null;
    const sealed = await known(() => store.take(nameOf(provider, 'ticket', ticket)));
    const opened = sealed && (await keeper.open(sealed));
    // It is spent: the client needs another one.
    return opened && { ...opened, renew: true };
  }
}

/** Sessions of TLS 1.2 and older by their ids, as `ServerConfig.sessionIds` takes them. */
export interface SessionIds {
  /** The name of a session that is about to begin; at most 32 bytes. */
  newId(): Uint8Array;
  /** Keeps the session. False where it could not. */
  keep(id: Uint8Array, state: TicketState): Maybe<boolean>;
  find(id: Uint8Array): Maybe<TicketState | null>;
  /** RFC 5246 §7.2.2: after a fatal alert the session is not resumed any more. */
  forget(id: Uint8Array): Maybe<void>;
}

export class StoredSessions implements SessionIds {
  constructor(private readonly options: Omit<StoredTicketsOptions, 'resumeWhenAway'>) {}

  newId(): Uint8Array {
    return this.options.provider.random(NAME_LENGTH);
  }

  async keep(id: Uint8Array, state: TicketState): Promise<boolean> {
    const { provider, store, keeper } = this.options;
    const sealed = await keeper.seal(state);
    if (!sealed) return false;
    try {
      await inTime(store.put(nameOf(provider, 'session', id), sealed, state.lifetime * 1000));
      return true;
    } catch {
      return false;
    }
  }

  async find(id: Uint8Array): Promise<TicketState | null> {
    const { provider, store, keeper } = this.options;
    if (id.length !== NAME_LENGTH) return null;
    const sealed = await known(() => store.get(nameOf(provider, 'session', id)));
    return sealed && (await keeper.open(sealed));
  }

  async forget(id: Uint8Array): Promise<void> {
    const { provider, store } = this.options;
    await known(async () => {
      await store.delete(nameOf(provider, 'session', id));
      return null;
    });
  }
}

/** What the client has is not what the store shows: reading the store does not help to spend others' tickets. */
function nameOf(provider: Provider, kind: string, id: Uint8Array): string {
  return `${kind}:${toHex(provider.digest('sha256', id))}`;
}

/** A store that is away knows nothing. It says so itself to whoever wants to hear it. */
async function known<T>(ask: () => Maybe<T | null>): Promise<T | null> {
  try {
    return await inTime(ask());
  } catch {
    return null;
  }
}
