/**
 * OpenSSL's cipher strings (openssl-ciphers(1)), read as OpenSSL 3.0 reads them: same suites, same order. Where OpenSSL
 * passes over a word in silence, the word is named. Suite B and security levels are followed as far as the list of
 * suites goes; what they ask of keys and signatures is not said here.
 */
import { cipherSuiteByCode } from '../suites.js';
import { CipherOrder, type Rule } from './openssl-order.js';
import { OPENSSL_DEBIAN, type OpensslBuild, type OpensslSuite } from './openssl-suites.js';
import { type Criterion, criterionOf, EVERYTHING, join, whyUnknown } from './openssl-words.js';
import { securityLevelObjection } from './security-level.js';
import type {
  CipherListRefusal,
  CipherListWord,
  DroppedSuite,
  OpensslCipherList,
  UnknownWord,
} from './types.js';

export interface OpensslOptions {
  /** Which OpenSSL. Default: 3.0 as Debian builds it. */
  readonly build?: OpensslBuild;
  /** Leave out what the security level refuses, as `openssl ciphers -s -psk -srp` does. Default false. */
  readonly supportedOnly?: boolean;
}

/** What DEFAULT stands for. */
const DEFAULT_LIST = 'ALL:!COMPLEMENTOFDEFAULT:!eNULL';

/** By beginning: the first that fits counts. Nothing behind them is read. */
const SUITE_B: readonly (readonly [string, string])[] = [
  ['SUITEB128ONLY', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
  ['SUITEB128C2', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  ['SUITEB128', 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384'],
  ['SUITEB192', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
];

/** Reads a cipher string. Never throws; the time it takes grows with the length of the string. */
export function readOpensslString(text: string, options: OpensslOptions = {}): OpensslCipherList {
  const reading = new Reading(options.build ?? OPENSSL_DEBIAN);
  const suiteB = SUITE_B.find(([word]) => text.startsWith(word));
  if (suiteB !== undefined) {
    reading.read(suiteB[1], 0);
    reading.passOver(text, suiteB[0].length);
  } else if (text.startsWith('DEFAULT')) {
    reading.readDefault();
    reading.read(text, text[7] === ':' ? 8 : 7);
  } else {
    reading.read(text, 0);
  }
  return reading.result(options.supportedOnly === true);
}

const rules: Readonly<Record<string, Rule>> = { '!': 'exclude', '-': 'remove', '+': 'move' };

const isSeparator = (char: string | undefined): boolean =>
  char === ':' || char === ',' || char === ';' || char === ' ';

/** One string, read once from left to right. */
class Reading {
  readonly #order = new CipherOrder();
  readonly #unknown: UnknownWord[] = [];
  readonly #idle: CipherListWord[] = [];
  readonly #wordPattern: RegExp;
  readonly #lacking = new Set<OpensslSuite>();
  #refused: CipherListRefusal | null = null;
  #level: number | null = null;
  #sorted = false;

  constructor(private readonly build: OpensslBuild) {
    this.#wordPattern = build.ianaNames ? /[A-Za-z0-9.=_-]*/y : /[A-Za-z0-9.=-]*/y;
  }

  readDefault(): void {
    this.read(DEFAULT_LIST, 0);
    this.#order.forgetAsked();
  }

  /** Reads from `at` to the end, or to what OpenSSL cannot stomach. */
  read(text: string, from: number): void {
    let at = from;
    while (at < text.length && this.#refused === null) {
      const char = text[at]!;
      if (isSeparator(char)) at += 1;
      else if (char === '@') at = this.#command(text, at + 1);
      else at = this.#item(text, rules[char] === undefined ? at : at + 1, rules[char] ?? 'add');
    }
  }

  /** Names everything behind a word of Suite B. */
  passOver(text: string, from: number): void {
    for (const { 0: word, index } of text.slice(from).matchAll(/[^:,; ]+/g)) {
      this.#unknown.push({ word, at: from + index, why: 'after_suite_b' });
    }
  }

  #present({ needs }: OpensslSuite): boolean {
    return needs === null || !this.build.without.includes(needs);
  }

  #wordAt(text: string, at: number): string {
    this.#wordPattern.lastIndex = at;
    return this.#wordPattern.exec(text)![0];
  }

  /** Words joined by `+`, with what the prefix wants done. Gives where to go on. */
  #item(text: string, from: number, rule: Rule): number {
    let wanted: Criterion | null = EVERYTHING;
    let at = from;
    for (;;) {
      const word = this.#wordAt(text, at);
      if (word === '') return this.#refuse('bad_character', text, at);
      const found = criterionOf(word, this.build.ianaNames);
      if (found === undefined) return this.#unknownAt(text, at);
      wanted = join(wanted, found);
      at += word.length;
      if (wanted === null) return this.#idleItem(text, from, endOfItem(text, at));
      if (text[at] !== '+') break;
      at += 1;
    }
    const meant = this.#order.apply(rule, wanted);
    if (meant.length === 0) this.#idleItem(text, from, at);
    // `ALL` does not ask for what the build lacks; `3DES` does.
    else if (rule === 'add' && !meant.some((row) => this.#present(row))) {
      for (const row of meant) this.#lacking.add(row);
    }
    return at;
  }

  #idleItem(text: string, from: number, to: number): number {
    this.#idle.push({ word: text.slice(from, to), at: from });
    return to;
  }

  /** The whole item falls with one word of it. */
  #unknownAt(text: string, at: number): number {
    const end = endOfItem(text, at);
    const word = text.slice(at, end).split('+', 1)[0]!;
    this.#unknown.push({ word, at, why: whyUnknown(word) });
    return end;
  }

  /** `@STRENGTH` and `@SECLEVEL=n`. What else stands before the next separator is thrown away, as OpenSSL does. */
  #command(text: string, at: number): number {
    const word = this.#wordAt(text, at);
    const level = /^SECLEVEL=([0-5])$/.exec(word)?.[1];
    if (word === 'STRENGTH') {
      this.#order.sortByStrength();
      this.#sorted = true;
    } else if (level !== undefined) this.#level = Number(level);
    else return this.#refuse(word === '' ? 'bad_character' : 'bad_command', text, at - 1);
    const end = endOfItem(text, at);
    if (end > at + word.length) {
      this.#unknown.push({ word: text.slice(at + word.length, end), at: at + word.length, why: 'unknown' });
    }
    return end;
  }

  #refuse(reason: CipherListRefusal['reason'], text: string, at: number): number {
    this.#refused = { reason, word: text.slice(at, Math.max(endOfItem(text, at), at + 1)), at };
    return text.length;
  }

  result(supportedOnly: boolean): OpensslCipherList {
    const { build } = this;
    const dropped: DroppedSuite[] = [];
    for (const { row, reason } of this.#order.lost()) {
      if (this.#present(row)) dropped.push({ suite: row.suite, reason });
    }
    for (const { suite } of this.#lacking) dropped.push({ suite, reason: 'not_compiled_in' });
    const older = this.#order.active().flatMap((row) => (this.#present(row) ? [row.suite] : []));
    const refused =
      this.#refused ?? (older.length === 0 ? { reason: 'no_suite' as const, word: '', at: 0 } : null);
    const listed = [...build.tls13.map((code) => cipherSuiteByCode(code)!), ...older];
    const level = this.#level ?? build.securityLevel;
    const allowed = listed.filter((suite) => !supportedOnly || securityLevelObjection(suite, level) === null);
    for (const suite of listed) {
      if (!allowed.includes(suite)) dropped.push({ suite, reason: 'security_level' });
    }
    return {
      kind: 'openssl',
      suites: refused === null ? allowed : [],
      securityLevel: this.#level,
      strengthSorted: this.#sorted,
      unknown: this.#unknown,
      dropped,
      idle: this.#idle,
      refused,
    };
  }
}

function endOfItem(text: string, from: number): number {
  let end = from;
  while (end < text.length && !isSeparator(text[end])) end += 1;
  return end;
}
