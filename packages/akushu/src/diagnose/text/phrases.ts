/**
 * Which phrases of the rules a line holds, and the facts in them. Alerts go first: what is said in the standard's words
 * is no part of another phrase. Of what is left the weightiest phrases count.
 */
import type { Side } from '../../trace/index.js';
import type { FactName } from '../texts.js';
import type { MissingId } from '../verdict-texts.js';
import { alertIn, meaningOfAlert } from './alerts.js';
import type { Line } from './fold.js';
import type { Meaning, TextRule } from './guesses.js';
import { reasonSpelledOut } from './numbers.js';
import { BROWSERS, spelledOut } from './rules-browsers.js';
import { CATALOGUE } from './rules-catalogue.js';
import { GENERAL } from './rules-general.js';
import { OTHER_LANGUAGES } from './rules-languages.js';
import { LIBRARIES } from './rules-libraries.js';
import { OPENSSL } from './rules-openssl.js';
import { NETWORK, PROGRAM_RULES } from './rules-programs.js';
import { RUNTIMES } from './rules-runtimes.js';
import { SERVICE_RULES } from './rules-services.js';
import { SETTINGS_RULES } from './rules-settings.js';

/** Of phrases that more than TLS prints, only those count that stand beside a word of TLS. */
const TLS_RULES = [
  ...PROGRAM_RULES,
  ...SERVICE_RULES,
  ...SETTINGS_RULES,
  ...RUNTIMES,
  ...LIBRARIES,
  ...BROWSERS,
  ...OTHER_LANGUAGES,
  ...OPENSSL,
  ...CATALOGUE,
  ...GENERAL,
];

/** One phrase that was recognised. What it means depends on who wrote it, which its record tells. */
export interface Match {
  readonly weight: number;
  readonly meaning: Meaning;
  /** An alert that the writer sent says what the writer found: as if the other side had received it. */
  readonly sent: boolean;
  readonly side: Side | null;
  /** Said in the standard's words, it is not a part of another phrase. */
  readonly alert: boolean;
  /** Says nothing in a text that does not speak of TLS. */
  readonly ofTls: boolean;
  readonly missing: readonly MissingId[];
  readonly facts: Readonly<Partial<Record<FactName, string>>>;
  readonly line: Line;
  readonly start: number;
  readonly end: number;
}

export const weightOf = (matches: readonly Match[]): number =>
  Math.max(...matches.map(({ weight }) => weight));

const ALERT_MISSING: readonly MissingId[] = ['server_log', 'capture'];

/** What NSS says of every connection without a client certificate, and stunnel after every failure. */
const BESIDE = /client certificate not found \(nickname not specified\)|connection reset\/closed: \d/g;

/** The weightiest phrases of a line, in the order of the rules; `before` is the line before it in the same record. */
export function matchesIn(line: Line, before: Line | null, side: Side | null): Match[] {
  const found: Match[] = [];
  let folded = line.folded.replace(BESIDE, (noise) => '#'.repeat(noise.length));
  const common = { line, side, alert: false };
  const numbered = spelledOut(folded) ?? reasonSpelledOut(folded);
  const coded = numbered && alertIn(numbered.name);
  const alert = alertIn(folded) ?? (coded && { ...coded, start: numbered.start, end: numbered.end });
  if (alert) {
    const { start, end, sent } = alert;
    const meaning = meaningOfAlert(alert.name);
    found.push({
      ...common,
      alert: true,
      weight: 3,
      meaning,
      sent,
      ofTls: true,
      missing: ALERT_MISSING,
      facts: {},
      start,
      end,
    });
    folded = folded.slice(0, start) + '#'.repeat(end - start) + folded.slice(end);
  }
  // OpenSSL says on the line before which certificate it speaks of.
  const depth = before !== null && /^verify error:/.test(folded) && /^depth=/.test(before.folded);
  const subject = depth ? `${before.folded.slice(0, 200)} ${folded}` : folded;
  const shift = subject.length - folded.length;
  const tell = ({ pattern, weight, meaning, missing = [] }: TextRule, ofTls: boolean): void => {
    const match = pattern.exec(subject);
    if (match) {
      const start = Math.max(0, match.index - shift);
      const end = Math.max(start, match.index + match[0].length - shift);
      const facts = factsOf(match, line, shift);
      found.push({ ...common, weight, meaning, sent: false, ofTls, missing, facts, start, end });
    } else if (numbered && pattern.test(numbered.name)) {
      const { start, end } = numbered;
      found.push({ ...common, weight, meaning, sent: false, ofTls: false, missing, facts: {}, start, end });
    }
  };
  for (const rule of TLS_RULES) tell(rule, true);
  for (const rule of NETWORK) tell(rule, false);
  if (found.length === 0) return [];
  const heaviest = weightOf(found);
  const telling = found.filter(({ weight }) => weight === heaviest);
  return telling.filter((match) => !telling.some((longer) => isInside(match, longer)));
}

/** `self-signed certificate` says nothing of its own in `self-signed certificate in certificate chain`. */
function isInside(inner: Match, outer: Match): boolean {
  if (inner.alert) return false;
  const isLonger = outer.end - outer.start > inner.end - inner.start;
  return isLonger && outer.start <= inner.start && inner.end <= outer.end;
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
    facts[name] = at < 0 ? value : line.text.slice(line.at(at), line.at(at + value.length - 1) + 1);
  }
  return facts;
}
