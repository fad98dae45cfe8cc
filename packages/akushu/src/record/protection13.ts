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

  constructor(
    private readonly iv: Uint8Array,
    private readonly sequence: SequenceNumber,
  ) {
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

/**
 * What comes of a traffic secret, made when the first record needs it: many a secret protects none, as those of
 * application data in a handshake that fails, or on a connection where only one side speaks.
 */
class RecordKeys {
  readonly sequence = new SequenceNumber();
  private made: { readonly aead: Aead; readonly nonces: Nonces } | null = null;
  private secret: TrafficSecret | null;

  constructor(
    private readonly provider: Provider,
    secret: TrafficSecret,
  ) {
    this.secret = secret;
  }

  get(): { readonly aead: Aead; readonly nonces: Nonces } {
    return this.made ?? this.make(this.secret!);
  }

  private make(secret: TrafficSecret) {
    const aead = this.provider.aead(secret.suite.aead, secret.key());
    this.made = { aead, nonces: new Nonces(secret.iv(), this.sequence) };
    this.secret = null;
    return this.made;
  }
}

export class Sealer13 implements Sealer {
  readonly splitOff = 0;
  private readonly keys: RecordKeys;
  private readonly limit: number;

  constructor(provider: Provider, secret: TrafficSecret, limit = recordLimit(secret.suite.aead)) {
    this.keys = new RecordKeys(provider, secret);
    this.limit = limit;
  }

  get records(): number {
    return this.keys.sequence.value;
  }

  /** True when the key has protected as much as is safe: time for a KeyUpdate (§5.5). */
  get worn(): boolean {
    return this.keys.sequence.value >= this.limit;
  }

  wireType(): number {
    return ContentType.application_data;
  }

  /** Protects a fragment of at most 2^14 bytes, with `padding` zeros behind it, and appends header, ciphertext and tag to `out`. */
  seal(type: number, fragment: Uint8Array, padding: number, out: Uint8Array[]): number {
    const { aead, nonces } = this.keys.get();
    const size = fragment.length + 1 + padding;
    const inner = innerPlaintext;
    inner.set(fragment);
    inner[fragment.length] = type;
    if (padding > 0) inner.fill(0, fragment.length + 1, size);
    const length = size + aead.tagLength;
    const header = Uint8Array.of(ContentType.application_data, 3, 3, length >> 8, length & 0xff);
    const { ciphertext, tag } = aead.seal(nonces.next(), header, inner.subarray(0, size));
    out.push(header, ciphertext, tag);
    return HEADER_LENGTH + length;
  }
}

export class Opener13 implements Opener {
  private readonly keys: RecordKeys;
  /** RFC 8449 §4: what we said that we accept, content type included; the record's limit otherwise. */
  maxInner = MAX_PLAINTEXT + 1;

  constructor(provider: Provider, secret: TrafficSecret) {
    this.keys = new RecordKeys(provider, secret);
  }

  /** For a reader that missed records, or was given some that were damaged: the number of the next one moves. */
  skip(count: number): void {
    this.keys.sequence.value += count;
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
    const { aead, nonces } = this.keys.get();
    const plain = aead.open(nonces.next(), record.subarray(0, HEADER_LENGTH), record.subarray(HEADER_LENGTH));
    if (plain === null) {
      this.keys.sequence.value--;
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
