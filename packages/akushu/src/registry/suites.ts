/**
 * The cipher suites: IANA's registry "TLS Cipher Suites", the unregistered ones in use, and the cipher kinds of
 * SSL 2.0. The rows are text (suites-data.ts) and are read at the first look-up; a suite is taken apart when it is
 * asked for. Says nothing about which suites the engine speaks: those have `aead` set or are named in `Suite`.
 */
import { NameIndex } from './names-index.js';
import { parseSuiteName } from './suite-parts.js';
import { registeredSuiteRows, unregisteredSuiteRows } from './suites-data.js';
import type { CipherSuite, Ssl2CipherKind } from './types.js';

/** The suites with `Y` in IANA's column "Recommended" (RFC 9847 §5 and what came after). */
const recommended: ReadonlySet<number> = new Set([
  0x1301, 0x1302, 0x1303, 0x1304, 0xc02b, 0xc02c, 0xc02f, 0xc030, 0xc0ac, 0xc0ad, 0xcca8, 0xcca9, 0xccac,
  0xd001, 0xd002, 0xd005,
]);

/** Names that are neither IANA's nor the one that OpenSSL prints today. */
const aliases: Readonly<Record<string, number>> = {
  'EDH-DSS-DES-CBC3-SHA': 0x0013,
  'EDH-RSA-DES-CBC3-SHA': 0x0016,
  'DHE-DSS-DES-CBC-SHA': 0x0012,
  'DHE-RSA-DES-CBC-SHA': 0x0015,
  'GOST2012-GOST8912-GOST8912': 0xc102,
  'TLS13-SM4-GCM-SM3': 0x00c6,
  'TLS13-SM4-CCM-SM3': 0x00c7,
  TLS_DHE_PSK_WITH_AES_128_CCM_8: 0xc0aa,
  TLS_DHE_PSK_WITH_AES_256_CCM_8: 0xc0ab,
};

interface Row {
  readonly code: number;
  readonly iana: string;
  readonly openssl: string | null;
  readonly gnutls: string | null;
  readonly registered: boolean;
}

let rows: Map<number, Row> | undefined;
let index: NameIndex | undefined;
const parsed = new Map<number, CipherSuite>();

/** All known suites by rising code. Parses those not asked for before: about 400. */
export function cipherSuites(): readonly CipherSuite[] {
  return [...allRows().keys()].sort((a, b) => a - b).map((code) => cipherSuiteByCode(code)!);
}

export function cipherSuiteByCode(code: number): CipherSuite | undefined {
  const known = parsed.get(code);
  if (known !== undefined) return known;
  const row = allRows().get(code);
  if (row === undefined) return undefined;
  const suite: CipherSuite = {
    code,
    iana: row.iana,
    openssl: row.openssl,
    gnutls: row.gnutls,
    ...parseSuiteName(row.iana, recommended.has(code)),
    ...(row.registered ? {} : { unregistered: true as const }),
  };
  parsed.set(code, suite);
  return suite;
}

/** Finds a suite by IANA's, OpenSSL's or GnuTLS's name in any case, or by its code: `0x1301`, `13,01`, `0x13,0x01`. */
export function findCipherSuite(name: string): CipherSuite | undefined {
  index ??= buildIndex();
  const code = index.find(name);
  return code === undefined ? undefined : cipherSuiteByCode(code);
}

/** A suite's IANA name without taking the suite apart. */
export function suiteNameOf(code: number): string | undefined {
  return allRows().get(code)?.iana;
}

function allRows(): Map<number, Row> {
  rows ??= new Map([...readRows(registeredSuiteRows, true), ...readRows(unregisteredSuiteRows, false)]);
  return rows;
}

function readRows(text: string, registered: boolean): [number, Row][] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [hex, iana, openssl = '-', inGnutls] = line.split(' ');
      const code = Number.parseInt(hex!, 16);
      const row: Row = {
        code,
        iana: iana!,
        openssl: openssl === '-' ? null : openssl,
        gnutls: inGnutls === 'G' ? gnutlsNameOf(iana!) : null,
        registered,
      };
      return [code, row];
    });
}

/** GnuTLS drops `WITH`, spells out SHA1, ANON and ARCFOUR, and leaves the hash of ChaCha20 unsaid. */
function gnutlsNameOf(iana: string): string {
  if (!iana.includes('_WITH_')) return iana;
  return iana
    .replace('_WITH_', '_')
    .replace('anon', 'ANON')
    .replace('RC4', 'ARCFOUR')
    .replace('PSK_DHE', 'DHE_PSK')
    .replace(/_SHA$/, '_SHA1')
    .replace('POLY1305_SHA256', 'POLY1305');
}

function buildIndex(): NameIndex {
  const built = new NameIndex();
  for (const { code, iana, openssl, gnutls } of allRows().values()) built.add(code, iana, openssl, gnutls);
  for (const { code, iana } of allRows().values()) built.add(code, ...respell(iana));
  for (const [name, code] of Object.entries(aliases)) built.add(code, name);
  return built;
}

/** Java writes `SSL_` before what SSL 3.0 had, others `TLS_` before everything; TLCP's suites go by OpenSSL's hyphens. */
function respell(iana: string): string[] {
  if (iana.startsWith('TLS_')) return [`SSL_${iana.slice(4)}`];
  if (iana.startsWith('SSL_')) return [`TLS_${iana.slice(4)}`];
  return [`TLS_${iana}`, iana.replaceAll('_', '-')];
}

/** SSL 2.0's cipher kinds, with those that SSLeay defined on the side. Key exchange is RSA; none is safe (RFC 6176). */
export const ssl2CipherKinds: readonly Ssl2CipherKind[] = [
  { code: 0x000000, name: 'SSL_CK_NULL_WITH_MD5', openssl: 'NULL-MD5', enc: 'NULL', bits: 0 },
  { code: 0x010080, name: 'SSL_CK_RC4_128_WITH_MD5', openssl: 'RC4-MD5', enc: 'RC4-128', bits: 128 },
  {
    code: 0x020080,
    name: 'SSL_CK_RC4_128_EXPORT40_WITH_MD5',
    openssl: 'EXP-RC4-MD5',
    enc: 'RC4-40',
    bits: 40,
  },
  {
    code: 0x030080,
    name: 'SSL_CK_RC2_128_CBC_WITH_MD5',
    openssl: 'RC2-CBC-MD5',
    enc: 'RC2-128-CBC',
    bits: 128,
  },
  {
    code: 0x040080,
    name: 'SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5',
    openssl: 'EXP-RC2-CBC-MD5',
    enc: 'RC2-40-CBC',
    bits: 40,
  },
  {
    code: 0x050080,
    name: 'SSL_CK_IDEA_128_CBC_WITH_MD5',
    openssl: 'IDEA-CBC-MD5',
    enc: 'IDEA-CBC',
    bits: 128,
  },
  { code: 0x060040, name: 'SSL_CK_DES_64_CBC_WITH_MD5', openssl: 'DES-CBC-MD5', enc: 'DES-CBC', bits: 56 },
  { code: 0x060140, name: 'SSL_CK_DES_64_CBC_WITH_SHA', openssl: null, enc: 'DES-CBC', bits: 56 },
  {
    code: 0x0700c0,
    name: 'SSL_CK_DES_192_EDE3_CBC_WITH_MD5',
    openssl: 'DES-CBC3-MD5',
    enc: '3DES-EDE-CBC',
    bits: 112,
  },
  { code: 0x0701c0, name: 'SSL_CK_DES_192_EDE3_CBC_WITH_SHA', openssl: null, enc: '3DES-EDE-CBC', bits: 112 },
  { code: 0x080080, name: 'SSL_CK_RC4_64_WITH_MD5', openssl: 'RC4-64-MD5', enc: 'RC4-64', bits: 64 },
  { code: 0xff8000, name: 'SSL_CK_DES_64_CFB64_WITH_MD5_1', openssl: null, enc: 'DES-CFB', bits: 56 },
  { code: 0xff8010, name: 'SSL_CK_NULL', openssl: null, enc: 'NULL', bits: 0 },
];
