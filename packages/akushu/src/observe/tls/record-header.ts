/** Headers of records, and of what SSL 2.0 had in their place, as they are recognized. */

export const HEADER = 5;
/** RFC 5246 §6.2.3; what is said to be longer is no record. */
const LONGEST = 16_384 + 2048;
const SSL2_CLIENT_HELLO = 1;
const SSL2_SERVER_HELLO = 4;
export const SSL2_VERSION = 0x0002;

export function isRecordHeader(bytes: Uint8Array, at: number): boolean {
  const type = bytes[at]!;
  const length = (bytes[at + 3]! << 8) | bytes[at + 4]!;
  return type >= 20 && type <= 24 && bytes[at + 1] === 3 && bytes[at + 2]! <= 4 && length <= LONGEST;
}

/** Type and version are those of a record, whatever its length. */
export function looksLikeRecord(bytes: Uint8Array): boolean {
  const type = bytes[0]!;
  return bytes.length >= HEADER && type >= 20 && type <= 24 && bytes[1] === 3 && bytes[2]! <= 4;
}

/** A hello of SSL 2.0: length with the highest bit, type, version 2 or 3.x, and lengths that add up to the whole. */
export function isOldHello(bytes: Uint8Array, at: number, length: number): boolean {
  const type = bytes[at + 2];
  if (type !== SSL2_CLIENT_HELLO && type !== SSL2_SERVER_HELLO) return false;
  // Two flags stand in front of the version in a SERVER-HELLO, of which the header read so far has but one.
  if (type === SSL2_SERVER_HELLO) return length >= 11 && bytes[at + 3]! <= 1 && bytes[at + 4] === 1;
  const major = bytes[at + 3]!;
  const minor = bytes[at + 4]!;
  return length >= 9 && ((major === 0 && minor === 2) || (major === 3 && minor <= 4));
}
