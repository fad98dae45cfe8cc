/**
 * The extensions of RFC 5280 §4.2 and those that TLS uses, decoded. One that is known but malformed makes the whole
 * certificate malformed; unknown ones stay bytes, and `path.ts` refuses them where they are critical.
 */
import type { AnnotatedNode } from '../codec/codec.js';
import {
  authorityKeyIdentifier,
  basicConstraints,
  CRL_REASONS,
  certificatePolicies,
  type distributionPoint,
  distributionPoints,
  EXTENSION_SYNTAX,
  extKeyUsage,
  type generalName,
  generalNames,
  infoAccess,
  KEY_USAGES,
  keyUsage,
  nameConstraints,
  policyConstraints,
  policyMappings,
  privateKeyUsagePeriod,
  subjectDirectoryAttributes,
  tlsFeature,
} from './asn1.js';
import {
  annotateDer,
  asX509Error,
  type Der,
  decodeDer,
  type InferDer,
  nullValue,
  octetString,
  smallInteger,
  x509Error,
} from './der/index.js';
import {
  type DistinguishedName,
  distinguishedName,
  type NameAttribute,
  relativeName,
} from './distinguished-name.js';
import { OID, oidName } from './oids.js';

export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** What the OCTET STRING holds. */
  readonly value: Uint8Array;
}

export type KeyUsageName = (typeof KEY_USAGES)[number];

/** RFC 5280 §4.2.1.6. `other` are the forms that TLS has no use for; `form` is the field's name in ASN.1. */
export type GeneralName =
  | { readonly kind: 'dns' | 'email' | 'uri'; readonly value: string }
  | { readonly kind: 'ip'; readonly value: Uint8Array }
  | { readonly kind: 'directory'; readonly value: DistinguishedName }
  | {
      readonly kind: 'other';
      readonly form: 'otherName' | 'x400Address' | 'ediPartyName' | 'registeredID';
      /** The type of an otherName, the value of a registeredID; null for the rest. */
      readonly oid: string | null;
      /** The element with its header. */
      readonly raw: Uint8Array;
    };

export interface BasicConstraints {
  readonly ca: boolean;
  readonly pathLength: number | null;
  /** FALSE stands there, which DER leaves out (X.690 §11.5). */
  readonly writtenDefault?: true;
}

export interface AuthorityKeyId {
  readonly keyId: Uint8Array | null;
  readonly issuer: readonly GeneralName[] | null;
  readonly serial: Uint8Array | null;
}

export interface Subtree {
  /** For `ip`, address followed by mask. */
  readonly base: GeneralName;
  /** Other than 0 and null: RFC 5280 §4.2.1.10 does not allow them. */
  readonly minimum: number;
  readonly maximum: number | null;
}

export interface NameConstraints {
  readonly permitted: readonly Subtree[];
  readonly excluded: readonly Subtree[];
}

export interface PolicyQualifier {
  readonly oid: string;
  /** Where the certification practice statement is, and what is to be shown to people: null where it is neither. */
  readonly cps: string | null;
  readonly notice: string | null;
}

/** RFC 5280 §4.2.1.4 */
export interface PolicyInformation {
  readonly oid: string;
  readonly qualifiers: readonly PolicyQualifier[];
}

export type CrlReason = (typeof CRL_REASONS)[number];

/** RFC 5280 §4.2.1.13. At least one of names and `crlIssuer` should be there; that is for who follows it to judge. */
export interface DistributionPoint {
  readonly fullName: readonly GeneralName[] | null;
  /** To be put at the end of the CRL issuer's name. `raw` is the RelativeDistinguishedName, a SET. */
  readonly relativeName: {
    readonly attributes: readonly NameAttribute[];
    readonly raw: Uint8Array;
  } | null;
  /** Null stands for all of them. */
  readonly reasons: readonly CrlReason[] | null;
  readonly crlIssuer: readonly GeneralName[] | null;
}

export interface AccessDescription {
  /** Object identifier. */
  readonly method: string;
  readonly location: GeneralName;
}

export interface KnownExtensions {
  readonly basicConstraints: BasicConstraints | null;
  readonly keyUsage: readonly KeyUsageName[] | null;
  /** Object identifiers. */
  readonly extKeyUsage: readonly string[] | null;
  readonly subjectAltName: readonly GeneralName[] | null;
  readonly issuerAltName: readonly GeneralName[] | null;
  readonly subjectKeyId: Uint8Array | null;
  readonly authorityKeyId: AuthorityKeyId | null;
  readonly nameConstraints: NameConstraints | null;
  /** The URLs of the two methods that TLS uses, and everything. */
  readonly authorityInfoAccess: {
    readonly ocsp: readonly string[];
    readonly caIssuers: readonly string[];
    readonly all: readonly AccessDescription[];
  } | null;
  readonly subjectInfoAccess: readonly AccessDescription[] | null;
  /** Extension numbers of TLS. */
  readonly tlsFeature: readonly number[] | null;
  /** Whether the server has to staple an OCSP response (RFC 7633): `tlsFeature` has 5. */
  readonly mustStaple: boolean;
  readonly crlDistributionPoints: readonly DistributionPoint[] | null;
  readonly freshestCrl: readonly DistributionPoint[] | null;
  readonly certificatePolicies: readonly PolicyInformation[] | null;
  readonly policyMappings:
    | readonly {
        readonly issuerPolicy: string;
        readonly subjectPolicy: string;
      }[]
    | null;
  readonly policyConstraints: {
    readonly requireExplicitPolicy: number | null;
    readonly inhibitPolicyMapping: number | null;
  } | null;
  readonly inhibitAnyPolicy: number | null;
  /** Values as DER. */
  readonly subjectDirectoryAttributes:
    | readonly {
        readonly oid: string;
        readonly values: readonly Uint8Array[];
      }[]
    | null;
  /** Milliseconds since 1970. */
  readonly privateKeyUsagePeriod: {
    readonly notBefore: number | null;
    readonly notAfter: number | null;
  } | null;
  /** A BIT STRING of Netscape's, not decoded. */
  readonly netscapeCertType: Uint8Array | null;
  /** SignedCertificateTimestampList (RFC 6962 §3.3), not decoded: see `sct-list.ts`. */
  readonly sctList: Uint8Array | null;
  /** Whether this is a precertificate (RFC 6962 §3.1), which is never valid as a certificate. */
  readonly isPrecertificate: boolean;
}

/** Decodes the known extensions. Throws X509Error, also where one occurs twice (§4.2). */
export function parseExtensions(
  extensions: readonly Extension[],
  offsetOf: (value: Uint8Array) => number,
  path = 'tbsCertificate.extensions',
): KnownExtensions {
  const byOid = new Map<string, Extension>();
  for (const extension of extensions) {
    if (byOid.has(extension.oid)) {
      throw x509Error('duplicate_extension', offsetOf(extension.value), { oid: extension.oid });
    }
    byOid.set(extension.oid, extension);
  }
  const read = <T, U>(oid: string, der: Der<T>, map: (value: T) => U): U | null => {
    const extension = byOid.get(oid);
    if (!extension) return null;
    const start = offsetOf(extension.value);
    try {
      return map(decodeDer(der, extension.value));
    } catch (error) {
      throw asX509Error(error)
        .within(`${path}.${oidName(oid) ?? oid}`)
        .shifted(start);
    }
  };
  const feature = read(OID.tlsFeature, tlsFeature, (numbers) => numbers);
  return {
    basicConstraints: read(OID.basicConstraints, basicConstraints, ({ cA, pathLenConstraint }) => ({
      ca: cA ?? false,
      pathLength: pathLenConstraint ?? null,
      ...(cA === false && { writtenDefault: true }),
    })),
    keyUsage: read(OID.keyUsage, keyUsage, (bits) => KEY_USAGES.filter((_, n) => (bits >>> n) & 1)),
    extKeyUsage: read(OID.extKeyUsage, extKeyUsage, (oids) => oids),
    subjectAltName: read(OID.subjectAltName, generalNames, (names) => names.map(toAddressableName)),
    issuerAltName: read(OID.issuerAltName, generalNames, (names) => names.map(toGeneralName)),
    subjectKeyId: read(OID.subjectKeyIdentifier, octetString, (id) => id),
    authorityKeyId: read(OID.authorityKeyIdentifier, authorityKeyIdentifier, (aki) => ({
      keyId: aki.keyIdentifier ?? null,
      issuer: aki.authorityCertIssuer?.map(toGeneralName) ?? null,
      serial: aki.authorityCertSerialNumber ?? null,
    })),
    nameConstraints: read(OID.nameConstraints, nameConstraints, toNameConstraints),
    authorityInfoAccess: read(OID.authorityInfoAccess, infoAccess, toAuthorityAccess),
    subjectInfoAccess: read(OID.subjectInfoAccess, infoAccess, toAccess),
    tlsFeature: feature,
    mustStaple: feature?.includes(5) ?? false,
    crlDistributionPoints: read(OID.crlDistributionPoints, distributionPoints, (points) =>
      points.map(toDistributionPoint),
    ),
    freshestCrl: read(OID.freshestCrl, distributionPoints, (points) => points.map(toDistributionPoint)),
    certificatePolicies: read(OID.certificatePolicies, certificatePolicies, toPolicies),
    policyMappings: read(OID.policyMappings, policyMappings, (mappings) =>
      mappings.map(({ issuerDomainPolicy, subjectDomainPolicy }) => ({
        issuerPolicy: issuerDomainPolicy,
        subjectPolicy: subjectDomainPolicy,
      })),
    ),
    policyConstraints: read(OID.policyConstraints, policyConstraints, (constraints) => ({
      requireExplicitPolicy: constraints.requireExplicitPolicy ?? null,
      inhibitPolicyMapping: constraints.inhibitPolicyMapping ?? null,
    })),
    inhibitAnyPolicy: read(OID.inhibitAnyPolicy, smallInteger, (skip) => skip),
    subjectDirectoryAttributes: read(
      OID.subjectDirectoryAttributes,
      subjectDirectoryAttributes,
      (attributes) => attributes.map(({ type, values }) => ({ oid: type, values })),
    ),
    privateKeyUsagePeriod: read(OID.privateKeyUsagePeriod, privateKeyUsagePeriod, (period) => ({
      notBefore: period.notBefore ?? null,
      notAfter: period.notAfter ?? null,
    })),
    netscapeCertType: byOid.get(OID.netscapeCertType)?.value ?? null,
    sctList: read(OID.signedCertificateTimestamps, octetString, (list) => list),
    isPrecertificate: read(OID.precertificatePoison, nullValue, () => true) ?? false,
  };
}

type DecodedName = InferDer<typeof generalName>;

/** Throws X509Error where a directory name has a malformed string. */
function toGeneralName(name: DecodedName): GeneralName {
  switch (name.kind) {
    case 'dNSName':
      return { kind: 'dns', value: name.value };
    case 'rfc822Name':
      return { kind: 'email', value: name.value };
    case 'uniformResourceIdentifier':
      return { kind: 'uri', value: name.value };
    case 'iPAddress':
      return { kind: 'ip', value: name.value };
    case 'directoryName':
      return { kind: 'directory', value: distinguishedName(name.value) };
    case 'otherName':
      return { kind: 'other', form: name.kind, oid: name.value.value.typeId, raw: name.value.raw };
    case 'registeredID':
      return { kind: 'other', form: name.kind, oid: name.value.value, raw: name.value.raw };
    default:
      return { kind: 'other', form: name.kind, oid: null, raw: name.value.raw };
  }
}

/** §4.2.1.6: an address has 4 or 16 bytes; in name constraints, where it has a mask, twice that. */
function toAddressableName(name: DecodedName): GeneralName {
  const general = toGeneralName(name);
  if (general.kind === 'ip' && general.value.length !== 4 && general.value.length !== 16) {
    throw x509Error('bad_ip_address', 0, { length: general.value.length });
  }
  return general;
}

function toNameConstraints(decoded: InferDer<typeof nameConstraints>): NameConstraints {
  const { permittedSubtrees, excludedSubtrees } = decoded;
  // §4.2.1.10: must not be an empty sequence.
  if (!permittedSubtrees && !excludedSubtrees) throw x509Error('empty_name_constraints', 0);
  const subtrees = (list: typeof permittedSubtrees): Subtree[] =>
    (list ?? []).map(({ base, minimum, maximum }) => ({
      base: toGeneralName(base),
      minimum,
      maximum: maximum ?? null,
    }));
  return { permitted: subtrees(permittedSubtrees), excluded: subtrees(excludedSubtrees) };
}

function toAccess(list: InferDer<typeof infoAccess>): AccessDescription[] {
  return list.map(({ accessMethod, accessLocation }) => ({
    method: accessMethod,
    location: toGeneralName(accessLocation),
  }));
}

function toAuthorityAccess(
  list: InferDer<typeof infoAccess>,
): NonNullable<KnownExtensions['authorityInfoAccess']> {
  const all = toAccess(list);
  const urls = (wanted: string): string[] =>
    all.flatMap(({ method, location }) =>
      method === wanted && location.kind === 'uri' ? [location.value] : [],
    );
  return { ocsp: urls(OID.ocsp), caIssuers: urls(OID.caIssuers), all };
}

export function toDistributionPoint(point: InferDer<typeof distributionPoint>): DistributionPoint {
  const { distributionPoint: name, reasons, cRLIssuer } = point;
  return {
    fullName: name?.kind === 'fullName' ? name.value.map(toGeneralName) : null,
    relativeName: name?.kind === 'nameRelativeToCRLIssuer' ? relativeName(name.value) : null,
    reasons: reasons === undefined ? null : CRL_REASONS.filter((_, n) => (reasons >>> n) & 1),
    crlIssuer: cRLIssuer?.map(toGeneralName) ?? null,
  };
}

function toPolicies(list: InferDer<typeof certificatePolicies>): PolicyInformation[] {
  return list.map(({ policyIdentifier, policyQualifiers }) => ({
    oid: policyIdentifier,
    qualifiers: (policyQualifiers ?? []).map(({ policyQualifierId: oid, qualifier }) => ({
      oid,
      cps: oid === OID.cps && qualifier.kind === 'cPSuri' ? qualifier.value : null,
      notice:
        oid === OID.userNotice && qualifier.kind === 'userNotice'
          ? (qualifier.value.explicitText?.value ?? null)
          : null,
    })),
  }));
}

/** The URLs of a certificate's complete CRLs. */
export function crlUrls({ crlDistributionPoints }: KnownExtensions): string[] {
  return (crlDistributionPoints ?? []).flatMap(({ fullName }) =>
    (fullName ?? []).flatMap((name) => (name.kind === 'uri' ? [name.value] : [])),
  );
}

const SYNTAX_BY_OID: ReadonlyMap<string, Der<unknown>> = new Map(
  Object.entries(EXTENSION_SYNTAX).map(([name, der]) => [OID[name as keyof typeof EXTENSION_SYNTAX], der]),
);

/** Replaces the value of each extension by the tree of what it contains. */
export function openExtensions(node: AnnotatedNode, der: Uint8Array): AnnotatedNode {
  if (node.type === 'Extension') return annotateExtensionValue(node, der);
  if (node.children.length === 0) return node;
  return { ...node, children: node.children.map((child) => openExtensions(child, der)) };
}

/** Puts the tree of an extension's content below its OCTET STRING, offsets as in the whole certificate. */
function annotateExtensionValue(node: AnnotatedNode, bytes: Uint8Array): AnnotatedNode {
  const id = /\d+(\.\d+)+/.exec(node.children[0]?.value ?? '')?.[0];
  const value = node.children.at(-1);
  const syntax = id === undefined ? undefined : SYNTAX_BY_OID.get(id);
  if (!syntax || !value || value.name !== 'extnValue' || value.error) return node;
  const start = value.end - contentLength(value, bytes);
  const child = moved(annotateDer(syntax, bytes.subarray(start, value.end), oidName(id!) ?? id!), start);
  const error = child.error;
  const opened = { ...value, value: '', children: [child], ...(error && { error }) };
  return { ...node, children: [...node.children.slice(0, -1), opened], ...(error && { error }) };
}

function contentLength(node: AnnotatedNode, bytes: Uint8Array): number {
  return decodeDer(octetString, bytes.subarray(node.start, node.end)).length;
}

export function moved(node: AnnotatedNode, by: number): AnnotatedNode {
  return {
    ...node,
    start: node.start + by,
    end: node.end + by,
    children: node.children.map((child) => moved(child, by)),
  };
}
