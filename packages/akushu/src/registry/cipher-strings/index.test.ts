import { describe, expect, test } from 'vitest';
import { type CipherList, CipherListError, cipherListKind, parseCipherList } from './index.js';

describe('the language of a string', () => {
  test.each([
    ['HIGH:!aNULL:@STRENGTH', 'openssl'],
    ['@STRENGTH:ALL', 'openssl'],
    ['@SECLEVEL=1:ALL', 'openssl'],
    ['ECDHE-RSA-AES128-GCM-SHA256', 'openssl'],
    ['SUITEB128', 'openssl'],
    ['-AES:+RSA', 'openssl'],
    ['', 'openssl'],
    ['NORMAL', 'gnutls'],
    ['normal:-RSA', 'gnutls'],
    ['SECURE256:+SECURE128', 'gnutls'],
    ['NONE:+AES-128-GCM', 'gnutls'],
    ['SUITEB128:-VERS-ALL', 'gnutls'],
    ['@SYSTEM:+PSK', 'gnutls'],
    ['SYSTEM', 'gnutls'],
    ['TLS_AES_128_GCM_SHA256', 'iana'],
    ['TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256', 'iana'],
    ['SSL_RSA_WITH_RC4_128_MD5,TLS_FOO', 'iana'],
    ['0xC02F 0x1301', 'iana'],
    ['{0xC0,0x2F}', 'iana'],
  ])('%s is recognised', (text, kind) => {
    expect(cipherListKind(text)).toBe(kind);
    expect(parseCipherList(text).kind).toBe(kind);
  });

  test('can be given', () => {
    const list = parseCipherList('AES128-SHA', { kind: 'iana' });
    expect(list.kind).toBe('iana');
    expect(list.suites.map(({ code }) => code)).toEqual([0x002f]);
    expect(parseCipherList('SUITEB128', { kind: 'gnutls' }).suites).toHaveLength(2);
  });
});

describe('lists of names', () => {
  test('take every name and every way to write a code, in order', () => {
    const text =
      'TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256, TLS_RSA_AES_128_CBC_SHA1 0xc030;0xCC,0xA8,{0x13, 0x02}\n0x0005';
    expect(parseCipherList(text).suites.map(({ code }) => code)).toEqual([
      0x1301, 0xc02f, 0x002f, 0xc030, 0xcca8, 0x1302, 0x0005,
    ]);
  });

  test('name what is unknown, what is a signal, and what stands twice', () => {
    const list = parseCipherList('TLS_AES_128_GCM_SHA256:TLS_FOO:0x1301:TLS_FALLBACK_SCSV');
    expect(list.unknown).toEqual([
      { word: 'TLS_FOO', at: 23, why: 'unknown' },
      { word: 'TLS_FALLBACK_SCSV', at: 38, why: 'signalling' },
    ]);
    expect(list.dropped.map(({ suite, reason }) => [suite.code, reason])).toEqual([[0x1301, 'duplicate']]);
    expect(parseCipherList('TLS_FOO').refused).toMatchObject({ reason: 'no_suite' });
  });
});

describe('priority strings', () => {
  const read = (text: string) => {
    const list = parseCipherList(text, { kind: 'gnutls' });
    if (list.kind !== 'gnutls') throw new Error('not GnuTLS');
    return list;
  };

  test('tell versions, groups, signature schemes and flags', () => {
    const list = read('SECURE192:-VERS-ALL:+VERS-TLS1.2:+VERS-DTLS1.2:%SERVER_PRECEDENCE');
    expect(list.versions).toEqual([0x0303]);
    expect(list.datagramVersions).toEqual([0xfefd]);
    expect(list.groups.map(({ iana }) => iana)).toEqual(['secp384r1', 'secp521r1', 'ffdhe8192']);
    expect(list.signatureSchemes[0]?.iana).toBe('rsa_pkcs1_sha384');
    expect(list.flags).toEqual(['SERVER_PRECEDENCE']);
    expect(list.suites[0]?.iana).toBe('TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384');
  });

  test('stop at what GnuTLS does not know, and name the rest as well', () => {
    const list = read('NORMAL:+FOO:%BAR:+MAC-BAZ');
    expect(list.refused).toEqual({ reason: 'unknown_word', word: '+FOO', at: 7 });
    expect(list.unknown.map(({ word }) => word)).toEqual(['+FOO', '%BAR', '+MAC-BAZ']);
    expect(list.suites).toEqual([]);
  });

  test('name what only a machine can tell, what TLS has no number for, and what says nothing about suites', () => {
    expect(read('@SYSTEM:+PSK').refused).toEqual({ reason: 'system', word: '@SYSTEM', at: 0 });
    expect(read('SYSTEM').unknown).toEqual([{ word: 'SYSTEM', at: 0, why: 'system' }]);
    expect(read('NORMAL:+SIGN-RSA-SHA3-256').unknown).toEqual([
      { word: '+SIGN-RSA-SHA3-256', at: 7, why: 'no_code_point' },
    ]);
    expect(read('NORMAL:+COMP-NULL:+CTYPE-X.509').idle.map(({ word }) => word)).toEqual([
      '+COMP-NULL',
      '+CTYPE-X.509',
    ]);
  });
});

describe('strict reading', () => {
  const thrown = (text: string): CipherListError => {
    try {
      parseCipherList(text, { strict: true });
    } catch (error) {
      if (error instanceof CipherListError) return error;
      throw error;
    }
    throw new Error('nothing was thrown');
  };

  test('throws at the first word that is passed over, and where the program refuses', () => {
    expect(thrown('ALL:FOO:BAR')).toMatchObject({ reason: 'unknown', word: 'FOO', at: 4 });
    expect(thrown('ALL:@FOO')).toMatchObject({ reason: 'bad_command', word: '@FOO', at: 4 });
    expect(thrown('NORMAL:-FOO')).toMatchObject({ reason: 'unknown', at: 7 });
    expect(thrown('TLS_FOO').list.kind).toBe('iana');
  });

  test('gives the list where all is well', () => {
    expect(parseCipherList('HIGH:!aNULL', { strict: true }).suites.length).toBeGreaterThan(100);
  });
});

describe('hostile strings', () => {
  const words = (word: string, count: number, separator = ':') => Array(count).fill(word).join(separator);
  const strings: readonly [string, string][] = [
    ['a million letters', 'A'.repeat(1_000_000)],
    ['a million letters behind a prefix', `TLS_${'A'.repeat(1_000_000)}`],
    ['a million separators', ':'.repeat(1_000_000)],
    ['a million spaces', `NORMAL:${' '.repeat(1_000_000)}`],
    ['a hundred thousand unknown words', words('FOO', 100_000)],
    ['a hundred thousand unknown names', words('TLS_FOO', 100_000)],
    ['a hundred thousand items', words('-ALL:AES', 50_000)],
    ['a hundred thousand sorts', words('@STRENGTH', 100_000)],
    ['one item of many words', words('AES', 200_000, '+')],
    ['many brackets', words('{0x13', 100_000)],
    ['many additions to a priority string', `NORMAL:${words('+AES-128-GCM:-AES-128-GCM', 50_000)}`],
    ['many unknown words of a priority string', `NORMAL:${words('+SIGN-FOO', 100_000)}`],
    ['many words after Suite B', `SUITEB128:${words('FOO', 100_000)}`],
  ];

  test.each(strings)('%s are read to the end', (_name, text) => {
    const list: CipherList = parseCipherList(text);
    expect(list.suites.length).toBeLessThan(500);
    expect(list.unknown.length).toBeLessThanOrEqual(100_000);
  });
});
