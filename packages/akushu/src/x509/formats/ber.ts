/**
 * BER to DER for the outer layers of bundles and key stores: indefinite lengths and OCTET STRINGs in pieces, which old
 * writers of PKCS#7 and PKCS#12 use (X.690 §8.1.3.6, §8.7). Lengths become definite, pieces are joined. Nothing else is
 * made canonical, and nothing that is signed should go through here.
 */
import { Reader, Writer } from '../../bytes/index.js';
import { asX509Error, CONSTRUCTED, MAX_DEPTH, X509Error, x509Error } from '../der/index.js';

const INDEFINITE = -1;
const MAX_ELEMENTS = 200_000;

interface Converter {
  readonly reader: Reader;
  elements: number;
}

/** Runs `read` on the bytes, and on their definite form where they have indefinite lengths or joined strings. */
export function readAsBer<T>(bytes: Uint8Array, read: (der: Uint8Array) => T): T {
  try {
    return read(bytes);
  } catch (error) {
    const known = asX509Error(error);
    if (!BER_RULES.has(known.rule)) throw known;
    const der = definite(bytes);
    if (der === null) throw known;
    return read(der);
  }
}

/** What a strict reader says where it meets BER; a constructed OCTET STRING is a wrong tag to it. */
const BER_RULES: ReadonlySet<string> = new Set(['indefinite_length', 'wrong_tag', 'length_not_minimal']);

/** The same elements with definite lengths; null where nothing had to be changed. Throws X509Error. */
export function definite(bytes: Uint8Array): Uint8Array | null {
  const converter: Converter = { reader: new Reader(bytes), elements: 0 };
  const writer = new Writer(bytes.length);
  try {
    copy(converter, writer, bytes.length, 0);
  } catch (error) {
    throw asX509Error(error);
  }
  if (converter.reader.remaining > 0) throw x509Error('trailing_bytes', converter.reader.pos);
  const der = writer.finish();
  return der.length === bytes.length && der.every((byte, i) => byte === bytes[i]) ? null : der;
}

/** Copies one element that ends before `end`. */
function copy(converter: Converter, writer: Writer, end: number, depth: number): void {
  const { reader } = converter;
  const start = reader.pos;
  if (depth > MAX_DEPTH) throw x509Error('too_deep', start);
  if (++converter.elements > MAX_ELEMENTS) throw x509Error('too_many_elements', start);
  const tag = reader.u8();
  if ((tag & 0x1f) === 0x1f) throw x509Error('high_tag_number', start);
  const length = readLength(reader, start);
  if (length !== INDEFINITE && length > end - reader.pos) throw x509Error('truncated', start, { length });
  if ((tag & CONSTRUCTED) === 0) {
    if (length === INDEFINITE) throw x509Error('indefinite_length', start); // X.690 §8.1.3.2: only for constructed
    writeElement(writer, tag, reader.view(length));
    return;
  }
  const inner = new Writer(length === INDEFINITE ? 256 : length);
  copyChildren(converter, inner, length === INDEFINITE ? end : reader.pos + length, length, depth);
  const content = inner.finish();
  if (tag === (OCTET_STRING | CONSTRUCTED)) writeElement(writer, OCTET_STRING, joined(content, start));
  else writeElement(writer, tag, content);
}

const OCTET_STRING = 0x04;

function copyChildren(converter: Converter, inner: Writer, end: number, length: number, depth: number): void {
  const { reader } = converter;
  for (;;) {
    if (length !== INDEFINITE) {
      if (reader.pos >= end) break;
    } else if (
      end - reader.pos >= 2 &&
      reader.bytes[reader.pos] === 0 &&
      reader.bytes[reader.pos + 1] === 0
    ) {
      reader.view(2); // §8.1.5: end-of-contents
      break;
    }
    copy(converter, inner, end, depth + 1);
  }
}

/** The pieces of an OCTET STRING (§8.7.3), which have been made definite already. */
function joined(content: Uint8Array, offset: number): Uint8Array {
  const reader = new Reader(content);
  const whole = new Writer(content.length);
  while (reader.remaining > 0) {
    if (reader.u8() !== OCTET_STRING) throw new X509Error('wrong_tag', { offset });
    whole.append(reader.view(readLength(reader, offset)));
  }
  return whole.finish();
}

/** Padded lengths are BER; they are bounded all the same. */
function readLength(reader: Reader, start: number): number {
  const first = reader.u8();
  if (first < 0x80) return first;
  if (first === 0x80) return INDEFINITE;
  let length = 0;
  const count = first & 0x7f;
  if (count > 8) throw x509Error('length_too_large', start);
  for (let i = 0; i < count; i++) {
    length = length * 256 + reader.u8();
    if (length > 0x7fff_ffff) throw x509Error('length_too_large', start);
  }
  return length;
}

function writeElement(writer: Writer, tag: number, content: Uint8Array): void {
  writer.u8(tag);
  const { length } = content;
  if (length < 0x80) writer.u8(length);
  else {
    const width = length < 1 << 8 ? 1 : length < 1 << 16 ? 2 : length < 1 << 24 ? 3 : 4;
    writer.u8(0x80 | width);
    writer.uint(width, length);
  }
  writer.append(content);
}
