/** Big-endian bytes and BigInt. For public numbers and for groups that have no other portable implementation. */

export function bytesToBigInt(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  let digits = '';
  for (const byte of bytes) digits += byte.toString(16).padStart(2, '0');
  return BigInt(`0x${digits}`);
}

/** Exactly `length` bytes. Throws RangeError where the number does not fit. */
export function bigIntToBytes(value: bigint, length: number): Uint8Array {
  const digits = value.toString(16).padStart(2 * length, '0');
  if (value < 0n || digits.length > 2 * length) throw new RangeError('"value" expected to fit the length');
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
