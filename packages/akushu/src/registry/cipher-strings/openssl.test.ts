import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cipherSuites } from '../suites.js';
import { OPENSSL_COMPLETE, OPENSSL_DEBIAN, type OpensslCipherList, parseCipherList } from './index.js';
import { readOpensslString } from './openssl.js';

const names = (list: OpensslCipherList): (string | null)[] =>
  list.suites.slice(3).map(({ openssl }) => openssl);
const read = (text: string) => readOpensslString(text);

describe('the words', () => {
  test('a suite by its name stands where it was named, behind the three of TLS 1.3', () => {
    const { suites } = read('AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256');
    expect(suites.map(({ code }) => code)).toEqual([0x1302, 0x1303, 0x1301, 0x002f, 0xc02f]);
  });

  test('a word joined by + means what both mean', () => {
    expect(names(read('ECDHE+AESGCM'))).toEqual([
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-RSA-AES256-GCM-SHA384',
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES128-GCM-SHA256',
    ]);
    expect(names(read('AES128-SHA+HIGH'))).toEqual(['AES128-SHA']);
  });

  test('! strikes out for good, - until a later word brings it back in front of its like, + moves behind', () => {
    expect(names(read('RSA+AESGCM:!AES128:AES128-GCM-SHA256'))).toEqual(['AES256-GCM-SHA384']);
    expect(names(read('RSA+AESGCM:-AES256:AES256-GCM-SHA384'))).toEqual([
      'AES128-GCM-SHA256',
      'AES256-GCM-SHA384',
    ]);
    expect(names(read('RSA+AESGCM:+AES256'))).toEqual(['AES128-GCM-SHA256', 'AES256-GCM-SHA384']);
    expect(names(read('+AES256:RSA+AESGCM'))).toEqual(['AES256-GCM-SHA384', 'AES128-GCM-SHA256']);
  });

  test('@STRENGTH sorts what is there so far, and leaves equals as they are', () => {
    const list = read('AES128-SHA:AES256-SHA:PSK-AES256-CBC-SHA:@STRENGTH:NULL-SHA');
    expect(names(list)).toEqual(['AES256-SHA', 'PSK-AES256-CBC-SHA', 'AES128-SHA', 'NULL-SHA']);
    expect(list.strengthSorted).toBe(true);
    expect(read('ALL').strengthSorted).toBe(false);
  });

  test('@SECLEVEL is told, the last one counts, and the list is the same with every one', () => {
    expect(read('ALL').securityLevel).toBeNull();
    const list = read('ALL:@SECLEVEL=4:@SECLEVEL=1');
    expect(list.securityLevel).toBe(1);
    expect(names(list)).toEqual(names(read('ALL')));
  });

  test('separators may stand anywhere, several of them, of four kinds', () => {
    const plain = names(read('AES128-SHA:AES256-SHA'));
    for (const text of ['AES128-SHA,AES256-SHA', ' AES128-SHA  AES256-SHA;', '::AES128-SHA;:,AES256-SHA:']) {
      expect(names(read(text)), text).toEqual(plain);
    }
  });

  test('DEFAULT counts at the beginning only, and what it leaves out was not asked for', () => {
    expect(read('DEFAULT').dropped).toEqual([]);
    expect(read('DEFAULT').unknown).toEqual([]);
    expect(read('AES:DEFAULT').unknown).toEqual([{ word: 'DEFAULT', at: 4, why: 'only_first' }]);
  });

  test('case counts', () => {
    expect(read('high:AES128-SHA').unknown).toEqual([{ word: 'high', at: 0, why: 'unknown' }]);
  });
});

describe('nothing is lost in silence', () => {
  test('an unknown word is named with its place, and takes the rest of its item with it', () => {
    expect(read('AES+FOO+RSA:!BAR:AES128-SHA').unknown).toEqual([
      { word: 'FOO', at: 4, why: 'unknown' },
      { word: 'BAR', at: 13, why: 'unknown' },
    ]);
  });

  test('a word of former releases is told from one that never was', () => {
    const why = (text: string) => read(`${text}:AES`).unknown.map((unknown) => unknown.why);
    for (const word of ['!EXPORT', '!EXP', '!DES', '!SSLv2', 'kECDHr', 'EXP-RC4-MD5', '!DES-CBC-SHA']) {
      expect(why(word), word).toEqual(['former']);
    }
  });

  test("a suite by IANA's name is named as such, and read where the build reads it", () => {
    const text = 'TLS_RSA_WITH_AES_128_CBC_SHA:AES256-SHA';
    expect(read(text).unknown).toEqual([{ word: 'TLS_RSA_WITH_AES_128_CBC_SHA', at: 0, why: 'iana_name' }]);
    const build = { ...OPENSSL_DEBIAN, ianaNames: true };
    expect(names(readOpensslString(text, { build }))).toEqual(['AES128-SHA', 'AES256-SHA']);
    const of13 = readOpensslString('TLS_AES_128_GCM_SHA256:AES256-SHA', { build });
    expect(of13.unknown.map(({ why }) => why)).toEqual(['iana_name']);
  });

  test('words that mean nothing here, alone or together, are idle', () => {
    expect(read('LOW:AES+SHA256+RC4:RC2:AES128-SHA').idle).toEqual([
      { word: 'LOW', at: 0 },
      { word: 'AES+SHA256+RC4', at: 4 },
      { word: 'RC2', at: 19 },
    ]);
  });

  test('a suite that was struck out and is asked for is dropped, with the reason', () => {
    const { dropped } = read('RSA+AES128:!CBC:-AESCCM8:DES-CBC3-SHA');
    expect(dropped.map(({ suite, reason }) => [suite.openssl, reason])).toEqual([
      ['AES128-CCM8', 'removed'],
      ['AES128-SHA256', 'excluded'],
      ['AES128-SHA', 'excluded'],
      ['DES-CBC3-SHA', 'not_compiled_in'],
    ]);
    expect(read('!RSA:AES128-SHA:PSK').dropped.map(({ reason }) => reason)).toEqual(['excluded']);
  });

  test('what follows a word of Suite B is named', () => {
    const list = read('SUITEB128ONLY:ALL:!MD5');
    expect(names(list)).toEqual(['ECDHE-ECDSA-AES128-GCM-SHA256']);
    expect(list.unknown).toEqual([
      { word: 'ALL', at: 14, why: 'after_suite_b' },
      { word: '!MD5', at: 18, why: 'after_suite_b' },
    ]);
  });

  test('what OpenSSL refuses is refused, with the place', () => {
    const refused = (text: string) => {
      const list = read(text);
      expect(list.suites).toEqual([]);
      return list.refused;
    };
    expect(refused('AES_256')).toEqual({ reason: 'bad_character', word: '_256', at: 3 });
    expect(refused('ALL:+')).toMatchObject({ reason: 'bad_character', at: 5 });
    expect(refused('ALL:@STRONG')).toEqual({ reason: 'bad_command', word: '@STRONG', at: 4 });
    expect(refused('ALL:@SECLEVEL=6')).toMatchObject({ reason: 'bad_command', at: 4 });
    expect(refused('ALL:@SECLEVEL=10')).toMatchObject({ reason: 'bad_command' });
    expect(refused('ALL\tAES')).toMatchObject({ reason: 'bad_character', at: 3 });
    for (const text of ['', '@SECLEVEL=1', '3DES', 'FOO', 'ALL:!ALL']) {
      expect(refused(text), text).toMatchObject({ reason: 'no_suite' });
    }
  });
});

describe('builds and levels', () => {
  test('the complete build has 3DES, RC4, IDEA, SEED and GOST', () => {
    const all = readOpensslString('ALL', { build: OPENSSL_COMPLETE });
    const ciphers = new Set(all.suites.map(({ enc }) => enc));
    for (const enc of ['3DES-EDE-CBC', 'RC4-128', 'IDEA-CBC', 'SEED-CBC', '28147-CNT', 'KUZNYECHIK-CTR']) {
      expect(ciphers.has(enc), enc).toBe(true);
    }
    expect(all.dropped).toEqual([]);
    expect(names(readOpensslString('DEFAULT', { build: OPENSSL_COMPLETE }))).not.toContain('DES-CBC3-SHA');
    expect(names(readOpensslString('MEDIUM:@STRENGTH', { build: OPENSSL_COMPLETE })).at(-1)).toContain(
      '3DES',
    );
  });

  test('the former names of two suites stand for them', () => {
    const list = readOpensslString('EDH-RSA-DES-CBC3-SHA', { build: OPENSSL_COMPLETE });
    expect(names(list)).toEqual(['DHE-RSA-DES-CBC3-SHA']);
  });

  test('with supportedOnly, what the level refuses is dropped', () => {
    const list = readOpensslString('kRSA:ECDHE+AESGCM:aNULL:@SECLEVEL=3', { supportedOnly: true });
    expect(names(list)).toHaveLength(4);
    expect(list.suites.every(({ forwardSecret }) => forwardSecret)).toBe(true);
    expect(new Set(list.dropped.map(({ reason }) => reason))).toEqual(new Set(['security_level']));
    expect(readOpensslString('NULL', { supportedOnly: true }).dropped).toHaveLength(18);
  });
});

describe('properties', () => {
  const word = fc.constantFrom(
    ...[
      'ALL',
      'HIGH',
      'AES',
      'RSA',
      'ECDHE',
      'aNULL',
      'NULL',
      'SHA1',
      'kPSK',
      'FOO',
      'AES128-SHA',
      'TLSv1.2',
    ],
    ...['@STRENGTH', '@SECLEVEL=2', 'DEFAULT', 'CBC', 'COMPLEMENTOFDEFAULT', '3DES', 'FIPS', 'AESGCM'],
  );
  const item = fc
    .tuple(fc.constantFrom('', '!', '-', '+'), fc.array(word, { minLength: 1, maxLength: 3 }))
    .map(([prefix, words]) => prefix + words.join('+'));
  const string = fc.array(item, { maxLength: 12 }).map((items) => items.join(':'));
  const known = new Set(cipherSuites());

  test('any text gives known suites, each once, or a refusal', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), string), (text) => {
        const { suites, refused } = parseCipherList(text);
        expect(new Set(suites).size).toBe(suites.length);
        expect(suites.every((suite) => known.has(suite))).toBe(true);
        expect(suites.length === 0).toBe(refused !== null);
      }),
    );
  });

  test('what ! struck out never comes back', () => {
    fc.assert(
      fc.property(string, word, string, (before, excluded, after) => {
        if (excluded.startsWith('@')) return;
        const meant = new Set(names(readOpensslString(`COMPLEMENTOFALL:ALL:-ALL:-NULL:${excluded}`)));
        const list = readOpensslString(`${before}:!${excluded}:${after}`);
        // DEFAULT is no word behind others, and Suite B is none of ours.
        if (excluded !== 'DEFAULT' && excluded !== 'FOO') {
          expect(names(list).filter((name) => meant.has(name))).toEqual([]);
        }
      }),
    );
  });

  test('a suite that is neither listed nor dropped was never asked for', () => {
    fc.assert(
      fc.property(string, (text) => {
        const { suites, dropped, refused } = readOpensslString(`ALL:${text}`);
        if (refused !== null && refused.reason !== 'no_suite') return;
        const there = new Set([...suites, ...dropped.map(({ suite }) => suite)]);
        if (refused === null) {
          for (const suite of readOpensslString('ALL').suites)
            expect(there.has(suite), suite.iana).toBe(true);
        }
      }),
    );
  });
});
