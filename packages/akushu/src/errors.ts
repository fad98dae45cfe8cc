/**
 * The one error table. Every failure has a stable code; the alert that is sent and the RFC section follow from it.
 * Code raises a code; nobody picks an alert by hand. No prose here: explanations are in `diagnose/`.
 * Sections without a number of an RFC are of RFC 9846.
 */

/** Alert names of RFC 9846 §6 and, for older versions, RFC 5246 §7.2. */
export type AlertName =
  | 'close_notify'
  | 'unexpected_message'
  | 'bad_record_mac'
  | 'decryption_failed'
  | 'record_overflow'
  | 'decompression_failure'
  | 'handshake_failure'
  | 'no_certificate'
  | 'bad_certificate'
  | 'unsupported_certificate'
  | 'certificate_revoked'
  | 'certificate_expired'
  | 'certificate_unknown'
  | 'illegal_parameter'
  | 'unknown_ca'
  | 'access_denied'
  | 'decode_error'
  | 'decrypt_error'
  | 'too_many_cids_requested'
  | 'export_restriction'
  | 'protocol_version'
  | 'insufficient_security'
  | 'internal_error'
  | 'inappropriate_fallback'
  | 'user_canceled'
  | 'no_renegotiation'
  | 'missing_extension'
  | 'unsupported_extension'
  | 'certificate_unobtainable'
  | 'unrecognized_name'
  | 'bad_certificate_status_response'
  | 'bad_certificate_hash_value'
  | 'unknown_psk_identity'
  | 'certificate_required'
  | 'general_error'
  | 'no_application_protocol'
  | 'ech_required';

export interface ErrorEntry {
  /** What is sent to the peer; null where nothing can or may be sent. */
  readonly alert: AlertName | null;
  readonly rfc: string;
}

const entry = (alert: AlertName | null, rfc: string): ErrorEntry => ({ alert, rfc });

export const ERRORS = {
  // Records (§5)
  record_too_long: entry('record_overflow', '§5.1'),
  plaintext_too_long: entry('record_overflow', '§5.4'),
  unknown_record_type: entry('unexpected_message', '§5'),
  wrong_record_version: entry('protocol_version', '§5.1'),
  not_tls: entry('protocol_version', '§5.1'),
  not_tls_http: entry('protocol_version', '§5.1'),
  bad_record_mac: entry('bad_record_mac', '§5.2'),
  unencrypted_record: entry('unexpected_message', '§5'),
  empty_fragment: entry('unexpected_message', '§5.1'),
  interleaved_record: entry('unexpected_message', '§5.1'),
  missing_content_type: entry('unexpected_message', '§5.4'),
  bad_change_cipher_spec: entry('unexpected_message', '§5'),
  unexpected_application_data: entry('unexpected_message', '§5'),
  message_across_key_change: entry('unexpected_message', '§5.1'),
  too_many_empty_records: entry('unexpected_message', '§5.1'),
  too_many_warnings: entry('unexpected_message', '§6'),
  too_many_key_updates: entry('unexpected_message', '§4.7.3'),
  too_much_pending_input: entry('internal_error', '§6.2'),
  too_many_late_requests: entry('unexpected_message', '§4.7.2'),
  too_much_early_data: entry('unexpected_message', '§4.3.10'),
  too_much_skipped_data: entry('bad_record_mac', '§4.3.10'),
  bad_alert: entry('decode_error', '§6'),
  unknown_alert_level: entry('illegal_parameter', '§6'),
  encryption_limit_reached: entry('internal_error', '§5.5'),

  // Messages and their order (§4)
  malformed_message: entry('decode_error', '§4'),
  illegal_field: entry('illegal_parameter', '§4'),
  unexpected_message: entry('unexpected_message', '§4'),
  message_too_long: entry('illegal_parameter', '§4'),
  unknown_message_type: entry('unexpected_message', '§4'),
  duplicate_extension: entry('illegal_parameter', '§4.3'),
  forbidden_extension: entry('illegal_parameter', '§4.3'),
  unsolicited_extension: entry('unsupported_extension', '§4.3'),
  missing_extension: entry('missing_extension', '§9.2'),

  // Versions and hellos (§4.1, §4.2)
  no_shared_version: entry('protocol_version', '§4.3.1'),
  unsupported_version_chosen: entry('protocol_version', '§4.3.1'),
  illegal_version_chosen: entry('illegal_parameter', '§4.3.1'),
  downgrade_detected: entry('illegal_parameter', '§4.2.3'),
  inappropriate_fallback: entry('inappropriate_fallback', 'RFC 7507 §3'),
  no_shared_cipher_suite: entry('handshake_failure', '§4.2.1'),
  unoffered_cipher_suite: entry('illegal_parameter', '§4.2.3'),
  cipher_suite_changed: entry('illegal_parameter', '§4.2.4'),
  compression_offered: entry('illegal_parameter', '§4.2.2'),
  compression_chosen: entry('illegal_parameter', '§4.2.3'),
  session_id_not_echoed: entry('illegal_parameter', '§4.2.3'),
  no_shared_group: entry('handshake_failure', '§4.2.1'),
  unoffered_group: entry('illegal_parameter', '§4.3.8'),
  bad_key_share: entry('illegal_parameter', '§4.3.8'),
  key_share_not_in_groups: entry('illegal_parameter', '§4.3.8'),
  duplicate_key_share: entry('illegal_parameter', '§4.3.8'),
  second_hello_retry_request: entry('unexpected_message', '§4.2.4'),
  pointless_hello_retry_request: entry('illegal_parameter', '§4.2.4'),
  hello_changed_after_retry: entry('illegal_parameter', '§4.2.2'),
  bad_cookie: entry('illegal_parameter', '§4.3.2'),
  no_shared_signature_scheme: entry('handshake_failure', '§4.3.3'),
  no_shared_alpn: entry('no_application_protocol', 'RFC 7301 §3.2'),
  unoffered_alpn: entry('illegal_parameter', 'RFC 7301 §3.1'),
  unrecognized_server_name: entry('unrecognized_name', 'RFC 6066 §3'),
  bad_server_name: entry('illegal_parameter', 'RFC 6066 §3'),
  bad_record_size_limit: entry('illegal_parameter', 'RFC 8449 §4'),
  bad_max_fragment_length: entry('illegal_parameter', 'RFC 6066 §4'),
  no_shared_certificate_type: entry('unsupported_certificate', 'RFC 7250 §4.2'),
  unoffered_certificate_type: entry('illegal_parameter', 'RFC 7250 §4.2'),

  // Pre-shared keys and early data (§4.2.9–4.2.11)
  psk_not_last: entry('illegal_parameter', '§4.3.11'),
  psk_modes_missing: entry('missing_extension', '§4.3.9'),
  psk_binder_count: entry('illegal_parameter', '§4.3.11'),
  bad_psk_binder: entry('decrypt_error', '§4.3.11.2'),
  psk_index_out_of_range: entry('illegal_parameter', '§4.3.11'),
  psk_hash_mismatch: entry('illegal_parameter', '§4.3.11'),
  psk_mode_not_offered: entry('illegal_parameter', '§4.3.9'),
  early_data_not_offered: entry('unsupported_extension', '§4.3.10'),
  early_data_mismatch: entry('illegal_parameter', '§4.3.10'),
  unknown_psk_identity: entry('unknown_psk_identity', '§4.3.11'),

  // Authentication (§4.3.2, §4.4)
  no_peer_certificate: entry('certificate_required', '§4.5.2.4'),
  empty_server_certificate: entry('decode_error', '§4.5.2.4'),
  bad_certificate_context: entry('illegal_parameter', '§4.5.2'),
  too_many_certificates: entry('bad_certificate', '§4.5.2'),
  /** Cannot be read at all. */
  malformed_certificate: entry('decode_error', '§4.5.2'),
  bad_certificate: entry('bad_certificate', '§4.5.2.4'),
  unsupported_certificate_key: entry('unsupported_certificate', '§4.5.2.4'),
  unoffered_signature_scheme: entry('illegal_parameter', '§4.5.3'),
  signature_scheme_key_mismatch: entry('illegal_parameter', '§4.5.3'),
  bad_signature: entry('decrypt_error', '§4.5.3'),
  bad_finished: entry('decrypt_error', '§4.5.4'),
  certificate_expired: entry('certificate_expired', 'RFC 5280 §6.1.3'),
  certificate_not_yet_valid: entry('certificate_expired', 'RFC 5280 §6.1.3'),
  unknown_ca: entry('unknown_ca', 'RFC 5280 §6.1'),
  self_signed_certificate: entry('unknown_ca', 'RFC 5280 §6.1'),
  missing_intermediate: entry('unknown_ca', 'RFC 5280 §6.1'),
  hostname_mismatch: entry('bad_certificate', 'RFC 9525 §6'),
  wrong_certificate_purpose: entry('unsupported_certificate', 'RFC 5280 §4.2.1.12'),
  wrong_key_usage: entry('illegal_parameter', '§4.5.2.2'),
  weak_certificate: entry('bad_certificate', '§4.5.2.4'),
  certificate_signature_invalid: entry('bad_certificate', 'RFC 5280 §6.1.3'),
  certificate_constraint_violated: entry('bad_certificate', 'RFC 5280 §6.1.4'),
  certificate_revoked: entry('certificate_revoked', 'RFC 5280 §6.3'),
  certificate_refused: entry('certificate_unknown', '§4.5.2.4'),
  certificate_decompression_failed: entry('bad_certificate', 'RFC 8879 §4'),
  unoffered_certificate_compression: entry('illegal_parameter', 'RFC 8879 §4'),
  bad_ocsp_response: entry('bad_certificate_status_response', 'RFC 6066 §8'),
  own_signature_invalid: entry('internal_error', '§4.5.3'),
  no_credential: entry('handshake_failure', '§4.5.2.2'),
  /** The suite's authentication wants another kind of key. */
  certificate_suite_mismatch: entry('illegal_parameter', 'RFC 5246 §7.4.2'),
  no_certificate_for_suite: entry('handshake_failure', 'RFC 5246 §7.4.3'),

  // After the handshake (§4.6)
  bad_key_update: entry('illegal_parameter', '§4.7.3'),
  unexpected_post_handshake_message: entry('unexpected_message', '§4.7'),
  bad_ticket: entry('illegal_parameter', '§4.7.1'),
  renegotiation_refused: entry('no_renegotiation', 'RFC 5746 §4'),
  server_changed_in_renegotiation: entry('illegal_parameter', 'RFC 5246 §F.1.1'),

  // Before TLS 1.3
  ssl2_client_hello: entry('protocol_version', 'RFC 6176 §3'),
  old_version_after_early_data: entry('protocol_version', '§4.3.10'),
  renegotiation_info_mismatch: entry('handshake_failure', 'RFC 5746 §3.4'),
  no_secure_renegotiation: entry('handshake_failure', 'RFC 5746 §4.1'),
  extended_master_secret_missing: entry('handshake_failure', 'RFC 7627 §5.3'),
  extended_master_secret_changed: entry('illegal_parameter', 'RFC 7627 §5.3'),
  bad_point_formats: entry('illegal_parameter', 'RFC 8422 §5.1.2'),
  bad_key_exchange: entry('illegal_parameter', 'RFC 5246 §7.4.3'),
  unsupported_curve_type: entry('illegal_parameter', 'RFC 8422 §5.4'),
  weak_dh_group: entry('insufficient_security', 'RFC 7919 §4'),
  unsafe_dh_group: entry('illegal_parameter', 'RFC 7919 §3'),
  no_psk: entry('handshake_failure', 'RFC 4279 §2'),
  session_not_resumable: entry('illegal_parameter', 'RFC 5246 §7.4.1.3'),

  // Before TLS: the dialogue in the clear that leads to it. Nothing can be sent as an alert.
  starttls_not_offered: entry(null, 'RFC 7457 §2.1'),
  starttls_refused: entry(null, 'RFC 3207 §4'),
  starttls_malformed: entry(null, 'RFC 3207 §4'),
  starttls_injection: entry(null, 'RFC 7457 §2.2'),
  starttls_already_tls: entry(null, 'RFC 8314 §3'),
  starttls_timeout: entry(null, 'RFC 3207 §4'),

  // The connection
  peer_alert: entry(null, '§6.2'),
  truncated_close: entry(null, '§6.1'),
  closed_during_handshake: entry(null, '§6.1'),
  write_after_close: entry(null, '§6.1'),
  handshake_timeout: entry('user_canceled', '§6'),
  canceled: entry('user_canceled', '§6.1'),
  callback_failed: entry('internal_error', '§6.2'),
  internal_error: entry('internal_error', '§6.2'),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** Alerts that came with TLS 1.3, and what older versions say in their place (RFC 5246 §7.2.2). */
export const OLDER_ALERTS: Readonly<Partial<Record<AlertName, AlertName>>> = {
  certificate_required: 'handshake_failure',
  missing_extension: 'handshake_failure',
};

export interface TlsErrorOptions {
  /** Facts for whoever diagnoses it: offered and supported values, sizes, an offset. Never a secret. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** The alert that the peer sent, where the code is `peer_alert`. */
  readonly peerAlert?: AlertName | `alert_${number}`;
  readonly cause?: unknown;
}

/** A failure of a TLS connection. `code` is its identity; `message` is for logs only. */
export class TlsError extends Error {
  override readonly name = 'TlsError';
  readonly code: ErrorCode;
  /** The alert that went, or goes, over the wire because of this: ours, or for `peer_alert` the peer's. */
  alert: AlertName | `alert_${number}` | null;
  readonly rfc: string;
  readonly facts: Readonly<Record<string, unknown>>;
  /** Which side sent the alert; null where none was sent. The connection that raised the error sets it. */
  sentBy: 'client' | 'server' | null = null;

  constructor(code: ErrorCode, options: TlsErrorOptions = {}) {
    const row = ERRORS[code];
    super(
      options.peerAlert ? `${code}: ${options.peerAlert}` : code,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.alert = options.peerAlert ?? row.alert;
    this.rfc = row.rfc.startsWith('RFC') ? row.rfc : `RFC 9846 ${row.rfc}`;
    this.facts = options.facts ?? {};
  }
}

export function tlsError(code: ErrorCode, facts?: Readonly<Record<string, unknown>>): TlsError {
  return new TlsError(code, facts ? { facts } : {});
}
