/** What a rule on the form of certificates is. The rules themselves are in `conformance.ts` and `webpki.ts`. */
import type { Certificate } from './certificate.js';

/** Where in the path a certificate stands. */
export type Role = 'leaf' | 'intermediate' | 'root';

export interface Rule {
  /** A stable word; goes into the failure's facts. */
  readonly name: string;
  /** Of RFC 5280 where it begins with `§`, of the Baseline Requirements, version 2, with `BR`. */
  readonly section: string;
  readonly roles: readonly Role[];
  readonly broken: (certificate: Certificate) => boolean;
}

export const ALL: readonly Role[] = ['leaf', 'intermediate', 'root'];
export const LEAF: readonly Role[] = ['leaf'];

export const isCritical = (certificate: Certificate, oid: string): boolean =>
  certificate.extensions.some((extension) => extension.oid === oid && extension.critical);

export const isCa = ({ basicConstraints }: Certificate): boolean => basicConstraints?.ca === true;

export const mustNotBeCritical = (extension: string, section: string, oid: string): Rule => ({
  name: `critical_${extension}`,
  section,
  roles: ALL,
  broken: (certificate) => isCritical(certificate, oid),
});
