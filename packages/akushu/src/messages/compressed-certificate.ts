/** Compressed certificates (RFC 8879) for those who look on: the Certificate message that one stands for. */
import { concat } from '../bytes/index.js';
import { decode, type Infer } from '../codec/index.js';
import type { Provider } from '../crypto/provider.js';
import { TlsError } from '../errors.js';
import { HandshakeType } from '../registry/index.js';
import { compressedCertificate } from './tls13.js';

/** Type and length of a handshake message. */
const HEADER = 4;

type Algorithm = 'zlib' | 'brotli';

/** IANA: TLS Certificate Compression Algorithm IDs, of those that are spoken here. */
export const COMPRESSION_CODE: Readonly<Record<Algorithm, number>> = { zlib: 1, brotli: 2 };

const ALGORITHMS = new Map(Object.entries(COMPRESSION_CODE).map(([name, code]) => [code, name as Algorithm]));

/** Null where it does not decompress within `limit` bytes. */
export function unpackedCertificate(
  { algorithm: code, uncompressedLength, compressedCertificateMessage }: Infer<typeof compressedCertificate>,
  provider: Provider,
  limit: number,
): Uint8Array | null {
  const algorithm = ALGORITHMS.get(code);
  if (!algorithm || !provider.decompress || uncompressedLength > limit) return null;
  let body: Uint8Array;
  try {
    body = provider.decompress(algorithm, compressedCertificateMessage, uncompressedLength);
  } catch {
    // The engine has refused it, or will; here it stays what it is.
    return null;
  }
  const { length } = body;
  return concat(
    Uint8Array.of(HandshakeType.certificate, length >> 16, (length >> 8) & 0xff, length & 0xff),
    body,
  );
}

/**
 * The Certificate message that a CompressedCertificate message stands for, header included; null where it cannot be
 * read or does not decompress within `limit` bytes.
 */
export function unpackCertificate(
  message: Uint8Array,
  provider: Provider,
  limit = 65_536,
): Uint8Array | null {
  if (message.length < HEADER) return null;
  try {
    return unpackedCertificate(decode(compressedCertificate, message, HEADER), provider, limit);
  } catch (error) {
    if (error instanceof TlsError) return null;
    throw error;
  }
}
