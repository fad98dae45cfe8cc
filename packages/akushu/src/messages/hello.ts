/**
 * ClientHello, ServerHello and HelloRetryRequest (RFC 9846 §4.2). The same structures serve every version from
 * SSL 3.0 on: before TLS 1.3 the extensions may be absent and the legacy fields mean what they say.
 */
import { equal, fromHex, Reader } from '../bytes/index.js';
import {
  type Codec,
  dependent,
  enumerated,
  fixed,
  type Infer,
  opaque,
  optional,
  struct,
  uint8,
  vector,
} from '../codec/index.js';
import { cipherSuiteName } from '../registry/index.js';
import { codesInBlock, type Extensions, extensions } from './extensions/index.js';
import { protocolVersion } from './extensions/supported-versions.js';

const cipherSuiteCode = enumerated('CipherSuite', 2, cipherSuiteName);

export const clientHello = struct('ClientHello', 'RFC 9846 §4.2.2', {
  legacyVersion: protocolVersion,
  random: fixed(32),
  legacySessionId: opaque(0, 32),
  cipherSuites: vector(cipherSuiteCode, 2, 0xfffe),
  legacyCompressionMethods: vector(uint8, 1, 255),
  extensions: optional(extensions('CH')),
});

export type ClientHello = Infer<typeof clientHello>;

/** Code points of the extensions of a ClientHello of ours, header included, in the order in which they stand. */
export function extensionCodesOf(message: Uint8Array): number[] {
  const reader = new Reader(message, 4);
  reader.sub(2 + 32);
  reader.sub(reader.u8());
  reader.sub(reader.u16());
  reader.sub(reader.u8());
  return reader.remaining > 0 ? codesInBlock(reader) : [];
}

/** RFC 9846 §4.2.3: a ServerHello with this random, SHA-256 of "HelloRetryRequest", is a HelloRetryRequest. */
export const HELLO_RETRY_RANDOM = fromHex('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c');

export function isHelloRetryRequest(hello: { readonly random: Uint8Array }): boolean {
  return equal(hello.random, HELLO_RETRY_RANDOM);
}

type ServerExtensions = (Extensions<'SH'> & { readonly retry?: undefined }) | undefined;

/** A HelloRetryRequest's block stands under `retry`, since its `key_share` has another structure. */
const retryExtensions: Codec<{ readonly retry: Extensions<'HRR'> }> = (() => {
  const block = extensions('HRR');
  return {
    ...block,
    decode: (reader) => ({ retry: block.decode(reader) }),
    encode: (writer, value) => block.encode(writer, value.retry),
  };
})();

const serverExtensions = dependent<
  { random: Uint8Array },
  ServerExtensions | { readonly retry: Extensions<'HRR'> }
>(
  'Extension<0..65535>',
  (hello) =>
    (isHelloRetryRequest(hello) ? retryExtensions : optional(extensions('SH'))) as Codec<
      ServerExtensions | { readonly retry: Extensions<'HRR'> }
    >,
);

export const serverHello = struct('ServerHello', 'RFC 9846 §4.2.3', {
  legacyVersion: protocolVersion,
  random: fixed(32),
  legacySessionIdEcho: opaque(0, 32),
  cipherSuite: cipherSuiteCode,
  legacyCompressionMethod: uint8,
  extensions: serverExtensions,
});

export type ServerHello = Infer<typeof serverHello>;
