/**
 * Verdicts on a connection that was observed. What is readable decides; what is encrypted is read as far as sizes,
 * order and timing go, and then as a probability. A connection that worked gets `none`; half a connection gets what
 * can be told of it, or nothing.
 */

import type { Provider } from '../crypto/provider.js';
import type { ObservedConnection, ObservedLookup, TlsFacts } from '../observe/observation.js';
import { otherSide } from '../observe/sides.js';
import { ContentType, Version } from '../registry/index.js';
import type { Side } from '../trace/index.js';
import { factsOfConnection, type HandshakeFacts, offersOf } from './facts.js';
import { judgeAlert } from './judge/alerts.js';
import { chainProblems } from './judge/certificates.js';
import {
  type Ending,
  endingOf,
  isTooEarly,
  judgeAfterHello,
  judgeBrokenOff,
  judgeOpening,
  judgeSizes,
  shapeOf,
} from './judge/endings.js';
import { alertEvidence, messageEvidence, occurrence } from './judge/evidence.js';
import { doubtful, type Gaps, gapsOf, isUnsure, lacksRecords, standsAlone } from './judge/gaps.js';
import { helloBegan, judgePlain } from './judge/in-the-clear.js';
import { failed, fine, INCOMPLETE, type Judgement, type Outcome } from './judge/judgement.js';
import { type Finding, type Missing, missingOf, ranked, type Verdict } from './verdict.js';
import type { MissingId } from './verdict-texts.js';

export interface ConnectionDiagnosis {
  readonly outcome: Outcome;
  /** The most probable first; empty where nothing can be told. */
  readonly verdicts: readonly Verdict[];
  /** What the capture lacks of the connection, and how to get it; empty where it has all. */
  readonly missing: readonly Missing[];
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
  const gaps = gapsOf(observed);
  const { outcome, findings } = judge(observed, facts, gaps, options.provider ?? null);
  const missing: readonly MissingId[] =
    outcome === 'incomplete' && gaps.end ? [...gaps.missing, 'to_the_end'] : gaps.missing;
  const offers = offersOf(facts);
  const verdicts = ranked(findings.map((finding) => ({ offers, ...finding })));
  return { outcome, verdicts, missing: missingOf(missing, offers) };
}

function judge(
  observed: ObservedConnection,
  facts: HandshakeFacts,
  gaps: Gaps,
  provider: Provider | null,
): Judgement {
  const opening = judgeOpening(observed);
  if (opening.length > 0)
    return isTooEarly(observed) ? { outcome: 'incomplete', findings: opening } : failed(opening);
  const plain = judgePlain(observed, gaps);
  if (plain) return plain;
  return observed.tls ? judgeTls(observed, observed.tls, facts, gaps, provider) : INCOMPLETE;
}

/** A name that could not be resolved. */
export function diagnoseLookup(lookup: ObservedLookup): ConnectionDiagnosis {
  const late = lookup.outcome === 'no_answer' && lookup.attempts < 2;
  const finding: Finding = {
    cause: 'dns_failure',
    side: lookup.outcome === 'nxdomain' || lookup.outcome === 'no_addresses' ? 'unknown' : 'path',
    confidence: late ? 0.5 : 0.95,
    evidence: [occurrence('not_resolved', null, `${lookup.name} ${lookup.type}: ${lookup.outcome}`)],
    facts: { host: lookup.name },
    offers: { host: lookup.name },
  };
  return { outcome: 'failed', verdicts: ranked([finding]), missing: [] };
}

// ---- TLS ----

function judgeTls(
  observed: ObservedConnection,
  tls: TlsFacts,
  facts: HandshakeFacts,
  gaps: Gaps,
  provider: Provider | null,
): Judgement {
  const lacking = isUnsure(gaps);
  const modest = (findings: readonly Finding[]): readonly Finding[] =>
    lacking ? doubtful(findings, gaps.missing) : findings;
  const worked = isEstablished(tls);
  const refused = worked && refusedRenegotiation(tls, facts);
  if (refused) return failed(modest([refused]));
  const fatal = facts.alerts.find(
    ({ fatal: deadly, description }) => deadly && description !== 'close_notify',
  );
  const unheard = fatal?.from === 'client' && observed.tcp.bytes.server === 0;
  if (fatal && !unheard && !(worked && harmless(fatal.description))) {
    const findings = judgeAlert(fatal, facts, provider);
    return failed(standsAlone(fatal, facts, gaps) ? findings : modest(findings));
  }
  if (worked) return judgeWorked(observed, tls, facts, gaps, provider);
  const beat = tls.messages.find(({ kind, decrypted }) => kind === 'heartbeat' && !decrypted);
  if (beat && !fatal && !lacking) return failed([outOfPlace(beat.from)]);
  const sizes = judgeUnreadable(observed, tls, facts, gaps);
  if (sizes) return sizes;
  return judgeEnd(observed, tls, facts, gaps, provider);
}

/** It ended in the handshake, and nobody said why. */
function judgeEnd(
  observed: ObservedConnection,
  tls: TlsFacts,
  facts: HandshakeFacts,
  gaps: Gaps,
  provider: Provider | null,
): Judgement {
  const answered = facts.seen.has('server ServerHello') || facts.seen.has('server HelloRetryRequest');
  if (!tls.clientHello && !answered && !helloBegan(tls)) return INCOMPLETE;
  const by = endingOf(observed)?.by ?? null;
  // Of a server that never said a word nothing is missing, whatever is missing of the client.
  const { bytes, acknowledged, startedMidStream } = observed.tcp;
  const wordless = bytes.server === 0 && !gaps.server && !gaps.beginning;
  if (isUnsure(gaps) && !(wordless && (by !== 'client' || tls.clientHello))) return INCOMPLETE;
  const findings = answered ? judgeBrokenOff(observed, facts, provider) : judgeAfterHello(observed, facts);
  if (findings.length === 0 || (gaps.clock && by === null)) return INCOMPLETE;
  // Whether a client waited before it left is told by the time alone; and a server may have greeted it before.
  // What it acknowledges beyond all words is a FIN that was not captured.
  const later = by === 'client' && acknowledged.server > bytes.server;
  const unsure = later || (gaps.clock && by !== 'server') || (wordless && startedMidStream);
  return failed(unsure ? doubtful(findings, gaps.missing) : findings);
}

/** RFC 6520 §3: no heartbeat in a handshake. Heartbleed was asked for like this. */
const outOfPlace = (from: Side): Finding => ({
  cause: 'peer_misbehaved',
  side: from,
  confidence: 0.85,
  evidence: [messageEvidence(from, 'Heartbeat')],
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
  gaps: Gaps,
  provider: Provider | null,
): Judgement {
  if (isUnsure(gaps)) return soFar(observed, tls, gaps);
  const ending = endingOf(observed);
  const left = ending && judgeLeaving(ending, tls, facts, provider);
  if (left) return failed([left]);
  const half = judgeHalf(observed, tls, facts);
  if (half) return half;
  const by = ending?.by ?? null;
  const cut = by !== null && ending?.how !== 'silence' && tls.closeNotify[by] === false && by === 'server';
  if (!cut || wentSilently(observed, tls)) return soFar(observed, tls, gaps);
  return fine([
    {
      cause: 'truncated_close',
      side: 'server',
      confidence: 0.04,
      evidence: [occurrence(ending!.how === 'reset' ? 'reset' : 'closed', by)],
      offers: offersOf(facts),
    },
  ]);
}

/** Where both sides have talked to each other it worked; else what is missing may be an alert. */
function soFar(observed: ObservedConnection, tls: TlsFacts, gaps: Gaps): Judgement {
  const lacking = isUnsure(gaps);
  const { outcome, findings } = fine();
  const last = tls.records.findLast(({ from }) => from === 'server');
  const { bytes, lost } = observed.tcp;
  const half = gaps.end && last !== undefined && bytes.server > last.end;
  const tail = lost.some(({ from, offset }) => from === 'server' && last !== undefined && offset >= last.end);
  const silent = gaps.end && !talked(tls);
  if (!half && !tail && !(lacking ? !answered(tls) : silent || brokenOff(tls) || wentSilently(observed, tls)))
    return { outcome, findings };
  return { outcome, findings: doubtful(findings, gaps.end ? [...gaps.missing, 'to_the_end'] : gaps.missing) };
}

/** RFC 9846 §4.5.4: a server that refuses the client's certificate does so after the client's Finished. */
const wentSilently = (observed: ObservedConnection, tls: TlsFacts): boolean =>
  !isOld(tls.negotiated.version) && endingOf(observed)?.by === 'server' && !shapeOf(tls).serverSpoke;

const bothSent = ({ applicationData: { client, server } }: TlsFacts): boolean =>
  client === true && server === true;

function talked(tls: TlsFacts): boolean {
  const shape = shapeOf(tls);
  return bothSent(tls) || (!isOld(tls.negotiated.version) && shape.serverSpoke && shape.clientSpoke);
}

/** Data of the client, and then data of the server: in TLS 1.3 that of the server may come before it knows the client. */
function answered(tls: TlsFacts): boolean {
  if (isOld(tls.negotiated.version)) return bothSent(tls);
  const data = tls.messages.filter(({ kind }) => kind === 'application_data');
  const asked = data.findIndex(({ from }) => from === 'client');
  return asked >= 0 && data.slice(asked).some(({ from }) => from === 'server');
}

/** Without keys an alert of the server in place of an answer looks like its farewell. */
const brokenOff = (tls: TlsFacts): boolean =>
  !bothSent(tls) &&
  !isOld(tls.negotiated.version) &&
  tls.closeNotify.server !== true &&
  shapeOf(tls).brokenOffByServer;

/** By the alert for it, or by one that came in place of an answer and cannot be read. */
function refusedRenegotiation(tls: TlsFacts, facts: HandshakeFacts): Finding | null {
  const side = facts.renegotiating;
  const warned = facts.alerts.find(({ description }) => description === 'no_renegotiation');
  if (warned)
    return {
      cause: 'renegotiation_refused',
      side: otherSide(warned.from),
      confidence: 0.85,
      evidence: [alertEvidence(warned)],
    };
  // A client may leave a HelloRequest without an answer: its alert is the end of the conversation.
  if (side !== 'client') return null;
  const asked = tls.records.findLastIndex(
    ({ from, type }) => from === side && type === ContentType.handshake,
  );
  const answer = tls.records.slice(asked).find(({ from }) => from === 'server');
  if (answer?.type !== ContentType.alert || answer.innerLength !== null) return null;
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
    tls.closeNotify.client ||
    tls.records.some(({ from, type }) => from === 'client' && type === ContentType.alert);
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
): Judgement | null {
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

/** TLS 1.3 without keys. */
function judgeUnreadable(
  observed: ObservedConnection,
  tls: TlsFacts,
  facts: HandshakeFacts,
  gaps: Gaps,
): Judgement | null {
  const hidden = tls.decryption.client.outcome !== 'plain' || tls.decryption.server.outcome !== 'plain';
  if (!hidden || !facts.seen.has('server ServerHello') || isOld(tls.negotiated.version)) return null;
  const lacking = lacksRecords(observed, gaps) || gaps.roles;
  const findings = judgeSizes(tls, facts, endingOf(observed));
  if (findings)
    return lacking ? { outcome: 'incomplete', findings: doubtful(findings, gaps.missing) } : failed(findings);
  const shape = shapeOf(tls);
  // The client's Finished, and no word against it: it worked, though nothing need have been said. A flight that also
  // holds other messages has another size; that the server goes on shows that it took it.
  if (!shape.finished && !shape.serverSpoke) return null;
  return (lacking ? null : judgeHalf(observed, tls, facts)) ?? soFar(observed, tls, gaps);
}
