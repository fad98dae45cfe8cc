/**
 * Signature schemes as IANA names them (RFC 9846 §4.3.3, draft-ietf-tls-mldsa) against keys and algorithms: what a
 * private key can sign with, and whether an algorithm fits a public key at all.
 */
import type { HashName } from '../registry/types.js';
import type { CurveName, EdKind, MlDsaKind, PssRestriction, PublicMaterial, RsaKind } from './keymaterial.js';
import { CryptoError, type SignatureAlgorithm } from './provider.js';

/** Bytes of digest. */
export const HASH_LENGTH: Readonly<Record<HashName, number>> = {
  md5: 16,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
};

const pss = (hash: HashName): SignatureAlgorithm => ({
  kind: 'rsa-pss',
  hash,
  saltLength: HASH_LENGTH[hash],
});
const pkcs1 = (hash: HashName): SignatureAlgorithm => ({ kind: 'rsa-pkcs1', hash });
const ecdsa = (hash: HashName): SignatureAlgorithm => ({ kind: 'ecdsa', hash });

/**
 * The one signature of RSA in TLS 1.0 and 1.1 (RFC 4346 §7.4.3), which has no code point. The name is ours, not IANA's,
 * so nothing on the wire can ask for it.
 */
const MD5_SHA1_SCHEME = 'rsa_pkcs1_md5_sha1';

const SCHEMES: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  ['rsa_pss_rsae_sha256', pss('sha256')],
  ['rsa_pss_rsae_sha384', pss('sha384')],
  ['rsa_pss_rsae_sha512', pss('sha512')],
  ['rsa_pss_pss_sha256', pss('sha256')],
  ['rsa_pss_pss_sha384', pss('sha384')],
  ['rsa_pss_pss_sha512', pss('sha512')],
  ['rsa_pkcs1_sha256', pkcs1('sha256')],
  ['rsa_pkcs1_sha384', pkcs1('sha384')],
  ['rsa_pkcs1_sha512', pkcs1('sha512')],
  ['rsa_pkcs1_sha1', pkcs1('sha1')],
  [MD5_SHA1_SCHEME, { kind: 'rsa-md5-sha1' }],
  ['ecdsa_secp256r1_sha256', ecdsa('sha256')],
  ['ecdsa_secp384r1_sha384', ecdsa('sha384')],
  ['ecdsa_secp521r1_sha512', ecdsa('sha512')],
  ['ecdsa_sha1', ecdsa('sha1')],
  ['ed25519', { kind: 'ed25519' }],
  ['ed448', { kind: 'ed448' }],
  ['mldsa44', { kind: 'ml-dsa-44' }],
  ['mldsa65', { kind: 'ml-dsa-65' }],
  ['mldsa87', { kind: 'ml-dsa-87' }],
]);

/** The algorithm behind a scheme, by IANA's name; undefined where no provider has it. Ignores the curve in the name. */
export function schemeAlgorithm(scheme: string): SignatureAlgorithm | undefined {
  return SCHEMES.get(scheme);
}

/** What `scheme` asks of a key that has `schemes`. Throws CryptoError `unsupported` where it is not among them. */
export function algorithmOf(scheme: string, schemes: readonly string[]): SignatureAlgorithm {
  const algorithm = schemes.includes(scheme) ? schemeAlgorithm(scheme) : undefined;
  if (!algorithm) throw new CryptoError('unsupported', `signature scheme ${JSON.stringify(scheme)}`);
  return algorithm;
}

/**
 * The scheme of the curve first; then the others, since before TLS 1.3 the name of a scheme fixes only the hash (RFC 9846
 * §4.3.3): those with a hash as strong as the curve, from the shortest on, before those that weaken it, from the longest.
 */
const EC_SCHEMES: Readonly<Record<CurveName, readonly string[]>> = {
  secp256r1: ['ecdsa_secp256r1_sha256', 'ecdsa_secp384r1_sha384', 'ecdsa_secp521r1_sha512', 'ecdsa_sha1'],
  secp384r1: ['ecdsa_secp384r1_sha384', 'ecdsa_secp521r1_sha512', 'ecdsa_secp256r1_sha256', 'ecdsa_sha1'],
  secp521r1: ['ecdsa_secp521r1_sha512', 'ecdsa_secp384r1_sha384', 'ecdsa_secp256r1_sha256', 'ecdsa_sha1'],
};

export const ecSchemes = (curve: CurveName): readonly string[] => EC_SCHEMES[curve];

/** Schemes of Ed25519, Ed448 and ML-DSA keys: one each. */
export const rawScheme = (kind: EdKind | MlDsaKind): readonly string[] => [
  kind === 'ed25519' || kind === 'ed448' ? kind : `mldsa${kind.slice(-2)}`,
];

/** They fit every modulus of 1,024 bits. */
const PKCS1_SCHEMES: readonly string[] = [
  'rsa_pkcs1_sha256',
  'rsa_pkcs1_sha384',
  'rsa_pkcs1_sha512',
  'rsa_pkcs1_sha1',
  MD5_SHA1_SCHEME,
];

/** RSA: every scheme whose padding fits the modulus (RFC 8017 §9.1.1) and that the key's own parameters allow. */
export function rsaSchemes(
  kind: RsaKind,
  bits: number,
  restriction: PssRestriction | null,
): readonly string[] {
  const hashes: readonly HashName[] = ['sha256', 'sha384', 'sha512'];
  const form = kind === 'rsa' ? 'rsae' : 'pss';
  const schemes = hashes
    .filter((hash) => pssFits(bits, hash, HASH_LENGTH[hash]) && allowed(restriction, hash, HASH_LENGTH[hash]))
    .map((hash) => `rsa_pss_${form}_${hash}`);
  if (kind === 'rsa-pss') return schemes;
  return [...schemes, ...PKCS1_SCHEMES];
}

const pssFits = (bits: number, hash: HashName, saltLength: number) =>
  Math.ceil((bits - 1) / 8) >= HASH_LENGTH[hash] + saltLength + 2;

/** RFC 4055 §3.3: the hash is the key's, the salt no shorter than the key's. */
const allowed = (restriction: PssRestriction | null, hash: HashName, saltLength: number) =>
  restriction === null || (restriction.hash === hash && saltLength >= restriction.saltLength);

/** Hashes that may stand in a signature. MD5 alone may not, for all that it can be computed. */
const SIGNATURE_HASHES: ReadonlySet<HashName> = new Set(['sha1', 'sha224', 'sha256', 'sha384', 'sha512']);

/** Whether `algorithm` can be used with a key at all; what does not fit never verifies. */
export function fitsKey(algorithm: SignatureAlgorithm, key: PublicMaterial): boolean {
  switch (algorithm.kind) {
    case 'rsa-pkcs1':
      return key.kind === 'rsa' && SIGNATURE_HASHES.has(algorithm.hash);
    case 'rsa-md5-sha1':
      return key.kind === 'rsa';
    case 'rsa-pss':
      return (
        (key.kind === 'rsa' || key.kind === 'rsa-pss') &&
        SIGNATURE_HASHES.has(algorithm.hash) &&
        Number.isInteger(algorithm.saltLength) &&
        algorithm.saltLength >= 0 &&
        pssFits(key.bits, algorithm.hash, algorithm.saltLength) &&
        allowed(key.restriction, algorithm.hash, algorithm.saltLength)
      );
    case 'ecdsa':
      return key.kind === 'ec' && SIGNATURE_HASHES.has(algorithm.hash);
    default:
      return key.kind === algorithm.kind;
  }
}
