/** signed_certificate_timestamp (RFC 6962 §3.3.1): asked for with an empty body, answered with a list of SCTs. */
import { empty, opaque, vector } from '../../codec/index.js';
import { extension } from './context.js';

const sctList = vector(opaque(1, 0xffff), 1, 0xffff);

export const signedCertificateTimestamp = extension(18, 'signed_certificate_timestamp', 'RFC 6962 §3.3.1', {
  CH: empty,
  SH: sctList,
  CR: empty,
  CT: sctList,
});
