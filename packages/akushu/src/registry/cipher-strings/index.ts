/**
 * Cipher strings: OpenSSL's, GnuTLS's priority strings, and plain lists of names, told apart by what stands in them.
 * Reads them as the programs do, and names every word that these pass over in silence.
 */
import { isSystem, readGnutlsString } from './gnutls.js';
import { LEVELS } from './gnutls-words.js';
import { readNames } from './names.js';
import { type OpensslOptions, readOpensslString } from './openssl.js';
import { type CipherList, CipherListError, type CipherListKind } from './types.js';

export { OPENSSL_COMPLETE, OPENSSL_DEBIAN, type OpensslBuild, type OpensslOption } from './openssl-suites.js';
export { type SecurityLevelObjection, securityLevelObjection } from './security-level.js';
export type {
  CipherList,
  CipherListKind,
  CipherListRefusal,
  CipherListWord,
  DroppedSuite,
  DropReason,
  GnutlsCipherList,
  IanaCipherList,
  OpensslCipherList,
  RefusalReason,
  UnknownReason,
  UnknownWord,
} from './types.js';
export { CipherListError } from './types.js';

export interface CipherListOptions extends OpensslOptions {
  /** The language, where it is known; otherwise it is recognised. */
  readonly kind?: CipherListKind;
  /** Throw at the first word that is not known, and where the program would refuse the string. Default false. */
  readonly strict?: boolean;
}

/**
 * Reads a cipher string in any of the three languages.
 *
 * Without `strict` it never throws: `unknown` names what was not understood, `dropped` the suites that were asked for
 * and are not in the list, and `refused` says why OpenSSL or GnuTLS would not take the string at all. The time it takes
 * grows with the length of the string.
 *
 * @param text such as `HIGH:!aNULL:@STRENGTH`, `NORMAL:-VERS-TLS1.0`, `TLS_AES_128_GCM_SHA256,0xC02F`
 * @returns the suites in order of preference, `kind` telling the language, and what else that language says
 * @throws {CipherListError} with `strict` only
 * @example
 * const list = parseCipherList('ECDHE+AESGCM:!aNULL:FOO');
 * list.suites.map((suite) => suite.openssl); // the three of TLS 1.3, then ECDHE-ECDSA-AES256-GCM-SHA384, …
 * list.unknown; // [{ word: 'FOO', at: 20, why: 'unknown' }]
 */
export function parseCipherList(text: string, options: CipherListOptions = {}): CipherList {
  const list = readers[options.kind ?? cipherListKind(text)](text, options);
  if (options.strict === true) {
    const [unknown] = list.unknown;
    if (unknown !== undefined) throw new CipherListError(unknown.why, unknown.word, unknown.at, list);
    if (list.refused !== null) {
      throw new CipherListError(list.refused.reason, list.refused.word, list.refused.at, list);
    }
  }
  return list;
}

const readers: Readonly<Record<CipherListKind, (text: string, options: CipherListOptions) => CipherList>> = {
  openssl: readOpensslString,
  gnutls: readGnutlsString,
  iana: readNames,
};

/**
 * Which language a string is in: GnuTLS's where it begins with one of its levels or has one of its marks (`%…`,
 * `+VERS-…`), a list of names where it begins with `TLS_…` or a code, otherwise OpenSSL's. `SUITEB128` and `SUITEB192`
 * alone are OpenSSL's.
 */
export function cipherListKind(text: string): CipherListKind {
  const [first = ''] = text.trimStart().split(/[:,; ]/, 1);
  const level = first.replace(/^\+/, '').toUpperCase();
  const isLevel = (LEVELS.has(level) && !level.startsWith('SUITEB')) || level === 'NONE';
  const isMachine = isSystem(first) && !/^@(STRENGTH|SECLEVEL)/.test(first);
  if (
    isLevel ||
    isMachine ||
    /(^|:) *(%|[+!-](VERS|GROUP|CURVE|SIGN|COMP|CTYPE|MAC|CIPHER|KX)-)/i.test(text)
  ) {
    return 'gnutls';
  }
  return /^(\{?\s*0x[0-9a-f]{2}|(TLS|SSL)_)/i.test(first) ? 'iana' : 'openssl';
}
