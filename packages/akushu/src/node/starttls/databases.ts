/**
 * Databases. PostgreSQL: SSLRequest and one byte (its documentation, §55.2.11 "SSL Session Encryption"). MySQL and
 * MariaDB: the server's handshake packet of version 10, and our SSLRequest packet, after which the server waits for
 * the ClientHello without a word. No login.
 */
import { concat, Reader, toLatin1 } from '../../bytes/index.js';
import { heard, malformed, notOffered, refused, sendBytes, type Talk, take, textOf } from './dialogue.js';

// ---- PostgreSQL ----

/** Length, and a version of the protocol that never was: 1234.5679. */
const SSL_REQUEST = Uint8Array.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f);

export function* postgres(): Talk<string | null> {
  yield* sendBytes(SSL_REQUEST, 'SSLRequest');
  const answer = toLatin1(yield* take(1));
  if (answer === 'E') refused(yield* takePostgresError());
  yield* heard(answer);
  if (answer === 'N') notOffered(answer);
  if (answer !== 'S') malformed('S, N', answer);
  return null;
}

/** ErrorResponse: fields of a letter and a text, then a zero. Severity, code and message are shown. */
function* takePostgresError(): Talk<string> {
  const length = new Reader(yield* take(4)).u32();
  if (length < 5) malformed('ErrorResponse');
  const body = yield* take(length - 4);
  const fields = new Map<string, string>();
  if (body.at(-1) !== 0) malformed('ErrorResponse');
  for (let rest = body.subarray(0, -1); rest.length > 0; ) {
    const end = rest.indexOf(0);
    if (end < 0) malformed('ErrorResponse');
    fields.set(toLatin1(rest.subarray(0, 1)), textOf(rest.subarray(1, end)));
    rest = rest.subarray(end + 1);
  }
  const text = ['S', 'C', 'M'].flatMap((letter) => fields.get(letter) ?? []).join(' ');
  yield* heard(`ErrorResponse ${text}`);
  return text;
}

// ---- MySQL ----

const CLIENT_PROTOCOL_41 = 0x0000_0200;
const CLIENT_SSL = 0x0000_0800;
const CLIENT_SECURE_CONNECTION = 0x0000_8000;
const CLIENT_PLUGIN_AUTH = 0x0008_0000;
const MAX_PACKET = 0x0100_0000;
const UTF8MB4 = 45;

/** The lowest byte first, other than everywhere else here. */
function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}

function littleEndian32(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24);
}

export function* mysql(): Talk<string | null> {
  const header = yield* take(4);
  if (header[3] !== 0) malformed('Handshake');
  const packet = yield* take(littleEndian(header.subarray(0, 3)));
  const kind = packet[0];
  if (kind === 0xff) {
    const answer = mysqlError(packet);
    yield* heard(`ERR ${answer}`);
    refused(answer);
  }
  // Version 9 is of the last century and has no TLS.
  if (kind === 9) notOffered('protocol 9');
  if (kind !== 10) malformed('Handshake');
  const { version, capabilities } = readHandshake(packet);
  yield* heard(`Handshake ${version}`);
  if ((capabilities & CLIENT_SSL) === 0) notOffered(version);
  yield* sendBytes(sslRequest(), 'SSLRequest');
  return version;
}

/** Version, thread (4), authentication (8), zero, the lower half of the capabilities (2), and more that is not needed. */
function readHandshake(packet: Uint8Array): { version: string; capabilities: number } {
  const end = packet.indexOf(0, 1);
  if (end < 0 || packet.length < end + 16) malformed('Handshake');
  const fixed = packet.subarray(end + 1);
  if (fixed[12] !== 0) malformed('Handshake');
  return { version: textOf(packet.subarray(1, end)), capabilities: littleEndian(fixed.subarray(13, 15)) };
}

/** Number, after the handshake also `#` and the SQLSTATE, and a text. */
function mysqlError(packet: Uint8Array): string {
  if (packet.length < 3) malformed('ERR');
  const text = textOf(packet.subarray(3)).replace(/^#\w{5}/, '');
  return `${littleEndian(packet.subarray(1, 3))} ${text}`;
}

/** The head of a login (CLIENT_SSL set), which ends where the login would begin. */
function sslRequest(): Uint8Array {
  const flags = CLIENT_PROTOCOL_41 | CLIENT_SSL | CLIENT_SECURE_CONNECTION | CLIENT_PLUGIN_AUTH;
  const body = concat(
    littleEndian32(flags),
    littleEndian32(MAX_PACKET),
    Uint8Array.of(UTF8MB4),
    new Uint8Array(23),
  );
  return concat(Uint8Array.of(body.length, 0, 0, 1), body);
}
