/**
 * The dialogue in the clear that some protocols lead before TLS begins, without I/O: bytes in; bytes out, steps, and
 * then "ready" or a typed failure. A protocol is a generator that says what it sends and what it waits for; what runs
 * it here keeps all limits and sees to it that not one byte of the clear reaches TLS (CVE-2011-0411, CVE-2021-23222:
 * RFC 7457 §2.2). The result never depends on how the bytes are cut. Deadlines are the socket's.
 */
import { concat, EMPTY, equal, toLatin1, toUtf8 } from '../../bytes/index.js';
import { printable } from '../../diagnose/index.js';
import { type ErrorCode, TlsError } from '../../errors.js';

/** What is sent or read at once, in words that are safe to show; `bytes` is its size. */
export interface StartTlsStep {
  readonly from: 'client' | 'server';
  readonly lines: readonly string[];
  readonly bytes: number;
}

/** What a dialogue asks of whoever runs it. */
export type Ask =
  | { readonly kind: 'send'; readonly bytes: Uint8Array; readonly lines: readonly string[] }
  /** All bytes up to the given one, that one included; at most `limit`. */
  | { readonly kind: 'through'; readonly byte: number }
  | { readonly kind: 'take'; readonly count: number }
  /** What was taken since the last time, in words. */
  | { readonly kind: 'heard'; readonly lines: readonly string[] };

/** Is resumed with the bytes that it asked for, and with none after what asks for none. */
export type Talk<T> = Generator<Ask, T, Uint8Array>;

/** A whole dialogue; gives what the server said it is, or null. Over when the next byte out is the ClientHello. */
export type Protocol = (serverName: string) => Talk<string | null>;

/** The longest line, tag or packet; twice what RFC 5321 §4.5.3.1 and RFC 9051 want to be accepted. */
export const MAX_PIECE = 4096;
/** Lines, tags or packets of one dialogue, and their bytes. */
const MAX_PIECES = 512;
const MAX_TOTAL = 65_536;
const MAX_SHOWN = 200;

type Facts = Readonly<Record<string, unknown>>;

/** How a dialogue gives up. Becomes a `TlsError` with the protocol's name. */
class Breach extends Error {
  override readonly name = 'Breach';
  constructor(
    readonly code: ErrorCode,
    readonly facts: Facts,
  ) {
    super(code);
  }
}

/** The server cannot, or says that it cannot. `got` is its answer. */
export function notOffered(got: string): never {
  throw new Breach('starttls_not_offered', { got: shown(got) });
}

/** The server could, but will not now. */
export function refused(got: string): never {
  throw new Breach('starttls_refused', { got: shown(got) });
}

export function malformed(expected: string, got?: string): never {
  throw new Breach('starttls_malformed', { expected, ...(got !== undefined && { got: shown(got) }) });
}

/** Text of the server, safe on a terminal and in a log, and short. */
export function shown(text: string): string {
  return printable(text, MAX_SHOWN);
}

/** UTF-8 where it is; every byte a character where it is not. */
export function textOf(bytes: Uint8Array): string {
  try {
    return toUtf8(bytes);
  } catch {
    return toLatin1(bytes);
  }
}

/** What whoever runs a dialogue is told. `ready` and `failed` come once, and one of them only. */
export interface DialogueHandlers {
  readonly send: (bytes: Uint8Array) => void;
  readonly said: (step: StartTlsStep) => void;
  /** TLS may begin, unless bytes are still to come that came too early. */
  readonly ready: () => void;
  readonly failed: (error: TlsError) => void;
}

export class Dialogue {
  private readonly talk: Talk<string | null>;
  private state: 'new' | 'talking' | 'ready' | 'failed' = 'new';
  private ask: Ask | null = null;
  private pending: Uint8Array = EMPTY;
  private first = true;
  private taken = 0;
  private reported = 0;
  private pieces = 0;
  private after: string | null = null;
  /** What the server said it is; null for nothing, or not yet. */
  banner: string | null = null;

  constructor(
    readonly protocol: string,
    protocolTalk: Protocol,
    serverName: string,
    private readonly handlers: DialogueHandlers,
  ) {
    this.talk = protocolTalk(serverName);
  }

  start(): void {
    if (this.state !== 'new') return;
    this.state = 'talking';
    this.advance();
  }

  receive(bytes: Uint8Array): void {
    if (this.state === 'failed' || bytes.length === 0) return;
    this.pending = this.pending.length === 0 ? bytes : concat(this.pending, bytes);
    if (this.state === 'talking') this.advance();
    else if (this.state === 'ready') this.refuseInjection();
    // What waits for its rest is the caller's buffer no longer.
    if (this.pending.length > 0) this.pending = this.pending.slice();
  }

  /** What is wrong when the server closes now, or when time is up. */
  interrupted(code: 'closed_during_handshake' | 'starttls_timeout', facts: Facts = {}): TlsError {
    this.state = 'failed';
    return new TlsError(code, { facts: { ...this.whereabouts(), ...facts } });
  }

  /** `after`: what we had said last; null where the server was to speak first. */
  private whereabouts(): Facts {
    return { phase: 'starttls', protocol: this.protocol, after: this.after };
  }

  private advance(): void {
    try {
      let given: Uint8Array | null = EMPTY;
      while (given !== null) {
        if (this.ask) given = this.satisfy(this.ask);
        if (given === null) return;
        const next = this.talk.next(given);
        if (next.done) {
          this.banner = next.value === null ? null : shown(next.value);
          this.becomeReady();
          return;
        }
        this.ask = next.value;
      }
    } catch (error) {
      if (!(error instanceof Breach)) throw error;
      this.fail(error);
    }
  }

  private becomeReady(): void {
    this.state = 'ready';
    if (this.pending.length > 0) this.refuseInjection();
    else this.handlers.ready();
  }

  private refuseInjection(): void {
    this.fail(new Breach('starttls_injection', { got: shown(textOf(this.pending)) }));
  }

  private fail({ code, facts }: Breach): void {
    this.state = 'failed';
    this.pending = EMPTY;
    this.handlers.failed(new TlsError(code, { facts: { ...this.whereabouts(), ...facts } }));
  }

  /** Null until more bytes come. */
  private satisfy(ask: Ask): Uint8Array | null {
    switch (ask.kind) {
      case 'send':
        this.after = ask.lines[0] ?? '';
        this.handlers.said({ from: 'client', lines: ask.lines, bytes: ask.bytes.length });
        this.handlers.send(ask.bytes);
        return EMPTY;
      case 'heard':
        this.handlers.said({
          from: 'server',
          lines: ask.lines.map(shown),
          bytes: this.taken - this.reported,
        });
        this.reported = this.taken;
        return EMPTY;
      case 'through':
        return this.takeThrough(ask.byte);
      case 'take':
        return this.take(ask.count);
    }
  }

  private takeThrough(byte: number): Uint8Array | null {
    if (this.awaitsBeginning()) return null;
    const at = this.pending.subarray(0, MAX_PIECE).indexOf(byte);
    if (at >= 0) return this.take(at + 1);
    if (this.pending.length >= MAX_PIECE) throw new Breach('starttls_malformed', { limit: MAX_PIECE });
    return null;
  }

  private take(count: number): Uint8Array | null {
    if (count > MAX_PIECE) throw new Breach('starttls_malformed', { length: count, limit: MAX_PIECE });
    if (this.awaitsBeginning() || this.pending.length < count) return null;
    this.taken += count;
    this.pieces += 1;
    if (this.pieces > MAX_PIECES) throw new Breach('starttls_malformed', { limit: MAX_PIECES });
    if (this.taken > MAX_TOTAL) throw new Breach('starttls_malformed', { limit: MAX_TOTAL });
    const bytes = this.pending.slice(0, count);
    this.pending = this.pending.subarray(count);
    return bytes;
  }

  /**
   * Whether the server's first bytes could still turn out to be a TLS record: from a server that does not know of a
   * beginning in the clear, an alert about ours.
   */
  private awaitsBeginning(): boolean {
    if (!this.first) return false;
    if (this.pending.length === 0) return true;
    const start = this.pending.subarray(0, RECORD_START);
    if (couldBeRecord(start)) {
      if (start.length < RECORD_START) return true;
      throw new Breach('starttls_already_tls', {});
    }
    this.first = false;
    return false;
  }
}

/** Type and version. 3.0 is left out: in MySQL it is the length of a packet. */
const RECORD_START = 3;

function couldBeRecord([type, major, minor]: Uint8Array): boolean {
  if (type === undefined || type < 0x14 || type > 0x17) return false;
  if (major !== undefined && major !== 3) return false;
  return minor === undefined || (minor >= 1 && minor <= 4);
}

// ---- What protocols are made of ----

const encoder = new TextEncoder();

/** Sends text and shows it. */
export function* sendText(text: string, lines: readonly string[]): Talk<void> {
  yield { kind: 'send', bytes: encoder.encode(text), lines };
}

export function* sendBytes(bytes: Uint8Array, name: string): Talk<void> {
  yield { kind: 'send', bytes, lines: [name] };
}

export function* heard(...lines: readonly string[]): Talk<void> {
  yield { kind: 'heard', lines };
}

export function* take(count: number): Talk<Uint8Array> {
  return yield { kind: 'take', count };
}

export function* takeThrough(byte: number): Talk<Uint8Array> {
  return yield { kind: 'through', byte };
}

const CRLF = Uint8Array.of(0x0d, 0x0a);

/** A line without its end, which is CRLF and nothing else; no other control of lines stands in it. */
export function* takeLine(): Talk<string> {
  const bytes = yield* takeThrough(0x0a);
  const text = textOf(bytes.subarray(0, -2));
  if (!equal(bytes.subarray(-2), CRLF)) malformed('CRLF', textOf(bytes));
  if (/[\r\0]/.test(text)) malformed('CRLF', text);
  return text;
}
