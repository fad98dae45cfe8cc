/** `akushu ciphers`: reads a cipher string, or takes what akushu offers, and explains each suite. */
import {
  type CipherList,
  type CipherListKind,
  type CipherSuite,
  cipherSuiteByCode,
  cipherSuites,
  DEFAULT_SUITES,
  findCipherSuite,
  parseCipherList,
  type UnknownReason,
} from 'akushu';
import { printable } from 'akushu/diagnose';
import { EXIT } from '../failure.js';
import type { Language } from '../language.js';
import { complain, type Environs, type Style, styleFor, writeLines } from '../output.js';
import {
  absentLines,
  codeOf,
  levelNote,
  priorityLines,
  suiteDetailLines,
  suiteListLines,
} from '../render/ciphers.js';
import { paragraph } from '../render/layout.js';
import { nearest } from '../usage.js';
import { wordsOf } from '../words/index.js';

export interface CiphersArguments {
  readonly language: Language;
  /** undefined: what akushu offers by default. */
  readonly text: string | undefined;
  /** One suite to explain, in place of a list. */
  readonly name: string | undefined;
  /** The language of `text` where it is given. */
  readonly kind: CipherListKind | undefined;
  readonly json: boolean;
}

/** The suites go to stdout; what is wrong with the string goes to stderr and makes the exit code 2. */
export function runCiphers(args: CiphersArguments, environs: Environs): number {
  if (args.name !== undefined) return explainOne(args.name, args, environs);
  if (args.text !== undefined) return explainString(args.text, args, environs);
  const suites = DEFAULT_SUITES.map((code) => cipherSuiteByCode(code)!);
  const style = styleFor(environs.stdout, args.language, environs.env);
  writeSuites(suites, args.json, environs, () => [
    '',
    ...paragraph(style.words.cipherList.defaults(suites.length), 1, style),
    ...suiteListLines(suites, style),
    '',
  ]);
  return EXIT.ok;
}

function explainOne(name: string, { language, json }: CiphersArguments, environs: Environs): number {
  const suite = name.length > LONGEST ? undefined : findCipherSuite(name);
  if (suite === undefined) {
    const near = nearest(name.slice(0, LONGEST), cipherSuites()).join(', ');
    const { noSuchSuite } = wordsOf(language).cipherList;
    complain(environs.stderr, [noSuchSuite(printable(name, LONGEST), near)]);
    if (json) writeLines(environs.stdout, ['[]']);
    return EXIT.usage;
  }
  const style = styleFor(environs.stdout, language, environs.env);
  const offered = DEFAULT_SUITES.includes(suite.code);
  writeSuites([suite], json, environs, () => suiteDetailLines(suite, offered, style));
  return EXIT.ok;
}

function explainString(text: string, args: CiphersArguments, environs: Environs): number {
  const list = parseCipherList(text, args.kind === undefined ? {} : { kind: args.kind });
  const style = styleFor(environs.stdout, args.language, environs.env);
  writeSuites(list.suites, args.json, environs, () => listLines(text, list, style));
  complain(environs.stderr, complaints(list, style));
  const harmless = list.unknown.every(({ why }) => HARMLESS.has(why));
  return harmless && list.refused === null ? EXIT.ok : EXIT.usage;
}

function listLines(text: string, list: CipherList, style: Style): string[] {
  const { readAs } = style.words.cipherList;
  const title = readAs[list.kind](text === '' ? '""' : printable(text, LONGEST), list.suites.length);
  return [
    '',
    ...paragraph(title, 1, style),
    ...suiteListLines(list.suites, style, levelNote(list, style)),
    ...priorityLines(list, style),
    ...absentLines(list, style),
    '',
  ];
}

const LONGEST = 100;
const MOST_COMPLAINTS = 10;

/** Words that are not known here and that nobody need mend. */
const HARMLESS: ReadonlySet<UnknownReason> = new Set<UnknownReason>([
  'former',
  'signalling',
  'no_code_point',
]);

function complaints({ unknown, refused }: CipherList, { words }: Style): string[] {
  const { cipherList } = words;
  const lines = unknown
    .slice(0, MOST_COMPLAINTS)
    .map(({ word, at, why }) => cipherList.unknown[why](printable(word, LONGEST), at + 1));
  if (unknown.length > MOST_COMPLAINTS) lines.push(cipherList.more(unknown.length - MOST_COMPLAINTS));
  if (refused !== null) {
    lines.push(cipherList.refused[refused.reason](printable(refused.word, LONGEST), refused.at + 1));
  }
  return lines;
}

function writeSuites(
  suites: readonly CipherSuite[],
  json: boolean,
  { stdout }: Environs,
  explained: () => readonly string[],
): void {
  writeLines(stdout, json ? [JSON.stringify(suites.map(suiteJson))] : explained());
}

/** One suite for programs. `aead` and `forwardSecret` are true or false; `code` is a string such as `0xC02F`. */
function suiteJson(suite: CipherSuite): Record<string, unknown> {
  const { iana, openssl, gnutls, versions, kx, auth, enc, bits, mac, hash, foreignHash } = suite;
  const { forwardSecret, recommended, weaknesses } = suite;
  return {
    code: codeOf(suite),
    iana,
    openssl,
    gnutls,
    versions,
    kx,
    auth,
    enc,
    bits,
    mac,
    hash: foreignHash ?? hash,
    forwardSecret,
    aead: mac === 'AEAD',
    recommended,
    weaknesses,
  };
}
