import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex } from '../bytes/index.js';
import { type FfdheName, ffdheGroup } from './ffdhe.js';
import { checkNotZero } from './groups.js';
import { bigIntToBytes } from './integers.js';
import { nodeProvider } from './node.js';
import { portableProvider } from './portable.js';
import { CryptoError, type GroupName, type Provider } from './provider.js';

const PROVIDERS = [nodeProvider, portableProvider];
const OTHER = new Map([
  [nodeProvider, portableProvider],
  [portableProvider, nodeProvider],
]);

const ALL: readonly GroupName[] = [
  'x25519',
  'x448',
  'secp256r1',
  'secp384r1',
  'secp521r1',
  'ffdhe2048',
  'ffdhe3072',
  'ffdhe4096',
  'X25519MLKEM768',
  'SecP256r1MLKEM768',
  'SecP384r1MLKEM1024',
];

/** Lengths from RFC 9846 §4.3.8 and draft-ietf-tls-ecdhe-mlkem §4.1. */
const LENGTHS: Readonly<Record<GroupName, readonly [client: number, server: number, secret: number]>> = {
  x25519: [32, 32, 32],
  x448: [56, 56, 56],
  secp256r1: [65, 65, 32],
  secp384r1: [97, 97, 48],
  secp521r1: [133, 133, 66],
  ffdhe2048: [256, 256, 256],
  ffdhe3072: [384, 384, 384],
  ffdhe4096: [512, 512, 512],
  X25519MLKEM768: [1216, 1120, 64],
  SecP256r1MLKEM768: [1249, 1153, 64],
  SecP384r1MLKEM1024: [1665, 1665, 80],
};

function reasonOf(action: () => unknown): string {
  try {
    action();
    return 'none';
  } catch (error) {
    if (error instanceof CryptoError) return error.reason;
    throw error;
  }
}

/** Bytes that look random and are the same each time. */
function counted(): (length: number) => Uint8Array {
  let call = 0;
  return (length) => {
    call++;
    return Uint8Array.from({ length }, (_, i) => (i * 31 + call * 97) & 0xff);
  };
}

describe.each(PROVIDERS)('key agreement of the $name provider', (provider) => {
  const other = OTHER.get(provider)!;

  test('implements every group of the contract', () => {
    expect([...provider.groups].sort()).toEqual([...ALL].sort());
  });

  test('refuses a group that it does not know', () => {
    for (const name of ['', 'secp256k1', 'constructor', 'X25519']) {
      expect(reasonOf(() => provider.keyAgreement(name))).toBe('unsupported');
    }
  });

  test.each(ALL)('%s agrees with the other provider in both directions', (name) => {
    const [clientLength, serverLength, secretLength] = LENGTHS[name];
    const ours = provider.keyAgreement(name);
    const theirs = other.keyAgreement(name);
    expect([ours.name, ours.publicLength, ours.ciphertextLength]).toEqual([name, clientLength, serverLength]);
    const share = ours.generate();
    const answer = theirs.encapsulate(share.publicKey);
    expect([share.publicKey.length, answer.ciphertext.length]).toEqual([clientLength, serverLength]);
    expect(answer.secret).toHaveLength(secretLength);
    expect(toHex(share.decapsulate(answer.ciphertext))).toBe(toHex(answer.secret));
  });

  test.each(ALL)('%s makes the same keys and secrets from given bytes as the other provider', (name) => {
    const [ours, theirs] = [provider.keyAgreement(name), other.keyAgreement(name)];
    const [a, b] = [ours.generate(counted()), theirs.generate(counted())];
    expect(toHex(a.publicKey)).toBe(toHex(b.publicKey));
    const [c, d] = [ours.encapsulate(a.publicKey, counted()), theirs.encapsulate(a.publicKey, counted())];
    expect(toHex(c.ciphertext)).toBe(toHex(d.ciphertext));
    expect(toHex(c.secret)).toBe(toHex(d.secret));
  });

  test.each(ALL)('%s gives a new share each time', (name) => {
    const agreement = provider.keyAgreement(name);
    expect(toHex(agreement.generate().publicKey)).not.toBe(toHex(agreement.generate().publicKey));
  });

  test.each(ALL)('%s returns arrays that are no Buffers', (name) => {
    const agreement = provider.keyAgreement(name);
    const share = agreement.generate();
    const { ciphertext, secret } = agreement.encapsulate(share.publicKey);
    for (const bytes of [share.publicKey, ciphertext, secret, share.decapsulate(ciphertext)]) {
      expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    }
  });

  test.each(ALL)('%s refuses shares of any other length', (name) => {
    const agreement = provider.keyAgreement(name);
    for (const length of [0, 1, agreement.publicLength - 1, agreement.publicLength + 1]) {
      expect(reasonOf(() => agreement.encapsulate(new Uint8Array(length).fill(4)))).toBe('bad_length');
    }
    for (const length of [0, 1, agreement.ciphertextLength - 1, agreement.ciphertextLength + 1]) {
      expect(reasonOf(() => agreement.generate().decapsulate(new Uint8Array(length).fill(4)))).toBe(
        'bad_length',
      );
    }
  });

  test.each(ALL)('%s lets a share be used once, even after a bad answer', (name) => {
    const agreement = provider.keyAgreement(name);
    const share = agreement.generate();
    const { ciphertext } = agreement.encapsulate(share.publicKey);
    expect(reasonOf(() => share.decapsulate(new Uint8Array(1)))).toBe('bad_length');
    expect(reasonOf(() => share.decapsulate(ciphertext))).toBe('bad_key');
  });

  test.each(ALL)('%s does not touch the bytes of a given source', (name) => {
    const handedOut: [Uint8Array, string][] = [];
    const random = counted();
    const share = provider.keyAgreement(name).generate((length) => {
      const bytes = random(length);
      handedOut.push([bytes, toHex(bytes)]);
      return bytes;
    });
    share.decapsulate(provider.keyAgreement(name).encapsulate(share.publicKey).ciphertext);
    expect(handedOut.length).toBeGreaterThan(0);
    for (const [bytes, before] of handedOut) expect(toHex(bytes)).toBe(before);
  });

  test.each(['x25519', 'x448'])('%s refuses points of low order', (name) => {
    const agreement = provider.keyAgreement(name);
    const length = agreement.publicLength;
    const low: Uint8Array[] = [
      new Uint8Array(length),
      Uint8Array.from({ length }, (_, i) => (i === 0 ? 1 : 0)),
    ];
    if (name === 'x25519') {
      low.push(
        fromHex('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'),
        fromHex('5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157'),
        fromHex('ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'),
        fromHex('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'),
      );
    }
    for (const point of low) {
      expect(reasonOf(() => agreement.encapsulate(point))).toBe('zero_secret');
      expect(reasonOf(() => agreement.generate().decapsulate(point))).toBe('zero_secret');
    }
  });

  test.each(['secp256r1', 'secp384r1', 'secp521r1'])(
    '%s refuses compressed, hybrid and off-curve points and infinity',
    (name) => {
      const agreement = provider.keyAgreement(name);
      const point = agreement.generate().publicKey;
      const size = (point.length - 1) / 2;
      const hybridForm = point.slice();
      hybridForm[0] = 6 + (point.at(-1)! & 1);
      const offCurve = point.slice();
      offCurve[point.length - 1]! ^= 1;
      const unreduced = point.slice().fill(0xff, 1);
      const origin = point.slice().fill(0, 1);
      for (const [bad, reason] of [
        [concat(Uint8Array.of(2 + (point.at(-1)! & 1)), point.subarray(1, 1 + size)), 'bad_length'],
        [hybridForm, 'bad_point'],
        [offCurve, 'bad_point'],
        [unreduced, 'bad_point'],
        [origin, 'bad_point'],
        [Uint8Array.of(0), 'bad_length'],
      ] as const) {
        expect(reasonOf(() => agreement.encapsulate(bad))).toBe(reason);
        expect(reasonOf(() => agreement.generate().decapsulate(bad))).toBe(reason);
      }
    },
  );

  test.each(['ffdhe2048', 'ffdhe3072', 'ffdhe4096'] as const)(
    '%s refuses 0, 1, p-1, p and beyond',
    (name) => {
      const agreement = provider.keyAgreement(name);
      const { p, length } = ffdheGroup(name);
      for (const value of [0n, 1n, p - 1n, p, p + 1n, (1n << BigInt(8 * length)) - 1n]) {
        expect(reasonOf(() => agreement.encapsulate(bigIntToBytes(value, length)))).toBe('bad_point');
        expect(reasonOf(() => agreement.generate().decapsulate(bigIntToBytes(value, length)))).toBe(
          'bad_point',
        );
      }
      // Both are squares, as every honest share is; OpenSSL 3.0 refuses what is none, later versions do not.
      for (const value of [2n, 4n]) {
        expect(agreement.encapsulate(bigIntToBytes(value, length)).secret).toHaveLength(length);
      }
    },
  );

  test('a finite-field secret keeps its leading zeros', () => {
    const agreement = provider.keyAgreement('ffdhe2048');
    // The peer's share 2 and a small exponent give a small secret.
    const random = () => Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? 9 : 0));
    const { secret } = agreement.encapsulate(bigIntToBytes(2n, 256), random);
    expect(toHex(secret)).toBe('0200'.padStart(512, '0'));
  });

  test.each([
    ['X25519MLKEM768', 0],
    ['SecP256r1MLKEM768', 65],
    ['SecP384r1MLKEM1024', 97],
  ] as const)('%s refuses an encapsulation key with a coefficient of q or more', (name, at) => {
    const agreement = provider.keyAgreement(name);
    const share = agreement.generate().publicKey;
    for (const [low, high] of [
      [0x01, 0x0d], // 3329, the modulus
      [0xff, 0x0f],
    ] as const) {
      const bad = share.slice();
      bad[at] = low;
      bad[at + 1] = (bad[at + 1]! & 0xf0) | high;
      expect(reasonOf(() => agreement.encapsulate(bad))).toBe('bad_point');
    }
  });

  test('a hybrid refuses a share whose classical half is bad', () => {
    const mlkemFirst = provider.keyAgreement('X25519MLKEM768');
    const bad = mlkemFirst.generate().publicKey.slice().fill(0, 1184);
    expect(reasonOf(() => mlkemFirst.encapsulate(bad))).toBe('zero_secret');
    const ecFirst = provider.keyAgreement('SecP256r1MLKEM768');
    const point = ecFirst.generate().publicKey.slice();
    point[64]! ^= 1;
    expect(reasonOf(() => ecFirst.encapsulate(point))).toBe('bad_point');
  });

  test('a changed ML-KEM ciphertext gives another secret, not an error', () => {
    const agreement = provider.keyAgreement('X25519MLKEM768');
    const share = agreement.generate();
    const { ciphertext, secret } = agreement.encapsulate(share.publicKey);
    ciphertext[5]! ^= 1;
    const decapsulated = share.decapsulate(ciphertext);
    expect(toHex(decapsulated.subarray(0, 32))).not.toBe(toHex(secret.subarray(0, 32))); // FIPS 203 §6.3
    expect(toHex(decapsulated.subarray(32))).toBe(toHex(secret.subarray(32)));
  });

  test('x25519 reproduces the key exchange of RFC 8448 §3', () => {
    const agreement = provider.keyAgreement('x25519');
    const given = (hex: string) => () => fromHex(hex);
    const client = agreement.generate(
      given('49af42ba7f7994852d713ef2784bcbcaa7911de26adc5642cb634540e7ea5005'),
    );
    expect(toHex(client.publicKey)).toBe('99381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c');
    const { ciphertext, secret } = agreement.encapsulate(
      client.publicKey,
      given('b1580eeadf6dd589b8ef4f2d5652578cc810e9980191ec8d058308cea216a21e'),
    );
    expect(toHex(ciphertext)).toBe('c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f');
    expect(toHex(secret)).toBe('8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d');
    expect(toHex(client.decapsulate(ciphertext))).toBe(toHex(secret));
  });

  test('a source of randomness that never gives a scalar is an exception, not a loop', () => {
    for (const fill of [0x00, 0xff]) {
      const broken = (length: number) => new Uint8Array(length).fill(fill);
      expect(() => provider.keyAgreement('secp256r1').generate(broken)).toThrow(RangeError);
    }
    expect(() => provider.keyAgreement('x25519').generate(() => new Uint8Array(31))).toThrow(RangeError);
  });

  test('arbitrary shares of the right length give a secret or a CryptoError', () => {
    const groups: readonly GroupName[] = [
      'x25519',
      'x448',
      'secp256r1',
      'X25519MLKEM768',
      'SecP256r1MLKEM768',
    ];
    for (const name of groups) {
      const agreement = provider.keyAgreement(name);
      const { publicLength } = agreement;
      fc.assert(
        fc.property(fc.uint8Array({ minLength: publicLength, maxLength: publicLength }), (share) => {
          reasonOf(() => agreement.encapsulate(share));
        }),
        { numRuns: 25 },
      );
    }
  });
});

test('an all-zero secret is refused whatever the library below thinks of it', () => {
  expect(reasonOf(() => checkNotZero(new Uint8Array(32)))).toBe('zero_secret');
  expect(checkNotZero(Uint8Array.of(0, 0, 1))).toHaveLength(3);
});

test.each([
  ['ffdhe2048', 'c1b2effa886b423861285c97ffffffffffffffff'],
  ['ffdhe3072', '3fd59d7c25e41d2b66c62e37ffffffffffffffff'],
  ['ffdhe4096', 'f44182e1c68a007e5e655f6affffffffffffffff'],
] as const)('%s computes the prime that RFC 7919 prints', (name: FfdheName, tail) => {
  const prime = toHex(ffdheGroup(name).prime);
  expect(prime.slice(0, 40)).toBe('ffffffffffffffffadf85458a2bb4a9aafdc5620');
  expect(prime.slice(-40)).toBe(tail);
  expect(prime.length / 2).toBe(ffdheGroup(name).length);
});

const providersHave = (member: keyof Provider) => PROVIDERS.map((provider) => provider[member] !== undefined);
test('only the provider over Node can decompress', () => {
  expect(providersHave('decompress')).toEqual([true, false]);
  expect(providersHave('compress')).toEqual([true, false]);
});
