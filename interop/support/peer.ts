/** What every peer offers to the common tests, whatever program it is. */
import type { VersionName } from 'akushu';
import type { Feature } from './matrix.js';
import type { OlderVersion } from './older.js';
import type { CredentialName } from './pki.js';
import type { Cleaner } from './processes.js';
import type { Wire } from './wire.js';

/** What a peer as such can do. */
export interface Abilities {
  readonly name: string;
  /** Why it cannot be run; null where it can. */
  readonly why: string | null;
  readonly suites: readonly string[];
  readonly groups: readonly string[];
  readonly credentials: readonly CredentialName[];
  /** What it cannot show, and why. */
  readonly without?: Partial<Record<Feature, string>>;
}

/** What a peer can do before TLS 1.3. */
export interface OlderAbilities {
  readonly name: string;
  readonly why: string | null;
  readonly versions: readonly OlderVersion[];
  /** All that it has in a version, by any name, whether or not we speak them. */
  suites(version: OlderVersion): readonly string[];
  /** For ECDHE. */
  readonly groups: readonly string[];
  /** For DHE, where it goes by what the client names (RFC 7919). */
  readonly finiteFields?: readonly string[];
  /** In TLS 1.2; those of RSA and ECDSA are good before, too. */
  readonly credentials: readonly CredentialName[];
  /** Why pre-shared keys cannot be shown with it. */
  readonly withoutPsk?: string;
  /** It can do without extended_master_secret when told to. */
  readonly plainMasterSecret?: boolean;
  /** It has encrypt_then_mac, and can do without when told to. */
  readonly encryptThenMac?: boolean;
  readonly without?: Partial<Record<Feature, string>>;
}

/** Terms that both roles of a peer can be held to. */
export interface Terms {
  /** The only version. Default TLS 1.3. */
  readonly version?: VersionName;
  /** Suites with the pre-shared key of older.ts, besides others. */
  readonly psk?: boolean;
  readonly extendedMasterSecret?: false;
  readonly encryptThenMac?: false;
  /** RFC 5746. */
  readonly safeRenegotiation?: false;
}

export interface ServeOptions extends Terms {
  /** Name of a certificate of the PKI. */
  readonly credential: string;
  /** A second certificate beside it. */
  readonly also?: string;
  /** Demand a client certificate of `ca`, or only ask for one. */
  readonly clientAuth?: boolean | 'request';
  readonly alpn?: readonly string[];
  /** Label of keying material to export, 32 bytes. */
  readonly exporter?: string;
  /** Milliseconds after which it is ended in any case. */
  readonly lifetime?: number;
}

/** A peer's server that runs. */
export interface PeerService {
  readonly port: number;
  /** Brings `size` bytes each way and checks that they are the same. */
  exchange(wire: Wire, size: number): Promise<void>;
  /** Ends TCP without close_notify. */
  cut(): void | Promise<void>;
  says(pattern: RegExp): Promise<RegExpMatchArray>;
}

export interface ServerPeer extends Abilities {
  serve(clean: Cleaner, options: ServeOptions): Promise<PeerService>;
  /** What it does where no application protocol is shared. */
  readonly alpnMismatch: 'refuse' | 'ignore';
  /** The alert for a client without a certificate. */
  readonly noCertificateAlert: string;
  /** When we close it hangs up, without a close_notify of its own. */
  readonly hangsUp?: boolean;
  /** Says that a connection was closed in order. */
  readonly orderly?: RegExp;
  /** Says that a connection was cut. Never said after an orderly end. */
  readonly truncated?: RegExp;
  /** Says that the client refused its certificate as of an unknown authority. */
  readonly refused?: RegExp;
  /** Says the keying material in hexadecimal, as the first group. */
  readonly exported?: RegExp;
}

export interface CallOptions extends Terms {
  readonly port: number;
  /** Name of the authority that it trusts. */
  readonly ca: string;
  readonly credential?: string;
  readonly alpn?: readonly string[];
  readonly size: number;
  /** How often it sends `size` bytes and waits for them to come back. Default 1. */
  readonly rounds?: number;
  /** One after the other, each resuming the one before. Default 1. */
  readonly connections?: number;
  /** Does not close by itself after the exchange. */
  readonly hold?: boolean;
  readonly exporter?: string;
}

export interface OlderServerPeer extends OlderAbilities {
  serve(clean: Cleaner, options: ServeOptions): Promise<PeerService>;
  /** It closes after one answer. */
  readonly answersOnce?: boolean;
  /** It cannot have two certificates side by side. */
  readonly oneCertificate?: boolean;
  /** It can ask for a certificate without demanding one. */
  readonly asksOnly?: boolean;
  /** The alert for a client without a certificate. None: it closes without a word. */
  readonly noCertificateAlert: string | null;
  /** It refuses such a client above TLS. */
  readonly refusesAbove?: boolean;
  readonly hangsUp?: boolean;
  readonly truncated?: RegExp;
  readonly exported?: RegExp;
  /** Why it names no session by an id. */
  readonly withoutSessionIds?: string;
  /** The alert for a client whose versions, or suites, it does not share. */
  readonly noSharedVersion: string;
  readonly noSharedSuite: string;
  /** What it says itself then. */
  readonly saysNoSharedVersion?: RegExp;
  readonly saysNoSharedSuite?: RegExp;
}

/** A peer's client on its way to our server. */
export interface Call {
  /** Waits for its end: whether all bytes came back, and nothing went wrong. */
  outcome(): Promise<{ readonly ok: boolean; readonly text: string }>;
  /** Ends TCP without close_notify. */
  cut(): void | Promise<void>;
  says(pattern: RegExp): Promise<RegExpMatchArray>;
}

export interface ClientPeer extends Abilities {
  call(clean: Cleaner, options: CallOptions): Promise<Call>;
  /** How our server answers it; by default with what came. Calls `between` when it has come. */
  answer?(wire: Wire, size: number, between?: () => void): Promise<void>;
  /** A group that it supports and does not send a share for. */
  readonly retryGroup: string;
  /** The alerts with which it may refuse a server of an unknown authority. None: it hangs up without a word. */
  readonly refusalAlerts: readonly string[];
  /** Says that it was cut off. Never said after an orderly end. */
  readonly truncated?: RegExp;
  readonly exported?: RegExp;
  /** When we close it hangs up, without a close_notify of its own. */
  readonly hangsUp?: boolean;
  /** It does not close by itself: it is ended when the bytes have come back. */
  readonly neverCloses?: boolean;
  /** Its first connection of two carries no data. */
  readonly idleBeforeResumption?: boolean;
  /** It takes the ALPN alert for what it is. */
  readonly alpnRefused?: RegExp;
}

export interface OlderClientPeer extends OlderAbilities {
  call(clean: Cleaner, options: CallOptions): Promise<Call>;
  answer?(wire: Wire, size: number, between?: () => void): Promise<void>;
  readonly refusalAlerts: readonly string[];
  readonly truncated?: RegExp;
  readonly exported?: RegExp;
  readonly hangsUp?: boolean;
  readonly neverCloses?: boolean;
  /** Its first connection of two carries no data. */
  readonly idleBeforeResumption?: boolean;
  /** Groups for ECDHE_PSK, where it cannot do all of them. */
  readonly pskGroups?: readonly string[];
  /** Key exchanges after whose handshake it is gone, also with a server of its own library. */
  readonly fallsAfter?: readonly string[];
  /** What it says when it gets our alert. */
  readonly saysNoSharedVersion?: RegExp;
  readonly saysNoSharedSuite?: RegExp;
}
