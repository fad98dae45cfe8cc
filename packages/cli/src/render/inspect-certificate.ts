/** A certificate, field by field, with what each means. */
import { Buffer } from 'node:buffer';
import { nodeProvider } from 'akushu/crypto/node';
import { printable } from 'akushu/diagnose';
import {
  type Certificate,
  crlUrls,
  fingerprint,
  type GeneralName,
  ipToText,
  type KnownExtensions,
  type NameConstraints,
  OID,
  oidName,
  parseSctList,
  presentedNames,
  X509Error,
} from 'akushu/x509';
import {
  daysUntil,
  type Grade,
  gradeOf,
  isSelfSigned,
  roleOf,
  signatureGrade,
  strengthOf,
  validationOf,
} from '../certificate-facts.js';
import type { Style } from '../output.js';
import type { KeySummary } from '../things.js';
import type { PurposeKind } from '../words/inspect.js';
import { localTime } from './dates.js';

/** A name, a text, and how it is to be painted. */
export type Field = readonly [name: string, text: string, paint?: (text: string) => string];

const MAX_LISTED = 12;
const SOON = 14;

export function certificateFields(certificate: Certificate, style: Style, now: number): Field[] {
  const words = style.words.inspect;
  const { rows } = words;
  const validation = roleOf(certificate) === 'leaf' ? validationOf(certificate) : null;
  return [
    [rows.is, roleText(certificate, style), style.colors.bold],
    ...optional(rows.validation, validation && words.validations[validation]),
    [rows.subject, printable(certificate.subject.text, 512)],
    [
      rows.issuer,
      isSelfSigned(certificate) ? style.words.selfSigned : printable(certificate.issuer.text, 512),
    ],
    ...validityFields(certificate, style, now),
    ...optional(rows.names, shortList([...presentedNames(certificate), ...otherNames(certificate)], style)),
    [rows.key, ...graded(keyText(certificate.publicKeyAlgorithm, style), keyGrade(certificate), style)],
    [rows.signature, ...graded(signatureText(certificate), signatureGrade(certificate), style)],
    ...extensionFields(certificate, style),
    [rows.serial, printable(certificate.serialHex, 80)],
    [rows.fingerprint, fingerprint(certificate, nodeProvider)],
  ];
}

const optional = (name: string, text: string | null | undefined): Field[] => (text ? [[name, text]] : []);

function roleText(certificate: Certificate, { words }: Style): string {
  const { inspect } = words;
  if (certificate.isPrecertificate) return inspect.precertificate;
  const role = roleOf(certificate);
  return role === 'leaf' && isSelfSigned(certificate) ? inspect.selfSignedLeaf : inspect.roles[role];
}

function validityFields({ notBefore, notAfter }: Certificate, style: Style, now: number): Field[] {
  const { rows, lasts } = style.words.inspect;
  const total = daysUntil(notAfter, notBefore - 1000);
  const { text, paint } = timeLeft({ notBefore, notAfter }, style, now);
  return [
    [rows.begins, localTime(notBefore, style.language)],
    [rows.ends, `${localTime(notAfter, style.language)} · ${text} · ${lasts(total)}`, paint],
  ];
}

export function timeLeft(
  { notBefore, notAfter }: Pick<Certificate, 'notBefore' | 'notAfter'>,
  { words, colors }: Style,
  now: number,
): { text: string; paint: (text: string) => string } {
  const { notYet, expired, daysLeft } = words.inspect;
  if (now < notBefore) return { text: notYet(daysUntil(notBefore, now) + 1), paint: colors.yellow };
  const left = daysUntil(notAfter, now);
  if (left < 0) return { text: expired(-left), paint: colors.red };
  return { text: daysLeft(left), paint: left < SOON ? colors.yellow : (text) => text };
}

export function keyText({ kind, bits, curve }: KeySummary, { words }: Style): string {
  const size = bits === null || curve !== null || !/^(rsa|dsa)/.test(kind) ? null : words.inspect.bits(bits);
  const strength = strengthOf({ kind, bits, curve });
  const security = strength === null || strength === 0 ? null : words.inspect.security(strength);
  const name = [kind.toUpperCase(), curve, size].filter((part) => part !== null).join(' ');
  return security === null ? name : `${name} · ${security}`;
}

const keyGrade = ({ publicKeyAlgorithm }: Pick<Certificate, 'publicKeyAlgorithm'>): Grade =>
  gradeOf(strengthOf(publicKeyAlgorithm));

export function signatureText({
  signatureAlgorithm,
  signatureAlgorithmOid,
}: Pick<Certificate, 'signatureAlgorithm' | 'signatureAlgorithmOid'>): string {
  if (signatureAlgorithm === null) return printable(oidName(signatureAlgorithmOid) ?? signatureAlgorithmOid);
  const hash = 'hash' in signatureAlgorithm ? ` ${signatureAlgorithm.hash}` : '';
  return `${signatureAlgorithm.kind}${hash}`.toUpperCase();
}

export function graded(
  text: string,
  grade: Grade,
  { words, colors }: Style,
): [text: string, paint: (text: string) => string] {
  const paint = grade === 'weak' ? colors.red : (plain: string) => plain;
  return [words.inspect.fixedGrade(text, words.inspect.grades[grade]), paint];
}

/** Those of a certificate, and those that a request asks for. */
export function extensionFields(
  found: KnownExtensions & Pick<Certificate, 'extensions'>,
  style: Style,
): Field[] {
  const words = style.words.inspect;
  const { rows } = words;
  const { basicConstraints, keyUsage, extKeyUsage, authorityInfoAccess, certificatePolicies } = found;
  const policies = certificatePolicies?.map(({ oid }) => withName(oid)) ?? [];
  return [
    ...optional(
      rows.authority,
      basicConstraints && words.authority(basicConstraints.ca, basicConstraints.pathLength),
    ),
    ...optional(
      rows.keyUsage,
      keyUsage && words.list(keyUsage.map((name) => words.withMeaning(name, words.keyUsage[name]))),
    ),
    ...optional(
      rows.purposes,
      extKeyUsage &&
        shortList(
          extKeyUsage.map((oid) => purposeText(oid, style)),
          style,
        ),
    ),
    ...constraintFields(found.nameConstraints, style),
    ...optional(rows.policies, shortList(policies, style)),
    ...optional(rows.ocsp, shortList(authorityInfoAccess?.ocsp ?? [], style)),
    ...optional(rows.issuerAt, shortList(authorityInfoAccess?.caIssuers ?? [], style)),
    ...optional(rows.crlAt, shortList(crlUrls(found), style)),
    ...optional(rows.staple, found.mustStaple ? words.mustStaple : null),
    ...optional(rows.timestamps, found.sctList && timestampsText(found.sctList, style)),
    ...optional(rows.keyId, found.subjectKeyId && hex(found.subjectKeyId)),
    ...optional(rows.issuerKeyId, found.authorityKeyId?.keyId && hex(found.authorityKeyId.keyId)),
    ...optional(rows.unknown, unknownText(found.extensions, style)),
  ];
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes.subarray(0, 64)).toString('hex');

function withName(oid: string): string {
  const name = oidName(oid);
  return printable(name === undefined ? oid : `${name} (${oid})`);
}

function purposeText(oid: string, { words }: Style): string {
  const { purposes, withMeaning } = words.inspect;
  const name = oidName(oid) ?? oid;
  const known = (Object.keys(purposes) as PurposeKind[]).find((one) => one === name);
  return known ? withMeaning(known, purposes[known]) : withName(oid);
}

function timestampsText(list: Uint8Array, style: Style): string {
  const { timestamps, unreadableTimestamps } = style.words.inspect;
  try {
    const found = parseSctList(list);
    const times = found.map(({ timestamp }) => localTime(timestamp, style.language));
    return `${timestamps(found.length)}: ${shortList([...new Set(times)], style, 4)}`;
  } catch (error) {
    if (error instanceof X509Error) return unreadableTimestamps;
    throw error;
  }
}

function constraintFields(constraints: NameConstraints | null, style: Style): Field[] {
  if (constraints === null) return [];
  const { rows, only, never, list } = style.words.inspect;
  const texts = (trees: NameConstraints['permitted']): string =>
    shortList(
      trees.map(({ base }) => constraintText(base)),
      style,
    );
  const { permitted, excluded } = constraints;
  const parts = [
    ...(permitted.length > 0 ? [only(texts(permitted))] : []),
    ...(excluded.length > 0 ? [never(texts(excluded))] : []),
  ];
  return [[rows.constraints, list(parts)]];
}

/** Those that no host is looked for in: e-mail addresses, URIs, directory names. */
export function otherNames({ subjectAltName }: Certificate): string[] {
  return (subjectAltName ?? []).filter(({ kind }) => kind !== 'dns' && kind !== 'ip').map(generalNameText);
}

/** An address stands before its mask. */
export function constraintText(base: GeneralName): string {
  if (base.kind !== 'ip') return generalNameText(base);
  const half = base.value.length / 2;
  return `ip:${ipToText(base.value.subarray(0, half))}/${ipToText(base.value.subarray(half))}`;
}

export function generalNameText(name: GeneralName): string {
  if (name.kind === 'ip') return `ip:${ipToText(name.value)}`;
  if (name.kind === 'directory') return printable(name.value.text);
  if (name.kind === 'other') return printable(`${name.form} ${name.oid ?? ''}`.trim());
  return `${name.kind}:${name.value === '' ? '*' : printable(name.value)}`;
}

/** Extensions that have no row of their own. */
const SHOWN: ReadonlySet<string> = new Set([
  OID.basicConstraints,
  OID.keyUsage,
  OID.extKeyUsage,
  OID.subjectAltName,
  OID.nameConstraints,
  OID.certificatePolicies,
  OID.authorityInfoAccess,
  OID.crlDistributionPoints,
  OID.tlsFeature,
  OID.signedCertificateTimestamps,
  OID.precertificatePoison,
  OID.subjectKeyIdentifier,
  OID.authorityKeyIdentifier,
]);

function unknownText(extensions: Certificate['extensions'], style: Style): string {
  const { critical, withMeaning } = style.words.inspect;
  const texts = extensions
    .filter(({ oid }) => !SHOWN.has(oid))
    .map((extension) =>
      extension.critical ? withMeaning(withName(extension.oid), critical) : withName(extension.oid),
    );
  return shortList(texts, style);
}

/** Safe to show, and not endless. Empty for none. */
export function shortList(items: readonly string[], { words }: Style, limit = MAX_LISTED): string {
  const { list, more } = words.inspect;
  const shown = items.slice(0, limit).map((item) => printable(item));
  return list(items.length > limit ? [...shown, more(items.length - limit)] : shown);
}
