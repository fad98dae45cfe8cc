/**
 * What `akushu explain` and `akushu whatif` were given: a capture, as a stream of bytes, or text. The bytes tell which,
 * not the name.
 */
import { Buffer } from 'node:buffer';
import { closeSync, createReadStream, existsSync, openSync, readSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { printable, textFromBytes, utf16Of } from 'akushu/diagnose';
import type { CaptureError } from 'akushu/observe';
import type { Environs } from './output.js';
import { UsageError } from './usage.js';
import type { Words } from './words/index.js';

export type ExplainSource =
  /** `size` in bytes; null where it is not known. What is neither capture nor text is given as one, to be refused. */
  | { readonly kind: 'capture'; readonly bytes: AsyncIterable<Uint8Array>; readonly size: number | null }
  | { readonly kind: 'text'; readonly text: string }
  /** Bytes of TLS itself, recorded without packets. */
  | { readonly kind: 'tls'; readonly bytes: Uint8Array };

/** A file's name has no blanks, and ends or begins like one. */
const LOOKS_LIKE_A_FILE =
  /^\S{1,4096}(?<=\.(?:pcap|pcapng|cap|gz|log|txt|out|err|json|html|bin|hex))$|^(?:\.{0,2}\/|~\/)\S+$/i;

/** So much tells what it is, even where it is compressed. */
const HEAD = 4096;
/** Of a text so much is read; more is not looked at. */
const MAX_TEXT_BYTES = 8 * 1024 * 1024;

/** Throws UsageError for what is neither a file nor text. */
export async function openSource(given: string, environs: Environs, words: Words): Promise<ExplainSource> {
  if (given === '-') return fromStdin(environs);
  const { missing, directory, unreadable } = words.inspect.input;
  if (given.trim() === '') throw new UsageError(words.explain.empty);
  if (!isFile(given)) {
    if (LOOKS_LIKE_A_FILE.test(given)) throw new UsageError(missing(printable(given)));
    return { kind: 'text', text: given };
  }
  const stat = statSync(given);
  if (stat.isDirectory()) throw new UsageError(directory(printable(given)));
  // A pipe is read once: its beginning cannot be looked at first.
  if (!stat.isFile()) return fromStream(createReadStream(given), null);
  try {
    const head = startOf(given);
    return sourceOf(head, () => createReadStream(given, { highWaterMark: 1 << 20 }), stat.size);
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw new UsageError(unreadable(printable(given)));
    throw error;
  }
}

function isFile(path: string): boolean {
  // A long text is no path, and the system says so by an error.
  return path.length < 4096 && !path.includes('\0') && existsSync(path);
}

function startOf(path: string): Uint8Array {
  const fd = openSync(path, 'r');
  try {
    const start = Buffer.alloc(HEAD);
    return start.subarray(0, readSync(fd, start, 0, HEAD, 0));
  } finally {
    closeSync(fd);
  }
}

const fromStdin = ({ stdin }: Environs): Promise<ExplainSource> => fromStream(stdin, null);

/** The first pieces may be short: a pipe gives what was written so far. */
async function fromStream(
  stream: AsyncIterable<Buffer | string>,
  size: number | null,
): Promise<ExplainSource> {
  const pieces = stream[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  for (let next = await nextOf(pieces); next !== null; next = await nextOf(pieces)) {
    head = Buffer.concat([head, next]);
    if (head.length >= (isGzip(head) ? HEAD : MAGIC)) break;
  }
  return sourceOf(head, () => resumed(head, pieces), size);
}

async function nextOf(pieces: AsyncIterator<Buffer | string>): Promise<Buffer | null> {
  const next = await pieces.next();
  return next.done ? null : Buffer.from(next.value);
}

async function* resumed(head: Buffer, pieces: AsyncIterator<Buffer | string>): AsyncGenerator<Buffer> {
  yield head;
  for (let next = await nextOf(pieces); next !== null; next = await nextOf(pieces)) yield next;
}

async function sourceOf(
  head: Uint8Array,
  open: () => AsyncIterable<Buffer>,
  size: number | null,
): Promise<ExplainSource> {
  const start = isGzip(head) ? inflated(head) : head;
  if (isTls(head)) return { kind: 'tls', bytes: await upTo(MAX_TEXT_BYTES, open()) };
  if (start === null || isCapture(start) || isBinary(start)) return { kind: 'capture', bytes: open(), size };
  const bytes = await upTo(
    MAX_TEXT_BYTES,
    isGzip(head) ? Readable.from(open()).pipe(createGunzip()) : open(),
  );
  return { kind: 'text', text: textFromBytes(bytes) };
}

/** What is damaged further on is read as far as it goes. */
async function upTo(limit: number, pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const found: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of pieces) {
      found.push(piece);
      size += piece.length;
      if (size >= limit) break;
    }
  } catch (error) {
    if (size === 0) throw error;
  }
  return Buffer.concat(found).subarray(0, limit);
}

// ---- What it is ----

const MAGIC = 4;
/** pcap in both byte orders, with nanoseconds or a longer header; pcapng. */
const CAPTURES = [...['a1b2c3d4', 'd4c3b2a1', 'a1b23c4d', '4d3cb2a1', 'a1b2cd34', '34cdb2a1'], '0a0d0d0a'];

const isGzip = (start: Uint8Array): boolean => start[0] === 0x1f && start[1] === 0x8b;

const isCapture = (start: Uint8Array): boolean =>
  CAPTURES.includes(Buffer.from(start.subarray(0, MAGIC)).toString('hex'));

/** A record or a ClientHello. */
const isTls = ([type, next]: Uint8Array): boolean =>
  (type === 0x16 && next === 3) || (type === 1 && next === 0);

/** What a compressed beginning holds; null where that cannot be told. */
function inflated(head: Uint8Array): Uint8Array | null {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return null;
  }
}

const isBinary = (start: Uint8Array): boolean =>
  start.length === 0 || (start.includes(0) && utf16Of(start) === null);

/** What is said of a file that is no capture. */
export function refusal({ code, facts }: CaptureError, { explain }: Words): string {
  const { looksLike } = facts;
  if (code === 'empty') return explain.empty;
  if (code === 'unsupported_compression') return explain.compressed(printable(looksLike));
  return explain.notACapture(typeof looksLike === 'string' ? printable(looksLike) : null);
}
