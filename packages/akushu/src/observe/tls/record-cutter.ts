/**
 * One direction's bytes as records (RFC 9846 §5.1), and those of SSL 2.0. Lenient where `record/` is strict: what is no
 * record is said and passed over, and where bytes are missing the next record is looked for. A record whose content
 * nobody wants is never copied, one that lies in a segment as a whole is read where it lies.
 */
import { RecordFinder } from './record-finder.js';
import { HEADER, isOldHello, isRecordHeader, SSL2_VERSION } from './record-header.js';

export interface CutRecord {
  type: number;
  version: number;
  /** Bytes behind the header. */
  length: number;
  /** In the stream. */
  start: number;
  end: number;
  time: number;
  /** The whole record, header included; null where it was not wanted, or is damaged. Valid during the call only. */
  bytes: Uint8Array | null;
  /** Bytes of it are missing. */
  damaged: boolean;
  /** SSL 2.0: bytes of the header, 2 or 3. */
  headerLength: number;
}

export interface CutterSink {
  /** Whether the content of a record is of interest. */
  wants(type: number, length: number): boolean;
  record(record: CutRecord): void;
  /** What should be a record's header is none, or bytes are missing. What follows is searched for a record. */
  astray(offset: number, time: number, found: Uint8Array | null): void;
  /** True while no more records may be given out. */
  readonly paused: boolean;
}

export class RecordCutter {
  private readonly header = new Uint8Array(HEADER);
  private headerLength = 0;
  private body: Uint8Array | null = null;
  /** Bytes of the record that are still to come. */
  private missing = 0;
  private readonly record: CutRecord = {
    type: 0,
    version: 0,
    length: 0,
    start: 0,
    end: 0,
    time: 0,
    bytes: null,
    damaged: false,
    headerLength: HEADER,
  };
  private searching: boolean;
  private finder = new RecordFinder();
  private old = false;
  private atStart = true;

  /** `midStream`: the first bytes may stand anywhere in a record. */
  constructor(
    private readonly sink: CutterSink,
    midStream: boolean,
  ) {
    this.searching = midStream;
  }

  /** Part of a record, but not all of it, has come. */
  get midRecord(): boolean {
    return this.missing > 0 || this.headerLength > 0;
  }

  /** Takes bytes; gives where it stopped, which is `end` unless the sink is paused. */
  push(bytes: Uint8Array, start: number, end: number, time: number, offset: number): number {
    const base = offset - start;
    let at = start;
    while (at < end && !this.sink.paused) {
      if (this.missing > 0) at = this.fill(bytes, at, end, time);
      else if (this.searching) {
        at = this.finder.find(bytes, at, end, base + at);
        if (at < 0) return end;
        this.searching = false;
        this.atStart = false;
        this.finder = new RecordFinder();
      } else if (this.headerLength > 0 || end - at < HEADER) at = this.fillHeader(bytes, at, end, time, base);
      else at = this.begin(bytes, at, end, time, base);
    }
    return at;
  }

  /** Bytes are missing here. */
  lost(length: number, time: number, offset: number): void {
    this.atStart = false;
    if (this.missing > 0 && length <= this.missing) {
      this.body = null;
      this.record.damaged = true;
      this.missing -= length;
      if (this.missing === 0) this.end(time);
      return;
    }
    if (this.missing > 0) {
      this.record.damaged = true;
      this.body = null;
      this.missing = 0;
      this.end(time);
    }
    this.headerLength = 0;
    this.body = null;
    this.searching = true;
    this.sink.astray(offset, time, null);
  }

  /** A header that lies as a whole in the segment. Gives where to go on. */
  private begin(bytes: Uint8Array, at: number, end: number, time: number, base: number): number {
    if (!isRecordHeader(bytes, at)) return this.beginOld(bytes, at, end, time, base);
    const length = (bytes[at + 3]! << 8) | bytes[at + 4]!;
    this.announce(bytes[at]!, (bytes[at + 1]! << 8) | bytes[at + 2]!, length, base + at, HEADER);
    const wanted = this.sink.wants(this.record.type, length);
    const after = at + HEADER + length;
    if (after <= end) {
      this.record.bytes = wanted ? bytes.subarray(at, after) : null;
      this.end(time);
      return after;
    }
    this.collect(bytes, at, HEADER, wanted);
    return at + HEADER;
  }

  private announce(type: number, version: number, length: number, start: number, headerLength: number): void {
    const { record } = this;
    this.atStart = false;
    record.type = type;
    record.version = version;
    record.length = length;
    record.start = start;
    record.end = start + headerLength + length;
    record.headerLength = headerLength;
    record.bytes = null;
    record.damaged = false;
  }

  private collect(bytes: Uint8Array, at: number, headerLength: number, wanted: boolean): void {
    const { length } = this.record;
    this.missing = length;
    if (!wanted) return;
    this.body = new Uint8Array(headerLength + length);
    this.body.set(bytes.subarray(at, at + headerLength));
  }

  /** SSL 2.0: two or three bytes of length (RFC 6101 appendix E). At the start only a hello is taken for it. */
  private beginOld(bytes: Uint8Array, at: number, end: number, time: number, base: number): number {
    const long = (bytes[at]! & 0x80) !== 0;
    const length = long
      ? ((bytes[at]! & 0x7f) << 8) | bytes[at + 1]!
      : ((bytes[at]! & 0x3f) << 8) | bytes[at + 1]!;
    const headerLength = long ? 2 : 3;
    const hello = this.atStart && long && isOldHello(bytes, at, length);
    if (!hello && !(this.old && length > 0)) {
      this.sink.astray(base + at, time, bytes.slice(at, Math.min(end, at + 16)));
      this.searching = true;
      return at;
    }
    this.old = true;
    this.announce(0, SSL2_VERSION, length, base + at, headerLength);
    const wanted = hello;
    const after = at + headerLength + length;
    if (after <= end) {
      this.record.bytes = wanted ? bytes.subarray(at, after) : null;
      this.end(time);
      return after;
    }
    this.collect(bytes, at, headerLength, wanted);
    return at + headerLength;
  }

  private end(time: number): void {
    this.record.time = time;
    this.missing = 0;
    this.sink.record(this.record);
    this.record.bytes = null;
    this.body = null;
  }

  private fill(bytes: Uint8Array, at: number, end: number, time: number): number {
    const take = Math.min(this.missing, end - at);
    if (this.body) this.body.set(bytes.subarray(at, at + take), this.body.length - this.missing);
    this.missing -= take;
    if (this.missing === 0) {
      this.record.bytes = this.body;
      this.end(time);
    }
    return at + take;
  }

  /** A header in pieces. */
  private fillHeader(bytes: Uint8Array, at: number, end: number, time: number, base: number): number {
    const take = Math.min(HEADER - this.headerLength, end - at);
    this.header.set(bytes.subarray(at, at + take), this.headerLength);
    this.headerLength += take;
    if (this.headerLength < HEADER) return at + take;
    this.headerLength = 0;
    const start = base + at + take - HEADER;
    const stopped = this.begin(this.header, 0, HEADER, time, start);
    // What an old header left of the five bytes belongs to its body; after a false start all of them are passed over.
    if (stopped < HEADER && this.missing > 0) this.fill(this.header, stopped, HEADER, time);
    return at + take;
  }
}
