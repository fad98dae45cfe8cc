/**
 * The one interface between the engine and cryptography. Two implementations: `node.ts` and `portable.ts`.
 * Nothing here knows of TLS messages. Every argument is checked by the implementation; what a peer sent and is
 * bad (a low-order point, a wrong length) is refused with CryptoError, never computed with.
 */
import type { AeadName, CbcName, HashName } from '../registry/types.js';

/** Thrown where input from a peer, or a key file, is not acceptable. `reason` is a stable word, such as `bad_point`. */
export class CryptoError extends Error {
  override readonly name = 'CryptoError';
  constructor(
    readonly reason:
      | 'bad_length'
      | 'bad_point'
      | 'zero_secret'
      | 'bad_key'
      | 'unsupported'
      | 'bad_signature_encoding'
      | 'key_size',
    detail?: string,
  ) {
    super(detail ? `${reason}: ${detail}` : reason);
  }
}

export interface Hash {
  update(data: Uint8Array): this;
  /** The digest of all so far; the hash goes on and may be updated further. */
  digest(): Uint8Array;
  copy(): Hash;
}

/** HMAC under one key, prepared once and used many times. */
export interface HmacKey {
  readonly hash: HashName;
  readonly length: number;
  sign(...parts: readonly Uint8Array[]): Uint8Array;
}

/** Named groups that a provider may implement, by IANA name. */
export type GroupName =
  | 'x25519'
  | 'x448'
  | 'secp256r1'
  | 'secp384r1'
  | 'secp521r1'
  | 'ffdhe2048'
  | 'ffdhe3072'
  | 'ffdhe4096'
  | 'X25519MLKEM768'
  | 'SecP256r1MLKEM768'
  | 'SecP384r1MLKEM1024';

/** Key agreement shaped as a KEM: the client generates, the server encapsulates, the client decapsulates. */
export interface KeyAgreement {
  readonly name: GroupName;
  /** Length of what the client sends, in bytes. */
  readonly publicLength: number;
  /** Length of what the server sends back, in bytes. */
  readonly ciphertextLength: number;
  /** A fresh key pair. With `random` the private key is taken from it where the group allows: for test vectors. */
  generate(random?: RandomSource): KeyShare;
  /** The server's answer to the client's share. Throws CryptoError on a bad share. */
  encapsulate(
    peerShare: Uint8Array,
    random?: RandomSource,
  ): { readonly ciphertext: Uint8Array; readonly secret: Uint8Array };
}

export interface KeyShare {
  readonly publicKey: Uint8Array;
  /** The shared secret. Throws CryptoError on a bad share. Single use: wipes the private key where it can. */
  decapsulate(ciphertext: Uint8Array): Uint8Array;
}

/** `length` unpredictable bytes. */
export type RandomSource = (length: number) => Uint8Array;

/** An AEAD that holds its key. Nonces have 12 bytes. */
export interface Aead {
  readonly tagLength: number;
  /** Ciphertext and tag; both arrays belong to the caller. `plaintext` may be reused afterwards. */
  seal(
    nonce: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
  ): { readonly ciphertext: Uint8Array; readonly tag: Uint8Array };
  /** The plaintext, or null where the tag does not fit. The returned array belongs to the caller. `sealed` is ciphertext followed by tag. */
  open(nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | null;
}

/** A block cipher in CBC mode that holds its key. Adds and takes no padding. */
export interface Cbc {
  /** 16, or 8 for 3DES: also the length of an IV. */
  readonly blockLength: number;
  /** Both throw CryptoError `bad_length` where `iv` or `data` has not whole blocks. The result belongs to the caller. */
  encrypt(iv: Uint8Array, data: Uint8Array): Uint8Array;
  decrypt(iv: Uint8Array, data: Uint8Array): Uint8Array;
}

/** Finite-field Diffie-Hellman over a group that a server made up (RFC 5246 §7.4.3); shares and secrets have the prime's length. */
export type FiniteField = Omit<KeyAgreement, 'name'>;

/** How a signature is made, independent of TLS code points; X.509 has more combinations than TLS. */
export type SignatureAlgorithm =
  | { readonly kind: 'rsa-pkcs1'; readonly hash: HashName }
  /** TLS 1.0 and 1.1 (RFC 4346 §7.4.3): PKCS#1 v1.5 block type 1 over MD5 and SHA-1 side by side, without a DigestInfo. */
  | { readonly kind: 'rsa-md5-sha1' }
  | { readonly kind: 'rsa-pss'; readonly hash: HashName; readonly saltLength: number }
  | { readonly kind: 'ecdsa'; readonly hash: HashName }
  | { readonly kind: 'ed25519' }
  | { readonly kind: 'ed448' }
  | { readonly kind: 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87' };

/** What a SubjectPublicKeyInfo holds. `rsa-pss` is a key whose OID restricts it to PSS (rsa_pss_pss_*). */
export type PublicKeyKind =
  | 'rsa'
  | 'rsa-pss'
  | 'ec'
  | 'ed25519'
  | 'ed448'
  | 'ml-dsa-44'
  | 'ml-dsa-65'
  | 'ml-dsa-87';

export interface PublicKey {
  readonly kind: PublicKeyKind;
  /** Strength-relevant size: modulus bits for RSA, field bits for EC. */
  readonly bits: number;
  /** IANA group name for `ec`. */
  readonly curve?: 'secp256r1' | 'secp384r1' | 'secp521r1';
  readonly spki: Uint8Array;
  /** True only where `signature` is valid. False, never an exception, for any malformed signature. An algorithm that does not fit the key is false. */
  verify(algorithm: SignatureAlgorithm, message: Uint8Array, signature: Uint8Array): boolean;
  /**
   * RSA's bare public operation, on a block as long as the modulus; absent for other keys. Padding is the caller's.
   * Throws CryptoError `bad_length` for another length or a number that is not below the modulus.
   */
  encryptRaw?(block: Uint8Array): Uint8Array;
}

/**
 * A private key, wherever it is: in memory, in WebCrypto, in a KMS, on another machine (RFC 9846 §4.5.3).
 * The engine verifies every signature before it is sent.
 */
export interface PrivateKey {
  /**
   * IANA names of the signature schemes that it can sign with, most preferred first. Those of ECDSA stand for their hash
   * alone, as in TLS 1.2: for TLS 1.3 the curve has to fit too. `rsa_pkcs1_md5_sha1`, for TLS 1.1, is not IANA's.
   */
  readonly schemes: readonly string[];
  /** SubjectPublicKeyInfo of its public half. */
  readonly spki: Uint8Array;
  /** Signs the raw to-be-signed bytes. `scheme` is one of `schemes`. */
  sign(
    scheme: string,
    message: Uint8Array,
    options?: { readonly signal?: AbortSignal },
  ): Uint8Array | Promise<Uint8Array>;
  /**
   * RSA's bare private operation, blinded, for static RSA key exchange (RFC 5246 §7.4.7.1): a block as long as the
   * modulus, of which the caller takes the padding off. Absent: the key cannot or may not decrypt.
   * Throws CryptoError `bad_length` for another length or a number that is not below the modulus.
   */
  decryptRaw?(
    ciphertext: Uint8Array,
    options?: { readonly signal?: AbortSignal },
  ): Uint8Array | Promise<Uint8Array>;
}

export interface Provider {
  readonly name: string;
  /** Throws RangeError for a length that is not a non-negative integer. */
  random: RandomSource;
  createHash(hash: HashName): Hash;
  digest(hash: HashName, ...parts: readonly Uint8Array[]): Uint8Array;
  hmacKey(hash: HashName, key: Uint8Array): HmacKey;
  /** Groups that it implements, fastest first. */
  readonly groups: readonly GroupName[];
  /** Throws CryptoError `unsupported`. */
  keyAgreement(group: string): KeyAgreement;
  readonly aeads: readonly AeadName[];
  /** Throws CryptoError `bad_length` or `unsupported`. */
  aead(name: AeadName, key: Uint8Array): Aead;
  readonly cbcCiphers: readonly CbcName[];
  /** Throws CryptoError `bad_length` or `unsupported`. */
  cbc(name: CbcName, key: Uint8Array): Cbc;
  /**
   * A group given by its prime and generator, big-endian. Throws CryptoError `key_size` below 512 or above 8,192
   * bits, `bad_key` for an even prime or a generator that is not between 1 and prime - 1. Does not test primality; a
   * prime that `isSafePrime` said yes to before gets short exponents, which are several times as fast.
   */
  finiteField(prime: Uint8Array, generator: Uint8Array): FiniteField;
  /**
   * Whether `prime` is a safe prime: known (RFC 2409, 3526, 7919), or by tests with an error below 2^-80. Slow for
   * unknown ones, a second and more from 3,072 bits on; verdicts are kept. Unknown ones below 512 or above 4,096 bits
   * are not tested and not called safe.
   */
  isSafePrime(prime: Uint8Array): boolean;
  /** From a DER SubjectPublicKeyInfo. Throws CryptoError `bad_key`, `bad_point`, `key_size`, `unsupported`. RSA keys have 1,024 to 8,192 bits. */
  importPublicKey(spki: Uint8Array): PublicKey;
  /** From a DER PKCS#8 PrivateKeyInfo, unencrypted. Throws CryptoError. */
  importPrivateKey(pkcs8: Uint8Array): PrivateKey | Promise<PrivateKey>;
  /** A new key pair as PKCS#8, for certificates made on the spot. */
  generatePrivateKey(
    kind: 'rsa-2048' | 'secp256r1' | 'secp384r1' | 'ed25519' | 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87',
  ): Uint8Array | Promise<Uint8Array>;
  /** Decompresses at most `limit` bytes (RFC 8879). Throws CryptoError `bad_length` beyond it. Absent: the provider has none. */
  readonly decompress?: (algorithm: 'zlib' | 'brotli', data: Uint8Array, limit: number) => Uint8Array;
  readonly compress?: (algorithm: 'zlib' | 'brotli', data: Uint8Array) => Uint8Array;
}
