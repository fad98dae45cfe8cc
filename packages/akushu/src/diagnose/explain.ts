/**
 * Facts in words: alerts, errors, decisions, suites, groups and schemes, in English or Japanese; messages and keys are
 * in `explain-messages.ts`. Only puts together what `en/` and `ja/` say; finds no causes. Verdicts from a trace, a
 * capture or a pasted text get their own files beside this one.
 */
import type { AlertName, ErrorCode } from '../errors.js';
import { alertByCode, findCipherSuite, findGroup, findScheme } from '../registry/index.js';
import type { DecisionEvent, DecisionReason, Side } from '../trace/index.js';
import { TEXTS } from './languages.js';
import { networkCodeOf } from './network-error.js';
import { printable } from './printable.js';
import type {
  FactName,
  Language,
  NetworkCode,
  ProtectionTopic,
  SuiteFacts,
  Texts,
  WeakPoint,
} from './texts.js';

/** What happened and what to try, each of a sentence or a few. */
export interface ErrorExplanation {
  readonly what: string;
  readonly tryThis: string;
}

/** Anything with a code: a `TlsError`, or a failure of the network. */
export interface Explainable {
  readonly code: string;
  readonly alert?: string | null;
  readonly sentBy?: Side | null;
  readonly facts?: Readonly<Record<string, unknown>>;
}

const own = <T extends object>(table: T, key: string): key is string & keyof T => Object.hasOwn(table, key);

/** An alert by name or number (`alert_255` for those without a name). */
export function explainAlert(alert: string | number, language: Language): ErrorExplanation {
  const texts = TEXTS[language];
  const name = typeof alert === 'number' ? (alertByCode(alert)?.name ?? '') : alert;
  const [what, tryThis] = own(texts.alerts, name) ? texts.alerts[name as AlertName] : texts.unknownAlert;
  return { what, tryThis };
}

/** An error of the engine or the network, with the facts that it carries. */
export function explainError(error: Explainable, language: Language): ErrorExplanation {
  const texts = TEXTS[language];
  if (error.code === 'peer_alert' && error.alert) {
    const alert = explainAlert(error.alert, language);
    return {
      what: texts.say.peerAlert(error.sentBy ?? null, printable(error.alert), alert.what),
      tryThis: alert.tryThis,
    };
  }
  const [what, tryThis] = adviceFor(error.code, texts);
  const facts = factSentences(error.code, error.facts ?? {}, texts);
  return { what: joinSentences([what, ...facts], language), tryThis };
}

function adviceFor(code: string, texts: Texts) {
  if (own(texts.errors, code)) return texts.errors[code as ErrorCode];
  const network = networkCodeOf({ code }) ?? code;
  if (own(texts.network, network)) return texts.network[network as NetworkCode];
  return texts.unknownError;
}

export function joinSentences(sentences: readonly string[], language: Language): string {
  return sentences.join(language === 'ja' ? '' : ' ');
}

const LIST_LIMIT = 6;

/** A verdict on a chain brings everything that was looked at; here is what belongs to each code, and no words of a log. */
const FACTS_OF: Readonly<Partial<Record<ErrorCode, readonly FactName[]>>> = {
  certificate_expired: ['subject', 'notAfter'],
  certificate_not_yet_valid: ['subject', 'notBefore'],
  unknown_ca: ['subject', 'issuer'],
  self_signed_certificate: ['subject'],
  missing_intermediate: ['subject', 'issuer', 'caIssuers', 'serverName'],
  hostname_mismatch: ['host', 'presented'],
  wrong_certificate_purpose: ['subject', 'purpose'],
  weak_certificate: ['subject', 'kind', 'bits', 'minimum', 'hash'],
  bad_certificate: ['subject', 'rule'],
  certificate_signature_invalid: ['subject', 'issuer'],
  certificate_constraint_violated: ['subject', 'rule', 'length', 'limit'],
  unsupported_certificate_key: ['subject', 'kind'],
  session_not_resumable: [],
};

export function factSentences(
  code: string,
  facts: Readonly<Record<string, unknown>>,
  texts: Texts,
): string[] {
  const all = Object.keys(texts.facts) as FactName[];
  const names = own(FACTS_OF, code) ? (FACTS_OF[code as ErrorCode] ?? all) : all;
  return names.flatMap((name) => {
    const value = factValue(name, facts[name], texts);
    // What is missing is the issuer's certificate.
    const label = code === 'missing_intermediate' && name === 'issuer' ? 'missingIssuer' : name;
    return value === '' ? [] : [texts.say.fact(texts.facts[label], value)];
  });
}

function factValue(name: FactName, value: unknown, texts: Texts): string {
  if (Array.isArray(value))
    return shortList(
      value.map((item) => printable(item)),
      texts,
    );
  if ((name === 'notBefore' || name === 'notAfter' || name === 'now') && typeof value === 'number')
    return isoDate(value);
  // The first bytes of something that is not TLS: its first line says what it is.
  if (name === 'start' && typeof value === 'string') return printable(/^[^\r\n]*/.exec(value)![0] || value);
  if (name === 'offeredUpTo' && typeof value === 'string') return texts.say.orOlder(printable(value));
  return printable(value);
}

/** `2026-01-31 12:00:00 UTC`; the number itself where it is no time. */
function isoDate(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime())
    ? String(time)
    : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function shortList(values: readonly string[], texts: Texts): string {
  if (values.length <= LIST_LIMIT + 1) return texts.say.list(values);
  return texts.say.list([...values.slice(0, LIST_LIMIT), texts.say.more(values.length - LIST_LIMIT)]);
}

/** A decision as one sentence: the value, why it was taken, and what was passed over. */
export function explainDecision(event: DecisionEvent, language: Language): string {
  const texts = TEXTS[language];
  const { chosen, passed } = decisionParts(event, language);
  return texts.say.decision(chosen, reasonFor(event, texts), passed);
}

/** As `explainDecision`, without the value: for a table that has it in a column of its own. */
export function explainReason(event: DecisionEvent, language: Language): string {
  const texts = TEXTS[language];
  return texts.say.why(reasonFor(event, texts), decisionParts(event, language).passed);
}

function decisionParts(event: DecisionEvent, language: Language): { chosen: string; passed: string[] } {
  const texts = TEXTS[language];
  const chosen = chosenText(event, texts);
  const byReason = new Map<DecisionReason, string[]>();
  for (const { value, reason } of event.alternatives) {
    byReason.set(reason, [...(byReason.get(reason) ?? []), valueText(value, event, texts)]);
  }
  const passed = [...byReason]
    // Reserved values are there to be ignored: they tell a reader nothing about the choice.
    .filter(([reason]) => reason !== 'grease')
    // What both sides have and still cannot use is what a reader looks for.
    .sort(([a], [b]) => Number(BLOCKED.has(b)) - Number(BLOCKED.has(a)))
    .map(([reason, values]) =>
      texts.say.passed(passedReason(event, reason, texts), shortList(values, texts)),
    );
  return { chosen, passed };
}

function chosenText(event: DecisionEvent, texts: Texts): string {
  if (isProtection(event.about, texts)) return event.chosen === null ? texts.say.notInUse : texts.say.inUse;
  return event.chosen === null
    ? texts.say.none(texts.topics[event.about])
    : valueText(event.chosen, event, texts);
}

const isProtection = (about: DecisionEvent['about'], texts: Texts): about is ProtectionTopic =>
  own(texts.protections, about);

function passedReason(event: DecisionEvent, reason: DecisionReason, texts: Texts): string {
  if (event.about === 'hello_retry_request') return texts.say.sharesSent;
  if (event.about === 'credential' && reason === 'key_cannot_sign') return texts.say.cannotSign;
  if (event.about === 'credential' && reason === 'no_shared_signature_scheme') return texts.say.cannotSign;
  if (event.about === 'credential' && reason === 'no_certificate_for_it') return texts.say.otherKey;
  // What the peer has beside its choice it does not tell: all that is known is what was offered to it.
  if (reason === 'less_preferred' && isPeersChoice(event)) return texts.say.alsoOffered;
  return texts.passedOver[reason];
}

const isPeersChoice = (event: DecisionEvent): boolean =>
  event.reason === 'chosen_by_server' || event.reason === 'not_supported_by_server';

function reasonFor(event: DecisionEvent, texts: Texts): string {
  const topic = texts.topics[event.about];
  if (isProtection(event.about, texts)) return protectionReason(event, event.about, texts);
  if (event.chosen === null && foundNothing(event)) {
    const blocked = event.alternatives.some(({ reason }) => BLOCKED.has(reason));
    return blocked ? texts.say.noneUsable(topic) : texts.say.nothingShared(topic);
  }
  if (event.about === 'peer_certificate') {
    const problem = problemOf(event, texts);
    if (problem !== null) return problem;
  }
  if (event.about === 'early_data' && event.reason === 'accepted') return texts.say.readEarly;
  return plainReason(event, texts);
}

function plainReason(event: DecisionEvent, texts: Texts): string {
  const topic = texts.topics[event.about];
  const real = event.alternatives.filter(
    ({ reason }) => reason !== 'grease' && reason !== 'not_for_this_version',
  );
  const shared = real.filter(({ reason }) => reason === 'less_preferred').length + 1;
  return texts.reasons[event.reason]({ topic, shared, offered: real.length + 1 });
}

/** Both sides have it, and still it cannot be. */
const BLOCKED: ReadonlySet<DecisionReason> = new Set([
  'not_for_this_version',
  'no_shared_group',
  'no_certificate_for_it',
  'no_shared_signature_scheme',
  'no_psk',
]);

/** Whether two lists were compared, and nothing came of it. */
function foundNothing({ about, reason }: DecisionEvent): boolean {
  if (reason === 'first_shared_in_server_order' || reason === 'first_shared_in_client_order') return true;
  return reason === 'refused' && ['version', 'cipher_suite', 'group', 'alpn'].includes(about);
}

function protectionReason(event: DecisionEvent, about: ProtectionTopic, texts: Texts): string {
  const { used, unused } = texts.protections[about];
  if (event.chosen !== null) return used;
  const lack =
    event.reason === 'not_supported_by_server' ? texts.say.serverLacksIt : plainReason(event, texts);
  return texts.say.unprotected(lack, unused);
}

/** What is wrong with the peer's certificate; null where nothing is. */
function problemOf(event: DecisionEvent, texts: Texts): string | null {
  const sentence = (code: unknown): string | null =>
    typeof code === 'string' && own(texts.errors, code)
      ? texts.errors[code as ErrorCode][0].replace(/[.。]$/, '')
      : null;
  if (event.reason === 'not_verified') return sentence(event.chosen);
  const ignored = sentence(event.facts?.ignored);
  return ignored === null ? null : texts.say.ignored(ignored);
}

function valueText(value: string, event: DecisionEvent, texts: Texts): string {
  const numbered = /^(credential|identity) (\d+)$/.exec(value);
  if (numbered) return texts.say[numbered[1] as 'credential' | 'identity'](Number(numbered[2]));
  if (event.about === 'hello_retry_request' && value === 'cookie') return texts.say.cookie;
  if (event.about === 'peer_certificate' && value === 'trusted') return texts.say.trusted;
  if (event.about === 'session' && value === 'ticket') return texts.say.ticket;
  if (event.about === 'early_data' && value === 'accepted') return texts.say.accepted;
  return printable(value);
}

/** What a group is: its kind, strength, and whether it resists a quantum computer. By any of its names. */
export function explainGroup(name: string, language: Language): string {
  const { say, groupKinds } = TEXTS[language];
  const group = findGroup(name);
  const own = /^(\d{1,6}) bits$/.exec(name);
  if (own) return say.ownGroup(Number(own[1]));
  return group ? say.group(groupKinds[group.kind], group.bits, group.postQuantum) : say.unknownName;
}

/** What a cipher suite consists of, whether it has forward secrecy, and what is weak about it. */
export function explainSuite(name: string, language: Language): string {
  const { say, weaknesses } = TEXTS[language];
  const suite = findCipherSuite(name);
  if (!suite) return say.unknownName;
  const facts: SuiteFacts = {
    encryption: suite.enc,
    bits: suite.bits,
    keyExchange: suite.kx,
    authentication: suite.auth,
    mac: suite.mac,
    hash: suite.hash.toUpperCase().replace('SHA', 'SHA-'),
    tls13: suite.versions.includes('TLSv1.3'),
    forwardSecret: suite.forwardSecret,
    weaknesses: suite.weaknesses.map((word) => weaknesses[word]),
  };
  return say.suite(facts);
}

/** What a signature scheme is. */
export function explainScheme(name: string, language: Language): string {
  const { say, signatureKinds } = TEXTS[language];
  if (name === 'rsa_pkcs1_md5_sha1') return say.md5Sha1;
  const scheme = findScheme(name);
  if (!scheme) return say.unknownName;
  const hash = scheme.hash?.toUpperCase().replace('SHA', 'SHA-') ?? null;
  return say.scheme(signatureKinds[scheme.kind], hash, scheme.curve, scheme.kind === 'ml-dsa');
}

/** What is decided, in words: `cipher suite`. */
export function topicName(topic: DecisionEvent['about'], language: Language): string {
  return TEXTS[language].topics[topic].one;
}

/** What is weak about a connection, and what to change. */
export function explainWeakPoint(point: WeakPoint, language: Language): ErrorExplanation {
  const [what, tryThis] = TEXTS[language].weakPoints[point];
  return { what, tryThis };
}
