/**
 * `akushu doctor`: resolves, connects, shakes hands and verifies; where that fails, tries again with one thing changed
 * at a time, and ends in verdicts.
 */
import {
  changeOf,
  judgeTrials,
  type Language,
  type Offers,
  printable,
  TRIALS,
  type Trial,
  type TrialResult,
  type Verdict,
  verdictOf,
} from 'akushu/diagnose';
import { readCertificates, type StartTlsProtocol } from 'akushu/node';
import { trustAnchors } from 'akushu/x509';
import { attemptAsUsual, attemptTrial, type Patient } from '../doctor/attempt.js';
import { greetingOf, protocolOf } from '../doctor/banner.js';
import { type Explained, explainedJson, explainedVerdict } from '../explained.js';
import { EXIT } from '../failure.js';
import { jsonText } from '../inspect-json.js';
import { type Environs, type Style, styleFor, writeLines } from '../output.js';
import { failureLines } from '../render/failure.js';
import { heading, paragraph, row, widest } from '../render/layout.js';
import { legendLines, timelineLines } from '../render/timeline.js';
import { verdictLines } from '../render/verdicts.js';
import type { Story } from '../story.js';
import { rawVerdictsOf } from '../story-verdicts.js';
import type { Target } from '../usage.js';
import { wordsOf } from '../words/index.js';

export interface DoctorArguments {
  readonly target: Target;
  readonly language: Language;
  readonly servername: string | undefined;
  readonly starttls: StartTlsProtocol | undefined;
  /** Path. */
  readonly ca: string | undefined;
  /** Milliseconds, of each attempt. */
  readonly timeout: number;
  readonly json: boolean;
}

/** Gives the exit code: 0 for a healthy server. */
export async function runDoctor(args: DoctorArguments, environs: Environs): Promise<number> {
  const { target, servername, starttls, ca, timeout, language } = args;
  const anchors = ca === undefined ? undefined : trustAnchors(readCertificates(ca));
  const patient: Patient = { target, servername, starttls, ca: anchors, timeout };
  const style = styleFor(environs.stdout, language, environs.env);
  const story = await attemptAsUsual(patient);
  if (!args.json) writeLines(environs.stdout, storyLines(story, style));
  const offers: Offers = { host: servername || target.host, port: target.port };
  const results: TrialResult[] = [];
  const tell = (result: TrialResult): void => {
    results.push(result);
    if (!args.json) writeLines(environs.stdout, trialLines(result, results.length === 1, style));
  };
  const verdicts = story.failure
    ? await bisect(patient, story, offers, tell)
    : [verdictOf({ cause: 'none', side: 'unknown', confidence: 0.95, offers })];
  const shown = verdicts.map((verdict) => explainedVerdict(verdict, language));
  const result: Explained = { ...factsOf(story, servername), verdicts: shown };
  if (args.json) {
    const trials = results.map((one) => ({ ...one, change: changeOf(one.trial) }));
    writeLines(environs.stdout, [jsonText({ connections: [explainedJson(result)], trials })]);
  } else writeLines(environs.stdout, [...verdictLines(shown, style, { snippets: 'all' }), '']);
  return story.failure?.exitCode ?? EXIT.ok;
}

function factsOf(
  { summary, connected, target, failure, setting }: Story,
  servername: string | undefined,
): Omit<Explained, 'verdicts'> {
  const at = (end: { readonly address: string; readonly port: number }): string =>
    end.address.includes(':') ? `[${end.address}]:${end.port}` : `${end.address}:${end.port}`;
  const version = summary?.version ?? setting.version;
  return {
    kind: 'connection',
    stream: null,
    client: connected ? at(connected.local) : null,
    server: connected ? at(connected.remote) : `${target!.host}:${target!.port}`,
    sni: servername === '' ? null : (servername ?? target!.host),
    version,
    outcome: failure ? 'failed' : 'established',
    program: null,
    line: null,
    count: 1,
    observed: null,
  };
}

// ---- Bisection ----

/** What an attempt shows for certain; more attempts would show the same. */
const SETTLED: ReadonlySet<string> = new Set([
  'dns_failure',
  'connection_refused',
  'connect_timeout',
  'certificate_expired',
  'certificate_not_yet_valid',
  'client_clock_wrong',
  'unknown_ca',
  'self_signed',
  'missing_intermediate',
  'wrong_chain_order',
  'hostname_mismatch',
  'certificate_revoked',
  'weak_key_or_signature',
  'wrong_key_usage',
  'ocsp_problem',
  'client_certificate_required',
  'client_certificate_rejected',
]);

/** Of a server that answered with an alert these make no difference. */
const NEEDS_SILENCE: readonly Trial[] = ['again', 'split_segments'];

async function bisect(
  patient: Patient,
  story: Story,
  offers: Offers,
  tell: (result: TrialResult) => void,
): Promise<Verdict[]> {
  const first = rawVerdictsOf(story);
  const cause = first[0]?.cause ?? 'internal_error';
  if (SETTLED.has(cause)) return first;
  const greeting = patient.starttls === undefined ? await greetingOf(patient.target) : null;
  const protocol = greeting === null ? null : protocolOf(greeting);
  if (protocol !== null) return startTlsVerdicts(protocol, greeting!, first, offers);
  if (cause === 'not_tls_server' || cause === 'starttls_expected') return first;
  const results: TrialResult[] = [];
  for (const trial of TRIALS) {
    if (story.failure?.alert && NEEDS_SILENCE.includes(trial)) continue;
    if (trial === 'split_segments' && patient.starttls !== undefined) continue;
    const { failure } = await attemptTrial(patient, trial);
    const result = { trial, worked: failure === null, code: failure?.alert ?? failure?.code ?? null };
    results.push(result);
    tell(result);
    // The smallest change that works is the finding.
    if (result.worked) break;
  }
  return judgeTrials(first, results, offers);
}

/** It greets: whoever begins with TLS is not understood. */
function startTlsVerdicts(
  protocol: string,
  greeting: string,
  first: readonly Verdict[],
  offers: Offers,
): Verdict[] {
  const found = verdictOf({
    cause: 'starttls_expected',
    side: 'client',
    confidence: 0.9,
    evidence: [
      {
        kind: 'tcp',
        from: 'server',
        message: 'first_bytes',
        field: '',
        value: greeting,
        bytes: null,
        text: null,
      },
    ],
    facts: { protocol: `--starttls ${protocol}` },
    offers,
  });
  const rest = first.filter(({ cause }) => cause !== 'starttls_expected');
  return [found, ...rest.map((one) => ({ ...one, confidence: Math.round(one.confidence * 10) / 100 }))];
}

// ---- Lines ----

function storyLines(story: Story, style: Style): string[] {
  const lines = story.map((event, setting) => timelineLines(event, style, setting));
  return [
    ...(story.messages.length > 0 ? legendLines(style) : []),
    ...lines,
    ...(story.failure ? failureLines(story.failure, style) : []),
  ];
}

function trialLines({ trial, worked, code }: TrialResult, first: boolean, style: Style): string[] {
  const { doctor } = wordsOf(style.language);
  const { colors } = style;
  const text = `${doctor.trials[trial]}: ${worked ? doctor.works : doctor.failsToo(printable(code ?? ''))}`;
  const mark = worked ? '✓' : '✗';
  return [
    ...(first ? [...heading(doctor.tried, style), ...paragraph(doctor.triedWhy, 2, style, colors.dim)] : []),
    ...row(mark, text, widest([mark]), style, worked ? colors.green : (plain) => plain),
  ];
}
