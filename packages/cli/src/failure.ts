/**
 * Why a connection failed, as a code: TLS's own, or that of the network below. Tells the two apart, since they have
 * different exit codes; the words for both are in `akushu/diagnose`.
 */
import { isIP } from 'node:net';
import { type Side, TlsError } from 'akushu';
import { type ErrorExplanation, explainError, type NetworkCode, networkCodeOf } from 'akushu/diagnose';
import type { Language } from './language.js';
import { wordsOf } from './words/index.js';

export { systemCode } from 'akushu/diagnose';

export const EXIT = { ok: 0, tls: 1, usage: 2, network: 3 } as const;

export interface Failure {
  readonly code: string;
  readonly alert: string | null;
  readonly sentBy: Side | null;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly exitCode: 1 | 3;
  /** What it is about where a pre-shared key was offered: the key, or its identity. */
  readonly psk?: 'wrong' | 'unknown' | undefined;
  readonly cause: unknown;
}

/** What the failure of a connection has to be seen with. */
export interface Circumstances {
  readonly host: string;
  /** Whether any byte of the peer came. */
  readonly heardFromPeer: boolean;
  readonly established: boolean;
  /** Whether a pre-shared key was offered, or already agreed upon before TLS 1.3, where it is proven by Finished alone. */
  readonly psk?: boolean | 'agreed';
}

export function failureOf(error: unknown, seen: Circumstances): Failure {
  return error instanceof TlsError ? tlsFailure(error, seen) : networkFailure(error, seen);
}

function tlsFailure(error: TlsError, seen: Circumstances): Failure {
  const { code, alert, sentBy, facts } = error;
  // The deadline counts from the beginning: where TCP was not open yet, TLS is not to blame.
  if (code === 'handshake_timeout' && facts.phase !== 'handshake') {
    const resolving = facts.phase === 'lookup' && isIP(seen.host) === 0;
    return network(resolving ? 'dns_failure' : 'connect_timeout', error);
  }
  const psk = seen.psk ? pskFault(code, alert, seen.psk) : undefined;
  return { code, alert, sentBy, facts, exitCode: EXIT.tls, cause: error, ...(psk && { psk }) };
}

/** By the alerts that servers send of a key that is not theirs, and of an identity that they do not know. */
function pskFault(code: string, alert: string | null, psk: true | 'agreed'): 'wrong' | 'unknown' | undefined {
  if (psk === 'agreed' && code === 'bad_record_mac') return 'wrong';
  if (code === 'bad_psk_binder') return 'wrong';
  if (code === 'unknown_psk_identity' || code === 'no_credential') return 'unknown';
  if (code !== 'peer_alert') return undefined;
  if (alert === 'decrypt_error' || alert === 'bad_record_mac') return 'wrong';
  return alert === 'unknown_psk_identity' || alert === 'handshake_failure' ? 'unknown' : undefined;
}

/** One sentence on what happened, and what to try. */
export function explain(failure: Failure, language: Language): ErrorExplanation {
  const { wrongPsk, unknownPsk } = wordsOf(language).sessions;
  if (failure.psk) return failure.psk === 'wrong' ? wrongPsk : unknownPsk;
  return explainError(failure, language);
}

function networkFailure(error: unknown, seen: Circumstances): Failure {
  const code = networkCodeOf(error) ?? 'network_error';
  // A reset after the peer has spoken is its way to end TLS without saying so.
  if (code === 'connection_reset' && (seen.heardFromPeer || seen.established)) {
    const tls = seen.established ? 'truncated_close' : 'closed_during_handshake';
    return { code: tls, alert: null, sentBy: null, facts: { reset: true }, exitCode: EXIT.tls, cause: error };
  }
  return network(code, error);
}

function network(code: NetworkCode, cause: unknown): Failure {
  return { code, alert: null, sentBy: null, facts: {}, exitCode: EXIT.network, cause };
}
