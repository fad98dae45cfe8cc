/** Which secret protects what, and who holds it. */
import { keyText } from 'akushu/diagnose';
import type { Style } from '../output.js';
import type { Story } from '../story.js';
import { heading, paragraph, row, widest } from './layout.js';

export function secretLines(story: Story, style: Style): string[] {
  const { words, language, colors } = style;
  const labels = [...new Map(story.keys.map((event) => [event.label, event])).values()];
  if (labels.length === 0) return [];
  const texts = labels.map(({ label, aead }) => ({ ...keyText(label, language), aead }));
  const nameWidth = widest(texts.map(({ name }) => name));
  const holders = [...new Set(texts.map((text) => text.holders))];
  return [
    ...heading(words.sections.secrets, style),
    ...holders.flatMap((holder) => [
      ...texts
        .filter((text) => text.holders === holder)
        .flatMap(({ name, protects, aead }) =>
          row(name, aead === '' ? protects : words.withAead(protects, aead.toUpperCase()), nameWidth, style),
        ),
      ...paragraph(holder, 4, style, colors.dim),
    ]),
    ...paragraph(words.keyUses, 2, style),
    ...paragraph(words.privateKey('server'), 2, style),
  ];
}
