/**
 * Path building with backtracking (RFC 4158, RFC 5280 §6.1): depth first from the leaf, trust anchors before what the
 * peer sent. Every constraint of a candidate concerns only what stands below it, so that a branch is given up at the
 * first violation. Each step up costs one signature check of a fixed budget: never exponential.
 */
import { equal } from '../bytes/index.js';
import type { Certificate } from './certificate.js';
import {
  type CheckContext,
  issuerProblem,
  type Problem,
  signatureAlgorithmProblem,
  signatureProblem,
} from './checks.js';
import type { TrustAnchors } from './trust.js';

export interface SearchLimits {
  readonly maxSignatureChecks: number;
  /** Certificates in a path, leaf and root included. */
  readonly maxPathLength: number;
  /** Intermediates in a path, self-issued ones not counted. */
  readonly maxIntermediates: number;
}

/** Why a branch ended. */
export interface BranchFailure extends Problem {
  /** From the leaf to where the search came; the last one is the certificate that `index` names, or below it. */
  readonly path: readonly Certificate[];
  /** Which of `path` the problem lies in. */
  readonly index: number;
  /** How much it tells: what a proven issuer does wrong is worth more than that none was found. */
  readonly weight: number;
}

export const WEIGHT = { stray: 0, deadEnd: 1, unreadable: 2, signature: 3, issuer: 4 } as const;

/** More are not kept: what a peer sends does not decide how large a report grows. */
const MAX_FAILURES = 32;

export class PathSearch {
  readonly failures: BranchFailure[] = [];
  private checksLeft: number;
  private readonly selfSigned = new Set<Certificate>();

  constructor(
    private readonly intermediates: readonly Certificate[],
    private readonly anchors: TrustAnchors,
    private readonly context: CheckContext,
    private readonly limits: SearchLimits,
  ) {
    this.checksLeft = limits.maxSignatureChecks;
  }

  /** The first path from `leaf` to a trust anchor that keeps all constraints; null where there is none. */
  find(leaf: Certificate): Certificate[] | null {
    return this.extend([leaf]);
  }

  private extend(path: readonly Certificate[]): Certificate[] | null {
    const current = path.at(-1)!;
    const weak = signatureAlgorithmProblem(current, this.context.policy);
    const candidates = this.candidates(path);
    if (candidates.length === 0) return this.endBranch(path);
    if (weak) return this.note(weak, path, path.length - 1, WEIGHT.issuer);
    let signed = false;
    for (const { issuer, isRoot, likely } of candidates) {
      if (this.checksLeft-- <= 0) {
        const exhausted: Problem = {
          code: 'certificate_constraint_violated',
          facts: { rule: 'too_many_signature_checks', limit: this.limits.maxSignatureChecks },
        };
        return this.note(exhausted, path, path.length - 1, WEIGHT.deadEnd);
      }
      const unsigned = signatureProblem(current, issuer, this.context.provider);
      const longer = [...path, issuer];
      if (unsigned) {
        this.noteUnsigned(unsigned, path, longer, likely);
        continue;
      }
      signed = true;
      // It leads nowhere, whatever else may be wrong with it.
      if (!isRoot && this.isSelfSigned(issuer)) {
        this.endBranch(longer);
        continue;
      }
      const problem = issuerProblem(issuer, path, isRoot, this.context) ?? this.lengthProblem(longer, isRoot);
      if (problem) {
        this.note(problem, longer, longer.length - 1, WEIGHT.issuer);
        continue;
      }
      const complete = isRoot ? longer : this.extend(longer);
      if (complete) return complete;
    }
    // Others of the same name with other keys: the issuer itself is not at hand.
    if (!signed && !candidates.some(({ likely }) => likely)) this.endBranch(path);
    return null;
  }

  /** Certificates whose subject is the issuer's name, most promising first. */
  private candidates(path: readonly Certificate[]) {
    const current = path.at(-1)!;
    // What signed itself was not signed by a namesake.
    const ownIssuer = path.length === 1 && this.isSelfSigned(current);
    const roots = this.anchors.find(current.issuer.raw).map((issuer) => ({ issuer, isRoot: true }));
    const sent = this.intermediates
      .filter(({ subject }) => equal(subject.raw, current.issuer.raw))
      .map((issuer) => ({ issuer, isRoot: false }));
    return (
      [...roots, ...sent]
        // The same name with the same key again can only make a path longer and more constrained.
        .filter(({ issuer }) => !path.some((other) => isSameEntity(other, issuer)))
        .map((candidate) => ({ ...candidate, likely: !ownIssuer && keyIdsFit(current, candidate.issuer) }))
        .sort((a, b) => this.promise(b) - this.promise(a))
    );
  }

  private promise(candidate: { issuer: Certificate; isRoot: boolean; likely: boolean }): number {
    const { notBefore, notAfter } = candidate.issuer;
    const valid = this.context.time >= notBefore && this.context.time <= notAfter;
    return (candidate.likely ? 4 : 0) + (valid ? 2 : 0) + (candidate.isRoot ? 1 : 0);
  }

  private lengthProblem(longer: readonly Certificate[], isRoot: boolean): Problem | null {
    const above = isRoot ? longer.slice(1, -1) : longer.slice(1);
    const intermediates = above.filter(({ selfIssued }) => !selfIssued).length;
    // Without a root the path has to grow by one more.
    const length = longer.length + (isRoot ? 0 : 1);
    if (intermediates <= this.limits.maxIntermediates && length <= this.limits.maxPathLength) return null;
    return {
      code: 'certificate_constraint_violated',
      facts: { rule: 'path_too_long', length: longer.length },
    };
  }

  /** A bad key is the issuer's fault, a bad signature that of the certificate below. */
  private noteUnsigned(
    problem: Problem,
    path: readonly Certificate[],
    longer: readonly Certificate[],
    likely: boolean,
  ): void {
    const weight = likely ? WEIGHT.signature : WEIGHT.stray;
    if (problem.code === 'certificate_signature_invalid') this.note(problem, path, path.length - 1, weight);
    else this.note(problem, longer, longer.length - 1, weight);
  }

  private note(problem: Problem, path: readonly Certificate[], index: number, weight: number): null {
    if (this.failures.length < MAX_FAILURES) this.failures.push({ ...problem, path, index, weight });
    return null;
  }

  /** Nobody with the issuer's name is at hand. */
  private endBranch(path: readonly Certificate[]): null {
    const last = path.at(-1)!;
    const facts = {
      issuer: last.issuer.text,
      caIssuers: last.authorityInfoAccess?.caIssuers.slice(0, 4) ?? [],
    };
    return this.note({ code: this.deadEndCode(path), facts }, path, path.length - 1, WEIGHT.deadEnd);
  }

  private deadEndCode(
    path: readonly Certificate[],
  ): 'self_signed_certificate' | 'unknown_ca' | 'missing_intermediate' {
    const last = path.at(-1)!;
    if (this.isSelfSigned(last)) {
      return path.length === 1 ? 'self_signed_certificate' : 'unknown_ca';
    }
    // Servers send everything but the root. Where they sent the leaf's issuer, what is absent above it is most likely
    // a root that is not trusted; a URL from which to fetch that issuer says nothing, since roots have one too.
    if (path.length > 1) return 'unknown_ca';
    // The leaf alone: is it an intermediate that is absent, or an authority that is not trusted? A URL from which to
    // fetch the issuer, or its name, is a sign of the first; without one the second is the plainer truth.
    const fetchable = (last.authorityInfoAccess?.caIssuers.length ?? 0) > 0;
    return fetchable || INTERMEDIATE_NAME.test(last.issuer.text) ? 'missing_intermediate' : 'unknown_ca';
  }

  private isSelfSigned(certificate: Certificate): boolean {
    if (!certificate.selfIssued || this.selfSigned.has(certificate)) return certificate.selfIssued;
    if (this.checksLeft-- <= 0) return false;
    const signed = signatureProblem(certificate, certificate, this.context.provider) === null;
    if (signed) this.selfSigned.add(certificate);
    return signed;
  }
}

/** What authorities call those between root and leaf. */
const INTERMEDIATE_NAME = /\b(intermediate|issuing|subordinate|sub[- ]?ca)\b/i;

function isSameEntity(a: Certificate, b: Certificate): boolean {
  return equal(a.subject.raw, b.subject.raw) && equal(a.spki, b.spki);
}

/** RFC 5280 §4.2.1.1: a hint. Where one of the two has none, nothing speaks against it. */
function keyIdsFit(certificate: Certificate, issuer: Certificate): boolean {
  const wanted = certificate.authorityKeyId?.keyId;
  return !wanted || !issuer.subjectKeyId || equal(wanted, issuer.subjectKeyId);
}
