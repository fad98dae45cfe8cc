/**
 * Key agreement over node:crypto. Which way in is fastest, and which exists, differs between Node 20, 24 and 26.
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
import { wipe } from '../../bytes/index.js';
import { curveScalar } from '../curves.js';
import { der, derBits, derUnsigned, oidElement, readDer, TAG } from '../der.js';
import { checkFfdheShare, type FfdheGroup, type FfdheName, ffdheGroup } from '../ffdhe.js';
import { checkNotZero, type DiffieHellman, PUBLIC_LENGTH, takeSecret } from '../groups.js';
import { type CurveName, checkPointForm } from '../keymaterial.js';
import { CryptoError } from '../provider.js';
import { fromBase64Url, plain, random as systemRandom, toBase64Url, withSecret } from './bytes.js';
import { exportRawPublic, generateRaw, importRawPrivate, importRawPublic, supportsRaw } from './features.js';

/** Nothing to overwrite: the key is inside OpenSSL, which clears it when it is collected. */
const wipedByOpenssl = () => {};

/** X25519 and X448 (RFC 7748). */
export function montgomery(name: 'x25519' | 'x448'): DiffieHellman<KeyObject> {
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

function computeSecret(
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
export function nistCurve(name: CurveName): DiffieHellman<ECDH> {
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

/** PKCS #3: dhKeyAgreement. */
const DH_OID = '2a864886f70d010301';

/**
 * RFC 7919. Through KeyObjects: since OpenSSL 3.5 createDiffieHellman tests the prime again each time, which takes
 * a fifth of a second and more. Shares outside of the subgroup that 2 generates, which no honest peer sends, are refused
 * by OpenSSL 3.0 and taken by later versions; RFC 7919 §5.1 asks for neither.
 */
export function finiteField(name: FfdheName): DiffieHellman<KeyObject> {
  let algorithm: Uint8Array | undefined;
  const algorithmOf = (group: FfdheGroup) => {
    const parameters = der(TAG.sequence, derUnsigned(group.prime), derUnsigned(Uint8Array.of(2)));
    algorithm ??= der(TAG.sequence, oidElement(DH_OID), parameters);
    return algorithm;
  };
  return {
    name,
    generate(random) {
      const group = ffdheGroup(name);
      const exponent = takeSecret(random, systemRandom, group.exponentLength);
      const version = derUnsigned(Uint8Array.of(0));
      const pkcs8 = der(
        TAG.sequence,
        version,
        algorithmOf(group),
        der(TAG.octetString, derUnsigned(exponent)),
      );
      const privateKey = createPrivateKey({ key: asBuffer(pkcs8), format: 'der', type: 'pkcs8' });
      wipe(exponent, pkcs8);
      const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
      return { privateKey, publicKey: publicNumber(spki, group.length) };
    },
    derive(privateKey, peer) {
      const group = ffdheGroup(name);
      checkFfdheShare(group, peer);
      const spki = der(TAG.sequence, algorithmOf(group), derBits(derUnsigned(peer)));
      const publicKey = createPublicKey({ key: asBuffer(spki), format: 'der', type: 'spki' });
      return leftPad(computeSecret(privateKey, publicKey, 'bad_point'), group.length);
    },
    wipe: wipedByOpenssl,
  };
}

/** The INTEGER in a Diffie-Hellman SubjectPublicKeyInfo. */
function publicNumber(spki: Uint8Array, length: number): Uint8Array {
  const number = readDer(spki, (file) =>
    file.inside(TAG.sequence, (info) => {
      info.content(TAG.sequence);
      return readDer(info.bits(), (inner) => inner.unsigned());
    }),
  );
  return leftPad(number, length);
}

/** RFC 9846 §7.4.1: leading zeros up to the size of the prime. A copy. */
function leftPad(bytes: Uint8Array, length: number): Uint8Array {
  const padded = new Uint8Array(length);
  padded.set(bytes, length - bytes.length);
  return padded;
}

/** Node's typings ask for a Buffer; this is a view. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
