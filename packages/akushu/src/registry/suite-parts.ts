/**
 * What a cipher suite consists of, read from its IANA name: key exchange, authentication, cipher, MAC, hash, versions
 * and weaknesses. The names follow one grammar, `TLS_<kx>[_EXPORT]_WITH_<cipher>[_<hash>]`; TLS 1.3 keeps only
 * `TLS_<cipher>_<hash>` (RFC 9846 appendix B.4). The numbers of bits are strengths, not key lengths: 112 for 3DES.
 */
import type {
  AeadName,
  CbcName,
  CipherSuite,
  ForeignHash,
  HashName,
  Recommended,
  VersionName,
  Weakness,
} from './types.js';

export type SuiteParts = Omit<CipherSuite, 'code' | 'iana' | 'openssl' | 'gnutls' | 'unregistered'>;

interface KeyExchange {
  readonly kx: string;
  readonly auth: string;
  readonly forwardSecret: boolean;
  readonly weakness: Weakness | null;
}

type CipherMode = 'aead' | 'cbc' | 'stream' | 'null';

interface Cipher {
  readonly enc: string;
  readonly bits: number;
  readonly mode: CipherMode;
  readonly weaknesses: readonly Weakness[];
}

interface Digest {
  readonly mac: string;
  readonly hash: HashName;
  readonly foreign?: ForeignHash;
}

const kx = (name: string, auth: string, forwardSecret: boolean, weakness: Weakness | null): KeyExchange => ({
  kx: name,
  auth,
  forwardSecret,
  weakness,
});

/** `DH_anon` and `ECDH_anon` are ephemeral in spite of their names (RFC 5246 §F.1.1.1), so they are DHE and ECDHE here. */
const keyExchanges: Readonly<Record<string, KeyExchange>> = {
  NULL: kx('NULL', 'NULL', false, 'anonymous'),
  RSA: kx('RSA', 'RSA', false, 'static_rsa'),
  RSA_FIPS: kx('RSA', 'RSA', false, 'static_rsa'),
  RSA_OLDFIPS: kx('RSA', 'RSA', false, 'static_rsa'),
  DH_DSS: kx('DH', 'DSS', false, 'static_dh'),
  DH_RSA: kx('DH', 'RSA', false, 'static_dh'),
  DHE_DSS: kx('DHE', 'DSS', true, 'finite_field_dh'),
  DHE_RSA: kx('DHE', 'RSA', true, 'finite_field_dh'),
  DH_anon: kx('DHE', 'anon', true, 'anonymous'),
  ECDH_ECDSA: kx('ECDH', 'ECDSA', false, 'static_ecdh'),
  ECDH_RSA: kx('ECDH', 'RSA', false, 'static_ecdh'),
  ECDHE_ECDSA: kx('ECDHE', 'ECDSA', true, null),
  ECDHE_RSA: kx('ECDHE', 'RSA', true, null),
  ECDH_anon: kx('ECDHE', 'anon', true, 'anonymous'),
  PSK: kx('PSK', 'PSK', false, 'static_key'),
  DHE_PSK: kx('DHE_PSK', 'PSK', true, 'finite_field_dh'),
  // RFC 6655 turned the words round for the two CCM_8 suites.
  PSK_DHE: kx('DHE_PSK', 'PSK', true, 'finite_field_dh'),
  ECDHE_PSK: kx('ECDHE_PSK', 'PSK', true, null),
  RSA_PSK: kx('RSA_PSK', 'RSA', false, 'static_rsa'),
  SRP_SHA: kx('SRP', 'SRP', true, null),
  SRP_SHA_RSA: kx('SRP', 'RSA', true, null),
  SRP_SHA_DSS: kx('SRP', 'DSS', true, null),
  KRB5: kx('KRB5', 'KRB5', false, 'static_key'),
  ECCPWD: kx('ECCPWD', 'ECCPWD', true, null),
  ECJPAKE: kx('ECJPAKE', 'ECJPAKE', true, null),
  GOSTR341094: kx('VKO_GOST94', 'GOST94', false, 'static_key'),
  GOSTR341001: kx('VKO_GOST01', 'GOST01', false, 'static_key'),
  GOSTR341112_256: kx('VKO_GOST12', 'GOST12', false, 'static_key'),
  CECPQ1_RSA: kx('CECPQ1', 'RSA', true, 'broken_kem'),
  CECPQ1_ECDSA: kx('CECPQ1', 'ECDSA', true, 'broken_kem'),
  FORTEZZA_KEA: kx('FORTEZZA_KEA', 'FORTEZZA', false, 'static_key'),
};

/** TLCP (GB/T 38636): `ECC` is encryption to the server's SM2 key, `IBC` and `IBSDH` are the same two with SM9. */
const tlcpKeyExchanges: Readonly<Record<string, KeyExchange>> = {
  ECDHE: kx('ECDHE', 'SM2', true, null),
  ECC: kx('SM2', 'SM2', false, 'static_key'),
  IBSDH: kx('SM9DHE', 'SM9', true, null),
  IBC: kx('SM9', 'SM9', false, 'static_key'),
  RSA: kx('RSA', 'RSA', false, 'static_rsa'),
};

const any = kx('any', 'any', true, null);

const cipher = (enc: string, bits: number, mode: CipherMode, ...weaknesses: Weakness[]): Cipher => ({
  enc,
  bits,
  mode,
  weaknesses: mode === 'cbc' ? [...weaknesses, 'cbc'] : weaknesses,
});

/** AES, Camellia and ARIA come in two sizes and the same modes. */
function sized(): [string, Cipher][] {
  const rows: [string, Cipher][] = [];
  for (const name of ['AES', 'CAMELLIA', 'ARIA']) {
    for (const bits of [128, 256]) {
      const key = `${name}_${bits}`;
      const enc = `${name}-${bits}`;
      rows.push([`${key}_CBC`, cipher(`${enc}-CBC`, bits, 'cbc')]);
      rows.push([`${key}_GCM`, cipher(`${enc}-GCM`, bits, 'aead')]);
      if (name === 'AES') {
        rows.push([`${key}_CCM`, cipher(`${enc}-CCM`, bits, 'aead')]);
        rows.push([`${key}_CCM_8`, cipher(`${enc}-CCM-8`, bits, 'aead', 'short_tag')]);
      }
    }
  }
  return rows;
}

const ciphers: ReadonlyMap<string, Cipher> = new Map<string, Cipher>([
  ...sized(),
  ['NULL', cipher('NULL', 0, 'null', 'null')],
  ['RC4_40', cipher('RC4-40', 40, 'stream', 'rc4')],
  ['RC4_56', cipher('RC4-56', 56, 'stream', 'rc4')],
  ['RC4_128', cipher('RC4-128', 128, 'stream', 'rc4')],
  ['RC2_CBC_40', cipher('RC2-40-CBC', 40, 'cbc', 'rc2', 'block64')],
  ['RC2_CBC_56', cipher('RC2-56-CBC', 56, 'cbc', 'rc2', 'block64')],
  ['RC2_CBC', cipher('RC2-128-CBC', 128, 'cbc', 'rc2', 'block64')],
  ['DES40_CBC', cipher('DES-40-CBC', 40, 'cbc', 'des', 'block64')],
  ['DES_CBC_40', cipher('DES-40-CBC', 40, 'cbc', 'des', 'block64')],
  ['DES_CBC', cipher('DES-CBC', 56, 'cbc', 'des', 'block64')],
  // Two of the three keys fall to a meet in the middle (NIST SP 800-57 part 1, table 2).
  ['3DES_EDE_CBC', cipher('3DES-EDE-CBC', 112, 'cbc', '3des', 'block64')],
  ['IDEA_CBC', cipher('IDEA-CBC', 128, 'cbc', 'idea', 'block64')],
  ['SEED_CBC', cipher('SEED-CBC', 128, 'cbc')],
  ['FORTEZZA_CBC', cipher('SKIPJACK-CBC', 80, 'cbc', 'block64')],
  ['CHACHA20_POLY1305', cipher('CHACHA20-POLY1305', 256, 'aead')],
  ['AEGIS_128L', cipher('AEGIS-128L', 128, 'aead')],
  ['AEGIS_256', cipher('AEGIS-256', 256, 'aead')],
  ['SALSA20', cipher('SALSA20-256', 256, 'stream')],
  ['ESTREAM_SALSA20', cipher('ESTREAM-SALSA20-256', 256, 'stream')],
  ['SM1', cipher('SM1-CBC', 128, 'cbc')],
  ['SM4_CBC', cipher('SM4-CBC', 128, 'cbc')],
  ['SM4_GCM', cipher('SM4-GCM', 128, 'aead')],
  ['SM4_CCM', cipher('SM4-CCM', 128, 'aead')],
  ['28147_CNT', cipher('28147-CNT', 256, 'stream', 'block64')],
  ['MAGMA_CTR', cipher('MAGMA-CTR', 256, 'stream', 'block64')],
  ['KUZNYECHIK_CTR', cipher('KUZNYECHIK-CTR', 256, 'stream')],
  ['MAGMA_MGM', cipher('MAGMA-MGM', 256, 'aead', 'block64')],
  ['KUZNYECHIK_MGM', cipher('KUZNYECHIK-MGM', 256, 'aead')],
]);

/** What the last word of a name says. MACs of a fixed hash keep the PRF of TLS 1.2, SHA-256 (RFC 5246 §5). */
const digests: ReadonlyMap<string, Digest> = new Map<string, Digest>([
  ['NULL', { mac: 'NULL', hash: 'sha256' }],
  ['MD5', { mac: 'MD5', hash: 'sha256' }],
  ['SHA', { mac: 'SHA1', hash: 'sha256' }],
  ['SHA1', { mac: 'SHA1', hash: 'sha256' }],
  ['SHA256', { mac: 'SHA256', hash: 'sha256' }],
  ['SHA384', { mac: 'SHA384', hash: 'sha384' }],
  ['SHA512', { mac: 'SHA512', hash: 'sha512' }],
  ['SM3', { mac: 'SM3', hash: 'sha256', foreign: 'sm3' }],
  ['IMIT', { mac: 'IMIT28147', hash: 'sha256', foreign: 'streebog256' }],
  ['OMAC', { mac: 'OMAC', hash: 'sha256', foreign: 'streebog256' }],
  ['GOSTR3411', { mac: 'GOSTR3411', hash: 'sha256', foreign: 'streebog256' }],
  // RFC 9367 §4.1: L and S differ in how often the key changes.
  ['L', { mac: 'AEAD', hash: 'sha256', foreign: 'streebog256' }],
  ['S', { mac: 'AEAD', hash: 'sha256', foreign: 'streebog256' }],
]);

const aeads: ReadonlyMap<string, AeadName> = new Map([
  ['AES-128-GCM', 'aes-128-gcm'],
  ['AES-256-GCM', 'aes-256-gcm'],
  ['CHACHA20-POLY1305', 'chacha20-poly1305'],
  ['AES-128-CCM', 'aes-128-ccm'],
  ['AES-256-CCM', 'aes-256-ccm'],
  ['AES-128-CCM-8', 'aes-128-ccm-8'],
  ['AES-256-CCM-8', 'aes-256-ccm-8'],
  ['ARIA-128-GCM', 'aria-128-gcm'],
  ['ARIA-256-GCM', 'aria-256-gcm'],
]);

const cbcs: ReadonlyMap<string, CbcName> = new Map([
  ['AES-128-CBC', 'aes-128-cbc'],
  ['AES-256-CBC', 'aes-256-cbc'],
  ['3DES-EDE-CBC', '3des-ede-cbc'],
  ['CAMELLIA-128-CBC', 'camellia-128-cbc'],
  ['CAMELLIA-256-CBC', 'camellia-256-cbc'],
  ['ARIA-128-CBC', 'aria-128-cbc'],
  ['ARIA-256-CBC', 'aria-256-cbc'],
]);

/** Takes a suite's name apart. Throws RangeError where the name does not follow the grammar: a slip in our own table. */
export function parseSuiteName(iana: string, recommendedByIana: boolean): SuiteParts {
  const bare = iana.replace(/^(TLS|SSL|LEGACY)_/, '').replace(/_OLD$/, '');
  const [head, tail] = splitName(bare);
  const exported = /_EXPORT(1024)?$/.test(head);
  const exchange = keyExchangeOf(head.replace(/_EXPORT(1024)?$/, ''), tail, iana);
  const [what, digest] = cipherOf(tail, iana);
  const mac = what.mode === 'aead' ? 'AEAD' : digest.mac;
  const foreign =
    iana.includes('GOSTR341094') || iana.includes('GOSTR341001') ? 'gostr341194' : digest.foreign;
  const versions = versionsOf(iana, exchange, what, digest, exported);
  const weaknesses = weaknessesOf(exchange, what, mac, exported);
  return {
    kx: exchange.kx,
    auth: exchange.auth,
    enc: what.enc,
    bits: what.bits,
    mac,
    hash: digest.hash,
    aead: iana.endsWith('_OLD') ? null : (aeads.get(what.enc) ?? null),
    cbc: cbcs.get(what.enc) ?? null,
    forwardSecret: exchange.forwardSecret,
    versions,
    recommended: recommendationOf(exchange, what, exported, recommendedByIana),
    weaknesses,
    ...(foreign === undefined ? {} : { foreignHash: foreign }),
  };
}

/** The part before the cipher, empty in TLS 1.3, and the cipher with its hash. */
function splitName(bare: string): [string, string] {
  const at = bare.indexOf('_WITH_');
  if (at >= 0) return [bare.slice(0, at), bare.slice(at + '_WITH_'.length)];
  const tlcp = /^(ECDHE|ECC|IBSDH|IBC|RSA)_(SM[14].*)$/.exec(bare);
  if (tlcp !== null) return [tlcp[1]!, tlcp[2]!];
  return ['', bare];
}

function keyExchangeOf(head: string, tail: string, iana: string): KeyExchange {
  if (head === '') return any;
  if (/^SM[14]/.test(tail)) {
    const tlcp = tlcpKeyExchanges[head];
    if (tlcp !== undefined) return tlcp;
  }
  if (tail.includes('_MGM_')) return any; // TLS 1.3 (RFC 9367 §4.1); the name only tells where the ciphers come from
  const exchange = keyExchanges[head];
  if (exchange === undefined) throw new RangeError(`no key exchange in the cipher suite name ${iana}`);
  return exchange;
}

function cipherOf(tail: string, iana: string): [Cipher, Digest] {
  // RFC 6655 names no hash: SHA-256 is meant.
  const whole = ciphers.get(tail);
  if (whole !== undefined) return [whole, digests.get('SHA256')!];
  const at = tail.lastIndexOf('_');
  const digest = digests.get(tail.slice(at + 1));
  const name = tail.slice(0, at);
  // Integrity only (RFC 9150): the first word is the MAC, the second the hash.
  const what = digests.has(name) && name !== 'NULL' ? ciphers.get('NULL') : ciphers.get(name);
  if (digest === undefined || what === undefined) {
    throw new RangeError(`no cipher in the cipher suite name ${iana}`);
  }
  return [what, digest];
}

function versionsOf(iana: string, exchange: KeyExchange, what: Cipher, digest: Digest, exported: boolean) {
  const all: readonly VersionName[] = ['SSLv3', 'TLSv1', 'TLSv1.1', 'TLSv1.2'];
  if (exchange === any) return ['TLSv1.3'] as const;
  if (/^(ECDHE|ECC|IBSDH|IBC|RSA)_SM/.test(iana)) return []; // TLCP numbers its versions apart
  if (exchange.kx === 'FORTEZZA_KEA') return ['SSLv3'] as const;
  if (exported) return all.slice(0, 2); // RFC 4346 appendix A.5: not from TLS 1.1 on
  if (what.enc === 'DES-CBC' || what.enc === 'IDEA-CBC') return all.slice(0, 3); // RFC 5469 §1
  if (what.mode === 'aead' || iana.startsWith('TLS_GOSTR341112')) return all.slice(3); // RFC 5246 §6.2.3.3, RFC 9189
  if (digest.mac === 'SHA256' || digest.mac === 'SHA384') {
    // RFC 5487 §3.1 and RFC 5489 §3.2 allow theirs in older versions; ARIA came with RFC 6209 for 1.2.
    const older = exchange.kx.endsWith('PSK') && !what.enc.startsWith('ARIA');
    return all.slice(older ? 1 : 3);
  }
  // Elliptic curves need extensions, and so TLS (RFC 8422 §4). GOST and Salsa20 were never in SSL 3.0.
  const needsTls =
    exchange.kx.startsWith('EC') || exchange.kx.startsWith('VKO') || what.enc.includes('SALSA20');
  return all.slice(needsTls ? 1 : 0);
}

function weaknessesOf(exchange: KeyExchange, what: Cipher, mac: string, exported: boolean): Weakness[] {
  const found: Weakness[] = [];
  if (exported) found.push('export');
  found.push(...what.weaknesses);
  if (mac === 'MD5') found.push('md5');
  if (exchange.weakness !== null) found.push(exchange.weakness);
  return found;
}

/**
 * IANA's column. RFC 9847 §5 marks NULL, EXPORT, RC4, DES and IDEA as discouraged; the update of obsolete key
 * exchanges in TLS 1.2 marks all of RSA, static (EC)DH, finite-field DHE and anonymous ones.
 */
function recommendationOf(
  exchange: KeyExchange,
  what: Cipher,
  exported: boolean,
  recommended: boolean,
): Recommended {
  if (recommended) return 'Y';
  if (exchange.kx === 'NULL') return 'N';
  if (exported || what.weaknesses.some((word) => discouragedCiphers.has(word))) return 'D';
  return exchange.weakness !== null && discouragedExchanges.has(exchange.weakness) ? 'D' : 'N';
}

const discouragedCiphers: ReadonlySet<Weakness> = new Set<Weakness>(['null', 'rc4', 'des', 'idea']);
const discouragedExchanges: ReadonlySet<Weakness> = new Set<Weakness>([
  'static_rsa',
  'static_dh',
  'static_ecdh',
  'finite_field_dh',
  'anonymous',
]);
