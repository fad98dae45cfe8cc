/**
 * Distribution points of CRLs (RFC 5280 §4.2.1.13, §5.2.5): what a list says of its own, and whether that is the same
 * place as a certificate's. Fetches nothing.
 */
import { equal } from '../../bytes/index.js';
import { CRL_REASONS, name as nameSyntax } from '../asn1.js';
import { any, decodeDer, encodeDer, type InferDer, sequenceOf } from '../der/index.js';
import { type DistinguishedName, distinguishedName, isWithinName } from '../distinguished-name.js';
import {
  type CrlReason as CrlReasonBit,
  type DistributionPoint,
  type GeneralName,
  toDistributionPoint,
} from '../extensions.js';
import type { issuingDistributionPoint } from './asn1.js';

/** A reason that a CRL can be limited to. */
export type ReasonFlag = Exclude<CrlReasonBit, 'unused'>;

/** The names of a point, which are whole or the end of the CRL issuer's. */
export type PointName = Pick<DistributionPoint, 'fullName' | 'relativeName'>;

/** What a CRL says it is about (§5.2.5). */
export interface IssuingDistributionPoint extends PointName {
  readonly onlyUserCerts: boolean;
  readonly onlyCaCerts: boolean;
  readonly onlyAttributeCerts: boolean;
  /** Null: all. */
  readonly reasons: readonly ReasonFlag[] | null;
  readonly indirect: boolean;
}

const isReason = (reason: CrlReasonBit): reason is ReasonFlag => reason !== 'unused';

/** All reasons that a CRL can be about (§6.3.2 (a)). */
export const ALL_REASONS: readonly ReasonFlag[] = CRL_REASONS.filter(isReason);

export function toIssuingPoint(decoded: InferDer<typeof issuingDistributionPoint>): IssuingDistributionPoint {
  const { fullName, relativeName, reasons } = toDistributionPoint({
    distributionPoint: decoded.distributionPoint,
    reasons: decoded.onlySomeReasons,
    cRLIssuer: undefined,
  });
  return {
    fullName,
    relativeName,
    onlyUserCerts: decoded.onlyContainsUserCerts,
    onlyCaCerts: decoded.onlyContainsCACerts,
    onlyAttributeCerts: decoded.onlyContainsAttributeCerts,
    reasons: reasons?.filter(isReason) ?? null,
    indirect: decoded.indirectCRL,
  };
}

/** RFC 5280 §7.1. */
export function sameName(a: DistinguishedName, b: DistinguishedName): boolean {
  return equal(a.raw, b.raw) || (a.parts.length === b.parts.length && isWithinName(a, b));
}

/** Directory names as such, all else by its bytes. */
export function sameGeneralName(a: GeneralName, b: GeneralName): boolean {
  if (a.kind === 'directory') return b.kind === 'directory' && sameName(a.value, b.value);
  if (a.kind === 'ip') return b.kind === 'ip' && equal(a.value, b.value);
  if (a.kind === 'other') return b.kind === 'other' && equal(a.raw, b.raw);
  return a.kind === b.kind && a.value === b.value;
}

/** The names of a distribution point, a relative one completed by its CRL issuer's; null where it has none. */
export function namesOf(
  { fullName, relativeName }: PointName,
  crlIssuer: DistinguishedName,
): readonly GeneralName[] | null {
  if (!relativeName) return fullName;
  const parts = decodeDer(sequenceOf(any), crlIssuer.raw);
  const raw = encodeDer(sequenceOf(any), [...parts, relativeName.raw]);
  return [{ kind: 'directory', value: distinguishedName({ value: decodeDer(nameSyntax, raw), raw }) }];
}

/** The addresses among the names. */
export function urlsOf(points: readonly DistributionPoint[] | null): readonly string[] {
  return (points ?? []).flatMap(({ fullName }) =>
    (fullName ?? []).flatMap((name) => (name.kind === 'uri' ? [name.value] : [])),
  );
}
