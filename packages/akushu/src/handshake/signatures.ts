/** Signature schemes of TLS (RFC 9846 §4.3.3) as the provider's algorithms, and what CertificateVerify signs (§4.5.3). */
import { fromLatin1, Writer } from '../bytes/index.js';
import type { PublicKey, SignatureAlgorithm } from '../crypto/provider.js';
import { type SignatureSchemeInfo, schemeByCode } from '../registry/index.js';
import type { Side } from '../trace/index.js';

const HASH_LENGTH: Readonly<Record<string, number>> = {
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
};

/** The algorithm behind a scheme; undefined where no provider has it. */
export function algorithmOf(scheme: SignatureSchemeInfo): SignatureAlgorithm | undefined {
  switch (scheme.kind) {
    case 'rsa-pkcs1':
      return scheme.hash ? { kind: 'rsa-pkcs1', hash: scheme.hash } : undefined;
    case 'rsa-pss-rsae':
    case 'rsa-pss-pss':
      return scheme.hash
        ? { kind: 'rsa-pss', hash: scheme.hash, saltLength: HASH_LENGTH[scheme.hash]! }
        : undefined;
    case 'ecdsa':
      return scheme.hash ? { kind: 'ecdsa', hash: scheme.hash } : undefined;
    case 'eddsa':
      return scheme.iana === 'ed25519' ? { kind: 'ed25519' } : { kind: 'ed448' };
    case 'ml-dsa':
      return { kind: `ml-dsa-${scheme.iana.slice(-2)}` as 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87' };
    default:
      return undefined;
  }
}

/** Whether a key of this kind may be used with the scheme in TLS 1.3: OID and curve are fixed by it (§4.3.3). */
export function keyFits(key: PublicKey, scheme: SignatureSchemeInfo): boolean {
  switch (scheme.kind) {
    case 'rsa-pkcs1':
    case 'rsa-pss-rsae':
      return key.kind === 'rsa';
    case 'rsa-pss-pss':
      return key.kind === 'rsa-pss';
    case 'ecdsa':
      return key.kind === 'ec' && key.curve === scheme.curve;
    case 'eddsa':
      return key.kind === scheme.iana;
    case 'ml-dsa':
      return key.kind === `ml-dsa-${scheme.iana.slice(-2)}`;
    default:
      return false;
  }
}

/** Schemes that may sign a CertificateVerify of TLS 1.3, of those given. */
export function schemesFor13(codes: readonly number[]): SignatureSchemeInfo[] {
  return codes
    .map((code) => schemeByCode(code))
    .filter((scheme) => scheme?.tls13 === true && algorithmOf(scheme)) as SignatureSchemeInfo[];
}

/** §4.5.3: 64 spaces, the context, a zero, the transcript hash. */
export function signedContent(signer: Side, transcriptHash: Uint8Array): Uint8Array {
  const writer = new Writer(160);
  writer.append(new Uint8Array(64).fill(0x20));
  writer.append(fromLatin1(`TLS 1.3, ${signer} CertificateVerify`));
  writer.u8(0);
  writer.append(transcriptHash);
  return writer.finish();
}
