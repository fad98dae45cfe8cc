/** The verdict on a chain as text: what was asked, every path with where and why it failed, and what would repair it. */
import { explainError, printable } from 'akushu/diagnose';
import type {
  Certificate,
  ChainFailure,
  ChainVerdict,
  PathReport,
  Profile,
  Purpose,
  Repair,
} from 'akushu/x509';
import type { Style } from '../output.js';
import { localTime } from './dates.js';
import { heading, paragraph, row, widest } from './layout.js';

/** What the verdict is about. */
export interface Question {
  /** Null where it cannot be read. */
  readonly leaf: string | null;
  readonly host: string | undefined;
  readonly purpose: Purpose;
  readonly profile: Profile;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly roots: { readonly count: number; readonly sources: readonly string[] };
  readonly revocation: boolean;
  readonly isAnchor: (certificate: Certificate) => boolean;
}

const MAX_PATHS = 6;

export function verdictLines(verdict: ChainVerdict, question: Question, style: Style): string[] {
  const { verify: words, inspect } = style.words;
  const { colors } = style;
  const failed = verdict.paths.filter(({ failures }) => failures.length > 0);
  return [
    ...heading(words.verdict, style),
    `  ${verdict.ok ? colors.green(words.valid) : colors.red(words.invalid)}`,
    ...questionLines(verdict, question, style),
    ...(verdict.ok ? acceptedLines(verdict.path, question, style) : []),
    ...failed
      .slice(0, MAX_PATHS)
      .flatMap((path, i) => [
        ...heading(words.failedPath(i + 1, failed.length), style),
        ...failedPathLines(path, question, style),
      ]),
    ...(failed.length > MAX_PATHS ? paragraph(inspect.more(failed.length - MAX_PATHS), 2, style) : []),
    ...(verdict.ok ? [] : otherFailureLines(verdict.failures, failed, style)),
    ...(verdict.ok ? [] : repairLines(verdict.failures, verdict.repairs, style)),
    '',
  ];
}

function questionLines(verdict: ChainVerdict, question: Question, style: Style): string[] {
  const { rows, purposes, profiles, anyHost, roots, unreadable, revocationGood, revocationNotAsked } =
    style.words.verify;
  const { leaf, host, purpose, profile, time, revocation } = question;
  const sources = question.roots.sources.map((source) => printable(source, 120)).join(', ');
  const fields: [string, string][] = [
    [rows.leaf, leaf === null ? unreadable : printable(leaf, 512)],
    [rows.host, host === undefined ? anyHost : printable(host)],
    [rows.purpose, purposes[purpose]],
    [rows.time, localTime(time, style.language)],
    [rows.profile, profiles[profile]],
    [rows.roots, roots(question.roots.count, sources)],
    ...(verdict.ok
      ? ([[rows.revocation, revocation ? revocationGood : revocationNotAsked]] satisfies [string, string][])
      : []),
  ];
  const nameWidth = widest(fields.map(([name]) => name));
  return fields.flatMap(([name, text]) => row(name, text, nameWidth, style));
}

function acceptedLines(path: readonly Certificate[], question: Question, style: Style): string[] {
  return [...heading(style.words.verify.acceptedPath, style), ...pathLines(path, question, style)];
}

function pathLines(
  path: readonly Certificate[],
  { isAnchor }: Question,
  style: Style,
  failing: ReadonlySet<number> = new Set(),
): string[] {
  const { anchor, failsHere } = style.words.verify;
  const { colors } = style;
  return path.flatMap((certificate, i) => {
    const notes = [...(isAnchor(certificate) ? [anchor] : []), ...(failing.has(i) ? [failsHere] : [])];
    const text = [printable(certificate.subject.text), ...notes].join(' ');
    return row(String(i + 1), text, 2, style, failing.has(i) ? colors.red : undefined);
  });
}

function failedPathLines({ certificates, failures }: PathReport, question: Question, style: Style): string[] {
  const failing = new Set(failures.map(({ index }) => index));
  return [
    ...pathLines(certificates, question, style, failing),
    ...(failures.some(({ rule }) => rule === 'issuer_missing')
      ? row('', style.words.verify.noIssuer, 2, style)
      : []),
    ...failures.flatMap((failure) => failureLines(failure, style)),
  ];
}

function failureLines(failure: ChainFailure, style: Style): string[] {
  const { rows, reasons } = style.words.verify;
  const { code, subject, rule, rfc, facts } = failure;
  const { what } = explainError({ code, facts: { subject, ...facts } }, style.language);
  const place = placeText(facts, style);
  const nameWidth = widest([rows.why, rows.rule, ...(place === null ? [] : [rows.where])]);
  return [
    ...row(rows.why, reasons[rule] ?? what, nameWidth, style, style.colors.red),
    ...row(rows.rule, `${printable(rule)} · ${printable(rfc)}`, nameWidth, style),
    ...(place === null ? [] : row(rows.where, place, nameWidth, style)),
  ];
}

/** For what is malformed: the field, and the byte. */
function placeText({ field, offset }: ChainFailure['facts'], { words }: Style): string | null {
  if (typeof offset !== 'number') return null;
  const place = words.inspect.atByte(offset);
  return typeof field === 'string' && field !== '' ? `${printable(field)}, ${place}` : place;
}

/** What is wrong with the leaf by itself belongs to no path that ended too early. */
function otherFailureLines(
  failures: readonly ChainFailure[],
  paths: readonly PathReport[],
  style: Style,
): string[] {
  const told = new Set(paths.flatMap((path) => path.failures));
  const others = failures.filter((failure) => !told.has(failure));
  const { leafFailures, unusable } = style.words.verify;
  const ofLeaf = others.filter(({ index }) => index === 0);
  const ofOthers = others.filter(({ index }) => index > 0);
  return [
    ...(ofLeaf.length > 0 ? heading(leafFailures, style) : []),
    ...ofLeaf.flatMap((failure) => failureLines(failure, style)),
    ...(ofOthers.length > 0 ? heading(unusable(ofOthers.length), style) : []),
    ...ofOthers.flatMap((failure) => failureLines(failure, style)),
  ];
}

function repairLines(failures: readonly ChainFailure[], repairs: readonly Repair[], style: Style): string[] {
  const { verify: words } = style.words;
  const codes = new Set(failures.map(({ code }) => code));
  const dates = [
    ...(codes.has('certificate_expired') ? [words.dateOf('renew')] : []),
    ...(codes.has('certificate_not_yet_valid') ? [words.dateOf('clock')] : []),
  ];
  const expired = new Set(
    failures.flatMap(({ code, subject }) => (code === 'certificate_expired' ? [subject] : [])),
  );
  const ofRules = failures.flatMap(({ rule }) => words.advice[rule] ?? []);
  const advice = [...repairs.flatMap((repair) => repairTexts(repair, expired, style)), ...new Set(ofRules)];
  // Where no rule of its own helps, the general advice does.
  const [first] = failures;
  const isFaultOfForm = first?.code === 'bad_certificate' && placeText(first.facts, style) === null;
  const general =
    first && advice.length + dates.length === 0
      ? [
          isFaultOfForm
            ? words.reissue
            : explainError({ code: first.code, facts: first.facts }, style.language).tryThis,
        ]
      : [];
  const all = [...advice, ...dates, ...general];
  if (all.length === 0) return [];
  return [...heading(words.repairs, style), ...all.flatMap((text) => paragraph(text, 2, style))];
}

function repairTexts(repair: Repair, expired: ReadonlySet<string>, style: Style): string[] {
  const { addIssuer, replaceIssuer, giveIssuer, fetchIssuer, trustRoot } = style.words.verify;
  if (repair.kind === 'trust_root') return [trustRoot(printable(repair.subject))];
  const say = expired.has(repair.issuer) ? replaceIssuer : addIssuer;
  return [
    say(printable(repair.issuer), printable(repair.below)),
    ...repair.caIssuers.slice(0, 2).map((url) => fetchIssuer(printable(url))),
    giveIssuer,
  ];
}
