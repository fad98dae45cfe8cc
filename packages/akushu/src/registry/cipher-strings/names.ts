/**
 * Lists of suites by name or number, as TLS registries, HAProxy, Go or Java have them: IANA's names, in any mixture with
 * OpenSSL's, GnuTLS's and codes (`0xC02F`, `0xC0,0x2F`). Order and names are all there is; no word stands for several.
 */
import { Scsv } from '../constants.js';
import { findCipherSuite } from '../suites.js';
import type { CipherSuite } from '../types.js';
import type { DroppedSuite, IanaCipherList, UnknownWord } from './types.js';

/** A pair of bytes is one word in spite of the comma. */
const WORD =
  /\{\s*0x[0-9a-f]{2}\s*,\s*0x[0-9a-f]{2}\s*\}|0x[0-9a-f]{2},\s?0x[0-9a-f]{2}(?![0-9a-f])|[^:,;\s]+/gi;
/** No name is longer; what is, need not be looked up. */
const LONGEST = 100;

/** Reads a list of names. Never throws; the time it takes grows with the length of the string. */
export function readNames(text: string): IanaCipherList {
  const suites = new Set<CipherSuite>();
  const unknown: UnknownWord[] = [];
  const dropped = new Map<CipherSuite, DroppedSuite>();
  for (const { 0: word, index: at } of text.matchAll(WORD)) {
    const suite = word.length > LONGEST ? undefined : findCipherSuite(word);
    if (suite === undefined) {
      unknown.push({ word, at, why: word.toUpperCase() in Scsv ? 'signalling' : 'unknown' });
    } else if (suites.has(suite)) dropped.set(suite, { suite, reason: 'duplicate' });
    else suites.add(suite);
  }
  return {
    kind: 'iana',
    suites: [...suites],
    unknown,
    dropped: [...dropped.values()],
    idle: [],
    refused: suites.size === 0 ? { reason: 'no_suite', word: '', at: 0 } : null,
  };
}
