/**
 * Private addresses and names blotted out, the same one always by the same word, so that a report can be handed on and
 * still be read. Blots values, which come from peers and logs, and never our own words: a host may be called `server`.
 */
import { isIP } from 'node:net';
import { evidenceText, type Language, verdictOf } from 'akushu/diagnose';
import type { ObservedConnection, ObservedLookup } from 'akushu/observe';
import { parseCertificate, presentedNames, X509Error } from 'akushu/x509';
import type { Explained, ExplainedVerdict } from './explained.js';

const IPV4 = /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\.?\d)/g;
const IPV6 = /(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4})(?![\w:])/gi;
const MAC = /(?<![\w:-])[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}(?![\w:-])/gi;
/** Addresses of nobody in particular: RFC 1918, 6598, 3927, 4193, 4291, loopback. */
const PRIVATE =
  /^(?:10\.|127\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd]|fe[89ab]|::1$|::ffff:(?:10\.|127\.|192\.168\.))/i;
const NAME =
  /(?:[\w.+-]{1,64}@)?(?<![\w.-])(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.){1,8}(?:xn--[a-z0-9-]{2,59}|[a-z]{2,24})(?![\w-])/gi;
/** What looks like a host and is a file or a piece of code. */
const NO_NAME =
  /\.(?:pem|crt|cer|key|p12|jks|conf|log|pcap|pcapng|txt|js|ts|c|h|go|rs|py|rb|php|java|sh|so|html|service)$|^(?:javax?|sun|system|java|node|org|com\.sun|io\.netty|requests|urllib3|ssl|openssl|tls|err|net)\.|^www\.example\.com$/i;
const SUBJECT = /\b(?:CN|O|OU|L|ST|serialNumber|emailAddress|DC|UID) ?= ?("[^"]{1,128}"|[^,+/\n]{1,128})/g;
/** How those name themselves who speak before STARTTLS. */
const GREETING =
  /^(?:EHLO|HELO|LHLO) (\S+)|^220[ -](\S+) E?SMTP\b|^250[ -](\S+)(?= (?:Hello|greets|at your service))/gim;
/** Verdicts whose facts are names, with or without a dot. */
const ABOUT_NAMES: ReadonlySet<string> = new Set(['hostname_mismatch', 'unrecognized_server_name']);

type Kind = 'address' | 'name' | 'mac';

export class Redaction {
  /** The words that stand for what is blotted, by what it is in lower case. */
  private readonly words = new Map<string, string>();
  private readonly counts: Record<Kind, number> = { address: 0, name: 0, mac: 0 };
  /** Names in texts so far: a log's later lines speak of them as well. */
  private readonly inTexts = new Set<string>();
  /** Of the names in what is blotted at the moment. */
  private names = /(?!)/;

  constructor(private readonly language: Language) {}

  /** The same without what is private. */
  explained(one: Explained): Explained {
    const names = namesIn(one, this.language).filter((name) => name.length > 1 && isIP(name) === 0);
    if (one.kind === 'text') for (const name of names) this.inTexts.add(name);
    this.names = patternOf(one.kind === 'text' ? this.inTexts : new Set(names));
    return {
      ...one,
      client: this.blotOrNull(one.client),
      server: this.blotOrNull(one.server),
      sni: this.blotOrNull(one.sni),
      verdicts: one.verdicts.map((verdict) => this.verdict(verdict)),
      missing: one.missing.map((part) => ({ ...part, command: this.blotOrNull(part.command) })),
      observed: one.observed?.kind === 'connection' ? this.connection(one.observed) : one.observed,
    };
  }

  private verdict(verdict: ExplainedVerdict): ExplainedVerdict {
    const { own, facts } = partsOf(verdict, this.language);
    const { evidence, remedy, missing } = verdict;
    return {
      ...verdict,
      explanation: own + this.blot(facts),
      evidence: evidence.map(({ says: _, ...one }) => {
        const blotted = { ...one, field: this.blot(one.field), value: this.blot(one.value) };
        const seen = blotted as unknown as Parameters<typeof evidenceText>[0];
        return { ...blotted, says: evidenceText(seen, this.language) };
      }),
      remedy: {
        ...remedy,
        snippets: remedy.snippets.map((one) => ({ ...one, config: this.blot(one.config) })),
      },
      missing: missing.map((one) => ({ ...one, command: this.blotOrNull(one.command) })),
    };
  }

  /** What is drawn of it. */
  private connection(observed: ObservedConnection): ObservedConnection {
    const { starttls, notTls } = observed;
    const speech = (side: 'client' | 'server') => {
      const said = notTls?.[side] ?? null;
      return said && { ...said, firstLine: this.blot(said.firstLine) };
    };
    return {
      ...observed,
      starttls: starttls && {
        ...starttls,
        preamble: starttls.preamble.map((step) => ({ ...step, text: this.blot(step.text) })),
      },
      notTls: notTls && { ...notTls, client: speech('client'), server: speech('server') },
    };
  }

  private blotOrNull(text: string | null): string | null {
    return text === null ? null : this.blot(text);
  }

  private blot(text: string): string {
    const address = (found: string): string =>
      isIP(found) !== 0 && PRIVATE.test(found) ? this.wordFor(found, 'address') : found;
    return text
      .replace(this.names, (found) => this.wordFor(found, 'name'))
      .replace(MAC, (found) => this.wordFor(found, 'mac'))
      .replace(IPV6, address)
      .replace(IPV4, address);
  }

  private wordFor(found: string, kind: Kind): string {
    const key = found.toLowerCase();
    const word = this.words.get(key) ?? `${kind}-${++this.counts[kind]}`;
    this.words.set(key, word);
    return word;
  }
}

/** Whole words, the longest first: `example.com` is no part of `myexample.com`. */
function patternOf(values: ReadonlySet<string>): RegExp {
  const all = [...values].sort((a, b) => b.length - a.length);
  if (all.length === 0) return /(?!)/;
  const parts = all.map((value) => value.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  return new RegExp(`(?<![\\p{L}\\p{N}_-])(?:${parts.join('|')})(?![\\p{L}\\p{N}_-])`, 'giu');
}

/** An explanation's own words, and the values behind them. */
function partsOf({ cause, side, explanation }: ExplainedVerdict, language: Language) {
  const own = verdictOf({ cause, side, confidence: 1 }).explanation[language];
  return explanation.startsWith(own)
    ? { own, facts: explanation.slice(own.length) }
    : { own: '', facts: explanation };
}

/** Every name that what was seen holds: asked for, resolved, in certificates, in what was said, in pasted text. */
function namesIn({ sni, client, server, observed, verdicts }: Explained, language: Language): string[] {
  const found = [...(sni === null ? [] : [sni]), ...(observed ? namesObserved(observed) : [])];
  const texts = [client ?? '', server ?? '', ...saidBy(observed)];
  for (const verdict of verdicts) {
    const { facts } = partsOf(verdict, language);
    texts.push(facts, ...verdict.evidence.map(({ value }) => value));
    // `Wanted: a. In the certificate: b, c.`
    if (ABOUT_NAMES.has(verdict.cause))
      for (const [, list] of facts.matchAll(/: ?(.+?)(?:\.(?=\s|$)|。|$)/g))
        found.push(...list!.split(/, |、/).map((name) => name.replace(/^\*\./, '')));
  }
  return [...found, ...texts.flatMap(namesWritten)];
}

function namesObserved(observed: ObservedConnection | ObservedLookup): string[] {
  if (observed.kind === 'lookup') return [observed.name];
  const { server, client, starttls, tls } = observed;
  const target = starttls?.target?.replace(/:\d+$/, '');
  const chains = [...(tls?.serverChain ?? []), ...(tls?.clientChain ?? [])];
  return [
    ...server.names,
    ...client.names,
    ...(target === undefined ? [] : [target]),
    ...chains.flatMap(certified),
  ];
}

function certified(der: Uint8Array): string[] {
  try {
    const certificate = parseCertificate(der);
    const names = presentedNames(certificate).map((name) => name.replace(/^\*\./, ''));
    return [...names, ...namesWritten(certificate.subject.text), ...namesWritten(certificate.issuer.text)];
  } catch (error) {
    if (error instanceof X509Error) return [];
    throw error;
  }
}

function saidBy(observed: Explained['observed']): string[] {
  if (observed?.kind !== 'connection') return [];
  const { starttls, notTls } = observed;
  const lines = [notTls?.client?.firstLine, notTls?.server?.firstLine];
  return [
    ...(starttls?.preamble ?? []).map(({ text }) => text),
    ...lines.filter((line) => line !== undefined),
  ];
}

function namesWritten(text: string): string[] {
  const hosts = (text.match(NAME) ?? []).filter((name) => !NO_NAME.test(name));
  const subjects = [...text.matchAll(SUBJECT)].map(([, value]) => value!.replaceAll('"', '').trim());
  const greeted = [...text.matchAll(GREETING)].map(([, a, b, c]) => (a ?? b ?? c)!.replace(/^\[|\]$/g, ''));
  return [...hosts, ...subjects, ...greeted];
}
