/**
 * DER (X.690) as combinators: the frame. One definition gives the decoder, the encoder, the TypeScript type and
 * the annotated tree, as `codec/codec.ts` does for the TLS presentation language. Types are in `types.ts`,
 * constructors of structures in `structure.ts`. Knows nothing of certificates.
 *
 * Refuses all that is BER but not DER: indefinite and padded lengths, trailing bytes. Tags above 30 do not occur
 * in what is read here and are refused.
 */
import { Reader, ShortRead, toHex, Writer } from '../../bytes/index.js';
import type { AnnotatedNode } from '../../codec/codec.js';
import { X509Error, x509Error } from './error.js';

/** Bit 6 of the identifier octet: the content is a series of elements. */
export const CONSTRUCTED = 0x20;

/** Nesting of elements of which the shape is not known beforehand. */
export const MAX_DEPTH = 32;

/** What stands between an element's header and its end. `decode` gets exactly that and has to use all of it. */
export interface Content<T> {
  decode(body: Reader): T;
  encode(writer: Writer, value: T): void;
  annotate(body: Reader): ContentNote;
}

export interface ContentNote {
  readonly value: string;
  readonly children: readonly AnnotatedNode[];
  readonly error?: boolean;
}

export interface Der<T> {
  /** In ASN.1's notation, such as `SEQUENCE` or `INTEGER`. */
  readonly type: string;
  readonly rfc?: string;
  /** Whether an element with this identifier octet can be one of these. */
  accepts(tag: number): boolean;
  /** Reads one element, header and content. */
  decode(reader: Reader): T;
  encode(writer: Writer, value: T): void;
  /** Never throws on bad bytes: the node carries the error. */
  annotate(reader: Reader, name: string): AnnotatedNode;
  /** Set where the element may be left out of a SEQUENCE, with the value that this means. */
  readonly absent?: { readonly value: T };
}

/** An element type with one tag, which can be replaced by implicit tagging. */
export interface Tagged<T> extends Der<T> {
  readonly tag: number;
  readonly content: Content<T>;
}

export type InferDer<D> = D extends Der<infer T> ? T : never;

/** Decodes all of `bytes`. Throws X509Error; `shift` is added to its offset where `bytes` is a part of something. */
export function decodeDer<T>(der: Der<T>, bytes: Uint8Array, shift = 0): T {
  const reader = new Reader(bytes);
  try {
    const value = der.decode(reader);
    if (reader.remaining > 0) throw x509Error('trailing_bytes', reader.pos);
    return value;
  } catch (error) {
    const known = asX509Error(error);
    throw shift === 0 ? known : known.shifted(shift);
  }
}

export function encodeDer<T>(der: Der<T>, value: T): Uint8Array {
  const writer = new Writer();
  der.encode(writer, value);
  return writer.finish();
}

/** The annotated tree of all of `bytes`; what is left over or broken is a node with `error`. */
export function annotateDer(der: Der<unknown>, bytes: Uint8Array, name: string): AnnotatedNode {
  const reader = new Reader(bytes);
  const node = der.annotate(reader, name);
  if (node.error || reader.remaining === 0) return node;
  const extra = brokenNode('trailing bytes', 'ANY', reader, reader.pos);
  return { ...node, end: bytes.length, error: 'bad_certificate', children: [...node.children, extra] };
}

export function asX509Error(error: unknown): X509Error {
  if (error instanceof X509Error) return error;
  if (error instanceof ShortRead) return x509Error('truncated', error.offset);
  throw error;
}

/** The identifier octet that comes next, or -1 at the end. */
export function peekTag(reader: Reader): number {
  if (reader.remaining === 0) return -1;
  const tag = reader.u8();
  reader.pos -= 1;
  return tag;
}

/** Reads identifier octet and length (X.690 §8.1.2, §8.1.3, §10.1). The content is known to be there. */
export function readHeader(reader: Reader): { tag: number; length: number } {
  const start = reader.pos;
  const tag = reader.u8();
  if ((tag & 0x1f) === 0x1f) throw x509Error('high_tag_number', start);
  let length = reader.u8();
  if (length >= 0x80) length = readLongLength(reader, length & 0x7f, start);
  if (length > reader.remaining) {
    throw x509Error('truncated', start, { length, available: reader.remaining });
  }
  return { tag, length };
}

function readLongLength(reader: Reader, count: number, start: number): number {
  if (count === 0) throw x509Error('indefinite_length', start);
  if (count > 4) throw x509Error('length_too_large', start);
  const length = reader.uint(count as 1 | 2 | 3 | 4);
  const least = count === 1 ? 0x80 : 2 ** (8 * (count - 1));
  if (length < least) throw x509Error('length_not_minimal', start);
  return length;
}

/** Writes identifier octet, length, and what `body` writes. */
function writeElement(writer: Writer, tag: number, body: (inner: Writer) => void): void {
  const inner = new Writer(64);
  body(inner);
  const content = inner.finish();
  writer.u8(tag);
  const length = content.length;
  if (length < 0x80) writer.u8(length);
  else {
    const width = length < 1 << 8 ? 1 : length < 1 << 16 ? 2 : length < 1 << 24 ? 3 : 4;
    writer.u8(0x80 | width);
    writer.uint(width, length);
  }
  writer.append(content);
}

/** An element type from its tag and what its content is. */
export function tagged<T>(tag: number, type: string, content: Content<T>, rfc?: string): Tagged<T> {
  return {
    type,
    ...(rfc && { rfc }),
    tag,
    content,
    accepts: (found) => found === tag,
    decode(reader) {
      const start = reader.pos;
      const header = readHeader(reader);
      if (header.tag !== tag) throw x509Error('wrong_tag', start, { expected: tag, found: header.tag });
      const body = reader.sub(header.length);
      const value = content.decode(body);
      if (body.remaining > 0) throw x509Error('trailing_bytes', body.pos);
      return value;
    },
    encode(writer, value) {
      writeElement(writer, tag, (inner) => content.encode(inner, value));
    },
    annotate(reader, name) {
      const start = reader.pos;
      let body: Reader;
      try {
        const header = readHeader(reader);
        if (header.tag !== tag) throw x509Error('wrong_tag', start);
        body = reader.sub(header.length);
      } catch (error) {
        asX509Error(error);
        return brokenNode(name, type, reader, start, rfc);
      }
      const note = content.annotate(body);
      const failed = note.error === true || body.remaining > 0;
      return {
        name,
        type,
        start,
        end: reader.pos,
        value: note.value,
        children: note.children,
        ...(rfc && { rfc }),
        ...(failed && { error: 'bad_certificate' as const }),
      };
    },
  };
}

/** A node for everything from `start` on, which could not be read. */
export function brokenNode(
  name: string,
  type: string,
  reader: Reader,
  start: number,
  rfc?: string,
): AnnotatedNode {
  reader.pos = start;
  const rest = reader.rest();
  return {
    name,
    type,
    start,
    end: reader.end,
    value: hexShort(rest),
    children: [],
    ...(rfc && { rfc }),
    error: 'bad_certificate',
  };
}

export function hexShort(bytes: Uint8Array): string {
  return bytes.length <= 64 ? toHex(bytes) : `${toHex(bytes.subarray(0, 64))}…`;
}

/** Content without parts: `read` decodes it, `show` puts it in words. */
export function primitive<T>(
  read: (body: Reader) => T,
  write: (writer: Writer, value: T) => void,
  show: (value: T) => string,
): Content<T> {
  return {
    decode: read,
    encode: write,
    annotate(body) {
      const start = body.pos;
      try {
        return { value: show(read(body)), children: [] };
      } catch (error) {
        asX509Error(error);
        body.pos = start;
        return { value: hexShort(body.rest()), children: [], error: true };
      }
    },
  };
}
