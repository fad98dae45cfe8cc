/** Cipher suites as text: a list of them with what their parts mean, or one at length. */
import {
  type CipherList,
  type CipherSuite,
  findVersion,
  OPENSSL_DEBIAN,
  securityLevelObjection,
} from 'akushu';
import { printable } from 'akushu/diagnose';
import type { Style } from '../output.js';
import { padEnd, widthOf } from '../text.js';
import type { AuthenticationKind, EncryptionKind, ExchangeKind, IntegrityKind } from '../words/ciphers.js';
import { heading, paragraph, row, widest } from './layout.js';

export const codeOf = ({ code }: CipherSuite): string =>
  `0x${code.toString(16).toUpperCase().padStart(4, '0')}`;

/** `noteOf` may add a line to a suite. */
export function suiteListLines(
  suites: readonly CipherSuite[],
  style: Style,
  noteOf: (suite: CipherSuite) => string | null = () => null,
): string[] {
  if (suites.length === 0) return [];
  const { sections } = style.words.cipherList;
  return [
    ...heading(sections.suites, style),
    ...suites.flatMap((suite) => suiteLines(suite, style, noteOf(suite))),
    ...meaningLines(suites, style),
  ];
}

const INDENT = 10;

function suiteLines(suite: CipherSuite, style: Style, note: string | null): string[] {
  const { colors, width, words } = style;
  const { forwardSecret } = words.cipherList;
  const title = suite.openssl ?? suite.iana;
  const versions = versionsOf(suite, style);
  const gap = Math.max(2, width - INDENT - widthOf(title) - widthOf(versions));
  const { kx, auth, enc, bits, mac } = suite;
  const parts = `Kx=${kx} Au=${auth} Enc=${enc}(${bits}) Mac=${mac}`;
  const secrecy = suite.forwardSecret ? forwardSecret.yes : forwardSecret.no;
  const weak = suite.weaknesses.join(', ');
  return [
    '',
    `  ${codeOf(suite)}  ${colors.bold(title)}${' '.repeat(gap)}${versions}`,
    ...otherNames(suite, title, style).map((line) => `${' '.repeat(INDENT)}${colors.dim(line)}`),
    ...(widthOf(`${parts} · ${secrecy}`) > width - INDENT
      ? [parts, secrecy]
      : [`${parts} · ${secrecy}`]
    ).flatMap((line) => paragraph(line, INDENT, style)),
    ...(weak === ''
      ? []
      : paragraph(`${words.cipherList.weaknesses}: ${weak}`, INDENT, style, colors.yellow)),
    ...(note === null ? [] : paragraph(note, INDENT, style, colors.yellow)),
  ];
}

/** IANA's name and GnuTLS's; where all are one, it stands above. */
function otherNames(suite: CipherSuite, title: string, { words }: Style): string[] {
  const named = [
    ['IANA', suite.iana],
    ['OpenSSL', suite.openssl],
    ['GnuTLS', suite.gnutls],
  ] as const;
  return named
    .filter(([, name]) => name !== title)
    .map(([owner, name]) => `${padEnd(owner, 7)}  ${name ?? words.cipherList.noName}`);
}

/** `TLS 1.0 – TLS 1.2`: a suite belongs to versions that follow each other. */
function versionsOf({ versions }: CipherSuite, { words }: Style): string {
  const [first, last] = [versions[0], versions.at(-1)].map((name) => name && findVersion(name)?.display);
  if (first === undefined || last === undefined) return words.cipherList.noVersion;
  return first === last ? first : `${first} – ${last}`;
}

/** Each part that occurs, once. */
function meaningLines(suites: readonly CipherSuite[], style: Style): string[] {
  const { cipherList } = style.words;
  const { exchange, authentication, encryption, integrity } = cipherList;
  const blocks: [string, [string, string][]][] = [
    [exchange.title, byName(suites, ({ kx }) => [kx, exchange.meaning[exchangeKind(kx)]])],
    [
      authentication.title,
      byName(suites, ({ auth }) => [auth, authentication.meaning[authenticationKind(auth)]]),
    ],
    [encryption.title, byName(suites, ({ enc }) => [familyOf(enc), encryption.meaning[encryptionKind(enc)]])],
    [integrity.title, byName(suites, ({ mac }) => [mac, integrity.meaning[integrityKind(mac)]])],
    [cipherList.weaknesses, weaknessesOf(suites, style)],
  ];
  const nameWidth = widest(blocks.flatMap(([, entries]) => entries.map(([name]) => name)));
  return [
    ...heading(cipherList.sections.parts, style),
    ...blocks
      .filter(([, entries]) => entries.length > 0)
      .flatMap(([title, entries]) => [
        `  ${style.colors.bold(title)}`,
        ...entries.flatMap(([name, text]) => row(name, text, nameWidth, style)),
      ]),
  ];
}

function byName(
  suites: readonly CipherSuite[],
  entryOf: (suite: CipherSuite) => [name: string, meaning: string],
): [string, string][] {
  return [...new Map(suites.map(entryOf))];
}

function weaknessesOf(suites: readonly CipherSuite[], { words }: Style): [string, string][] {
  const found = new Set(suites.flatMap(({ weaknesses }) => weaknesses));
  return [...found].map((weakness) => [weakness, words.cipherList.why[weakness]]);
}

/** One suite: all names, and every part with what it is. */
export function suiteDetailLines(suite: CipherSuite, offered: boolean, style: Style): string[] {
  const words = style.words.cipherList;
  const { kx, auth, enc, bits, mac, hash, foreignHash } = suite;
  const names: [string, string][] = [
    ['IANA', suite.unregistered === true ? `${suite.iana} (${words.unregistered})` : suite.iana],
    ['OpenSSL', suite.openssl ?? words.noName],
    ['GnuTLS', suite.gnutls ?? words.noName],
    [words.code, codeOf(suite)],
  ];
  const derivation = foreignHash ?? hash;
  const secrecy = suite.forwardSecret ? words.forwardSecretMeaning.yes : words.forwardSecretMeaning.no;
  const parts: [name: string, value: string, meaning: string][] = [
    [words.exchange.title, kx, words.exchange.meaning[exchangeKind(kx)]],
    [words.authentication.title, auth, words.authentication.meaning[authenticationKind(auth)]],
    [words.encryption.title, `${enc}, ${words.bits(bits)}`, words.encryption.meaning[encryptionKind(enc)]],
    [words.integrity.title, mac, words.integrity.meaning[integrityKind(mac)]],
    [words.keyDerivation, derivation.toUpperCase().replace(/^SHA/, 'SHA-'), ''],
    [words.forwardSecrecy, secrecy, ''],
    [words.versions, versionsOf(suite, style), ''],
    [words.recommended, words.recommendation[suite.recommended], ''],
    [words.byDefault, offered ? words.offered.yes : words.offered.no, ''],
  ];
  const why = suite.weaknesses.map((weakness): [string, string] => [weakness, words.why[weakness]]);
  const nameWidth = widest([...names, ...parts, ...why].map(([name]) => name));
  return [
    ...heading(words.sections.names, style),
    ...names.flatMap(([owner, name]) => row(owner, name, nameWidth, style)),
    ...heading(words.sections.madeOf, style),
    ...parts.flatMap(([name, value, meaning]) => [
      ...row(name, value, nameWidth, style, style.colors.bold),
      ...(meaning === '' ? [] : row('', meaning, nameWidth, style)),
    ]),
    ...(why.length === 0 ? [] : heading(words.weaknesses, style)),
    ...why.flatMap(([weakness, text]) => row(weakness, text, nameWidth, style, style.colors.yellow)),
    '',
  ];
}

/** What OpenSSL has against a suite at the level in force, for it lists such suites and does not use them. */
export function levelNote(list: CipherList, { words }: Style): (suite: CipherSuite) => string | null {
  if (list.kind !== 'openssl') return () => null;
  const level = list.securityLevel ?? OPENSSL_DEBIAN.securityLevel;
  return (suite) => {
    const objection = securityLevelObjection(suite, level);
    const { refusedAtLevel, objections } = words.cipherList;
    return objection === null ? null : refusedAtLevel(level, objections[objection]);
  };
}

const MOST_NAMES = 6;

/** Suites that were asked for and are not there, by reason, and words without effect. */
export function absentLines({ dropped, idle }: CipherList, style: Style): string[] {
  const words = style.words.cipherList;
  const byReason = new Map<string, string[]>();
  for (const { suite, reason } of dropped) {
    const names = byReason.get(words.dropped[reason]) ?? [];
    byReason.set(words.dropped[reason], [...names, suite.openssl ?? suite.iana]);
  }
  if (idle.length > 0) {
    byReason.set(
      words.idle,
      idle.slice(0, MOST_NAMES + 1).map(({ word }) => printable(word, 64)),
    );
  }
  if (byReason.size === 0) return [];
  const nameWidth = widest([...byReason.keys()]);
  return [
    ...heading(words.sections.absent, style),
    ...[...byReason].flatMap(([reason, names]) => {
      const count = reason === words.idle ? idle.length : names.length;
      return row(reason, someOf(names, count, style), nameWidth, style);
    }),
  ];
}

function someOf(names: readonly string[], count: number, { words }: Style): string {
  const shown = names.slice(0, MOST_NAMES);
  const rest = count - shown.length;
  return [...shown, ...(rest > 0 ? [words.cipherList.more(rest)] : [])].join(', ');
}

/** What a priority string arranges besides suites. */
export function priorityLines(list: CipherList, style: Style): string[] {
  if (list.kind !== 'gnutls' || list.refused !== null) return [];
  const words = style.words.cipherList;
  const rows: [string, readonly string[]][] = [
    [words.versions, list.versions.map((code) => findVersion(`0x${code.toString(16)}`)?.display ?? '')],
    [words.groups, list.groups.map(({ iana }) => iana)],
    [words.signatures, list.signatureSchemes.map(({ iana }) => iana)],
    [words.flags, list.flags.map((flag) => `%${flag}`)],
  ];
  const filled = rows.filter(([, names]) => names.length > 0);
  const nameWidth = widest(filled.map(([name]) => name));
  return [
    ...heading(words.sections.alsoSays, style),
    ...filled.flatMap(([name, names]) => row(name, names.join(', '), nameWidth, style)),
  ];
}

function exchangeKind(kx: string): ExchangeKind {
  const known: readonly ExchangeKind[] = [
    ...(['any', 'RSA', 'DHE', 'ECDHE', 'DH', 'ECDH'] as const),
    ...(['PSK', 'DHE_PSK', 'ECDHE_PSK', 'RSA_PSK', 'SRP', 'NULL'] as const),
  ];
  return known.find((kind) => kind === kx) ?? 'other';
}

function authenticationKind(auth: string): AuthenticationKind {
  const known = ['any', 'RSA', 'ECDSA', 'DSS', 'anon', 'PSK', 'SRP', 'NULL'] as const;
  return known.find((kind) => kind === auth) ?? 'other';
}

function encryptionKind(enc: string): EncryptionKind {
  if (enc.endsWith('-CCM-8')) return 'CCM-8';
  const known = ['3DES', 'DES', 'RC4', 'RC2', 'CHACHA20', 'NULL'] as const;
  const cipher = known.find((kind) => enc.startsWith(kind));
  if (cipher !== undefined) return cipher;
  return (['GCM', 'CCM', 'CBC'] as const).find((mode) => enc.endsWith(`-${mode}`)) ?? 'other';
}

/** `AES-128-GCM` and `AES-256-GCM` are explained together. */
const familyOf = (enc: string): string => enc.replace(/-(128|192|256)/, '');

function integrityKind(mac: string): IntegrityKind {
  if (mac === 'AEAD' || mac === 'MD5' || mac === 'SHA1' || mac === 'NULL') return mac;
  return /^SHA\d/.test(mac) ? 'SHA2' : 'other';
}
