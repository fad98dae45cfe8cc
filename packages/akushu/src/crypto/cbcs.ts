/** The block ciphers that TLS before 1.3 uses in CBC mode: key and block lengths, and the checks on what a caller passes in. */
import type { CbcName } from '../registry/types.js';
import { CryptoError } from './provider.js';

interface CbcShape {
  readonly keyLength: 16 | 24 | 32;
  readonly blockLength: 8 | 16;
}

export const CBCS: Readonly<Record<CbcName, CbcShape>> = {
  'aes-128-cbc': { keyLength: 16, blockLength: 16 },
  'aes-256-cbc': { keyLength: 32, blockLength: 16 },
  'camellia-128-cbc': { keyLength: 16, blockLength: 16 },
  'camellia-256-cbc': { keyLength: 32, blockLength: 16 },
  'aria-128-cbc': { keyLength: 16, blockLength: 16 },
  'aria-256-cbc': { keyLength: 32, blockLength: 16 },
  '3des-ede-cbc': { keyLength: 24, blockLength: 8 },
};

/** Fastest first. */
export const CBC_NAMES: readonly CbcName[] = [
  'aes-128-cbc',
  'aes-256-cbc',
  'camellia-128-cbc',
  'camellia-256-cbc',
  'aria-128-cbc',
  'aria-256-cbc',
  '3des-ede-cbc',
];

/** The block length. Throws CryptoError where `name` is not among `available` or the key does not fit it. */
export function checkCbcKey(name: CbcName, available: readonly CbcName[], key: Uint8Array): number {
  if (!available.includes(name)) throw new CryptoError('unsupported', 'block cipher');
  const { keyLength, blockLength } = CBCS[name];
  if (key.length !== keyLength) throw new CryptoError('bad_length', `key of ${key.length} bytes`);
  return blockLength;
}

export function checkBlocks(blockLength: number, iv: Uint8Array, data: Uint8Array): void {
  if (iv.length !== blockLength) throw new CryptoError('bad_length', `IV of ${iv.length} bytes`);
  if (data.length % blockLength !== 0) throw new CryptoError('bad_length', `data of ${data.length} bytes`);
}
