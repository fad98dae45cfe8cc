/** Orders of the NIST curves (FIPS 186-5, SP 800-186 §3.2.1), for choosing and checking private scalars. */
import { fromHex } from '../bytes/index.js';
import { isBelow, randomScalar, takeSecret } from './groups.js';
import { CURVES, type CurveName } from './keymaterial.js';
import type { RandomSource } from './provider.js';

const ORDERS: Readonly<Record<CurveName, Uint8Array>> = {
  secp256r1: fromHex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
  secp384r1: fromHex(
    'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
  ),
  secp521r1: fromHex(
    '01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa' +
      '51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409',
  ),
};

/** A private scalar of the curve's size, from `given` or else from `own`. */
export function curveScalar(
  curve: CurveName,
  given: RandomSource | undefined,
  own: RandomSource,
): Uint8Array {
  const take = (length: number) => takeSecret(given, own, length);
  return randomScalar(take, CURVES[curve].size, curve === 'secp521r1' ? 0x01 : 0xff, ORDERS[curve]);
}

/** Whether a scalar of the curve's size is in 1 … order-1. */
export function isScalar(curve: CurveName, scalar: Uint8Array): boolean {
  return isBelow(scalar, ORDERS[curve]) && scalar.some((byte) => byte !== 0);
}
