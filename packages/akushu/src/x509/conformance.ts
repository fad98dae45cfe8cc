/**
 * What a certificate must be by its profile, beyond what path validation needs: RFC 5280 §4 here, what public
 * authorities have to keep to in `webpki.ts`. One list of rules for each; the first that is broken is the answer.
 */
import type { Certificate } from './certificate.js';
import { isPreferredDnsName } from './names.js';
import { OID } from './oids.js';
import { ALL, isCa, isCritical, LEAF, mustNotBeCritical, type Role, type Rule } from './rules.js';
import { WEBPKI } from './webpki.js';

/**
 * `default`, for connections, refuses what endangers a user and takes what browsers take: private authorities, old
 * roots, odd forms. `rfc5280` adds what that profile of X.509 demands of form, `webpki` what the CA/Browser Forum
 * demands of public authorities. The table of differences is in docs/certificates.md.
 */
export type Profile = 'default' | 'rfc5280' | 'webpki';

const ISSUERS: readonly Role[] = ['intermediate', 'root'];
const has = (certificate: Certificate, oid: string): boolean =>
  certificate.extensions.some((extension) => extension.oid === oid);

const RFC5280: readonly Rule[] = [
  { name: 'not_version_3', section: '§4.1.2.1', roles: ALL, broken: ({ version }) => version !== 3 },
  // Positive, at most 20 octets. Old roots have 0; a root's number is never looked up.
  { name: 'bad_serial_number', section: '§4.1.2.2', roles: ['leaf', 'intermediate'], broken: hasBadSerial },
  // Roots in wide use break it.
  {
    name: 'wrong_time_type',
    section: '§4.1.2.5',
    roles: ['leaf', 'intermediate'],
    broken: ({ properTimeTypes }) => !properTimeTypes,
  },
  {
    name: 'empty_issuer',
    section: '§4.1.2.4',
    roles: ALL,
    broken: ({ issuer }) => issuer.parts.length === 0,
  },
  {
    name: 'empty_ca_subject',
    section: '§4.1.2.6',
    roles: ISSUERS,
    broken: ({ subject }) => subject.parts.length === 0,
  },
  {
    name: 'empty_subject_needs_critical_subject_alt_name',
    section: '§4.1.2.6',
    roles: LEAF,
    broken: (certificate) =>
      certificate.subject.parts.length === 0 && !isCritical(certificate, OID.subjectAltName),
  },
  // A trust anchor's issuer is not looked for, and a leaf that signed itself, if it is accepted, is one.
  {
    name: 'missing_authority_key_identifier',
    section: '§4.2.1.1',
    roles: ['leaf', 'intermediate'],
    broken: (certificate) =>
      !certificate.authorityKeyId?.keyId && (isCa(certificate) || !certificate.selfIssued),
  },
  mustNotBeCritical('authority_key_identifier', '§4.2.1.1', OID.authorityKeyIdentifier),
  {
    name: 'missing_subject_key_identifier',
    section: '§4.2.1.2',
    roles: ISSUERS,
    broken: ({ subjectKeyId }) => !subjectKeyId,
  },
  mustNotBeCritical('subject_key_identifier', '§4.2.1.2', OID.subjectKeyIdentifier),
  {
    name: 'empty_key_usage',
    section: '§4.2.1.3',
    roles: ALL,
    broken: ({ keyUsage }) => keyUsage?.length === 0,
  },
  { name: 'bad_dns_name', section: '§4.2.1.6', roles: LEAF, broken: hasBadDnsName },
  {
    name: 'basic_constraints_not_critical',
    section: '§4.2.1.9',
    roles: ISSUERS,
    broken: (certificate) => !isCritical(certificate, OID.basicConstraints),
  },
  {
    name: 'encoded_default',
    section: '§4.2.1.9',
    roles: ALL,
    broken: ({ basicConstraints }) => basicConstraints?.writtenDefault === true,
  },
  {
    name: 'key_cert_sign_without_ca',
    section: '§4.2.1.9',
    roles: LEAF,
    broken: (certificate) => certificate.keyUsage?.includes('keyCertSign') === true && !isCa(certificate),
  },
  {
    name: 'name_constraints_without_ca',
    section: '§4.2.1.10',
    roles: LEAF,
    broken: (certificate) => certificate.nameConstraints !== null && !isCa(certificate),
  },
  {
    name: 'policy_constraints_not_critical',
    section: '§4.2.1.11',
    roles: ALL,
    broken: (certificate) =>
      has(certificate, OID.policyConstraints) && !isCritical(certificate, OID.policyConstraints),
  },
  {
    name: 'inhibit_any_policy_not_critical',
    section: '§4.2.1.14',
    roles: ALL,
    broken: (certificate) =>
      certificate.inhibitAnyPolicy !== null && !isCritical(certificate, OID.inhibitAnyPolicy),
  },
  {
    name: 'duplicate_policy',
    section: '§4.2.1.4',
    roles: ALL,
    broken: ({ certificatePolicies: policies }) =>
      policies !== null && new Set(policies.map(({ oid }) => oid)).size < policies.length,
  },
  mustNotBeCritical('authority_info_access', '§4.2.2.1', OID.authorityInfoAccess),
];

/** The web's profile leaves the choice (BR §7.1.2.10.8), since old readers stumble over it. */
const CRITICAL_NAME_CONSTRAINTS: Rule = {
  name: 'name_constraints_not_critical',
  section: '§4.2.1.10',
  roles: ISSUERS,
  broken: (certificate) =>
    certificate.nameConstraints !== null && !isCritical(certificate, OID.nameConstraints),
};

const RULES: Readonly<Record<Profile, readonly Rule[]>> = {
  default: [],
  rfc5280: [...RFC5280, CRITICAL_NAME_CONSTRAINTS],
  webpki: [...RFC5280, ...WEBPKI],
};

/** The first rule of the profile that the certificate breaks in this role; null where it keeps all. */
export function brokenRule(certificate: Certificate, role: Role, profile: Profile): Rule | null {
  return RULES[profile].find(({ roles, broken }) => roles.includes(role) && broken(certificate)) ?? null;
}

function hasBadSerial({ serial, serialHex }: Certificate): boolean {
  return serial[0]! >= 0x80 || /^0+$/.test(serialHex) || serialHex.length > 40;
}

function hasBadDnsName({ subjectAltName }: Certificate): boolean {
  return (subjectAltName ?? []).some((name) => name.kind === 'dns' && !isPreferredDnsName(name.value));
}
