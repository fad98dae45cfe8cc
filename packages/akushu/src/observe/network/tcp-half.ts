/**
 * One direction of a TCP connection put in order (RFC 9293 §3.4): what comes in order is passed on where it lies, what
 * comes early is kept, what comes again is counted. Sequence numbers are signed 32-bit differences, so that they wrap.
 * What never came is given up once the other side has acknowledged it, or once too much waits behind it.
 */

/** Whoever reads the stream. `bytes` are valid during the call only. */
export interface HalfSink {
  data(bytes: Uint8Array, start: number, end: number, time: number, offset: number): void;
  lost(offset: number, length: number, time: number): void;
  /** Bytes that are kept from now on, or no longer. */
  retain(count: number): void;
}

interface Segment {
  readonly seq: number;
  readonly bytes: Uint8Array;
  /** As it was on the wire; `bytes` may be less. */
  readonly length: number;
  readonly time: number;
}

const MAX_PENDING = 1024;
/** How many segments, or how long, a capture of several interfaces may be behind itself: what is missing then never comes. */
export const PATIENT_SEGMENTS = 16;
export const PATIENT_MILLISECONDS = 500;

export class TcpHalf {
  known = false;
  /** Sequence number of the next byte. */
  private next = 0;
  /** The same, counted from the first byte of the stream. */
  offset = 0;
  initial: number | null = null;
  packets = 0;
  retransmissions = 0;
  outOfOrder = 0;
  overlaps = 0;
  cutSegments = 0;
  fin: number | null = null;
  private finSeq = 0;
  private acked: number | null = null;
  private readonly pending: Segment[] = [];
  private pendingBytes = 0;

  constructor(
    private readonly sink: HalfSink,
    private readonly limit: number,
  ) {}

  /** How many bytes before `seq` have not come yet; negative where all have. */
  missingBefore(seq: number): number {
    return (seq - this.next) | 0;
  }

  /** Whether its first byte has this number, as far as is known: what came, or the other side's acknowledgement, says so. */
  beginsAt(seq: number): boolean {
    return this.known && ((this.next - this.offset - seq) | 0) === 0;
  }

  /** Bytes that the other side has, as far as it said so. */
  get acknowledged(): number {
    if (!this.known || this.acked === null) return 0;
    const end = this.fin !== null && ((this.acked - this.finSeq) | 0) > 0 ? this.finSeq : this.acked;
    return Math.max(0, this.offset + ((end - this.next) | 0));
  }

  /** All up to FIN has come. */
  get complete(): boolean {
    return this.fin !== null && ((this.finSeq - this.next) | 0) <= 0;
  }

  /** A SYN: the sequence number of what is in front of the first byte. */
  synchronize(seq: number): void {
    if (this.initial !== null) return;
    this.initial = seq;
    if (this.known && this.offset > 0) return;
    this.known = true;
    this.next = (seq + 1) | 0;
  }

  /** Where the stream goes on, as far as anybody says, for one whose beginning was not seen. */
  startAt(seq: number): void {
    if (this.known) return;
    this.known = true;
    this.next = seq;
  }

  finish(seq: number, time: number): void {
    if (this.fin === null) {
      this.fin = time;
      this.finSeq = seq;
    }
  }

  /** Bytes at `seq`; `fullLength` as on the wire, of which `start` to `end` was captured. */
  receive(
    seq: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    fullLength: number,
    time: number,
  ): void {
    this.startAt(seq);
    const ahead = (seq - this.next) | 0;
    if (ahead > 0) {
      this.keep(seq, bytes, start, end, fullLength, time);
    } else if (ahead === 0) {
      this.pass(bytes, start, end, fullLength, time);
      if (this.pending.length > 0) this.release();
    } else if (fullLength <= -ahead) {
      this.retransmissions++;
    } else {
      this.overlaps++;
      this.pass(bytes, Math.min(end, start - ahead), end, fullLength + ahead, time);
      if (this.pending.length > 0) this.release();
    }
  }

  /** The other side has all bytes before `ack`. */
  acknowledge(ack: number, time: number): void {
    if (this.acked === null || ((ack - this.acked) | 0) > 0) this.acked = ack;
    const first = this.pending[0];
    if (!first || ((this.acked - first.seq) | 0) < 0) return;
    const patient = this.pending.length < PATIENT_SEGMENTS && !(time - first.time >= PATIENT_MILLISECONDS);
    if (!patient) this.giveUpHole(time);
  }

  /** The connection is over: all that waits is passed on, with its holes. */
  flush(time: number): void {
    while (this.pending.length > 0) this.giveUpHole(time);
    if (!this.known || this.acked === null) return;
    // RFC 9293 §3.4: FIN takes a number as well.
    const end = this.fin !== null ? this.finSeq : this.acked;
    const missing = Math.min((this.acked - this.next) | 0, (end - this.next) | 0);
    if (missing > 0 && (this.offset > 0 || missing > 1)) this.lose(missing, time);
  }

  private pass(bytes: Uint8Array, start: number, end: number, fullLength: number, time: number): void {
    const length = end - start;
    const { offset } = this;
    this.offset += length;
    this.next = (this.next + length) | 0;
    if (length > 0) this.sink.data(bytes, start, end, time, offset);
    if (fullLength > length) this.lose(fullLength - length, time);
  }

  private lose(length: number, time: number): void {
    const { offset } = this;
    this.offset += length;
    this.next = (this.next + length) | 0;
    this.sink.lost(offset, length, time);
  }

  private keep(
    seq: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
    time: number,
  ): void {
    let at = this.pending.length;
    while (at > 0 && ((this.pending[at - 1]!.seq - seq) | 0) > 0) at--;
    const before = this.pending[at - 1];
    if (before && ((seq + length - before.seq) | 0) <= before.length) {
      this.retransmissions++;
      return;
    }
    this.outOfOrder++;
    const kept = bytes.slice(start, end);
    this.pending.splice(at, 0, { seq, bytes: kept, length, time });
    this.count(kept.length);
    if (this.pendingBytes > this.limit || this.pending.length > MAX_PENDING) this.giveUpHole(time);
  }

  private count(bytes: number): void {
    this.pendingBytes += bytes;
    this.sink.retain(bytes);
  }

  private giveUpHole(time: number): void {
    const hole = (this.pending[0]!.seq - this.next) | 0;
    if (hole > 0) this.lose(hole, time);
    this.release();
  }

  /** Passes on what has waited and is next now. */
  private release(): void {
    let taken = 0;
    for (const { seq, bytes, length, time } of this.pending) {
      const ahead = (seq - this.next) | 0;
      if (ahead > 0) break;
      taken++;
      this.count(-bytes.length);
      if (length > -ahead) {
        if (ahead < 0) this.overlaps++;
        this.pass(bytes, Math.min(bytes.length, -ahead), bytes.length, length + ahead, time);
      }
    }
    this.pending.splice(0, taken);
  }
}
