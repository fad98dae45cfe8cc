/**
 * What public authorities have to keep to: the CA/Browser Forum's Baseline Requirements, version 2, §6 and §7, so far
 * as a certificate shows it. Not looked at is what only its authority is judged by and no user endangered by: the
 * policies and URLs that have to be listed, which extensions are marked critical without need, and how the subject was
 * validated.
 */
import { equal } from '../bytes/index.js';
import type { Certificate } from './certificate.js';
import { ipToText } from './ip.js';
import { OID } from './oids.js';
import { ALL, isCa, isCritical, LEAF, mustNotBeCritical, type Rule } from './rules.js';

const DAY = 86_400_000;

/**
 * §6.3.2: the longest validity in days for what was issued from that day on. Before 2012 nothing was agreed; 60 and 39
 * months are counted as browsers do.
 */
const VALIDITY_LIMITS: readonly { readonly from: number; readonly days: number }[] = [
  { from: Date.UTC(2029, 2, 15), days: 47 },
  { from: Date.UTC(2027, 2, 15), days: 100 },
  { from: Date.UTC(2026, 2, 15), days: 200 },
  { from: Date.UTC(2020, 8, 1), days: 398 },
  { from: Date.UTC(2018, 2, 1), days: 825 },
  { from: Date.UTC(2015, 3, 1), days: 39 * 31 },
  { from: Date.UTC(2012, 6, 1), days: 60 * 31 },
];

/** The days that a certificate issued then may be valid; null where no limit was agreed. */
export function validityLimit(notBefore: number): number | null {
  return VALIDITY_LIMITS.find(({ from }) => notBefore >= from)?.days ?? null;
}

/** §7.1.2.7.10: never together with the authentication of servers. */
const FORBIDDEN_PURPOSES: readonly string[] = [
  OID.anyExtendedKeyUsage,
  '1.3.6.1.5.5.7.3.3',
  '1.3.6.1.5.5.7.3.4',
  '1.3.6.1.5.5.7.3.8',
  '1.3.6.1.5.5.7.3.9',
];

export const WEBPKI: readonly Rule[] = [
  {
    name: 'validity_too_long',
    section: 'BR §6.3.2',
    roles: LEAF,
    broken: ({ notBefore, notAfter }) => {
      const days = validityLimit(notBefore);
      // §1.6.1: both ends belong to the period.
      return days !== null && notAfter - notBefore + 1000 > days * DAY;
    },
  },
  {
    name: 'missing_subject_alt_name',
    section: 'BR §7.1.2.7.12',
    roles: LEAF,
    broken: ({ subjectAltName }) => subjectAltName === null,
  },
  {
    name: 'bad_subject_alt_name_form',
    section: 'BR §7.1.2.7.12',
    roles: LEAF,
    broken: ({ subjectAltName }) =>
      (subjectAltName ?? []).some(({ kind }) => kind !== 'dns' && kind !== 'ip'),
  },
  {
    name: 'critical_subject_alt_name',
    section: 'BR §7.1.2.7.12',
    roles: LEAF,
    broken: (certificate) =>
      certificate.subject.parts.length > 0 && isCritical(certificate, OID.subjectAltName),
  },
  {
    name: 'common_name_not_in_subject_alt_name',
    section: 'BR §7.1.4.3',
    roles: LEAF,
    broken: hasStrayCommonName,
  },
  {
    name: 'missing_extended_key_usage',
    section: 'BR §7.1.2.7.6',
    roles: LEAF,
    broken: ({ extKeyUsage }) => !extKeyUsage,
  },
  {
    name: 'forbidden_extended_key_usage',
    section: 'BR §7.1.2.7.10',
    roles: LEAF,
    broken: ({ extKeyUsage }) => extKeyUsage?.some((usage) => FORBIDDEN_PURPOSES.includes(usage)) === true,
  },
  mustNotBeCritical('extended_key_usage', 'BR §7.1.2.7.6', OID.extKeyUsage),
  { name: 'ca_as_leaf', section: 'BR §7.1.2.7.8', roles: LEAF, broken: isCa },
  {
    name: 'root_extended_key_usage',
    section: 'BR §7.1.2.1.2',
    roles: ['root'],
    broken: ({ extKeyUsage }) => extKeyUsage !== null,
  },
  {
    name: 'bad_root_authority_key_identifier',
    section: 'BR §7.1.2.1.3',
    roles: ['root'],
    broken: hasBadRootKeyId,
  },
  {
    name: 'authority_key_identifier_by_name',
    section: 'BR §7.1.2.11.1',
    roles: ['leaf', 'intermediate'],
    broken: ({ authorityKeyId }) =>
      authorityKeyId !== null && (authorityKeyId.issuer !== null || authorityKeyId.serial !== null),
  },
  {
    name: 'key_type_not_allowed',
    section: 'BR §6.1.5',
    roles: ALL,
    broken: ({ publicKeyAlgorithm: { kind } }) => kind !== 'rsa' && kind !== 'ec',
  },
  {
    name: 'rsa_modulus_not_whole_bytes',
    section: 'BR §6.1.5',
    roles: ALL,
    broken: ({ publicKeyAlgorithm: { kind, bits } }) => kind === 'rsa' && (bits ?? 0) % 8 !== 0,
  },
  {
    name: 'signature_algorithm_not_allowed',
    section: 'BR §7.1.3.2',
    roles: ['leaf', 'intermediate'],
    broken: ({ signatureAlgorithm }) =>
      signatureAlgorithm === null ||
      !('hash' in signatureAlgorithm) ||
      !['sha256', 'sha384', 'sha512'].includes(signatureAlgorithm.hash),
  },
];

function hasBadRootKeyId({ authorityKeyId, subjectKeyId, selfIssued }: Certificate): boolean {
  // An anchor that another authority signed is no root, and has that one's identifier.
  if (!authorityKeyId || !selfIssued) return false;
  const { keyId, issuer, serial } = authorityKeyId;
  return issuer !== null || serial !== null || !keyId || !subjectKeyId || !equal(keyId, subjectKeyId);
}

function hasStrayCommonName({ subject, subjectAltName }: Certificate): boolean {
  const presented = new Set<string>();
  for (const name of subjectAltName ?? []) {
    if (name.kind === 'dns') presented.add(name.value);
    else if (name.kind === 'ip') presented.add(ipToText(name.value));
  }
  return subject.attributes.some(({ oid, value }) => oid === OID.commonName && !presented.has(value ?? ''));
}
