/**
 * The server of TLS 1.3 (RFC 9846 §2 figure 1, appendix A.2), in the order in which things happen. What it takes
 * from the ClientHello is in `server-negotiation.ts`.
 */
import { EMPTY, equal, fromLatin1 } from '../bytes/index.js';
import { CryptoError } from '../crypto/provider.js';
import { TlsError, tlsError } from '../errors.js';
import { EarlySecret, type HandshakeSecret, type TrafficSecret } from '../keys/index.js';
import { RAW_PUBLIC_KEY, X509 } from '../messages/extensions/certificate-types.js';
import { OCSP_REQUEST } from '../messages/extensions/status-request.js';
import { type Extensions, encodeBareBody, HELLO_RETRY_RANDOM, type MessageBody } from '../messages/index.js';
import { type CipherSuite, groupName, Version, versionName } from '../registry/index.js';
import {
  type AuthenticationTerms,
  authenticatePeer,
  compressionCodes,
  sendCertificate,
  sendCertificateVerify,
  usableCompression,
} from './authentication.js';
import { DEFAULT_SCHEMES, type ServerConfig } from './config.js';
import { type Established, establish, type PeerIdentity } from './established.js';
import { checkRequest } from './extension-rules.js';
import { receiveFinished, sendFinished } from './finished.js';
import { ask, type Flow, receive } from './flow.js';
import { callerSays, type Handshake } from './handshake.js';
import {
  type ChosenCredential,
  type ChosenPsk,
  chooseAlpn,
  chooseCertificateTypes,
  chooseCredential,
  chooseGroup,
  choosePsk,
  chooseSuite,
  describeHello,
  type Hello,
  noSharedGroup,
} from './server-negotiation.js';

type Server = Handshake<ServerConfig>;

/** RFC 9846 §2, figure 1, as the server sees it. */
export function* serverHandshake13(hs: Server): Flow<Established> {
  const first = yield* receiveClientHello(hs);
  const terms = agreeOnTerms(hs, first);
  const { hello, retried } = yield* retryIfNeeded(hs, first, terms);
  const chosen = yield* chooseKeys(hs, hello, terms);
  const early = yield* considerEarlyData(hs, hello, chosen, retried);
  const sharedSecret = sendServerHello(hs, hello, chosen);
  const keys = deriveHandshakeKeys(hs, chosen, sharedSecret, early);
  sendEncryptedExtensions(hs, hello, chosen, early === 'accepted');
  const requested = sendCertificateRequest(hs, chosen);
  if (chosen.credential) yield* authenticateOurselves(hs, hello, chosen, chosen.credential);
  sendFinished(hs, keys.server);
  const master = keys.secret.toMaster();
  const hash = hs.transcript.digest();
  const traffic = {
    client: master.clientTraffic(chosen.suiteKeys, hash),
    server: master.serverTraffic(chosen.suiteKeys, hash),
  };
  const exporter = master.exporter(hash);
  hs.useSecret('SERVER_TRAFFIC_SECRET_0', traffic.server, 'server', 'application_data');
  hs.logSecret('EXPORTER_SECRET', exporter.secret);
  if (early === 'accepted') {
    hs.io.allowEarlyWriting();
    yield* receiveEndOfEarlyData(hs, keys.client);
  }
  const peer: PeerIdentity = requested ? yield* authenticateClient(hs, chosen) : whoElse(chosen);
  const finished = yield* receiveFinished(hs, keys.client);
  hs.io.expectNoChangeCipherSpec();
  hs.useSecret('CLIENT_TRAFFIC_SECRET_0', traffic.client, 'client', 'application_data');
  const resumption = master.resumption(hs.transcript.digest());
  keys.client.wipe();
  keys.server.wipe();
  return establish(hs, {
    ...chosen,
    earlyDataAccepted: early === 'accepted',
    peer,
    finished,
    traffic,
    exporter,
    resumption,
    serverName: hello.info.serverName,
    helloExtensions: hello.x.order ?? [],
  });
}

function whoElse(chosen: Chosen): PeerIdentity {
  return chosen.psk ? { resumed: chosen.psk.state } : { anonymous: true };
}

/** Receives a ClientHello and checks what must hold whatever is negotiated (§4.2.2, §9.2). Not yet in the transcript. */
function* receiveClientHello(hs: Server): Flow<Hello> {
  const { body, bytes } = yield* receive(hs, 'ClientHello');
  hs.rememberClientRandom(body.random);
  const hello = describeHello(body, bytes);
  const { x } = hello;
  const versions = x.supportedVersions;
  if (!versions?.includes(Version['TLSv1.3'])) {
    const offered = versions ?? [body.legacyVersion];
    throw tlsError('no_shared_version', { offered: offered.map(versionName), supported: ['TLSv1.3'] });
  }
  hs.io.agreeOn13();
  // §4.2.2: exactly one method, null.
  if (body.legacyCompressionMethods.length !== 1 || body.legacyCompressionMethods[0] !== 0)
    throw tlsError('compression_offered');
  checkRequest('CH', x.order ?? []);
  checkPresence(x);
  checkPreSharedKey(x);
  checkKeyShares(x);
  return hello;
}

/** §9.2: what a ClientHello must have. */
function checkPresence(x: Extensions<'CH'>): void {
  const missing = (extension: string): never => {
    throw tlsError('missing_extension', { extension });
  };
  if (x.supportedGroups && !x.keyShare) missing('key_share');
  if (x.keyShare && !x.supportedGroups) missing('supported_groups');
  if (x.preSharedKey) return;
  if (!x.signatureAlgorithms) missing('signature_algorithms');
  if (!x.supportedGroups) missing('supported_groups');
}

function checkPreSharedKey(x: Extensions<'CH'>): void {
  if (x.earlyData && !x.preSharedKey) throw tlsError('early_data_mismatch');
  if (!x.preSharedKey) return;
  if (x.order?.at(-1) !== 41) throw tlsError('psk_not_last');
  if (!x.pskKeyExchangeModes) throw tlsError('psk_modes_missing', { extension: 'psk_key_exchange_modes' });
  const { identities, binders } = x.preSharedKey;
  if (identities.length !== binders.length)
    throw tlsError('psk_binder_count', { identities: identities.length, binders: binders.length });
}

/** §4.3.8: no group twice, each among supported_groups. */
function checkKeyShares(x: Extensions<'CH'>): void {
  const seen = new Set<number>();
  for (const { group } of x.keyShare ?? []) {
    if (seen.has(group)) throw tlsError('duplicate_key_share', { group: groupName(group) });
    if (!x.supportedGroups!.includes(group))
      throw tlsError('key_share_not_in_groups', { group: groupName(group) });
    seen.add(group);
  }
}

/** What does not change with a second hello. */
interface Terms {
  readonly suite: CipherSuite;
  readonly group: number | undefined;
}

function agreeOnTerms(hs: Server, hello: Hello): Terms {
  hs.decide({
    about: 'version',
    by: 'server',
    chosen: 'TLSv1.3',
    reason: 'highest_shared',
    alternatives: olderVersions(hello),
  });
  const suite = chooseSuite(hs, hello);
  const group = hello.x.supportedGroups ? chooseGroup(hs, hello) : undefined;
  if (group === undefined && !hello.x.preSharedKey) throw noSharedGroup(hs, hello);
  return { suite, group };
}

function olderVersions(hello: Hello): { value: string; reason: 'lower_version' | 'grease' }[] {
  const others = hello.x.supportedVersions!.filter((version) => version !== Version['TLSv1.3']);
  return others.map((version) => ({
    value: versionName(version),
    reason: version >> 8 === 3 ? 'lower_version' : 'grease',
  }));
}

/** Sends a HelloRetryRequest where a share or a cookie is wanting (§4.2.4). Starts the transcript. */
function* retryIfNeeded(hs: Server, first: Hello, terms: Terms): Flow<{ hello: Hello; retried: boolean }> {
  const hasShare =
    terms.group === undefined || first.x.keyShare!.some((share) => share.group === terms.group);
  if (first.x.cookie) throw tlsError('bad_cookie');
  if (hasShare && !hs.config.requireCookie) {
    hs.transcript.start(terms.suite.hash);
    return { hello: first, retried: false };
  }
  const cookie = hs.config.makeCookie?.(first.bytes) ?? (hs.config.requireCookie ? hs.random(32) : undefined);
  hs.decide({
    about: 'hello_retry_request',
    by: 'server',
    chosen: hasShare ? 'cookie' : groupName(terms.group!),
    reason: hasShare ? 'chosen_by_server' : 'no_key_share_yet',
    alternatives: (first.x.keyShare ?? []).map((share) => ({
      value: groupName(share.group),
      reason: 'less_preferred' as const,
    })),
    facts: { cookie: cookie !== undefined },
  });
  hs.transcript.add(first.bytes);
  hs.transcript.retry(terms.suite.hash);
  hs.send('ServerHello', {
    legacyVersion: Version['TLSv1.2'],
    random: HELLO_RETRY_RANDOM,
    legacySessionIdEcho: first.body.legacySessionId,
    cipherSuite: terms.suite.code,
    legacyCompressionMethod: 0,
    extensions: {
      retry: {
        supportedVersions: Version['TLSv1.3'],
        ...(!hasShare && { keyShare: terms.group! }),
        ...(cookie && { cookie }),
      },
    },
  });
  if (first.body.legacySessionId.length > 0) hs.io.sendChangeCipherSpec();
  if (first.x.earlyData) hs.io.skipEarlyData('second_hello');
  const second = yield* receiveClientHello(hs);
  if (first.x.earlyData) hs.io.skipEarlyData('never');
  checkSecondHello(first, second, hasShare ? undefined : terms.group, cookie);
  return { hello: second, retried: true };
}

/** §4.2.2: what a second hello may change, and nothing else. */
function checkSecondHello(
  first: Hello,
  second: Hello,
  group: number | undefined,
  cookie: Uint8Array | undefined,
): void {
  if (cookie ? !second.x.cookie || !equal(cookie, second.x.cookie) : second.x.cookie)
    throw tlsError('bad_cookie');
  if (second.x.earlyData) throw tlsError('early_data_mismatch');
  if (group !== undefined) {
    const shares = second.x.keyShare ?? [];
    if (shares.length !== 1 || shares[0]!.group !== group)
      throw tlsError('hello_changed_after_retry', { field: 'key_share' });
  }
  const fixedPart = (hello: Hello): Uint8Array =>
    encodeBareBody('ClientHello', {
      ...hello.body,
      extensions: {
        ...withoutChangeable(hello.x),
        ...(group === undefined && { keyShare: hello.x.keyShare }),
      },
    });
  if (!equal(fixedPart(first), fixedPart(second))) throw tlsError('hello_changed_after_retry');
}

function withoutChangeable(x: Extensions<'CH'>): Extensions<'CH'> {
  const { keyShare: _k, cookie: _c, earlyData: _e, preSharedKey: _p, padding: _d, order: _o, ...kept } = x;
  return kept;
}

interface Chosen {
  readonly suite: CipherSuite;
  readonly suiteKeys: { readonly hash: CipherSuite['hash']; readonly aead: NonNullable<CipherSuite['aead']> };
  readonly group: number | null;
  readonly psk: ChosenPsk | null;
  readonly credential: ChosenCredential | null;
  readonly alpn: string | null;
  readonly types: { readonly server: number; readonly client: number };
}

/** PSK or certificate, and the protocol to speak. Nothing has been sent yet that could not be refused. */
function* chooseKeys(hs: Server, hello: Hello, { suite, group }: Terms): Flow<Chosen> {
  const psk = yield* choosePsk(hs, hello, suite, group !== undefined);
  if (!psk) {
    // Without a PSK the rest of §9.2 holds as well.
    if (!hello.x.signatureAlgorithms)
      throw tlsError('missing_extension', { extension: 'signature_algorithms' });
    if (group === undefined) throw noSharedGroup(hs, hello);
  }
  const alpn = yield* chooseAlpn(hs, hello);
  const types = psk ? { server: X509, client: X509 } : chooseCertificateTypes(hs, hello);
  const credential = psk ? null : yield* chooseCredential(hs, hello);
  const withGroup = psk && !psk.dhe ? null : group!;
  return {
    suite,
    suiteKeys: { hash: suite.hash, aead: suite.aead! },
    group: withGroup,
    psk,
    credential,
    alpn,
    types,
  };
}

type EarlyDataVerdict = 'none' | 'accepted' | 'refused';

/** §4.3.10, §8: early data is taken only under the first PSK, from the same suite and protocol, when fresh and asked for. */
function* considerEarlyData(
  hs: Server,
  hello: Hello,
  chosen: Chosen,
  retried: boolean,
): Flow<EarlyDataVerdict> {
  if (!hello.x.earlyData) return 'none';
  const { psk, suite, alpn } = chosen;
  const { acceptEarlyData, maxEarlyData = 0 } = hs.config;
  const state = psk?.state;
  const offered = hello.x.preSharedKey!;
  let accepted = false;
  if (
    acceptEarlyData &&
    maxEarlyData > 0 &&
    !retried &&
    psk?.index === 0 &&
    state &&
    state.maxEarlyData > 0
  ) {
    const claimedAge =
      (offered.identities[0]!.obfuscatedTicketAge - state.ageAdd + 0x1_0000_0000) % 0x1_0000_0000;
    const fresh = Math.abs(hs.now() - state.issuedAt - claimedAge) <= FRESHNESS_WINDOW;
    if (fresh && state.cipherSuite === suite.code && state.alpn === alpn) {
      const offer = {
        binder: offered.binders[0]!,
        ticket: offered.identities[0]!.identity,
        serverName: hello.info.serverName,
      };
      accepted = yield* ask(callerSays(() => acceptEarlyData(offer)));
    }
  }
  const reason = accepted ? 'accepted' : maxEarlyData > 0 ? 'refused' : 'disabled';
  hs.decide({
    about: 'early_data',
    by: 'server',
    chosen: accepted ? 'accepted' : null,
    reason,
    alternatives: [],
  });
  return accepted ? 'accepted' : 'refused';
}

/** §8.3: milliseconds by which the ticket's age, as the client sees it, may differ from ours. */
const FRESHNESS_WINDOW = 10_000;

/** Sends the ServerHello (§4.2.3) with our share. Gives the shared secret; undefined for PSK without (EC)DHE. */
function sendServerHello(hs: Server, hello: Hello, chosen: Chosen): Uint8Array | undefined {
  hs.transcript.add(hello.bytes);
  const random = hs.random(32);
  const share = chosen.group === null ? undefined : encapsulate(hs, hello, chosen.group);
  const plain: MessageBody<'ServerHello'> = {
    legacyVersion: Version['TLSv1.2'],
    random,
    legacySessionIdEcho: hello.body.legacySessionId,
    cipherSuite: chosen.suite.code,
    legacyCompressionMethod: 0,
    extensions: {
      supportedVersions: Version['TLSv1.3'],
      ...(share && { keyShare: { group: chosen.group!, keyExchange: share.ciphertext } }),
      ...(chosen.psk && { preSharedKey: chosen.psk.index }),
    },
  };
  hs.send('ServerHello', hs.config.shapeHello?.(plain) ?? plain);
  if (hello.body.legacySessionId.length > 0) hs.io.sendChangeCipherSpec();
  return share?.secret;
}

function encapsulate(
  hs: Server,
  hello: Hello,
  group: number,
): { ciphertext: Uint8Array; secret: Uint8Array } {
  const share = hello.x.keyShare!.find((entry) => entry.group === group)!;
  try {
    return hs.provider.keyAgreement(groupName(group)).encapsulate(share.keyExchange, hs.config.random);
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause;
    throw new TlsError('bad_key_share', { cause, facts: { group: groupName(group) } });
  }
}

interface HandshakeKeys {
  readonly secret: HandshakeSecret;
  readonly client: TrafficSecret;
  readonly server: TrafficSecret;
}

/** §7.1: both handshake traffic secrets. What we read with first depends on early data (§4.3.10). */
function deriveHandshakeKeys(
  hs: Server,
  chosen: Chosen,
  sharedSecret: Uint8Array | undefined,
  early: EarlyDataVerdict,
): HandshakeKeys {
  const stage = chosen.psk?.early ?? EarlySecret.from(hs.provider, chosen.suite.hash);
  if (early === 'accepted') readEarlyData(hs, chosen, stage);
  const secret = stage.toHandshake(sharedSecret);
  const hash = hs.transcript.digest();
  const client = secret.clientTraffic(chosen.suiteKeys, hash);
  const server = secret.serverTraffic(chosen.suiteKeys, hash);
  hs.useSecret('SERVER_HANDSHAKE_TRAFFIC_SECRET', server, 'server', 'handshake');
  if (early !== 'accepted') hs.useSecret('CLIENT_HANDSHAKE_TRAFFIC_SECRET', client, 'client', 'handshake');
  if (early === 'refused') hs.io.skipEarlyData('decrypts');
  return { secret, client, server };
}

/** The early traffic secret is bound to the ClientHello alone, which the transcript has no more by itself. */
function readEarlyData(hs: Server, chosen: Chosen, stage: EarlySecret): void {
  const hash = chosen.psk!.helloHash;
  hs.logSecret('EARLY_EXPORTER_SECRET', stage.earlyExporter(hash));
  hs.useSecret(
    'CLIENT_EARLY_TRAFFIC_SECRET',
    stage.clientEarlyTraffic(chosen.suiteKeys, hash),
    'client',
    'early_data',
  );
  hs.io.acceptEarlyData(chosen.psk!.state!.maxEarlyData);
}

/** Sends EncryptedExtensions (§4.4.1). */
function sendEncryptedExtensions(hs: Server, hello: Hello, chosen: Chosen, earlyData: boolean): void {
  const { x } = hello;
  const { config } = hs;
  const sizeLimit = config.recordSizeLimit !== undefined && x.recordSizeLimit !== undefined;
  hs.send('EncryptedExtensions', {
    extensions: {
      ...(chosen.alpn !== null && { alpn: [fromLatin1(chosen.alpn)] }),
      ...(x.serverCertificateType && !chosen.psk && { serverCertificateType: chosen.types.server }),
      ...(x.clientCertificateType &&
        !chosen.psk &&
        (config.clientAuth ?? 'none') !== 'none' && { clientCertificateType: chosen.types.client }),
      ...(config.announceGroups && { supportedGroups: config.announceGroups }),
      ...(sizeLimit && { recordSizeLimit: config.recordSizeLimit! }),
      // Also when resuming: in TLS 1.3 the name is negotiated anew each time (§4.7.1), and RFC 8448 §4 shows it.
      ...(x.serverName && { serverName: true }),
      ...(earlyData && { earlyData: true }),
    },
  });
  if (x.recordSizeLimit !== undefined) acceptRecordSizeLimit(hs, x.recordSizeLimit, sizeLimit);
}

/** RFC 8449 §4: below 64 is an error; the limit holds for both sides once both named one. */
function acceptRecordSizeLimit(hs: Server, limit: number, answered: boolean): void {
  if (limit < 64) throw tlsError('bad_record_size_limit', { limit });
  if (!answered) return;
  hs.io.setSendLimit(Math.min(limit, 16_385) - 1);
  hs.io.setReceiveLimit(hs.config.recordSizeLimit!);
}

/** Sends a CertificateRequest where the configuration wants one. Never with a PSK (§4.4.2). */
function sendCertificateRequest(hs: Server, chosen: Chosen): boolean {
  if (chosen.psk || (hs.config.clientAuth ?? 'none') === 'none') return false;
  hs.send('CertificateRequest', certificateRequest(hs, EMPTY));
  return true;
}

/** §4.4.2; `context` is empty during the handshake. */
export function certificateRequest(hs: Server, context: Uint8Array): MessageBody<'CertificateRequest'> {
  const { config } = hs;
  const compression = compressionCodes(usableCompression(hs));
  return {
    certificateRequestContext: context,
    extensions: {
      signatureAlgorithms: config.signatureSchemes ?? DEFAULT_SCHEMES,
      ...(config.signatureSchemesCert && { signatureAlgorithmsCert: config.signatureSchemesCert }),
      ...(config.certificateAuthorities?.length && { certificateAuthorities: config.certificateAuthorities }),
      ...(compression.length > 0 && { compressCertificate: compression }),
      ...(config.requestClientOcsp && { statusRequest: OCSP_REQUEST }),
    },
  };
}

/** Sends our chain and the proof of its key. */
function* authenticateOurselves(
  hs: Server,
  hello: Hello,
  chosen: Chosen,
  { credential, scheme }: ChosenCredential,
): Flow<void> {
  sendCertificate(hs, credential, {
    context: EMPTY,
    schemes: hello.info.signatureSchemes,
    peerExtensions: hello.x.order ?? [],
    compression: hello.x.compressCertificate ?? [],
    rawPublicKey: chosen.types.server === RAW_PUBLIC_KEY,
  });
  yield* sendCertificateVerify(hs, credential, scheme);
}

function* receiveEndOfEarlyData(hs: Server, client: TrafficSecret): Flow<void> {
  const { bytes } = yield* receive(hs, 'EndOfEarlyData');
  hs.transcript.add(bytes);
  hs.io.acceptEarlyData(null);
  hs.useSecret('CLIENT_HANDSHAKE_TRAFFIC_SECRET', client, 'client', 'handshake');
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
function* authenticateClient(hs: Server, chosen: Chosen): Flow<PeerIdentity> {
  const peer = yield* authenticatePeer(hs, clientTerms(hs, EMPTY, chosen.types.client === RAW_PUBLIC_KEY));
  if (peer) return peer;
  if (hs.config.clientAuth === 'require') throw tlsError('no_peer_certificate');
  return { anonymous: true };
}
