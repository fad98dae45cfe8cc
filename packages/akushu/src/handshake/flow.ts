/**
 * How a handshake is written: a generator that yields when it needs a message or somebody's answer, and is resumed
 * with it (design decision 1). The connection drives it; here is only what steps are made of.
 */
import { tlsError } from '../errors.js';
import {
  decodeBody,
  displayName,
  isMessageType12,
  type MessageBody,
  type MessageName,
  messageName13,
  messageType,
  messageTypeName,
} from '../messages/index.js';
import type { Maybe } from '../session/index.js';
import type { Handshake } from './handshake.js';

export type Need =
  | { readonly need: 'message' }
  /** The type of the next message, which stays where it is. */
  | { readonly need: 'peek' }
  /** Before TLS 1.3: the ChangeCipherSpec, which may come now and at no other time. */
  | { readonly need: 'change_cipher_spec' }
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
  return take(hs, bytes, names);
}

/** As `receive`, for a message that has come already. */
export function take<N extends MessageName>(
  hs: Handshake,
  bytes: Uint8Array,
  names: readonly N[],
): { [K in N]: Received<K> }[N] {
  const type = bytes[0]!;
  hs.traceMessage(hs.peerRole, bytes);
  const name = names.find((one) => messageType(one) === type);
  if (name === undefined) {
    const expected = names.map((one) => messageTypeName(messageType(one)));
    if (!isKnown(hs, type)) throw tlsError('unknown_message_type', { type, expected });
    throw tlsError('unexpected_message', { got: displayName(bytes), expected });
  }
  return { name, body: decodeBody(name, bytes), bytes } as unknown as { [K in N]: Received<K> }[N];
}

function isKnown(hs: Handshake, type: number): boolean {
  return hs.isBefore13 ? isMessageType12(type) : messageName13(type) !== undefined;
}

/** The type of the next message, which stays where it is. */
export function* peekType(): Flow<number> {
  return (yield { need: 'peek' }) as number;
}

/** Before TLS 1.3: waits for the peer's ChangeCipherSpec (RFC 5246 §7.1). Whatever else comes is an error. */
export function* receiveChangeCipherSpec(): Flow<void> {
  yield { need: 'change_cipher_spec' };
}

function isPromise<T>(value: Maybe<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null)?.then === 'function';
}
