/** The transcript hash (RFC 9846 §4.5.1). Until the suite, and so the hash, is known, the messages themselves are kept. */
import { concat } from '../bytes/index.js';
import type { Hash, Provider } from '../crypto/provider.js';
import { messageBytes } from '../messages/index.js';
import type { HashName } from '../registry/index.js';

export class Transcript {
  private hash: Hash | undefined;
  private early: Uint8Array[] = [];

  constructor(private readonly provider: Provider) {}

  add(message: Uint8Array): void {
    if (this.hash) this.hash.update(message);
    else this.early.push(message);
  }

  /** Fixes the hash. Once. */
  start(name: HashName): void {
    if (this.hash) return;
    this.hash = this.provider.createHash(name);
    for (const message of this.early) this.hash.update(message);
    this.early = [];
  }

  private started(): Hash {
    if (!this.hash) throw new Error('the transcript was hashed before its hash was known');
    return this.hash;
  }

  digest(): Uint8Array {
    return this.started().digest();
  }

  /** §4.5.1: puts the hash of the first ClientHello in its place, when a HelloRetryRequest comes or goes. */
  retry(name: HashName): void {
    this.start(name);
    const first = this.digest();
    this.hash = this.provider.createHash(name).update(messageBytes('message_hash', { hash: first }));
  }

  /** The hash of all so far and `partial`, under any hash: for binders, before the suite is known (§4.3.11.2). */
  digestWith(name: HashName, partial: Uint8Array): Uint8Array {
    if (this.hash) return this.hash.copy().update(partial).digest();
    return this.provider.digest(name, concat(...this.early, partial));
  }

  copy(): Transcript {
    const copy = new Transcript(this.provider);
    copy.hash = this.started().copy();
    return copy;
  }
}
