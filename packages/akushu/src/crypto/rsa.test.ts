import { constants, createPrivateKey, generateKeyPairSync, privateEncrypt, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromUtf8, toHex } from '../bytes/index.js';
import { der, derUnsigned, readDer, TAG } from './der.js';
import { bigIntToBytes, bytesToBigInt } from './integers.js';
import { encodeRsaPkcs8, parsePkcs8, parseSpki } from './keymaterial.js';
import { nodeProvider } from './node.js';
import { encodePkcs1 } from './pkcs1.js';
import { portableProvider } from './portable.js';
import { CryptoError, type PrivateKey, type Provider } from './provider.js';

const PROVIDERS = [nodeProvider, portableProvider];
const MD5_SHA1 = { kind: 'rsa-md5-sha1' } as const;
const MESSAGE = fromUtf8('client_random, server_random and params');

const make = (modulusLength: number) =>
  Uint8Array.from(
    generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ type: 'pkcs8', format: 'der' }),
  );
const KEYS = [1024, 1033, 2048].map((bits) => ({ bits, pkcs8: make(bits) }));
const KEY = KEYS[2]!.pkcs8;

async function reasonOf(action: () => unknown): Promise<string> {
  try {
    await action();
    return 'none';
  } catch (error) {
    if (error instanceof CryptoError) return error.reason;
    throw error;
  }
}

async function load(provider: Provider, pkcs8: Uint8Array) {
  const key = await provider.importPrivateKey(pkcs8);
  const publicKey = provider.importPublicKey(key.spki);
  const material = parseSpki(key.spki);
  if (!key.decryptRaw || !publicKey.encryptRaw || material.kind !== 'rsa') throw new TypeError('not RSA');
  return {
    key,
    publicKey,
    decrypt: key.decryptRaw,
    encrypt: publicKey.encryptRaw,
    n: bytesToBigInt(material.n),
    length: material.n.length,
  };
}

describe.each(PROVIDERS)('bare RSA of the $name provider', (provider) => {
  test.each(KEYS)('$bits bits: decrypts what either provider encrypts, at full length', async ({ pkcs8 }) => {
    const { decrypt, n, length } = await load(provider, pkcs8);
    const sides = await Promise.all(PROVIDERS.map((side) => load(side, pkcs8)));
    const special = [0n, 1n, 2n, n - 1n, n >> 1n, 1n << 200n].map((value) => bigIntToBytes(value, length));
    const arbitrary = fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((bytes) => bigIntToBytes(bytesToBigInt(bytes) % n, length));
    const check = async (block: Uint8Array) => {
      const before = toHex(block);
      const [one, two] = sides.map(({ encrypt }) => encrypt(block));
      expect(toHex(one!)).toBe(toHex(two!));
      expect(one).toHaveLength(length);
      const decrypted = await decrypt(one!);
      expect([toHex(decrypted), toHex(block)]).toEqual([before, before]);
      expect(Object.getPrototypeOf(decrypted)).toBe(Uint8Array.prototype);
      expect(Object.getPrototypeOf(one)).toBe(Uint8Array.prototype);
    };
    for (const block of special) await check(block);
    await fc.assert(fc.asyncProperty(arbitrary, check), { numRuns: 10 });
  });

  test.each(KEYS)('$bits bits: refuses other lengths and numbers from the modulus on', async ({ pkcs8 }) => {
    const { decrypt, encrypt, n, length } = await load(provider, pkcs8);
    const blocks: Uint8Array[] = [0, 1, length - 1, length + 1, 4 * length].map((size) =>
      new Uint8Array(size).fill(1),
    );
    blocks.push(bigIntToBytes(n, length), bigIntToBytes(n + 1n, length), new Uint8Array(length).fill(0xff));
    for (const block of blocks) {
      expect(await reasonOf(() => encrypt(block))).toBe('bad_length');
      expect(await reasonOf(() => decrypt(block))).toBe('bad_length');
    }
  });

  test('decrypts twice alike, and not at all when aborted', async () => {
    const { decrypt, encrypt, length } = await load(provider, KEY);
    const ciphertext = encrypt(new Uint8Array(length).fill(7));
    expect(toHex(await decrypt(ciphertext))).toBe(toHex(await decrypt(ciphertext)));
    const signal = AbortSignal.abort(new Error('gone'));
    expect(() => decrypt(ciphertext, { signal })).toThrow('gone');
  });

  test('other keys have no bare operations', async () => {
    const pss = parsePkcs8(KEY);
    if (pss.kind !== 'rsa') throw new TypeError('not RSA');
    const algorithm = der(TAG.sequence, Uint8Array.of(6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 10));
    const rsaPss = der(
      TAG.sequence,
      derUnsigned(new Uint8Array(1)),
      algorithm,
      der(TAG.octetString, pss.pkcs1),
    );
    const ec = await provider.generatePrivateKey('secp256r1');
    for (const pkcs8 of [rsaPss, ec]) {
      const key = await provider.importPrivateKey(pkcs8);
      expect('decryptRaw' in key).toBe(false);
      expect('encryptRaw' in provider.importPublicKey(key.spki)).toBe(false);
      expect(key.schemes).not.toContain('rsa_pkcs1_md5_sha1');
      await expect(async () => key.sign('rsa_pkcs1_md5_sha1', MESSAGE)).rejects.toThrow('unsupported');
    }
  });

  test('wrong CRT numbers in a key file never give a wrong result', async () => {
    const good = await load(provider, KEY);
    const block = new Uint8Array(good.length).fill(3);
    const ciphertext = good.encrypt(block);
    for (const which of [6, 7, 8]) {
      const bad = await provider.importPrivateKey(withNumber(KEY, which, (value) => value ^ 0x10n));
      try {
        expect(toHex(await bad.decryptRaw!(ciphertext))).toBe(toHex(block));
      } catch (error) {
        expect(error).toBeInstanceOf(CryptoError);
      }
    }
  });
});

/** A key file with one of its nine numbers (RFC 8017, appendix A.1.2) changed. */
function withNumber(pkcs8: Uint8Array, which: number, change: (value: bigint) => bigint): Uint8Array {
  const material = parsePkcs8(pkcs8);
  if (material.kind !== 'rsa') throw new TypeError('not RSA');
  const numbers = readDer(material.pkcs1, (file) =>
    file.inside(TAG.sequence, (fields) => Array.from({ length: 9 }, () => fields.unsigned())),
  );
  numbers[which] = bigIntToBytes(change(bytesToBigInt(numbers[which]!)), numbers[which]!.length);
  return encodeRsaPkcs8(der(TAG.sequence, ...numbers.map(derUnsigned)));
}

test('the portable provider refuses to compute with primes that are none', async () => {
  const material = parsePkcs8(KEY);
  if (material.kind !== 'rsa') throw new TypeError('not RSA');
  const [p, q] = material.primes.map(bytesToBigInt) as [bigint, bigint];
  // One prime, and the square of another of half its size.
  const small = bytesToBigInt(parsePrimes(KEYS[0]!.pkcs8)[0]!);
  const numbers = [0n, p * small * small, 65_537n, 1n, p, small * small, 1n, 1n, 1n];
  const bytes = (value: bigint) => bigIntToBytes(value, Math.ceil(value.toString(16).length / 2));
  const fake = encodeRsaPkcs8(der(TAG.sequence, ...numbers.map((value) => derUnsigned(bytes(value)))));
  const key = await portableProvider.importPrivateKey(fake);
  const block = bigIntToBytes(q, lengthOf(key));
  expect(await reasonOf(() => key.decryptRaw!(block))).toBe('bad_key');
});

function parsePrimes(pkcs8: Uint8Array): readonly Uint8Array[] {
  const material = parsePkcs8(pkcs8);
  return material.kind === 'rsa' ? material.primes : [];
}

function lengthOf({ spki }: PrivateKey): number {
  const material = parseSpki(spki);
  return material.kind === 'rsa' ? material.n.length : 0;
}

describe.each(PROVIDERS)('the signature of TLS 1.0 and 1.1 with the $name provider', (provider) => {
  const native = createPrivateKey({ key: Buffer.from(KEY), format: 'der', type: 'pkcs8' });
  const digests = concat(provider.digest('md5', MESSAGE), provider.digest('sha1', MESSAGE));

  test('is block type 1 over MD5 and SHA-1, and the last choice of the key', async () => {
    const { key } = await load(provider, KEY);
    expect(key.schemes.at(-1)).toBe('rsa_pkcs1_md5_sha1');
    const expected = privateEncrypt({ key: native, padding: constants.RSA_PKCS1_PADDING }, digests);
    expect(toHex(await key.sign('rsa_pkcs1_md5_sha1', MESSAGE))).toBe(toHex(expected));
  });

  test('verifies nothing but that one block', async () => {
    const { publicKey, decrypt, length } = await load(provider, KEY);
    const verifies = async (block: Uint8Array) => publicKey.verify(MD5_SHA1, MESSAGE, await decrypt(block));
    expect(await verifies(encodePkcs1(digests, length))).toBe(true);

    const shortPadding = encodePkcs1(digests, length);
    shortPadding.fill(0xaa, 47); // Bleichenbacher 2006: few ff, the digests, and garbage behind
    shortPadding.set(concat(Uint8Array.of(0), digests), 10);
    const blockType2 = encodePkcs1(digests, length);
    blockType2[1] = 2;
    const blockType0 = encodePkcs1(digests, length).fill(0, 1, length - 36);
    const swapped = concat(digests.subarray(16), digests.subarray(0, 16));
    for (const block of [
      shortPadding,
      blockType2,
      blockType0,
      encodePkcs1(swapped, length),
      encodePkcs1(digests.subarray(16), length),
      encodePkcs1(digests.subarray(0, 16), length),
      encodePkcs1(new Uint8Array(36), length),
      new Uint8Array(length),
    ]) {
      expect(await verifies(block)).toBe(false);
    }
    for (const hash of ['md5', 'sha1', 'sha256']) {
      expect(publicKey.verify(MD5_SHA1, MESSAGE, sign(hash, MESSAGE, native))).toBe(false);
    }
    const signature = await decrypt(encodePkcs1(digests, length));
    expect(publicKey.verify({ kind: 'rsa-pkcs1', hash: 'sha1' }, MESSAGE, signature)).toBe(false);
    expect(publicKey.verify({ kind: 'rsa-pkcs1', hash: 'md5' }, MESSAGE, signature)).toBe(false);
  });

  test('is false for signatures of other lengths or not below the modulus', async () => {
    const { publicKey, n, length } = await load(provider, KEY);
    for (const size of [0, 1, 36, length - 1, length + 1]) {
      expect(publicKey.verify(MD5_SHA1, MESSAGE, new Uint8Array(size))).toBe(false);
    }
    expect(publicKey.verify(MD5_SHA1, MESSAGE, bigIntToBytes(n, length))).toBe(false);
    expect(publicKey.verify(MD5_SHA1, MESSAGE, new Uint8Array(length).fill(0xff))).toBe(false);
  });
});
