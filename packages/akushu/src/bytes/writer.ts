/** Big-endian writing into a buffer that grows, with length prefixes that are filled in afterwards. */

export class Writer {
  private buffer: Uint8Array;
  length = 0;

  constructor(capacity = 256) {
    this.buffer = new Uint8Array(capacity);
  }

  private grow(count: number): number {
    const at = this.length;
    const needed = at + count;
    if (needed > this.buffer.length) {
      const larger = new Uint8Array(Math.max(needed, this.buffer.length * 2));
      larger.set(this.buffer);
      this.buffer = larger;
    }
    this.length = needed;
    return at;
  }

  private put(at: number, width: number, value: number): void {
    for (let i = at + width - 1; i >= at; i--) {
      this.buffer[i] = value & 0xff;
      value >>>= 8;
    }
  }

  /** An unsigned integer of `width` bytes. Throws RangeError where it does not fit. */
  uint(width: 1 | 2 | 3 | 4, value: number): void {
    if (!(value >= 0 && value < 2 ** (8 * width) && Number.isInteger(value))) {
      throw new RangeError(`"value" expected an unsigned integer of ${width} bytes, got ${value}`);
    }
    this.put(this.grow(width), width, value);
  }

  u8(value: number): void {
    this.uint(1, value);
  }

  u16(value: number): void {
    this.uint(2, value);
  }

  u24(value: number): void {
    this.uint(3, value);
  }

  u32(value: number): void {
    this.uint(4, value);
  }

  u64(value: bigint): void {
    if (value < 0n || value >= 1n << 64n) throw new RangeError('"value" expected an unsigned 64-bit integer');
    this.uint(4, Number(value >> 32n));
    this.uint(4, Number(value & 0xffffffffn));
  }

  append(bytes: Uint8Array): void {
    const at = this.grow(bytes.length);
    this.buffer.set(bytes, at);
  }

  /** Writes what `body` writes, preceded by its length in `width` bytes. Returns that length. */
  prefixed(width: 1 | 2 | 3, body: () => void): number {
    const at = this.grow(width);
    body();
    const size = this.length - at - width;
    if (size >= 2 ** (8 * width)) {
      throw new RangeError(`"length" expected below ${2 ** (8 * width)}, got ${size}`);
    }
    this.put(at, width, size);
    return size;
  }

  /** What was written, as an array of its own length. The writer may not be used afterwards. */
  finish(): Uint8Array {
    const done = this.buffer.subarray(0, this.length);
    this.buffer = new Uint8Array(0);
    return done;
  }
}
