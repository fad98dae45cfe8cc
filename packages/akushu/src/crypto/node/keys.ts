/** Public and private keys over node:crypto: imported once into a KeyObject, then used many times. */
import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  privateEncrypt,
  publicEncrypt,
  type SignKeyObjectInput,
  sign,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import { concat, equal } from '../../bytes/index.js';
import { isScalar } from '../curves.js';
import {
  encodeEcPkcs8,
  encodeRawSpki,
  encodeRsaPkcs8,
  encodeRsaSpki,
  encodeSeedPkcs8,
  type MlDsaKind,
  type PrivateMaterial,
  type PublicMaterial,
  parsePkcs8,
  parseSpki,
} from '../keymaterial.js';
import { mlDsaKey, mlDsaVerify } from '../mldsa.js';
import { checkRsaBlock, encodePkcs1 } from '../pkcs1.js';
import {
  CryptoError,
  type PrivateKey,
  type Provider,
  type PublicKey,
  type SignatureAlgorithm,
} from '../provider.js';
import { algorithmOf, ecSchemes, fitsKey, rawScheme, rsaSchemes } from '../schemes.js';
import { asBuffer, leftPad, plain, random, toBase64Url, withSecret } from './bytes.js';
import { supportsMlDsa } from './features.js';
import { digest } from './hash.js';

const JWK_CURVES = { secp256r1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' } as const;

type NativePublic = Exclude<PublicMaterial, { readonly kind: 'ed25519' | 'ed448' | MlDsaKind }>;

/** JWK is by far the cheapest way in on Node 20 and no slower elsewhere. */
function importNative(material: PublicMaterial, spki: Uint8Array): KeyObject {
  try {
    switch (material.kind) {
      case 'rsa':
      case 'rsa-pss': // as a plain RSA key: what its parameters allow is checked in `fitsKey`
        return importJwk({ kty: 'RSA', n: toBase64Url(material.n), e: toBase64Url(material.e) });
      case 'ec':
        return importJwk({ kty: 'EC', crv: JWK_CURVES[material.curve], ...coordinates(material) });
      case 'ed25519':
        return importJwk({ kty: 'OKP', crv: 'Ed25519', x: toBase64Url(material.raw) });
      case 'ed448':
        return importJwk({ kty: 'OKP', crv: 'Ed448', x: toBase64Url(material.raw) });
      default:
        return createPublicKey({ key: asBuffer(spki), format: 'der', type: 'spki' });
    }
  } catch {
    throw new CryptoError(material.kind === 'ec' ? 'bad_point' : 'bad_key');
  }
}

const importJwk = (key: Record<string, string>) => createPublicKey({ key, format: 'jwk' });

function coordinates(material: NativePublic & { readonly kind: 'ec' }): { x: string; y: string } {
  const middle = 1 + (material.raw.length - 1) / 2;
  return { x: toBase64Url(material.raw.subarray(1, middle)), y: toBase64Url(material.raw.subarray(middle)) };
}

export function importPublicKey(spki: Uint8Array): PublicKey {
  const name = Buffer.from(spki.buffer, spki.byteOffset, spki.length).toString('latin1');
  const known = imported.get(name);
  if (known) {
    imported.delete(name);
    imported.set(name, known);
    return known;
  }
  const key = importAnew(spki.slice());
  imported.set(name, key);
  if (imported.size > MAX_IMPORTED) imported.delete(imported.keys().next().value!);
  return key;
}

/** The keys used last: importing costs as much as verifying, and peers come back. */
const imported = new Map<string, PublicKey>();
const MAX_IMPORTED = 128;

function importAnew(spki: Uint8Array): PublicKey {
  const material = parseSpki(spki);
  return {
    kind: material.kind,
    bits: material.bits,
    ...(material.kind === 'ec' ? { curve: material.curve } : {}),
    // A copy: the key is shared.
    get spki() {
      return spki.slice();
    },
    ...operationsOf(material, spki),
  };
}

function operationsOf(material: PublicMaterial, spki: Uint8Array): Pick<PublicKey, 'verify' | 'encryptRaw'> {
  if (isMlDsa(material) && !supportsMlDsa()) {
    const { kind, raw } = material;
    return {
      verify: (algorithm, message, signature) =>
        fitsKey(algorithm, material) && mlDsaVerify(kind, raw, message, signature),
    };
  }
  const key = importNative(material, spki);
  const verify = verifierOf(material, key);
  if (material.kind !== 'rsa') return { verify };
  return {
    verify,
    encryptRaw(block) {
      checkRsaBlock(block, material.n);
      return leftPad(publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, block), material.n.length);
    },
  };
}

function verifierOf(material: PublicMaterial, key: KeyObject): PublicKey['verify'] {
  const rsaLength = 'n' in material ? material.n.length : null;
  return (algorithm, message, signature) => {
    if (!fitsKey(algorithm, material)) return false;
    // RFC 8017 §8.1.2, step 1: OpenSSL takes a PSS signature without its leading zeros.
    if (rsaLength !== null && signature.length !== rsaLength) return false;
    try {
      if (algorithm.kind === 'rsa-md5-sha1') return verifyMd5Sha1(key, message, signature);
      return verify(digestName(algorithm), message, keyInput(algorithm, key), signature);
    } catch {
      return false;
    }
  };
}

const md5Sha1 = (message: Uint8Array) => concat(digest('md5', message), digest('sha1', message));

/** By encoding what it has to be and comparing all of it: the padding is not parsed. */
function verifyMd5Sha1(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  const block = publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
  return equal(block, encodePkcs1(md5Sha1(message), signature.length));
}

const isMlDsa = <M extends { readonly kind: string }>(
  material: M,
): material is M & { readonly kind: MlDsaKind } => material.kind.startsWith('ml-dsa-');

/** EdDSA and ML-DSA hash by themselves. */
const digestName = (algorithm: SignatureAlgorithm): string | null =>
  'hash' in algorithm ? algorithm.hash : null;

function keyInput(algorithm: SignatureAlgorithm, key: KeyObject): KeyObject | SignKeyObjectInput {
  if (algorithm.kind !== 'rsa-pss') return key; // PKCS#1 v1.5 is the default padding
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: algorithm.saltLength };
}

export function importPrivateKey(pkcs8: Uint8Array): PrivateKey {
  const material = parsePkcs8(pkcs8);
  // With an expanded key in the file @noble's import is needed on every Node: it compares the key with the seed.
  if (isMlDsa(material) && (material.expanded || !supportsMlDsa())) {
    const { publicKey, sign: signWith } = mlDsaKey(material);
    return privateKey(encodeRawSpki(material.kind, publicKey), rawScheme(material.kind), (_, message) =>
      signWith(message),
    );
  }
  const key = importNativePrivate(material);
  const spki = publicHalf(material, key);
  const signing = privateKey(spki, schemesOf(material), (algorithm, message) =>
    algorithm.kind === 'rsa-md5-sha1'
      ? plain(privateEncrypt(key, md5Sha1(message))) // PKCS#1 v1.5, block type 1
      : plain(sign(digestName(algorithm), message, keyInput(algorithm, key))),
  );
  return material.kind === 'rsa' ? { ...signing, decryptRaw: rawDecrypter(key, material.public.n) } : signing;
}

function privateKey(
  spki: Uint8Array,
  schemes: readonly string[],
  signWith: (algorithm: SignatureAlgorithm, message: Uint8Array) => Uint8Array,
): PrivateKey {
  return {
    schemes,
    spki,
    sign(scheme, message, options) {
      options?.signal?.throwIfAborted();
      return signWith(algorithmOf(scheme, schemes), message);
    },
  };
}

/** OpenSSL blinds. Nothing here looks at the result, which is copied whole. */
function rawDecrypter(key: KeyObject, modulus: Uint8Array): NonNullable<PrivateKey['decryptRaw']> {
  return (ciphertext, options) => {
    options?.signal?.throwIfAborted();
    checkRsaBlock(ciphertext, modulus);
    return withSecret(decryptWith(key, ciphertext), (block) => leftPad(block, modulus.length));
  };
}

function decryptWith(key: KeyObject, ciphertext: Uint8Array): Uint8Array {
  try {
    return privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, ciphertext);
  } catch {
    throw new CryptoError('bad_key', 'RSA numbers'); // the block was checked, so it is the key's own numbers
  }
}

/** Rebuilt from the parsed parts: OpenSSL would believe a public half that does not belong to the private one. */
function importNativePrivate(material: PrivateMaterial): KeyObject {
  if (material.kind === 'ec' && !isScalar(material.curve, material.scalar))
    throw new CryptoError('bad_key', 'scalar');
  return withSecret(encodePkcs8(material), (pkcs8) => {
    try {
      return createPrivateKey({ key: asBuffer(pkcs8), format: 'der', type: 'pkcs8' });
    } catch {
      throw new CryptoError('bad_key');
    }
  });
}

function encodePkcs8(material: PrivateMaterial): Uint8Array {
  switch (material.kind) {
    case 'rsa':
    case 'rsa-pss':
      return encodeRsaPkcs8(material.pkcs1);
    case 'ec':
      return encodeEcPkcs8(material.curve, material.scalar, null);
    default:
      if (!material.seed) throw new CryptoError('bad_key', 'no seed');
      return encodeSeedPkcs8(material.kind, material.seed);
  }
}

function publicHalf(material: PrivateMaterial, key: KeyObject): Uint8Array {
  if (material.kind === 'rsa' || material.kind === 'rsa-pss') {
    return encodeRsaSpki(material.algorithm, material.public.n, material.public.e);
  }
  const spki = plain(createPublicKey(key).export({ format: 'der', type: 'spki' }));
  if (
    material.kind === 'ec' &&
    material.point &&
    !equal(material.point, spki.subarray(-material.point.length))
  ) {
    throw new CryptoError('bad_key', 'public and private half differ');
  }
  return spki;
}

function schemesOf(material: PrivateMaterial): readonly string[] {
  switch (material.kind) {
    case 'rsa':
    case 'rsa-pss':
      return rsaSchemes(material.kind, material.public.bits, material.public.restriction);
    case 'ec':
      return ecSchemes(material.curve);
    default:
      return rawScheme(material.kind);
  }
}

const pkcs8Der = { type: 'pkcs8', format: 'der' } as const;
const spkiDer = { type: 'spki', format: 'der' } as const;
const CURVE_OF = { secp256r1: 'prime256v1', secp384r1: 'secp384r1' } as const;

/** RSA keys take a tenth of a second: they are made off the main thread. */
export const generatePrivateKey: Provider['generatePrivateKey'] = (kind) => {
  switch (kind) {
    case 'rsa-2048': {
      const options = { modulusLength: 2048, privateKeyEncoding: pkcs8Der, publicKeyEncoding: spkiDer };
      return promisify(generateKeyPair)('rsa', options).then((pair) => plain(pair.privateKey));
    }
    case 'secp256r1':
    case 'secp384r1': {
      const options = {
        namedCurve: CURVE_OF[kind],
        privateKeyEncoding: pkcs8Der,
        publicKeyEncoding: spkiDer,
      };
      return plain(generateKeyPairSync('ec', options).privateKey);
    }
    case 'ed25519':
    case 'ml-dsa-44':
    case 'ml-dsa-65':
    case 'ml-dsa-87':
      return encodeSeedPkcs8(kind, random(32));
    default:
      throw new CryptoError('unsupported', 'key type');
  }
};
