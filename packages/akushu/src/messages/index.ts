/**
 * Every handshake message by name and type (RFC 9846 §4). A message on the wire is its type, the length of its body
 * in three bytes, and the body.
 */
import { Writer } from '../bytes/index.js';
import {
  type AnnotatedNode,
  annotate,
  type Codec,
  decode,
  encode,
  type Infer,
  remainder,
  struct,
} from '../codec/index.js';
import { tlsError } from '../errors.js';
import { Version } from '../registry/index.js';
import { certificateStatus } from './extensions/status-request.js';
import { clientHello, isHelloRetryRequest, serverHello } from './hello.js';
import {
  certificate12,
  certificateRequest10,
  certificateRequest12,
  certificateVerify10,
  certificateVerify12,
  helloRequest,
  type KeyExchange12,
  keyExchangeForms,
  newSessionTicket12,
  rawPublicKey12,
  serverHelloDone,
} from './tls12.js';
import {
  certificate,
  certificateRequest,
  certificateVerify,
  compressedCertificate,
  encryptedExtensions,
  endOfEarlyData,
  finished,
  keyUpdate,
  newSessionTicket,
} from './tls13.js';

export * from './compressed-certificate.js';
export * from './extensions/index.js';
export * from './hello.js';
export * from './tls12.js';
export * from './tls13.js';

/** RFC 9846 §4.5.1: stands in the transcript for the ClientHello before a HelloRetryRequest; never sent. */
const messageHash = struct('message_hash', 'RFC 9846 §4.5.1', { hash: remainder });

const TLS13 = {
  ClientHello: { type: 1, codec: clientHello },
  ServerHello: { type: 2, codec: serverHello },
  NewSessionTicket: { type: 4, codec: newSessionTicket },
  EndOfEarlyData: { type: 5, codec: endOfEarlyData },
  EncryptedExtensions: { type: 8, codec: encryptedExtensions },
  Certificate: { type: 11, codec: certificate },
  CertificateRequest: { type: 13, codec: certificateRequest },
  CertificateVerify: { type: 15, codec: certificateVerify },
  Finished: { type: 20, codec: finished },
  KeyUpdate: { type: 24, codec: keyUpdate },
  CompressedCertificate: { type: 25, codec: compressedCertificate },
  message_hash: { type: 254, codec: messageHash },
} as const;

/** Forms of before TLS 1.3. What both key exchange messages hold depends on the suite: they are carried unread here. */
const TLS12 = {
  HelloRequest: { type: 0, codec: helloRequest },
  NewSessionTicket12: { type: 4, codec: newSessionTicket12 },
  Certificate12: { type: 11, codec: certificate12 },
  RawPublicKey12: { type: 11, codec: rawPublicKey12 },
  ServerKeyExchange: { type: 12, codec: remainder },
  CertificateRequest12: { type: 13, codec: certificateRequest12 },
  CertificateRequest10: { type: 13, codec: certificateRequest10 },
  ServerHelloDone: { type: 14, codec: serverHelloDone },
  CertificateVerify12: { type: 15, codec: certificateVerify12 },
  CertificateVerify10: { type: 15, codec: certificateVerify10 },
  ClientKeyExchange: { type: 16, codec: remainder },
  CertificateStatus: { type: 22, codec: certificateStatus },
} as const;

const ALL = { ...TLS13, ...TLS12 } as const;

/** Messages by name; those with another form before TLS 1.3 carry its number: `Certificate12`. */
export type MessageName = keyof typeof ALL;
export type MessageBody<N extends MessageName> = Infer<(typeof ALL)[N]['codec']>;

/** Names of all message types, those of older versions too (IANA TLS HandshakeType). */
const NAME_OF_TYPE: ReadonlyMap<number, string> = new Map<number, string>([
  ...Object.entries(TLS13).map(([name, row]): [number, string] => [row.type, name]),
  [0, 'HelloRequest'],
  [3, 'HelloVerifyRequest'],
  [12, 'ServerKeyExchange'],
  [14, 'ServerHelloDone'],
  [16, 'ClientKeyExchange'],
  [21, 'CertificateURL'],
  [22, 'CertificateStatus'],
  [23, 'SupplementalData'],
  [67, 'NextProtocol'],
]);

const NAME_OF_TYPE_13 = new Map(
  Object.entries(TLS13).map(([name, row]) => [row.type as number, name as MessageName]),
);

/** The name of a message with this type in TLS 1.3; undefined where there is none. `message_hash` is not one. */
export function messageName13(type: number): MessageName | undefined {
  const name = NAME_OF_TYPE_13.get(type);
  return name === 'message_hash' ? undefined : name;
}

/** Types of messages that TLS 1.0 to 1.2 have, as far as they are spoken here (RFC 5246 §7.4). */
const TYPES_12: ReadonlySet<number> = new Set([
  ...Object.values(TLS12).map((row) => row.type),
  TLS13.ClientHello.type,
  TLS13.ServerHello.type,
  TLS13.Finished.type,
]);

export function isMessageType12(type: number): boolean {
  return TYPES_12.has(type);
}

/** The type under which a message travels. */
export function messageType(name: MessageName): number {
  return ALL[name].type;
}

/** A message as it stands on the wire, header included. */
export function messageBytes<N extends MessageName>(name: N, body: MessageBody<N>): Uint8Array {
  const { type, codec } = ALL[name];
  const writer = new Writer();
  writer.u8(type);
  writer.prefixed(3, () => (codec as Codec<unknown>).encode(writer, body));
  return writer.finish();
}

/** Decodes a whole message, header included. Throws `malformed_message`, `illegal_field` or `duplicate_extension`. */
export function decodeBody<N extends MessageName>(name: N, message: Uint8Array): MessageBody<N> {
  return decode(ALL[name].codec as Codec<unknown>, message, 4) as MessageBody<N>;
}

/** A body without its header, as compressed certificates hold it. */
export function decodeBareBody<N extends MessageName>(name: N, body: Uint8Array): MessageBody<N> {
  return decode(ALL[name].codec as Codec<unknown>, body) as MessageBody<N>;
}

export function encodeBareBody<N extends MessageName>(name: N, body: MessageBody<N>): Uint8Array {
  return encode(ALL[name].codec as Codec<unknown>, body);
}

/** What the standards call messages of a type, whatever the version. */
export function messageTypeName(type: number): string {
  return NAME_OF_TYPE.get(type) ?? `unknown (${type})`;
}

/** What people call the message: a HelloRetryRequest is a ServerHello on paper only. */
export function displayName(message: Uint8Array): string {
  const type = message[0]!;
  if (type === 2 && message.length >= 38 && isHelloRetryRequest({ random: message.subarray(6, 38) }))
    return 'HelloRetryRequest';
  return messageTypeName(type);
}

/** What the form of a message depends on besides its type. Without it a message is taken for one of TLS 1.3. */
export interface MessageContext {
  /** Code point of the version that was negotiated. */
  readonly version: number;
  /** Before TLS 1.3, once the suite is known. */
  readonly keyExchange?: KeyExchange12 | undefined;
}

/** The annotated tree of a whole message, header included. Types that the version has not are shown as bytes. */
export function annotateMessage(message: Uint8Array, context?: MessageContext): AnnotatedNode {
  if (message.length < 4)
    throw tlsError('malformed_message', { structure: 'Handshake', offset: 0, what: 'short' });
  const type = message[0]!;
  const header: AnnotatedNode[] = [
    {
      name: 'msg_type',
      type: 'HandshakeType',
      start: 0,
      end: 1,
      value: `${NAME_OF_TYPE.get(type) ?? 'unknown'} (${type})`,
      children: [],
    },
    { name: 'length', type: 'uint24', start: 1, end: 4, value: String(message.length - 4), children: [] },
  ];
  const body = annotate(codecOf(message, context) ?? remainder, message, displayName(message), 4);
  return { ...body, start: 0, children: [...header, ...body.children] };
}

function codecOf(message: Uint8Array, context: MessageContext | undefined): Codec<unknown> | undefined {
  const type = message[0]!;
  if (!context || context.version >= Version['TLSv1.3']) {
    const name = messageName13(type);
    return name && (ALL[name].codec as Codec<unknown>);
  }
  const { version, keyExchange } = context;
  if (keyExchange && type === TLS12.ServerKeyExchange.type)
    return keyExchangeForms(keyExchange, version).server as Codec<unknown>;
  if (keyExchange && type === TLS12.ClientKeyExchange.type)
    return keyExchangeForms(keyExchange, version).client as Codec<unknown>;
  // A key is a SEQUENCE; in a list the length of the first certificate stands in its place.
  if (type === TLS12.RawPublicKey12.type && message[7] === 0x30) return rawPublicKey12 as Codec<unknown>;
  const old = version < Version['TLSv1.2'] ? ['CertificateRequest12', 'CertificateVerify12'] : [];
  const own = Object.entries(TLS12).find(([name, row]) => row.type === type && !old.includes(name));
  if (own) return own[1].codec as Codec<unknown>;
  return [1, 2, 20].includes(type) ? (ALL[messageName13(type)!].codec as Codec<unknown>) : undefined;
}
