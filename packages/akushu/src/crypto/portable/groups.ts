/** Key agreement over @noble/curves. JavaScript gives no promise of constant time: keys here are used once. */
import { x448 } from '@noble/curves/ed448.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { wipe } from '../../bytes/index.js';
import { curveScalar } from '../curves.js';
import { checkNotZero, type NamedDiffieHellman, PUBLIC_LENGTH, takeSecret } from '../groups.js';
import { type CurveName, checkPointForm } from '../keymaterial.js';
import { CryptoError } from '../provider.js';
import { random as systemRandom } from './random.js';

export const NOBLE_CURVES = { secp256r1: p256, secp384r1: p384, secp521r1: p521 } as const;

/** X25519 and X448 (RFC 7748). */
export function montgomery(name: 'x25519' | 'x448'): NamedDiffieHellman<Uint8Array> {
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
export function nistCurve(name: CurveName): NamedDiffieHellman<Uint8Array> {
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
