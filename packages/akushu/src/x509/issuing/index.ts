/** Issuing: keys, requests, certificates, CRLs and OCSP responses. Keeps no records. */
export { type CertificateRequestOptions, createCertificate } from '../issue.js';
export { type CrlEntryInput, type CrlOptions, type CrlScopeInput, createCrl } from './crl.js';
export { type CertificateSigningRequestOptions, createCertificateSigningRequest } from './csr.js';
export type { DistributionPointInput, ExtensionOptions, PolicyInput, PurposeName } from './extensions.js';
export { type GeneratedKey, generateKey, type KeyKind } from './keys.js';
export type { GeneralNameInput, NameInput } from './names.js';
export {
  createOcspError,
  createOcspResponse,
  type OcspAnswerInput,
  type OcspResponseOptions,
} from './ocsp.js';
export type { Issuer, SigningOptions } from './sign.js';
