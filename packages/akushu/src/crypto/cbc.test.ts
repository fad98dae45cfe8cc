import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex } from '../bytes/index.js';
import type { CbcName } from '../registry/types.js';
import { CBC_NAMES, CBCS } from './cbcs.js';
import { nodeProvider } from './node.js';
import { portableProvider } from './portable.js';
import { CryptoError } from './provider.js';

const OPENSSL: Readonly<Record<CbcName, string>> = {
  'aes-128-cbc': 'aes-128-cbc',
  'aes-256-cbc': 'aes-256-cbc',
  'camellia-128-cbc': 'camellia-128-cbc',
  'camellia-256-cbc': 'camellia-256-cbc',
  'aria-128-cbc': 'aria-128-cbc',
  'aria-256-cbc': 'aria-256-cbc',
  '3des-ede-cbc': 'des-ede3-cbc',
};

/** A cipher made for this one call. */
function freshly(name: CbcName, key: Uint8Array, iv: Uint8Array, data: Uint8Array): string {
  const cipher = createCipheriv(OPENSSL[name], key, iv).setAutoPadding(false);
  return cipher.update(data).toString('hex') + cipher.final('hex');
}

function reasonOf(action: () => unknown): string {
  try {
    action();
    return 'none';
  } catch (error) {
    if (error instanceof CryptoError) return error.reason;
    throw error;
  }
}

test('Node has every block cipher of the registry here, and @noble has AES', () => {
  expect(nodeProvider.cbcCiphers).toEqual(CBC_NAMES);
  expect(portableProvider.cbcCiphers).toEqual(['aes-128-cbc', 'aes-256-cbc']);
  expect(reasonOf(() => portableProvider.cbc('3des-ede-cbc', new Uint8Array(24)))).toBe('unsupported');
  expect(reasonOf(() => portableProvider.cbc('aria-128-cbc', new Uint8Array(16)))).toBe('unsupported');
  for (const name of ['constructor', 'aes-192-cbc']) {
    expect(reasonOf(() => nodeProvider.cbc(name as CbcName, new Uint8Array(24)))).toBe('unsupported');
  }
});

const CASES = [nodeProvider, portableProvider].flatMap((provider) =>
  provider.cbcCiphers.map((name) => ({ provider, of: provider.name, name })),
);

describe.each(CASES)('$name of the $of provider', ({ provider, name }) => {
  const { keyLength, blockLength } = CBCS[name];
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const blocks = fc
    .integer({ min: 0, max: 6 })
    .chain((count) => bytes(count * blockLength).map((data) => Uint8Array.from(data)));

  test('each call stands by itself, whatever was encrypted or decrypted before under the same key', () => {
    const call = fc.record({ iv: bytes(blockLength), data: blocks, decrypts: fc.boolean() });
    fc.assert(
      fc.property(bytes(keyLength), fc.array(call, { maxLength: 8 }), (key, calls) => {
        const cipher = provider.cbc(name, key);
        for (const { iv, data, decrypts } of calls) {
          if (decrypts) {
            expect(freshly(name, key, iv, cipher.decrypt(iv, data))).toBe(toHex(data));
          } else {
            expect(toHex(cipher.encrypt(iv, data))).toBe(freshly(name, key, iv, data));
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test('one record decrypts to what was encrypted, at 16 KiB too', () => {
    const cipher = provider.cbc(name, provider.random(keyLength));
    expect(cipher.blockLength).toBe(blockLength);
    for (const length of [blockLength, 16 * blockLength, 16_384, 16_704]) {
      const [iv, data] = [provider.random(blockLength), provider.random(length)];
      expect(toHex(cipher.decrypt(iv, cipher.encrypt(iv, data)))).toBe(toHex(data));
    }
  });

  test('leaves key, IV and data as they were, and returns arrays of its own', () => {
    const key = provider.random(keyLength);
    const before = provider.cbc(name, key.slice());
    const cipher = provider.cbc(name, key);
    key.fill(0);
    const both = provider.random(5 * blockLength);
    const copy = toHex(both);
    const [iv, data] = [both.subarray(0, blockLength), both.subarray(blockLength)];
    const encrypted = cipher.encrypt(iv, data);
    expect(toHex(encrypted)).toBe(toHex(before.encrypt(iv, data)));
    const decrypted = cipher.decrypt(iv, encrypted);
    expect(toHex(both)).toBe(copy);
    for (const result of [encrypted, decrypted]) {
      expect(Object.getPrototypeOf(result)).toBe(Uint8Array.prototype);
      expect(result.buffer.byteLength).toBe(result.length);
      expect(result.buffer).not.toBe(both.buffer);
    }
    decrypted.fill(0);
    encrypted.fill(0);
    expect(toHex(cipher.encrypt(iv, data))).toBe(toHex(before.encrypt(iv, data)));
  });

  test('an IV may lie inside of the data', () => {
    const key = provider.random(keyLength);
    const cipher = provider.cbc(name, key);
    const data = provider.random(3 * blockLength);
    for (const at of [0, blockLength - 1, 2 * blockLength]) {
      const iv = data.subarray(at, at + blockLength);
      const expected = freshly(name, key, iv, data);
      expect(toHex(cipher.encrypt(iv, data))).toBe(expected);
      expect(toHex(cipher.decrypt(iv, fromHex(expected)))).toBe(toHex(data));
    }
  });

  test('chains over records as TLS 1.0 does', () => {
    const key = provider.random(keyLength);
    const cipher = provider.cbc(name, key);
    const iv = provider.random(blockLength);
    const [first, second] = [provider.random(4 * blockLength), provider.random(2 * blockLength)];
    const one = cipher.encrypt(iv, first);
    const two = cipher.encrypt(one.subarray(-blockLength), second);
    expect(toHex(concat(one, two))).toBe(freshly(name, key, iv, concat(first, second)));
  });

  test('refuses keys, IVs and data of other lengths, and works on afterwards', () => {
    for (const length of [0, 8, keyLength - 1, keyLength + 1, 64]) {
      expect(reasonOf(() => provider.cbc(name, new Uint8Array(length)))).toBe('bad_length');
    }
    const cipher = provider.cbc(name, new Uint8Array(keyLength));
    const [iv, data] = [new Uint8Array(blockLength), new Uint8Array(2 * blockLength)];
    const expected = toHex(cipher.encrypt(iv, data));
    for (const length of [0, blockLength - 1, blockLength + 1, 2 * blockLength]) {
      expect(reasonOf(() => cipher.encrypt(new Uint8Array(length), data))).toBe('bad_length');
      expect(reasonOf(() => cipher.decrypt(new Uint8Array(length), data))).toBe('bad_length');
    }
    for (const length of [1, blockLength - 1, blockLength + 1, 16_383]) {
      expect(reasonOf(() => cipher.encrypt(iv, new Uint8Array(length)))).toBe('bad_length');
      expect(reasonOf(() => cipher.decrypt(iv, new Uint8Array(length)))).toBe('bad_length');
    }
    expect(toHex(cipher.encrypt(iv, data))).toBe(expected);
  });
});

describe('printed vectors', () => {
  const zero = (name: CbcName) => new Uint8Array(CBCS[name].blockLength);

  // One block under an IV of zeros is the bare block cipher.
  test.each([
    // RFC 3713, appendix A
    [
      'camellia-128-cbc',
      '0123456789abcdeffedcba9876543210',
      '0123456789abcdeffedcba9876543210',
      '67673138549669730857065648eabe43',
    ],
    [
      'camellia-256-cbc',
      '0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff',
      '0123456789abcdeffedcba9876543210',
      '9acc237dff16d76c20ef7c919e3a7509',
    ],
    // RFC 5794, appendix A
    [
      'aria-128-cbc',
      '000102030405060708090a0b0c0d0e0f',
      '00112233445566778899aabbccddeeff',
      'd718fbd6ab644c739da95f3be6451778',
    ],
    [
      'aria-256-cbc',
      '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
      '00112233445566778899aabbccddeeff',
      'f92bd7c79fb72e2f2b8f80c1972d24fc',
    ],
    // NIST SP 800-67, appendix B.1
    [
      '3des-ede-cbc',
      '0123456789abcdef23456789abcdef01456789abcdef0123',
      '5468652071756663',
      'a826fd8ce53b855f',
    ],
    [
      '3des-ede-cbc',
      '0123456789abcdef23456789abcdef01456789abcdef0123',
      '6b2062726f776e20',
      'cce21c8112256fe6',
    ],
  ] as const)('%s: one block', (name, key, plaintext, ciphertext) => {
    const cipher = nodeProvider.cbc(name, fromHex(key));
    expect(toHex(cipher.encrypt(zero(name), fromHex(plaintext)))).toBe(ciphertext);
    expect(toHex(cipher.decrypt(zero(name), fromHex(ciphertext)))).toBe(plaintext);
  });

  test.each([nodeProvider, portableProvider])('$name: AES of NIST SP 800-38A, F.2', (provider) => {
    const iv = fromHex('000102030405060708090a0b0c0d0e0f');
    const plaintext = fromHex('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51');
    for (const [name, key, ciphertext] of [
      [
        'aes-128-cbc',
        '2b7e151628aed2a6abf7158809cf4f3c',
        '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2',
      ],
      [
        'aes-256-cbc',
        '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
        'f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d',
      ],
    ] as const) {
      const cipher = provider.cbc(name, fromHex(key));
      expect(toHex(cipher.encrypt(iv, plaintext))).toBe(ciphertext);
      expect(toHex(cipher.decrypt(iv, fromHex(ciphertext)))).toBe(toHex(plaintext));
    }
  });
});
