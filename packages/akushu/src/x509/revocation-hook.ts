/**
 * Where revocation comes into path validation (RFC 5280 §6.3): who verifies asks about a path that is good otherwise,
 * and whoever knows answers for each of its certificates. Knows nothing of CRLs and OCSP itself, and fetches nothing.
 */
import type { Provider } from '../crypto/provider.js';
import type { Certificate } from './certificate.js';
import type { Profile } from './conformance.js';

/** `soft` refuses what is known to be revoked; `hard` also what nothing is known about. */
export type RevocationMode = 'off' | 'soft' | 'hard';

export interface RevocationQuery {
  /** Good otherwise: leaf first, trust anchor last. Nobody asks about the anchor. */
  readonly path: readonly Certificate[];
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly provider: Provider;
  readonly mode: 'soft' | 'hard';
  /** What the path is verified by. The strict ones expect CRLs to have the form that RFC 5280 §5 demands. */
  readonly profile: Profile;
  /** OCSP responses (DER) that the peer stapled, by position in `path`. */
  readonly staples: readonly (Uint8Array | null | undefined)[];
}

export interface RevocationStatus {
  /** Which certificate of the query's path. */
  readonly index: number;
  readonly status: 'good' | 'revoked' | 'unknown';
  /** The name of a CRLReason for what is revoked; else a stable word, or null. */
  readonly reason: string | null;
  /** A stable word for what decided. */
  readonly rule: string;
  /** Such as `RFC 5280 §6.3.3`. */
  readonly rfc: string;
  readonly facts?: Readonly<Record<string, unknown>>;
  /** Refuses in `soft` as well, though nothing is known: a response that must be stapled and is not. */
  readonly fatal?: boolean;
}

export type RevocationCheck = (query: RevocationQuery) => readonly RevocationStatus[];

export interface RevocationOptions {
  readonly mode: RevocationMode;
  readonly check: RevocationCheck;
  readonly staples?: readonly (Uint8Array | null | undefined)[] | undefined;
}

export interface RevocationRefusal {
  readonly index: number;
  readonly rule: string;
  readonly rfc: string;
  readonly reason: string | null;
  readonly status: RevocationStatus['status'];
  readonly facts: Readonly<Record<string, unknown>>;
}

/** The first certificate, leaf first, that the policy refuses; null where it accepts all. */
export function refusedByRevocation(
  { mode, check, staples = [] }: RevocationOptions,
  path: readonly Certificate[],
  time: number,
  provider: Provider,
  profile: Profile,
): RevocationRefusal | null {
  if (mode === 'off') return null;
  const answers = check({ path, time, provider, mode, profile, staples });
  for (let index = 0; index < path.length - 1; index++) {
    const found = answers.filter((answer) => answer.index === index);
    // Whatever else is said of it: revoked once is revoked.
    const worst =
      found.find(({ status }) => status === 'revoked') ??
      found.find(({ fatal }) => fatal === true) ??
      (found.some(({ status }) => status === 'good') ? undefined : (found[0] ?? UNANSWERED));
    if (!worst || (worst.status === 'unknown' && mode === 'soft' && worst.fatal !== true)) continue;
    const { status, reason, rule, rfc, facts = {} } = worst;
    return { index, status, reason, rule, rfc, facts };
  }
  return null;
}

const UNANSWERED: Omit<RevocationStatus, 'index'> = {
  status: 'unknown',
  reason: 'no_information',
  rule: 'no_revocation_information',
  rfc: 'RFC 5280 §6.3',
};
