/** client_certificate_type and server_certificate_type (RFC 7250): X.509 chains or raw public keys. */
import { enumerated, vector } from '../../codec/index.js';
import { extension } from './context.js';

export const X509 = 0;
export const RAW_PUBLIC_KEY = 2;

const NAMES: Record<number, string> = { 0: 'X509', 1: 'OpenPGP', 2: 'RawPublicKey', 3: '1609Dot2' };
const type = enumerated('CertificateType', 1, (code) => NAMES[code]);
const types = vector(type, 1, 0xff);

export const clientCertificateType = extension(19, 'client_certificate_type', 'RFC 7250 §3', {
  CH: types,
  SH: type,
  EE: type,
});
export const serverCertificateType = extension(20, 'server_certificate_type', 'RFC 7250 §3', {
  CH: types,
  SH: type,
  EE: type,
});
