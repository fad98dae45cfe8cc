/**
 * Makes certificates: self-signed ones, authorities, intermediates and leaves, with every extension of RFC 5280 §4.2.
 * Issues what RFC 5280 §4 and `openssl verify -x509_strict` demand. Keeps no records: neither serial numbers nor
 * revocations.
 */
import type { PrivateKey } from '../crypto/provider.js';
import { algorithmIdentifier, extension, time } from './asn1.js';
import { type Certificate, parseCertificate } from './certificate.js';
import { any, encodeDer, explicit, integer, sequence, sequenceOf, smallInteger } from './der/index.js';
import { certificateExtensions, type ExtensionOptions } from './issuing/extensions.js';
import { serialNumber, timeValue } from './issuing/fields.js';
import { encodeName, isEmptyName, type NameInput } from './issuing/names.js';
import {
  asCertificate,
  type Issuer,
  type SigningOptions,
  signingWith,
  signStructure,
} from './issuing/sign.js';

export interface CertificateRequestOptions extends SigningOptions, ExtensionOptions {
  /** Attributes by short name, in order: `{ CN: 'example.com', O: 'Example' }`. A string is the common name. */
  readonly subject: NameInput;
  /** SubjectPublicKeyInfo; for a self-signed certificate left out. */
  readonly publicKey?: Uint8Array | undefined;
  /** Who signs. Left out: `key` signs its own certificate. */
  readonly issuer?: Issuer | undefined;
  /** The subject's own key; needed without `issuer`. */
  readonly key?: PrivateKey | undefined;
  /** Milliseconds since 1970, cut to whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Positive, at most 20 bytes; left out: 16 random ones. */
  readonly serial?: Uint8Array | undefined;
}

/**
 * Builds and signs a certificate; gives its DER. The signature is verified before it is returned. Throws RangeError or
 * TypeError on options that do not fit together, CryptoError where the key signs with something else than its public half.
 */
export async function createCertificate(options: CertificateRequestOptions): Promise<Uint8Array> {
  const signer = options.issuer?.key ?? options.key;
  if (!signer) throw new TypeError('"key" or "issuer" expected');
  const spki = options.publicKey ?? options.key?.spki;
  if (!spki) throw new TypeError('"publicKey" or "key" expected');
  const issuer: Certificate | undefined = options.issuer && asCertificate(options.issuer.certificate);
  const subject = encodeName(options.subject);
  const signing = signingWith(signer, options);
  const tbs = encodeDer(tbsSyntax, {
    version: 2,
    serialNumber: serialNumber(options.serial ?? options.provider.random(16)),
    signature: signing.identifier,
    issuer: issuer?.subject.raw ?? subject,
    validity: { notBefore: timeValue(options.notBefore), notAfter: timeValue(options.notAfter) },
    subject,
    subjectPublicKeyInfo: spki,
    extensions: certificateExtensions(options, spki, issuer, isEmptyName(options.subject)),
  });
  const der = await signStructure(signing, tbs);
  parseCertificate(der);
  return der;
}

/** TBSCertificate as it is written: names and key are bytes already. */
const tbsSyntax = sequence('TBSCertificate', 'RFC 5280 §4.1.2', {
  version: explicit(0, smallInteger),
  serialNumber: integer,
  signature: algorithmIdentifier,
  issuer: any,
  validity: sequence('Validity', 'RFC 5280 §4.1.2.5', { notBefore: time, notAfter: time }),
  subject: any,
  subjectPublicKeyInfo: any,
  extensions: explicit(3, sequenceOf(extension, 1)),
});
