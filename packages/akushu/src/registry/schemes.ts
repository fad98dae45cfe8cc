/**
 * The registry "TLS SignatureScheme", and the pairs of hash and signature of TLS 1.2 (RFC 5246 §7.4.1.4.1) that no
 * scheme took over; those carry the names that OpenSSL and the RFCs' prose give them. `tls13` says whether a scheme
 * may sign CertificateVerify in TLS 1.3; those that may only sign certificates there are false (RFC 9846 §4.3.3).
 */
import { NamedTable } from './names-index.js';
import type { HashName, SignatureKind, SignatureSchemeInfo } from './types.js';

interface Extra {
  readonly gnutls?: string;
  readonly curve?: string;
  readonly aliases?: readonly string[];
  readonly tls13?: boolean;
  readonly y?: boolean;
  readonly clientOnly?: true;
  readonly openssl?: null;
}

function scheme(
  code: number,
  iana: string,
  kind: SignatureKind,
  hash: HashName | null,
  extra: Extra = {},
): SignatureSchemeInfo {
  return {
    code,
    iana,
    openssl: extra.openssl === null ? null : iana,
    gnutls: extra.gnutls ?? null,
    kind,
    hash,
    curve: extra.curve ?? null,
    tls13: extra.tls13 ?? false,
    recommended: extra.y === true ? 'Y' : 'N',
    ...(extra.clientOnly === undefined ? {} : { tls13ClientOnly: true as const }),
    ...(extra.aliases === undefined ? {} : { aliases: extra.aliases }),
  };
}

const pair = (gnutls: string, ...aliases: string[]): Extra => ({ gnutls, aliases });
const good = (gnutls: string, ...aliases: string[]): Extra => ({ gnutls, aliases, y: true });
const good13 = (gnutls: string, ...aliases: string[]): Extra => ({ gnutls, aliases, y: true, tls13: true });
const only13: Extra = { openssl: null, tls13: true };
const legacy: Extra = { openssl: null, clientOnly: true };
const slh = (code: number, parameters: string) => scheme(code, `slhdsa_${parameters}`, 'other', null, only13);

function ecdsa13(gnutls: string, curve: string, ...aliases: string[]): Extra {
  return { gnutls, curve, aliases, y: true, tls13: true };
}

function mldsa(size: number): Extra {
  return { gnutls: `SIGN-ML-DSA-${size}`, aliases: [`ML-DSA-${size}`], tls13: true };
}

const table: readonly SignatureSchemeInfo[] = [
  scheme(0x0101, 'rsa_pkcs1_md5', 'rsa-pkcs1', 'md5', pair('SIGN-RSA-MD5', 'RSA+MD5')),
  scheme(0x0102, 'dsa_md5', 'dsa', 'md5', { openssl: null }),
  scheme(0x0103, 'ecdsa_md5', 'ecdsa', 'md5', { openssl: null }),
  scheme(0x0201, 'rsa_pkcs1_sha1', 'rsa-pkcs1', 'sha1', pair('SIGN-RSA-SHA1', 'RSA+SHA1')),
  scheme(0x0202, 'dsa_sha1', 'dsa', 'sha1', pair('SIGN-DSA-SHA1', 'DSA+SHA1')),
  scheme(0x0203, 'ecdsa_sha1', 'ecdsa', 'sha1', pair('SIGN-ECDSA-SHA1', 'ECDSA+SHA1')),
  scheme(0x0301, 'rsa_pkcs1_sha224', 'rsa-pkcs1', 'sha224', pair('SIGN-RSA-SHA224', 'RSA+SHA224')),
  scheme(0x0302, 'dsa_sha224', 'dsa', 'sha224', pair('SIGN-DSA-SHA224', 'DSA+SHA224')),
  scheme(0x0303, 'ecdsa_sha224', 'ecdsa', 'sha224', pair('SIGN-ECDSA-SHA224', 'ECDSA+SHA224')),
  scheme(0x0401, 'rsa_pkcs1_sha256', 'rsa-pkcs1', 'sha256', good('SIGN-RSA-SHA256', 'RSA+SHA256')),
  scheme(0x0402, 'dsa_sha256', 'dsa', 'sha256', pair('SIGN-DSA-SHA256', 'DSA+SHA256')),
  scheme(
    0x0403,
    'ecdsa_secp256r1_sha256',
    'ecdsa',
    'sha256',
    ecdsa13('SIGN-ECDSA-SECP256R1-SHA256', 'secp256r1', 'ECDSA+SHA256', 'SIGN-ECDSA-SHA256', 'ecdsa_sha256'),
  ),
  scheme(0x0420, 'rsa_pkcs1_sha256_legacy', 'rsa-pkcs1', 'sha256', legacy),
  scheme(0x0501, 'rsa_pkcs1_sha384', 'rsa-pkcs1', 'sha384', good('SIGN-RSA-SHA384', 'RSA+SHA384')),
  scheme(0x0502, 'dsa_sha384', 'dsa', 'sha384', pair('SIGN-DSA-SHA384', 'DSA+SHA384')),
  scheme(
    0x0503,
    'ecdsa_secp384r1_sha384',
    'ecdsa',
    'sha384',
    ecdsa13('SIGN-ECDSA-SECP384R1-SHA384', 'secp384r1', 'ECDSA+SHA384', 'SIGN-ECDSA-SHA384', 'ecdsa_sha384'),
  ),
  scheme(0x0520, 'rsa_pkcs1_sha384_legacy', 'rsa-pkcs1', 'sha384', legacy),
  scheme(0x0601, 'rsa_pkcs1_sha512', 'rsa-pkcs1', 'sha512', good('SIGN-RSA-SHA512', 'RSA+SHA512')),
  scheme(0x0602, 'dsa_sha512', 'dsa', 'sha512', pair('SIGN-DSA-SHA512', 'DSA+SHA512')),
  scheme(
    0x0603,
    'ecdsa_secp521r1_sha512',
    'ecdsa',
    'sha512',
    ecdsa13('SIGN-ECDSA-SECP521R1-SHA512', 'secp521r1', 'ECDSA+SHA512', 'SIGN-ECDSA-SHA512', 'ecdsa_sha512'),
  ),
  scheme(0x0620, 'rsa_pkcs1_sha512_legacy', 'rsa-pkcs1', 'sha512', legacy),
  scheme(0x0704, 'eccsi_sha256', 'other', 'sha256', only13),
  scheme(0x0705, 'iso_ibs1', 'other', null, only13),
  scheme(0x0706, 'iso_ibs2', 'other', null, only13),
  scheme(0x0707, 'iso_chinese_ibs', 'other', null, only13),
  scheme(0x0708, 'sm2sig_sm3', 'other', null, { tls13: true, curve: 'curveSM2' }),
  scheme(0x0709, 'gostr34102012_256a', 'other', null, { ...only13, curve: 'GC256A' }),
  scheme(0x070a, 'gostr34102012_256b', 'other', null, { ...only13, curve: 'GC256B' }),
  scheme(0x070b, 'gostr34102012_256c', 'other', null, { ...only13, curve: 'GC256C' }),
  scheme(0x070c, 'gostr34102012_256d', 'other', null, { ...only13, curve: 'GC256D' }),
  scheme(0x070d, 'gostr34102012_512a', 'other', null, { ...only13, curve: 'GC512A' }),
  scheme(0x070e, 'gostr34102012_512b', 'other', null, { ...only13, curve: 'GC512B' }),
  scheme(0x070f, 'gostr34102012_512c', 'other', null, { ...only13, curve: 'GC512C' }),
  scheme(
    0x0804,
    'rsa_pss_rsae_sha256',
    'rsa-pss-rsae',
    'sha256',
    good13('SIGN-RSA-PSS-RSAE-SHA256', 'RSA-PSS+SHA256'),
  ),
  scheme(
    0x0805,
    'rsa_pss_rsae_sha384',
    'rsa-pss-rsae',
    'sha384',
    good13('SIGN-RSA-PSS-RSAE-SHA384', 'RSA-PSS+SHA384'),
  ),
  scheme(
    0x0806,
    'rsa_pss_rsae_sha512',
    'rsa-pss-rsae',
    'sha512',
    good13('SIGN-RSA-PSS-RSAE-SHA512', 'RSA-PSS+SHA512'),
  ),
  scheme(0x0807, 'ed25519', 'eddsa', null, good13('SIGN-EdDSA-Ed25519')),
  scheme(0x0808, 'ed448', 'eddsa', null, good13('SIGN-EdDSA-Ed448')),
  scheme(0x0809, 'rsa_pss_pss_sha256', 'rsa-pss-pss', 'sha256', good13('SIGN-RSA-PSS-SHA256')),
  scheme(0x080a, 'rsa_pss_pss_sha384', 'rsa-pss-pss', 'sha384', good13('SIGN-RSA-PSS-SHA384')),
  scheme(0x080b, 'rsa_pss_pss_sha512', 'rsa-pss-pss', 'sha512', good13('SIGN-RSA-PSS-SHA512')),
  scheme(0x081a, 'ecdsa_brainpoolP256r1tls13_sha256', 'ecdsa', 'sha256', {
    tls13: true,
    curve: 'brainpoolP256r1tls13',
  }),
  scheme(0x081b, 'ecdsa_brainpoolP384r1tls13_sha384', 'ecdsa', 'sha384', {
    tls13: true,
    curve: 'brainpoolP384r1tls13',
  }),
  scheme(0x081c, 'ecdsa_brainpoolP512r1tls13_sha512', 'ecdsa', 'sha512', {
    tls13: true,
    curve: 'brainpoolP512r1tls13',
  }),
  scheme(0x0840, 'gostr34102012_256_intrinsic', 'other', null),
  scheme(0x0841, 'gostr34102012_512_intrinsic', 'other', null),
  scheme(0x0904, 'mldsa44', 'ml-dsa', null, mldsa(44)),
  scheme(0x0905, 'mldsa65', 'ml-dsa', null, mldsa(65)),
  scheme(0x0906, 'mldsa87', 'ml-dsa', null, mldsa(87)),
  slh(0x0911, 'sha2_128s'),
  slh(0x0912, 'sha2_128f'),
  slh(0x0913, 'sha2_192s'),
  slh(0x0914, 'sha2_192f'),
  slh(0x0915, 'sha2_256s'),
  slh(0x0916, 'sha2_256f'),
  slh(0x0917, 'shake_128s'),
  slh(0x0918, 'shake_128f'),
  slh(0x0919, 'shake_192s'),
  slh(0x091a, 'shake_192f'),
  slh(0x091b, 'shake_256s'),
  slh(0x091c, 'shake_256f'),
  // What OpenSSL's GOST engine sent before RFC 9189.
  scheme(0xeded, 'gostr34102001_gostr3411', 'other', null),
  scheme(0xeeee, 'gostr34102012_256_gostr34112012_256', 'other', null),
  scheme(0xefef, 'gostr34102012_512_gostr34112012_512', 'other', null),
];

const lookUps = new NamedTable(
  () => table,
  ({ iana, openssl, gnutls, aliases }) => [iana, openssl, gnutls, ...(aliases ?? [])],
);

export function signatureSchemes(): readonly SignatureSchemeInfo[] {
  return table;
}

export function schemeByCode(code: number): SignatureSchemeInfo | undefined {
  return lookUps.byCode(code);
}

/** Finds a scheme by IANA's name, OpenSSL's (`ECDSA+SHA256`), GnuTLS's (`SIGN-…`), or its code in hexadecimal. */
export function findScheme(name: string): SignatureSchemeInfo | undefined {
  return lookUps.find(name);
}
