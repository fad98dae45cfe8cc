/** Alerts both ways: sent as the version has them, and reported to the trace (RFC 9846 §6, RFC 5246 §7.2). */
import { type AlertName, ERRORS, OLDER_ALERTS, type TlsError } from '../errors.js';
import type { CommonConfig, Handshake } from '../handshake/index.js';
import { alertByName, ContentType } from '../registry/index.js';
import type { AlertDescription } from './inbound.js';
import type { Wire } from './wire.js';

type Level = 'warning' | 'fatal';

export class Alerts {
  constructor(
    private readonly hs: Handshake<CommonConfig>,
    private readonly wire: Wire,
  ) {}

  reportReceived(level: Level, description: AlertDescription): void {
    const { hs } = this;
    hs.trace({ kind: 'alert', t: hs.elapsed(), from: hs.peerRole, level, description });
  }

  sendClose(): void {
    this.send('close_notify', 'warning');
  }

  /**
   * Tells the peer why we end, where there is something to tell and nothing was said before; the error learns what was
   * sent. §6.1: a cancellation is a warning, followed by close_notify; everything else is fatal.
   */
  sendFarewell(error: TlsError): void {
    const alert = this.alertFor(error);
    if (!alert || this.wire.closeSent) return;
    const cancels = alert === 'user_canceled';
    this.send(alert, cancels ? 'warning' : 'fatal', error.code);
    if (cancels) this.sendClose();
  }

  /** What the table says, or what an older version says in its place. */
  private alertFor(error: TlsError): AlertName | null {
    const { alert } = ERRORS[error.code];
    const older = alert && this.hs.isBefore13 ? OLDER_ALERTS[alert] : undefined;
    if (older) error.alert = older;
    return older ?? alert;
  }

  private send(description: AlertName, level: Level, code?: TlsError['code']): void {
    const { hs, wire } = this;
    wire.closeSent = true;
    wire.layer.send(
      ContentType.alert,
      Uint8Array.of(level === 'warning' ? 1 : 2, alertByName(description)!.code),
    );
    const event = { kind: 'alert', t: hs.elapsed(), from: hs.role, level, description } as const;
    hs.trace(code ? { ...event, code } : event);
  }
}
