/**
 * Both providers against C2SP Wycheproof. Every file of the collection stands in one table: with the way to run it, or
 * with the reason why it is left out.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { concat, equal, fromHex } from '../bytes/index.js';
import type { AeadName, HashName } from '../registry/types.js';
import { isBelow } from './groups.js';
import { nodeProvider } from './node.js';
import { portableProvider } from './portable.js';
import {
  CryptoError,
  type GroupName,
  type Provider,
  type RandomSource,
  type SignatureAlgorithm,
} from './provider.js';

const FOLDER = new URL('../../../../../shared/vectors/wycheproof/', import.meta.url);
const PRESENT = existsSync(FOLDER);

/** Fields are hexadecimal unless they are words; which ones exist depends on the file. */
interface Vector {
  readonly tcId: number;
  readonly result: 'valid' | 'invalid' | 'acceptable';
  readonly flags: readonly string[];
  readonly [field: string]: unknown;
}
interface Group {
  readonly tests: readonly Vector[];
  readonly [field: string]: unknown;
}

/** True where the provider did what the vector asks for. */
type Check = (vector: Vector) => boolean;
interface Plan {
  readonly prepare: (provider: Provider, group: Group) => Check;
  /** Why a group is left out, or null. */
  readonly leaveOut?: (group: Group) => string | null;
}

const hex = (from: Group | Vector, field: string): Uint8Array => fromHex(String(from[field]));
const hashOf = (word: unknown) => String(word).replace('-', '').toLowerCase() as HashName;

/** Hands out `parts` one after the other. */
function sequence(...parts: readonly Uint8Array[]): RandomSource {
  const left = [...parts];
  return () => left.shift() ?? new Uint8Array(0);
}

function refuses(action: () => unknown, reason?: string): boolean {
  try {
    action();
    return false;
  } catch (error) {
    return reason === undefined || (error instanceof CryptoError && error.reason === reason);
  }
}

const AEAD_OF: Readonly<Record<string, AeadName>> = {
  'gcm/128/128': 'aes-128-gcm',
  'gcm/256/128': 'aes-256-gcm',
  'ccm/128/128': 'aes-128-ccm',
  'ccm/256/128': 'aes-256-ccm',
  'ccm/128/64': 'aes-128-ccm-8',
  'ccm/256/64': 'aes-256-ccm-8',
  'chacha/256/128': 'chacha20-poly1305',
};
const aeadOf = (mode: string, group: Group) => AEAD_OF[`${mode}/${group.keySize}/${group.tagSize}`];

const aead = (mode: 'gcm' | 'ccm' | 'chacha'): Plan => ({
  leaveOut: (group) => {
    if (aeadOf(mode, group)) return null;
    return group.keySize === 192 ? 'TLS has no AES-192' : 'TLS has tags of 128 and, for CCM, 64 bits';
  },
  prepare: (provider, group) => (vector) => {
    const cipher = provider.aead(aeadOf(mode, group)!, hex(vector, 'key'));
    const [nonce, aad, text] = [hex(vector, 'iv'), hex(vector, 'aad'), hex(vector, 'msg')];
    const [ciphertext, tag] = [hex(vector, 'ct'), hex(vector, 'tag')];
    const sealed = concat(ciphertext, tag);
    if (nonce.length !== 12) {
      return (
        refuses(() => cipher.seal(nonce, aad, text), 'bad_length') &&
        refuses(() => cipher.open(nonce, aad, sealed), 'bad_length')
      );
    }
    const opened = cipher.open(nonce, aad, sealed);
    if (vector.result === 'invalid') return opened === null;
    const made = cipher.seal(nonce, aad, text);
    return (
      opened !== null && equal(opened, text) && equal(made.ciphertext, ciphertext) && equal(made.tag, tag)
    );
  },
});

/** Our contract is stricter than "acceptable": no compressed points, no all-zero secrets. */
const dh = (name: GroupName, size: number): Plan => ({
  prepare: (provider) => (vector) => {
    const scalar = hex(vector, 'private');
    const fixed = new Uint8Array(size);
    fixed.set(scalar.subarray(Math.max(0, scalar.length - size)), Math.max(0, size - scalar.length));
    const share = provider.keyAgreement(name).generate(sequence(fixed));
    const refused = ['ZeroSharedSecret', 'CompressedPublic'].some((flag) => vector.flags.includes(flag));
    if (refused || vector.result === 'invalid')
      return refuses(() => share.decapsulate(hex(vector, 'public')));
    return equal(share.decapsulate(hex(vector, 'public')), hex(vector, 'shared'));
  },
});

/** "acceptable" among signatures is a DigestInfo without NULL: refused. */
const signature = (algorithmOf: (group: Group) => SignatureAlgorithm, leaveOut?: Plan['leaveOut']): Plan => ({
  ...(leaveOut ? { leaveOut } : {}),
  prepare: (provider, group) => {
    const der = hex(group, 'publicKeyDer');
    if (group.tests.every((vector) => vector.flags.includes('IncorrectPublicKeyLength'))) {
      return (vector) =>
        vector.result === 'invalid' && refuses(() => provider.importPublicKey(der), 'bad_key');
    }
    const key = provider.importPublicKey(der);
    return (vector) => {
      // RFC 9881 §3: the context is empty, so what was signed under another one does not verify.
      const expected = vector.result === 'valid' && !vector.ctx;
      return key.verify(algorithmOf(group), hex(vector, 'msg'), hex(vector, 'sig')) === expected;
    };
  },
});

const ecdsa = signature((group) => ({ kind: 'ecdsa', hash: hashOf(group.sha) }));
const pkcs1 = signature((group) => ({ kind: 'rsa-pkcs1', hash: hashOf(group.sha) }));
const pss = signature(
  (group) => ({ kind: 'rsa-pss', hash: hashOf(group.sha), saltLength: Number(group.sLen) }),
  (group) => (group.sha === group.mgfSha ? null : 'TLS uses one hash for message and mask (RFC 9846 §4.3.3)'),
);

const hmac = (hash: HashName): Plan => ({
  prepare: (provider, group) => (vector) => {
    const tag = provider.hmacKey(hash, hex(vector, 'key')).sign(hex(vector, 'msg'));
    return (
      equal(tag.subarray(0, Number(group.tagSize) / 8), hex(vector, 'tag')) === (vector.result === 'valid')
    );
  },
});

/** HKDF (RFC 5869) spelled out over the provider's HMAC. */
const hkdf = (hash: HashName): Plan => ({
  prepare: (provider) => (vector) => {
    const size = Number(vector.size);
    const extract = provider.hmacKey(hash, hex(vector, 'salt'));
    const { length } = extract;
    if (vector.result === 'invalid') return size > 255 * length; // a limit of HKDF itself
    const expand = provider.hmacKey(hash, extract.sign(hex(vector, 'ikm')));
    const blocks: Uint8Array[] = [];
    let last = new Uint8Array(0) as Uint8Array;
    for (let i = 1; blocks.length * length < size; i++) {
      last = expand.sign(last, hex(vector, 'info'), Uint8Array.of(i));
      blocks.push(last);
    }
    return equal(concat(...blocks).subarray(0, size), hex(vector, 'okm'));
  },
});

/** ML-KEM is reached through a hybrid: the other half is a fixed key. */
interface MlKem {
  readonly hybrid: GroupName;
  readonly other: GroupName;
  readonly scalar: Uint8Array;
  readonly ecFirst: boolean;
}
const ML_KEM_768: MlKem = {
  hybrid: 'X25519MLKEM768',
  other: 'x25519',
  scalar: new Uint8Array(32).fill(7),
  ecFirst: false,
};
const ML_KEM_1024: MlKem = {
  hybrid: 'SecP384r1MLKEM1024',
  other: 'secp384r1',
  scalar: new Uint8Array(48).fill(7),
  ecFirst: true,
};

const joined = (kem: MlKem, pq: Uint8Array, ec: Uint8Array) =>
  kem.ecFirst ? concat(ec, pq) : concat(pq, ec);
const source = (kem: MlKem, pq: Uint8Array) =>
  kem.ecFirst ? sequence(kem.scalar.slice(), pq) : sequence(pq, kem.scalar.slice());
const pqPart = (kem: MlKem, bytes: Uint8Array, ecLength: number) =>
  kem.ecFirst ? bytes.subarray(ecLength) : bytes.subarray(0, bytes.length - ecLength);
const ecShare = (provider: Provider, kem: MlKem) =>
  provider.keyAgreement(kem.other).generate(sequence(kem.scalar.slice())).publicKey;

const mlKemKeys = (kem: MlKem): Plan => ({
  prepare: (provider) => {
    const ec = ecShare(provider, kem);
    const agreement = provider.keyAgreement(kem.hybrid);
    return (vector) => {
      const run = () => {
        const share = agreement.generate(source(kem, hex(vector, 'seed')));
        const key = equal(pqPart(kem, share.publicKey, ec.length), hex(vector, 'ek'));
        if (vector.c === undefined) return key;
        const secret = share.decapsulate(joined(kem, hex(vector, 'c'), ec));
        return key && equal(kem.ecFirst ? secret.subarray(48) : secret.subarray(0, 32), hex(vector, 'K'));
      };
      return vector.result === 'valid' ? run() : refuses(run);
    };
  },
});

const mlKemEncapsulate = (kem: MlKem): Plan => ({
  prepare: (provider) => {
    const ec = ecShare(provider, kem);
    const agreement = provider.keyAgreement(kem.hybrid);
    return (vector) => {
      const share = joined(kem, hex(vector, 'ek'), ec);
      const withRandom = () => agreement.encapsulate(share, source(kem, hex(vector, 'm')));
      // A native implementation takes no randomness: it has to refuse the same keys.
      if (vector.result === 'invalid')
        return refuses(withRandom) && refuses(() => agreement.encapsulate(share));
      const { ciphertext, secret } = withRandom();
      return (
        equal(pqPart(kem, ciphertext, ec.length), hex(vector, 'c')) &&
        equal(kem.ecFirst ? secret.subarray(48) : secret.subarray(0, 32), hex(vector, 'K'))
      );
    };
  },
});

/** PKCS #5 padding put on and taken off here: the contract knows none. */
const cbcPkcs5: Plan = {
  leaveOut: (group) => (group.keySize === 192 ? 'TLS has no AES-192' : null),
  prepare: (provider, group) => (vector) => {
    const cipher = provider.cbc(`aes-${group.keySize as 128 | 256}-cbc`, hex(vector, 'key'));
    const [iv, text, ciphertext] = [hex(vector, 'iv'), hex(vector, 'msg'), hex(vector, 'ct')];
    const count = 16 - (text.length % 16);
    const padded = concat(text, new Uint8Array(count).fill(count));
    const decrypts = equal(cipher.decrypt(iv, ciphertext), padded);
    if (vector.result === 'invalid') return !decrypts;
    return decrypts && equal(cipher.encrypt(iv, padded), ciphertext);
  },
};

/** RSAES-PKCS1-v1_5 (RFC 8017 §7.2.2) taken off here: the contract has the bare operation. */
const rsaTransport: Plan = {
  prepare: (provider, group) => {
    const key = provider.importPrivateKey(hex(group, 'privateKeyPkcs8'));
    if (key instanceof Promise || !key.decryptRaw) throw new TypeError('no decryptRaw');
    const { decryptRaw, spki } = key;
    const size = Number(group.keySize) / 8;
    // With the zero that DER puts before a number whose top bit is set.
    const modulus = hex(group.privateKey as Group, 'modulus').subarray(-size);
    const publicKey = provider.importPublicKey(spki);
    return (vector) => {
      const [text, ciphertext] = [hex(vector, 'msg'), hex(vector, 'ct')];
      const fitsModulus = ciphertext.length === size && isBelow(ciphertext, modulus);
      if (!fitsModulus) {
        return vector.result === 'invalid' && refuses(() => decryptRaw(ciphertext), 'bad_length');
      }
      const block = decryptRaw(ciphertext);
      if (block instanceof Promise || block.length !== size || !publicKey.encryptRaw) return false;
      const end = block.indexOf(0, 2);
      const padded = block[0] === 0 && block[1] === 2 && end >= 10;
      const fits = padded && equal(block.subarray(end + 1), text);
      return equal(publicKey.encryptRaw(block), ciphertext) && fits === (vector.result === 'valid');
    };
  },
};

const NO_512 = 'no group of TLS has ML-KEM-512';
const NO_EXPANDED = 'the contract makes ML-KEM keys, it imports none';

const TABLE: Readonly<Record<string, Plan | string>> = {
  aes_cbc_pkcs5: cbcPkcs5,
  aes_ccm: aead('ccm'),
  aes_gcm: aead('gcm'),
  chacha20_poly1305: aead('chacha'),
  ecdh_secp256r1_ecpoint: dh('secp256r1', 32),
  ecdh_secp384r1_ecpoint: dh('secp384r1', 48),
  ecdh_secp521r1_ecpoint: dh('secp521r1', 66),
  ecdsa_secp256r1_sha256: ecdsa,
  ecdsa_secp256r1_sha512: ecdsa,
  ecdsa_secp384r1_sha256: ecdsa,
  ecdsa_secp384r1_sha384: ecdsa,
  ecdsa_secp384r1_sha512: ecdsa,
  ecdsa_secp521r1_sha512: ecdsa,
  ed25519: signature(() => ({ kind: 'ed25519' })),
  ed448: signature(() => ({ kind: 'ed448' })),
  hkdf_sha1: hkdf('sha1'),
  hkdf_sha256: hkdf('sha256'),
  hkdf_sha384: hkdf('sha384'),
  hkdf_sha512: hkdf('sha512'),
  hmac_sha1: hmac('sha1'),
  hmac_sha256: hmac('sha256'),
  hmac_sha384: hmac('sha384'),
  hmac_sha512: hmac('sha512'),
  mldsa_44_verify: signature(() => ({ kind: 'ml-dsa-44' })),
  mldsa_65_verify: signature(() => ({ kind: 'ml-dsa-65' })),
  mldsa_87_verify: signature(() => ({ kind: 'ml-dsa-87' })),
  mlkem_1024: mlKemKeys(ML_KEM_1024),
  mlkem_1024_encaps: mlKemEncapsulate(ML_KEM_1024),
  mlkem_1024_keygen_seed: mlKemKeys(ML_KEM_1024),
  mlkem_1024_semi_expanded_decaps: NO_EXPANDED,
  mlkem_512: NO_512,
  mlkem_512_encaps: NO_512,
  mlkem_512_keygen_seed: NO_512,
  mlkem_512_semi_expanded_decaps: NO_512,
  mlkem_768: mlKemKeys(ML_KEM_768),
  mlkem_768_encaps: mlKemEncapsulate(ML_KEM_768),
  mlkem_768_keygen_seed: mlKemKeys(ML_KEM_768),
  mlkem_768_semi_expanded_decaps: NO_EXPANDED,
  rsa_pkcs1_2048: rsaTransport,
  rsa_pkcs1_3072: rsaTransport,
  rsa_pkcs1_4096: rsaTransport,
  rsa_pss_2048_sha256_mgf1_32: pss,
  rsa_pss_2048_sha256_mgf1_32_params: pss,
  rsa_pss_2048_sha384_mgf1_48: pss,
  rsa_pss_3072_sha256_mgf1_32: pss,
  rsa_pss_3072_sha256_mgf1_32_params: pss,
  rsa_pss_4096_sha256_mgf1_32: pss,
  rsa_pss_4096_sha384_mgf1_48: pss,
  rsa_pss_4096_sha512_mgf1_32: pss,
  rsa_pss_4096_sha512_mgf1_32_params: pss,
  rsa_pss_4096_sha512_mgf1_64: pss,
  rsa_pss_4096_sha512_mgf1_64_params: pss,
  rsa_pss_misc: pss,
  rsa_signature_2048_sha256: pkcs1,
  rsa_signature_2048_sha384: pkcs1,
  rsa_signature_2048_sha512: pkcs1,
  rsa_signature_3072_sha256: pkcs1,
  rsa_signature_3072_sha384: pkcs1,
  rsa_signature_3072_sha512: pkcs1,
  rsa_signature_4096_sha256: pkcs1,
  rsa_signature_4096_sha384: pkcs1,
  rsa_signature_4096_sha512: pkcs1,
  x25519: dh('x25519', 32),
  x448: dh('x448', 56),
};

const SUFFIX = '_test.json.gz';

function load(name: string): readonly Group[] {
  const file = JSON.parse(gunzipSync(readFileSync(new URL(name + SUFFIX, FOLDER))).toString('utf8'));
  return (file as { testGroups: readonly Group[] }).testGroups;
}

/** Numbers of the vectors that a provider fails, and how many were run. */
function runPlan(provider: Provider, plan: Plan, groups: readonly Group[]) {
  const failed: number[] = [];
  let run = 0;
  for (const group of groups) {
    const check = plan.prepare(provider, group);
    for (const vector of group.tests) {
      run++;
      if (!check(vector)) failed.push(vector.tcId);
    }
  }
  return { failed, run };
}

describe.skipIf(!PRESENT)('Wycheproof (needs ../shared/vectors)', () => {
  test('every file of the collection stands in the table', () => {
    const files = readdirSync(FOLDER).map((file) => file.replace(SUFFIX, ''));
    expect(files.sort()).toEqual(Object.keys(TABLE).sort());
  });

  for (const [name, plan] of Object.entries(TABLE)) {
    if (typeof plan === 'string') {
      test.skip(`${name} is left out: ${plan}`, () => {});
      continue;
    }
    const groups = PRESENT ? load(name) : [];
    const kept = groups.filter((group) => !plan.leaveOut?.(group));
    for (const reason of new Set(groups.map((group) => plan.leaveOut?.(group)))) {
      if (!reason) continue;
      const count = groups.filter((group) => plan.leaveOut?.(group) === reason).length;
      test.skip(`${name}: ${count} of ${groups.length} groups are left out: ${reason}`, () => {});
    }
    for (const provider of [nodeProvider, portableProvider]) {
      const total = kept.reduce((sum, group) => sum + group.tests.length, 0);
      test(`${provider.name} agrees with all ${total} vectors of ${name}`, { timeout: 120_000 }, () => {
        expect(runPlan(provider, plan, kept)).toEqual({ failed: [], run: total });
        expect(total).toBeGreaterThan(0);
      });
    }
  }
});
