/** Input that came while somebody's answer was awaited, or while other input was at work: kept in order, and bounded. */
import { tlsError } from '../errors.js';

export class Backlog {
  /** One array that grows: many small chunks cost no more than a large one. */
  private buffer: Uint8Array = new Uint8Array(0);
  private size = 0;
  /** The transport's end came behind what is kept. */
  ended = false;

  constructor(private readonly limit: number) {}

  get isEmpty(): boolean {
    return this.size === 0;
  }

  /** Keeps a copy. Throws `too_much_pending_input`. */
  keep(chunk: Uint8Array): void {
    const size = this.size + chunk.length;
    if (size > this.limit) throw tlsError('too_much_pending_input', { limit: this.limit });
    if (size > this.buffer.length) {
      const larger = new Uint8Array(Math.min(this.limit, Math.max(size, 2 * this.buffer.length)));
      larger.set(this.buffer.subarray(0, this.size));
      this.buffer = larger;
    }
    this.buffer.set(chunk, this.size);
    this.size = size;
  }

  /** All that is kept; undefined for nothing. The bytes are the caller's. */
  take(): Uint8Array | undefined {
    if (this.size === 0) return undefined;
    const kept = this.buffer.subarray(0, this.size);
    this.clear();
    return kept;
  }

  clear(): void {
    this.buffer = new Uint8Array(0);
    this.size = 0;
  }
}
