/**
 * The finite-field groups of RFC 7919, appendix A: primes computed from their definition, sizes of private
 * exponents, and the check of a peer's share (RFC 7919 §5.1, RFC 9846 §4.3.8.1). The generator is 2.
 */
import { bigIntToBytes } from './integers.js';
import { CryptoError } from './provider.js';

export type FfdheName = 'ffdhe2048' | 'ffdhe3072' | 'ffdhe4096';

export interface FfdheGroup {
  /** Length of the prime, and so of every share and secret, in bytes. */
  readonly length: number;
  readonly p: bigint;
  /** Big-endian. */
  readonly prime: Uint8Array;
  /** Length of a private exponent in bytes: no shorter than RFC 7919, appendix A, recommends. */
  readonly exponentLength: number;
}

const DEFINITIONS: Readonly<Record<FfdheName, { bits: number; x: bigint; exponentLength: number }>> = {
  ffdhe2048: { bits: 2048, x: 560316n, exponentLength: 32 },
  ffdhe3072: { bits: 3072, x: 2625351n, exponentLength: 36 },
  ffdhe4096: { bits: 4096, x: 5736041n, exponentLength: 42 },
};

/** floor(e · 2^bits), from the series of 1/n! with 64 guard bits. */
function scaledE(bits: number): bigint {
  let term = 1n << BigInt(bits + 64);
  let sum = term;
  for (let n = 1n; term > 0n; n++) {
    term /= n;
    sum += term;
  }
  return sum >> 64n;
}

const known = new Map<FfdheName, FfdheGroup>();

/** Computed at first use. */
export function ffdheGroup(name: FfdheName): FfdheGroup {
  let group = known.get(name);
  if (!group) {
    const { bits, x, exponentLength } = DEFINITIONS[name];
    const b = BigInt(bits);
    // RFC 7919, appendix A: p = 2^b - 2^(b-64) + {[2^(b-130) e] + X} 2^64 - 1
    const p = (1n << b) - (1n << (b - 64n)) + ((scaledE(bits - 130) + x) << 64n) - 1n;
    group = { length: bits / 8, p, prime: bigIntToBytes(p, bits / 8), exponentLength };
    known.set(name, group);
  }
  return group;
}

/** RFC 7919 §5.1: 1 < share < p - 1. The length was checked before. */
export function checkFfdheShare(group: FfdheGroup, share: Uint8Array): void {
  const { prime } = group;
  const last = share.length - 1;
  let at = 0;
  while (at < last && share[at] === 0) at++;
  if (at === last && share[last]! < 2) throw new CryptoError('bad_point', 'share is 0 or 1');
  at = 0;
  while (at < last && share[at] === prime[at]) at++;
  // The prime ends in 0xff: all shares from p - 1 on differ from it only in the last byte, or are larger before it.
  if (at === last ? share[last]! >= prime[last]! - 1 : share[at]! > prime[at]!) {
    throw new CryptoError('bad_point', 'share is not below p - 1');
  }
}
