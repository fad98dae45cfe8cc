/** Files around certificates: requests, encrypted keys, bundles, key stores. */
export { annotateItem } from './annotate.js';
export {
  type ContainedCertificate,
  type ContainedKey,
  expectCertificates,
  expectPrivateKeys,
  type FileContents,
  matchKeys,
  openFile,
} from './contents.js';
export {
  type CertificateRequest,
  parseCertificateRequest,
  requestIsSigned,
} from './csr.js';
export { decryptJksKey, type JksEntry, type JksKeyEntry, type JksStore, parseJks } from './jks.js';
export { type Password, type PasswordOptions, WorkBudget } from './pbe.js';
export { type Pkcs7Bundle, parsePkcs7 } from './pkcs7.js';
export { decryptPrivateKey } from './pkcs8.js';
export { type Pkcs12, type Pkcs12Certificate, type Pkcs12Key, parsePkcs12 } from './pkcs12.js';
export { type FileItem, type FileKind, type IdentifiedFile, identifyFile } from './sniff.js';
