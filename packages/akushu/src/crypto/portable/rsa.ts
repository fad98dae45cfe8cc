/**
 * RSA: the bare public operation, and verification of PKCS#1 v1.5 and PSS, over BigInt (RFC 8017 §8.1.2, §8.2.2);
 * signing by the platform's Web Crypto, asynchronously. A v1.5 signature is checked by encoding what it has to be and
 * comparing all of it: nothing of the padding is ever parsed. The bare private operation stands in `rsa-private.ts`.
 */
import { pow } from '@noble/curves/abstract/modular.js';
import { concat, equal, fromHex } from '../../bytes/index.js';
import type { HashName } from '../../registry/types.js';
import { bigIntToBytes, bytesToBigInt } from '../integers.js';
import { encodeRsaPkcs8 } from '../keymaterial.js';
import { encodePkcs1 } from '../pkcs1.js';
import { CryptoError, type SignatureAlgorithm } from '../provider.js';
import { HASH_LENGTH } from '../schemes.js';
import { digest } from './hash.js';

/** RFC 8017 §9.2, note 1: the DigestInfo up to the digest. */
const DIGEST_INFO: Readonly<Partial<Record<HashName, Uint8Array>>> = {
  sha1: fromHex('3021300906052b0e03021a05000414'),
  sha224: fromHex('302d300d06096086480165030402040500041c'),
  sha256: fromHex('3031300d060960864801650304020105000420'),
  sha384: fromHex('3041300d060960864801650304020205000430'),
  sha512: fromHex('3051300d060960864801650304020305000440'),
};

export interface RsaNumbers {
  readonly n: bigint;
  readonly e: bigint;
  readonly bits: number;
}

/** RSAVP1 (RFC 8017 §5.2.2). Null where length or range is wrong. */
function recover(key: RsaNumbers, signature: Uint8Array, length: number): Uint8Array | null {
  if (signature.length !== Math.ceil(key.bits / 8)) return null;
  const s = bytesToBigInt(signature);
  if (s >= key.n) return null;
  const m = pow(s, key.e, key.n);
  return m < 1n << BigInt(8 * length) ? bigIntToBytes(m, length) : null;
}

export function verifyPkcs1(
  key: RsaNumbers,
  hash: HashName,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const length = Math.ceil(key.bits / 8);
  const prefix = DIGEST_INFO[hash];
  const encoded = recover(key, signature, length);
  if (!prefix || !encoded) return false;
  return equal(encoded, encodePkcs1(concat(prefix, digest(hash, message)), length));
}

/** The two digests that TLS 1.0 and 1.1 sign (RFC 4346 §7.4.3), as a block to be signed. */
export function encodeMd5Sha1(message: Uint8Array, length: number): Uint8Array {
  return encodePkcs1(concat(digest('md5', message), digest('sha1', message)), length);
}

export function verifyMd5Sha1(key: RsaNumbers, message: Uint8Array, signature: Uint8Array): boolean {
  const length = Math.ceil(key.bits / 8);
  const encoded = recover(key, signature, length);
  return encoded !== null && equal(encoded, encodeMd5Sha1(message, length));
}

/** RSAEP (RFC 8017 §5.1.1). Length and range were checked before. */
export function encryptRaw(key: RsaNumbers, block: Uint8Array): Uint8Array {
  return bigIntToBytes(pow(bytesToBigInt(block), key.e, key.n), block.length);
}

/** EMSA-PSS-VERIFY (RFC 8017 §9.1.2), MGF1 with the same hash. That it fits the modulus was checked before. */
export function verifyPss(
  key: RsaNumbers,
  hash: HashName,
  saltLength: number,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const emBits = key.bits - 1;
  const encoded = recover(key, signature, Math.ceil(emBits / 8));
  if (encoded?.at(-1) !== 0xbc) return false;
  const dbLength = encoded.length - HASH_LENGTH[hash] - 1;
  const h = encoded.subarray(dbLength, -1);
  const topMask = 0xff >> (8 * encoded.length - emBits);
  if ((encoded[0]! & ~topMask) !== 0) return false;
  const db = maskGeneration(hash, h, dbLength);
  for (let i = 0; i < dbLength; i++) db[i]! ^= encoded[i]!;
  db[0]! &= topMask;
  const one = dbLength - saltLength - 1;
  for (let i = 0; i < one; i++) if (db[i] !== 0) return false;
  if (db[one] !== 1) return false;
  return equal(h, digest(hash, new Uint8Array(8), digest(hash, message), db.subarray(one + 1)));
}

/** MGF1 (RFC 8017, appendix B.2.1). */
function maskGeneration(hash: HashName, seed: Uint8Array, length: number): Uint8Array {
  const mask = new Uint8Array(length);
  const counter = new Uint8Array(4);
  for (let at = 0; at < length; at += HASH_LENGTH[hash]) {
    mask.set(digest(hash, seed, counter).subarray(0, length - at), at);
    counter[3]!++; // at most 1,024 bytes of mask: fewer than 256 rounds
  }
  return mask;
}

const WEB_HASHES: Readonly<Partial<Record<HashName, string>>> = {
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
};

type WebKey = Awaited<ReturnType<typeof globalThis.crypto.subtle.importKey>>;

/** Signs with the platform's Web Crypto, which wants one imported key for each padding and hash. */
export function rsaSigner(
  pkcs1: Uint8Array,
): (algorithm: SignatureAlgorithm, message: Uint8Array) => Promise<Uint8Array> {
  const imported = new Map<string, Promise<WebKey>>();
  return async (algorithm, message) => {
    if (algorithm.kind !== 'rsa-pss' && algorithm.kind !== 'rsa-pkcs1') throw new CryptoError('unsupported');
    const { subtle } = globalThis.crypto;
    const name = algorithm.kind === 'rsa-pss' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5';
    const hash = WEB_HASHES[algorithm.hash];
    if (hash === undefined) throw new CryptoError('unsupported', 'hash');
    let key = imported.get(name + hash);
    if (!key) {
      // The restricted OID of rsa-pss keys is unknown to Web Crypto: imported as rsaEncryption.
      key = subtle.importKey('pkcs8', encodeRsaPkcs8(pkcs1), { name, hash }, false, ['sign']).catch(() => {
        throw new CryptoError('bad_key');
      });
      imported.set(name + hash, key);
    }
    const parameters = algorithm.kind === 'rsa-pss' ? { name, saltLength: algorithm.saltLength } : { name };
    return new Uint8Array(await subtle.sign(parameters, await key, message));
  };
}

export async function generateRsa(modulusLength: number): Promise<Uint8Array> {
  const { subtle } = globalThis.crypto;
  const publicExponent = Uint8Array.of(1, 0, 1);
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength, publicExponent };
  const { privateKey } = await subtle.generateKey(algorithm, true, ['sign', 'verify']);
  return new Uint8Array(await subtle.exportKey('pkcs8', privateKey));
}
