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

const OF_THE_SCHEDULE: ReadonlyMap<string, Uint8Array> = new Map(
  [
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
  ].map((label) => [label, encodeLabel(label)]),
);

/** HKDF-Expand-Label (RFC 9846 §7.1): the pieces of `HkdfLabel` are length, label and context. */
export function expandLabel(secret: HmacKey, label: string, context: Uint8Array, length: number): Uint8Array {
  if (context.length > 255)
    throw new RangeError(`"context" expected at most 255 bytes, got ${context.length}`);
  const name = OF_THE_SCHEDULE.get(label) ?? encodeLabel(label);
  const info = [Uint8Array.of(length >> 8, length & 0xff), name, Uint8Array.of(context.length), context];
  return expandPieces(secret, info, length);
}
