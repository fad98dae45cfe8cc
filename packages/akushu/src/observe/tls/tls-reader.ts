/**
 * Both directions of a TLS connection as somebody on the path sees them: records, messages, alerts; opened where a key
 * is there. Takes bytes in the order in which they were captured and never fails: what is wrong is a problem with its
 * place. Where a private key that answers later is needed, the connection waits, and what comes meanwhile waits too.
 */
import { annotate } from '../../codec/index.js';
import type { AlertName } from '../../errors.js';
import { TlsError } from '../../errors.js';
import { AlertLevel, alertByCode, ContentType } from '../../registry/index.js';
import type { Side } from '../../trace/index.js';
import type { ObserveLimits } from '../limits.js';
import type { ObservedAlert, ObservedData, ObservedHandshakeMessage, TlsFacts } from '../observation.js';
import { annotateHandshake, decodeHandshake } from './decode.js';
import { Direction } from './direction.js';
import { HandshakeFacts } from './handshake-facts.js';
import { MessageLog, RecordLog } from './logs.js';
import type { CutRecord } from './record-cutter.js';
import { HEADER, looksLikeRecord, SSL2_VERSION } from './record-header.js';
import { asClientHello, decodeSsl2, isSsl2ClientHello } from './ssl2.js';
import { tlsFactsOf } from './tls-facts.js';
import { factsOfError, MessageEffects, type MessageHost } from './tls-messages.js';

export interface TlsHost extends MessageHost {
  readonly limits: ObserveLimits;
  readonly plaintext: ((from: Side, bytes: Uint8Array, time: number) => void) | null;
  retain(count: number): void;
}

type Queued =
  | {
      readonly kind: 'bytes';
      readonly side: Side;
      readonly bytes: Uint8Array;
      readonly time: number;
      readonly offset: number;
    }
  | {
      readonly kind: 'lost';
      readonly side: Side;
      readonly length: number;
      readonly time: number;
      readonly offset: number;
    };

const { alert, application_data, change_cipher_spec, handshake, heartbeat } = ContentType;
const CLOSE_NOTIFY = 0;
/** Handshake messages in the clear: nobody sends a tenth of it. */
const MAX_CLEAR_MESSAGES = 1000;

export class TlsReader {
  private readonly sides: Readonly<Record<Side, Direction>>;
  private readonly facts = new HandshakeFacts();
  private readonly effects: MessageEffects;
  private readonly records: RecordLog;
  private readonly messages: MessageLog;
  private readonly alerts: ObservedAlert[] = [];
  private readonly queue: Queued[] = [];
  private handshakeBytes = 0;
  private clearMessages = 0;
  private waiting = false;

  constructor(
    private readonly host: TlsHost,
    private readonly midStream: boolean,
  ) {
    const { limits } = host;
    this.records = new RecordLog(limits.records);
    this.messages = new MessageLog(limits.messages);
    this.sides = { client: this.direction('client'), server: this.direction('server') };
    this.effects = new MessageEffects(
      { ...host, wait: (work) => this.waitFor(work) },
      this.facts,
      this.sides,
    );
  }

  private direction(side: Side): Direction {
    const reader = this;
    return new Direction(
      {
        wants: (type, length) => this.wants(this.sides[side], type, length),
        record: (record) => this.record(side, record),
        astray: (offset, time, found) => this.astray(side, offset, time, found),
        get paused() {
          return reader.waiting;
        },
      },
      this.midStream,
      this.host.limits.messageBytes,
    );
  }

  // ---- Bytes in ----

  push(side: Side, bytes: Uint8Array, start: number, end: number, time: number, offset: number): void {
    if (this.waiting) {
      this.queue.push({ kind: 'bytes', side, bytes: bytes.slice(start, end), time, offset });
      return;
    }
    const stopped = this.sides[side].cutter.push(bytes, start, end, time, offset);
    if (stopped < end)
      this.queue.unshift({
        kind: 'bytes',
        side,
        bytes: bytes.slice(stopped, end),
        time,
        offset: offset + stopped - start,
      });
  }

  lost(side: Side, offset: number, length: number, time: number): void {
    if (this.waiting) {
      this.queue.push({ kind: 'lost', side, length, time, offset });
      return;
    }
    const direction = this.sides[side];
    direction.forgetMessage();
    direction.decryption?.lostBytes();
    direction.cutter.lost(length, time, offset);
  }

  private waitFor(work: Promise<void>): void {
    this.waiting = true;
    this.host.wait(
      work.then(() => {
        this.waiting = false;
        this.resume();
      }),
    );
  }

  private resume(): void {
    while (!this.waiting && this.queue.length > 0) {
      const next = this.queue.shift()!;
      if (next.kind === 'bytes')
        this.push(next.side, next.bytes, 0, next.bytes.length, next.time, next.offset);
      else this.lost(next.side, next.offset, next.length, next.time);
    }
  }

  private astray(side: Side, offset: number, time: number, found: Uint8Array | null): void {
    const direction = this.sides[side];
    direction.forgetMessage();
    direction.decryption?.lostBytes();
    // What is found next may come before or after the keys.
    direction.midStream = true;
    // Bytes that are missing are reported where they are.
    if (!found) return;
    if (looksLikeRecord(found)) {
      const length = (found[3]! << 8) | found[4]!;
      this.host.problem('record_too_long', side, time, offset, { type: found[0], length });
    } else this.host.problem('not_a_record', side, time, offset, { found });
  }

  // ---- Records ----

  private wants(direction: Direction, type: number, length: number): boolean {
    if (direction.isProtected(type)) {
      // An alert in the clear that comes after all (RFC 9846 §6.2) is two bytes.
      if (direction.search && type === application_data) return true;
      return direction.decryption?.hopeful === true || (length === 2 && type === alert);
    }
    return type === handshake || type === alert || type === change_cipher_spec;
  }

  private record(side: Side, record: CutRecord): void {
    const direction = this.sides[side];
    direction.records++;
    if (record.version === SSL2_VERSION) {
      this.ssl2Record(side, record);
      return;
    }
    if (direction.midStream && direction.protection === 'nothing') this.judgeMidStream(direction, record);
    const { bytes, type } = record;
    // An alert in the clear is two bytes (RFC 9846 §6): a longer one comes after a ChangeCipherSpec that was not seen.
    if (type === alert && record.length > 2) direction.protection = 'everything';
    if (!direction.isProtected(type)) {
      this.log(side, record, false, type, record.length);
      if (bytes) this.content(side, record, type, bytes.subarray(HEADER), false);
      else this.data(side, record, type, record.length, false);
      return;
    }
    direction.protectedRecords++;
    if (bytes && type === application_data) direction.search?.(bytes);
    const opened = bytes && direction.decryption ? direction.decryption.open(bytes) : null;
    if (opened) direction.note(opened);
    if (opened?.ok) {
      const { type: innerType, fragment } = opened.inner;
      this.log(side, record, true, innerType, fragment.length);
      this.content(side, record, innerType, fragment, true);
      return;
    }
    if (opened?.why === 'failed')
      this.host.problem('undecryptable_record', side, record.time, record.start, {
        type,
        length: record.length,
      });
    this.log(side, record, true, null, null);
    this.unread(side, record, direction);
  }

  private log(
    side: Side,
    { time, type, version, length, start, end }: CutRecord,
    isProtected: boolean,
    innerType: number | null,
    innerLength: number | null,
  ): void {
    this.records.add({
      from: side,
      time,
      type,
      version,
      length,
      start,
      end,
      protected: isProtected,
      innerType,
      innerLength,
    });
  }

  /** A connection met in its middle: a handshake record is in the clear where it begins like a message. */
  private judgeMidStream(direction: Direction, { type, bytes, length }: CutRecord): void {
    // How it begins was not captured.
    if (type === handshake && !bytes) return;
    direction.midStream = false;
    if (type !== handshake && type !== alert) return;
    const body = bytes?.subarray(HEADER);
    const clear =
      type === alert
        ? length === 2
        : body !== undefined &&
          body.length >= 4 &&
          body[0]! <= 24 &&
          body[1] === 0 &&
          (body[2]! << 8) + body[3]! <= 0xffff;
    const fits = type === alert || (body !== undefined && 4 + (body[2]! << 8) + body[3]! >= body.length);
    if (!clear || !fits) direction.protection = 'everything';
  }

  private content(
    side: Side,
    record: CutRecord,
    type: number,
    fragment: Uint8Array,
    decrypted: boolean,
  ): void {
    if (type === handshake) this.handshakeFragment(side, record, fragment, decrypted);
    else if (type === alert) this.alertFragment(side, record, fragment, decrypted);
    else if (type === change_cipher_spec) {
      this.messages.add({ kind: 'change_cipher_spec', ...this.place(side, record, decrypted) });
      this.effects.changeCipher(side, record);
    } else {
      if (type === application_data) {
        this.sides[side].sentData = true;
        if (fragment.length > 0) this.host.plaintext?.(side, fragment, record.time);
      }
      this.data(side, record, type, fragment.length, decrypted);
    }
  }

  private place(side: Side, { time, start, end }: CutRecord, decrypted: boolean) {
    return { from: side, time, start, end, decrypted };
  }

  private data(side: Side, record: CutRecord, type: number, length: number, decrypted: boolean): void {
    const kind: ObservedData['kind'] =
      type === application_data ? 'application_data' : type === heartbeat ? 'heartbeat' : 'unknown';
    this.messages.data({
      kind,
      recordType: type,
      records: 1,
      length,
      ...this.place(side, record, decrypted),
    });
  }

  /** A protected record without a key. */
  private unread(side: Side, record: CutRecord, direction: Direction): void {
    const { type, length } = record;
    if (type === alert) {
      direction.unreadAlerts++;
      this.messages.add({ kind: 'alert', alert: null, ...this.place(side, record, false) });
      return;
    }
    const before13 = direction.protection === 'everything';
    if (type === handshake && before13 && direction.changedCipher) direction.finished = true;
    if (type === application_data && before13) direction.sentData = true;
    const kind = type === application_data && before13 ? 'application_data' : 'encrypted';
    this.messages.data({ kind, recordType: type, records: 1, length, ...this.place(side, record, false) });
  }

  // ---- Messages ----

  private handshakeFragment(side: Side, record: CutRecord, fragment: Uint8Array, decrypted: boolean): void {
    const direction = this.sides[side];
    if (direction.broken || fragment.length === 0) return;
    if (!direction.joiner.pending) direction.messageStart = record.start;
    try {
      direction.joiner.push(fragment);
      for (let message = direction.joiner.next(); message; message = direction.joiner.next()) {
        this.message(side, message, record, direction.messageStart, decrypted);
        direction.messageStart = record.start;
        if (direction.broken) return;
      }
    } catch (error) {
      if (!(error instanceof TlsError)) throw error;
      this.host.problem('message_too_long', side, record.time, record.start, factsOfError(error));
      direction.broken = true;
      direction.forgetMessage();
    }
  }

  private message(side: Side, bytes: Uint8Array, record: CutRecord, start: number, decrypted: boolean): void {
    if (!decrypted && ++this.clearMessages > MAX_CLEAR_MESSAGES) {
      this.host.problem('limit_reached', side, record.time, start, { limit: MAX_CLEAR_MESSAGES });
      this.sides[side].broken = true;
      return;
    }
    const before = this.effects.contextFor(side);
    const { name, value, error } = decodeHandshake(bytes, before);
    if (error)
      this.host.problem('malformed_message', side, record.time, start, {
        message: name,
        ...factsOfError(error),
      });
    this.handshakeBytes += bytes.length;
    if (this.handshakeBytes > this.host.limits.handshakeBytes) {
      this.host.problem('limit_reached', side, record.time, start, { limit: 'handshakeBytes' });
      this.sides[side].broken = true;
      return;
    }
    this.host.retain(bytes.length);
    this.effects.apply(side, bytes, value, { time: record.time, start });
    // What a hello chose is the context in which it is shown.
    const after =
      value && side === 'server' && before.version === null ? this.effects.contextFor(side) : before;
    this.messages.add(this.shown(side, record, start, decrypted, { name, value, error, bytes }, after));
  }

  private shown(
    side: Side,
    record: CutRecord,
    start: number,
    decrypted: boolean,
    { name, value, error, bytes }: Pick<ObservedHandshakeMessage, 'name' | 'value' | 'error' | 'bytes'>,
    context: ReturnType<MessageEffects['contextFor']>,
  ): ObservedHandshakeMessage {
    return {
      kind: 'handshake',
      type: bytes[0]!,
      name,
      bytes,
      value,
      error,
      ...this.place(side, record, decrypted),
      start,
      annotate: () => annotateHandshake(bytes, context),
    };
  }

  private alertFragment(side: Side, record: CutRecord, fragment: Uint8Array, decrypted: boolean): void {
    for (let at = 0; at + 2 <= fragment.length; at += 2) {
      const code = fragment[at + 1]!;
      const level = fragment[at]!;
      const description = (alertByCode(code)?.name as AlertName | undefined) ?? (`alert_${code}` as const);
      const found: ObservedAlert = {
        from: side,
        time: record.time,
        level:
          level === AlertLevel.warning ? 'warning' : level === AlertLevel.fatal ? 'fatal' : `level_${level}`,
        description,
        code,
        encrypted: decrypted,
      };
      if (code === CLOSE_NOTIFY) this.sides[side].closeNotify = true;
      if (this.alerts.length < this.host.limits.messages) this.alerts.push(found);
      this.messages.add({ kind: 'alert', alert: found, ...this.place(side, record, decrypted) });
    }
  }

  private ssl2Record(side: Side, record: CutRecord): void {
    const body = record.bytes?.subarray(record.headerLength);
    this.log(side, record, !body, null, null);
    if (!body) {
      this.sides[side].protectedRecords++;
      this.messages.data({
        kind: 'encrypted',
        recordType: 0,
        records: 1,
        length: record.length,
        ...this.place(side, record, false),
      });
      return;
    }
    const bytes = body.slice();
    const decoded = decodeSsl2(bytes);
    if (decoded.error)
      this.host.problem('malformed_message', side, record.time, record.start, {
        message: decoded.name,
        ...factsOfError(decoded.error),
      });
    if (isSsl2ClientHello(decoded.value)) {
      this.effects.clientHello(asClientHello(decoded.value), null);
      this.facts.current.transcript.push(bytes);
    } else if (decoded.value) {
      this.facts.negotiated.version = decoded.value.version;
      if (decoded.value.certificate.length > 0) this.facts.chains.server ??= [decoded.value.certificate];
    }
    const { name, value, error, codec } = decoded;
    this.messages.add({
      kind: 'handshake',
      type: bytes[0]!,
      name,
      bytes,
      value,
      error,
      ...this.place(side, record, false),
      annotate: () => annotate(codec, bytes, name),
    });
  }

  // ---- What it comes to ----

  /** The connection is over. `time` and `offset` of each side's end are for what is left half read. */
  finish(time: number): void {
    for (const side of ['client', 'server'] as const) {
      const direction = this.sides[side];
      if (direction.joiner.pending)
        this.host.problem('incomplete_message', side, time, direction.messageStart, {
          type: direction.joiner.peekType(),
        });
    }
  }

  result(): TlsFacts {
    const { facts, sides, records, messages, alerts, midStream, host } = this;
    return tlsFactsOf({ provider: host.provider, facts, sides, records, messages, alerts, midStream });
  }
}
