/**
 * Verdicts on what our own engine, or the network below it, failed with. The error's code says more than any capture;
 * where the peer ended it with an alert, the messages before it decide, as they do for a connection of others.
 */

import { fromLatin1 } from '../bytes/index.js';
import type { Provider } from '../crypto/provider.js';
import { TlsError } from '../errors.js';
import { otherSide } from '../observe/sides.js';
import { identify, type Speech } from '../observe/stream/detect.js';
import { cipherSuiteName, groupName, signatureSchemeName, versionName } from '../registry/index.js';
import type { Side, TraceEvent } from '../trace/index.js';
import { parseIp } from '../x509/index.js';
import type { Cause } from './cause.js';
import type { Explainable } from './explain.js';
import { factsOfTrace, type HandshakeFacts, offerOf, offersOf } from './facts.js';
import { judgeAlert } from './judge/alerts.js';
import { type Blame, type CauseRow, causeOfCode } from './judge/error-causes.js';
import { ownError } from './judge/evidence.js';
import { inHello, offeredVersions, versionsInHello } from './judge/offer.js';
import { judgePlainAnswer } from './judge/plain-answer.js';
import { networkCodeOf, systemCode } from './network-error.js';
import type { FactName } from './texts.js';
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

/**
 * Verdicts on an error of ours or of the system below (`ECONNREFUSED`), most probable first. Empty for a code that is not
 * known.
 *
 * @example const [verdict] = diagnoseError(error, { role: 'client', host: 'example.com' });
 */
export function diagnoseError(failure: Explainable | Error, around: ErrorCircumstances): Verdict[] {
  const { events = [], time = 0, host = null, port = null, provider = null } = around;
  const facts = factsOfTrace(events, { time, host, port }, provider);
  const error = explainable(failure, facts, around);
  if (error.code === 'peer_alert') return ranked(alertFindings(error, facts, around));
  const speech = around.role === 'client' ? plainSpeech(error, port ?? 0) : null;
  if (speech) return ranked(plainAnswer(speech, error, facts));
  const row = causeOfCode(error.code);
  if (!row) return [];
  return ranked([main(error, row, facts, around), ...others(error, row, facts, around)]);
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
  const peer = otherSide(role);
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
  const from = error.sentBy ?? otherSide(role);
  const description = error.alert ?? facts.alerts.findLast((alert) => alert.from === from)?.description;
  if (!description) return [];
  // What our own side presented is known to be there, even where its bytes are not at hand.
  return judgeAlert({ from, description, fatal: true }, facts, provider ?? null);
}

const sideOf = (blame: Blame, role: Side): VerdictSide => {
  if (blame === 'own') return role;
  return blame === 'peer' ? otherSide(role) : blame;
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

function main(
  error: Explainable,
  row: CauseRow,
  facts: HandshakeFacts,
  { role }: ErrorCircumstances,
): Finding {
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
function refined(error: Explainable, row: CauseRow, facts: HandshakeFacts, role: Side): CauseRow {
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
function others(
  error: Explainable,
  [cause]: CauseRow,
  facts: HandshakeFacts,
  { role }: ErrorCircumstances,
): Finding[] {
  const evidence = [errorEvidence(error)];
  const offers = offersOf(facts);
  const also = (of: Cause, side: VerdictSide, confidence: number, ...missing: MissingId[]): Finding => ({
    cause: of,
    side,
    confidence,
    evidence,
    offers,
    missing,
  });
  switch (error.code) {
    case 'certificate_expired':
      return role === 'client'
        ? [also('client_clock_wrong', 'client', 0.04, 'client_clock')]
        : [also(cause, 'client', 0.24)];
    case 'certificate_not_yet_valid':
      return role === 'client'
        ? [also('client_clock_wrong', 'client', 0.25, 'client_clock')]
        : [also(cause, 'client', 0.2)];
    case 'unknown_ca':
      return role === 'client' ? [also('missing_intermediate', 'server', 0.1, 'server_certificates')] : [];
    case 'handshake_timeout':
    case 'closed_during_handshake':
    case 'connection_reset':
      return [also('middlebox_intolerance', 'path', 0.1, 'probe_smaller_hello', 'probe_elsewhere')];
    case 'downgrade_detected':
      return [also('tls_inspection', 'path', 0.3, 'probe_elsewhere')];
    default:
      return role === 'server' && OF_PEER_CERTIFICATE.has(error.code) ? [also(cause, 'client', 0.24)] : [];
  }
}

const errorEvidence = ({ code, sentBy }: Explainable): Evidence => ownError(code, sentBy ?? null);

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
