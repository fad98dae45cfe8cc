/**
 * Just enough DER (X.690) to read and write key files: SubjectPublicKeyInfo, PKCS#8 and what stands inside them.
 * Strict: definite lengths in their shortest form, nothing left over. Never recurses. Certificates have their own
 * reader in `x509/`.
 */
import { concat, fromHex, Reader, ShortRead } from '../bytes/index.js';
import { CryptoError } from './provider.js';

export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  context0: 0xa0,
  context1: 0xa1,
  context2: 0xa2,
  context3: 0xa3,
} as const;

/** Runs `read` over the whole of `bytes`; whatever is malformed becomes CryptoError with `reason`. */
export function readDer<T>(
  bytes: Uint8Array,
  read: (der: DerReader) => T,
  reason: 'bad_key' | 'bad_signature_encoding' = 'bad_key',
): T {
  const der = new DerReader(new Reader(bytes), reason);
  const value = read(der);
  der.end();
  return value;
}

export class DerReader {
  constructor(
    private readonly reader: Reader,
    private readonly reason: 'bad_key' | 'bad_signature_encoding',
  ) {}

  fail(detail: string): never {
    throw new CryptoError(this.reason, detail);
  }

  get done(): boolean {
    return this.reader.remaining === 0;
  }

  end(): void {
    if (!this.done) this.fail('trailing bytes');
  }

  /** Whether the next element has `tag`. */
  next(tag: number): boolean {
    return !this.done && this.reader.bytes[this.reader.pos] === tag;
  }

  /** The contents of the next element, which must have `tag`. */
  content(tag: number): Uint8Array {
    try {
      if (this.reader.u8() !== tag) this.fail('unexpected tag');
      return this.reader.view(this.readLength());
    } catch (error) {
      if (error instanceof ShortRead) this.fail('truncated');
      throw error;
    }
  }

  /** X.690 §10.1: the shortest form only. Key files have less than 64 KiB. */
  private readLength(): number {
    const first = this.reader.u8();
    if (first < 0x80) return first;
    if (first === 0x81) {
      const length = this.reader.u8();
      return length >= 0x80 ? length : this.fail('length not minimal');
    }
    if (first === 0x82) {
      const length = this.reader.u16();
      return length >= 0x100 ? length : this.fail('length not minimal');
    }
    return this.fail('length form');
  }

  /** Reads inside the next element, all of it. */
  inside<T>(tag: number, read: (der: DerReader) => T): T {
    const der = new DerReader(new Reader(this.content(tag)), this.reason);
    const value = read(der);
    der.end();
    return value;
  }

  /** The next element whole, with its tag and length. */
  element(tag: number): Uint8Array {
    const start = this.reader.pos;
    this.content(tag);
    return this.reader.bytes.subarray(start, this.reader.pos);
  }

  /** A non-negative INTEGER as big-endian bytes without leading zero; zero is the empty array. */
  unsigned(): Uint8Array {
    const bytes = this.content(TAG.integer);
    if (bytes.length === 0) this.fail('empty integer');
    if (bytes[0]! >= 0x80) this.fail('negative integer');
    if (bytes[0] !== 0) return bytes;
    if (bytes.length > 1 && bytes[1]! < 0x80) this.fail('integer not minimal');
    return bytes.subarray(1);
  }

  /** A small non-negative INTEGER. */
  small(): number {
    const bytes = this.unsigned();
    if (bytes.length > 4) this.fail('integer too large');
    return bytes.reduce((value, byte) => value * 256 + byte, 0);
  }

  /** A BIT STRING of whole bytes. */
  bits(tag: number = TAG.bitString): Uint8Array {
    const bytes = this.content(tag);
    if (bytes[0] !== 0) this.fail('bit string with unused bits');
    return bytes.subarray(1);
  }

  null(): void {
    if (this.content(TAG.null).length !== 0) this.fail('null with contents');
  }
}

/** One element: tag, length in its shortest form, contents. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of contents) length += part.length;
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : length < 0x10000
          ? [tag, 0x82, length >> 8, length & 0xff]
          : [tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
  return concat(Uint8Array.from(head), ...contents);
}

/** An INTEGER from unsigned big-endian bytes, leading zeros allowed. */
export function derUnsigned(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const minimal = bytes.length === 0 ? new Uint8Array(1) : bytes.subarray(start);
  return minimal[0]! >= 0x80 ? der(TAG.integer, new Uint8Array(1), minimal) : der(TAG.integer, minimal);
}

export function derBits(bytes: Uint8Array): Uint8Array {
  return der(TAG.bitString, new Uint8Array(1), bytes);
}

/** An OBJECT IDENTIFIER from the hexadecimal digits of its contents. */
export function oidElement(hex: string): Uint8Array {
  return der(TAG.oid, fromHex(hex));
}
