/**
 * Chunks of a file as one range of bytes that is read from the front. What is left of a chunk is copied before the
 * next one is asked for, since its giver may use the memory again; a chunk that is used up is never copied.
 */
import { EMPTY } from '../../bytes/index.js';

const SPARE = 65_536;

export class ByteQueue {
  bytes: Uint8Array = EMPTY;
  view: DataView = new DataView(EMPTY.buffer);
  start = 0;
  end = 0;
  private owned = false;
  private consumedBefore = 0;

  get length(): number {
    return this.end - this.start;
  }

  /** Where in the file `start` is. */
  get offset(): number {
    return this.consumedBefore + this.start;
  }

  push(chunk: Uint8Array): void {
    const left = this.length;
    if (left === 0) {
      this.adopt(chunk, 0, chunk.length, false);
      return;
    }
    if (!this.owned || this.bytes.length - this.end < chunk.length) this.makeRoom(left + chunk.length);
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
  }

  skip(count: number): void {
    this.start += count;
  }

  /** Lets go of the giver's chunk. */
  detach(): void {
    if (this.owned || this.length === 0) return;
    const left = this.length;
    const room = new Uint8Array(left + SPARE);
    room.set(this.bytes.subarray(this.start, this.end));
    this.adopt(room, 0, left, true);
  }

  private makeRoom(needed: number): void {
    const left = this.length;
    // Moving within a buffer that is at least twice as large costs no more than what has been read from it.
    if (this.owned && this.bytes.length >= 2 * needed) {
      this.bytes.copyWithin(0, this.start, this.end);
      this.consumedBefore += this.start;
      this.start = 0;
      this.end = left;
      return;
    }
    const room = new Uint8Array(2 * needed + SPARE);
    room.set(this.bytes.subarray(this.start, this.end));
    this.adopt(room, 0, left, true);
  }

  private adopt(bytes: Uint8Array, start: number, end: number, owned: boolean): void {
    this.consumedBefore += this.start - start;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.start = start;
    this.end = end;
    this.owned = owned;
  }
}
