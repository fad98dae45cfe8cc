/** Object identifiers of the files around certificates. */
import { oidName } from '../oids.js';

export const FORMAT_OID = {
  // Requests (RFC 2985)
  extensionRequest: '1.2.840.113549.1.9.14',
  microsoftExtensionRequest: '1.3.6.1.4.1.311.2.1.14',
  challengePassword: '1.2.840.113549.1.9.7',
  // Content types (RFC 5652)
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  encryptedData: '1.2.840.113549.1.7.6',
  // Password-based encryption (RFC 8018, RFC 7914, RFC 7292 appendix C)
  pbkdf2: '1.2.840.113549.1.5.12',
  pbes2: '1.2.840.113549.1.5.13',
  pbmac1: '1.2.840.113549.1.5.14',
  scrypt: '1.3.6.1.4.1.11591.4.11',
  aes128Cbc: '2.16.840.1.101.3.4.1.2',
  aes192Cbc: '2.16.840.1.101.3.4.1.22',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
  des3Cbc: '1.2.840.113549.3.7',
  pbeSha3Des: '1.2.840.113549.1.12.1.3',
  pbeSha2Des: '1.2.840.113549.1.12.1.4',
  pbeShaRc2Of128: '1.2.840.113549.1.12.1.5',
  pbeShaRc2Of40: '1.2.840.113549.1.12.1.6',
  // Java
  jksProtection: '1.3.6.1.4.1.42.2.17.1.1',
  jceksProtection: '1.3.6.1.4.1.42.2.19.1',
  javaTrustedKeyUsage: '2.16.840.1.113894.746875.1.1',
  // PKCS#12 (RFC 7292 §4.2)
  keyBag: '1.2.840.113549.1.12.10.1.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  crlBag: '1.2.840.113549.1.12.10.1.4',
  secretBag: '1.2.840.113549.1.12.10.1.5',
  safeContentsBag: '1.2.840.113549.1.12.10.1.6',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  x509Crl: '1.2.840.113549.1.9.23.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
} as const;

/** Recognised so that an error can say what it was. */
const OTHERS: readonly (readonly [string, string])[] = [
  ['1.2.840.113549.1.5.1', 'pbeWithMD2AndDES-CBC'],
  ['1.2.840.113549.1.5.3', 'pbeWithMD5AndDES-CBC'],
  ['1.2.840.113549.1.5.4', 'pbeWithMD2AndRC2-CBC'],
  ['1.2.840.113549.1.5.6', 'pbeWithMD5AndRC2-CBC'],
  ['1.2.840.113549.1.5.10', 'pbeWithSHA1AndDES-CBC'],
  ['1.2.840.113549.1.5.11', 'pbeWithSHA1AndRC2-CBC'],
  ['1.2.840.113549.1.12.1.1', 'pbeWithSHAAnd128BitRC4'],
  ['1.2.840.113549.1.12.1.2', 'pbeWithSHAAnd40BitRC4'],
  ['1.2.840.113549.3.2', 'rc2CBC'],
  ['1.3.14.3.2.7', 'desCBC'],
  ['1.2.840.113549.1.7.3', 'envelopedData'],
];

const NAMES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(FORMAT_OID).map(([name, oid]) => [oid, name] as const),
  ...OTHERS,
]);

export function formatOidName(oid: string): string | undefined {
  return NAMES.get(oid) ?? oidName(oid);
}
