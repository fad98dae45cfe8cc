/**
 * Finite-field Diffie-Hellman over BigInt. JavaScript gives no promise of constant time: exponents here are used once.
 */
import { pow } from '@noble/curves/abstract/modular.js';
import { wipe } from '../../bytes/index.js';
import { type FfdheName, ffdheGroup } from '../ffdhe.js';
import {
  checkFieldShare,
  type FieldGroup,
  fieldAgreement,
  fieldExponent,
  fieldGroup,
} from '../finitefield.js';
import type { DiffieHellman, NamedDiffieHellman } from '../groups.js';
import { bigIntToBytes, bytesToBigInt } from '../integers.js';
import { bitLength, modPow, ROUNDS, SafePrimes } from '../primes.js';
import { CryptoError, type FiniteField } from '../provider.js';
import { random as systemRandom } from './random.js';

/** `groupOf` is called at first use: the primes of RFC 7919 have to be computed. */
function diffieHellmanOver(groupOf: () => FieldGroup): DiffieHellman<Uint8Array> {
  return {
    generate(random) {
      const group = groupOf();
      const privateKey = fieldExponent(group, random, systemRandom);
      const share = pow(group.g, bytesToBigInt(privateKey), group.p);
      return { privateKey, publicKey: bigIntToBytes(share, group.length) };
    },
    derive(privateKey, peer) {
      const group = groupOf();
      checkFieldShare(group, peer);
      const secret = pow(bytesToBigInt(peer), bytesToBigInt(privateKey), group.p);
      // NIST SP 800-56A §5.7.1.1: the share came from a subgroup of order 1 or 2, or the prime is none.
      if (secret <= 1n || secret === group.p - 1n) throw new CryptoError('bad_point', 'trivial secret');
      return bigIntToBytes(secret, group.length); // RFC 9846 §7.4.1: leading zeros stay
    },
    wipe,
  };
}

/** RFC 7919. */
export function ffdhe(name: FfdheName): NamedDiffieHellman<Uint8Array> {
  return { name, ...diffieHellmanOver(() => ffdheGroup(name)) };
}

const safePrimes = new SafePrimes(isPrime);

export const isSafePrime = (prime: Uint8Array): boolean => safePrimes.check(prime);

export function finiteField(prime: Uint8Array, generator: Uint8Array): FiniteField {
  const group = fieldGroup(prime, generator, safePrimes);
  return fieldAgreement(
    diffieHellmanOver(() => group),
    group,
  );
}

/** Miller and Rabin (FIPS 186-5, B.3.1) with random bases, which an adversary cannot prepare for. */
export function isPrime(candidate: bigint): boolean {
  const last = candidate - 1n;
  const twos = last.toString(2).length - 1 - last.toString(2).lastIndexOf('1');
  const odd = last >> BigInt(twos);
  const size = Math.ceil(bitLength(candidate) / 8) + 8;
  for (let round = 0; round < ROUNDS; round++) {
    const base = 2n + (bytesToBigInt(systemRandom(size)) % (candidate - 3n));
    if (!passes(modPow(base, odd, candidate), twos, candidate)) return false;
  }
  return true;
}

/** Whether squaring reaches -1 before 1. */
function passes(start: bigint, twos: number, candidate: bigint): boolean {
  if (start === 1n) return true;
  let power = start;
  for (let i = 0; i < twos; i++) {
    if (power === candidate - 1n) return true;
    power = (power * power) % candidate;
  }
  return false;
}
