/**
 * GREASE: values reserved so that peers learn to ignore what they do not know (RFC 8701 §2).
 * Sixteen two-byte values serve cipher suites, ALPN, extensions, groups, schemes and versions alike;
 * eight one-byte values serve PskKeyExchangeMode.
 */

/** 0x0a0a, 0x1a1a, … 0xfafa. */
export const greaseValues: readonly number[] = Array.from({ length: 16 }, (_, i) => 0x0a0a + i * 0x1010);

/** 0x0b, 0x2a, 0x49, … 0xe4: those of PskKeyExchangeMode. */
export const greasePskModes: readonly number[] = Array.from({ length: 8 }, (_, i) => 0x0b + i * 0x1f);

/** Tells whether a two-byte code point is one of RFC 8701's. */
export function isGrease(code: number): boolean {
  return (code & 0x0f0f) === 0x0a0a && code >> 8 === (code & 0xff);
}

/** Tells whether a PskKeyExchangeMode is one of RFC 8701's. */
export function isGreasePskMode(code: number): boolean {
  return code >= 0x0b && code <= 0xe4 && (code - 0x0b) % 0x1f === 0;
}
