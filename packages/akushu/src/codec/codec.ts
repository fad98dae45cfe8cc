/**
 * The TLS presentation language (RFC 9846 §3) as combinators. One definition gives the decoder, the encoder,
 * the TypeScript type and the annotated tree. Nothing here knows what a message means.
 *
 * A codec reads from a Reader and throws `malformed_message` where the bytes do not fit the structure, or
 * `illegal_field` where they fit but the value is not allowed.
 */
import { equal, Reader, ShortRead, toHex, Writer } from '../bytes/index.js';
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

function malformed(structure: string, offset: number, what: 'short' | 'trailing' | 'length'): TlsError {
  return tlsError('malformed_message', { structure, offset, what });
}

function leaf(
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

function codeOf(error: unknown): ErrorCode {
  if (error instanceof TlsError) return error.code;
  if (error instanceof ShortRead) return 'malformed_message';
  throw error;
}

/** Makes the annotation of a value without parts from its decoder. */
function annotateLeaf<T>(codec: Codec<T>, show: (value: T) => string): Codec<T>['annotate'] {
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

// ---- Numbers (§3.3) and enumerateds (§3.5) ----

function integer(width: 1 | 2 | 3 | 4, describe?: (value: number) => string): Codec<number> {
  const type = `uint${8 * width}`;
  const codec: Codec<number> = {
    type,
    decode: (reader) => reader.uint(width),
    encode: (writer, value) => writer.uint(width, value),
    annotate: (reader, name) => annotateInteger(reader, name),
  };
  const annotateInteger = annotateLeaf(codec, describe ?? String);
  return codec;
}

export const uint8: Codec<number> = integer(1);
export const uint16: Codec<number> = integer(2);
export const uint24: Codec<number> = integer(3);
export const uint32: Codec<number> = integer(4);

const hexOf = (value: number, width: number): string => `0x${value.toString(16).padStart(2 * width, '0')}`;

/** A code point. Unknown values are kept: the receiver decides. `nameOf` gives the registry's name. */
export function enumerated(
  type: string,
  width: 1 | 2,
  nameOf: (value: number) => string | undefined,
): Codec<number> {
  const codec = integer(width, (value) => {
    const name = nameOf(value);
    return name === undefined ? hexOf(value, width) : `${name} (${hexOf(value, width)})`;
  });
  return { ...codec, type, annotate: (reader, name) => ({ ...codec.annotate(reader, name), type }) };
}

// ---- Opaque data and vectors (§3.4) ----

function hexShort(bytes: Uint8Array): string {
  return bytes.length <= 64 ? toHex(bytes) : `${toHex(bytes.subarray(0, 64))}…`;
}

/** `opaque name[length]`. What decoding gives is a view into the input. */
export function fixed(length: number): Codec<Uint8Array> {
  const codec: Codec<Uint8Array> = {
    type: `opaque[${length}]`,
    decode: (reader) => reader.view(length),
    encode(writer, value) {
      if (value.length !== length)
        throw new RangeError(`"value" expected ${length} bytes, got ${value.length}`);
      writer.append(value);
    },
    annotate: (reader, name) => show(reader, name),
  };
  const show = annotateLeaf(codec, hexShort);
  return codec;
}

/** Everything up to the end of the enclosing structure. */
export const remainder: Codec<Uint8Array> = (() => {
  const codec: Codec<Uint8Array> = {
    type: 'opaque',
    decode: (reader) => reader.rest(),
    encode: (writer, value) => writer.append(value),
    annotate: (reader, name) => show(reader, name),
  };
  const show = annotateLeaf(codec, hexShort);
  return codec;
})();

const widthFor = (max: number): 1 | 2 | 3 => (max < 1 << 8 ? 1 : max < 1 << 16 ? 2 : 3);

function checkLength(type: string, length: number, min: number, max: number, offset: number): void {
  if (length < min || length > max) throw malformed(type, offset, 'length');
}

/** `opaque name<min..max>`: bytes with their length in front. */
export function opaque(min: number, max: number, text?: (bytes: Uint8Array) => string): Codec<Uint8Array> {
  const width = widthFor(max);
  const type = `opaque<${min}..${max}>`;
  const codec: Codec<Uint8Array> = {
    type,
    decode(reader) {
      const length = reader.uint(width);
      checkLength(type, length, min, max, reader.pos);
      return reader.view(length);
    },
    encode(writer, value) {
      if (value.length < min || value.length > max) {
        throw new RangeError(`"value" expected ${min} to ${max} bytes, got ${value.length}`);
      }
      writer.uint(width, value.length);
      writer.append(value);
    },
    annotate: (reader, name) => show(reader, name),
  };
  const show = annotateLeaf(codec, text ?? hexShort);
  return codec;
}

/** `Item name<min..max>`, lengths in bytes: items until the length that stands in front is used up. */
export function vector<T>(item: Codec<T>, min: number, max: number): Codec<readonly T[]> {
  const width = widthFor(max);
  const type = `${item.type}<${min}..${max}>`;
  return {
    type,
    decode(reader) {
      const length = reader.uint(width);
      checkLength(type, length, min, max, reader.pos);
      const inner = reader.sub(length);
      const items: T[] = [];
      while (inner.remaining > 0) items.push(item.decode(inner));
      return items;
    },
    encode(writer, items) {
      const size = writer.prefixed(width, () => {
        for (const value of items) item.encode(writer, value);
      });
      if (size < min || size > max)
        throw new RangeError(`"items" expected ${min} to ${max} bytes, got ${size}`);
    },
    annotate(reader, name) {
      const start = reader.pos;
      let length: number;
      let inner: Reader;
      try {
        length = reader.uint(width);
        checkLength(type, length, min, max, reader.pos);
        inner = reader.sub(length);
      } catch (error) {
        const code = codeOf(error);
        reader.pos = start;
        return leaf(name, type, start, reader.end, toHex(reader.rest()), undefined, code);
      }
      const children: AnnotatedNode[] = [];
      while (inner.remaining > 0) {
        const child = item.annotate(inner, String(children.length));
        children.push(child);
        if (child.error)
          return { name, type, start, end: reader.pos, value: '', children, error: child.error };
      }
      return { name, type, start, end: reader.pos, value: '', children };
    },
  };
}

// ---- Constructed types (§3.6) ----

type Fields = Record<string, Codec<unknown>>;
type StructOf<F> = { [K in keyof F]: Infer<F[K]> };

/** `struct { … } Name`. Fields stand in the order in which they are written. */
export function struct<F extends Fields>(type: string, rfc: string, fields: F): Codec<StructOf<F>> {
  const entries = Object.entries(fields);
  return {
    type,
    rfc,
    decode(reader) {
      const value: Record<string, unknown> = {};
      for (const [name, codec] of entries) value[name] = codec.decode(reader, value);
      return value as StructOf<F>;
    },
    encode(writer, value) {
      for (const [name, codec] of entries) codec.encode(writer, value[name], value);
    },
    annotate(reader, name) {
      const start = reader.pos;
      const children: AnnotatedNode[] = [];
      const soFar: Record<string, unknown> = {};
      for (const [field, codec] of entries) {
        const at = reader.pos;
        const child = annotateField(codec, reader, field, soFar, at);
        children.push(child);
        if (child.error)
          return { name, type, rfc, start, end: child.end, value: '', children, error: child.error };
      }
      return { name, type, rfc, start, end: reader.pos, value: '', children };
    },
  };
}

/** Annotates a field and keeps its value for the fields behind it. What decoding alone finds wrong is the node's error. */
function annotateField(
  codec: Codec<unknown>,
  reader: Reader,
  field: string,
  soFar: Record<string, unknown>,
  start: number,
): AnnotatedNode {
  const node = codec.annotate(reader, wireName(field), soFar);
  if (node.error) return node;
  try {
    soFar[field] = codec.decode(new Reader(reader.bytes, start, reader.end), soFar);
    return node;
  } catch (error) {
    return { ...node, error: codeOf(error) };
  }
}

/** `legacyVersion` in our code is `legacy_version` on paper. */
export function wireName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Decodes with `codec`, then refuses values for which `problem` gives a code. Encoding checks nothing. */
export function checked<T>(codec: Codec<T>, problem: (value: T) => ErrorCode | undefined): Codec<T> {
  return {
    ...codec,
    decode(reader) {
      const value = codec.decode(reader);
      const code = problem(value);
      if (code) throw tlsError(code, { structure: codec.type });
      return value;
    },
    annotate(reader, name) {
      const start = reader.pos;
      const node = codec.annotate(reader, name);
      if (node.error) return node;
      try {
        const code = problem(codec.decode(new Reader(reader.bytes, start, reader.end)));
        return code ? { ...node, error: code } : node;
      } catch (error) {
        return { ...node, error: codeOf(error) };
      }
    },
  };
}

/** Shows a decoded value in other words than its parts would. */
export function shown<T>(codec: Codec<T>, show: (value: T) => string): Codec<T> {
  return {
    ...codec,
    annotate(reader, name) {
      const start = reader.pos;
      const node = codec.annotate(reader, name);
      if (node.error) return node;
      return { ...node, value: show(codec.decode(new Reader(reader.bytes, start, reader.end))) };
    },
  };
}

/** A structure without any bytes, as the server's `early_data`. */
export const empty: Codec<true> = {
  type: 'empty',
  decode: () => true,
  encode: () => {},
  annotate: (reader, name) => leaf(name, 'empty', reader.pos, reader.pos, ''),
};

/** A field whose structure depends on fields before it in the same struct. */
export function dependent<P extends object, T>(type: string, choose: (parent: P) => Codec<T>): Codec<T> {
  return {
    type,
    decode: (reader, parent) => choose(parent as P).decode(reader, parent),
    encode: (writer, value, parent) => choose(parent as P).encode(writer, value, parent),
    annotate: (reader, name, parent) => choose(parent as P).annotate(reader, name, parent),
  };
}

/** Absent where nothing is left of the enclosing structure, as the extensions of a hello before TLS 1.3. */
export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    ...codec,
    decode: (reader, parent) => (reader.remaining === 0 ? undefined : codec.decode(reader, parent)),
    encode(writer, value, parent) {
      if (value !== undefined) codec.encode(writer, value, parent);
    },
    annotate: (reader, name, parent) =>
      reader.remaining === 0
        ? leaf(name, codec.type, reader.pos, reader.pos, '')
        : codec.annotate(reader, name, parent),
  };
}

/** `select`: the codec to use depends on what stands in front of it. `tag` is kept in the value. */
export function select<K extends string, T>(
  type: string,
  tag: Codec<number>,
  choose: (tag: number) => { readonly kind: K; readonly codec: Codec<T> },
): Codec<{ readonly tag: number; readonly kind: K; readonly value: T }> {
  return {
    type,
    decode(reader) {
      const value = tag.decode(reader);
      const { kind, codec } = choose(value);
      return { tag: value, kind, value: codec.decode(reader) };
    },
    encode(writer, { tag: value, value: body }) {
      tag.encode(writer, value);
      choose(value).codec.encode(writer, body);
    },
    annotate(reader, name) {
      const start = reader.pos;
      const head = tag.annotate(reader, 'type');
      if (head.error)
        return { name, type, start, end: head.end, value: '', children: [head], error: head.error };
      const chosen = choose(tag.decode(new Reader(reader.bytes, start, reader.end)));
      const body = chosen.codec.annotate(reader, chosen.kind);
      const end = body.error ? body.end : reader.pos;
      return {
        name,
        type,
        start,
        end,
        value: '',
        children: [head, body],
        ...(body.error && { error: body.error }),
      };
    },
  };
}

/** A constant that stands on the wire. */
export function constant(bytes: Uint8Array): Codec<Uint8Array> {
  return checked(fixed(bytes.length), (value) => (equal(value, bytes) ? undefined : 'illegal_field'));
}
