/** What comes out of a cipher string, whichever of the three languages it is in. Nothing that was written is lost. */
import type { CipherSuite, NamedGroup, SignatureSchemeInfo } from '../types.js';

/** `openssl`: `HIGH:!aNULL`. `gnutls`: `NORMAL:-VERS-TLS1.0`. `iana`: names or codes in a row. */
export type CipherListKind = 'openssl' | 'gnutls' | 'iana';

/**
 * `unknown`: nobody knows it. `former`: older releases of OpenSSL knew it (`EXPORT`), today it selects nothing.
 * `iana_name`: a suite, but by a name that this release of OpenSSL does not read. `only_first`: `DEFAULT` counts only at
 * the beginning. `after_suite_b`: OpenSSL reads nothing after `SUITEB…`. `signalling`: an SCSV, which is no suite.
 * `no_code_point`: GnuTLS knows it, TLS has no number for it. `system`: it stands for a setting of a machine.
 */
export type UnknownReason =
  | 'unknown'
  | 'former'
  | 'iana_name'
  | 'only_first'
  | 'after_suite_b'
  | 'signalling'
  | 'no_code_point'
  | 'system';

/** A word, and where it begins: an index into the string. */
export interface CipherListWord {
  readonly word: string;
  readonly at: number;
}

export interface UnknownWord extends CipherListWord {
  readonly why: UnknownReason;
}

/**
 * `excluded`: struck out by `!`. `removed`: taken out by `-` and not put back. `not_compiled_in`: this build of the
 * program lacks it. `security_level`: only with `supportedOnly`. `duplicate`: named before.
 */
export type DropReason = 'excluded' | 'removed' | 'not_compiled_in' | 'security_level' | 'duplicate';

export interface DroppedSuite {
  readonly suite: CipherSuite;
  readonly reason: DropReason;
}

/**
 * `no_suite`: nothing is left (OpenSSL does not count the suites of TLS 1.3). `bad_character`, `bad_command`: a syntax
 * error. `unknown_word`: GnuTLS stops at the first. `system`: only the machine it is meant for can tell.
 */
export type RefusalReason = 'no_suite' | 'bad_character' | 'bad_command' | 'unknown_word' | 'system';

export interface CipherListRefusal extends CipherListWord {
  readonly reason: RefusalReason;
}

interface AnyCipherList {
  /** In the order of preference. */
  readonly suites: readonly CipherSuite[];
  /** Words that were passed over, in their order. */
  readonly unknown: readonly UnknownWord[];
  /** Suites that the string asks for and does not get. */
  readonly dropped: readonly DroppedSuite[];
  /** Words that are known and have no effect on the suites: `LOW`, `AES+RC4`, `COMP-NULL`. */
  readonly idle: readonly CipherListWord[];
  /** Why the program would refuse the whole string; `suites` is empty then. */
  readonly refused: CipherListRefusal | null;
}

export interface OpensslCipherList extends AnyCipherList {
  readonly kind: 'openssl';
  /** 0–5 as the string sets it by `@SECLEVEL`; null where it does not. */
  readonly securityLevel: number | null;
  /** Whether `@STRENGTH` stands in it. */
  readonly strengthSorted: boolean;
}

export interface GnutlsCipherList extends AnyCipherList {
  readonly kind: 'gnutls';
  /** Code points, most preferred first. */
  readonly versions: readonly number[];
  /** Code points of DTLS, most preferred first. */
  readonly datagramVersions: readonly number[];
  readonly groups: readonly NamedGroup[];
  readonly signatureSchemes: readonly SignatureSchemeInfo[];
  /** The words with `%`, without it. */
  readonly flags: readonly string[];
}

export interface IanaCipherList extends AnyCipherList {
  readonly kind: 'iana';
}

export type CipherList = OpensslCipherList | GnutlsCipherList | IanaCipherList;

/** Thrown with `strict` only. `list` is what was read. */
export class CipherListError extends Error {
  override readonly name = 'CipherListError';

  constructor(
    readonly reason: UnknownReason | RefusalReason,
    readonly word: string,
    readonly at: number,
    readonly list: CipherList,
  ) {
    super(`cipher string: ${reason} at ${at}`);
  }
}
