/**
 * Record protection of TLS 1.3 (RFC 9846 §5.2–5.5): nonces from sequence numbers, the real content type and padding
 * inside. One object protects one direction under one traffic secret.
 */
import type { Aead, Provider } from '../crypto/provider.js';
import { tlsError } from '../errors.js';
import type { TrafficSecret } from '../keys/index.js';
import { type AeadName, ContentType } from '../registry/index.js';
import { HEADER_LENGTH, MAX_PLAINTEXT } from './framing.js';
import { type InnerPlaintext, type Opener, type Sealer, SequenceNumber } from './protection.js';

/**
 * §5.5, RFC 9147 §4.5.3: how many records one key may protect with a safety margin; 2^24.5 for AES-GCM,
 * 2^23 for CCM; for ChaCha20-Poly1305 the sequence number ends first.
 */
export function recordLimit(aead: AeadName): number {
  if (aead.endsWith('gcm')) return 23_726_566;
  return aead.startsWith('aes') ? 2 ** 23 : 2 ** 48;
}

/** The sequence number's nonce (§5.3): the IV with the number XORed into its last eight bytes. */
class Nonces {
  private readonly nonce: Uint8Array;
  readonly sequence = new SequenceNumber();

  constructor(private readonly iv: Uint8Array) {
    this.nonce = iv.slice();
  }

  next(): Uint8Array {
    const { nonce, iv, sequence } = this;
    if (sequence.value === Number.MAX_SAFE_INTEGER) throw tlsError('encryption_limit_reached');
    sequence.writeTo(nonce, 4);
    for (let i = 4; i < 12; i++) nonce[i]! ^= iv[i]!;
    sequence.value++;
    return nonce;
  }
}

/** One for all: it is filled and sealed in one go, and the AEAD gives its output in an array of its own. */
const innerPlaintext = new Uint8Array(MAX_PLAINTEXT + 256);

export class Sealer13 implements Sealer {
  readonly splitOff = 0;
  private readonly aead: Aead;
  private readonly nonces: Nonces;
  private readonly limit: number;

  constructor(provider: Provider, secret: TrafficSecret, limit = recordLimit(secret.suite.aead)) {
    this.aead = provider.aead(secret.suite.aead, secret.key());
    this.nonces = new Nonces(secret.iv());
    this.limit = limit;
  }

  get tagLength(): number {
    return this.aead.tagLength;
  }

  get records(): number {
    return this.nonces.sequence.value;
  }

  /** True when the key has protected as much as is safe: time for a KeyUpdate (§5.5). */
  get worn(): boolean {
    return this.nonces.sequence.value >= this.limit;
  }

  wireType(): number {
    return ContentType.application_data;
  }

  /** Protects a fragment of at most 2^14 bytes, with `padding` zeros behind it, and appends header, ciphertext and tag to `out`. */
  seal(type: number, fragment: Uint8Array, padding: number, out: Uint8Array[]): number {
    const size = fragment.length + 1 + padding;
    const inner = innerPlaintext;
    inner.set(fragment);
    inner[fragment.length] = type;
    if (padding > 0) inner.fill(0, fragment.length + 1, size);
    const length = size + this.aead.tagLength;
    const header = Uint8Array.of(ContentType.application_data, 3, 3, length >> 8, length & 0xff);
    const { ciphertext, tag } = this.aead.seal(this.nonces.next(), header, inner.subarray(0, size));
    out.push(header, ciphertext, tag);
    return HEADER_LENGTH + length;
  }
}

export class Opener13 implements Opener {
  private readonly aead: Aead;
  private readonly nonces: Nonces;
  /** RFC 8449 §4: what we said that we accept, content type included; the record's limit otherwise. */
  maxInner = MAX_PLAINTEXT + 1;

  constructor(provider: Provider, secret: TrafficSecret) {
    this.aead = provider.aead(secret.suite.aead, secret.key());
    this.nonces = new Nonces(secret.iv());
  }

  /** For a reader that missed records, or was given some that were damaged: the number of the next one moves. */
  skip(count: number): void {
    this.nonces.sequence.value += count;
  }

  /** §5: a plaintext alert or ChangeCipherSpec may still come; whoever reads it judges. */
  covers(wireType: number): boolean {
    return wireType === ContentType.application_data;
  }

  /**
   * The content of a whole record, or undefined where it does not authenticate: then the sequence number has not
   * moved, so that a server can skip early data that it cannot read (§4.3.10).
   * Throws `plaintext_too_long`, `missing_content_type`.
   */
  open(record: Uint8Array): InnerPlaintext | undefined {
    const plain = this.aead.open(
      this.nonces.next(),
      record.subarray(0, HEADER_LENGTH),
      record.subarray(HEADER_LENGTH),
    );
    if (plain === null) {
      this.nonces.sequence.value--;
      return undefined;
    }
    // §5.4: the length is judged with padding; RFC 8449 §4 likewise counts the whole TLSInnerPlaintext.
    if (plain.length > this.maxInner)
      throw tlsError('plaintext_too_long', { length: plain.length, limit: this.maxInner });
    let last = plain.length - 1;
    while (last >= 0 && plain[last] === 0) last--;
    if (last < 0) throw tlsError('missing_content_type');
    return { type: plain[last]!, fragment: plain.subarray(0, last) };
  }
}
