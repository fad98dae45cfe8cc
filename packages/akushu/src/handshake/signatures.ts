/** Which signature schemes of TLS fit a key and a version (RFC 9846 §4.3.3), and what CertificateVerify signs (§4.5.3). */
import { fromLatin1, Writer } from '../bytes/index.js';
import type { PublicKey, SignatureAlgorithm } from '../crypto/provider.js';
import { schemeAlgorithm } from '../crypto/schemes.js';
import { type SignatureSchemeInfo, schemeByCode } from '../registry/index.js';
import type { Side } from '../trace/index.js';

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
    .filter((scheme) => scheme?.tls13 === true && schemeAlgorithm(scheme.iana)) as SignatureSchemeInfo[];
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

/** Whether a key may be used with the scheme in TLS 1.2, where an ECDSA scheme fixes the hash alone (RFC 9846 §4.3.3, RFC 8422 §5.10). */
export function keyFits12(key: PublicKey, scheme: SignatureSchemeInfo): boolean {
  if (scheme.kind === 'ecdsa') return key.kind === 'ec';
  return scheme.kind !== 'ml-dsa' && keyFits(key, scheme);
}

/** A way to sign before TLS 1.3. */
export interface Signing12 {
  /** IANA's name of the scheme; `rsa_pkcs1_md5_sha1` is nobody's but ours. */
  readonly name: string;
  readonly algorithm: SignatureAlgorithm;
  /** Sent in front of the signature in TLS 1.2; null before. */
  readonly code: number | null;
}

/** TLS 1.2: a scheme by its code point; undefined where nobody can sign with it. */
export function signing12(code: number): (Signing12 & { readonly info: SignatureSchemeInfo }) | undefined {
  const info = schemeByCode(code);
  const algorithm = info && schemeAlgorithm(info.iana);
  return info && algorithm ? { name: info.iana, algorithm, code, info } : undefined;
}

/** TLS 1.0 and 1.1: the key says all (RFC 4346 §7.4.3); undefined for keys that these versions do not know. */
export function signing10(key: PublicKey): Signing12 | undefined {
  const name = key.kind === 'rsa' ? 'rsa_pkcs1_md5_sha1' : key.kind === 'ec' ? 'ecdsa_sha1' : undefined;
  const algorithm = name && schemeAlgorithm(name);
  return algorithm ? { name, algorithm, code: null } : undefined;
}
