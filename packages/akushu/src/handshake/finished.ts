/** The Finished messages (RFC 9846 §4.5.4, RFC 5246 §7.4.9): the proof that both sides saw the same handshake. */
import { equalSecret } from '../bytes/index.js';
import { tlsError } from '../errors.js';
import { type Flow, receive } from './flow.js';
import type { Handshake } from './handshake.js';

/** What computes `verify_data`: a traffic secret, or before TLS 1.3 the master secret with a side's label. */
interface FinishedKey {
  verifyData(transcriptHash: Uint8Array): Uint8Array;
}

class FinishedProof {
  // Private, so that nothing outside this file has the type.
  private readonly verified = true;
  constructor(readonly verifyData: Uint8Array) {
    if (!this.verified) throw new Error('unreachable');
  }
}

/** Can be had from `receiveFinished` only. */
export type VerifiedFinished = FinishedProof;

/** Receives the peer's Finished and checks its MAC over the transcript so far; then adds it. Throws `bad_finished`. */
export function* receiveFinished(hs: Handshake, key: FinishedKey): Flow<VerifiedFinished> {
  const { body, bytes } = yield* receive(hs, 'Finished');
  const expected = key.verifyData(hs.transcript.digest());
  if (!equalSecret(body.verifyData, expected)) throw tlsError('bad_finished');
  hs.transcript.add(bytes);
  return new FinishedProof(expected);
}

/** Sends our Finished over the transcript so far. Gives its verify_data. */
export function sendFinished(hs: Handshake, key: FinishedKey): Uint8Array {
  const verifyData = key.verifyData(hs.transcript.digest());
  hs.send('Finished', { verifyData });
  return verifyData;
}
