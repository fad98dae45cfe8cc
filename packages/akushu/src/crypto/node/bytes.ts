/** Node's Buffers turned into plain Uint8Arrays of their own, and the pool of random bytes. */
import { randomFillSync } from 'node:crypto';
import { wipe } from '../../bytes/index.js';

/** The same bytes without Buffer's methods: `slice` of a Buffer would alias. The memory must not be pooled. */
export function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/** Node's typings ask for a Buffer; this is a view. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A copy with leading zeros up to `length`. */
export function leftPad(bytes: Uint8Array, length: number): Uint8Array {
  const padded = new Uint8Array(length);
  padded.set(bytes, length - bytes.length);
  return padded;
}

/** Bytes of a latin1 string. For short digests this is faster than a Buffer from native code. */
export function fromBinary(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

export function fromBase64Url(text: string | undefined, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  if (Buffer.from(bytes.buffer).write(text ?? '', 'base64url') !== length)
    throw new RangeError('"text" has another length');
  return bytes;
}

const POOL_SIZE = 8192;
const POOLED_MAX = 1024;
const pool = new Uint8Array(POOL_SIZE);
let poolUsed = POOL_SIZE;

/** Small requests come from a pool; what was handed out is erased from it. */
export function random(length: number): Uint8Array {
  if (!Number.isSafeInteger(length) || length < 0)
    throw new RangeError('"length" expected a non-negative integer');
  if (length > POOLED_MAX) return randomFillSync(new Uint8Array(length));
  if (poolUsed + length > POOL_SIZE) {
    randomFillSync(pool);
    poolUsed = 0;
  }
  const bytes = pool.slice(poolUsed, poolUsed + length);
  pool.fill(0, poolUsed, poolUsed + length);
  poolUsed += length;
  return bytes;
}

/** Runs `use` over a secret and overwrites it afterwards. */
export function withSecret<T>(secret: Uint8Array, use: (secret: Uint8Array) => T): T {
  try {
    return use(secret);
  } finally {
    wipe(secret);
  }
}
