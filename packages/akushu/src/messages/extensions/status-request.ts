/** status_request (RFC 6066 §8, RFC 9846 §4.5.2.1): the client asks for an OCSP response, the server staples it. */
import { empty, enumerated, opaque, remainder, select, struct, vector } from '../../codec/index.js';
import { extension } from './context.js';

const statusType = enumerated('CertificateStatusType', 1, (code) => (code === 1 ? 'ocsp' : undefined));

const ocspRequest = struct('OCSPStatusRequest', 'RFC 6066 §8', {
  responderIds: vector(opaque(1, 0xffff), 0, 0xffff),
  requestExtensions: opaque(0, 0xffff),
});

/** Types other than OCSP are carried unread: no server answers them. */
const request = select<string, unknown>('CertificateStatusRequest', statusType, (code) =>
  code === 1 ? { kind: 'ocsp', codec: ocspRequest } : { kind: 'unknown', codec: remainder },
);

/** RFC 6066 §8 `CertificateStatus`: an extension in TLS 1.3, a message of its own before. */
export const certificateStatus = struct('CertificateStatus', 'RFC 6066 §8', {
  statusType,
  response: opaque(1, 0xffffff),
});

export const statusRequest = extension(5, 'status_request', 'RFC 6066 §8', {
  CH: request,
  SH: empty,
  // RFC 9846 §4.5.2.1: a server asks with an empty body.
  CR: empty,
  CT: certificateStatus,
});

/** What a client sends: OCSP, any responder, no extensions. */
export const OCSP_REQUEST = {
  tag: 1,
  kind: 'ocsp',
  value: { responderIds: [], requestExtensions: new Uint8Array(0) },
} as const;
