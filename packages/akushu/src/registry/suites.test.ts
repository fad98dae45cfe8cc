/** The suites against two independent sources: the shared policy data, and what the installed OpenSSL and GnuTLS print. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cipherSuiteByCode, cipherSuites, findCipherSuite, Scsv, Suite, ssl2CipherKinds } from './index.js';
import { parseSuiteName } from './suite-parts.js';
import type { CipherSuite } from './types.js';

const policy = fileURLToPath(new URL('../../../../../shared/policy/cryptodatahub/', import.meta.url));

function output(command: string, ...args: string[]): string | null {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return null;
  }
}

function suiteOf(code: number): CipherSuite {
  const suite = cipherSuiteByCode(code);
  if (suite === undefined) throw new Error(`0x${code.toString(16)} is missing`);
  return suite;
}

describe('the table', () => {
  test('has each code and each name once', () => {
    const all = cipherSuites();
    expect(new Set(all.map((s) => s.code)).size).toBe(all.length);
    expect(new Set(all.map((s) => s.iana)).size).toBe(all.length);
    for (const key of ['openssl', 'gnutls'] as const) {
      const names = all.map((s) => s[key]).filter((name) => name !== null);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test("holds all 350 suites that IANA registered, and marks the others as not IANA's", () => {
    const registered = cipherSuites().filter((s) => s.unregistered !== true);
    expect(registered).toHaveLength(350);
    expect(registered.every((s) => s.iana.startsWith('TLS_'))).toBe(true);
    expect(cipherSuiteByCode(0xcc13)?.unregistered).toBe(true);
  });

  test('does not list signalling values as suites', () => {
    for (const code of Object.values(Scsv)) expect(cipherSuiteByCode(code)).toBeUndefined();
  });

  test('gives every TLS 1.3 suite that the engine speaks an AEAD and a hash', () => {
    for (const [name, code] of Object.entries(Suite).filter(([, one]) => one >> 8 === 0x13)) {
      const suite = suiteOf(code);
      expect(suite.iana).toBe(name);
      expect(suite.versions).toEqual(['TLSv1.3']);
      expect(suite.aead).not.toBeNull();
      expect(suite.foreignHash).toBeUndefined();
      expect(suite).toMatchObject({ kx: 'any', auth: 'any', mac: 'AEAD', forwardSecret: true });
    }
    expect(suiteOf(0x1302)).toMatchObject({
      aead: 'aes-256-gcm',
      hash: 'sha384',
      bits: 256,
      recommended: 'Y',
    });
    expect(suiteOf(0x1305)).toMatchObject({
      aead: 'aes-128-ccm-8',
      recommended: 'N',
      weaknesses: ['short_tag'],
    });
  });

  test('names a weakness for every discouraged suite and none for a recommended one', () => {
    for (const suite of cipherSuites()) {
      if (suite.recommended === 'Y') expect(suite.weaknesses, suite.iana).toEqual([]);
      if (suite.recommended === 'D') expect(suite.weaknesses, suite.iana).not.toEqual([]);
    }
  });

  test('says AEAD exactly where there is no HMAC', () => {
    for (const suite of cipherSuites()) {
      if (suite.aead !== null) expect(suite.mac, suite.iana).toBe('AEAD');
      if (/CBC|NULL|RC4/.test(suite.enc)) expect(suite.mac, suite.iana).not.toBe('AEAD');
      if (/GCM|CCM|POLY1305|MGM|AEGIS/.test(suite.enc)) expect(suite.mac, suite.iana).toBe('AEAD');
    }
  });

  test("carries RFC 9847's discouraged suites as D", () => {
    const codes = [
      0x1e, 0x20, 0x21, 0x22, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x8a, 0xb0, 0xb1, 0xc006,
      0xc007, 0xc010, 0xc011, 0xc033, 0xc039, 0xc03a, 0xc03b, 0xc0b4, 0xc0b5,
    ];
    for (const code of codes) expect(suiteOf(code).recommended, suiteOf(code).iana).toBe('D');
    for (const code of [0x1f, 0x23, 0x8b, 0x8c, 0xc013, 0xc023, 0xc034])
      expect(suiteOf(code).recommended).toBe('N');
  });

  test('counts strength, not key length', () => {
    const others: Readonly<Record<string, number>> = {
      NULL: 0,
      'DES-CBC': 56,
      '3DES-EDE-CBC': 112,
      'SKIPJACK-CBC': 80,
      'IDEA-CBC': 128,
      'SEED-CBC': 128,
      'CHACHA20-POLY1305': 256,
    };
    for (const { iana, enc, bits } of cipherSuites()) {
      const size = /^(?:AES|CAMELLIA|ARIA|AEGIS|RC2|RC4|DES|SALSA20|ESTREAM-SALSA20)-(\d+)/.exec(enc)?.[1];
      const national = /^SM/.test(enc) ? 128 : 256;
      expect(bits, iana).toBe(size === undefined ? (others[enc] ?? national) : Number(size));
    }
  });

  test('keeps export suites out of TLS 1.1, DES and IDEA out of TLS 1.2, AEAD out of what came before it', () => {
    expect(suiteOf(0x0003).versions).toEqual(['SSLv3', 'TLSv1']);
    expect(suiteOf(0x0009).versions).toEqual(['SSLv3', 'TLSv1', 'TLSv1.1']);
    expect(suiteOf(0x0007).versions).toEqual(['SSLv3', 'TLSv1', 'TLSv1.1']);
    expect(suiteOf(0xc02f).versions).toEqual(['TLSv1.2']);
    expect(suiteOf(0xc013).versions).toEqual(['TLSv1', 'TLSv1.1', 'TLSv1.2']);
  });

  test('lists the cipher kinds of SSL 2.0 once each', () => {
    expect(new Set(ssl2CipherKinds.map((kind) => kind.code)).size).toBe(ssl2CipherKinds.length);
    expect(ssl2CipherKinds.every((kind) => kind.code <= 0xffffff)).toBe(true);
  });

  test('a name outside the grammar is refused, never guessed at', () => {
    expect(() => parseSuiteName('TLS_FOO_WITH_AES_128_CBC_SHA', false)).toThrow(RangeError);
    expect(() => parseSuiteName('TLS_RSA_WITH_AES_512_CBC_SHA', false)).toThrow(RangeError);
    expect(() => parseSuiteName('TLS_RSA_WITH_AES_128_CBC_SHA3', false)).toThrow(RangeError);
  });
});

describe('finding a suite', () => {
  test('works with every name of every suite, in any case', () => {
    for (const suite of cipherSuites()) {
      for (const name of [suite.iana, suite.openssl, suite.gnutls]) {
        if (name === null) continue;
        expect(findCipherSuite(name)?.iana, name).toBe(suite.iana);
        expect(findCipherSuite(name.toLowerCase())?.iana, name).toBe(suite.iana);
      }
    }
  });

  test('works with a code in hexadecimal, as one number or as two bytes', () => {
    for (const text of ['0x1301', '0X1301', '13,01', '0x13,0x01', '0x13, 0x01', '{0x13,0x01}', ' 0x1301 ']) {
      expect(findCipherSuite(text)?.iana, text).toBe('TLS_AES_128_GCM_SHA256');
    }
  });

  test('works with former names: EDH, SSL_ in front, the words of RFC 6655 turned round', () => {
    expect(findCipherSuite('EDH-RSA-DES-CBC3-SHA')?.code).toBe(0x0016);
    expect(findCipherSuite('SSL_RSA_WITH_3DES_EDE_CBC_SHA')?.code).toBe(0x000a);
    expect(findCipherSuite('TLS_DHE_PSK_WITH_AES_128_CCM_8')?.code).toBe(0xc0aa);
  });

  test('gives undefined for what is no suite', () => {
    for (const text of [
      '',
      '0x',
      '0x0a0a',
      'TLS_',
      'AES',
      '13',
      '1301',
      '13,1',
      '0x1234567',
      'toString',
      '__proto__',
    ]) {
      expect(findCipherSuite(text), text).toBeUndefined();
    }
  });

  test('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const found = findCipherSuite(text);
        return found === undefined || cipherSuiteByCode(found.code) === found;
      }),
    );
  });
});

const openssl = output('openssl', 'ciphers', '-V', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0');

describe.skipIf(openssl === null)('against the installed OpenSSL (skipped where there is none)', () => {
  interface Printed {
    readonly code: number;
    readonly name: string;
    readonly version: string;
    readonly kx: string;
    readonly auth: string;
    readonly enc: string;
    readonly mac: string;
  }
  const printed: Printed[] = [];
  const line = /^\s*0x(..),0x(..) - (\S+)\s+(\S+)\s+Kx=(\S+)\s+Au=(\S+)\s+Enc=(\S+)\s+Mac=(\S+)/gm;
  for (const [, hi, lo, name, version, kx, auth, enc, mac] of (openssl ?? '').matchAll(line)) {
    const code = Number.parseInt(`${hi}${lo}`, 16);
    printed.push({ code, name: name!, version: version!, kx: kx!, auth: auth!, enc: enc!, mac: mac! });
  }

  const kxWords: Readonly<Record<string, string>> = {
    DHE: 'DH',
    ECDHE: 'ECDH',
    RSA_PSK: 'RSAPSK',
    DHE_PSK: 'DHEPSK',
    ECDHE_PSK: 'ECDHEPSK',
  };
  const encWord = (enc: string): string => {
    if (enc === 'NULL') return 'None';
    if (enc === 'CHACHA20-POLY1305') return 'CHACHA20/POLY1305(256)';
    if (enc === '3DES-EDE-CBC') return '3DES(168)';
    const [, name, bits, mode] = /^(\w+)-(\d+)-(.*)$/.exec(enc) ?? [];
    const cipher = name === 'CAMELLIA' ? 'Camellia' : name;
    return mode === 'CBC' ? `${cipher}(${bits})` : `${cipher}${mode?.replace('-', '')}(${bits})`;
  };

  test('it prints something', () => expect(printed.length).toBeGreaterThan(50));

  test('every suite it prints has the code, name, key exchange, authentication, cipher and MAC that we say', () => {
    for (const row of printed) {
      const s = suiteOf(row.code);
      const ours = {
        code: s.code,
        name: s.openssl,
        kx: kxWords[s.kx] ?? s.kx,
        auth: s.auth === 'anon' ? 'None' : s.auth,
        enc: encWord(s.enc),
        mac: s.mac,
      };
      const { version: _, ...theirs } = row;
      expect(ours, s.iana).toEqual(theirs);
    }
  });

  test('every suite it prints begins with the version that we say', () => {
    // OpenSSL holds SRP and PSK with SHA-1 usable in SSL 3.0, and so do we: nothing in them needs an extension.
    for (const row of printed) expect(suiteOf(row.code).versions[0], row.name).toBe(row.version);
  });
});

const gnutls = output('gnutls-cli', '--list');

describe.skipIf(gnutls === null)('against the installed GnuTLS (skipped where there is none)', () => {
  const printed = [...(gnutls ?? '').matchAll(/^(TLS_\S+)\s+0x(..), 0x(..)\s+(\S+)/gm)];

  test('every suite it lists has the name that we say', () => {
    expect(printed.length).toBeGreaterThan(20);
    for (const [, name, hi, lo] of printed) {
      expect(suiteOf(Number.parseInt(`${hi}${lo}`, 16)).gnutls).toBe(name);
    }
  });
});

describe.skipIf(!existsSync(policy))(
  'against the shared policy data (skipped where ../shared is absent)',
  () => {
    interface Row {
      readonly code: number;
      readonly iana_name: string | null;
      readonly openssl_name: string | null;
      readonly key_exchange: string | null;
      readonly authentication: string | null;
      readonly bulk_cipher: string | null;
      readonly block_cipher_mode: string | null;
      readonly mac: string | null;
      readonly authenticated_encryption: boolean;
    }
    const load = (name: string): Row[] =>
      existsSync(policy) ? Object.values(JSON.parse(readFileSync(`${policy}${name}.json`, 'utf8'))) : [];
    // The rows without a name are reserved codes; the two old FIPS suites have their ciphers exchanged there.
    const known = load('cipher-suite').filter(
      (row) => cipherSuiteByCode(row.code) !== undefined && row.code < 0xffe0,
    );

    test('only reserved codes without a name are missing here', () => {
      const missing = load('cipher-suite').filter((row) => cipherSuiteByCode(row.code) === undefined);
      expect(missing.filter((row) => row.iana_name !== null || row.openssl_name !== null)).toEqual([]);
      expect(known.length).toBeGreaterThan(390);
    });

    test('each of its names finds the suite', () => {
      for (const row of known) {
        if (row.iana_name !== null)
          expect(findCipherSuite(row.iana_name)?.code, row.iana_name).toBe(row.code);
        // The draft suite has the name of the one that replaced it.
        if (row.openssl_name === null || row.code === 0xcc13) continue;
        expect(findCipherSuite(row.openssl_name)?.code, row.openssl_name).toBe(row.code);
      }
    });

    test('key exchange and authentication agree', () => {
      const words: Readonly<Record<string, string>> = {
        'NULL/NULL': 'NULL/anonymous',
        'any/any': 'null/null',
        'RSA_PSK/RSA': 'RSA/PSK',
        'DHE_PSK/PSK': 'DHE/PSK',
        'ECDHE_PSK/PSK': 'ECDHE/PSK',
        'SM2/SM2': 'ECDH/SM2',
        'SM9/SM9': 'SM9IBC/SM9',
        'DHE/anon': 'ADH/anonymous',
        'ECDHE/anon': 'AECDH/anonymous',
      };
      for (const row of known) {
        const s = suiteOf(row.code);
        // There, GOST keeps its exchange in TLS 1.3 and PSK with Salsa20 counts as RSA_PSK.
        if (/GOST/.test(s.iana) || /^TLS_PSK_WITH.*SALSA20/.test(s.iana)) continue;
        const ours = `${s.kx}/${s.auth}`;
        expect(words[ours] ?? ours, s.iana).toBe(`${row.key_exchange}/${row.authentication}`);
      }
    });

    test('cipher and mode agree', () => {
      const special: Readonly<Record<string, string>> = {
        NULL: 'null',
        'CHACHA20-POLY1305': 'CHACHA20',
        '3DES-EDE-CBC': 'TRIPLE_DES_EDE CBC',
        'DES-40-CBC': 'DES40 CBC',
        'DES-CBC': 'DES CBC',
        'RC2-128-CBC': 'RC2 CBC',
        'SKIPJACK-CBC': 'FORTEZZA CBC',
        'SALSA20-256': 'SALSA20',
        'ESTREAM-SALSA20-256': 'ESTREAM_SALSA20',
      };
      for (const row of known) {
        const s = suiteOf(row.code);
        if (/GOST/.test(s.iana) || row.code === 0x0066) continue; // RC4 in CBC mode, it says
        const theirs = `${row.bulk_cipher}${row.block_cipher_mode === null ? '' : ` ${row.block_cipher_mode}`}`;
        const [, name, bits, mode] = /^([A-Z0-9]+)(?:-(\d+))?(?:-(.*))?$/.exec(s.enc) ?? [];
        const ours = `${name}${bits ? `_${bits}` : ''}${mode ? ` ${mode.replace('-', '_')}` : ''}`;
        expect(special[s.enc] ?? ours, s.iana).toBe(theirs);
      }
    });

    test('MAC and hash agree', () => {
      const words: Readonly<Record<string, string>> = {
        SHA1: 'SHA1',
        SHA256: 'SHA2_256',
        SHA384: 'SHA2_384',
        NULL: 'null',
      };
      for (const row of known) {
        const s = suiteOf(row.code);
        if (/GOST/.test(s.iana)) continue;
        if (s.mac !== 'AEAD') expect(words[s.mac] ?? s.mac, s.iana).toBe(String(row.mac));
        else if (row.mac?.startsWith('SHA2_')) expect(s.hash, s.iana).toBe(row.mac.replace('SHA2_', 'sha'));
      }
    });

    test('SSL 2.0 has the same cipher kinds', () => {
      const ours = new Map(ssl2CipherKinds.map((kind) => [kind.code, kind.name]));
      for (const row of load('cipher-kind')) expect(ours.get(row.code)).toBe(row.iana_name);
    });
  },
);
