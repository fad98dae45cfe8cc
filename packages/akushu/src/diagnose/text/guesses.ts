/**
 * What a phrase means, as ranked guesses: most phrases of a log fit several causes, and the numbers say how often each
 * is meant where the phrase is all that is known. Those of one list do not exceed 1 together; the rest is "something else".
 */
import type { Side } from '../../trace/index.js';
import type { Cause } from '../cause.js';
import type { VerdictSide } from '../verdict.js';
import type { MissingId } from '../verdict-texts.js';

export type Guess = readonly [cause: Cause, side: VerdictSide, confidence: number];

/** Depends on whose text it is: a client's, a server's, or nobody knows. */
export type Meaning = readonly Guess[] | Readonly<Record<Side | 'unknown', readonly Guess[]>>;

/** How much a phrase says: 3 names the cause, 2 narrows it down, 1 says only that something failed. */
type Weight = 1 | 2 | 3;

export interface TextRule {
  readonly weight: Weight;
  /** On the folded line. Linear: no quantifier inside of another, none unbounded. Named groups are facts. */
  readonly pattern: RegExp;
  readonly meaning: Meaning;
  readonly missing?: readonly MissingId[];
}

export const rule = (
  weight: Weight,
  pattern: RegExp,
  meaning: Meaning,
  ...missing: MissingId[]
): TextRule => ({ weight, pattern, meaning, missing });

export const sure = (cause: Cause, side: VerdictSide = 'unknown', confidence = 0.93): readonly Guess[] => [
  [cause, side, confidence],
];

/** A verifier's complaint: about the server where a client says it; where a server says it, about the client. */
function ofVerifier(guesses: readonly Guess[]): Meaning {
  const [cause, , confidence] = guesses[0]!;
  return {
    client: guesses,
    unknown: guesses,
    server: [
      ['client_certificate_rejected', 'client', 0.65],
      [cause, 'client', Math.min(0.33, confidence)],
    ],
  };
}

export const EXPIRED = ofVerifier([
  ['certificate_expired', 'server', 0.92],
  ['client_clock_wrong', 'client', 0.06],
]);
export const NOT_YET_VALID = ofVerifier([
  ['certificate_not_yet_valid', 'server', 0.62],
  ['client_clock_wrong', 'client', 0.35],
]);
/** Expired, or not valid yet: the text does not say which. */
export const OUT_OF_VALIDITY = ofVerifier([
  ['certificate_expired', 'server', 0.75],
  ['client_clock_wrong', 'client', 0.15],
  ['certificate_not_yet_valid', 'server', 0.08],
]);
/** No issuer found: an unknown root and a missing intermediate look the same. */
export const NO_ISSUER = ofVerifier([
  ['unknown_ca', 'client', 0.52],
  ['missing_intermediate', 'server', 0.38],
  ['tls_inspection', 'path', 0.05],
]);
export const UNTRUSTED = ofVerifier([
  ['unknown_ca', 'client', 0.56],
  ['missing_intermediate', 'server', 0.25],
  ['self_signed', 'server', 0.14],
]);
export const UNKNOWN_ROOT = ofVerifier([
  ['unknown_ca', 'client', 0.78],
  ['missing_intermediate', 'server', 0.14],
]);
export const SELF_SIGNED = ofVerifier([
  ['self_signed', 'server', 0.93],
  ['tls_inspection', 'path', 0.03],
]);
/** The root came along, and is not trusted. */
export const UNTRUSTED_ROOT = ofVerifier([
  ['unknown_ca', 'client', 0.68],
  ['tls_inspection', 'path', 0.2],
  ['self_signed', 'server', 0.08],
]);
export const FIRST_ONLY = ofVerifier([
  ['missing_intermediate', 'server', 0.82],
  ['unknown_ca', 'client', 0.14],
]);
export const HOSTNAME = ofVerifier(sure('hostname_mismatch', 'server', 0.95));
export const REVOKED = ofVerifier(sure('certificate_revoked', 'server', 0.95));
export const WEAK = ofVerifier(sure('weak_key_or_signature', 'server', 0.92));
export const PURPOSE = ofVerifier(sure('wrong_key_usage', 'server', 0.9));
export const OCSP: Meaning = sure('ocsp_problem', 'server', 0.9);
/** Verification failed, and the text does not say why. */
export const SOME_CERTIFICATE = ofVerifier([
  ['unknown_ca', 'client', 0.4],
  ['missing_intermediate', 'server', 0.2],
  ['certificate_expired', 'server', 0.15],
  ['self_signed', 'server', 0.1],
  ['hostname_mismatch', 'server', 0.1],
]);

/** Chrome's word for an answer that it can make nothing of: most often the server does not speak TLS there. */
export const PROTOCOL_ERROR: Meaning = [
  ['not_tls_server', 'server', 0.38],
  ['peer_misbehaved', 'unknown', 0.28],
  ['closed_after_client_hello', 'server', 0.1],
  ['internal_error', 'server', 0.08],
  ['unrecognized_server_name', 'server', 0.08],
];
/** Letters read as a length. */
export const RECORD_TOO_LONG: Meaning = [
  ['not_tls_server', 'server', 0.68],
  ['record_overflow', 'unknown', 0.15],
  ['starttls_expected', 'client', 0.1],
];

export const NOT_TLS: Meaning = {
  client: [
    ['not_tls_server', 'server', 0.72],
    ['starttls_expected', 'client', 0.12],
    ['protocol_version_mismatch', 'unknown', 0.12],
  ],
  unknown: [
    ['not_tls_server', 'server', 0.66],
    ['starttls_expected', 'client', 0.12],
    ['protocol_version_mismatch', 'unknown', 0.16],
  ],
  server: [
    // A version that is not to a server's liking has other words; and so has HTTP, where it is recognised.
    ['peer_misbehaved', 'client', 0.45],
    ['http_to_tls_port', 'client', 0.28],
    ['protocol_version_mismatch', 'client', 0.2],
  ],
};
export const HTTP_ON_TLS: Meaning = sure('http_to_tls_port', 'client', 0.95);
export const STARTTLS: Meaning = sure('starttls_expected', 'client', 0.88);

export const VERSION: Meaning = {
  client: sure('protocol_version_mismatch', 'server', 0.93),
  server: sure('protocol_version_mismatch', 'client', 0.93),
  unknown: sure('protocol_version_mismatch', 'unknown', 0.93),
};
export const SUITES: Meaning = {
  client: sure('no_shared_cipher_suite', 'unknown', 0.88),
  unknown: [
    ['no_shared_cipher_suite', 'unknown', 0.78],
    ['no_certificate_for_suite', 'server', 0.14],
  ],
  server: [
    ['no_shared_cipher_suite', 'unknown', 0.78],
    ['no_certificate_for_suite', 'server', 0.14],
  ],
};
export const OWN_SUITES: Meaning = sure('no_shared_cipher_suite', 'unknown', 0.85);
export const VERSION_OR_SUITES: Meaning = [
  ['protocol_version_mismatch', 'unknown', 0.52],
  ['no_shared_cipher_suite', 'unknown', 0.43],
];
export const GROUP: Meaning = sure('no_shared_group', 'unknown', 0.88);
export const SCHEME: Meaning = sure('no_shared_signature_scheme', 'unknown', 0.88);
export const ALPN: Meaning = sure('no_shared_alpn', 'unknown', 0.95);
export const NAME: Meaning = sure('unrecognized_server_name', 'server', 0.93);

/** A handshake that failed for a reason that the alert does not tell. */
export const HANDSHAKE_FAILURE: readonly Guess[] = [
  ['no_shared_cipher_suite', 'unknown', 0.45],
  ['client_certificate_required', 'client', 0.14],
  ['no_certificate_for_suite', 'server', 0.1],
  ['protocol_version_mismatch', 'unknown', 0.1],
  ['unrecognized_server_name', 'server', 0.08],
  ['no_shared_group', 'unknown', 0.06],
];

export const CLIENT_CERTIFICATE_MISSING: Meaning = sure('client_certificate_required', 'client', 0.94);
export const CLIENT_CERTIFICATE_REJECTED: Meaning = sure('client_certificate_rejected', 'client', 0.9);
/** A client's key is that of its own certificate. */
export const NO_KEY: Meaning = {
  server: sure('server_has_no_private_key', 'server', 0.9),
  unknown: sure('server_has_no_private_key', 'server', 0.9),
  client: [
    ['client_certificate_required', 'client', 0.7],
    ['server_has_no_private_key', 'server', 0.2],
  ],
};
export const PSK: Meaning = sure('wrong_psk', 'unknown', 0.93);
export const DECRYPT: Meaning = sure('decrypt_failure', 'unknown', 0.88);
/** A signature of the handshake that does not verify: by another key than the certificate's, or over other bytes. */
export const BAD_SIGNATURE: Meaning = {
  client: [
    ['decrypt_failure', 'unknown', 0.5],
    ['server_has_no_private_key', 'server', 0.36],
  ],
  server: [
    ['decrypt_failure', 'unknown', 0.55],
    ['client_certificate_rejected', 'client', 0.25],
  ],
  unknown: [
    ['decrypt_failure', 'unknown', 0.55],
    ['server_has_no_private_key', 'server', 0.3],
  ],
};
const UNREAD: readonly Guess[] = [
  ['decrypt_failure', 'unknown', 0.48],
  ['unknown_ca', 'client', 0.3],
];
/** Of a server in TLS 1.3, this is what it makes of an alert in the clear: most often the client rejects its certificate. */
export const UNREADABLE: Meaning = { client: sure('decrypt_failure'), server: UNREAD, unknown: UNREAD };
const TOO_LONG: readonly Guess[] = [
  ['record_overflow', 'unknown', 0.65],
  ['not_tls_server', 'server', 0.28],
];
/** To a client letters look like a long record. */
export const OVERFLOW: Meaning = {
  client: [
    ['not_tls_server', 'server', 0.55],
    ['record_overflow', 'unknown', 0.35],
  ],
  server: TOO_LONG,
  unknown: TOO_LONG,
};
export const MISBEHAVED: Meaning = sure('peer_misbehaved', 'unknown', 0.8);
/** A library refuses what came, in words that are not known one by one. */
export const SOME_MISBEHAVIOUR: Meaning = [
  ['peer_misbehaved', 'unknown', 0.55],
  ['decrypt_failure', 'unknown', 0.12],
  ['internal_error', 'unknown', 0.12],
];
export const INTERNAL: Meaning = sure('internal_error', 'unknown', 0.75);
export const LIMIT: Meaning = sure('rate_or_resource_limit', 'server', 0.9);
export const LEGACY: Meaning = sure('legacy_renegotiation', 'server', 0.96);
export const RENEGOTIATION: Meaning = sure('renegotiation_refused', 'unknown', 0.92);
export const FALLBACK: Meaning = sure('inappropriate_fallback', 'client', 0.95);
export const INSPECTED: Meaning = sure('tls_inspection', 'path', 0.88);

export const DNS: Meaning = sure('dns_failure', 'unknown', 0.96);
export const REFUSED: Meaning = sure('connection_refused', 'server', 0.96);
export const CONNECT_TIMEOUT: Meaning = [
  ['connect_timeout', 'unknown', 0.85],
  ['silence_after_client_hello', 'unknown', 0.1],
];
export const HANDSHAKE_TIMEOUT: Meaning = [
  ['silence_after_client_hello', 'unknown', 0.85],
  ['middlebox_intolerance', 'path', 0.08],
];
/** Reset, and the text does not say how far the handshake had come. */
export const RESET: Meaning = [
  ['reset_after_client_hello', 'unknown', 0.78],
  ['truncated_close', 'unknown', 0.1],
  ['middlebox_intolerance', 'path', 0.06],
];
export const CLOSED: Meaning = {
  client: [
    ['closed_after_client_hello', 'server', 0.78],
    ['middlebox_intolerance', 'path', 0.08],
    ['reset_after_client_hello', 'unknown', 0.07],
  ],
  server: [
    ['closed_after_client_hello', 'client', 0.78],
    ['unknown_ca', 'client', 0.12],
  ],
  unknown: [
    ['closed_after_client_hello', 'unknown', 0.78],
    ['middlebox_intolerance', 'path', 0.06],
  ],
};
export const TRUNCATED: Meaning = [
  ['truncated_close', 'unknown', 0.85],
  ['closed_after_client_hello', 'unknown', 0.1],
];
/** An end of the stream without close_notify: in the handshake, or after it. */
export const EOF: Meaning = [
  ['truncated_close', 'unknown', 0.52],
  ['closed_after_client_hello', 'unknown', 0.42],
];
/** The server, as a client says, chose a version that the client has given up; and the other way round. */
export const SERVER_VERSION: Meaning = sure('protocol_version_mismatch', 'server', 0.93);
export const CLIENT_VERSION: Meaning = sure('protocol_version_mismatch', 'client', 0.93);
/** The certificate is not the one that was pinned. */
export const PINNED: Meaning = [
  ['tls_inspection', 'path', 0.55],
  ['unknown_ca', 'client', 0.3],
];
/** Before TLS, or in the middle of its handshake. */
export const SLOW: Meaning = [
  ['silence_after_client_hello', 'unknown', 0.48],
  ['connect_timeout', 'unknown', 0.42],
];
export const FINE: Meaning = sure('none', 'unknown', 0.75);
/** At the first certificate no issuer was found: nothing else came, or what came does not lead on. */
export const MISSING_INTERMEDIATE_LIKELY = ofVerifier([
  ['missing_intermediate', 'server', 0.8],
  ['unknown_ca', 'client', 0.17],
]);
export const VERSION_BY_CLIENT: Meaning = [
  ['protocol_version_mismatch', 'client', 0.6],
  ['http_to_tls_port', 'client', 0.2],
  ['peer_misbehaved', 'client', 0.12],
];
export const RESET_OR_CLOSED: Meaning = [
  ['closed_after_client_hello', 'unknown', 0.5],
  ['reset_after_client_hello', 'unknown', 0.38],
  ['middlebox_intolerance', 'path', 0.06],
];
/** The handshake failed, and the text says no more. */
export const SOME_HANDSHAKE: Meaning = [
  ['no_shared_cipher_suite', 'unknown', 0.25],
  ['protocol_version_mismatch', 'unknown', 0.2],
  ['unknown_ca', 'unknown', 0.12],
  ['client_certificate_required', 'client', 0.1],
];
/** Suites and schemes were shared, but no key of the server goes with them. */
export const CERTIFICATE_OR_SCHEME: Meaning = [
  ['no_certificate_for_suite', 'server', 0.55],
  ['no_shared_signature_scheme', 'unknown', 0.22],
  ['server_has_no_private_key', 'server', 0.15],
];
export const CLIENT_CERTIFICATE_OR_KEY: Meaning = [
  ['client_certificate_required', 'client', 0.6],
  ['server_has_no_private_key', 'server', 0.3],
];
export const CLOSED_OR_TRUNCATED: Meaning = [
  ['closed_after_client_hello', 'unknown', 0.5],
  ['truncated_close', 'unknown', 0.45],
];
export const RESET_OR_CLOSED_OR: Meaning = [
  ['reset_after_client_hello', 'unknown', 0.52],
  ['closed_after_client_hello', 'unknown', 0.34],
  ['middlebox_intolerance', 'path', 0.06],
];
export const PURPOSE_OR_NAME: Meaning = [
  ['wrong_key_usage', 'unknown', 0.62],
  ['hostname_mismatch', 'server', 0.3],
];
/** No connection came about: refused, or not answered. */
export const UNREACHED: Meaning = [
  ['connection_refused', 'server', 0.48],
  ['connect_timeout', 'unknown', 0.42],
];
/** curl counts the handshake among connecting. */
export const CONNECT_OR_SILENCE: Meaning = [
  ['connect_timeout', 'unknown', 0.52],
  ['silence_after_client_hello', 'unknown', 0.42],
];
/** Old .NET offers what the server has given up. */
export const OLD_CLIENT: Meaning = [
  ['protocol_version_mismatch', 'unknown', 0.5],
  ['no_shared_cipher_suite', 'unknown', 0.25],
  ['unknown_ca', 'client', 0.1],
];
/** Words about a version that need not be an alert. */
export const VERSION_TEXT: Meaning = sure('protocol_version_mismatch', 'unknown', 0.85);
