/**
 * Safe primes of finite-field Diffie-Hellman: those that RFC 2409 §6.2, RFC 3526 and RFC 7919, appendix A, define,
 * computed from their definitions and compared by value; and the test of any other. Does not judge sizes: whether
 * 1,024 bits are enough is the caller's question.
 */
import { bytesToBigInt } from './integers.js';

const GUARD = 64n;

/** floor(e · 2^bits), from the series of 1/n!. */
function scaledE(bits: bigint): bigint {
  let term = 1n << (bits + GUARD);
  let sum = term;
  for (let n = 1n; term > 0n; n++) {
    term /= n;
    sum += term;
  }
  return sum >> GUARD;
}

/** arctan(1/x) · 2^scale, nearly. */
function scaledArctan(x: bigint, scale: bigint): bigint {
  let power = (1n << scale) / x;
  let sum = power;
  for (let n = 3n, sign = -1n; power > 0n; n += 2n, sign = -sign) {
    power /= x * x;
    sum += (sign * power) / n;
  }
  return sum;
}

/** floor(pi · 2^bits), by Machin's formula. */
function scaledPi(bits: bigint): bigint {
  const scale = bits + GUARD;
  return (16n * scaledArctan(5n, scale) - 4n * scaledArctan(239n, scale)) >> GUARD;
}

/** The form that all three RFCs use: 2^b - 2^(b-64) + 2^64 ([2^(b-130) constant] + x) - 1. */
function fromDefinition(bits: number, constant: (bits: bigint) => bigint, x: bigint): bigint {
  const b = BigInt(bits);
  return (1n << b) - (1n << (b - 64n)) + ((constant(b - 130n) + x) << 64n) - 1n;
}

/** RFC 7919, appendix A. */
const OVER_E: ReadonlyMap<number, bigint> = new Map([
  [2048, 560316n],
  [3072, 2625351n],
  [4096, 5736041n],
  [6144, 15705020n],
  [8192, 10965728n],
]);

/** RFC 2409 §6.2 (1,024 bits) and RFC 3526. The 768 bits of RFC 2409 §6.1 were too few even then. */
const OVER_PI: ReadonlyMap<number, bigint> = new Map([
  [1024, 129093n],
  [1536, 741804n],
  [2048, 124476n],
  [3072, 1690314n],
  [4096, 240904n],
  [6144, 929484n],
  [8192, 4743158n],
]);

/** The prime of ffdhe`bits`. */
export function ffdhePrime(bits: 2048 | 3072 | 4096): bigint {
  return fromDefinition(bits, scaledE, OVER_E.get(bits)!);
}

const known = new Map<number, readonly bigint[]>();

/** The safe primes of a size that the RFCs define, computed when that size is first met. */
export function knownSafePrimes(bits: number): readonly bigint[] {
  const x = OVER_PI.get(bits);
  if (x === undefined) return [];
  let primes = known.get(bits);
  if (!primes) {
    const y = OVER_E.get(bits);
    const modp = fromDefinition(bits, scaledPi, x);
    primes = y === undefined ? [modp] : [modp, fromDefinition(bits, scaledE, y)];
    known.set(bits, primes);
  }
  return primes;
}

/** How many rounds of Miller and Rabin an adversary's number has to pass: each lets 1 in 4 composites by at worst. */
export const ROUNDS = 41;

const MIN_TESTED_BITS = 512;
/** Larger ones take many seconds, in which a peer would have stopped everything else. None is found in use. */
const MAX_TESTED_BITS = 4096;
const MAX_VERDICTS = 16;

/** Tests for safe primes, with the last verdicts kept: a server shows the same group to every client. */
export class SafePrimes {
  private readonly verdicts = new Map<bigint, boolean>();

  /** `isPrime` decides about an odd number that an adversary may have chosen, with an error below 2^-80. */
  constructor(private readonly isPrime: (candidate: bigint) => boolean) {}

  /**
   * Whether the big-endian number is a safe prime: one that an RFC defines, or one of 512 to 4,096 bits that passes
   * the tests. An unknown one of another size is not tested and not called safe.
   */
  check(prime: Uint8Array): boolean {
    const p = bytesToBigInt(prime);
    const bits = bitLength(p);
    if (knownSafePrimes(bits).includes(p)) return true;
    if (bits < MIN_TESTED_BITS || bits > MAX_TESTED_BITS) return false;
    const verdict = this.verdicts.get(p) ?? this.test(p);
    this.verdicts.delete(p);
    this.verdicts.set(p, verdict);
    if (this.verdicts.size > MAX_VERDICTS) this.verdicts.delete(this.verdicts.keys().next().value!);
    return verdict;
  }

  /** Whether `p` is known to be a safe prime without a test: from an RFC, or by an earlier verdict. */
  knows(p: bigint): boolean {
    return this.verdicts.get(p) === true || knownSafePrimes(bitLength(p)).includes(p);
  }

  /**
   * The cheap tests first. With q = (p-1)/2 prime, one power of 2 proves p by Pocklington's theorem: 2^(p-1) = 1, and
   * 2^((p-1)/q) - 1 = 3 has no factor in common with p.
   */
  private test(p: bigint): boolean {
    if ((p & 3n) !== 3n) return false; // q would be even
    const q = p >> 1n;
    if (SMALL_PRIMES.some((small) => p % small === 0n || q % small === 0n)) return false;
    return modPow(2n, p - 1n, p) === 1n && this.isPrime(q);
  }
}

/** Odd primes below 1,000: they divide most numbers that are not safe primes, 3 among them. */
const SMALL_PRIMES: readonly bigint[] = oddPrimesBelow(1000);

function oddPrimesBelow(limit: number): bigint[] {
  const primes: bigint[] = [];
  for (let n = 3n; n < limit; n += 2n) if (primes.every((prime) => n % prime !== 0n)) primes.push(n);
  return primes;
}

export function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** base^exponent mod modulus, for public numbers: from the top bit down, so that a small base stays cheap. */
export function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = (result * result) % modulus;
    if (bit === '1') result = (result * base) % modulus;
  }
  return result;
}
