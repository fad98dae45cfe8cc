/** What is weak about a connection that came about, and what to change. Nothing where nothing is. */
import { explainWeakPoint, weakPointsOf } from 'akushu/diagnose';
import type { Style } from '../output.js';
import type { Story } from '../story.js';
import { heading, paragraph } from './layout.js';

export function weakPointLines({ summary }: Story, style: Style): string[] {
  const points = summary ? weakPointsOf(summary) : [];
  if (points.length === 0) return [];
  const { words, language, colors } = style;
  const texts = points.map((point) => explainWeakPoint(point, language));
  // Several points often have one remedy.
  const remedies = [...new Set(texts.map(({ tryThis }) => tryThis))];
  return [
    ...heading(words.sections.weakPoints, style),
    ...texts.flatMap(({ what }) => bulleted('!', what, style, colors.yellow)),
    ...remedies.flatMap((remedy) => bulleted('→', remedy, style, (text) => text)),
  ];
}

function bulleted(mark: string, text: string, style: Style, paint: (text: string) => string): string[] {
  const [first = '', ...rest] = paragraph(text, 4, style, paint);
  return [`  ${paint(mark)} ${first.slice(4)}`, ...rest];
}
