/**
 * The words of GnuTLS's priority strings (GnuTLS manual, "Priority Strings") as GnuTLS 3.7 has them: levels, algorithms
 * and flags. Names are folded to upper case, as GnuTLS does not mind the case of anything but the flags.
 */
import { cipherSuites } from '../suites.js';
import type { CipherSuite } from '../types.js';

/** What a priority string arranges, each most preferred first. Versions are code points, the rest names. */
export interface Priorities {
  readonly versions: readonly string[];
  readonly ciphers: readonly string[];
  readonly macs: readonly string[];
  readonly exchanges: readonly string[];
  readonly groups: readonly string[];
  readonly signatures: readonly string[];
}

/** A level: what it does not name, it leaves as it is. */
export type Level = Omit<Priorities, 'versions'> & { readonly versions?: readonly string[] };

const list = (text: string): readonly string[] => text.split(' ');

export const TLS_VERSIONS = list('TLS1.3 TLS1.2 TLS1.1 TLS1.0');
export const DTLS_VERSIONS = list('DTLS1.2 DTLS1.0');
export const DEFAULT_VERSIONS: readonly string[] = [...TLS_VERSIONS, ...DTLS_VERSIONS];

/** All that GnuTLS has a name for, with the code points. It knows SSL 3.0 by name and does not speak it. */
export const VERSION_CODES: ReadonlyMap<string, number> = new Map([
  ['TLS1.3', 0x0304],
  ['TLS1.2', 0x0303],
  ['TLS1.1', 0x0302],
  ['TLS1.0', 0x0301],
  ['SSL3.0', 0x0300],
  ['DTLS1.2', 0xfefd],
  ['DTLS1.0', 0xfeff],
  ['DTLS0.9', 0x0100],
]);

export const EC_GROUPS = list('SECP256R1 SECP384R1 SECP521R1 X25519 X448');
export const DH_GROUPS = list('FFDHE2048 FFDHE3072 FFDHE4096 FFDHE6144 FFDHE8192');
export const GOST_GROUPS = list('GC256A GC256B GC256C GC256D GC512A GC512B GC512C');

const ciphers = list(
  'AES-256-GCM CHACHA20-POLY1305 AES-256-CCM AES-256-CBC AES-128-GCM AES-128-CCM AES-128-CBC',
);
const signatures256 = list(
  'RSA-SHA256 RSA-PSS-SHA256 RSA-PSS-RSAE-SHA256 ECDSA-SHA256 ECDSA-SECP256R1-SHA256 EDDSA-ED25519',
);
const signatures384 = list(
  'RSA-SHA384 RSA-PSS-SHA384 RSA-PSS-RSAE-SHA384 ECDSA-SHA384 ECDSA-SECP384R1-SHA384 EDDSA-ED448',
);
const signatures512 = list(
  'RSA-SHA512 RSA-PSS-SHA512 RSA-PSS-RSAE-SHA512 ECDSA-SHA512 ECDSA-SECP521R1-SHA512',
);
const suiteBSignatures = list('ECDSA-SHA256 ECDSA-SECP256R1-SHA256 ECDSA-SHA384 ECDSA-SECP384R1-SHA384');

const normal: Level = {
  ciphers,
  macs: list('SHA1 AEAD'),
  exchanges: list('ECDHE-ECDSA ECDHE-RSA RSA DHE-RSA'),
  groups: [...EC_GROUPS, ...DH_GROUPS],
  signatures: [...signatures256, ...signatures384, ...signatures512, 'RSA-SHA1', 'ECDSA-SHA1'],
};
const secure128: Level = {
  ...normal,
  ciphers: list('AES-256-GCM CHACHA20-POLY1305 AES-256-CBC AES-256-CCM AES-128-GCM AES-128-CBC AES-128-CCM'),
  signatures: [...signatures256, ...signatures384, ...signatures512],
};
const secure192: Level = {
  ciphers: list('AES-256-GCM CHACHA20-POLY1305 AES-256-CBC AES-256-CCM'),
  macs: ['AEAD'],
  exchanges: normal.exchanges,
  groups: list('SECP384R1 SECP521R1 FFDHE8192'),
  signatures: [...signatures384, ...signatures512],
};
const suiteB128: Level = {
  versions: ['TLS1.2'],
  ciphers: list('AES-256-GCM AES-128-GCM'),
  macs: ['AEAD'],
  exchanges: ['ECDHE-ECDSA'],
  groups: list('SECP256R1 SECP384R1'),
  signatures: suiteBSignatures,
};

export const LEVELS: ReadonlyMap<string, Level> = new Map<string, Level>([
  ['NORMAL', normal],
  ['LEGACY', normal],
  ['PFS', { ...normal, exchanges: list('ECDHE-ECDSA ECDHE-RSA DHE-RSA') }],
  [
    'PERFORMANCE',
    {
      ...normal,
      ciphers: list(
        'AES-128-GCM AES-256-GCM CHACHA20-POLY1305 AES-128-CCM AES-256-CCM AES-128-CBC AES-256-CBC',
      ),
      exchanges: list('RSA ECDHE-ECDSA ECDHE-RSA DHE-RSA'),
    },
  ],
  ['SECURE', secure128],
  ['SECURE128', secure128],
  ['SECURE192', secure192],
  ['SECURE256', secure192],
  ['SUITEB128', suiteB128],
  [
    'SUITEB192',
    {
      ...suiteB128,
      ciphers: ['AES-256-GCM'],
      groups: ['SECP384R1'],
      signatures: suiteBSignatures.slice(2),
    },
  ],
]);

export const NORMAL = normal;

/** What `GOST` adds, and what the words `…-GOST-ALL` add one by one. */
export const GOST: Omit<Level, 'versions'> = {
  ciphers: ['GOST28147-TC26Z-CNT'],
  macs: ['GOST28147-TC26Z-IMIT'],
  exchanges: ['VKO-GOST-12'],
  groups: GOST_GROUPS,
  signatures: list('GOSTR341012-256 GOSTR341012-512'),
};

export const MACS: ReadonlySet<string> = new Set(
  list(
    'SHA1 SHA256 SHA384 SHA512 SHA224 UMAC-96 UMAC-128 AEAD MD5 GOSTR341194 STREEBOG-256 STREEBOG-512 AES-CMAC-128 ' +
      'AES-CMAC-256 AES-GMAC-128 AES-GMAC-192 AES-GMAC-256 GOST28147-TC26Z-IMIT OMAC-MAGMA OMAC-KUZNYECHIK',
  ),
);
export const CIPHERS: ReadonlySet<string> = new Set(
  list(
    'AES-256-CBC AES-192-CBC AES-128-CBC AES-128-GCM AES-192-GCM AES-256-GCM AES-128-CCM AES-256-CCM AES-128-CCM-8 ' +
      'AES-256-CCM-8 ARCFOUR-128 ESTREAM-SALSA20-256 SALSA20-256 CHACHA20-32 CHACHA20-64 CAMELLIA-256-CBC ' +
      'CAMELLIA-192-CBC CAMELLIA-128-CBC CHACHA20-POLY1305 CAMELLIA-128-GCM CAMELLIA-256-GCM GOST28147-TC26Z-CFB ' +
      'GOST28147-CPA-CFB GOST28147-CPB-CFB GOST28147-CPC-CFB GOST28147-CPD-CFB AES-128-CFB8 AES-192-CFB8 ' +
      'AES-256-CFB8 AES-128-XTS AES-256-XTS AES-128-SIV AES-256-SIV GOST28147-TC26Z-CNT MAGMA-CTR-ACPKM ' +
      'KUZNYECHIK-CTR-ACPKM 3DES-CBC DES-CBC RC2-40 NULL',
  ),
);
export const EXCHANGES: ReadonlySet<string> = new Set(
  list(
    'ECDHE-RSA ECDHE-ECDSA RSA DHE-RSA DHE-DSS PSK RSA-PSK DHE-PSK ECDHE-PSK SRP-DSS SRP-RSA SRP ANON-DH ANON-ECDH ' +
      'VKO-GOST-12 RSA-EXPORT',
  ),
);
/** Beyond those of the levels: what GnuTLS can sign with, and TLS may have no number for. */
export const OTHER_SIGNATURES: ReadonlySet<string> = new Set([
  ...list(
    'RSA-SHA224 RSA-RMD160 RSA-MD5 RSA-MD2 RSA-RAW ECDSA-SHA224 DSA-SHA1 DSA-SHA224 DSA-SHA256 DSA-SHA384',
  ),
  ...list('DSA-SHA512 GOSTR341001 GOSTR341012-256 GOSTR341012-512'),
  ...['RSA', 'DSA', 'ECDSA'].flatMap((name) => [224, 256, 384, 512].map((bits) => `${name}-SHA3-${bits}`)),
]);
/** Too weak to count as one: where nothing else is left, TLS 1.2 and later go. */
export const BROKEN_SIGNATURES: ReadonlySet<string> = new Set(list('RSA-MD5 RSA-MD2 RSA-RMD160'));

export const FLAGS: ReadonlySet<string> = new Set(
  list(
    'NO_ETM FORCE_ETM NO_TICKETS NO_TICKETS_TLS12 NEW_PADDING NO_EXTENSIONS COMPAT DISABLE_WILDCARDS ' +
      'SAFE_RENEGOTIATION PARTIAL_RENEGOTIATION UNSAFE_RENEGOTIATION DISABLE_SAFE_RENEGOTIATION ' +
      'SSL3_RECORD_VERSION LATEST_RECORD_VERSION NO_SESSION_HASH STATELESS_COMPRESSION SERVER_PRECEDENCE ' +
      'PROFILE_VERY_WEAK PROFILE_LOW PROFILE_LEGACY PROFILE_MEDIUM PROFILE_HIGH PROFILE_ULTRA PROFILE_FUTURE ' +
      'PROFILE_SUITEB128 PROFILE_SUITEB192 FALLBACK_SCSV DISABLE_TLS13_COMPAT_MODE ' +
      'DEBUG_ALLOW_KEY_USAGE_VIOLATIONS VERIFY_ALLOW_BROKEN VERIFY_ALLOW_SIGN_RSA_MD5 ' +
      'VERIFY_ALLOW_SIGN_WITH_SHA1 VERIFY_ALLOW_X509_V1_CA_CRT VERIFY_DISABLE_CRL_CHECKS DUMBFW ' +
      'ALLOW_SMALL_RECORDS FORCE_SESSION_HASH NO_STATUS_REQUEST NO_SHUFFLE_EXTENSIONS',
  ),
);

let suitesByParts: ReadonlyMap<string, CipherSuite> | undefined;

/** The suite of a key exchange (empty for TLS 1.3), a cipher and a MAC, all by GnuTLS's names. */
export function gnutlsSuite(exchange: string, cipher: string, mac: string): CipherSuite | undefined {
  suitesByParts ??= new Map(
    cipherSuites()
      .filter((suite) => suite.gnutls !== null)
      .map((suite) => [partsOf(suite).join(' '), suite]),
  );
  return suitesByParts.get(`${exchange} ${cipher} ${mac}`);
}

const cipherNames: Readonly<Record<string, string>> = {
  '3DES-EDE-CBC': '3DES-CBC',
  'RC4-128': 'ARCFOUR-128',
  '28147-CNT': 'GOST28147-TC26Z-CNT',
};

function partsOf({ kx, auth, enc, mac }: CipherSuite): readonly string[] {
  return [exchangeOf(kx, auth), cipherNames[enc] ?? enc, mac === 'IMIT28147' ? 'GOST28147-TC26Z-IMIT' : mac];
}

function exchangeOf(kx: string, auth: string): string {
  if (kx === 'any') return '';
  if (kx.startsWith('VKO')) return 'VKO-GOST-12';
  if (auth === 'anon') return kx === 'DHE' ? 'ANON-DH' : 'ANON-ECDH';
  if (kx === auth || kx.endsWith('_PSK')) return kx.replace('_', '-');
  return `${kx}-${auth}`;
}
