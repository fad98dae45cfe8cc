/** The shapes of the registry's tables. Names are IANA's unless a field says otherwise. */

export type HashName = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

export type AeadName =
  | 'aes-128-gcm'
  | 'aes-256-gcm'
  | 'chacha20-poly1305'
  | 'aes-128-ccm'
  | 'aes-256-ccm'
  | 'aes-128-ccm-8'
  | 'aes-256-ccm-8';

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
  readonly forwardSecret: boolean;
  readonly versions: readonly VersionName[];
  readonly recommended: Recommended;
  /** Why it is discouraged, as closed words: `rc4`, `null`, `export`, `anonymous`, `static_rsa`, `cbc`, `3des`, `md5`, `des`, …; empty where it is fine. */
  readonly weaknesses: readonly string[];
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
}

export type SignatureKind = 'rsa-pkcs1' | 'rsa-pss-rsae' | 'rsa-pss-pss' | 'ecdsa' | 'eddsa' | 'ml-dsa' | 'dsa' | 'other';

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
