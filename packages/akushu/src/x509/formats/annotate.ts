/** The annotated tree of whatever was identified in a file: names, byte ranges, values and RFC sections. */
import type { AnnotatedNode } from '../../codec/codec.js';
import {
  ecPrivateKey,
  encryptedPrivateKeyInfo,
  oid,
  privateKeyInfo,
  rsaPrivateKey,
  rsaPublicKey,
  subjectPublicKeyInfo,
} from '../asn1.js';
import { annotateCertificate } from '../certificate.js';
import { annotateDer, any, type Der } from '../der/index.js';
import { annotateCrl } from '../revocation/crl.js';
import { annotateOcspRequest, annotateOcspResponse } from '../revocation/ocsp.js';
import { annotateCertificateRequest } from './csr.js';
import { annotatePkcs7 } from './pkcs7.js';
import { annotatePkcs12 } from './pkcs12.js';
import type { FileItem } from './sniff.js';

const TREES: Readonly<Record<string, (bytes: Uint8Array) => AnnotatedNode>> = {
  certificate: annotateCertificate,
  'certificate-request': annotateCertificateRequest,
  crl: annotateCrl,
  'ocsp-request': annotateOcspRequest,
  'ocsp-response': annotateOcspResponse,
  pkcs7: annotatePkcs7,
  pkcs12: annotatePkcs12,
};

/** Where the form tells the structure. */
const SYNTAX: Readonly<Record<string, readonly [string, Der<unknown>]>> = {
  'private-key PKCS#8': ['privateKeyInfo', privateKeyInfo],
  'private-key PKCS#1': ['rsaPrivateKey', rsaPrivateKey],
  'private-key SEC1': ['ecPrivateKey', ecPrivateKey],
  'encrypted-private-key PKCS#8': ['encryptedPrivateKeyInfo', encryptedPrivateKeyInfo],
  'public-key SPKI': ['subjectPublicKeyInfo', subjectPublicKeyInfo],
  'public-key PKCS#1': ['rsaPublicKey', rsaPublicKey],
  'parameters EC': ['namedCurve', oid],
};

/**
 * Null for what is not DER. Offsets are those of `item.bytes`; for BER those of its definite form. The values of private
 * keys are in the tree: whoever shows it decides whether to.
 */
export function annotateItem(item: FileItem): AnnotatedNode | null {
  const { kind, form, bytes } = item;
  // The old encrypted format has ciphertext where DER would be.
  if (bytes === null || (item.encrypted && kind !== 'encrypted-private-key')) return null;
  const tree = TREES[kind];
  if (tree) return tree(bytes);
  const [name, syntax] = SYNTAX[`${kind} ${form}`] ?? ['element', any];
  const isDer = item.encoding === 'der' || item.encoding === 'pem' || item.encoding === 'base64';
  return isDer && (bytes[0] === 0x30 || bytes[0] === 0x06) ? annotateDer(syntax, bytes, name) : null;
}
