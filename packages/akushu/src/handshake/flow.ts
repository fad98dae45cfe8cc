/**
 * How a handshake is written: a generator that yields when it needs a message or somebody's answer, and is resumed
 * with it (design decision 1). The connection drives it; here is only what steps are made of.
 */
import { tlsError } from '../errors.js';
import {
  decodeBody,
  displayName,
  type MessageBody,
  type MessageName,
  messageName13,
} from '../messages/index.js';
import type { Maybe } from './config.js';
import type { Handshake } from './handshake.js';

export type Need =
  | { readonly need: 'message' }
  /** The type of the next message, which stays where it is. */
  | { readonly need: 'peek' }
  | { readonly need: 'answer'; readonly from: Promise<unknown> };

/** A part of a handshake that gives a `T`. */
export type Flow<T> = Generator<Need, T, unknown>;

export interface Received<N extends MessageName> {
  readonly name: N;
  readonly body: MessageBody<N>;
  /** Header included. */
  readonly bytes: Uint8Array;
}

const NEED_MESSAGE: Need = { need: 'message' };

/** The answer to a question put to the caller: at once where it is at hand, otherwise when the promise settles. */
export function* ask<T>(answer: Maybe<T>): Flow<T> {
  if (isPromise(answer)) return (yield { need: 'answer', from: answer }) as T;
  return answer;
}

/**
 * The next message, which must be one of `names`; decoded but not yet in the transcript.
 * Throws `unexpected_message`, `unknown_message_type`, `malformed_message`.
 */
export function* receive<N extends MessageName>(
  hs: Handshake,
  ...names: readonly N[]
): Flow<{ [K in N]: Received<K> }[N]> {
  const bytes = (yield NEED_MESSAGE) as Uint8Array;
  const name = messageName13(bytes[0]!);
  hs.traceMessage(hs.peerRole, bytes);
  if (name === undefined) throw tlsError('unknown_message_type', { type: bytes[0], expected: names });
  if (!(names as readonly string[]).includes(name)) {
    throw tlsError('unexpected_message', { got: displayName(bytes), expected: names });
  }
  return { name, body: decodeBody(name, bytes), bytes } as unknown as { [K in N]: Received<K> }[N];
}

function isPromise<T>(value: Maybe<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null)?.then === 'function';
}
