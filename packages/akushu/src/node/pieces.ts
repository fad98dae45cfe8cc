/** Small conversions between what streams, the engine and X.509 hand each other. */
import { type Certificate, parseCertificate, X509Error } from '../x509/index.js';

const RECORD_SIZE = 16_384;

/** Joins pieces into as many as there will be records. Copies only what it joins. */
export function coalesce(pieces: readonly Buffer[]): Uint8Array[] {
  const joined: Uint8Array[] = [];
  let group: Buffer[] = [];
  let size = 0;
  const close = (): void => {
    if (group.length > 0) joined.push(group.length === 1 ? group[0]! : Buffer.concat(group, size));
    group = [];
    size = 0;
  };
  for (const piece of pieces) {
    if (size + piece.length > RECORD_SIZE) close();
    group.push(piece);
    size += piece.length;
  }
  close();
  return joined;
}

const SLICE_SIZE = 65_536;

/** Cuts a large piece into views that are sealed and sent one after the other. */
export function slices(piece: Uint8Array): Uint8Array[] {
  if (piece.length <= SLICE_SIZE) return [piece];
  const cut: Uint8Array[] = [];
  for (let at = 0; at < piece.length; at += SLICE_SIZE) cut.push(piece.subarray(at, at + SLICE_SIZE));
  return cut;
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A certificate, or nothing where the bytes are none. */
export function readOrSkip(der: Uint8Array): Certificate[] {
  try {
    return [parseCertificate(der)];
  } catch (error) {
    if (error instanceof X509Error) return [];
    throw error;
  }
}

/** As the system says it when a peer is gone. */
export function brokenPipe(): Error {
  return Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' });
}
