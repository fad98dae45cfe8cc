/**
 * Key agreement over @noble/curves, and the groups of RFC 7919 over BigInt. JavaScript gives no promise of constant
 * time: keys here are used once.
 */
import { pow } from '@noble/curves/abstract/modular.js';
import { x448 } from '@noble/curves/ed448.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { wipe } from '../../bytes/index.js';
import { curveScalar } from '../curves.js';
import { checkFfdheShare, type FfdheName, ffdheGroup } from '../ffdhe.js';
import { checkNotZero, type DiffieHellman, PUBLIC_LENGTH, takeSecret } from '../groups.js';
import { bigIntToBytes, bytesToBigInt } from '../integers.js';
import { type CurveName, checkPointForm } from '../keymaterial.js';
import { CryptoError } from '../provider.js';
import { random as systemRandom } from './random.js';

export const NOBLE_CURVES = { secp256r1: p256, secp384r1: p384, secp521r1: p521 } as const;

/** X25519 and X448 (RFC 7748). */
export function montgomery(name: 'x25519' | 'x448'): DiffieHellman<Uint8Array> {
  const curve = name === 'x25519' ? x25519 : x448;
  return {
    name,
    generate(random) {
      const privateKey = takeSecret(random, systemRandom, PUBLIC_LENGTH[name]);
      return { privateKey, publicKey: curve.getPublicKey(privateKey) };
    },
    derive(privateKey, peer) {
      return checkNotZero(attempt(() => curve.getSharedSecret(privateKey, peer), 'zero_secret'));
    },
    wipe,
  };
}

/** P-256, P-384, P-521. */
export function nistCurve(name: CurveName): DiffieHellman<Uint8Array> {
  const curve = NOBLE_CURVES[name];
  return {
    name,
    generate(random) {
      const privateKey = curveScalar(name, random, systemRandom);
      return { privateKey, publicKey: curve.getPublicKey(privateKey, false) };
    },
    derive(privateKey, peer) {
      checkPointForm(name, peer);
      // RFC 9846 §7.4.2: the x coordinate, at full length.
      return attempt(() => curve.getSharedSecret(privateKey, peer, true).slice(1), 'bad_point');
    },
    wipe,
  };
}

/** The lengths are right, so what @noble throws about is the peer's point. */
function attempt(compute: () => Uint8Array, reason: 'zero_secret' | 'bad_point'): Uint8Array {
  try {
    return compute();
  } catch {
    throw new CryptoError(reason);
  }
}

/** RFC 7919. */
export function finiteField(name: FfdheName): DiffieHellman<Uint8Array> {
  return {
    name,
    generate(random) {
      const { p, length, exponentLength } = ffdheGroup(name);
      const privateKey = takeSecret(random, systemRandom, exponentLength);
      return { privateKey, publicKey: bigIntToBytes(pow(2n, bytesToBigInt(privateKey), p), length) };
    },
    derive(privateKey, peer) {
      const group = ffdheGroup(name);
      checkFfdheShare(group, peer);
      const secret = pow(bytesToBigInt(peer), bytesToBigInt(privateKey), group.p);
      return bigIntToBytes(secret, group.length); // RFC 9846 §7.4.1: leading zeros stay
    },
    wipe,
  };
}
