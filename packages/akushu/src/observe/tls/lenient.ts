/**
 * Hellos that the codecs refuse, as far as they can be read: the fixed fields, and each extension for itself. Those
 * that are malformed stand among the unknown ones. What a live engine must not accept, an observer still has to show.
 */
import { Reader, ShortRead } from '../../bytes/index.js';
import type { ClientHello, Extensions, RawExtension, ServerHello } from '../../messages/index.js';
import { isHelloRetryRequest } from '../../messages/index.js';
import { decodeAlone } from './drafts.js';

type Context = 'CH' | 'SH' | 'HRR';

/** Null where not even the fixed fields are there. */
export function lenientClientHello(message: Uint8Array): ClientHello | null {
  return orNull(() => {
    const reader = new Reader(message, 4);
    const legacyVersion = reader.u16();
    const random = reader.view(32);
    const legacySessionId = reader.view(reader.u8());
    const suites = reader.sub(reader.u16());
    const cipherSuites: number[] = [];
    while (suites.remaining >= 2) cipherSuites.push(suites.u16());
    const legacyCompressionMethods = [...reader.view(reader.u8())];
    const found = reader.remaining >= 2 ? readExtensions('CH', reader) : undefined;
    return {
      legacyVersion,
      random,
      legacySessionId,
      cipherSuites,
      legacyCompressionMethods,
      extensions: found,
    };
  });
}

export function lenientServerHello(message: Uint8Array): ServerHello | null {
  return orNull(() => {
    const reader = new Reader(message, 4);
    const legacyVersion = reader.u16();
    const random = reader.view(32);
    const legacySessionIdEcho = reader.view(reader.u8());
    const cipherSuite = reader.u16();
    const legacyCompressionMethod = reader.u8();
    const fixed = { legacyVersion, random, legacySessionIdEcho, cipherSuite, legacyCompressionMethod };
    if (reader.remaining < 2) return { ...fixed, extensions: undefined };
    if (isHelloRetryRequest({ random }))
      return { ...fixed, extensions: { retry: readExtensions('HRR', reader) } };
    return { ...fixed, extensions: readExtensions('SH', reader) };
  });
}

function readExtensions<C extends Context>(context: C, reader: Reader): Extensions<C> {
  const found: Record<string, unknown> = {};
  const unknown: RawExtension[] = [];
  const order: number[] = [];
  const seen = new Set<number>();
  // The block's own length may be what is wrong.
  const length = reader.u16();
  const block = reader.sub(Math.min(length, reader.remaining));
  while (block.remaining >= 4) {
    const type = block.u16();
    const data = block.view(Math.min(block.u16(), block.remaining));
    const known = seen.has(type) ? undefined : decodeAlone(context, type, data);
    seen.add(type);
    order.push(type);
    const keys = known ? Object.keys(known).filter((key) => key !== 'order' && key !== 'unknown') : [];
    if (keys.length === 0) unknown.push({ type, data });
    for (const key of keys) found[key] = (known as Record<string, unknown>)[key];
  }
  return { ...found, order, unknown } as Extensions<C>;
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof ShortRead) return null;
    throw error;
  }
}
