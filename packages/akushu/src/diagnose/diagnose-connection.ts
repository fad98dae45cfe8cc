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
import { alertEvidence, judgeAlert } from './judge/alerts.js';
import {
  endingOf,
  judgeAfterHello,
  judgeBrokenOff,
  judgeOpening,
  judgeSizes,
  occurrence,
  shapeOf,
} from './judge/endings.js';
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
  if (starttls && !tls?.clientHello && starttls.requested !== null && starttls.accepted === false) {
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
  if (opening?.protocol === 'http' && !tls?.clientHello) {
    const evidence = [occurrence('first_bytes', 'client', opening.firstLine)];
    const told = tls !== null || /^HTTP\/1\.[01] (?:400|426|497)\b/.test(answer?.firstLine ?? '');
    const finding: Finding = {
      cause: 'http_to_tls_port',
      side: 'client',
      confidence: tls ? 0.96 : 0.8,
      evidence,
      offers,
    };
    if (tls || (told && HTTPS_PORTS.has(server.port))) return failed([finding]);
    const dropped = !answer && observed.tcp.bytes.server === 0 && endingOf(observed)?.by === 'server';
    if (dropped && !HTTPS_PORTS.has(server.port)) return failed([{ ...finding, confidence: 0.6 }]);
    if (!answer && HTTPS_PORTS.has(server.port)) return failed([{ ...finding, confidence: 0.75 }]);
  }
  return null;
}

// ---- TLS ----

function judgeTls(
  observed: ObservedConnection,
  tls: TlsFacts,
  facts: HandshakeFacts,
  provider: Provider | null,
): ConnectionDiagnosis {
  const worked = isEstablished(tls);
  const fatal = facts.alerts.find(
    ({ fatal: deadly, description }) => deadly && description !== 'close_notify',
  );
  if (fatal && !(worked && harmless(fatal.description)))
    return { ...failed(judgeAlert(fatal, facts, provider)) };
  if (worked) return judgeWorked(observed, tls, facts);
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
): ConnectionDiagnosis {
  const warned = facts.alerts.find(({ description }) => description === 'no_renegotiation');
  if (warned)
    return failed([
      {
        cause: 'renegotiation_refused',
        side: warned.from === 'client' ? 'server' : 'client',
        confidence: 0.85,
        evidence: [alertEvidence(warned)],
      },
    ]);
  const ending = endingOf(observed);
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
    if (shape.finished || shape.serverSpoke) return fine();
  }
  return null;
}
