/**
 * Key agreement over the named curves of node:crypto. Which way in is fastest, and which exists, differs between Node 20, 24 and 26.
 * Never exports a *generated* key as JWK: on Node 20 that can deadlock the process.
 */
import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type ECDH,
  type KeyObject,
} from 'node:crypto';
import { curveScalar } from '../curves.js';
import { checkNotZero, type NamedDiffieHellman, PUBLIC_LENGTH, takeSecret } from '../groups.js';
import { type CurveName, checkPointForm } from '../keymaterial.js';
import { CryptoError } from '../provider.js';
import { fromBase64Url, plain, random as systemRandom, toBase64Url, withSecret } from './bytes.js';
import { exportRawPublic, generateRaw, importRawPrivate, importRawPublic, supportsRaw } from './features.js';

/** Nothing to overwrite: the key is inside OpenSSL, which clears it when it is collected. */
export const wipedByOpenssl = () => {};

/** X25519 and X448 (RFC 7748). */
export function montgomery(name: 'x25519' | 'x448'): NamedDiffieHellman<KeyObject> {
  const crv = name === 'x25519' ? 'X25519' : 'X448';
  const size = PUBLIC_LENGTH[name];

  /** Node 20: a JWK whose public half is left empty is completed from the private one. Node 26 refuses that. */
  const generateThroughJwk = (secret: Uint8Array) => {
    const jwk = { kty: 'OKP', crv, d: toBase64Url(secret), x: '' };
    const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
    return { privateKey, publicKey: fromBase64Url(privateKey.export({ format: 'jwk' }).x, size) };
  };
  const generateThroughRaw = (secret: Uint8Array) => {
    const privateKey = importRawPrivate(name, secret);
    return { privateKey, publicKey: plain(exportRawPublic(createPublicKey(privateKey))) };
  };

  return {
    name,
    generate(random) {
      if (!supportsRaw()) return withSecret(takeSecret(random, systemRandom, size), generateThroughJwk);
      if (random) return withSecret(takeSecret(random, systemRandom, size), generateThroughRaw);
      const { privateKey, publicKey } = generateRaw(name);
      return { privateKey, publicKey: plain(publicKey) };
    },
    derive(privateKey, peer) {
      const publicKey = supportsRaw()
        ? importRawPublic(name, peer)
        : createPublicKey({ key: { kty: 'OKP', crv, x: toBase64Url(peer) }, format: 'jwk' });
      return checkNotZero(computeSecret(privateKey, publicKey, 'zero_secret'));
    },
    wipe: wipedByOpenssl,
  };
}

export function computeSecret(
  privateKey: KeyObject,
  publicKey: KeyObject,
  reason: 'zero_secret' | 'bad_point',
): Uint8Array {
  try {
    return plain(diffieHellman({ privateKey, publicKey }));
  } catch {
    throw new CryptoError(reason); // OpenSSL refuses the all-zero secret by itself
  }
}

const OPENSSL_CURVES: Readonly<Record<CurveName, string>> = {
  secp256r1: 'prime256v1',
  secp384r1: 'secp384r1',
  secp521r1: 'secp521r1',
};

/** P-256, P-384, P-521. Measured: `setPrivateKey` with bytes from the pool is faster than every generation call. */
export function nistCurve(name: CurveName): NamedDiffieHellman<ECDH> {
  return {
    name,
    generate(random) {
      const privateKey = createECDH(OPENSSL_CURVES[name]);
      withSecret(curveScalar(name, random, systemRandom), (scalar) => privateKey.setPrivateKey(scalar));
      return { privateKey, publicKey: plain(privateKey.getPublicKey()) };
    },
    derive(privateKey, peer) {
      checkPointForm(name, peer); // computeSecret would take compressed points
      try {
        return plain(privateKey.computeSecret(peer));
      } catch {
        throw new CryptoError('bad_point', 'not on the curve');
      }
    },
    wipe: wipedByOpenssl,
  };
}
