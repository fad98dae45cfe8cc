/**
 * Signing what is issued (RFC 5280 §4.1.1.3) with the same asynchronous keys as the handshake: in memory, in WebCrypto, on
 * another machine. What comes back is verified before anybody gets it.
 */
import {
  CryptoError,
  type PrivateKey,
  type Provider,
  type SignatureAlgorithm,
} from '../../crypto/provider.js';
import { type AlgorithmIdentifier, identifierOf } from '../algorithms.js';
import { algorithmIdentifier, signedCertificate } from '../asn1.js';
import { type Certificate, parseCertificate } from '../certificate.js';
import { encodeDer } from '../der/index.js';

/** Who signs: a certificate and its key. */
export interface Issuer {
  readonly certificate: Uint8Array | Certificate;
  readonly key: PrivateKey;
}

export interface SigningOptions {
  readonly provider: Provider;
  /** IANA name of the scheme to sign with; left out: PKCS#1 v1.5 with SHA-256 for RSA, else the key's own. */
  readonly scheme?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const pss = (hash: 'sha256' | 'sha384' | 'sha512', saltLength: number): SignatureAlgorithm => ({
  kind: 'rsa-pss',
  hash,
  saltLength,
});

/** IANA signature schemes as certificates can carry them, those that everyone can verify first. */
const SCHEMES: ReadonlyMap<string, SignatureAlgorithm> = new Map<string, SignatureAlgorithm>([
  ['rsa_pkcs1_sha256', { kind: 'rsa-pkcs1', hash: 'sha256' }],
  ['rsa_pkcs1_sha384', { kind: 'rsa-pkcs1', hash: 'sha384' }],
  ['rsa_pkcs1_sha512', { kind: 'rsa-pkcs1', hash: 'sha512' }],
  ['rsa_pkcs1_sha1', { kind: 'rsa-pkcs1', hash: 'sha1' }],
  ['rsa_pss_rsae_sha256', pss('sha256', 32)],
  ['rsa_pss_rsae_sha384', pss('sha384', 48)],
  ['rsa_pss_rsae_sha512', pss('sha512', 64)],
  ['rsa_pss_pss_sha256', pss('sha256', 32)],
  ['rsa_pss_pss_sha384', pss('sha384', 48)],
  ['rsa_pss_pss_sha512', pss('sha512', 64)],
  ['ecdsa_secp256r1_sha256', { kind: 'ecdsa', hash: 'sha256' }],
  ['ecdsa_secp384r1_sha384', { kind: 'ecdsa', hash: 'sha384' }],
  ['ecdsa_secp521r1_sha512', { kind: 'ecdsa', hash: 'sha512' }],
  ['ecdsa_sha1', { kind: 'ecdsa', hash: 'sha1' }],
  ['ed25519', { kind: 'ed25519' }],
  ['ed448', { kind: 'ed448' }],
  ['mldsa44', { kind: 'ml-dsa-44' }],
  ['mldsa65', { kind: 'ml-dsa-65' }],
  ['mldsa87', { kind: 'ml-dsa-87' }],
]);

/** ECDSA in the key's order, whose hash goes with its curve; otherwise in ours, since PKCS#1 v1.5 is what everybody verifies. */
function preferredScheme(schemes: readonly string[]): string | undefined {
  const ecdsa = schemes.find((name) => name.startsWith('ecdsa') && SCHEMES.has(name));
  return ecdsa ?? [...SCHEMES.keys()].find((name) => schemes.includes(name));
}

/** How a key will sign. It has to be known beforehand: the identifier is inside of what is signed. */
export interface Signing {
  readonly identifier: AlgorithmIdentifier;
  /** DER of `identifier`. */
  readonly identifierDer: Uint8Array;
  sign(tbs: Uint8Array): Promise<Uint8Array>;
}

/** Throws RangeError for a scheme that the key does not have or certificates cannot carry. */
export function signingWith(key: PrivateKey, options: SigningOptions): Signing {
  const scheme = options.scheme ?? preferredScheme(key.schemes);
  const algorithm = scheme === undefined ? undefined : SCHEMES.get(scheme);
  if (scheme === undefined || !algorithm || !key.schemes.includes(scheme)) {
    throw new RangeError(`"scheme" expected one of the key's that certificates can carry, got ${scheme}`);
  }
  const identifier = identifierOf(algorithm);
  return {
    identifier,
    identifierDer: encodeDer(algorithmIdentifier, identifier),
    async sign(tbs) {
      const { signal } = options;
      signal?.throwIfAborted();
      const signature = await key.sign(scheme, tbs, signal ? { signal } : undefined);
      if (!options.provider.importPublicKey(key.spki).verify(algorithm, tbs, signature)) {
        throw new CryptoError('bad_key', 'the signature does not verify with the public half of the key');
      }
      return signature;
    },
  };
}

/** `SEQUENCE { tbs, signatureAlgorithm, signature }`, which certificates, CRLs and requests are. */
export async function signStructure(signing: Signing, tbs: Uint8Array): Promise<Uint8Array> {
  return encodeDer(signedCertificate, {
    tbsCertificate: tbs,
    signatureAlgorithm: signing.identifierDer,
    signatureValue: await signing.sign(tbs),
  });
}

export function asCertificate(certificate: Uint8Array | Certificate): Certificate {
  return certificate instanceof Uint8Array ? parseCertificate(certificate) : certificate;
}
