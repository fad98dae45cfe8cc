/**
 * Whose signature is on a CRL or an OCSP response: the key is a certificate's, the algorithm has to be strong enough.
 * Whether that certificate may sign such things is decided by `check-crl.ts` and `check-ocsp.ts`.
 */
import { equal } from '../../bytes/index.js';
import {
  CryptoError,
  type Provider,
  type PublicKey,
  type SignatureAlgorithm,
} from '../../crypto/provider.js';
import type { Certificate } from '../certificate.js';
import { OID } from '../oids.js';
import type { RevocationStatus } from '../revocation-hook.js';
import { REVOCATION_OID } from './oids.js';

/** What was found out about one certificate. */
export type Finding = Omit<RevocationStatus, 'index'>;

export interface Signed {
  readonly tbs: Uint8Array;
  readonly signature: Uint8Array;
  readonly signatureAlgorithm: SignatureAlgorithm | null;
}

const keys = new WeakMap<Certificate, { readonly provider: Provider; readonly key: PublicKey | null }>();

/** The certificate's key, imported once; null where it cannot be used. */
function keyOf(certificate: Certificate, provider: Provider): PublicKey | null {
  const known = keys.get(certificate);
  if (known?.provider === provider) return known.key;
  let key: PublicKey | null = null;
  try {
    key = provider.importPublicKey(certificate.spki);
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
  }
  keys.set(certificate, { provider, key });
  return key;
}

/** Whether `signer`'s key made the signature. False for algorithms and keys that nothing here can verify with. */
function isSignedBy(
  { tbs, signature, signatureAlgorithm }: Signed,
  signer: Certificate,
  provider: Provider,
): boolean {
  if (signatureAlgorithm === null) return false;
  return keyOf(signer, provider)?.verify(signatureAlgorithm, tbs, signature) === true;
}

const verified = new WeakMap<object, WeakMap<Certificate, boolean>>();

/** As `isSignedBy`, computed once for each pair of objects: a large CRL is hashed once, not for every certificate. */
export function isSignedByOnce(signed: Signed, signer: Certificate, provider: Provider): boolean {
  const known = verified.get(signed) ?? new WeakMap<Certificate, boolean>();
  verified.set(signed, known);
  let answer = known.get(signer);
  if (answer === undefined) {
    answer = isSignedBy(signed, signer, provider);
    known.set(signer, answer);
  }
  return answer;
}

/** Whether somebody could forge the signature today: MD5, and SHA-1 unless it is allowed. */
export function isWeak({ signatureAlgorithm }: Signed, allowSha1: boolean): boolean {
  if (signatureAlgorithm === null || !('hash' in signatureAlgorithm)) return false;
  return signatureAlgorithm.hash === 'md5' || (signatureAlgorithm.hash === 'sha1' && !allowSha1);
}

/** Whether `time` is in the certificate's period (RFC 5280 §4.1.2.5); it counts in whole seconds. */
function isInPeriod({ notBefore, notAfter }: Certificate, time: number): boolean {
  const second = Math.floor(time / 1000) * 1000;
  return notBefore <= second && second <= notAfter;
}

/** Whether `issuer` issued `certificate`: names and signature. */
export function isIssuedBy(
  certificate: Certificate,
  issuer: Certificate,
  provider: Provider,
  allowSha1: boolean,
): boolean {
  return (
    equal(certificate.issuer.raw, issuer.subject.raw) &&
    !isWeak(certificate, allowSha1) &&
    isSignedByOnce(certificate, issuer, provider)
  );
}

/** Below it keys are refused, as in paths (`DEFAULT_POLICY.minRsaBits`). */
const MIN_RSA_BITS = 2048;

/** Extensions of a signer's certificate that may be critical: followed here, or without a restriction for it. */
const SIGNER_EXTENSIONS: ReadonlySet<string> = new Set([
  OID.basicConstraints,
  OID.keyUsage,
  OID.extKeyUsage,
  OID.subjectAltName,
  OID.issuerAltName,
  OID.certificatePolicies,
  OID.subjectKeyIdentifier,
  OID.authorityKeyIdentifier,
  OID.authorityInfoAccess,
  OID.crlDistributionPoints,
  REVOCATION_OID.freshestCRL,
  REVOCATION_OID.noRevAvail,
  REVOCATION_OID.ocspNoCheck,
]);

/**
 * What forbids to rely on a certificate outside of the path that was verified: expired, a weak key, a critical extension
 * that is not understood (RFC 5280 §4.2). Null where nothing does.
 */
export function signerProblem(certificate: Certificate, time: number): string | null {
  if (!isInPeriod(certificate, time)) return 'signer_expired';
  const { kind, bits } = certificate.publicKeyAlgorithm;
  if ((kind === 'rsa' || kind === 'rsa-pss') && (bits ?? 0) < MIN_RSA_BITS) return 'weak_key';
  const unknownCritical = certificate.extensions.some(
    ({ oid, critical }) => critical && !SIGNER_EXTENSIONS.has(oid),
  );
  return unknownCritical ? 'unknown_critical_extension' : null;
}

export const unknown = (
  rule: string,
  rfc: string,
  reason: string,
  facts: Readonly<Record<string, unknown>> = {},
): Finding => ({ status: 'unknown', reason, rule, rfc, facts });
