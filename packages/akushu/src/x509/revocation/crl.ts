/**
 * Certificate revocation lists as values (RFC 5280 §5): versions 1 and 2, with all extensions of lists and entries.
 * Refuses what is not well-formed; says nothing about who signed it, and whom it concerns: see `check-crl.ts`.
 */
import { equal, toHex } from '../../bytes/index.js';
import type { AnnotatedNode } from '../../codec/codec.js';
import type { SignatureAlgorithm } from '../../crypto/provider.js';
import { signatureAlgorithmOf } from '../algorithms.js';
import { authorityKeyIdentifier, distributionPoints } from '../asn1.js';
import { annotateDer, asX509Error, type Der, decodeDer, integer, x509Error } from '../der/index.js';
import { type DistinguishedName, distinguishedName } from '../distinguished-name.js';
import { type DistributionPoint, type Extension, toDistributionPoint } from '../extensions.js';
import { OID, oidName } from '../oids.js';
import { openExtensions } from './annotate.js';
import { CRL_EXTENSION_SYNTAX, certificateList, issuingDistributionPoint } from './asn1.js';
import { CrlEntries, type CrlEntry } from './crl-entries.js';
import { type IssuingDistributionPoint, toIssuingPoint } from './distribution-points.js';
import { REVOCATION_OID } from './oids.js';

/** Larger lists are refused before anything is read. */
export const MAX_CRL_BYTES = 64 * 1024 * 1024;

export interface Crl {
  readonly der: Uint8Array;
  /** The to-be-signed part, header included. */
  readonly tbs: Uint8Array;
  readonly version: 1 | 2;
  readonly issuer: DistinguishedName;
  /** Null where the algorithm, or its parameters, are unknown. */
  readonly signatureAlgorithm: SignatureAlgorithm | null;
  readonly signatureAlgorithmOid: string;
  readonly signature: Uint8Array;
  /** Milliseconds since 1970. */
  readonly thisUpdate: number;
  readonly nextUpdate: number | null;
  readonly extensions: readonly Extension[];
  readonly number: bigint | null;
  /** Set in a delta: the number of the list that it builds on (§5.2.4). */
  readonly baseNumber: bigint | null;
  readonly authorityKeyId: Uint8Array | null;
  readonly issuingDistributionPoint: IssuingDistributionPoint | null;
  /** The DER of that extension: a delta and its base have the same one. Null without. */
  readonly scope: Uint8Array | null;
  readonly freshestCrl: readonly DistributionPoint[];
  /** A critical extension, of the list or of an entry, that is not understood here: the list may not be used (§5.2, §5.3). */
  readonly unknownCritical: string | null;
  /** In the order of the list; iterating decodes one after another. */
  readonly entries: Iterable<CrlEntry> & {
    readonly count: number;
    find(serial: Uint8Array): CrlEntry[];
  };
}

const KNOWN: ReadonlySet<string> = new Set([
  OID.authorityKeyIdentifier,
  OID.issuerAltName,
  OID.authorityInfoAccess,
  REVOCATION_OID.cRLNumber,
  REVOCATION_OID.deltaCRLIndicator,
  REVOCATION_OID.issuingDistributionPoint,
  REVOCATION_OID.freshestCRL,
  REVOCATION_OID.expiredCertsOnCRL,
]);

/** Decodes one CRL. Throws X509Error. */
export function parseCrl(der: Uint8Array, maxBytes = MAX_CRL_BYTES): Crl {
  if (der.length > maxBytes) throw x509Error('too_large', 0, { size: der.length });
  const outer = decodeDer(certificateList, der);
  const { value: tbs, raw } = outer.tbsCertList;
  // §5.1.1.2: the same algorithm inside and outside.
  if (!equal(outer.signatureAlgorithm.raw, tbs.signature.raw)) {
    throw x509Error('signature_algorithm_mismatch', offsetIn(der, outer.signatureAlgorithm.raw));
  }
  // §5.1.2.1: version 2 is written as 1; version 1 is not written and has no extensions.
  if (tbs.version !== undefined && tbs.version !== 1) {
    throw x509Error('bad_version', 0, { version: tbs.version + 1 }).within('tbsCertList.version');
  }
  const version = tbs.version === undefined ? 1 : 2;
  if (tbs.crlExtensions && version === 1) throw x509Error('extensions_not_allowed', 0, { version });
  const extensions = (tbs.crlExtensions ?? []).map(
    ({ extnID, critical, extnValue }): Extension => ({ oid: extnID, critical, value: extnValue }),
  );
  const list = tbs.revokedCertificates;
  const start = list ? offsetIn(der, list) : 0;
  const entries = within('tbsCertList', () => new CrlEntries(der, start, start + (list?.length ?? 0)));
  const read = reader(extensions, (value) => offsetIn(der, value));
  const critical = extensions.find((found) => found.critical && !KNOWN.has(found.oid));
  return {
    der,
    tbs: raw,
    version,
    issuer: within('tbsCertList.issuer', () => distinguishedName(tbs.issuer)),
    signatureAlgorithm: within('signatureAlgorithm', () =>
      signatureAlgorithmOf(outer.signatureAlgorithm.value),
    ),
    signatureAlgorithmOid: outer.signatureAlgorithm.value.algorithm,
    signature: outer.signatureValue,
    thisUpdate: tbs.thisUpdate.value,
    nextUpdate: tbs.nextUpdate?.value ?? null,
    extensions,
    number: read(REVOCATION_OID.cRLNumber, integer, numberOf),
    baseNumber: read(REVOCATION_OID.deltaCRLIndicator, integer, numberOf),
    authorityKeyId: read(
      OID.authorityKeyIdentifier,
      authorityKeyIdentifier,
      (id) => id.keyIdentifier ?? null,
    ),
    issuingDistributionPoint: read(
      REVOCATION_OID.issuingDistributionPoint,
      issuingDistributionPoint,
      toIssuingPoint,
    ),
    scope: extensions.find(({ oid }) => oid === REVOCATION_OID.issuingDistributionPoint)?.value ?? null,
    freshestCrl:
      read(REVOCATION_OID.freshestCRL, distributionPoints, (points) => points.map(toDistributionPoint)) ?? [],
    unknownCritical: critical?.oid ?? entries.unknownCritical,
    entries,
  };
}

/** §5.2.3: not negative, at most 20 octets. */
function numberOf(bytes: Uint8Array): bigint {
  if (bytes.length > 20 || bytes[0]! >= 0x80) throw x509Error('integer_out_of_range', 0);
  return BigInt(`0x${toHex(bytes)}`);
}

function within<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw asX509Error(error).within(field);
  }
}

/** Where a view begins in the array that it is a view of. */
function offsetIn(whole: Uint8Array, view: Uint8Array): number {
  return view.byteOffset - whole.byteOffset;
}

/** Reads extensions by object identifier; throws where one occurs twice (§4.2). */
function reader(extensions: readonly Extension[], offsetOf: (value: Uint8Array) => number) {
  const byOid = new Map<string, Extension>();
  for (const extension of extensions) {
    if (byOid.has(extension.oid)) {
      throw x509Error('duplicate_extension', offsetOf(extension.value), { oid: extension.oid });
    }
    byOid.set(extension.oid, extension);
  }
  return <T, U>(oid: string, der: Der<T>, map: (value: T) => U): U | null => {
    const extension = byOid.get(oid);
    if (!extension) return null;
    try {
      return map(decodeDer(der, extension.value));
    } catch (error) {
      throw asX509Error(error)
        .within(`tbsCertList.crlExtensions.${oidName(oid) ?? oid}`)
        .shifted(offsetOf(extension.value));
    }
  };
}

/** The tree of names, byte ranges, values and RFC sections; of long lists the first entries. Never throws on bad bytes. */
export function annotateCrl(der: Uint8Array): AnnotatedNode {
  return openExtensions(annotateDer(certificateList, der, 'crl'), der, CRL_EXTENSION_SYNTAX);
}
