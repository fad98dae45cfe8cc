/** PBKDF2 with HMAC (RFC 8018 §5.2), and the derivation of PKCS#12 (RFC 7292 appendix B). The caller bounds the work. */
import { concat } from '../../bytes/index.js';
import type { Provider } from '../../crypto/provider.js';
import type { HashName } from '../../registry/types.js';

export function pbkdf2(
  provider: Provider,
  hash: HashName,
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  length: number,
): Uint8Array {
  const hmac = provider.hmacKey(hash, password);
  const derived = new Uint8Array(length);
  const index = new Uint8Array(4);
  for (let at = 0, block = 1; at < length; at += hmac.length, block++) {
    new DataView(index.buffer).setUint32(0, block);
    let last = hmac.sign(salt, index);
    const sum = last.slice();
    for (let i = 1; i < iterations; i++) {
      last = hmac.sign(last);
      for (let k = 0; k < sum.length; k++) sum[k]! ^= last[k]!;
    }
    derived.set(sum.subarray(0, length - at), at);
  }
  return derived;
}

/** What the derived bytes are for (appendix B.3). */
export const PKCS12_KEY = 1;
export const PKCS12_IV = 2;
export const PKCS12_MAC = 3;

const blockLength = (hash: HashName): number => (hash === 'sha384' || hash === 'sha512' ? 128 : 64);

/** Appendix B.2. `password` is UTF-16BE with two zero bytes at its end. */
export function pkcs12Derive(
  provider: Provider,
  hash: HashName,
  purpose: number,
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  length: number,
): Uint8Array {
  const block = blockLength(hash);
  const diversifier = new Uint8Array(block).fill(purpose);
  const input = concat(repeated(salt, block), repeated(password, block));
  const derived = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    let digest = provider.digest(hash, diversifier, input);
    for (let i = 1; i < iterations; i++) digest = provider.digest(hash, digest);
    derived.set(digest.subarray(0, length - at), at);
    at += digest.length;
    if (at < length) addToEach(input, repeated(digest, block).subarray(0, block));
  }
  return derived;
}

/** As often as it takes to fill whole blocks; nothing of nothing. */
function repeated(bytes: Uint8Array, block: number): Uint8Array {
  const filled = new Uint8Array(Math.ceil(bytes.length / block) * block);
  for (let i = 0; i < filled.length; i++) filled[i] = bytes[i % bytes.length]!;
  return filled;
}

/** Step 6 C: every block of `input` plus `addend` plus one, modulo the size of a block. */
function addToEach(input: Uint8Array, addend: Uint8Array): void {
  for (let start = 0; start < input.length; start += addend.length) {
    let carry = 1;
    for (let i = addend.length - 1; i >= 0; i--) {
      carry += input[start + i]! + addend[i]!;
      input[start + i] = carry & 0xff;
      carry >>= 8;
    }
  }
}
