/** One explained connection, look-up or text as lines; and what is to be said of the capture as a whole. */
import { findVersion } from 'akushu';
import { printable } from 'akushu/diagnose';
import type { ObservedCapture, ObservedConnection } from 'akushu/observe';
import type { Explained } from '../explained.js';
import type { Style } from '../output.js';
import { heading, paragraph, row, widest } from './layout.js';
import { sequenceLines } from './sequence.js';
import { missingLines, verdictLines } from './verdicts.js';

export interface ExplainStyle {
  /** With its sequence, verdict and fix; otherwise one line. */
  readonly full: boolean;
  readonly allSnippets: boolean;
}

export function explainedLines(one: Explained, style: Style, { full, allSnippets }: ExplainStyle): string[] {
  const { words, colors } = style;
  const { explain } = words;
  const paint = { established: colors.green, failed: colors.red, incomplete: colors.yellow }[one.outcome];
  if (!full) return compactLines(one, style, paint);
  const title = titleOf(one, style);
  const about = [
    one.client !== null && one.server !== null ? `${one.client} → ${one.server}` : (one.client ?? one.server),
    one.sni,
    versionText(one.version),
  ].filter((part) => part !== null);
  const problems = one.observed?.kind === 'connection' ? problemLines(one.observed, style) : [];
  const nothing =
    one.verdicts.length === 0 && one.kind === 'connection'
      ? paragraph(isTls(one) ? explain.nothingKnown : explain.notTls, 2, style, colors.yellow)
      : [];
  return [
    ...heading(title, style),
    ...(about.length > 0 ? paragraph(printable(about.join(' · '), 600), 2, style) : []),
    ...(one.kind === 'text' ? [] : paragraph(outcomeOf(one, style), 2, style, paint)),
    ...(one.observed?.kind === 'connection' ? ['', ...sequenceLines(one.observed, style)] : []),
    ...problems,
    ...nothing,
    ...missingLines(lackingIn(one), style),
    ...verdictLines(one.verdicts, style, { snippets: allSnippets ? 'all' : 'hint' }),
  ];
}

/** Nothing can change what this is. */
const CERTAIN = 0.95;

/** What the capture lacks, where that may change the verdict, or make one; without what the first verdict says itself. */
export function lackingIn({ missing, verdicts: [first] }: Explained): Explained['missing'] {
  if (first && first.confidence >= CERTAIN) return [];
  return missing.filter(({ what }) => !first?.missing.some((one) => one.what === what));
}

/** As people write it: `TLS 1.3`. */
export const versionText = (version: string | null): string | null =>
  version === null ? null : (findVersion(version)?.display ?? version);

export const isTls = ({ observed }: Explained): boolean =>
  observed?.kind === 'connection' && observed.tls !== null;

function titleOf(
  { kind, stream, program, line, count, sni }: Explained,
  { words: { explain } }: Style,
): string {
  if (kind === 'connection') return explain.connection(`#${stream}`);
  if (kind === 'lookup') return explain.lookup(printable(sni ?? '', 60));
  const place = line === null || count === 1 ? '' : ` (${explain.line(line)}, ${explain.times(count)})`;
  return `${explain.message(program)}${place}`;
}

function outcomeOf({ outcome, observed }: Explained, { words: { explain } }: Style): string {
  if (observed?.kind !== 'lookup') return explain.outcomes[outcome];
  const found = observed.outcome;
  return found.startsWith('rcode_') ? found : explain.lookups[found as keyof typeof explain.lookups];
}

function compactLines(one: Explained, style: Style, paint: (text: string) => string): string[] {
  const { explain } = style.words;
  const name = one.stream === null ? '' : `#${one.stream}`;
  const parts = [
    `${one.client ?? ''} → ${one.server ?? ''}`,
    one.sni,
    versionText(one.version),
    one.verdicts[0]?.cause === 'none'
      ? explain.outcomes.established
      : (one.verdicts[0]?.cause ?? explain.outcomes[one.outcome]),
  ];
  const text = parts.filter((part) => part !== null).join(' · ');
  return row(name, printable(text, 600), 6, style, paint);
}

const MAX_PROBLEMS = 5;

function problemLines(observed: ObservedConnection, style: Style): string[] {
  const name = style.words.explain.rows.problem;
  return problemTexts(observed, style).flatMap((text) =>
    row(name, text, widest([name]), style, style.colors.yellow),
  );
}

export function problemTexts(
  { problems, problemsOmitted }: ObservedConnection,
  { words }: Style,
): readonly string[] {
  const { explain } = words;
  const left = problems.length + problemsOmitted - MAX_PROBLEMS;
  return [
    ...problems.slice(0, MAX_PROBLEMS).map(({ code, from, offset }) => {
      const where = explain.atByte(explain.connectionProblems[code], offset.toLocaleString('en-US'), 1);
      return `${words[from]}: ${where}`;
    }),
    ...(left > 0 ? [explain.more(left)] : []),
  ];
}

export function captureLines(capture: ObservedCapture, sawTls: boolean, style: Style): string[] {
  const { colors, words } = style;
  const { explain } = words;
  const { connections, packets, lookups, problems, seen, cutPackets, cutAt } = capture;
  const what = Object.entries(seen)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 8)
    .map(([kind, count]) => `${kind} ${count.toLocaleString('en-US')}`)
    .join(', ');
  const none = connections === 0 ? explain.noConnection : explain.noTls;
  return [
    ...heading(explain.summary, style),
    ...paragraph(`${capture.format} · ${explain.counts(connections, packets, lookups)}`, 2, style),
    ...(cutAt === null
      ? []
      : paragraph(explain.cutPackets(packets, cutPackets, cutAt), 2, style, colors.yellow)),
    ...(sawTls
      ? []
      : paragraph(
          style.words.sentences(what === '' ? [none] : [none, explain.sawInstead(printable(what))]),
          2,
          style,
          colors.yellow,
        )),
    ...problems.flatMap(({ code, offset, count, facts }) => {
      const text =
        typeof facts.lines === 'number'
          ? explain.badKeyLogLines(facts.lines)
          : explain.atByte(explain.captureProblems[code], offset.toLocaleString('en-US'), count);
      return row(explain.rows.problem, text, widest([explain.rows.problem]), style, colors.yellow);
    }),
    '',
  ];
}
