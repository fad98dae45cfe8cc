/** English: what groups, suites and signature schemes are. */
import type { Texts } from '../texts.js';

export const groupKinds: Texts['groupKinds'] = {
  ecdh: 'Diffie-Hellman on an elliptic curve',
  xdh: 'Diffie-Hellman on a Montgomery curve',
  ffdh: 'Diffie-Hellman over a finite field',
  kem: 'a post-quantum key encapsulation alone',
  hybrid: 'a classical curve and a post-quantum key encapsulation together',
};

export const signatureKinds: Texts['signatureKinds'] = {
  'rsa-pkcs1': 'RSA with the old padding (PKCS #1 v1.5); in TLS 1.3 in certificates only',
  'rsa-pss-rsae': 'RSA with PSS padding and an ordinary RSA key',
  'rsa-pss-pss': 'RSA with PSS padding and a key that is for PSS only',
  ecdsa: 'ECDSA',
  eddsa: 'EdDSA',
  'ml-dsa': 'ML-DSA, a lattice signature',
  dsa: 'DSA, obsolete',
  other: 'a signature of a special field of use',
};

export const weaknesses: Texts['weaknesses'] = {
  null: 'does not encrypt',
  export: 'deliberately weak (export)',
  anonymous: 'authenticates nobody',
  rc4: 'RC4 is broken',
  rc2: 'RC2 is obsolete',
  des: 'DES is broken',
  '3des': '3DES is obsolete',
  idea: 'IDEA is obsolete',
  md5: 'MD5 is broken',
  cbc: 'CBC mode is open to padding oracles',
  block64: 'blocks of 64 bits (Sweet32)',
  short_tag: 'short authentication tag',
  static_rsa: 'no forward secrecy (RSA key exchange)',
  static_dh: 'no forward secrecy (static DH)',
  static_ecdh: 'no forward secrecy (static ECDH)',
  static_key: 'no forward secrecy (long-term secret)',
  finite_field_dh: 'the server alone picks the DH group',
  broken_kem: 'its post-quantum part is superseded or broken',
};
