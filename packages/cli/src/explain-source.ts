/** What `akushu explain` was given: a capture, as a stream of bytes, or text. The bytes tell which, not the name. */
import { Buffer } from 'node:buffer';
import { closeSync, createReadStream, existsSync, openSync, readSync, statSync } from 'node:fs';
import { printable } from 'akushu/diagnose';
import { MAX_TEXT_BYTES, readInput, readStdin } from './input.js';
import type { Environs } from './output.js';
import { UsageError } from './usage.js';
import type { Words } from './words/index.js';

export type ExplainSource =
  /** `size` in bytes; null where it is not known. */
  | { readonly kind: 'capture'; readonly bytes: AsyncIterable<Uint8Array>; readonly size: number | null }
  | { readonly kind: 'text'; readonly text: string };

/** A file's name has no blanks, and ends or begins like one. */
const LOOKS_LIKE_A_FILE =
  /^\S{1,4096}(?<=\.(?:pcap|pcapng|cap|gz|log|txt|out|err|json|html))$|^(?:\.{0,2}\/|~\/)\S+$/i;

/** Throws UsageError for what is neither a file nor text. */
export async function openSource(given: string, environs: Environs, words: Words): Promise<ExplainSource> {
  if (given === '-') return fromStdin(environs);
  if (given.trim() === '') throw new UsageError(words.inspect.input.missing('""'));
  if (!isFile(given)) {
    if (LOOKS_LIKE_A_FILE.test(given)) throw new UsageError(words.inspect.input.missing(printable(given)));
    return { kind: 'text', text: given };
  }
  if (statSync(given).isDirectory()) throw new UsageError(words.inspect.input.directory(printable(given)));
  if (isCapture(startOf(given, words)))
    return {
      kind: 'capture',
      bytes: createReadStream(given, { highWaterMark: 1 << 20 }),
      size: statSync(given).size,
    };
  return { kind: 'text', text: textOf(readInput(given, MAX_TEXT_BYTES)) };
}

function isFile(path: string): boolean {
  // A long text is no path, and the system says so by an error.
  return path.length < 4096 && !path.includes('\0') && existsSync(path);
}

async function fromStdin(environs: Environs): Promise<ExplainSource> {
  const bytes = environs.stdin[Symbol.asyncIterator]() as AsyncIterator<Buffer | string>;
  const first = await bytes.next();
  const head = first.done ? Buffer.alloc(0) : Buffer.from(first.value);
  if (isCapture(head)) return { kind: 'capture', bytes: rest(head, bytes), size: null };
  const tail = first.done ? new Uint8Array(0) : await readStdin(environs, MAX_TEXT_BYTES);
  return { kind: 'text', text: textOf(Buffer.concat([head, tail])) };
}

async function* rest(head: Buffer, more: AsyncIterator<Buffer | string>): AsyncGenerator<Uint8Array> {
  yield head;
  for (let next = await more.next(); !next.done; next = await more.next()) yield Buffer.from(next.value);
}

function startOf(path: string, words: Words): Uint8Array {
  try {
    const fd = openSync(path, 'r');
    try {
      const start = Buffer.alloc(8);
      return start.subarray(0, readSync(fd, start, 0, 8, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    throw new UsageError(words.inspect.input.unreadable(printable(path)));
  }
}

/** pcap in both byte orders and with nanoseconds, pcapng, gzip. */
const MAGICS = ['a1b2c3d4', 'd4c3b2a1', 'a1b23c4d', '4d3cb2a1', '0a0d0d0a', '1f8b'];

function isCapture(start: Uint8Array): boolean {
  const hex = Buffer.from(start.subarray(0, 4)).toString('hex');
  return MAGICS.some((magic) => hex.startsWith(magic));
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
