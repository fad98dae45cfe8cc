/**
 * A log by its records: a line that begins like one, with the lines that follow it, and what a program says of one
 * failure in several records after each other. Who wrote a record, and on which side, is told by all of its lines.
 */
import type { Side } from '../../trace/index.js';
import type { Line } from './fold.js';
import { type Match, matchesIn, weightOf } from './phrases.js';
import { type Speaker, sideOf, speakerOf } from './programs.js';

/** Addresses and the name asked for, as the text has them. Not safe to print. */
export interface Endpoints {
  readonly client: string | null;
  readonly server: string | null;
  readonly serverName: string | null;
}

/** What belongs together: a line of a log with what follows it, or the whole of what was pasted. */
export interface Entry {
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

/** More phrases of one record are of no use. */
const MAX_MATCHES = 100;

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
export class RecordReader {
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

/** The two as one; null where they do not belong together. */
export function joined(a: Entry, b: Entry): Entry | null {
  if (!belongsTo(a, b)) return null;
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
