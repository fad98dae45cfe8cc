/** The verdicts on a story that failed: what the engine found, judged with everything that happened before. */
import { nodeProvider } from 'akushu/crypto/node';
import { diagnoseError, type Language, type Verdict } from 'akushu/diagnose';
import { type ExplainedVerdict, explainedVerdict } from './explained.js';
import type { Story, StoryEvent } from './story.js';

type Traced = Exclude<StoryEvent, { readonly kind: 'lookup' | 'connect' | 'starttls' | 'starttls_ready' }>;

/** Most probable first; empty where nothing failed. */
export const verdictsOf = (story: Story, language: Language): ExplainedVerdict[] =>
  rawVerdictsOf(story).map((verdict) => explainedVerdict(verdict, language));

/** As `verdictsOf`, in both languages. */
export function rawVerdictsOf({ failure, role, events, start, target }: Story): Verdict[] {
  if (!failure) return [];
  return diagnoseError(failure, {
    role,
    events: events.filter((event): event is Traced => !OUTSIDE.has(event.kind)),
    host: target?.host,
    port: target?.port,
    time: start > 0 ? start : Date.now(),
    provider: nodeProvider,
  });
}

/** What happened outside of the engine. */
const OUTSIDE: ReadonlySet<string> = new Set(['lookup', 'connect', 'starttls', 'starttls_ready']);
