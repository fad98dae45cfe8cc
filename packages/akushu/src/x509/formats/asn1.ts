/**
 * The ASN.1 of files around certificates, as definitions: requests (RFC 2986), password-based encryption (RFC 8018,
 * RFC 7914), CMS bundles (RFC 5652), PKCS#12 (RFC 7292). Sets are read in any order: these formats were born as BER.
 */
import { algorithmIdentifier, name, oid, subjectPublicKeyInfo } from '../asn1.js';
import {
  any,
  choice,
  explicit,
  implicit,
  octetBits,
  octetString,
  optional,
  sequence,
  sequenceOf,
  smallInteger,
  unsortedSetOf,
  withRaw,
} from '../der/index.js';

const attributeSet = sequence('Attribute', 'RFC 2986 §4.1', { type: oid, values: unsortedSetOf(any) });

// ---- Requests (RFC 2986 §4) ----

const certificationRequestInfo = sequence('CertificationRequestInfo', 'RFC 2986 §4.1', {
  version: smallInteger,
  subject: withRaw(name),
  subjectPKInfo: withRaw(subjectPublicKeyInfo),
  // Must be there, if only empty; some writers leave it out.
  attributes: optional(implicit(0, unsortedSetOf(attributeSet))),
});

export const certificationRequest = sequence('CertificationRequest', 'RFC 2986 §4.2', {
  certificationRequestInfo: withRaw(certificationRequestInfo),
  signatureAlgorithm: withRaw(algorithmIdentifier),
  signature: octetBits,
});

// ---- Password-based encryption ----

/** PBES1, and PKCS#12's own (RFC 7292 appendix C). */
export const pbeParameters = sequence('PBEParameter', 'RFC 8018 §A.3', {
  salt: octetString,
  iterationCount: smallInteger,
});

export const pbes2Parameters = sequence('PBES2-params', 'RFC 8018 §A.4', {
  keyDerivationFunc: algorithmIdentifier,
  encryptionScheme: algorithmIdentifier,
});

export const pbkdf2Parameters = sequence('PBKDF2-params', 'RFC 8018 §A.2', {
  salt: octetString,
  iterationCount: smallInteger,
  keyLength: optional(smallInteger),
  // DEFAULT algid-hmacWithSHA1, which writers spell out all the same.
  prf: optional(algorithmIdentifier),
});

export const scryptParameters = sequence('scrypt-params', 'RFC 7914 §7', {
  salt: octetString,
  costParameter: smallInteger,
  blockSize: smallInteger,
  parallelizationParameter: smallInteger,
  keyLength: optional(smallInteger),
});

// ---- CMS, once PKCS#7 ----

export const contentInfo = sequence('ContentInfo', 'RFC 5652 §3', {
  contentType: oid,
  content: optional(explicit(0, any)),
});

export const signedData = sequence('SignedData', 'RFC 5652 §5.1', {
  version: smallInteger,
  digestAlgorithms: unsortedSetOf(algorithmIdentifier),
  encapContentInfo: contentInfo,
  certificates: optional(implicit(0, unsortedSetOf(any))),
  crls: optional(implicit(1, unsortedSetOf(any))),
  signerInfos: unsortedSetOf(any),
});

/** An OCTET STRING under [0], whole or, in BER, in pieces. */
const encryptedContent = choice('EncryptedContent', 'RFC 5652 §6.1', {
  whole: implicit(0, octetString),
  pieces: implicit(0, sequenceOf(octetString)),
});

export const encryptedData = sequence('EncryptedData', 'RFC 5652 §8', {
  version: smallInteger,
  encryptedContentInfo: sequence('EncryptedContentInfo', 'RFC 5652 §6.1', {
    contentType: oid,
    contentEncryptionAlgorithm: algorithmIdentifier,
    encryptedContent: optional(encryptedContent),
  }),
});

// ---- PKCS#12 (RFC 7292 §4) ----

export const pfx = sequence('PFX', 'RFC 7292 §4', {
  version: smallInteger,
  authSafe: contentInfo,
  macData: optional(
    sequence('MacData', 'RFC 7292 §4', {
      mac: sequence('DigestInfo', 'RFC 7292 §4', {
        digestAlgorithm: algorithmIdentifier,
        digest: octetString,
      }),
      macSalt: octetString,
      // DEFAULT 1, which writers spell out all the same.
      iterations: optional(smallInteger),
    }),
  ),
});

export const authenticatedSafe = sequenceOf(contentInfo, 0, 'RFC 7292 §4.1');

export const safeContents = sequenceOf(
  sequence('SafeBag', 'RFC 7292 §4.2', {
    bagId: oid,
    bagValue: explicit(0, any),
    bagAttributes: optional(unsortedSetOf(attributeSet)),
  }),
  0,
  'RFC 7292 §4.2',
);

/** Of certBag and crlBag. */
export const typedBag = sequence('CertBag', 'RFC 7292 §4.2.3', { id: oid, value: explicit(0, octetString) });
