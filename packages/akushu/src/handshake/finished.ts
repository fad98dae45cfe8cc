/** The Finished messages (RFC 9846 §4.5.4): the proof that both sides saw the same handshake. */
import { equalSecret } from '../bytes/index.js';
import { tlsError } from '../errors.js';
import type { TrafficSecret } from '../keys/index.js';
import { type Flow, receive } from './flow.js';
import type { Handshake } from './handshake.js';

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
export function* receiveFinished(hs: Handshake, traffic: TrafficSecret): Flow<VerifiedFinished> {
  const { body, bytes } = yield* receive(hs, 'Finished');
  const expected = traffic.verifyData(hs.transcript.digest());
  if (!equalSecret(body.verifyData, expected)) throw tlsError('bad_finished');
  hs.transcript.add(bytes);
  return new FinishedProof(expected);
}

/** Sends our Finished over the transcript so far. */
export function sendFinished(hs: Handshake, traffic: TrafficSecret): void {
  hs.send('Finished', { verifyData: traffic.verifyData(hs.transcript.digest()) });
}
