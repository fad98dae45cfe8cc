/**
 * Certificates as values (RFC 5280 §4): everything that is in one, decoded and typed. Refuses what is not
 * well-formed; says nothing about trust, time or purpose. All byte fields are views into the input.
 */
import { equal, toHex } from '../bytes/index.js';
import type { AnnotatedNode } from '../codec/codec.js';
import type { Provider, SignatureAlgorithm } from '../crypto/provider.js';
import { type PublicKeySummary, publicKeySummary, signatureAlgorithmOf } from './algorithms.js';
import { certificate as certificateSyntax } from './asn1.js';
import { annotateDer, asX509Error, decodeDer, type InferDer, x509Error } from './der/index.js';
import { type DistinguishedName, distinguishedName } from './distinguished-name.js';
import { type Extension, type KnownExtensions, openExtensions, parseExtensions } from './extensions.js';

/** Larger ones are refused before anything is read. */
export const MAX_CERTIFICATE_BYTES = 128 * 1024;

export interface Certificate extends KnownExtensions {
  readonly der: Uint8Array;
  /** The to-be-signed part, header included. */
  readonly tbs: Uint8Array;
  readonly version: 1 | 2 | 3;
  /** Two's complement, as encoded. */
  readonly serial: Uint8Array;
  /** Hexadecimal digits of `serial`, without the zero byte that keeps it positive. */
  readonly serialHex: string;
  /** Null where the algorithm, or its parameters, are unknown. */
  readonly signatureAlgorithm: SignatureAlgorithm | null;
  readonly signatureAlgorithmOid: string;
  readonly signature: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** Milliseconds since 1970. Both ends belong to the period. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Whether years up to 2049 are UTCTime and later ones GeneralizedTime, as RFC 5280 §4.1.2.5 demands. */
  readonly properTimeTypes: boolean;
  /** SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  readonly publicKeyAlgorithm: PublicKeySummary;
  readonly extensions: readonly Extension[];
  /** Whether issuer and subject are the same name. A self-signed certificate is, but not every such is self-signed. */
  readonly selfIssued: boolean;
}

/** Decodes one certificate, versions 1 to 3. Throws X509Error. */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.length > MAX_CERTIFICATE_BYTES) throw x509Error('too_large', 0, { size: der.length });
  const outer = decodeDer(certificateSyntax, der);
  const { value: tbs, raw: tbsBytes } = outer.tbsCertificate;
  const version = checkVersion(tbs);
  // §4.1.1.2: the same algorithm inside and outside.
  if (!equal(outer.signatureAlgorithm.raw, tbs.signature.raw)) {
    throw x509Error('signature_algorithm_mismatch', offsetOf(outer.signatureAlgorithm.raw, der));
  }
  const issuer = at('issuer', () => distinguishedName(tbs.issuer));
  const subject = at('subject', () => distinguishedName(tbs.subject));
  const spki = tbs.subjectPublicKeyInfo;
  const extensions = (tbs.extensions ?? []).map(
    ({ extnID, critical, extnValue }): Extension => ({ oid: extnID, critical, value: extnValue }),
  );
  return {
    der,
    tbs: tbsBytes,
    version,
    serial: tbs.serialNumber,
    serialHex: toHex(
      tbs.serialNumber.length > 1 && tbs.serialNumber[0] === 0
        ? tbs.serialNumber.subarray(1)
        : tbs.serialNumber,
    ),
    signatureAlgorithm: at('signatureAlgorithm', () => signatureAlgorithmOf(outer.signatureAlgorithm.value)),
    signatureAlgorithmOid: outer.signatureAlgorithm.value.algorithm,
    signature: outer.signatureValue,
    issuer,
    subject,
    notBefore: tbs.validity.notBefore.value,
    notAfter: tbs.validity.notAfter.value,
    properTimeTypes: [tbs.validity.notBefore, tbs.validity.notAfter].every(
      ({ kind, value }) => (kind === 'utcTime') === value < YEAR_2050,
    ),
    spki: spki.raw,
    publicKeyAlgorithm: at('subjectPublicKeyInfo', () =>
      publicKeySummary(
        spki.value.algorithm,
        spki.value.subjectPublicKey,
        offsetOf(spki.value.subjectPublicKey, der),
      ),
    ),
    extensions,
    selfIssued: equal(issuer.raw, subject.raw),
    ...parseExtensions(extensions, (value) => offsetOf(value, der)),
  };
}

const YEAR_2050 = Date.UTC(2050, 0, 1);

type Tbs = InferDer<typeof certificateSyntax>['tbsCertificate']['value'];

/** §4.1.2.1, §4.1.2.8, §4.1.2.9 */
function checkVersion(tbs: Tbs): 1 | 2 | 3 {
  const version = tbs.version + 1;
  if (version !== 1 && version !== 2 && version !== 3) {
    throw x509Error('bad_version', 0, { version }).within('tbsCertificate.version');
  }
  if (tbs.extensions && version !== 3) throw x509Error('extensions_not_allowed', 0, { version });
  if ((tbs.issuerUniqueID || tbs.subjectUniqueID) && version === 1) {
    throw x509Error('unique_id_not_allowed', 0, { version });
  }
  return version;
}

function at<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw asX509Error(error).within(`tbsCertificate.${field}`);
  }
}

/** Where a view begins in the array that it is a view of. */
function offsetOf(view: Uint8Array, whole: Uint8Array): number {
  return view.byteOffset - whole.byteOffset;
}

/** The tree of names, byte ranges, values and RFC sections. Never throws on bad bytes. */
export function annotateCertificate(der: Uint8Array): AnnotatedNode {
  const node = annotateDer(certificateSyntax, der, 'certificate');
  return openExtensions(node, der);
}

/** SHA-256, or another hash, of the whole certificate as lower-case hexadecimal digits. */
export function fingerprint(
  certificate: Certificate | Uint8Array,
  provider: Provider,
  hash: 'sha256' | 'sha1' | 'sha384' | 'sha512' = 'sha256',
): string {
  const der = certificate instanceof Uint8Array ? certificate : certificate.der;
  return toHex(provider.digest(hash, der));
}
