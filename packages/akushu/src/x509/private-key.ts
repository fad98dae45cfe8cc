/**
 * Private keys in whatever form they are kept, as PKCS#8 (RFC 5958): what a provider imports. Converts PKCS#1
 * (RFC 8017 §A.1.2) and SEC1 (RFC 5915), decrypts with a password. Does not check that the numbers fit together.
 */
import { ecPrivateKey, encryptedPrivateKeyInfo, oid, privateKeyInfo, rsaPrivateKey } from './asn1.js';
import { type Der, decodeDer, encodeDer, nullValue, X509Error } from './der/index.js';
import { decryptOldPem } from './formats/old-pem.js';
import type { PasswordOptions } from './formats/pbe.js';
import { decryptPrivateKey } from './formats/pkcs8.js';
import { OID } from './oids.js';
import { decodePem, isDer, nothingFound, type PemBlock } from './pem.js';

/**
 * The first private key of a PEM text, or DER of PKCS#8, PKCS#1 or SEC1, as PKCS#8. Encrypted ones, in PKCS#8 or the old
 * PEM format, need `options` with a password. Throws X509Error: `encrypted_key` without it, `wrong_password`,
 * `unsupported_key`, `wrong_label` with what was found instead, `no_pem_block`.
 */
export function privateKeyFromPem(input: string | Uint8Array, options?: PasswordOptions): Uint8Array {
  if (isDer(input)) return fromDer(input, options);
  const blocks = decodePem(input);
  for (const block of blocks) {
    const pkcs8 = fromBlock(block, options);
    if (pkcs8) return pkcs8;
  }
  throw nothingFound(blocks, 'PRIVATE KEY');
}

/** The key of what was identified as one (see `formats/sniff.ts`), as PKCS#8. Throws X509Error as `privateKeyFromPem`. */
export function privateKeyFromItem(
  { label, bytes, headers }: { label: string | null; bytes: Uint8Array | null; headers: readonly string[] },
  options: PasswordOptions,
): Uint8Array {
  if (bytes === null) throw new X509Error('unsupported_key', { facts: { label } });
  const block = headers.length > 0 && label !== null ? { label, der: bytes, headers } : null;
  return (block && fromBlock(block, options)) ?? fromDer(bytes, options);
}

function fromBlock(block: PemBlock, options: PasswordOptions | undefined): Uint8Array | null {
  const { label } = block;
  switch (label) {
    case 'ENCRYPTED PRIVATE KEY':
      return decryptPrivateKey(block.der, needed(options, label));
    case 'PRIVATE KEY':
      decodeDer(privateKeyInfo, block.der);
      return block.der;
    case 'RSA PRIVATE KEY':
      return readOld(block, fromPkcs1, options);
    case 'EC PRIVATE KEY':
      return readOld(block, fromSec1, options);
    case 'DSA PRIVATE KEY':
    case 'OPENSSH PRIVATE KEY':
      throw new X509Error('unsupported_key', { facts: { label } });
    default:
      return null;
  }
}

function needed(options: PasswordOptions | undefined, label: string): PasswordOptions {
  if (options?.password === undefined) throw new X509Error('encrypted_key', { facts: { label } });
  return options;
}

/** One wrong password in 256 leaves something that looks padded; it is no key then. */
function readOld(
  { label, der, headers }: PemBlock,
  read: (der: Uint8Array) => Uint8Array,
  options: PasswordOptions | undefined,
): Uint8Array {
  if (!headers.some((header) => /^Proc-Type:.*ENCRYPTED/.test(header))) return read(der);
  const plain = decryptOldPem(headers, der, needed(options, label));
  try {
    return read(plain);
  } catch (error) {
    if (error instanceof X509Error) throw new X509Error('wrong_password', { facts: { inside: error.rule } });
    throw error;
  }
}

function fits(der: Der<unknown>, bytes: Uint8Array): boolean {
  try {
    decodeDer(der, bytes);
    return true;
  } catch (error) {
    if (error instanceof X509Error) return false;
    throw error;
  }
}

function fromDer(der: Uint8Array, options: PasswordOptions | undefined): Uint8Array {
  if (fits(privateKeyInfo, der)) return der;
  if (fits(rsaPrivateKey, der)) return fromPkcs1(der);
  if (fits(ecPrivateKey, der)) return fromSec1(der);
  if (fits(encryptedPrivateKeyInfo, der)) return decryptPrivateKey(der, needed(options, 'DER'));
  throw new X509Error('unsupported_key', { facts: { label: 'DER' } });
}

function fromPkcs1(der: Uint8Array): Uint8Array {
  const { version } = decodeDer(rsaPrivateKey, der);
  if (version !== 0) throw new X509Error('unsupported_key', { facts: { version } });
  return pkcs8(OID.rsaEncryption, encodeDer(nullValue, null), der);
}

function fromSec1(der: Uint8Array): Uint8Array {
  const { parameters, ...key } = decodeDer(ecPrivateKey, der);
  // RFC 5915 §3: without the curve the key means nothing outside of its PKCS#8 frame.
  if (parameters === undefined) throw new X509Error('unsupported_key', { facts: { missing: 'curve' } });
  return pkcs8(
    OID.ecPublicKey,
    encodeDer(oid, parameters),
    encodeDer(ecPrivateKey, { ...key, parameters: undefined }),
  );
}

function pkcs8(algorithm: string, parameters: Uint8Array, privateKey: Uint8Array): Uint8Array {
  return encodeDer(privateKeyInfo, {
    version: 0,
    privateKeyAlgorithm: { algorithm, parameters },
    privateKey,
    attributes: undefined,
    publicKey: undefined,
  });
}
