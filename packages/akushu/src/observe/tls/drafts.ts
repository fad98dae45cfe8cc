/**
 * Drafts of TLS 1.3 (draft-ietf-tls-tls13-14 to -28): versions 0x7fXX, a ServerHello and a HelloRetryRequest in a form
 * of their own up to draft 21, and `key_share` under another number up to draft 22. Their forms are turned into the
 * final one's fields.
 */
import { type Codec, decode, enumerated, fixed, struct, uint16 } from '../../codec/index.js';
import { TlsError } from '../../errors.js';
import {
  type Extensions,
  extensions,
  HELLO_RETRY_RANDOM,
  type RawExtension,
  type ServerHello,
} from '../../messages/index.js';
import { cipherSuiteName } from '../../registry/index.js';

const DRAFT = 0x7f00;
/** The last draft whose ServerHello is not like that of TLS 1.2. */
const LAST_OWN_FORM = 21;
const LAST_OLD_KEY_SHARE = 22;
const OLD_KEY_SHARE = 40;
const KEY_SHARE = 51;
/** HelloRetryRequest as a type of its own. */
export const DRAFT_RETRY_TYPE = 6;

/** The number of the draft; undefined for what is none. */
export function draftOf(version: number): number | undefined {
  return version >> 8 === DRAFT >> 8 ? version & 0xff : undefined;
}

/** TLS 1.3, or a draft of it. */
export function isVersion13(version: number | null): boolean {
  return version === 0x0304 || (version !== null && version >> 8 === DRAFT >> 8);
}

const cipherSuite = enumerated('CipherSuite', 2, cipherSuiteName);

const serverHello = struct('ServerHello', 'draft-ietf-tls-tls13-21 §4.1.3', {
  version: uint16,
  random: fixed(32),
  cipherSuite,
  extensions: extensions('SH'),
});
const retry = struct('HelloRetryRequest', 'draft-ietf-tls-tls13-21 §4.1.4', {
  version: uint16,
  cipherSuite,
  extensions: extensions('HRR'),
});
const oldRetry = struct('HelloRetryRequest', 'draft-ietf-tls-tls13-18 §4.1.4', {
  version: uint16,
  extensions: extensions('HRR'),
});

/** The form of a ServerHello or HelloRetryRequest where a draft has its own. */
export function draftForm(message: Uint8Array): Codec<unknown> | undefined {
  const draft = draftOf((message[4]! << 8) | message[5]!);
  if (draft === undefined || draft > LAST_OWN_FORM) return undefined;
  if (message[0] === 2) return serverHello as Codec<unknown>;
  return (draft >= 19 ? retry : oldRetry) as Codec<unknown>;
}

/** Such a message in the fields of the final form. Throws TlsError where it is malformed. */
export function decodeDraft(message: Uint8Array): ServerHello {
  const empty = new Uint8Array(0);
  const rest = { legacySessionIdEcho: empty, legacyCompressionMethod: 0 };
  if (message[0] === 2) {
    const { version, random, cipherSuite, extensions } = decode(serverHello, message, 4);
    return { legacyVersion: version, random, cipherSuite, extensions, ...rest };
  }
  const form = draftOf((message[4]! << 8) | message[5]!)! >= 19 ? retry : oldRetry;
  const value = decode<{ version: number; cipherSuite?: number; extensions: Extensions<'HRR'> }>(
    form,
    message,
    4,
  );
  return {
    legacyVersion: value.version,
    random: HELLO_RETRY_RANDOM,
    cipherSuite: value.cipherSuite ?? 0,
    extensions: { retry: value.extensions },
    ...rest,
  };
}

/** `key_share` of a draft among the extensions that were not understood; undefined where there is none. */
export function draftKeyShare<C extends 'CH' | 'SH' | 'HRR'>(
  context: C,
  unknown: readonly RawExtension[] | undefined,
): Extensions<C> | undefined {
  const raw = unknown?.find(({ type }) => type === OLD_KEY_SHARE);
  return raw && decodeAlone(context, KEY_SHARE, raw.data);
}

export function usesOldKeyShare(version: number): boolean {
  const draft = draftOf(version);
  return draft !== undefined && draft <= LAST_OLD_KEY_SHARE;
}

/** A block with one extension, through the codec of its message; undefined where it is malformed. */
export function decodeAlone<C extends 'CH' | 'SH' | 'HRR'>(
  context: C,
  type: number,
  data: Uint8Array,
): Extensions<C> | undefined {
  const size = data.length + 4;
  if (size > 0xffff) return undefined;
  const block = new Uint8Array(2 + size);
  block.set([size >> 8, size & 0xff, type >> 8, type & 0xff, data.length >> 8, data.length & 0xff]);
  block.set(data, 6);
  try {
    const found = decode(extensions(context), block);
    return found.malformed13 ? undefined : found;
  } catch (error) {
    if (error instanceof TlsError) return undefined;
    throw error;
  }
}
