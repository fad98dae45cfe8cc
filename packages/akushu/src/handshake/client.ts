/** The client, whatever the version: one offer for all of them; the ServerHello decides how it goes on (RFC 9846 appendix E). */

import { Version } from '../registry/index.js';
import { makeOffer } from './client-hello.js';
import { clientHandshake12 } from './client12.js';
import { clientHandshake13, sendEarlyData } from './client13.js';
import type { ClientConfig } from './config.js';
import type { Established } from './established.js';
import { type Flow, receive } from './flow.js';
import type { Handshake } from './handshake.js';
import { acceptVersion } from './receive-server-hello.js';
import { sessionToOffer } from './resumption.js';

export function* clientHandshake(hs: Handshake<ClientConfig>): Flow<Established> {
  const session = yield* sessionToOffer(hs);
  const offer = makeOffer(hs, { session });
  hs.rememberClientRandom(offer.hello.random);
  hs.transcript.add(offer.bytes);
  hs.sendBytes(offer.bytes);
  sendEarlyData(hs, offer);
  const hello = yield* receive(hs, 'ServerHello');
  const version = acceptVersion(hs, offer, hello.body);
  if (version === Version['TLSv1.3']) return yield* clientHandshake13(hs, offer, hello);
  return yield* clientHandshake12(hs, offer, hello, version, null);
}
