/** signature_algorithms and signature_algorithms_cert (RFC 9846 §4.3.3): for CertificateVerify, and for certificates. */
import { enumerated, vector } from '../../codec/index.js';
import { signatureSchemeName } from '../../registry/index.js';
import { extension } from './context.js';

export const signatureScheme = enumerated('SignatureScheme', 2, signatureSchemeName);

const signatureSchemeList = vector(signatureScheme, 2, 0xfffe);

export const signatureAlgorithms = extension(13, 'signature_algorithms', 'RFC 9846 §4.3.3', {
  CH: signatureSchemeList,
  CR: signatureSchemeList,
});

export const signatureAlgorithmsCert = extension(50, 'signature_algorithms_cert', 'RFC 9846 §4.3.3', {
  CH: signatureSchemeList,
  CR: signatureSchemeList,
});
