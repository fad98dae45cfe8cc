/**
 * Verdicts on a connection that was observed. What is readable decides; what is encrypted is read as far as sizes,
 * order and timing go, and then as a probability. A connection that worked gets `none`; half a connection gets what
 * can be told of it, or nothing.
 */
import type { Provider } from '../crypto/provider.js';
import type { ObservedConnection, ObservedLookup, PlainProtocol, TlsFacts } from '../observe/observation.js';
import { Version } from '../registry/index.js';
import type { Side } from '../trace/index.js';
import { factsOfConnection, type HandshakeFacts, offersOf } from './facts.js';
import { judgeAlert } from './judge/alerts.js';
import { chainProblems } from './judge/certificates.js';
import {
  type Ending,
  endingOf,
  judgeAfterHello,
  judgeBrokenOff,
  judgeOpening,
  judgeSizes,
  occurrence,
  shapeOf,
} from './judge/endings.js';
import { alertEvidence } from './judge/refusals.js';
import { type Finding, ranked, type Verdict } from './verdict.js';

export type Outcome = 'established' | 'failed' | 'incomplete';

export interface ConnectionDiagnosis {
  readonly outcome: Outcome;
  /** The most probable first; empty where nothing can be told. */
  readonly verdicts: readonly Verdict[];
}

export interface DiagnoseOptions {
  /** For signatures in certificates; left out: they are taken to be right. */
  readonly provider?: Provider | undefined;
  /** Judge certificates at this time (milliseconds since 1970) and not at the connection's own. */
  readonly at?: number | undefined;
}

/** @example const { outcome, verdicts } = diagnoseConnection(observed, { provider: nodeProvider }); */
export function diagnoseConnection(
  observed: ObservedConnection,
  options: DiagnoseOptions = {},
): ConnectionDiagnosis {
  const facts = factsOfConnection(observed, options.at);
  const opening = judgeOpening(observed);
  if (opening.length > 0) return failed(opening);
  const plain = judgePlain(observed);
  if (plain) return plain;
  if (!observed.tls) return { outcome: 'incomplete', verdicts: [] };
  return judgeTls(observed, observed.tls, facts, options.provider ?? null);
}

/** A name that could not be resolved. */
export function diagnoseLookup(lookup: ObservedLookup): ConnectionDiagnosis {
  const late = lookup.outcome === 'no_answer' && lookup.attempts < 2;
  return failed([
    {
      cause: 'dns_failure',
      side: lookup.outcome === 'nxdomain' || lookup.outcome === 'no_addresses' ? 'unknown' : 'path',
      confidence: late ? 0.5 : 0.95,
      evidence: [occurrence('not_resolved', null, `${lookup.name} ${lookup.type}: ${lookup.outcome}`)],
      facts: { host: lookup.name },
      offers: { host: lookup.name },
    },
  ]);
}

const failed = (findings: readonly Finding[]): ConnectionDiagnosis => ({
  outcome: 'failed',
  verdicts: ranked(findings),
});
const fine = (findings: readonly Finding[] = []): ConnectionDiagnosis => ({
  outcome: 'established',
  verdicts: ranked([{ cause: 'none', side: 'unknown', confidence: 0.95 }, ...findings]),
});

// ---- In place of TLS ----

/** Protocols that begin in the clear and can switch to TLS. */
const CAN_SWITCH: ReadonlySet<PlainProtocol> = new Set<PlainProtocol>([
  'smtp',
  'imap',
  'pop3',
  'ftp',
  'xmpp',
  'ldap',
  'postgresql',
  'mysql',
  'nntp',
  'irc',
  'sieve',
]);
const HTTPS_PORTS: ReadonlySet<number> = new Set([443, 8443, 9443, 4443, 10443]);

function judgePlain(observed: ObservedConnection): ConnectionDiagnosis | null {
  const { notTls, starttls, tls, server } = observed;
  const offers = {
    host: starttls?.target ?? tls?.negotiated.serverName ?? server.names[0],
    port: server.port,
  };
  // Some try all the same: what they get then is no answer to their hello.
  const refused = starttls !== null && starttls.requested !== null && starttls.accepted === false;
  if (refused && !tls?.serverHello) {
    const answer = starttls.preamble.at(-1)?.text ?? '';
    const evidence = [occurrence('first_bytes', 'server', answer)];
    return failed([
      {
        cause: 'starttls_expected',
        side: 'server',
        confidence: 0.8,
        evidence,
        facts: { protocol: starttls.protocol },
        offers,
      },
    ]);
  }
  const answer = notTls?.server ?? null;
  const opening = notTls?.client ?? null;
  if (answer && tls?.clientHello) {
    const evidence = [occurrence('first_bytes', 'server', answer.firstLine)];
    const facts = {
      answer:
        answer.protocol === 'binary' || answer.protocol === 'text'
          ? answer.firstLine
          : answer.protocol.toUpperCase(),
    };
    const switches = CAN_SWITCH.has(answer.protocol);
    const garbled = answer.protocol === 'binary';
    if (overflows(observed))
      return failed([{ cause: 'record_overflow', side: 'server', confidence: 0.88, evidence, offers }]);
    return failed([
      {
        cause: 'not_tls_server',
        side: 'server',
        confidence: garbled ? 0.72 : switches ? 0.76 : 0.96,
        evidence,
        facts,
        offers,
      },
      ...(garbled
        ? [{ cause: 'peer_misbehaved' as const, side: 'server' as const, confidence: 0.2, evidence, offers }]
        : []),
      ...(switches
        ? [
            {
              cause: 'starttls_expected' as const,
              side: 'client' as const,
              confidence: 0.22,
              evidence,
              facts,
              offers,
            },
          ]
        : []),
    ]);
  }
  if (answer?.wantsTls && opening && opening.protocol !== 'http' && !tls) {
    const evidence = [occurrence('first_bytes', 'server', answer.firstLine)];
    const facts = { protocol: answer.protocol };
    return failed([{ cause: 'starttls_expected', side: 'client', confidence: 0.9, evidence, facts, offers }]);
  }
  if (opening?.protocol === 'http' && !tls?.clientHello) {
    const evidence = [occurrence('first_bytes', 'client', opening.firstLine)];
    const told = /^HTTP\/1\.[01] (?:400|426|497)\b/.test(answer?.firstLine ?? '');
    const finding: Finding = {
      cause: 'http_to_tls_port',
      side: 'client',
      confidence: tls || answer?.wantsTls ? 0.96 : 0.8,
      evidence,
      offers,
    };
    if (tls || answer?.wantsTls || (told && HTTPS_PORTS.has(server.port))) return failed([finding]);
    const dropped = !answer && observed.tcp.bytes.server === 0 && endingOf(observed)?.by === 'server';
    if (dropped && !HTTPS_PORTS.has(server.port)) return failed([{ ...finding, confidence: 0.6 }]);
    if (!answer && HTTPS_PORTS.has(server.port)) return failed([{ ...finding, confidence: 0.75 }]);
  }
  return null;
}

/** The answer had the head of a record that announced more than any may hold, or the client took it for that. */
const overflows = ({ problems, tls }: ObservedConnection): boolean =>
  problems.some(({ code, from }) => code === 'record_too_long' && from === 'server') ||
  tls?.alerts.some(({ from, description }) => from === 'client' && description === 'record_overflow') ===
    true;

// ---- TLS ----

function judgeTls(
  observed: ObservedConnection,
  tls: TlsFacts,
  facts: HandshakeFacts,
  provider: Provider | null,
): ConnectionDiagnosis {
  const worked = isEstablished(tls);
  const refused = worked && refusedRenegotiation(tls, facts);
  if (refused) return failed([refused]);
  const fatal = facts.alerts.find(
    ({ fatal: deadly, description }) => deadly && description !== 'close_notify',
  );
  const unheard = fatal?.from === 'client' && observed.tcp.bytes.server === 0;
  if (fatal && !unheard && !(worked && harmless(fatal.description)))
    return { ...failed(judgeAlert(fatal, facts, provider)) };
  if (worked) return judgeWorked(observed, tls, facts, provider);
  const beat = tls.messages.find(({ kind, decrypted }) => kind === 'heartbeat' && !decrypted);
  if (beat && !fatal) return failed([outOfPlace(beat.from)]);
  const sizes = judgeUnreadable(observed, tls, facts);
  if (sizes) return sizes;
  if (!tls.clientHello && !facts.seen.has('server ServerHello'))
    return { outcome: 'incomplete', verdicts: [] };
  const answered = facts.seen.has('server ServerHello') || facts.seen.has('server HelloRetryRequest');
  const findings = answered ? judgeBrokenOff(observed, facts, provider) : judgeAfterHello(observed, facts);
  return findings.length > 0 ? failed(findings) : { outcome: 'incomplete', verdicts: [] };
}

/** RFC 6520 §3: no heartbeat in a handshake. Heartbleed was asked for like this. */
const outOfPlace = (from: Side): Finding => ({
  cause: 'peer_misbehaved',
  side: from,
  confidence: 0.85,
  evidence: [{ kind: 'message', from, message: 'Heartbeat', field: '', value: '', bytes: null, text: null }],
  rfc: 'RFC 6520 §3',
});

/** After the handshake these end a conversation and say nothing of TLS. */
const harmless = (description: string): boolean => description === 'user_canceled';

const isOld = (version: number | null): boolean => version !== null && version < Version['TLSv1.3'];

function isEstablished(tls: TlsFacts): boolean {
  const { finished, applicationData, negotiated } = tls;
  if (finished.client && finished.server) return true;
  // Of a capture that begins later, the data is all that is known.
  if (applicationData.client === true && applicationData.server === true) return true;
  if (isOld(negotiated.version)) return false;
  const shape = shapeOf(tls);
  return shape.finished && shape.serverSpoke && shape.clientSpoke;
}

/** Nothing ended it before its time; what may be wrong with its end is said behind. */
function judgeWorked(
  observed: ObservedConnection,
  tls: TlsFacts,
  facts: HandshakeFacts,
  provider: Provider | null,
): ConnectionDiagnosis {
  const ending = endingOf(observed);
  const left = ending && judgeLeaving(ending, tls, facts, provider);
  if (left) return failed([left]);
  const half = judgeHalf(observed, tls, facts);
  if (half) return half;
  const by = ending?.by ?? null;
  const cut = by !== null && ending?.how !== 'silence' && tls.closeNotify[by] === false && by === 'server';
  return cut
    ? fine([
        {
          cause: 'truncated_close',
          side: 'server',
          confidence: 0.04,
          evidence: [occurrence(ending!.how === 'reset' ? 'reset' : 'closed', by)],
          offers: offersOf(facts),
        },
      ])
    : fine();
}

/** By the alert for it, or by one that came in place of an answer and cannot be read. */
function refusedRenegotiation(tls: TlsFacts, facts: HandshakeFacts): Finding | null {
  const side = facts.renegotiating;
  const warned = facts.alerts.find(({ description }) => description === 'no_renegotiation');
  if (warned)
    return {
      cause: 'renegotiation_refused',
      side: warned.from === 'client' ? 'server' : 'client',
      confidence: 0.85,
      evidence: [alertEvidence(warned)],
    };
  // A client may leave a HelloRequest without an answer: its alert is the end of the conversation.
  if (side !== 'client') return null;
  const asked = tls.records.findLastIndex(({ from, type }) => from === side && type === HANDSHAKE);
  const answer = tls.records.slice(asked).find(({ from }) => from === 'server');
  if (answer?.type !== ALERT || answer.innerLength !== null) return null;
  const evidence = [occurrence('alert_sized_record', 'server')];
  return { cause: 'renegotiation_refused', side, confidence: 0.82, evidence, missing: ['keys'] };
}

/** Some clients look at the name after the handshake: they leave then, and nothing was ever said. */
function judgeLeaving(
  { by, how }: Ending,
  tls: TlsFacts,
  facts: HandshakeFacts,
  provider: Provider | null,
): Finding | null {
  const { serverChain: chain, time, host } = facts;
  // A server that heard its close_notify may be the first to close TCP.
  const said =
    tls.closeNotify.client || tls.records.some(({ from, type }) => from === 'client' && type === ALERT);
  if ((by !== 'client' && !said) || how === 'silence' || tls.applicationData.client !== false || !chain)
    return null;
  const found = chainProblems({ chain, owner: 'server', time, host, provider });
  const wrong = found.find(({ cause }) => cause === 'hostname_mismatch');
  if (!wrong) return null;
  const { cause, facts: values, evidence } = wrong;
  return {
    cause,
    side: 'server',
    confidence: 0.76,
    evidence: [occurrence(how === 'reset' ? 'reset' : 'closed', 'client'), evidence],
    facts: values,
    offers: offersOf(facts),
    missing: ['client_log'],
  };
}

/** The server's bytes end in the middle of a record, and it was the server that ended them. */
function judgeHalf(
  observed: ObservedConnection,
  { records }: TlsFacts,
  facts: HandshakeFacts,
): ConnectionDiagnosis | null {
  const ending = endingOf(observed);
  const { tcp, problems } = observed;
  const last = records.findLast(({ from }) => from === 'server');
  if (ending?.by !== 'server' || !last || tcp.bytes.server <= last.end) return null;
  // What was not captured, or not understood, may be the rest.
  if (tcp.lost.length > 0 || problems.some(({ from }) => from === 'server')) return null;
  const evidence = [occurrence(ending.how === 'reset' ? 'reset' : 'closed', 'server')];
  const offers = offersOf(facts);
  return failed([{ cause: 'truncated_close', side: 'server', confidence: 0.9, evidence, offers }]);
}

const ALERT = 21;
const HANDSHAKE = 22;

/** TLS 1.3 without keys. */
function judgeUnreadable(
  observed: ObservedConnection,
  tls: TlsFacts,
  facts: HandshakeFacts,
): ConnectionDiagnosis | null {
  const hidden = tls.decryption.client.outcome !== 'plain' || tls.decryption.server.outcome !== 'plain';
  if (!hidden || !facts.seen.has('server ServerHello')) return null;
  const ending = endingOf(observed);
  if (!isOld(tls.negotiated.version)) {
    const findings = judgeSizes(tls, facts, ending);
    if (findings) return failed(findings);
    const shape = shapeOf(tls);
    // The client's Finished, and no word against it: it worked, though nothing need have been said. A flight that also
    // holds other messages has another size; that the server goes on shows that it took it.
    if (shape.finished || shape.serverSpoke) return judgeHalf(observed, tls, facts) ?? fine();
  }
  return null;
}
