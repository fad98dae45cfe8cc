/** A whole connection in order: timeline, negotiated values, certificates, secrets, failure. */
import type { Style } from '../output.js';
import type { Story } from '../story.js';
import { verdictsOf } from '../story-verdicts.js';
import { certificateLines } from './certificates.js';
import { failureLines } from './failure.js';
import { decisionLines, negotiatedLines } from './negotiated.js';
import { secretLines } from './secrets.js';
import { sessionLines } from './session.js';
import { timelineLines } from './timeline.js';
import { verdictLines, withoutRepetition } from './verdicts.js';
import { weakPointLines } from './weak-points.js';

export function storyLines(story: Story, style: Style, now: number): string[] {
  return [
    ...story.map((event, setting) => timelineLines(event, style, setting)),
    ...conclusionLines(story, style, now),
  ];
}

/** What follows the timeline. */
export function conclusionLines(story: Story, style: Style, now: number): string[] {
  return [
    ...(story.summary ? negotiatedLines(story, style) : decisionLines(story, style)),
    ...sessionLines(story, style),
    ...weakPointLines(story, style),
    ...certificateLines(story, style, now),
    ...(story.failure ? failureLines(story.failure, style) : secretLines(story, style)),
    ...verdictLines(withoutRepetition(verdictsOf(story, style.language), story.failure), style, {
      snippets: 'few',
    }),
    '',
  ];
}
