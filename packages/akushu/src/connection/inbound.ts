/**
 * What a record may be at this moment of the connection (RFC 9846 §5, §5.1, §6): content type, protection, size and
 * number are judged here, what it means to the connection is not.
 */
import { type AlertName, tlsError } from '../errors.js';
import type { Limits } from '../handshake/index.js';
import type { Incoming } from '../record/index.js';
import { alertByName, alertName, ContentType } from '../registry/index.js';
import type { Side } from '../trace/index.js';

export type AlertDescription = AlertName | `alert_${number}`;

export type Content =
  | { readonly kind: 'handshake'; readonly fragment: Uint8Array }
  | { readonly kind: 'data'; readonly fragment: Uint8Array; readonly replaySafe: boolean }
  | { readonly kind: 'alert'; readonly level: 'warning' | 'fatal'; readonly description: AlertDescription }
  /** Before TLS 1.3: an alert that ends nothing. */
  | { readonly kind: 'warning'; readonly description: AlertDescription }
  | { readonly kind: 'change_cipher_spec' }
  | { readonly kind: 'nothing' };

/** §5 sets no number; BoringSSL's: enough for any honest peer, too few to keep a server busy. */
const MAX_CHANGE_CIPHER_SPECS = 32;

export class Inbound {
  /** A ClientHello has come, or gone out: ChangeCipherSpec may follow. */
  helloSeen: boolean;
  /** Until the peer's Finished. */
  changeCipherSpecAllowed = true;
  /** A reading key is in use: what is not protected is wrong. */
  readsProtected = false;
  /** Application data may come. */
  established = false;
  /** The peer said that it sends no more: whatever comes is ignored. */
  closed = false;
  /** Bytes of early data that may still come; null outside of early data. */
  earlyDataLeft: number | null = null;
  /** TLS 1.2 or older was agreed upon: one ChangeCipherSpec at one place, alerts with levels (RFC 5246 §7.1, §7.2). */
  before13 = false;
  /** Whether an older version may still be agreed upon. */
  mayBeOld = false;
  /** Before TLS 1.3: new keys are read with, and no Finished has proved them yet. */
  awaitsFinished = false;
  private openedAny = false;
  private emptyRecords = 0;
  private warnings = 0;
  private changeCipherSpecs = 0;

  constructor(
    private readonly role: Side,
    private readonly limits: Limits,
  ) {
    this.helloSeen = role === 'client';
  }

  /** Judges a record. `midMessage`: a handshake message is half read. Throws what is wrong with it. */
  judge(record: Incoming, midMessage: boolean): Content {
    const { type, fragment } = record;
    if (type === ContentType.change_cipher_spec) return this.changeCipherSpec(record, midMessage);
    // §5.1: a handshake message may not be interrupted by records of another type.
    if (type !== ContentType.handshake && midMessage) throw tlsError('interleaved_record', { type });
    if (record.protected) this.openedAny = true;
    else if (this.readsProtected) this.checkPlaintext(type);
    switch (type) {
      case ContentType.handshake:
        if (fragment.length === 0) throw tlsError('empty_fragment');
        return { kind: 'handshake', fragment };
      case ContentType.alert:
        return this.alert(fragment);
      case ContentType.application_data:
        return this.data(fragment);
      default:
        throw tlsError('unknown_record_type', { type });
    }
  }

  /** A client that cannot read our ServerHello has no keys for its alert; everything else must be protected (§5). */
  private checkPlaintext(type: number): void {
    const early = type === ContentType.alert && !this.openedAny && this.role === 'server';
    if (!early) throw tlsError('unencrypted_record', { type });
  }

  /** §5: one byte of value 1, in the clear, between the first ClientHello and the peer's Finished: dropped. */
  private changeCipherSpec({ fragment, protected: wasProtected }: Incoming, midMessage: boolean): Content {
    const wellFormed = fragment.length === 1 && fragment[0] === 1;
    if (this.before13) {
      if (!wellFormed || midMessage) throw tlsError('bad_change_cipher_spec');
      return { kind: 'change_cipher_spec' };
    }
    if (wasProtected || !this.changeCipherSpecAllowed || !this.helloSeen || !wellFormed || midMessage) {
      throw tlsError('bad_change_cipher_spec');
    }
    if (++this.changeCipherSpecs > MAX_CHANGE_CIPHER_SPECS) {
      throw tlsError('bad_change_cipher_spec', { count: this.changeCipherSpecs });
    }
    return { kind: 'change_cipher_spec' };
  }

  /** §5, §6: from here on what TLS 1.3 says. */
  agreeOn13(): void {
    this.mayBeOld = false;
    this.helloSeen = true;
  }

  /** TLS 1.2 or older it is. A ChangeCipherSpec that came before was too early (CVE-2014-0224). */
  agreeOn12(): void {
    if (this.changeCipherSpecs > 0) throw tlsError('bad_change_cipher_spec');
    this.before13 = true;
    this.helloSeen = true;
  }

  private data(fragment: Uint8Array): Content {
    if (this.awaitsFinished) throw tlsError('unexpected_application_data');
    const early = this.earlyDataLeft !== null;
    if (this.earlyDataLeft !== null) {
      this.earlyDataLeft -= fragment.length;
      if (this.earlyDataLeft < 0) throw tlsError('too_much_early_data');
    } else if (!this.established) throw tlsError('unexpected_application_data');
    if (fragment.length === 0) {
      if (++this.emptyRecords > this.limits.emptyRecords) throw tlsError('too_many_empty_records');
      return { kind: 'nothing' };
    }
    this.emptyRecords = 0;
    this.warnings = 0;
    return { kind: 'data', fragment, replaySafe: !early };
  }

  /** §6: two bytes. The level says nothing any more but has to be one of two. */
  private alert(fragment: Uint8Array): Content {
    if (fragment.length !== 2) throw tlsError('bad_alert', { length: fragment.length });
    const level = fragment[0]!;
    if (level !== 1 && level !== 2) throw tlsError('unknown_alert_level', { level });
    const description = describeAlert(fragment[1]!);
    // RFC 5246 §7.2.2: before TLS 1.3 a warning is for the receiver to judge; it counts as news.
    const news = description !== 'close_notify' && level === 1 && (this.before13 || this.mayBeOld);
    if ((news || description === 'user_canceled') && ++this.warnings > this.limits.warnings)
      throw tlsError('too_many_warnings');
    if (news) return { kind: 'warning', description };
    return { kind: 'alert', level: level === 1 ? 'warning' : 'fatal', description };
  }
}

function describeAlert(code: number): AlertDescription {
  const name = alertName(code);
  return alertByName(name) ? (name as AlertName) : `alert_${code}`;
}
