/** The registries with few rows: content, handshake and certificate types, modes, formats, methods. */
import {
  CertificateCompression,
  CertificateStatusType,
  CertificateType,
  ClientCertificateType,
  CompressionMethod,
  ContentType,
  EcCurveType,
  EcPointFormat,
  HandshakeType,
  HashAlgorithm,
  PskKeyExchangeMode,
  SignatureAlgorithm,
} from './constants.js';
import type { CodePoint, HandshakeTypeInfo } from './types.js';

/** Rows in the order of the constants; `own` names the RFCs that differ from the registry's main one. */
function table<T extends Readonly<Record<string, number>>>(
  codes: T,
  rfc: string,
  own?: Readonly<Partial<Record<keyof T, string>>>,
): readonly CodePoint[] {
  return Object.entries(codes).map(([name, code]) => ({ code, name, rfc: own?.[name as keyof T] ?? rfc }));
}

export const contentTypes: readonly CodePoint[] = table(ContentType, 'RFC 9846 §5.1', {
  heartbeat: 'RFC 6520',
  tls12_cid: 'RFC 9146',
  ack: 'RFC 9147 §7',
  return_routability_check: 'RFC 9853',
});

/** What `_` and capitals alone do not give. */
const messageNames: Readonly<Partial<Record<keyof typeof HandshakeType, string>>> = {
  certificate_url: 'CertificateURL',
  next_protocol: 'NextProtocol',
  ekt_key: 'EKTKey',
  request_connection_id: 'RequestConnectionId',
  new_connection_id: 'NewConnectionId',
};

const handshakeRfcs: Readonly<Partial<Record<keyof typeof HandshakeType, string>>> = {
  hello_request: 'RFC 5246 §7.4.1.1',
  hello_verify_request: 'RFC 6347 §4.2.1',
  new_session_ticket: 'RFC 9846 §4.7.1',
  server_key_exchange: 'RFC 5246 §7.4.3',
  server_hello_done: 'RFC 5246 §7.4.5',
  client_key_exchange: 'RFC 5246 §7.4.7',
  client_certificate_request: 'RFC 9261 §4',
  request_connection_id: 'RFC 9147 §9',
  new_connection_id: 'RFC 9147 §9',
  certificate_url: 'RFC 6066 §5',
  certificate_status: 'RFC 6066 §8',
  supplemental_data: 'RFC 4680',
  compressed_certificate: 'RFC 8879 §4',
  ekt_key: 'RFC 8870',
  next_protocol: 'draft-agl-tls-nextprotoneg',
};

export const handshakeTypes: readonly HandshakeTypeInfo[] = (
  Object.keys(HandshakeType) as (keyof typeof HandshakeType)[]
).map((name) => ({
  code: HandshakeType[name],
  name,
  message: messageNames[name] ?? camel(name),
  rfc: handshakeRfcs[name] ?? 'RFC 9846 §4',
}));

function camel(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

export const pskKeyExchangeModes: readonly CodePoint[] = table(PskKeyExchangeMode, 'RFC 9846 §4.3.9');

export const ecPointFormats: readonly CodePoint[] = table(EcPointFormat, 'RFC 8422 §5.1.2');

export const ecCurveTypes: readonly CodePoint[] = table(EcCurveType, 'RFC 8422 §5.4');

export const certificateTypes: readonly CodePoint[] = table(CertificateType, 'RFC 9846 §4.5.2', {
  OpenPGP: 'RFC 6091',
  RawPublicKey: 'RFC 7250',
  '1609Dot2': 'RFC 8902',
});

export const certificateStatusTypes: readonly CodePoint[] = table(CertificateStatusType, 'RFC 6066 §8', {
  ocsp_multi: 'RFC 6961',
});

export const certificateCompressionAlgorithms: readonly CodePoint[] = table(
  CertificateCompression,
  'RFC 8879 §3',
);

export const clientCertificateTypes: readonly CodePoint[] = table(ClientCertificateType, 'RFC 5246 §7.4.4', {
  ecdsa_sign: 'RFC 8422 §5.5',
  rsa_fixed_ecdh: 'RFC 8422 §5.5',
  ecdsa_fixed_ecdh: 'RFC 8422 §5.5',
  gost_sign256: 'RFC 9189',
  gost_sign512: 'RFC 9189',
});

export const compressionMethods: readonly CodePoint[] = table(CompressionMethod, 'RFC 3749', {
  lzs: 'RFC 3943',
});

export const hashAlgorithms: readonly CodePoint[] = table(HashAlgorithm, 'RFC 5246 §7.4.1.4.1', {
  intrinsic: 'RFC 8422 §5.10',
});

export const signatureAlgorithms: readonly CodePoint[] = table(SignatureAlgorithm, 'RFC 5246 §7.4.1.4.1', {
  ed25519: 'RFC 8422 §5.10',
  ed448: 'RFC 8422 §5.10',
  gostr34102012_256: 'RFC 9189',
  gostr34102012_512: 'RFC 9189',
});
