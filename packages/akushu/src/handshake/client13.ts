/**
 * The client of TLS 1.3 (RFC 9846 §2 figure 1, appendix A.1), in the order in which things happen, from the
 * ServerHello on. Older versions are in `client12.ts`.
 */

import { EMPTY, toLatin1 } from '../bytes/index.js';
import { tlsError } from '../errors.js';
import { EarlySecret, type HandshakeSecret, suiteKeys, type TrafficSecret } from '../keys/index.js';
import { RAW_PUBLIC_KEY } from '../messages/extensions/certificate-types.js';
import { cipherSuiteByCode, Version } from '../registry/index.js';
import { type AuthenticationTerms, authenticatePeer } from './authentication.js';
import { usableCompression } from './certificate-compression.js';
import { acceptType, typesOf } from './certificate-types.js';
import {
  type ClientAuthentication,
  receiveCertificateRequest,
  sendClientCertificate,
} from './client-certificate.js';
import type { Offer } from './client-hello.js';
import type { ClientConfig } from './config.js';
import { type Established13, establish, type PeerIdentity } from './established.js';
import { checkResponse } from './extension-rules.js';
import { receiveFinished, sendFinished } from './finished.js';
import { type Flow, type Received, receive } from './flow.js';
import type { Handshake } from './handshake.js';
import type { VerifiedPeer } from './peer-proof.js';
import { type Chosen, sendCompatibilityMessage, takeServerHello } from './receive-server-hello.js';

type Client = Handshake<ClientConfig>;

/** RFC 9846 §2, figure 1, as the client sees it. */
export function* clientHandshake13(
  hs: Client,
  first: Offer,
  hello: Received<'ServerHello'>,
): Flow<Established13> {
  const { chosen, offer } = yield* takeServerHello(hs, first, hello);
  const keys = deriveHandshakeKeys(hs, chosen, offer);
  const parameters = yield* receiveEncryptedExtensions(hs, offer, chosen);
  const request = chosen.psk ? undefined : yield* receiveCertificateRequest(hs);
  const server: PeerIdentity = chosen.psk
    ? { resumed: chosen.psk.session ?? null }
    : yield* authenticateServer(hs, offer, parameters, request);
  const finished = yield* receiveFinished(hs, keys.server);
  const master = keys.secret.toMaster();
  const hash = hs.transcript.digest();
  const traffic = {
    client: master.clientTraffic(chosen.suiteKeys, hash),
    server: master.serverTraffic(chosen.suiteKeys, hash),
  };
  const exporter = master.exporter(hash);
  hs.io.expectNoChangeCipherSpec();
  hs.useSecret('SERVER_TRAFFIC_SECRET_0', traffic.server, 'server', 'application_data');
  endEarlyData(hs, offer, parameters.earlyDataAccepted, keys.client);
  if (request) {
    const type = acceptType(parameters.clientCertificateType, typesOf(hs.config, 'own'));
    yield* sendClientCertificate(hs, request, type);
  }
  sendFinished(hs, keys.client);
  hs.useSecret('CLIENT_TRAFFIC_SECRET_0', traffic.client, 'client', 'application_data');
  hs.logSecret('EXPORTER_SECRET', exporter.secret);
  const resumption = master.resumption(hs.transcript.digest());
  keys.client.wipe();
  keys.server.wipe();
  const { suite, group } = chosen;
  const { alpn, earlyDataAccepted } = parameters;
  return establish(hs, {
    protocol: 'tls13',
    version: Version['TLSv1.3'],
    suite,
    group,
    alpn,
    earlyDataAccepted,
    peer: server,
    finished,
    traffic,
    exporter,
    resumption,
    serverName: hs.config.serverName ?? null,
    clientAbilities: { usesTickets: true, postHandshakeAuth: hs.config.postHandshakeAuth ?? false },
  });
}

/** Sends early data under its own key where a session allows it (§4.3.10). */
export function sendEarlyData(hs: Client, offer: Offer): void {
  if (!offer.earlyData) return;
  const psk = offer.psks[0]!;
  const suite = suiteKeys(cipherSuiteByCode(psk.session!.cipherSuite)!);
  const secret = psk.early!;
  const hash = hs.provider.digest(psk.hash, offer.bytes);
  sendCompatibilityMessage(hs, offer);
  hs.logSecret('EARLY_EXPORTER_SECRET', secret.earlyExporter(hash));
  hs.useSecret('CLIENT_EARLY_TRAFFIC_SECRET', secret.clientEarlyTraffic(suite, hash), 'client', 'early_data');
  hs.io.sendEarlyData(offer.earlyData);
}

interface HandshakeKeys {
  readonly secret: HandshakeSecret;
  readonly client: TrafficSecret;
  readonly server: TrafficSecret;
}

/** §7.1: both handshake traffic secrets; ours comes into use now unless early data is still to be ended. */
function deriveHandshakeKeys(hs: Client, chosen: Chosen, offer: Offer): HandshakeKeys {
  const stage = chosen.psk?.early ?? EarlySecret.from(hs.provider, chosen.suite.hash);
  const secret = stage.toHandshake(chosen.sharedSecret);
  const hash = hs.transcript.digest();
  const client = secret.clientTraffic(chosen.suiteKeys, hash);
  const server = secret.serverTraffic(chosen.suiteKeys, hash);
  // Already here, since an alert may be all of our second flight.
  sendCompatibilityMessage(hs, offer);
  if (!offer.earlyData) hs.useSecret('CLIENT_HANDSHAKE_TRAFFIC_SECRET', client, 'client', 'handshake');
  hs.useSecret('SERVER_HANDSHAKE_TRAFFIC_SECRET', server, 'server', 'handshake');
  return { secret, client, server };
}

interface Parameters {
  readonly alpn: string | null;
  readonly earlyDataAccepted: boolean;
  /** Of meaning only where the server asks for our certificate (RFC 7250 §4.2). */
  readonly clientCertificateType: number | undefined;
  readonly serverCertificateType: number;
}

/** Receives EncryptedExtensions (§4.4.1) and checks each against what was offered. */
function* receiveEncryptedExtensions(hs: Client, offer: Offer, chosen: Chosen): Flow<Parameters> {
  const { body, bytes } = yield* receive(hs, 'EncryptedExtensions');
  const x = body.extensions;
  checkResponse('EE', x.order ?? [], offer.extensions);
  hs.transcript.add(bytes);

  const alpn = x.alpn ? toLatin1(x.alpn[0]!) : null;
  const offeredAlpn = hs.config.alpn ?? [];
  if (alpn !== null && !offeredAlpn.includes(alpn))
    throw tlsError('unoffered_alpn', { chosen: alpn, offered: offeredAlpn });
  if (offeredAlpn.length > 0) {
    const others = offeredAlpn.filter((name) => name !== alpn);
    hs.decide({
      about: 'alpn',
      by: 'server',
      chosen: alpn,
      reason: alpn === null ? 'not_supported_by_server' : 'chosen_by_server',
      alternatives: others.map((value) => ({ value, reason: 'less_preferred' as const })),
    });
  }
  // §4.3.10: accepted early data implies the first PSK, its suite and its protocol.
  if (x.earlyData && (chosen.psk !== offer.psks[0] || !offer.earlyData))
    throw tlsError('early_data_mismatch');
  const session = chosen.psk?.session;
  if (x.earlyData && (session?.cipherSuite !== chosen.suite.code || session.alpn !== alpn))
    throw tlsError('early_data_mismatch');
  if (offer.earlyData) {
    const accepted = x.earlyData === true;
    hs.decide({
      about: 'early_data',
      by: 'server',
      chosen: accepted ? 'accepted' : null,
      reason: accepted ? 'accepted' : 'refused',
      alternatives: [],
      // What the data was made for.
      facts: { alpn: offer.psks[0]?.session?.alpn ?? null },
    });
  }
  acceptRecordSizeLimit(hs, x.recordSizeLimit, x.maxFragmentLength !== undefined);
  return {
    alpn,
    earlyDataAccepted: x.earlyData === true,
    serverCertificateType: acceptType(x.serverCertificateType, typesOf(hs.config, 'peer')),
    clientCertificateType: x.clientCertificateType,
  };
}

function acceptRecordSizeLimit(hs: Client, limit: number | undefined, withFragmentLength: boolean): void {
  if (limit === undefined) return;
  // RFC 8449 §4: not below 64, and never together with max_fragment_length (§5).
  if (limit < 64 || limit > 16_385 || withFragmentLength) throw tlsError('bad_record_size_limit', { limit });
  hs.io.setSendLimit(limit - 1);
  hs.io.setReceiveLimit(hs.config.recordSizeLimit!);
}

/** Receives the server's chain and proof. */
function* authenticateServer(
  hs: Client,
  offer: Offer,
  parameters: Parameters,
  request: ClientAuthentication | undefined,
): Flow<VerifiedPeer> {
  const terms: AuthenticationTerms = {
    signer: 'server',
    context: EMPTY,
    schemes: offer.schemes,
    offeredExtensions: offer.extensions,
    compression: usableCompression(hs),
    rawPublicKey: parameters.serverCertificateType === RAW_PUBLIC_KEY,
    serverName: hs.config.serverName ?? null,
  };
  const peer = yield* authenticatePeer(hs, terms);
  if (!peer) throw tlsError('empty_server_certificate');
  if (!request && hs.config.credentials?.length) {
    hs.decide({
      about: 'client_certificate',
      by: 'server',
      chosen: null,
      reason: 'not_requested',
      alternatives: [],
    });
  }
  return peer;
}

/** §4.6: EndOfEarlyData where the server accepted it, under the early key; then, or before, our handshake key. */
function endEarlyData(hs: Client, offer: Offer, accepted: boolean, client: TrafficSecret): void {
  if (!offer.earlyData) return;
  if (accepted) hs.send('EndOfEarlyData', {});
  hs.useSecret('CLIENT_HANDSHAKE_TRAFFIC_SECRET', client, 'client', 'handshake');
}
