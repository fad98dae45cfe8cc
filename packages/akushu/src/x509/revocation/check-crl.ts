/**
 * What CRLs say about a certificate (RFC 5280 §6.3.3): complete ones, indirect ones, deltas with their bases, lists for
 * some reasons only. A list counts only where it was made for one of the certificate's distribution points, is fresh and
 * is signed by whoever may. Steps are named by their letters in §6.3.3. Fetches nothing.
 */
import { equal } from '../../bytes/index.js';
import type { Provider } from '../../crypto/provider.js';
import type { Certificate } from '../certificate.js';
import type { DistributionPoint, GeneralName } from '../extensions.js';
import type { Crl } from './crl.js';
import type { CrlEntry } from './crl-entries.js';
import { ALL_REASONS, namesOf, type ReasonFlag, sameGeneralName, sameName } from './distribution-points.js';
import { REVOCATION_OID } from './oids.js';
import { type Finding, isIssuedBy, isSignedByOnce, isWeak, signerProblem, unknown } from './signed.js';

export interface CrlCheck {
  readonly certificate: Certificate;
  /** Its verified issuers, the nearest first, the trust anchor last. */
  readonly issuers: readonly Certificate[];
  readonly crls: readonly Crl[];
  /** Certificates of CRL issuers that are not in the path. Each has to be issued by one of `issuers`. */
  readonly otherIssuers: readonly Certificate[];
  /** Milliseconds since 1970. */
  readonly time: number;
  /** How far clocks may be apart, in milliseconds. */
  readonly clockSkew: number;
  readonly allowSha1: boolean;
  /** A list without a number, or with a critical one (§5.2.3), clears nobody. What it revokes is revoked. */
  readonly strictForm?: boolean | undefined;
  readonly provider: Provider;
}

/** More points in a certificate, or names in a point, are not looked at: who issues it does not decide what it costs. */
const MAX_POINTS = 32;
const MAX_NAMES = 64;
const MAX_SIGNERS = 8;

const RFC = 'RFC 5280 §6.3.3';

/** Why a list did not count, with how far it came: the farthest is told. */
interface Rejection {
  readonly rank: number;
  readonly finding: Finding;
}

const reject = (
  rank: number,
  rule: string,
  reason: string,
  facts: Record<string, unknown> = {},
  rfc = RFC,
): Rejection => ({
  rank,
  finding: unknown(rule, rfc, reason, facts),
});

/** Revoked, good, or unknown with what was missing. Never throws on what is in certificates and lists. */
export function checkCrls(check: CrlCheck): Finding {
  const points = (check.certificate.crlDistributionPoints ?? []).slice(0, MAX_POINTS);
  const complete = check.crls.filter(({ baseNumber }) => baseNumber === null).sort(newerFirst);
  const covered = new Set<ReasonFlag>();
  let farthest = reject(0, 'no_crl', 'no_information');
  for (const point of [...points, ownPoint(check.certificate)]) {
    for (const crl of complete) {
      const outcome = consult(crl, point, covered, check);
      if ('status' in outcome) return outcome;
      if ('rank' in outcome) farthest = outcome.rank > farthest.rank ? outcome : farthest;
      else for (const reason of outcome.reasons) covered.add(reason);
    }
    if (covered.size === ALL_REASONS.length) {
      return { status: 'good', reason: null, rule: 'crl_good', rfc: RFC };
    }
  }
  if (covered.size === 0) return farthest.finding;
  const missing = ALL_REASONS.filter((reason) => !covered.has(reason));
  return unknown('crl_reasons_incomplete', `${RFC} (e)`, 'some_reasons_only', { missing });
}

/** The first list that covers a reason decides, and of two the newer knows better (§5.2.3). */
function newerFirst(a: Crl, b: Crl): number {
  if (a.thisUpdate !== b.thisUpdate) return b.thisUpdate - a.thisUpdate;
  return Number((b.number ?? -1n) > (a.number ?? -1n)) - Number((a.number ?? -1n) > (b.number ?? -1n));
}

/** After the last step: a list of the issuer itself that no distribution point names. */
function ownPoint({ issuer }: Certificate): DistributionPoint {
  const fullName: readonly GeneralName[] = [{ kind: 'directory', value: issuer }];
  return { fullName, relativeName: null, reasons: null, crlIssuer: null };
}

/** Asks one list as one distribution point's. Gives a revocation, what kept it from counting, or the reasons covered. */
function consult(
  crl: Crl,
  point: DistributionPoint,
  covered: ReadonlySet<ReasonFlag>,
  check: CrlCheck,
): Finding | Rejection | { readonly reasons: readonly ReasonFlag[] } {
  const outside = scopeProblem(crl, point, check.certificate);
  if (outside) return outside;
  // (d), (e)
  const reasons = reasonsOf(crl, point).filter((reason) => !covered.has(reason));
  if (reasons.length === 0) return { reasons };
  if (crl.unknownCritical !== null) {
    return reject(3, 'crl_unknown_critical_extension', 'not_understood', { oid: crl.unknownCritical });
  }
  if (isWeak(crl, check.allowSha1)) return reject(3, 'crl_weak_signature', 'weak_signature');
  const signer = findSigner(crl, check);
  if ('rank' in signer) return signer;
  const delta = findDelta(crl, signer, check);
  const stale = freshnessProblem(crl, delta, check);
  if (stale) return stale;
  // (i), (j): the delta knows better.
  const inDelta = delta && entryFor(delta, check.certificate);
  // (k)
  const entry = inDelta ?? entryFor(crl, check.certificate);
  if (entry && inDelta?.reason !== 'removeFromCRL') return revoked(entry, inDelta ? delta : crl);
  return (check.strictForm === true && numberProblem(crl)) || { reasons };
}

/** §5.2.3: whoever issues lists has to number them, without making that critical. */
function numberProblem({ number, extensions }: Crl): Rejection | null {
  if (number === null) return reject(4, 'crl_number_missing', 'bad_form', {}, 'RFC 5280 §5.2.3');
  const { critical } = extensions.find(({ oid }) => oid === REVOCATION_OID.cRLNumber)!;
  return critical ? reject(4, 'crl_number_critical', 'bad_form', {}, 'RFC 5280 §5.2.3') : null;
}

/** (b): whether this list is about certificates such as this one, at this point. */
function scopeProblem(crl: Crl, point: DistributionPoint, certificate: Certificate): Rejection | null {
  const { issuingDistributionPoint: scope } = crl;
  // (b)(1)
  if (point.crlIssuer) {
    const named = point.crlIssuer.some(
      (name) => name.kind === 'directory' && sameName(name.value, crl.issuer),
    );
    if (!named) return reject(1, 'crl_issuer_mismatch', 'other_issuer');
    if (!scope?.indirect) return reject(2, 'crl_not_indirect', 'wrong_scope');
  } else if (!sameName(crl.issuer, certificate.issuer)) {
    return reject(1, 'crl_issuer_mismatch', 'other_issuer');
  }
  if (!scope) return null;
  // (b)(2)(i)
  const offered = namesOf(scope, crl.issuer);
  if (offered) {
    const wanted = namesOf(point, namingIssuer(point, certificate)) ?? point.crlIssuer;
    if (!overlap(offered, wanted ?? [])) return reject(2, 'crl_scope', 'other_distribution_point');
  }
  // (b)(2)(ii)–(iv)
  const isCa = certificate.basicConstraints?.ca === true;
  if (scope.onlyUserCerts && isCa) return reject(2, 'crl_scope', 'only_user_certificates');
  if (scope.onlyCaCerts && !isCa) return reject(2, 'crl_scope', 'only_ca_certificates');
  if (scope.onlyAttributeCerts) return reject(2, 'crl_scope', 'only_attribute_certificates');
  return null;
}

/** §4.2.1.13: what a relative name is relative to. */
function namingIssuer(point: DistributionPoint, certificate: Certificate) {
  const named = point.crlIssuer?.find((name) => name.kind === 'directory');
  return named?.kind === 'directory' ? named.value : certificate.issuer;
}

function overlap(a: readonly GeneralName[], b: readonly GeneralName[]): boolean {
  const others = b.slice(0, MAX_NAMES);
  return a.slice(0, MAX_NAMES).some((name) => others.some((other) => sameGeneralName(name, other)));
}

/** (d) */
function reasonsOf({ issuingDistributionPoint }: Crl, point: DistributionPoint): readonly ReasonFlag[] {
  const ofList = issuingDistributionPoint?.reasons ?? ALL_REASONS;
  const ofPoint = point.reasons ?? ALL_REASONS;
  return ofList.filter((reason) => ofPoint.includes(reason));
}

/** (f), (g): a verified issuer, or somebody whom one of them certified, that has the list's name and key. */
function findSigner(crl: Crl, check: CrlCheck): Certificate | Rejection {
  const inPath = check.issuers.filter(({ subject }) => sameName(subject, crl.issuer));
  const others = check.otherIssuers.filter(
    (other) => sameName(other.subject, crl.issuer) && !check.issuers.some(({ der }) => equal(der, other.der)),
  );
  let problem = reject(3, 'crl_issuer_unknown', 'no_issuer');
  for (const signer of [...inPath, ...others].slice(0, MAX_SIGNERS)) {
    if (!isSignedByOnce(crl, signer, check.provider)) {
      problem = problem.rank < 4 ? reject(4, 'crl_signature_invalid', 'bad_signature') : problem;
    } else if (!maySign(signer, inPath.includes(signer), check)) {
      problem = reject(5, 'crl_issuer_not_authorized', 'not_authorized', { signer: signer.subject.text });
    } else return signer;
  }
  return problem;
}

/** (f): cRLSign where key usage is stated. Whoever is not in the path has to state it, and to be certified by it. */
function maySign(signer: Certificate, isInPath: boolean, check: CrlCheck): boolean {
  const { keyUsage } = signer;
  if (keyUsage !== null && !keyUsage.includes('cRLSign')) return false;
  if (isInPath) return true;
  if (keyUsage === null || signerProblem(signer, check.time) !== null) return false;
  const above = check.issuers.findIndex((issuer) =>
    isIssuedBy(signer, issuer, check.provider, check.allowSha1),
  );
  if (above < 0) return false;
  // Its own revocation, by lists of the path alone: signers are not looked for without end.
  const issuers = check.issuers.slice(above);
  return checkCrls({ ...check, certificate: signer, issuers, otherIssuers: [] }).status !== 'revoked';
}

/** (c), (h), §5.2.4: the newest fresh delta that goes with this list. */
function findDelta(base: Crl, signer: Certificate, check: CrlCheck): Crl | null {
  let best: Crl | null = null;
  for (const delta of check.crls) {
    const fits =
      delta.baseNumber !== null &&
      delta.number !== null &&
      base.number !== null &&
      delta.baseNumber <= base.number &&
      base.number < delta.number &&
      sameName(delta.issuer, base.issuer) &&
      sameBytes(delta.scope, base.scope) &&
      sameBytes(delta.authorityKeyId, base.authorityKeyId) &&
      delta.unknownCritical === null &&
      timeProblem(delta, check) === null &&
      !isWeak(delta, check.allowSha1);
    if (!fits || (best?.number ?? -1n) >= delta.number!) continue;
    if (isSignedByOnce(delta, signer, check.provider)) best = delta;
  }
  return best;
}

function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : equal(a, b);
}

/** §5.2.4: base and delta together are as fresh as the delta. */
function freshnessProblem(crl: Crl, delta: Crl | null, check: CrlCheck): Rejection | null {
  const problem = timeProblem(crl, check);
  return delta && problem?.finding.rule === 'crl_expired' ? null : problem;
}

function timeProblem({ thisUpdate, nextUpdate }: Crl, { time, clockSkew }: CrlCheck): Rejection | null {
  const facts = { thisUpdate, nextUpdate, time };
  if (thisUpdate > time + clockSkew) return reject(6, 'crl_not_yet_valid', 'not_yet_valid', facts);
  // §5.1.2.5: has to be there. Without it a list of years ago would pass for today's.
  if (nextUpdate === null) return reject(6, 'crl_without_next_update', 'stale', facts);
  return nextUpdate < time - clockSkew ? reject(6, 'crl_expired', 'stale', facts) : null;
}

/** The entry for this certificate: its serial number, and its issuer, which in an indirect list stands in the entry. */
function entryFor(crl: Crl, { serial, issuer }: Certificate): CrlEntry | null {
  const entries = crl.entries
    .find(serial)
    .filter(({ certificateIssuer }) => sameName(certificateIssuer ?? crl.issuer, issuer));
  // The list is in no order that means anything; where it contradicts itself, revoked counts.
  return entries.find(({ reason }) => reason !== 'removeFromCRL') ?? entries[0] ?? null;
}

function revoked({ reason, revocationDate, invalidityDate }: CrlEntry, crl: Crl): Finding {
  const facts = { revokedAt: revocationDate, ...(invalidityDate !== null && { invalidityDate }) };
  return {
    status: 'revoked',
    reason: reason ?? 'unspecified',
    rule: 'crl_revoked',
    rfc: RFC,
    facts: { ...facts, crlIssuer: crl.issuer.text, thisUpdate: crl.thisUpdate },
  };
}
