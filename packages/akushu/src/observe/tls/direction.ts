/** What one side of a connection has sent, as far as reading on depends on it, and how much of it could be opened. */
import { MessageJoiner } from '../../record/index.js';
import { ContentType } from '../../registry/index.js';
import type { DecryptionOutcome, DecryptionState } from '../observation.js';
import type { Decryption12 } from './decrypt12.js';
import type { Decryption13, Opened, Source } from './decrypt13.js';
import type { CutterSink } from './record-cutter.js';
import { RecordCutter } from './record-cutter.js';

/**
 * `nothing`: in the clear. `everything`: all records are protected (before TLS 1.3, after ChangeCipherSpec).
 * `application_data`: those that say so in their header are (TLS 1.3).
 */
export type Protection = 'nothing' | 'everything' | 'application_data';

export class Direction {
  readonly cutter: RecordCutter;
  joiner: MessageJoiner;
  /** Where the first record of the message under way begins. */
  messageStart = 0;
  /** The handshake messages cannot be put together any more. */
  broken = false;
  protection: Protection = 'nothing';
  decryption: Decryption12 | Decryption13 | null = null;
  /** Looks for the keys of the first protected record, where it is not known whose they are. */
  search: ((record: Uint8Array) => void) | null = null;
  records = 0;
  changedCipher = false;
  finished = false;
  sentData = false;
  closeNotify = false;
  /** Protected records that could not be read and may have been alerts. */
  unreadAlerts = 0;
  protectedRecords = 0;
  openedRecords = 0;
  private failedRecords = 0;
  private unsupported = false;
  private readonly sources = new Set<Source>();
  private readonly labels = new Set<string>();

  constructor(
    sink: CutterSink,
    /** Its beginning was not captured. */
    public midStream: boolean,
    private readonly messageBytes: number,
  ) {
    this.cutter = new RecordCutter(sink, midStream);
    this.joiner = this.newJoiner();
  }

  /** What was half read is dropped. */
  forgetMessage(): void {
    this.joiner = this.newJoiner();
  }

  private newJoiner(): MessageJoiner {
    return new MessageJoiner(() => this.messageBytes);
  }

  /** A record of this type in its header is protected. */
  isProtected(type: number): boolean {
    return this.protection === 'everything' || type === ContentType.application_data;
  }

  /** Notes what came of a protected record. */
  note(opened: Opened): void {
    if (!opened.ok) {
      if (opened.why === 'failed') this.failedRecords++;
      if (opened.why === 'unsupported') this.unsupported = true;
      return;
    }
    this.openedRecords++;
    if (this.labels.has(opened.label)) return;
    this.labels.add(opened.label);
    this.sources.add(opened.source);
  }

  noteUnsupported(): void {
    this.unsupported = true;
  }

  state(): DecryptionState {
    return {
      outcome: this.outcome(),
      protectedRecords: this.protectedRecords,
      openedRecords: this.openedRecords,
      sources: [...this.sources],
      labels: [...this.labels],
    };
  }

  private outcome(): DecryptionOutcome {
    if (this.protectedRecords === 0) return 'plain';
    if (this.openedRecords === this.protectedRecords) return 'decrypted';
    if (this.openedRecords > 0) return 'partial';
    if (this.unsupported) return 'unsupported';
    return this.failedRecords > 0 ? 'failed' : 'no_keys';
  }
}
