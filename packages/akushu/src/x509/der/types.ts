/** The universal types of ASN.1 in DER (X.690 §8, §11): numbers, bits, bytes, object identifiers, strings, times. */
import { fromLatin1, fromUtf8, type Reader, toLatin1, toUtf8, type Writer } from '../../bytes/index.js';
import type { AnnotatedNode } from '../../codec/codec.js';
import { oidName } from '../oids.js';
import {
  asX509Error,
  brokenNode,
  CONSTRUCTED,
  type Der,
  hexShort,
  MAX_DEPTH,
  peekTag,
  primitive,
  readHeader,
  type Tagged,
  tagged,
} from './codec.js';
import { x509Error } from './error.js';
import { oidFromBytes, oidToBytes } from './oid.js';
import {
  generalizedTimeFromText,
  textFromGeneralizedTime,
  textFromUtcTime,
  utcTimeFromText,
} from './time.js';

const append = (writer: Writer, value: Uint8Array): void => writer.append(value);

/** TRUE is 0xff and nothing else (X.690 §11.1). */
export const boolean: Tagged<boolean> = tagged(
  0x01,
  'BOOLEAN',
  primitive(
    (body) => {
      const start = body.pos;
      const byte = body.u8();
      if (byte !== 0 && byte !== 0xff) throw x509Error('boolean_not_canonical', start);
      return byte === 0xff;
    },
    (writer, value) => writer.u8(value ? 0xff : 0),
    (value) => (value ? 'TRUE' : 'FALSE'),
  ),
);

function readInteger(body: Reader): Uint8Array {
  const start = body.pos;
  const bytes = body.rest();
  const [first, second] = bytes;
  if (first === undefined) throw x509Error('integer_empty', start);
  // X.690 §8.3.2: the first nine bits are neither all zero nor all one.
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    throw x509Error('integer_not_minimal', start);
  }
  return bytes;
}

/** INTEGER of any size, as its two's complement bytes. */
export const integer: Tagged<Uint8Array> = tagged(
  0x02,
  'INTEGER',
  primitive(readInteger, append, (value) =>
    value.length <= 4 ? String(smallValue(value)) : hexShort(value),
  ),
);

function smallValue(bytes: Uint8Array): number {
  let value = bytes[0]! >= 0x80 ? -1 : 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}

/** INTEGER or ENUMERATED from 0 to 2³¹−1, as a number. */
export const smallInteger: Tagged<number> = tagged(
  0x02,
  'INTEGER',
  primitive(
    (body) => {
      const start = body.pos;
      const bytes = readInteger(body);
      if (bytes.length > 4 || bytes[0]! >= 0x80) throw x509Error('integer_out_of_range', start);
      return smallValue(bytes);
    },
    (writer, value) => {
      if (!(Number.isInteger(value) && value >= 0 && value < 2 ** 31)) {
        throw new RangeError(`"value" expected 0 to 2^31-1, got ${value}`);
      }
      const bytes = [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
      while (bytes.length > 1 && bytes[0] === 0 && bytes[1]! < 0x80) bytes.shift();
      writer.append(Uint8Array.from(bytes));
    },
    String,
  ),
);

export interface BitString {
  /** Bits of the last byte that do not count; they are zero. */
  readonly unused: number;
  readonly bytes: Uint8Array;
}

export const bitString: Tagged<BitString> = tagged(
  0x03,
  'BIT STRING',
  primitive(
    (body): BitString => {
      const start = body.pos;
      const unused = body.u8();
      const bytes = body.rest();
      const last = bytes.at(-1);
      if (unused > 7 || (last === undefined ? unused !== 0 : (last & ((1 << unused) - 1)) !== 0)) {
        throw x509Error('bit_string_malformed', start);
      }
      return { unused, bytes };
    },
    (writer, { unused, bytes }) => {
      writer.u8(unused);
      writer.append(bytes);
    },
    ({ bytes }) => hexShort(bytes),
  ),
);

/** BIT STRING of whole bytes: keys and signatures. */
export const octetBits: Tagged<Uint8Array> = tagged(
  0x03,
  'BIT STRING',
  primitive(
    (body) => {
      const start = body.pos;
      if (body.u8() !== 0) throw x509Error('bit_string_malformed', start);
      return body.rest();
    },
    (writer, value) => {
      writer.u8(0);
      writer.append(value);
    },
    hexShort,
  ),
);

/**
 * BIT STRING with named bits, as a number with bit n set for the n-th. Written without trailing zeros (X.690 §11.2.2).
 * Read with them: roots in every trust store have them, and the meaning is the same.
 */
export function namedBits(names: readonly string[]): Tagged<number> {
  return tagged(
    0x03,
    'BIT STRING',
    primitive(
      (body) => {
        const start = body.pos;
        const { bytes } = bitString.content.decode(body);
        if (bytes.length > 4) throw x509Error('bit_string_malformed', start);
        let value = 0;
        for (let n = 0; n < bytes.length * 8; n++) if (bytes[n >> 3]! & (0x80 >> (n & 7))) value += 2 ** n;
        return value;
      },
      (writer, value) => {
        const highest = value === 0 ? -1 : 31 - Math.clz32(value);
        const bytes = new Uint8Array(highest < 0 ? 0 : (highest >> 3) + 1);
        for (let n = 0; n <= highest; n++) if ((value >>> n) & 1) bytes[n >> 3]! |= 0x80 >> (n & 7);
        writer.u8(highest < 0 ? 0 : 7 - (highest & 7));
        writer.append(bytes);
      },
      (value) => names.filter((_, n) => (value >>> n) & 1).join(', '),
    ),
  );
}

export const octetString: Tagged<Uint8Array> = tagged(
  0x04,
  'OCTET STRING',
  primitive((body) => body.rest(), append, hexShort),
);

export const nullValue: Tagged<null> = tagged(
  0x05,
  'NULL',
  primitive(
    (body) => {
      if (body.remaining > 0) throw x509Error('null_not_empty', body.pos);
      return null;
    },
    () => {},
    () => '',
  ),
);

/** OBJECT IDENTIFIER in dotted notation. `nameOf` gives the word for the annotated tree. */
export function objectIdentifier(nameOf: (oid: string) => string | undefined): Tagged<string> {
  const read = (body: Reader): string => {
    const start = body.pos;
    return oidFromBytes(body.rest(), start);
  };
  const show = (oid: string): string => {
    const name = nameOf(oid);
    return name === undefined ? oid : `${name} (${oid})`;
  };
  return tagged(
    0x06,
    'OBJECT IDENTIFIER',
    primitive(read, (w, oid) => w.append(oidToBytes(oid)), show),
  );
}

function ascii(body: Reader): string {
  const start = body.pos;
  const bytes = body.rest();
  for (let i = 0; i < bytes.length; i++)
    if (bytes[i]! >= 0x80) throw x509Error('string_malformed', start + i);
  return toLatin1(bytes);
}

function utf8(body: Reader): string {
  const start = body.pos;
  try {
    return toUtf8(body.rest());
  } catch {
    throw x509Error('string_malformed', start);
  }
}

function utf16(body: Reader): string {
  if (body.remaining % 2 !== 0) throw x509Error('string_malformed', body.pos);
  let text = '';
  while (body.remaining > 0) text += String.fromCharCode(body.u16());
  return text;
}

function utf32(body: Reader): string {
  let text = '';
  if (body.remaining % 4 !== 0) throw x509Error('string_malformed', body.pos);
  while (body.remaining > 0) {
    const point = body.u32();
    if (point > 0x10ffff) throw x509Error('string_malformed', body.pos);
    text += String.fromCodePoint(point);
  }
  return text;
}

function writeUtf16(writer: Writer, text: string): void {
  for (let i = 0; i < text.length; i++) writer.u16(text.charCodeAt(i));
}

function writeUtf32(writer: Writer, text: string): void {
  for (const character of text) writer.u32(character.codePointAt(0)!);
}

function writeAscii(writer: Writer, text: string): void {
  if (/[^\x00-\x7f]/.test(text)) throw new RangeError('"text" expected ASCII');
  writer.append(fromLatin1(text));
}

const show = (text: string): string => escapeControls(text);

/** Makes text from a certificate safe to print: control, bidirectional and line-breaking characters as `\u{…}`. */
export function escapeControls(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udfff]/gu,
    (found) => `\\u{${found.codePointAt(0)!.toString(16)}}`,
  );
}

const writeUtf8 = (writer: Writer, text: string): void => writer.append(fromUtf8(text));
const writeLatin1 = (writer: Writer, text: string): void => writer.append(fromLatin1(text));

export const utf8String: Tagged<string> = tagged(0x0c, 'UTF8String', primitive(utf8, writeUtf8, show));
export const numericString: Tagged<string> = tagged(
  0x12,
  'NumericString',
  primitive(ascii, writeAscii, show),
);
/** Characters beyond X.680's set, as `*` and `@`, are common in old certificates and do no harm: ASCII is enough. */
export const printableString: Tagged<string> = tagged(
  0x13,
  'PrintableString',
  primitive(ascii, writeAscii, show),
);
/** T.61 in theory; Latin-1 in every certificate that uses it. */
export const teletexString: Tagged<string> = tagged(
  0x14,
  'TeletexString',
  primitive((body) => toLatin1(body.rest()), writeLatin1, show),
);
export const ia5String: Tagged<string> = tagged(0x16, 'IA5String', primitive(ascii, writeAscii, show));
export const visibleString: Tagged<string> = tagged(
  0x1a,
  'VisibleString',
  primitive(ascii, writeAscii, show),
);
export const universalString: Tagged<string> = tagged(
  0x1c,
  'UniversalString',
  primitive(utf32, writeUtf32, show),
);
export const bmpString: Tagged<string> = tagged(0x1e, 'BMPString', primitive(utf16, writeUtf16, show));

const showTime = (ms: number): string => new Date(ms).toISOString();

/** Milliseconds since 1970. */
export const utcTime: Tagged<number> = tagged(
  0x17,
  'UTCTime',
  primitive(
    (body) => {
      const start = body.pos;
      return utcTimeFromText(toLatin1(body.rest()), start);
    },
    (writer, ms) => writeAscii(writer, textFromUtcTime(ms)),
    showTime,
  ),
);

/** Milliseconds since 1970. */
export const generalizedTime: Tagged<number> = tagged(
  0x18,
  'GeneralizedTime',
  primitive(
    (body) => {
      const start = body.pos;
      return generalizedTimeFromText(toLatin1(body.rest()), start);
    },
    (writer, ms) => writeAscii(writer, textFromGeneralizedTime(ms)),
    showTime,
  ),
);

/** Any one element, as its bytes with header. Nothing below the header is looked at until it is annotated. */
export const any: Der<Uint8Array> = {
  type: 'ANY',
  accepts: (tag) => tag >= 0,
  decode(reader) {
    const start = reader.pos;
    const { length } = readHeader(reader);
    reader.view(length);
    return reader.bytes.subarray(start, reader.pos);
  },
  encode: append,
  annotate: (reader, name) => annotateAny(reader, name, 0),
};

const UNIVERSAL: ReadonlyMap<number, Tagged<unknown>> = new Map(
  [
    boolean,
    integer,
    bitString,
    octetString,
    nullValue,
    objectIdentifier(oidName),
    utf8String,
    numericString,
    printableString,
    teletexString,
    ia5String,
    visibleString,
    universalString,
    bmpString,
    utcTime,
    generalizedTime,
  ].map((der) => [der.tag, der as Tagged<unknown>]),
);

function annotateAny(reader: Reader, name: string, depth: number): AnnotatedNode {
  const start = reader.pos;
  const known = UNIVERSAL.get(peekTag(reader));
  if (known) return known.annotate(reader, name);
  try {
    const { tag, length } = readHeader(reader);
    const body = reader.sub(length);
    const type =
      tag === 0x30 ? 'SEQUENCE' : tag === 0x31 ? 'SET' : `[${tag & 0x1f}]${tag < 0x80 ? ' universal' : ''}`;
    if ((tag & CONSTRUCTED) === 0) {
      return { name, type, start, end: reader.pos, value: hexShort(body.rest()), children: [] };
    }
    if (depth >= MAX_DEPTH) throw x509Error('too_deep', start);
    const children: AnnotatedNode[] = [];
    while (body.remaining > 0) {
      const child = annotateAny(body, String(children.length), depth + 1);
      children.push(child);
      if (child.error) {
        return { name, type, start, end: reader.pos, value: '', children, error: child.error };
      }
    }
    return { name, type, start, end: reader.pos, value: '', children };
  } catch (error) {
    asX509Error(error);
    return brokenNode(name, 'ANY', reader, start);
  }
}
