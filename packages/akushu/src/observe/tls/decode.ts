/**
 * A handshake message through the codecs of the live engine, in the form that version and suite give it. What they
 * refuse is said; of hellos the fields that can be read are given all the same.
 */
import { type AnnotatedNode, annotate, type Codec, decode, remainder } from '../../codec/index.js';
import { TlsError } from '../../errors.js';
import {
  annotateMessage,
  type ClientHello,
  decodeBody,
  displayName,
  isKeyExchange12,
  keyExchangeForms,
  type MessageName,
  messageName13,
  messageTypeName,
  type ServerHello,
  serverDhParams,
  serverEcdhParams,
} from '../../messages/index.js';
import { type CipherSuite, HandshakeType, Version } from '../../registry/index.js';
import { DRAFT_RETRY_TYPE, decodeDraft, draftForm, isVersion13 } from './drafts.js';
import { lenientClientHello, lenientServerHello } from './lenient.js';

export interface DecodeContext {
  /** Null where no ServerHello was seen. */
  readonly version: number | null;
  readonly suite: CipherSuite | null;
  /** The sender's certificate is a raw public key (RFC 7250). */
  readonly rawPublicKey: boolean;
}

export interface Decoded {
  readonly name: string;
  readonly value: unknown;
  readonly error: TlsError | null;
}

/** `message` with its header. */
export function decodeHandshake(message: Uint8Array, context: DecodeContext): Decoded {
  const type = message[0]!;
  if (type === HandshakeType.client_hello) {
    return attempt(
      'ClientHello',
      () => decodeBody('ClientHello', message),
      () => lenientClientHello(message),
    );
  }
  if (type === HandshakeType.server_hello || (type === DRAFT_RETRY_TYPE && draftForm(message)))
    return decodeServerHello(message);
  const name = messageTypeName(type);
  const read = readerOf(message, context);
  return read ? attempt(name, read) : { name, value: null, error: null };
}

function decodeServerHello(message: Uint8Array): Decoded {
  const name = message[0] === DRAFT_RETRY_TYPE ? 'HelloRetryRequest' : displayName(message);
  if (draftForm(message)) return attempt(name, () => decodeDraft(message));
  return attempt(
    name,
    () => decodeBody('ServerHello', message),
    () => lenientServerHello(message),
  );
}

function attempt(
  name: string,
  read: () => unknown,
  otherwise?: () => ClientHello | ServerHello | null,
): Decoded {
  try {
    return { name, value: read(), error: null };
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
    return { name, value: otherwise?.() ?? null, error };
  }
}

/** Undefined for messages whose form is not known. */
function readerOf(message: Uint8Array, context: DecodeContext): (() => unknown) | undefined {
  const type = message[0]!;
  const { version } = context;
  if (version === null || isVersion13(version)) {
    const name = messageName13(type);
    // Without a version only what looks alike in all of them is read.
    if (!name || (version === null && name !== 'Finished')) return undefined;
    return () => decodeBody(name, message);
  }
  const forms = keyExchangeCodec(type, context);
  if (forms) return () => decode(forms, message, 4);
  const name = nameBefore13(type, version, context.rawPublicKey);
  return name && (() => decodeBody(name, message));
}

function nameBefore13(type: number, version: number, rawPublicKey: boolean): MessageName | undefined {
  const is12 = version >= Version['TLSv1.2'];
  switch (type) {
    case HandshakeType.hello_request:
      return 'HelloRequest';
    case HandshakeType.new_session_ticket:
      return 'NewSessionTicket12';
    case HandshakeType.certificate:
      return rawPublicKey ? 'RawPublicKey12' : 'Certificate12';
    case HandshakeType.certificate_request:
      return is12 ? 'CertificateRequest12' : 'CertificateRequest10';
    case HandshakeType.server_hello_done:
      return 'ServerHelloDone';
    case HandshakeType.certificate_verify:
      return is12 ? 'CertificateVerify12' : 'CertificateVerify10';
    case HandshakeType.finished:
      return 'Finished';
    case HandshakeType.certificate_status:
      return 'CertificateStatus';
    default:
      return undefined;
  }
}

/** Undefined for other messages, and for key exchanges that are not spoken here. */
function keyExchangeCodec(type: number, { version, suite }: DecodeContext): Codec<unknown> | undefined {
  const server = type === HandshakeType.server_key_exchange;
  if (!suite || version === null || (!server && type !== HandshakeType.client_key_exchange)) return undefined;
  if (!isKeyExchange12(suite.kx)) return undefined;
  // SSL 3.0 has no length in front of an encrypted premaster secret (RFC 6101 §5.6.7.1).
  if (version === Version.SSLv3 && suite.kx === 'RSA') return remainder as Codec<unknown>;
  // Nothing is signed by nobody.
  if (server && suite.auth === 'anon')
    return (suite.kx === 'ECDHE' ? serverEcdhParams : serverDhParams) as Codec<unknown>;
  const forms = keyExchangeForms(suite.kx, version);
  return (server ? forms.server : forms.client) as Codec<unknown>;
}

/** The annotated tree of a message, in the same form. */
export function annotateHandshake(message: Uint8Array, context: DecodeContext): AnnotatedNode {
  const own = draftForm(message);
  if (own && (message[0] === HandshakeType.server_hello || message[0] === DRAFT_RETRY_TYPE))
    return annotate(own, message, message[0] === DRAFT_RETRY_TYPE ? 'HelloRetryRequest' : 'ServerHello', 4);
  const { version, suite } = context;
  const kx = suite && isKeyExchange12(suite.kx) && suite.auth !== 'anon' ? suite.kx : undefined;
  return annotateMessage(message, {
    version: version === null || isVersion13(version) ? Version['TLSv1.3'] : version,
    keyExchange: kx,
  });
}
