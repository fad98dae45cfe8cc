/**
 * Which encodings of Ed25519 and Ed448 public keys are refused at import: coordinates that are not reduced
 * (RFC 8032 §5.1.3, §5.2.3) and points of low order, under which one signature can fit many messages.
 * Libraries differ in this; checking here makes the providers agree.
 */
import { CryptoError } from './provider.js';

const P25519 = 2n ** 255n - 19n;
const P448 = 2n ** 448n - 2n ** 224n - 1n;

/** y coordinates of the points of order 1, 2, 4 (and 8 on edwards25519). */
const LOW_ORDER_25519: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  P25519 - 1n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
]);
const LOW_ORDER_448: ReadonlySet<bigint> = new Set([0n, 1n, P448 - 1n]);

/** Throws CryptoError `bad_point`. The length was checked before. */
export function checkEdwardsPoint(kind: 'ed25519' | 'ed448', raw: Uint8Array): void {
  let digits = '';
  for (const byte of raw) digits = byte.toString(16).padStart(2, '0') + digits;
  const y = BigInt(`0x${digits}`) & (kind === 'ed25519' ? 2n ** 255n - 1n : 2n ** 455n - 1n);
  if (y >= (kind === 'ed25519' ? P25519 : P448)) throw new CryptoError('bad_point', 'coordinate not reduced');
  if ((kind === 'ed25519' ? LOW_ORDER_25519 : LOW_ORDER_448).has(y))
    throw new CryptoError('bad_point', 'low order');
}
