/**
 * The ASN.1 of certificates, their extensions and private keys (RFC 5280 appendix A, RFC 5912, RFC 5958, RFC 8017,
 * RFC 5915), as definitions. What the values mean is told by `certificate.ts` and the files beside it.
 */
import {
  any,
  bitString,
  bmpString,
  boolean,
  choice,
  explicit,
  generalizedTime,
  ia5String,
  implicit,
  integer,
  namedBits,
  nullValue,
  objectIdentifier,
  octetBits,
  octetString,
  optional,
  printableString,
  sequence,
  sequenceOf,
  setOf,
  smallInteger,
  utcTime,
  utf8String,
  visibleString,
  withDefault,
  withRaw,
} from './der/index.js';
import { oidName } from './oids.js';
import { sctListSyntax } from './sct-syntax.js';

export const oid = objectIdentifier(oidName);

export const algorithmIdentifier = sequence('AlgorithmIdentifier', 'RFC 5280 §4.1.1.2', {
  algorithm: oid,
  parameters: optional(any),
});

const attribute = sequence('AttributeTypeAndValue', 'RFC 5280 §4.1.2.4', { type: oid, value: any });

export const name = sequenceOf(setOf(attribute, 1), 0, 'RFC 5280 §4.1.2.4');

export const time = choice('Time', 'RFC 5280 §4.1.2.5', { utcTime, generalizedTime });

export const subjectPublicKeyInfo = sequence('SubjectPublicKeyInfo', 'RFC 5280 §4.1.2.7', {
  algorithm: algorithmIdentifier,
  subjectPublicKey: octetBits,
});

export const extension = sequence('Extension', 'RFC 5280 §4.2', {
  extnID: oid,
  critical: withDefault(boolean, false),
  extnValue: octetString,
});

export const extensions = sequenceOf(extension, 1, 'RFC 5280 §4.2');

const tbsFields = {
  version: withDefault(explicit(0, smallInteger), 0),
  serialNumber: integer,
  signature: withRaw(algorithmIdentifier),
  issuer: withRaw(name),
  validity: sequence('Validity', 'RFC 5280 §4.1.2.5', { notBefore: time, notAfter: time }),
  subject: withRaw(name),
  subjectPublicKeyInfo: withRaw(subjectPublicKeyInfo),
  issuerUniqueID: optional(implicit(1, bitString)),
  subjectUniqueID: optional(implicit(2, bitString)),
  extensions: optional(explicit(3, extensions)),
};

export const tbsCertificate = sequence('TBSCertificate', 'RFC 5280 §4.1.2', tbsFields);

export const certificate = sequence('Certificate', 'RFC 5280 §4.1', {
  tbsCertificate: withRaw(tbsCertificate),
  signatureAlgorithm: withRaw(algorithmIdentifier),
  signatureValue: octetBits,
});

/** For building: the to-be-signed part is already encoded. */
export const signedCertificate = sequence('Certificate', 'RFC 5280 §4.1', {
  tbsCertificate: any,
  signatureAlgorithm: any,
  signatureValue: octetBits,
});

// ---- Names of all kinds (RFC 5280 §4.2.1.6) ----

const otherName = sequence('OtherName', 'RFC 5280 §4.2.1.6', { typeId: oid, value: explicit(0, any) });

export const generalName = choice('GeneralName', 'RFC 5280 §4.2.1.6', {
  otherName: withRaw(implicit(0, otherName)),
  rfc822Name: implicit(1, ia5String),
  dNSName: implicit(2, ia5String),
  x400Address: withRaw(implicit(3, sequenceOf(any))),
  directoryName: explicit(4, withRaw(name)),
  ediPartyName: withRaw(implicit(5, sequenceOf(any))),
  uniformResourceIdentifier: implicit(6, ia5String),
  iPAddress: implicit(7, octetString),
  registeredID: withRaw(implicit(8, oid)),
});

export const generalNames = sequenceOf(generalName, 1, 'RFC 5280 §4.2.1.6');

// ---- Extensions (RFC 5280 §4.2.1, §4.2.2) ----

export const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

export const keyUsage = namedBits(KEY_USAGES);

/** `cA` is DEFAULT FALSE. A written FALSE is not DER, yet real leaves have it: the strict profiles refuse it. */
export const basicConstraints = sequence('BasicConstraints', 'RFC 5280 §4.2.1.9', {
  cA: optional(boolean),
  pathLenConstraint: optional(smallInteger),
});

export const extKeyUsage = sequenceOf(oid, 1, 'RFC 5280 §4.2.1.12');

export const authorityKeyIdentifier = sequence('AuthorityKeyIdentifier', 'RFC 5280 §4.2.1.1', {
  keyIdentifier: optional(implicit(0, octetString)),
  authorityCertIssuer: optional(implicit(1, generalNames)),
  authorityCertSerialNumber: optional(implicit(2, integer)),
});

const generalSubtree = sequence('GeneralSubtree', 'RFC 5280 §4.2.1.10', {
  base: generalName,
  minimum: withDefault(implicit(0, smallInteger), 0),
  maximum: optional(implicit(1, smallInteger)),
});

const subtrees = sequenceOf(generalSubtree, 1);

export const nameConstraints = sequence('NameConstraints', 'RFC 5280 §4.2.1.10', {
  permittedSubtrees: optional(implicit(0, subtrees)),
  excludedSubtrees: optional(implicit(1, subtrees)),
});

/** Of authorityInfoAccess and subjectInfoAccess. */
export const infoAccess = sequenceOf(
  sequence('AccessDescription', 'RFC 5280 §4.2.2.1', { accessMethod: oid, accessLocation: generalName }),
  1,
  'RFC 5280 §4.2.2.1',
);

export const CRL_REASONS = [
  'unused',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'privilegeWithdrawn',
  'aACompromise',
] as const;

export const crlReasons = namedBits(CRL_REASONS);

export const distributionPointName = choice('DistributionPointName', 'RFC 5280 §4.2.1.13', {
  fullName: implicit(0, generalNames),
  nameRelativeToCRLIssuer: withRaw(implicit(1, setOf(attribute, 1))),
});

export const distributionPoint = sequence('DistributionPoint', 'RFC 5280 §4.2.1.13', {
  distributionPoint: optional(explicit(0, distributionPointName)),
  reasons: optional(implicit(1, crlReasons)),
  cRLIssuer: optional(implicit(2, generalNames)),
});

/** Of cRLDistributionPoints and freshestCRL. */
export const distributionPoints = sequenceOf(distributionPoint, 1, 'RFC 5280 §4.2.1.13');

/** The string types that RFC 5280 names, and PrintableString, which is met as well. Lengths are not judged. */
const displayText = choice('DisplayText', 'RFC 5280 §4.2.1.4', {
  ia5String,
  visibleString,
  bmpString,
  utf8String,
  printableString,
});

const userNotice = sequence('UserNotice', 'RFC 5280 §4.2.1.4', {
  noticeRef: optional(
    sequence('NoticeReference', 'RFC 5280 §4.2.1.4', {
      organization: displayText,
      noticeNumbers: sequenceOf(integer),
    }),
  ),
  explicitText: optional(displayText),
});

/** The qualifier's own type follows from its identifier; the two that are defined differ in their tags as well. */
const policyQualifierInfo = sequence('PolicyQualifierInfo', 'RFC 5280 §4.2.1.4', {
  policyQualifierId: oid,
  qualifier: choice('Qualifier', 'RFC 5280 §4.2.1.4', { cPSuri: ia5String, userNotice, other: any }),
});

export const certificatePolicies = sequenceOf(
  sequence('PolicyInformation', 'RFC 5280 §4.2.1.4', {
    policyIdentifier: oid,
    policyQualifiers: optional(sequenceOf(policyQualifierInfo, 1)),
  }),
  1,
  'RFC 5280 §4.2.1.4',
);

export const policyMappings = sequenceOf(
  sequence('PolicyMapping', 'RFC 5280 §4.2.1.5', { issuerDomainPolicy: oid, subjectDomainPolicy: oid }),
  1,
  'RFC 5280 §4.2.1.5',
);

/** An attribute with a set of values (RFC 5912's AttributeSet): also in requests and PKCS#12. */
export const attributeSet = sequence('Attribute', 'RFC 5280 §4.2.1.8', { type: oid, values: setOf(any) });

export const subjectDirectoryAttributes = sequenceOf(attributeSet, 1, 'RFC 5280 §4.2.1.8');

/** RFC 3280 §4.2.1.4; RFC 5280 dropped it, old roots have it. */
export const privateKeyUsagePeriod = sequence('PrivateKeyUsagePeriod', 'RFC 3280 §4.2.1.4', {
  notBefore: optional(implicit(0, generalizedTime)),
  notAfter: optional(implicit(1, generalizedTime)),
});

export const policyConstraints = sequence('PolicyConstraints', 'RFC 5280 §4.2.1.11', {
  requireExplicitPolicy: optional(implicit(0, smallInteger)),
  inhibitPolicyMapping: optional(implicit(1, smallInteger)),
});

/** Extension numbers of TLS that the server has to use: 5 is OCSP stapling (RFC 7633). */
export const tlsFeature = sequenceOf(smallInteger, 1, 'RFC 7633 §6');

// ---- Public and private keys ----

export const rsaPublicKey = sequence('RSAPublicKey', 'RFC 8017 §A.1.1', {
  modulus: integer,
  publicExponent: integer,
});

export const rsaPssParameters = sequence('RSASSA-PSS-params', 'RFC 8017 §A.2.3', {
  hashAlgorithm: optional(explicit(0, algorithmIdentifier)),
  maskGenAlgorithm: optional(explicit(1, algorithmIdentifier)),
  // Producers that spell out the default of 20 exist; the value is the same either way.
  saltLength: optional(explicit(2, smallInteger)),
  trailerField: optional(explicit(3, smallInteger)),
});

export const privateKeyInfo = sequence('PrivateKeyInfo', 'RFC 5958 §2', {
  version: smallInteger,
  privateKeyAlgorithm: algorithmIdentifier,
  privateKey: octetString,
  attributes: optional(implicit(0, setOf(any))),
  publicKey: optional(implicit(1, bitString)),
});

export const encryptedPrivateKeyInfo = sequence('EncryptedPrivateKeyInfo', 'RFC 5958 §3', {
  encryptionAlgorithm: algorithmIdentifier,
  encryptedData: octetString,
});

export const rsaPrivateKey = sequence('RSAPrivateKey', 'RFC 8017 §A.1.2', {
  version: smallInteger,
  modulus: integer,
  publicExponent: integer,
  privateExponent: integer,
  prime1: integer,
  prime2: integer,
  exponent1: integer,
  exponent2: integer,
  coefficient: integer,
});

export const ecPrivateKey = sequence('ECPrivateKey', 'RFC 5915 §3', {
  version: smallInteger,
  privateKey: octetString,
  parameters: optional(explicit(0, oid)),
  publicKey: optional(explicit(1, octetBits)),
});

// ---- The annotated tree goes into extensions ----

/** What an extension's OCTET STRING contains, for those that are understood here. */
export const EXTENSION_SYNTAX = {
  subjectDirectoryAttributes,
  subjectKeyIdentifier: octetString,
  keyUsage,
  privateKeyUsagePeriod,
  subjectAltName: generalNames,
  issuerAltName: generalNames,
  basicConstraints,
  nameConstraints,
  crlDistributionPoints: distributionPoints,
  certificatePolicies,
  policyMappings,
  authorityKeyIdentifier,
  policyConstraints,
  extKeyUsage,
  freshestCrl: distributionPoints,
  inhibitAnyPolicy: smallInteger,
  authorityInfoAccess: infoAccess,
  subjectInfoAccess: infoAccess,
  tlsFeature,
  signedCertificateTimestamps: sctListSyntax,
  precertificatePoison: nullValue,
  netscapeCertType: bitString,
} as const;
