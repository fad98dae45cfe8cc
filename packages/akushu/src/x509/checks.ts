/**
 * What is checked of one certificate in a path (RFC 5280 §6.1.3, §6.1.4): time, purpose, strength, constraints that it
 * lays on those below it, signature. Each check gives what is wrong, or null. Searching is in `path.ts`.
 */
import { CryptoError, type Provider, type PublicKey } from '../crypto/provider.js';
import type { ErrorCode } from '../errors.js';
import type { Certificate } from './certificate.js';
import { brokenRule, type Profile, type Role } from './conformance.js';
import { type ComparisonBudget, checkNameConstraints } from './name-constraints.js';
import { matchHost } from './names.js';
import { OID } from './oids.js';

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
  | 'unsupported_certificate_key'
>;

export type Facts = Readonly<Record<string, unknown>>;

export interface Problem {
  readonly code: CertificateErrorCode;
  readonly facts: Facts;
}

export type Purpose = 'server' | 'client';

export interface VerifyPolicy {
  /** RSA keys with fewer bits are refused, in roots too. Default 2,048. */
  readonly minRsaBits: number;
  /** Accept signatures over SHA-1. Default false. MD5 is never accepted. */
  readonly allowSha1: boolean;
  readonly profile: Profile;
}

export interface CheckContext {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly purpose: Purpose;
  readonly provider: Provider;
  readonly policy: VerifyPolicy;
  readonly comparisons: ComparisonBudget;
}

const problem = (code: CertificateErrorCode, facts: Facts = {}): Problem => ({ code, facts });

/** What is wrong with the first certificate of a path by itself: everything, most telling first. */
export function leafProblems(
  leaf: Certificate,
  host: string | undefined,
  context: CheckContext,
  trustedItself: boolean,
): Problem[] {
  // A certificate that the user trusts by itself need not look as if an authority had issued it.
  const profile = trustedItself ? 'compatible' : context.policy.profile;
  const broken = brokenRule(leaf, 'leaf', profile);
  return [
    timeProblem(leaf, context.time),
    host === undefined ? null : hostProblem(leaf, host),
    purposeProblem(leaf, context),
    leafKeyUsageProblem(leaf),
    strengthProblem(leaf, context.policy),
    extensionProblem(leaf),
    broken === null ? null : problem('bad_certificate', { rule: broken }),
  ].filter((found) => found !== null);
}

/** What forbids `issuer` to stand above `below` (leaf first); null where nothing does. Its signature is not looked at. */
export function issuerProblem(
  issuer: Certificate,
  below: readonly Certificate[],
  isRoot: boolean,
  context: CheckContext,
): Problem | null {
  return (
    caProblem(issuer) ??
    timeProblem(issuer, context.time) ??
    strengthProblem(issuer, context.policy) ??
    extensionProblem(issuer) ??
    pathLengthProblem(issuer, below) ??
    purposeProblem(issuer, context) ??
    conformanceProblem(issuer, isRoot ? 'root' : 'intermediate', context.policy.profile) ??
    nameProblem(issuer, below, context)
  );
}

/** RFC 5280 §4.1.2.5: both ends belong to the period. Certificates count in whole seconds. */
function timeProblem({ notBefore, notAfter }: Certificate, time: number): Problem | null {
  const second = Math.floor(time / 1000) * 1000;
  if (second < notBefore) return problem('certificate_not_yet_valid', { notBefore, notAfter, time });
  return second > notAfter ? problem('certificate_expired', { notBefore, notAfter, time }) : null;
}

function hostProblem(leaf: Certificate, host: string): Problem | null {
  const match = matchHost(leaf, host);
  if (match.ok) return null;
  const { presented, problem: why } = match;
  return problem('hostname_mismatch', { host: host.slice(0, 255), presented, ...(why && { problem: why }) });
}

/** RFC 5280 §4.2.1.12. "Any" is enough in a CA; in a leaf only for the loose profile, as web clients hold it. */
function purposeProblem(certificate: Certificate, { purpose, policy }: CheckContext): Problem | null {
  const { extKeyUsage, basicConstraints } = certificate;
  if (extKeyUsage === null) return null;
  const wanted = purpose === 'server' ? OID.serverAuth : OID.clientAuth;
  if (extKeyUsage.includes(wanted)) return null;
  const anyCounts = basicConstraints?.ca === true || policy.profile === 'compatible';
  if (anyCounts && extKeyUsage.includes(OID.anyExtendedKeyUsage)) return null;
  return problem('wrong_certificate_purpose', { purpose, wanted, extKeyUsage: extKeyUsage.slice(0, 20) });
}

/** RFC 5280 §4.2.1.3, §4.2.1.12: one of these is needed in every version of TLS. The handshake asks for more. */
function leafKeyUsageProblem({ keyUsage }: Certificate): Problem | null {
  if (keyUsage === null) return null;
  const usable = ['digitalSignature', 'keyEncipherment', 'keyAgreement'] as const;
  if (usable.some((usage) => keyUsage.includes(usage))) return null;
  return problem('wrong_certificate_purpose', { keyUsage });
}

function strengthProblem({ publicKeyAlgorithm }: Certificate, policy: VerifyPolicy): Problem | null {
  const { kind, bits, curve, oid } = publicKeyAlgorithm;
  if (kind === 'unknown' || kind === 'dsa') return problem('unsupported_certificate_key', { kind, oid });
  if (kind === 'ec') {
    const supported = curve === 'secp256r1' || curve === 'secp384r1' || curve === 'secp521r1';
    return supported ? null : problem('unsupported_certificate_key', { kind, curve });
  }
  if (kind !== 'rsa' && kind !== 'rsa-pss') return null;
  return (bits ?? 0) < policy.minRsaBits
    ? problem('weak_certificate', { kind, bits, minimum: policy.minRsaBits })
    : null;
}

/**
 * Extensions whose meaning is followed here. Policies: every policy is acceptable to the caller, so these change the
 * outcome only where an explicit policy is demanded, and that is refused below.
 */
const PROCESSED: ReadonlySet<string> = new Set([
  OID.basicConstraints,
  OID.keyUsage,
  OID.extKeyUsage,
  OID.subjectAltName,
  OID.nameConstraints,
  OID.certificatePolicies,
  OID.policyMappings,
  OID.policyConstraints,
  OID.inhibitAnyPolicy,
  OID.tlsFeature,
  // These carry no restriction.
  OID.authorityKeyIdentifier,
  OID.subjectKeyIdentifier,
  OID.issuerAltName,
  OID.authorityInfoAccess,
  OID.signedCertificateTimestamps,
]);

/** RFC 5280 §4.2: a critical extension that is not processed means refusal. */
function extensionProblem({ extensions, policyConstraints }: Certificate): Problem | null {
  const unknown = extensions.find(({ oid, critical }) => critical && !PROCESSED.has(oid));
  if (unknown) {
    return problem('certificate_constraint_violated', {
      rule: 'unknown_critical_extension',
      oid: unknown.oid,
    });
  }
  // §6.1.4 (i): would need the policy tree.
  return policyConstraints !== null && policyConstraints.requireExplicitPolicy !== null
    ? problem('certificate_constraint_violated', { rule: 'explicit_policy_required' })
    : null;
}

/** RFC 5280 §6.1.4 (k), (n) */
function caProblem({ version, basicConstraints, keyUsage }: Certificate): Problem | null {
  if (version !== 3 || basicConstraints?.ca !== true) {
    return problem('certificate_constraint_violated', { rule: 'not_a_ca' });
  }
  return keyUsage !== null && !keyUsage.includes('keyCertSign')
    ? problem('certificate_constraint_violated', { rule: 'key_usage_without_cert_sign', keyUsage })
    : null;
}

/** RFC 5280 §4.2.1.9, §6.1.4 (l), (m): intermediates below it that are not self-issued. */
function pathLengthProblem({ basicConstraints }: Certificate, below: readonly Certificate[]): Problem | null {
  const limit = basicConstraints?.pathLength ?? null;
  if (limit === null) return null;
  const length = below.slice(1).filter(({ selfIssued }) => !selfIssued).length;
  return length > limit
    ? problem('certificate_constraint_violated', { rule: 'path_length', limit, length })
    : null;
}

function conformanceProblem(certificate: Certificate, role: Role, profile: Profile): Problem | null {
  const rule = brokenRule(certificate, role, profile);
  return rule === null ? null : problem('bad_certificate', { rule });
}

/** RFC 5280 §6.1.3 (b), (c): every certificate below, except self-issued ones that are not the leaf. */
function nameProblem(
  { nameConstraints }: Certificate,
  below: readonly Certificate[],
  { comparisons }: CheckContext,
): Problem | null {
  if (!nameConstraints) return null;
  for (const [index, certificate] of below.entries()) {
    if (index > 0 && certificate.selfIssued) continue;
    const violation = checkNameConstraints(nameConstraints, certificate, comparisons);
    if (violation) {
      return problem('certificate_constraint_violated', {
        rule: 'name_constraints',
        ...violation,
        name: certificate.subject.text,
      });
    }
  }
  return null;
}

// ---- Signatures ----

const importedKeys = new WeakMap<Certificate, { readonly provider: Provider; readonly key: PublicKey }>();

/** Imports a key once for each parsed certificate: for the roots that saves most of the time. */
function publicKeyOf(certificate: Certificate, provider: Provider): PublicKey {
  const known = importedKeys.get(certificate);
  if (known?.provider === provider) return known.key;
  const key = provider.importPublicKey(certificate.spki);
  importedKeys.set(certificate, { provider, key });
  return key;
}

/** Whether the algorithm of the signature on `certificate` may be used at all. Costs nothing. */
export function signatureAlgorithmProblem(certificate: Certificate, policy: VerifyPolicy): Problem | null {
  const { signatureAlgorithm: algorithm, signatureAlgorithmOid: oid } = certificate;
  if (algorithm === null) return problem('unsupported_certificate_key', { signatureAlgorithm: oid });
  if (!('hash' in algorithm)) return null;
  const weak = algorithm.hash === 'md5' || (algorithm.hash === 'sha1' && !policy.allowSha1);
  return weak ? problem('weak_certificate', { signatureAlgorithm: oid, hash: algorithm.hash }) : null;
}

/** RFC 5280 §6.1.3 (a)(1). Expensive: the caller keeps the budget. */
export function signatureProblem(
  certificate: Certificate,
  issuer: Certificate,
  provider: Provider,
): Problem | null {
  const { signatureAlgorithm: algorithm, signatureAlgorithmOid } = certificate;
  if (algorithm === null) {
    return problem('unsupported_certificate_key', { signatureAlgorithm: signatureAlgorithmOid });
  }
  let key: PublicKey;
  try {
    key = publicKeyOf(issuer, provider);
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    const code = error.reason === 'unsupported' ? 'unsupported_certificate_key' : 'weak_certificate';
    return problem(error.reason === 'bad_key' || error.reason === 'bad_point' ? 'bad_certificate' : code, {
      key: error.reason,
    });
  }
  return key.verify(algorithm, certificate.tbs, certificate.signature)
    ? null
    : problem('certificate_signature_invalid', { issuer: issuer.subject.text });
}
