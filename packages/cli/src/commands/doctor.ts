/**
 * `akushu doctor`: resolves, connects, shakes hands and verifies; where that fails, tries again with one thing changed
 * at a time, and ends in verdicts.
 */
import { isIP } from 'node:net';
import {
  type Cause,
  changeOf,
  findingOf,
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
import {
  type AddressResult,
  addressesOf,
  addressResult,
  patientAt,
  tryAddresses,
} from '../doctor/addresses.js';
import { attemptAsUsual, attemptTrial, type Patient } from '../doctor/attempt.js';
import { greetingOf, protocolOf } from '../doctor/banner.js';
import { type Explained, explainedJson, explainedVerdict } from '../explained.js';
import { EXIT, type Failure } from '../failure.js';
import { jsonText } from '../inspect-json.js';
import { type Environs, type Style, styleFor, writeLines } from '../output.js';
import { failureLines } from '../render/failure.js';
import { heading, paragraph, row, widest } from '../render/layout.js';
import { legendLines, timelineLines } from '../render/timeline.js';
import { verdictLines, withoutRepetition } from '../render/verdicts.js';
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
  const print = (lines: readonly string[]): void => {
    if (!args.json) writeLines(environs.stdout, lines);
  };
  const usual = await attemptAsUsual(patient);
  print(storyLines(usual, style));
  const { addresses, odd } = await compareAddresses(patient, usual);
  print(addressLines(addresses, style));
  if (odd)
    print([...heading(style.words.doctor.checking(odd.address), style), ...storyLines(odd.story, style)]);
  const story = odd?.story ?? usual;
  const offers: Offers = { host: servername || target.host, port: target.port };
  const results: TrialResult[] = [];
  const tell = (result: TrialResult): void => {
    results.push(result);
    print(trialLines(result, story.failure, results.length === 1, style));
  };
  const ill = odd ? patientAt(patient, odd.address) : patient;
  const verdicts = story.failure ? await bisect(ill, story, offers, tell) : healthy(addresses, offers);
  const finding = findingOf(results);
  if (results.length > 0 && finding === null)
    print(paragraph(style.words.doctor.nothingHelped, 2, style, style.colors.yellow));
  const shown = verdicts.map((verdict) => explainedVerdict(verdict, language));
  const result: Explained = { ...factsOf(story, target, servername), verdicts: shown };
  if (args.json) {
    const trials = results.map((one) => ({ ...one, change: changeOf(one.trial) }));
    const smallest = finding && { trial: finding, change: changeOf(finding) };
    const object = { connections: [explainedJson(result)], addresses, trials, finding: smallest };
    writeLines(environs.stdout, [jsonText(object)]);
  } else {
    const fresh = withoutRepetition(shown, story.failure);
    print([...verdictLines(fresh, style, { snippets: 'all' }), '']);
  }
  return story.failure?.exitCode ?? EXIT.ok;
}

// ---- Addresses ----

interface Comparison {
  /** Empty where the name has but one. */
  readonly addresses: readonly AddressResult[];
  /** One that fails in TLS where another works. */
  readonly odd: { readonly address: string; readonly story: Story } | null;
}

async function compareAddresses(patient: Patient, usual: Story): Promise<Comparison> {
  const addresses = await addressesOf(patient.target.host);
  // Without a name to ask for, one address says nothing of the others.
  if (addresses.length < 2 || patient.servername === '') return { addresses: [], odd: null };
  const stories = await tryAddresses(patient, addresses, usual);
  const at = stories.findIndex(({ failure }) => failure?.exitCode === EXIT.tls);
  const odd = usual.failure || at < 0 ? null : { address: addresses[at]!, story: stories[at]! };
  return { addresses: stories.map((story, i) => addressResult(addresses[i]!, story)), odd };
}

const DEAD: Readonly<Record<string, Cause>> = {
  connection_refused: 'connection_refused',
  connect_timeout: 'connect_timeout',
};

/** It works; an address that does not is said behind. */
function healthy(addresses: readonly AddressResult[], offers: Offers): Verdict[] {
  const dead = addresses.filter(({ worked }) => !worked);
  const fine = verdictOf({
    cause: 'none',
    side: 'unknown',
    confidence: dead.length > 0 ? 0.85 : 0.95,
    offers,
  });
  if (dead.length === 0) return [fine];
  const evidence = dead.map(({ address, code }) => ({
    kind: 'error' as const,
    from: null,
    message: 'akushu',
    field: address,
    value: code ?? '',
    bytes: null,
    text: null,
  }));
  const cause = DEAD[dead[0]!.code ?? ''] ?? 'connect_timeout';
  return [fine, verdictOf({ cause, side: 'server', confidence: 0.12, evidence, offers })];
}

function factsOf(
  { summary, connected, failure, setting }: Story,
  target: Target,
  servername: string | undefined,
): Omit<Explained, 'verdicts'> {
  const at = (end: { readonly address: string; readonly port: number }): string =>
    end.address.includes(':') ? `[${end.address}]:${end.port}` : `${end.address}:${end.port}`;
  const version = summary?.version ?? setting.version;
  return {
    kind: 'connection',
    stream: null,
    client: connected ? at(connected.local) : null,
    server: connected ? at(connected.remote) : `${target.host}:${target.port}`,
    sni: servername === '' ? null : (servername ?? target.host),
    version,
    outcome: failure ? 'failed' : 'established',
    missing: [],
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
/** These change nothing where no name is asked for. */
const NEEDS_NAME: readonly Trial[] = ['other_server_name', 'no_server_name'];

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
  if (protocol !== null) {
    const { failure } = await attemptAsUsual({ ...patient, starttls: protocol });
    return startTlsVerdicts({ protocol, greeting: greeting!, failure }, first, offers);
  }
  if (cause === 'not_tls_server' || cause === 'starttls_expected') return first;
  const answered = story.failure?.alert != null && story.failure.sentBy === 'server';
  const named = (patient.servername ?? patient.target.host) !== '' && isIP(offers.host ?? '') === 0;
  const trials = TRIALS.filter(
    (trial) =>
      !(answered && NEEDS_SILENCE.includes(trial)) &&
      !(trial === 'split_segments' && patient.starttls !== undefined) &&
      !(!named && NEEDS_NAME.includes(trial)),
  );
  const silent = story.failure?.code === 'handshake_timeout';
  return judgeTrials(first, await tryInTurn(patient, trials, silent, tell), offers, answered);
}

/**
 * The smallest change that works is the finding: one after the other, up to it. Where time ran out, the others are tried
 * at once, so that a silent server takes no more than twice the time limit.
 */
async function tryInTurn(
  patient: Patient,
  trials: readonly Trial[],
  silent: boolean,
  tell: (result: TrialResult) => void,
): Promise<TrialResult[]> {
  const results: TrialResult[] = [];
  const add = (result: TrialResult): TrialResult => {
    results.push(result);
    tell(result);
    return result;
  };
  const attempt = async (trial: Trial): Promise<TrialResult> => {
    const { failure } = await attemptTrial(patient, trial);
    return { trial, worked: failure === null, code: failure?.alert ?? failure?.code ?? null };
  };
  let slow = silent;
  let next = 0;
  while (!slow && next < trials.length) {
    const begun = performance.now();
    if (add(await attempt(trials[next++]!)).worked) return results;
    slow = performance.now() - begun > patient.timeout * SLOW;
  }
  for (const result of await Promise.all(trials.slice(next).map(attempt))) if (add(result).worked) break;
  return results;
}

const SLOW = 0.5;

interface Greeted {
  readonly protocol: StartTlsProtocol;
  readonly greeting: string;
  /** What it failed with by STARTTLS; null where that worked. */
  readonly failure: Failure | null;
}

/** It greets: whoever begins with TLS is not understood. */
function startTlsVerdicts(
  { protocol, greeting, failure }: Greeted,
  first: readonly Verdict[],
  offers: Offers,
): Verdict[] {
  const change = `--starttls ${protocol}`;
  const nowhere = { bytes: null, text: null };
  const found = verdictOf({
    cause: 'starttls_expected',
    side: 'client',
    confidence: failure ? 0.9 : 0.98,
    evidence: [
      { kind: 'tcp', from: 'server', message: 'first_bytes', field: '', value: greeting, ...nowhere },
      {
        kind: 'error',
        from: null,
        message: 'akushu',
        field: change,
        value: failure ? (failure.alert ?? failure.code) : 'OK',
        ...nowhere,
      },
    ],
    facts: failure ? { protocol: change } : { smallestChange: change },
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

function addressLines(addresses: readonly AddressResult[], style: Style): string[] {
  const { doctor } = style.words;
  if (addresses.length === 0) return [];
  const width = widest(addresses.map(({ address }) => address));
  return [
    ...heading(doctor.addresses, style),
    ...addresses.flatMap(({ address, worked, code }) => {
      const text = worked ? doctor.works : doctor.fails(printable(code ?? ''));
      return row(address, text, width, style, worked ? style.colors.green : style.colors.red);
    }),
  ];
}

function trialLines(
  { trial, worked, code }: TrialResult,
  before: Failure | null,
  first: boolean,
  style: Style,
): string[] {
  const { doctor } = wordsOf(style.language);
  const { colors } = style;
  const other = code === (before?.alert ?? before?.code) ? null : printable(code ?? '');
  const text = `${doctor.trials[trial]}: ${worked ? doctor.works : doctor.failsToo(other)}`;
  const mark = worked ? '✓' : '✗';
  return [
    ...(first ? [...heading(doctor.tried, style), ...paragraph(doctor.triedWhy, 2, style, colors.dim)] : []),
    ...row(mark, text, widest([mark]), style, worked ? colors.green : (plain) => plain),
  ];
}
