/** Sessions to keep, and a store that is there or not, as a test wants it. */
import type { Maybe, MemoryStore, Session, SessionStore, TicketState } from '../../src/session/index.js';

export const ticketState: TicketState = {
  version: 0x0304,
  cipherSuite: 0x1301,
  psk: new Uint8Array(32).fill(1),
  ageAdd: 0xffffffff,
  issuedAt: 1_800_000_000_123,
  authenticatedAt: 1_799_999_999_000,
  lifetime: 7200,
  maxEarlyData: 16_384,
  serverName: 'example.com',
  alpn: 'h2',
  peerChain: [Uint8Array.of(1, 2, 3), Uint8Array.of(4)],
  peerRawKey: null,
};

export const clientSession: Session = {
  version: 0x0304,
  cipherSuite: 0x1301,
  psk: new Uint8Array(32).fill(7),
  ticket: new Uint8Array(100).fill(8),
  lifetime: 7200,
  ageAdd: 0x12345678,
  receivedAt: 1_800_000_000_000,
  authenticatedAt: 1_799_999_999_000,
  maxEarlyData: 0,
  serverName: 'example.com',
  alpn: null,
  peerChain: [Uint8Array.of(0x30, 0)],
  peerRawKey: null,
  trust: { name: new Uint8Array(32).fill(9), until: 1_900_000_000_000 },
  presented: new Uint8Array(32).fill(10),
};

/** What a store does with whoever asks: answers, at once or later; fails, at once or later; or never says a word. */
export type Mood = 'answers' | 'answers later' | 'throws' | 'rejects' | 'is silent';

/** A store over another one, with moods. */
export class MoodyStore implements SessionStore {
  mood: Mood = 'answers';
  /** How often it was asked. */
  asked = 0;

  constructor(readonly inner: MemoryStore) {}

  private ask<T>(answer: () => T): Maybe<T> {
    this.asked++;
    switch (this.mood) {
      case 'answers':
        return answer();
      case 'answers later':
        return new Promise((resolve) => setImmediate(() => resolve(answer())));
      case 'throws':
        throw new Error('away');
      case 'rejects':
        return Promise.reject(new Error('away'));
      case 'is silent':
        return new Promise(() => {});
    }
  }

  get(key: string): Maybe<Uint8Array | null> {
    return this.ask(() => this.inner.get(key));
  }

  put(key: string, value: Uint8Array, ttl: number): Maybe<void> {
    return this.ask(() => this.inner.put(key, value, ttl));
  }

  add(key: string, value: Uint8Array, ttl: number): Maybe<boolean> {
    return this.ask(() => this.inner.add(key, value, ttl));
  }

  take(key: string): Maybe<Uint8Array | null> {
    return this.ask(() => this.inner.take(key));
  }

  delete(key: string): Maybe<void> {
    return this.ask(() => this.inner.delete(key));
  }

  mark(key: string, window: number): Maybe<boolean> {
    return this.ask(() => this.inner.mark(key, window));
  }
}
