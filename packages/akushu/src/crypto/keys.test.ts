import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, equal, fromHex, fromUtf8, toHex } from '../bytes/index.js';
import type { HashName } from '../registry/types.js';
import { der, derBits, derUnsigned, oidElement, TAG } from './der.js';
import { bigIntToBytes } from './integers.js';
import {
  encodeEcPkcs8,
  encodeEcSpki,
  encodeRawSpki,
  encodeRsaSpki,
  encodeSeedPkcs8,
  RSA_ALGORITHM,
} from './keymaterial.js';
import { nodeProvider } from './node.js';
import { portableProvider } from './portable.js';
import { CryptoError, type Provider, type SignatureAlgorithm } from './provider.js';
import { algorithmOf } from './schemes.js';

const PROVIDERS = [nodeProvider, portableProvider];
const OTHER = new Map([
  [nodeProvider, portableProvider],
  [portableProvider, nodeProvider],
]);

const plain = (bytes: Uint8Array) => Uint8Array.from(bytes);
const pkcs8Of = (key: KeyObject) => plain(key.export({ type: 'pkcs8', format: 'der' }));
const spkiOf = (key: KeyObject) => plain(key.export({ type: 'spki', format: 'der' }));

function reasonOf(action: () => unknown): string {
  try {
    action();
    return 'none';
  } catch (error) {
    if (error instanceof CryptoError) return error.reason;
    throw error;
  }
}

const rsa = (modulusLength: number) => pkcs8Of(generateKeyPairSync('rsa', { modulusLength }).privateKey);

/** An RSA key under the OID id-RSASSA-PSS, with the parameters that RFC 4055 §3.1 gives for a hash. */
function rsaPss(
  modulusLength: number,
  restriction?: { readonly oid: string; readonly saltLength: number },
): Uint8Array {
  const pkcs1 = plain(
    generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ type: 'pkcs1', format: 'der' }),
  );
  const parts = [oidElement('2a864886f70d01010a')];
  if (restriction) {
    const hash = der(TAG.sequence, oidElement(restriction.oid), der(TAG.null));
    const mask = der(TAG.sequence, oidElement('2a864886f70d010108'), hash);
    const salt = derUnsigned(Uint8Array.of(restriction.saltLength));
    parts.push(der(TAG.sequence, der(TAG.context0, hash), der(TAG.context1, mask), der(TAG.context2, salt)));
  }
  const version = derUnsigned(new Uint8Array(1));
  return der(TAG.sequence, version, der(TAG.sequence, ...parts), der(TAG.octetString, pkcs1));
}
const SHA384 = '608648016503040202';
const ec = (namedCurve: string) => pkcs8Of(generateKeyPairSync('ec', { namedCurve }).privateKey);
const RSAE = ['rsa_pss_rsae_sha256', 'rsa_pss_rsae_sha384', 'rsa_pss_rsae_sha512'];
const PKCS1 = [
  'rsa_pkcs1_sha256',
  'rsa_pkcs1_sha384',
  'rsa_pkcs1_sha512',
  'rsa_pkcs1_sha1',
  'rsa_pkcs1_md5_sha1',
];
const PSS = ['rsa_pss_pss_sha256', 'rsa_pss_pss_sha384', 'rsa_pss_pss_sha512'];
/** Of TLS 1.2, where the curve in the name says nothing. */
const ecdsa = (...sizes: readonly number[]) => [
  ...sizes.map((size) => `ecdsa_secp${size}r1_sha${size === 521 ? 512 : size}`),
  'ecdsa_sha1',
];
const seed = Uint8Array.from({ length: 32 }, (_, i) => i);

interface Sample {
  readonly name: string;
  readonly pkcs8: Uint8Array;
  readonly schemes: readonly string[];
}
const RSA_2048 = rsa(2048);
const SAMPLES: readonly Sample[] = [
  { name: 'RSA of 2,048 bits', pkcs8: RSA_2048, schemes: [...RSAE, ...PKCS1] },
  { name: 'RSA of 1,024 bits', pkcs8: rsa(1024), schemes: [...RSAE.slice(0, 2), ...PKCS1] },
  { name: 'RSA of 1,033 bits', pkcs8: rsa(1033), schemes: [...RSAE.slice(0, 2), ...PKCS1] },
  { name: 'RSA of 1,034 bits', pkcs8: rsa(1034), schemes: [...RSAE, ...PKCS1] },
  { name: 'RSA-PSS without parameters', pkcs8: rsaPss(2048), schemes: PSS },
  {
    name: 'RSA-PSS for SHA-384 only',
    pkcs8: rsaPss(2048, { oid: SHA384, saltLength: 48 }),
    schemes: ['rsa_pss_pss_sha384'],
  },
  { name: 'P-256', pkcs8: ec('P-256'), schemes: ecdsa(256, 384, 521) },
  { name: 'P-384', pkcs8: ec('P-384'), schemes: ecdsa(384, 521, 256) },
  { name: 'P-521', pkcs8: ec('P-521'), schemes: ecdsa(521, 384, 256) },
  { name: 'Ed25519', pkcs8: pkcs8Of(generateKeyPairSync('ed25519').privateKey), schemes: ['ed25519'] },
  { name: 'Ed448', pkcs8: pkcs8Of(generateKeyPairSync('ed448').privateKey), schemes: ['ed448'] },
  { name: 'ML-DSA-44', pkcs8: encodeSeedPkcs8('ml-dsa-44', seed), schemes: ['mldsa44'] },
  { name: 'ML-DSA-65', pkcs8: encodeSeedPkcs8('ml-dsa-65', seed), schemes: ['mldsa65'] },
  { name: 'ML-DSA-87', pkcs8: encodeSeedPkcs8('ml-dsa-87', seed), schemes: ['mldsa87'] },
];

describe.each(PROVIDERS)('keys of the $name provider', (provider) => {
  const other = OTHER.get(provider)!;

  test.each(SAMPLES)('$name lists its schemes, most preferred first', async ({ pkcs8, schemes }) => {
    const key = await provider.importPrivateKey(pkcs8);
    expect(key.schemes).toEqual(schemes);
    expect(toHex(key.spki)).toBe(toHex((await other.importPrivateKey(pkcs8)).spki));
  });

  test.each(SAMPLES)(
    '$name: what it signs verifies with either provider, and only as signed',
    async ({ pkcs8 }) => {
      const key = await provider.importPrivateKey(pkcs8);
      const message = fromUtf8('TLS 1.3, server CertificateVerify');
      for (const scheme of key.schemes) {
        const algorithm = algorithmOf(scheme, key.schemes);
        const signature = await key.sign(scheme, message);
        expect(Object.getPrototypeOf(signature)).toBe(Uint8Array.prototype);
        for (const side of PROVIDERS) {
          const publicKey = side.importPublicKey(key.spki);
          expect(publicKey.verify(algorithm, message, signature), `${side.name} ${scheme}`).toBe(true);
          expect(publicKey.verify(algorithm, concat(message, message), signature)).toBe(false);
          for (const at of [0, signature.length >> 1, signature.length - 1]) {
            const changed = signature.slice();
            changed[at]! ^= 1;
            expect(publicKey.verify(algorithm, message, changed)).toBe(false);
          }
          for (const bad of [new Uint8Array(0), signature.subarray(1), concat(signature, Uint8Array.of(0))]) {
            expect(publicKey.verify(algorithm, message, bad)).toBe(false);
          }
        }
      }
    },
  );

  test.each(SAMPLES)('$name: an algorithm of another kind of key never verifies', async ({ pkcs8 }) => {
    const key = await provider.importPrivateKey(pkcs8);
    const message = fromUtf8('x');
    const publicKey = provider.importPublicKey(key.spki);
    const scheme = key.schemes[0]!;
    const signature = await key.sign(scheme, message);
    const own = algorithmOf(scheme, key.schemes);
    const all: readonly SignatureAlgorithm[] = [
      { kind: 'rsa-pkcs1', hash: 'sha256' },
      { kind: 'rsa-pkcs1', hash: 'md5' },
      { kind: 'rsa-md5-sha1' },
      { kind: 'rsa-pss', hash: 'sha256', saltLength: 0 },
      { kind: 'rsa-pss', hash: 'sha256', saltLength: -2 }, // OpenSSL's sign for any length
      { kind: 'rsa-pss', hash: 'sha512', saltLength: 2000 },
      { kind: 'ecdsa', hash: 'md5' },
      { kind: 'ecdsa', hash: 'sha224' },
      { kind: 'ed25519' },
      { kind: 'ed448' },
      { kind: 'ml-dsa-44' },
      { kind: 'ml-dsa-65' },
      { kind: 'ml-dsa-87' },
    ];
    for (const algorithm of all) {
      if (JSON.stringify(algorithm) === JSON.stringify(own)) continue;
      expect(publicKey.verify(algorithm, message, signature), JSON.stringify(algorithm)).toBe(false);
    }
  });

  test('a scheme that a key does not list is refused, and so is an aborted signature', async () => {
    const key = await provider.importPrivateKey(encodeSeedPkcs8('ed25519', seed));
    const sign = async (scheme: string, signal?: AbortSignal) =>
      key.sign(scheme, seed, signal ? { signal } : {});
    await expect(sign('ed448')).rejects.toThrow(CryptoError);
    await expect(sign('constructor')).rejects.toThrow(CryptoError);
    await expect(sign('ed25519', AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });

  test.each([
    'rsa-2048',
    'secp256r1',
    'secp384r1',
    'ed25519',
    'ml-dsa-44',
    'ml-dsa-65',
    'ml-dsa-87',
  ] as const)('makes a %s key that both providers can use', async (kind) => {
    const pkcs8 = await provider.generatePrivateKey(kind);
    const [ours, theirs] = [await provider.importPrivateKey(pkcs8), await other.importPrivateKey(pkcs8)];
    expect(toHex(ours.spki)).toBe(toHex(theirs.spki));
    const { kind: found, curve, bits } = provider.importPublicKey(ours.spki);
    expect(kind).toBe(found === 'rsa' ? `rsa-${bits}` : (curve ?? found));
    expect(equal(pkcs8, await provider.generatePrivateKey(kind))).toBe(false);
  });

  test('a PSS key that asks for longer salts than TLS has signs nothing and verifies nothing shorter', async () => {
    const key = await provider.importPrivateKey(rsaPss(1024, { oid: SHA384, saltLength: 49 }));
    expect(key.schemes).toEqual([]);
    // The same numbers under a looser restriction sign; under the stricter one that signature does not verify.
    const pkcs8 = rsaPss(2048, { oid: SHA384, saltLength: 48 });
    const loose = await provider.importPrivateKey(pkcs8);
    const signature = await loose.sign('rsa_pss_pss_sha384', seed);
    const strict = loose.spki.slice();
    const salt = toHex(strict).indexOf('a203020130') / 2 + 4;
    expect(strict[salt]).toBe(48);
    strict[salt] = 49;
    const algorithm = { kind: 'rsa-pss', hash: 'sha384', saltLength: 48 } as const;
    expect(provider.importPublicKey(loose.spki).verify(algorithm, seed, signature)).toBe(true);
    expect(provider.importPublicKey(strict).verify(algorithm, seed, signature)).toBe(false);
  });

  test('X.509 hashes: ECDSA with any SHA-2 on any curve, PKCS#1 with SHA-224 and SHA-1', () => {
    for (const namedCurve of ['P-256', 'P-384', 'P-521']) {
      const pair = generateKeyPairSync('ec', { namedCurve });
      for (const hash of ['sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const) {
        const signature = plain(signWithNode(hash, pair.privateKey));
        const key = provider.importPublicKey(spkiOf(pair.publicKey));
        expect(key.verify({ kind: 'ecdsa', hash }, seed, signature)).toBe(true);
      }
    }
    const pair = generateKeyPairSync('rsa', { modulusLength: 1024 });
    for (const hash of ['sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const) {
      const key = provider.importPublicKey(spkiOf(pair.publicKey));
      expect(key.verify({ kind: 'rsa-pkcs1', hash }, seed, plain(signWithNode(hash, pair.privateKey)))).toBe(
        true,
      );
    }
  });

  test('the expanded form of an ML-DSA key works, and has to fit its seed', async () => {
    const { ml_dsa44 } = await import('@noble/post-quantum/ml-dsa.js');
    const { secretKey, publicKey } = ml_dsa44.keygen(seed);
    const wrap = (...inner: readonly Uint8Array[]) =>
      der(
        TAG.sequence,
        derUnsigned(new Uint8Array(1)),
        der(TAG.sequence, oidElement('608648016503040311')),
        ...inner,
      );
    const expanded = der(TAG.octetString, secretKey);
    const seedString = der(TAG.octetString, seed);
    const spki = toHex(encodeRawSpki('ml-dsa-44', publicKey));
    for (const form of [expanded, der(TAG.sequence, seedString, expanded), der(0x80, seed)]) {
      const key = await provider.importPrivateKey(wrap(der(TAG.octetString, form)));
      expect(toHex(key.spki)).toBe(spki);
      const signature = await key.sign('mldsa44', seed);
      expect(other.importPublicKey(key.spki).verify({ kind: 'ml-dsa-44' }, seed, signature)).toBe(true);
    }
    const otherSeed = der(TAG.octetString, new Uint8Array(32));
    const mismatch = wrap(der(TAG.octetString, der(TAG.sequence, otherSeed, expanded)));
    expect(reasonOf(() => provider.importPrivateKey(mismatch))).toBe('bad_key');
  });

  test('public keys that are not acceptable are refused with a reason', () => {
    for (const [spki, reason] of badPublicKeys()) {
      expect(
        reasonOf(() => provider.importPublicKey(spki)),
        toHex(spki).slice(0, 120),
      ).toBe(reason);
    }
  });

  test('private keys that are not acceptable are refused with a reason', () => {
    for (const [pkcs8, reason] of badPrivateKeys()) {
      expect(
        reasonOf(() => provider.importPrivateKey(pkcs8)),
        toHex(pkcs8).slice(0, 120),
      ).toBe(reason);
    }
  });

  test('any damaged key file gives a key or a CryptoError', async () => {
    const files = SAMPLES.filter(({ name }) => !name.startsWith('ML-DSA') && !name.includes('1,03'));
    const spkis = await Promise.all(
      files.map(async ({ pkcs8 }) => (await provider.importPrivateKey(pkcs8)).spki),
    );
    const damage = (file: Uint8Array, at: number, byte: number, cut: boolean) => {
      const changed = file.slice();
      changed[at % file.length] = byte;
      return cut ? changed.subarray(0, (at % file.length) + 1) : changed;
    };
    fc.assert(
      fc.property(
        fc.nat(files.length - 1),
        fc.nat(2000),
        fc.nat(255),
        fc.boolean(),
        (which, at, byte, cut) => {
          reasonOf(() => provider.importPublicKey(damage(spkis[which]!, at, byte, cut)));
          reasonOf(() => provider.importPrivateKey(damage(files[which]!.pkcs8, at, byte, cut)));
        },
      ),
      { numRuns: provider === nodeProvider ? 400 : 150 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        reasonOf(() => provider.importPublicKey(bytes));
        reasonOf(() => provider.importPrivateKey(bytes));
      }),
    );
  });

  test('arbitrary signatures are false, never an exception', async () => {
    for (const { pkcs8 } of SAMPLES.filter(({ name }) => !name.includes('1,03'))) {
      const key = await provider.importPrivateKey(pkcs8);
      const publicKey = provider.importPublicKey(key.spki);
      const algorithm = algorithmOf(key.schemes[0]!, key.schemes);
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
          expect(publicKey.verify(algorithm, seed, bytes)).toBe(false);
        }),
        { numRuns: 20 },
      );
    }
  });
});

function signWithNode(hash: HashName, key: KeyObject): Uint8Array {
  return sign(hash, seed, key);
}

const p25519 = 2n ** 255n - 19n;
const little = (value: bigint) => bigIntToBytes(value, 32).reverse();

function badPublicKeys(): readonly (readonly [Uint8Array, string])[] {
  const odd = (bits: number) => {
    const n = new Uint8Array(Math.ceil(bits / 8)).fill(0xff);
    n[0] = 0xff >> (8 * n.length - bits);
    return n;
  };
  const e = Uint8Array.of(1, 0, 1);
  const rsaSpki = (n: Uint8Array, exponent = e) => encodeRsaSpki(RSA_ALGORITHM, n, exponent);
  const point = new Uint8Array(65).fill(5);
  point[0] = 4;
  const good = encodeRawSpki('ed25519', little(9n));
  const noNull = der(TAG.sequence, oidElement('2a864886f70d010101'));
  const ed = (raw: Uint8Array) => encodeRawSpki('ed25519', raw);
  const longLength = concat(Uint8Array.of(0x30, 0x81), good.subarray(1));
  const dsa = der(TAG.sequence, der(TAG.sequence, oidElement('2a8648ce380401')), derBits(e));
  const namedCurve = (curve: string) => der(TAG.sequence, oidElement('2a8648ce3d0201'), oidElement(curve));
  const secp256k1 = der(TAG.sequence, namedCurve('2b8104000a'), derBits(point));
  const explicit = der(TAG.sequence, oidElement('2a8648ce3d0201'), der(TAG.sequence, derUnsigned(e)));
  return [
    [rsaSpki(odd(1023)), 'key_size'],
    [rsaSpki(odd(8193)), 'key_size'],
    [rsaSpki(odd(16_384)), 'key_size'],
    [rsaSpki(odd(2048), new Uint8Array(9).fill(0xff)), 'key_size'],
    [rsaSpki(odd(2048), Uint8Array.of(1)), 'bad_key'],
    [rsaSpki(odd(2048), Uint8Array.of(0)), 'bad_key'],
    [rsaSpki(odd(2048), Uint8Array.of(4)), 'bad_key'],
    [rsaSpki(concat(odd(2040), Uint8Array.of(0))), 'bad_key'],
    [encodeRsaSpki(noNull, odd(2048), e), 'bad_key'],
    [encodeEcSpki('secp256r1', point), 'bad_point'],
    [encodeEcSpki('secp256r1', new Uint8Array(65)), 'bad_point'],
    [encodeEcSpki('secp256r1', concat(Uint8Array.of(2), point.subarray(1, 33))), 'bad_point'],
    [encodeEcSpki('secp256r1', Uint8Array.of(0)), 'bad_point'],
    [encodeEcSpki('secp256r1', point.subarray(0, 64)), 'bad_length'],
    [encodeEcSpki('secp384r1', point), 'bad_length'],
    [secp256k1, 'unsupported'],
    [der(TAG.sequence, explicit, derBits(point)), 'unsupported'],
    [dsa, 'unsupported'],
    [ed(little(0n)), 'bad_point'],
    [ed(little(1n)), 'bad_point'],
    [ed(little(1n + 2n ** 255n)), 'bad_point'],
    [ed(little(p25519 - 1n)), 'bad_point'],
    [ed(little(p25519)), 'bad_point'],
    [ed(little(p25519 + 3n)), 'bad_point'],
    [ed(fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')), 'bad_point'],
    [ed(fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85')), 'bad_point'],
    [encodeRawSpki('ed448', new Uint8Array(57)), 'bad_point'],
    [encodeRawSpki('ed448', new Uint8Array(57).fill(0xff)), 'bad_point'],
    [ed(new Uint8Array(31)), 'bad_key'],
    [ed(new Uint8Array(33)), 'bad_key'],
    [encodeRawSpki('ml-dsa-44', new Uint8Array(1311)), 'bad_key'],
    [concat(good, Uint8Array.of(0)), 'bad_key'],
    [good.subarray(0, -1), 'bad_key'],
    [longLength, 'bad_key'],
    [new Uint8Array(0), 'bad_key'],
    [Uint8Array.of(0x30, 0x80, 0, 0), 'bad_key'],
    [Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff), 'bad_key'],
  ];
}

function badPrivateKeys(): readonly (readonly [Uint8Array, string])[] {
  const scalar = new Uint8Array(32);
  const one = scalar.slice();
  one[31] = 1;
  const order = fromHex('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
  const wrongPoint = nodeProvider.keyAgreement('secp256r1').generate().publicKey;
  const version = RSA_2048.slice();
  version[6] = 9;
  const modulus = RSA_2048.slice();
  modulus[60]! ^= 1; // inside of the modulus: no longer the product of the primes
  const ed = encodeSeedPkcs8('ed25519', seed);
  return [
    [encodeEcPkcs8('secp256r1', scalar, null), 'bad_key'],
    [encodeEcPkcs8('secp256r1', order, null), 'bad_key'],
    [encodeEcPkcs8('secp256r1', one.subarray(1), null), 'bad_key'],
    [encodeEcPkcs8('secp256r1', one, wrongPoint), 'bad_key'],
    [version, 'bad_key'],
    [modulus, 'bad_key'],
    [encodeSeedPkcs8('ed25519', new Uint8Array(31)), 'bad_key'],
    [encodeSeedPkcs8('ml-dsa-44', new Uint8Array(31)), 'bad_key'],
    [pkcs8Of(generateKeyPairSync('x25519').privateKey), 'unsupported'],
    [concat(ed, Uint8Array.of(0)), 'bad_key'],
    [ed.subarray(0, -1), 'bad_key'],
    [new Uint8Array(0), 'bad_key'],
    [rsa(512), 'key_size'],
  ];
}

test.each(['x25519', 'secp256r1'])('%s key shares are not mistaken for signing keys', (group) => {
  const share = nodeProvider.keyAgreement(group).generate().publicKey;
  for (const provider of PROVIDERS satisfies readonly Provider[]) {
    expect(reasonOf(() => provider.importPublicKey(share))).toBe('bad_key');
  }
});
