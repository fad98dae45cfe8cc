/**
 * Against replay of 0-RTT (RFC 9846 §8.2): each ClientHello is taken once within the time in which it counts as
 * fresh. That time is checked by the engine; here is the record of what was seen.
 */
import { toHex } from '../bytes/index.js';
import { inTime } from './patience.js';
import type { Maybe, SessionStore } from './store.js';

/** RFC 9846 §8.3: milliseconds by which the ticket's age, as the client sees it, may differ from ours. */
export const FRESHNESS_WINDOW = 10_000;

export interface ReplayGuardOptions {
  readonly store: SessionStore;
  /** Milliseconds by which servers' clocks may differ, to be on the safe side. Default 10,000. */
  readonly clockSkew?: number;
  /** Told when the store fails. Early data is refused then. */
  readonly onTrouble?: (error: unknown) => void;
}

/** `accept` is what `ServerConfig.acceptEarlyData` wants. */
export class ReplayGuard {
  private readonly window: number;

  constructor(private readonly options: ReplayGuardOptions) {
    const { clockSkew = 10_000 } = options;
    if (!(clockSkew >= 0)) throw new RangeError(`"clockSkew" expected milliseconds, got ${clockSkew}`);
    // Fresh from FRESHNESS_WINDOW before the expected time to as long after it.
    this.window = 2 * FRESHNESS_WINDOW + clockSkew;
  }

  /** True for the first arrival of this ClientHello, wherever the store is shared; false where that is not certain. */
  accept(offer: { readonly binder: Uint8Array }): Maybe<boolean> {
    try {
      // The binder of the first PSK covers all of the hello but the binders: it cannot be changed into another one.
      const fresh = inTime(this.options.store.mark(`early:${toHex(offer.binder)}`, this.window));
      return typeof fresh === 'boolean' ? fresh : fresh.catch((error) => this.fail(error));
    } catch (error) {
      return this.fail(error);
    }
  }

  /** What an onlooker throws is its own affair: the handshake goes on. */
  private fail(error: unknown): false {
    try {
      this.options.onTrouble?.(error);
    } catch (cause) {
      queueMicrotask(() => {
        throw cause;
      });
    }
    return false;
  }
}
