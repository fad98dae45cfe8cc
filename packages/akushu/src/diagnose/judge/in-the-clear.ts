/**
 * Connections in which a side spoke in the clear where TLS was due: a switch to TLS that was refused or never made, an
 * answer in another protocol, HTTP on a port of TLS.
 */
import type { ObservedConnection, PlainSpeech, TlsFacts } from '../../observe/observation.js';
import { ContentType } from '../../registry/index.js';
import type { Finding, Offers } from '../verdict.js';
import { endingOf } from './endings.js';
import { occurrence } from './evidence.js';
import { doubtful, type Gaps, lacksBytes } from './gaps.js';
import { failed, type Judgement } from './judgement.js';
import { canSwitchToTls, judgePlainAnswer } from './plain-answer.js';

const HTTPS_PORTS: ReadonlySet<number> = new Set([443, 8443, 9443, 4443, 10443]);

/** Null where nothing in the clear decides. */
export function judgePlain(observed: ObservedConnection, gaps: Gaps): Judgement | null {
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
  // The rest of something whose beginning is missing looks like anything.
  const unknown = answer?.protocol === 'binary' || answer?.protocol === 'text';
  if (unknown && (gaps.beginning || gaps.roles || lacksFirstBytes(observed))) return null;
  if (answer && tls && (tls.clientHello || helloBegan(tls))) {
    if (overflows(observed)) {
      const evidence = [occurrence('first_bytes', 'server', answer.firstLine)];
      return failed([{ cause: 'record_overflow', side: 'server', confidence: 0.88, evidence, offers }]);
    }
    const findings = judgePlainAnswer(answer).map((finding) => ({ ...finding, offers }));
    // The words by which it switches may be among what is missing.
    return canSwitchToTls(answer.protocol) && lacksBytes(gaps)
      ? { outcome: 'incomplete', findings: doubtful(findings, gaps.missing) }
      : failed(findings);
  }
  if (answer?.wantsTls && opening && opening.protocol !== 'http' && !tls) {
    const evidence = [occurrence('first_bytes', 'server', answer.firstLine)];
    const facts = { protocol: answer.protocol };
    return failed([{ cause: 'starttls_expected', side: 'client', confidence: 0.9, evidence, facts, offers }]);
  }
  return opening?.protocol === 'http' && !tls?.clientHello
    ? judgeHttp(observed, opening, offers, gaps)
    : null;
}

/** A client that speaks HTTP, on a port of TLS or on one that may be. */
function judgeHttp(
  observed: ObservedConnection,
  opening: PlainSpeech,
  offers: Offers,
  gaps: Gaps,
): Judgement | null {
  const { notTls, tls, tcp, server } = observed;
  const answer = notTls?.server ?? null;
  const evidence = [occurrence('first_bytes', 'client', opening.firstLine)];
  const isHttpsPort = HTTPS_PORTS.has(server.port);
  const refused = /^HTTP\/1\.[01] (?:400|426|497)\b/.test(answer?.firstLine ?? '');
  const told = tls !== null || answer?.wantsTls === true;
  const finding = (confidence: number): Finding => ({
    cause: 'http_to_tls_port',
    side: 'client',
    confidence,
    evidence,
    offers,
  });
  if (told) return failed([finding(0.96)]);
  if (refused && isHttpsPort) return failed([finding(0.8)]);
  const dropped = !answer && tcp.bytes.server === 0 && endingOf(observed)?.by === 'server';
  if (dropped && !lacksBytes(gaps) && !isHttpsPort) return failed([finding(0.6)]);
  if (!answer && !gaps.server && isHttpsPort) return failed([finding(0.75)]);
  return null;
}

const lacksFirstBytes = ({ tcp }: ObservedConnection): boolean =>
  tcp.lost.some(({ from, offset }) => from === 'server' && offset === 0);

/** A ClientHello of which the capture has less than was sent. */
export const helloBegan = ({ records: [first] }: TlsFacts): boolean =>
  first?.from === 'client' && first.type === ContentType.handshake && !first.protected;

/** In hexadecimal digits, as it is shown of what is no text. */
const RECORD_HEAD = /^1[4-8]030[0-4]/;

/** The answer had the head of a record that announced more than any may hold, or the client took it for that. */
const overflows = ({ problems, tls, notTls }: ObservedConnection): boolean =>
  (notTls?.server?.protocol === 'binary' && RECORD_HEAD.test(notTls.server.firstLine)) ||
  problems.some(({ code, from }) => code === 'record_too_long' && from === 'server') ||
  tls?.alerts.some(({ from, description }) => from === 'client' && description === 'record_overflow') ===
    true;
