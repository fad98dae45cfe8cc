/** What became of the session, the early data and the pre-shared key that a client was given, as data. */
import type { HandshakeSummary } from 'akushu';
import type { EarlyDataOutcome } from 'akushu/node';
import { nodesCalled } from '../certificate-message.js';
import type { Story } from '../story.js';
import type { KeptSessions } from './kept.js';

export interface SessionFacts {
  /** null: in memory. */
  readonly file: string | null;
  /** Whether there was one for this server. */
  readonly found: boolean;
  readonly offered: boolean;
  readonly resumed: boolean;
  /** Whether the server was verified in the full handshake that it comes from, by what is trusted now. */
  readonly trusted: boolean;
  /** `resumed`, `none_found`, `refused` by the server, or why it was not offered. */
  readonly reason: string;
  /** Sessions that the server gave. */
  readonly kept: number;
}

export interface ClientFacts {
  readonly session: SessionFacts | null;
  readonly earlyData: { readonly bytes: number; readonly outcome: EarlyDataOutcome | null } | null;
  readonly psk: { readonly taken: boolean } | null;
}

/** What a connection was given beside its arguments. */
export interface Given {
  readonly sessions: KeptSessions | null;
  readonly earlyData: Uint8Array | null;
  readonly psk: boolean;
}

export function clientFacts(story: Story, given: Given, outcome: EarlyDataOutcome | null): ClientFacts {
  return {
    session: given.sessions && sessionFacts(story, given.sessions),
    earlyData: given.earlyData && { bytes: given.earlyData.length, outcome },
    psk: given.psk ? { taken: story.summary !== null && isByPsk(story.summary) } : null,
  };
}

function sessionFacts(story: Story, { file, taken, kept }: KeptSessions): SessionFacts {
  const resumed = story.summary?.resumed ?? false;
  const decision = story.decision('session');
  const turnedDown = decision?.by === 'client' && decision.chosen === null ? decision.reason : null;
  const found = taken !== null;
  const offered = resumed || (found && turnedDown === null && (taken.version < TLS13 || offersPsk(story)));
  const failure = offered ? 'refused' : (turnedDown ?? 'none_found');
  const trusted = resumed && (taken?.trust ?? null) !== null;
  return { file, found, offered, resumed, trusted, reason: resumed ? 'resumed' : failure, kept };
}

const TLS13 = 0x0304;

const offersPsk = ({ messages }: Story): boolean =>
  messages.some(
    (event) => event.type === 'ClientHello' && nodesCalled('pre_shared_key', event.annotate()).length > 0,
  );

/** How far a connection that failed had come with a pre-shared key, where this side has one. */
export function pskStage(story: Story, has: boolean): boolean | 'agreed' {
  if (!has) return false;
  return story.setting.keyExchange?.endsWith('PSK') ? 'agreed' : story.role === 'client' || offersPsk(story);
}

/** Whether a pre-shared key stands in the place of a certificate. */
export function isByPsk({ resumed, version, cipherSuite, signatureScheme }: HandshakeSummary): boolean {
  if (resumed) return false;
  return version === 'TLSv1.3' ? signatureScheme === null : /^((EC)?DHE_)?PSK$/.test(cipherSuite.kx);
}

/** Whether the private key of a certificate had no part in it. */
export const isWithoutSignature = (summary: HandshakeSummary): boolean =>
  summary.resumed || (isByPsk(summary) && summary.version === 'TLSv1.3');
