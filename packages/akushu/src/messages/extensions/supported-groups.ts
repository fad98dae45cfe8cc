/** supported_groups (RFC 9846 §4.3.7, RFC 8422 §5.1.1, RFC 7919): groups for key exchange, most preferred first. */
import { enumerated, vector } from '../../codec/index.js';
import { groupName } from '../../registry/index.js';
import { extension } from './context.js';

export const namedGroup = enumerated('NamedGroup', 2, groupName);

const namedGroupList = vector(namedGroup, 2, 0xfffe);

export const supportedGroups = extension(10, 'supported_groups', 'RFC 9846 §4.3.7', {
  CH: namedGroupList,
  EE: namedGroupList,
  // Some servers of TLS 1.2 send it in the ServerHello, where no RFC allows it; clients ignore it there.
  SH: namedGroupList,
});
