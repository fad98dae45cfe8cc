/**
 * The constructors of ASN.1 as combinators over DER: SEQUENCE, SEQUENCE OF, SET OF, CHOICE, OPTIONAL, DEFAULT,
 * tagging, and structures that stand encoded inside of an OCTET STRING or BIT STRING.
 */
import { compare, Reader, type Writer } from '../../bytes/index.js';
import type { AnnotatedNode } from '../../codec/codec.js';
import {
  asX509Error,
  brokenNode,
  CONSTRUCTED,
  type Content,
  type Der,
  encodeDer,
  type InferDer,
  peekTag,
  type Tagged,
  tagged,
} from './codec.js';
import { x509Error } from './error.js';

/** More elements than this in one SEQUENCE OF or SET OF are refused. */
const MAX_ELEMENTS = 16_384;

type Fields = Record<string, Der<unknown>>;
type Members<F> = { [K in keyof F]: InferDer<F[K]> };

/** `SEQUENCE { … }`. Fields stand in the order in which they are written. */
export function sequence<F extends Fields>(type: string, rfc: string, fields: F): Tagged<Members<F>> {
  const entries = Object.entries(fields);
  const content: Content<Members<F>> = {
    decode(body) {
      const value: Record<string, unknown> = {};
      for (const [name, der] of entries) {
        try {
          if (der.absent && !der.accepts(peekTag(body))) value[name] = der.absent.value;
          else if (body.remaining === 0) throw x509Error('missing_field', body.pos);
          else value[name] = der.decode(body);
        } catch (error) {
          throw asX509Error(error).within(name);
        }
      }
      return value as Members<F>;
    },
    encode(writer, value) {
      for (const [name, der] of entries) der.encode(writer, value[name]);
    },
    annotate(body) {
      const children: AnnotatedNode[] = [];
      for (const [name, der] of entries) {
        if (der.absent && !der.accepts(peekTag(body))) continue;
        const child = der.annotate(body, name);
        children.push(child);
        if (child.error) return { value: '', children, error: true };
      }
      return { value: '', children };
    },
  };
  return tagged(0x30, type, content, rfc);
}

function elements<T>(item: Der<T>, min: number): Content<readonly T[]> {
  return {
    decode(body) {
      const start = body.pos;
      const items: T[] = [];
      while (body.remaining > 0) {
        if (items.length === MAX_ELEMENTS) throw x509Error('too_many_elements', body.pos);
        try {
          items.push(item.decode(body));
        } catch (error) {
          throw asX509Error(error).within(String(items.length));
        }
      }
      if (items.length < min) throw x509Error('too_few_elements', start);
      return items;
    },
    encode(writer, items) {
      for (const value of items) item.encode(writer, value);
    },
    annotate(body) {
      const children: AnnotatedNode[] = [];
      while (body.remaining > 0 && children.length < MAX_ELEMENTS) {
        const child = item.annotate(body, String(children.length));
        children.push(child);
        if (child.error) return { value: '', children, error: true };
      }
      return { value: '', children, error: children.length < min };
    },
  };
}

/** `SEQUENCE SIZE (min..MAX) OF item`. */
export function sequenceOf<T>(item: Der<T>, min = 0, rfc?: string): Tagged<readonly T[]> {
  return tagged(0x30, `SEQUENCE OF ${item.type}`, elements(item, min), rfc);
}

/** `SET SIZE (min..MAX) OF item`, in ascending order of the encodings (X.690 §11.6). */
export function setOf<T>(item: Der<T>, min = 0): Tagged<readonly T[]> {
  const plain = elements(item, min);
  const content: Content<readonly T[]> = {
    decode(body) {
      const start = body.pos;
      const items = plain.decode(body);
      if (items.length > 1) checkAscending(new Reader(body.bytes, start, body.pos), item);
      return items;
    },
    encode(writer, items) {
      const encoded = items.map((value) => encodeDer(item, value)).sort(compare);
      for (const element of encoded) writer.append(element);
    },
    annotate: plain.annotate,
  };
  return tagged(0x31, `SET OF ${item.type}`, content);
}

/** `SET OF item` in any order, for formats that were written as BER: files in use do not sort. Written sorted. */
export function unsortedSetOf<T>(item: Der<T>, min = 0): Tagged<readonly T[]> {
  const content: Content<readonly T[]> = { ...setOf(item, min).content, decode: elements(item, min).decode };
  return tagged(0x31, `SET OF ${item.type}`, content);
}

function checkAscending(reader: Reader, item: Der<unknown>): void {
  let previous: Uint8Array | null = null;
  while (reader.remaining > 0) {
    const start = reader.pos;
    item.decode(reader);
    const element = reader.bytes.subarray(start, reader.pos);
    if (previous && compare(previous, element) > 0) throw x509Error('set_not_sorted', start);
    previous = element;
  }
}

/** `OPTIONAL`: undefined where it is absent. */
export function optional<T>(der: Der<T>): Der<T | undefined> {
  return {
    ...der,
    absent: { value: undefined },
    encode(writer, value) {
      if (value !== undefined) der.encode(writer, value);
    },
  };
}

/** `DEFAULT value`. The default may not stand in the encoding (X.690 §11.5). */
export function withDefault<T>(der: Der<T>, value: T, isDefault = (found: T) => found === value): Der<T> {
  return {
    ...der,
    absent: { value },
    decode(reader) {
      const start = reader.pos;
      const found = der.decode(reader);
      if (isDefault(found)) throw x509Error('encoded_default', start);
      return found;
    },
    encode(writer, found) {
      if (!isDefault(found)) der.encode(writer, found);
    },
    annotate(reader, name) {
      const start = reader.pos;
      const node = der.annotate(reader, name);
      if (node.error || !isDefault(der.decode(new Reader(reader.bytes, start, reader.end)))) return node;
      return { ...node, error: 'bad_certificate' };
    },
  };
}

/** `[number] IMPLICIT`: the tag is replaced. */
export function implicit<T>(number: number, der: Tagged<T>): Tagged<T> {
  return tagged(0x80 | (der.tag & CONSTRUCTED) | number, `[${number}] ${der.type}`, der.content, der.rfc);
}

/** `[number] EXPLICIT`: the element is wrapped. */
export function explicit<T>(number: number, der: Der<T>): Tagged<T> {
  return tagged(0xa0 | number, `[${number}] EXPLICIT ${der.type}`, single(der), der.rfc);
}

function single<T>(der: Der<T>): Content<T> {
  return {
    decode: (body) => der.decode(body),
    encode: (writer, value) => der.encode(writer, value),
    annotate(body) {
      const child = der.annotate(body, 'value');
      return { value: '', children: [child], error: child.error !== undefined };
    },
  };
}

type Alternatives = Record<string, Der<unknown>>;
type ChoiceOf<A> = { [K in keyof A & string]: { readonly kind: K; readonly value: InferDer<A[K]> } }[keyof A &
  string];

/** `CHOICE { … }`: the tag tells which one it is. */
export function choice<A extends Alternatives>(type: string, rfc: string, alternatives: A): Der<ChoiceOf<A>> {
  const entries = Object.entries(alternatives);
  const find = (tag: number) => entries.find(([, der]) => der.accepts(tag));
  return {
    type,
    rfc,
    accepts: (tag) => find(tag) !== undefined,
    decode(reader) {
      const found = find(peekTag(reader));
      if (!found) throw x509Error(reader.remaining === 0 ? 'missing_field' : 'wrong_tag', reader.pos);
      try {
        return { kind: found[0], value: found[1].decode(reader) } as ChoiceOf<A>;
      } catch (error) {
        throw asX509Error(error).within(found[0]);
      }
    },
    encode(writer, value) {
      const der = alternatives[value.kind];
      if (!der) throw new RangeError(`"kind" expected one of ${type}, got ${value.kind}`);
      der.encode(writer, value.value);
    },
    annotate(reader, name) {
      const found = find(peekTag(reader));
      if (!found) return brokenNode(name, type, reader, reader.pos, rfc);
      const node = found[1].annotate(reader, name);
      return { ...node, type: `${type} ${found[0]}`, rfc: node.rfc ?? rfc };
    },
  };
}

/** The element's value together with the bytes that it was read from, header included. */
export interface WithRaw<T> {
  readonly value: T;
  readonly raw: Uint8Array;
}

/** Keeps the exact encoding beside the value: signatures and names are compared over bytes. */
export function withRaw<T>(der: Der<T>): Der<WithRaw<T>> {
  const { absent: _, ...rest } = der;
  return {
    ...rest,
    decode(reader) {
      const start = reader.pos;
      const value = der.decode(reader);
      return { value, raw: reader.bytes.subarray(start, reader.pos) };
    },
    encode: (writer: Writer, { raw }) => writer.append(raw),
  };
}
