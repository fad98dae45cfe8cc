/**
 * Key files taken apart and put together: SubjectPublicKeyInfo (RFC 5280 §4.1.2.7, RFC 3279, RFC 4055, RFC 5480,
 * RFC 8410, RFC 9881) and PKCS#8 (RFC 5958). Checks form and sizes, and that RSA parts fit together; whether a point
 * is on its curve is left to the provider. Encrypted keys, PKCS#1 and SEC1 files are not its business.
 */
import { toHex } from '../bytes/index.js';
import type { HashName } from '../registry/types.js';
import { type DerReader, der, derBits, derUnsigned, oidElement, readDer, TAG } from './der.js';
import { checkEdwardsPoint } from './edwards.js';
import { bytesToBigInt } from './integers.js';
import { CryptoError } from './provider.js';

export type CurveName = 'secp256r1' | 'secp384r1' | 'secp521r1';
export type MlDsaKind = 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87';
export type EdKind = 'ed25519' | 'ed448';
export type RsaKind = 'rsa' | 'rsa-pss';

/** What an id-RSASSA-PSS key allows (RFC 4055 §3.3): one hash, and a salt no shorter than `saltLength`. */
export interface PssRestriction {
  readonly hash: HashName;
  readonly saltLength: number;
}

export type PublicMaterial =
  | {
      readonly kind: RsaKind;
      /** Big-endian, no leading zero. */
      readonly n: Uint8Array;
      readonly e: Uint8Array;
      readonly bits: number;
      readonly restriction: PssRestriction | null;
    }
  | { readonly kind: 'ec'; readonly curve: CurveName; readonly bits: number; readonly raw: Uint8Array }
  | { readonly kind: EdKind; readonly bits: number; readonly raw: Uint8Array }
  | { readonly kind: MlDsaKind; readonly bits: number; readonly raw: Uint8Array };

export type PrivateMaterial =
  | {
      readonly kind: RsaKind;
      /** The RSAPrivateKey of PKCS#1. */
      readonly pkcs1: Uint8Array;
      /** Big-endian; their product is the modulus. */
      readonly primes: readonly [Uint8Array, Uint8Array];
      readonly public: PublicMaterial & { readonly kind: RsaKind };
      readonly algorithm: Uint8Array;
    }
  | {
      readonly kind: 'ec';
      readonly curve: CurveName;
      readonly scalar: Uint8Array;
      /** The public point, where the file holds it. */
      readonly point: Uint8Array | null;
    }
  | { readonly kind: EdKind; readonly seed: Uint8Array }
  | { readonly kind: MlDsaKind; readonly seed: Uint8Array | null; readonly expanded: Uint8Array | null };

export const CURVES: Readonly<
  Record<CurveName, { readonly bits: number; readonly size: number; readonly oid: string }>
> = {
  secp256r1: { bits: 256, size: 32, oid: '2a8648ce3d030107' },
  secp384r1: { bits: 384, size: 48, oid: '2b81040022' },
  secp521r1: { bits: 521, size: 66, oid: '2b81040023' },
};

const ED: Readonly<Record<EdKind, { readonly bits: number; readonly size: number; readonly oid: string }>> = {
  ed25519: { bits: 255, size: 32, oid: '2b6570' },
  ed448: { bits: 448, size: 57, oid: '2b6571' },
};

/** RFC 9881; sizes from FIPS 204, table 2. `bits` is the size of the public key: only for display. */
const ML_DSA: Readonly<
  Record<MlDsaKind, { readonly publicKey: number; readonly expanded: number; readonly oid: string }>
> = {
  'ml-dsa-44': { publicKey: 1312, expanded: 2560, oid: '608648016503040311' },
  'ml-dsa-65': { publicKey: 1952, expanded: 4032, oid: '608648016503040312' },
  'ml-dsa-87': { publicKey: 2592, expanded: 4896, oid: '608648016503040313' },
};

const RSA_OID = '2a864886f70d010101';
const PSS_OID = '2a864886f70d01010a';
const MGF1_OID = '2a864886f70d010108';
const EC_OID = '2a8648ce3d0201';

const HASH_OIDS: Readonly<Record<string, HashName>> = {
  '2b0e03021a': 'sha1',
  '608648016503040204': 'sha224',
  '608648016503040201': 'sha256',
  '608648016503040202': 'sha384',
  '608648016503040203': 'sha512',
};

const RSA_MIN_BITS = 1024;
const RSA_MAX_BITS = 8192;
/** As OpenSSL for large moduli: a public exponent beyond 64 bits only serves to make verification slow. */
const RSA_MAX_EXPONENT_BYTES = 8;

const hasOwn = <K extends string>(table: Readonly<Record<K, unknown>>, key: string): key is K =>
  Object.hasOwn(table, key);

type AlgorithmId =
  | { readonly kind: RsaKind; readonly restriction: PssRestriction | null }
  | { readonly kind: 'ec'; readonly curve: CurveName }
  | { readonly kind: EdKind | MlDsaKind };

function readAlgorithm(alg: DerReader): AlgorithmId {
  const oid = toHex(alg.content(TAG.oid));
  if (oid === RSA_OID) {
    alg.null(); // RFC 3279 §2.3.1: the parameters are NULL, and present
    return { kind: 'rsa', restriction: null };
  }
  if (oid === PSS_OID) return { kind: 'rsa-pss', restriction: alg.done ? null : readPssParameters(alg) };
  if (oid === EC_OID) {
    if (!alg.next(TAG.oid)) throw new CryptoError('unsupported', 'curve parameters'); // RFC 5480 §2.1.1
    const curveOid = toHex(alg.content(TAG.oid));
    for (const curve of Object.keys(CURVES)) {
      if (hasOwn(CURVES, curve) && CURVES[curve].oid === curveOid) return { kind: 'ec', curve };
    }
    throw new CryptoError('unsupported', 'curve');
  }
  for (const kind of Object.keys(ED)) if (hasOwn(ED, kind) && ED[kind].oid === oid) return { kind };
  for (const kind of Object.keys(ML_DSA))
    if (hasOwn(ML_DSA, kind) && ML_DSA[kind].oid === oid) return { kind };
  throw new CryptoError('unsupported', 'algorithm');
}

/** RFC 4055 §3.1. Fields that are absent have their defaults. */
function readPssParameters(alg: DerReader): PssRestriction {
  return alg.inside(TAG.sequence, (fields) => {
    let hash: HashName = 'sha1';
    let mgfHash: HashName = 'sha1';
    let saltLength = 20;
    if (fields.next(TAG.context0)) hash = fields.inside(TAG.context0, readHash);
    if (fields.next(TAG.context1)) {
      mgfHash = fields.inside(TAG.context1, (tagged) =>
        tagged.inside(TAG.sequence, (mgf) => {
          if (toHex(mgf.content(TAG.oid)) !== MGF1_OID)
            throw new CryptoError('unsupported', 'mask generation');
          return readHash(mgf);
        }),
      );
    }
    if (fields.next(TAG.context2)) saltLength = fields.inside(TAG.context2, (tagged) => tagged.small());
    if (fields.next(TAG.context3) && fields.inside(TAG.context3, (tagged) => tagged.small()) !== 1) {
      fields.fail('trailer field');
    }
    if (mgfHash !== hash) throw new CryptoError('unsupported', 'PSS with two hashes'); // RFC 9846 §4.3.3: the same
    return { hash, saltLength };
  });
}

function readHash(tagged: DerReader): HashName {
  return tagged.inside(TAG.sequence, (id) => {
    const oid = toHex(id.content(TAG.oid));
    if (!id.done) id.null(); // RFC 4055 §2.1: both forms are accepted
    const hash = HASH_OIDS[oid];
    if (hash === undefined) throw new CryptoError('unsupported', 'hash');
    return hash;
  });
}

function bitLength(bytes: Uint8Array): number {
  return bytes.length === 0 ? 0 : 8 * bytes.length - Math.clz32(bytes[0]!) + 24;
}

function rsaPublic(kind: RsaKind, restriction: PssRestriction | null, n: Uint8Array, e: Uint8Array) {
  const bits = bitLength(n);
  if (bits < RSA_MIN_BITS || bits > RSA_MAX_BITS) throw new CryptoError('key_size', `${bits} bits`);
  if (e.length > RSA_MAX_EXPONENT_BYTES) throw new CryptoError('key_size', 'public exponent');
  const odd = (n.at(-1)! & 1) === 1 && ((e.at(-1) ?? 0) & 1) === 1;
  if (!odd || (e.length === 1 && e[0]! < 3)) throw new CryptoError('bad_key', 'RSA numbers'); // RFC 8017 §3.1
  return { kind, n: n.slice(), e: e.slice(), bits, restriction };
}

/** Takes a SubjectPublicKeyInfo apart. Throws CryptoError. */
export function parseSpki(spki: Uint8Array): PublicMaterial {
  return readDer(spki, (file) =>
    file.inside(TAG.sequence, (info): PublicMaterial => {
      const id = info.inside(TAG.sequence, readAlgorithm);
      const key = info.bits();
      switch (id.kind) {
        case 'rsa':
        case 'rsa-pss':
          return readDer(key, (outer) =>
            outer.inside(TAG.sequence, (numbers) =>
              rsaPublic(id.kind, id.restriction, numbers.unsigned(), numbers.unsigned()),
            ),
          );
        case 'ec':
          return {
            kind: 'ec',
            curve: id.curve,
            bits: CURVES[id.curve].bits,
            raw: checkPointForm(id.curve, key).slice(),
          };
        default:
          return rawPublic(id.kind, key.slice());
      }
    }),
  );
}

/** Uncompressed points only, as in TLS (RFC 9846 §4.3.8.2) and as every certificate authority writes them. */
export function checkPointForm(curve: CurveName, point: Uint8Array): Uint8Array {
  const { size } = CURVES[curve];
  if (point.length === 0) throw new CryptoError('bad_length', 'empty point');
  if (point[0] !== 4) throw new CryptoError('bad_point', 'not an uncompressed point');
  if (point.length !== 1 + 2 * size) throw new CryptoError('bad_length', 'point');
  return point;
}

function rawPublic(kind: EdKind | MlDsaKind, raw: Uint8Array): PublicMaterial {
  if (kind === 'ed25519' || kind === 'ed448') {
    if (raw.length !== ED[kind].size) throw new CryptoError('bad_key', 'length');
    checkEdwardsPoint(kind, raw);
    return { kind, bits: ED[kind].bits, raw };
  }
  if (raw.length !== ML_DSA[kind].publicKey) throw new CryptoError('bad_key', 'length');
  return { kind, bits: 8 * raw.length, raw };
}

/** Takes an unencrypted PKCS#8 PrivateKeyInfo apart. Throws CryptoError. */
export function parsePkcs8(pkcs8: Uint8Array): PrivateMaterial {
  return readDer(pkcs8, (file) =>
    file.inside(TAG.sequence, (info) => {
      const version = info.small();
      if (version > 1) info.fail('version');
      const algorithm = info.element(TAG.sequence);
      const id = readDer(algorithm, (outer) => outer.inside(TAG.sequence, readAlgorithm));
      const key = info.content(TAG.octetString);
      if (info.next(TAG.context0)) info.content(TAG.context0); // attributes say nothing about the key itself
      if (version === 1 && info.next(0x81)) info.bits(0x81); // RFC 5958 §2: the public key; we compute our own
      return readPrivate(id, algorithm.slice(), key);
    }),
  );
}

function readPrivate(id: AlgorithmId, algorithm: Uint8Array, key: Uint8Array): PrivateMaterial {
  switch (id.kind) {
    case 'rsa':
    case 'rsa-pss':
      return readRsaPrivate(id.kind, id.restriction, algorithm, key);
    case 'ec':
      return readEcPrivate(id.curve, key);
    case 'ed25519':
    case 'ed448': {
      const seed = readDer(key, (outer) => outer.content(TAG.octetString)); // RFC 8410 §7
      if (seed.length !== ED[id.kind].size) throw new CryptoError('bad_key', 'length');
      return { kind: id.kind, seed: seed.slice() };
    }
    default:
      return readMlDsaPrivate(id.kind, key);
  }
}

/** RFC 8017, appendix A.1.2. */
function readRsaPrivate(
  kind: RsaKind,
  restriction: PssRestriction | null,
  algorithm: Uint8Array,
  key: Uint8Array,
): PrivateMaterial {
  const numbersOfKey = readDer(key, (outer) =>
    outer.inside(TAG.sequence, (numbers) => {
      if (numbers.small() !== 0) throw new CryptoError('unsupported', 'RSA with more than two primes');
      const checked = rsaPublic(kind, restriction, numbers.unsigned(), numbers.unsigned());
      numbers.unsigned();
      const p = numbers.unsigned();
      const q = numbers.unsigned();
      for (let i = 0; i < 3; i++) numbers.unsigned();
      if (p.length > checked.n.length || q.length > checked.n.length)
        throw new CryptoError('bad_key', 'RSA numbers');
      if (bytesToBigInt(p) * bytesToBigInt(q) !== bytesToBigInt(checked.n)) {
        throw new CryptoError('bad_key', 'modulus is not the product of the primes');
      }
      return { public: checked, primes: [p.slice(), q.slice()] as const };
    }),
  );
  return { kind, pkcs1: key.slice(), ...numbersOfKey, algorithm };
}

/** RFC 5915 §3. */
function readEcPrivate(curve: CurveName, key: Uint8Array): PrivateMaterial {
  return readDer(key, (outer) =>
    outer.inside(TAG.sequence, (fields): PrivateMaterial => {
      if (fields.small() !== 1) fields.fail('version');
      const scalar = fields.content(TAG.octetString);
      if (scalar.length !== CURVES[curve].size) fields.fail('length');
      if (fields.next(TAG.context0)) {
        const oid = fields.inside(TAG.context0, (tagged) => toHex(tagged.content(TAG.oid)));
        if (oid !== CURVES[curve].oid) fields.fail('two curves');
      }
      const point = fields.next(TAG.context1) ? fields.inside(TAG.context1, (tagged) => tagged.bits()) : null;
      return {
        kind: 'ec',
        curve,
        scalar: scalar.slice(),
        point: point && checkPointForm(curve, point).slice(),
      };
    }),
  );
}

/** RFC 9881 §6: the seed, the expanded key, or both. */
function readMlDsaPrivate(kind: MlDsaKind, key: Uint8Array): PrivateMaterial {
  return readDer(key, (outer): PrivateMaterial => {
    let seed: Uint8Array | null = null;
    let expanded: Uint8Array | null = null;
    if (outer.next(0x80)) seed = outer.content(0x80).slice();
    else if (outer.next(TAG.octetString)) expanded = outer.content(TAG.octetString).slice();
    else {
      [seed, expanded] = outer.inside(TAG.sequence, (both) => [
        both.content(TAG.octetString).slice(),
        both.content(TAG.octetString).slice(),
      ]);
    }
    if (seed && seed.length !== 32) outer.fail('seed length');
    if (expanded && expanded.length !== ML_DSA[kind].expanded) outer.fail('length');
    return { kind, seed, expanded };
  });
}

const ecAlgorithm = (curve: CurveName) =>
  der(TAG.sequence, oidElement(EC_OID), oidElement(CURVES[curve].oid));
const pkcs8 = (algorithm: Uint8Array, key: Uint8Array) =>
  der(TAG.sequence, derUnsigned(new Uint8Array(1)), algorithm, der(TAG.octetString, key));

/** rsaEncryption with its NULL. */
export const RSA_ALGORITHM: Uint8Array = der(TAG.sequence, oidElement(RSA_OID), der(TAG.null));

export function encodeRsaSpki(algorithm: Uint8Array, n: Uint8Array, e: Uint8Array): Uint8Array {
  return der(TAG.sequence, algorithm, derBits(der(TAG.sequence, derUnsigned(n), derUnsigned(e))));
}

export function encodeRsaPkcs8(pkcs1: Uint8Array): Uint8Array {
  return pkcs8(RSA_ALGORITHM, pkcs1);
}

export function encodeEcSpki(curve: CurveName, point: Uint8Array): Uint8Array {
  return der(TAG.sequence, ecAlgorithm(curve), derBits(point));
}

/** With `point` as RFC 5915 §3 recommends; without it OpenSSL computes the point itself. */
export function encodeEcPkcs8(curve: CurveName, scalar: Uint8Array, point: Uint8Array | null): Uint8Array {
  const one = Uint8Array.of(1);
  const inner = [derUnsigned(one), der(TAG.octetString, scalar)];
  if (point) inner.push(der(TAG.context1, derBits(point)));
  return pkcs8(ecAlgorithm(curve), der(TAG.sequence, ...inner));
}

const rawOid = (kind: EdKind | MlDsaKind) =>
  kind === 'ed25519' || kind === 'ed448' ? ED[kind].oid : ML_DSA[kind].oid;

/** Ed25519, Ed448 and ML-DSA: the algorithm has no parameters. */
export function encodeRawSpki(kind: EdKind | MlDsaKind, raw: Uint8Array): Uint8Array {
  return der(TAG.sequence, der(TAG.sequence, oidElement(rawOid(kind))), derBits(raw));
}

/** A seed as the private key: RFC 8410 §7 wraps it in an OCTET STRING, RFC 9881 §6 tags it [0]. */
export function encodeSeedPkcs8(kind: EdKind | MlDsaKind, seed: Uint8Array): Uint8Array {
  const tag = kind === 'ed25519' || kind === 'ed448' ? TAG.octetString : 0x80;
  return pkcs8(der(TAG.sequence, oidElement(rawOid(kind))), der(tag, seed));
}
