/** Why connections fail: the closed list of causes, and where the standards speak of each. No prose; see `en/` and `ja/`. */

/** Each with the place in the standards that its explanation leans on. */
const RFC_OF = {
  protocol_version_mismatch: 'RFC 9846 §4.3.1',
  no_shared_cipher_suite: 'RFC 9846 §4.2.1',
  no_certificate_for_suite: 'RFC 5246 §7.4.3',
  no_shared_group: 'RFC 9846 §4.2.1',
  no_shared_signature_scheme: 'RFC 9846 §4.3.3',
  no_shared_alpn: 'RFC 7301 §3.2',
  unrecognized_server_name: 'RFC 6066 §3',
  certificate_expired: 'RFC 5280 §4.1.2.5',
  certificate_not_yet_valid: 'RFC 5280 §4.1.2.5',
  client_clock_wrong: 'RFC 5280 §6.1.3',
  unknown_ca: 'RFC 5280 §6.1',
  self_signed: 'RFC 5280 §6.1',
  missing_intermediate: 'RFC 9846 §4.5.2',
  wrong_chain_order: 'RFC 5246 §7.4.2',
  hostname_mismatch: 'RFC 9525 §6',
  certificate_revoked: 'RFC 5280 §6.3',
  weak_key_or_signature: 'RFC 9846 §4.5.2.4',
  wrong_key_usage: 'RFC 5280 §4.2.1.3',
  ocsp_problem: 'RFC 6066 §8',
  client_certificate_required: 'RFC 9846 §4.5.2.4',
  client_certificate_rejected: 'RFC 9846 §4.5.2.4',
  server_has_no_private_key: 'RFC 9846 §4.5.3',
  wrong_psk: 'RFC 9846 §4.3.11',
  decrypt_failure: 'RFC 9846 §5.2',
  record_overflow: 'RFC 9846 §5.1',
  not_tls_server: 'RFC 9846 §5.1',
  http_to_tls_port: 'RFC 9110 §4.2.2',
  starttls_expected: 'RFC 3207 §4',
  dns_failure: 'RFC 1035 §4.1.1',
  connection_refused: 'RFC 9293 §3.5.2',
  connect_timeout: 'RFC 9293 §3.8.3',
  reset_after_client_hello: 'RFC 9293 §3.5.2',
  closed_after_client_hello: 'RFC 9846 §6.1',
  silence_after_client_hello: 'RFC 9846 §2',
  middlebox_intolerance: 'RFC 9846 §9.3',
  tls_inspection: 'RFC 9846 §9.3',
  truncated_close: 'RFC 9846 §6.1',
  renegotiation_refused: 'RFC 5746 §4',
  inappropriate_fallback: 'RFC 7507 §3',
  legacy_renegotiation: 'RFC 5746 §4.1',
  rate_or_resource_limit: 'RFC 9293 §3.5.2',
  peer_misbehaved: 'RFC 9846 §6.2',
  internal_error: 'RFC 9846 §6.2',
  none: 'RFC 9846 §2',
} as const;

export type Cause = keyof typeof RFC_OF;

export const CAUSES = Object.keys(RFC_OF) as readonly Cause[];

/** Where the standards speak of it, such as `RFC 9846 §4.3.1`. */
export const rfcOf = (cause: Cause): string => RFC_OF[cause];
