/**
 * RSA's bare private operation over BigInt (RFC 8017 §5.1.2), which Web Crypto does not have. BigInt takes a time that
 * depends on its numbers, so base and exponents are blinded; what is left is the length of the result, and a server that
 * decrypts for strangers (static RSA) should not use it.
 */
import { invert, pow } from '@noble/curves/abstract/modular.js';
import { bigIntToBytes, bytesToBigInt } from '../integers.js';
import { CryptoError } from '../provider.js';
import { random } from './random.js';
import type { RsaNumbers } from './rsa.js';

interface CrtKey {
  readonly p: bigint;
  readonly q: bigint;
  /** 1/e mod p-1 and mod q-1. */
  readonly dp: bigint;
  readonly dq: bigint;
  /** 1/q mod p. */
  readonly inverse: bigint;
}

/**
 * The exponents are computed from the primes at first use: what else a key file says of them is not needed.
 * The result throws CryptoError `bad_key` where the numbers are no RSA key. Length and range were checked before.
 */
export function rsaPrivateOperation(
  key: RsaNumbers,
  primes: readonly [Uint8Array, Uint8Array],
): (block: Uint8Array) => Uint8Array {
  let crt: CrtKey | undefined;
  return (block) => {
    crt ??= prepare(key, bytesToBigInt(primes[0]), bytesToBigInt(primes[1]));
    const r = randomUnit(key.n);
    const blinded = (bytesToBigInt(block) * pow(r.value, key.e, key.n)) % key.n;
    const result = raise(crt, blinded);
    // A wrong result under one prime only would give the other away (Boneh, DeMillo and Lipton).
    if (pow(result, key.e, key.n) !== blinded) throw new CryptoError('bad_key', 'RSA numbers');
    return bigIntToBytes((result * r.inverse) % key.n, block.length);
  };
}

function prepare(key: RsaNumbers, p: bigint, q: bigint): CrtKey {
  try {
    const [dp, dq] = [invert(key.e, p - 1n), invert(key.e, q - 1n)];
    return { p, q, dp, dq, inverse: invert(q, p) };
  } catch {
    throw new CryptoError('bad_key', 'RSA numbers');
  }
}

/** Garner's way (RFC 8017 §5.1.2, step 2b), each exponent with a random multiple of the group's order. */
function raise({ p, q, dp, dq, inverse }: CrtKey, base: bigint): bigint {
  const one = pow(base % p, dp + randomMultiple() * (p - 1n), p);
  const two = pow(base % q, dq + randomMultiple() * (q - 1n), q);
  const difference = (((one - two) * inverse) % p) + p;
  return two + q * (difference % p);
}

const randomMultiple = () => bytesToBigInt(random(8));

/** A random number that has an inverse, and the inverse. One that has none would be a factor of the modulus. */
function randomUnit(n: bigint): { readonly value: bigint; readonly inverse: bigint } {
  const bytes = random(Math.ceil(n.toString(16).length / 2) + 8);
  const value = 2n + (bytesToBigInt(bytes) % (n - 2n));
  return { value, inverse: invert(value, n) };
}
