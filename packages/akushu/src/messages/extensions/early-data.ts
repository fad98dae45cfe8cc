/** early_data (RFC 9846 §4.3.10): 0-RTT offered, accepted, or allowed by a ticket. */
import { empty, uint32 } from '../../codec/index.js';
import { extension } from './context.js';

export const earlyData = extension(42, 'early_data', 'RFC 9846 §4.3.10', {
  CH: empty,
  EE: empty,
  NST: uint32,
});
