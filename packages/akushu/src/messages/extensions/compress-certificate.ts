/** compress_certificate (RFC 8879 §3): which algorithms the sender can decompress a certificate with. */
import { enumerated, vector } from '../../codec/index.js';
import { extension } from './context.js';

const NAMES: Record<number, string> = { 1: 'zlib', 2: 'brotli', 3: 'zstd' };

export const compressionAlgorithm = enumerated('CertificateCompressionAlgorithm', 2, (code) => NAMES[code]);
const algorithms = vector(compressionAlgorithm, 2, 0xfe);

export const compressCertificate = extension(27, 'compress_certificate', 'RFC 8879 §3', {
  CH: algorithms,
  CR: algorithms,
});
