/** application_layer_protocol_negotiation (RFC 7301 §3.1). Protocol names are bytes; people see them as text. */
import { toLatin1 } from '../../bytes/index.js';
import { checked, opaque, vector } from '../../codec/index.js';
import { extension } from './context.js';

const protocolName = opaque(1, 0xff, toLatin1);
const protocolNameList = vector(protocolName, 2, 0xffff);

/** The answer has exactly one protocol name. */
const chosen = checked(protocolNameList, (names) => (names.length === 1 ? undefined : 'malformed_message'));

export const alpn = extension(16, 'application_layer_protocol_negotiation', 'RFC 7301 §3.1', {
  CH: protocolNameList,
  SH: chosen,
  EE: chosen,
});
