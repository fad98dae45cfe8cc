/**
 * GnuTLS's priority strings (GnuTLS manual, "Priority Strings"), for reading: which suites, versions, groups and
 * signature schemes come out, in which order, as GnuTLS 3.7 has it. What a machine's own configuration file adds or
 * forbids cannot be known, so `@KEYWORD` and `SYSTEM` are named and refused.
 */
import { findGroup } from '../groups.js';
import { findScheme } from '../schemes.js';
import type { CipherSuite, NamedGroup, SignatureSchemeInfo } from '../types.js';
import {
  BROKEN_SIGNATURES,
  CIPHERS,
  DEFAULT_VERSIONS,
  DH_GROUPS,
  DTLS_VERSIONS,
  EC_GROUPS,
  EXCHANGES,
  FLAGS,
  GOST,
  GOST_GROUPS,
  gnutlsSuite,
  LEVELS,
  type Level,
  MACS,
  NORMAL,
  OTHER_SIGNATURES,
  TLS_VERSIONS,
  VERSION_CODES,
} from './gnutls-words.js';
import type { CipherListRefusal, CipherListWord, GnutlsCipherList, UnknownWord } from './types.js';

/** Reads a priority string. Never throws; the time it takes grows with the length of the string. */
export function readGnutlsString(text: string): GnutlsCipherList {
  const reading = new Reading();
  const words = wordsOf(text);
  const [first] = words;
  if (first !== undefined && isSystem(first.word)) return reading.refuse('system', first);
  let rest = words;
  if (first?.word.toUpperCase() === 'NONE') rest = words.slice(1);
  else reading.startFromDefaults();
  for (const word of rest) reading.read(word);
  return reading.result();
}

export const isSystem = (word: string): boolean => word.startsWith('@') || word.toUpperCase() === 'SYSTEM';

/** Between colons; spaces only before a word, as GnuTLS has it. */
function wordsOf(text: string): CipherListWord[] {
  const words: CipherListWord[] = [];
  let at = 0;
  for (const part of text.split(':')) {
    const word = words.length === 0 ? part.trimStart() : part.replace(/^ +/, '');
    words.push({ word, at: at + part.length - word.length });
    at += part.length + 1;
  }
  return words;
}

type Add = boolean;
type Change = (add: Add) => void;

/** One list of a priority string; a name stands in it once. */
class Ranking {
  #names = new Set<string>();

  set(names: readonly string[]): void {
    this.#names = new Set(names);
  }

  /** `+` adds behind, `-` and `!` take out. */
  change(add: Add, names: readonly string[]): void {
    for (const name of names) {
      if (add) this.#names.add(name);
      else this.#names.delete(name);
    }
  }

  /** The words that end in `ALL` add all the usual ones, and take out all there are. */
  changeAll(add: Add, names: readonly string[]): void {
    if (add) this.change(true, names);
    else this.#names.clear();
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  names(): readonly string[] {
    return [...this.#names];
  }
}

class Reading {
  readonly #versions = new Ranking();
  readonly #ciphers = new Ranking();
  readonly #macs = new Ranking();
  readonly #exchanges = new Ranking();
  readonly #groups = new Ranking();
  readonly #signatures = new Ranking();
  readonly #flags = new Set<string>();
  readonly #unknown: UnknownWord[] = [];
  readonly #idle: CipherListWord[] = [];
  #refused: CipherListRefusal | null = null;
  #levelSeen = true;

  startFromDefaults(): void {
    this.#versions.set(DEFAULT_VERSIONS);
    this.#groups.set(NORMAL.groups);
    this.#signatures.set(NORMAL.signatures);
    this.#levelSeen = false;
  }

  read({ word, at }: CipherListWord): void {
    const level = LEVELS.get(word.toUpperCase());
    if (level !== undefined) {
      this.#applyLevel(level, this.#levelSeen);
      this.#levelSeen = true;
      return;
    }
    const [prefix, name] = [word[0], word.slice(1)];
    if (prefix === '%' && FLAGS.has(name)) this.#flags.add(name);
    else if (prefix === '+' || prefix === '-' || prefix === '!')
      this.#change(prefix === '+', name, { word, at });
    else this.#unknownWord({ word, at });
  }

  /** The first level sets everything, later ones add to it. */
  #applyLevel(level: Level, adds: boolean): void {
    const put = (ranking: Ranking, names: readonly string[]): void => {
      if (adds) ranking.change(true, names);
      else ranking.set(names);
    };
    if (level.versions) put(this.#versions, level.versions);
    put(this.#ciphers, level.ciphers);
    put(this.#macs, level.macs);
    put(this.#exchanges, level.exchanges);
    put(this.#groups, level.groups);
    put(this.#signatures, level.signatures);
  }

  #change(add: Add, written: string, where: CipherListWord): void {
    const name = written.toUpperCase();
    const level = add ? LEVELS.get(name) : undefined;
    if (level !== undefined) this.#applyLevel(level, true);
    else if (MACS.has(name)) this.#macs.change(add, [name]);
    else if (CIPHERS.has(name)) this.#ciphers.change(add, [name]);
    else if (EXCHANGES.has(name)) this.#exchanges.change(add, [name]);
    else if (isIdle(name)) this.#idle.push(where);
    else {
      const change = this.#bulk(name) ?? this.#prefixed(name, where);
      if (change !== undefined) change(add);
      else this.#unknownWord(where);
    }
  }

  #bulk(name: string): Change | undefined {
    switch (name) {
      case 'VERS-TLS-ALL':
        return (add) => this.#versions.change(add, TLS_VERSIONS);
      case 'VERS-DTLS-ALL':
        return (add) => this.#versions.change(add, add ? DTLS_VERSIONS : [...DTLS_VERSIONS, 'DTLS0.9']);
      case 'VERS-ALL':
        return (add) => this.#versions.changeAll(add, DEFAULT_VERSIONS);
      case 'CURVE-ALL':
      case 'GROUP-ALL':
        return (add) => this.#groups.changeAll(add, NORMAL.groups);
      case 'GROUP-DH-ALL':
        return (add) => this.#groups.change(add, DH_GROUPS);
      case 'GROUP-EC-ALL':
        return (add) => this.#groups.change(add, EC_GROUPS);
      case 'GROUP-GOST-ALL':
        return (add) => this.#groups.change(add, GOST_GROUPS);
      case 'SIGN-ALL':
        return (add) => this.#signatures.changeAll(add, NORMAL.signatures);
      case 'MAC-ALL':
        return (add) => this.#macs.changeAll(add, NORMAL.macs);
      case 'CIPHER-ALL':
        return (add) => this.#ciphers.changeAll(add, NORMAL.ciphers);
      case 'KX-ALL':
        return (add) => this.#exchanges.changeAll(add, NORMAL.exchanges);
      default:
        return this.#gost(name);
    }
  }

  /** `-GOST` takes out far more than GOST; so it is in GnuTLS. */
  #gost(name: string): Change | undefined {
    const signatures: Change = (add) => this.#signatures.changeAll(add, GOST.signatures);
    const macs: Change = (add) => this.#macs.changeAll(add, GOST.macs);
    const ciphers: Change = (add) => this.#ciphers.changeAll(add, GOST.ciphers);
    const exchanges: Change = (add) => this.#exchanges.changeAll(add, GOST.exchanges);
    switch (name) {
      case 'SIGN-GOST-ALL':
        return signatures;
      case 'MAC-GOST-ALL':
        return macs;
      case 'CIPHER-GOST-ALL':
        return ciphers;
      case 'KX-GOST-ALL':
        return exchanges;
      case 'GOST':
        return (add) => {
          this.#groups.change(add, GOST_GROUPS);
          for (const change of [signatures, macs, ciphers, exchanges]) change(add);
        };
      default:
        return undefined;
    }
  }

  #prefixed(name: string, where: CipherListWord): Change | undefined {
    const [, kind, rest = ''] = /^(VERS|CURVE|GROUP|SIGN)-(.*)$/s.exec(name) ?? [];
    if (kind === 'VERS' && VERSION_CODES.has(rest)) return (add) => this.#versions.change(add, [rest]);
    if ((kind === 'CURVE' || kind === 'GROUP') && groupNamed(rest)) {
      return (add) => this.#groups.change(add, [rest]);
    }
    const isSignature = NORMAL.signatures.includes(rest) || OTHER_SIGNATURES.has(rest);
    if (kind !== 'SIGN' || !isSignature) return undefined;
    if (schemeNamed(rest) === undefined) this.#unknown.push({ ...where, why: 'no_code_point' });
    return (add) => this.#signatures.change(add, [rest]);
  }

  /** GnuTLS stops at it, but passes over what begins like a group of words. */
  #unknownWord({ word, at }: CipherListWord): void {
    this.#unknown.push({ word, at, why: isSystem(word) ? 'system' : 'unknown' });
    if (!/^[+!-](MAC|CIPHER|KX)-/i.test(word)) this.#refused ??= { reason: 'unknown_word', word, at };
  }

  refuse(reason: 'system', { word, at }: CipherListWord): GnutlsCipherList {
    this.#unknown.push({ word, at, why: 'system' });
    this.#refused = { reason, word, at };
    return this.result();
  }

  result(): GnutlsCipherList {
    this.#settleVersions();
    const listed = this.#suites();
    const versions = this.#versions.names();
    const newest = (datagram: boolean): number => {
      const ages = versions.filter((name) => name.startsWith('D') === datagram).map((name) => ageOf(name));
      return Math.max(0, ...ages);
    };
    const [stream, datagram] = [newest(false), newest(true)];
    const suites = listed.filter(
      (suite) => ageOfSuite(suite) <= stream || datagramAgeOfSuite(suite) <= datagram,
    );
    const nothing = suites.length === 0 ? { reason: 'no_suite' as const, word: '', at: 0 } : null;
    const refused = this.#refused ?? nothing;
    const codes = versions.map((name) => VERSION_CODES.get(name)!);
    return {
      kind: 'gnutls',
      suites: refused === null ? suites : [],
      versions: codes.filter((code) => isStream(code)),
      datagramVersions: codes.filter((code) => !isStream(code)),
      groups: distinct(this.#groups.names().map((name) => groupNamed(name)!)),
      signatureSchemes: this.#schemes(),
      flags: [...this.#flags],
      unknown: this.#unknown,
      dropped: [],
      idle: this.#idle,
      refused,
    };
  }

  #suites(): CipherSuite[] {
    const versions = this.#versions.names();
    const psk = this.#exchanges.names().some((name) => /^(|DHE-|ECDHE-)PSK$/.test(name));
    // TLS 1.3 alone needs no key exchange in its suites; PSK is there the sign that older ones are meant as well.
    const only13 = versions.length > 0 && versions.every((name) => name === 'TLS1.3') && !psk;
    const exchanges = ['', ...(only13 ? [] : this.#exchanges.names())];
    const found: CipherSuite[] = [];
    for (const exchange of exchanges) {
      for (const cipher of this.#ciphers.names()) {
        for (const mac of this.#macs.names()) {
          const suite = gnutlsSuite(exchange, cipher, mac);
          if (suite !== undefined) found.push(suite);
        }
      }
    }
    return found;
  }

  /** Takes out the versions that cannot come about with what else was chosen. */
  #settleVersions(): void {
    const versions = this.#versions;
    versions.change(false, ['SSL3.0']);
    const exchanges = this.#exchanges.names();
    const never13 =
      this.#ciphers.has('NULL') ||
      exchanges.some((name) => name.startsWith('SRP') || name === 'RSA-PSK') ||
      this.#flags.has('NO_EXTENSIONS');
    if (never13) versions.change(false, ['TLS1.3']);
    if (!this.#signatures.names().some((name) => !BROKEN_SIGNATURES.has(name))) {
      versions.change(false, ['TLS1.3', 'TLS1.2', 'DTLS1.2']);
    }
    const psk = exchanges.some((name) => /^(|DHE-|ECDHE-)PSK$/.test(name));
    const noGroup = this.#groups.names().length === 0 && !psk;
    const gap = !versions.has('TLS1.2') && (versions.has('TLS1.1') || versions.has('TLS1.0'));
    if (noGroup || gap) versions.change(false, ['TLS1.3']);
  }

  #schemes(): SignatureSchemeInfo[] {
    return distinct(this.#signatures.names().flatMap((name) => schemeNamed(name) ?? []));
  }
}

/** Compression is gone from TLS, and certificate types are not about suites. */
const isIdle = (name: string): boolean =>
  /^(COMP-|CTYPE-((CLI-|SRV-)?(ALL|X\.?509|RAWPK)|OPENPGP)$)/.test(name);

const distinct = <T>(all: readonly T[]): T[] => [...new Set(all)];

/** GnuTLS's name is IANA's in capitals. */
function groupNamed(name: string): NamedGroup | undefined {
  return /^[A-Z0-9]+$/.test(name) ? (findGroup(`GROUP-${name}`) ?? findGroup(name)) : undefined;
}

const gostSchemes: Readonly<Record<string, string>> = {
  'GOSTR341012-256': 'gostr34102012_256_intrinsic',
  'GOSTR341012-512': 'gostr34102012_512_intrinsic',
};

function schemeNamed(name: string): SignatureSchemeInfo | undefined {
  return findScheme(gostSchemes[name] ?? `SIGN-${name}`);
}

const isStream = (code: number): boolean => code >> 8 === 3;

/** Versions in the order of their making; DTLS 1.0 came with TLS 1.1. */
const ages: Readonly<Record<string, number>> = {
  'SSL3.0': 1,
  'DTLS0.9': 3,
  'TLS1.0': 2,
  'TLS1.1': 3,
  'DTLS1.0': 3,
  'TLS1.2': 4,
  'DTLS1.2': 4,
  'TLS1.3': 5,
};
const ageOf = (version: string): number => ages[version] ?? 0;

/** GnuTLS gives no suite with SHA-2 to what came before TLS 1.2, save one. */
function ageOfSuite({ code, versions, mac }: CipherSuite): number {
  if (versions[0] === 'TLSv1.3') return ages['TLS1.3']!;
  const isNew = versions[0] === 'TLSv1.2' || (/^SHA(256|384)$/.test(mac) && code !== 0xc03b);
  return ages[isNew ? 'TLS1.2' : 'TLS1.0']!;
}

/** RC4 cannot work where records get lost (RFC 6347 §4.1.2.2); TLS 1.3's suites wait for DTLS 1.3. */
function datagramAgeOfSuite(suite: CipherSuite): number {
  if (suite.enc.startsWith('RC4') || suite.versions[0] === 'TLSv1.3') return Number.POSITIVE_INFINITY;
  return Math.max(ageOfSuite(suite), ages['DTLS1.0']!);
}
