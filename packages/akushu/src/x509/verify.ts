/**
 * The verdict on a certificate chain (RFC 5280 §6, RFC 9525): whether it leads to a trust anchor, is valid now, and is
 * for this host and purpose. Does not look at revocation, transparency logs or certificate policies; a path that demands
 * an explicit policy is refused.
 */
import { equal } from '../bytes/index.js';
import type { Provider } from '../crypto/provider.js';
import { type Certificate, parseCertificate } from './certificate.js';
import {
  type CertificateErrorCode,
  type CheckContext,
  type Facts,
  leafProblems,
  type Problem,
  type Purpose,
  type VerifyPolicy,
} from './checks.js';
import { X509Error } from './der/index.js';
import { PathSearch, type SearchLimits, WEIGHT } from './path.js';
import type { TrustAnchors } from './trust.js';

export interface VerifyInput {
  /** DER; the leaf first, then in any order. */
  readonly chain: readonly Uint8Array[];
  readonly roots: TrustAnchors;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly purpose: Purpose;
  /** DNS name or IP address that the leaf has to be for. Left out: any. */
  readonly host?: string | undefined;
  readonly provider: Provider;
  readonly policy?: Partial<VerifyPolicy> | undefined;
  readonly limits?: Partial<VerifyLimits> | undefined;
}

export interface VerifyLimits extends SearchLimits {
  /** Comparisons of names with name constraints. */
  readonly maxNameComparisons: number;
}

export interface ChainFailure {
  readonly code: CertificateErrorCode;
  /** Where in `path` of the verdict's failure the certificate stands: 0 is the leaf. */
  readonly index: number;
  /** Which certificate, in words; empty where it could not be read. */
  readonly subject: string;
  /** Values for whoever explains it: times in milliseconds, names, a `rule`. Bounded, and safe to print. */
  readonly facts: Facts;
}

export type ChainVerdict =
  | { readonly ok: true /** Leaf first, trust anchor last. */; readonly path: readonly Certificate[] }
  | {
      readonly ok: false;
      /** From the leaf as far as the search came where `failure` occurred; empty where the leaf cannot be read. */
      readonly path: readonly Certificate[];
      /** The most telling of `failures`. */
      readonly failure: ChainFailure;
      /** All that was found, most telling first. */
      readonly failures: readonly ChainFailure[];
    };

export const DEFAULT_POLICY: VerifyPolicy = { minRsaBits: 2048, allowSha1: false, profile: 'rfc5280' };

export const DEFAULT_LIMITS: VerifyLimits = {
  maxSignatureChecks: 100,
  maxPathLength: 10,
  maxIntermediates: 8,
  maxNameComparisons: 250_000,
};

/**
 * Verifies a chain. Never throws on anything that a peer sent.
 *
 * @example
 * const verdict = verifyChain({ chain, roots: trustAnchors(ders), time: Date.now(), purpose: 'server', host: 'example.com', provider });
 * if (!verdict.ok) console.log(verdict.failure.code);
 */
export function verifyChain(input: VerifyInput): ChainVerdict {
  const [first, ...others] = input.chain;
  if (first === undefined) return refused([], [failureOf(bad({ rule: 'empty_chain' }), 0)]);
  const leaf = read(first);
  if (!('der' in leaf)) return refused([], [failureOf(leaf, 0)]);
  const limits = { ...DEFAULT_LIMITS, ...input.limits };
  const context: CheckContext = {
    time: input.time,
    purpose: input.purpose,
    provider: input.provider,
    policy: { ...DEFAULT_POLICY, ...input.policy },
    comparisons: { left: limits.maxNameComparisons },
  };
  const trustedItself = input.roots.has(leaf);
  const ofLeaf = leafProblems(leaf, input.host, context, trustedItself).map((problem) =>
    failureOf(problem, 0, leaf),
  );
  // As Go and curl do: what the user trusts needs no issuer.
  if (trustedItself) return ofLeaf.length === 0 ? { ok: true, path: [leaf] } : refused([leaf], ofLeaf);
  return searchPath(leaf, others, ofLeaf, input.roots, context, limits);
}

function searchPath(
  leaf: Certificate,
  others: readonly Uint8Array[],
  ofLeaf: readonly ChainFailure[],
  roots: TrustAnchors,
  context: CheckContext,
  limits: VerifyLimits,
): ChainVerdict {
  const { intermediates, unreadable } = readIntermediates(leaf, others);
  const search = new PathSearch(intermediates, roots, context, limits);
  const path = search.find(leaf);
  if (path) return ofLeaf.length === 0 ? { ok: true, path } : refused(path, ofLeaf);
  // Stable: what was found first among equals is what the best candidates led to.
  const ranked = [
    ...search.failures.map((branch) => ({
      failure: failureOf(branch, branch.index, branch.path[branch.index]),
      weight: branch.weight,
      path: branch.path,
    })),
    ...unreadable.map((failure) => ({ failure, weight: WEIGHT.unreadable, path: [leaf] })),
  ].sort((a, b) => b.weight - a.weight || b.path.length - a.path.length);
  return refused(ranked[0]?.path ?? [leaf], [...ranked.map(({ failure }) => failure), ...ofLeaf]);
}

function readIntermediates(
  leaf: Certificate,
  ders: readonly Uint8Array[],
): { intermediates: Certificate[]; unreadable: ChainFailure[] } {
  const intermediates: Certificate[] = [];
  const unreadable: ChainFailure[] = [];
  for (const [i, der] of ders.entries()) {
    const found = read(der);
    if (!('der' in found))
      unreadable.push(failureOf({ ...found, facts: { ...found.facts, position: i + 1 } }, i + 1));
    else if (![leaf, ...intermediates].some((other) => equal(other.der, der))) intermediates.push(found);
  }
  return { intermediates, unreadable: unreadable.slice(0, 8) };
}

const bad = (facts: Facts): Problem => ({ code: 'bad_certificate', facts });

function read(der: Uint8Array): Certificate | Problem {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    const { rule, offset, field } = error;
    return bad({ rule, offset, field });
  }
}

function failureOf({ code, facts }: Problem, index: number, certificate?: Certificate): ChainFailure {
  return { code, index, subject: certificate?.subject.text ?? '', facts };
}

function refused(path: readonly Certificate[], failures: readonly ChainFailure[]): ChainVerdict {
  const failure = failures[0] ?? failureOf({ code: 'unknown_ca', facts: {} }, 0, path[0]);
  return { ok: false, path, failure, failures: failures.length > 0 ? failures : [failure] };
}
