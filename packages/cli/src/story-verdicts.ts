/** The verdicts on a story that failed: what the engine found, judged with everything that happened before. */
import { nodeProvider } from 'akushu/crypto/node';
import { diagnoseError, type Language, type Verdict, verdictOf } from 'akushu/diagnose';
import { type ExplainedVerdict, explainedVerdict } from './explained.js';
import type { Story, StoryEvent } from './story.js';

type Traced = Exclude<StoryEvent, { readonly kind: 'lookup' | 'connect' | 'starttls' | 'starttls_ready' }>;

/** Most probable first; empty where nothing failed. */
export const verdictsOf = (story: Story, language: Language): ExplainedVerdict[] =>
  rawVerdictsOf(story).map((verdict) => explainedVerdict(verdict, language));

/** As `verdictsOf`, in both languages. */
export function rawVerdictsOf({ failure, role, events, start, target, connected }: Story): Verdict[] {
  // Whoever gave up knows why.
  if (!failure || failure.code === CANCELED) return [];
  const found = diagnoseError(failure, {
    role,
    events: events.filter((event): event is Traced => !OUTSIDE.has(event.kind)),
    host: target?.host,
    port: target?.port ?? connected?.local.port,
    time: start > 0 ? start : Date.now(),
    provider: nodeProvider,
  });
  return failure.psk ? forPsk(found) : found;
}

/** Of a handshake with a pre-shared key more is known than the alert says, which is often a general one. */
function forPsk(found: readonly Verdict[]): Verdict[] {
  const said = found.filter(({ cause }) => cause === 'wrong_psk');
  if (said.length > 0) return said;
  const evidence = found[0]?.evidence.slice(0, 1) ?? [];
  return [verdictOf({ cause: 'wrong_psk', side: 'unknown', confidence: LIKELY, evidence })];
}

const LIKELY = 0.8;

const CANCELED = 'canceled';

/** What happened outside of the engine. */
const OUTSIDE: ReadonlySet<string> = new Set(['lookup', 'connect', 'starttls', 'starttls_ready']);
