/**
 * The client of TLS 1.3 (RFC 9846 §2 figure 1, appendix A.1), in the order in which things happen. Versions before
 * 1.3 are not spoken here.
 */
import { toLatin1 } from '../bytes/index.js';
import { CryptoError } from '../crypto/provider.js';
import { TlsError, tlsError } from '../errors.js';
import { EarlySecret, type HandshakeSecret, type TrafficSecret } from '../keys/index.js';
import { RAW_PUBLIC_KEY, X509 } from '../messages/extensions/certificate-types.js';
import type { Extensions, MessageBody, ServerHello } from '../messages/index.js';
import type { CipherSuite } from '../registry/index.js';
import { cipherSuiteByCode, cipherSuiteName, groupName, Version, versionName } from '../registry/index.js';
import {
  type AuthenticationTerms,
  authenticatePeer,
  schemeFor,
  sendCertificate,
  sendCertificateVerify,
  usableCompression,
  type VerifiedPeer,
} from './authentication.js';
import { makeOffer, type Offer, retryOffer } from './client-hello.js';
import { type ClientConfig, type Credential, DEFAULT_SCHEMES } from './config.js';
import { type Established, establish, type PeerIdentity } from './established.js';
import { checkRequest, checkResponse } from './extension-rules.js';
import { receiveFinished, sendFinished } from './finished.js';
import { ask, type Flow, receive } from './flow.js';
import { callerSays, type Handshake } from './handshake.js';
import { observedChoice } from './negotiation.js';
import type { OfferedPsk } from './psk.js';

type Client = Handshake<ClientConfig>;

/** RFC 9846 §2, figure 1, as the client sees it. */
export function* clientHandshake13(hs: Client): Flow<Established> {
  const first = sendClientHello(hs);
  const { chosen, offer } = yield* receiveServerHello(hs, first);
  const keys = deriveHandshakeKeys(hs, chosen, offer);
  const parameters = yield* receiveEncryptedExtensions(hs, offer, chosen);
  const request = chosen.psk ? undefined : yield* receiveCertificateRequest(hs);
  const server: PeerIdentity = chosen.psk
    ? { resumed: chosen.psk.session ?? null }
    : yield* authenticateServer(hs, offer, parameters, request);
  const finished = yield* receiveFinished(hs, keys.server);
  const master = keys.secret.toMaster();
  const traffic = {
    client: master.clientTraffic(chosen.suiteKeys, hs.transcript.digest()),
    server: master.serverTraffic(chosen.suiteKeys, hs.transcript.digest()),
  };
  const exporter = master.exporter(hs.transcript.digest());
  hs.io.expectNoChangeCipherSpec();
  hs.useSecret('SERVER_TRAFFIC_SECRET_0', traffic.server, 'server', 'application_data');
  endEarlyData(hs, offer, parameters.earlyDataAccepted, keys.client);
  if (request) yield* sendClientCertificate(hs, request, parameters.clientCertificateType === RAW_PUBLIC_KEY);
  sendFinished(hs, keys.client);
  hs.useSecret('CLIENT_TRAFFIC_SECRET_0', traffic.client, 'client', 'application_data');
  hs.logSecret('EXPORTER_SECRET', exporter.secret);
  const resumption = master.resumption(hs.transcript.digest());
  keys.client.wipe();
  keys.server.wipe();
  return establish(hs, {
    ...chosen,
    ...parameters,
    peer: server,
    finished,
    traffic,
    exporter,
    resumption,
    serverName: hs.config.serverName ?? null,
    helloExtensions: offer.extensions,
  });
}

/** Sends the first offer, and early data under its own key where a session allows it (§4.3.10). */
function sendClientHello(hs: Client): Offer {
  const offer = makeOffer(hs);
  hs.rememberClientRandom(offer.hello.random);
  hs.transcript.add(offer.bytes);
  hs.sendBytes(offer.bytes);
  if (offer.earlyData) {
    const psk = offer.psks[0]!;
    const suite = suiteKeys(cipherSuiteByCode(psk.session!.cipherSuite)!);
    const secret = EarlySecret.from(hs.provider, psk.hash, psk.key);
    const hash = hs.provider.digest(psk.hash, offer.bytes);
    sendCompatibilityMessage(hs, offer);
    hs.logSecret('EARLY_EXPORTER_SECRET', secret.earlyExporter(hash));
    hs.useSecret(
      'CLIENT_EARLY_TRAFFIC_SECRET',
      secret.clientEarlyTraffic(suite, hash),
      'client',
      'early_data',
    );
    hs.io.sendEarlyData(offer.earlyData);
  }
  return offer;
}

/** Appendix E.4: a ChangeCipherSpec before the second flight, where a session id was sent. */
function sendCompatibilityMessage(hs: Client, offer: Offer): void {
  if (offer.hello.legacySessionId.length > 0) hs.io.sendChangeCipherSpec();
}

function suiteKeys(suite: CipherSuite): {
  hash: CipherSuite['hash'];
  aead: NonNullable<CipherSuite['aead']>;
} {
  return { hash: suite.hash, aead: suite.aead! };
}

interface Chosen {
  readonly suite: CipherSuite;
  readonly suiteKeys: ReturnType<typeof suiteKeys>;
  /** Code point; null for PSK without (EC)DHE. */
  readonly group: number | null;
  readonly sharedSecret: Uint8Array | undefined;
  readonly psk: OfferedPsk | null;
}

/** Receives the ServerHello, going round once more on a HelloRetryRequest. Sets the transcript's hash. */
function* receiveServerHello(hs: Client, first: Offer): Flow<{ chosen: Chosen; offer: Offer }> {
  const message = yield* receive(hs, 'ServerHello');
  checkServerHello(hs, first, message.body);
  const retry = message.body.extensions?.retry;
  if (!retry) {
    hs.transcript.add(message.bytes);
    return { chosen: acceptServerHello(hs, first, message.body), offer: first };
  }
  const offer = answerRetry(hs, first, message.body, retry, message.bytes);
  const second = yield* receive(hs, 'ServerHello');
  if (second.body.extensions?.retry) throw tlsError('second_hello_retry_request');
  checkServerHello(hs, offer, second.body);
  // §4.2.4: the suite may not change in between.
  if (second.body.cipherSuite !== message.body.cipherSuite) throw tlsError('cipher_suite_changed');
  hs.transcript.add(second.bytes);
  const chosen = acceptServerHello(hs, offer, second.body);
  // §4.3.8: nor may the group.
  if (retry.keyShare !== undefined && chosen.group !== null && chosen.group !== retry.keyShare)
    throw tlsError('unoffered_group');
  return { chosen, offer };
}

/** Checks what ServerHello and HelloRetryRequest have in common (§4.2.3, §4.2.4). */
function checkServerHello(hs: Client, offer: Offer, hello: ServerHello): void {
  const retry = hello.extensions?.retry;
  const extensions = retry ?? (hello.extensions as Extensions<'SH'> | undefined) ?? {};
  const version = extensions.supportedVersions;
  if (version === undefined) refuseOlderVersion(hello);
  if (version !== Version['TLSv1.3'])
    throw tlsError('illegal_version_chosen', { chosen: versionName(version) });
  if (hello.legacyVersion !== Version['TLSv1.2'])
    throw tlsError('illegal_version_chosen', { legacyVersion: versionName(hello.legacyVersion) });
  if (!sameBytes(hello.legacySessionIdEcho, offer.hello.legacySessionId))
    throw tlsError('session_id_not_echoed');
  if (!offer.suites.includes(hello.cipherSuite))
    throw tlsError('unoffered_cipher_suite', { suite: cipherSuiteName(hello.cipherSuite) });
  if (hello.legacyCompressionMethod !== 0) throw tlsError('compression_chosen');
  checkResponse(retry ? 'HRR' : 'SH', extensions.order ?? [], offer.extensions);
  hs.io.agreeOn13();
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** §4.2.3: without supported_versions it is an older version; §4.2.3's sentinels tell whether somebody forced that. */
function refuseOlderVersion(hello: ServerHello): never {
  const tail = toLatin1(hello.random.subarray(24));
  if (tail === 'DOWNGRD\u0001' || tail === 'DOWNGRD\u0000')
    throw tlsError('downgrade_detected', { chosen: versionName(hello.legacyVersion) });
  throw tlsError('unsupported_version_chosen', {
    chosen: versionName(hello.legacyVersion),
    supported: ['TLSv1.3'],
  });
}

/** §4.2.4: checks what the server asks for, sends the second ClientHello. */
function answerRetry(
  hs: Client,
  first: Offer,
  hello: ServerHello,
  retry: Extensions<'HRR'>,
  bytes: Uint8Array,
): Offer {
  const group = retry.keyShare;
  if (group === undefined && retry.cookie === undefined) throw tlsError('pointless_hello_retry_request');
  if (group !== undefined) {
    if (!first.groups.includes(group)) throw tlsError('unoffered_group', { group: groupName(group) });
    // §4.3.8: a share for it went out already.
    if (first.shares.has(group)) throw tlsError('pointless_hello_retry_request', { group: groupName(group) });
  }
  const suite = cipherSuiteByCode(hello.cipherSuite)!;
  hs.decide({
    about: 'hello_retry_request',
    by: 'server',
    chosen: group === undefined ? 'cookie' : groupName(group),
    reason: group === undefined ? 'chosen_by_server' : 'no_key_share_yet',
    alternatives: [...first.shares.keys()].map((code) => ({
      value: groupName(code),
      reason: 'less_preferred' as const,
    })),
    facts: { cookie: retry.cookie !== undefined },
  });
  hs.transcript.retry(suite.hash);
  hs.transcript.add(bytes);
  const offer = retryOffer(hs, first, { group, cookie: retry.cookie, cipherSuite: hello.cipherSuite });
  sendCompatibilityMessage(hs, first);
  // Early data stays unread: what follows goes in the clear again (§4.3.10).
  if (first.earlyData) hs.io.writeInTheClear();
  hs.transcript.add(offer.bytes);
  hs.sendBytes(offer.bytes);
  return offer;
}

/** Takes suite, group and PSK from the ServerHello and computes the shared secret. */
function acceptServerHello(hs: Client, offer: Offer, hello: ServerHello): Chosen {
  const suite = cipherSuiteByCode(hello.cipherSuite)!;
  const extensions = hello.extensions as Extensions<'SH'>;
  hs.transcript.start(suite.hash);
  hs.decide({ about: 'version', by: 'server', chosen: 'TLSv1.3', reason: 'only_shared', alternatives: [] });
  hs.decide({
    about: 'cipher_suite',
    by: 'server',
    ...observedChoice(suite.code, offer.suites, cipherSuiteName),
  });

  const psk = acceptPsk(offer, extensions, suite);
  const share = extensions.keyShare;
  if (!share) {
    // §4.2.1: without a share only a PSK keeps the handshake going, in a mode that we offered.
    if (!psk) throw tlsError('missing_extension', { extension: 'key_share' });
    if (!hs.config.pskWithoutDhe)
      throw tlsError('missing_extension', { extension: 'key_share', mode: 'psk_ke' });
    return { suite, suiteKeys: suiteKeys(suite), group: null, sharedSecret: undefined, psk };
  }
  const own = offer.shares.get(share.group);
  if (!own) throw tlsError('unoffered_group', { group: groupName(share.group) });
  hs.decide({ about: 'group', by: 'server', ...observedChoice(share.group, offer.groups, groupName) });
  let sharedSecret: Uint8Array;
  try {
    sharedSecret = own.decapsulate(share.keyExchange);
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause;
    throw new TlsError('bad_key_share', { cause, facts: { group: groupName(share.group) } });
  }
  return { suite, suiteKeys: suiteKeys(suite), group: share.group, sharedSecret, psk };
}

/** §4.3.11: the index is one that we sent, and the suite has that PSK's hash. */
function acceptPsk(offer: Offer, extensions: Extensions<'SH'>, suite: CipherSuite): OfferedPsk | null {
  const index = extensions.preSharedKey;
  if (index === undefined) return null;
  const psk = offer.psks[index];
  if (!psk) throw tlsError('psk_index_out_of_range', { index, offered: offer.psks.length });
  if (psk.hash !== suite.hash) throw tlsError('psk_hash_mismatch', { suite: suite.iana });
  return psk;
}

interface HandshakeKeys {
  readonly secret: HandshakeSecret;
  readonly client: TrafficSecret;
  readonly server: TrafficSecret;
}

/** §7.1: both handshake traffic secrets; ours comes into use now unless early data is still to be ended. */
function deriveHandshakeKeys(hs: Client, chosen: Chosen, offer: Offer): HandshakeKeys {
  const secret = EarlySecret.from(hs.provider, chosen.suite.hash, chosen.psk?.key).toHandshake(
    chosen.sharedSecret,
  );
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
  readonly clientCertificateType: number;
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
    });
  }
  acceptRecordSizeLimit(hs, x.recordSizeLimit, x.maxFragmentLength !== undefined);
  return {
    alpn,
    earlyDataAccepted: x.earlyData === true,
    serverCertificateType: checkType(x.serverCertificateType, hs.config.rawPublicKeys?.peer),
    clientCertificateType: checkType(x.clientCertificateType, hs.config.rawPublicKeys?.own),
  };
}

/** RFC 7250 §4.2: absent means X.509; what comes must be of our list. */
function checkType(type: number | undefined, raw: boolean | undefined): number {
  const chosen = type ?? X509;
  if (chosen !== X509 && !(chosen === RAW_PUBLIC_KEY && raw))
    throw tlsError('unoffered_certificate_type', { type: chosen });
  return chosen;
}

function acceptRecordSizeLimit(hs: Client, limit: number | undefined, withFragmentLength: boolean): void {
  if (limit === undefined) return;
  // RFC 8449 §4: not below 64, and never together with max_fragment_length (§5).
  if (limit < 64 || limit > 16_385 || withFragmentLength) throw tlsError('bad_record_size_limit', { limit });
  hs.io.setSendLimit(limit - 1);
  hs.io.setReceiveLimit(hs.config.recordSizeLimit!);
}

interface ClientAuthentication {
  readonly body: MessageBody<'CertificateRequest'>;
}

/** Receives a CertificateRequest if the server sends one; it looks ahead, since the next message tells. */
function* receiveCertificateRequest(hs: Client): Flow<ClientAuthentication | undefined> {
  const next = yield { need: 'peek' };
  if (next !== 13) return undefined;
  const { body, bytes } = yield* receive(hs, 'CertificateRequest');
  // §4.4.2: the context is empty during the handshake; signature_algorithms is mandatory.
  if (body.certificateRequestContext.length !== 0) throw tlsError('bad_certificate_context');
  checkCertificateRequest(body);
  hs.transcript.add(bytes);
  return { body };
}

export function checkCertificateRequest(body: MessageBody<'CertificateRequest'>): void {
  checkRequest('CR', body.extensions.order ?? []);
  if (!body.extensions.signatureAlgorithms)
    throw tlsError('missing_extension', { extension: 'signature_algorithms' });
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
    context: new Uint8Array(0),
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

/** Answers a CertificateRequest: a chain and its proof, or an empty chain (§4.5.2). */
export function* sendClientCertificate(
  hs: Client,
  request: ClientAuthentication,
  rawPublicKey: boolean,
): Flow<void> {
  const { body } = request;
  const schemes = body.extensions.signatureAlgorithms!;
  const { credential, scheme } = yield* chooseClientCredential(hs, body, schemes);
  sendCertificate(hs, credential, {
    context: body.certificateRequestContext,
    schemes,
    peerExtensions: body.extensions.order ?? [],
    compression: body.extensions.compressCertificate ?? [],
    rawPublicKey,
  });
  if (credential) yield* sendCertificateVerify(hs, credential, scheme!);
}

function* chooseClientCredential(
  hs: Client,
  body: MessageBody<'CertificateRequest'>,
  schemes: readonly number[],
): Flow<{ credential: Credential | null; scheme?: number }> {
  const ours = hs.config.signatureSchemes ?? DEFAULT_SCHEMES;
  const choose = hs.config.chooseCredential;
  const wish = {
    signatureSchemes: schemes,
    certificateAuthorities: body.extensions.certificateAuthorities ?? [],
    oidFilters: body.extensions.oidFilters ?? [],
    postHandshake: body.certificateRequestContext.length > 0,
  };
  const candidates = choose ? [yield* ask(callerSays(() => choose(wish)))] : (hs.config.credentials ?? []);
  for (const credential of candidates) {
    const scheme = credential && schemeFor(credential, schemes, ours);
    if (credential && scheme !== undefined && scheme !== null) {
      hs.decide({
        about: 'client_certificate',
        by: 'client',
        chosen: `credential ${candidates.indexOf(credential)}`,
        reason: choose ? 'chosen_by_callback' : 'first_that_fits',
        alternatives: [],
      });
      return { credential, scheme };
    }
  }
  const fitting = candidates.some((credential) => credential !== null);
  hs.decide({
    about: 'client_certificate',
    by: 'client',
    chosen: null,
    reason: fitting ? 'key_cannot_sign' : 'not_configured',
    alternatives: [],
  });
  return { credential: null };
}
