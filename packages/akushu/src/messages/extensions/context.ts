/**
 * What an extension is: one definition with a codec for each message in which it may stand (RFC 9846 §4.3).
 * Messages are named by IANA's abbreviations; before TLS 1.3 a ServerHello carries what later moved to
 * EncryptedExtensions and Certificate, so `SH` has those codecs as well and the handshake checks the version.
 */
import type { Codec } from '../../codec/index.js';

export type ExtensionContext = 'CH' | 'SH' | 'HRR' | 'EE' | 'CT' | 'CR' | 'NST';

export interface ExtensionDefinition<B extends Partial<Record<ExtensionContext, Codec<unknown>>>> {
  readonly code: number;
  /** IANA's name. */
  readonly name: string;
  readonly rfc: string;
  readonly in: B;
}

export function extension<B extends Partial<Record<ExtensionContext, Codec<unknown>>>>(
  code: number,
  name: string,
  rfc: string,
  bodies: B,
): ExtensionDefinition<B> {
  return { code, name, rfc, in: bodies };
}
