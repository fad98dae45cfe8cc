/** Things as text: each with a heading and its fields. Certificates are in `inspect-certificate.ts`. */
import { Buffer } from 'node:buffer';
import { printable } from 'akushu/diagnose';
import type { Certificate, Crl, OcspMessage, OcspRequest, OcspResponse } from 'akushu/x509';
import { gradeOf, roleOf, signatureGrade, strengthOf } from '../certificate-facts.js';
import type { Style } from '../output.js';
import { truncate } from '../text.js';
import type { Thing } from '../things.js';
import { localTime } from './dates.js';
import {
  certificateFields,
  extensionFields,
  type Field,
  graded,
  keyText,
  shortList,
  signatureText,
  timeLeft,
} from './inspect-certificate.js';
import { heading, row, widest } from './layout.js';

/** What is known of a thing from the others beside it. */
export interface Relations {
  /** The file of a certificate's key. */
  readonly keyOf: (certificate: Certificate) => string | null;
  /** Subjects of the certificates that a key belongs to; null where there are no certificates to compare with. */
  readonly certificatesOf: (spki: Uint8Array) => readonly string[] | null;
}

type Readable = Exclude<Thing['content'], { kind: 'unreadable' }>;

export function thingLines(
  thing: Thing & { readonly content: Readable },
  relations: Relations,
  style: Style,
  now: number,
): string[] {
  const { place, content } = thing;
  const { rows } = style.words.inspect;
  const fields: Field[] = [
    ...contentFields(content, relations, style, now),
    [rows.found, placeText(thing, style)],
    ...(place.alias === null ? [] : ([[rows.alias, printable(place.alias)]] satisfies Field[])),
  ];
  const nameWidth = widest(fields.map(([name]) => name));
  return [
    ...heading(truncate(`${printable(place.file)}: ${kindText(content, style)}`, style.width - 8), style),
    ...fields.flatMap(([name, text, paint]) => row(name, text, nameWidth, style, paint)),
  ];
}

const kindText = (content: Readable, { words }: Style): string =>
  words.inspect.kinds[content.kind === 'store' ? content.store : content.kind];

function placeText({ place, content }: Thing, { words }: Style): string {
  const { foundAs, version, encodings, inStore, fromServer } = words.inspect;
  const { store, form, encoding, line } = place;
  if (store === 'server') return fromServer;
  if (store !== null && content.kind !== 'store') return inStore[store];
  const named = content.kind === 'certificate' ? version(form, content.certificate.version) : form;
  return foundAs(named, encodings[encoding], line);
}

function contentFields(content: Readable, relations: Relations, style: Style, now: number): Field[] {
  const words = style.words.inspect;
  const { rows } = words;
  switch (content.kind) {
    case 'certificate': {
      const key = relations.keyOf(content.certificate);
      return [
        ...certificateFields(content.certificate, style, now),
        ...(key === null ? [] : ([[rows.fits, words.hasKey(printable(key))]] satisfies Field[])),
      ];
    }
    case 'certificate-request':
      return requestFields(content, style);
    case 'crl':
      return crlFields(content.crl, style, now);
    case 'ocsp-request':
      return ocspRequestFields(content.request, style);
    case 'ocsp-response':
      return ocspFields(content.message, style, now);
    case 'private-key':
    case 'public-key':
      return keyFields(content, relations, style);
    case 'encrypted-private-key':
      return [[rows.is, words.closed]];
    case 'parameters':
      return [];
    case 'store':
      return [
        [
          rows.is,
          words.storeHolds(content.entries, content.others) +
            (content.checked ? ` · ${words.storeChecked}` : ''),
        ],
      ];
  }
}

function requestFields(
  { request, signed }: Extract<Readable, { kind: 'certificate-request' }>,
  style: Style,
): Field[] {
  const { rows, signedWithOwnKey } = style.words.inspect;
  const { publicKeyAlgorithm, subject, subjectAltName } = request;
  const names = (subjectAltName ?? []).map((name) =>
    name.kind === 'dns' || name.kind === 'email' || name.kind === 'uri' ? name.value : name.kind,
  );
  return [
    [rows.subject, printable(subject.text, 512)],
    ...(names.length > 0 ? ([[rows.names, shortList(names, style)]] satisfies Field[]) : []),
    [rows.key, ...graded(keyText(publicKeyAlgorithm, style), gradeOf(strengthOf(publicKeyAlgorithm)), style)],
    [rows.signature, ...graded(signatureText(request), signatureGrade(request), style)],
    [
      rows.status,
      signed ? signedWithOwnKey.yes : signedWithOwnKey.no,
      signed ? undefined : style.colors.red,
    ] as Field,
    ...extensionFields(request, style),
  ];
}

const MAX_REVOKED = 5;

function crlFields(crl: Crl, style: Style, now: number): Field[] {
  const words = style.words.inspect;
  const { rows } = words;
  return [
    [rows.issuer, printable(crl.issuer.text, 512)],
    [rows.updated, localTime(crl.thisUpdate, style.language)],
    ...nextField(crl.thisUpdate, crl.nextUpdate, style, now),
    [rows.signature, ...graded(signatureText(crl), signatureGrade(crl), style)],
    ...(crl.number === null ? [] : ([[rows.number, String(crl.number)]] satisfies Field[])),
    ...(crl.baseNumber === null
      ? []
      : ([[rows.status, words.delta(String(crl.baseNumber))]] satisfies Field[])),
    [rows.entries, revokedText(crl, style)],
  ];
}

function revokedText({ entries }: Crl, style: Style): string {
  const { revoked, revokedCount, more } = style.words.inspect;
  const shown: string[] = [];
  for (const { serial, revocationDate, reason } of entries) {
    if (shown.length === MAX_REVOKED) break;
    shown.push(revoked(serialText(serial), localTime(revocationDate, style.language), reason));
  }
  const left = entries.count - shown.length;
  const all = [...shown, ...(left > 0 ? [more(left)] : [])];
  return [revokedCount(entries.count), ...(all.length > 0 ? [all.join('; ')] : [])].join(': ');
}

const serialText = (serial: Uint8Array): string => Buffer.from(serial.subarray(0, 40)).toString('hex');

function nextField(from: number, next: number | null, style: Style, now: number): Field[] {
  if (next === null) return [];
  const { text, paint } = timeLeft({ notBefore: from, notAfter: next }, style, now);
  return [[style.words.inspect.rows.next, `${localTime(next, style.language)} · ${text}`, paint]];
}

function ocspRequestFields({ certIds }: OcspRequest, style: Style): Field[] {
  const { rows } = style.words.inspect;
  return [
    [
      rows.serial,
      shortList(
        certIds.map(({ serial }) => serialText(serial)),
        style,
      ),
    ],
  ];
}

function ocspFields(message: OcspMessage, style: Style, now: number): Field[] {
  const { rows, ocspRefused } = style.words.inspect;
  if (message.response === null) return [[rows.status, ocspRefused(message.status), style.colors.red]];
  const { response } = message;
  return [
    [rows.issuer, responderText(response)],
    [rows.produced, localTime(response.producedAt, style.language)],
    [rows.signature, ...graded(signatureText(response), signatureGrade(response), style)],
    ...response.responses.slice(0, MAX_REVOKED).flatMap((one) => answerFields(one, style, now)),
  ];
}

function responderText({ responder }: OcspResponse): string {
  return responder.kind === 'name' ? printable(responder.name.text) : serialText(responder.hash);
}

function answerFields(
  { certId, status, revokedAt, reason, thisUpdate, nextUpdate }: OcspResponse['responses'][number],
  style: Style,
  now: number,
): Field[] {
  const { rows, ocspStatus, revoked } = style.words.inspect;
  const serial = serialText(certId.serial);
  const paint = status === 'good' ? style.colors.green : style.colors.red;
  const text =
    revokedAt === null
      ? ocspStatus[status]
      : `${ocspStatus[status]}: ${revoked(serial, localTime(revokedAt, style.language), reason)}`;
  return [
    [rows.serial, serial],
    [rows.status, text, paint],
    [rows.updated, localTime(thisUpdate, style.language)],
    ...nextField(thisUpdate, nextUpdate, style, now),
  ];
}

function keyFields(
  { kind, key, spki }: Extract<Readable, { kind: 'private-key' | 'public-key' }>,
  { certificatesOf }: Relations,
  style: Style,
): Field[] {
  const { rows, unsupportedKey, keyFits, keyFitsNone } = style.words.inspect;
  if (key === null || spki === null) return [[rows.key, unsupportedKey]];
  const owners = certificatesOf(spki);
  const fits: Field[] =
    owners === null || (kind === 'public-key' && owners.length === 0)
      ? []
      : owners.length === 0
        ? [[rows.fits, keyFitsNone, style.colors.yellow]]
        : [[rows.fits, shortList(owners.map(keyFits), style, 4), style.colors.green]];
  return [[rows.key, ...graded(keyText(key, style), gradeOf(strengthOf(key)), style)], ...fits];
}

/** Many certificates, a line each. */
export function certificateTable(certificates: readonly Certificate[], style: Style, now: number): string[] {
  const { words } = style;
  const title = `${words.inspect.kinds.certificate}: ${certificates.length}`;
  const entries = certificates.map((certificate) => {
    const { text, paint } = timeLeft(certificate, style, now);
    return { name: text, paint, text: certificate.subject.text, role: roleOf(certificate) };
  });
  const nameWidth = widest(entries.map(({ name }) => name));
  return [
    ...heading(title, style),
    ...entries.flatMap(({ name, text, paint }) =>
      row(name, truncate(printable(text), style.width - nameWidth - 4), nameWidth, style, paint),
    ),
  ];
}
