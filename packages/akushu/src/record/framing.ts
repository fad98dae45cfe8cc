/**
 * Cuts a byte stream into records (RFC 9846 §5.1): type, legacy version, length, fragment. Bytes may come in any
 * splitting. Copies only what it must keep of an incomplete record; never holds more than one record.
 */
import { EMPTY, toLatin1 } from '../bytes/index.js';
import { tlsError } from '../errors.js';
import { ContentType, versionByCode, versionName } from '../registry/index.js';

export const HEADER_LENGTH = 5;
/** Bytes of something else than TLS that its error shows. */
const SHOWN = 64;
/** §5.1: 2^14. */
export const MAX_PLAINTEXT = 16_384;
/** §5.2: 2^14 + 256 for what TLS 1.3 protects. */
export const MAX_CIPHERTEXT_13 = MAX_PLAINTEXT + 256;

export interface RawRecord {
  readonly type: number;
  readonly version: number;
  /** Header and fragment as they came. Valid until the next call of `push`. */
  readonly bytes: Uint8Array;
}

export class RecordReader {
  private chunk: Uint8Array = EMPTY;
  private at = 0;
  private partial: Uint8Array = new Uint8Array(0);
  private partialLength = 0;
  private first = true;
  /** Longest fragment allowed now; grows when records come protected. */
  maxFragment = MAX_PLAINTEXT;

  /** More bytes from the transport. All records of the chunk before must have been taken. */
  push(chunk: Uint8Array): void {
    if (this.at < this.chunk.length) throw new Error('records of the chunk before are still to be taken');
    this.chunk = chunk;
    this.at = 0;
  }

  /** Lets go of the caller's chunk: what is left of it is copied. */
  detach(): void {
    this.chunk = this.at === this.chunk.length ? EMPTY : this.chunk.slice(this.at);
    this.at = 0;
  }

  /** True where bytes of a record have come, but not all of it. */
  get midRecord(): boolean {
    return this.partialLength > 0 || this.at < this.chunk.length;
  }

  /**
   * The next whole record, or undefined until more bytes come.
   * Throws `record_too_long`, and for the first record `not_tls` or `not_tls_http` where it cannot be TLS.
   */
  next(): RawRecord | undefined {
    if (this.partialLength > 0) return this.completePartial();
    const available = this.chunk.length - this.at;
    if (available >= HEADER_LENGTH) {
      const size = this.sizeOf(this.chunk, this.at);
      if (available >= size) {
        const bytes = this.chunk.subarray(this.at, this.at + size);
        this.at += size;
        return this.record(bytes);
      }
    }
    if (available > 0) this.keep(available);
    return undefined;
  }

  private record(bytes: Uint8Array): RawRecord {
    this.first = false;
    return { type: bytes[0]!, version: (bytes[1]! << 8) | bytes[2]!, bytes };
  }

  /** Size of the record with its header, from a header that is checked here. */
  private sizeOf(bytes: Uint8Array, at: number): number {
    const type = bytes[at]!;
    const major = bytes[at + 1]!;
    if (major !== 3 || type < ContentType.change_cipher_spec || type > ContentType.tls12_cid)
      this.refuse(bytes, at);
    const length = (bytes[at + 3]! << 8) | bytes[at + 4]!;
    if (length > this.maxFragment) throw tlsError('record_too_long', { length, limit: this.maxFragment });
    return HEADER_LENGTH + length;
  }

  private refuse(bytes: Uint8Array, at: number): never {
    const start = toLatin1(bytes.subarray(at, at + SHOWN));
    if (this.first) {
      const hello = ssl2Hello(bytes, at);
      if (hello) throw tlsError('ssl2_client_hello', hello);
      if (/^(HTTP\/|GET |POST |PUT |HEAD |OPTI|CONNE|DELE|PATCH|PRI |<!DOC|<!doc|<html|<HTML)/.test(start))
        throw tlsError('not_tls_http', { start });
      throw tlsError('not_tls', { start });
    }
    if (bytes[at + 1] !== 3)
      throw tlsError('wrong_record_version', { version: (bytes[at + 1]! << 8) | bytes[at + 2]! });
    throw tlsError('unknown_record_type', { type: bytes[at] });
  }

  /** Keeps the beginning of a record, sized for all of it once the header is known. */
  private keep(available: number): void {
    const rest = this.chunk.subarray(this.at);
    const capacity = available >= HEADER_LENGTH ? this.sizeOf(rest, 0) : HEADER_LENGTH;
    if (this.partial.length < capacity) this.partial = new Uint8Array(capacity);
    this.partial.set(rest);
    this.partialLength = available;
    this.at = this.chunk.length;
  }

  private completePartial(): RawRecord | undefined {
    if (this.partialLength < HEADER_LENGTH && !this.fill(HEADER_LENGTH)) return undefined;
    const size = this.sizeOf(this.partial, 0);
    if (this.partial.length < size) {
      const larger = new Uint8Array(size);
      larger.set(this.partial.subarray(0, this.partialLength));
      this.partial = larger;
    }
    if (!this.fill(size)) return undefined;
    const bytes = this.partial.subarray(0, size);
    this.partial = new Uint8Array(0);
    this.partialLength = 0;
    return this.record(bytes);
  }

  /** Moves bytes of the chunk behind the partial record until it has `wanted`. */
  private fill(wanted: number): boolean {
    const take = Math.min(wanted - this.partialLength, this.chunk.length - this.at);
    this.partial.set(this.chunk.subarray(this.at, this.at + take), this.partialLength);
    this.at += take;
    this.partialLength += take;
    return this.partialLength === wanted;
  }
}

/**
 * A ClientHello in the form of SSL 2.0 (RFC 5246 appendix E.2): two bytes of length with the highest bit set, the
 * type 1, the highest version that is meant. Recognised so that it can be refused by name (RFC 6176 §3).
 */
function ssl2Hello(bytes: Uint8Array, at: number): { readonly offered: string } | undefined {
  const length = ((bytes[at]! & 0x7f) << 8) | bytes[at + 1]!;
  const version = (bytes[at + 3]! << 8) | bytes[at + 4]!;
  const plausible = bytes[at]! >= 0x80 && bytes[at + 2] === 1 && length >= 9;
  const known = version === 0x0002 || version >> 8 === 3;
  return plausible && known ? { offered: versionByCode(version)?.name ?? versionName(version) } : undefined;
}
