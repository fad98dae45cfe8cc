/**
 * OCSP requests and responses as values (RFC 6960 §4, RFC 9654 for the nonce). Makes requests; reads both. Says nothing
 * about who signed a response and whether it is still true: see `check-ocsp.ts`.
 */
import { equal } from '../../bytes/index.js';
import type { AnnotatedNode } from '../../codec/codec.js';
import type { Provider, SignatureAlgorithm } from '../../crypto/provider.js';
import type { HashName } from '../../registry/types.js';
import { signatureAlgorithmOf } from '../algorithms.js';
import { subjectPublicKeyInfo } from '../asn1.js';
import type { Certificate } from '../certificate.js';
import {
  annotateDer,
  asX509Error,
  type Der,
  decodeDer,
  encodeDer,
  type InferDer,
  nullValue,
  octetString,
  x509Error,
} from '../der/index.js';
import { type DistinguishedName, distinguishedName } from '../distinguished-name.js';
import type { Extension } from '../extensions.js';
import { moved, openExtensions } from './annotate.js';
import {
  basicOcspResponse,
  type certId,
  ocspRequest,
  ocspResponse,
  type RevocationReason,
  type singleResponse,
} from './asn1.js';
import { reasonOf } from './crl-entries.js';
import { REVOCATION_OID } from './oids.js';

/** Larger responses are refused before anything is read. */
export const MAX_OCSP_BYTES = 256 * 1024;

/** §4.2.1: what a response says about itself. */
export const OCSP_STATUS = [
  'successful',
  'malformedRequest',
  'internalError',
  'tryLater',
  '(unused)',
  'sigRequired',
  'unauthorized',
] as const;

export type OcspResponseStatus = Exclude<(typeof OCSP_STATUS)[number], '(unused)'>;

/** Which certificate is meant (§4.1.1). */
export interface CertId {
  /** Null where the hash is unknown. */
  readonly hash: HashName | null;
  readonly hashOid: string;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  /** Two's complement, as encoded. */
  readonly serial: Uint8Array;
}

export interface SingleResponse {
  readonly certId: CertId;
  readonly status: 'good' | 'revoked' | 'unknown';
  /** Milliseconds since 1970; for `revoked`. */
  readonly revokedAt: number | null;
  readonly reason: RevocationReason | null;
  readonly thisUpdate: number;
  readonly nextUpdate: number | null;
  readonly extensions: readonly Extension[];
  /** SignedCertificateTimestampList (RFC 6962 §3.3), not decoded. */
  readonly sctList: Uint8Array | null;
}

/** A BasicOCSPResponse. */
export interface OcspResponse {
  readonly der: Uint8Array;
  readonly tbs: Uint8Array;
  readonly signatureAlgorithm: SignatureAlgorithm | null;
  readonly signatureAlgorithmOid: string;
  readonly signature: Uint8Array;
  readonly responder:
    | { readonly kind: 'name'; readonly name: DistinguishedName }
    | { readonly kind: 'key' /** SHA-1 of the public key. */; readonly hash: Uint8Array };
  readonly producedAt: number;
  readonly responses: readonly SingleResponse[];
  readonly nonce: Uint8Array | null;
  readonly extensions: readonly Extension[];
  /** DER of certificates that help to verify the signature. */
  readonly certificates: readonly Uint8Array[];
}

export type OcspMessage =
  | { readonly status: 'successful'; readonly response: OcspResponse }
  | { readonly status: Exclude<OcspResponseStatus, 'successful'>; readonly response: null };

export interface OcspRequest {
  readonly der: Uint8Array;
  readonly certIds: readonly CertId[];
  readonly nonce: Uint8Array | null;
  readonly isSigned: boolean;
}

const HASHES: ReadonlyMap<string, HashName> = new Map([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

export type CertIdHash = 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** The CertID of a certificate (§4.1.1). */
export function certIdOf(
  certificate: Pick<Certificate, 'serial'>,
  issuer: Certificate,
  hash: CertIdHash,
  provider: Provider,
): InferDer<typeof certId> {
  const { subjectPublicKey } = decodeDer(subjectPublicKeyInfo, issuer.spki);
  const algorithm = [...HASHES].find(([, name]) => name === hash)![0];
  return {
    hashAlgorithm: { algorithm, parameters: encodeDer(nullValue, null) },
    issuerNameHash: provider.digest(hash, issuer.subject.raw),
    issuerKeyHash: provider.digest(hash, subjectPublicKey),
    serialNumber: certificate.serial,
  };
}

/** Whether the response is about this certificate. False for hashes that are unknown here. */
export function isAbout(
  id: CertId,
  certificate: Certificate,
  issuer: Certificate,
  provider: Provider,
): boolean {
  if (id.hash === null || !equal(id.serial, certificate.serial)) return false;
  const own = certIdOf(certificate, issuer, id.hash as CertIdHash, provider);
  return equal(own.issuerNameHash, id.issuerNameHash) && equal(own.issuerKeyHash, id.issuerKeyHash);
}

export interface OcspRequestOptions {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  readonly provider: Provider;
  /** Of issuer's name and key. Default SHA-1, which is what every responder understands and no security rests on. */
  readonly hash?: CertIdHash | undefined;
  /** 1 to 128 bytes; `true`: 32 random ones (RFC 9654 §2.1). Default none: responders that prepare their answers ignore it. */
  readonly nonce?: Uint8Array | boolean | undefined;
}

/** A request for one certificate, with the nonce that is in it. Throws RangeError for a nonce of another length. */
export function createOcspRequest(options: OcspRequestOptions): {
  readonly der: Uint8Array;
  readonly nonce: Uint8Array | null;
} {
  const { certificate, issuer, provider, hash = 'sha1' } = options;
  const nonce = options.nonce === true ? provider.random(32) : options.nonce || null;
  if (nonce && (nonce.length < 1 || nonce.length > 128)) {
    throw new RangeError(`"nonce" expected 1 to 128 bytes, got ${nonce.length}`);
  }
  const der = encodeDer(ocspRequest, {
    tbsRequest: {
      version: 0,
      requestorName: undefined,
      requestList: [
        { reqCert: certIdOf(certificate, issuer, hash, provider), singleRequestExtensions: undefined },
      ],
      requestExtensions: nonce ? [nonceExtension(nonce)] : undefined,
    },
    optionalSignature: undefined,
  });
  return { der, nonce };
}

/** RFC 9654 §2.1. */
export function nonceExtension(nonce: Uint8Array): {
  extnID: string;
  critical: boolean;
  extnValue: Uint8Array;
} {
  return {
    extnID: REVOCATION_OID.ocspNonce,
    critical: false,
    extnValue: encodeDer(octetString, nonce),
  };
}

/** Decodes a request. Throws X509Error. */
export function parseOcspRequest(der: Uint8Array): OcspRequest {
  if (der.length > MAX_OCSP_BYTES) throw x509Error('too_large', 0, { size: der.length });
  const { tbsRequest, optionalSignature } = decodeDer(ocspRequest, der);
  if (tbsRequest.version !== 0) throw x509Error('bad_version', 0, { version: tbsRequest.version + 1 });
  return {
    der,
    certIds: tbsRequest.requestList.map(({ reqCert }) => readCertId(reqCert)),
    nonce: nonceIn(readExtensions(tbsRequest.requestExtensions)),
    isSigned: optionalSignature !== undefined,
  };
}

/** Decodes a response. Throws X509Error; one that reports an error is a value, not an exception. */
export function parseOcspResponse(der: Uint8Array): OcspMessage {
  if (der.length > MAX_OCSP_BYTES) throw x509Error('too_large', 0, { size: der.length });
  const { responseStatus, responseBytes } = decodeDer(ocspResponse, der);
  const status = OCSP_STATUS[responseStatus];
  if (status === undefined || status === '(unused)') {
    throw x509Error('integer_out_of_range', 0, { status: responseStatus }).within('responseStatus');
  }
  // §4.2.1: responseBytes are there exactly where the request was answered.
  if (status !== 'successful') return { status, response: null };
  if (!responseBytes) throw x509Error('missing_field', 0).within('responseBytes');
  if (responseBytes.responseType !== REVOCATION_OID.ocspBasic) {
    throw x509Error('wrong_tag', 0, { responseType: responseBytes.responseType }).within('responseType');
  }
  const basic = responseBytes.response;
  try {
    return { status, response: readBasic(basic) };
  } catch (error) {
    throw asX509Error(error)
      .within('responseBytes.response')
      .shifted(basic.byteOffset - der.byteOffset);
  }
}

function readBasic(der: Uint8Array): OcspResponse {
  const basic = decodeDer(basicOcspResponse, der);
  const { value: data, raw } = basic.tbsResponseData;
  if (data.version !== 0) throw x509Error('bad_version', 0, { version: data.version + 1 });
  const extensions = readExtensions(data.responseExtensions);
  const id = data.responderID;
  return {
    der,
    tbs: raw,
    signatureAlgorithm: signatureAlgorithmOf(basic.signatureAlgorithm),
    signatureAlgorithmOid: basic.signatureAlgorithm.algorithm,
    signature: basic.signature,
    responder:
      id.kind === 'byName'
        ? { kind: 'name', name: distinguishedName(id.value) }
        : { kind: 'key', hash: id.value },
    producedAt: data.producedAt,
    responses: data.responses.map(readSingle),
    nonce: nonceIn(extensions),
    extensions,
    certificates: basic.certs ?? [],
  };
}

function readSingle(single: InferDer<typeof singleResponse>): SingleResponse {
  const { certStatus } = single;
  const info = certStatus.kind === 'revoked' ? certStatus.value : null;
  const extensions = readExtensions(single.singleExtensions);
  const scts = extensions.find(({ oid }) => oid === REVOCATION_OID.ocspSctList);
  return {
    certId: readCertId(single.certID),
    status: certStatus.kind,
    revokedAt: info?.revocationTime ?? null,
    reason: info?.revocationReason === undefined ? null : reasonOf(info.revocationReason),
    thisUpdate: single.thisUpdate,
    nextUpdate: single.nextUpdate ?? null,
    extensions,
    sctList: scts ? decodeDer(octetString, scts.value) : null,
  };
}

function readCertId(id: InferDer<typeof certId>): CertId {
  const { algorithm } = id.hashAlgorithm;
  return {
    hash: HASHES.get(algorithm) ?? null,
    hashOid: algorithm,
    issuerNameHash: id.issuerNameHash,
    issuerKeyHash: id.issuerKeyHash,
    serial: id.serialNumber,
  };
}

type DecodedExtensions = readonly { extnID: string; critical: boolean; extnValue: Uint8Array }[];

function readExtensions(decoded: DecodedExtensions | undefined): readonly Extension[] {
  const seen = new Set<string>();
  return (decoded ?? []).map(({ extnID, critical, extnValue }) => {
    if (seen.has(extnID)) throw x509Error('duplicate_extension', 0, { oid: extnID });
    seen.add(extnID);
    return { oid: extnID, critical, value: extnValue };
  });
}

function nonceIn(extensions: readonly Extension[]): Uint8Array | null {
  const found = extensions.find(({ oid }) => oid === REVOCATION_OID.ocspNonce);
  return found ? decodeDer(octetString, found.value) : null;
}

const EXTENSION_SYNTAX: Readonly<Record<string, Der<unknown>>> = {
  [REVOCATION_OID.ocspNonce]: octetString,
  [REVOCATION_OID.ocspSctList]: octetString,
};

export function annotateOcspRequest(der: Uint8Array): AnnotatedNode {
  return openExtensions(annotateDer(ocspRequest, der, 'OCSP request'), der, EXTENSION_SYNTAX);
}

/** The tree of a response, what is inside of its OCTET STRING included. Never throws on bad bytes. */
export function annotateOcspResponse(der: Uint8Array): AnnotatedNode {
  return openBasic(annotateDer(ocspResponse, der, 'OCSP response'), der);
}

function openBasic(node: AnnotatedNode, der: Uint8Array): AnnotatedNode {
  if (node.name !== 'response' || node.type !== octetString.type || node.error) {
    return node.children.length === 0
      ? node
      : { ...node, children: node.children.map((child) => openBasic(child, der)) };
  }
  const content = decodeDer(octetString, der.subarray(node.start, node.end));
  const basic = openExtensions(
    annotateDer(basicOcspResponse, content, 'basicOCSPResponse'),
    content,
    EXTENSION_SYNTAX,
  );
  const child = moved(basic, node.end - content.length);
  return { ...node, value: '', children: [child], ...(child.error && { error: child.error }) };
}
