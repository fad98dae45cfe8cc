/**
 * Where a capture's bytes come from: chunks, awaited or not, a stream of the web, or one array. What is compressed with
 * gzip (RFC 1952) goes through a `DecompressionStream`, the platform's or one that is brought.
 */
import { concat, EMPTY } from '../../bytes/index.js';
import { CaptureError } from '../errors.js';

interface WebReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(reason?: unknown): Promise<unknown>;
}

/** As much of a `ReadableStream` as is used. */
export interface WebStream {
  getReader(): WebReader;
}

/** As much of a `DecompressionStream` as is used. */
export interface Decompressor {
  readonly readable: WebStream;
  readonly writable: {
    getWriter(): {
      write(chunk: Uint8Array): Promise<unknown>;
      close(): Promise<unknown>;
      abort(reason?: unknown): Promise<unknown>;
    };
  };
}

export type DecompressorConstructor = new (format: 'gzip') => Decompressor;

export type CaptureSource = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array> | WebStream;

/** The bytes in chunks. Throws CaptureError `source_failed` with what the source threw, `bad_options` for what is none. */
export async function* chunksOf(source: CaptureSource): AsyncGenerator<Uint8Array, void, void> {
  if (source instanceof Uint8Array) {
    yield plain(source);
    return;
  }
  try {
    for await (const chunk of iterable(source)) {
      if (!(chunk instanceof Uint8Array)) throw new CaptureError('bad_options', { expected: 'Uint8Array' });
      if (chunk.length > 0) yield plain(chunk);
    }
  } catch (error) {
    throw error instanceof CaptureError ? error : new CaptureError('source_failed', {}, error);
  }
}

/** Node's Buffer is a Uint8Array whose `slice` copies nothing. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function iterable(
  source: Exclude<CaptureSource, Uint8Array>,
): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (Symbol.asyncIterator in source || Symbol.iterator in source) return source;
  if ('getReader' in source) return fromWebStream(source);
  throw new CaptureError('bad_options', { expected: 'an iterable of Uint8Array' });
}

/** Browsers that cannot iterate over their own streams. */
async function* fromWebStream(stream: WebStream): AsyncGenerator<Uint8Array, void, void> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (value) yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** What the first bytes say of formats that are not read here. */
const FOREIGN: readonly (readonly [start: readonly number[], what: string])[] = [
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd'],
  [[0x04, 0x22, 0x4d, 0x18], 'lz4'],
  [[0xfd, 0x37, 0x7a, 0x58], 'xz'],
  [[0x42, 0x5a, 0x68], 'bzip2'],
  [[0x50, 0x4b, 0x03, 0x04], 'zip'],
  [[0x73, 0x6e, 0x6f, 0x6f], 'snoop'],
  [[0x2d, 0x2d, 0x2d, 0x2d, 0x2d, 0x42], 'pem'],
  [[0x7b], 'json'],
];
const COMPRESSIONS = ['zstd', 'lz4', 'xz', 'bzip2', 'zip'];

/** Says what a file is that is no capture. */
export function refuseFormat(start: Uint8Array): CaptureError {
  if (start.length === 0) return new CaptureError('empty');
  const found = FOREIGN.find(([bytes]) => bytes.every((byte, i) => start[i] === byte))?.[1];
  if (found && COMPRESSIONS.includes(found))
    return new CaptureError('unsupported_compression', { looksLike: found });
  const text = start.every(
    (byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d || byte === 9,
  );
  return new CaptureError('not_a_capture', { looksLike: found ?? (text ? 'text' : null) });
}

/** Chunks with at least `wanted` bytes in the first one, as far as there are so many. */
export async function* withStart(
  chunks: AsyncGenerator<Uint8Array, void, void>,
  wanted: number,
): AsyncGenerator<Uint8Array, void, void> {
  let start: Uint8Array = EMPTY;
  for await (const chunk of chunks) {
    if (start.length >= wanted) yield chunk;
    else {
      start = start.length === 0 ? chunk : concat(start, chunk);
      if (start.length >= wanted) yield start;
      else start = start.slice();
    }
  }
  if (start.length < wanted) yield start;
}

export function isGzip(start: Uint8Array): boolean {
  return start[0] === 0x1f && start[1] === 0x8b;
}

export function platformDecompressor(): DecompressorConstructor | undefined {
  return (globalThis as { DecompressionStream?: DecompressorConstructor }).DecompressionStream;
}

/** Decompresses. What cannot be decompressed is told to `failed`, after everything that could be. */
export async function* gunzip(
  chunks: AsyncIterable<Uint8Array>,
  Decompression: DecompressorConstructor,
  failed: (error: unknown) => void,
): AsyncGenerator<Uint8Array, void, void> {
  const { readable, writable } = new Decompression('gzip');
  const writer = writable.getWriter();
  const reader = readable.getReader();
  let sourceError: unknown;
  const feed = (async () => {
    try {
      for await (const chunk of chunks) await writer.write(chunk.slice());
    } catch (error) {
      if (error instanceof CaptureError) sourceError = error;
      await writer.abort(error).catch(() => undefined);
      return;
    }
    await writer.close().catch(() => undefined);
  })();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (value) yield value;
    }
  } catch (error) {
    if (!sourceError) failed(error);
  } finally {
    await reader.cancel().catch(() => undefined);
    await feed;
  }
  if (sourceError) throw sourceError;
}
