/**
 * MAC-then-encrypt as it has to be taken apart (RFC 5246 §6.2.3.2): one path of code for every padding, good or bad,
 * with no branch and no index that depends on what is secret. What the JavaScript engine makes of it is not in our
 * hands: `bench/` measures it, and docs/architecture.md says what is left.
 */

/** All ones where a < b, for numbers below 2^31. */
const below = (a: number, b: number): number => (a - b) >> 31;

export interface Unpadded {
  /** All ones where the padding is good, zero otherwise. */
  readonly good: number;
  /** Length of the fragment; as if there were no padding at all where it is bad. */
  readonly length: number;
}

/**
 * Judges the padding of a decrypted record: `plain` is fragment, MAC, padding and padding length, at least
 * `macLength + 1` bytes. Looks at as many bytes whatever the padding says.
 */
export function removePadding(plain: Uint8Array, macLength: number): Unpadded {
  const size = plain.length;
  const padding = plain[size - 1]!;
  const overhead = macLength + 1;
  let good = ~below(size, overhead + padding);
  const checked = Math.min(256, size);
  for (let i = 0; i < checked; i++) {
    // Counts where i <= padding.
    const counts = ~below(padding, i);
    good &= ~(counts & (padding ^ plain[size - 1 - i]!));
  }
  // Every wrong bit of the low eight shows: all ones only where none was cleared.
  good = ~below(good & 0xff, 0xff) & (good >> 31);
  const removed = good & (padding + 1);
  // Bad padding: as without any, but the byte of its length (RFC 5246 §6.2.3.2's note).
  return { good, length: size - macLength - removed - (~good & 1) };
}

/**
 * Copies the MAC that starts at `start`, which is secret, into `mac`: every place where it could be is read, and
 * every byte of the result is made from all of them.
 */
export function copyMac(plain: Uint8Array, start: number, mac: Uint8Array): void {
  const { length } = mac;
  const end = start + length;
  // The padding takes at most 256 bytes, so no MAC begins before this.
  const first = Math.max(0, plain.length - (length + 256));
  const rotated = new Uint8Array(length);
  let turn = 0;
  for (let i = first, j = 0; i < plain.length; i++) {
    const begins = ~below(i, start) & ~below(start, i);
    turn |= begins & j;
    const inside = ~below(i, start) & below(i, end);
    rotated[j]! |= plain[i]! & inside;
    j++;
    j &= below(j, length);
  }
  for (let i = 0; i < length; i++) {
    let from = i + turn;
    from -= length & ~below(from, length);
    let byte = 0;
    for (let j = 0; j < length; j++) {
      const wanted = ~below(j, from) & ~below(from, j);
      byte |= rotated[j]! & wanted;
    }
    mac[i] = byte;
  }
}
