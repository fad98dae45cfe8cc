/**
 * Java key stores: JKS and JCEKS, Sun's own formats before PKCS#12 became Java's default in version 9. Neither is
 * specified anywhere; this is what `keytool` writes. Reads trusted certificates and private keys with their chains.
 * Secret keys of JCEKS are serialised Java objects: from the first one on nothing more is read, and that is said.
 */
import { concat, equalSecret, fromUtf8, Reader, ShortRead, toUtf8, wipe } from '../../bytes/index.js';
import type { Provider } from '../../crypto/provider.js';
import { encryptedPrivateKeyInfo } from '../asn1.js';
import { decodeDer, X509Error, x509Error } from '../der/index.js';
import { pbeParameters } from './asn1.js';
import { FORMAT_OID } from './oids.js';
import { decodePart } from './part.js';
import {
  budgetOf,
  decryptCbc,
  type Password,
  type PasswordOptions,
  requireCipher,
  unsupported,
  utf8Password,
  utf16Password,
} from './pbe.js';
import { checkPlainKey } from './pkcs8.js';

export const JKS_MAGIC = 0xfeedfeed;
export const JCEKS_MAGIC = 0xcececece;

const MAX_STORE_BYTES = 16 * 1024 * 1024;
const MAX_ENTRIES = 10_000;
const DIGEST_LENGTH = 20;

export interface JksEntry {
  readonly alias: string;
  /** Milliseconds since 1970. */
  readonly created: number;
}

export interface JksKeyEntry extends JksEntry {
  /** EncryptedPrivateKeyInfo under Java's own algorithms: `decryptJksKey` opens it. Its password may be another one. */
  readonly encrypted: Uint8Array;
  /** The key's own certificate first. */
  readonly chain: readonly Uint8Array[];
}

export interface JksStore {
  readonly format: 'jks' | 'jceks';
  readonly keys: readonly JksKeyEntry[];
  readonly trusted: readonly (JksEntry & { readonly certificate: Uint8Array })[];
  /** Entries behind a secret key, itself included, that could not be read. */
  readonly unread: number;
  /** Whether the digest fits the password; null where there was no password. */
  readonly verified: true | null;
}

/**
 * Certificates are not encrypted: without a password they are read unverified. Throws X509Error; `wrong_password` where
 * the digest does not fit, which a damaged store looks like as well.
 */
export function parseJks(bytes: Uint8Array, options: Partial<PasswordOptions> = {}): JksStore {
  if (bytes.length > MAX_STORE_BYTES) throw new X509Error('too_large', { facts: { size: bytes.length } });
  try {
    return read(bytes, options);
  } catch (error) {
    if (error instanceof ShortRead) throw x509Error('truncated', error.offset);
    throw error;
  }
}

function read(bytes: Uint8Array, { provider, password }: Partial<PasswordOptions>): JksStore {
  const header = new Reader(bytes);
  const magic = header.u32();
  if (magic !== JKS_MAGIC && magic !== JCEKS_MAGIC) throw x509Error('wrong_kind', 0, { wanted: 'jks' });
  const version = header.u32();
  if (version !== 1 && version !== 2) throw x509Error('bad_version', 4, { version });
  if (bytes.length < 12 + DIGEST_LENGTH) throw x509Error('truncated', bytes.length);
  const end = bytes.length - DIGEST_LENGTH;
  const verified = provider && password !== undefined ? checkDigest(bytes, end, provider, password) : null;
  const reader = new Reader(bytes, header.pos, end);
  const count = reader.u32();
  if (count > MAX_ENTRIES) throw x509Error('too_many_elements', 8, { count });
  const keys: JksKeyEntry[] = [];
  const trusted: (JksEntry & { certificate: Uint8Array })[] = [];
  for (let i = 0; i < count; i++) {
    const start = reader.pos;
    const tag = reader.u32();
    if (tag === 3 && magic === JCEKS_MAGIC) {
      return { format: 'jceks', keys, trusted, unread: count - i, verified };
    }
    if (tag !== 1 && tag !== 2) throw x509Error('wrong_tag', start, { found: tag });
    const alias = javaText(reader);
    const created = Number(reader.u64());
    if (tag === 2) trusted.push({ alias, created, certificate: certificate(reader, version) });
    else {
      const encrypted = reader.view(reader.u32());
      const length = reader.u32();
      if (length > MAX_ENTRIES) throw x509Error('too_many_elements', reader.pos - 4, { count: length });
      const chain: Uint8Array[] = [];
      for (let n = 0; n < length; n++) chain.push(certificate(reader, version));
      keys.push({ alias, created, encrypted, chain });
    }
  }
  if (reader.remaining > 0) throw x509Error('trailing_bytes', reader.pos);
  return { format: magic === JKS_MAGIC ? 'jks' : 'jceks', keys, trusted, unread: 0, verified };
}

function certificate(reader: Reader, version: number): Uint8Array {
  const start = reader.pos;
  const type = version === 2 ? javaText(reader) : 'X.509';
  if (type !== 'X.509' && type !== 'X509') throw x509Error('unsupported_entry', start, { type });
  return reader.view(reader.u32());
}

/** Java's UTF: two bytes of length, then UTF-8, except that NUL and what is beyond 16 bits are written otherwise. */
function javaText(reader: Reader): string {
  const length = reader.u16();
  const start = reader.pos;
  const bytes = reader.view(length);
  try {
    return toUtf8(bytes);
  } catch {
    throw x509Error('string_malformed', start);
  }
}

/** SHA-1 over the password, a phrase, and the store. */
function checkDigest(bytes: Uint8Array, end: number, provider: Provider, password: Password): true {
  const secret = utf16Password(password, false);
  const expected = provider.digest('sha1', secret, fromUtf8('Mighty Aphrodite'), bytes.subarray(0, end));
  if (!equalSecret(expected, bytes.subarray(end)))
    throw new X509Error('wrong_password', { field: 'digest', offset: end });
  return true;
}

/** The PKCS#8 of a key entry. Throws X509Error `password_needed`, `wrong_password`, `unsupported_algorithm`. */
export function decryptJksKey(
  { encrypted }: Pick<JksKeyEntry, 'encrypted'>,
  options: PasswordOptions,
): Uint8Array {
  const { provider, password } = options;
  if (password === undefined) throw new X509Error('password_needed');
  const { encryptionAlgorithm, encryptedData } = decodeDer(encryptedPrivateKeyInfo, encrypted);
  const { algorithm, parameters } = encryptionAlgorithm;
  if (algorithm === FORMAT_OID.jksProtection) return openJks(encryptedData, provider, password);
  if (algorithm !== FORMAT_OID.jceksProtection || parameters === undefined) {
    throw unsupported(algorithm, 'encryptionAlgorithm');
  }
  requireCipher(provider, '3des-ede-cbc');
  const { salt, iterationCount } = decodePart(
    pbeParameters,
    parameters,
    'encryptionAlgorithm.parameters',
    encrypted,
  );
  budgetOf(options).take(iterationCount, 2);
  if (salt.length !== 8) throw new X509Error('bad_value', { field: 'salt', facts: { length: salt.length } });
  const { key, iv } = jceksKey(provider, salt.slice(), iterationCount, utf8Password(password));
  try {
    return checkPlainKey(decryptCbc(provider.cbc('3des-ede-cbc', key), iv, encryptedData));
  } finally {
    wipe(key);
  }
}

/** Salt, the key under a stream of chained SHA-1, and SHA-1 over password and key to know that it is right. */
function openJks(data: Uint8Array, provider: Provider, password: Password): Uint8Array {
  if (data.length < 2 * DIGEST_LENGTH) throw new X509Error('truncated', { field: 'encryptedData' });
  const secret = utf16Password(password, false);
  const plain = data.slice(DIGEST_LENGTH, data.length - DIGEST_LENGTH);
  let stream = data.subarray(0, DIGEST_LENGTH);
  for (let at = 0; at < plain.length; at += DIGEST_LENGTH) {
    stream = provider.digest('sha1', secret, stream);
    for (let i = 0; i < DIGEST_LENGTH && at + i < plain.length; i++) plain[at + i]! ^= stream[i]!;
  }
  const check = provider.digest('sha1', secret, plain);
  if (!equalSecret(check, data.subarray(data.length - DIGEST_LENGTH))) throw new X509Error('wrong_password');
  return checkPlainKey(plain);
}

/** Sun's PBEWithMD5AndTripleDES: MD5, repeated, over each half of the salt; 24 bytes of key and 8 of IV come of it. */
function jceksKey(
  provider: Provider,
  salt: Uint8Array,
  iterations: number,
  password: Uint8Array,
): { key: Uint8Array; iv: Uint8Array } {
  if (salt.subarray(0, 4).every((byte, i) => byte === salt[4 + i])) {
    // Equal halves are made different, in the way that Java does it.
    for (let i = 0; i < 2; i++) {
      const kept = salt[i]!;
      salt[i] = salt[3 - i]!;
      salt[2] = kept;
    }
  }
  const half = (from: number): Uint8Array => {
    let digest = salt.subarray(from, from + 4);
    for (let i = 0; i < iterations; i++) digest = provider.digest('md5', digest, password);
    return digest;
  };
  const derived = concat(half(0), half(4));
  return { key: derived.slice(0, 24), iv: derived.slice(24) };
}
