/** server_name (RFC 6066 §3): which of a server's names the client wants. The server acknowledges with an empty body. */
import { toLatin1 } from '../../bytes/index.js';
import { type Codec, checked, empty, enumerated, opaque, select, vector } from '../../codec/index.js';
import { extension } from './context.js';

const nameType = enumerated('NameType', 1, (code) => (code === 0 ? 'host_name' : undefined));
const hostName = opaque(1, 0xffff, toLatin1);

const nameList = vector(
  select('ServerName', nameType, (): { kind: string; codec: Codec<Uint8Array> } => ({
    kind: 'host_name',
    codec: hostName,
  })),
  1,
  0xffff,
);

/** RFC 6066 §3: not more than one name of a type; only host_name was ever defined. */
const serverNameList = checked(nameList, (names) =>
  names.length === 1 && names[0]!.tag === 0 ? undefined : 'malformed_message',
);

export const serverName = extension(0, 'server_name', 'RFC 6066 §3', {
  CH: serverNameList,
  SH: empty,
  EE: empty,
});
