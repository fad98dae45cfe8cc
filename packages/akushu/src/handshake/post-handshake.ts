/** After the handshake (RFC 9846 §4.7): tickets given and taken, and authentication of a client later on. */
import { tlsError } from '../errors.js';
import type { TrafficSecret } from '../keys/index.js';
import { X509 } from '../messages/extensions/certificate-types.js';
import { decodeBody, type MessageBody, messageBytes } from '../messages/index.js';
import { authenticateWith } from './authentication.js';
import { certificateRequest, clientTerms } from './certificate-request.js';
import { checkCertificateRequest, sendClientCertificate } from './client-certificate.js';
import type { ClientConfig, ServerConfig } from './config.js';
import {
  authenticatedAt,
  type Established13,
  type PeerIdentity,
  peerChain,
  peerRawKey,
  trustIn,
} from './established.js';
import { checkRequest } from './extension-rules.js';
import { receiveFinished, sendFinished } from './finished.js';
import { ask, type Flow, receive } from './flow.js';
import { greaseExtension } from './grease.js';
import { callerSays, type Handshake } from './handshake.js';
import { presentedIn } from './resumption.js';

/** Seconds: of a ticket, and of all that follows from one proof of identity by resuming again and again (§4.7.1). */
const MAX_LIFETIME = 604_800;
/** §4.7.1: `opaque ticket<1..2^16-1>`, and a client sends it back in a ClientHello. */
const MAX_TICKET = 0xffff - 1024;

/** Sends the configured number of tickets (§4.7.1). */
export function* sendTickets(hs: Handshake<ServerConfig>, done: Established13): Flow<void> {
  const { tickets, ticketCount = 2, ticketLifetime = 7200, maxEarlyData = 0, acceptEarlyData } = hs.config;
  if (!tickets) return;
  const now = Math.floor(hs.now());
  const since = authenticatedAt(done.peer, now);
  const lifetime = Math.min(ticketLifetime, MAX_LIFETIME - Math.ceil((now - since) / 1000));
  if (lifetime <= 0) return;
  const early = acceptEarlyData ? maxEarlyData : 0;
  for (let i = 0; i < ticketCount; i++) {
    const ageBytes = hs.random(4);
    const ageAdd = new DataView(ageBytes.buffer, ageBytes.byteOffset).getUint32(0);
    // §4.7.1: unique among the tickets of this connection.
    const ticketNonce = Uint8Array.of(i >> 8, i & 0xff);
    const state = {
      version: 0x0304,
      cipherSuite: done.suite.code,
      psk: done.resumption.psk(ticketNonce),
      ageAdd,
      issuedAt: now,
      authenticatedAt: since,
      lifetime,
      maxEarlyData: early,
      serverName: done.serverName,
      alpn: done.alpn,
      peerChain: peerChain(done.peer),
      peerRawKey: peerRawKey(done.peer),
    };
    const ticket = yield* ask(callerSays(() => tickets.seal(state)));
    // The keeper may have none to give, as for a state that no ticket can hold: then there is nothing to resume.
    if (!ticket || ticket.length === 0 || ticket.length > MAX_TICKET) return;
    hs.sendBytes(
      messageBytes('NewSessionTicket', {
        ticketLifetime: lifetime,
        ticketAgeAdd: ageAdd,
        ticketNonce,
        ticket,
        extensions: { ...(early > 0 && { earlyData: early }), ...greaseExtension(hs) },
      }),
    );
  }
}

/** Takes a ticket and hands it to the caller as a session (§4.7.1). Throws `bad_ticket`. */
export function receiveTicket(hs: Handshake<ClientConfig>, done: Established13, bytes: Uint8Array): void {
  const body: MessageBody<'NewSessionTicket'> = decodeBody('NewSessionTicket', bytes);
  checkRequest('NST', body.extensions.order ?? []);
  if (body.ticketLifetime > MAX_LIFETIME) throw tlsError('bad_ticket', { lifetime: body.ticketLifetime });
  if (body.ticketLifetime === 0) return;
  const onSession = hs.config.onSession;
  if (!onSession) return;
  const now = Math.floor(hs.now());
  const session = {
    version: 0x0304,
    cipherSuite: done.suite.code,
    psk: done.resumption.psk(body.ticketNonce),
    ticket: body.ticket,
    lifetime: body.ticketLifetime,
    ageAdd: body.ticketAgeAdd,
    receivedAt: now,
    authenticatedAt: authenticatedAt(done.peer, now),
    maxEarlyData: body.extensions.earlyData ?? 0,
    serverName: done.serverName,
    alpn: done.alpn,
    peerChain: peerChain(done.peer),
    peerRawKey: peerRawKey(done.peer),
    trust: trustIn(done.peer),
    presented: presentedIn(hs, done.peer),
  };
  callerSays(() => onSession(session));
}

/** Client: answers a CertificateRequest that came after the handshake (§4.7.2), over a transcript of its own. */
export function* answerLateRequest(
  established: Handshake<ClientConfig>,
  request: Uint8Array,
  traffic: () => TrafficSecret,
): Flow<void> {
  // §4.7.2: our messages stand together, however long the signature takes, so they are held back until the last is made.
  const held: Uint8Array[] = [];
  const hs = established.fork((message) => held.push(message));
  hs.traceMessage(hs.peerRole, request);
  const body = decodeBody('CertificateRequest', request);
  // §4.4.2: after the handshake the context tells requests apart, so it may not be empty.
  if (body.certificateRequestContext.length === 0) throw tlsError('bad_certificate_context');
  checkCertificateRequest(body);
  hs.transcript.add(request);
  yield* sendClientCertificate(hs, { body }, X509);
  sendFinished(hs, traffic());
  for (const message of held) established.io.sendMessage(message);
}

/** Server: asks for the client's certificate (§4.7.2) and receives chain, proof and Finished. */
export function* requestLateAuthentication(
  established: Handshake<ServerConfig>,
  clientTraffic: () => TrafficSecret,
): Flow<PeerIdentity> {
  const hs = established.fork();
  const context = hs.random(8);
  hs.send('CertificateRequest', certificateRequest(hs, context));
  const message = yield* receive(hs, 'Certificate', 'CompressedCertificate');
  const peer = yield* authenticateWith(hs, clientTerms(hs, context, false), message);
  yield* receiveFinished(hs, clientTraffic());
  if (!peer && hs.config.clientAuth === 'require') throw tlsError('no_peer_certificate');
  return peer ?? { anonymous: true };
}
