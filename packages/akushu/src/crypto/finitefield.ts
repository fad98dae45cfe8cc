/**
 * Finite-field Diffie-Hellman: groups that a server of TLS 1.2 makes up (RFC 5246 §7.4.3), sizes of private exponents,
 * and the check of a peer's share (RFC 7919 §5.1, RFC 9846 §4.3.8.1). What computes stands in the providers.
 */
import type { DiffieHellman } from './groups.js';
import { type Kem, kemFrom, takeSecret } from './groups.js';
import { bigIntToBytes, bytesToBigInt } from './integers.js';
import { bitLength, type SafePrimes } from './primes.js';
import { CryptoError, type RandomSource } from './provider.js';

export interface FieldGroup {
  /** Length of the prime, and so of every share and secret, in bytes. */
  readonly length: number;
  readonly p: bigint;
  readonly g: bigint;
  /** Both big-endian, without leading zeros. */
  readonly prime: Uint8Array;
  readonly generator: Uint8Array;
  /** Bits of a private exponent. */
  readonly exponentBits: number;
}

const MIN_BITS = 512;
const MAX_BITS = 8192;

/**
 * A group from the wire. Short exponents are for safe primes only, where no small subgroup gives parts of them away;
 * where nobody has shown the prime to be safe, the exponent is as long as the prime. Throws CryptoError.
 */
export function fieldGroup(prime: Uint8Array, generator: Uint8Array, safePrimes: SafePrimes): FieldGroup {
  const bits = bitsOf(prime);
  if (bits < MIN_BITS || bits > MAX_BITS) throw new CryptoError('key_size', `prime of ${bits} bits`);
  if ((prime.at(-1)! & 1) === 0) throw new CryptoError('bad_key', 'even prime');
  if (bitsOf(generator) > bits) throw new CryptoError('bad_key', 'generator');
  const [p, g] = [bytesToBigInt(prime), bytesToBigInt(generator)];
  if (g <= 1n || g >= p - 1n) throw new CryptoError('bad_key', 'generator');
  return groupOf(p, g, safePrimes.knows(p) ? shortExponent(bits) : bits - 1);
}

export function groupOf(p: bigint, g: bigint, exponentBits: number): FieldGroup {
  const bytes = (value: bigint) => bigIntToBytes(value, Math.ceil(bitLength(value) / 8));
  const prime = bytes(p);
  return { length: prime.length, p, g, prime, generator: bytes(g), exponentBits };
}

function bitsOf(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : 8 * (bytes.length - first) - Math.clz32(bytes[first]!) + 24;
}

/** Twice the strength of the group, in whole bytes: no shorter than RFC 7919, appendix A, recommends. */
export function shortExponent(bits: number): number {
  if (bits <= 2048) return 256;
  if (bits <= 3072) return 288;
  if (bits <= 4096) return 336;
  return bits <= 6144 ? 376 : 400;
}

/** A private exponent of the group's size, as bytes that the caller may overwrite. */
export function fieldExponent(
  group: FieldGroup,
  given: RandomSource | undefined,
  own: RandomSource,
): Uint8Array {
  const exponent = takeSecret(given, own, Math.ceil(group.exponentBits / 8));
  exponent[0]! &= 0xff >> (8 * exponent.length - group.exponentBits);
  return exponent;
}

/** 1 < share < p - 1 (RFC 7919 §5.1). The length was checked before. */
export function checkFieldShare(group: FieldGroup, share: Uint8Array): void {
  const { prime } = group;
  const last = share.length - 1;
  let at = 0;
  while (at < last && share[at] === 0) at++;
  if (at === last && share[last]! < 2) throw new CryptoError('bad_point', 'share is 0 or 1');
  at = 0;
  while (at < last && share[at] === prime[at]) at++;
  // The prime is odd: all shares from p - 1 on differ from it only in the last byte, or are larger before it.
  if (at === last ? share[last]! >= prime[last]! - 1 : share[at]! > prime[at]!) {
    throw new CryptoError('bad_point', 'share is not below p - 1');
  }
}

/** Key agreement over a group that was made up. */
export function fieldAgreement<Private>(dh: DiffieHellman<Private>, group: FieldGroup): Kem {
  return kemFrom(dh, group.length, 'finite-field');
}
