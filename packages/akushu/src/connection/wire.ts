/**
 * The record layer as the handshake uses it: messages and keys in both directions, and what records may come at the
 * moment. Implements `HandshakeIO`; knows nothing of states, answers or the application.
 */
import { tlsError } from '../errors.js';
import {
  type CommonConfig,
  callerSays,
  type Handshake,
  type HandshakeIO,
  type Limits,
} from '../handshake/index.js';
import type { DirectionKeys, TrafficSecret } from '../keys/index.js';
import {
  MAX_PLAINTEXT,
  MessageJoiner,
  Opener13,
  opener12,
  RecordLayer,
  Sealer13,
  sealer12,
} from '../record/index.js';
import { ContentType, HandshakeType, Version } from '../registry/index.js';
import type { Side } from '../trace/index.js';
import { Inbound } from './inbound.js';
import { reportChangeCipherSpec, reportRecord } from './reports.js';

export class Wire implements HandshakeIO {
  readonly layer: RecordLayer;
  readonly joiner: MessageJoiner;
  readonly inbound: Inbound;
  /** We said that we send no more. */
  closeSent = false;
  /** After the handshake; before its end with 0.5-RTT data and False Start. */
  mayWrite = false;
  /** Before TLS 1.3: we write under keys that no Finished of the peer has proved yet. */
  writesAhead = false;
  private compatibilitySent = false;
  private hs: Handshake<CommonConfig> | undefined;

  constructor(
    private readonly role: Side,
    private readonly config: CommonConfig,
    limits: Limits,
    private readonly makeSignal: () => AbortSignal,
    private readonly earlyWriting: () => void,
  ) {
    this.inbound = new Inbound(role, limits);
    this.layer = new RecordLayer(limits.skippedEarlyData, config.padding);
    this.setSendLimit(MAX_PLAINTEXT);
    this.joiner = new MessageJoiner((type) =>
      type === HandshakeType.certificate || type === HandshakeType.compressed_certificate
        ? limits.certificateMessage
        : limits.message,
    );
  }

  /** The handshake that is run over it, for the trace. */
  attach(hs: Handshake<CommonConfig>): void {
    this.hs = hs;
    if (!this.config.trace) return;
    const report: RecordLayer['onRecord'] = (type, innerType, length) =>
      reportRecord(hs, this.role, type, innerType, length);
    this.layer.onRecord = report;
  }

  get signal(): AbortSignal {
    return this.makeSignal();
  }

  get isOver(): boolean {
    return this.closeSent;
  }

  sendMessage(message: Uint8Array): void {
    this.layer.sendMessage(message);
  }

  sendChangeCipherSpec(): void {
    if (this.compatibilitySent || this.closeSent) return;
    this.compatibilitySent = true;
    reportChangeCipherSpec(this.hs!, this.role);
    this.layer.sendPlain(ContentType.change_cipher_spec, Uint8Array.of(1));
  }

  sendEarlyData(data: Uint8Array): void {
    if (!this.closeSent) this.layer.send(ContentType.application_data, data);
  }

  writeInTheClear(): void {
    this.layer.writeWith(null);
  }

  writeWith(secret: TrafficSecret): void {
    const { provider, limits } = this.hs!;
    const { recordsPerKey } = limits;
    this.layer.writeWith(
      recordsPerKey === null ? new Sealer13(provider, secret) : new Sealer13(provider, secret, recordsPerKey),
    );
  }

  /** §5.1: keys change at a record boundary with no message half read. */
  readWith(secret: TrafficSecret): void {
    this.expectEndOfFlight();
    this.layer.readWith(new Opener13(this.hs!.provider, secret));
    this.inbound.readsProtected = true;
  }

  skipEarlyData(until: 'decrypts' | 'second_hello' | 'never'): void {
    this.layer.skipEarlyData(until);
  }

  acceptEarlyData(limit: number | null): void {
    this.inbound.earlyDataLeft = limit;
  }

  agreeOn13(): void {
    this.inbound.agreeOn13();
    this.layer.agreeOn13();
  }

  /** RFC 5246 appendix E.1; RFC 9846 §5.1 for those of TLS 1.3. */
  answerIn(version: number): void {
    this.layer.laterVersion = Math.max(Version.TLSv1, Math.min(version, Version['TLSv1.2']));
  }

  agreeOn12(version: number): void {
    this.inbound.agreeOn12();
    this.layer.agreeOn(version);
  }

  /** RFC 5246 §7.1: under the keys of before, and the last record under them. */
  changeCipherSpec(keys: DirectionKeys): void {
    reportChangeCipherSpec(this.hs!, this.role);
    this.layer.send(ContentType.change_cipher_spec, Uint8Array.of(1));
    this.writesAhead = !this.inbound.awaitsFinished;
    this.layer.writeWith(sealer12(this.hs!.provider, keys, this.hs!.random));
  }

  readWith12(keys: DirectionKeys): void {
    this.expectEndOfFlight();
    this.layer.readWith(opener12(this.hs!.provider, keys));
    this.inbound.readsProtected = true;
    this.inbound.awaitsFinished = true;
    this.writesAhead = false;
  }

  allowEarlyWriting(): void {
    this.mayWrite = true;
    callerSays(() => this.earlyWriting());
  }

  expectEndOfFlight(): void {
    if (this.joiner.pending) throw tlsError('message_across_key_change');
  }

  setSendLimit(plaintext: number): void {
    const own = this.config.maxSendFragment ?? MAX_PLAINTEXT;
    if (own < 64 || own > MAX_PLAINTEXT)
      throw new RangeError(`"maxSendFragment" expected 64 to ${MAX_PLAINTEXT}, got ${own}`);
    this.layer.sendLimit = Math.min(plaintext, own);
  }

  setReceiveLimit(inner: number): void {
    this.layer.setReceiveLimit(inner);
  }

  expectNoChangeCipherSpec(): void {
    this.inbound.changeCipherSpecAllowed = false;
  }
}
