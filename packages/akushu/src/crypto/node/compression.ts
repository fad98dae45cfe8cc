/** Certificate compression (RFC 8879) over node:zlib. Output is bounded while it is made, not afterwards. */
import { brotliCompressSync, brotliDecompressSync, deflateSync, inflateSync } from 'node:zlib';
import { CryptoError } from '../provider.js';
import { plain } from './bytes.js';

/** Throws CryptoError `bad_length` for more than `limit` bytes, for what is no such stream, and for bytes after its end. */
export function decompress(algorithm: 'zlib' | 'brotli', data: Uint8Array, limit: number): Uint8Array {
  if (!Number.isSafeInteger(limit) || limit < 0)
    throw new RangeError('"limit" expected a non-negative integer');
  const options = { maxOutputLength: Math.max(limit, 1), info: true };
  let result: unknown;
  try {
    result = algorithm === 'zlib' ? inflateSync(data, options) : brotliDecompressSync(data, options);
  } catch (error) {
    throw new CryptoError(
      'bad_length',
      isTooLarge(error) ? 'stopped at the limit' : `not a ${algorithm} stream`,
    );
  }
  const { buffer, engine } = result as {
    readonly buffer: Buffer;
    readonly engine: { readonly bytesWritten: number };
  };
  if (engine.bytesWritten !== data.length) throw new CryptoError('bad_length', 'bytes after the stream');
  if (buffer.length > limit) throw new CryptoError('bad_length', 'more than the limit');
  return plain(buffer).slice();
}

const isTooLarge = (error: unknown) =>
  error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';

export function compress(algorithm: 'zlib' | 'brotli', data: Uint8Array): Uint8Array {
  return plain(algorithm === 'zlib' ? deflateSync(data) : brotliCompressSync(data)).slice();
}
