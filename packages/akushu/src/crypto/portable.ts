/**
 * The provider for browsers, workers and any other runtime: @noble for everything but randomness and RSA signing,
 * which are Web Crypto's; of the block ciphers it has AES. Slower than `node.ts` by one to two orders of magnitude, and without a promise of constant
 * time. Has no decompression. The parts stand in `portable/`.
 */
import { agreementFrom, hybrid, keyAgreementTable } from './groups.js';
import { nobleMlKem } from './mlkem.js';
import { aead, aeads } from './portable/aead.js';
import { cbc, cbcCiphers } from './portable/cbc.js';
import { ffdhe, finiteField, isSafePrime } from './portable/finitefield.js';
import { montgomery, nistCurve } from './portable/groups.js';
import { digest, hmacKey, startHash } from './portable/hash.js';
import { generatePrivateKey, importPrivateKey, importPublicKey } from './portable/keys.js';
import { random } from './portable/random.js';
import type { Provider } from './provider.js';

const x25519 = agreementFrom(montgomery('x25519'));
const secp256r1 = agreementFrom(nistCurve('secp256r1'));
const secp384r1 = agreementFrom(nistCurve('secp384r1'));

/** Fastest first. Order inside hybrids: draft-ietf-tls-ecdhe-mlkem §4.1. */
const agreements = keyAgreementTable([
  x25519,
  secp256r1,
  hybrid('X25519MLKEM768', nobleMlKem('ml-kem-768', random), x25519),
  hybrid('SecP256r1MLKEM768', secp256r1, nobleMlKem('ml-kem-768', random)),
  secp384r1,
  agreementFrom(montgomery('x448')),
  agreementFrom(nistCurve('secp521r1')),
  hybrid('SecP384r1MLKEM1024', secp384r1, nobleMlKem('ml-kem-1024', random)),
  agreementFrom(ffdhe('ffdhe2048')),
  agreementFrom(ffdhe('ffdhe3072')),
  agreementFrom(ffdhe('ffdhe4096')),
]);

export const portableProvider: Provider = {
  name: 'portable',
  random,
  createHash: startHash,
  digest,
  hmacKey,
  ...agreements,
  aeads,
  aead,
  cbcCiphers,
  cbc,
  finiteField,
  isSafePrime,
  importPublicKey,
  importPrivateKey,
  generatePrivateKey,
};
