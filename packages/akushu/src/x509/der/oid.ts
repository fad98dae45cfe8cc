/** OBJECT IDENTIFIER content (X.690 §8.19). Arcs of any size: those beyond 2⁵³ go through BigInt, none is cut. */
import { x509Error } from './error.js';

/** Longer identifiers do not occur; without a bound a single arc could cost quadratic time. */
const MAX_OID_BYTES = 128;

/** Up to here seven more bits fit into an exact number. */
const EXACT = 2 ** 46;

/** Dotted notation. `offset` is where the content stands, for errors. */
export function oidFromBytes(bytes: Uint8Array, offset = 0): string {
  if (bytes.length === 0) throw x509Error('oid_malformed', offset);
  if (bytes.length > MAX_OID_BYTES) throw x509Error('oid_too_long', offset);
  let text = '';
  let arc: number | bigint = 0;
  let fresh = true;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (fresh && byte === 0x80) throw x509Error('oid_malformed', offset + i); // §8.19.2: shortest form
    if (typeof arc === 'number' && arc >= EXACT) arc = BigInt(arc);
    arc = typeof arc === 'number' ? arc * 128 + (byte & 0x7f) : arc * 128n + BigInt(byte & 0x7f);
    fresh = byte < 0x80;
    if (fresh) {
      text += text === '' ? firstArcs(arc) : `.${arc}`;
      arc = 0;
    }
  }
  if (!fresh) throw x509Error('oid_malformed', offset);
  return text;
}

/** §8.19.4: the first two arcs share a subidentifier. */
function firstArcs(value: number | bigint): string {
  if (value < 40) return `0.${value}`;
  if (value < 80) return `1.${BigInt(value) - 40n}`;
  return `2.${BigInt(value) - 80n}`;
}

export function oidToBytes(oid: string): Uint8Array {
  if (!/^[0-2](\.(0|[1-9]\d*))+$/.test(oid))
    throw new TypeError(`"oid" expected dotted decimals, got ${oid}`);
  const [first, second, ...rest] = oid.split('.').map(BigInt) as [bigint, bigint, ...bigint[]];
  if (first < 2n && second >= 40n) throw new TypeError('"oid" expected a second arc below 40');
  const bytes: number[] = [];
  for (const arc of [first * 40n + second, ...rest]) bytes.push(...base128(arc));
  return Uint8Array.from(bytes);
}

function base128(arc: bigint): number[] {
  const digits = [Number(arc & 0x7fn)];
  for (let left = arc >> 7n; left > 0n; left >>= 7n) digits.unshift(Number(left & 0x7fn) | 0x80);
  return digits;
}
