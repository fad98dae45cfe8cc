/** The words of OpenSSL's cipher strings (openssl-ciphers(1), "CIPHER STRINGS"), and how `+` joins them. */
import { findCipherSuite } from '../suites.js';
import type { VersionName } from '../types.js';
import {
  type Algorithms,
  Auth,
  Enc,
  Kx,
  Mac,
  type OpensslSuite,
  opensslSuites,
  Strength,
} from './openssl-suites.js';
import type { UnknownReason } from './types.js';

/** What a suite must have to be meant. Zero, null and false ask for nothing. */
export interface Criterion extends Algorithms {
  /** Equal to, not at least: `TLSv1` are the suites that TLS 1.0 brought. */
  readonly minimum: VersionName | null;
  readonly code: number | null;
}

export const EVERYTHING: Criterion = {
  kx: 0,
  auth: 0,
  enc: 0,
  mac: 0,
  strength: 0,
  notDefault: false,
  minimum: null,
  code: null,
};

const meaning = (part: Partial<Criterion>): Criterion => ({ ...EVERYTHING, ...part });
const kx = (set: number) => meaning({ kx: set });
const auth = (set: number) => meaning({ auth: set });
const enc = (set: number) => meaning({ enc: set });
const mac = (set: number) => meaning({ mac: set });

const authenticated = ~Auth.anon;
const dhe = meaning({ kx: Kx.DHE, auth: authenticated });
const ecdhe = meaning({ kx: Kx.ECDHE, auth: authenticated });
const aes128 = Enc['AES-128-CBC'] | Enc['AES-128-GCM'] | Enc['AES-128-CCM'] | Enc['AES-128-CCM-8'];
const aes256 = Enc['AES-256-CBC'] | Enc['AES-256-GCM'] | Enc['AES-256-CCM'] | Enc['AES-256-CCM-8'];
export const AES = aes128 | aes256;
export const AESGCM = Enc['AES-128-GCM'] | Enc['AES-256-GCM'];
const aesCcm8 = Enc['AES-128-CCM-8'] | Enc['AES-256-CCM-8'];
const camellia = Enc['CAMELLIA-128-CBC'] | Enc['CAMELLIA-256-CBC'];
const aria = Enc['ARIA-128-GCM'] | Enc['ARIA-256-GCM'];
const cbc =
  Enc['3DES-EDE-CBC'] |
  Enc['IDEA-CBC'] |
  Enc['SEED-CBC'] |
  Enc['AES-128-CBC'] |
  Enc['AES-256-CBC'] |
  camellia;
const gost = Enc['28147-CNT'] | Enc['28147-CNT-12'] | Enc['MAGMA-CTR'] | Enc['KUZNYECHIK-CTR'];
/** The two that OpenSSL 3.0 keeps words for without having any suite. */
const gone = 1 << 30;

const rows: readonly [string, Criterion][] = [
  ['ALL', enc(~Enc.NULL)],
  ['COMPLEMENTOFALL', enc(Enc.NULL)],
  ['COMPLEMENTOFDEFAULT', meaning({ notDefault: true })],
  ['HIGH', meaning({ strength: Strength.HIGH })],
  ['MEDIUM', meaning({ strength: Strength.MEDIUM })],
  ['LOW', meaning({ strength: Strength.LOW })],
  ['FIPS', meaning({ strength: Strength.FIPS, enc: ~Enc.NULL })],
  ['kRSA', kx(Kx.RSA)],
  ['kEDH', kx(Kx.DHE)],
  ['kDHE', kx(Kx.DHE)],
  ['DH', kx(Kx.DHE)],
  ['kEECDH', kx(Kx.ECDHE)],
  ['kECDHE', kx(Kx.ECDHE)],
  ['ECDH', kx(Kx.ECDHE)],
  ['kPSK', kx(Kx.PSK)],
  ['kRSAPSK', kx(Kx.RSA_PSK)],
  ['kDHEPSK', kx(Kx.DHE_PSK)],
  ['kECDHEPSK', kx(Kx.ECDHE_PSK)],
  ['kSRP', kx(Kx.SRP)],
  ['kGOST', kx(Kx.GOST)],
  ['kGOST18', kx(Kx.GOST18)],
  ['aRSA', auth(Auth.RSA)],
  ['aDSS', auth(Auth.DSS)],
  ['DSS', auth(Auth.DSS)],
  ['aNULL', auth(Auth.anon)],
  ['aECDSA', auth(Auth.ECDSA)],
  ['ECDSA', auth(Auth.ECDSA)],
  ['aPSK', auth(Auth.PSK)],
  ['aSRP', auth(Auth.SRP)],
  ['aGOST01', auth(Auth.GOST01)],
  ['aGOST12', auth(Auth.GOST12)],
  ['aGOST', auth(Auth.GOST01 | Auth.GOST12)],
  ['EDH', dhe],
  ['DHE', dhe],
  ['EECDH', ecdhe],
  ['ECDHE', ecdhe],
  ['RSA', meaning({ kx: Kx.RSA, auth: Auth.RSA })],
  ['ADH', meaning({ kx: Kx.DHE, auth: Auth.anon })],
  ['AECDH', meaning({ kx: Kx.ECDHE, auth: Auth.anon })],
  ['PSK', kx(Kx.PSK | Kx.RSA_PSK | Kx.DHE_PSK | Kx.ECDHE_PSK)],
  ['SRP', kx(Kx.SRP)],
  ['NULL', enc(Enc.NULL)],
  ['eNULL', enc(Enc.NULL)],
  ['3DES', enc(Enc['3DES-EDE-CBC'])],
  ['RC4', enc(Enc['RC4-128'])],
  ['RC2', enc(gone)],
  ['IDEA', enc(Enc['IDEA-CBC'])],
  ['SEED', enc(Enc['SEED-CBC'])],
  ['AES128', enc(aes128)],
  ['AES256', enc(aes256)],
  ['AES', enc(AES)],
  ['AESGCM', enc(AESGCM)],
  ['AESCCM', enc(aesCcm8 | Enc['AES-128-CCM'] | Enc['AES-256-CCM'])],
  ['AESCCM8', enc(aesCcm8)],
  ['CAMELLIA128', enc(Enc['CAMELLIA-128-CBC'])],
  ['CAMELLIA256', enc(Enc['CAMELLIA-256-CBC'])],
  ['CAMELLIA', enc(camellia)],
  ['ARIA128', enc(Enc['ARIA-128-GCM'])],
  ['ARIA256', enc(Enc['ARIA-256-GCM'])],
  ['ARIA', enc(aria)],
  ['ARIAGCM', enc(aria)],
  ['CHACHA20', enc(Enc['CHACHA20-POLY1305'])],
  ['CBC', enc(cbc)],
  ['GOST', enc(gost)],
  ['GOST2012-GOST8912-GOST8912', enc(Enc['28147-CNT-12'])],
  ['MD5', mac(Mac.MD5)],
  ['SHA1', mac(Mac.SHA1)],
  ['SHA', mac(Mac.SHA1)],
  ['SHA256', mac(Mac.SHA256)],
  ['SHA384', mac(Mac.SHA384)],
  ['GOST94', mac(Mac.GOST94)],
  ['GOST89MAC', mac(Mac.IMIT28147)],
  ['GOST12', mac(Mac.GOST12)],
  ['SSLv3', meaning({ minimum: 'SSLv3' })],
  ['TLSv1', meaning({ minimum: 'TLSv1' })],
  ['TLSv1.0', meaning({ minimum: 'TLSv1' })],
  ['TLSv1.2', meaning({ minimum: 'TLSv1.2' })],
  // Names of two suites from before they began with DHE; they stand for what these consist of, and for HIGH.
  ['EDH-DSS-DES-CBC3-SHA', formerName(Auth.DSS)],
  ['EDH-RSA-DES-CBC3-SHA', formerName(Auth.RSA)],
];

function formerName(who: number): Criterion {
  const strength = Strength.HIGH | Strength.FIPS;
  return meaning({ kx: Kx.DHE, auth: who, enc: Enc['3DES-EDE-CBC'], mac: Mac.SHA1, strength });
}

let meanings: ReadonlyMap<string, Criterion> | undefined;
let ianaMeanings: ReadonlyMap<string, Criterion> | undefined;

/** What a word means; undefined where OpenSSL passes over it. Case counts. */
export function criterionOf(word: string, ianaNames: boolean): Criterion | undefined {
  meanings ??= new Map([...rows, ...opensslSuites().map((row) => suiteMeaning(row.suite.openssl!, row))]);
  const found = meanings.get(word);
  if (found !== undefined || !ianaNames) return found;
  ianaMeanings ??= new Map(opensslSuites().map((row) => suiteMeaning(row.suite.iana, row)));
  return ianaMeanings.get(word);
}

function suiteMeaning(name: string, row: OpensslSuite): [string, Criterion] {
  return [name, { ...row, minimum: null, code: row.suite.code }];
}

/**
 * Joins two criteria as `+` does; null where nothing can have both. Two oddities of OpenSSL are kept: a class of
 * strength that follows `COMPLEMENTOFDEFAULT` makes it forget that word, and only the last word can name one suite.
 */
export function join(left: Criterion, right: Criterion): Criterion | null {
  const sets = {
    kx: joined(left.kx, right.kx),
    auth: joined(left.auth, right.auth),
    enc: joined(left.enc, right.enc),
    mac: joined(left.mac, right.mac),
    strength: joined(left.strength, right.strength),
  };
  if (Object.values(sets).includes(null)) return null;
  const bothVersions = left.minimum !== null && right.minimum !== null;
  if (bothVersions && left.minimum !== right.minimum) return null;
  const forgets = left.strength === 0 && right.strength !== 0;
  return {
    ...(sets as Record<keyof typeof sets, number>),
    minimum: right.minimum ?? left.minimum,
    notDefault: right.notDefault || (left.notDefault && !forgets),
    code: right.code,
  };
}

function joined(left: number, right: number): number | null {
  if (left === 0 || right === 0) return left | right;
  return (left & right) === 0 ? null : left & right;
}

export function meets(row: OpensslSuite, wanted: Criterion): boolean {
  return (
    (wanted.code === null || wanted.code === row.suite.code) &&
    (wanted.kx === 0 || (wanted.kx & row.kx) !== 0) &&
    (wanted.auth === 0 || (wanted.auth & row.auth) !== 0) &&
    (wanted.enc === 0 || (wanted.enc & row.enc) !== 0) &&
    (wanted.mac === 0 || (wanted.mac & row.mac) !== 0) &&
    (wanted.minimum === null || wanted.minimum === row.minimum) &&
    (wanted.strength === 0 || (wanted.strength & row.strength) !== 0) &&
    (!wanted.notDefault || row.notDefault)
  );
}

const formerWords: ReadonlySet<string> = new Set([
  ...[
    'DES',
    'EXP',
    'EXPORT',
    'EXPORT40',
    'EXPORT56',
    'SSLv2',
    'KRB5',
    'kKRB5',
    'aKRB5',
    'FZA',
    'kFZA',
    'aFZA',
  ],
  ...['eFZA', 'kDH', 'kDHr', 'kDHd', 'aDH', 'kECDH', 'kECDHr', 'kECDHe', 'aECDH', 'aGOST94'],
]);

/** Why a word says nothing to OpenSSL. */
export function whyUnknown(word: string): UnknownReason {
  if (word.startsWith('DEFAULT')) return 'only_first';
  if (formerWords.has(word)) return 'former';
  const suite = word.length > 80 ? undefined : findCipherSuite(word);
  if (suite === undefined) return 'unknown';
  const is13 = suite.versions[0] === 'TLSv1.3';
  return suite.openssl === word && !is13 ? 'former' : 'iana_name';
}
