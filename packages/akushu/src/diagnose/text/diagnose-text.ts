/**
 * Errors and logs, pasted: which phrases are known, and what they mean. Reads line by line; knows no program's grammar.
 * A text that nothing is known of gets no verdict. A log with several failures is told apart into incidents.
 */
import { otherSide } from '../../observe/sides.js';
import type { Side } from '../../trace/index.js';
import type { Cause } from '../cause.js';
import {
  type Evidence,
  type Finding,
  type Offers,
  ranked,
  type Verdict,
  type VerdictSide,
} from '../verdict.js';
import type { MissingId } from '../verdict-texts.js';
import { linesOf, MAX_TEXT } from './fold.js';
import type { Guess, Meaning } from './guesses.js';
import { type Match, weightOf } from './phrases.js';
import type { Speaker } from './programs.js';
import { type Endpoints, type Entry, joined, RecordReader } from './records.js';

export interface TextIncident extends Endpoints {
  /** Whose text it is; null where it cannot be told. */
  readonly program: string | null;
  /** Which side wrote it. */
  readonly role: Side | null;
  /** Line from 1 of the first occurrence, and how often it is there. */
  readonly line: number;
  readonly count: number;
  readonly verdicts: readonly Verdict[];
}

export interface TextDiagnosis {
  /** In the order in which they are in the text; empty where nothing in it is known. */
  readonly incidents: readonly TextIncident[];
  readonly lines: number;
  /** The text was longer than is read. */
  readonly truncated: boolean;
}

/** More incidents are of no use to a reader. */
const MAX_INCIDENTS = 200;

/**
 * Verdicts on a pasted error or log. Never throws.
 *
 * @example
 * diagnoseText('curl: (60) SSL certificate problem: certificate has expired').incidents[0]?.verdicts[0]?.cause;
 * // 'certificate_expired'
 */
export function diagnoseText(text: string): TextDiagnosis {
  const incidents = new Map<string, TextIncident>();
  const record = new RecordReader();
  let pending: Entry | null = null;
  const next = (entry: Entry | null): void => {
    if (entry === null) return;
    const together = pending && joined(pending, entry);
    if (pending && !together) count(incidents, pending);
    pending = together ?? entry;
  };
  let lines = 0;
  for (const line of linesOf(text)) {
    lines = line.number;
    if (record.isNew(line)) next(record.end());
    record.add(line);
  }
  next(record.end());
  if (pending) count(incidents, pending);
  return { incidents: [...incidents.values()], lines, truncated: text.length > MAX_TEXT };
}

// ---- From matches to verdicts ----

function count(incidents: Map<string, TextIncident>, entry: Entry): void {
  const findings = findingsOf(entry);
  const key = JSON.stringify([entry.speaker?.program, entry.role, findings.map(({ cause }) => cause)]);
  const known = incidents.get(key);
  if (known) incidents.set(key, { ...known, count: known.count + 1 });
  else if (incidents.size < MAX_INCIDENTS) incidents.set(key, incidentOf(entry, findings));
}

const incidentOf = (
  { line, speaker, role, endpoints }: Entry,
  findings: readonly Finding[],
): TextIncident => ({
  program: speaker?.program ?? null,
  role,
  line,
  count: 1,
  ...endpoints,
  verdicts: ranked(findings),
});

/** Of all phrases the most telling ones decide; those that agree strengthen each other. */
function findingsOf({ matches, speaker, role: whole, endpoints }: Entry): Finding[] {
  const heaviest = weightOf(matches);
  const telling = matches.filter(({ weight }) => weight === heaviest);
  const byCause = new Map<Cause, { guess: Guess; from: Match[] }>();
  for (const match of telling) {
    const role = match.side ?? whole;
    for (const guess of guessesFor(match.meaning, match.sent && role !== null ? otherSide(role) : role)) {
      const before = byCause.get(guess[0]);
      if (!before) byCause.set(guess[0], { guess, from: [match] });
      else {
        before.from.push(match);
        if (guess[2] > before.guess[2]) before.guess = guess;
      }
    }
  }
  const scale =
    1 /
    Math.max(
      1,
      [...byCause.values()].reduce((sum, { guess }) => sum + guess[2], 0),
    );
  const { host, serverName } = hostsIn(telling, endpoints);
  const offers: Offers = host === null ? {} : { host };
  return [...byCause.values()].map(({ guess: [cause, side, confidence], from }) => ({
    cause,
    side,
    confidence: confidence * scale,
    evidence: uniqueEvidence(from, speaker),
    facts: { ...Object.assign({}, ...from.map(({ facts }) => facts)), ...(serverName && { serverName }) },
    offers,
    missing:
      confidence * scale > SETTLED
        ? []
        : [...new Set(from.flatMap(({ missing }) => missing).map((id) => elsewhere(id, cause, side, whole)))],
  }));
}

/** Whoever pasted one side's log has that: what would settle it is with the other. And a client's fault is at the client. */
function elsewhere(id: MissingId, cause: Cause, side: VerdictSide, writer: Side | null): MissingId {
  if (id === 'server_log' && writer === 'server') return 'client_log';
  if (id === 'client_log' && writer === 'client') return 'server_log';
  if (id === 'plain_answer' && side === 'client') return 'client_log';
  return id === 'server_certificates' && cause.startsWith('client_certificate') ? 'client_certificate' : id;
}

/** Above this, nothing is missing. */
const SETTLED = 0.9;
const MAX_EVIDENCE = 4;

function uniqueEvidence(matches: readonly Match[], speaker: Speaker | null): Evidence[] {
  const all = matches.map((match) => evidenceOf(match, speaker));
  return [...new Map(all.map((one) => [one.value.toLowerCase(), one])).values()].slice(0, MAX_EVIDENCE);
}

function hostsIn(
  matches: readonly Match[],
  { serverName }: Endpoints,
): { host: string | null; serverName: string | null } {
  const said = matches.map(({ facts }) => facts.host).find((host) => host !== undefined) ?? null;
  return { host: said ?? serverName, serverName: said === null ? serverName : null };
}

const isList = (meaning: Meaning): meaning is readonly Guess[] => Array.isArray(meaning);

const guessesFor = (meaning: Meaning, role: Side | null): readonly Guess[] =>
  isList(meaning) ? meaning : meaning[role ?? 'unknown'];

const MAX_QUOTE = 200;

function evidenceOf({ line, start, end }: Match, speaker: Speaker | null): Evidence {
  const from = line.at(start);
  const until = Math.max(from, line.at(Math.max(start, end - 1)) + 1);
  return {
    kind: 'text',
    from: null,
    message: speaker?.program ?? '',
    field: '',
    value: line.text.slice(from, Math.min(until, from + MAX_QUOTE)),
    bytes: null,
    text: { line: line.number, start: line.start + from, end: line.start + until },
  };
}
