/** DER, PEM, certificates, names, path building and verification, issuing. Runs in browsers as in Node. */
export type { PublicKeySummary } from './algorithms.js';
export {
  annotateCertificate,
  type Certificate,
  fingerprint,
  MAX_CERTIFICATE_BYTES,
  parseCertificate,
} from './certificate.js';
export type { Purpose, VerifyPolicy } from './checks.js';
export type { Profile } from './conformance.js';
export { X509Error, type X509Rule } from './der/error.js';
export type { DistinguishedName, NameAttribute } from './distinguished-name.js';
export {
  type AccessDescription,
  type AuthorityKeyId,
  type BasicConstraints,
  type CrlReason,
  crlUrls,
  type DistributionPoint,
  type Extension,
  type GeneralName,
  type KeyUsageName,
  type KnownExtensions,
  type NameConstraints,
  type PolicyInformation,
  type PolicyQualifier,
  type Subtree,
} from './extensions.js';
export * from './formats/index.js';
export { ipToText, parseIp } from './ip.js';
export * from './issuing/index.js';
export { asciiHost, type HostMatch, matchesDnsName, matchHost, presentedNames } from './names.js';
export { OID, oidName } from './oids.js';
export { certificatesFromPem, decodePem, encodePem, type PemBlock } from './pem.js';
export { privateKeyFromItem, privateKeyFromPem } from './private-key.js';
export type { CertificateErrorCode } from './problem.js';
export * from './revocation/index.js';
export type {
  RevocationCheck,
  RevocationMode,
  RevocationOptions,
  RevocationQuery,
  RevocationStatus,
} from './revocation-hook.js';
export { type AnchorInput, TrustAnchors, trustAnchors } from './trust.js';
export type { ChainFailure, ChainVerdict, PathReport, Repair } from './verdict.js';
export {
  DEFAULT_LIMITS,
  DEFAULT_POLICY,
  type VerifyInput,
  type VerifyLimits,
  verifyChain,
} from './verify.js';
export {
  type FetchingInput,
  type FetchingVerdict,
  type FetchReport,
  type IssuerFetch,
  type IssuerFetchRequest,
  verifyChainAsync,
} from './verify-fetching.js';
