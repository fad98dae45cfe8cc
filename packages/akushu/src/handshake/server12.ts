/**
 * The server of TLS 1.2, 1.1 and 1.0 (RFC 5246 §7.3 figure 1, RFC 4346, RFC 2246), from the ClientHello on, in the
 * order in which things happen. The steps that need more words are in `before13/`.
 */
import { concat, EMPTY } from '../bytes/index.js';
import { encode } from '../codec/index.js';
import { tlsError } from '../errors.js';
import { cipherOf, type DirectionKeys, MasterSecret12, transcriptHashes } from '../keys/index.js';
import { RAW_PUBLIC_KEY } from '../messages/extensions/certificate-types.js';
import { type KeyExchange12, keyExchangeForms, usesPsk } from '../messages/index.js';
import { cipherSuiteByCode, Scheme, signatureSchemeName, Version } from '../registry/index.js';
import { signWith } from './authentication.js';
import { makeShare, type OwnShare, paramsBytes, receiveClientKeyExchange } from './before13/key-exchange.js';
import { type Negotiated12, negotiate12 } from './before13/negotiation.js';
import { checkClientRenegotiationInfo, sendServerHello12 } from './before13/server-hello.js';
import {
  CLIENT_CERTIFICATE_TYPES,
  certificateTypeOf,
  peerSigning,
  receiveCertificate12,
  sendCertificate12,
} from './before13/signing.js';
import type { Previous, Terms12 } from './before13/terms.js';
import {
  type Found,
  findSession12,
  keepSession12,
  sendTicket12,
  wantsNewTicket,
} from './before13/tickets.js';
import { checkOfferedTypes } from './certificate-types.js';
import { DEFAULT_SCHEMES, type ServerConfig } from './config.js';
import { type Established12, establish, type PeerIdentity } from './established.js';
import { receiveFinished, sendFinished, type VerifiedFinished } from './finished.js';
import { type Flow, receive, receiveChangeCipherSpec, take } from './flow.js';
import { callerSays, type Handshake } from './handshake.js';
import { type JudgedPeer, proveBySignature } from './peer-proof.js';
import { takeClientHello } from './receive-client-hello.js';
import { chooseAlpn, chooseCertificateTypes, type Hello } from './server-negotiation.js';
import { versionLabel } from './suites.js';

type Server = Handshake<ServerConfig>;

/** RFC 5246 §7.3, figure 1, as the server sees it; figure 2 where a session goes on. */
export function* serverHandshake12(
  hs: Server,
  hello: Hello,
  version: number,
  previous: Previous,
): Flow<Established12> {
  checkHello12(hs, hello);
  hs.io.agreeOn12(version);
  hs.io.expectEndOfFlight();
  hs.transcript.add(hello.bytes);
  const secure = checkClientRenegotiationInfo(hs, hello, previous);
  checkExtendedMasterSecret(hs, hello, previous);
  const found = previous ? null : yield* findSession12(hs, hello, version);
  if (found) return yield* resume(hs, hello, found, secure);

  const chosen = yield* negotiate12(hs, hello, version, previous);
  const ticketFollows = !previous && hs.config.tickets !== undefined && hello.x.sessionTicket !== undefined;
  const sessionId = newSessionId(hs, previous, ticketFollows);
  hs.transcript.keep();
  hs.transcript.start(...transcriptHashes(version, chosen.suite));
  const terms = sendServerHello12(
    hs,
    hello,
    chosen,
    { resumed: false, ticketFollows, sessionId },
    secure,
    previous,
  );
  sendCertificate(hs, hello, chosen);
  const share = makeShare(hs, chosen.kx, chosen.group);
  yield* sendServerKeyExchange(hs, chosen, terms, share);
  const requested = sendCertificateRequest(hs, chosen);
  hs.send('ServerHelloDone', {});

  const client = requested
    ? yield* receiveClientCertificate(hs, chosen.types.client === RAW_PUBLIC_KEY)
    : null;
  const offered = hello.body.legacyVersion;
  const premaster = yield* receiveClientKeyExchange(hs, terms, share, chosen.credential, offered);
  const master = deriveMaster(hs, terms, premaster);
  const peer: PeerIdentity = client
    ? yield* receiveCertificateVerify(hs, client, version)
    : usesPsk(chosen.kx)
      ? { resumed: null }
      : { anonymous: true };
  hs.transcript.forget();
  const keys = master.keys(chosen.cipher);
  const finished = yield* changeAndReceiveFinished(hs, master, keys.client);
  hs.io.expectEndOfFlight();
  const group = chosen.group;
  const serverName = hello.info.serverName;
  if (ticketFollows) yield* sendTicket12(hs, { ...terms, master, peer, serverName });
  else yield* keepSession12(hs, sessionId, { ...terms, master, peer, serverName });
  const serverData = changeAndFinish(hs, master, keys.server);
  return finish(hs, terms, master, peer, finished, serverData, group, serverName, sessionId);
}

/** RFC 5246 §7.4.1.3: empty where the session is not kept here. */
function newSessionId(hs: Server, previous: Previous, ticketFollows: boolean): Uint8Array {
  const { sessionIds } = hs.config;
  return sessionIds && !previous && !ticketFollows ? callerSays(() => sessionIds.newId()) : EMPTY;
}

/** From a ClientHello on an established connection (RFC 5746 §3.7). */
export function* renegotiateAsServer(
  hs: Server,
  previous: Established12,
  message: Uint8Array,
): Flow<Established12> {
  const { body, bytes } = take(hs, message, ['ClientHello']);
  const hello = takeClientHello(hs, body, bytes);
  const offered = hello.x.supportedVersions ?? [body.legacyVersion];
  // The connection keeps its version, which the client must still offer.
  if (!offered.some((version) => version >= previous.version))
    throw tlsError('no_shared_version', {
      offered: offered.map(versionLabel),
      supported: [versionLabel(previous.version)],
    });
  return yield* serverHandshake12(hs, hello, previous.version, previous);
}

/** RFC 5246 §7.4.1.2. */
function checkHello12(hs: Server, { body, x }: Hello): void {
  // Others were offered once; null has to be among them.
  if (!body.legacyCompressionMethods.includes(0)) throw tlsError('compression_offered');
  checkOfferedTypes(x.serverCertificateType, x.clientCertificateType);
  if (hs.config.requireExtendedMasterSecret && !x.extendedMasterSecret)
    throw tlsError('extended_master_secret_missing');
}

function checkExtendedMasterSecret(_hs: Server, { x }: Hello, previous: Previous): void {
  if (previous && previous.extendedMasterSecret !== (x.extendedMasterSecret === true))
    throw tlsError('extended_master_secret_changed');
}

/** Figure 2: we finish first. */
function* resume(hs: Server, hello: Hello, found: Found, secure: boolean): Flow<Established12> {
  const session = found.state;
  const { version } = session;
  const suite = cipherSuiteByCode(session.cipherSuite)!;
  const kx = suite.kx as KeyExchange12;
  hs.speak(version, kx);
  const alpn = yield* chooseAlpn(hs, hello);
  const encryptThenMac = hello.x.encryptThenMac === true && (hs.config.encryptThenMac ?? true);
  const extendedMasterSecret = session.extendedMasterSecret ?? false;
  const chosen: Negotiated12 = {
    version,
    suite,
    kx,
    cipher: cipherOf(suite, encryptThenMac && suite.cbc !== null)!,
    clientRandom: hello.body.random,
    extendedMasterSecret,
    alpn,
    group: null,
    credential: null,
    signing: null,
    types: chooseCertificateTypes(hs, hello),
  };
  hs.transcript.start(...transcriptHashes(version, suite));
  const sessionId = hello.body.legacySessionId;
  const ticketFollows = wantsNewTicket(hs, hello, found);
  const answers = { resumed: true, ticketFollows, sessionId };
  const terms = sendServerHello12(hs, hello, chosen, answers, secure, null);
  const master = new MasterSecret12(
    hs.provider,
    version,
    suite,
    session.psk.slice(),
    terms.clientRandom,
    terms.serverRandom,
  );
  hs.logSecret('CLIENT_RANDOM', master.secret);
  const keys = master.keys(terms.cipher);
  const peer: PeerIdentity = { resumed: session };
  const { serverName } = hello.info;
  if (ticketFollows) yield* sendTicket12(hs, { ...terms, master, peer, serverName });
  const serverData = changeAndFinish(hs, master, keys.server);
  const finished = yield* changeAndReceiveFinished(hs, master, keys.client);
  hs.io.expectEndOfFlight();
  const kept = found.by === 'session_id' ? sessionId : EMPTY;
  return finish(hs, terms, master, peer, finished, serverData, null, serverName, kept);
}

/** RFC 5246 §7.4.2, RFC 6066 §8. */
function sendCertificate(hs: Server, hello: Hello, { credential, types }: Negotiated12): void {
  if (!credential) return;
  const raw = types.server === RAW_PUBLIC_KEY;
  sendCertificate12(hs, credential, raw);
  if (!raw && credential.ocsp && hello.x.statusRequest)
    hs.send('CertificateStatus', { statusType: 1, response: credential.ocsp });
}

/** RFC 5246 §7.4.3, RFC 4279 §2: nothing where there are no parameters and no hint. */
function* sendServerKeyExchange(
  hs: Server,
  { kx, version, credential, signing }: Negotiated12,
  terms: Terms12,
  share: OwnShare | null,
): Flow<void> {
  const hint = hs.config.pskIdentityHint;
  if (!share && !(usesPsk(kx) && hint)) return;
  const form = keyExchangeForms(kx, version).server;
  const body = {
    ...(usesPsk(kx) && { pskIdentityHint: hint ?? EMPTY }),
    ...(share && { params: share.params }),
  };
  if (!signing) {
    hs.send('ServerKeyExchange', encode(form, body));
    return;
  }
  const content = concat(terms.clientRandom, terms.serverRandom, paramsBytes(kx, share!.params));
  const signature = yield* signWith(hs, credential!, signing.name, content);
  const signed = { ...(signing.code !== null && { algorithm: signing.code }), signature };
  hs.send('ServerKeyExchange', encode(form, { ...body, signed }));
}

/** RFC 5246 §7.4.4: only a server that has a certificate itself may ask for one. */
function sendCertificateRequest(hs: Server, { credential, version }: Negotiated12): boolean {
  const { clientAuth = 'none', certificateAuthorities = [], signatureSchemes = DEFAULT_SCHEMES } = hs.config;
  if (!credential || clientAuth === 'none') return false;
  const schemes = schemesBefore13(signatureSchemes);
  if (schemes.length === 0)
    throw tlsError('no_shared_signature_scheme', { supported: signatureSchemes.map(signatureSchemeName) });
  const common = { certificateTypes: CLIENT_CERTIFICATE_TYPES, certificateAuthorities };
  if (version < Version['TLSv1.2']) hs.send('CertificateRequest10', common);
  else
    hs.send('CertificateRequest12', {
      ...common,
      supportedSignatureAlgorithms: schemes,
    });
  return true;
}

/** ML-DSA is for TLS 1.3 alone (draft-ietf-tls-mldsa). */
function schemesBefore13(codes: readonly number[]): readonly number[] {
  const later: readonly number[] = [Scheme.mldsa44, Scheme.mldsa65, Scheme.mldsa87];
  return codes.filter((code) => !later.includes(code));
}

function* receiveClientCertificate(hs: Server, rawPublicKey: boolean): Flow<JudgedPeer | null> {
  const judged = yield* receiveCertificate12(hs, {
    role: 'client',
    serverName: null,
    statusMayFollow: false,
    scts: [],
    rawPublicKey,
    use: 'digitalSignature',
    fits: (key) =>
      !key.kind.startsWith('ml-dsa') && CLIENT_CERTIFICATE_TYPES.includes(certificateTypeOf(key)),
  });
  if (!judged && hs.config.clientAuth === 'require') throw tlsError('no_peer_certificate');
  return judged;
}

/** RFC 5246 §7.4.8: over all messages so far. */
function* receiveCertificateVerify(hs: Server, client: JudgedPeer, version: number): Flow<PeerIdentity> {
  const content = hs.transcript.messages();
  const message =
    version < Version['TLSv1.2']
      ? yield* receive(hs, 'CertificateVerify10')
      : yield* receive(hs, 'CertificateVerify12');
  const code = message.name === 'CertificateVerify12' ? message.body.algorithm : undefined;
  const signing = peerSigning(client.publicKey, version, code, hs.config.signatureSchemes ?? DEFAULT_SCHEMES);
  const peer = proveBySignature(client, signing.algorithm, content, message.body.signature, signing.name);
  hs.transcript.add(message.bytes);
  return peer;
}

/** RFC 5246 §8.1, RFC 7627 §4: the transcript has ClientKeyExchange and no more. */
function deriveMaster(hs: Server, terms: Terms12, premaster: Uint8Array): MasterSecret12 {
  const master = MasterSecret12.from(
    hs.provider,
    terms.version,
    terms.suite,
    premaster,
    terms.clientRandom,
    terms.serverRandom,
    terms.extendedMasterSecret ? hs.transcript.digest() : null,
  );
  hs.logSecret('CLIENT_RANDOM', master.secret);
  return master;
}

function* changeAndReceiveFinished(
  hs: Server,
  master: MasterSecret12,
  keys: DirectionKeys,
): Flow<VerifiedFinished> {
  yield* receiveChangeCipherSpec();
  hs.changeReadKeys(keys);
  return yield* receiveFinished(hs, { verifyData: (hash) => master.verifyData('client', hash) });
}

function changeAndFinish(hs: Server, master: MasterSecret12, keys: DirectionKeys): Uint8Array {
  hs.changeWriteKeys(keys);
  return sendFinished(hs, { verifyData: (hash) => master.verifyData('server', hash) });
}

function finish(
  hs: Server,
  terms: Terms12,
  master: MasterSecret12,
  peer: PeerIdentity,
  finished: VerifiedFinished,
  serverData: Uint8Array,
  group: number | null,
  serverName: string | null,
  sessionId: Uint8Array,
): Established12 {
  return establish(hs, {
    protocol: 'tls12',
    version: terms.version,
    suite: terms.suite,
    group,
    alpn: terms.alpn,
    peer,
    finished,
    serverName,
    earlyDataAccepted: false,
    exporter: master,
    master,
    extendedMasterSecret: terms.extendedMasterSecret,
    secureRenegotiation: terms.secureRenegotiation,
    firstFinished: 'resumed' in peer && peer.resumed !== null ? 'server' : 'client',
    verifyData: { client: finished.verifyData, server: serverData },
    keptAs: sessionId.length > 0 ? sessionId : null,
  });
}
