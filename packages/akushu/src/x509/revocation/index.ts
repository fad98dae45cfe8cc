/** Revocation: CRLs, OCSP, signed certificate timestamps. Reads, verifies and decides; fetches only through the caller. */
export type { RevocationReason } from './asn1.js';
export { type CrlCheck, checkCrls } from './check-crl.js';
export { checkOcsp, type OcspCheck } from './check-ocsp.js';
export { annotateCrl, type Crl, MAX_CRL_BYTES, parseCrl } from './crl.js';
export type { CrlEntry } from './crl-entries.js';
export type { IssuingDistributionPoint, ReasonFlag } from './distribution-points.js';
export {
  type Gathered,
  type GatherFailure,
  type GatherOptions,
  gatherRevocation,
  type RevocationFetch,
  type RevocationFetchRequest,
} from './gather.js';
export {
  annotateOcspRequest,
  annotateOcspResponse,
  type CertId,
  createOcspRequest,
  type OcspMessage,
  type OcspRequest,
  type OcspRequestOptions,
  type OcspResponse,
  type OcspResponseStatus,
  parseOcspRequest,
  parseOcspResponse,
  type SingleResponse,
} from './ocsp.js';
export {
  type GivenResponse,
  type RevocationCheckOptions,
  type RevocationMaterial,
  revocationCheck,
} from './policy.js';
export {
  checkSctPolicy,
  encodeSctList,
  parseSct,
  parseSctList,
  type SctCheck,
  type SctPolicy,
  type SctResult,
  type SctSource,
  type SctVerdict,
  type SignedCertificateTimestamp,
  type TransparencyLog,
  verifyScts,
} from './sct.js';
