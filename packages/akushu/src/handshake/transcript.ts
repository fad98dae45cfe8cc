/** The transcript hash (RFC 9846 §4.5.1). Until the suite, and so the hash, is known, the messages themselves are kept. */
import { concat } from '../bytes/index.js';
import type { Hash, Provider } from '../crypto/provider.js';
import { messageBytes } from '../messages/index.js';
import type { HashName } from '../registry/index.js';

export class Transcript {
  private hashes: Hash[] = [];
  private early: Uint8Array[] = [];
  private kept: Uint8Array[] | null = null;

  constructor(private readonly provider: Provider) {}

  add(message: Uint8Array): void {
    if (this.hashes.length > 0) for (const hash of this.hashes) hash.update(message);
    else this.early.push(message);
    this.kept?.push(message);
  }

  /** Fixes the hash; before TLS 1.2 there are two, whose digests stand side by side (RFC 2246 §7.4.9). Once. */
  start(...names: readonly HashName[]): void {
    if (this.hashes.length > 0) return;
    this.hashes = names.map((name) => this.provider.createHash(name));
    for (const message of this.early) for (const hash of this.hashes) hash.update(message);
    this.early = [];
  }

  private started(): readonly Hash[] {
    if (this.hashes.length === 0) throw new Error('the transcript was hashed before its hash was known');
    return this.hashes;
  }

  digest(): Uint8Array {
    return concat(...this.started().map((hash) => hash.digest()));
  }

  /**
   * Before TLS 1.3: keeps the messages themselves, since a CertificateVerify may be over another hash than the PRF's
   * (RFC 5246 §7.4.8). To be called before `start`.
   */
  keep(): void {
    this.kept = [...this.early];
  }

  /** All messages so far. */
  messages(): Uint8Array {
    if (!this.kept) throw new Error('the messages were not kept');
    return concat(...this.kept);
  }

  /** Nobody signs the messages any more. */
  forget(): void {
    this.kept = null;
  }

  /** §4.5.1: puts the hash of the first ClientHello in its place, when a HelloRetryRequest comes or goes. */
  retry(name: HashName): void {
    this.start(name);
    const first = this.digest();
    this.hashes = [this.provider.createHash(name).update(messageBytes('message_hash', { hash: first }))];
  }

  /** The hash of all so far and `partial`, under any hash: for binders, before the suite is known (§4.3.11.2). */
  digestWith(name: HashName, partial: Uint8Array): Uint8Array {
    const [hash] = this.hashes;
    if (hash) return hash.copy().update(partial).digest();
    return this.provider.digest(name, concat(...this.early, partial));
  }

  copy(): Transcript {
    const copy = new Transcript(this.provider);
    copy.hashes = this.started().map((hash) => hash.copy());
    return copy;
  }
}
