/**
 * Versions and cipher suites as arguments. A suite list is either names, and then exactly these, or a cipher string of
 * OpenSSL or GnuTLS. What of it has no effect becomes a note: nothing is dropped in silence.
 */
import {
  type CipherSuite,
  cipherListKind,
  cipherSuites,
  DEFAULT_VERSIONS,
  findCipherSuite,
  findVersion,
  parseCipherList,
  securityLevelObjection,
  speaks,
  type UnknownReason,
  Version,
  versionByCode,
} from 'akushu';
import { nodeProvider } from 'akushu/crypto/node';
import { printable } from 'akushu/diagnose';
import type { TlsVersionName } from 'akushu/node';
import { nearest, UsageError } from './usage.js';
import type { Words } from './words/index.js';

/** What the options of versions say: `--min`, `--max`, and those that name one version each. */
export interface VersionArguments {
  readonly min?: string | undefined;
  readonly max?: string | undefined;
  readonly exact: readonly TlsVersionName[];
}

/** Highest first; undefined where nothing is asked for. */
export function parseVersions(
  { min, max, exact }: VersionArguments,
  words: Words,
): readonly TlsVersionName[] | undefined {
  const ranged = min !== undefined || max !== undefined;
  if (exact.length > 0) {
    if (ranged) throw new UsageError(words.usage.versionsTwice);
    return spoken((code) => exact.some((name) => Version[name] === code));
  }
  if (!ranged) return undefined;
  const highest = max === undefined ? DEFAULT_VERSIONS[0]! : versionCode('--max', max, words);
  // TLS 1.1 and 1.0 only where they are named.
  const lowest = min === undefined ? Math.min(Version['TLSv1.2'], highest) : versionCode('--min', min, words);
  if (lowest > highest) throw new UsageError(words.usage.minAboveMax);
  return spoken((code) => code >= lowest && code <= highest);
}

const NAMES: readonly TlsVersionName[] = ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1'];

const spoken = (wanted: (code: number) => boolean): readonly TlsVersionName[] =>
  NAMES.filter((name) => wanted(Version[name]));

function versionCode(option: string, text: string, words: Words): number {
  const found = findVersion(text);
  if (found && NAMES.some((name) => name === found.name)) return found.code;
  throw new UsageError(words.usage.badVersion(option, printable(text)));
}

/** `TLS 1.1, TLS 1.0`. */
const versionTexts = (names: readonly TlsVersionName[]): string =>
  names.map((name) => versionByCode(Version[name])!.display).join(', ');

/** A word on versions that nobody should use any more; null where there is none. */
export function deprecationNote(
  versions: readonly TlsVersionName[] | undefined,
  words: Words,
): string | null {
  const old = (versions ?? []).filter((name) => Version[name] < Version['TLSv1.2']);
  return old.length === 0 ? null : words.notes.deprecated(versionTexts(old));
}

export interface SuiteArguments {
  /** IANA names, most preferred first. */
  readonly suites: readonly string[];
  /** For stderr: what has no effect. */
  readonly notes: readonly string[];
}

/** Whether we speak the suite at all: those with a pre-shared key where there is one. */
const usable = (suite: CipherSuite, psk: boolean): boolean =>
  (psk || !needsPsk(suite)) && NAMES.some((name) => fits(suite, name));

const needsPsk = ({ kx }: CipherSuite): boolean => kx.endsWith('PSK');

const fits = (suite: CipherSuite, version: TlsVersionName): boolean =>
  speaks(nodeProvider, suite, Version[version]);

export function parseSuites(
  text: string,
  versions: readonly TlsVersionName[] | undefined,
  words: Words,
  /** Whether there is a pre-shared key. */
  psk = false,
): SuiteArguments {
  const names = text.split(/[,:\s]+/).filter((word) => word !== '');
  const plain = names.every((name) => findCipherSuite(name)) || cipherListKind(text) === 'iana';
  const { suites, notes } = plain ? namedSuites(names, words, psk) : stringSuites(text, words, psk);
  return {
    suites: suites.map(({ iana }) => iana),
    notes: [...notes, ...versionNotes(suites, versions, words)],
  };
}

interface Found {
  readonly suites: readonly CipherSuite[];
  readonly notes: readonly string[];
}

function namedSuites(names: readonly string[], words: Words, psk: boolean): Found {
  const suites = (names.length === 0 ? [''] : names).map((name) => {
    const found = name === '' ? undefined : findCipherSuite(name);
    if (found && usable(found, psk)) return found;
    if (found && needsPsk(found) && !psk) throw new UsageError(words.usage.needsPsk(printable(name)));
    const say = found ? words.usage.unusableName : words.usage.unknownName;
    throw new UsageError(say('--ciphers', printable(name), nearestSuites(name)));
  });
  return { suites: [...new Set(suites)], notes: [] };
}

/** Nobody who mistypes a name wants to be led to a suite that does not encrypt. */
const nearestSuites = (name: string): string =>
  nearest(
    name,
    cipherSuites().filter((suite) => usable(suite, false) && suite.bits > 0),
  ).join(', ');

/** Words of a cipher string that mean nothing to anybody any more, and harm nobody. */
const HARMLESS: ReadonlySet<UnknownReason> = new Set<UnknownReason>([
  'former',
  'signalling',
  'no_code_point',
]);

const note = (text: string): string => `--ciphers: ${text}`;

function stringSuites(text: string, words: Words, psk: boolean): Found {
  const list = parseCipherList(text);
  const { usage, notes, cipherList } = words;
  const bad = list.unknown.find(({ why }) => !HARMLESS.has(why));
  if (bad) {
    if (bad.why === 'unknown')
      throw new UsageError(usage.unknownName('--ciphers', printable(bad.word), nearestSuites(bad.word)));
    throw new UsageError(note(cipherList.unknown[bad.why](printable(bad.word), bad.at + 1)));
  }
  if (list.refused) {
    const { reason, word, at } = list.refused;
    throw new UsageError(note(cipherList.refused[reason](printable(word), at + 1)));
  }
  const level = list.kind === 'openssl' ? (list.securityLevel ?? 0) : 0;
  const foreign = list.suites.filter((suite) => !usable(suite, psk));
  const refused = list.suites.filter((suite) => usable(suite, psk) && securityLevelObjection(suite, level));
  const suites = list.suites.filter((suite) => !foreign.includes(suite) && !refused.includes(suite));
  if (suites.length === 0) throw new UsageError(usage.noSuiteLeft);
  return {
    suites,
    notes: [
      ...list.unknown.map(({ word, at, why }) => note(cipherList.unknown[why](printable(word), at + 1))),
      ...(foreign.length > 0 ? [notes.notSpoken(foreign.length, some(foreign, words))] : []),
      ...(refused.length > 0 ? [notes.belowLevel(level, some(refused, words))] : []),
      // A priority string says more than suites; that has options of its own here.
      ...(list.kind === 'gnutls' ? [notes.suitesOnly] : []),
    ],
  };
}

const SOME = 3;

function some(suites: readonly CipherSuite[], words: Words): string {
  const names = suites.slice(0, SOME).map(({ openssl, iana }) => openssl ?? iana);
  return [...names, ...(suites.length > SOME ? [words.more(suites.length - SOME)] : [])].join(', ');
}

/** Versions for which no suite is left, and suites for which no version is. */
function versionNotes(
  suites: readonly CipherSuite[],
  versions: readonly TlsVersionName[] | undefined,
  words: Words,
): string[] {
  const { usage, notes } = words;
  const asked = versions ?? spoken((code) => DEFAULT_VERSIONS.includes(code));
  const bare = asked.filter((version) => !suites.some((suite) => fits(suite, version)));
  if (bare.length === asked.length) throw new UsageError(usage.suitesForNoVersion(versionTexts(asked)));
  const idle = suites.filter((suite) => !asked.some((version) => fits(suite, version)));
  return [
    ...(bare.length > 0 ? [notes.versionWithoutSuite(versionTexts(bare))] : []),
    ...(idle.length > 0 ? [notes.idleSuites(some(idle, words))] : []),
  ];
}
