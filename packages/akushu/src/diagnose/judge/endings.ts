/**
 * Connections that ended without a readable alert: refused, reset, closed or silent, by how far they had come. And
 * TLS 1.3 without keys, where an alert and an empty certificate still show by their sizes (RFC 9846 §5.2).
 */
import type { Provider } from '../../crypto/provider.js';
import type { ObservedConnection, ObservedRecord, TlsFacts } from '../../observe/observation.js';
import { ContentType, cipherSuiteByCode } from '../../registry/index.js';
import type { Side } from '../../trace/index.js';
import { type HandshakeFacts, offerOf, offersOf, stapleOf } from '../facts.js';
import type { Evidence, Finding } from '../verdict.js';
import { chainProblems } from './certificates.js';
import { occurrence } from './evidence.js';

const seconds = (ms: number): string => `${(Math.max(0, ms) / 1000).toFixed(ms < 1000 ? 3 : 1)} s`;

/** One SYN at the very end of a capture is no failure yet. */
export const isTooEarly = ({ tcp, end }: ObservedConnection): boolean =>
  tcp.opening === 'no_answer' && tcp.syns < 2 && end - (tcp.syn ?? end) <= 1000;

/** TCP never opened. */
export function judgeOpening(observed: ObservedConnection): Finding[] {
  const { tcp, end, server } = observed;
  const port = server.port;
  const offers = { host: server.names[0] ?? server.address, port };
  if (tcp.opening === 'refused')
    return [
      {
        cause: 'connection_refused',
        side: 'server',
        confidence: 0.96,
        evidence: [occurrence('refused', 'server')],
        offers,
      },
    ];
  if (tcp.opening === 'unreachable') {
    const evidence = [occurrence('unreachable', null, tcp.unreachable?.reason ?? '')];
    const refused = tcp.unreachable?.reason === 'port';
    return [
      {
        cause: refused ? 'connection_refused' : 'connect_timeout',
        side: refused ? 'server' : 'path',
        confidence: 0.9,
        evidence,
        offers,
      },
    ];
  }
  if (tcp.opening !== 'no_answer') return [];
  const waited = tcp.syn === null ? 0 : end - tcp.syn;
  const confidence = tcp.syns > 1 ? 0.93 : isTooEarly(observed) ? 0.35 : 0.8;
  const evidence = [occurrence('syn_unanswered', 'server', `${tcp.syns} SYN, ${seconds(waited)}`)];
  return [
    { cause: 'connect_timeout', side: 'path', confidence, evidence, offers, missing: ['capture_at_server'] },
  ];
}

/** How a connection came to its end. */
export interface Ending {
  readonly how: 'reset' | 'closed' | 'silence';
  readonly by: Side | null;
  /** How long nothing had come from the server before. */
  readonly waited: number;
}

/** Longer than this without a word, and then an end by the client, is silence of the server. */
const PATIENCE = 900;

export function endingOf({ tcp, end, tls }: ObservedConnection): Ending | null {
  // A client that gives up may say so: that alert is the end of the wait, and not what it waited for.
  const unanswered =
    tcp.bytes.server === 0 ? tls?.messages.findLast(({ kind }) => kind === 'handshake') : null;
  const last = unanswered?.time ?? tcp.lastData?.time ?? tcp.synAck ?? tcp.syn ?? end;
  if (tcp.rst && (tcp.finFirst === null || tcp.fin[tcp.finFirst]! > tcp.rst.time)) {
    const waited = tcp.rst.time - last;
    return {
      how: tcp.rst.by === 'client' && waited > PATIENCE ? 'silence' : 'reset',
      by: tcp.rst.by,
      waited,
    };
  }
  if (tcp.finFirst !== null) {
    const waited = tcp.fin[tcp.finFirst]! - last;
    const silence = tcp.finFirst === 'client' && waited > PATIENCE;
    return { how: silence ? 'silence' : 'closed', by: tcp.finFirst, waited };
  }
  const waited = end - last;
  return waited > PATIENCE || isSwallowed(tcp) ? { how: 'silence', by: null, waited } : null;
}

/** What the client said was sent again and again: it, or its acknowledgement, never arrived. */
const isSwallowed = ({ retransmissions, acknowledged, bytes }: ObservedConnection['tcp']): boolean =>
  retransmissions.client > 1 && acknowledged.client < bytes.client;

/** After the ClientHello nothing of TLS came from the server. */
export function judgeAfterHello(observed: ObservedConnection, facts: HandshakeFacts): Finding[] {
  const ending = endingOf(observed);
  const offers = offersOf(facts);
  const asked = facts.clientHello ? offerOf(facts.clientHello) : null;
  const name = asked?.serverName;
  const about = { offers, ...(name && { facts: { serverName: name } }) };
  if (!ending) return [];
  const { how, by, waited } = ending;
  const time = seconds(waited);
  if (how === 'silence') {
    const evidence = [occurrence('silence', 'server', time)];
    const swallowed = isSwallowed(observed.tcp);
    return [
      {
        cause: 'silence_after_client_hello',
        side: swallowed ? 'path' : 'server',
        confidence: swallowed ? 0.78 : 0.88,
        evidence,
        missing: ['probe_smaller_hello', 'capture_at_server'],
        ...about,
      },
      {
        cause: 'middlebox_intolerance',
        side: 'path',
        confidence: swallowed ? 0.18 : 0.07,
        evidence,
        missing: ['probe_smaller_hello', 'probe_elsewhere'],
        ...about,
      },
    ];
  }
  if (how === 'reset' && by === 'server')
    return [
      {
        cause: 'reset_after_client_hello',
        side: 'server',
        confidence: 0.88,
        evidence: [occurrence('reset', 'server', time)],
        missing: ['capture_at_server', 'probe_elsewhere'],
        ...about,
      },
      {
        cause: 'middlebox_intolerance',
        side: 'path',
        confidence: 0.08,
        evidence: [occurrence('reset', 'server', time)],
        missing: ['probe_smaller_hello'],
        ...about,
      },
    ];
  const confidence = by === 'server' ? 0.88 : 0.8;
  const evidence = [occurrence(how === 'reset' ? 'reset' : 'closed', by, time)];
  return [
    {
      cause: 'closed_after_client_hello',
      side: by ?? 'unknown',
      confidence,
      evidence,
      missing: [by === 'client' ? 'client_log' : 'server_log'],
      ...about,
    },
  ];
}

/** In the middle of a handshake that can be read as far as it went. */
export function judgeBrokenOff(
  observed: ObservedConnection,
  facts: HandshakeFacts,
  provider: Provider | null,
): Finding[] {
  const ending = endingOf(observed);
  if (!ending) return [];
  const { how, by, waited } = ending;
  const offers = offersOf(facts);
  const evidence = [occurrence(how === 'silence' ? 'silence' : how, by, seconds(waited))];
  const closed: Finding = {
    cause: how === 'silence' && by !== 'server' ? 'silence_after_client_hello' : 'closed_after_client_hello',
    side: by ?? 'unknown',
    confidence: 0.6,
    evidence,
    offers,
    missing: ['client_log', 'server_log'],
  };
  if (facts.clientCertificateRequested && facts.clientChain?.length === 0 && by === 'server')
    return [{ ...closed, cause: 'client_certificate_required', side: 'client', confidence: 0.85 }];
  if (
    by === 'client' &&
    facts.serverChain &&
    facts.serverChain.length > 0 &&
    !facts.seen.has('client Finished')
  ) {
    const { serverChain: chain, time, host } = facts;
    const problems = chainProblems({ chain, owner: 'server', time, host, provider, ...stapleOf(facts) });
    const found = problems.filter(({ cause }) => cause !== 'unknown_ca');
    const side = (cause: string) => (cause === 'tls_inspection' ? 'path' : 'server');
    return [
      ...found.map(
        ({ cause, weight, facts: values, evidence: proof }, i): Finding => ({
          cause,
          side: side(cause),
          confidence: weight * (i === 0 ? 0.82 : 0.1),
          evidence: [...evidence, proof],
          facts: values,
          offers,
          missing: ['client_log'],
        }),
      ),
      { ...closed, confidence: found.length > 0 ? 0.12 : 0.62 },
    ];
  }
  return [closed];
}

// ---- TLS 1.3 without keys ----

/** Inner type and tag behind what is inside (RFC 9846 §5.2); CCM_8 has half the tag. */
const OVERHEADS = [17, 9];
const isAlert = ({ length }: ObservedRecord): boolean => OVERHEADS.some((extra) => length === 2 + extra);
/** Zeros that JSSE puts into every record. */
const PADDED = 16;
/** Certificate with an empty context and an empty list. */
const EMPTY_CERTIFICATE = 8;

/** What records of the client's flight are, by their lengths: those of its Finished follow from the suite. */
function lengthsOf(clients: readonly ObservedRecord[], suite: number | null) {
  const hash = suite === null ? undefined : cipherSuiteByCode(suite)?.hash;
  const finished = hash === 'sha256' ? [36] : hash === 'sha384' ? [52] : [36, 52];
  const has = (length: number): boolean => clients.some((record) => record.length === length + 17);
  const plain = finished.some((length) => has(length) || has(EMPTY_CERTIFICATE + length));
  const extra = 17 + (!plain && finished.some((length) => has(length + PADDED)) ? PADDED : 0);
  const together = ({ length }: ObservedRecord): boolean =>
    finished.some((one) => length === EMPTY_CERTIFICATE + one + extra);
  return {
    isFinished: (record: ObservedRecord): boolean =>
      finished.some((one) => record.length === one + extra) || together(record),
    isEmptyCertificate: (record: ObservedRecord): boolean =>
      record.length === EMPTY_CERTIFICATE + extra || together(record),
  };
}

interface Shape {
  /** The client sent a record of an alert's size in the place of its Finished. */
  readonly refusedByClient: boolean;
  readonly emptyCertificate: boolean;
  readonly someCertificate: boolean;
  readonly finished: boolean;
  /** After the client's flight the server sent nothing but something of an alert's size. */
  readonly refusedByServer: boolean;
  readonly serverSpoke: boolean;
  readonly clientSpoke: boolean;
  /** All that the server said may be one ticket, and then something of an alert's size before the client sent such. */
  readonly brokenOffByServer: boolean;
}

/** Records are in the order of their capture. */
export function shapeOf({ records, negotiated }: TlsFacts): Shape {
  const hidden = records.filter(
    ({ type, protected: sealed }) => sealed && type === ContentType.application_data,
  );
  const clients = hidden.filter(({ from }) => from === 'client');
  const first = clients[0];
  const { isFinished, isEmptyCertificate } = lengthsOf(clients, negotiated.cipherSuite);
  const finishedAt = clients.findIndex(isFinished);
  const flight = finishedAt < 0 ? clients : clients.slice(0, finishedAt + 1);
  const last = flight.at(-1);
  const after = last ? hidden.slice(hidden.indexOf(last) + 1).filter(({ from }) => from === 'server') : [];
  const afterFlight = finishedAt < 0 ? [] : clients.slice(finishedAt + 1);
  return {
    refusedByClient: first !== undefined && (isAlert(first) || first.length === 2 + 17 + PADDED),
    emptyCertificate: flight.some(isEmptyCertificate),
    someCertificate: finishedAt > 1 && !flight.some(isEmptyCertificate),
    finished: finishedAt >= 0,
    refusedByServer: after.length > 0 && after.every(isAlert),
    serverSpoke: after.some((record) => !isAlert(record)),
    clientSpoke: afterFlight.some((record) => !isAlert(record)),
    brokenOffByServer:
      after.length === 2 &&
      isAlert(after[1]!) &&
      !hidden.slice(0, hidden.indexOf(after[1]!)).some((one) => one.from === 'client' && isAlert(one)),
  };
}

/** What sizes, order and timing tell of an encrypted handshake; null where nothing speaks against it having worked. */
export function judgeSizes(tls: TlsFacts, facts: HandshakeFacts, ending: Ending | null): Finding[] | null {
  const shape = shapeOf(tls);
  const offers = offersOf(facts);
  const missing = ['keys', 'server_log'] as const;
  if (shape.refusedByClient) {
    const evidence = [occurrence('alert_sized_record', 'client'), ...endEvidence(ending)];
    const of = (cause: Finding['cause'], side: Finding['side'], confidence: number): Finding => ({
      cause,
      side,
      confidence,
      evidence,
      offers,
      missing: ['keys', 'client_log', 'server_certificates'],
    });
    return [
      of('unknown_ca', 'client', 0.34),
      of('hostname_mismatch', 'server', 0.2),
      of('certificate_expired', 'server', 0.14),
      of('missing_intermediate', 'server', 0.12),
      of('self_signed', 'server', 0.08),
    ];
  }
  const cut = shape.refusedByServer || (!shape.serverSpoke && ending !== null && ending.by === 'server');
  if (shape.emptyCertificate && cut && !shape.serverSpoke) {
    const evidence = [
      occurrence('empty_certificate_flight', 'client'),
      ...(shape.refusedByServer ? [occurrence('alert_sized_record', 'server')] : []),
      ...endEvidence(ending),
    ];
    const confidence = shape.refusedByServer ? 0.92 : 0.78;
    return [
      {
        cause: 'client_certificate_required',
        side: 'client',
        confidence,
        evidence,
        offers,
        missing: confidence > 0.9 ? [] : missing,
      },
    ];
  }
  if (shape.someCertificate && cut) {
    const evidence = [occurrence('alert_sized_record', 'server'), ...endEvidence(ending)];
    return [
      { cause: 'client_certificate_rejected', side: 'client', confidence: 0.8, evidence, offers, missing },
    ];
  }
  return null;
}

const endEvidence = (ending: Ending | null): Evidence[] =>
  ending ? [occurrence(ending.how === 'silence' ? 'silence' : ending.how, ending.by)] : [];
