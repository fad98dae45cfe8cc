/**
 * Named groups: sizes on the wire, the checks on a share that need no arithmetic, and how shares are made from a
 * pair of functions (RFC 9846 §4.3.8, §7.4). What computes stands in the providers.
 */
import { wipe } from '../bytes/index.js';
import {
  CryptoError,
  type GroupName,
  type KeyAgreement,
  type KeyShare,
  type Provider,
  type RandomSource,
} from './provider.js';

/** Lengths of public keys: u coordinates (RFC 7748), uncompressed points (RFC 9846 §4.3.8.2), padded integers. */
export const PUBLIC_LENGTH = {
  x25519: 32,
  x448: 56,
  secp256r1: 65,
  secp384r1: 97,
  secp521r1: 133,
  ffdhe2048: 256,
  ffdhe3072: 384,
  ffdhe4096: 512,
} as const;
export type DhName = keyof typeof PUBLIC_LENGTH;

/** Diffie-Hellman as a provider implements it; `Private` is whatever it keeps. */
export interface DiffieHellman<Private> {
  /** A private key from `random`, or from its own source, with its public half. */
  generate(random?: RandomSource): { readonly privateKey: Private; readonly publicKey: Uint8Array };
  /** The peer's share has the right length. Throws CryptoError `bad_point` or `zero_secret`. */
  derive(privateKey: Private, peer: Uint8Array): Uint8Array;
  /** Overwrites the private key where it can. */
  wipe(privateKey: Private): void;
}

export type NamedDiffieHellman<Private> = DiffieHellman<Private> & { readonly name: DhName };

/** Hands out `use` once. */
export function once<A, T>(use: (argument: A) => T): (argument: A) => T {
  let used = false;
  return (argument) => {
    if (used) throw new CryptoError('bad_key', 'key share was used before');
    used = true;
    return use(argument);
  };
}

export function checkLength(bytes: Uint8Array, length: number, what: string): void {
  if (bytes.length !== length) throw new CryptoError('bad_length', `${what} of ${bytes.length} bytes`);
}

/** RFC 9846 §7.4.2: the all-zero secret comes from a point of low order. Looks at every byte. */
export function checkNotZero(secret: Uint8Array): Uint8Array {
  let bits = 0;
  for (const byte of secret) bits |= byte;
  if (bits === 0) throw new CryptoError('zero_secret');
  return secret;
}

/** A named group in the shape of a KEM. */
export function agreementFrom<Private>(dh: NamedDiffieHellman<Private>): KeyAgreement {
  return { name: dh.name, ...kemFrom(dh, PUBLIC_LENGTH[dh.name], dh.name) };
}

/** Diffie-Hellman in the shape of a KEM: the ciphertext is the other side's public key. Shares have `length` bytes. */
export function kemFrom<Private>(dh: DiffieHellman<Private>, length: number, title: string): Kem {
  const derive = (privateKey: Private, peer: Uint8Array) => {
    try {
      checkLength(peer, length, `${title} share`);
      return dh.derive(privateKey, peer);
    } finally {
      dh.wipe(privateKey);
    }
  };
  return {
    publicLength: length,
    ciphertextLength: length,
    generate(random): KeyShare {
      const { privateKey, publicKey } = dh.generate(random);
      return { publicKey, decapsulate: once((ciphertext: Uint8Array) => derive(privateKey, ciphertext)) };
    },
    encapsulate(peerShare, random) {
      checkLength(peerShare, length, `${title} share`);
      const { privateKey, publicKey } = dh.generate(random);
      return { ciphertext: publicKey, secret: derive(privateKey, peerShare) };
    },
  };
}

/** ML-KEM (FIPS 203, table 3). Not negotiated by itself, only inside a hybrid. */
export const ML_KEM = {
  'ml-kem-768': { publicLength: 1184, ciphertextLength: 1088, k: 3 },
  'ml-kem-1024': { publicLength: 1568, ciphertextLength: 1568, k: 4 },
} as const;
export type MlKemName = keyof typeof ML_KEM;

/** A KeyAgreement without a name of its own. */
export type Kem = Omit<KeyAgreement, 'name'>;

/** FIPS 203 §7.2, modulus check: every 12-bit coefficient of an encapsulation key is below q. */
export function checkEncapsulationKey(name: MlKemName, key: Uint8Array): void {
  const { publicLength, k } = ML_KEM[name];
  checkLength(key, publicLength, 'encapsulation key');
  for (let i = 0; i < 384 * k; i += 3) {
    const low = key[i]! | ((key[i + 1]! & 0x0f) << 8);
    const high = (key[i + 1]! >> 4) | (key[i + 2]! << 4);
    if (low >= 3329 || high >= 3329) throw new CryptoError('bad_point', 'coefficient out of range');
  }
}

/**
 * Two mechanisms side by side (draft-ietf-tls-ecdhe-mlkem §4): shares, ciphertexts and secrets are the plain
 * concatenation in one order, which is the order of `first` and `second`.
 */
export function hybrid(name: GroupName, first: Kem, second: Kem): KeyAgreement {
  const publicLength = first.publicLength + second.publicLength;
  const ciphertextLength = first.ciphertextLength + second.ciphertextLength;
  return {
    name,
    publicLength,
    ciphertextLength,
    generate(random): KeyShare {
      const a = first.generate(random);
      const b = second.generate(random);
      return {
        publicKey: join(a.publicKey, b.publicKey),
        decapsulate: once((ciphertext: Uint8Array) => {
          checkLength(ciphertext, ciphertextLength, `${name} ciphertext`);
          return joinSecrets(
            a.decapsulate(ciphertext.subarray(0, first.ciphertextLength)),
            b.decapsulate(ciphertext.subarray(first.ciphertextLength)),
          );
        }),
      };
    },
    encapsulate(peerShare, random) {
      checkLength(peerShare, publicLength, `${name} share`);
      const a = first.encapsulate(peerShare.subarray(0, first.publicLength), random);
      const b = second.encapsulate(peerShare.subarray(first.publicLength), random);
      return { ciphertext: join(a.ciphertext, b.ciphertext), secret: joinSecrets(a.secret, b.secret) };
    },
  };
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

function joinSecrets(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = join(a, b);
  wipe(a, b);
  return joined;
}

/** Secret bytes that the caller may overwrite: a copy of what a given source returned, or fresh from our own. */
export function takeSecret(given: RandomSource | undefined, own: RandomSource, length: number): Uint8Array {
  const secret = given ? Uint8Array.from(given(length)) : own(length);
  if (secret.length !== length) throw new RangeError('"random" gave another length');
  return secret;
}

/**
 * A scalar of `size` bytes in 1 … order-1, by rejection (FIPS 186-5 A.2.2); `topMask` clears the bits above the
 * order's length. A source that never gives one is broken: an exception, not a loop.
 */
export function randomScalar(
  take: RandomSource,
  size: number,
  topMask: number,
  order: Uint8Array,
): Uint8Array {
  for (let attempt = 0; attempt < 64; attempt++) {
    const scalar = take(size);
    scalar[0]! &= topMask;
    if (isBelow(scalar, order) && scalar.some((byte) => byte !== 0)) return scalar;
  }
  throw new RangeError('"random" never gave a valid scalar');
}

/** Big-endian, equal lengths. */
export function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! < b[i]!;
  return false;
}

/** The part of a provider that finds its groups by name. */
export function keyAgreementTable(
  agreements: readonly KeyAgreement[],
): Pick<Provider, 'groups' | 'keyAgreement'> {
  const byName: ReadonlyMap<string, KeyAgreement> = new Map(agreements.map((group) => [group.name, group]));
  return {
    groups: agreements.map((group) => group.name),
    keyAgreement(group) {
      const agreement = byName.get(group);
      if (!agreement) throw new CryptoError('unsupported', 'group');
      return agreement;
    },
  };
}
