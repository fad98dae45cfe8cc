/**
 * What a capture lacks of a connection, and what that takes from a verdict. What was never captured cannot be judged: a
 * message that nobody saw may have been sent all the same. So whatever rests on silence is not said at all where bytes
 * are missing, and whatever rests on words is said with doubt, except for words that need no other beside them.
 */
import type { LostBytes, ObservedConnection } from '../../observe/observation.js';
import type { Side } from '../../trace/index.js';
import type { FactAlert, HandshakeFacts } from '../facts.js';
import type { Finding } from '../verdict.js';
import type { MissingId } from '../verdict-texts.js';
import { OF_CERTIFICATES } from './refusals.js';

export interface Gaps {
  /** Bytes of this side are missing: cut, lost, or from before the capture. */
  readonly client: boolean;
  readonly server: boolean;
  /** It began before the capture, and with more than what opens TCP. */
  readonly beginning: boolean;
  /** Who is the client is a guess that nothing supports. */
  readonly roles: boolean;
  /** Neither both FINs nor a RST were captured. */
  readonly end: boolean;
  /** Times that say nothing: all alike, or going back. */
  readonly clock: boolean;
  /** What a better capture has. */
  readonly missing: readonly MissingId[];
}

/** Captures of several interfaces step back by less. */
const STEADY = 100;
const SOME_PACKETS = 4;

export function gapsOf({ tcp, tls, rolesFrom, start, end }: ObservedConnection): Gaps {
  const sides = ['client', 'server'] as const;
  const unseen = (side: Side): boolean =>
    tcp.packets[side] === 0 && tcp.opening !== 'no_answer' && tcp.opening !== 'unreachable';
  const lost = (side: Side): boolean => tcp.lost.some(({ from }) => from === side) || tcp.lostOmitted > 0;
  const cut = sides.some((side) => tcp.cutSegments[side] > 0);
  const hello = tls?.messages.find(({ kind }) => kind === 'handshake');
  const beginning =
    tcp.startedMidStream && !(tls?.clientHello && hello?.from === 'client' && hello.start === 0);
  const packets = tcp.packets.client + tcp.packets.server;
  const clock = tcp.stepBack > STEADY || (end === start && packets >= SOME_PACKETS);
  const oneSided = sides.some(unseen);
  return {
    client: lost('client') || unseen('client'),
    server: lost('server') || unseen('server'),
    beginning,
    roles: rolesFrom === 'first',
    end: tcp.open,
    clock,
    missing: [
      ...(cut ? (['whole_packets'] as const) : []),
      ...(oneSided ? (['both_directions'] as const) : []),
      ...(!cut && !oneSided && sides.some(lost) ? (['lost_packets'] as const) : []),
      ...(beginning ? (['from_the_start'] as const) : []),
      ...(clock ? (['right_times'] as const) : []),
    ],
  };
}

/** Records are missing as such, and not only what is in them: sizes and order say less then. */
export function lacksRecords({ tcp, tls }: ObservedConnection, gaps: Gaps): boolean {
  if (!lacksBytes(gaps) || !tls) return lacksBytes(gaps);
  const inRecord = ({ from, offset, length }: LostBytes): boolean =>
    tls.records.some((one) => one.from === from && one.start < offset && offset + length <= one.end);
  return gaps.beginning || tcp.lostOmitted > 0 || tcp.lost.length === 0 || !tcp.lost.every(inRecord);
}

/** Bytes are missing that may have held what a verdict would rest on. */
export const lacksBytes = ({ client, server, beginning }: Gaps): boolean => client || server || beginning;

/** The same, or who said what is a guess. */
export const isUnsure = (gaps: Gaps): boolean => lacksBytes(gaps) || gaps.roles;

/** Below what is called sure. */
const DOUBT = 0.6;

export const doubtful = (findings: readonly Finding[], missing: readonly MissingId[]): Finding[] =>
  findings.map((finding) => ({
    ...finding,
    confidence: Math.min(DOUBT, finding.confidence),
    missing: [...new Set([...missing, ...(finding.missing ?? [])])],
  }));

/** Alerts that name what is wrong, whatever was said before. */
const EXPLICIT: ReadonlySet<string> = new Set([
  'unrecognized_name',
  'no_application_protocol',
  'inappropriate_fallback',
  'certificate_required',
  'certificate_revoked',
  'certificate_expired',
  'unknown_psk_identity',
  'no_renegotiation',
]);

/** Whether nothing that is missing could make an alert mean something else. */
export function standsAlone({ from, description }: FactAlert, facts: HandshakeFacts, gaps: Gaps): boolean {
  if (gaps.roles) return false;
  if (!lacksBytes(gaps) || EXPLICIT.has(description)) return true;
  if (facts.clientHello === null) return false;
  if (from === 'server') return !gaps.server && !facts.seen.has('server ServerHello');
  return OF_CERTIFICATES.has(description) && facts.serverChain !== null;
}
