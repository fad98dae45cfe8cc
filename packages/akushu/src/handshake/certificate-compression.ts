/** Certificate compression (RFC 8879): what to offer, how to open what came, what to keep of what was made. */
import { equal } from '../bytes/index.js';
import { TlsError, tlsError } from '../errors.js';
import {
  type Certificate,
  COMPRESSION_CODE,
  decodeBareBody,
  encodeBareBody,
  type MessageBody,
} from '../messages/index.js';
import type { CertificateCompression, Credential } from './config.js';
import type { Handshake } from './handshake.js';

export function compressionCodes(names: readonly CertificateCompression[]): number[] {
  return names.map((name) => COMPRESSION_CODE[name]);
}

/** Algorithms of the configuration that the provider can do. */
export function usableCompression(hs: Handshake): readonly CertificateCompression[] {
  return hs.provider.decompress ? (hs.config.certificateCompression ?? []) : [];
}

/** RFC 8879 §4, refusing bombs before they go off: the length that is announced is the most that is made. */
export function decompressCertificate(
  hs: Handshake,
  offered: readonly CertificateCompression[],
  body: MessageBody<'CompressedCertificate'>,
): Certificate {
  const algorithm = offered.find((name) => COMPRESSION_CODE[name] === body.algorithm);
  if (!algorithm || !hs.provider.decompress)
    throw tlsError('unoffered_certificate_compression', { algorithm: body.algorithm });
  const limit = hs.limits.decompressedCertificate;
  if (body.uncompressedLength > limit) {
    throw tlsError('certificate_decompression_failed', { announced: body.uncompressedLength, limit });
  }
  let plain: Uint8Array;
  try {
    plain = hs.provider.decompress(algorithm, body.compressedCertificateMessage, body.uncompressedLength);
  } catch (cause) {
    throw new TlsError('certificate_decompression_failed', { cause });
  }
  if (plain.length !== body.uncompressedLength)
    throw tlsError('certificate_decompression_failed', { length: plain.length });
  hs.decide({
    about: 'certificate_compression',
    by: hs.peerRole,
    chosen: algorithm,
    reason: 'chosen_by_server',
    alternatives: [],
  });
  return decodeBareBody('Certificate', plain);
}

interface Made {
  readonly plain: Uint8Array;
  readonly compressed: Uint8Array;
}

/** Compressing costs more than a handshake: the last result of each algorithm is kept with its credential. */
const made = new WeakMap<Credential, Map<CertificateCompression, Made>>();

/** The message in a form that the peer can decompress; undefined where it has none or it would not get shorter. */
export function compressCertificate(
  hs: Handshake,
  credential: Credential,
  body: Certificate,
  peer: readonly number[],
): MessageBody<'CompressedCertificate'> | undefined {
  const algorithm = usableCompression(hs).find((name) => peer.includes(COMPRESSION_CODE[name]));
  if (!algorithm || !hs.provider.compress) return undefined;
  const plain = encodeBareBody('Certificate', body);
  const kept = made.get(credential) ?? new Map<CertificateCompression, Made>();
  const last = kept.get(algorithm);
  const compressed =
    last && equal(last.plain, plain) ? last.compressed : hs.provider.compress(algorithm, plain);
  made.set(credential, kept.set(algorithm, { plain, compressed }));
  if (compressed.length + HEADER_DIFFERENCE >= plain.length) return undefined;
  hs.decide({
    about: 'certificate_compression',
    by: hs.role,
    chosen: algorithm,
    reason: 'first_that_fits',
    alternatives: [],
    facts: { from: plain.length, to: compressed.length },
  });
  return {
    algorithm: COMPRESSION_CODE[algorithm],
    uncompressedLength: plain.length,
    compressedCertificateMessage: compressed,
  };
}

/** Algorithm and two lengths. */
const HEADER_DIFFERENCE = 8;
