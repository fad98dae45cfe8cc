/**
 * Path building with backtracking (RFC 4158, RFC 5280 §6.1): depth first from the leaf, trust anchors before what the
 * peer sent. Every constraint of a candidate concerns only what stands below it, so that a branch is given up at the
 * first violation; what concerns a whole path is asked when one is complete. Signatures are checked once for each key,
 * and both those and the steps have a fixed budget: never exponential.
 */
import { equal, toLatin1 } from '../bytes/index.js';
import type { Certificate } from './certificate.js';
import {
  type CheckContext,
  issuerProblem,
  notSignedBy,
  signatureAlgorithmProblem,
  signatureProblem,
} from './checks.js';
import { sameName } from './names.js';
import { type Problem, problem } from './problem.js';
import type { TrustAnchors } from './trust.js';

export interface SearchLimits {
  readonly maxSignatureChecks: number;
  /** Issuers looked at. */
  readonly maxSteps: number;
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
  /** Nobody with the name of the last one's issuer is at hand. */
  readonly deadEnd: boolean;
}

/** What is wrong with a path as a whole. */
export type PathCheck = (
  path: readonly Certificate[],
) => { readonly problem: Problem; readonly index: number } | null;

export const WEIGHT = { stray: 0, deadEnd: 1, unreadable: 2, signature: 3, issuer: 4 } as const;

/** More are not kept: what a peer sends does not decide how large a report grows. */
const MAX_FAILURES = 32;

interface KnownSigner {
  /** The key that made the signature; null until it is found. */
  signer: string | null;
  /** What is wrong with other keys. */
  readonly problems: Map<string, Problem>;
}

export class PathSearch {
  readonly failures: BranchFailure[] = [];
  private checksLeft: number;
  private stepsLeft: number;
  private readonly signatures = new Map<Certificate, KnownSigner>();

  constructor(
    private readonly intermediates: readonly Certificate[],
    private readonly anchors: TrustAnchors,
    private readonly context: CheckContext,
    private readonly limits: SearchLimits,
    private readonly wholeProblem: PathCheck,
  ) {
    this.checksLeft = limits.maxSignatureChecks;
    this.stepsLeft = limits.maxSteps;
  }

  /** The first path from `leaf` to a trust anchor that keeps all constraints; null where there is none. */
  find(leaf: Certificate): Certificate[] | null {
    return this.extend([leaf]);
  }

  private extend(path: readonly Certificate[]): Certificate[] | null {
    const current = path.at(-1)!;
    const weak = signatureAlgorithmProblem(current, this.context);
    const candidates = this.candidates(path);
    if (candidates.length === 0) return this.endBranch(path);
    if (weak) return this.note(weak, path, path.length - 1, WEIGHT.issuer);
    let signed = false;
    for (const { issuer, isRoot, likely } of candidates) {
      const unsigned = this.signature(current, issuer);
      if (this.stepsLeft-- <= 0 || unsigned === 'exhausted') return this.noteExhausted(path);
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
      const found = issuerProblem(issuer, path, isRoot, this.context) ?? this.lengthProblem(longer, isRoot);
      if (found) {
        this.note(found, longer, longer.length - 1, WEIGHT.issuer);
        continue;
      }
      const complete = isRoot ? this.judge(longer) : this.extend(longer);
      if (complete) return complete;
    }
    // Others of the same name with other keys: the issuer itself is not at hand.
    if (!signed && !candidates.some(({ likely }) => likely)) this.endBranch(path);
    return null;
  }

  private judge(path: Certificate[]): Certificate[] | null {
    const found = this.wholeProblem(path);
    return found ? this.note(found.problem, path, found.index, WEIGHT.issuer) : path;
  }

  private noteExhausted(path: readonly Certificate[]): null {
    const { maxSignatureChecks, maxSteps } = this.limits;
    const steps = this.stepsLeft < 0;
    const found = problem(
      'certificate_constraint_violated',
      steps ? 'too_many_steps' : 'too_many_signature_checks',
      'RFC 4158 §2.4',
      { limit: steps ? maxSteps : maxSignatureChecks },
    );
    return this.note(found, path, path.length - 1, WEIGHT.deadEnd);
  }

  /** Whether `issuer` signed: checked once for each key, and no more when the key is found. */
  private signature(certificate: Certificate, issuer: Certificate): Problem | null | 'exhausted' {
    const known = this.signatures.get(certificate) ?? { signer: null, problems: new Map() };
    this.signatures.set(certificate, known);
    const key = toLatin1(issuer.spki);
    if (known.signer === key) return null;
    const before = known.problems.get(key);
    if (before) return before;
    const unsigned = known.signer === null ? this.check(certificate, issuer) : notSignedBy(issuer);
    if (unsigned === 'exhausted') return unsigned;
    if (unsigned) known.problems.set(key, unsigned);
    else known.signer = key;
    return unsigned;
  }

  private check(certificate: Certificate, issuer: Certificate): Problem | null | 'exhausted' {
    if (this.checksLeft-- <= 0) return 'exhausted';
    return signatureProblem(certificate, issuer, this.context.provider);
  }

  /** Certificates whose subject is the issuer's name, most promising first. */
  private candidates(path: readonly Certificate[]) {
    const current = path.at(-1)!;
    // What signed itself was not signed by a namesake.
    const ownIssuer = path.length === 1 && this.isSelfSigned(current);
    const roots = this.anchors.named(current.issuer).map((issuer) => ({ issuer, isRoot: true }));
    const sent = this.intermediates
      .filter(({ subject }) => sameName(subject, current.issuer))
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
    return problem('certificate_constraint_violated', 'path_too_long', 'RFC 4158 §2.4', {
      length: longer.length,
    });
  }

  /** A bad key is the issuer's fault, a bad signature that of the certificate below. */
  private noteUnsigned(
    found: Problem,
    path: readonly Certificate[],
    longer: readonly Certificate[],
    likely: boolean,
  ): void {
    const weight = likely ? WEIGHT.signature : WEIGHT.stray;
    if (found.code === 'certificate_signature_invalid') this.note(found, path, path.length - 1, weight);
    else this.note(found, longer, longer.length - 1, weight);
  }

  private note(
    found: Problem,
    path: readonly Certificate[],
    index: number,
    weight: number,
    deadEnd = false,
  ): null {
    if (this.failures.length < MAX_FAILURES) this.failures.push({ ...found, path, index, weight, deadEnd });
    return null;
  }

  /** Nobody with the issuer's name is at hand. */
  private endBranch(path: readonly Certificate[]): null {
    const last = path.at(-1)!;
    const facts = {
      issuer: last.issuer.text,
      caIssuers: last.authorityInfoAccess?.caIssuers.slice(0, 4) ?? [],
    };
    const code = this.deadEndCode(path);
    const found = problem(code, DEAD_END_RULES[code], '§6.1.3 (a)(4)', facts);
    return this.note(found, path, path.length - 1, WEIGHT.deadEnd, true);
  }

  private deadEndCode(path: readonly Certificate[]): keyof typeof DEAD_END_RULES {
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
    return certificate.selfIssued && this.signature(certificate, certificate) === null;
  }
}

const DEAD_END_RULES = {
  self_signed_certificate: 'self_signed_not_trusted',
  unknown_ca: 'issuer_not_trusted',
  missing_intermediate: 'issuer_missing',
} as const;

/** What authorities call those between root and leaf. */
const INTERMEDIATE_NAME = /\b(intermediate|issuing|subordinate|sub[- ]?ca)\b/i;

function isSameEntity(a: Certificate, b: Certificate): boolean {
  return sameName(a.subject, b.subject) && equal(a.spki, b.spki);
}

/** RFC 5280 §4.2.1.1: a hint. Where one of the two has none, nothing speaks against it. */
function keyIdsFit(certificate: Certificate, issuer: Certificate): boolean {
  const wanted = certificate.authorityKeyId?.keyId;
  return !wanted || !issuer.subjectKeyId || equal(wanted, issuer.subjectKeyId);
}
