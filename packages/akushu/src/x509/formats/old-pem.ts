/**
 * Private keys encrypted in OpenSSL's old PEM format: `Proc-Type` and `DEK-Info` headers (RFC 1421 §4.6), the key from
 * one round of MD5. Weak, but keys of that form are still about.
 */
import { concat, fromHex, wipe } from '../../bytes/index.js';
import type { CbcName } from '../../registry/types.js';
import { X509Error } from '../der/index.js';
import { decryptCbc, type PasswordOptions, requireCipher, utf8Password } from './pbe.js';

const CIPHERS: ReadonlyMap<string, { readonly name: CbcName; readonly keyLength: number }> = new Map([
  ['AES-128-CBC', { name: 'aes-128-cbc', keyLength: 16 }],
  ['AES-256-CBC', { name: 'aes-256-cbc', keyLength: 32 }],
  ['DES-EDE3-CBC', { name: '3des-ede-cbc', keyLength: 24 }],
  ['CAMELLIA-128-CBC', { name: 'camellia-128-cbc', keyLength: 16 }],
  ['CAMELLIA-256-CBC', { name: 'camellia-256-cbc', keyLength: 32 }],
]);

/** Throws X509Error `password_needed`, `wrong_password`, `unsupported_algorithm`. */
export function decryptOldPem(
  headers: readonly string[],
  data: Uint8Array,
  options: PasswordOptions,
): Uint8Array {
  if (options.password === undefined) throw new X509Error('password_needed');
  const [, algorithm = '', digits = ''] =
    /^DEK-Info:\s*([A-Z0-9-]+),([0-9A-Fa-f]+)$/m.exec(headers.join('\n')) ?? [];
  const cipher = CIPHERS.get(algorithm);
  if (!cipher) throw new X509Error('unsupported_algorithm', { field: 'DEK-Info', facts: { algorithm } });
  requireCipher(options.provider, cipher.name);
  // The salt is the beginning of the IV.
  if (digits.length % 2 !== 0 || digits.length < 16) throw new X509Error('bad_value', { field: 'DEK-Info' });
  const iv = fromHex(digits);
  const password = utf8Password(options.password);
  const salt = iv.subarray(0, 8);
  let key: Uint8Array = new Uint8Array(0);
  let last: Uint8Array = key;
  while (key.length < cipher.keyLength) {
    last = options.provider.digest('md5', last, password, salt);
    key = concat(key, last);
  }
  try {
    return decryptCbc(options.provider.cbc(cipher.name, key.subarray(0, cipher.keyLength)), iv, data);
  } finally {
    wipe(key);
  }
}
