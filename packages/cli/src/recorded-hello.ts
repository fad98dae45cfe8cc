/** A ClientHello without a capture around it: bytes of records or of the message, also as hexadecimal or Base64. */
import { Buffer } from 'node:buffer';

/** Bytes that a text stands for; empty where it stands for none. */
export function bytesWritten(text: string): Uint8Array {
  const plain = text
    .replace(/-----[A-Z ]+-----/g, '')
    .replace(/\b0x/gi, '')
    .replace(/[\s,:;]+/g, '');
  if (/^(?:[0-9a-f]{2})+$/i.test(plain)) return Buffer.from(plain, 'hex');
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(plain) ? Buffer.from(plain, 'base64') : new Uint8Array(0);
}

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const RECORD_HEADER = 5;
const MESSAGE_HEADER = 4;

/** The first message, header included; null where it is no ClientHello, or not a whole one. */
export function helloIn(bytes: Uint8Array): Uint8Array | null {
  const message = bytes[0] === HANDSHAKE ? fragmentsIn(bytes) : bytes;
  if (message[0] !== CLIENT_HELLO || message.length < MESSAGE_HEADER) return null;
  const length = MESSAGE_HEADER + ((message[1]! << 16) | (message[2]! << 8) | message[3]!);
  return message.length < length ? null : new Uint8Array(message.subarray(0, length));
}

/** What handshake records carry, up to the first that is another. */
function fragmentsIn(bytes: Uint8Array): Uint8Array {
  const found: Uint8Array[] = [];
  for (let at = 0; at + RECORD_HEADER <= bytes.length && bytes[at] === HANDSHAKE; ) {
    const end = at + RECORD_HEADER + ((bytes[at + 3]! << 8) | bytes[at + 4]!);
    found.push(bytes.subarray(at + RECORD_HEADER, end));
    at = end;
  }
  return Buffer.concat(found);
}
