/**
 * Makes certificates: self-signed ones for local servers, and small authorities for tests. Issues what RFC 5280 §4 and
 * `openssl verify -x509_strict` demand. Keeps no records: no serial numbers, no revocation.
 */
import { concat } from '../bytes/index.js';
import type { PrivateKey, Provider, SignatureAlgorithm } from '../crypto/provider.js';
import { identifierOf } from './algorithms.js';
import {
  algorithmIdentifier,
  authorityKeyIdentifier,
  basicConstraints,
  extension,
  extKeyUsage,
  type generalName,
  generalNames,
  KEY_USAGES,
  keyUsage,
  name,
  nameConstraints,
  signedCertificate,
  subjectPublicKeyInfo,
  time,
} from './asn1.js';
import { type Certificate, parseCertificate } from './certificate.js';
import {
  any,
  type Der,
  decodeDer,
  encodeDer,
  explicit,
  type InferDer,
  integer,
  octetString,
  printableString,
  sequence,
  sequenceOf,
  smallInteger,
  utf8String,
} from './der/index.js';
import type { Extension, KeyUsageName } from './extensions.js';
import { parseIp } from './ip.js';
import { ATTRIBUTE_NAMES, OID } from './oids.js';

export interface CertificateRequestOptions {
  readonly provider: Provider;
  /** Attributes by short name, in order: `{ CN: 'example.com', O: 'Example' }`. A string is the common name. */
  readonly subject: string | Readonly<Record<string, string>>;
  /** SubjectPublicKeyInfo; for a self-signed certificate left out. */
  readonly publicKey?: Uint8Array | undefined;
  /** Who signs. Left out: `key` signs its own certificate. */
  readonly issuer?: { readonly certificate: Uint8Array | Certificate; readonly key: PrivateKey } | undefined;
  /** The subject's own key; needed without `issuer`. */
  readonly key?: PrivateKey | undefined;
  /** IANA name of the scheme to sign with; left out: PKCS#1 v1.5 with SHA-256 for RSA, else the key's own. */
  readonly scheme?: string | undefined;
  /** DNS names, IP addresses, e-mail addresses (with `@`) and URIs (with `://`). */
  readonly altNames?: readonly string[] | undefined;
  /** Milliseconds since 1970, cut to whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly isCa?: boolean | undefined;
  readonly pathLength?: number | undefined;
  /** Left out: what the kind of certificate needs. */
  readonly keyUsage?: readonly KeyUsageName[] | undefined;
  /** Left out: both in a leaf, none in a CA. An empty list: no such extension. */
  readonly extKeyUsage?: readonly ('serverAuth' | 'clientAuth' | (string & {}))[] | undefined;
  /** DNS names and IP ranges (`192.0.2.0/24`) for a CA. */
  readonly permittedNames?: readonly string[] | undefined;
  readonly excludedNames?: readonly string[] | undefined;
  /** Positive, at most 20 bytes; left out: 16 random ones. */
  readonly serial?: Uint8Array | undefined;
  /** Put at the end, as they are. */
  readonly extraExtensions?: readonly Extension[] | undefined;
}

/** ECDSA in the key's order, whose hash goes with its curve; otherwise in ours, since PKCS#1 v1.5 is what everybody verifies. */
function preferredScheme(schemes: readonly string[]): string | undefined {
  const ecdsa = schemes.find((name) => name.startsWith('ecdsa') && SCHEMES.has(name));
  return ecdsa ?? [...SCHEMES.keys()].find((name) => schemes.includes(name));
}

/** Builds and signs a certificate; gives its DER. Throws RangeError or TypeError on options that do not fit together. */
export async function createCertificate(options: CertificateRequestOptions): Promise<Uint8Array> {
  const signer = options.issuer?.key ?? options.key;
  if (!signer) throw new TypeError('"key" or "issuer" expected');
  const spki = options.publicKey ?? options.key?.spki;
  if (!spki) throw new TypeError('"publicKey" or "key" expected');
  const issuerCertificate = options.issuer && asCertificate(options.issuer.certificate);
  const subject = encodeDer(name, distinguishedNameOf(options.subject));
  const scheme = options.scheme ?? preferredScheme(signer.schemes);
  const algorithm = scheme === undefined ? undefined : SCHEMES.get(scheme);
  if (scheme === undefined || !algorithm || !signer.schemes.includes(scheme)) {
    throw new RangeError(`"scheme" expected one of the key's that certificates can carry, got ${scheme}`);
  }
  const identifier = identifierOf(algorithm);
  const tbs = encodeDer(tbsSyntax, {
    version: 2,
    serialNumber: serialNumber(options.serial ?? options.provider.random(16)),
    signature: identifier,
    issuer: issuerCertificate?.subject.raw ?? subject,
    validity: { notBefore: timeValue(options.notBefore), notAfter: timeValue(options.notAfter) },
    subject,
    subjectPublicKeyInfo: spki,
    extensions: extensionsFor(options, spki, issuerCertificate),
  });
  const signature = await signer.sign(scheme, tbs);
  return encodeDer(signedCertificate, {
    tbsCertificate: tbs,
    signatureAlgorithm: encodeDer(algorithmIdentifier, identifier),
    signatureValue: signature,
  });
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

const pss = (hash: 'sha256' | 'sha384' | 'sha512', saltLength: number): SignatureAlgorithm => ({
  kind: 'rsa-pss',
  hash,
  saltLength,
});

/** IANA signature schemes as certificates can carry them, those that everyone can verify first. */
const SCHEMES: ReadonlyMap<string, SignatureAlgorithm> = new Map<string, SignatureAlgorithm>([
  ['rsa_pkcs1_sha256', { kind: 'rsa-pkcs1', hash: 'sha256' }],
  ['rsa_pkcs1_sha384', { kind: 'rsa-pkcs1', hash: 'sha384' }],
  ['rsa_pkcs1_sha512', { kind: 'rsa-pkcs1', hash: 'sha512' }],
  ['rsa_pkcs1_sha1', { kind: 'rsa-pkcs1', hash: 'sha1' }],
  ['rsa_pss_rsae_sha256', pss('sha256', 32)],
  ['rsa_pss_rsae_sha384', pss('sha384', 48)],
  ['rsa_pss_rsae_sha512', pss('sha512', 64)],
  ['rsa_pss_pss_sha256', pss('sha256', 32)],
  ['rsa_pss_pss_sha384', pss('sha384', 48)],
  ['rsa_pss_pss_sha512', pss('sha512', 64)],
  ['ecdsa_secp256r1_sha256', { kind: 'ecdsa', hash: 'sha256' }],
  ['ecdsa_secp384r1_sha384', { kind: 'ecdsa', hash: 'sha384' }],
  ['ecdsa_secp521r1_sha512', { kind: 'ecdsa', hash: 'sha512' }],
  ['ecdsa_sha1', { kind: 'ecdsa', hash: 'sha1' }],
  ['ed25519', { kind: 'ed25519' }],
  ['ed448', { kind: 'ed448' }],
  ['mldsa44', { kind: 'ml-dsa-44' }],
  ['mldsa65', { kind: 'ml-dsa-65' }],
  ['mldsa87', { kind: 'ml-dsa-87' }],
]);

function asCertificate(certificate: Uint8Array | Certificate): Certificate {
  return certificate instanceof Uint8Array ? parseCertificate(certificate) : certificate;
}

function distinguishedNameOf(subject: string | Readonly<Record<string, string>>): InferDer<typeof name> {
  const attributes = typeof subject === 'string' ? { CN: subject } : subject;
  return Object.entries(attributes).map(([short, value]) => {
    const type = [...ATTRIBUTE_NAMES].find(([, known]) => known === short)?.[0];
    if (type === undefined) throw new RangeError(`"subject" expected known attributes, got ${short}`);
    // RFC 5280 §4.1.2.4: countries are PrintableString.
    return [{ type, value: encodeDer(short === 'C' ? printableString : utf8String, value) }];
  });
}

/** RFC 5280 §4.1.2.2: positive, at most 20 octets. */
function serialNumber(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  if (start < 0 || bytes.length - start > 20)
    throw new RangeError('"serial" expected 1 to 20 bytes, not zero');
  const digits = bytes.subarray(start);
  return digits[0]! >= 0x80 ? concat(Uint8Array.of(0), digits) : digits;
}

const YEAR_2050 = Date.UTC(2050, 0, 1);

/** RFC 5280 §4.1.2.5: UTCTime through 2049. */
function timeValue(ms: number): InferDer<typeof time> {
  const value = Math.floor(ms / 1000) * 1000;
  return value < YEAR_2050 ? { kind: 'utcTime', value } : { kind: 'generalizedTime', value };
}

function extensionsFor(
  options: CertificateRequestOptions,
  spki: Uint8Array,
  issuer: Certificate | undefined,
): InferDer<typeof extension>[] {
  const list: InferDer<typeof extension>[] = [];
  const add = <T>(extnID: string, critical: boolean, der: Der<T>, value: T): void => {
    list.push({ extnID, critical, extnValue: encodeDer(der, value) });
  };
  const isCa = options.isCa === true;
  const keyId = keyIdentifier(options.provider, spki);
  // §4.2.1.9
  add(OID.basicConstraints, true, basicConstraints, {
    cA: isCa,
    pathLenConstraint: isCa ? options.pathLength : undefined,
  });
  const usages = options.keyUsage ?? (isCa ? CA_USAGES : leafUsages(spki));
  if (usages.length > 0) add(OID.keyUsage, true, keyUsage, usageBits(usages));
  const purposes = options.extKeyUsage ?? (isCa ? [] : ['serverAuth', 'clientAuth']);
  if (purposes.length > 0) add(OID.extKeyUsage, false, extKeyUsage, purposes.map(purposeOid));
  add(OID.subjectKeyIdentifier, false, octetString, keyId);
  // §4.2.1.1: may be left out where the key signs itself; with it nothing has to be guessed.
  add(OID.authorityKeyIdentifier, false, authorityKeyIdentifier, {
    keyIdentifier: issuer ? (issuer.subjectKeyId ?? keyIdentifier(options.provider, issuer.spki)) : keyId,
    authorityCertIssuer: undefined,
    authorityCertSerialNumber: undefined,
  });
  if (options.altNames && options.altNames.length > 0) {
    // §4.2.1.6: critical where there is no subject.
    const critical = typeof options.subject !== 'string' && Object.keys(options.subject).length === 0;
    add(OID.subjectAltName, critical, generalNames, options.altNames.map(altName));
  }
  if (options.permittedNames || options.excludedNames) {
    add(OID.nameConstraints, true, nameConstraints, {
      permittedSubtrees: options.permittedNames?.map(subtree),
      excludedSubtrees: options.excludedNames?.map(subtree),
    });
  }
  for (const { oid, critical, value } of options.extraExtensions ?? []) {
    list.push({ extnID: oid, critical, extnValue: value });
  }
  return list;
}

const CA_USAGES: readonly KeyUsageName[] = ['keyCertSign', 'cRLSign'];

/** RSA keys may also be used for RSA key exchange of old versions. */
function leafUsages(spki: Uint8Array): readonly KeyUsageName[] {
  const { algorithm } = decodeDer(subjectPublicKeyInfo, spki).algorithm;
  return algorithm === OID.rsaEncryption ? ['digitalSignature', 'keyEncipherment'] : ['digitalSignature'];
}

function usageBits(usages: readonly KeyUsageName[]): number {
  return usages.reduce((bits, usage) => bits | (1 << KEY_USAGES.indexOf(usage)), 0);
}

function purposeOid(purpose: string): string {
  if (purpose === 'serverAuth' || purpose === 'clientAuth') return OID[purpose];
  return purpose;
}

/** RFC 7093 §2 (1): the left-most 160 bits of SHA-256 of the key. */
function keyIdentifier(provider: Provider, spki: Uint8Array): Uint8Array {
  const { subjectPublicKey } = decodeDer(subjectPublicKeyInfo, spki);
  return provider.digest('sha256', subjectPublicKey).subarray(0, 20);
}

type GeneralNameSyntax = InferDer<typeof generalName>;

function altName(text: string): GeneralNameSyntax {
  const address = parseIp(text);
  if (address) return { kind: 'iPAddress', value: address };
  if (text.includes('://')) return { kind: 'uniformResourceIdentifier', value: text };
  if (text.includes('@')) return { kind: 'rfc822Name', value: text };
  return { kind: 'dNSName', value: text };
}

type Subtree = NonNullable<InferDer<typeof nameConstraints>['permittedSubtrees']>[number];

function subtree(text: string): Subtree {
  return { base: constraintBase(text), minimum: 0, maximum: undefined };
}

function constraintBase(text: string): GeneralNameSyntax {
  const [base, width] = text.split('/');
  const address = width === undefined ? null : parseIp(base!);
  if (!address) return altName(text);
  const bits = Number(width);
  if (!(bits >= 0 && bits <= address.length * 8))
    throw new RangeError(`"range" expected a prefix, got ${text}`);
  const mask = address.map((_, i) => (0xff00 >> Math.min(8, Math.max(0, bits - 8 * i))) & 0xff);
  return { kind: 'iPAddress', value: concat(address, mask) };
}
