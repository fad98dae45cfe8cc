/** The server, whatever the version: the ClientHello decides how it goes on (RFC 9846 §4.3.1, appendix E). */
import { Version } from '../registry/index.js';
import type { ServerConfig } from './config.js';
import type { Established } from './established.js';
import type { Flow } from './flow.js';
import type { Handshake } from './handshake.js';
import { receiveClientHello } from './receive-client-hello.js';
import { serverHandshake12 } from './server12.js';
import { serverHandshake13 } from './server13.js';
import { chooseVersion } from './version-negotiation.js';

export function* serverHandshake(hs: Handshake<ServerConfig>): Flow<Established> {
  const hello = yield* receiveClientHello(hs);
  const version = chooseVersion(hs, hello);
  if (version === Version['TLSv1.3']) return yield* serverHandshake13(hs, hello);
  return yield* serverHandshake12(hs, hello, version, null);
}
