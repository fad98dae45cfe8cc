/** Numbers, enumerateds, opaque data and vectors of the presentation language (RFC 9846 §3.3–3.5). */
import { type Reader, toHex } from '../bytes/index.js';
import { type AnnotatedNode, annotateLeaf, type Codec, codeOf, leaf, malformed } from './codec.js';

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
