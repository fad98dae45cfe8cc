/** Certificate requests, PKCS#10 (RFC 2986), with the extensions that they ask for (RFC 2985 §5.4.2). */
import type { AnnotatedNode } from '../../codec/codec.js';
import { CryptoError, type Provider, type SignatureAlgorithm } from '../../crypto/provider.js';
import { type PublicKeySummary, publicKeySummary, signatureAlgorithmOf } from '../algorithms.js';
import { extensions as extensionsSyntax } from '../asn1.js';
import { annotateDer, asX509Error, decodeDer, type InferDer, x509Error } from '../der/index.js';
import { type DistinguishedName, distinguishedName } from '../distinguished-name.js';
import {
  type Extension,
  type KnownExtensions,
  moved,
  openExtensions,
  parseExtensions,
} from '../extensions.js';
import { certificationRequest } from './asn1.js';
import { FORMAT_OID } from './oids.js';

const MAX_REQUEST_BYTES = 128 * 1024;

/** The extensions are those asked for; nobody has granted them yet. */
export interface CertificateRequest extends KnownExtensions {
  readonly der: Uint8Array;
  /** The to-be-signed part, header included. */
  readonly tbs: Uint8Array;
  readonly subject: DistinguishedName;
  /** SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  readonly publicKeyAlgorithm: PublicKeySummary;
  /** Null where the algorithm, or its parameters, are unknown. */
  readonly signatureAlgorithm: SignatureAlgorithm | null;
  readonly signatureAlgorithmOid: string;
  readonly signature: Uint8Array;
  readonly extensions: readonly Extension[];
  /** All attributes, those with the extensions too; values as DER. */
  readonly attributes: readonly { readonly oid: string; readonly values: readonly Uint8Array[] }[];
}

/** Throws X509Error. Does not check the signature: see `requestIsSigned`. */
export function parseCertificateRequest(der: Uint8Array): CertificateRequest {
  if (der.length > MAX_REQUEST_BYTES) throw x509Error('too_large', 0, { size: der.length });
  const outer = decodeDer(certificationRequest, der);
  const { value: info, raw: tbs } = outer.certificationRequestInfo;
  if (info.version !== 0) {
    throw x509Error('bad_version', 0, { version: info.version + 1 }).within(
      'certificationRequestInfo.version',
    );
  }
  const offsetOf = (view: Uint8Array): number => view.byteOffset - der.byteOffset;
  const spki = info.subjectPKInfo;
  const attributes = (info.attributes ?? []).map(({ type, values }) => ({ oid: type, values }));
  const extensions = requestedExtensions(attributes, offsetOf);
  return {
    der,
    tbs,
    subject: at('subject', () => distinguishedName(info.subject)),
    spki: spki.raw,
    publicKeyAlgorithm: at('subjectPKInfo', () =>
      publicKeySummary(
        spki.value.algorithm,
        spki.value.subjectPublicKey,
        offsetOf(spki.value.subjectPublicKey),
      ),
    ),
    signatureAlgorithm: at('signatureAlgorithm', () => signatureAlgorithmOf(outer.signatureAlgorithm.value)),
    signatureAlgorithmOid: outer.signatureAlgorithm.value.algorithm,
    signature: outer.signature,
    extensions,
    attributes,
    ...parseExtensions(extensions, offsetOf, 'certificationRequestInfo.attributes.extensionRequest'),
  };
}

function at<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw asX509Error(error).within(`certificationRequestInfo.${field}`);
  }
}

/** RFC 2985 §5.4.2: one attribute with one value. Microsoft's identifier for the same is as common. */
function requestedExtensions(
  attributes: CertificateRequest['attributes'],
  offsetOf: (view: Uint8Array) => number,
): Extension[] {
  const asking = attributes.filter(
    ({ oid }) => oid === FORMAT_OID.extensionRequest || oid === FORMAT_OID.microsoftExtensionRequest,
  );
  return asking.flatMap(({ values }) => {
    const [value] = values;
    if (value === undefined || values.length > 1) {
      throw x509Error('bad_value', 0, { values: values.length }).within(
        'certificationRequestInfo.attributes.extensionRequest',
      );
    }
    return at('attributes.extensionRequest', () =>
      decodeDer(extensionsSyntax, value, offsetOf(value)).map(
        ({ extnID, critical, extnValue }: InferDer<typeof extensionsSyntax>[number]): Extension => ({
          oid: extnID,
          critical,
          value: extnValue,
        }),
      ),
    );
  });
}

/** Whether the request is signed with the key that it is for (RFC 2986 §3). */
export function requestIsSigned(request: CertificateRequest, provider: Provider): boolean {
  if (request.signatureAlgorithm === null) return false;
  try {
    const key = provider.importPublicKey(request.spki);
    return key.verify(request.signatureAlgorithm, request.tbs, request.signature);
  } catch (error) {
    if (error instanceof CryptoError) return false;
    throw error;
  }
}

/** The tree of names, byte ranges, values and RFC sections. Never throws on bad bytes. */
export function annotateCertificateRequest(der: Uint8Array): AnnotatedNode {
  return openAttributes(annotateDer(certificationRequest, der, 'certificationRequest'), der);
}

/** Puts the tree of the extensions in place of the values of an extensionRequest. */
function openAttributes(node: AnnotatedNode, der: Uint8Array): AnnotatedNode {
  const [type, values] = node.children;
  const asks =
    node.type === 'Attribute' &&
    (type?.value.includes(FORMAT_OID.extensionRequest) ||
      type?.value.includes(FORMAT_OID.microsoftExtensionRequest));
  if (!asks || !type || !values) {
    return { ...node, children: node.children.map((child) => openAttributes(child, der)) };
  }
  const opened = values.children.map((value) => {
    const tree = annotateDer(extensionsSyntax, der.subarray(value.start, value.end), 'extensions');
    return openExtensions(moved(tree, value.start), der);
  });
  const error = opened.find((child) => child.error)?.error;
  return { ...node, children: [type, { ...values, children: opened, ...(error && { error }) }] };
}
