/**
 * The ASN.1 of revocation: CRLs (RFC 5280 §5), OCSP requests and responses (RFC 6960 §4), issuing distribution points
 * (RFC 5280 §5.2.5). What the values mean is told by `crl.ts`, `ocsp.ts` and `distribution-points.ts`.
 */
import type { Reader, Writer } from '../../bytes/index.js';
import type { AnnotatedNode } from '../../codec/codec.js';
import {
  algorithmIdentifier,
  authorityKeyIdentifier,
  crlReasons,
  distributionPointName,
  distributionPoints,
  extensions,
  generalName,
  generalNames,
  infoAccess,
  name,
  oid,
  time,
} from '../asn1.js';
import {
  any,
  boolean,
  choice,
  type Der,
  explicit,
  generalizedTime,
  implicit,
  integer,
  nullValue,
  octetBits,
  octetString,
  optional,
  sequence,
  sequenceOf,
  smallInteger,
  type Tagged,
  tagged,
  withDefault,
  withRaw,
} from '../der/index.js';

/** ENUMERATED has the content of an INTEGER (X.690 §8.4). */
export const enumerated: Tagged<number> = tagged(0x0a, 'ENUMERATED', smallInteger.content);

// ---- CRLs (RFC 5280 §5.1) ----

/** §5.3.1. Seven is not used. */
export const ENTRY_REASONS = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  '(unused)',
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const;

/** Why a certificate was revoked. */
export type RevocationReason = Exclude<(typeof ENTRY_REASONS)[number], '(unused)'>;

export const revokedCertificate = sequence('RevokedCertificate', 'RFC 5280 §5.1.2.6', {
  userCertificate: integer,
  revocationDate: time,
  crlEntryExtensions: optional(extensions),
});

/** Entries are shown up to here; a list may have millions. */
const SHOWN_ENTRIES = 256;

/** The list of entries as bytes: it is scanned, never decoded as a whole (see `crl.ts`). */
const revokedCertificates: Tagged<Uint8Array> = tagged(
  0x30,
  'SEQUENCE OF RevokedCertificate',
  {
    decode: (body: Reader) => body.rest(),
    encode: (writer: Writer, bytes: Uint8Array) => writer.append(bytes),
    annotate(body: Reader) {
      const children: AnnotatedNode[] = [];
      while (body.remaining > 0 && children.length < SHOWN_ENTRIES) {
        const child = revokedCertificate.annotate(body, String(children.length));
        children.push(child);
        if (child.error) return { value: '', children, error: true };
      }
      const left = body.rest().length;
      return { value: left > 0 ? `${left} more bytes of entries` : '', children };
    },
  },
  'RFC 5280 §5.1.2.6',
);

export const tbsCertList = sequence('TBSCertList', 'RFC 5280 §5.1.2', {
  /** Absent in version 1. */
  version: optional(smallInteger),
  signature: withRaw(algorithmIdentifier),
  issuer: withRaw(name),
  thisUpdate: time,
  nextUpdate: optional(time),
  revokedCertificates: optional(revokedCertificates),
  crlExtensions: optional(explicit(0, extensions)),
});

export const certificateList = sequence('CertificateList', 'RFC 5280 §5.1.1', {
  tbsCertList: withRaw(tbsCertList),
  signatureAlgorithm: withRaw(algorithmIdentifier),
  signatureValue: octetBits,
});

export const issuingDistributionPoint = sequence('IssuingDistributionPoint', 'RFC 5280 §5.2.5', {
  distributionPoint: optional(explicit(0, distributionPointName)),
  onlyContainsUserCerts: withDefault(implicit(1, boolean), false),
  onlyContainsCACerts: withDefault(implicit(2, boolean), false),
  onlySomeReasons: optional(implicit(3, crlReasons)),
  indirectCRL: withDefault(implicit(4, boolean), false),
  onlyContainsAttributeCerts: withDefault(implicit(5, boolean), false),
});

/** What the extensions of CRLs and their entries contain. */
export const CRL_EXTENSION_SYNTAX: Readonly<Record<string, Der<unknown>>> = {
  '2.5.29.18': generalNames,
  '2.5.29.20': integer,
  '2.5.29.21': enumerated,
  '2.5.29.24': generalizedTime,
  '2.5.29.27': integer,
  '2.5.29.28': issuingDistributionPoint,
  '2.5.29.29': generalNames,
  '2.5.29.35': authorityKeyIdentifier,
  '2.5.29.46': distributionPoints,
  '1.3.6.1.5.5.7.1.1': infoAccess,
};

// ---- OCSP (RFC 6960 §4.1.1, §4.2.1) ----

export const certId = sequence('CertID', 'RFC 6960 §4.1.1', {
  hashAlgorithm: algorithmIdentifier,
  issuerNameHash: octetString,
  issuerKeyHash: octetString,
  serialNumber: integer,
});

const tbsRequest = sequence('TBSRequest', 'RFC 6960 §4.1.1', {
  version: withDefault(explicit(0, smallInteger), 0),
  requestorName: optional(explicit(1, generalName)),
  requestList: sequenceOf(
    sequence('Request', 'RFC 6960 §4.1.1', {
      reqCert: certId,
      singleRequestExtensions: optional(explicit(0, extensions)),
    }),
  ),
  requestExtensions: optional(explicit(2, extensions)),
});

export const ocspRequest = sequence('OCSPRequest', 'RFC 6960 §4.1.1', {
  tbsRequest,
  optionalSignature: optional(explicit(0, any)),
});

const responderId = choice('ResponderID', 'RFC 6960 §4.2.1', {
  byName: explicit(1, withRaw(name)),
  byKey: explicit(2, octetString),
});

const revokedInfo = sequence('RevokedInfo', 'RFC 6960 §4.2.1', {
  revocationTime: generalizedTime,
  revocationReason: optional(explicit(0, enumerated)),
});

const certStatus = choice('CertStatus', 'RFC 6960 §4.2.1', {
  good: implicit(0, nullValue),
  revoked: implicit(1, revokedInfo),
  unknown: implicit(2, nullValue),
});

export const singleResponse = sequence('SingleResponse', 'RFC 6960 §4.2.1', {
  certID: certId,
  certStatus,
  thisUpdate: generalizedTime,
  nextUpdate: optional(explicit(0, generalizedTime)),
  singleExtensions: optional(explicit(1, extensions)),
});

export const responseData = sequence('ResponseData', 'RFC 6960 §4.2.1', {
  version: withDefault(explicit(0, smallInteger), 0),
  responderID: responderId,
  producedAt: generalizedTime,
  responses: sequenceOf(singleResponse),
  responseExtensions: optional(explicit(1, extensions)),
});

export const basicOcspResponse = sequence('BasicOCSPResponse', 'RFC 6960 §4.2.1', {
  tbsResponseData: withRaw(responseData),
  signatureAlgorithm: algorithmIdentifier,
  signature: octetBits,
  certs: optional(explicit(0, sequenceOf(any))),
});

export const ocspResponse = sequence('OCSPResponse', 'RFC 6960 §4.2.1', {
  responseStatus: enumerated,
  responseBytes: optional(
    explicit(0, sequence('ResponseBytes', 'RFC 6960 §4.2.1', { responseType: oid, response: octetString })),
  ),
});
