/**
 * Both directions of the record layer of one connection (RFC 9846 §5): fragments go out protected by the keys of
 * now, records come in and are opened. What a fragment means, and whether it may come now, is the connection's matter.
 */
import { concat } from '../bytes/index.js';
import { tlsError } from '../errors.js';
import { ContentType } from '../registry/index.js';
import { HEADER_LENGTH, MAX_CIPHERTEXT_13, MAX_PLAINTEXT, RecordReader } from './framing.js';
import type { Opener13, Sealer13 } from './protection13.js';

export interface Incoming {
  /** The content type inside, where the record was protected. */
  readonly type: number;
  readonly fragment: Uint8Array;
  readonly protected: boolean;
  /** On the wire, header included. */
  readonly length: number;
}

export type SkipMode = 'never' | 'decrypts' | 'second_hello';

export class RecordLayer {
  private readonly reader = new RecordReader();
  private out: Uint8Array[] = [];
  /** Handshake messages that wait for company: a flight goes into as few records as it needs. */
  private waiting: Uint8Array[] = [];
  private sealer: Sealer13 | null = null;
  private opener: Opener13 | null = null;
  private sentAny = false;
  private agreed = false;
  private skip: SkipMode = 'never';
  private skipped = 0;
  /** Largest fragment that the peer takes. */
  sendLimit = MAX_PLAINTEXT;
  private receiveLimit = MAX_PLAINTEXT + 1;
  /** Told of each record that goes out: content type on the wire and inside, length with its header. */
  onRecord: ((wireType: number, innerType: number, length: number) => void) | undefined;

  constructor(
    private readonly skipLimit: number,
    private readonly padding: ((length: number, type: number) => number) | undefined,
  ) {}

  // ---- Sending ----

  /** Queues a handshake message; it goes out with the next flush, key change or record of another type. */
  sendMessage(message: Uint8Array): void {
    this.waiting.push(message);
  }

  private flushMessages(): void {
    if (this.waiting.length === 0) return;
    const flight = concat(...this.waiting);
    this.waiting = [];
    this.fragment(ContentType.handshake, flight);
  }

  send(type: number, data: Uint8Array): void {
    this.flushMessages();
    this.fragment(type, data);
  }

  /** A record without protection whatever the keys: the ChangeCipherSpec of appendix E.4. */
  sendPlain(type: number, data: Uint8Array): void {
    this.flushMessages();
    this.plain(type, data);
  }

  private fragment(type: number, data: Uint8Array): void {
    let at = 0;
    do {
      const piece = data.length <= this.sendLimit ? data : data.subarray(at, at + this.sendLimit);
      at += piece.length;
      if (this.sealer) this.seal(this.sealer, type, piece);
      else this.plain(type, piece);
    } while (at < data.length);
  }

  private seal(sealer: Sealer13, type: number, piece: Uint8Array): void {
    const wanted = this.padding?.(piece.length, type) ?? 0;
    const padding = Math.max(0, Math.min(Math.trunc(wanted) || 0, this.sendLimit - piece.length));
    sealer.seal(type, piece, padding, this.out);
    this.onRecord?.(
      ContentType.application_data,
      type,
      HEADER_LENGTH + piece.length + padding + 1 + sealer.tagLength,
    );
  }

  private plain(type: number, piece: Uint8Array): void {
    // §5.1: the first record may say 0x0301 for old servers; all others say 0x0303.
    const minor = this.sentAny || type !== ContentType.handshake || this.agreed ? 3 : 1;
    this.sentAny = true;
    this.out.push(Uint8Array.of(type, 3, minor, piece.length >> 8, piece.length & 0xff), piece);
    this.onRecord?.(type, type, HEADER_LENGTH + piece.length);
  }

  writeWith(sealer: Sealer13 | null): void {
    this.flushMessages();
    this.sealer = sealer;
  }

  /** True where the writing key should be replaced before more goes out (§5.5). */
  get worn(): boolean {
    return this.sealer?.worn ?? false;
  }

  /** All that is to be written to the transport, in order. */
  takeOutput(): Uint8Array[] {
    this.flushMessages();
    const pieces = this.out;
    if (pieces.length > 0) this.out = [];
    return pieces;
  }

  // ---- Receiving ----

  push(chunk: Uint8Array): void {
    this.reader.push(chunk);
  }

  detach(): void {
    this.reader.detach();
  }

  get midRecord(): boolean {
    return this.reader.midRecord;
  }

  readWith(opener: Opener13): void {
    this.opener = opener;
    opener.maxInner = this.receiveLimit;
  }

  setReceiveLimit(inner: number): void {
    this.receiveLimit = Math.min(inner, MAX_PLAINTEXT + 1);
    if (this.opener) this.opener.maxInner = this.receiveLimit;
  }

  agreeOn13(): void {
    this.agreed = true;
    this.reader.maxFragment = MAX_CIPHERTEXT_13;
  }

  skipEarlyData(mode: SkipMode): void {
    this.skip = mode;
  }

  /** The next record's content, opened; undefined until more bytes come. Throws what is wrong with the record. */
  next(): Incoming | undefined {
    for (;;) {
      const record = this.reader.next();
      if (!record) return undefined;
      const { type, bytes } = record;
      // §5.1 asks to ignore this field and every peer to send 0x0303; another value is a peer that is not in order.
      if (this.agreed && record.version !== 0x0303 && type !== ContentType.alert)
        throw tlsError('wrong_record_version', { version: record.version });
      const payload = bytes.length - HEADER_LENGTH;
      if (type !== ContentType.application_data) {
        if (payload > MAX_PLAINTEXT)
          throw tlsError('record_too_long', { length: payload, limit: MAX_PLAINTEXT });
        return { type, fragment: bytes.subarray(HEADER_LENGTH), protected: false, length: bytes.length };
      }
      const opened = this.open(bytes);
      if (opened) return { ...opened, protected: true, length: bytes.length };
    }
  }

  /** Undefined where the record is early data to be skipped. */
  private open(bytes: Uint8Array): { type: number; fragment: Uint8Array } | undefined {
    if (this.opener) {
      const inner = this.opener.open(bytes);
      if (inner) {
        this.skip = 'never';
        return inner;
      }
      if (this.skip !== 'decrypts') throw tlsError('bad_record_mac');
    } else if (this.skip !== 'second_hello') {
      throw tlsError('unexpected_application_data', { protected: false });
    }
    // §4.3.10: bounded by what a ticket of ours could have allowed.
    this.skipped += bytes.length - HEADER_LENGTH;
    if (this.skipped > this.skipLimit) throw tlsError('too_much_skipped_data', { limit: this.skipLimit });
    return undefined;
  }
}
