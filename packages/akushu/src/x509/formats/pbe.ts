/**
 * Password-based encryption as keys and key stores use it: PBES2 (RFC 8018 §6.2) with PBKDF2 or scrypt and AES or
 * 3DES in CBC mode; PKCS#12's 3DES and RC2 (RFC 7292 appendix C); the two of Java's key stores are in `jks.ts`. Decrypts
 * only. RC4 and DES are recognised and named, not implemented.
 */
import { concat, fromUtf8, toLatin1, toUtf8, wipe } from '../../bytes/index.js';
import type { Cbc, Provider } from '../../crypto/provider.js';
import type { CbcName, HashName } from '../../registry/types.js';
import type { AlgorithmIdentifier } from '../algorithms.js';
import { octetString, X509Error } from '../der/index.js';
import { pbeParameters, pbes2Parameters, pbkdf2Parameters, scryptParameters } from './asn1.js';
import { FORMAT_OID, formatOidName } from './oids.js';
import { decodePart } from './part.js';
import { PKCS12_IV, PKCS12_KEY, pbkdf2, pkcs12Derive } from './pbkdf2.js';
import { rc2 } from './rc2.js';
import { scrypt } from './scrypt.js';

/** Text, or its bytes in UTF-8. */
export type Password = string | Uint8Array;

export interface PasswordOptions {
  readonly provider: Provider;
  /** Absent: what is encrypted is refused with `password_needed`. */
  readonly password?: Password;
  /** Hash and HMAC computations that a whole file may cost, a million unless told. Whoever made the file decides. */
  readonly maxIterations?: number;
  /** Instead of `maxIterations`, one bound for several files or keys. */
  readonly budget?: WorkBudget;
}

/** More than what is recommended today (600,000). One to two seconds with Node's hashes, four to six in pure JavaScript. */
const MAX_ITERATIONS = 1_000_000;
/** Memory that scrypt may take: four times what OpenSSL's default takes. */
const MAX_SCRYPT_BYTES = 64 * 1024 * 1024;

/** What the work on one file may still cost; every derivation takes from it before it begins. */
export class WorkBudget {
  private left: number;

  constructor(private readonly limit = MAX_ITERATIONS) {
    this.left = limit;
  }

  take(iterations: number, blocks = 1): void {
    if (iterations < 1) throw new X509Error('bad_value', { field: 'iterationCount', facts: { iterations } });
    this.left -= iterations * blocks;
    if (this.left < 0)
      throw new X509Error('too_much_work', {
        field: 'iterationCount',
        facts: { iterations: iterations * blocks, limit: this.limit },
      });
  }
}

export interface Decryption {
  readonly provider: Provider;
  readonly password: Password;
  readonly budget: WorkBudget;
}

/** Throws X509Error `password_needed` where there is none. */
export function decryptionWith(options: PasswordOptions): Decryption {
  const { provider, password } = options;
  if (password === undefined) throw new X509Error('password_needed');
  return { provider, password, budget: budgetOf(options) };
}

export function budgetOf({ budget, maxIterations }: Partial<PasswordOptions>): WorkBudget {
  return budget ?? new WorkBudget(maxIterations);
}

function passwordText(password: Password): string {
  if (typeof password === 'string') return password;
  try {
    return toUtf8(password);
  } catch {
    return toLatin1(password);
  }
}

export function utf8Password(password: Password): Uint8Array {
  return typeof password === 'string' ? fromUtf8(password) : password;
}

/** UTF-16BE; PKCS#12 has two zero bytes behind it (RFC 7292 appendix B.1), Java's own formats have not. */
export function utf16Password(password: Password, terminated: boolean): Uint8Array {
  const text = passwordText(password);
  const bytes = new Uint8Array(2 * text.length + (terminated ? 2 : 0));
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[2 * i] = unit >> 8;
    bytes[2 * i + 1] = unit & 0xff;
  }
  return bytes;
}

export function unsupported(oid: string, field: string): X509Error {
  return new X509Error('unsupported_algorithm', {
    field,
    facts: { oid, algorithm: formatOidName(oid) ?? oid },
  });
}

const PARAMETERS = 'encryptionAlgorithm.parameters';
const KDF_PARAMETERS = `${PARAMETERS}.keyDerivationFunc.parameters`;

/** Throws X509Error: `wrong_password` where what comes out has no proper padding, `unsupported_algorithm`, `too_much_work`. */
export function decryptPbe(
  { algorithm, parameters }: AlgorithmIdentifier,
  data: Uint8Array,
  decryption: Decryption,
  whole: Uint8Array = data,
): Uint8Array {
  if (parameters === undefined) throw new X509Error('missing_field', { field: 'parameters' });
  if (algorithm === FORMAT_OID.pbes2) return decryptPbes2(parameters, data, decryption, whole);
  const cipher = PKCS12_CIPHERS.get(algorithm);
  if (!cipher) throw unsupported(algorithm, 'encryptionAlgorithm');
  return decryptPkcs12(parameters, data, decryption, cipher, whole);
}

const CIPHERS: ReadonlyMap<string, { readonly name: CbcName; readonly keyLength: number }> = new Map([
  [FORMAT_OID.aes128Cbc, { name: 'aes-128-cbc', keyLength: 16 }],
  [FORMAT_OID.aes256Cbc, { name: 'aes-256-cbc', keyLength: 32 }],
  [FORMAT_OID.des3Cbc, { name: '3des-ede-cbc', keyLength: 24 }],
  ['1.2.392.200011.61.1.1.1.2', { name: 'camellia-128-cbc', keyLength: 16 }],
  ['1.2.392.200011.61.1.1.1.4', { name: 'camellia-256-cbc', keyLength: 32 }],
]);

/** RFC 8018 §6.2.2 */
function decryptPbes2(
  parameters: Uint8Array,
  data: Uint8Array,
  decryption: Decryption,
  whole: Uint8Array,
): Uint8Array {
  const { keyDerivationFunc, encryptionScheme } = decodePart(pbes2Parameters, parameters, PARAMETERS, whole);
  const cipher = CIPHERS.get(encryptionScheme.algorithm);
  if (!cipher) throw unsupported(encryptionScheme.algorithm, 'encryptionScheme');
  requireCipher(decryption.provider, cipher.name);
  const iv = decodePart(
    octetString,
    encryptionScheme.parameters ?? new Uint8Array(0),
    `${PARAMETERS}.encryptionScheme.parameters`,
    whole,
  );
  const key = deriveKey(keyDerivationFunc, cipher.keyLength, decryption, whole);
  try {
    return decryptCbc(decryption.provider.cbc(cipher.name, key), iv, data);
  } finally {
    wipe(key);
  }
}

const PRFS: ReadonlyMap<string, HashName> = new Map([
  ['1.2.840.113549.2.7', 'sha1'],
  ['1.2.840.113549.2.8', 'sha224'],
  ['1.2.840.113549.2.9', 'sha256'],
  ['1.2.840.113549.2.10', 'sha384'],
  ['1.2.840.113549.2.11', 'sha512'],
]);

function deriveKey(
  { algorithm, parameters }: AlgorithmIdentifier,
  length: number,
  { provider, password, budget }: Decryption,
  whole: Uint8Array,
): Uint8Array {
  if (parameters === undefined)
    throw new X509Error('missing_field', { field: 'keyDerivationFunc.parameters' });
  const secret = utf8Password(password);
  if (algorithm === FORMAT_OID.scrypt) {
    const { salt, costParameter, blockSize, parallelizationParameter, keyLength } = decodePart(
      scryptParameters,
      parameters,
      KDF_PARAMETERS,
      whole,
    );
    checkKeyLength(keyLength, length);
    const cost = { cost: costParameter, blockSize, parallel: parallelizationParameter };
    checkScryptCost(cost, budget);
    return scrypt(provider, secret, salt, cost, length);
  }
  if (algorithm !== FORMAT_OID.pbkdf2) throw unsupported(algorithm, 'keyDerivationFunc');
  const { salt, iterationCount, keyLength, prf } = decodePart(
    pbkdf2Parameters,
    parameters,
    KDF_PARAMETERS,
    whole,
  );
  const hash = prf ? PRFS.get(prf.algorithm) : 'sha1';
  if (!hash) throw unsupported(prf!.algorithm, 'keyDerivationFunc.prf');
  checkKeyLength(keyLength, length);
  budget.take(iterationCount, Math.ceil(length / provider.digest(hash).length));
  return pbkdf2(provider, hash, secret, salt, iterationCount, length);
}

/** Where the length is written down it has to be the cipher's. */
function checkKeyLength(written: number | undefined, length: number): void {
  if (written !== undefined && written !== length) {
    throw new X509Error('bad_value', { field: 'keyDerivationFunc.keyLength', facts: { keyLength: written } });
  }
}

function checkScryptCost(
  { cost, blockSize, parallel }: { cost: number; blockSize: number; parallel: number },
  budget: WorkBudget,
): void {
  const field = 'keyDerivationFunc.costParameter';
  // RFC 7914 §6: a power of two, larger than 1; and both others at least 1.
  if (cost < 2 || (cost & (cost - 1)) !== 0 || blockSize < 1 || parallel < 1) {
    throw new X509Error('bad_value', { field, facts: { cost, blockSize, parallel } });
  }
  const bytes = (cost + parallel) * blockSize * 128;
  if (bytes > MAX_SCRYPT_BYTES) throw new X509Error('too_much_work', { field, facts: { bytes } });
  budget.take(cost, 4 * blockSize * parallel);
}

interface Pkcs12Cipher {
  readonly keyLength: number;
  readonly make: (provider: Provider, key: Uint8Array) => CbcDecryption;
}

const tripleDes = (provider: Provider, key: Uint8Array): CbcDecryption => provider.cbc('3des-ede-cbc', key);

/** RFC 7292 appendix C. */
const PKCS12_CIPHERS: ReadonlyMap<string, Pkcs12Cipher> = new Map([
  [FORMAT_OID.pbeSha3Des, { keyLength: 24, make: tripleDes }],
  [FORMAT_OID.pbeSha2Des, { keyLength: 16, make: tripleDes }],
  [FORMAT_OID.pbeShaRc2Of128, { keyLength: 16, make: (_, key) => rc2(key, 128) }],
  [FORMAT_OID.pbeShaRc2Of40, { keyLength: 5, make: (_, key) => rc2(key, 40) }],
]);

function decryptPkcs12(
  parameters: Uint8Array,
  data: Uint8Array,
  { provider, password, budget }: Decryption,
  { keyLength, make }: Pkcs12Cipher,
  whole: Uint8Array,
): Uint8Array {
  if (make === tripleDes) requireCipher(provider, '3des-ede-cbc');
  const { salt, iterationCount } = decodePart(pbeParameters, parameters, PARAMETERS, whole);
  budget.take(iterationCount, 3);
  const secret = utf16Password(password, true);
  const derive = (purpose: number, length: number): Uint8Array =>
    pkcs12Derive(provider, 'sha1', purpose, secret, salt, iterationCount, length);
  const derived = derive(PKCS12_KEY, keyLength);
  // Two-key 3DES is K1, K2, K1.
  const isTwoKey = make === tripleDes && keyLength === 16;
  const key = isTwoKey ? concat(derived, derived.subarray(0, 8)) : derived;
  try {
    return decryptCbc(make(provider, key), derive(PKCS12_IV, 8), data);
  } finally {
    wipe(key, derived);
  }
}

/** Throws X509Error `unsupported_algorithm`. To be asked before a key is derived, which may take its time. */
export function requireCipher(provider: Provider, name: CbcName): void {
  if (provider.cbcCiphers.includes(name)) return;
  throw new X509Error('unsupported_algorithm', { facts: { algorithm: name, provider: provider.name } });
}

type CbcDecryption = Pick<Cbc, 'blockLength' | 'decrypt'>;

/** CBC with the padding of RFC 8018 §6.1.1. A file at rest is no oracle, so what is wrong may be said. */
export function decryptCbc(cipher: CbcDecryption, iv: Uint8Array, data: Uint8Array): Uint8Array {
  const block = cipher.blockLength;
  if (iv.length !== block) throw new X509Error('bad_value', { field: 'iv', facts: { length: iv.length } });
  if (data.length === 0 || data.length % block !== 0) {
    throw new X509Error('bad_value', { field: 'encryptedData', facts: { length: data.length } });
  }
  const padded = cipher.decrypt(iv, data);
  const padding = padded.at(-1)!;
  const proper =
    padding >= 1 &&
    padding <= block &&
    padded.subarray(padded.length - padding).every((byte) => byte === padding);
  if (!proper) throw new X509Error('wrong_password');
  return padded.subarray(0, padded.length - padding);
}
