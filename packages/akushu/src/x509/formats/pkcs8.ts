/** Encrypted private keys: PKCS#8 (RFC 5958 §3) in what `pbe.ts` can decrypt. */
import { encryptedPrivateKeyInfo, privateKeyInfo } from '../asn1.js';
import { decodeDer, X509Error } from '../der/index.js';
import { type Decryption, decryptionWith, decryptPbe, type PasswordOptions } from './pbe.js';

/** The PrivateKeyInfo inside an EncryptedPrivateKeyInfo. Throws X509Error. */
export function decryptPrivateKey(der: Uint8Array, options: PasswordOptions): Uint8Array {
  return openPrivateKey(der, decryptionWith(options));
}

export function openPrivateKey(der: Uint8Array, decryption: Decryption): Uint8Array {
  const { encryptionAlgorithm, encryptedData } = decodeDer(encryptedPrivateKeyInfo, der);
  return checkPlainKey(decryptPbe(encryptionAlgorithm, encryptedData, decryption, der));
}

/** One wrong password in 256 leaves something that looks padded; it is no key then. */
export function checkPlainKey(pkcs8: Uint8Array): Uint8Array {
  try {
    decodeDer(privateKeyInfo, pkcs8);
    return pkcs8;
  } catch (error) {
    if (error instanceof X509Error) throw new X509Error('wrong_password', { facts: { inside: error.rule } });
    throw error;
  }
}
