/** ec_point_formats (RFC 8422 §5.1.2): of use before TLS 1.3 only. */
import { enumerated, vector } from '../../codec/index.js';
import { extension } from './context.js';

const NAMES = ['uncompressed', 'ansiX962_compressed_prime', 'ansiX962_compressed_char2'];
const list = vector(
  enumerated('ECPointFormat', 1, (code) => NAMES[code]),
  1,
  0xff,
);

export const ecPointFormats = extension(11, 'ec_point_formats', 'RFC 8422 §5.1.2', { CH: list, SH: list });
