/**
 * The verdict on a chain, as data: every path that was tried and by which rule it failed, and what would repair it.
 * Makes it from what the search found; decides nothing.
 */
import { toHex } from '../bytes/index.js';
import type { Certificate } from './certificate.js';
import type { BranchFailure } from './path.js';
import type { CertificateErrorCode, Facts, Problem } from './problem.js';

export interface ChainFailure {
  readonly code: CertificateErrorCode;
  /** The rule that was broken: a stable word. */
  readonly rule: string;
  /** Where the rule stands, such as `RFC 5280 §6.1.4 (k)`. */
  readonly rfc: string;
  /** Where in `path` of the verdict's failure, or in `certificates` of a report, the certificate stands: 0 is the leaf. */
  readonly index: number;
  /** Which certificate, in words; empty where it could not be read. */
  readonly subject: string;
  /** Values for whoever explains it: times in milliseconds, names, a `rule`. Bounded, and safe to print. */
  readonly facts: Facts;
}

/** One path that was tried: how far it came, and what ended it. */
export interface PathReport {
  /** Leaf first. The last is a trust anchor where the path is complete. */
  readonly certificates: readonly Certificate[];
  /** Whether it reaches a trust anchor. */
  readonly complete: boolean;
  /** Empty for the path that is accepted. */
  readonly failures: readonly ChainFailure[];
}

/** What would make a path of one that ends too early. */
export type Repair =
  | {
      /** The server has to send the certificate of this issuer; a renewed one where it sent one that has expired. */
      readonly kind: 'add_issuer';
      /** The issuer that is missing, in words. */
      readonly issuer: string;
      /** Its key identifier in hexadecimal digits; null where the certificate below does not say. */
      readonly keyId: string | null;
      /** Addresses to fetch it from (RFC 5280 §4.2.2.1). */
      readonly caIssuers: readonly string[];
      /** Whose issuer it is. */
      readonly below: string;
    }
  | {
      /** Or the user has to trust this root. */
      readonly kind: 'trust_root';
      readonly subject: string;
      /** The root itself, where it was among the certificates. */
      readonly certificate: Certificate | null;
    };

export type ChainVerdict =
  | {
      readonly ok: true;
      /** Leaf first, trust anchor last. */
      readonly path: readonly Certificate[];
      /** Policies that hold for the whole path, as the first authority below the anchor names them. */
      readonly policies: readonly string[];
      /** Those that failed before it, and the one accepted. */
      readonly paths: readonly PathReport[];
    }
  | {
      readonly ok: false;
      /** From the leaf as far as the search came where `failure` occurred; empty where the leaf cannot be read. */
      readonly path: readonly Certificate[];
      /** The most telling of `failures`. */
      readonly failure: ChainFailure;
      /** All that was found, most telling first. */
      readonly failures: readonly ChainFailure[];
      /** Every path tried, most telling first. */
      readonly paths: readonly PathReport[];
      readonly repairs: readonly Repair[];
    };

export function failureOf(
  { code, rule, rfc, facts }: Problem,
  index: number,
  certificate?: Certificate,
): ChainFailure {
  return { code, rule, rfc, index, subject: certificate?.subject.text ?? '', facts };
}

/** More are of no use to a reader. */
const MAX_REPAIRS = 8;

/** For every path that ended for want of an issuer, or at one that has expired and may have been renewed. */
export function repairsFor(branches: readonly BranchFailure[]): Repair[] {
  const repairs = new Map<string, Repair>();
  const add = (below: Certificate): void => {
    repairs.set(`add ${below.issuer.text}`, {
      kind: 'add_issuer',
      issuer: below.issuer.text,
      keyId: below.authorityKeyId?.keyId ? toHex(below.authorityKeyId.keyId.subarray(0, 64)) : null,
      caIssuers: below.authorityInfoAccess?.caIssuers.slice(0, 4) ?? [],
      below: below.subject.text,
    });
  };
  for (const { deadEnd, path, code, index } of branches) {
    const last = path.at(-1);
    const below = path[index - 1];
    if (code === 'certificate_expired' && below) add(below);
    if (!deadEnd || !last) continue;
    const hasAddress = (last.authorityInfoAccess?.caIssuers.length ?? 0) > 0;
    if (code === 'missing_intermediate' || (hasAddress && !last.selfIssued)) add(last);
    if (code !== 'missing_intermediate') {
      const certificate = last.selfIssued ? last : null;
      repairs.set(`trust ${last.issuer.text}`, {
        kind: 'trust_root',
        subject: last.issuer.text,
        certificate,
      });
    }
  }
  return [...repairs.values()].slice(0, MAX_REPAIRS);
}
