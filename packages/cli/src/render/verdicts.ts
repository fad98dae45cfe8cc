/** Verdicts in lines: the first in full with its reasons and its fix, the others by name. */
import { printable, sideText } from 'akushu/diagnose';
import type { ExplainedVerdict } from '../explained.js';
import type { Failure } from '../failure.js';
import type { Style } from '../output.js';
import { heading, paragraph, row, widest } from './layout.js';

/** Of the evidence and of the other verdicts, so many. */
const MAX_EVIDENCE = 4;
const MAX_OTHERS = 3;
/** Without `all`, snippets for so many programs. */
const FEW_SNIPPETS = 2;

const MAX_TEXT = 4000;
/** Below this, the first is a guess among others. */
export const LIKELY = 0.6;

/** All of them; or a few, and where `hint` asks for it how to see the others. */
export type Snippets = 'all' | 'few' | 'hint';

export function verdictLines(
  verdicts: readonly ExplainedVerdict[],
  style: Style,
  options: { readonly snippets: Snippets },
): string[] {
  const [first, ...others] = verdicts;
  if (!first) return [];
  return [
    ...mainLines(first, others, style),
    ...otherLines(others, style),
    ...fixLines(first, style, options.snippets),
  ];
}

/** The code of the failure stands over the verdict already. */
export function withoutRepetition(
  verdicts: readonly ExplainedVerdict[],
  failure: Failure | null,
): ExplainedVerdict[] {
  return verdicts.map((one) => ({
    ...one,
    evidence: one.evidence.filter(
      ({ kind, field, value }) => kind !== 'error' || field !== '' || value !== failure?.code,
    ),
  }));
}

/** Of the names of reasons; the others have one where there are others. */
const reasonsWidth = (others: readonly ExplainedVerdict[], { words: { explain } }: Style): number =>
  widest([explain.because, explain.settles, ...(others.length > 0 ? [explain.also] : [])]);

function mainLines(verdict: ExplainedVerdict, others: readonly ExplainedVerdict[], style: Style): string[] {
  const { words, colors } = style;
  const { explain } = words;
  const { cause, side, confidence, title, explanation, evidence, missing, rfc } = verdict;
  const paint = cause === 'none' ? colors.green : colors.red;
  const percent = Math.round(confidence * 100);
  const width = reasonsWidth(others, style);
  const reasons = evidence.slice(0, MAX_EVIDENCE).map(({ says }) => printable(says, MAX_TEXT));
  const sides = explain.sure(percent, sideText(side, style.language));
  return [
    ...heading((confidence < LIKELY ? explain.likely : explain.verdict)(title), style),
    ...paragraph(`${cause} · ${cause === 'none' ? `${percent} %` : sides} · ${rfc}`, 2, style, colors.dim),
    ...paragraph(printable(explanation, MAX_TEXT), 2, style, paint),
    ...reasons.flatMap((reason, i) => row(i === 0 ? explain.because : '', reason, width, style)),
    ...missingLines(missing, style, width),
  ];
}

/** What would settle it, and how to get that. */
export function missingLines(
  missing: ExplainedVerdict['missing'],
  style: Style,
  width = widest([style.words.explain.settles]),
): string[] {
  const { settles } = style.words.explain;
  return missing
    .slice(0, MAX_OTHERS)
    .flatMap(({ what, command }, i) => [
      ...row(i === 0 ? settles : '', what, width, style),
      ...(command === null ? [] : codeLines(command, width + 4, style)),
    ]);
}

function otherLines(others: readonly ExplainedVerdict[], style: Style): string[] {
  const { explain } = style.words;
  const shown = others.slice(0, MAX_OTHERS);
  if (shown.length === 0) return [];
  const width = reasonsWidth(others, style);
  return shown.flatMap(({ title, confidence, cause }, i) =>
    row(i === 0 ? explain.also : '', explain.other(Math.round(confidence * 100), title, cause), width, style),
  );
}

function fixLines({ remedy, cause }: ExplainedVerdict, style: Style, show: Snippets): string[] {
  if (cause === 'none') return [];
  const { words, colors } = style;
  const snippets = show === 'all' ? remedy.snippets : remedy.snippets.slice(0, FEW_SNIPPETS);
  return [
    ...heading(words.explain.fix, style),
    ...paragraph(printable(remedy.text, MAX_TEXT), 2, style),
    ...snippets.flatMap(({ title, config }) => [
      `  ${colors.dim(title)}`,
      ...codeLines(config, CODE_INDENT, style),
    ]),
    ...(show === 'hint' && snippets.length < remedy.snippets.length
      ? paragraph(words.explain.moreSnippets, 2, style, colors.dim)
      : []),
  ];
}

/** For copying: one line stays one line, however long, with nothing but blanks before it. */
function codeLines(code: string, indent: number, { colors }: Style): string[] {
  return code.split('\n').map((line) => {
    const spaces = line.replaceAll('\t', '    ').trimEnd();
    return spaces === '' ? '' : `${' '.repeat(indent)}${colors.cyan(printable(spaces, MAX_TEXT))}`;
  });
}

const CODE_INDENT = 6;
