/**
 * A verdict: what is to blame, how sure that is, what it rests on, and what to change. Verdicts are made from facts by
 * the files beside this one; here is their shape, and how a finding gets its words in both languages.
 */
import type { Side } from '../trace/index.js';
import { type Cause, rfcOf } from './cause.js';
import { factSentences, joinSentences } from './explain.js';
import { TEXTS } from './languages.js';
import { type Snippet, snippetsFor } from './remedy/index.js';
import type { FactName, Language } from './texts.js';
import type { MissingId, Occurrence } from './verdict-texts.js';

/** Where the fault lies: with whom something has to change first. */
export type VerdictSide = Side | 'path' | 'unknown';

export type Localized = Readonly<Record<Language, string>>;

/** What a verdict rests on. */
export interface Evidence {
  /** `message`: a TLS message or record; `certificate`; `tcp`: what happened below; `text`: of a log; `error`: our own. */
  readonly kind: 'message' | 'certificate' | 'tcp' | 'text' | 'error';
  /** Who sent it; null where it is not said, or nobody. */
  readonly from: Side | null;
  /** `ClientHello`, `Alert`, … or the program whose text it is; for `tcp` a closed word. */
  readonly message: string;
  /** In the standards' words, such as `cipher_suites`; empty where the whole counts. */
  readonly field: string;
  /** What stands there. Of a peer, or of whoever pasted it: not safe to print as it is. */
  readonly value: string;
  /** Byte range in the message, or in the certificate. */
  readonly bytes: { readonly start: number; readonly end: number } | null;
  /** In a text: line from 1, and the span in characters of the whole text. */
  readonly text: { readonly line: number; readonly start: number; readonly end: number } | null;
}

export interface Missing {
  readonly id: MissingId;
  readonly text: Localized;
  /** What gets it; null where no command does. */
  readonly command: string | null;
}

export interface Verdict {
  readonly cause: Cause;
  readonly side: VerdictSide;
  /** 0 to 1. Those of the verdicts on one failure do not exceed 1 together. */
  readonly confidence: number;
  readonly evidence: readonly Evidence[];
  readonly title: Localized;
  readonly explanation: Localized;
  readonly remedy: { readonly text: Localized; readonly snippets: readonly Snippet[] };
  /** What would settle it; empty where it is settled. */
  readonly missing: readonly Missing[];
  readonly rfc: string;
}

/** What the two sides offered and asked for, by standard names: fills snippets and commands in. */
export interface Offers {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly versions?: readonly string[] | undefined;
  readonly suites?: readonly string[] | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly schemes?: readonly string[] | undefined;
  readonly alpn?: readonly string[] | undefined;
}

export interface Finding {
  readonly cause: Cause;
  readonly side: VerdictSide;
  readonly confidence: number;
  readonly evidence?: readonly Evidence[];
  /** Values that the explanation ends with. */
  readonly facts?: Readonly<Partial<Record<FactName, unknown>>>;
  readonly offers?: Offers;
  readonly missing?: readonly MissingId[];
  readonly rfc?: string;
}

const LANGUAGES: readonly Language[] = ['en', 'ja'];

const localized = (text: (language: Language) => string): Localized =>
  Object.fromEntries(LANGUAGES.map((language) => [language, text(language)])) as Record<Language, string>;

/** A finding in words. */
export function verdictOf(finding: Finding): Verdict {
  const { cause, side, facts = {}, offers = {} } = finding;
  return {
    cause,
    side,
    confidence: Math.round(finding.confidence * 100) / 100,
    evidence: finding.evidence ?? [],
    title: localized((language) => TEXTS[language].verdicts.causes[cause].title),
    explanation: localized((language) => {
      const texts = TEXTS[language];
      const sentences = factSentences(cause === 'missing_intermediate' ? cause : '', facts, texts);
      return joinSentences([texts.verdicts.causes[cause].what, ...sentences], language);
    }),
    remedy: {
      text: localized((language) => TEXTS[language].verdicts.causes[cause].fix),
      snippets: snippetsFor(cause, side, offers),
    },
    missing: missingOf(finding.missing ?? [], offers),
    rfc: finding.rfc ?? rfcOf(cause),
  };
}

/** What would settle a case, in words and with the command that gets it. */
export const missingOf = (ids: readonly MissingId[], offers: Offers): Missing[] =>
  ids.map((id) => ({
    id,
    text: localized((language) => TEXTS[language].verdicts.missing[id]),
    command: commandFor(id, offers),
  }));

/** The most probable first; one for each cause. */
export function ranked(findings: readonly Finding[]): Verdict[] {
  const best = new Map<Cause, Finding>();
  for (const finding of findings) {
    const before = best.get(finding.cause);
    if (!before || finding.confidence > before.confidence) best.set(finding.cause, finding);
  }
  return [...best.values()].sort((a, b) => b.confidence - a.confidence).map(verdictOf);
}

/** A finding's evidence in one line: who said what, where. The value is not made safe to print. */
export function evidenceText({ kind, from, message, field, value }: Evidence, language: Language): string {
  const { say, occurrences } = TEXTS[language].verdicts;
  if (kind === 'tcp') return say.occurrence(occurrences[message as Occurrence], from, value);
  return say.evidence(message, from, field, value);
}

/** With whom a fault lies, in words. */
export const sideText = (side: VerdictSide, language: Language): string =>
  TEXTS[language].verdicts.sides[side];

/** A shell takes these as they are; anything else is left for the reader to fill in. */
const PLAIN_HOST = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;

function commandFor(id: MissingId, { host, port }: Offers): string | null {
  const name = host !== undefined && PLAIN_HOST.test(host) ? host : 'HOST';
  const target = `${name}:${port ?? 443}`;
  return COMMANDS[id]?.(target, name, port ?? 443) ?? null;
}

const capture = (_: string, __: string, port: number): string =>
  `tcpdump -i any -s 0 -w failure.pcap 'tcp port ${port}'`;

const COMMANDS: Readonly<Partial<Record<MissingId, (target: string, host: string, port: number) => string>>> =
  {
    capture,
    capture_at_server: capture,
    whole_packets: capture,
    both_directions: capture,
    lost_packets: (_, __, port) => `tcpdump -i any -s 0 -B 65536 -w failure.pcap 'tcp port ${port}'`,
    from_the_start: capture,
    to_the_end: capture,
    keys: () => 'SSLKEYLOGFILE=keys.log curl -v https://HOST/\nakushu explain failure.pcap --keylog keys.log',
    probe: (target) => `akushu connect ${target} --once`,
    probe_smaller_hello: (target) => `akushu connect ${target} --once --groups x25519`,
    probe_tls12: (target) => `akushu connect ${target} --once --tls12`,
    probe_elsewhere: (target) => `akushu connect ${target} --once`,
    server_certificates: (target) => `akushu inspect ${target}`,
    client_offer: () => 'akushu serve --once',
    client_clock: () => 'date -u',
    server_key: () => 'akushu inspect SERVER.crt SERVER.key',
    client_certificate: () => 'akushu inspect CLIENT.crt CLIENT.key',
    plain_answer: (_, host, port) => `nc ${host} ${port}`,
  };
