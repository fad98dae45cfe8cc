/**
 * Fields of packet headers, read in place. With `record/` and `bytes/` the only code that indexes raw buffers: a
 * capture has millions of packets, and a reader object for each would cost more than the packet. Callers check bounds.
 */

export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Bytes of an address (RFC 791 §3.1, RFC 8200 §3). */
export const addressSize = ({ version }: { readonly version: number }): number => (version === 4 ? 4 : 16);

/** As a signed number: what addresses and sequence numbers are compared and subtracted as. */
export function i32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** The four bytes as a number that the machine that captured wrote in its own order. */
export function i32Little(bytes: Uint8Array, at: number): number {
  return (bytes[at + 3]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 1]! << 8) | bytes[at]!;
}
