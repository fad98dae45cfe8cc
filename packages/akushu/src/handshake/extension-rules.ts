/**
 * Which extension may stand where in TLS 1.3 (RFC 9846 §4.3, the table), as a receiver checks it. The codecs are in
 * `messages/`; here are only the rules that depend on what was offered.
 */
import { tlsError } from '../errors.js';
import { extensionName, ExtensionType as X } from '../registry/index.js';

export const ALLOWED = {
  SH: new Set<number>([X.pre_shared_key, X.supported_versions, X.key_share]),
  HRR: new Set<number>([X.supported_versions, X.cookie, X.key_share]),
  EE: new Set<number>([
    X.server_name,
    X.max_fragment_length,
    X.supported_groups,
    X.use_srtp,
    X.heartbeat,
    X.application_layer_protocol_negotiation,
    X.client_certificate_type,
    X.server_certificate_type,
    X.record_size_limit,
    X.early_data,
  ]),
  CT: new Set<number>([X.status_request, X.signed_certificate_timestamp]),
  CR: new Set<number>([
    X.status_request,
    X.signature_algorithms,
    X.signed_certificate_timestamp,
    X.compress_certificate,
    X.certificate_authorities,
    X.oid_filters,
    X.signature_algorithms_cert,
  ]),
  NST: new Set<number>([X.early_data]),
} as const;

/** Those that RFC 9846 §4.3 or its companions define, so that one in the wrong message is a mistake and not news. */
const RECOGNISED = new Set<number>([
  ...ALLOWED.SH,
  ...ALLOWED.HRR,
  ...ALLOWED.EE,
  ...ALLOWED.CT,
  ...ALLOWED.CR,
  X.padding,
  X.psk_key_exchange_modes,
  X.post_handshake_auth,
]);

/**
 * Checks a response's extensions (§4.3): each must have been offered (`unsolicited_extension`) and must belong in this
 * message (`forbidden_extension`). A cookie needs no offer in a HelloRetryRequest.
 */
export function checkResponse(
  message: keyof typeof ALLOWED,
  present: readonly number[],
  offered: readonly number[],
): void {
  for (const code of present) {
    if (message === 'HRR' && code === X.cookie) continue;
    if (!offered.includes(code))
      throw tlsError('unsolicited_extension', { message, extension: extensionName(code) });
    if (!ALLOWED[message].has(code))
      throw tlsError('forbidden_extension', { message, extension: extensionName(code) });
  }
}

/** Checks a request's extensions: unknown ones are ignored, known ones out of place are not (§4.3). */
export function checkRequest(message: 'CH' | 'CR' | 'NST', present: readonly number[]): void {
  for (const code of present) {
    const allowed = message === 'CR' ? ALLOWED.CR : ALLOWED.NST;
    const misplaced = message === 'CH' ? code === X.oid_filters : RECOGNISED.has(code) && !allowed.has(code);
    if (misplaced) throw tlsError('forbidden_extension', { message, extension: extensionName(code) });
  }
}
