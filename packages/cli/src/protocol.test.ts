import { describe, expect, test } from 'vitest';
import { deprecationNote, parseSuites, parseVersions } from './protocol.js';
import { UsageError } from './usage.js';
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
const versions = (min?: string, max?: string) => parseVersions({ min, max, exact: [] }, words);

describe('versions', () => {
  test('are none where nothing is said', () => {
    expect(versions()).toBeUndefined();
  });

  test('are a range by any name, with TLS 1.1 and 1.0 only where they are named', () => {
    expect(versions('1.3')).toEqual(['TLSv1.3']);
    expect(versions(undefined, 'TLSv1.2')).toEqual(['TLSv1.2']);
    expect(versions(undefined, 'tls1.1')).toEqual(['TLSv1.1']);
    expect(versions('1.0')).toEqual(['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1']);
    expect(versions('TLS 1.1', '1.2')).toEqual(['TLSv1.2', 'TLSv1.1']);
  });

  test('are exactly those that are named, highest first', () => {
    expect(parseVersions({ exact: ['TLSv1', 'TLSv1.3'] }, words)).toEqual(['TLSv1.3', 'TLSv1']);
  });

  test('are refused where they contradict each other or are not spoken', () => {
    expect(refusal(() => versions('1.3', '1.2'))).toContain('--min is above --max');
    expect(refusal(() => parseVersions({ min: '1.2', exact: ['TLSv1.2'] }, words))).toContain('not both');
    for (const text of ['', '1.4', 'SSLv3', '2', '\u001b[2J'])
      expect(refusal(() => versions(text))).toMatch(/^--min: "[^\u001b]*" is no version/);
  });

  test('that are deprecated are warned of, others not', () => {
    expect(deprecationNote(['TLSv1.2', 'TLSv1.1', 'TLSv1'], words)).toMatch(
      /^TLS 1\.1, TLS 1\.0: deprecated/,
    );
    expect(deprecationNote(['TLSv1.3', 'TLSv1.2'], words)).toBeNull();
    expect(deprecationNote(undefined, words)).toBeNull();
  });
});

describe('cipher suites', () => {
  test('by names are exactly these, whoever’s names they are, each once', () => {
    const { suites, notes } = parseSuites(
      'AES128-SHA:TLS_AES_128_GCM_SHA256, 0xC02F,ECDHE-RSA-AES128-GCM-SHA256',
      undefined,
      words,
    );
    expect(suites).toEqual([
      'TLS_RSA_WITH_AES_128_CBC_SHA',
      'TLS_AES_128_GCM_SHA256',
      'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
    ]);
    expect(notes).toEqual([]);
  });

  test('by a string of OpenSSL come in its order, with those of TLS 1.3 first', () => {
    const { suites, notes } = parseSuites('ECDHE+AESGCM', undefined, words);
    expect(suites.slice(0, 4)).toEqual([
      'TLS_AES_256_GCM_SHA384',
      'TLS_CHACHA20_POLY1305_SHA256',
      'TLS_AES_128_GCM_SHA256',
      'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
    ]);
    expect(notes).toEqual([]);
  });

  test('that akushu does not speak are refused by name, and named where a string brings them', () => {
    expect(refusal(() => parseSuites('DHE-DSS-AES128-SHA', undefined, words))).toContain('does not speak it');
    expect(refusal(() => parseSuites('PSK-AES128-CBC-SHA', undefined, words))).toContain('pre-shared key');
    const { suites, notes } = parseSuites('ALL', undefined, words);
    expect(suites.some((name) => /_DSS_|_anon_|_PSK_/.test(name))).toBe(false);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^--ciphers: \d+ left out, .*DHE-DSS-AES256-GCM-SHA384, .* more\.$/);
  });

  test('with a word that nobody knows are refused, with the nearest names', () => {
    expect(refusal(() => parseSuites('TLS_AES_128_GCM_SHA255', undefined, words))).toContain(
      '"TLS_AES_128_GCM_SHA255" is not known. Nearest: TLS_AES_128_GCM_SHA256',
    );
    expect(refusal(() => parseSuites('ECDHE+AESGCM:AES128-SHAA', undefined, words))).toContain(
      '"AES128-SHAA" is not known. Nearest: TLS_RSA_WITH_AES_128_CBC_SHA',
    );
    expect(refusal(() => parseSuites('', undefined, words))).toContain('""');
    expect(refusal(() => parseSuites('@SYSTEM', undefined, words))).toContain('a setting of a machine');
    expect(refusal(() => parseSuites('HIGH:@SECLEVEL=9', undefined, words))).toMatch(/^--ciphers: /);
  });

  test('keep words that mean nothing today, and say so', () => {
    const { notes } = parseSuites('ECDHE+AESGCM:!EXPORT', undefined, words);
    expect(notes).toEqual([expect.stringContaining('"EXPORT" at character 15')]);
  });

  test('are judged by @SECLEVEL', () => {
    const { suites, notes } = parseSuites('kRSA+AESGCM:ECDHE+AESGCM:@SECLEVEL=3', undefined, words);
    expect(suites.every((name) => /^TLS_(AES|CHACHA20|ECDHE)_/.test(name))).toBe(true);
    expect(notes).toEqual([expect.stringMatching(/^--ciphers: left out by @SECLEVEL=3: AES256-GCM-SHA384/)]);
  });

  test('of a priority string are all that counts of it, and that is said', () => {
    const { suites, notes } = parseSuites(
      'NORMAL:-VERS-TLS1.3:-KX-ALL:+ECDHE-RSA:-CIPHER-ALL:+AES-128-GCM',
      undefined,
      words,
    );
    expect(suites).toEqual(['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256']);
    expect(notes[0]).toContain('--min, --max, --groups and --sigalgs');
  });

  test('go with the versions, or it is said what does not', () => {
    expect(refusal(() => parseSuites('AES128-SHA', ['TLSv1.3'], words))).toContain(
      'none of the suites goes with TLS 1.3',
    );
    expect(parseSuites('AES128-SHA', undefined, words).notes).toEqual([
      '--ciphers has no suite for TLS 1.3, so that is left out.',
    ]);
    expect(parseSuites('AES128-SHA,TLS_AES_128_GCM_SHA256', ['TLSv1.2'], words).notes).toEqual([
      '--ciphers: without effect in the versions asked for: TLS_AES_128_GCM_SHA256.',
    ]);
  });

  test('never put raw on the terminal what was typed', () => {
    expect(refusal(() => parseSuites('\u001b[2J+X', undefined, words))).not.toMatch(/\u001b/);
  });
});
