/**
 * What the steps of one handshake share: configuration, transcript, and the ways to send, to change keys and to
 * report. The connection implements `HandshakeIO`; no step touches bytes on the wire itself.
 */
import { EMPTY, toHex } from '../bytes/index.js';
import type { Provider, RandomSource } from '../crypto/provider.js';
import { TlsError } from '../errors.js';
import type { Cipher12, DirectionKeys, KeyLabel, SecretLabel, TrafficSecret } from '../keys/index.js';
import {
  annotateMessage,
  displayName,
  type KeyExchange12,
  type MessageBody,
  type MessageContext,
  type MessageName,
  messageBytes,
} from '../messages/index.js';
import { Version } from '../registry/index.js';
import type { DecisionEvent, KeyEvent, Side, TraceEvent } from '../trace/index.js';
import { type CommonConfig, type Limits, limitsOf } from './config.js';
import { Transcript } from './transcript.js';

/** What the connection does for the handshake. */
export interface HandshakeIO {
  /** Our last word is out: a caller's function ended the connection while the handshake was asking it. */
  readonly isOver: boolean;
  /** Sends a whole handshake message under the keys of now. */
  sendMessage(message: Uint8Array): void;
  /** Sends the ChangeCipherSpec of middlebox compatibility (RFC 9846 appendix E.4), once. */
  sendChangeCipherSpec(): void;
  sendEarlyData(data: Uint8Array): void;
  /** Client: what follows goes unprotected again, after early data and a HelloRetryRequest. */
  writeInTheClear(): void;
  /** Protects what is sent from now on. */
  writeWith(secret: TrafficSecret): void;
  /** Expects what is received from now on to be protected. Throws `message_across_key_change` where a message is half read. */
  readWith(secret: TrafficSecret): void;
  /** Server: drop what does not decrypt, or application data before a second hello, up to the limit (§4.3.10). */
  skipEarlyData(until: 'decrypts' | 'second_hello' | 'never'): void;
  /** Server: early data may come now, at most so many bytes; null: no more. */
  acceptEarlyData(limit: number | null): void;
  /** From here on records must be those of TLS 1.3: the versions and lengths of §5.1. */
  agreeOn13(): void;
  /** Server: application data may go out before the client's Finished has come (§2.3, 0.5-RTT). */
  allowEarlyWriting(): void;
  /** The peer waits for us now: throws `message_across_key_change` where it sent part of another message (§5.1). */
  expectEndOfFlight(): void;
  setSendLimit(plaintext: number): void;
  setReceiveLimit(inner: number): void;
  /** ChangeCipherSpec and plaintext alerts may not come any more. */
  expectNoChangeCipherSpec(): void;
  /** Server: the highest version that the client can read, for an alert before any is agreed upon. */
  answerIn(version: number): void;
  /** From here on records must be those of this version, before TLS 1.3. */
  agreeOn12(version: number): void;
  /** Before TLS 1.3: sends ChangeCipherSpec and protects with `keys` what follows (RFC 5246 §7.1). */
  changeCipherSpec(keys: DirectionKeys): void;
  /** Before TLS 1.3: expects what follows the ChangeCipherSpec to be protected. */
  readWith12(keys: DirectionKeys): void;
  readonly signal: AbortSignal;
}

export class Handshake<C extends CommonConfig = CommonConfig> {
  readonly provider: Provider;
  readonly limits: Limits;
  readonly random: RandomSource;
  readonly transcript: Transcript;
  private readonly began: number;
  private clientRandom: Uint8Array = EMPTY;
  /** The label under which each side's messages travel now, for the trace. */
  private readonly protectedBy: Record<Side, KeyLabel | null> = { client: null, server: null };
  /** What the form of messages depends on, once it is known. */
  private context: MessageContext | undefined;
  /** What `suites.ts` made of the configuration: versions that can be spoken, and suites by version. */
  readonly made: { versions?: readonly number[]; readonly suites: Map<number, readonly number[]> } = {
    suites: new Map(),
  };
  /** Client: what we showed of ourselves, as a `Session` keeps it. Shared with handshakes on the same connection. */
  readonly own: { presented: Uint8Array | null } = { presented: null };
  /** What was decided, by topic: the connection's `why`. */
  readonly decisions: DecisionEvent[] = [];

  constructor(
    readonly role: Side,
    readonly config: C,
    readonly io: HandshakeIO,
  ) {
    this.provider = config.provider;
    this.limits = limitsOf(config);
    this.random = config.random ?? config.provider.random;
    this.transcript = new Transcript(config.provider);
    this.began = this.now();
  }

  /**
   * A copy with a transcript and decisions of its own, for authentication after the handshake (§4.7.2). With `send`
   * its messages go there and not out.
   */
  fork(send?: (message: Uint8Array) => void): this {
    const io = send ? Object.create(this.io, { sendMessage: { value: send } }) : this.io;
    return Object.create(this, {
      transcript: { value: this.transcript.copy() },
      decisions: { value: [] },
      io: { value: io },
    });
  }

  /**
   * For a handshake upon an established connection (RFC 5746): a transcript and decisions of its own, the same keys
   * until they change.
   */
  again(): this {
    return Object.create(this, {
      transcript: { value: new Transcript(this.provider) },
      decisions: { value: [] },
      clientRandom: { value: EMPTY, writable: true },
    });
  }

  /** Fixes the form of messages: the version, and before TLS 1.3 the key exchange of the suite. */
  speak(version: number, keyExchange?: KeyExchange12): void {
    this.context = { version, keyExchange };
  }

  /** TLS 1.2 or older was agreed upon. */
  get isBefore13(): boolean {
    return this.context !== undefined && this.context.version < Version['TLSv1.3'];
  }

  get peerRole(): Side {
    return this.role === 'client' ? 'server' : 'client';
  }

  /** Milliseconds since 1970 by the caller's clock; 0 without one. */
  now(): number {
    return this.config.now?.() ?? 0;
  }

  /** Milliseconds since this connection began. */
  elapsed(): number {
    return this.now() - this.began;
  }

  /** Encodes, reports, adds to the transcript and sends. Gives the bytes. */
  send<N extends MessageName>(name: N, body: MessageBody<N>): Uint8Array {
    const bytes = messageBytes(name, body);
    this.transcript.add(bytes);
    this.sendBytes(bytes);
    return bytes;
  }

  /** As `send`, for a message that is encoded already and whose place in the transcript is the caller's matter. */
  sendBytes(bytes: Uint8Array): void {
    if (this.io.isOver) return;
    this.traceMessage(this.role, bytes);
    this.io.sendMessage(bytes);
  }

  rememberClientRandom(random: Uint8Array): void {
    this.clientRandom = random;
  }

  /** A line of SSLKEYLOGFILE (RFC 9850 §2). */
  logSecret(label: SecretLabel | 'CLIENT_RANDOM', secret: Uint8Array): void {
    this.config.keyLog?.(`${label} ${toHex(this.clientRandom)} ${toHex(secret)}`);
  }

  /** Brings a secret into use for what `sender` sends. */
  useSecret(label: SecretLabel, secret: TrafficSecret, sender: Side, protects: KeyEvent['protects']): void {
    if (this.io.isOver) return;
    this.logSecret(label, secret.secret);
    if (sender === this.role) this.io.writeWith(secret);
    else this.io.readWith(secret);
    this.protectedBy[sender] = label;
    this.traceKey(label, secret, sender, protects);
  }

  /** Before TLS 1.3: our ChangeCipherSpec goes out, and `keys` come into use behind it (RFC 5246 §7.1). */
  changeWriteKeys(keys: DirectionKeys): void {
    if (this.io.isOver) return;
    this.io.changeCipherSpec(keys);
    this.noteWriteKey(this.role, keys);
  }

  /** Before TLS 1.3: the peer's ChangeCipherSpec has come. */
  changeReadKeys(keys: DirectionKeys): void {
    if (this.io.isOver) return;
    this.io.readWith12(keys);
    this.noteWriteKey(this.peerRole, keys);
  }

  private noteWriteKey(sender: Side, keys: DirectionKeys): void {
    const label = `${sender}_write_key` as const;
    this.protectedBy[sender] = label;
    this.config.trace?.({
      kind: 'key',
      t: this.elapsed(),
      label,
      generation: 0,
      sender,
      protects: 'application_data',
      aead: cipherText(keys.cipher),
    });
  }

  traceKey(
    label: SecretLabel,
    secret: TrafficSecret,
    sender: Side | null,
    protects: KeyEvent['protects'],
  ): void {
    this.config.trace?.({
      kind: 'key',
      t: this.elapsed(),
      label,
      generation: secret.generation,
      sender,
      protects,
      aead: secret.suite.aead,
    });
  }

  /** Under which key a side's records travel now; null in the clear. */
  protectionOf(side: Side): KeyLabel | null {
    return this.protectedBy[side];
  }

  traceMessage(from: Side, bytes: Uint8Array): void {
    const { context } = this;
    this.config.trace?.({
      kind: 'message',
      t: this.elapsed(),
      from,
      type: displayName(bytes),
      bytes,
      protectedBy: this.protectedBy[from],
      annotate: () => annotateMessage(bytes, context),
    });
  }

  /** Records a decision with its alternatives. */
  decide(decision: Omit<DecisionEvent, 'kind' | 't'>): void {
    const event: DecisionEvent = { kind: 'decision', t: this.elapsed(), ...decision };
    this.decisions.push(event);
    this.config.trace?.(event);
  }

  trace(event: TraceEvent): void {
    this.config.trace?.(event);
  }
}

function cipherText(cipher: Cipher12): string {
  if (cipher.kind === 'aead') return cipher.aead;
  const mac = `hmac-${cipher.mac}`;
  return cipher.kind === 'cbc' ? `${cipher.cbc} ${mac}` : `null ${mac}`;
}

/** Runs a caller's function, whose failure is ours and not the peer's: a throw becomes `callback_failed`. */
export function callerSays<T>(question: () => T): T {
  try {
    return question();
  } catch (cause) {
    throw wrapCallbackFailure(cause);
  }
}

/** A TlsError that a caller raised is what the caller wants to be told to the peer. */
export function wrapCallbackFailure(cause: unknown): TlsError {
  return cause instanceof TlsError ? cause : new TlsError('callback_failed', { cause });
}
