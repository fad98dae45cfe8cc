/** Pre-shared keys as arguments: `ID:HEX`. Nothing of what was given is repeated in messages. */
import type { ExternalPsk } from 'akushu';
import { UsageError } from '../usage.js';
import type { Words } from '../words/index.js';

/** What implementations have to support at least (RFC 4279 §5.3), and what ours take. */
const MAX_KEY = 64;
const MAX_IDENTITY = 128;

/** Keys for SHA-256, which is what a key without any word on it is for (RFC 9846 §4.3.11). Throws UsageError. */
export function parsePsks(texts: readonly string[], { sessions: { usage } }: Words): ExternalPsk[] {
  const seen = new Set<string>();
  return texts.map((text) => {
    // An identity may have colons of its own, a key cannot.
    const colon = text.lastIndexOf(':');
    if (colon < 1) throw new UsageError(usage.badPsk);
    const name = text.slice(0, colon);
    const hex = text.slice(colon + 1);
    if (!/^([0-9a-f]{2})*$/i.test(hex)) throw new UsageError(usage.badPskHex);
    const identity = new TextEncoder().encode(name);
    const key = Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
    if (key.length < 1 || key.length > MAX_KEY || identity.length > MAX_IDENTITY)
      throw new UsageError(usage.badPskLength);
    if (seen.has(name)) throw new UsageError(usage.samePsk);
    seen.add(name);
    return { identity, key, hash: 'sha256' };
  });
}
