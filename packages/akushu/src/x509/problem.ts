/**
 * What is wrong with a certificate or a path, as data: the error's code for a connection, the rule that was broken as a
 * stable word, and where the rule stands. No prose.
 */
import type { ErrorCode } from '../errors.js';

export type CertificateErrorCode = Extract<
  ErrorCode,
  | 'bad_certificate'
  | 'certificate_expired'
  | 'certificate_not_yet_valid'
  | 'unknown_ca'
  | 'self_signed_certificate'
  | 'missing_intermediate'
  | 'hostname_mismatch'
  | 'wrong_certificate_purpose'
  | 'weak_certificate'
  | 'certificate_signature_invalid'
  | 'certificate_constraint_violated'
  | 'certificate_revoked'
  | 'unsupported_certificate_key'
>;

/** Values for whoever explains it. Bounded, and safe to print. */
export type Facts = Readonly<Record<string, unknown>>;

export interface Problem {
  readonly code: CertificateErrorCode;
  /** A stable word, also in `facts`. */
  readonly rule: string;
  /** Such as `RFC 5280 §6.1.4 (k)`, or `BR §7.1.4.3` for the CA/Browser Forum's Baseline Requirements. */
  readonly rfc: string;
  readonly facts: Facts;
}

/** `rfc` is a section of RFC 5280 where it begins with `§`. */
export function problem(code: CertificateErrorCode, rule: string, rfc: string, facts: Facts = {}): Problem {
  return { code, rule, rfc: rfc.startsWith('§') ? `RFC 5280 ${rfc}` : rfc, facts: { rule, ...facts } };
}
