/**
 * Verdicts on what our own engine, or the network below it, failed with. The error's code says more than any capture;
 * where the peer ended it with an alert, the messages before it decide, as they do for a connection of others.
 */
import { fromLatin1 } from '../bytes/index.js';
import type { Provider } from '../crypto/provider.js';
import { type ErrorCode, TlsError } from '../errors.js';
import { identify, type Speech } from '../observe/stream/detect.js';
import { cipherSuiteName, groupName, signatureSchemeName, versionName } from '../registry/index.js';
import type { Side, TraceEvent } from '../trace/index.js';
import { parseIp } from '../x509/index.js';
import type { Cause } from './cause.js';
import type { Explainable } from './explain.js';
import { factsOfTrace, type HandshakeFacts, offerOf, offersOf } from './facts.js';
import { judgeAlert } from './judge/alerts.js';
import { inHello, offeredVersions, versionsInHello } from './judge/offer.js';
import { judgePlainAnswer } from './judge/plain-answer.js';
import { networkCodeOf, systemCode } from './network-error.js';
import type { FactName, NetworkCode } from './texts.js';
import { type Evidence, type Finding, ranked, type Verdict, type VerdictSide } from './verdict.js';
import type { MissingId } from './verdict-texts.js';

export interface ErrorCircumstances {
  /** The side that we were on. */
  readonly role: Side;
  /** As far as there was a trace. */
  readonly events?: readonly TraceEvent[] | undefined;
  /** As the user named the server. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** Milliseconds since 1970. */
  readonly time?: number | undefined;
  readonly provider?: Provider | undefined;
}

/** With whom the fault lies, seen from the side that found it. */
type Blame = 'peer' | 'own' | VerdictSide;

type Row = readonly [cause: Cause, blame: Blame, confidence: number];

const PEER: Row = ['peer_misbehaved', 'peer', 0.88];
const NOT_TLS: Row = ['not_tls_server', 'server', 0.9];

/** Of every error the cause. Who adds an error to the table of errors says here what it means. */
const CAUSES_OF: Readonly<Record<Exclude<ErrorCode, 'peer_alert'> | NetworkCode, Row>> = {
  record_too_long: ['record_overflow', 'peer', 0.82],
  plaintext_too_long: ['record_overflow', 'peer', 0.9],
  unknown_record_type: PEER,
  wrong_record_version: NOT_TLS,
  not_tls: NOT_TLS,
  not_tls_http: ['not_tls_server', 'server', 0.97],
  bad_record_mac: ['decrypt_failure', 'unknown', 0.9],
  unencrypted_record: PEER,
  empty_fragment: PEER,
  interleaved_record: PEER,
  missing_content_type: PEER,
  bad_change_cipher_spec: PEER,
  unexpected_application_data: PEER,
  message_across_key_change: PEER,
  too_many_empty_records: PEER,
  too_many_warnings: PEER,
  too_many_key_updates: PEER,
  too_much_pending_input: ['rate_or_resource_limit', 'own', 0.9],
  too_many_late_requests: PEER,
  too_much_early_data: PEER,
  too_much_skipped_data: ['decrypt_failure', 'peer', 0.7],
  bad_alert: PEER,
  unknown_alert_level: PEER,
  encryption_limit_reached: ['rate_or_resource_limit', 'own', 0.9],
  malformed_message: PEER,
  illegal_field: PEER,
  unexpected_message: PEER,
  message_too_long: PEER,
  unknown_message_type: PEER,
  duplicate_extension: PEER,
  forbidden_extension: PEER,
  unsolicited_extension: PEER,
  missing_extension: PEER,
  no_shared_version: ['protocol_version_mismatch', 'client', 0.98],
  unsupported_version_chosen: ['protocol_version_mismatch', 'server', 0.97],
  illegal_version_chosen: PEER,
  downgrade_detected: ['middlebox_intolerance', 'path', 0.6],
  inappropriate_fallback: ['inappropriate_fallback', 'client', 0.98],
  no_shared_cipher_suite: ['no_shared_cipher_suite', 'client', 0.98],
  unoffered_cipher_suite: PEER,
  cipher_suite_changed: PEER,
  compression_offered: PEER,
  compression_chosen: PEER,
  session_id_not_echoed: PEER,
  no_shared_group: ['no_shared_group', 'client', 0.98],
  unoffered_group: PEER,
  bad_key_share: PEER,
  key_share_not_in_groups: PEER,
  duplicate_key_share: PEER,
  second_hello_retry_request: PEER,
  pointless_hello_retry_request: PEER,
  hello_changed_after_retry: PEER,
  bad_cookie: PEER,
  no_shared_signature_scheme: ['no_shared_signature_scheme', 'client', 0.98],
  no_shared_alpn: ['no_shared_alpn', 'client', 0.98],
  unoffered_alpn: PEER,
  unrecognized_server_name: ['unrecognized_server_name', 'server', 0.98],
  bad_server_name: PEER,
  bad_record_size_limit: PEER,
  bad_max_fragment_length: PEER,
  no_shared_certificate_type: ['no_shared_signature_scheme', 'unknown', 0.5],
  unoffered_certificate_type: PEER,
  psk_not_last: PEER,
  psk_modes_missing: PEER,
  psk_binder_count: PEER,
  bad_psk_binder: ['wrong_psk', 'unknown', 0.98],
  psk_index_out_of_range: PEER,
  psk_hash_mismatch: ['wrong_psk', 'peer', 0.85],
  psk_mode_not_offered: PEER,
  early_data_not_offered: PEER,
  early_data_mismatch: PEER,
  unknown_psk_identity: ['wrong_psk', 'unknown', 0.98],
  no_peer_certificate: ['client_certificate_required', 'client', 0.98],
  empty_server_certificate: PEER,
  bad_certificate_context: PEER,
  too_many_certificates: ['wrong_chain_order', 'peer', 0.6],
  malformed_certificate: PEER,
  bad_certificate: PEER,
  unsupported_certificate_key: ['weak_key_or_signature', 'peer', 0.6],
  unoffered_signature_scheme: ['no_shared_signature_scheme', 'peer', 0.75],
  signature_scheme_key_mismatch: PEER,
  bad_signature: ['server_has_no_private_key', 'server', 0.75],
  bad_finished: ['decrypt_failure', 'unknown', 0.85],
  certificate_expired: ['certificate_expired', 'peer', 0.95],
  certificate_not_yet_valid: ['certificate_not_yet_valid', 'peer', 0.72],
  unknown_ca: ['unknown_ca', 'own', 0.85],
  self_signed_certificate: ['self_signed', 'peer', 0.97],
  missing_intermediate: ['missing_intermediate', 'peer', 0.92],
  hostname_mismatch: ['hostname_mismatch', 'server', 0.97],
  wrong_certificate_purpose: ['wrong_key_usage', 'peer', 0.97],
  wrong_key_usage: ['wrong_key_usage', 'peer', 0.97],
  weak_certificate: ['weak_key_or_signature', 'peer', 0.97],
  certificate_signature_invalid: ['unknown_ca', 'peer', 0.6],
  certificate_constraint_violated: ['wrong_key_usage', 'peer', 0.75],
  certificate_revoked: ['certificate_revoked', 'peer', 0.97],
  certificate_refused: ['unknown_ca', 'own', 0.5],
  certificate_decompression_failed: PEER,
  unoffered_certificate_compression: PEER,
  bad_ocsp_response: ['ocsp_problem', 'server', 0.97],
  own_signature_invalid: ['server_has_no_private_key', 'own', 0.9],
  no_credential: ['server_has_no_private_key', 'own', 0.9],
  certificate_suite_mismatch: PEER,
  no_certificate_for_suite: ['no_certificate_for_suite', 'server', 0.98],
  bad_key_update: PEER,
  unexpected_post_handshake_message: PEER,
  bad_ticket: PEER,
  renegotiation_refused: ['renegotiation_refused', 'peer', 0.97],
  server_changed_in_renegotiation: PEER,
  ssl2_client_hello: ['protocol_version_mismatch', 'client', 0.97],
  old_version_after_early_data: PEER,
  renegotiation_info_mismatch: ['legacy_renegotiation', 'peer', 0.6],
  no_secure_renegotiation: ['legacy_renegotiation', 'peer', 0.98],
  extended_master_secret_missing: ['peer_misbehaved', 'peer', 0.7],
  extended_master_secret_changed: PEER,
  bad_point_formats: PEER,
  bad_key_exchange: PEER,
  unsupported_curve_type: ['no_shared_group', 'peer', 0.85],
  weak_dh_group: ['weak_key_or_signature', 'peer', 0.97],
  unsafe_dh_group: ['weak_key_or_signature', 'peer', 0.9],
  no_psk: ['wrong_psk', 'own', 0.9],
  session_not_resumable: PEER,
  starttls_not_offered: ['starttls_expected', 'server', 0.75],
  starttls_refused: ['starttls_expected', 'server', 0.7],
  starttls_malformed: ['not_tls_server', 'server', 0.6],
  starttls_injection: ['peer_misbehaved', 'path', 0.7],
  starttls_already_tls: ['starttls_expected', 'client', 0.5],
  starttls_timeout: ['silence_after_client_hello', 'server', 0.6],
  truncated_close: ['truncated_close', 'peer', 0.95],
  closed_during_handshake: ['closed_after_client_hello', 'peer', 0.82],
  write_after_close: ['internal_error', 'own', 0.8],
  handshake_timeout: ['silence_after_client_hello', 'peer', 0.85],
  canceled: ['none', 'own', 0.5],
  callback_failed: ['internal_error', 'own', 0.95],
  internal_error: ['internal_error', 'own', 0.95],
  dns_failure: ['dns_failure', 'unknown', 0.97],
  connection_refused: ['connection_refused', 'server', 0.97],
  connect_timeout: ['connect_timeout', 'path', 0.93],
  connection_reset: ['reset_after_client_hello', 'unknown', 0.84],
  host_unreachable: ['connect_timeout', 'path', 0.8],
  network_unreachable: ['connect_timeout', 'client', 0.7],
  address_in_use: ['connection_refused', 'own', 0.3],
  address_unavailable: ['connection_refused', 'own', 0.3],
  permission_denied: ['connection_refused', 'own', 0.3],
  network_error: ['connect_timeout', 'unknown', 0.3],
};

/**
 * Verdicts on an error of ours or of the system below (`ECONNREFUSED`), most probable first. Empty for a code that is not
 * known.
 *
 * @example const [verdict] = diagnoseError(error, { role: 'client', host: 'example.com' });
 */
export function diagnoseError(failure: Explainable | Error, around: ErrorCircumstances): Verdict[] {
  const facts = factsOfTrace(around.events ?? [], {
    time: around.time ?? 0,
    host: around.host ?? null,
    port: around.port ?? null,
  });
  const error = explainable(failure, facts, around);
  if (error.code === 'peer_alert') return ranked(alertFindings(error, facts, around));
  const speech = around.role === 'client' ? plainSpeech(error, around.port ?? 0) : null;
  if (speech) return ranked(plainAnswer(speech, error, facts));
  const row = Object.hasOwn(CAUSES_OF, error.code) ? CAUSES_OF[error.code as keyof typeof CAUSES_OF] : null;
  if (!row) return [];
  return ranked([main(error, row, facts, around), ...others(error, facts, around)]);
}

/** What the system calls by its own names, and what the deadline cut off before TLS, by the codes of this table. */
function explainable(
  failure: Explainable | Error,
  facts: HandshakeFacts,
  { role, events, host }: ErrorCircumstances,
): Explainable {
  const error: Explainable =
    failure instanceof Error && !isOurs(failure) ? { code: systemCode(failure) } : failure;
  const phase = error.code === 'handshake_timeout' ? error.facts?.phase : undefined;
  if (phase === 'lookup' && !(host !== undefined && parseIp(host))) return { code: 'dns_failure' };
  if (phase === 'lookup' || phase === 'connect') return { code: 'connect_timeout' };
  const code = networkCodeOf(failure);
  if (code !== 'connection_reset') return code ? { code } : error;
  // A reset after the peer has spoken is its way to end TLS without saying so.
  const peer = role === 'client' ? 'server' : 'client';
  const done = events?.some((event) => event.kind === 'state' && event.state === 'established');
  const spoke = [...facts.seen].some((message) => message.startsWith(peer));
  const reset = done ? 'truncated_close' : spoke ? 'closed_during_handshake' : code;
  return { code: reset, facts: { reset: true } };
}

/** What the server said in place of TLS, as far as the error has it. */
function plainSpeech({ code, facts }: Explainable, port: number): Speech | null {
  const start = facts?.start;
  if ((code !== 'not_tls' && code !== 'not_tls_http') || typeof start !== 'string' || start === '')
    return null;
  const speech = identify(fromLatin1(start), 'server', port);
  const cut = code === 'not_tls_http' && speech.protocol === 'text';
  return cut ? { protocol: 'http', firstLine: speech.firstLine } : speech;
}

const plainAnswer = (speech: Speech, error: Explainable, facts: HandshakeFacts): Finding[] =>
  judgePlainAnswer(speech).map((finding) => ({
    ...finding,
    evidence: [errorEvidence(error), ...(finding.evidence ?? [])],
    offers: offersOf(facts),
  }));

const isOurs = (error: Explainable | Error): error is Explainable => error instanceof TlsError;

function alertFindings(
  error: Explainable,
  facts: HandshakeFacts,
  { role, provider }: ErrorCircumstances,
): Finding[] {
  const from = error.sentBy ?? (role === 'client' ? 'server' : 'client');
  const description = error.alert ?? facts.alerts.findLast((alert) => alert.from === from)?.description;
  if (!description) return [];
  // What our own side presented is known to be there, even where its bytes are not at hand.
  return judgeAlert({ from, description, fatal: true }, facts, provider ?? null);
}

const sideOf = (blame: Blame, role: Side): VerdictSide => {
  if (blame === 'own') return role;
  return blame === 'peer' ? (role === 'client' ? 'server' : 'client') : blame;
};

/** What the explanation of each cause repeats of the error's facts. */
const SHOWN: readonly FactName[] = [
  'subject',
  'issuer',
  'caIssuers',
  'notBefore',
  'notAfter',
  'host',
  'presented',
  'serverName',
  'offered',
  'supported',
  'chosen',
  'bits',
  'minimum',
  'hash',
  'start',
];

function main(error: Explainable, row: Row, facts: HandshakeFacts, { role }: ErrorCircumstances): Finding {
  const [cause, blame, confidence] = refined(error, row, facts, role);
  const given = error.facts ?? {};
  const shown = SHOWN.flatMap((name) =>
    given[name] === undefined ? [] : [[name, named(name, given[name], error.code)]],
  );
  return {
    cause,
    side: sideOf(blame, role),
    confidence,
    evidence: [errorEvidence(error), ...offerEvidence(cause, facts)],
    facts: { ...(Object.fromEntries(shown) as Finding['facts'] & object), ...upTo(cause, facts) },
    offers: offersOf(facts),
    missing: confidence > 0.9 ? [] : missingFor(cause, role),
  };
}

/** A hello that says its highest version alone does not list those below it. */
function upTo(cause: Cause, { clientHello }: HandshakeFacts): Finding['facts'] & object {
  const offer = clientHello && offerOf(clientHello);
  const whole = cause !== 'protocol_version_mismatch' || !offer || offer.highest === null;
  return whole ? {} : { offered: undefined, ...offeredVersions(offer) };
}

/** Code points of a hello in names, as far as the error has them as numbers. */
function named(name: FactName, value: unknown, code: string): unknown {
  if (!Array.isArray(value) || !['offered', 'supported'].includes(name)) return value;
  const nameOf = NAMES[code];
  return nameOf ? value.map((one) => (typeof one === 'number' ? nameOf(one) : one)) : value;
}

const NAMES: Readonly<Record<string, (code: number) => string>> = {
  no_shared_version: versionName,
  no_shared_cipher_suite: cipherSuiteName,
  no_shared_group: groupName,
  no_shared_signature_scheme: signatureSchemeName,
};

/** The same code means another thing where the peer had said nothing yet, or where the client spoke first. */
function refined(error: Explainable, row: Row, facts: HandshakeFacts, role: Side): Row {
  const { code } = error;
  if (role === 'server' && (code === 'not_tls_http' || code === 'not_tls')) {
    return code === 'not_tls_http'
      ? ['http_to_tls_port', 'client', 0.97]
      : ['peer_misbehaved', 'client', 0.75];
  }
  if (
    code === 'closed_during_handshake' &&
    error.facts?.reset === true &&
    !facts.seen.has('server ServerHello')
  )
    return ['reset_after_client_hello', 'peer', 0.85];
  if (code === 'handshake_timeout' && facts.seen.has('server ServerHello'))
    return ['silence_after_client_hello', 'peer', 0.7];
  if (code === 'unknown_ca' && role === 'server') return ['client_certificate_rejected', 'client', 0.85];
  if (role === 'server' && OF_PEER_CERTIFICATE.has(code))
    return ['client_certificate_rejected', 'client', 0.72];
  if (code === 'bad_signature' && role === 'server') return ['client_certificate_rejected', 'client', 0.8];
  return row;
}

const OF_PEER_CERTIFICATE: ReadonlySet<string> = new Set([
  'certificate_expired',
  'certificate_not_yet_valid',
  'self_signed_certificate',
  'missing_intermediate',
  'wrong_certificate_purpose',
  'weak_certificate',
  'certificate_revoked',
  'certificate_refused',
]);

/** What else it may be. */
function others(error: Explainable, facts: HandshakeFacts, { role }: ErrorCircumstances): Finding[] {
  const evidence = [errorEvidence(error)];
  const offers = offersOf(facts);
  const also = (cause: Cause, side: VerdictSide, confidence: number, ...missing: MissingId[]): Finding => ({
    cause,
    side,
    confidence,
    evidence,
    offers,
    missing,
  });
  const row = Object.hasOwn(CAUSES_OF, error.code) ? CAUSES_OF[error.code as keyof typeof CAUSES_OF] : null;
  switch (error.code) {
    case 'certificate_expired':
      return role === 'client'
        ? [also('client_clock_wrong', 'client', 0.04, 'client_clock')]
        : [also(row![0], 'client', 0.24)];
    case 'certificate_not_yet_valid':
      return role === 'client'
        ? [also('client_clock_wrong', 'client', 0.25, 'client_clock')]
        : [also(row![0], 'client', 0.2)];
    case 'unknown_ca':
      return role === 'client' ? [also('missing_intermediate', 'server', 0.1, 'server_certificates')] : [];
    case 'handshake_timeout':
    case 'closed_during_handshake':
    case 'connection_reset':
      return [also('middlebox_intolerance', 'path', 0.1, 'probe_smaller_hello', 'probe_elsewhere')];
    case 'downgrade_detected':
      return [also('tls_inspection', 'path', 0.3, 'probe_elsewhere')];
    default:
      return role === 'server' && OF_PEER_CERTIFICATE.has(error.code) ? [also(row![0], 'client', 0.24)] : [];
  }
}

const errorEvidence = ({ code, sentBy }: Explainable): Evidence => ({
  kind: 'error',
  from: sentBy ?? null,
  message: 'akushu',
  field: '',
  value: code,
  bytes: null,
  text: null,
});

const FIELDS: Readonly<Partial<Record<Cause, string>>> = {
  protocol_version_mismatch: 'supported_versions',
  no_shared_cipher_suite: 'cipher_suites',
  no_certificate_for_suite: 'cipher_suites',
  no_shared_group: 'supported_groups',
  no_shared_signature_scheme: 'signature_algorithms',
  no_shared_alpn: 'application_layer_protocol_negotiation',
  unrecognized_server_name: 'server_name',
};

function offerEvidence(cause: Cause, { clientHello, helloMessage }: HandshakeFacts): Evidence[] {
  const field = FIELDS[cause];
  if (!field || !clientHello) return [];
  const offer = offerOf(clientHello);
  if (field === 'supported_versions') return [versionsInHello(offer, helloMessage)];
  const values: Readonly<Record<string, readonly string[]>> = {
    cipher_suites: offer.suites.map(cipherSuiteName),
    supported_groups: (offer.groups ?? []).map(groupName),
    signature_algorithms: (offer.schemes ?? []).map(signatureSchemeName),
    application_layer_protocol_negotiation: offer.alpn,
    server_name: offer.serverName === null ? [] : [offer.serverName],
  };
  return [inHello(field, values[field] ?? [], helloMessage)];
}

function missingFor(cause: Cause, role: Side): MissingId[] {
  const log: MissingId = role === 'client' ? 'server_log' : 'client_log';
  switch (cause) {
    case 'unknown_ca':
      return ['client_trust', 'server_certificates'];
    case 'certificate_not_yet_valid':
      return ['client_clock'];
    case 'server_has_no_private_key':
      return ['server_key'];
    case 'silence_after_client_hello':
    case 'reset_after_client_hello':
      return ['probe_smaller_hello', 'capture_at_server'];
    case 'peer_misbehaved':
    case 'decrypt_failure':
      return ['probe_elsewhere', 'capture'];
    default:
      return [log, 'capture'];
  }
}
