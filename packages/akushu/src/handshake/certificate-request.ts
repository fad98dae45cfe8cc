/** How a server asks for a client's certificate, and by what it judges the answer (RFC 9846 §4.4.2, §4.5.2, §4.7.2). */

import { EMPTY } from '../bytes/index.js';
import { tlsError } from '../errors.js';
import type { MessageBody } from '../messages/index.js';
import { type AuthenticationTerms, authenticatePeer } from './authentication.js';
import { compressionCodes, usableCompression } from './certificate-compression.js';
import { DEFAULT_SCHEMES, type ServerConfig } from './config.js';
import type { PeerIdentity } from './established.js';
import type { Flow } from './flow.js';
import { greaseExtension } from './grease.js';
import type { Handshake } from './handshake.js';

type Server = Handshake<ServerConfig>;

/** §4.4.2; `context` is empty during the handshake. */
export function certificateRequest(hs: Server, context: Uint8Array): MessageBody<'CertificateRequest'> {
  const { config } = hs;
  const compression = compressionCodes(usableCompression(hs));
  return {
    certificateRequestContext: context,
    extensions: {
      signatureAlgorithms: config.signatureSchemes ?? DEFAULT_SCHEMES,
      signatureAlgorithmsCert: config.signatureSchemesCert,
      certificateAuthorities: config.certificateAuthorities?.length
        ? config.certificateAuthorities
        : undefined,
      compressCertificate: compression.length > 0 ? compression : undefined,
      statusRequest: config.requestClientOcsp || undefined,
      ...greaseExtension(hs),
    },
  };
}

/** What a client's certificate is judged by. */
export function clientTerms(hs: Server, context: Uint8Array, rawPublicKey: boolean): AuthenticationTerms {
  return {
    signer: 'client',
    context,
    schemes: hs.config.signatureSchemes ?? DEFAULT_SCHEMES,
    offeredExtensions: hs.config.requestClientOcsp ? [5] : [],
    compression: usableCompression(hs),
    rawPublicKey,
    serverName: null,
  };
}

/** Receives the client's answer to our request. Throws `no_peer_certificate` where it has none and one is required. */
export function* authenticateClient(hs: Server, rawPublicKey: boolean): Flow<PeerIdentity> {
  const peer = yield* authenticatePeer(hs, clientTerms(hs, EMPTY, rawPublicKey));
  if (peer) return peer;
  if (hs.config.clientAuth === 'require') throw tlsError('no_peer_certificate');
  return { anonymous: true };
}
