/**
 * What the two sides of a TCP connection say to each other: TLS from the first byte, something in the clear that leads
 * to TLS, or something else altogether. TLS is known by its ClientHello, on any port and at any place in the clear; in
 * a connection whose beginning is missing also by its records.
 */

import { concat, EMPTY } from '../../bytes/index.js';
import type { Side } from '../../trace/index.js';
import type { Conversation } from '../network/tcp.js';
import type { ObservedStartTls, PerSide, PlainSpeech, TlsFacts } from '../observation.js';
import { otherSide } from '../sides.js';
import { RecordFinder } from '../tls/record-finder.js';
import { type TlsHost, TlsReader } from '../tls/tls-reader.js';
import { alertAt, asksForTls, clientHelloAt, identify, recordAt, serverHelloAt } from './detect.js';
import { describeStartTls, isMysqlSslRequest, proxyHeaderLength, type Turn } from './starttls.js';

/** Enough for any first line and any binary request. */
const KEPT = 1024;
const MAX_TURNS = 64;

interface SideState {
  /** `unsaid`: nothing yet. `clear`: not TLS, so far. `tls`. `other`: not TLS, and nobody looks any more. */
  mode: 'unsaid' | 'clear' | 'tls' | 'other';
  /** First bytes that may become the beginning of TLS. */
  held: Uint8Array;
  heldOffset: number;
  /** Bytes in the clear. */
  clear: number;
  first: { bytes: Uint8Array; readonly time: number } | null;
  /** `first` is what was said after the other side's TLS. */
  inItsPlace: boolean;
  /** In a connection whose beginning is missing. */
  readonly finder: RecordFinder;
}

export class StreamConversation implements Conversation {
  private readonly sides: Readonly<Record<Side, SideState>>;
  private readonly turns: Turn[] = [];
  private tls: TlsReader | null = null;
  /** The client sent its ClientHello after words in the clear of its own. */
  private afterWords = false;
  /** TLS was known by its first message. */
  private helloSeen = false;

  constructor(
    private readonly host: TlsHost,
    private readonly serverPort: number,
    private readonly midStream: boolean,
  ) {
    const side = (): SideState => ({
      mode: 'unsaid',
      held: EMPTY,
      heldOffset: 0,
      clear: 0,
      first: null,
      inItsPlace: false,
      finder: new RecordFinder(),
    });
    this.sides = { client: side(), server: side() };
  }

  data(side: Side, bytes: Uint8Array, start: number, end: number, time: number, offset: number): void {
    const state = this.sides[side];
    if (state.mode === 'tls') this.tls!.push(side, bytes, start, end, time, offset);
    else if (state.mode !== 'other') this.judge(side, state, bytes, start, end, time, offset);
  }

  lost(side: Side, offset: number, length: number, time: number): void {
    const state = this.sides[side];
    this.host.problem('lost_bytes', side, time, offset, { length });
    this.release(side, state, time);
    if (state.mode === 'tls') this.tls!.lost(side, offset, length, time);
    else if (state.mode === 'unsaid' && this.tls) {
      // The other side speaks TLS: what this one said first is missing.
      state.mode = 'tls';
      this.tls.lost(side, offset, length, time);
    }
  }

  private judge(
    side: Side,
    state: SideState,
    bytes: Uint8Array,
    start: number,
    end: number,
    time: number,
    offset: number,
  ): void {
    if (state.held.length > 0) {
      const joined = concat(state.held, bytes.subarray(start, end));
      const { heldOffset } = state;
      state.held = EMPTY;
      this.decide(side, state, joined, 0, joined.length, time, heldOffset);
    } else this.decide(side, state, bytes, start, end, time, offset);
  }

  private decide(
    side: Side,
    state: SideState,
    bytes: Uint8Array,
    start: number,
    end: number,
    time: number,
    offset: number,
  ): void {
    const verdict = this.verdict(side, state, bytes, start, end);
    if (verdict === 'yes') this.begin(side, bytes, start, end, time, offset);
    else if (verdict === 'maybe') {
      state.held = bytes.slice(start, end);
      state.heldOffset = offset;
    } else {
      const found = this.midStream && !this.helloSeen ? state.finder.find(bytes, start, end, offset) : -1;
      if (found >= 0) this.begin(side, bytes, found, end, time, offset + found - start);
      else this.inTheClear(side, state, bytes, start, end, time, offset);
    }
  }

  private verdict(side: Side, state: SideState, bytes: Uint8Array, start: number, end: number) {
    if (this.tls) {
      // After the other side's TLS only what this side says next can be its own.
      if (state.mode === 'unsaid' || this.afterWords) return recordAt(bytes, start, end);
      // The words that led to TLS were not captured.
      const hello = side === 'server' && serverHelloAt(bytes, start, end) === 'yes';
      if (hello) this.afterWords = true;
      return hello ? 'yes' : 'no';
    }
    if (side === 'client') return clientHelloAt(bytes, start, end);
    if (state.mode === 'unsaid' && alertAt(bytes, start, end)) return 'yes';
    // Without a ClientHello before it only the start of it all can be one.
    const hello = serverHelloAt(bytes, start, end);
    return hello === 'yes' && (this.midStream || state.mode === 'unsaid') ? 'yes' : 'no';
  }

  private begin(
    side: Side,
    bytes: Uint8Array,
    start: number,
    end: number,
    time: number,
    offset: number,
  ): void {
    const state = this.sides[side];
    if (!this.tls) {
      const hello =
        side === 'client'
          ? clientHelloAt(bytes, start, end) === 'yes'
          : serverHelloAt(bytes, start, end) === 'yes';
      this.helloSeen = hello;
      this.tls = new TlsReader(this.host, this.midStream && !hello);
      this.afterWords = hello && this.sides.client.clear > 0;
    }
    state.mode = 'tls';
    this.tls.push(side, bytes, start, end, time, offset);
  }

  private inTheClear(
    side: Side,
    state: SideState,
    bytes: Uint8Array,
    start: number,
    end: number,
    time: number,
    offset: number,
  ): void {
    const inside = side === 'client' && !this.tls ? this.helloBehind(bytes, start, end) : 0;
    const stop = inside > 0 ? inside : end;
    state.mode = this.tls ? 'other' : 'clear';
    // An answer in the clear to a ClientHello is what was said in place of TLS, whatever led to it.
    if (this.tls && this.afterWords && !state.inItsPlace) {
      state.first = null;
      state.inItsPlace = true;
    }
    this.keepFirst(side, state, bytes, start, stop, time);
    state.clear += stop - start;
    this.note(side, bytes, start, stop, time);
    if (inside > 0) this.begin(side, bytes, inside, end, time, offset + inside - start);
    else if (state.clear > this.host.limits.preambleBytes) state.mode = 'other';
  }

  /** What a side said until the other one spoke, in however many segments it came. */
  private keepFirst(
    side: Side,
    state: SideState,
    bytes: Uint8Array,
    start: number,
    end: number,
    time: number,
  ): void {
    const { first } = state;
    // Turns alternate: of the first two each is one side's first.
    const goesOn = state.inItsPlace || (this.turns.length <= 2 && this.turns.at(-1)?.from === side);
    const room = KEPT - (first?.bytes.length ?? 0);
    if (!first) state.first = { bytes: bytes.slice(start, Math.min(end, start + room)), time };
    else if (goesOn && room > 0)
      first.bytes = concat(first.bytes, bytes.subarray(start, Math.min(end, start + room)));
  }

  /** Where a ClientHello begins that came in one segment with what leads to it; 0 where none did. */
  private helloBehind(bytes: Uint8Array, start: number, end: number): number {
    const piece = bytes.subarray(start, end);
    const length = isMysqlSslRequest(piece)
      ? 36
      : this.sides.client.mode === 'unsaid'
        ? proxyHeaderLength(piece)
        : 0;
    if (length === 0 || length >= piece.length) return 0;
    return clientHelloAt(bytes, start + length, end) === 'yes' ? start + length : 0;
  }

  /** Adds to the turn that goes on, or begins one. */
  private note(side: Side, bytes: Uint8Array, start: number, end: number, time: number): void {
    const last = this.turns[this.turns.length - 1];
    if (last?.from === side) {
      last.length += end - start;
      const room = KEPT - last.bytes.length;
      if (room > 0) last.bytes = concat(last.bytes, bytes.subarray(start, Math.min(end, start + room)));
      return;
    }
    // The first turns say what is spoken, the last ones how it came to TLS.
    if (this.turns.length >= MAX_TURNS) this.turns.splice(MAX_TURNS / 2, 1);
    this.turns.push({
      from: side,
      time,
      bytes: bytes.slice(start, Math.min(end, start + KEPT)),
      length: end - start,
    });
  }

  /** What was held back since it might have become TLS is what it is. */
  private release(side: Side, state: SideState, time: number): void {
    const { held, heldOffset } = state;
    if (held.length === 0) return;
    state.held = EMPTY;
    // Type and version are there: half a record of TLS.
    if (held.length >= 3 && held[0]! < 0x80) this.begin(side, held, 0, held.length, time, heldOffset);
    else this.inTheClear(side, state, held, 0, held.length, time, heldOffset);
  }

  // ---- What it comes to ----

  finish(time: number): void {
    for (const side of ['client', 'server'] as const) this.release(side, this.sides[side], time);
    this.tls?.finish(time);
  }

  tlsFacts(): TlsFacts | null {
    return this.tls?.result() ?? null;
  }

  starttls(): ObservedStartTls | null {
    return describeStartTls(this.turns, this.afterWords && this.tls !== null);
  }

  notTls(): PerSide<PlainSpeech | null> | null {
    const speech = (side: Side): PlainSpeech | null => {
      const { first, mode } = this.sides[side];
      // Words in the clear that led to TLS are not what was said in its place.
      if (!first || (mode === 'tls' && this.afterWords)) return null;
      if (mode === 'clear' && this.afterWords && this.sides[otherSide(side)].mode === 'tls') return null;
      if (mode === 'tls') return null;
      const wantsTls = this.turns.some((turn) => turn.from === side && asksForTls(turn.bytes));
      return { ...identify(first.bytes, side, this.serverPort), time: first.time, wantsTls };
    };
    const found = { client: speech('client'), server: speech('server') };
    return found.client || found.server ? found : null;
  }
}
