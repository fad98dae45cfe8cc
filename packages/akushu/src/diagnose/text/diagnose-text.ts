/**
 * Errors and logs, pasted: which phrases are known, and what they mean. Reads line by line; knows no program's grammar.
 * A text that nothing is known of gets no verdict. A log with several failures is told apart into incidents.
 */
import type { Side } from '../../trace/index.js';
import type { Cause } from '../cause.js';
import type { FactName } from '../texts.js';
import { type Evidence, type Finding, type Offers, ranked, type Verdict } from '../verdict.js';
import type { MissingId } from '../verdict-texts.js';
import { alertIn, meaningOfAlert } from './alerts.js';
import { type Line, linesOf, MAX_TEXT } from './fold.js';
import type { Guess, Meaning } from './guesses.js';
import { type Speaker, sideOf, speakerOf } from './programs.js';
import { BROWSERS } from './rules-browsers.js';
import { LIBRARIES } from './rules-libraries.js';
import { OPENSSL } from './rules-openssl.js';
import { PROGRAM_RULES } from './rules-programs.js';
import { SERVICE_RULES } from './rules-services.js';

export interface TextIncident {
  /** Whose text it is; null where it cannot be told. */
  readonly program: string | null;
  /** Which side wrote it. */
  readonly role: Side | null;
  /** Line from 1 of the first occurrence, and how often it is there. */
  readonly line: number;
  readonly count: number;
  /** Addresses and the name asked for, as the text has them. Not safe to print. */
  readonly client: string | null;
  readonly server: string | null;
  readonly serverName: string | null;
  readonly verdicts: readonly Verdict[];
}

export interface TextDiagnosis {
  /** In the order in which they are in the text; empty where nothing in it is known. */
  readonly incidents: readonly TextIncident[];
  readonly lines: number;
  /** The text was longer than is read. */
  readonly truncated: boolean;
}

const RULES = [...PROGRAM_RULES, ...SERVICE_RULES, ...LIBRARIES, ...BROWSERS, ...OPENSSL];

/** One phrase that was recognised. */
interface Match {
  readonly weight: number;
  readonly guesses: readonly Guess[];
  readonly missing: readonly MissingId[];
  readonly facts: Readonly<Partial<Record<FactName, string>>>;
  readonly evidence: Evidence;
}

interface Entry {
  readonly line: Line;
  readonly speaker: Speaker | null;
  readonly role: Side | null;
  readonly matches: readonly Match[];
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
  const entries: Entry[] = [];
  const wholeRole = roleOf(text);
  let before: Line | null = null;
  let speaker: Speaker | null = null;
  let lines = 0;
  for (const line of linesOf(text)) {
    lines = line.number;
    speaker = speakerOf(line.folded) ?? speaker;
    const role = sideOf(line.folded) ?? speaker?.role ?? wholeRole;
    const matches = matchesIn(line, before, speaker, role);
    if (matches.length > 0) entries.push({ line, speaker, role, matches });
    before = line;
  }
  const groups = isLog(entries) ? entries.map((entry) => [entry]) : entries.length > 0 ? [entries] : [];
  return { incidents: incidentsOf(groups), lines, truncated: text.length > MAX_TEXT };
}

/** The side that all lines point to which point to one; null where they do not agree, or none does. */
function roleOf(text: string): Side | null {
  const sides = new Set<Side>();
  for (const { folded } of linesOf(text)) {
    const side = sideOf(folded);
    if (side !== null) sides.add(side);
  }
  return sides.size === 1 ? [...sides][0]! : null;
}

/** What a log's line begins with: a date, a time, or brackets with either. */
const STAMPED =
  /^[[(<"]?(?:\d{4}[-/]\d{2}[-/]\d{2}|[a-z]{3},? +(?:[a-z]{3} +)?\d{1,2} +\d{2}:\d{2}|\d{1,2}[./-][a-z\d]{2,3}[./-]\d{2,4}|\d{2}:\d{2}:\d{2})/;

function isLog(entries: readonly Entry[]): boolean {
  return entries.length > 1 && entries.every(({ line }) => STAMPED.test(line.folded));
}

function matchesIn(line: Line, before: Line | null, speaker: Speaker | null, role: Side | null): Match[] {
  const found: Match[] = [];
  let { folded } = line;
  const alert = alertIn(folded);
  if (alert) {
    // An alert that this side sent says what this side found: as if the other had received it.
    const receiver = alert.sent && role !== null ? other(role) : role;
    const span = { start: alert.start, end: alert.end };
    const meaning = meaningOfAlert(alert.name);
    found.push(matchOf(3, meaning, receiver, ALERT_MISSING, {}, evidenceOf(line, span, speaker)));
    folded = folded.slice(0, alert.start) + '#'.repeat(alert.end - alert.start) + folded.slice(alert.end);
  }
  // OpenSSL says on the line before which certificate it speaks of.
  const depth = before !== null && /^verify error:/.test(folded) && /^depth=/.test(before.folded);
  const subject = depth ? `${before.folded.slice(0, 200)} ${folded}` : folded;
  const shift = subject.length - folded.length;
  for (const { pattern, weight, meaning, missing } of RULES) {
    const match = pattern.exec(subject);
    if (!match) continue;
    const start = Math.max(0, match.index - shift);
    const end = Math.max(start, match.index + match[0].length - shift);
    const evidence = evidenceOf(line, { start, end }, speaker);
    found.push(matchOf(weight, meaning, role, missing ?? [], factsOf(match, line, shift), evidence));
  }
  const heaviest = Math.max(...found.map(({ weight }) => weight));
  const telling = found.filter(({ weight }) => weight === heaviest);
  return telling.filter((match) => !telling.some((longer) => isInside(match, longer)));
}

/** `self-signed certificate` says nothing of its own in `self-signed certificate in certificate chain`. */
function isInside(match: Match, longer: Match): boolean {
  const inner = match.evidence.text!;
  const outer = longer.evidence.text!;
  const isLonger = outer.end - outer.start > inner.end - inner.start;
  return isLonger && outer.start <= inner.start && inner.end <= outer.end;
}

const ALERT_MISSING: readonly MissingId[] = ['server_log', 'capture'];
const other = (side: Side): Side => (side === 'client' ? 'server' : 'client');

function matchOf(
  weight: number,
  meaning: Meaning,
  role: Side | null,
  missing: readonly MissingId[],
  facts: Match['facts'],
  evidence: Evidence,
): Match {
  return { weight, guesses: guessesFor(meaning, role), missing, facts, evidence };
}

const isList = (meaning: Meaning): meaning is readonly Guess[] => Array.isArray(meaning);

const guessesFor = (meaning: Meaning, role: Side | null): readonly Guess[] =>
  isList(meaning) ? meaning : meaning[role ?? 'unknown'];

const MAX_QUOTE = 200;

function evidenceOf(
  line: Line,
  { start, end }: { readonly start: number; readonly end: number },
  speaker: Speaker | null,
): Evidence {
  return {
    kind: 'text',
    from: null,
    message: speaker?.program ?? '',
    field: '',
    value: line.text.slice(start, Math.min(end, start + MAX_QUOTE)),
    bytes: null,
    text: { line: line.number, start: line.start + start, end: line.start + end },
  };
}

/** Named groups of patterns that are the same fact: a pattern cannot have a name twice. */
const FACT_OF_GROUP: Readonly<Record<string, FactName>> = {
  host: 'host',
  host2: 'host',
  host3: 'host',
  name: 'host',
  ip: 'host',
  presented: 'presented',
  notAfter: 'notAfter',
  notBefore: 'notBefore',
  now: 'now',
};

/** The values as they stand in the text, not as they were folded. */
function factsOf(match: RegExpExecArray, line: Line, shift: number): Match['facts'] {
  const facts: Partial<Record<FactName, string>> = {};
  for (const [group, value] of Object.entries(match.groups ?? {})) {
    const name = FACT_OF_GROUP[group];
    if (value === undefined || !name) continue;
    const at = match.index + match[0].indexOf(value) - shift;
    facts[name] = at < 0 ? value : line.text.slice(at, at + value.length);
  }
  return facts;
}

// ---- From matches to verdicts ----

function incidentsOf(groups: readonly (readonly Entry[])[]): TextIncident[] {
  const incidents = new Map<string, TextIncident>();
  for (const entries of groups) {
    const first = entries[0]!;
    const findings = findingsOf(entries);
    const key = JSON.stringify([first.speaker?.program, first.role, findings.map(({ cause }) => cause)]);
    const known = incidents.get(key);
    if (known) incidents.set(key, { ...known, count: known.count + 1 });
    else if (incidents.size < MAX_INCIDENTS) incidents.set(key, incidentOf(entries, findings));
  }
  return [...incidents.values()];
}

function incidentOf(entries: readonly Entry[], findings: readonly Finding[]): TextIncident {
  const first = entries[0]!;
  const speaker = entries.map((entry) => entry.speaker).findLast((one) => one !== null) ?? null;
  return {
    program: speaker?.program ?? null,
    role: first.role ?? speaker?.role ?? null,
    line: first.line.number,
    count: 1,
    ...endpointsIn(entries),
    verdicts: ranked(findings),
  };
}

/** Of all phrases the most telling ones decide; those that agree strengthen each other. */
function findingsOf(entries: readonly Entry[]): Finding[] {
  const all = entries.flatMap(({ matches }) => matches);
  const heaviest = Math.max(...all.map(({ weight }) => weight));
  const telling = all.filter(({ weight }) => weight === heaviest);
  const byCause = new Map<Cause, { guess: Guess; from: Match[] }>();
  for (const match of telling) {
    for (const guess of match.guesses) {
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
  const { host, serverName } = hostsIn(telling, entries);
  const offers: Offers = host === null ? {} : { host };
  return [...byCause.values()].map(({ guess: [cause, side, confidence], from }) => ({
    cause,
    side,
    confidence: confidence * scale,
    evidence: uniqueEvidence(from),
    facts: { ...Object.assign({}, ...from.map(({ facts }) => facts)), ...(serverName && { serverName }) },
    offers,
    missing: confidence * scale > SETTLED ? [] : [...new Set(from.flatMap(({ missing }) => missing))],
  }));
}

/** Above this, nothing is missing. */
const SETTLED = 0.9;
const MAX_EVIDENCE = 4;

function uniqueEvidence(matches: readonly Match[]): Evidence[] {
  const seen = new Map(matches.map(({ evidence }) => [evidence.value.toLowerCase(), evidence]));
  return [...seen.values()].slice(0, MAX_EVIDENCE);
}

function hostsIn(
  matches: readonly Match[],
  entries: readonly Entry[],
): { host: string | null; serverName: string | null } {
  const said = matches.map(({ facts }) => facts.host).find((host) => host !== undefined) ?? null;
  const { serverName } = endpointsIn(entries);
  return { host: said ?? serverName, serverName: said === null ? serverName : null };
}

const CLIENT_ADDRESS =
  /(?:\bclient:? |handshake error from |\bfrom |\bclient )\[?((?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})\]?/i;
const SERVER_ADDRESS = /\b(?:server|upstream): "?(?:https?:\/\/)?([\w.:*-]{1,253})/i;
const ASKED =
  /(?:https:\/\/|connection to |host=['"]|Host: |connect to )([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})/;

function endpointsIn(entries: readonly Entry[]): Pick<TextIncident, 'client' | 'server' | 'serverName'> {
  const find = (pattern: RegExp): string | null => {
    for (const { line } of entries) {
      const match = pattern.exec(line.text);
      if (match) return match[1]!.replace(/\.$/, '');
    }
    return null;
  };
  return { client: find(CLIENT_ADDRESS), server: find(SERVER_ADDRESS), serverName: find(ASKED) };
}
