/** Things for programs: names as the standards have them, times in ISO 8601, bytes as hexadecimal digits. */
import { Buffer } from 'node:buffer';
import { nodeProvider } from 'akushu/crypto/node';
import {
  type Certificate,
  type CertificateRequest,
  crlUrls,
  fingerprint,
  type KnownExtensions,
  oidName,
  parseSctList,
  presentedNames,
  X509Error,
} from 'akushu/x509';
import {
  daysUntil,
  gradeOf,
  isSelfSigned,
  roleOf,
  signatureGrade,
  strengthOf,
  validationOf,
} from './certificate-facts.js';
import type { ChainOrder } from './chain-order.js';
import { isoTime } from './render/dates.js';
import type { Relations } from './render/inspect.js';
import { constraintText, generalNameText, otherNames, signatureText } from './render/inspect-certificate.js';
import type { Thing } from './things.js';

/** As JSON in which nothing acts on a terminal: also what JSON itself lets stand is escaped. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function thingJson(thing: Thing, relations: Relations, now: number): Record<string, unknown> {
  const { place, content } = thing;
  const { kind } = content;
  return {
    file: place.file,
    kind: kind === 'store' ? content.store : kind === 'unreadable' ? content.looksLike : kind,
    encoding: place.encoding,
    form: place.form,
    line: place.line,
    store: place.store,
    alias: place.alias,
    ...contentJson(content, relations, now),
  };
}

function contentJson(content: Thing['content'], relations: Relations, now: number): Record<string, unknown> {
  switch (content.kind) {
    case 'certificate':
      return {
        ...certificateJson(content.certificate, now),
        keyFile: relations.keyOf(content.certificate),
      };
    case 'certificate-request':
      return requestJson(content.request, content.signed);
    case 'crl': {
      const { issuer, thisUpdate, nextUpdate, number, entries } = content.crl;
      return {
        issuer: issuer.text,
        thisUpdate: isoTime(thisUpdate),
        nextUpdate: isoTime(nextUpdate),
        number: number === null ? null : String(number),
        revoked: entries.count,
      };
    }
    case 'ocsp-request':
      return { serials: content.request.certIds.map(({ serial }) => hex(serial)) };
    case 'ocsp-response':
      return {
        status: content.message.status,
        producedAt: isoTime(content.message.response?.producedAt ?? null),
        responses: (content.message.response?.responses ?? []).map(
          ({ certId, status, reason, revokedAt, thisUpdate, nextUpdate }) => ({
            serial: hex(certId.serial),
            status,
            reason,
            revokedAt: isoTime(revokedAt),
            thisUpdate: isoTime(thisUpdate),
            nextUpdate: isoTime(nextUpdate),
          }),
        ),
      };
    case 'private-key':
    case 'public-key':
      return {
        key: content.key && { ...content.key, strength: strengthOf(content.key) },
        certificates: content.spki && relations.certificatesOf(content.spki),
        encrypted: content.wasEncrypted,
      };
    case 'store':
      return { entries: content.entries, others: content.others, checked: content.checked };
    case 'unreadable': {
      const { problem } = content;
      return {
        problem: problem
          ? {
              rule: problem.rule,
              field: problem.field,
              offset: problem.offset,
              ...pemPlace(problem.facts),
            }
          : { rule: 'wrong_kind', field: '', offset: 0 },
      };
    }
    default:
      return {};
  }
}

/** Of PEM, which people look for by line. */
const pemPlace = ({ line, column }: Readonly<Record<string, unknown>>) =>
  typeof line === 'number' && typeof column === 'number' ? { line, column } : {};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function certificateJson(certificate: Certificate, now: number): Record<string, unknown> {
  const { notBefore, notAfter, publicKeyAlgorithm, serialHex } = certificate;
  const { kind, bits, curve } = publicKeyAlgorithm;
  const strength = strengthOf(publicKeyAlgorithm);
  return {
    role: roleOf(certificate),
    selfSigned: isSelfSigned(certificate),
    validation: validationOf(certificate),
    precertificate: certificate.isPrecertificate,
    version: certificate.version,
    subject: certificate.subject.text,
    issuer: certificate.issuer.text,
    names: presentedNames(certificate),
    otherNames: otherNames(certificate),
    notBefore: isoTime(notBefore),
    notAfter: isoTime(notAfter),
    daysLeft: daysUntil(notAfter, now),
    serial: serialHex,
    fingerprint: fingerprint(certificate, nodeProvider),
    key: { kind, bits, curve, strength, grade: gradeOf(strength) },
    signature: {
      algorithm: signatureText(certificate),
      oid: certificate.signatureAlgorithmOid,
      grade: signatureGrade(certificate),
    },
    ...extensionsJson(certificate),
  };
}

function requestJson(request: CertificateRequest, signed: boolean): Record<string, unknown> {
  const { kind, bits, curve } = request.publicKeyAlgorithm;
  return {
    subject: request.subject.text,
    signed,
    names: (request.subjectAltName ?? []).map(generalNameText),
    key: { kind, bits, curve, strength: strengthOf(request.publicKeyAlgorithm) },
    ...extensionsJson(request),
  };
}

function extensionsJson(found: KnownExtensions & Pick<Certificate, 'extensions'>): Record<string, unknown> {
  const { basicConstraints, nameConstraints, authorityInfoAccess } = found;
  const names = (oids: readonly string[] | null): string[] | null =>
    oids?.map((oid) => oidName(oid) ?? oid) ?? null;
  return {
    isCa: basicConstraints?.ca ?? false,
    pathLength: basicConstraints?.pathLength ?? null,
    keyUsage: found.keyUsage,
    extKeyUsage: names(found.extKeyUsage),
    nameConstraints: nameConstraints && {
      permitted: nameConstraints.permitted.map(({ base }) => constraintText(base)),
      excluded: nameConstraints.excluded.map(({ base }) => constraintText(base)),
    },
    policies: found.certificatePolicies?.map(({ oid }) => oid) ?? null,
    ocsp: authorityInfoAccess?.ocsp ?? [],
    caIssuers: authorityInfoAccess?.caIssuers ?? [],
    crls: crlUrls(found),
    mustStaple: found.mustStaple,
    scts: timestamps(found.sctList),
    subjectKeyId: found.subjectKeyId && hex(found.subjectKeyId),
    authorityKeyId: found.authorityKeyId?.keyId ? hex(found.authorityKeyId.keyId) : null,
    extensions: found.extensions.map(({ oid, critical }) => ({ oid, name: oidName(oid) ?? null, critical })),
  };
}

/** Null where the list cannot be read. */
function timestamps(list: Uint8Array | null): { log: string; timestamp: string | null }[] | null {
  if (list === null) return [];
  try {
    return parseSctList(list).map(({ logId, timestamp }) => ({
      log: hex(logId),
      timestamp: isoTime(timestamp),
    }));
  } catch (error) {
    if (error instanceof X509Error) return null;
    throw error;
  }
}

/** Certificates by their fingerprints. */
export function chainOrderJson(order: ChainOrder): Record<string, unknown> {
  const ids = (certificates: readonly Certificate[]): string[] =>
    certificates.map((certificate) => fingerprint(certificate, nodeProvider));
  return {
    chains: order.chains.map(({ certificates, missing, endsInRoot }) => ({
      certificates: ids(certificates),
      subjects: certificates.map(({ subject }) => subject.text),
      missing,
      endsInRoot,
    })),
    superfluous: ids(order.superfluous),
    duplicates: order.duplicates,
    inOrder: order.inOrder,
  };
}
