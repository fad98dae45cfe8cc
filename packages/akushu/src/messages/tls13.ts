/** The messages that only TLS 1.3 has, or has in another form than before (RFC 9846 §4.4–4.7, RFC 8879). */
import { enumerated, type Infer, opaque, remainder, struct, uint24, uint32, vector } from '../codec/index.js';
import { compressionAlgorithm } from './extensions/compress-certificate.js';
import { extensions } from './extensions/index.js';
import { signatureScheme } from './extensions/signature-algorithms.js';

export const encryptedExtensions = struct('EncryptedExtensions', 'RFC 9846 §4.4.1', {
  extensions: extensions('EE'),
});

export const certificateRequest = struct('CertificateRequest', 'RFC 9846 §4.4.2', {
  certificateRequestContext: opaque(0, 255),
  extensions: extensions('CR'),
});

const certificateEntry = struct('CertificateEntry', 'RFC 9846 §4.5.2', {
  /** DER of a certificate, or a SubjectPublicKeyInfo where raw public keys were negotiated. */
  certData: opaque(1, 0xffffff),
  extensions: extensions('CT'),
});

export const certificate = struct('Certificate', 'RFC 9846 §4.5.2', {
  certificateRequestContext: opaque(0, 255),
  certificateList: vector(certificateEntry, 0, 0xffffff),
});
export type Certificate = Infer<typeof certificate>;

export const compressedCertificate = struct('CompressedCertificate', 'RFC 8879 §4', {
  algorithm: compressionAlgorithm,
  uncompressedLength: uint24,
  compressedCertificateMessage: opaque(1, 0xffffff),
});

export const certificateVerify = struct('CertificateVerify', 'RFC 9846 §4.5.3', {
  algorithm: signatureScheme,
  signature: opaque(0, 0xffff),
});

export const finished = struct('Finished', 'RFC 9846 §4.5.4', { verifyData: remainder });

export const endOfEarlyData = struct('EndOfEarlyData', 'RFC 9846 §4.6', {});

export const newSessionTicket = struct('NewSessionTicket', 'RFC 9846 §4.7.1', {
  ticketLifetime: uint32,
  ticketAgeAdd: uint32,
  ticketNonce: opaque(0, 255),
  ticket: opaque(1, 0xffff),
  extensions: extensions('NST'),
});

const REQUESTS = ['update_not_requested', 'update_requested'];

export const keyUpdate = struct('KeyUpdate', 'RFC 9846 §4.7.3', {
  requestUpdate: enumerated('KeyUpdateRequest', 1, (code) => REQUESTS[code]),
});
