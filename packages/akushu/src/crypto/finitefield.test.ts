import { execFileSync, spawnSync } from 'node:child_process';
import { createDiffieHellman, generatePrimeSync, getDiffieHellman } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../bytes/index.js';
import { fieldGroup } from './finitefield.js';
import { bigIntToBytes, bytesToBigInt } from './integers.js';
import { nodeProvider } from './node.js';
import { isPrime } from './portable/finitefield.js';
import { portableProvider } from './portable.js';
import { knownSafePrimes, SafePrimes } from './primes.js';
import { CryptoError, type FiniteField } from './provider.js';

const PROVIDERS = [nodeProvider, portableProvider];
const OTHER = new Map([
  [nodeProvider, portableProvider],
  [portableProvider, nodeProvider],
]);

function reasonOf(action: () => unknown): string {
  try {
    action();
    return 'none';
  } catch (error) {
    if (error instanceof CryptoError) return error.reason;
    throw error;
  }
}

const bytes = (value: bigint) => bigIntToBytes(value, Math.ceil(value.toString(16).length / 2));
const plain = (buffer: ArrayBuffer | Buffer) => new Uint8Array(buffer).slice();
const small = (generator: number) => Uint8Array.of(generator);

/** A safe prime that no RFC has; 2 generates all of its group or half of it. */
const UNKNOWN = plain(generatePrimeSync(512, { safe: true }));
/** A prime whose (p-1)/2 is none, nearly always. */
const UNSAFE = plain(generatePrimeSync(768));
const MODP_2048 = plain(getDiffieHellman('modp14').getPrime());

describe.each(PROVIDERS)('made-up groups of the $name provider', (provider) => {
  const other = OTHER.get(provider)!;

  test.each([
    ['the 2,048 bits of RFC 3526', MODP_2048, small(2)],
    ['the 1,024 bits of RFC 2409', bytes(knownSafePrimes(1024)[0]!), small(2)],
    ['an unknown prime', UNKNOWN, small(2)],
    ['another generator', UNKNOWN, small(5)],
    ['a large generator', UNKNOWN, bytes(bytesToBigInt(UNKNOWN) - 3n)],
    ['a prime that is not safe', UNSAFE, small(3)],
  ])('%s: agrees with the other provider and with createDiffieHellman', (_, prime, generator) => {
    const [ours, theirs] = [provider.finiteField(prime, generator), other.finiteField(prime, generator)];
    expect([ours.publicLength, ours.ciphertextLength]).toEqual([prime.length, prime.length]);
    const share = ours.generate();
    const { ciphertext, secret } = theirs.encapsulate(share.publicKey);
    expect(toHex(share.decapsulate(ciphertext))).toBe(toHex(secret));
    expect([share.publicKey.length, ciphertext.length, secret.length]).toEqual(
      new Array(3).fill(prime.length),
    );

    const native = createDiffieHellman(prime, generator);
    const key = native.generateKeys();
    const answer = ours.encapsulate(padded(key, prime.length));
    expect(toHex(padded(native.computeSecret(answer.ciphertext), prime.length))).toBe(toHex(answer.secret));
  });

  test('leading zeros of prime and generator do not count', () => {
    const field = provider.finiteField(concatZeros(UNKNOWN), concatZeros(small(2)));
    expect(field.publicLength).toBe(UNKNOWN.length);
    const share = other.finiteField(UNKNOWN, small(2)).generate();
    expect(toHex(share.decapsulate(field.encapsulate(share.publicKey).ciphertext))).toHaveLength(128);
  });

  test('a secret keeps its leading zeros', () => {
    const field = provider.finiteField(UNKNOWN, small(2));
    const nine = (length: number) => Uint8Array.from({ length }, (_, i) => (i === length - 1 ? 9 : 0));
    const two = bigIntToBytes(2n, UNKNOWN.length);
    expect(toHex(field.generate(nine).publicKey)).toBe('0200'.padStart(128, '0'));
    expect(toHex(field.encapsulate(two, nine).secret)).toBe('0200'.padStart(128, '0'));
  });

  test('takes no group of bad size, no even prime and no generator that generates nothing', () => {
    const p = bytesToBigInt(UNKNOWN);
    const sized = (bits: number) => bytes((1n << BigInt(bits)) - 1n);
    for (const [prime, generator, reason] of [
      [new Uint8Array(0), small(2), 'key_size'],
      [new Uint8Array(64), small(2), 'key_size'],
      [small(23), small(5), 'key_size'],
      [sized(511), small(2), 'key_size'],
      [sized(512), small(2), 'none'],
      [sized(8193), small(2), 'key_size'],
      [sized(65_535 * 8), small(2), 'key_size'],
      [bytes(p - 1n), small(2), 'bad_key'],
      [UNKNOWN, new Uint8Array(0), 'bad_key'],
      [UNKNOWN, small(0), 'bad_key'],
      [UNKNOWN, small(1), 'bad_key'],
      [UNKNOWN, bytes(p - 1n), 'bad_key'],
      [UNKNOWN, UNKNOWN, 'bad_key'],
      [UNKNOWN, bytes(p + 1n), 'bad_key'],
      [UNKNOWN, sized(65_535 * 8), 'bad_key'],
      [UNKNOWN, bytes(p - 2n), 'none'],
    ] as const) {
      expect(reasonOf(() => provider.finiteField(prime, generator))).toBe(reason);
    }
  });

  test('refuses shares of other lengths, 0, 1, p-1, p and beyond; a share serves once', () => {
    const field = provider.finiteField(UNKNOWN, small(2));
    const { length } = UNKNOWN;
    const p = bytesToBigInt(UNKNOWN);
    const both = (share: Uint8Array) => [
      reasonOf(() => field.encapsulate(share)),
      reasonOf(() => field.generate().decapsulate(share)),
    ];
    for (const size of [0, 1, length - 1, length + 1]) {
      expect(both(new Uint8Array(size).fill(3))).toEqual(['bad_length', 'bad_length']);
    }
    for (const value of [0n, 1n, p - 1n, p, p + 1n, (1n << BigInt(8 * length)) - 1n]) {
      expect(both(bigIntToBytes(value, length))).toEqual(['bad_point', 'bad_point']);
    }
    const share = field.generate();
    const { ciphertext } = field.encapsulate(share.publicKey);
    share.decapsulate(ciphertext);
    expect(reasonOf(() => share.decapsulate(ciphertext))).toBe('bad_key');
  });

  test('a modulus of any kind gives a secret or a CryptoError', () => {
    const number = fc.uint8Array({ minLength: 60, maxLength: 140 });
    fc.assert(
      fc.property(number, fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ maxLength: 140 }), (p, g, y) => {
        let field: FiniteField | undefined;
        reasonOf(() => {
          field = provider.finiteField(p, g);
        });
        reasonOf(() => field?.generate());
        reasonOf(() => field?.encapsulate(y.slice(0, field.publicLength)));
        reasonOf(() => field?.encapsulate(new Uint8Array(field.publicLength).fill(1)));
      }),
      { numRuns: 60 },
    );
  });

  test('knows safe primes from RFCs and finds out about others', () => {
    for (const name of ['modp2', 'modp5', 'modp14', 'modp15', 'modp16', 'modp17', 'modp18'] as const) {
      expect(provider.isSafePrime(plain(getDiffieHellman(name).getPrime())), name).toBe(true);
    }
    for (const name of ['ffdhe2048', 'ffdhe3072', 'ffdhe4096'] as const) {
      const { publicLength } = provider.keyAgreement(name);
      expect(provider.isSafePrime(bytes(knownSafePrimes(8 * publicLength)[1]!)), name).toBe(true);
    }
    expect(provider.isSafePrime(plain(getDiffieHellman('modp1').getPrime()))).toBe(true); // by testing it
    expect(provider.isSafePrime(UNKNOWN)).toBe(true);
    expect(provider.isSafePrime(concatZeros(UNKNOWN))).toBe(true);
    expect(provider.isSafePrime(UNKNOWN)).toBe(true);
  });

  test('calls nothing else a safe prime', () => {
    const p = bytesToBigInt(UNKNOWN);
    const [a, b] = [generatePrimeSync(300, { bigint: true }), generatePrimeSync(300, { bigint: true })];
    for (const value of [
      0n,
      1n,
      2n,
      23n, // a safe prime too small for anything
      p - 1n,
      p + 2n,
      p * p,
      a * b,
      2n * a * b + 1n,
      bytesToBigInt(MODP_2048) + 2n,
      bytesToBigInt(MODP_2048) - 4n,
      (1n << 8192n) - 1n,
      (1n << 20_000n) - 1n,
      primeWithCompositeHalf(),
    ]) {
      expect(provider.isSafePrime(bigIntToBytes(value, 2500))).toBe(false);
    }
    expect(provider.isSafePrime(new Uint8Array(0))).toBe(false);
    expect(provider.isSafePrime(new Uint8Array(65_535).fill(0xff))).toBe(false);
  });
});

/** Passes the test of p, and its half passes trial division: only the last test is left to refuse it. */
function primeWithCompositeHalf(): bigint {
  for (;;) {
    const [a, b] = [generatePrimeSync(256, { bigint: true }), generatePrimeSync(257, { bigint: true })];
    const p = 2n * a * b + 1n;
    if (isPrime(p)) return p;
  }
}

function padded(number: Uint8Array, length: number): Uint8Array {
  return bigIntToBytes(bytesToBigInt(number), length);
}

const concatZeros = (number: Uint8Array) => fromHex(`0000${toHex(number)}`);

test('exponents are short only where the prime is known to be safe', () => {
  const safePrimes = new SafePrimes(isPrime);
  const bitsOf = (prime: Uint8Array) => fieldGroup(prime, small(2), safePrimes).exponentBits;
  const known = [1024, 2048, 3072, 4096, 6144, 8192].map((bits) => bitsOf(bytes(knownSafePrimes(bits)[0]!)));
  expect(known).toEqual([256, 256, 288, 336, 376, 400]);
  expect(bitsOf(UNKNOWN)).toBe(511);
  expect(safePrimes.check(UNKNOWN)).toBe(true);
  expect(bitsOf(UNKNOWN)).toBe(256);
  expect(safePrimes.check(UNSAFE)).toBe(false);
  expect(bitsOf(UNSAFE)).toBe(767);
});

test('a verdict is remembered until sixteen others came after it', () => {
  let tests = 0;
  const safePrimes = new SafePrimes((candidate) => {
    tests++;
    return isPrime(candidate);
  });
  for (let i = 0; i < 3; i++) expect(safePrimes.check(UNKNOWN)).toBe(true);
  expect(tests).toBe(1);
  for (let i = 0n; i < 15n; i++) safePrimes.check(bytes((1n << 600n) + i));
  safePrimes.check(UNKNOWN);
  expect(tests).toBe(1);
  for (let i = 0n; i < 16n; i++) safePrimes.check(bytes((1n << 601n) + i));
  expect(safePrimes.check(UNKNOWN)).toBe(true);
  expect(tests).toBe(2);
});

test('the test for primes knows primes, and is not taken in by pseudoprimes', () => {
  for (const prime of [5n, 7n, 13n, 2n ** 127n - 1n, 2n ** 255n - 19n, 2n ** 521n - 1n]) {
    expect(isPrime(prime)).toBe(true);
  }
  for (const composite of [
    9n,
    561n, // Carmichael
    2_152_302_898_747n, // a strong pseudoprime to the bases 2, 3, 5, 7 and 11
    3_317_044_064_679_887_385_961_981n, // and to the first 13 primes
    (2n ** 127n - 1n) * (2n ** 89n - 1n),
    2n ** 257n - 1n,
  ]) {
    expect(isPrime(composite)).toBe(false);
  }
});

const OPENSSL = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!OPENSSL)('primes by definition (needs the openssl command)', () => {
  test.each([
    [1536, 0, 'modp_1536'],
    [6144, 0, 'modp_6144'],
    [2048, 1, 'ffdhe2048'],
    [3072, 1, 'ffdhe3072'],
    [4096, 1, 'ffdhe4096'],
    [6144, 1, 'ffdhe6144'],
    [8192, 1, 'ffdhe8192'],
  ])('%i bits, number %i: is %s of OpenSSL', (bits, which, name) => {
    const args = ['genpkey', '-genparam', '-algorithm', 'DH', '-pkeyopt', `group:${name}`, '-text'];
    const text = execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    const base64 = text.slice(text.indexOf('-----BEGIN'), text.indexOf('-----END')).replace(/^.*\n/, '');
    expect(Buffer.from(base64, 'base64').toString('hex')).toContain(
      toHex(bytes(knownSafePrimes(bits)[which]!)),
    );
  });
});
