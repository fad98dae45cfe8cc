/** What the record layer asks of the protection of one direction, whatever the version. */

export interface Sealer {
  /**
   * Protects a fragment of at most 2^14 bytes and appends the whole record, header included, to `out`. `padding` is
   * ignored before TLS 1.3. Gives the record's length on the wire.
   */
  seal(type: number, fragment: Uint8Array, padding: number, out: Uint8Array[]): number;
  /** The content type that the header shows. */
  wireType(type: number): number;
  /** True when the key has protected as much as is safe. */
  readonly worn: boolean;
  /** How many bytes of application data go into a record of their own before the rest (BEAST); 0 for none. */
  readonly splitOff: 0 | 1;
}

export interface InnerPlaintext {
  readonly type: number;
  readonly fragment: Uint8Array;
}

export interface Opener {
  /** The content of a whole record; undefined where it does not authenticate, for whatever reason. Throws `plaintext_too_long`, `missing_content_type`. */
  open(record: Uint8Array): InnerPlaintext | undefined;
  /** Whether records with this type in the header have to be protected by it. */
  covers(wireType: number): boolean;
  /** RFC 8449 §4: what we said that we accept; the record's limit otherwise. In TLS 1.3 with the content type. */
  maxInner: number;
}

/** The number of a record under its key (RFC 9846 §5.3, RFC 5246 §6.1): 64 bits that never wrap. */
export class SequenceNumber {
  value = 0;

  /** Writes the number as eight bytes. */
  writeTo(bytes: Uint8Array, at: number): void {
    let low = this.value % 0x1_0000_0000;
    let high = Math.floor(this.value / 0x1_0000_0000);
    for (let i = at + 7; i >= at + 4; i--) {
      bytes[i] = low & 0xff;
      low = Math.floor(low / 256);
    }
    for (let i = at + 3; i >= at; i--) {
      bytes[i] = high & 0xff;
      high >>>= 8;
    }
  }
}
