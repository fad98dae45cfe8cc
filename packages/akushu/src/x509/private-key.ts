/**
 * Private keys in whatever form they are kept, as PKCS#8 (RFC 5958): what a provider imports. Converts PKCS#1
 * (RFC 8017 §A.1.2) and SEC1 (RFC 5915). Does not decrypt, and does not check that the numbers fit together.
 */
import { ecPrivateKey, encryptedPrivateKeyInfo, oid, privateKeyInfo, rsaPrivateKey } from './asn1.js';
import { type Der, decodeDer, encodeDer, nullValue, X509Error } from './der/index.js';
import { OID } from './oids.js';
import { decodePem, isDer, nothingFound, type PemBlock } from './pem.js';

/**
 * The first private key of a PEM text, or DER of PKCS#8, PKCS#1 or SEC1, as PKCS#8. Throws X509Error:
 * `encrypted_key`, `unsupported_key`, `wrong_label` with what was found instead, `no_pem_block`.
 */
export function privateKeyFromPem(input: string | Uint8Array): Uint8Array {
  if (isDer(input)) return fromDer(input);
  const blocks = decodePem(input);
  for (const block of blocks) {
    const pkcs8 = fromBlock(block);
    if (pkcs8) return pkcs8;
  }
  throw nothingFound(blocks, 'PRIVATE KEY');
}

function fromBlock({ label, der, headers }: PemBlock): Uint8Array | null {
  const encrypted = headers.some((header) => /^Proc-Type:.*ENCRYPTED/.test(header));
  switch (label) {
    case 'ENCRYPTED PRIVATE KEY':
      throw new X509Error('encrypted_key', { facts: { label } });
    case 'PRIVATE KEY':
      decodeDer(privateKeyInfo, der);
      return der;
    case 'RSA PRIVATE KEY':
      if (encrypted) throw new X509Error('encrypted_key', { facts: { label } });
      return fromPkcs1(der);
    case 'EC PRIVATE KEY':
      if (encrypted) throw new X509Error('encrypted_key', { facts: { label } });
      return fromSec1(der);
    case 'DSA PRIVATE KEY':
    case 'OPENSSH PRIVATE KEY':
      throw new X509Error('unsupported_key', { facts: { label } });
    default:
      return null;
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

function fromDer(der: Uint8Array): Uint8Array {
  if (fits(privateKeyInfo, der)) return der;
  if (fits(rsaPrivateKey, der)) return fromPkcs1(der);
  if (fits(ecPrivateKey, der)) return fromSec1(der);
  if (fits(encryptedPrivateKeyInfo, der)) throw new X509Error('encrypted_key', { facts: { label: 'DER' } });
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
