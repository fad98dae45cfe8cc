/** HKDF (RFC 5869) and its labelled form of TLS 1.3 (RFC 9846 §7.1), over the provider's HMAC. */
import { concat, EMPTY, fromLatin1 } from '../bytes/index.js';
import type { HmacKey, Provider } from '../crypto/provider.js';
import type { HashName } from '../registry/index.js';

/** RFC 5869 §2.2. */
export function extract(
  provider: Provider,
  hash: HashName,
  salt: Uint8Array,
  keyMaterial: Uint8Array,
): Uint8Array {
  return provider.hmacKey(hash, salt).sign(keyMaterial);
}

/** RFC 5869 §2.3. `length` at most 255 times the hash's. */
export function expand(secret: HmacKey, info: Uint8Array, length: number): Uint8Array {
  return expandPieces(secret, [info], length);
}

function expandPieces(secret: HmacKey, info: readonly Uint8Array[], length: number): Uint8Array {
  if (length <= secret.length) {
    const only = secret.sign(...info, Uint8Array.of(1));
    return length === secret.length ? only : only.subarray(0, length);
  }
  const blocks: Uint8Array[] = [];
  let previous: Uint8Array = EMPTY;
  for (let counter = 1; (counter - 1) * secret.length < length; counter++) {
    if (counter > 255)
      throw new RangeError(`"length" expected at most ${255 * secret.length}, got ${length}`);
    previous = secret.sign(previous, ...info, Uint8Array.of(counter));
    blocks.push(previous);
  }
  return concat(...blocks).subarray(0, length);
}

/** `opaque label<7..255>`: "tls13 " and the label, with the length in front. Few are in use; exporters bring their own. */
function encodeLabel(label: string): Uint8Array {
  const text = fromLatin1(`tls13 ${label}`);
  if (text.length > 255) throw new RangeError(`"label" expected at most 249 bytes, got ${label.length}`);
  return concat(Uint8Array.of(text.length), text);
}

const OF_THE_SCHEDULE: ReadonlySet<string> = new Set([
  'ext binder',
  'res binder',
  'imp binder',
  'c e traffic',
  'e exp master',
  'derived',
  'key',
  'iv',
  'finished',
  'c hs traffic',
  's hs traffic',
  'c ap traffic',
  's ap traffic',
  'exp master',
  'res master',
  'resumption',
  'traffic upd',
]);

/** Length and label, the beginning of `HkdfLabel`, by both: the schedule asks for the same few again and again. */
const beginnings = new Map<string, Uint8Array[]>();

function beginningOf(label: string, length: number): Uint8Array {
  const known = beginnings.get(label)?.[length];
  if (known) return known;
  const made = concat(Uint8Array.of(length >> 8, length & 0xff), encodeLabel(label));
  // What applications export is of any number.
  if (!OF_THE_SCHEDULE.has(label) || length > 64) return made;
  const byLength = beginnings.get(label) ?? [];
  byLength[length] = made;
  beginnings.set(label, byLength);
  return made;
}

/** One byte each: lengths of contexts, and the counter's 1. */
const BYTES: readonly Uint8Array[] = Array.from({ length: 256 }, (_, value) => Uint8Array.of(value));

/** HKDF-Expand-Label (RFC 9846 §7.1): the pieces of `HkdfLabel` are length, label and context. */
export function expandLabel(secret: HmacKey, label: string, context: Uint8Array, length: number): Uint8Array {
  if (context.length > 255)
    throw new RangeError(`"context" expected at most 255 bytes, got ${context.length}`);
  const beginning = beginningOf(label, length);
  const contextLength = BYTES[context.length]!;
  if (length > secret.length) return expandPieces(secret, [beginning, contextLength, context], length);
  const only = secret.sign(beginning, contextLength, context, BYTES[1]!);
  return length === secret.length ? only : only.subarray(0, length);
}
