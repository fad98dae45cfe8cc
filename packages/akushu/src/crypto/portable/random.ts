/** Random bytes from the platform's Web Crypto. */

/** The most that getRandomValues gives at once. */
const CHUNK = 65536;

export function random(length: number): Uint8Array {
  if (!Number.isSafeInteger(length) || length < 0)
    throw new RangeError('"length" expected a non-negative integer');
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += CHUNK)
    globalThis.crypto.getRandomValues(bytes.subarray(at, at + CHUNK));
  return bytes;
}
