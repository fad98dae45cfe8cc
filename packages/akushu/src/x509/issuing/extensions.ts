/** The extensions of RFC 5280 §4.2, and those of RFC 6960, 6962, 7633 and 9608, as they are written into certificates. */
import type { Provider } from '../../crypto/provider.js';
import {
  authorityKeyIdentifier,
  basicConstraints,
  CRL_REASONS,
  certificatePolicies,
  distributionPoints,
  type extension,
  extKeyUsage,
  generalNames,
  infoAccess,
  KEY_USAGES,
  keyUsage,
  nameConstraints,
  policyConstraints,
  policyMappings,
  subjectDirectoryAttributes,
  subjectPublicKeyInfo,
  tlsFeature,
} from '../asn1.js';
import type { Certificate } from '../certificate.js';
import {
  type Der,
  decodeDer,
  encodeDer,
  type InferDer,
  nullValue,
  octetString,
  smallInteger,
} from '../der/index.js';
import type { Extension, KeyUsageName } from '../extensions.js';
import { OID } from '../oids.js';
import type { ReasonFlag } from '../revocation/distribution-points.js';
import { REVOCATION_OID } from '../revocation/oids.js';
import { encodeSctList } from '../revocation/sct.js';
import { encodableName, encodableSubtree, type GeneralNameInput } from './names.js';

export type PurposeName =
  | 'serverAuth'
  | 'clientAuth'
  | 'codeSigning'
  | 'emailProtection'
  | 'timeStamping'
  | 'OCSPSigning'
  | 'any'
  /** An object identifier. */
  | (string & {});

export interface PolicyInput {
  readonly oid: string;
  /** URLs of certification practice statements (§4.2.1.4). */
  readonly cps?: readonly string[] | undefined;
  /** Text to be shown to whoever relies on the certificate. At most 200 characters. */
  readonly notice?: string | undefined;
}

/** §4.2.1.13. A string is a URL. */
export type DistributionPointInput =
  | string
  | {
      readonly names?: readonly GeneralNameInput[] | undefined;
      readonly reasons?: readonly ReasonFlag[] | undefined;
      /** For indirect CRLs: who issues the list. */
      readonly crlIssuer?: readonly GeneralNameInput[] | undefined;
    };

/** What a certificate may say beside its names, times and key. */
export interface ExtensionOptions {
  /** DNS names, IP addresses, e-mail addresses (with `@`) and URIs (with `://`); others as objects. */
  readonly altNames?: readonly GeneralNameInput[] | undefined;
  readonly issuerAltNames?: readonly GeneralNameInput[] | undefined;
  readonly isCa?: boolean | undefined;
  readonly pathLength?: number | undefined;
  /** Left out: what the kind of certificate needs. */
  readonly keyUsage?: readonly KeyUsageName[] | undefined;
  /** Left out: server and client in a leaf, none in a CA. An empty list: no such extension. */
  readonly extKeyUsage?: readonly PurposeName[] | undefined;
  /** DNS names and IP ranges (`192.0.2.0/24`) for a CA. */
  readonly permittedNames?: readonly GeneralNameInput[] | undefined;
  readonly excludedNames?: readonly GeneralNameInput[] | undefined;
  /** Object identifiers, or with what goes with them. */
  readonly policies?: readonly (string | PolicyInput)[] | undefined;
  readonly policyMappings?: readonly { readonly issuer: string; readonly subject: string }[] | undefined;
  readonly policyConstraints?:
    | { readonly requireExplicitPolicy?: number; readonly inhibitPolicyMapping?: number }
    | undefined;
  readonly inhibitAnyPolicy?: number | undefined;
  readonly crlDistributionPoints?: readonly DistributionPointInput[] | undefined;
  readonly freshestCrl?: readonly DistributionPointInput[] | undefined;
  readonly ocspUrls?: readonly string[] | undefined;
  readonly caIssuersUrls?: readonly string[] | undefined;
  /** §4.2.2.2, with the object identifier of the access method. */
  readonly subjectInfoAccess?:
    | readonly { readonly method: string; readonly location: GeneralNameInput }[]
    | undefined;
  /** §4.2.1.8; values are DER. */
  readonly subjectDirectoryAttributes?:
    | readonly { readonly oid: string; readonly values: readonly Uint8Array[] }[]
    | undefined;
  /** The server has to staple an OCSP response (RFC 7633). */
  readonly mustStaple?: boolean | undefined;
  /** Extension numbers of TLS that the server has to use. */
  readonly tlsFeature?: readonly number[] | undefined;
  /** For a responder: its own revocation need not be checked (RFC 6960 §4.2.2.2.1). */
  readonly ocspNoCheck?: boolean | undefined;
  /** Nothing will ever be said about its revocation (RFC 9608). */
  readonly noRevAvail?: boolean | undefined;
  /** SerializedSCTs (RFC 6962 §3.3). */
  readonly scts?: readonly Uint8Array[] | undefined;
  /** A precertificate, for transparency logs only (RFC 6962 §3.1). */
  readonly precertificate?: boolean | undefined;
  /** Put at the end, as they are. One that is made here as well takes its place. */
  readonly extraExtensions?: readonly Extension[] | undefined;
}

export type EncodableExtension = InferDer<typeof extension>;

const PURPOSES: Readonly<Record<string, string>> = {
  serverAuth: OID.serverAuth,
  clientAuth: OID.clientAuth,
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  OCSPSigning: REVOCATION_OID.ocspSigning,
  any: OID.anyExtendedKeyUsage,
};

class Extensions {
  readonly list: EncodableExtension[] = [];

  add<T>(extnID: string, critical: boolean, der: Der<T>, value: T): void {
    this.list.push({ extnID, critical, extnValue: encodeDer(der, value) });
  }

  addAsTheyAre(extensions: readonly Extension[]): void {
    for (const { oid: extnID, critical, value } of extensions) {
      const made = { extnID, critical, extnValue: value };
      const at = this.list.findIndex((known) => known.extnID === extnID);
      if (at < 0) this.list.push(made);
      else this.list[at] = made;
    }
  }
}

/** What is said of the subject, as in a request; `emptySubject` makes the alternative names critical (§4.2.1.6). */
export function subjectExtensions(
  options: ExtensionOptions,
  spki: Uint8Array,
  emptySubject: boolean,
): EncodableExtension[] {
  const made = new Extensions();
  addSubject(made, options, spki, emptySubject);
  made.addAsTheyAre(options.extraExtensions ?? []);
  return made.list;
}

/** All extensions of a certificate. `issuer` is undefined where the key signs its own. */
export function certificateExtensions(
  options: ExtensionOptions & { readonly provider: Provider },
  spki: Uint8Array,
  issuer: Certificate | undefined,
  emptySubject: boolean,
): EncodableExtension[] {
  const made = new Extensions();
  const { provider } = options;
  const keyId = keyIdentifier(provider, spki);
  made.add(OID.subjectKeyIdentifier, false, octetString, keyId);
  // §4.2.1.1: may be left out where the key signs itself; with it nothing has to be guessed.
  made.add(
    OID.authorityKeyIdentifier,
    false,
    authorityKeyIdentifier,
    authorityKeyId(provider, issuer, keyId),
  );
  addSubject(made, options, spki, emptySubject);
  addPolicies(made, options);
  addRevocation(made, options);
  addTransparency(made, options);
  made.addAsTheyAre(options.extraExtensions ?? []);
  return made.list;
}

/** Of a certificate or CRL: which key signed it (§4.2.1.1, §5.2.1). */
export function authorityKeyId(
  provider: Provider,
  issuer: Certificate | undefined,
  ownKeyId: Uint8Array,
): InferDer<typeof authorityKeyIdentifier> {
  return {
    keyIdentifier: issuer ? (issuer.subjectKeyId ?? keyIdentifier(provider, issuer.spki)) : ownKeyId,
    authorityCertIssuer: undefined,
    authorityCertSerialNumber: undefined,
  };
}

function addSubject(
  made: Extensions,
  options: ExtensionOptions,
  spki: Uint8Array,
  emptySubject: boolean,
): void {
  const isCa = options.isCa === true;
  // §4.2.1.9
  made.add(OID.basicConstraints, true, basicConstraints, {
    cA: isCa || undefined,
    pathLenConstraint: isCa ? options.pathLength : undefined,
  });
  const usages = options.keyUsage ?? (isCa ? CA_USAGES : leafUsages(spki));
  if (usages.length > 0) made.add(OID.keyUsage, true, keyUsage, usageBits(usages));
  const purposes = options.extKeyUsage ?? (isCa ? [] : ['serverAuth', 'clientAuth']);
  if (purposes.length > 0) {
    made.add(
      OID.extKeyUsage,
      false,
      extKeyUsage,
      purposes.map((purpose) => PURPOSES[purpose] ?? purpose),
    );
  }
  const { altNames, issuerAltNames, subjectDirectoryAttributes: directory } = options;
  if (altNames?.length) made.add(OID.subjectAltName, emptySubject, generalNames, altNames.map(encodableName));
  if (issuerAltNames?.length) {
    made.add(OID.issuerAltName, false, generalNames, issuerAltNames.map(encodableName));
  }
  if (options.permittedNames?.length || options.excludedNames?.length) {
    // §4.2.1.10: lists are not empty.
    made.add(OID.nameConstraints, true, nameConstraints, {
      permittedSubtrees: options.permittedNames?.length
        ? options.permittedNames.map(encodableSubtree)
        : undefined,
      excludedSubtrees: options.excludedNames?.length
        ? options.excludedNames.map(encodableSubtree)
        : undefined,
    });
  }
  if (directory?.length) {
    const attributes = directory.map(({ oid: type, values }) => ({ type, values }));
    made.add(OID.subjectDirectoryAttributes, false, subjectDirectoryAttributes, attributes);
  }
  const features = new Set([...(options.tlsFeature ?? []), ...(options.mustStaple ? [5] : [])]);
  if (features.size > 0) made.add(OID.tlsFeature, false, tlsFeature, [...features]);
}

/** §4.2.1.4, §4.2.1.5, §4.2.1.11, §4.2.1.14 */
function addPolicies(made: Extensions, options: ExtensionOptions): void {
  const { policies, policyMappings: mappings, policyConstraints: constraints } = options;
  if (policies?.length) made.add(OID.certificatePolicies, false, certificatePolicies, policies.map(policyOf));
  if (mappings?.length) {
    const pairs = mappings.map(({ issuer, subject }) => ({
      issuerDomainPolicy: issuer,
      subjectDomainPolicy: subject,
    }));
    made.add(OID.policyMappings, true, policyMappings, pairs);
  }
  if (constraints) {
    const { requireExplicitPolicy, inhibitPolicyMapping } = constraints;
    if (requireExplicitPolicy === undefined && inhibitPolicyMapping === undefined) {
      throw new RangeError('"policyConstraints" expected at least one of its numbers');
    }
    made.add(OID.policyConstraints, true, policyConstraints, { requireExplicitPolicy, inhibitPolicyMapping });
  }
  if (options.inhibitAnyPolicy !== undefined) {
    made.add(OID.inhibitAnyPolicy, true, smallInteger, options.inhibitAnyPolicy);
  }
}

function policyOf(policy: string | PolicyInput): InferDer<typeof certificatePolicies>[number] {
  const { oid: policyIdentifier, cps = [], notice } = typeof policy === 'string' ? { oid: policy } : policy;
  if (notice !== undefined && (notice.length < 1 || notice.length > 200)) {
    throw new RangeError(`"notice" expected 1 to 200 characters, got ${notice.length}`);
  }
  type Qualifier = NonNullable<InferDer<typeof certificatePolicies>[number]['policyQualifiers']>[number];
  const qualifiers: Qualifier[] = cps.map((value) => ({
    policyQualifierId: OID.cps,
    qualifier: { kind: 'cPSuri', value },
  }));
  if (notice !== undefined) {
    const explicitText = { kind: 'utf8String', value: notice } as const;
    qualifiers.push({
      policyQualifierId: OID.userNotice,
      qualifier: { kind: 'userNotice', value: { noticeRef: undefined, explicitText } },
    });
  }
  return { policyIdentifier, policyQualifiers: qualifiers.length > 0 ? qualifiers : undefined };
}

/** §4.2.1.13, §4.2.1.15, §4.2.2 */
function addRevocation(made: Extensions, options: ExtensionOptions): void {
  const { crlDistributionPoints: points, freshestCrl, ocspUrls = [], caIssuersUrls = [] } = options;
  if (points?.length) {
    made.add(OID.crlDistributionPoints, false, distributionPoints, points.map(encodablePoint));
  }
  if (freshestCrl?.length) {
    made.add(REVOCATION_OID.freshestCRL, false, distributionPoints, freshestCrl.map(encodablePoint));
  }
  const access = [
    ...ocspUrls.map((url) => accessTo(OID.ocsp, { uri: url })),
    ...caIssuersUrls.map((url) => accessTo(OID.caIssuers, { uri: url })),
  ];
  if (access.length > 0) made.add(OID.authorityInfoAccess, false, infoAccess, access);
  const own = (options.subjectInfoAccess ?? []).map(({ method, location }) => accessTo(method, location));
  if (own.length > 0) made.add(OID.subjectInfoAccess, false, infoAccess, own);
  if (options.ocspNoCheck) made.add(REVOCATION_OID.ocspNoCheck, false, nullValue, null);
  if (options.noRevAvail) made.add(REVOCATION_OID.noRevAvail, false, nullValue, null);
}

function accessTo(accessMethod: string, location: GeneralNameInput) {
  return { accessMethod, accessLocation: encodableName(location) };
}

type EncodablePoint = InferDer<typeof distributionPoints>[number];

export function encodablePoint(input: DistributionPointInput): EncodablePoint {
  const { names, reasons, crlIssuer } =
    typeof input === 'string' ? { names: [{ uri: input }], reasons: undefined, crlIssuer: undefined } : input;
  if (!names?.length && !crlIssuer?.length) {
    throw new RangeError('"crlDistributionPoints" expected names or a CRL issuer in each');
  }
  return {
    distributionPoint: names?.length ? { kind: 'fullName', value: names.map(encodableName) } : undefined,
    reasons: reasons && reasonBits(reasons),
    cRLIssuer: crlIssuer?.length ? crlIssuer.map(encodableName) : undefined,
  };
}

export function reasonBits(reasons: readonly ReasonFlag[]): number {
  return reasons.reduce((bits, reason) => bits | (1 << CRL_REASONS.indexOf(reason)), 0);
}

function addTransparency(made: Extensions, { scts, precertificate }: ExtensionOptions): void {
  if (scts?.length) made.add(OID.signedCertificateTimestamps, false, octetString, encodeSctList(scts));
  if (precertificate) made.add(OID.precertificatePoison, true, nullValue, null);
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

/** RFC 7093 §2 (1): the left-most 160 bits of SHA-256 of the key. */
export function keyIdentifier(provider: Provider, spki: Uint8Array): Uint8Array {
  const { subjectPublicKey } = decodeDer(subjectPublicKeyInfo, spki);
  return provider.digest('sha256', subjectPublicKey).subarray(0, 20);
}
