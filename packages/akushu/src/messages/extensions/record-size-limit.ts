/** record_size_limit (RFC 8449 §4): the largest plaintext that the sender accepts, content type included in TLS 1.3. */
import { uint16 } from '../../codec/index.js';
import { extension } from './context.js';

export const recordSizeLimit = extension(28, 'record_size_limit', 'RFC 8449 §4', {
  CH: uint16,
  SH: uint16,
  EE: uint16,
});
