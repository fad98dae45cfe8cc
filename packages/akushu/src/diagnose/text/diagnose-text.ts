/**
 * Errors and logs, pasted: which phrases are known, and what they mean. Reads line by line; knows no program's grammar.
 * A text that nothing is known of gets no verdict. A log with several failures is told apart into incidents.
 */
import type { Side } from '../../trace/index.js';
import type { Cause } from '../cause.js';
import type { FactName } from '../texts.js';
import {
  type Evidence,
  type Finding,
  type Offers,
  ranked,
  type Verdict,
  type VerdictSide,
} from '../verdict.js';
import type { MissingId } from '../verdict-texts.js';
import { alertIn, meaningOfAlert } from './alerts.js';
import { type Line, linesOf, MAX_TEXT } from './fold.js';
import type { Guess, Meaning, TextRule } from './guesses.js';
import { reasonSpelledOut } from './numbers.js';
import { type Speaker, sideOf, speakerOf } from './programs.js';
import { BROWSERS, spelledOut } from './rules-browsers.js';
import { CATALOGUE } from './rules-catalogue.js';
import { GENERAL } from './rules-general.js';
import { OTHER_LANGUAGES } from './rules-languages.js';
import { LIBRARIES } from './rules-libraries.js';
import { OPENSSL } from './rules-openssl.js';
import { NETWORK, PROGRAM_RULES } from './rules-programs.js';
import { SERVICE_RULES } from './rules-services.js';
import { SETTINGS_RULES } from './rules-settings.js';

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

/** Of phrases that more than TLS prints, only those count that stand beside a word of TLS. */
const TLS_RULES = [
  ...PROGRAM_RULES,
  ...SERVICE_RULES,
  ...SETTINGS_RULES,
  ...LIBRARIES,
  ...BROWSERS,
  ...OTHER_LANGUAGES,
  ...OPENSSL,
  ...CATALOGUE,
  ...GENERAL,
];

/** One phrase that was recognised. What it means depends on who wrote it, which its record tells. */
interface Match {
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

/** What belongs together: a line of a log with what follows it, or the whole of what was pasted. */
interface Entry {
  readonly first: Line;
  /** Number of the first line in which something is known. */
  readonly line: number;
  readonly last: number;
  readonly tag: string | null;
  readonly speaker: Speaker | null;
  readonly role: Side | null;
  readonly matches: readonly Match[];
  readonly endpoints: Endpoints;
}

/** More incidents are of no use to a reader; nor are more phrases of one. */
const MAX_INCIDENTS = 200;
const MAX_MATCHES = 100;

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
    const together = pending && belongsTo(pending, entry) ? joined(pending, entry) : null;
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

// ---- Records ----

/** What a log's line begins with: a date, a time, or brackets with either; a level; an address; a JSON object. */
const STAMPED =
  /^(?:[\w./-]{1,60} +\| ?)?(?:<\d{1,3}>\d? ?)?(?:[[(<"]{0,2}(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}|[a-z]{3},? +(?:[a-z]{3} +)?\d{1,2} +\d{2}:\d{2}|[a-z]{3} [a-z]{3} +\d{1,2} \d{4}|\d{1,2}[./-][a-z\d]{2,3}[./-]\d{2,4}|\d{2}-\d{2} \d{2}:\d{2}|\d{2}:\d{2}:\d{2}|\d+:\d+:\d{4}\/\d{6})|[iwef]\d{4} \d{2}:\d{2}|\d{10}(?:\.\d+)?:? |\d+:[smcx] \d{2} [a-z]{3}|(?:error|warning|information|critical|エラー|警告|情報|重大)[ ,]+\d{4}[-/]|(?:time|ts|level)=|[a-z]{4}\[\d|\[(?:alert|warning|notice|emerg|info|debug|error)\]|\{"|(?:\d{1,3}\.){3}\d{1,3} )/;
/** How a message begins that has no date. */
const BEGINS =
  /^(?:curl: ?\(\d+\)|traceback \(most recent|exception in thread|fatal: unable to access|npm (?:err!|error) code|error response from daemon|unable to connect to the server|\*\*\* fatal error)/;
/** Python: what follows is still about the same. */
const CHAINED = /^(?:during handling of the above|the above exception was the direct cause)/;

/** Words of TLS, of its certificates and of programs that speak nothing else. */
const OF_TLS =
  /ssl|tls|x\.?509|\bx509|certif|\bcerts?\b|証明書|暗号|セキュリティ|信頼関係|handshak|ハンドシェイク|cipher|schannel|\b(?:sec|cert|crypt) e |0x8009|0x800b|pkix|trust ?anchor|\bnss\b|sec error|pr (?:connect|end of|io) |err (?:cert|ssl|quic|alpn)|alert code|fatal alert|\bah0\d{4}\b|\balpn\b|\bsni\b|client ?hello|server ?hello|vpn|hmac|curl: ?\(|443\b|zertifikat|certificat|プライバシー|安全|アラート|警告|時計|private key|プリンシパル|アルゴリズム|rustls|https request|plain http|http response "|\bpsk\b|\bocsp\b|\bcrl\b|starttls|keystore|altnames?|pem\b|worker connections|https|upstream connect error|\*\*\* (?:fatal error|received alert)|(?:host ?name|address) mismatch|net::err |filter[- ]chain|authenticationexception|frame size|transport stream|socket hang|routines|layer6|\bl6(?:tout|rsp)|nsurl|cfnetwork|winhttp|wininet|接続が閉じられ|client credential|server credential|invalidcontenttype|'invalid purpose'|tag mismatch!|verify (?:return|error)|depth lookup|communicate securely|attempted key exchange|peer used an unsupported|\bpeer (?:reports|using|attempted|only supports|does not (?:permit|recognize)|received an? )|プライベート/;

/** Gathers lines until the next record begins. */
class RecordReader {
  #first: Line | null = null;
  #before: Line | null = null;
  #speaker: Speaker | null = null;
  #sides = new Set<Side>();
  #ofTls = false;
  #matches: Match[] = [];
  #addresses: Line[] = [];
  /** Programs of the records so far: a line that names none is of the only one. */
  #speakers = new Map<string, Speaker>();

  isNew({ folded }: Line): boolean {
    if (this.#first === null) return false;
    if (STAMPED.test(folded)) return true;
    // What says no more than that something failed may be of the message that follows.
    const told = this.#matches.some(({ weight }) => weight > 1);
    return told && BEGINS.test(folded) && !CHAINED.test(this.#before?.folded ?? '');
  }

  add(line: Line): void {
    this.#first ??= line;
    const { folded } = line;
    const speaker = speakerOf(folded);
    if (speaker && (this.#speaker === null || speaker.rank < this.#speaker.rank)) this.#speaker = speaker;
    const side = sideOf(folded);
    if (side !== null) this.#sides.add(side);
    this.#ofTls ||= OF_TLS.test(folded);
    if (this.#matches.length < MAX_MATCHES) {
      const found = matchesIn(line, this.#before, side);
      if (found.length > 0) this.#addresses.push(line);
      this.#matches.push(...found);
    }
    if (folded.trim() !== '') this.#before = line;
  }

  /** What was gathered; null where nothing in it is known. */
  end(): Entry | null {
    const first = this.#first;
    const speaksTls = this.#ofTls || this.#speaker !== null;
    const matches = this.#matches.filter(({ ofTls }) => !ofTls || speaksTls);
    const own = this.#speaker;
    const only = this.#speakers.size === 1 ? [...this.#speakers.values()][0]! : null;
    const speaker = own ?? only;
    const role = this.#sides.size === 1 ? [...this.#sides][0]! : (speaker?.role ?? null);
    const lines = [...new Set(first ? [first, ...this.#addresses] : [])];
    const last = this.#before?.number ?? 0;
    this.#first = null;
    this.#before = null;
    this.#speaker = null;
    this.#sides = new Set();
    this.#ofTls = false;
    this.#matches = [];
    this.#addresses = [];
    if (first === null || matches.length === 0) return null;
    if (own) this.#speakers.set(own.program, own);
    const { number } = matches[0]!.line;
    const tag = tagOf(first.folded);
    return { first, line: number, last, tag, speaker, role, matches, endpoints: endpointsIn(lines) };
  }
}

/** Process, or connection, or else the second in which a line was written. */
function tagOf(folded: string): string | null {
  const match =
    /[\w./-]{1,60}\[\d{1,10}\]|\d{1,10}#\d{1,10}: \*\d{1,12}|^\S{4,12} \d{2}:\d{2}:\d{2}|^\d{10}\b/.exec(
      folded,
    );
  return match ? match[0] : null;
}

/** Lines in which a program says more and less of one failure, as it does one after the other. */
function belongsTo(before: Entry, entry: Entry): boolean {
  const [one, other] = [weightOf(before.matches), weightOf(entry.matches)];
  const distance = entry.first.number - before.last;
  const sameTag = before.tag !== null && before.tag === entry.tag && distance <= 4;
  const sameProgram =
    before.speaker?.program === entry.speaker?.program && distance <= 1 && Math.min(one, other) === 1;
  const { client: a } = before.endpoints;
  const { client: b } = entry.endpoints;
  return (sameTag || sameProgram) && one !== other && (a === null || b === null || a === b);
}

function joined(a: Entry, b: Entry): Entry {
  const speakers = [a.speaker, b.speaker].filter((one) => one !== null);
  const speaker = speakers.sort((one, other) => one.rank - other.rank)[0] ?? null;
  const { endpoints } = a;
  return {
    first: a.first,
    line: a.line,
    last: b.last,
    tag: a.tag,
    speaker,
    role: a.role ?? b.role,
    // Only the weightiest decide: the others need not be kept, however many lines follow.
    matches: weightOf(a.matches) > weightOf(b.matches) ? a.matches : b.matches,
    endpoints: {
      client: endpoints.client ?? b.endpoints.client,
      server: endpoints.server ?? b.endpoints.server,
      serverName: endpoints.serverName ?? b.endpoints.serverName,
    },
  };
}

// ---- Phrases ----

const weightOf = (matches: readonly Match[]): number => Math.max(...matches.map(({ weight }) => weight));

/** What NSS says of every connection without a client certificate, and stunnel after every failure. */
const BESIDE = /client certificate not found \(nickname not specified\)|connection reset\/closed: \d/g;

function matchesIn(line: Line, before: Line | null, side: Side | null): Match[] {
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

const ALERT_MISSING: readonly MissingId[] = ['server_log', 'capture'];
const other = (side: Side): Side => (side === 'client' ? 'server' : 'client');

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
    for (const guess of guessesFor(match.meaning, match.sent && role !== null ? other(role) : role)) {
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

type Endpoints = Pick<TextIncident, 'client' | 'server' | 'serverName'>;

const CLIENT_ADDRESS =
  /(?:\bclient:? |handshake error from |\bfrom |\bclient )\[?((?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})\]?/i;
const SERVER_ADDRESS = /\b(?:server|upstream): "?(?:https?:\/\/)?([\w.:*-]{1,253})/i;
const ASKED =
  /(?:https:\/\/|connection to |host=['"]|Host: |connect to )([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})/;

function endpointsIn(lines: readonly Line[]): Endpoints {
  const find = (pattern: RegExp): string | null => {
    for (const { text } of lines) {
      const match = pattern.exec(text);
      if (match) return match[1]!.replace(/\.$/, '');
    }
    return null;
  };
  return { client: find(CLIENT_ADDRESS), server: find(SERVER_ADDRESS), serverName: find(ASKED) };
}
