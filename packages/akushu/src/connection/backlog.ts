/** Input that came while somebody's answer was awaited, or while other input was at work: kept in order, and bounded. */
import { tlsError } from '../errors.js';

export class Backlog {
  private chunks: Uint8Array[] = [];
  private size = 0;
  /** The transport's end came behind what is kept. */
  ended = false;

  constructor(private readonly limit: number) {}

  get isEmpty(): boolean {
    return this.chunks.length === 0;
  }

  /** Keeps a copy. Throws `too_much_pending_input`. */
  keep(chunk: Uint8Array): void {
    this.size += chunk.length;
    if (this.size > this.limit) throw tlsError('too_much_pending_input', { limit: this.limit });
    this.chunks.push(chunk.slice());
  }

  take(): Uint8Array | undefined {
    const chunk = this.chunks.shift();
    if (chunk) this.size -= chunk.length;
    return chunk;
  }

  clear(): void {
    this.chunks = [];
    this.size = 0;
  }
}
