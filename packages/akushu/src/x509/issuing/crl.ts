/** Makes CRLs (RFC 5280 §5): complete ones, deltas, indirect ones, lists for some certificates or reasons only. */
import { equal, Writer } from '../../bytes/index.js';
import { authorityKeyIdentifier, distributionPoints, generalNames, name } from '../asn1.js';
import type { Certificate } from '../certificate.js';
import { type Der, decodeDer, encodeDer, generalizedTime, type InferDer, integer } from '../der/index.js';
import type { Extension } from '../extensions.js';
import { OID } from '../oids.js';
import {
  ENTRY_REASONS,
  enumerated,
  issuingDistributionPoint,
  type RevocationReason,
  revokedCertificate,
  tbsCertList,
} from '../revocation/asn1.js';
import { parseCrl } from '../revocation/crl.js';
import type { ReasonFlag } from '../revocation/distribution-points.js';
import { REVOCATION_OID } from '../revocation/oids.js';
import {
  authorityKeyId,
  type DistributionPointInput,
  type EncodableExtension,
  encodablePoint,
  keyIdentifier,
  reasonBits,
} from './extensions.js';
import { integerBytes, serialNumber, timeValue, wholeSeconds } from './fields.js';
import { encodableName, encodeName, type GeneralNameInput, type NameInput } from './names.js';
import { asCertificate, type Issuer, type SigningOptions, signingWith, signStructure } from './sign.js';

export interface CrlEntryInput {
  readonly serial: Uint8Array;
  /** Milliseconds since 1970. */
  readonly revokedAt: number;
  /** `removeFromCRL` only in deltas. */
  readonly reason?: RevocationReason | undefined;
  /** Since when it is, or may be, compromised. Milliseconds since 1970. */
  readonly invalidityDate?: number | undefined;
  /** In indirect CRLs: who issued the certificate. Left out: the CRL's issuer. */
  readonly certificateIssuer?: NameInput | Certificate | undefined;
}

/** What the list is about (§5.2.5); without it: all certificates of its issuer. */
export interface CrlScopeInput {
  readonly names?: readonly GeneralNameInput[] | undefined;
  readonly onlyUserCerts?: boolean | undefined;
  readonly onlyCaCerts?: boolean | undefined;
  readonly onlyAttributeCerts?: boolean | undefined;
  readonly reasons?: readonly ReasonFlag[] | undefined;
  readonly indirect?: boolean | undefined;
}

export interface CrlOptions extends SigningOptions {
  readonly issuer: Issuer;
  /** Grows with every list (§5.2.3). */
  readonly number: number | bigint;
  /** Milliseconds since 1970, cut to whole seconds. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly entries: Iterable<CrlEntryInput>;
  /** For a delta: the number of the complete list that it builds on (§5.2.4). */
  readonly baseNumber?: number | bigint | undefined;
  readonly scope?: CrlScopeInput | undefined;
  /** Where deltas to this list are (§5.2.6). */
  readonly freshestCrl?: readonly DistributionPointInput[] | undefined;
  readonly extraExtensions?: readonly Extension[] | undefined;
}

/** Makes and signs a CRL; gives its DER. Throws RangeError or TypeError on options that do not fit together. */
export async function createCrl(options: CrlOptions): Promise<Uint8Array> {
  const { thisUpdate, nextUpdate } = options;
  if (!(nextUpdate > thisUpdate)) throw new RangeError('"nextUpdate" expected after thisUpdate');
  const issuer = asCertificate(options.issuer.certificate);
  // §6.3.3 (f): nobody would accept it.
  if (issuer.keyUsage !== null && !issuer.keyUsage.includes('cRLSign')) {
    throw new RangeError('"issuer" expected a certificate with the key usage cRLSign');
  }
  const signing = signingWith(options.issuer.key, options);
  const entries = encodeEntries(options, issuer);
  const tbs = encodeDer(tbsCertList, {
    version: 1,
    signature: { value: signing.identifier, raw: signing.identifierDer },
    issuer: { value: decodeDer(name, issuer.subject.raw), raw: issuer.subject.raw },
    thisUpdate: timeValue(thisUpdate),
    nextUpdate: timeValue(nextUpdate),
    // §5.1.2.6: absent, not empty.
    revokedCertificates: entries.length > 0 ? entries : undefined,
    crlExtensions: listExtensions(options, issuer),
  });
  const der = await signStructure(signing, tbs);
  parseCrl(der);
  return der;
}

function encodeEntries(options: CrlOptions, issuer: Certificate): Uint8Array {
  const writer = new Writer(1024);
  let current = issuer.subject.raw;
  for (const entry of options.entries) {
    if (entry.reason === 'removeFromCRL' && options.baseNumber === undefined) {
      throw new RangeError('"reason" expected removeFromCRL in deltas only');
    }
    const wanted = issuerName(entry.certificateIssuer) ?? issuer.subject.raw;
    const changed = !equal(wanted, current);
    if (changed && options.scope?.indirect !== true) {
      throw new RangeError('"certificateIssuer" expected in indirect CRLs only');
    }
    current = wanted;
    revokedCertificate.encode(writer, {
      userCertificate: serialNumber(entry.serial),
      revocationDate: timeValue(entry.revokedAt),
      crlEntryExtensions: entryExtensions(entry, changed ? wanted : null),
    });
  }
  return writer.finish();
}

function issuerName(issuer: NameInput | Certificate | undefined): Uint8Array | null {
  if (issuer === undefined) return null;
  return isCertificate(issuer) ? issuer.subject.raw : encodeName(issuer);
}

function isCertificate(issuer: NameInput | Certificate): issuer is Certificate {
  return typeof issuer === 'object' && 'tbs' in issuer && typeof issuer.tbs === 'object';
}

function made<T>(extnID: string, critical: boolean, der: Der<T>, value: T): EncodableExtension {
  return { extnID, critical, extnValue: encodeDer(der, value) };
}

/** §5.3 */
function entryExtensions(entry: CrlEntryInput, issuer: Uint8Array | null): EncodableExtension[] | undefined {
  const list: EncodableExtension[] = [];
  // §5.3.1: unspecified is not written.
  if (entry.reason !== undefined && entry.reason !== 'unspecified') {
    list.push(made(REVOCATION_OID.reasonCode, false, enumerated, ENTRY_REASONS.indexOf(entry.reason)));
  }
  if (entry.invalidityDate !== undefined) {
    const date = wholeSeconds(entry.invalidityDate);
    list.push(made(REVOCATION_OID.invalidityDate, false, generalizedTime, date));
  }
  if (issuer) {
    const names = [encodableName({ directory: issuer })];
    list.push(made(REVOCATION_OID.certificateIssuer, true, generalNames, names));
  }
  return list.length > 0 ? list : undefined;
}

/** §5.2 */
function listExtensions(options: CrlOptions, issuer: Certificate): EncodableExtension[] {
  const { provider, scope, baseNumber, freshestCrl } = options;
  const keyId = authorityKeyId(provider, issuer, keyIdentifier(provider, issuer.spki));
  const list = [
    made(OID.authorityKeyIdentifier, false, authorityKeyIdentifier, keyId),
    made(REVOCATION_OID.cRLNumber, false, integer, integerBytes(options.number, 'number')),
  ];
  if (baseNumber !== undefined) {
    const base = integerBytes(baseNumber, 'baseNumber');
    if (BigInt(baseNumber) >= BigInt(options.number)) {
      throw new RangeError('"baseNumber" expected below number');
    }
    list.push(made(REVOCATION_OID.deltaCRLIndicator, true, integer, base));
  }
  if (scope) {
    list.push(made(REVOCATION_OID.issuingDistributionPoint, true, issuingDistributionPoint, scopeOf(scope)));
  }
  if (freshestCrl?.length) {
    // §5.2.6: a delta has none.
    if (baseNumber !== undefined) throw new RangeError('"freshestCrl" expected in complete CRLs only');
    list.push(made(REVOCATION_OID.freshestCRL, false, distributionPoints, freshestCrl.map(encodablePoint)));
  }
  for (const { oid: extnID, critical, value: extnValue } of options.extraExtensions ?? []) {
    list.push({ extnID, critical, extnValue });
  }
  return list;
}

function scopeOf(scope: CrlScopeInput): InferDer<typeof issuingDistributionPoint> {
  const only = [scope.onlyUserCerts, scope.onlyCaCerts, scope.onlyAttributeCerts].filter(Boolean);
  if (only.length > 1) throw new RangeError('"scope" expected at most one kind of certificates');
  if (!scope.names?.length && only.length === 0 && !scope.reasons && !scope.indirect) {
    throw new RangeError('"scope" expected something: an empty one is not allowed');
  }
  return {
    distributionPoint: scope.names?.length
      ? { kind: 'fullName', value: scope.names.map(encodableName) }
      : undefined,
    onlyContainsUserCerts: scope.onlyUserCerts ?? false,
    onlyContainsCACerts: scope.onlyCaCerts ?? false,
    onlySomeReasons: scope.reasons && reasonBits(scope.reasons),
    indirectCRL: scope.indirect ?? false,
    onlyContainsAttributeCerts: scope.onlyAttributeCerts ?? false,
  };
}
