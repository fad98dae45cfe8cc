/**
 * Alerts in the words of logs. Each library has its own names for them: `sslv3 alert certificate unknown`, `remote
 * error: tls: unknown certificate`, `certificate_unknown(46)`, `SSL alert number 46`. What an alert means depends on
 * who received it.
 */

import type { AlertName } from '../../errors.js';
import { alertByCode, alerts } from '../../registry/index.js';
import { type Guess, HANDSHAKE_FAILURE, type Meaning, sure } from './guesses.js';

/** Names that differ from the standard's, folded. */
const OTHER_NAMES: Readonly<Record<string, AlertName>> = {
  'handshake failed': 'handshake_failure',
  'unknown certificate': 'certificate_unknown',
  'unknown certificate authority': 'unknown_ca',
  'ca is unknown': 'unknown_ca',
  'unknown ca': 'unknown_ca',
  'certificate is bad': 'bad_certificate',
  'certificate was revoked': 'certificate_revoked',
  'revoked certificate': 'certificate_revoked',
  'expired certificate': 'certificate_expired',
  'certificate has expired': 'certificate_expired',
  'protocol version not supported': 'protocol_version',
  'error in protocol version': 'protocol_version',
  'insufficient security level': 'insufficient_security',
  'no supported application protocol': 'no_application_protocol',
  'no application protocol': 'no_application_protocol',
  'no supported application protocol could be negotiated': 'no_application_protocol',
  'certificate is required': 'certificate_required',
  'certificate required': 'certificate_required',
  'no renegotiation is allowed': 'no_renegotiation',
  'error decrypting message': 'decrypt_error',
  'error decoding message': 'decode_error',
  'decrypt error': 'decrypt_error',
  'bad record mac': 'bad_record_mac',
  'unrecognized name': 'unrecognized_name',
  'the server name sent was not recognized': 'unrecognized_name',
  'the sni/server name sent was not recognised/supported': 'unrecognized_name',
  'unknown psk identity': 'unknown_psk_identity',
  'the srp/psk username is missing or not known': 'unknown_psk_identity',
  'unsupported certificate': 'unsupported_certificate',
  'certificate is not supported': 'unsupported_certificate',
  'illegal parameter': 'illegal_parameter',
  'unexpected message': 'unexpected_message',
  'internal error': 'internal_error',
  'access denied': 'access_denied',
  'access was denied': 'access_denied',
  'export restriction': 'export_restriction',
  'user canceled': 'user_canceled',
  'user cancelled': 'user_canceled',
  'bad certificate status response': 'bad_certificate_status_response',
  'inappropriate fallback': 'inappropriate_fallback',
  'record overflow': 'record_overflow',
  'missing extension': 'missing_extension',
  'unsupported extension': 'unsupported_extension',
};

const PHRASES: ReadonlyMap<string, AlertName> = new Map([
  ...alerts().map(({ name }): [string, AlertName] => [name.replaceAll('_', ' '), name as AlertName]),
  ...Object.entries(OTHER_NAMES),
]);

/** Longer ones first: `certificate unknown` before nothing of it. */
const alternatives = [...PHRASES.keys()]
  .sort((a, b) => b.length - a.length)
  .map((phrase) => phrase.replace(/[/.]/g, '\\$&'))
  .join('|');

const joined = [...PHRASES.keys()]
  .sort((a, b) => b.length - a.length)
  .map((phrase) => phrase.replace(/[^a-z]/g, ''))
  .join('|');

/** Where a phrase stands for an alert that came from the other side. */
const RECEIVED: readonly RegExp[] = [
  // OpenSSL, BoringSSL and all that print their reasons; Node's codes
  new RegExp(`(?:sslv3|tlsv1|tlsv13|ssl/tls|dtlsv1) (?:alert )?(?<phrase>${alternatives})\\b`),
  // Go
  new RegExp(`remote error: (?:tls: )?(?<phrase>${alternatives})\\b`),
  // Java, mbed TLS, GnuTLS, OpenSSL's info callback, wolfSSL, Firefox, stunnel
  new RegExp(
    `(?:fatal alert|received alert|alert received|tls alert|ssl alert|alert read: ?fatal|alert \\[(?:level )?\\d{1,2}\\]|alert \\(?(?:fatal|level \\d{1,2})\\)?|read, ?alert|description|alert)[:,=)]? ?(?:description:? ?|fatal:? ?|\\(in\\)[,:] ?|server hello \\(2\\):|client hello \\(1\\):)?(?:\\[?\\d{1,3}\\]?:? ?)?["'\\[(]?(?<phrase>${alternatives})\\b`,
  ),
  // curl -v: "TLSv1.3 (IN), TLS alert, unknown CA (560):"
  new RegExp(`\\(in\\), tls alert, (?<phrase>${alternatives})\\b`),
  // rustls, .NET and others: HandshakeFailure
  new RegExp(`(?:alertreceived\\(|fatal alert: ?|received fatal alert |alert: )"?(?<phrase>${joined})\\b`),
  // .NET: the remote party sent a TLS alert: 'HandshakeFailure'
  new RegExp(`sent a tls alert: '?(?<phrase>${joined})\\b`),
  // Erlang: CLIENT ALERT: Fatal - Unknown CA, {tls_alert,{unknown_ca,…
  new RegExp(`(?:alert: fatal - |tls alert,[{"]{0,2})(?<phrase>${alternatives})\\b`),
  // Bouncy Castle, OpenSSL's traces: handshake_failure(40)
  new RegExp(`\\b(?<phrase>${alternatives}) ?\\(\\d{1,3}\\)`),
  // NSS: SSL_ERROR_BAD_CERT_ALERT has rules of its own; the others are regular
  new RegExp(`ssl error (?<phrase>${alternatives}) alert`),
];

/** Numbers: `SSL alert number 40`, Schannel's `fatal alert code is 40`, `AlertReceived(40)`. */
const NUMBERED =
  /(?:ssl alert number|alert code is|fatal error code is|fatal alert was received:|alert number|alert description:?|fatal alert:?|received alert|tls alert code:?|\{alert,2,|\balert\[\d\||\breason\(1|(?:アラート|エラー) ?コードは|致命的な(?:警告|アラート)を(?:受信|受け取り)(?:し)?ました[:。]?) ?\[?(?<number>\d{1,3})\b/;
/** Schannel's event 36888 and others: this side sent it. */
const SENT =
  /alert was generated and sent|sending fatal alert|sent fatal alert|\(out\), tls alert|send tlsv1[.\d]* alert|alert generated|sending alert\[|in state [\w :]{1,40}?(?: at .{0,60})? generated|in state [\w ]{1,40}"|アラートが生成/;

const COMPACT: ReadonlyMap<string, AlertName> = new Map(
  [...PHRASES].map(([phrase, name]) => [phrase.replace(/[^a-z]/g, ''), name]),
);

export interface SaidAlert {
  readonly name: AlertName;
  /** Whether the side whose text it is sent it; otherwise it received it. */
  readonly sent: boolean;
  readonly start: number;
  readonly end: number;
}

/** The alert that a folded line speaks of; null for none. */
export function alertIn(folded: string): SaidAlert | null {
  const sent = SENT.test(folded);
  for (const pattern of RECEIVED) {
    const match = pattern.exec(folded);
    const phrase = match?.groups?.phrase;
    const name = phrase === undefined ? undefined : (PHRASES.get(phrase) ?? COMPACT.get(phrase));
    if (match && name && name !== 'close_notify')
      return { name, sent, start: match.index, end: match.index + match[0].length };
  }
  const numbered = NUMBERED.exec(folded);
  const name = numbered && (alertByCode(Number(numbered.groups!.number))?.name as AlertName | undefined);
  if (!numbered || !name || name === 'close_notify') return null;
  return { name, sent, start: numbered.index, end: numbered.index + numbered[0].length };
}

/** Whoever received the alert printed it: the other side refused. */
export function meaningOfAlert(name: AlertName): Meaning {
  return MEANINGS[name] ?? sure('peer_misbehaved', 'unknown', 0.4);
}

const REJECTED: readonly Guess[] = [
  ['client_certificate_rejected', 'client', 0.78],
  ['client_certificate_required', 'client', 0.14],
];

/** The client refused the server's certificate, or the server the client's. */
const certificate = (
  byClient: readonly Guess[],
  byServer: readonly Guess[],
  unknown = byClient,
): Meaning => ({
  server: byClient,
  client: byServer,
  unknown,
});

const MEANINGS: Readonly<Partial<Record<AlertName, Meaning>>> = {
  handshake_failure: HANDSHAKE_FAILURE,
  protocol_version: {
    client: sure('protocol_version_mismatch', 'client'),
    server: sure('protocol_version_mismatch', 'server'),
    unknown: sure('protocol_version_mismatch', 'unknown'),
  },
  insufficient_security: [
    ['no_shared_cipher_suite', 'unknown', 0.62],
    ['weak_key_or_signature', 'unknown', 0.3],
  ],
  unknown_ca: certificate(
    [
      ['unknown_ca', 'client', 0.66],
      ['missing_intermediate', 'server', 0.18],
      ['self_signed', 'server', 0.1],
    ],
    [
      ['client_certificate_rejected', 'client', 0.82],
      ['unknown_ca', 'server', 0.13],
    ],
    [
      ['unknown_ca', 'client', 0.56],
      ['client_certificate_rejected', 'client', 0.2],
      ['missing_intermediate', 'server', 0.14],
      ['self_signed', 'server', 0.06],
    ],
  ),
  bad_certificate: certificate(
    [
      ['unknown_ca', 'client', 0.42],
      ['hostname_mismatch', 'server', 0.18],
      ['self_signed', 'server', 0.15],
      ['certificate_expired', 'server', 0.12],
    ],
    REJECTED,
    [
      ['client_certificate_rejected', 'client', 0.45],
      ['unknown_ca', 'client', 0.25],
      ['client_certificate_required', 'client', 0.1],
      ['hostname_mismatch', 'server', 0.08],
    ],
  ),
  certificate_unknown: certificate(
    [
      ['unknown_ca', 'client', 0.5],
      ['self_signed', 'server', 0.2],
      ['hostname_mismatch', 'server', 0.12],
      ['certificate_expired', 'server', 0.08],
    ],
    REJECTED,
    [
      ['unknown_ca', 'client', 0.45],
      ['client_certificate_rejected', 'client', 0.2],
      ['self_signed', 'server', 0.15],
      ['hostname_mismatch', 'server', 0.08],
    ],
  ),
  certificate_expired: certificate(
    [
      ['certificate_expired', 'server', 0.84],
      ['client_clock_wrong', 'client', 0.1],
    ],
    [
      ['certificate_expired', 'client', 0.62],
      ['client_certificate_rejected', 'client', 0.33],
    ],
    sure('certificate_expired', 'unknown', 0.84),
  ),
  certificate_revoked: certificate(
    sure('certificate_revoked', 'server'),
    [
      ['certificate_revoked', 'client', 0.62],
      ['client_certificate_rejected', 'client', 0.33],
    ],
    sure('certificate_revoked', 'unknown', 0.88),
  ),
  unsupported_certificate: certificate(
    [
      ['wrong_key_usage', 'server', 0.62],
      ['weak_key_or_signature', 'server', 0.2],
    ],
    [
      ['wrong_key_usage', 'client', 0.5],
      ['client_certificate_rejected', 'client', 0.42],
    ],
    sure('wrong_key_usage', 'unknown', 0.62),
  ),
  no_certificate: sure('client_certificate_required', 'client', 0.85),
  certificate_required: sure('client_certificate_required', 'client', 0.96),
  access_denied: [
    ['client_certificate_rejected', 'client', 0.6],
    ['rate_or_resource_limit', 'server', 0.12],
  ],
  unrecognized_name: sure('unrecognized_server_name', 'server', 0.95),
  no_application_protocol: sure('no_shared_alpn', 'unknown', 0.96),
  unknown_psk_identity: sure('wrong_psk', 'unknown', 0.95),
  bad_record_mac: sure('decrypt_failure', 'unknown', 0.88),
  decryption_failed: sure('decrypt_failure', 'unknown', 0.88),
  decrypt_error: [
    ['decrypt_failure', 'unknown', 0.62],
    ['wrong_psk', 'unknown', 0.15],
    ['client_certificate_rejected', 'client', 0.12],
  ],
  record_overflow: sure('record_overflow', 'unknown', 0.92),
  inappropriate_fallback: sure('inappropriate_fallback', 'client', 0.96),
  no_renegotiation: sure('renegotiation_refused', 'unknown', 0.93),
  bad_certificate_status_response: sure('ocsp_problem', 'server', 0.95),
  internal_error: {
    client: [
      ['internal_error', 'server', 0.62],
      ['unrecognized_server_name', 'server', 0.25],
    ],
    server: sure('internal_error', 'client', 0.75),
    unknown: [
      ['internal_error', 'unknown', 0.64],
      ['unrecognized_server_name', 'server', 0.2],
    ],
  },
  unexpected_message: sure('peer_misbehaved', 'unknown', 0.72),
  illegal_parameter: sure('peer_misbehaved', 'unknown', 0.75),
  decode_error: [
    ['peer_misbehaved', 'unknown', 0.75],
    ['middlebox_intolerance', 'path', 0.1],
  ],
  missing_extension: sure('peer_misbehaved', 'unknown', 0.7),
  unsupported_extension: sure('peer_misbehaved', 'unknown', 0.75),
  decompression_failure: sure('peer_misbehaved', 'unknown', 0.6),
  export_restriction: sure('no_shared_cipher_suite', 'unknown', 0.6),
  user_canceled: sure('closed_after_client_hello', 'unknown', 0.5),
};
