/**
 * Cipher suites as BoringSSL has them: its default list, in its order on machines with AES instructions, and what the
 * runner writes after -cipher. This is not OpenSSL's language: only its words that the runner uses, and BoringSSL's
 * brackets around suites of equal preference, which are taken as a list like any other.
 */
import { findCipherSuite } from './engine.mjs';
import { Unimplemented } from './flags.mjs';

const OF_13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

/** Without 3DES and the two with CBC and SHA-256, which are on by name only. */
const DEFAULT = [
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA',
  'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
  'TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA',
  'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA',
  'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
  'TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA',
  'TLS_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_RSA_WITH_AES_128_CBC_SHA',
  'TLS_PSK_WITH_AES_128_CBC_SHA',
  'TLS_RSA_WITH_AES_256_CBC_SHA',
  'TLS_PSK_WITH_AES_256_CBC_SHA',
];

/** The shim of BoringSSL adds them to the list that it starts with. */
const BY_NAME = ['TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256', 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256'];

const TRIPLE_DES = ['TLS_RSA_WITH_3DES_EDE_CBC_SHA'];

const WORDS = new Map([
  ['ALL', () => DEFAULT],
  ['DEFAULT', () => DEFAULT],
  ['3DES', () => TRIPLE_DES],
  ['AES', () => DEFAULT.filter((name) => name.includes('_AES_'))],
  ['AES128', () => DEFAULT.filter((name) => name.includes('_AES_128_'))],
]);

function suitesOfWord(word) {
  const meaning = WORDS.get(word);
  if (meaning) return meaning();
  if (!findCipherSuite(word)) throw new Unimplemented(`-cipher ${word}`);
  return [word];
}

function parse(text) {
  let list = [];
  for (const word of text.split(/[:|]/).map((part) => part.replace(/[[\]]/g, ''))) {
    if (word.startsWith('!')) {
      const without = suitesOfWord(word.slice(1));
      list = list.filter((name) => !without.includes(name));
    } else list.push(...suitesOfWord(word).filter((name) => !list.includes(name)));
  }
  return list;
}

/** Code points of all suites to speak; those of TLS 1.3 always. */
export function suitesFor(settings) {
  const older = settings.cipher ? parse(settings.cipher) : [...DEFAULT, ...BY_NAME];
  return [...OF_13, ...older].map((name) => findCipherSuite(name).code);
}
