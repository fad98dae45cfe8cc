/** max_fragment_length (RFC 6066 §4): 2^9 to 2^12 bytes. Superseded by record_size_limit. */
import { enumerated } from '../../codec/index.js';
import { extension } from './context.js';

const code = enumerated('MaxFragmentLength', 1, (value) =>
  value >= 1 && value <= 4 ? `2^${8 + value}` : undefined,
);

export const maxFragmentLength = extension(1, 'max_fragment_length', 'RFC 6066 §4', {
  CH: code,
  SH: code,
  EE: code,
});
