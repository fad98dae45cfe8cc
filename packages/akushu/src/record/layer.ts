/**
 * Both directions of the record layer of one connection (RFC 9846 §5): fragments go out protected by the keys of
 * now, records come in and are opened. What a fragment means, and whether it may come now, is the connection's matter.
 */
import { concat } from '../bytes/index.js';
import { tlsError } from '../errors.js';
import { ContentType, Version } from '../registry/index.js';
import { HEADER_LENGTH, MAX_CIPHERTEXT_13, MAX_PLAINTEXT, RecordReader } from './framing.js';
import type { Opener, Sealer } from './protection.js';
import { MAX_CIPHERTEXT_12 } from './protection12.js';

export interface Incoming {
  /** The content type inside, where the record was protected. */
  readonly type: number;
  /** As the header says it. */
  readonly wireType: number;
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
  private sealer: Sealer | null = null;
  private opener: Opener | null = null;
  private sentAny = false;
  /** What headers say once a version is agreed upon; 0x0303 in TLS 1.3. */
  private version: number | null = null;
  private skip: SkipMode = 'never';
  private skipped = 0;
  /** §5.1: the first record may say 0x0301 for old servers, all others say 0x0303; no more than the highest version offered. */
  firstVersion = 0x0301;
  laterVersion = 0x0303;
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
    const splitOff = type === ContentType.application_data ? (this.sealer?.splitOff ?? 0) : 0;
    if (splitOff > 0 && data.length > splitOff) {
      at = splitOff;
      this.seal(this.sealer!, type, data.subarray(0, at));
    }
    do {
      const whole = at === 0 && data.length <= this.sendLimit;
      const piece = whole ? data : data.subarray(at, at + this.sendLimit);
      at += piece.length;
      if (this.sealer) this.seal(this.sealer, type, piece);
      else this.plain(type, piece);
    } while (at < data.length);
  }

  private seal(sealer: Sealer, type: number, piece: Uint8Array): void {
    const wanted = this.padding?.(piece.length, type) ?? 0;
    const padding = Math.max(0, Math.min(Math.trunc(wanted) || 0, this.sendLimit - piece.length));
    const length = sealer.seal(type, piece, padding, this.out);
    this.onRecord?.(sealer.wireType(type), type, length);
  }

  private plain(type: number, piece: Uint8Array): void {
    const first = !this.sentAny && type === ContentType.handshake;
    const version = this.version ?? (first ? this.firstVersion : this.laterVersion);
    this.sentAny = true;
    this.out.push(
      Uint8Array.of(type, version >> 8, version & 0xff, piece.length >> 8, piece.length & 0xff),
      piece,
    );
    this.onRecord?.(type, type, HEADER_LENGTH + piece.length);
  }

  writeWith(sealer: Sealer | null): void {
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

  readWith(opener: Opener): void {
    this.opener = opener;
    opener.maxInner = Math.min(opener.maxInner, this.receiveLimit);
  }

  setReceiveLimit(inner: number): void {
    this.receiveLimit = Math.min(inner, MAX_PLAINTEXT + 1);
    if (this.opener) this.opener.maxInner = Math.min(this.opener.maxInner, this.receiveLimit);
  }

  agreeOn13(): void {
    this.version = Version['TLSv1.2'];
    this.reader.maxFragment = MAX_CIPHERTEXT_13;
  }

  /** TLS 1.0 to 1.2: records say it from now on, both ways. */
  agreeOn(version: number): void {
    this.version = version;
    this.reader.maxFragment = MAX_CIPHERTEXT_12;
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
      if (this.version !== null && record.version !== this.version && type !== ContentType.alert)
        throw tlsError('wrong_record_version', { version: record.version });
      const payload = bytes.length - HEADER_LENGTH;
      if (!this.isProtected(type)) {
        if (payload > MAX_PLAINTEXT)
          throw tlsError('record_too_long', { length: payload, limit: MAX_PLAINTEXT });
        return {
          type,
          wireType: type,
          fragment: bytes.subarray(HEADER_LENGTH),
          protected: false,
          length: bytes.length,
        };
      }
      const opened = this.open(bytes);
      if (opened) return { wireType: type, protected: true, length: bytes.length, ...opened };
    }
  }

  /** Without keys application data is taken for protected: there is none in the clear. */
  private isProtected(type: number): boolean {
    return this.opener ? this.opener.covers(type) : type === ContentType.application_data;
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
