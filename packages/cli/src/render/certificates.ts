/** The peer's certificate chain: names, issuers, validity with the days left, keys, and the verdict. */
import { explainError, printable } from 'akushu/diagnose';
import { chainOf, type ShownCertificate } from '../chain.js';
import type { Style } from '../output.js';
import type { Story } from '../story.js';
import { heading, row, widest } from './layout.js';

const MAX_NAMES = 8;
const SOON = 14;

export function certificateLines(story: Story, style: Style, now: number): string[] {
  const { words, colors } = style;
  const chain = chainOf(story, now);
  if (chain.length === 0) return [];
  const nameWidth = widest([
    words.subject,
    words.issuer,
    words.validity,
    words.key,
    words.names,
    words.signedWith,
    words.fingerprint,
    words.verdict,
  ]);
  const title = story.role === 'client' ? words.sections.certificates : words.sections.clientCertificates;
  const lines = chain.flatMap((certificate, i) => [
    ...(certificate
      ? oneCertificate(certificate, i, nameWidth, style)
      : row(String(i + 1), words.unreadable, nameWidth, style)),
    '',
  ]);
  const { text, good } = verdictOf(story, style);
  return [
    ...heading(title, style),
    ...lines,
    ...row(words.verdict, text, nameWidth, style, good ? colors.green : colors.red),
  ];
}

function oneCertificate(
  certificate: ShownCertificate,
  index: number,
  nameWidth: number,
  style: Style,
): string[] {
  const { words, colors } = style;
  const show = (name: string, text: string, paint?: (text: string) => string) =>
    row(name, text, nameWidth, style, paint);
  const issuer = certificate.selfIssued ? words.selfSigned : printable(certificate.issuer);
  const { kind, bits, curve } = certificate.key;
  const names = certificate.names.slice(0, MAX_NAMES).map((name) => printable(name));
  const more = certificate.names.length - names.length;
  return [
    ...show(words.subject, printable(certificate.subject), index === 0 ? colors.bold : undefined),
    ...show(words.issuer, issuer),
    ...show(
      words.validity,
      `${day(certificate.notBefore)} – ${day(certificate.notAfter)}, ${timeLeft(certificate, style)}`,
      paintFor(certificate, style),
    ),
    ...show(
      words.key,
      [kind.toUpperCase(), curve, bits === null || curve !== null ? null : `${bits} bits`]
        .filter(Boolean)
        .join(' '),
    ),
    ...(names.length > 0
      ? show(words.names, [...names, ...(more > 0 ? [words.more(more)] : [])].join(', '))
      : []),
    ...show(words.signedWith, certificate.signatureAlgorithm),
    ...(index === 0 ? show(words.fingerprint, certificate.fingerprint) : []),
  ];
}

const day = (time: number): string => {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString().slice(0, 10);
};

function timeLeft({ notBefore, daysLeft, notAfter }: ShownCertificate, { words }: Style): string {
  const untilBegin = daysLeft + Math.floor((notBefore - notAfter) / 86_400_000) + 1;
  if (untilBegin > 0) return words.notYet(untilBegin);
  return daysLeft < 0 ? words.expiredFor(-daysLeft) : words.daysLeft(daysLeft);
}

function paintFor({ daysLeft }: ShownCertificate, { colors }: Style): (text: string) => string {
  if (daysLeft < 0) return colors.red;
  return daysLeft < SOON ? colors.yellow : (text) => text;
}

function verdictOf(story: Story, { words, language }: Style): { text: string; good: boolean } {
  const event = story.decision('peer_certificate');
  const before = story.facts?.session?.trusted ?? false;
  if (!event) return { text: before ? words.sessions.verifiedBefore : words.notChecked, good: before };
  const refused = event.reason === 'verified' ? event.facts?.ignored : event.chosen;
  if (typeof refused !== 'string')
    return { text: story.role === 'client' ? words.verified : words.verifiedClient, good: true };
  return { text: words.notVerified(explainError({ code: refused }, language).what), good: false };
}
