/**
 * PEM (RFC 7468): base64 between BEGIN and END lines. Text outside of blocks is ignored, as CA bundles have it.
 * Strict inside: canonical base64 and nothing else. What a block holds is not looked at, save for its label.
 */
import { toLatin1 } from '../bytes/index.js';
import { X509Error } from './der/index.js';

export interface PemBlock {
  /** Such as `CERTIFICATE`. */
  readonly label: string;
  readonly der: Uint8Array;
  /** Headers of the old format (RFC 1421), such as `Proc-Type: 4,ENCRYPTED`. */
  readonly headers: readonly string[];
}

/** Larger files are refused. The largest bundle of CA certificates has about 300 KB. */
const MAX_PEM_BYTES = 16 * 1024 * 1024;
const MAX_BLOCKS = 10_000;
const MAX_LABEL = 64;

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';

/** A block that could not be read, and why. */
export interface PemDamage {
  /** Null where not even the label can be told. */
  readonly label: string | null;
  /** Has `line` and `column`, from 1, among its facts. */
  readonly error: X509Error;
}

/**
 * All blocks in the order of the text. Throws X509Error with `line` and `column`, from 1, among its facts; a text without
 * any block gives an empty list.
 */
export function decodePem(input: string | Uint8Array): PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const found of scanPem(input)) {
    if ('error' in found) throw found.error;
    const { label, headers, der } = found;
    blocks.push({ label, headers, der });
  }
  return blocks;
}

/** As `decodePem`, but what is broken stands in the list and the search goes on with the next BEGIN. */
export function* scanPem(input: string | Uint8Array): Generator<(PemBlock | PemDamage) & PemPlace> {
  if (input.length > MAX_PEM_BYTES) throw new X509Error('too_large', { facts: { size: input.length } });
  const text = typeof input === 'string' ? input : toText(input);
  const lines = new LineCounter(text);
  let start = findLine(text, BEGIN, 0);
  for (let count = 0; start >= 0; count++) {
    const { line } = lines.at(start);
    if (count === MAX_BLOCKS) throw placed(lines, pemError('too_many_blocks', start));
    // A block ends before the next one begins, so every character is looked at once.
    const next = findLine(text, BEGIN, start + BEGIN.length);
    let label: string | null = null;
    try {
      label = readLabel(text, start, BEGIN);
      yield { ...readBlock(text, start, next < 0 ? text.length : next, label), start, line };
    } catch (error) {
      if (!(error instanceof X509Error)) throw error;
      yield { label, error: placed(lines, error), start, line };
    }
    start = next;
  }
}

export interface PemPlace {
  /** In characters of the text. */
  readonly start: number;
  /** From 1. */
  readonly line: number;
}

function readBlock(text: string, at: number, limit: number, label: string): PemBlock {
  const bodyStart = at + BEGIN.length + label.length + DASHES.length;
  const length = findLine(text.slice(bodyStart, limit), END, 0);
  if (length < 0) throw pemError('unterminated_block', at, { label });
  const bodyEnd = bodyStart + length;
  const endLabel = readLabel(text, bodyEnd, END);
  if (endLabel !== label) throw pemError('label_mismatch', bodyEnd, { label, found: endLabel });
  const { headers, start } = readHeaders(text, bodyStart, bodyEnd, label);
  return { label, headers, der: decodeBase64(text, start, bodyEnd) };
}

/** The error with the line and the column of its offset. */
function placed(lines: LineCounter, error: X509Error): X509Error {
  return new X509Error(error.rule, {
    offset: error.offset,
    field: error.field,
    facts: { ...error.facts, ...lines.at(error.offset) },
  });
}

/** Lines and columns from 1, of offsets that grow: it goes through the text once. Line ends are LF, CR LF and CR. */
class LineCounter {
  private pos = 0;
  private line = 1;
  private lineStart = 0;

  constructor(private readonly text: string) {}

  at(offset: number): { line: number; column: number } {
    for (; this.pos < offset; this.pos++) {
      const code = this.text.charCodeAt(this.pos);
      if (code !== 0x0a && (code !== 0x0d || this.text.charCodeAt(this.pos + 1) === 0x0a)) continue;
      this.line++;
      this.lineStart = this.pos + 1;
    }
    return { line: this.line, column: offset - this.lineStart + 1 };
  }
}

export function encodePem(label: string, der: Uint8Array): string {
  const text = encodeBase64(der);
  const lines = [`${BEGIN}${label}${DASHES}`];
  for (let i = 0; i < text.length; i += 64) lines.push(text.slice(i, i + 64));
  return `${lines.join('\n')}\n${END}${label}${DASHES}\n`;
}

/**
 * The certificates of a PEM text in its order, or the one certificate of DER. Other blocks between them are passed
 * over. Throws X509Error `no_pem_block` where there is no block, `wrong_label` where there are only others.
 */
export function certificatesFromPem(input: string | Uint8Array): Uint8Array[] {
  if (isDer(input)) return [input];
  const blocks = decodePem(input);
  const ders = blocks.filter(({ label }) => CERTIFICATE_LABELS.has(label)).map(({ der }) => der);
  if (ders.length === 0) throw nothingFound(blocks, 'CERTIFICATE');
  return ders;
}

/** RFC 7468 §5.1: readers may know the old label. */
const CERTIFICATE_LABELS: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE']);

export function nothingFound(blocks: readonly PemBlock[], wanted: string): X509Error {
  if (blocks.length === 0) return pemError('no_pem_block', 0, { wanted });
  return pemError('wrong_label', 0, { wanted, found: [...new Set(blocks.map(({ label }) => label))] });
}

/** A SEQUENCE that is as long as the input, or has a long length: no text begins with such bytes. */
export function isDer(input: string | Uint8Array): input is Uint8Array {
  if (typeof input === 'string' || input.length < 2 || input[0] !== 0x30) return false;
  return input[1]! >= 0x80 || input[1] === input.length - 2;
}

function pemError(
  rule: X509Error['rule'],
  offset: number,
  facts: Readonly<Record<string, unknown>> = {},
): X509Error {
  return new X509Error(rule, { offset, facts });
}

/** Bytes of other characters than ASCII may stand between the blocks; one character a byte keeps offsets. */
function toText(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += 4096) pieces.push(toLatin1(bytes.subarray(at, at + 4096)));
  return pieces.join('');
}

/** The next place where `marker` begins a line, or -1. */
function findLine(text: string, marker: string, from: number): number {
  let at = text.indexOf(marker, from);
  while (at > 0 && !isLineEnd(text.charCodeAt(at - 1))) at = text.indexOf(marker, at + 1);
  return at;
}

const isLineEnd = (code: number): boolean =>
  code === 0x0a || code === 0x0d || code === 0xfeff || code === 0xbf;

function readLabel(text: string, at: number, marker: string): string {
  const start = at + marker.length;
  const end = text.slice(start, start + MAX_LABEL + DASHES.length).indexOf(DASHES);
  const label = text.slice(start, start + end);
  if (end < 0 || !/^[A-Z0-9 #.]*$/.test(label)) throw pemError('unterminated_block', at);
  return label;
}

/**
 * RFC 1421 headers: lines with a colon, then an empty line. Only encrypted keys of the old format have them; elsewhere
 * they would be a place for text that one reader skips and another does not (RFC 7468 §2).
 */
function readHeaders(
  text: string,
  start: number,
  end: number,
  label: string,
): { headers: string[]; start: number } {
  const headers: string[] = [];
  const colon = text.slice(start, end).search(/:/);
  if (colon < 0 || !label.endsWith('PRIVATE KEY')) return { headers, start };
  const body = text.slice(start, end);
  const gap = /\r?\n[ \t]*\r?\n/.exec(body);
  if (!gap) throw pemError('bad_base64', start + colon);
  for (const line of body.slice(0, gap.index).split(/\r?\n/))
    if (line.trim() !== '') headers.push(line.trim());
  return { headers, start: start + gap.index + gap[0].length };
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES: Int8Array = (() => {
  const table = new Int8Array(128).fill(-1);
  for (const [value, character] of [...ALPHABET].entries()) table[character.charCodeAt(0)] = value;
  for (const space of ' \t\r\n') table[space.charCodeAt(0)] = -2;
  return table;
})();

/** RFC 4648 §3.5, §4: padded, and the bits that do not count are zero. White space may stand anywhere. */
function decodeBase64(text: string, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((end - start) / 4) * 3);
  let length = 0;
  let bits = 0;
  let count = 0;
  let padding = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x3d) {
      padding++;
      continue;
    }
    const value = code < 128 ? VALUES[code]! : -1;
    if (value === -2) continue;
    if (value < 0 || padding > 0) throw pemError('bad_base64', i);
    bits = ((bits << 6) | value) & 0xffffff;
    count++;
    if (count % 4 !== 0) {
      if (count % 4 > 1) bytes[length++] = (bits >> (count % 4 === 2 ? 4 : 2)) & 0xff;
    } else bytes[length++] = bits & 0xff;
  }
  const left = count % 4;
  const loose = left === 2 ? bits & 0x0f : left === 3 ? bits & 0x03 : 0;
  if (left === 1 || (left + padding) % 4 !== 0 || padding > 2 || loose !== 0)
    throw pemError('bad_base64', end);
  return bytes.slice(0, length);
}

function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i]!, bytes[i + 1], bytes[i + 2]];
    const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    text += ALPHABET[bits >> 18]! + ALPHABET[(bits >> 12) & 63]!;
    text += b === undefined ? '=' : ALPHABET[(bits >> 6) & 63]!;
    text += c === undefined ? '=' : ALPHABET[bits & 63]!;
  }
  return text;
}
