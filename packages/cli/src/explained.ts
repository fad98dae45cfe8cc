/**
 * What `akushu explain` shows, as plain values: made once, then rendered as text, JSON or HTML. Everything of a peer in
 * it is still as it travelled; renderers escape.
 */
import { versionByCode, versionName } from 'akushu';
import { nodeProvider } from 'akushu/crypto/node';
import {
  type Cause,
  type ConnectionDiagnosis,
  diagnoseConnection,
  diagnoseLookup,
  evidenceText,
  type Language,
  type Outcome,
  type TextIncident,
  type Verdict,
  type VerdictSide,
} from 'akushu/diagnose';
import type { ObservedConnection, ObservedLookup } from 'akushu/observe';

export interface ExplainedVerdict {
  readonly cause: Cause;
  readonly side: VerdictSide;
  readonly confidence: number;
  readonly title: string;
  readonly explanation: string;
  readonly remedy: {
    readonly text: string;
    readonly snippets: readonly {
      readonly program: string;
      readonly title: string;
      readonly config: string;
    }[];
  };
  readonly evidence: readonly {
    readonly kind: string;
    readonly from: string | null;
    readonly message: string;
    readonly field: string;
    readonly value: string;
    readonly says: string;
    readonly bytes: { readonly start: number; readonly end: number } | null;
    readonly text: { readonly line: number; readonly start: number; readonly end: number } | null;
  }[];
  readonly missing: readonly { readonly what: string; readonly command: string | null }[];
  readonly rfc: string;
}

export interface Explained {
  readonly kind: 'connection' | 'lookup' | 'text';
  /** Number of the connection in the capture; null for text. */
  readonly stream: number | null;
  readonly client: string | null;
  readonly server: string | null;
  readonly sni: string | null;
  /** `TLSv1.3`. */
  readonly version: string | null;
  readonly outcome: Outcome;
  readonly verdicts: readonly ExplainedVerdict[];
  /** What a capture lacks of the connection. */
  readonly missing: ExplainedVerdict['missing'];
  /** Text: whose it is, where it begins, how often it is there. */
  readonly program: string | null;
  readonly line: number | null;
  readonly count: number;
  /** What it was seen from; null for text. */
  readonly observed: ObservedConnection | ObservedLookup | null;
}

export function explainConnection(observed: ObservedConnection, language: Language): Explained {
  const { tls, client, server } = observed;
  const version = tls?.negotiated.version ?? null;
  return {
    kind: 'connection',
    stream: observed.index,
    client: endpoint(client),
    server: endpoint(server),
    sni: tls?.negotiated.serverName ?? null,
    version: version === null ? null : (versionByCode(version)?.name ?? versionName(version)),
    ...diagnosis(diagnoseConnection(observed, { provider: nodeProvider }), language),
    program: null,
    line: null,
    count: 1,
    observed,
  };
}

export function explainLookup(observed: ObservedLookup, language: Language): Explained {
  return {
    kind: 'lookup',
    stream: null,
    client: endpoint(observed.client),
    server: endpoint(observed.resolver),
    sni: observed.name,
    version: null,
    ...diagnosis(diagnoseLookup(observed), language),
    program: null,
    line: null,
    count: observed.attempts,
    observed,
  };
}

export function explainIncident(incident: TextIncident, language: Language): Explained {
  const works = incident.verdicts[0]?.cause === 'none';
  return {
    kind: 'text',
    stream: null,
    client: incident.client,
    server: incident.server,
    sni: incident.serverName,
    version: null,
    ...diagnosis(
      { outcome: works ? 'established' : 'failed', verdicts: incident.verdicts, missing: [] },
      language,
    ),
    program: incident.program,
    line: incident.line,
    count: incident.count,
    observed: null,
  };
}

const endpoint = ({ address, port }: { readonly address: string; readonly port: number }): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

function diagnosis(
  { outcome, verdicts, missing }: ConnectionDiagnosis,
  language: Language,
): Pick<Explained, 'outcome' | 'verdicts' | 'missing'> {
  return {
    outcome,
    verdicts: verdicts.map((verdict) => explainedVerdict(verdict, language)),
    missing: inLanguage(missing, language),
  };
}

const inLanguage = (missing: Verdict['missing'], language: Language): ExplainedVerdict['missing'] =>
  missing.map(({ text, command }) => ({ what: text[language], command }));

export function explainedVerdict(verdict: Verdict, language: Language): ExplainedVerdict {
  const { cause, side, confidence, title, explanation, remedy, evidence, missing, rfc } = verdict;
  return {
    cause,
    side,
    confidence,
    title: title[language],
    explanation: explanation[language],
    remedy: { text: remedy.text[language], snippets: remedy.snippets },
    evidence: evidence.map((one) => ({ ...one, says: evidenceText(one, language) })),
    missing: inLanguage(missing, language),
    rfc,
  };
}

/** As JSON has it. */
export function explainedJson({ observed, ...rest }: Explained): Record<string, unknown> {
  if (observed === null || observed.kind === 'lookup') return rest;
  return {
    ...rest,
    start: observed.start,
    end: observed.end,
    problems: observed.problems.map(({ code, from, offset }) => ({ code, from, offset })),
  };
}
