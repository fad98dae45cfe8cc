import { describe, expect, test } from 'vitest';
import { languageOfArguments, languageOfLocale } from './language.js';
import {
  parseAlpn,
  parseGroups,
  parsePort,
  parseSchemes,
  parseSeconds,
  parseStartTls,
  parseTarget,
  UsageError,
} from './usage.js';
import { wordsOf } from './words/index.js';

const words = wordsOf('en');
const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error('it was accepted');
};

describe('a target', () => {
  test.each([
    ['example.com', 'example.com', 443],
    ['example.com:8443', 'example.com', 8443],
    ['localhost:1', 'localhost', 1],
    ['192.0.2.1', '192.0.2.1', 443],
    ['192.0.2.1:65535', '192.0.2.1', 65535],
    ['2001:db8::1', '2001:db8::1', 443],
    ['[2001:db8::1]', '2001:db8::1', 443],
    ['[2001:db8::1]:8443', '2001:db8::1', 8443],
    ['https://example.com', 'example.com', 443],
    ['https://example.com:8443/path?q', 'example.com', 8443],
    ['https://[2001:db8::1]/', '2001:db8::1', 443],
    ['wss://example.com/socket', 'example.com', 443],
    ['http://example.com', 'example.com', 80],
    ['日本語.jp', 'xn--wgv71a119e.jp', 443],
    ['my_host.internal.', 'my_host.internal.', 443],
  ])('%s is %s port %i', (text, host, port) => {
    expect(parseTarget(text, words)).toEqual({ host, port });
  });

  test('has the port of its protocol where it names none', () => {
    for (const text of ['mail.example', '[::1]', '::1']) expect(parseTarget(text, words, 25).port).toBe(25);
    expect(parseTarget('mail.example:587', words, 25).port).toBe(587);
  });

  test.each([
    '',
    ' ',
    'a b',
    'host:',
    'host:0',
    'host:65536',
    'host:x',
    'a:b:c',
    '[x]:1',
    '[::1',
    'ex/ample',
    '-',
    'https://',
    'a..b',
    '\u001b[2J',
  ])('is refused: %j', (text) => {
    const message = refusal(() => parseTarget(text, words));
    expect(message).not.toMatch(/\u001b/);
  });
});

describe('lists of names', () => {
  test('take the names of IANA, OpenSSL and GnuTLS, in any case, by commas or colons, each once', () => {
    expect(parseGroups('X25519:P-256,prime256v1', words)).toEqual(['x25519', 'secp256r1']);
    expect(parseSchemes('ECDSA+SHA256,ed25519', words)).toEqual(['ecdsa_secp256r1_sha256', 'ed25519']);
  });

  test('name the unknown word and the nearest names that are known', () => {
    expect(refusal(() => parseGroups('x25519,x25518', words))).toMatch(
      /^--groups: "x25518" is not known\. Nearest: x25519, /,
    );
    expect(refusal(() => parseSchemes('', words))).toContain('""');
  });

  test('tell a name that exists but is not spoken from one that does not exist', () => {
    expect(refusal(() => parseGroups('secp192r1', words))).toContain('does not speak it');
  });
});

describe('numbers and protocols', () => {
  test('a port is a decimal number, 0 only where one is to be chosen', () => {
    expect(parsePort('0', words, 0)).toBe(0);
    for (const text of ['-1', '65536', '1e3', '', '0x10']) refusal(() => parsePort(text, words, 0));
    refusal(() => parsePort('0', words, 1));
  });

  test('a time limit is in seconds, with fractions, above 0, and fits a timer', () => {
    expect(parseSeconds('--timeout', '1.5', words)).toBe(1500);
    for (const text of ['0', '-1', 'x', '', '99999999', 'Infinity'])
      refusal(() => parseSeconds('--timeout', text, words));
  });

  test('a protocol is 1 to 255 bytes that can be seen', () => {
    expect(parseAlpn('h2, http/1.1', words)).toEqual(['h2', 'http/1.1']);
    for (const text of ['', 'h2,', 'x'.repeat(256), 'a\u0007']) refusal(() => parseAlpn(text, words));
  });
});

describe('the language', () => {
  test('follows LC_ALL before LC_MESSAGES before LANG, and Japanese locales only', () => {
    expect(languageOfLocale({ LANG: 'ja_JP.UTF-8' })).toBe('ja');
    expect(languageOfLocale({ LC_ALL: 'C', LANG: 'ja_JP.UTF-8' })).toBe('en');
    expect(languageOfLocale({ LC_MESSAGES: 'ja', LANG: 'en_US.UTF-8' })).toBe('ja');
    expect(languageOfLocale({ LC_ALL: '', LANG: 'ja' })).toBe('ja');
    expect(languageOfLocale({ LANG: 'jam' })).toBe('en');
    expect(languageOfLocale({})).toBe('en');
  });

  test('is what --lang says, before the arguments are read', () => {
    expect(languageOfArguments(['connect', '--lang', 'ja', 'x'], {})).toBe('ja');
    expect(languageOfArguments(['--lang=en'], { LANG: 'ja' })).toBe('en');
    expect(languageOfArguments(['--', '--lang', 'ja'], {})).toBe('en');
    expect(languageOfArguments(['--lang', 'fr'], { LANG: 'ja' })).toBe('ja');
  });
});

test('a protocol for STARTTLS is known by its name in any case, and by no other', () => {
  expect(parseStartTls('IMAP', words)).toBe('imap');
  for (const bad of ['', 'imaps', 'constructor', '\u001b']) {
    expect(refusal(() => parseStartTls(bad, words))).toMatch(
      /^--starttls: .* is not one of smtp, imap, pop3/,
    );
  }
});
