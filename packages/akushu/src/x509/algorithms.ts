/**
 * AlgorithmIdentifier and SubjectPublicKeyInfo in the provider's terms (RFC 4055, RFC 5480, RFC 5758, RFC 8410,
 * RFC 9881). Maps; computes nothing.
 */
import { toHex } from '../bytes/index.js';
import type { PublicKeyKind, SignatureAlgorithm } from '../crypto/provider.js';
import type { HashName } from '../registry/types.js';
import { algorithmIdentifier, oid, rsaPssParameters, rsaPublicKey } from './asn1.js';
import { decodeDer, encodeDer, type InferDer, nullValue, x509Error } from './der/index.js';
import { OID, oidName } from './oids.js';

export type AlgorithmIdentifier = InferDer<typeof algorithmIdentifier>;

/** What a certificate's public key is, as far as it can be told without computing with it. */
export interface PublicKeySummary {
  /** `unknown` for algorithms that nothing here can verify with, and for curves given by explicit parameters. */
  readonly kind: PublicKeyKind | 'dsa' | 'unknown';
  readonly oid: string;
  /** Modulus or field bits; null where it is not known. */
  readonly bits: number | null;
  /** IANA group name, or the object identifier of a curve that has none here; null where it is no curve. */
  readonly curve: string | null;
}

type Mapping = { readonly algorithm: SignatureAlgorithm; readonly parameters: 'null' | 'absent' };

const rsa = (hash: HashName): Mapping => ({ algorithm: { kind: 'rsa-pkcs1', hash }, parameters: 'null' });
const ecdsa = (hash: HashName): Mapping => ({ algorithm: { kind: 'ecdsa', hash }, parameters: 'absent' });
const pure = (kind: Exclude<SignatureAlgorithm['kind'], 'rsa-pkcs1' | 'rsa-pss' | 'ecdsa'>): Mapping => ({
  algorithm: { kind },
  parameters: 'absent',
});

const SIGNATURES: ReadonlyMap<string, Mapping> = new Map([
  ['1.2.840.113549.1.1.4', rsa('md5')],
  ['1.2.840.113549.1.1.5', rsa('sha1')],
  ['1.2.840.113549.1.1.14', rsa('sha224')],
  ['1.2.840.113549.1.1.11', rsa('sha256')],
  ['1.2.840.113549.1.1.12', rsa('sha384')],
  ['1.2.840.113549.1.1.13', rsa('sha512')],
  ['1.2.840.10045.4.1', ecdsa('sha1')],
  ['1.2.840.10045.4.3.1', ecdsa('sha224')],
  ['1.2.840.10045.4.3.2', ecdsa('sha256')],
  ['1.2.840.10045.4.3.3', ecdsa('sha384')],
  ['1.2.840.10045.4.3.4', ecdsa('sha512')],
  [OID.ed25519, pure('ed25519')],
  [OID.ed448, pure('ed448')],
  [OID.mlDsa44, pure('ml-dsa-44')],
  [OID.mlDsa65, pure('ml-dsa-65')],
  [OID.mlDsa87, pure('ml-dsa-87')],
]);

export const HASH_BY_OID: ReadonlyMap<string, HashName> = new Map([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.4', 'sha224'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

const CURVES: ReadonlyMap<string, { readonly bits: number; readonly name: string }> = new Map([
  ['1.2.840.10045.3.1.1', { bits: 192, name: 'secp192r1' }],
  ['1.3.132.0.33', { bits: 224, name: 'secp224r1' }],
  ['1.2.840.10045.3.1.7', { bits: 256, name: 'secp256r1' }],
  ['1.3.132.0.34', { bits: 384, name: 'secp384r1' }],
  ['1.3.132.0.35', { bits: 521, name: 'secp521r1' }],
  ['1.3.132.0.10', { bits: 256, name: 'secp256k1' }],
]);

const NULL_BYTES = toHex(encodeDer(nullValue, null));

const isNull = (parameters: Uint8Array | undefined): boolean =>
  parameters !== undefined && toHex(parameters) === NULL_BYTES;

/** The algorithm in the provider's terms, or null where it is unknown or its parameters are not as they have to be. */
export function signatureAlgorithmOf(identifier: AlgorithmIdentifier): SignatureAlgorithm | null {
  if (identifier.algorithm === OID.rsassaPss) return pssAlgorithm(identifier.parameters);
  const found = SIGNATURES.get(identifier.algorithm);
  if (!found) return null;
  if (identifier.parameters === undefined) return found.algorithm; // RFC 4055 §5: absent is to be accepted for RSA
  return found.parameters === 'null' && isNull(identifier.parameters) ? found.algorithm : null;
}

/** The identifier for a signature algorithm, as `issue.ts` writes it. Throws RangeError where there is none. */
export function identifierOf(algorithm: SignatureAlgorithm): AlgorithmIdentifier {
  if (algorithm.kind === 'rsa-pss') return pssIdentifier(algorithm.hash, algorithm.saltLength);
  for (const [candidate, { algorithm: known, parameters }] of SIGNATURES) {
    const sameHash = !('hash' in known) || ('hash' in algorithm && known.hash === algorithm.hash);
    if (known.kind !== algorithm.kind || !sameHash) continue;
    return {
      algorithm: candidate,
      parameters: parameters === 'null' ? encodeDer(nullValue, null) : undefined,
    };
  }
  throw new RangeError(`"algorithm" expected one that certificates can carry, got ${algorithm.kind}`);
}

function hashOf(identifier: AlgorithmIdentifier): HashName | null {
  if (identifier.parameters !== undefined && !isNull(identifier.parameters)) return null;
  return HASH_BY_OID.get(identifier.algorithm) ?? null;
}

/** RFC 4055 §3.1. Only what everyone uses: MGF1 with the hash of the message. */
function pssAlgorithm(parameters: Uint8Array | undefined): SignatureAlgorithm | null {
  if (parameters === undefined) return null;
  const decoded = decodeDer(rsaPssParameters, parameters);
  const hash = decoded.hashAlgorithm ? hashOf(decoded.hashAlgorithm) : 'sha1';
  if (hash === null || (decoded.trailerField ?? 1) !== 1) return null;
  if (decoded.maskGenAlgorithm) {
    const mask = decoded.maskGenAlgorithm;
    if (mask.algorithm !== OID.mgf1 || mask.parameters === undefined) return null;
    if (hashOf(decodeDer(algorithmIdentifier, mask.parameters)) !== hash) return null;
  } else if (hash !== 'sha1') return null;
  return { kind: 'rsa-pss', hash, saltLength: decoded.saltLength ?? 20 };
}

function pssIdentifier(hash: HashName, saltLength: number): AlgorithmIdentifier {
  const hashOid = [...HASH_BY_OID].find(([, name]) => name === hash)?.[0];
  if (hashOid === undefined) throw new RangeError(`"hash" expected one of SHA-1 and SHA-2, got ${hash}`);
  const hashAlgorithm = { algorithm: hashOid, parameters: encodeDer(nullValue, null) };
  const parameters = encodeDer(rsaPssParameters, {
    hashAlgorithm,
    maskGenAlgorithm: { algorithm: OID.mgf1, parameters: encodeDer(algorithmIdentifier, hashAlgorithm) },
    saltLength,
    trailerField: undefined,
  });
  return { algorithm: OID.rsassaPss, parameters };
}

const PURE_KEYS: ReadonlyMap<string, { readonly kind: PublicKeyKind; readonly bits: number }> = new Map([
  [OID.ed25519, { kind: 'ed25519', bits: 255 }],
  [OID.ed448, { kind: 'ed448', bits: 448 }],
  [OID.mlDsa44, { kind: 'ml-dsa-44', bits: 1312 * 8 }],
  [OID.mlDsa65, { kind: 'ml-dsa-65', bits: 1952 * 8 }],
  [OID.mlDsa87, { kind: 'ml-dsa-87', bits: 2592 * 8 }],
]);

/** Throws X509Error where an RSA key is not what its algorithm says. */
export function publicKeySummary(
  algorithm: AlgorithmIdentifier,
  key: Uint8Array,
  offset = 0,
): PublicKeySummary {
  const { algorithm: id, parameters } = algorithm;
  const summary = (
    kind: PublicKeySummary['kind'],
    bits: number | null = null,
    curve: string | null = null,
  ): PublicKeySummary => ({ kind, oid: id, bits, curve });
  if (id === OID.rsaEncryption || id === OID.rsassaPss) {
    return summary(id === OID.rsaEncryption ? 'rsa' : 'rsa-pss', modulusBits(key, offset));
  }
  if (id === OID.ecPublicKey) {
    // RFC 5480 §2.1.1: explicit parameters must not be used.
    const named = parameters && parameters[0] === oid.tag ? decodeDer(oid, parameters) : undefined;
    if (named === undefined) return summary('unknown');
    const curve = CURVES.get(named);
    return summary('ec', curve?.bits ?? null, curve?.name ?? oidName(named) ?? named);
  }
  if (id === OID.dsa) return summary('dsa');
  const known = PURE_KEYS.get(id);
  // RFC 8410 §3, RFC 9881 §4: parameters must be absent.
  return known && parameters === undefined ? summary(known.kind, known.bits) : summary('unknown');
}

function modulusBits(key: Uint8Array, offset: number): number {
  const { modulus, publicExponent } = decodeDer(rsaPublicKey, key, offset);
  if (modulus[0]! >= 0x80 || publicExponent[0]! >= 0x80) throw x509Error('bad_public_key', offset);
  const digits = modulus[0] === 0 ? modulus.subarray(1) : modulus;
  if (digits.length === 0) throw x509Error('bad_public_key', offset);
  return digits.length * 8 - (Math.clz32(digits[0]!) - 24);
}
