/** What follows from a certificate's fields: what it is, how it was validated, how strong it is. Judges no chain. */
import type { Certificate } from 'akushu/x509';
import { hasSigned } from './chain-order.js';
import type { KeySummary } from './things.js';

export type Role = 'root' | 'intermediate' | 'leaf';

/** Whether the key that it is for made its signature. */
export const isSelfSigned = (certificate: Certificate): boolean =>
  certificate.selfIssued && hasSigned(certificate, certificate) !== false;

export function roleOf(certificate: Certificate): Role {
  const { basicConstraints, version } = certificate;
  const selfSigned = isSelfSigned(certificate);
  // Before version 3 nothing told an authority from others; only roots are left of that time.
  if (selfSigned && version < 3) return 'root';
  if (basicConstraints?.ca !== true) return 'leaf';
  return selfSigned ? 'root' : 'intermediate';
}

export type Validation = 'DV' | 'OV' | 'IV' | 'EV';

/** CA/Browser Forum, Baseline Requirements §7.1.6.1. */
const VALIDATIONS: readonly (readonly [oid: string, validation: Validation])[] = [
  ['2.23.140.1.1', 'EV'],
  ['2.23.140.1.2.2', 'OV'],
  ['2.23.140.1.2.3', 'IV'],
  ['2.23.140.1.2.1', 'DV'],
];

/** How thoroughly the holder was looked at; null where the policies do not say. */
export function validationOf({ certificatePolicies }: Certificate): Validation | null {
  const found = VALIDATIONS.find(([oid]) => certificatePolicies?.some((policy) => policy.oid === oid));
  return found ? found[1] : null;
}

export type Grade = 'strong' | 'enough' | 'weak' | 'unknown';

/** Bits of security (NIST SP 800-57 part 1, table 2); null for kinds that are not known. */
export function strengthOf({ kind, bits }: KeySummary): number | null {
  if (kind === 'rsa' || kind === 'rsa-pss' || kind === 'dsa') return bits === null ? null : ofModulus(bits);
  if (kind === 'ec') return bits === null ? null : Math.floor(bits / 2);
  return FIXED[kind] ?? null;
}

const FIXED: Readonly<Record<string, number>> = {
  ed25519: 128,
  ed448: 224,
  'ml-dsa-44': 128,
  'ml-dsa-65': 192,
  'ml-dsa-87': 256,
};

const MODULI: readonly (readonly [bits: number, strength: number])[] = [
  [15_360, 256],
  [7_680, 192],
  [3_072, 128],
  [2_048, 112],
  [1_024, 80],
];

const ofModulus = (bits: number): number => MODULI.find(([least]) => bits >= least)?.[1] ?? 0;

export function gradeOf(strength: number | null): Grade {
  if (strength === null) return 'unknown';
  if (strength < 112) return 'weak';
  return strength < 128 ? 'enough' : 'strong';
}

/** MD5 and SHA-1 have collisions; others are worth half their length. */
export function signatureGrade({ signatureAlgorithm }: Pick<Certificate, 'signatureAlgorithm'>): Grade {
  if (signatureAlgorithm === null) return 'unknown';
  if (!('hash' in signatureAlgorithm)) return 'strong';
  const { hash } = signatureAlgorithm;
  if (hash === 'md5' || hash === 'sha1') return 'weak';
  return hash === 'sha224' ? 'enough' : 'strong';
}

const DAY = 86_400_000;

/** Whole days until then; negative where it has passed. */
export const daysUntil = (time: number, now: number): number => Math.floor((time - now) / DAY);
