/** key_share (RFC 9846 §4.3.8): shares of the client, the server's answer, or in a HelloRetryRequest the group wanted. */
import { opaque, struct, vector } from '../../codec/index.js';
import { extension } from './context.js';
import { namedGroup } from './supported-groups.js';

const keyShareEntry = struct('KeyShareEntry', 'RFC 9846 §4.3.8', {
  group: namedGroup,
  keyExchange: opaque(1, 0xffff),
});

export const keyShare = extension(51, 'key_share', 'RFC 9846 §4.3.8', {
  CH: vector(keyShareEntry, 0, 0xffff),
  SH: keyShareEntry,
  HRR: namedGroup,
});
