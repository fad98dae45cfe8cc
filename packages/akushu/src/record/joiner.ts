/**
 * Puts handshake messages together from record fragments (RFC 9846 §5.1). Bounded: a message's length is judged as
 * soon as its header is there, and no more is kept than one message and the fragment that ends it.
 */
import { tlsError } from '../errors.js';

const MESSAGE_HEADER = 4;

export class MessageJoiner {
  private buffer: Uint8Array = new Uint8Array(0);
  private start = 0;
  private end = 0;

  /** `limitFor` gives the largest body allowed for a message type. */
  constructor(private readonly limitFor: (type: number) => number) {}

  /** True where part of a message, or a whole one not yet taken, is held: keys may not change now (§5.1). */
  get pending(): boolean {
    return this.end > this.start;
  }

  push(fragment: Uint8Array): void {
    const held = this.end - this.start;
    if (held === 0) {
      // A copy: messages outlive the record that they came in.
      this.buffer = fragment.slice();
      this.start = 0;
      this.end = fragment.length;
    } else {
      this.makeRoom(held + fragment.length);
      this.buffer.set(fragment, this.end);
      this.end += fragment.length;
    }
    if (this.end - this.start >= MESSAGE_HEADER) this.bodyLength();
  }

  private makeRoom(needed: number): void {
    if (this.start + needed <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, Math.min(this.wanted(), 2 * needed)));
    larger.set(this.buffer.subarray(this.start, this.end));
    this.end -= this.start;
    this.start = 0;
    this.buffer = larger;
  }

  /** Size of the message under way with its header, as far as is known. */
  private wanted(): number {
    return this.end - this.start < MESSAGE_HEADER ? MESSAGE_HEADER : MESSAGE_HEADER + this.bodyLength();
  }

  private bodyLength(): number {
    const { buffer, start } = this;
    const length = (buffer[start + 1]! << 16) | (buffer[start + 2]! << 8) | buffer[start + 3]!;
    const limit = this.limitFor(buffer[start]!);
    if (length > limit) throw tlsError('message_too_long', { type: buffer[start], length, limit });
    return length;
  }

  /** Type of the message under way; undefined where none has begun. */
  peekType(): number | undefined {
    return this.end > this.start ? this.buffer[this.start] : undefined;
  }

  /** The next whole message with its header, or undefined. The bytes are the caller's to keep. */
  next(): Uint8Array | undefined {
    const held = this.end - this.start;
    if (held < MESSAGE_HEADER) return undefined;
    const size = MESSAGE_HEADER + this.bodyLength();
    if (held < size) return undefined;
    const message = this.buffer.subarray(this.start, this.start + size);
    this.start += size;
    if (this.start === this.end) {
      this.buffer = new Uint8Array(0);
      this.start = 0;
      this.end = 0;
    }
    return message;
  }
}
