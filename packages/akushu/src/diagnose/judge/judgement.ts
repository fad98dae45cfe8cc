/** What comes of a connection that was observed: how far it got, and the findings on that. */
import type { Finding } from '../verdict.js';

export type Outcome = 'established' | 'failed' | 'incomplete';

export interface Judgement {
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
}

export const INCOMPLETE: Judgement = { outcome: 'incomplete', findings: [] };
export const failed = (findings: readonly Finding[]): Judgement => ({ outcome: 'failed', findings });
export const fine = (findings: readonly Finding[] = []): Judgement => ({
  outcome: 'established',
  findings: [{ cause: 'none', side: 'unknown', confidence: 0.95 }, ...findings],
});
