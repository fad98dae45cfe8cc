/**
 * The verdict on a certificate chain (RFC 5280 §6, RFC 9525): whether it leads to a trust anchor, is valid now, and is
 * for this host and purpose. Revocation is asked for through `revocation-hook.ts`; nothing is fetched here, see
 * `verify-fetching.ts`.
 */
import { equal } from '../bytes/index.js';
import type { Provider } from '../crypto/provider.js';
import { type Certificate, parseCertificate } from './certificate.js';
import { type CheckContext, leafProblems, type Purpose, type VerifyPolicy } from './checks.js';
import { X509Error } from './der/index.js';
import { type PathCheck, PathSearch, type SearchLimits, WEIGHT } from './path.js';
import { checkPolicies } from './policies.js';
import { type Facts, type Problem, problem } from './problem.js';
import { type RevocationOptions, refusedByRevocation } from './revocation-hook.js';
import type { TrustAnchors } from './trust.js';
import { type ChainFailure, type ChainVerdict, failureOf, type PathReport, repairsFor } from './verdict.js';

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
  /** Left out: revocation is not looked at. */
  readonly revocation?: RevocationOptions | undefined;
}

export interface VerifyLimits extends SearchLimits {
  /** Comparisons of names with name constraints, and policies followed. */
  readonly maxNameComparisons: number;
}

export const DEFAULT_POLICY: VerifyPolicy = {
  minRsaBits: null,
  allowSha1: null,
  profile: 'default',
  acceptablePolicies: null,
  requireExplicitPolicy: false,
  inhibitPolicyMapping: false,
  inhibitAnyPolicy: false,
};

export const DEFAULT_LIMITS: VerifyLimits = {
  // None is checked twice, and no real path needs more than ten. The slower provider takes two milliseconds for one.
  maxSignatureChecks: 20,
  maxSteps: 1_000,
  maxPathLength: 10,
  maxIntermediates: 8,
  maxNameComparisons: 50_000,
};

/**
 * Verifies a chain. Never throws on anything that a peer sent.
 *
 * @example
 * const verdict = verifyChain({ chain, roots: trustAnchors(ders), time: Date.now(), purpose: 'server', host: 'example.com', provider });
 * if (!verdict.ok) console.log(verdict.failure.code, verdict.failure.rule, verdict.failure.rfc);
 */
export function verifyChain(input: VerifyInput): ChainVerdict {
  const [first, ...others] = input.chain;
  if (first === undefined) return refused([], [failureOf(malformed('empty_chain'), 0)]);
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
  const ofLeaf = leafProblems(leaf, input.host, context).map((found) => failureOf(found, 0, leaf));
  // As Go and curl do: what the user trusts needs no issuer.
  if (trustedItself) return complete([leaf], ofLeaf, [], []);
  return searchPath(leaf, others, ofLeaf, input, context, limits);
}

function searchPath(
  leaf: Certificate,
  others: readonly Uint8Array[],
  ofLeaf: readonly ChainFailure[],
  input: VerifyInput,
  context: CheckContext,
  limits: VerifyLimits,
): ChainVerdict {
  const { intermediates, unreadable } = readIntermediates(leaf, others);
  const granted: { policies: readonly string[] } = { policies: [] };
  const wholeProblem = pathCheck(input, context, granted);
  const search = new PathSearch(intermediates, input.roots, context, limits, wholeProblem);
  const path = search.find(leaf);
  const reports = search.failures.map((branch) => ({
    failure: failureOf(branch, branch.index, branch.path[branch.index]),
    weight: branch.weight,
    path: branch.path,
  }));
  if (path) {
    const before = reports.map((tried) => reportOf(tried, input.roots));
    return complete(path, ofLeaf, granted.policies, before);
  }
  // Stable: what was found first among equals is what the best candidates led to.
  const ranked = [
    ...reports,
    ...unreadable.map((failure) => ({ failure, weight: WEIGHT.unreadable, path: [leaf] })),
  ].sort((a, b) => b.weight - a.weight || b.path.length - a.path.length);
  const failures = [...ranked.map(({ failure }) => failure), ...ofLeaf];
  const paths = reports.map((tried) => reportOf(tried, input.roots));
  return refused(ranked[0]?.path ?? [leaf], failures, paths, repairsFor(search.failures));
}

/** What concerns a path as a whole, cheapest first. */
function pathCheck(
  { roots, revocation }: VerifyInput,
  { policy, comparisons, time, provider }: CheckContext,
  granted: { policies: readonly string[] },
): PathCheck {
  return (path) => {
    const anchor = path.at(-1)!;
    const distrustAfter = roots.distrustAfter(anchor);
    if (distrustAfter !== null && path[0]!.notBefore > distrustAfter) {
      const facts = { distrustAfter, notBefore: path[0]!.notBefore };
      return {
        index: path.length - 1,
        problem: problem('unknown_ca', 'distrusted_anchor', '§6.1.1 (d)', facts),
      };
    }
    const policies = checkPolicies(path, policy, comparisons);
    if (!policies.ok) return policies;
    const revoked = revocation && refusedByRevocation(revocation, path, time, provider, policy.profile);
    if (revoked) {
      const { index, rule, rfc, reason, status, facts } = revoked;
      const found = problem('certificate_revoked', rule, rfc, { reason, status, ...facts });
      return { index, problem: found };
    }
    granted.policies = policies.policies;
    return null;
  };
}

function readIntermediates(
  leaf: Certificate,
  ders: readonly Uint8Array[],
): { intermediates: Certificate[]; unreadable: ChainFailure[] } {
  const intermediates: Certificate[] = [];
  const unreadable: ChainFailure[] = [];
  for (const [i, der] of ders.entries()) {
    const found = read(der);
    if (!('der' in found)) {
      const facts = { ...found.facts, position: i + 1 };
      unreadable.push(failureOf({ ...found, facts }, i + 1));
    } else if (![leaf, ...intermediates].some((other) => equal(other.der, der))) intermediates.push(found);
  }
  return { intermediates, unreadable: unreadable.slice(0, 8) };
}

const malformed = (rule: string, facts: Facts = {}): Problem =>
  problem('bad_certificate', rule, '§4.1', facts);

function read(der: Uint8Array): Certificate | Problem {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    const { rule, offset, field } = error;
    return malformed(rule, { offset, field });
  }
}

interface Tried {
  readonly path: readonly Certificate[];
  readonly failure: ChainFailure;
}

function reportOf({ path, failure }: Tried, roots: TrustAnchors): PathReport {
  const last = path.at(-1);
  return {
    certificates: path,
    complete: path.length > 1 && last !== undefined && roots.has(last),
    failures: [failure],
  };
}

/** A path that reaches its anchor: what is wrong with the leaf by itself decides. */
function complete(
  path: readonly Certificate[],
  ofLeaf: readonly ChainFailure[],
  policies: readonly string[],
  before: readonly PathReport[],
): ChainVerdict {
  const paths = [...before, { certificates: path, complete: true, failures: ofLeaf }];
  return ofLeaf.length === 0 ? { ok: true, path, policies, paths } : refused(path, ofLeaf, paths);
}

function refused(
  path: readonly Certificate[],
  failures: readonly ChainFailure[],
  paths: readonly PathReport[] = [],
  repairs: ReturnType<typeof repairsFor> = [],
): ChainVerdict {
  const unknown = problem('unknown_ca', 'issuer_not_trusted', '§6.1.3 (a)(4)');
  const failure = failures[0] ?? failureOf(unknown, 0, path[0]);
  return {
    ok: false,
    path,
    failure,
    failures: failures.length > 0 ? failures : [failure],
    paths,
    repairs,
  };
}
