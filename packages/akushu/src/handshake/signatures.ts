/** Which signature schemes of TLS fit a key and a version (RFC 9846 §4.3.3), and what CertificateVerify signs (§4.5.3). */
import { fromLatin1, Writer } from '../bytes/index.js';
import type { PublicKey } from '../crypto/provider.js';
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
