/**
 * What a certificate must be by its profile, beyond what path validation needs: RFC 5280 §4, and for the web the
 * CA/Browser Forum's Baseline Requirements §7.1. One list of rules for each; the first that is broken is the answer.
 */
import { equal } from '../bytes/index.js';
import type { Certificate } from './certificate.js';
import { ipToText } from './ip.js';
import { isPreferredDnsName } from './names.js';
import { OID } from './oids.js';

/**
 * `rfc5280` is the default. `webpki` adds what public authorities have to keep to. `compatible` drops the rules about
 * form, for private authorities that were set up loosely: what a certificate may be used for is checked all the same.
 */
export type Profile = 'rfc5280' | 'webpki' | 'compatible';

/** Where in the path a certificate stands. */
export type Role = 'leaf' | 'intermediate' | 'root';

interface Rule {
  /** A stable word; goes into the failure's facts. */
  readonly name: string;
  readonly roles: readonly Role[];
  readonly broken: (certificate: Certificate) => boolean;
}

const ALL: readonly Role[] = ['leaf', 'intermediate', 'root'];
const ISSUERS: readonly Role[] = ['intermediate', 'root'];
const LEAF: readonly Role[] = ['leaf'];

const isCritical = (certificate: Certificate, oid: string): boolean =>
  certificate.extensions.some((extension) => extension.oid === oid && extension.critical);

const has = (certificate: Certificate, oid: string): boolean =>
  certificate.extensions.some((extension) => extension.oid === oid);

const mustNotBeCritical = (section: string, oid: string): Rule => ({
  name: `critical_${section}`,
  roles: ALL,
  broken: (certificate) => isCritical(certificate, oid),
});

const isCa = ({ basicConstraints }: Certificate): boolean => basicConstraints?.ca === true;

const RFC5280: readonly Rule[] = [
  // §4.1.2.1
  { name: 'not_version_3', roles: ALL, broken: ({ version }) => version !== 3 },
  // §4.1.2.2: positive, at most 20 octets. Old roots have 0; a root's number is never looked up.
  { name: 'bad_serial_number', roles: ['leaf', 'intermediate'], broken: hasBadSerial },
  // §4.1.2.5. Roots in wide use break it.
  {
    name: 'wrong_time_type',
    roles: ['leaf', 'intermediate'],
    broken: ({ properTimeTypes }) => !properTimeTypes,
  },
  // §4.1.2.4
  { name: 'empty_issuer', roles: ALL, broken: ({ issuer }) => issuer.parts.length === 0 },
  // §4.1.2.6
  { name: 'empty_ca_subject', roles: ISSUERS, broken: ({ subject }) => subject.parts.length === 0 },
  {
    name: 'empty_subject_needs_critical_subject_alt_name',
    roles: LEAF,
    broken: (certificate) =>
      certificate.subject.parts.length === 0 && !isCritical(certificate, OID.subjectAltName),
  },
  // §4.2.1.1: a trust anchor's issuer is not looked for
  {
    name: 'missing_authority_key_identifier',
    roles: ['leaf', 'intermediate'],
    broken: ({ authorityKeyId }) => !authorityKeyId?.keyId,
  },
  mustNotBeCritical('authority_key_identifier', OID.authorityKeyIdentifier),
  // §4.2.1.2
  { name: 'missing_subject_key_identifier', roles: ISSUERS, broken: ({ subjectKeyId }) => !subjectKeyId },
  mustNotBeCritical('subject_key_identifier', OID.subjectKeyIdentifier),
  // §4.2.1.3
  { name: 'empty_key_usage', roles: ALL, broken: ({ keyUsage }) => keyUsage?.length === 0 },
  // §4.2.1.6
  { name: 'bad_dns_name', roles: LEAF, broken: hasBadDnsName },
  // §4.2.1.9
  {
    name: 'basic_constraints_not_critical',
    roles: ISSUERS,
    broken: (certificate) => !isCritical(certificate, OID.basicConstraints),
  },
  {
    name: 'key_cert_sign_without_ca',
    roles: LEAF,
    broken: (certificate) => certificate.keyUsage?.includes('keyCertSign') === true && !isCa(certificate),
  },
  // §4.2.1.10
  {
    name: 'name_constraints_without_ca',
    roles: LEAF,
    broken: (certificate) => certificate.nameConstraints !== null && !isCa(certificate),
  },
  // §4.2.1.11
  {
    name: 'policy_constraints_not_critical',
    roles: ALL,
    broken: (certificate) =>
      has(certificate, OID.policyConstraints) && !isCritical(certificate, OID.policyConstraints),
  },
  // §4.2.2.1
  mustNotBeCritical('authority_info_access', OID.authorityInfoAccess),
];

/** Sections of the Baseline Requirements, version 2. */
const WEBPKI: readonly Rule[] = [
  // §7.1.2.7.6, §7.1.2.7.10
  { name: 'missing_extended_key_usage', roles: LEAF, broken: ({ extKeyUsage }) => !extKeyUsage },
  {
    name: 'any_extended_key_usage',
    roles: LEAF,
    broken: ({ extKeyUsage }) => extKeyUsage?.includes(OID.anyExtendedKeyUsage) === true,
  },
  mustNotBeCritical('extended_key_usage', OID.extKeyUsage),
  // §7.1.2.1.2
  { name: 'root_extended_key_usage', roles: ['root'], broken: ({ extKeyUsage }) => extKeyUsage !== null },
  // §7.1.2.1.3
  { name: 'bad_root_authority_key_identifier', roles: ['root'], broken: hasBadRootKeyId },
  // §7.1.2.7.8
  { name: 'ca_as_leaf', roles: LEAF, broken: isCa },
  // §7.1.2.7.12
  {
    name: 'critical_subject_alt_name',
    roles: LEAF,
    broken: (certificate) =>
      certificate.subject.parts.length > 0 && isCritical(certificate, OID.subjectAltName),
  },
  // §7.1.4.3
  { name: 'common_name_not_in_subject_alt_name', roles: LEAF, broken: hasStrayCommonName },
  // §6.1.5
  {
    name: 'rsa_modulus_not_whole_bytes',
    roles: ALL,
    broken: ({ publicKeyAlgorithm: { kind, bits } }) =>
      (kind === 'rsa' || kind === 'rsa-pss') && (bits ?? 0) % 8 !== 0,
  },
];

const RULES: Readonly<Record<Profile, readonly Rule[]>> = {
  compatible: [],
  rfc5280: RFC5280,
  webpki: [...RFC5280, ...WEBPKI],
};

/** The first rule of the profile that the certificate breaks in this role; null where it keeps all. */
export function brokenRule(certificate: Certificate, role: Role, profile: Profile): string | null {
  const rule = RULES[profile].find(({ roles, broken }) => roles.includes(role) && broken(certificate));
  return rule?.name ?? null;
}

function hasBadSerial({ serial, serialHex }: Certificate): boolean {
  return serial[0]! >= 0x80 || /^0+$/.test(serialHex) || serialHex.length > 40;
}

function hasBadDnsName({ subjectAltName }: Certificate): boolean {
  return (subjectAltName ?? []).some((name) => name.kind === 'dns' && !isPreferredDnsName(name.value));
}

function hasBadRootKeyId({ authorityKeyId, subjectKeyId }: Certificate): boolean {
  if (!authorityKeyId) return false;
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
