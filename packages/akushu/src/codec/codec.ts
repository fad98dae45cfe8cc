/**
 * The TLS presentation language (RFC 9846 §3) as combinators. One definition gives the decoder, the encoder,
 * the TypeScript type and the annotated tree. Nothing here knows what a message means.
 *
 * A codec reads from a Reader and throws `malformed_message` where the bytes do not fit the structure, or
 * `illegal_field` where they fit but the value is not allowed.
 */
import { Reader, ShortRead, toHex, Writer } from '../bytes/index.js';
import { type ErrorCode, TlsError, tlsError } from '../errors.js';

/** A structure shown with what each byte range means. Offsets are absolute in the annotated array. */
export interface AnnotatedNode {
  readonly name: string;
  /** The type in the RFC's notation, such as `uint16` or `opaque<0..255>`. */
  readonly type: string;
  readonly start: number;
  readonly end: number;
  /** The value in words: a number, a code point's name, hexadecimal digits. Empty where the children say it. */
  readonly value: string;
  readonly rfc?: string;
  readonly children: readonly AnnotatedNode[];
  /** Set where the bytes do not fit: the tree shows all that could be read before. */
  readonly error?: ErrorCode;
}

export interface Codec<T> {
  readonly type: string;
  readonly rfc?: string;
  /** `parent` has the fields of the enclosing struct that were read before: what `dependent` chooses by. */
  decode(reader: Reader, parent?: object): T;
  encode(writer: Writer, value: T, parent?: object): void;
  /** As `decode`, for the tree. Never throws on bad bytes: the node carries the error. */
  annotate(reader: Reader, name: string, parent?: object): AnnotatedNode;
}

/** The TypeScript type that a codec decodes to. */
export type Infer<C> = C extends Codec<infer T> ? T : never;

/** Decodes all of `bytes`. Throws TlsError `malformed_message` where anything is missing or left over. */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array, start = 0, end = bytes.length): T {
  const reader = new Reader(bytes, start, end);
  const value = readChecked(codec, reader);
  if (reader.remaining > 0) throw malformed(codec.type, reader.pos, 'trailing');
  return value;
}

/** As `decode`, without wanting to reach the end. Turns ShortRead into `malformed_message`. */
function readChecked<T>(codec: Codec<T>, reader: Reader): T {
  try {
    return codec.decode(reader);
  } catch (error) {
    if (error instanceof ShortRead) throw malformed(codec.type, error.offset, 'short');
    throw error;
  }
}

export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const writer = new Writer();
  codec.encode(writer, value);
  return writer.finish();
}

/** The annotated tree of `bytes`; what is left over or broken is a node with `error`. */
export function annotate(
  codec: Codec<unknown>,
  bytes: Uint8Array,
  name: string,
  start = 0,
  end = bytes.length,
): AnnotatedNode {
  const reader = new Reader(bytes, start, end);
  const node = codec.annotate(reader, name);
  if (node.error || reader.remaining === 0) return node;
  const extra = leaf(
    'trailing bytes',
    'opaque',
    reader.pos,
    end,
    toHex(bytes.subarray(reader.pos, end)),
    undefined,
    'malformed_message',
  );
  return { ...node, end, error: 'malformed_message', children: [...node.children, extra] };
}

export function malformed(
  structure: string,
  offset: number,
  what: 'short' | 'trailing' | 'length',
): TlsError {
  return tlsError('malformed_message', { structure, offset, what });
}

export function leaf(
  name: string,
  type: string,
  start: number,
  end: number,
  value: string,
  rfc?: string,
  error?: ErrorCode,
): AnnotatedNode {
  return { name, type, start, end, value, children: [], ...(rfc && { rfc }), ...(error && { error }) };
}

export function codeOf(error: unknown): ErrorCode {
  if (error instanceof TlsError) return error.code;
  if (error instanceof ShortRead) return 'malformed_message';
  throw error;
}

/** Makes the annotation of a value without parts from its decoder. */
export function annotateLeaf<T>(codec: Codec<T>, show: (value: T) => string): Codec<T>['annotate'] {
  return (reader, name) => {
    const start = reader.pos;
    try {
      const value = codec.decode(reader);
      return leaf(name, codec.type, start, reader.pos, show(value), codec.rfc);
    } catch (error) {
      const code = codeOf(error);
      reader.pos = start;
      return leaf(name, codec.type, start, reader.end, toHex(reader.rest()), codec.rfc, code);
    }
  };
}
