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
import { clientHello, isHelloRetryRequest, serverHello } from './hello.js';
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

export * from './extensions/index.js';
export * from './hello.js';
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

export type MessageName = keyof typeof TLS13;
export type MessageBody<N extends MessageName> = Infer<(typeof TLS13)[N]['codec']>;

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

/** A message as it stands on the wire, header included. */
export function messageBytes<N extends MessageName>(name: N, body: MessageBody<N>): Uint8Array {
  const { type, codec } = TLS13[name];
  const writer = new Writer();
  writer.u8(type);
  writer.prefixed(3, () => (codec as Codec<unknown>).encode(writer, body));
  return writer.finish();
}

/** Decodes a whole message, header included. Throws `malformed_message`, `illegal_field` or `duplicate_extension`. */
export function decodeBody<N extends MessageName>(name: N, message: Uint8Array): MessageBody<N> {
  return decode(TLS13[name].codec as Codec<unknown>, message, 4) as MessageBody<N>;
}

/** A body without its header, as compressed certificates hold it. */
export function decodeBareBody<N extends MessageName>(name: N, body: Uint8Array): MessageBody<N> {
  return decode(TLS13[name].codec as Codec<unknown>, body) as MessageBody<N>;
}

export function encodeBareBody<N extends MessageName>(name: N, body: MessageBody<N>): Uint8Array {
  return encode(TLS13[name].codec as Codec<unknown>, body);
}

/** What people call the message: a HelloRetryRequest is a ServerHello on paper only. */
export function displayName(message: Uint8Array): string {
  const type = message[0]!;
  if (type === 2 && message.length >= 38 && isHelloRetryRequest({ random: message.subarray(6, 38) }))
    return 'HelloRetryRequest';
  return NAME_OF_TYPE.get(type) ?? `unknown (${type})`;
}

/** The annotated tree of a whole message of TLS 1.3, header included. Types that 1.3 has not are shown as bytes. */
export function annotateMessage(message: Uint8Array): AnnotatedNode {
  if (message.length < 4)
    throw tlsError('malformed_message', { structure: 'Handshake', offset: 0, what: 'short' });
  const type = message[0]!;
  const name = messageName13(type);
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
  const body = annotate(
    name ? (TLS13[name].codec as Codec<unknown>) : remainder,
    message,
    displayName(message),
    4,
  );
  return { ...body, start: 0, children: [...header, ...body.children] };
}
