/**
 * Opens one direction's records of TLS 1.3 with the traffic secrets of a key log (RFC 9846 §7.3, RFC 9850). The stages
 * (early data, handshake, application data) follow one another where a message says so; where such a message could not
 * be read, or a secret is missing, the next stage whose key opens the record is the one.
 */
import { CryptoError, type Provider } from '../../crypto/provider.js';
import { HASH_LENGTH } from '../../crypto/schemes.js';
import { TlsError } from '../../errors.js';
import { type SuiteKeys, suiteKeys, TrafficSecret } from '../../keys/index.js';
import { type InnerPlaintext, Opener13 } from '../../record/index.js';
import { type CipherSuite, cipherSuiteByCode } from '../../registry/index.js';
import type { Side } from '../../trace/index.js';
import { DraftOpener, nextDraftSecret } from './draft-opener.js';
import { draftOf } from './drafts.js';
import type { KeyLog, SecretSource } from './key-log.js';

export type Opened =
  | { readonly ok: true; readonly inner: InnerPlaintext; readonly label: string; readonly source: Source }
  /** `no_key`: none that could fit. `failed`: there was one. */
  | { readonly ok: false; readonly why: 'no_key' | 'failed' | 'unsupported' };

export type Source = SecretSource | 'rsa_key' | 'session';

interface AnyOpener {
  open(record: Uint8Array): InnerPlaintext | undefined;
  skip(count: number): void;
}

interface Stage {
  readonly label: string;
  readonly source: SecretSource;
  /** Of one suite, or of early data one for each that could be meant. */
  openers: AnyOpener[];
  /** What comes after a KeyUpdate is made of. */
  secret: Uint8Array;
  suite: SuiteKeys | null;
  opened: number;
}

/** How many records a hole in the capture may have held. */
const LOOK_AHEAD = 64;

const LABELS = {
  client: ['CLIENT_HANDSHAKE_TRAFFIC_SECRET', 'CLIENT_TRAFFIC_SECRET_0'],
  server: ['SERVER_HANDSHAKE_TRAFFIC_SECRET', 'SERVER_TRAFFIC_SECRET_0'],
} as const;
const EARLY = 'CLIENT_EARLY_TRAFFIC_SECRET';

const FAILED: Opened = { ok: false, why: 'failed' };
const NO_KEY: Opened = { ok: false, why: 'no_key' };

export class Decryption13 {
  private readonly stages: (Stage | null)[] = [];
  private at = 0;
  /** Records may be missing since the last one that opened. */
  private uncertain = false;
  private unsupported = false;
  /** Labels of secrets whose length is not the suite's. */
  readonly unfit: string[] = [];

  constructor(
    private readonly provider: Provider,
    private readonly keyLog: KeyLog,
    private readonly side: Side,
    private readonly clientRandom: string,
    private readonly version: number,
  ) {}

  /** Early data, before the server has chosen anything: one of the suites offered. */
  expectEarlyData(offered: readonly number[]): void {
    const found = this.keyLog.find(EARLY, this.clientRandom);
    const suites = offered
      .map((code) => cipherSuiteByCode(code))
      .filter(
        (suite) =>
          suite?.aead &&
          suite.versions.includes('TLSv1.3') &&
          HASH_LENGTH[suite.hash] === found?.secret.length,
      );
    this.stages.push(found ? this.stage(EARLY, found.secret, found.source, suites as CipherSuite[]) : null);
  }

  /** The server has chosen: what else is in the key log. */
  begin(suite: CipherSuite): void {
    for (const label of LABELS[this.side]) {
      const found = this.keyLog.find(label, this.clientRandom);
      this.stages.push(found ? this.stage(label, found.secret, found.source, [suite]) : null);
    }
  }

  /** Whether these secrets are the ones that protect this record, the first of a handshake. */
  fits(suite: CipherSuite, record: Uint8Array): boolean {
    const label = LABELS[this.side][0];
    const found = this.keyLog.peek(label, this.clientRandom);
    const stage = found && this.stage(label, found.secret, found.source, [suite]);
    return !!stage && this.openWith(stage, record) !== undefined;
  }

  /** Some record that is still to come could be opened. */
  get hopeful(): boolean {
    for (let i = this.at; i < this.stages.length; i++) if (this.stages[i]) return true;
    return false;
  }

  open(record: Uint8Array): Opened {
    let had = false;
    for (let i = this.at; i < this.stages.length; i++) {
      const stage = this.stages[i];
      if (!stage) continue;
      had = true;
      const inner = this.openWith(stage, record);
      if (!inner) continue;
      this.at = i;
      this.uncertain = false;
      stage.opened++;
      return { ok: true, inner, label: stage.label, source: stage.source };
    }
    if (this.unsupported) return { ok: false, why: 'unsupported' };
    if (!had) return NO_KEY;
    const current = this.stages[this.at];
    // The sender has counted it, whatever came of it on its way.
    if (current && current.opened > 0) for (const opener of current.openers) opener.skip(1);
    // Early data that the server refused, or whose secret is not there, opens with no other key.
    return current || this.at > 0 ? FAILED : NO_KEY;
  }

  /** A Finished or EndOfEarlyData was read: what comes next is of the next stage. */
  advance(): void {
    if (this.at < this.stages.length - 1) this.at++;
  }

  /** RFC 9846 §7.2. */
  update(): void {
    const stage = this.stages[this.at];
    if (!stage?.suite) return;
    const draft = draftOf(this.version);
    if (draft !== undefined) stage.secret = nextDraftSecret(this.provider, stage.suite, stage.secret, draft);
    else stage.secret = new TrafficSecret(this.provider, stage.suite, stage.secret).next().secret;
    stage.openers = [this.opener(stage.suite, stage.secret)];
  }

  lostBytes(): void {
    this.uncertain = true;
  }

  private openWith(stage: Stage, record: Uint8Array): InnerPlaintext | undefined {
    for (const opener of stage.openers) {
      const inner = open(opener, record) ?? (this.uncertain ? this.lookAhead(opener, record) : undefined);
      if (!inner) continue;
      if (stage.openers.length > 1) stage.openers = [opener];
      return inner;
    }
    return undefined;
  }

  private lookAhead(opener: AnyOpener, record: Uint8Array): InnerPlaintext | undefined {
    for (let ahead = 1; ahead <= LOOK_AHEAD; ahead++) {
      opener.skip(1);
      const inner = open(opener, record);
      if (inner) return inner;
    }
    opener.skip(-LOOK_AHEAD);
    return undefined;
  }

  private stage(
    label: string,
    secret: Uint8Array,
    source: SecretSource,
    suites: readonly CipherSuite[],
  ): Stage | null {
    const openers: AnyOpener[] = [];
    for (const suite of suites) {
      if (secret.length !== HASH_LENGTH[suite.hash]) {
        this.unfit.push(label);
        continue;
      }
      try {
        openers.push(this.opener(suiteKeys(suite), secret));
      } catch (error) {
        if (!(error instanceof CryptoError)) throw error;
        this.unsupported = true;
      }
    }
    if (openers.length === 0) return null;
    const suite = suites.length === 1 ? suiteKeys(suites[0]!) : null;
    return { label, source, openers, secret, suite, opened: 0 };
  }

  private opener(suite: SuiteKeys, secret: Uint8Array): AnyOpener {
    const draft = draftOf(this.version);
    return draft === undefined
      ? new Opener13(this.provider, new TrafficSecret(this.provider, suite, secret))
      : new DraftOpener(this.provider, suite, secret, draft);
  }
}

function open(opener: AnyOpener, record: Uint8Array): InnerPlaintext | undefined {
  try {
    return opener.open(record);
  } catch (error) {
    // Genuine, but too long or without a content type: nothing that could be shown.
    if (error instanceof TlsError) return undefined;
    throw error;
  }
}
