/**
 * What is checked of one certificate in a path (RFC 5280 §6.1.3, §6.1.4): time, purpose, strength, constraints that it
 * lays on those below it, signature. Each check gives what is wrong, or null. Searching is in `path.ts`.
 */

import { equal } from '../bytes/index.js';
import { CryptoError, type Provider, type PublicKey } from '../crypto/provider.js';
import type { Certificate } from './certificate.js';
import { brokenRule, type Profile } from './conformance.js';
import { type ComparisonBudget, checkNameConstraints } from './name-constraints.js';
import { matchHost } from './names.js';
import { OID } from './oids.js';
import type { PolicyInputs } from './policies.js';
import { type Facts, type Problem, problem } from './problem.js';
import type { Role } from './rules.js';

export type Purpose = 'server' | 'client';

export interface VerifyPolicy extends PolicyInputs {
  /**
   * RSA keys with fewer bits are refused, in roots too. Null: 2,048; in the profile `default`, at a time before 2014,
   * 1,024, as was usual then.
   */
  readonly minRsaBits: number | null;
  /** Accept signatures over SHA-1. MD5 is never accepted. Null: in the profile `default` at a time before 2017. */
  readonly allowSha1: boolean | null;
  readonly profile: Profile;
  /** Whether a domain is a public suffix, such as co.uk: wildcards right below one are refused. */
  readonly isPublicSuffix?: ((domain: string) => boolean) | undefined;
}

export interface CheckContext {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly purpose: Purpose;
  readonly provider: Provider;
  readonly policy: VerifyPolicy;
  readonly comparisons: ComparisonBudget;
}

/** What is wrong with the first certificate of a path by itself: everything, most telling first. */
export function leafProblems(leaf: Certificate, host: string | undefined, context: CheckContext): Problem[] {
  return [
    timeProblem(leaf, context.time),
    host === undefined ? null : hostProblem(leaf, host),
    purposeProblem(leaf, context),
    leafKeyUsageProblem(leaf),
    strengthProblem(leaf, context) ?? brokenKeyProblem(leaf, context.provider),
    extensionProblem(leaf),
    conformanceProblem(leaf, 'leaf', context.policy.profile),
    suffixProblem(leaf, context.policy),
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
    caProblem(issuer, isRoot, context.policy) ??
    timeProblem(issuer, context.time) ??
    strengthProblem(issuer, context) ??
    extensionProblem(issuer) ??
    pathLengthProblem(issuer, below) ??
    purposeProblem(issuer, context) ??
    conformanceProblem(issuer, isRoot ? 'root' : 'intermediate', context.policy.profile) ??
    keyIdProblem(issuer, below.at(-1)!, context.policy) ??
    nameProblem(issuer, below, context)
  );
}

/** RFC 5280 §4.1.2.5: both ends belong to the period. Certificates count in whole seconds. */
function timeProblem({ notBefore, notAfter }: Certificate, time: number): Problem | null {
  const second = Math.floor(time / 1000) * 1000;
  const facts = { notBefore, notAfter, time };
  if (second < notBefore) {
    return problem('certificate_not_yet_valid', 'not_yet_valid', '§6.1.3 (a)(2)', facts);
  }
  return second > notAfter ? problem('certificate_expired', 'expired', '§6.1.3 (a)(2)', facts) : null;
}

function hostProblem(leaf: Certificate, host: string): Problem | null {
  const match = matchHost(leaf, host);
  if (match.ok) return null;
  const { presented, problem: why } = match;
  return problem('hostname_mismatch', why ?? 'host_mismatch', 'RFC 9525 §6', {
    host: host.slice(0, 255),
    presented,
    ...(why && { problem: why }),
  });
}

/** RFC 5280 §4.2.1.12. "Any" is enough in a CA; in a leaf only for the loose profile, as web clients hold it. */
function purposeProblem(certificate: Certificate, { purpose, policy }: CheckContext): Problem | null {
  const { extKeyUsage, basicConstraints } = certificate;
  if (extKeyUsage === null) return null;
  const wanted = purpose === 'server' ? OID.serverAuth : OID.clientAuth;
  if (extKeyUsage.includes(wanted)) return null;
  const anyCounts = basicConstraints?.ca === true || policy.profile === 'default';
  if (anyCounts && extKeyUsage.includes(OID.anyExtendedKeyUsage)) return null;
  return problem('wrong_certificate_purpose', 'extended_key_usage', '§4.2.1.12', {
    purpose,
    wanted,
    extKeyUsage: extKeyUsage.slice(0, 20),
  });
}

/** RFC 5280 §4.2.1.3, §4.2.1.12: one of these is needed in every version of TLS. The handshake asks for more. */
function leafKeyUsageProblem({ keyUsage }: Certificate): Problem | null {
  if (keyUsage === null) return null;
  const usable = ['digitalSignature', 'keyEncipherment', 'keyAgreement'] as const;
  if (usable.some((usage) => keyUsage.includes(usage))) return null;
  return problem('wrong_certificate_purpose', 'key_usage', '§4.2.1.3', { keyUsage });
}

function strengthProblem(
  { publicKeyAlgorithm }: Certificate,
  { policy, time }: CheckContext,
): Problem | null {
  const { kind, bits, curve, oid } = publicKeyAlgorithm;
  const unsupported = (facts: Facts) =>
    problem('unsupported_certificate_key', 'unsupported_key', '§4.1.2.7', facts);
  if (kind === 'unknown' || kind === 'dsa') return unsupported({ kind, oid });
  if (kind === 'ec') {
    const supported = curve === 'secp256r1' || curve === 'secp384r1' || curve === 'secp521r1';
    return supported ? null : unsupported({ kind, curve });
  }
  if (kind !== 'rsa' && kind !== 'rsa-pss') return null;
  const minimum = policy.minRsaBits ?? (isBefore(time, SMALL_RSA_ENDS, policy) ? 1024 : 2048);
  if ((bits ?? 0) < minimum)
    return problem('weak_certificate', 'weak_key', 'BR §6.1.5', { kind, bits, minimum });
  return sizeProblem(publicKeyAlgorithm);
}

/** What a verification with a larger one costs is up to whoever sent it (CVE-2023-29409). */
const MAX_RSA_BITS = 8192;

function sizeProblem({ kind, bits }: Certificate['publicKeyAlgorithm']): Problem | null {
  if ((kind !== 'rsa' && kind !== 'rsa-pss') || (bits ?? 0) <= MAX_RSA_BITS) return null;
  const facts = { kind, bits, maximum: MAX_RSA_BITS };
  return problem('unsupported_certificate_key', 'key_too_large', '§4.1.2.7', facts);
}

/** When browsers gave up RSA with fewer than 2,048 bits, and SHA-1. Before, sites in use had them. */
const SMALL_RSA_ENDS = Date.UTC(2014, 0, 1);
const SHA1_ENDS = Date.UTC(2017, 0, 1);

const isBefore = (time: number, end: number, { profile }: VerifyPolicy): boolean =>
  profile === 'default' && time < end;

/** Extensions whose meaning is followed here. */
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
  // Followed where the caller asks for revocation; whether to is the caller's choice.
  OID.crlDistributionPoints,
  // These carry no restriction.
  OID.authorityKeyIdentifier,
  OID.subjectKeyIdentifier,
  OID.issuerAltName,
  OID.authorityInfoAccess,
  OID.signedCertificateTimestamps,
]);

/** RFC 5280 §4.2: a critical extension that is not processed means refusal. */
function extensionProblem({ extensions }: Certificate): Problem | null {
  const unknown = extensions.find(({ oid, critical }) => critical && !PROCESSED.has(oid));
  if (!unknown) return null;
  const facts = { oid: unknown.oid };
  return problem('certificate_constraint_violated', 'unknown_critical_extension', '§6.1.4 (o)', facts);
}

/** RFC 5280 §6.1.4 (k), (n) */
function caProblem(
  { version, basicConstraints, keyUsage }: Certificate,
  isRoot: boolean,
  { profile }: VerifyPolicy,
): Problem | null {
  // Old roots, from before there were extensions: that they are authorities is known from elsewhere.
  const isOldRoot = isRoot && version < 3 && profile === 'default';
  if (!isOldRoot && basicConstraints?.ca !== true) {
    return problem('certificate_constraint_violated', 'not_a_ca', '§6.1.4 (k)', { version });
  }
  return keyUsage !== null && !keyUsage.includes('keyCertSign')
    ? problem('certificate_constraint_violated', 'key_usage_without_cert_sign', '§6.1.4 (n)', { keyUsage })
    : null;
}

/** RFC 5280 §4.2.1.9, §6.1.4 (l), (m): intermediates below it that are not self-issued. */
function pathLengthProblem({ basicConstraints }: Certificate, below: readonly Certificate[]): Problem | null {
  const limit = basicConstraints?.pathLength ?? null;
  if (limit === null) return null;
  const length = below.slice(1).filter(({ selfIssued }) => !selfIssued).length;
  return length > limit
    ? problem('certificate_constraint_violated', 'path_length', '§6.1.4 (l)', { limit, length })
    : null;
}

function conformanceProblem(certificate: Certificate, role: Role, profile: Profile): Problem | null {
  const rule = brokenRule(certificate, role, profile);
  return rule === null ? null : problem('bad_certificate', rule.name, rule.section);
}

/** RFC 5280 §4.2.1.2, BR §7.1.2.11.1: the identifier that the issuer has. Elsewhere it is a hint. */
function keyIdProblem(issuer: Certificate, child: Certificate, { profile }: VerifyPolicy): Problem | null {
  const wanted = child.authorityKeyId?.keyId;
  if (profile === 'default' || !wanted || !issuer.subjectKeyId || equal(wanted, issuer.subjectKeyId))
    return null;
  return problem('bad_certificate', 'key_identifier_mismatch', '§4.2.1.2');
}

/** BR §3.2.2.6 */
function suffixProblem({ subjectAltName }: Certificate, { isPublicSuffix }: VerifyPolicy): Problem | null {
  if (!isPublicSuffix) return null;
  const wildcard = (subjectAltName ?? []).find(
    (name) =>
      name.kind === 'dns' && name.value.startsWith('*.') && isPublicSuffix(name.value.slice(2).toLowerCase()),
  );
  return wildcard ? problem('bad_certificate', 'wildcard_below_public_suffix', 'BR §3.2.2.6') : null;
}

/** RFC 5280 §6.1.3 (b), (c): every certificate below, except self-issued ones that are not the leaf. */
function nameProblem(
  { nameConstraints }: Certificate,
  below: readonly Certificate[],
  { comparisons, policy }: CheckContext,
): Problem | null {
  if (!nameConstraints) return null;
  const leadingDots = policy.profile === 'default';
  for (const [index, certificate] of below.entries()) {
    if (index > 0 && certificate.selfIssued) continue;
    const violation = checkNameConstraints(nameConstraints, certificate, comparisons, { leadingDots });
    if (violation) {
      return problem('certificate_constraint_violated', 'name_constraints', '§6.1.3 (b), (c)', {
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
export function signatureAlgorithmProblem(
  { signatureAlgorithm: algorithm, signatureAlgorithmOid: oid }: Certificate,
  { policy, time }: CheckContext,
): Problem | null {
  if (algorithm === null) return unsupportedSignature(oid);
  if (!('hash' in algorithm)) return null;
  const { hash } = algorithm;
  const allowSha1 = policy.allowSha1 ?? isBefore(time, SHA1_ENDS, policy);
  const weak = hash === 'md5' || (hash === 'sha1' && !allowSha1);
  const facts = { signatureAlgorithm: oid, hash };
  return weak ? problem('weak_certificate', 'weak_signature', 'RFC 9155 §1', facts) : null;
}

const unsupportedSignature = (signatureAlgorithm: string): Problem =>
  problem('unsupported_certificate_key', 'unsupported_signature_algorithm', '§4.1.1.2', {
    signatureAlgorithm,
  });

/** RFC 5280 §6.1.3 (a)(1). Expensive: the caller keeps the budget. */
export function signatureProblem(
  certificate: Certificate,
  issuer: Certificate,
  provider: Provider,
): Problem | null {
  const { signatureAlgorithm: algorithm, signatureAlgorithmOid } = certificate;
  if (algorithm === null) return unsupportedSignature(signatureAlgorithmOid);
  const tooLarge = sizeProblem(issuer.publicKeyAlgorithm);
  if (tooLarge) return tooLarge;
  const key = usableKey(issuer, provider);
  if ('code' in key) return key;
  return key.verify(algorithm, certificate.tbs, certificate.signature) ? null : notSignedBy(issuer);
}

function usableKey(certificate: Certificate, provider: Provider): PublicKey | Problem {
  try {
    return publicKeyOf(certificate, provider);
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    const code = error.reason === 'unsupported' ? 'unsupported_certificate_key' : 'weak_certificate';
    const isBad = error.reason === 'bad_key' || error.reason === 'bad_point';
    return problem(isBad ? 'bad_certificate' : code, 'unusable_key', '§4.1.2.7', { key: error.reason });
  }
}

/** A point that is on no curve, say. Kinds that not every provider knows are for whoever uses the key. */
function brokenKeyProblem(leaf: Certificate, provider: Provider): Problem | null {
  const { kind } = leaf.publicKeyAlgorithm;
  const key = usableKey(leaf, provider);
  if (!('code' in key)) return null;
  // Every provider knows these two.
  return kind === 'ec' || kind === 'rsa' || key.code === 'bad_certificate' ? key : null;
}

/** The signature is not of this one's key. */
export const notSignedBy = (issuer: Certificate): Problem =>
  problem('certificate_signature_invalid', 'signature', '§6.1.3 (a)(1)', { issuer: issuer.subject.text });
