/** A failure: the code, one sentence on what happened, and what to try. */
import { explain, type Failure } from '../failure.js';
import type { Style } from '../output.js';
import { widthOf } from '../text.js';
import { heading, paragraph, row } from './layout.js';

export function failureLines(failure: Failure, style: Style): string[] {
  const { words, language, colors } = style;
  const { what, tryThis } = explain(failure, language);
  const label = `${words.tryThis}:`;
  return [
    ...heading(`${words.sections.failed}: ${failure.code}`, style),
    ...paragraph(what, 2, style, colors.red),
    ...row(label, tryThis, widthOf(label), style),
  ];
}
