/**
 * The suites of OpenSSL 3.0 before TLS 1.3 as its cipher strings see them: which algorithms each consists of, in which
 * class of strength it is, whether DEFAULT has it, and what a build needs to have it. Says nothing about TLS 1.3,
 * whose suites no word of a cipher string selects.
 */
import { cipherSuites } from '../suites.js';
import type { CipherSuite, VersionName } from '../types.js';

/** What a build of OpenSSL may be without: its options at compilation, the legacy provider, the GOST engine. */
export type OpensslOption = 'weak-ssl-ciphers' | 'idea' | 'seed' | 'gost';

export interface OpensslBuild {
  readonly without: readonly OpensslOption[];
  /** In force where the string sets none. */
  readonly securityLevel: number;
  /** Codes of the TLS 1.3 suites, which OpenSSL puts in front of every list. */
  readonly tls13: readonly number[];
  /** Whether suites go by IANA's names as well: from OpenSSL 3.2 on. */
  readonly ianaNames: boolean;
}

const tls13 = [0x1302, 0x1303, 0x1301] as const;

/** OpenSSL 3.0 as Debian and Ubuntu build it. */
export const OPENSSL_DEBIAN: OpensslBuild = {
  without: ['weak-ssl-ciphers', 'idea', 'seed', 'gost'],
  securityLevel: 2,
  tls13,
  ianaNames: false,
};

/** OpenSSL 3.0 with everything that it can be built with, and the names of 3.2: for reading, not for copying a machine. */
export const OPENSSL_COMPLETE: OpensslBuild = { without: [], securityLevel: 1, tls13, ianaNames: true };

/** Sets of algorithms are bits; 0 in a criterion means any. */
export interface Algorithms {
  readonly kx: number;
  readonly auth: number;
  readonly enc: number;
  readonly mac: number;
  /** Of `Strength`. */
  readonly strength: number;
  /** Not among DEFAULT. In a criterion: asks for those only. */
  readonly notDefault: boolean;
}

export interface OpensslSuite extends Algorithms {
  readonly suite: CipherSuite;
  readonly minimum: VersionName;
  readonly needs: OpensslOption | null;
}

function bits<Name extends string>(...names: Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, i) => [name, 1 << i])) as Record<Name, number>;
}

export const Kx = bits(
  'RSA',
  'DHE',
  'ECDHE',
  'PSK',
  'RSA_PSK',
  'DHE_PSK',
  'ECDHE_PSK',
  'SRP',
  'GOST',
  'GOST18',
);
export const Auth = bits('RSA', 'DSS', 'anon', 'ECDSA', 'PSK', 'SRP', 'GOST01', 'GOST12');
export const Enc = bits(
  'NULL',
  '3DES-EDE-CBC',
  'RC4-128',
  'IDEA-CBC',
  'SEED-CBC',
  'AES-128-CBC',
  'AES-256-CBC',
  'AES-128-GCM',
  'AES-256-GCM',
  'AES-128-CCM',
  'AES-256-CCM',
  'AES-128-CCM-8',
  'AES-256-CCM-8',
  'CAMELLIA-128-CBC',
  'CAMELLIA-256-CBC',
  'ARIA-128-GCM',
  'ARIA-256-GCM',
  'CHACHA20-POLY1305',
  '28147-CNT',
  '28147-CNT-12',
  'MAGMA-CTR',
  'KUZNYECHIK-CTR',
);
export const Mac = bits(
  'MD5',
  'SHA1',
  'SHA256',
  'SHA384',
  'AEAD',
  'IMIT28147',
  'GOST94',
  'GOST12',
  'MAGMA-OMAC',
  'KUZNYECHIK-OMAC',
);
/** OpenSSL has a class LOW, and since 1.1.0 nothing in it. FIPS is of its own and goes beside the others. */
export const Strength = bits('NONE', 'LOW', 'MEDIUM', 'HIGH', 'FIPS');

let table: readonly OpensslSuite[] | undefined;

/** By falling code, as OpenSSL begins to sort them. */
export function opensslSuites(): readonly OpensslSuite[] {
  table ??= cipherSuites().flatMap(describe).reverse();
  return table;
}

type Lookup = Readonly<Record<string, number | undefined>>;
const kxBits: Lookup = Kx;
const authBits: Lookup = Auth;
const encBits: Lookup = Enc;
const macBits: Lookup = Mac;

/** None where 3.0 does not have the suite: EXPORT, DES, static DH and the like went with 1.1.0. */
function describe(suite: CipherSuite): OpensslSuite[] {
  if (suite.openssl === null || suite.iana.includes('_EXPORT') || suite.versions[0] === 'TLSv1.3') return [];
  if (suite.unregistered === true && !suite.kx.startsWith('VKO_GOST')) return [];
  const gost = gostParts(suite);
  const kx = gost?.kx ?? kxBits[suite.kx];
  const auth = gost?.auth ?? authBits[suite.auth];
  const enc = gost?.enc ?? encBits[suite.enc];
  const mac = gost?.mac ?? macBits[suite.mac];
  const minimum = suite.versions[0];
  if (!kx || !auth || !enc || !mac || minimum === undefined) return [];
  const parts = { suite, kx, auth, enc, mac, minimum, needs: gost ? ('gost' as const) : optionOf(suite) };
  return [{ ...parts, strength: strengthOf(suite), notDefault: gost === null && isNotDefault(suite) }];
}

function optionOf({ enc }: CipherSuite): OpensslOption | null {
  if (enc === '3DES-EDE-CBC' || enc === 'RC4-128') return 'weak-ssl-ciphers';
  if (enc === 'IDEA-CBC') return 'idea';
  return enc === 'SEED-CBC' ? 'seed' : null;
}

const mediumCiphers: ReadonlySet<string> = new Set(['3DES-EDE-CBC', 'RC4-128', 'IDEA-CBC', 'SEED-CBC']);

function strengthOf({ enc, mac, kx }: CipherSuite): number {
  const strength = enc === 'NULL' ? Strength.NONE : mediumCiphers.has(enc) ? Strength.MEDIUM : Strength.HIGH;
  // What FIPS 140-2 approved when the class was made: no CCM, no SRP.
  const fips = /^(AES-\d+-(CBC|GCM)|3DES-EDE-CBC)$/.test(enc) || (enc === 'NULL' && mac.startsWith('SHA'));
  return fips && kx !== 'SRP' ? strength | Strength.FIPS : strength;
}

function isNotDefault({ enc, auth }: CipherSuite): boolean {
  if (enc === 'NULL') return false; // DEFAULT strikes these out by another word
  return auth === 'anon' || auth === 'DSS' || mediumCiphers.has(enc) || /CCM|^ARIA|^CAMELLIA/.test(enc);
}

/** A certificate of GOST 2012 answers to both words for authentication. */
function gostParts({ code, auth, kx, enc, mac }: CipherSuite) {
  if (!kx.startsWith('VKO_GOST') || kx === 'VKO_GOST94') return null;
  const is2012 = auth === 'GOST12';
  const isNew = code === 0xc100 || code === 0xc101;
  const macs: Lookup = {
    IMIT28147: Mac.IMIT28147,
    GOSTR3411: is2012 ? Mac.GOST12 : Mac.GOST94,
    OMAC: enc === 'MAGMA-CTR' ? Mac['MAGMA-OMAC'] : Mac['KUZNYECHIK-OMAC'],
  };
  return {
    kx: isNew ? Kx.GOST18 : Kx.GOST,
    auth: is2012 ? Auth.GOST01 | Auth.GOST12 : Auth.GOST01,
    enc: enc === '28147-CNT' && is2012 ? Enc['28147-CNT-12'] : encBits[enc],
    mac: macs[mac],
  };
}
