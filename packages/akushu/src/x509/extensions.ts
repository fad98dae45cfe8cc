/**
 * The extensions of RFC 5280 §4.2 and those that TLS uses, decoded. One that is known but malformed makes the whole
 * certificate malformed; unknown ones stay bytes, and `path.ts` refuses them where they are critical.
 */
import type { AnnotatedNode } from '../codec/codec.js';
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  crlDistributionPoints,
  EXTENSION_SYNTAX,
  extKeyUsage,
  type generalName,
  generalNames,
  KEY_USAGES,
  keyUsage,
  nameConstraints,
  policyConstraints,
  tlsFeature,
} from './asn1.js';
import {
  annotateDer,
  asX509Error,
  type Der,
  decodeDer,
  type InferDer,
  octetString,
  smallInteger,
  x509Error,
} from './der/index.js';
import { type DistinguishedName, distinguishedName } from './distinguished-name.js';
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
  | { readonly kind: 'other'; readonly form: string };

export interface BasicConstraints {
  readonly ca: boolean;
  readonly pathLength: number | null;
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

export interface KnownExtensions {
  readonly basicConstraints: BasicConstraints | null;
  readonly keyUsage: readonly KeyUsageName[] | null;
  /** Object identifiers. */
  readonly extKeyUsage: readonly string[] | null;
  readonly subjectAltName: readonly GeneralName[] | null;
  readonly subjectKeyId: Uint8Array | null;
  readonly authorityKeyId: AuthorityKeyId | null;
  readonly nameConstraints: NameConstraints | null;
  readonly authorityInfoAccess: {
    readonly ocsp: readonly string[];
    readonly caIssuers: readonly string[];
  } | null;
  /** Extension numbers of TLS. */
  readonly tlsFeature: readonly number[] | null;
  /** Whether the server has to staple an OCSP response (RFC 7633): `tlsFeature` has 5. */
  readonly mustStaple: boolean;
  readonly crlDistributionPoints: readonly string[] | null;
  /** Object identifiers. */
  readonly certificatePolicies: readonly string[] | null;
  readonly policyConstraints: {
    readonly requireExplicitPolicy: number | null;
    readonly inhibitPolicyMapping: number | null;
  } | null;
  /** SignedCertificateTimestampList (RFC 6962 §3.3), not decoded. */
  readonly sctList: Uint8Array | null;
}

/** Decodes the known extensions. Throws X509Error, also where one occurs twice (§4.2). */
export function parseExtensions(
  extensions: readonly Extension[],
  offsetOf: (value: Uint8Array) => number,
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
        .within(`tbsCertificate.extensions.${oidName(oid) ?? oid}`)
        .shifted(start);
    }
  };
  read(OID.inhibitAnyPolicy, smallInteger, () => null);
  read(OID.issuerAltName, generalNames, (names) => names.map(toGeneralName));
  const feature = read(OID.tlsFeature, tlsFeature, (numbers) => numbers);
  return {
    basicConstraints: read(OID.basicConstraints, basicConstraints, ({ cA, pathLenConstraint }) => ({
      ca: cA,
      pathLength: pathLenConstraint ?? null,
    })),
    keyUsage: read(OID.keyUsage, keyUsage, (bits) => KEY_USAGES.filter((_, n) => (bits >>> n) & 1)),
    extKeyUsage: read(OID.extKeyUsage, extKeyUsage, (oids) => oids),
    subjectAltName: read(OID.subjectAltName, generalNames, (names) => names.map(toAddressableName)),
    subjectKeyId: read(OID.subjectKeyIdentifier, octetString, (id) => id),
    authorityKeyId: read(OID.authorityKeyIdentifier, authorityKeyIdentifier, (aki) => ({
      keyId: aki.keyIdentifier ?? null,
      issuer: aki.authorityCertIssuer?.map(toGeneralName) ?? null,
      serial: aki.authorityCertSerialNumber ?? null,
    })),
    nameConstraints: read(OID.nameConstraints, nameConstraints, toNameConstraints),
    authorityInfoAccess: read(OID.authorityInfoAccess, authorityInfoAccess, toAccess),
    tlsFeature: feature,
    mustStaple: feature?.includes(5) ?? false,
    crlDistributionPoints: read(OID.crlDistributionPoints, crlDistributionPoints, toUrls),
    certificatePolicies: read(OID.certificatePolicies, certificatePolicies, (policies) =>
      policies.map(({ policyIdentifier }) => policyIdentifier),
    ),
    policyConstraints: read(OID.policyConstraints, policyConstraints, (constraints) => ({
      requireExplicitPolicy: constraints.requireExplicitPolicy ?? null,
      inhibitPolicyMapping: constraints.inhibitPolicyMapping ?? null,
    })),
    sctList: read(OID.signedCertificateTimestamps, octetString, (list) => list),
  };
}

type DecodedName = InferDer<typeof generalName>;

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
    default:
      return { kind: 'other', form: name.kind };
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

function toAccess(list: InferDer<typeof authorityInfoAccess>): { ocsp: string[]; caIssuers: string[] } {
  const urls = (method: string): string[] =>
    list.flatMap(({ accessMethod, accessLocation }) =>
      accessMethod === method && accessLocation.kind === 'uniformResourceIdentifier'
        ? [accessLocation.value]
        : [],
    );
  return { ocsp: urls(OID.ocsp), caIssuers: urls(OID.caIssuers) };
}

function toUrls(points: InferDer<typeof crlDistributionPoints>): string[] {
  return points.flatMap(({ distributionPoint }) =>
    distributionPoint?.kind === 'fullName'
      ? distributionPoint.value.flatMap((name) =>
          name.kind === 'uniformResourceIdentifier' ? [name.value] : [],
        )
      : [],
  );
}

const SYNTAX_BY_OID: ReadonlyMap<string, Der<unknown>> = new Map(
  Object.entries(EXTENSION_SYNTAX).map(([name, der]) => [OID[name as keyof typeof EXTENSION_SYNTAX], der]),
);

/** Puts the tree of an extension's content below its OCTET STRING, offsets as in the whole certificate. */
export function annotateExtensionValue(node: AnnotatedNode, bytes: Uint8Array): AnnotatedNode {
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

function moved(node: AnnotatedNode, by: number): AnnotatedNode {
  return {
    ...node,
    start: node.start + by,
    end: node.end + by,
    children: node.children.map((child) => moved(child, by)),
  };
}
