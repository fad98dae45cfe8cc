/** ML-DSA (FIPS 204; pure, empty context, RFC 9881) over @noble: for the portable provider and older Node. */
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
import { equal } from '../bytes/index.js';
import type { MlDsaKind, PrivateMaterial } from './keymaterial.js';
import { CryptoError } from './provider.js';

const IMPLEMENTATIONS = { 'ml-dsa-44': ml_dsa44, 'ml-dsa-65': ml_dsa65, 'ml-dsa-87': ml_dsa87 } as const;

export function mlDsaVerify(
  kind: MlDsaKind,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return IMPLEMENTATIONS[kind].verify(signature, message, publicKey);
}

export interface MlDsaKey {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** From either form of RFC 9881 §6; where both are given they have to agree (§8). Throws CryptoError `bad_key`. */
export function mlDsaKey(material: PrivateMaterial & { readonly kind: MlDsaKind }): MlDsaKey {
  const dsa = IMPLEMENTATIONS[material.kind];
  const { seed, expanded } = material;
  const pair = seed ? dsa.keygen(seed) : null;
  const secretKey = pair?.secretKey ?? expanded;
  if (!secretKey) throw new CryptoError('bad_key', 'no key');
  if (expanded && !equal(expanded, secretKey)) throw new CryptoError('bad_key', 'seed and key differ');
  return {
    publicKey: pair?.publicKey ?? publicFromExpanded(material.kind, secretKey),
    sign: (message) => dsa.sign(message, secretKey),
  };
}

function publicFromExpanded(kind: MlDsaKind, expanded: Uint8Array): Uint8Array {
  try {
    return IMPLEMENTATIONS[kind].getPublicKey(expanded);
  } catch {
    throw new CryptoError('bad_key', 'expanded key');
  }
}
