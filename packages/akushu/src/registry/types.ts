/** The shapes of the registry's tables. Names are IANA's unless a field says otherwise. */

export type HashName = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

export type AeadName =
  | 'aes-128-gcm'
  | 'aes-256-gcm'
  | 'chacha20-poly1305'
  | 'aes-128-ccm'
  | 'aes-256-ccm'
  | 'aes-128-ccm-8'
  | 'aes-256-ccm-8'
  | 'aria-128-gcm'
  | 'aria-256-gcm';

/** Block ciphers in CBC mode, for suites before TLS 1.3. */
export type CbcName =
  | 'aes-128-cbc'
  | 'aes-256-cbc'
  | '3des-ede-cbc'
  | 'camellia-128-cbc'
  | 'camellia-256-cbc'
  | 'aria-128-cbc'
  | 'aria-256-cbc';

/** IANA "Recommended" column: Y, N, D (discouraged). */
export type Recommended = 'Y' | 'N' | 'D';

export type VersionName = 'SSLv2' | 'SSLv3' | 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

export interface CipherSuite {
  readonly code: number;
  readonly iana: string;
  readonly openssl: string | null;
  readonly gnutls: string | null;
  /** Key exchange: `any` in TLS 1.3, where groups and PSK are negotiated apart. */
  readonly kx: string;
  /** Authentication: `any` in TLS 1.3. */
  readonly auth: string;
  /** Encryption in words, such as `AES-128-GCM`, `3DES-EDE-CBC`, `NULL`. */
  readonly enc: string;
  /** Strength of the encryption in bits. */
  readonly bits: number;
  /** `AEAD`, or the HMAC's hash such as `SHA1`. */
  readonly mac: string;
  /** Hash of the key schedule or PRF; for suites before TLS 1.2 that of TLS 1.2. */
  readonly hash: HashName;
  /** The AEAD of the provider, or null where it is no AEAD suite or no provider has it. */
  readonly aead: AeadName | null;
  /** The block cipher of the provider, or null where it is no CBC suite or no provider has it. */
  readonly cbc: CbcName | null;
  readonly forwardSecret: boolean;
  readonly versions: readonly VersionName[];
  readonly recommended: Recommended;
  /** Why it is discouraged, as closed words: `rc4`, `null`, `export`, `anonymous`, `static_rsa`, `cbc`, `3des`, `md5`, `des`, …; empty where it is fine. */
  readonly weaknesses: readonly Weakness[];
  /** Set where the suite's hash is one that no provider has; `hash` then says `sha256` and means nothing. */
  readonly foreignHash?: ForeignHash;
  /** Set where IANA does not know the suite: drafts, SSL 3.0's own, TLCP. */
  readonly unregistered?: true;
}

export type ForeignHash = 'sm3' | 'streebog256' | 'gostr341194';

/**
 * `anonymous`: nobody is authenticated. `static_rsa`, `static_dh`, `static_ecdh`, `static_key`: no forward secrecy
 * (`static_key` where the long-term key is a shared secret, a ticket or a VKO key). `finite_field_dh`: ephemeral DH of
 * TLS 1.2, where the server alone picks the group. `cbc`: MAC-then-encrypt, padding oracles. `block64`: 64-bit blocks
 * (Sweet32). `short_tag`: an authentication tag of 64 bits. `broken_kem`: superseded or broken post-quantum part.
 */
export type Weakness =
  | 'null'
  | 'export'
  | 'anonymous'
  | 'rc4'
  | 'rc2'
  | 'des'
  | '3des'
  | 'idea'
  | 'md5'
  | 'cbc'
  | 'block64'
  | 'short_tag'
  | 'static_rsa'
  | 'static_dh'
  | 'static_ecdh'
  | 'static_key'
  | 'finite_field_dh'
  | 'broken_kem';

/** A cipher kind of SSL 2.0: three bytes, one flat list. */
export interface Ssl2CipherKind {
  readonly code: number;
  readonly name: string;
  readonly openssl: string | null;
  readonly enc: string;
  readonly bits: number;
}

export type GroupKind = 'ecdh' | 'xdh' | 'ffdh' | 'kem' | 'hybrid';

export interface NamedGroup {
  readonly code: number;
  readonly iana: string;
  readonly openssl: string | null;
  readonly gnutls: string | null;
  readonly kind: GroupKind;
  /** Classical strength in bits, as compared in NIST SP 800-57; null where unknown. */
  readonly bits: number | null;
  readonly postQuantum: boolean;
  readonly recommended: Recommended;
  /** May stand in a TLS 1.3 key share (RFC 9846 §4.3.7). */
  readonly tls13?: boolean;
  /** Other names under which it is found, such as `P-256` and `prime256v1`. */
  readonly aliases?: readonly string[];
  /** Set where IANA does not know it, or lists it as obsolete. */
  readonly obsolete?: true;
}

export type SignatureKind =
  | 'rsa-pkcs1'
  | 'rsa-pss-rsae'
  | 'rsa-pss-pss'
  | 'ecdsa'
  | 'eddsa'
  | 'ml-dsa'
  | 'dsa'
  | 'other';

export interface SignatureSchemeInfo {
  readonly code: number;
  readonly iana: string;
  readonly openssl: string | null;
  readonly gnutls: string | null;
  readonly kind: SignatureKind;
  /** null where the algorithm hashes by itself (EdDSA, ML-DSA). */
  readonly hash: HashName | null;
  /** The curve that the scheme fixes in TLS 1.3, as IANA named group; null where none. */
  readonly curve: string | null;
  /** May sign CertificateVerify in TLS 1.3 (RFC 9846 §4.3.3). */
  readonly tls13: boolean;
  readonly recommended: Recommended;
  /** Set where only a client may sign with it in TLS 1.3 (RFC 9963); `tls13` is then false. */
  readonly tls13ClientOnly?: true;
  /** Other names under which it is found, such as `RSA+SHA256`. */
  readonly aliases?: readonly string[];
}

export interface AlertInfo {
  readonly code: number;
  readonly name: string;
  readonly rfc: string;
}

export interface ExtensionInfo {
  readonly code: number;
  readonly name: string;
  /** Messages of TLS 1.3 in which it may stand, as IANA abbreviates them: CH, SH, EE, CT, CR, NST, HRR; empty: not in 1.3. */
  readonly tls13: readonly string[];
  readonly rfc: string;
  readonly recommended: Recommended;
  /** Set where IANA does not know it: drafts and vendors' own. */
  readonly unregistered?: true;
}

/** A row of one of the small registries. */
export interface CodePoint {
  readonly code: number;
  /** IANA's name. */
  readonly name: string;
  readonly rfc: string;
}

export interface HandshakeTypeInfo extends CodePoint {
  /** The message as the RFCs' prose calls it: `ClientHello` for `client_hello`. */
  readonly message: string;
}

export interface AlpnProtocol {
  /** The identifier as it goes over the wire, all of them ASCII. */
  readonly id: string;
  readonly name: string;
  readonly rfc: string;
}

export interface VersionInfo {
  readonly code: number;
  /** As OpenSSL writes it: `TLSv1.3`. */
  readonly name: VersionName;
  /** As people write it: `TLS 1.3`. */
  readonly display: string;
  readonly rfc: string;
  readonly deprecatedBy: string | null;
}
