/** RSA as RFC 8017 describes it, as far as it is the same for every provider: blocks as long as the modulus. */
import { isBelow } from './groups.js';
import { CryptoError } from './provider.js';

/** EMSA-PKCS1-v1_5 (RFC 8017 §9.2): 00 01 ff … ff 00 and `info`, which is a DigestInfo or, in TLS 1.1, two digests. */
export function encodePkcs1(info: Uint8Array, length: number): Uint8Array {
  const block = new Uint8Array(length).fill(0xff);
  block[0] = 0;
  block[1] = 1;
  block[length - info.length - 1] = 0;
  block.set(info, length - info.length);
  return block;
}

/** Throws CryptoError `bad_length` unless `block` is as long as the modulus and below it (RFC 8017 §5.1). */
export function checkRsaBlock(block: Uint8Array, modulus: Uint8Array): void {
  if (block.length !== modulus.length)
    throw new CryptoError('bad_length', `RSA block of ${block.length} bytes`);
  if (!isBelow(block, modulus)) throw new CryptoError('bad_length', 'RSA block not below the modulus');
}
