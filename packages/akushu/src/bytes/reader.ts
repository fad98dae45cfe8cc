/**
 * Big-endian reading from a byte range. With `writer.ts`, the only code that indexes raw buffers.
 * Never copies: what it returns are views into the input. Never reads past `end`: it throws ShortRead.
 */

/** Thrown when fewer bytes are left than were asked for. `offset` is absolute in the underlying array. */
export class ShortRead extends Error {
  override readonly name = 'ShortRead';
  constructor(
    readonly offset: number,
    readonly wanted: number,
    readonly available: number,
  ) {
    super(`wanted ${wanted} bytes at offset ${offset}, ${available} left`);
  }
}

export class Reader {
  readonly bytes: Uint8Array;
  readonly end: number;
  /** Absolute position in `bytes`. */
  pos: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    if (start < 0 || end > bytes.length || start > end) throw new RangeError('"range" outside of the bytes');
    this.bytes = bytes;
    this.pos = start;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.pos;
  }

  /** Moves forward by `count` and returns where it was. */
  private take(count: number): number {
    const at = this.pos;
    if (count > this.end - at) throw new ShortRead(at, count, this.end - at);
    this.pos = at + count;
    return at;
  }

  u8(): number {
    return this.bytes[this.take(1)]!;
  }

  u16(): number {
    const at = this.take(2);
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  u24(): number {
    const at = this.take(3);
    return (this.bytes[at]! << 16) | (this.bytes[at + 1]! << 8) | this.bytes[at + 2]!;
  }

  u32(): number {
    const at = this.take(4);
    const b = this.bytes;
    return ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0;
  }

  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }

  /** An unsigned integer of `width` bytes, 1 to 4. */
  uint(width: 1 | 2 | 3 | 4): number {
    return width === 1 ? this.u8() : width === 2 ? this.u16() : width === 3 ? this.u24() : this.u32();
  }

  /** A view of the next `count` bytes. */
  view(count: number): Uint8Array {
    const at = this.take(count);
    return this.bytes.subarray(at, at + count);
  }

  /** A view of all that is left. */
  rest(): Uint8Array {
    return this.view(this.remaining);
  }

  /** A reader of the next `count` bytes; this one moves past them. */
  sub(count: number): Reader {
    const at = this.take(count);
    return new Reader(this.bytes, at, at + count);
  }
}
