/** What the two roles can be told. Everything that the engine needs from outside comes in through here. */
import type { PrivateKey, Provider, RandomSource } from '../crypto/provider.js';
import type { ErrorCode } from '../errors.js';
import type { ClientHello, ServerHello } from '../messages/index.js';
import { Group, Scheme, Suite, Version } from '../registry/index.js';
import type { ExternalPsk, Maybe, Session, SessionIds, TicketKeeper, Trust } from '../session/index.js';
import type { TraceSink } from '../trace/index.js';

/** A certificate chain, or a raw public key, with the private key for it. */
export interface Credential {
  /** DER, leaf first. Empty for a raw public key (RFC 7250): then `key.spki` is sent. */
  readonly chain: readonly Uint8Array[];
  readonly key: PrivateKey;
  /** A DER OCSPResponse for the leaf, stapled where the peer asks (RFC 6066 §8). */
  readonly ocsp?: Uint8Array;
  /** SerializedSCTs for the leaf (RFC 6962 §3.3). */
  readonly scts?: readonly Uint8Array[];
  /** Present it only to a peer that names one of the chain's issuers (RFC 9846 §4.3.4). Default false: a preference. */
  readonly mustMatchIssuer?: boolean;
  /** Names that it answers to, `*.example.com` among them; the leaf's own where absent and the chooser knows them. */
  readonly serverNames?: readonly string[];
}

/** What the peer presented, for the caller's verdict. Its possession of the key is checked by the engine, afterwards. */
export interface PeerPresentation {
  readonly role: 'client' | 'server';
  /** DER, leaf first as sent. Empty where a raw public key came. */
  readonly chain: readonly Uint8Array[];
  /** SubjectPublicKeyInfo, where a raw public key was negotiated. */
  readonly rawPublicKey: Uint8Array | null;
  /** The name that the client asked for; null for none. */
  readonly serverName: string | null;
  readonly ocsp: Uint8Array | null;
  readonly scts: readonly Uint8Array[];
  /**
   * Set where nothing was presented now: the peer is that of an earlier session, which is resumed only where it is
   * found good again. `trust` is what the verdict stood on then.
   */
  readonly resuming?: { readonly trust: Trust | null };
}

export type PeerVerdict =
  | {
      readonly trusted: true;
      readonly facts?: Readonly<Record<string, unknown>>;
      /** What it stands on: goes into sessions, and comes back with them. */
      readonly trust?: Trust;
    }
  | { readonly trusted: false; readonly code: ErrorCode; readonly facts?: Readonly<Record<string, unknown>> };

/** Hard bounds; each has a test. */
export interface Limits {
  /** Bytes of a handshake message's body. */
  readonly message: number;
  readonly certificateMessage: number;
  /** Certificates in a peer's chain. */
  readonly chain: number;
  readonly decompressedCertificate: number;
  /** KeyUpdates in a row without application data between. */
  readonly keyUpdates: number;
  /** Empty records in a row. */
  readonly emptyRecords: number;
  /** Warning alerts in a row. */
  readonly warnings: number;
  /** Bytes of rejected early data that a server skips. */
  readonly skippedEarlyData: number;
  /** Requests for a client certificate after the handshake that a client answers. */
  readonly lateRequests: number;
  /** Bytes kept while somebody's answer is awaited. */
  readonly pendingInput: number;
  /** Records under one key before a KeyUpdate; null for what the AEAD allows (RFC 9846 §5.5). */
  readonly recordsPerKey: number | null;
  /** Bits of a finite-field group that a server of TLS 1.2 or older makes up: as a client takes it. */
  readonly dhBits: { readonly min: number; readonly max: number };
}

export const DEFAULT_LIMITS: Limits = {
  message: 65_536,
  certificateMessage: 131_072,
  chain: 10,
  decompressedCertificate: 65_536,
  keyUpdates: 32,
  emptyRecords: 32,
  warnings: 4,
  skippedEarlyData: 16_384,
  lateRequests: 8,
  pendingInput: 1_048_576,
  recordsPerKey: null,
  dhBits: { min: 2048, max: 8192 },
};

export function limitsOf({ limits }: CommonConfig): Limits {
  return limits ? { ...DEFAULT_LIMITS, ...limits } : DEFAULT_LIMITS;
}

/** IANA: X509, RawPublicKey. */
export type CertificateTypeName = 'x509' | 'raw_public_key';

export type CertificateCompression = 'zlib' | 'brotli';

export interface CommonConfig {
  readonly provider: Provider;
  /** Milliseconds since 1970, with fractions if there are any. */
  readonly now?: () => number;
  /** Replaces the provider's randomness; for tests with recorded handshakes only. */
  readonly random?: RandomSource;
  /** Code points of the versions to speak. Default TLS 1.3 and 1.2; 1.1 and 1.0 only where they are named. */
  readonly versions?: readonly number[];
  /** Code points of suites of all versions, most preferred first. Default `defaultSuites(versions)`. */
  readonly cipherSuites?: readonly number[];
  readonly groups?: readonly number[];
  /** For the peer's signatures in the handshake, and ours unless `signingSchemes` says otherwise; most preferred first. */
  readonly signatureSchemes?: readonly number[];
  /** For our own signatures, where they differ: whoever signs with SHA-1 for an old peer need not accept it. */
  readonly signingSchemes?: readonly number[];
  /** For signatures in certificates, where they differ. */
  readonly signatureSchemesCert?: readonly number[];
  /** Application protocols, most preferred first. */
  readonly alpn?: readonly string[];
  readonly limits?: Partial<Limits>;
  readonly trace?: TraceSink;
  /** Receives lines of SSLKEYLOGFILE (RFC 9850), without line ends. */
  readonly keyLog?: (line: string) => void;
  /** The largest plaintext we accept, 64 to 16,385 with the content type (RFC 8449); absent: not offered. */
  readonly recordSizeLimit?: number;
  /** The longest fragment that we send, 64 to 16,384 bytes; what the peer asks for may be less. Default 16,384. */
  readonly maxSendFragment?: number;
  /** How many zeros to hide a fragment of `length` bytes with (RFC 9846 §5.4). */
  readonly padding?: (length: number, contentType: number) => number;
  /** Algorithms for certificates, both ways, most preferred first (RFC 8879). */
  readonly certificateCompression?: readonly CertificateCompression[];
  /** The verdict on the peer's chain. Asked for every certificate; without it none is trusted. */
  readonly verifyPeer?: (peer: PeerPresentation) => Maybe<PeerVerdict>;
  /** Credentials to choose from, most preferred first. */
  readonly credentials?: readonly Credential[];
  /** Distinguished names (DER) of authorities: hints for the peer's choice (RFC 9846 §4.3.4). */
  readonly certificateAuthorities?: readonly Uint8Array[];
  /** Types of certificate (RFC 7250) that we can present, and that we accept, most preferred first. Default X.509 only. */
  readonly certificateTypes?: {
    readonly own?: readonly CertificateTypeName[];
    readonly peer?: readonly CertificateTypeName[];
  };
  /** Sprinkle reserved values to keep peers tolerant (RFC 8701). */
  readonly grease?: boolean;
  readonly externalPsks?: readonly ExternalPsk[];
  /**
   * Ask `verifyPeer` about the peer of a session before it is resumed: trust may have changed since. Default true;
   * false leaves that to whoever hands over sessions and tickets.
   */
  readonly rejudgeOnResumption?: boolean;

  // Before TLS 1.3

  /** Refuse peers without extended_master_secret (RFC 7627 §5). Default false. */
  readonly requireExtendedMasterSecret?: boolean;
  /** Refuse peers without renegotiation_info (RFC 5746 §4.1): they may renegotiate unsafely. Default false. */
  readonly requireSecureRenegotiation?: boolean;
  /** encrypt_then_mac for CBC suites (RFC 7366). Default true. */
  readonly encryptThenMac?: boolean;
  /** How many times the peer may renegotiate, securely only (RFC 5746). Default 0. */
  readonly renegotiations?: number;
}

/** What a server said about the certificate it wants. */
export interface CertificateWish {
  readonly signatureSchemes: readonly number[];
  readonly certificateAuthorities: readonly Uint8Array[];
  readonly oidFilters: readonly {
    readonly certificateExtensionOid: Uint8Array;
    readonly certificateExtensionValues: Uint8Array;
  }[];
  /** What the server takes: a chain, or a raw public key (RFC 7250). */
  readonly certificateType: CertificateTypeName;
  /** The request came after the handshake. */
  readonly postHandshake: boolean;
}

export interface ClientConfig extends CommonConfig {
  /** A DNS name for server_name; absent or an address: none is sent (RFC 6066 §3). */
  readonly serverName?: string;
  /** Groups to send shares for at once; by default the first post-quantum and the first classical one of `groups`. */
  readonly keyShares?: readonly number[];
  /** Chooses our certificate; by default the first credential that fits. null: none. */
  readonly chooseCredential?: (wish: CertificateWish) => Maybe<Credential | null>;
  readonly requestOcsp?: boolean;
  readonly requestScts?: boolean;
  /** Willing to authenticate after the handshake (RFC 9846 §4.3.6). */
  readonly postHandshakeAuth?: boolean;
  /** Send a random legacy_session_id and ChangeCipherSpec (RFC 9846 appendix E.4). Default true. */
  readonly middleboxCompatibility?: boolean;
  readonly session?: Session;
  /** Asked for one where `session` is absent, when the ClientHello is about to be made. */
  readonly findSession?: () => Maybe<Session | null>;
  /** Also offer the session or PSK without (EC)DHE, which has no forward secrecy. Default false. */
  readonly pskWithoutDhe?: boolean;
  /**
   * Sent with the first flight if the session allows it. It can be replayed by an attacker and has no forward
   * secrecy (RFC 9846 §2.3): only what is harmless when it arrives twice.
   */
  readonly replayableEarlyData?: Uint8Array;
  /** Last word on the ClientHello before it is encoded: order of extensions, values of no meaning to the engine. */
  readonly shapeHello?: (hello: ClientHello) => ClientHello;
  /** Called for each ticket that the server gives. */
  readonly onSession?: (session: Session) => void;

  // Before TLS 1.3

  /** Leave a HelloRequest unanswered (RFC 5246 §7.4.1.1) where `renegotiations` allows none. Default false: the connection ends. */
  readonly ignoreHelloRequests?: boolean;
  /** This is a second try with less than we have: TLS_FALLBACK_SCSV (RFC 7507). Default false. */
  readonly fallback?: boolean;
  /** Send data before the server's Finished where the suite is strong enough (RFC 7918). Default false. */
  readonly falseStart?: boolean;
  /** Ask for smaller fragments (RFC 6066 §4): 512, 1,024, 2,048 or 4,096. */
  readonly maxFragmentLength?: 512 | 1024 | 2048 | 4096;
  /** The key for a suite with a PSK, by the server's hint (RFC 4279 §5); by default the first of `externalPsks`. */
  readonly choosePsk?: (hint: Uint8Array | null) => Maybe<ExternalPsk | null>;
}

/** What a server's callbacks may choose by. */
export interface HelloInfo {
  readonly serverName: string | null;
  readonly alpn: readonly string[];
  readonly signatureSchemes: readonly number[];
  readonly cipherSuites: readonly number[];
  readonly groups: readonly number[];
  /** What the client takes of us: a chain, or a raw public key (RFC 7250). */
  readonly certificateType: CertificateTypeName;
  readonly hello: ClientHello;
}

/** Early data that could be accepted; whether it was seen before is for the caller to know. */
export interface EarlyDataOffer {
  readonly binder: Uint8Array;
  readonly ticket: Uint8Array;
  readonly serverName: string | null;
}

export interface ServerConfig extends CommonConfig {
  /** Chooses by name and schemes; by default the first of `credentials` that fits. null: `unrecognized_name`. */
  readonly chooseCredential?: (hello: HelloInfo) => Maybe<Credential | null>;
  readonly clientAuth?: 'none' | 'request' | 'require';
  /** Ask clients to staple an OCSP response to their certificate. */
  readonly requestClientOcsp?: boolean;
  /** Whose order of suites and groups counts. Default `server`. */
  readonly preference?: 'server' | 'client';
  /** Refuse the handshake where ALPN was offered and nothing is shared. Default true (RFC 7301 §3.2). */
  readonly strictAlpn?: boolean;
  /** Chooses the protocol in place of `alpn`. null: none, the handshake goes on without. */
  readonly chooseAlpn?: (offered: readonly string[], hello: HelloInfo) => Maybe<string | null>;
  /** Make every client come back with a cookie in a second hello (RFC 9846 §4.3.2). */
  readonly requireCookie?: boolean;
  /** The cookie to send with a HelloRetryRequest; by default random. */
  readonly makeCookie?: (hello: Uint8Array) => Uint8Array;
  /** What to do where no credential answers to the name that the client asked for. Default `default`: the first one. */
  readonly unknownServerName?: 'default' | 'refuse';
  /** Groups to name in EncryptedExtensions, for the client's next connection (RFC 9846 §4.3.7); absent: none. */
  readonly announceGroups?: readonly number[];
  /** Last word on the ServerHello before it is encoded: the order of its extensions. */
  readonly shapeHello?: (hello: ServerHello) => ServerHello;
  readonly tickets?: TicketKeeper;
  /** Tickets sent after each handshake. Default 2. */
  readonly ticketCount?: number;
  /** Seconds, at most 604,800. Default 7,200. */
  readonly ticketLifetime?: number;
  /** Looks up a PSK by identity, besides `externalPsks`. */
  readonly findPsk?: (identity: Uint8Array) => Maybe<ExternalPsk | null>;
  /** Allow PSK without (EC)DHE. Default false. */
  readonly pskWithoutDhe?: boolean;
  /** Bytes of 0-RTT data to allow in tickets; 0 for none. Default 0. Needs `acceptEarlyData`. */
  readonly maxEarlyData?: number;
  /**
   * Asked before early data is accepted (RFC 9846 §8): the caller guards against replay. `binder` identifies the
   * ClientHello.
   */
  readonly acceptEarlyData?: (offer: EarlyDataOffer) => Maybe<boolean>;

  // Before TLS 1.3

  /** Sessions that are kept here, for clients without tickets. Absent: none. */
  readonly sessionIds?: SessionIds;
  /** The group for DHE where the client names none (RFC 7919): big-endian numbers. Default ffdhe2048. */
  readonly dhGroup?: { readonly prime: Uint8Array; readonly generator: Uint8Array };
  /** Sent where a suite with a PSK is chosen (RFC 4279 §5.2). */
  readonly pskIdentityHint?: Uint8Array;
}

export const DEFAULT_VERSIONS: readonly number[] = [Version['TLSv1.3'], Version['TLSv1.2']];

/** Those with forward secrecy and an AEAD, of TLS 1.3 and 1.2. */
export const DEFAULT_SUITES: readonly number[] = [
  Suite.TLS_AES_128_GCM_SHA256,
  Suite.TLS_AES_256_GCM_SHA384,
  Suite.TLS_CHACHA20_POLY1305_SHA256,
  Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
  Suite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
  Suite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
  Suite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
  Suite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
  Suite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
];

/** What TLS 1.1 and 1.0 have with forward secrecy: CBC with HMAC-SHA1 alone. */
const SUITES_OF_10: readonly number[] = [
  Suite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
  Suite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
  Suite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
  Suite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
];

/** The suites of a configuration that names none: whoever asks for TLS 1.1 or 1.0 has to have suites for them. */
export function defaultSuites(versions: readonly number[]): readonly number[] {
  const old = versions.some((version) => version < Version['TLSv1.2']);
  return old ? [...DEFAULT_SUITES, ...SUITES_OF_10] : DEFAULT_SUITES;
}

export const DEFAULT_GROUPS: readonly number[] = [
  Group.X25519MLKEM768,
  Group.x25519,
  Group.secp256r1,
  Group.secp384r1,
  Group.secp521r1,
  Group.x448,
  Group.SecP256r1MLKEM768,
  Group.SecP384r1MLKEM1024,
  Group.ffdhe2048,
  Group.ffdhe3072,
];

export const DEFAULT_SCHEMES: readonly number[] = [
  Scheme.ecdsa_secp256r1_sha256,
  Scheme.ecdsa_secp384r1_sha384,
  Scheme.ecdsa_secp521r1_sha512,
  Scheme.ed25519,
  Scheme.ed448,
  Scheme.mldsa44,
  Scheme.mldsa65,
  Scheme.mldsa87,
  Scheme.rsa_pss_rsae_sha256,
  Scheme.rsa_pss_rsae_sha384,
  Scheme.rsa_pss_rsae_sha512,
  Scheme.rsa_pss_pss_sha256,
  Scheme.rsa_pss_pss_sha384,
  Scheme.rsa_pss_pss_sha512,
  Scheme.rsa_pkcs1_sha256,
  Scheme.rsa_pkcs1_sha384,
  Scheme.rsa_pkcs1_sha512,
];

/** What we sign with, most preferred first. */
export function signingSchemesOf(config: CommonConfig): readonly number[] {
  return config.signingSchemes ?? config.signatureSchemes ?? DEFAULT_SCHEMES;
}
