/** Constructed types and variants of the presentation language (RFC 9846 §3.6, §3.8), and checks upon them. */
import { Reader } from '../bytes/index.js';
import { type ErrorCode, tlsError } from '../errors.js';
import { type AnnotatedNode, type Codec, codeOf, type Infer, leaf } from './codec.js';

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
