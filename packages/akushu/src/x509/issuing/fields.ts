/** Small fields that certificates and CRLs share: times (RFC 5280 §4.1.2.5), numbers. */
import { concat, fromHex } from '../../bytes/index.js';
import type { time } from '../asn1.js';
import type { InferDer } from '../der/index.js';

const YEAR_2050 = Date.UTC(2050, 0, 1);

/** UTCTime through 2049, whole seconds. */
export function timeValue(ms: number): InferDer<typeof time> {
  const value = wholeSeconds(ms);
  return value < YEAR_2050 ? { kind: 'utcTime', value } : { kind: 'generalizedTime', value };
}

export function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/** RFC 5280 §4.1.2.2: positive, at most 20 octets. */
export function serialNumber(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  if (start < 0 || bytes.length - start > 20) {
    throw new RangeError('"serial" expected 1 to 20 bytes, not zero');
  }
  const digits = bytes.subarray(start);
  return digits[0]! >= 0x80 ? concat(Uint8Array.of(0), digits) : digits;
}

/** Not negative, at most 20 octets (§5.2.3), as two's complement. */
export function integerBytes(value: number | bigint, title: string): Uint8Array {
  const number = BigInt(value);
  if (number < 0n || number >= 1n << 152n) {
    throw new RangeError(`"${title}" expected 0 to 2^152-1, got ${value}`);
  }
  const digits = number.toString(16);
  const bytes = fromHex(digits.padStart(digits.length + (digits.length % 2), '0'));
  return bytes[0]! >= 0x80 ? concat(Uint8Array.of(0), bytes) : bytes;
}
