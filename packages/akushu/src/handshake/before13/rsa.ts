/**
 * Static RSA key exchange (RFC 5246 §7.4.7.1): the premaster secret travels encrypted to the server's key. Whoever
 * learns that key later reads everything; it is off unless a suite with it is named.
 *
 * A server must not let anybody see whether the padding was good (Bleichenbacher, ROBOT, Marvin): a fallback is drawn
 * before, the padding is judged in one pass over all bytes, and one of the two is taken byte by byte. The handshake
 * then goes on in the same way and fails at Finished. The private operation is the key's; it is blinded there.
 */
import { concat } from '../../bytes/index.js';
import { CryptoError, type PublicKey, type RandomSource } from '../../crypto/provider.js';
import { tlsError } from '../../errors.js';
import type { Credential } from '../config.js';
import { ask, type Flow } from '../flow.js';
import { callerSays, type Handshake } from '../handshake.js';

const PREMASTER = 48;

/** Client: a premaster secret, and what of it is sent. `offered` is the version of the ClientHello, against rollback. */
export function makePremaster(
  random: RandomSource,
  key: PublicKey,
  offered: number,
): { readonly premaster: Uint8Array; readonly encrypted: Uint8Array } {
  const premaster = concat(Uint8Array.of(offered >> 8, offered & 0xff), random(PREMASTER - 2));
  const size = Math.ceil(key.bits / 8);
  if (!key.encryptRaw || size < PREMASTER + 11)
    throw tlsError('certificate_suite_mismatch', { key: key.kind });
  // RFC 8017 §7.2.1: 00 02, at least eight bytes that are not zero, 00, the message.
  const block = new Uint8Array(size);
  block[1] = 2;
  block.set(nonZero(random, size - PREMASTER - 3), 2);
  block.set(premaster, size - PREMASTER);
  return { premaster, encrypted: key.encryptRaw(block) };
}

function nonZero(random: RandomSource, length: number): Uint8Array {
  const bytes = random(length);
  for (let i = 0; i < length; i++) while (bytes[i] === 0) bytes[i] = random(1)[0]!;
  return bytes;
}

/** Server: the premaster secret. Never fails for what the client sent: then it is one that nobody else knows. */
export function* decryptPremaster(
  hs: Handshake,
  credential: Credential,
  encrypted: Uint8Array,
  offered: number,
): Flow<Uint8Array> {
  const premaster = hs.random(PREMASTER);
  const block = yield* decrypt(hs, credential, encrypted);
  selectPremaster(premaster, block, offered);
  block.fill(0);
  return premaster;
}

/** A length or number that cannot be decrypted is as public as it is wrong; it goes on with a block of zeros. */
function* decrypt(hs: Handshake, { key }: Credential, encrypted: Uint8Array): Flow<Uint8Array> {
  try {
    return yield* ask(callerSays(() => key.decryptRaw!(encrypted, { signal: hs.io.signal })));
  } catch (error) {
    const cause = error instanceof Error && 'cause' in error ? error.cause : error;
    if (cause instanceof CryptoError && cause.reason === 'bad_length') return new Uint8Array(256);
    throw error;
  }
}

/** All ones where `value` is zero, for values of 0 to 2^31 - 1. */
const isZero = (value: number): number => (value - 1) >> 31;

/**
 * Overwrites `fallback` with the block's last 48 bytes where the block is padded as it must be and begins with the
 * version that was offered. No branch, and no index that depends on the block.
 */
export function selectPremaster(fallback: Uint8Array, block: Uint8Array, offered: number): void {
  const start = block.length - PREMASTER;
  let good = isZero(block[0]!) & isZero(block[1]! ^ 2) & isZero(block[start - 1]!);
  for (let i = 2; i < start - 1; i++) good &= ~isZero(block[i]!);
  good &= isZero(block[start]! ^ (offered >> 8)) & isZero(block[start + 1]! ^ (offered & 0xff));
  for (let i = 0; i < PREMASTER; i++) {
    fallback[i] = (block[start + i]! & good) | (fallback[i]! & ~good);
  }
}
