/** What the sections have in common: headings, and rows of a name and a text that may take several lines. */
import type { Style } from '../output.js';
import { padEnd, widthOf, wrap } from '../text.js';

export function heading(title: string, { colors, width }: Style): string[] {
  const rule = '─'.repeat(Math.max(0, width - widthOf(title) - 4));
  return ['', `${colors.dim('──')} ${colors.bold(title)} ${colors.dim(rule)}`];
}

/** A name in a column, and text beside it. `paint` is for the text. */
export function row(
  name: string,
  text: string,
  nameWidth: number,
  { colors, width }: Style,
  paint: (text: string) => string = (plain) => plain,
): string[] {
  const left = nameWidth + 4;
  return wrap(text, width - left).map((line, i) => {
    const label = i === 0 ? colors.dim(padEnd(name, nameWidth)) : ' '.repeat(nameWidth);
    return `  ${label}  ${paint(line)}`;
  });
}

/** Text that starts `indent` columns from the left. */
export function paragraph(
  text: string,
  indent: number,
  { width }: Style,
  paint: (text: string) => string = (plain) => plain,
): string[] {
  return wrap(text, width - indent).map((line) => `${' '.repeat(indent)}${paint(line)}`);
}

export const widest = (names: readonly string[]): number => Math.max(...names.map(widthOf));
