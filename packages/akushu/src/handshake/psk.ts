/** Pre-shared keys in the hello messages (RFC 9846 §4.3.11): which are offered, their binders, which one a server takes. */
import { concat, equalSecret } from '../bytes/index.js';
import { tlsError } from '../errors.js';
import { EarlySecret, hashLength } from '../keys/index.js';
import type { ClientHello } from '../messages/index.js';
import { cipherSuiteByCode, type HashName } from '../registry/index.js';
import type { ExternalPsk, Session } from '../session/index.js';
import type { Handshake } from './handshake.js';

/** A key that a client offers; `session` is set where it comes from a ticket. */
export interface OfferedPsk {
  readonly identity: Uint8Array;
  readonly key: Uint8Array;
  readonly hash: HashName;
  readonly binderLabel: 'ext binder' | 'res binder' | 'imp binder';
  readonly session?: Session;
  /** Made with the binder; what follows in the handshake follows from it. */
  early?: EarlySecret;
}

export function fromSession(session: Session): OfferedPsk {
  const suite = cipherSuiteByCode(session.cipherSuite);
  if (!suite) throw new RangeError('"session" expected a known cipher suite');
  return { identity: session.ticket, key: session.psk, hash: suite.hash, binderLabel: 'res binder', session };
}

export function fromExternal(psk: ExternalPsk): OfferedPsk {
  const binderLabel = psk.imported ? 'imp binder' : 'ext binder';
  return { identity: psk.identity, key: psk.key, hash: psk.hash, binderLabel };
}

/** §4.3.11.1: the ticket's age, hidden by adding what came with it; 0 for an external PSK. */
export function obfuscatedAge(psk: OfferedPsk, now: number): number {
  if (!psk.session) return 0;
  const age = Math.max(0, Math.floor(now - psk.session.receivedAt));
  return (age + psk.session.ageAdd) % 0x1_0000_0000;
}

/** Whether the ticket is still within its lifetime. */
export function isFresh(session: Session, now: number): boolean {
  return now - session.receivedAt <= session.lifetime * 1000;
}

/** Bytes at the end of a ClientHello that the binders take, their vector's length included. */
function bindersLength(hashes: readonly HashName[]): number {
  return hashes.reduce((sum, hash) => sum + 1 + hashLength(hash), 2);
}

export function emptyBinders(psks: readonly OfferedPsk[]): Uint8Array[] {
  return psks.map((psk) => new Uint8Array(hashLength(psk.hash)));
}

/** Fills in the binders of an encoded ClientHello that ends in empty ones (§4.3.11.2). */
export function writeBinders(hs: Handshake, hello: Uint8Array, psks: readonly OfferedPsk[]): void {
  const start = hello.length - bindersLength(psks.map((psk) => psk.hash));
  const truncated = hello.subarray(0, start);
  let at = start + 2;
  for (const psk of psks) {
    psk.early ??= EarlySecret.from(hs.provider, psk.hash, psk.key);
    const binder = psk.early.binder(psk.binderLabel, hs.transcript.digestWith(psk.hash, truncated));
    hello.set(concat(Uint8Array.of(binder.length), binder), at);
    at += 1 + binder.length;
  }
}

/**
 * Server: checks the binder of the PSK that was selected, over the hello as it came (§4.3.11.2).
 * Throws `bad_psk_binder`. Returns the early secret that goes with it.
 */
export function checkBinder(
  hs: Handshake,
  hello: ClientHello,
  bytes: Uint8Array,
  index: number,
  psk: OfferedPsk,
): EarlySecret {
  const offered = hello.extensions!.preSharedKey!;
  const size = offered.binders.reduce((sum, binder) => sum + 1 + binder.length, 2);
  const truncated = bytes.subarray(0, bytes.length - size);
  const secret = EarlySecret.from(hs.provider, psk.hash, psk.key);
  const expected = secret.binder(psk.binderLabel, hs.transcript.digestWith(psk.hash, truncated));
  if (!equalSecret(expected, offered.binders[index]!)) throw tlsError('bad_psk_binder');
  return secret;
}
