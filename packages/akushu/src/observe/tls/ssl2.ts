/**
 * The hellos of SSL 2.0 (RFC 6101 appendix E, "The SSL Protocol", Hickman 1995), which newer clients sent so that old
 * servers would answer. Nothing else of SSL 2.0 is read.
 */
import {
  type Codec,
  decode,
  dependent,
  fixed,
  type Infer,
  struct,
  uint8,
  uint16,
} from '../../codec/index.js';
import { TlsError } from '../../errors.js';
import type { ClientHello } from '../../messages/index.js';

const bytesOf = <K extends string>(field: K): Codec<Uint8Array> =>
  dependent<Record<K, number>, Uint8Array>('opaque', (message) => fixed(message[field]));

const ssl2ClientHello = struct('CLIENT-HELLO', 'RFC 6101 appendix E', {
  msgType: uint8,
  version: uint16,
  cipherSpecsLength: uint16,
  sessionIdLength: uint16,
  challengeLength: uint16,
  cipherSpecs: bytesOf('cipherSpecsLength'),
  sessionId: bytesOf('sessionIdLength'),
  challenge: bytesOf('challengeLength'),
});

const ssl2ServerHello = struct('SERVER-HELLO', 'RFC 6101 appendix E', {
  msgType: uint8,
  sessionIdHit: uint8,
  certificateType: uint8,
  version: uint16,
  certificateLength: uint16,
  cipherSpecsLength: uint16,
  connectionIdLength: uint16,
  certificate: bytesOf('certificateLength'),
  cipherSpecs: bytesOf('cipherSpecsLength'),
  connectionId: bytesOf('connectionIdLength'),
});

/** In the fields of later versions; cipher kinds of SSL 2.0 keep their three bytes as a number above 0xffff. */
export function asClientHello(hello: Ssl2ClientHello): ClientHello {
  const { version, cipherSpecs, sessionId, challenge } = hello;
  // RFC 6101 appendix E: shorter challenges stand at the end of the random, behind zeros.
  const random = new Uint8Array(32);
  random.set(challenge.subarray(-32), 32 - Math.min(32, challenge.length));
  const cipherSuites: number[] = [];
  for (let at = 0; at + 2 < cipherSpecs.length; at += 3)
    cipherSuites.push((cipherSpecs[at]! << 16) | (cipherSpecs[at + 1]! << 8) | cipherSpecs[at + 2]!);
  return {
    legacyVersion: version,
    random,
    legacySessionId: sessionId,
    cipherSuites,
    legacyCompressionMethods: [0],
    extensions: undefined,
  };
}

type Ssl2ClientHello = Infer<typeof ssl2ClientHello>;
type Ssl2ServerHello = Infer<typeof ssl2ServerHello>;

export interface DecodedSsl2 {
  readonly name: string;
  readonly codec: Codec<unknown>;
  readonly value: Ssl2ClientHello | Ssl2ServerHello | null;
  readonly error: TlsError | null;
}

const CLIENT_HELLO = 1;

/** A message without the record's header. */
export function decodeSsl2(message: Uint8Array): DecodedSsl2 {
  const codec = message[0] === CLIENT_HELLO ? ssl2ClientHello : ssl2ServerHello;
  const shape = { name: codec.type, codec: codec as Codec<unknown> };
  try {
    return {
      ...shape,
      value: decode<Ssl2ClientHello | Ssl2ServerHello>(codec as never, message),
      error: null,
    };
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    return { ...shape, value: null, error };
  }
}

export function isSsl2ClientHello(value: DecodedSsl2['value']): value is Ssl2ClientHello {
  return value?.msgType === CLIENT_HELLO;
}
