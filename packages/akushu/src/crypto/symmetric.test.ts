import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, fromUtf8, toHex } from '../bytes/index.js';
import type { HashName } from '../registry/types.js';
import { AEAD_NAMES, AEADS } from './aeads.js';
import { nodeProvider } from './node.js';
import { portableProvider } from './portable.js';
import { CryptoError } from './provider.js';

const HASHES: readonly HashName[] = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];
const OTHER = new Map([
  [nodeProvider, portableProvider],
  [portableProvider, nodeProvider],
]);

describe.each([nodeProvider, portableProvider])('the $name provider', (provider) => {
  const other = OTHER.get(provider)!;

  test('gives random bytes of any length, each array its own', () => {
    for (const length of [0, 1, 32, 1024, 1025, 8192, 70_000])
      expect(provider.random(length)).toHaveLength(length);
    const seen = new Set<string>();
    for (let i = 0; i < 2000; i++) seen.add(toHex(provider.random(16)));
    expect(seen.size).toBe(2000);
    expect(provider.random(64).buffer.byteLength).toBe(64);
  });

  test('throws RangeError for a length that is no length', () => {
    for (const length of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => provider.random(length)).toThrow(RangeError);
    }
  });

  test.each(HASHES)('%s of several parts is that of their concatenation', (hash) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (a, b) => {
        const expected = createHash(hash).update(a).update(b).digest('hex');
        expect(toHex(provider.digest(hash, a, b))).toBe(expected);
        expect(toHex(provider.createHash(hash).update(a).update(b).digest())).toBe(expected);
      }),
      { numRuns: 20 },
    );
    expect(toHex(provider.digest(hash))).toBe(createHash(hash).digest('hex'));
  });

  test('a hash goes on after its digest, and a copy goes its own way', () => {
    const hash = provider.createHash('sha256').update(fromUtf8('a'));
    const early = toHex(hash.digest());
    const copy = hash.copy();
    hash.update(fromUtf8('b'));
    copy.update(fromUtf8('c'));
    expect(early).toBe(toHex(provider.digest('sha256', fromUtf8('a'))));
    expect(toHex(hash.digest())).toBe(toHex(provider.digest('sha256', fromUtf8('ab'))));
    expect(toHex(copy.digest())).toBe(toHex(provider.digest('sha256', fromUtf8('ac'))));
    expect(toHex(hash.digest())).toBe(toHex(hash.digest()));
  });

  test('a hash is the same whatever the pieces, and does not look at them again', () => {
    const sizes = fc.array(fc.constantFrom(0, 1, 511, 512, 513, 3000, 4095, 4096, 4097, 9000), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(sizes, fc.nat(6), (lengths, at) => {
        const expected = createHash('sha256');
        let hash = provider.createHash('sha256');
        for (const [i, length] of lengths.entries()) {
          const piece = new Uint8Array(length).fill(i + 1);
          expected.update(piece);
          hash.update(piece);
          piece.fill(0xee);
          if (i !== at) continue;
          const left = hash;
          hash = hash.copy();
          left.update(Uint8Array.of(1, 2, 3));
        }
        expect(toHex(hash.digest())).toBe(expected.copy().digest('hex'));
      }),
      { numRuns: 60 },
    );
  });

  test.each(HASHES)('HMAC with %s agrees for keys and messages of all lengths, used in any order', (hash) => {
    const lengths = [0, 1, 63, 64, 65, 127, 128, 129, 200];
    for (const keyLength of lengths) {
      const key = provider.random(keyLength);
      const [ours, theirs] = [provider.hmacKey(hash, key), other.hmacKey(hash, key)];
      expect([ours.hash, ours.length]).toEqual([hash, provider.digest(hash).length]);
      for (const length of [1000, 0, 447, 448, 449, 32, 5000]) {
        const message = provider.random(length);
        expect(toHex(ours.sign(message))).toBe(toHex(theirs.sign(message)));
        expect(toHex(ours.sign(message.subarray(0, 7), message.subarray(7)))).toBe(
          toHex(theirs.sign(message)),
        );
      }
    }
  });

  test('an HMAC key does not depend on the array that it was made from', () => {
    const key = fromHex('0b'.repeat(20));
    const hmac = provider.hmacKey('sha256', key);
    key.fill(0);
    // RFC 4231 §4.2
    expect(toHex(hmac.sign(fromUtf8('Hi There')))).toBe(
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    );
    expect(hmac.sign(new Uint8Array(1000))).toHaveLength(32);
  });

  test('implements every AEAD of the registry; @noble has no ARIA', () => {
    const expected =
      provider === nodeProvider ? AEAD_NAMES : AEAD_NAMES.filter((name) => !name.startsWith('aria'));
    expect(provider.aeads).toEqual(expected);
    for (const name of AEAD_NAMES) {
      const make = () => provider.aead(name, new Uint8Array(AEADS[name].keyLength));
      if (!expected.includes(name)) expect(make).toThrow('unsupported');
      else expect(make().tagLength).toBe(AEADS[name].tagLength);
    }
  });

  test.each(provider.aeads)(
    '%s seals what the other provider opens, and nothing that was changed',
    (name) => {
      const { keyLength, tagLength } = AEADS[name];
      const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
      const text = fc.uint8Array({ maxLength: 200 });
      fc.assert(
        fc.property(
          bytes(keyLength),
          bytes(12),
          text,
          text,
          fc.nat(),
          (key, nonce, aad, plaintext, where) => {
            const before = toHex(plaintext);
            const { ciphertext, tag } = provider.aead(name, key).seal(nonce, aad, plaintext);
            expect([ciphertext.length, tag.length, toHex(plaintext)]).toEqual([
              plaintext.length,
              tagLength,
              before,
            ]);
            const sealed = concat(ciphertext, tag);
            for (const side of [provider, other].filter(({ aeads }) => aeads.includes(name))) {
              expect(toHex(side.aead(name, key).open(nonce, aad, sealed)!)).toBe(before);
            }
            const changed = sealed.slice();
            changed[where % changed.length]! ^= 1 << (where % 8);
            expect(provider.aead(name, key).open(nonce, aad, changed)).toBeNull();
            expect(provider.aead(name, key).open(nonce, concat(aad, Uint8Array.of(0)), sealed)).toBeNull();
          },
        ),
        { numRuns: 30 },
      );
    },
  );

  test.each(provider.aeads)('%s can be used again after a record that did not fit', (name) => {
    const cipher = provider.aead(name, provider.random(AEADS[name].keyLength));
    const nonce = provider.random(12);
    const { ciphertext, tag } = cipher.seal(nonce, nonce, new Uint8Array(50));
    expect(cipher.open(nonce, nonce, new Uint8Array(80))).toBeNull();
    expect(cipher.open(nonce, nonce, concat(ciphertext, tag))).toEqual(new Uint8Array(50));
  });

  test.each(provider.aeads)('%s opens nothing that is shorter than a tag', (name) => {
    const cipher = provider.aead(name, provider.random(AEADS[name].keyLength));
    for (let length = 0; length < cipher.tagLength; length++) {
      expect(cipher.open(new Uint8Array(12), new Uint8Array(0), new Uint8Array(length))).toBeNull();
    }
  });

  test.each(provider.aeads)('%s refuses keys and nonces of other lengths', (name) => {
    const { keyLength } = AEADS[name];
    for (const length of [0, keyLength - 1, keyLength + 1, 24]) {
      expect(() => provider.aead(name, new Uint8Array(length))).toThrow(CryptoError);
    }
    const cipher = provider.aead(name, new Uint8Array(keyLength));
    const empty = new Uint8Array(0);
    for (const length of [0, 8, 11, 13, 16]) {
      expect(() => cipher.seal(new Uint8Array(length), empty, empty)).toThrow(CryptoError);
      expect(() => cipher.open(new Uint8Array(length), empty, new Uint8Array(20))).toThrow(CryptoError);
    }
  });

  test('a cipher keeps its key when the caller wipes the array', () => {
    for (const name of provider.aeads) {
      const key = provider.random(AEADS[name].keyLength);
      const [wiped, kept] = [provider.aead(name, key), provider.aead(name, key.slice())];
      const nonce = provider.random(12);
      key.fill(0);
      expect(wiped.seal(nonce, nonce, nonce)).toEqual(kept.seal(nonce, nonce, nonce));
    }
  });

  test('AES-CCM agrees on a whole record and on additional data of 64 KiB and more', () => {
    const key = provider.random(16);
    const nonce = provider.random(12);
    for (const [aadLength, length] of [
      [5, 16_640],
      [0xfeff, 3],
      [0xff00, 3],
      [70_000, 0],
    ] as const) {
      const aad = provider.random(aadLength);
      const text = provider.random(length);
      expect(provider.aead('aes-128-ccm', key).seal(nonce, aad, text)).toEqual(
        other.aead('aes-128-ccm', key).seal(nonce, aad, text),
      );
    }
  });
});

test('ARIA-GCM reproduces RFC 8269, appendix A.2', () => {
  const plaintext = fromHex(
    'f57af5fd4ae19562976ec57a5a7ad55a5af5c5e5c5fdf5c55ad57a4a7272d57262e9729566ed66e97ac54a4a5a7ad5e1' +
      '5ae5fdd5fd5ac5d56ae56ad5c572d54ae54ac55a956afd6aed5a4ac562957a9516991691d572fd14e97ae962ed7a9f4a' +
      '955af572e162f57a956666e17ae1f54a95f566d54a66e16e4afd6a9f7ae1c5c55ae5d56afde916c5e94a6ec56695e14a' +
      'fde1148416e94ad57ac5146ed59d1cc5',
  );
  const [nonce, aad] = [fromHex('000020e8f5eb00000000315e'), fromHex('8008315ebf2e6fe020e8f5eb')];
  for (const [name, key, start, tag] of [
    [
      'aria-128-gcm',
      'e91e5e75da65554a48181f3846349562',
      '4d8a9a0675550c704b17d8c9ddc81a5c',
      '5abace3f37f5a736f4be984bbffbedc1',
    ],
    [
      'aria-256-gcm',
      '0c5ffd37a11edc42c325287fc0604f2e3e8cd5671a00fe3216aa5eb105783b54',
      '6f9e4bcbc8c85fc0128fb1e4a0a20cb9',
      'e210d6ced2cf430ff841472915e7ef48',
    ],
  ] as const) {
    const sealed = nodeProvider.aead(name, fromHex(key)).seal(nonce, aad, plaintext);
    expect(toHex(sealed.ciphertext.subarray(0, 16))).toBe(start);
    expect(toHex(sealed.tag)).toBe(tag);
  }
});

describe('decompression', () => {
  const decompress = nodeProvider.decompress!;
  const compress = nodeProvider.compress!;

  test.each(['zlib', 'brotli'] as const)('%s gives back what was compressed', (algorithm) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (data) => {
        expect(toHex(decompress(algorithm, compress(algorithm, data), 500))).toBe(toHex(data));
      }),
      { numRuns: 20 },
    );
  });

  test.each(['zlib', 'brotli'] as const)('%s stops at the limit, however large the bomb', (algorithm) => {
    const bomb = compress(algorithm, new Uint8Array(5_000_000));
    expect(() => decompress(algorithm, bomb, 65_536)).toThrow('stopped at the limit');
    expect(() => decompress(algorithm, bomb, 4_999_999)).toThrow('stopped at the limit');
    expect(decompress(algorithm, bomb, 5_000_000)).toHaveLength(5_000_000);
    expect(decompress(algorithm, compress(algorithm, new Uint8Array(0)), 0)).toHaveLength(0);
    expect(() => decompress(algorithm, compress(algorithm, new Uint8Array(1)), 0)).toThrow(CryptoError);
  });

  test.each(['zlib', 'brotli'] as const)(
    '%s refuses truncated streams, other bytes and bytes after the end',
    (algorithm) => {
      const good = compress(algorithm, fromUtf8('certificate '.repeat(20)));
      for (let end = 0; end < good.length; end++) {
        expect(() => decompress(algorithm, good.subarray(0, end), 1000)).toThrow(CryptoError);
      }
      expect(() => decompress(algorithm, concat(good, Uint8Array.of(0)), 1000)).toThrow(CryptoError);
      expect(() => decompress(algorithm, new Uint8Array(50).fill(0xee), 1000)).toThrow(CryptoError);
      expect(() => decompress(algorithm, good, -1)).toThrow(RangeError);
    },
  );
});
