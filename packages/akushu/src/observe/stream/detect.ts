/**
 * What the first bytes of a direction are: TLS, or which of the protocols in the clear that are met on its ports.
 * Told by content, with the port only where the content fits several.
 */
import { toHex, toLatin1, toUtf8 } from '../../bytes/index.js';
import { ContentType, HandshakeType } from '../../registry/index.js';
import type { Side } from '../../trace/index.js';
import type { PlainProtocol } from '../observation.js';
import { isOldHello, isRecordHeader } from '../tls/record-header.js';

const { alert: ALERT, handshake: HANDSHAKE } = ContentType;
const { client_hello: CLIENT_HELLO, server_hello: SERVER_HELLO } = HandshakeType;
const MAX_LINE = 512;

/** `maybe`: too few bytes to tell, and all fit. */
export type Verdict = 'yes' | 'no' | 'maybe';

/** A ClientHello of SSL 2.0 or later. */
export function clientHelloAt(bytes: Uint8Array, start: number, end: number): Verdict {
  const old = end - start >= 5 && (bytes[start]! & 0x80) !== 0;
  if (old) {
    const length = ((bytes[start]! & 0x7f) << 8) | bytes[start + 1]!;
    return bytes[start + 2] === CLIENT_HELLO && isOldHello(bytes, start, length) ? 'yes' : 'no';
  }
  return handshakeAt(bytes, start, end, CLIENT_HELLO);
}

export function serverHelloAt(bytes: Uint8Array, start: number, end: number): Verdict {
  return handshakeAt(bytes, start, end, SERVER_HELLO);
}

/** Of the messages that travel in the clear before TLS 1.3 (RFC 5246 §7.4) those that one side alone sends. */
const SENDERS: ReadonlyMap<number, Side> = new Map([
  ...[2, 4, 12, 13, 14, 22].map((type): [number, Side] => [type, 'server']),
  ...[1, 16].map((type): [number, Side] => [type, 'client']),
]);
const MESSAGE_HEADER = 4;

/** Who sends the handshake messages that a segment begins with; null where it may be either, or there are none. */
export function sideOfMessages(bytes: Uint8Array, start: number, end: number): Side | null {
  // Messages go on from one record to the next.
  let next = 0;
  for (let at = start; at + 5 <= end && bytes[at] === HANDSHAKE && isRecordHeader(bytes, at); ) {
    const after = at + 5 + ((bytes[at + 3]! << 8) | bytes[at + 4]!);
    let message = at + 5 + next;
    for (; message + MESSAGE_HEADER <= Math.min(after, end); ) {
      // What is encrypted may begin with anything; no message is longer than 64 KiB.
      if (bytes[message + 1] !== 0) return null;
      const side = SENDERS.get(bytes[message]!);
      if (side) return side;
      message += MESSAGE_HEADER + ((bytes[message + 2]! << 8) | bytes[message + 3]!);
    }
    if (message < after) return null;
    next = message - after;
    at = after;
  }
  return null;
}

/** Record header and message type, as far as they are there. */
function handshakeAt(bytes: Uint8Array, start: number, end: number, type: number): Verdict {
  const length = end - start;
  if (length === 0) return 'maybe';
  // The first byte of a hello of SSL 2.0 is 0x80 and more.
  if (bytes[start] !== HANDSHAKE)
    return type === CLIENT_HELLO && length < 5 && bytes[start]! >= 0x80 ? 'maybe' : 'no';
  if (length > 1 && bytes[start + 1] !== 3) return 'no';
  if (length > 2 && bytes[start + 2]! > 4) return 'no';
  if (length < 5) return 'maybe';
  if (!isRecordHeader(bytes, start)) return 'no';
  if (length === 5) return 'maybe';
  return bytes[start + 5] === type ? 'yes' : 'no';
}

/** An alert in the clear: how a server of TLS answers what is no ClientHello. */
export function alertAt(bytes: Uint8Array, start: number, end: number): boolean {
  const length = (bytes[start + 3]! << 8) | bytes[start + 4]!;
  return end - start === 7 && bytes[start] === ALERT && length === 2 && isRecordHeader(bytes, start);
}

/** Any record, where one is due. */
export function recordAt(bytes: Uint8Array, start: number, end: number): Verdict {
  const length = end - start;
  const type = bytes[start]!;
  if (length >= 5) {
    if (isRecordHeader(bytes, start)) return 'yes';
    const old = ((bytes[start]! & 0x7f) << 8) | bytes[start + 1]!;
    return bytes[start]! >= 0x80 && bytes[start + 2] === 4 && isOldHello(bytes, start, old) ? 'yes' : 'no';
  }
  if (type >= 0x80) return 'maybe';
  if (type < 20 || type > 24) return 'no';
  return length > 1 && bytes[start + 1] !== 3 ? 'no' : 'maybe';
}

export interface Speech {
  readonly protocol: PlainProtocol;
  readonly firstLine: string;
}

const TEXTS: readonly (readonly [pattern: RegExp, protocol: PlainProtocol, from?: Side])[] = [
  [/^HTTP\/\d/, 'http', 'server'],
  [/^(GET|POST|PUT|HEAD|OPTIONS|DELETE|PATCH|TRACE|CONNECT) \S+( HTTP\/\d|\r?\n|$)/, 'http', 'client'],
  [/^PRI \* HTTP\/2\.0/, 'http2', 'client'],
  [/^<(!DOCTYPE html|html|head|body)/i, 'http', 'server'],
  [/^SSH-\d/, 'ssh'],
  [/^(<\?xml [^>]*>\s*)?<(\w+:)?stream\b|^<\?xml .*xmpp|jabber:(client|server)/is, 'xmpp'],
  [/^\* (OK|PREAUTH|BYE)\b/, 'imap', 'server'],
  [/^\S+ (CAPABILITY|LOGIN|STARTTLS|AUTHENTICATE|NOOP|LOGOUT|ID)\b/i, 'imap', 'client'],
  [/^\+OK\b/, 'pop3', 'server'],
  [/^(CAPA|STLS|USER \S+|APOP)\r?$/im, 'pop3', 'client'],
  [/^"IMPLEMENTATION"/i, 'sieve', 'server'],
  [/^220[ -].*\b(E?SMTP|mail)\b/i, 'smtp', 'server'],
  [/^220[ -].*\b(ftp|FileZilla|vsFTPd|ProFTPD)/i, 'ftp', 'server'],
  [/^(EHLO|HELO|LHLO) /i, 'smtp', 'client'],
  [/^(AUTH (TLS|SSL)|FEAT|PBSZ|PROT)\b/i, 'ftp', 'client'],
  [/^(500|501|502|503|504|530|550|554|421|452)[ -]/, 'smtp', 'server'],
  [/^20[01] .*(NNTP|news|InterNetNews|posting)/i, 'nntp', 'server'],
  [/^(:\S+ )?NOTICE (AUTH|\*)/, 'irc', 'server'],
  [/^(NICK|CAP LS|PASS) ?/, 'irc', 'client'],
  [/^RFB \d{3}\.\d{3}/, 'vnc'],
  [/^(-ERR|-NOAUTH|-DENIED|\+PONG)/, 'redis', 'server'],
  [/^\*\d+\r\n\$\d+\r\n/, 'redis', 'client'],
  [/^RTSP\/1/, 'rtsp', 'server'],
  [/^(DESCRIBE|SETUP|OPTIONS) rtsp:/, 'rtsp', 'client'],
  [/^SIP\/2|^(INVITE|REGISTER) sip:/, 'sip'],
  [/^(ERROR|CLIENT_ERROR|STAT|VERSION \d)/, 'memcached', 'server'],
  [/^AMQP/, 'amqp'],
  [/^Mar>|^login:/i, 'telnet', 'server'],
];

/** How servers of HTTP, SMTP, IMAP and others turn somebody away who speaks in the clear. */
const WANTS_TLS: readonly RegExp[] = [
  /plain HTTP request was sent to HTTPS port|HTTP request to an HTTPS server/i,
  /speaking plain HTTP to an SSL-enabled|combination of host and port requires TLS/i,
  /\b(?:must|please) (?:first )?(?:issue|send|use|start)\b[^\r\n]{0,20}\b(?:STARTTLS|STLS|AUTH TLS|TLS|SSL)\b/i,
  /^(?:530|538|554|421)[ -][^\r\n]*\b(?:STARTTLS|TLS|encryption)\b[^\r\n]*\brequired/im,
  /\[PRIVACYREQUIRED\]|confidentiality required|requires? (?:an? )?(?:TLS|SSL|encrypted) (?:connection|session)/i,
];

export function asksForTls(bytes: Uint8Array): boolean {
  const text = toLatin1(bytes);
  return WANTS_TLS.some((pattern) => pattern.test(text));
}

/** What a side speaks that does not speak TLS, by its first bytes. */
export function identify(bytes: Uint8Array, side: Side, serverPort: number): Speech {
  const binary = identifyBinary(bytes, side);
  if (binary) return { protocol: binary, firstLine: firstText(bytes) };
  const text = textOf(bytes);
  if (text === null) return { protocol: 'binary', firstLine: toHex(bytes.subarray(0, 32)) };
  const firstLine = lineOf(text);
  const found = TEXTS.find(
    ([pattern, , from]) => (from === undefined || from === side) && pattern.test(text),
  );
  return { protocol: byPort(found?.[1], text, serverPort), firstLine };
}

const FTP_PORTS: readonly number[] = [20, 21, 990, 2121];
const POP_PORTS: readonly number[] = [110, 995];

/** Greetings and refusals that several protocols have in common. */
function byPort(found: PlainProtocol | undefined, text: string, port: number): PlainProtocol {
  if (found === 'smtp' && FTP_PORTS.includes(port) && !/SMTP/i.test(text)) return 'ftp';
  if (found === 'redis' && POP_PORTS.includes(port)) return 'pop3';
  if (found) return found;
  if (/^\d{3}[ -]/.test(text)) return FTP_PORTS.includes(port) ? 'ftp' : port === 119 ? 'nntp' : 'smtp';
  return 'text';
}

function identifyBinary(b: Uint8Array, side: Side): PlainProtocol | undefined {
  const size = b.length;
  if (size >= 5 && side === 'server' && b[3] === 0 && (b[4] === 10 || b[4] === 0xff) && b[2] === 0)
    return 'mysql';
  if (size >= 8 && b[0] === 0 && b[1] === 0 && b[2] === 0 && b[3] === 8 && b[4] === 4 && b[5] === 0xd2)
    return 'postgresql';
  if (
    size >= 4 &&
    b[0] === 3 &&
    b[1] === 0 &&
    (b[2]! << 8) + b[3]! >= 7 &&
    b[5] !== undefined &&
    (b[5]! & 0x0f) === 0
  )
    return 'rdp';
  if (size >= 8 && b[0] === 0 && (b[4] === 0xff || b[4] === 0xfe) && b[5] === 0x53 && b[6] === 0x4d)
    return 'smb';
  if (size >= 2 && b[0] === 0xff && b[1]! >= 0xfa && b[1]! <= 0xfe) return 'telnet';
  if (size >= 7 && b[0] === 0x30 && (b[1] === 0x84 || b[1]! < 0x80) && isLdap(b)) return 'ldap';
  if (size >= 9 && b[0] === 0 && b[3] === 4 && b[5] === 0 && b[8] === 0 && side === 'server') return 'http2';
  // A reset of the client or the server (OpenVPN over TCP): length, operation and key number.
  if (
    size >= 3 &&
    (b[0]! << 8) + b[1]! >= 14 &&
    (b[0]! << 8) + b[1]! <= size - 2 &&
    (b[2] === 0x38 || b[2] === 0x40)
  )
    return 'openvpn';
  if (size >= 3 && b[0] === 5 && b[1] === size - 2 && side === 'client') return 'socks';
  if (size === 2 && b[0] === 5 && side === 'server') return 'socks';
  if (size >= 8 && b[0] === 0x10 && /MQTT|MQIsdp/.test(toLatin1(b.subarray(0, 12)))) return 'mqtt';
  if (size >= 14 && (b[0]! << 8) + b[1]! === size - 2 && b[6] === 0 && b[7] === 1 && (b[4]! & 0x78) === 0)
    return 'dns';
  return undefined;
}

/** A message: SEQUENCE, the number as INTEGER, then an operation (RFC 4511 §4.1.1). */
export function isLdap(b: Uint8Array): boolean {
  const at = b[1] === 0x84 ? 6 : b[1] === 0x82 ? 4 : b[1] === 0x81 ? 3 : 2;
  return b[at] === 0x02 && b[at + 1]! >= 1 && b[at + 1]! <= 4 && (b[at + 2 + b[at + 1]!] ?? 0) >> 6 === 1;
}

/** Null where it is no text: control characters in its first line. */
function textOf(bytes: Uint8Array): string | null {
  const start = bytes.subarray(0, MAX_LINE);
  for (const byte of start) {
    if (byte === 10) break;
    if (byte < 0x20 && byte !== 9 && byte !== 13) return null;
  }
  return decodeText(start);
}

export function decodeText(bytes: Uint8Array): string {
  try {
    return toUtf8(bytes);
  } catch {
    return toLatin1(bytes);
  }
}

function lineOf(text: string): string {
  return /^[^\r\n]*/.exec(text)![0];
}

/** Of binary protocols the first bytes in hexadecimal digits; text in them is text. */
function firstText(bytes: Uint8Array): string {
  const text = textOf(bytes);
  return text === null ? toHex(bytes.subarray(0, 32)) : lineOf(text);
}
