/** Which secret protects what, and who holds it. */
import { explainKeyDescent, explainPrivateKey, isBefore13, keyText } from 'akushu/diagnose';
import type { Style } from '../output.js';
import { isWithoutSignature } from '../sessions/facts.js';
import type { Story } from '../story.js';
import { heading, paragraph, row, widest } from './layout.js';

export function secretLines(story: Story, style: Style): string[] {
  const { words, language, colors } = style;
  const labels = [...new Map(story.keys.map((event) => [event.label, event])).values()];
  if (labels.length === 0) return [];
  const { setting, summary } = story;
  const unsigned = summary !== null && isWithoutSignature(summary);
  const texts = labels.map(({ label, aead }) => ({ ...keyText(label, language, setting), aead }));
  const extended = summary?.why.extendedMasterSecret?.chosen != null;
  const nameWidth = widest(texts.map(({ name }) => name));
  const holders = [...new Set(texts.map((text) => text.holders))];
  return [
    ...heading(isBefore13(setting) ? words.sections.keys : words.sections.secrets, style),
    ...holders.flatMap((holder) => [
      ...texts
        .filter((text) => text.holders === holder)
        .flatMap(({ name, protects, aead }) =>
          row(name, aead === '' ? protects : words.withAead(protects, aead.toUpperCase()), nameWidth, style),
        ),
      ...paragraph(holder, 4, style, colors.dim),
    ]),
    ...paragraph(explainKeyDescent(setting, extended, language), 2, style),
    ...paragraph(explainPrivateKey(setting, unsigned, language), 2, style),
  ];
}
