/** HKDF (RFC 5869) and its labelled form of TLS 1.3 (RFC 9846 §7.1), over the provider's HMAC. */
import { concat, fromLatin1, Writer } from '../bytes/index.js';
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
  if (length <= secret.length) {
    const only = secret.sign(info, Uint8Array.of(1));
    return length === secret.length ? only : only.subarray(0, length);
  }
  const blocks: Uint8Array[] = [];
  let previous: Uint8Array = new Uint8Array(0);
  for (let counter = 1; (counter - 1) * secret.length < length; counter++) {
    if (counter > 255)
      throw new RangeError(`"length" expected at most ${255 * secret.length}, got ${length}`);
    previous = secret.sign(previous, info, Uint8Array.of(counter));
    blocks.push(previous);
  }
  return concat(...blocks).subarray(0, length);
}

/** The `HkdfLabel` structure: length, "tls13 " and the label, context. */
function hkdfLabel(label: string, context: Uint8Array, length: number): Uint8Array {
  const writer = new Writer(16 + label.length + context.length);
  writer.u16(length);
  writer.prefixed(1, () => writer.append(fromLatin1(`tls13 ${label}`)));
  writer.prefixed(1, () => writer.append(context));
  return writer.finish();
}

/** HKDF-Expand-Label (RFC 9846 §7.1). */
export function expandLabel(secret: HmacKey, label: string, context: Uint8Array, length: number): Uint8Array {
  return expand(secret, hkdfLabel(label, context, length), length);
}
