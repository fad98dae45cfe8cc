/**
 * The provider over node:crypto and node:zlib, for Node 20 and newer. Implements no primitive: what the running Node
 * lacks (ML-KEM and ML-DSA before 24) is @noble's. The parts stand in `node/`.
 */

import { agreementFrom, hybrid, keyAgreementTable } from './groups.js';
import { aead, aeads } from './node/aead.js';
import { random } from './node/bytes.js';
import { cbc, cbcCiphers } from './node/cbc.js';
import { compress, decompress } from './node/compression.js';
import { ffdhe, finiteField, isSafePrime } from './node/finitefield.js';
import { montgomery, nistCurve } from './node/groups.js';
import { digest, hmacKey, startHash } from './node/hash.js';
import { generatePrivateKey, importPrivateKey, importPublicKey } from './node/keys.js';
import { mlKem } from './node/mlkem.js';
import type { Provider } from './provider.js';

const x25519 = agreementFrom(montgomery('x25519'));
const secp256r1 = agreementFrom(nistCurve('secp256r1'));
const secp384r1 = agreementFrom(nistCurve('secp384r1'));

/** Fastest first. Order inside hybrids: draft-ietf-tls-ecdhe-mlkem §4.1. */
const agreements = keyAgreementTable([
  x25519,
  secp256r1,
  hybrid('X25519MLKEM768', mlKem('ml-kem-768'), x25519),
  hybrid('SecP256r1MLKEM768', secp256r1, mlKem('ml-kem-768')),
  agreementFrom(montgomery('x448')),
  agreementFrom(nistCurve('secp521r1')),
  secp384r1,
  hybrid('SecP384r1MLKEM1024', secp384r1, mlKem('ml-kem-1024')),
  agreementFrom(ffdhe('ffdhe2048')),
  agreementFrom(ffdhe('ffdhe3072')),
  agreementFrom(ffdhe('ffdhe4096')),
]);

export const nodeProvider: Provider = {
  name: 'node',
  random,
  createHash: startHash,
  digest,
  hmacKey,
  ...agreements,
  get aeads() {
    return aeads();
  },
  aead,
  get cbcCiphers() {
    return cbcCiphers();
  },
  cbc,
  finiteField,
  isSafePrime,
  importPublicKey,
  importPrivateKey,
  generatePrivateKey,
  decompress,
  compress,
};
