/**
 * A TCP connection as the capture shows it (RFC 9293): who opened it and how, how it ended, and both directions in
 * order. Which side is the client is told by SYN; where none was captured, by what is said, or by the ports.
 */
import type { Side } from '../../trace/index.js';
import type { LostBytes, ObservedConnection, PerSide, TcpFacts, TcpOpening } from '../observation.js';
import { PATIENT_MILLISECONDS, PATIENT_SEGMENTS, TcpHalf } from './tcp-half.js';

export const FLAG = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;

/** What is made of a connection's bytes. */
export interface Conversation {
  data(side: Side, bytes: Uint8Array, start: number, end: number, time: number, offset: number): void;
  lost(side: Side, offset: number, length: number, time: number): void;
}

/** What a connection needs of the one that follows all of them. */
export interface TcpHost {
  /** Payload is about to come for the first time. */
  converse(connection: TcpConnection): Conversation;
  /** Who is the client of a connection without SYN: 0 the sender of the first packet, 1 the other. */
  guessClient(
    connection: TcpConnection,
    sender: 0 | 1,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): { readonly client: 0 | 1; readonly from: ObservedConnection['rolesFrom'] };
  retain(count: number): void;
  readonly outOfOrderBytes: number;
}

const MAX_LOST = 32;

/** An answer that was captured before what it answers. */
interface EarlySegment {
  readonly index: 0 | 1;
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  readonly bytes: Uint8Array;
  readonly fullLength: number;
  readonly time: number;
}

export class TcpConnection {
  /** Packed addresses and ports: [0] of the sender of the first packet. */
  readonly halves: readonly [TcpHalf, TcpHalf];
  /** Index of the client; null while it is not known. */
  client: 0 | 1 | null = null;
  rolesFrom: ObservedConnection['rolesFrom'] = 'first';
  start: number;
  end: number;
  retained = 0;
  /** When it came to its end; null before. */
  closedAt: number | null = null;
  conversation: Conversation | null = null;
  /** Reported; nothing more changes what was said of it. */
  over = false;
  /** Its place is free. */
  gone = false;
  private syn: number | null = null;
  private syns = 0;
  private synAck: number | null = null;
  private answered = false;
  private firstRst: { index: 0 | 1; time: number; early: boolean } | null = null;
  private finFirst: 0 | 1 | null = null;
  /** What the first FIN acknowledged of the other side. */
  private finAck = 0;
  private unreachable: TcpFacts['unreachable'] = null;
  private readonly losses: { index: 0 | 1; time: number; offset: number; length: number }[] = [];
  private lostOmitted = 0;
  private readonly early: EarlySegment[] = [];
  /** By direction: the acknowledgement whose bytes nobody waits for any more. */
  private readonly excused: [number | null, number | null] = [null, null];
  private last: { index: 0 | 1; time: number } | null = null;
  private before: number;
  private stepBack = 0;

  constructor(
    private readonly host: TcpHost,
    readonly index: number,
    /** Both addresses as packed by the table, and the ports in the same order. */
    readonly addresses: readonly [Uint8Array, Uint8Array],
    readonly ports: readonly [number, number],
    time: number,
  ) {
    this.start = time;
    this.end = time;
    this.before = time;
    const half = (index: 0 | 1): TcpHalf =>
      new TcpHalf(
        {
          data: (bytes, start, end, time, offset) => this.deliver(index, bytes, start, end, time, offset),
          lost: (offset, length, time) => this.lose(index, offset, length, time),
          retain: (count) => this.retain(count),
        },
        host.outOfOrderBytes,
      );
    this.halves = [half(0), half(1)];
  }

  sideOf(index: 0 | 1): Side {
    return index === (this.client ?? 0) ? 'client' : 'server';
  }

  indexOf(side: Side): 0 | 1 {
    const client = this.client ?? 0;
    return side === 'client' ? client : client === 0 ? 1 : 0;
  }

  /** A SYN of a connection that is not this one: the port is used again. */
  isNewConnection(index: 0 | 1, seq: number): boolean {
    const half = this.halves[index];
    if (half.initial !== null) return half.initial !== seq;
    // Its answer may have been captured first.
    if (half.beginsAt((seq + 1) | 0)) return false;
    return this.syn === null || this.closedAt !== null;
  }

  segment(
    index: 0 | 1,
    seq: number,
    ack: number,
    flags: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    fullLength: number,
    time: number,
  ): void {
    if (time > this.end) this.end = time;
    if (this.before - time > this.stepBack) this.stepBack = this.before - time;
    this.before = time;
    const half = this.halves[index];
    half.packets++;
    if (end - start < fullLength) half.cutSegments++;
    if (flags & FLAG.rst) {
      if (flags & FLAG.ack) this.halves[index === 0 ? 1 : 0].startAt(ack);
      this.reset(index, time);
      return;
    }
    if (flags & FLAG.syn) this.synchronize(index, seq, flags, time);
    else if (this.syn !== null && index === this.client) this.answered = true;
    if (flags & FLAG.ack) {
      const other = this.halves[index === 0 ? 1 : 0];
      other.startAt(ack);
      other.acknowledge(ack, time);
      if (fullLength > 0 && (flags & FLAG.syn) === 0 && this.isEarly(index, ack)) {
        this.hold({ index, seq, ack, flags, bytes: bytes.slice(start, end), fullLength, time });
        return;
      }
    }
    const first = flags & FLAG.syn ? (seq + 1) | 0 : seq;
    this.take(index, first, ack, flags, bytes, start, end, fullLength, time);
    if (this.early.length > 0) this.releaseEarly(time);
  }

  private take(
    index: 0 | 1,
    seq: number,
    ack: number,
    flags: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    fullLength: number,
    time: number,
  ): void {
    const half = this.halves[index];
    if (fullLength > 0) {
      if (this.client === null) this.assignRoles(index, bytes, start, end);
      half.receive(seq, bytes, start, end, fullLength, time);
    } else if ((flags & FLAG.syn) === 0) half.startAt(seq);
    if (flags & FLAG.fin) this.finish(index, (seq + fullLength) | 0, ack, time);
  }

  /** RFC 9293 §3.4: its sender has acknowledged bytes of the other side that were not captured so far. */
  private isEarly(index: 0 | 1, ack: number): boolean {
    const from = index === 0 ? 1 : 0;
    const other = this.halves[from];
    if (this.client === null || other.packets === 0 || other.missingBefore(ack) <= 0) return false;
    // A FIN takes a number without being a byte.
    if (other.fin !== null && other.missingBefore(ack) === 1) return false;
    const excused = this.excused[from];
    return excused === null || ((ack - excused) | 0) > 0;
  }

  private hold(segment: EarlySegment): void {
    this.early.push(segment);
    this.retain(segment.bytes.length);
    this.releaseEarly(segment.time);
  }

  private releaseEarly(time: number): void {
    for (;;) {
      const [first] = this.early;
      if (!first) return;
      const { index, seq, ack, flags, bytes, fullLength } = first;
      if (this.isEarly(index, ack)) {
        if (this.early.length <= PATIENT_SEGMENTS && !(time - first.time >= PATIENT_MILLISECONDS)) return;
        this.excused[index === 0 ? 1 : 0] = ack;
      }
      this.early.shift();
      this.retain(-bytes.length);
      this.take(index, seq, ack, flags, bytes, 0, bytes.length, fullLength, first.time);
    }
  }

  icmp(unreachable: NonNullable<TcpFacts['unreachable']>): void {
    this.unreachable ??= unreachable;
    if (unreachable.time > this.end) this.end = unreachable.time;
  }

  /** Ends both directions: what waits for missing bytes is passed on. */
  flush(): void {
    this.releaseEarly(Number.POSITIVE_INFINITY);
    // Whoever spoke first is waited for by the other.
    const first = this.indexOf('client');
    this.halves[first].flush(this.end);
    this.halves[first === 0 ? 1 : 0].flush(this.end);
  }

  /** Lets go of what was said. */
  forget(): void {
    this.conversation = null;
    this.early.length = 0;
  }

  retain(count: number): void {
    this.retained += count;
    this.host.retain(count);
  }

  facts(): TcpFacts {
    const perSide = <T>(get: (half: TcpHalf) => T): PerSide<T> => ({
      client: get(this.halves[this.indexOf('client')]),
      server: get(this.halves[this.indexOf('server')]),
    });
    const side = (index: 0 | 1 | null) => (index === null ? null : this.sideOf(index));
    const { firstRst, last } = this;
    return {
      opening: this.opening(),
      syn: this.syn,
      syns: this.syns,
      synAck: this.synAck,
      rst: firstRst && { by: this.sideOf(firstRst.index), time: firstRst.time },
      fin: perSide((half) => half.fin),
      finFirst: side(this.finFirst),
      unreachable: this.unreachable,
      packets: perSide((half) => half.packets),
      bytes: perSide((half) => half.offset),
      acknowledged: perSide((half) => half.acknowledged),
      cutSegments: perSide((half) => half.cutSegments),
      retransmissions: perSide((half) => half.retransmissions),
      outOfOrder: perSide((half) => half.outOfOrder),
      overlaps: perSide((half) => half.overlaps),
      lost: this.losses.map(
        ({ index, time, offset, length }): LostBytes => ({ from: this.sideOf(index), time, offset, length }),
      ),
      lostOmitted: this.lostOmitted,
      startedMidStream: this.syn === null && this.synAck === null,
      open: firstRst === null && (this.halves[0].fin === null || this.halves[1].fin === null),
      stepBack: this.stepBack,
      lastData: last && { from: this.sideOf(last.index), time: last.time },
    };
  }

  private opening(): TcpOpening {
    const { syn, synAck, firstRst } = this;
    if (syn === null && synAck === null) return 'unseen';
    if (synAck !== null) return this.answered || this.last !== null ? 'complete' : 'half';
    // The client went on: it had an answer, whether or not that was captured.
    if (this.answered || this.halves[0].offset + this.halves[1].offset > 0) return 'complete';
    if (firstRst && firstRst.index !== this.client) return 'refused';
    return this.unreachable ? 'unreachable' : 'no_answer';
  }

  private synchronize(index: 0 | 1, seq: number, flags: number, time: number): void {
    const answers = (flags & FLAG.ack) !== 0;
    if (this.client === null) {
      this.client = answers ? (index === 0 ? 1 : 0) : index;
      this.rolesFrom = 'syn';
    }
    if (answers) this.synAck ??= time;
    else {
      this.syn ??= time;
      this.syns++;
    }
    this.halves[index].synchronize(seq);
  }

  private assignRoles(sender: 0 | 1, bytes: Uint8Array, start: number, end: number): void {
    const { client, from } = this.host.guessClient(this, sender, bytes, start, end);
    this.client = client;
    this.rolesFrom = from;
  }

  private finish(index: 0 | 1, seq: number, ack: number, time: number): void {
    const half = this.halves[index];
    half.finish(seq, time);
    if (this.finFirst === null) {
      this.finFirst = index;
      this.finAck = ack;
    } else if (this.finFirst !== index && ((this.finAck - seq) | 0) === 1) {
      // The one that was captured first acknowledges this one.
      this.finFirst = index;
    }
    if (this.halves[0].complete && this.halves[1].complete) this.closedAt ??= time;
  }

  private reset(index: 0 | 1, time: number): void {
    this.firstRst ??= { index, time, early: this.synAck === null };
    this.closedAt ??= time;
  }

  private deliver(
    index: 0 | 1,
    bytes: Uint8Array,
    start: number,
    end: number,
    time: number,
    offset: number,
  ): void {
    this.conversation ??= this.host.converse(this);
    const { last } = this;
    if (last) {
      last.index = index;
      last.time = time;
    } else this.last = { index, time };
    this.conversation.data(this.sideOf(index), bytes, start, end, time, offset);
  }

  private lose(index: 0 | 1, offset: number, length: number, time: number): void {
    if (this.losses.length < MAX_LOST) this.losses.push({ index, time, offset, length });
    else this.lostOmitted++;
    this.conversation ??= this.host.converse(this);
    this.conversation.lost(this.sideOf(index), offset, length, time);
  }
}
