/** Public and private keys over @noble. RSA signing, and making RSA keys, is the platform's Web Crypto's; bare RSA is BigInt's. */

import { ed448 } from '@noble/curves/ed448.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { equal } from '../../bytes/index.js';
import { curveScalar, isScalar } from '../curves.js';
import { type DerReader, readDer, TAG } from '../der.js';
import { bytesToBigInt } from '../integers.js';
import {
  CURVES,
  type CurveName,
  encodeEcPkcs8,
  encodeEcSpki,
  encodeRawSpki,
  encodeRsaSpki,
  encodeSeedPkcs8,
  type PrivateMaterial,
  type PublicMaterial,
  parsePkcs8,
  parseSpki,
  type RsaKind,
} from '../keymaterial.js';
import { mlDsaKey, mlDsaVerify } from '../mldsa.js';
import { checkRsaBlock } from '../pkcs1.js';
import {
  CryptoError,
  type PrivateKey,
  type Provider,
  type PublicKey,
  type SignatureAlgorithm,
} from '../provider.js';
import { algorithmOf, ecSchemes, fitsKey, rawScheme, rsaSchemes } from '../schemes.js';
import { NOBLE_CURVES } from './groups.js';
import { digest } from './hash.js';
import { random } from './random.js';
import {
  encodeMd5Sha1,
  encryptRaw,
  generateRsa,
  type RsaNumbers,
  rsaSigner,
  verifyMd5Sha1,
  verifyPkcs1,
  verifyPss,
} from './rsa.js';
import { rsaPrivateOperation } from './rsa-private.js';

const EDWARDS = { ed25519, ed448 } as const;

type Verify = PublicKey['verify'];

export function importPublicKey(spkiOfCaller: Uint8Array): PublicKey {
  const spki = spkiOfCaller.slice();
  const material = parseSpki(spki);
  const verify = verifierOf(material);
  return {
    kind: material.kind,
    bits: material.bits,
    ...(material.kind === 'ec' ? { curve: material.curve } : {}),
    spki,
    verify(algorithm, message, signature) {
      if (!fitsKey(algorithm, material)) return false;
      try {
        return verify(algorithm, message, signature);
      } catch {
        return false; // @noble throws for some malformed signatures
      }
    },
    ...(material.kind === 'rsa' ? { encryptRaw: rawEncrypter(material) } : {}),
  };
}

type RsaMaterial = PublicMaterial & { readonly kind: RsaKind };

const rsaNumbers = ({ n, e, bits }: RsaMaterial): RsaNumbers => ({
  n: bytesToBigInt(n),
  e: bytesToBigInt(e),
  bits,
});

function rawEncrypter(material: RsaMaterial): NonNullable<PublicKey['encryptRaw']> {
  const key = rsaNumbers(material);
  return (block) => {
    checkRsaBlock(block, material.n);
    return encryptRaw(key, block);
  };
}

function verifierOf(material: PublicMaterial): Verify {
  switch (material.kind) {
    case 'rsa':
    case 'rsa-pss': {
      const key = rsaNumbers(material);
      return (algorithm, message, signature) => verifyRsa(key, algorithm, message, signature);
    }
    case 'ec':
      return ecdsaVerifier(material.curve, material.raw);
    case 'ed25519':
    case 'ed448': {
      const curve = EDWARDS[material.kind];
      try {
        curve.Point.fromBytes(material.raw);
      } catch {
        throw new CryptoError('bad_point', 'not on the curve');
      }
      // RFC 8032 §5.1.7 to the letter; @noble's default is ZIP 215, which takes more.
      return (_, message, signature) => curve.verify(signature, message, material.raw, { zip215: false });
    }
    default:
      return (_, message, signature) => mlDsaVerify(material.kind, material.raw, message, signature);
  }
}

function verifyRsa(
  key: RsaNumbers,
  algorithm: SignatureAlgorithm,
  message: Uint8Array,
  signature: Uint8Array,
) {
  if (algorithm.kind === 'rsa-md5-sha1') return verifyMd5Sha1(key, message, signature);
  if (algorithm.kind === 'rsa-pkcs1') return verifyPkcs1(key, algorithm.hash, message, signature);
  if (algorithm.kind === 'rsa-pss')
    return verifyPss(key, algorithm.hash, algorithm.saltLength, message, signature);
  return false;
}

function ecdsaVerifier(curveName: CurveName, point: Uint8Array): Verify {
  const curve = NOBLE_CURVES[curveName];
  try {
    curve.Point.fromBytes(point).assertValidity();
  } catch {
    throw new CryptoError('bad_point', 'not on the curve');
  }
  return (algorithm, message, signature) => {
    if (algorithm.kind !== 'ecdsa') return false;
    const compact = readEcdsaSignature(signature, CURVES[curveName].size);
    // TLS and X.509 know no rule of low s, and the message is hashed here.
    const options = { prehash: false, lowS: false, format: 'compact' } as const;
    return curve.verify(compact, digest(algorithm.hash, message), point, options);
  };
}

/** ECDSA-Sig-Value (RFC 3279 §2.2.3) as r and s side by side. Throws CryptoError. */
function readEcdsaSignature(signature: Uint8Array, size: number): Uint8Array {
  const compact = new Uint8Array(2 * size);
  const place = (der: DerReader, end: number) => {
    const number = der.unsigned();
    if (number.length > size) der.fail('number too large');
    compact.set(number, end - number.length);
  };
  readDer(
    signature,
    (outer) =>
      outer.inside(TAG.sequence, (numbers) => {
        place(numbers, size);
        place(numbers, 2 * size);
      }),
    'bad_signature_encoding',
  );
  return compact;
}

type SignWith = (algorithm: SignatureAlgorithm, message: Uint8Array) => Uint8Array | Promise<Uint8Array>;

function privateKey(spki: Uint8Array, schemes: readonly string[], signWith: SignWith): PrivateKey {
  return {
    schemes,
    spki,
    sign(scheme, message, options) {
      options?.signal?.throwIfAborted();
      return signWith(algorithmOf(scheme, schemes), message);
    },
  };
}

export function importPrivateKey(pkcs8: Uint8Array): PrivateKey {
  const material = parsePkcs8(pkcs8);
  switch (material.kind) {
    case 'rsa':
    case 'rsa-pss':
      return importRsaPrivate(material);
    case 'ec':
      return importEcPrivate(material);
    case 'ed25519':
    case 'ed448': {
      const curve = EDWARDS[material.kind];
      const spki = encodeRawSpki(material.kind, curve.getPublicKey(material.seed));
      return privateKey(spki, rawScheme(material.kind), (_, message) => curve.sign(message, material.seed));
    }
    default: {
      const { publicKey, sign } = mlDsaKey(material);
      return privateKey(encodeRawSpki(material.kind, publicKey), rawScheme(material.kind), (_, message) =>
        sign(message),
      );
    }
  }
}

function importRsaPrivate(material: PrivateMaterial & { readonly kind: RsaKind }): PrivateKey {
  const { n, e, bits, restriction } = material.public;
  const spki = encodeRsaSpki(material.algorithm, n, e);
  const schemes = rsaSchemes(material.kind, bits, restriction);
  const signWith = rsaSigner(material.pkcs1);
  if (material.kind !== 'rsa') return privateKey(spki, schemes, signWith);
  const decrypt = rsaPrivateOperation(rsaNumbers(material.public), material.primes);
  const signing = privateKey(spki, schemes, (algorithm, message) =>
    algorithm.kind === 'rsa-md5-sha1'
      ? decrypt(encodeMd5Sha1(message, n.length)) // Web Crypto has no such signature
      : signWith(algorithm, message),
  );
  return {
    ...signing,
    decryptRaw(ciphertext, options) {
      options?.signal?.throwIfAborted();
      checkRsaBlock(ciphertext, n);
      return decrypt(ciphertext);
    },
  };
}

function importEcPrivate(material: PrivateMaterial & { readonly kind: 'ec' }): PrivateKey {
  const curve = NOBLE_CURVES[material.curve];
  if (!isScalar(material.curve, material.scalar)) throw new CryptoError('bad_key', 'scalar');
  const point = curve.getPublicKey(material.scalar, false);
  if (material.point && !equal(material.point, point)) {
    throw new CryptoError('bad_key', 'public and private half differ');
  }
  return privateKey(encodeEcSpki(material.curve, point), ecSchemes(material.curve), (algorithm, message) => {
    if (algorithm.kind !== 'ecdsa') throw new CryptoError('unsupported');
    const options = { prehash: false, lowS: false, format: 'der' } as const;
    return curve.sign(digest(algorithm.hash, message), material.scalar, options);
  });
}

export const generatePrivateKey: Provider['generatePrivateKey'] = (kind) => {
  switch (kind) {
    case 'rsa-2048':
      return generateRsa(2048);
    case 'secp256r1':
    case 'secp384r1': {
      const scalar = curveScalar(kind, undefined, random);
      return encodeEcPkcs8(kind, scalar, NOBLE_CURVES[kind].getPublicKey(scalar, false));
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
