/** English: secrets, and what groups, suites and signature schemes are. */
import type { Texts } from '../texts.js';

const BOTH_DHE =
  'Client and server hold it; each computed it from its own half of the key exchange. Nobody else can, not even with the certificate’s private key.';
const BOTH_NEXT =
  'Client and server hold it; it follows from the handshake’s secret and all messages up to the server’s Finished.';

export const keys: Texts['keys'] = {
  CLIENT_EARLY_TRAFFIC_SECRET: {
    name: 'client early traffic secret',
    protects: 'the data that the client sends with its first message (0-RTT)',
    holders:
      'Client and server hold it; it comes from the earlier session alone. It has no forward secrecy, and the data can be replayed.',
  },
  EARLY_EXPORTER_SECRET: {
    name: 'early exporter secret',
    protects: 'nothing on this connection: other protocols derive keys from it during early data',
    holders: 'Client and server hold it; it comes from the earlier session alone.',
  },
  CLIENT_HANDSHAKE_TRAFFIC_SECRET: {
    name: 'client handshake secret',
    protects: 'what the client sends during the handshake: its certificate and Finished',
    holders: BOTH_DHE,
  },
  SERVER_HANDSHAKE_TRAFFIC_SECRET: {
    name: 'server handshake secret',
    protects: 'what the server sends during the handshake: extensions, certificate, signature and Finished',
    holders: BOTH_DHE,
  },
  CLIENT_TRAFFIC_SECRET_0: {
    name: 'client traffic secret',
    protects: 'the data that the client sends',
    holders: BOTH_NEXT,
  },
  SERVER_TRAFFIC_SECRET_0: {
    name: 'server traffic secret',
    protects: 'the data that the server sends',
    holders: BOTH_NEXT,
  },
  EXPORTER_SECRET: {
    name: 'exporter secret',
    protects: 'nothing on this connection: other protocols derive keys from it',
    holders: BOTH_NEXT,
  },
};

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
