/**
 * The client of TLS 1.2, 1.1 and 1.0 (RFC 5246 §7.3 figure 1, RFC 4346, RFC 2246), from the ServerHello on, in the
 * order in which things happen. The steps that need more words are in `before13/`.
 */
import { concat, equal } from '../bytes/index.js';
import { decode } from '../codec/index.js';
import { tlsError } from '../errors.js';
import { type DirectionKeys, MasterSecret12, transcriptHashes } from '../keys/index.js';
import { RAW_PUBLIC_KEY } from '../messages/extensions/certificate-types.js';
import { keyExchangeForms, usesPsk, usesRsa } from '../messages/index.js';
import { HandshakeType, Version } from '../registry/index.js';
import type { Side } from '../trace/index.js';
import { sendCertificateVerify12, sendClientCertificate12 } from './before13/client-certificate.js';
import {
  NO_SHARE,
  paramsBytes,
  type ServerShare,
  sendClientKeyExchange,
  takeServerShare,
} from './before13/key-exchange.js';
import { acceptServerHello12, type Chosen12 } from './before13/receive-server-hello.js';
import {
  type CertificateRequest,
  curveIsNamed,
  keyFitsSuite,
  peerSigning,
  receiveCertificate12,
  receiveCertificateRequest12,
} from './before13/signing.js';
import type { Previous } from './before13/terms.js';
import { acceptType, typesOf } from './certificate-types.js';
import type { Offer } from './client-hello.js';
import type { ClientConfig } from './config.js';
import {
  authenticatedAt,
  type Established12,
  establish,
  type PeerIdentity,
  peerChain,
  peerRawKey,
  trustIn,
} from './established.js';
import { receiveFinished, sendFinished, type VerifiedFinished } from './finished.js';
import { type Flow, peekType, type Received, receive, receiveChangeCipherSpec } from './flow.js';
import { callerSays, type Handshake } from './handshake.js';
import { type JudgedPeer, proveByFinished, proveBySignature, type VerifiedPeer } from './peer-proof.js';
import { presentedIn } from './resumption.js';

type Client = Handshake<ClientConfig>;

/** RFC 5246 §7.3, figure 1, as the client sees it; figure 2 where a session goes on. */
export function* clientHandshake12(
  hs: Client,
  offer: Offer,
  hello: Received<'ServerHello'>,
  version: number,
  previous: Previous,
): Flow<Established12> {
  const chosen = acceptServerHello12(hs, offer, hello.body, version, previous);
  hs.transcript.add(hello.bytes);
  hs.transcript.keep();
  hs.transcript.start(...transcriptHashes(version, chosen.suite));
  if (chosen.resumed) return yield* resume(hs, chosen, chosen.resumed, previous);

  const certificate = chosen.suite.auth === 'PSK' ? null : yield* receiveServerCertificate(hs, offer, chosen);
  if (certificate && previous) checkSameServer(certificate, previous);
  const { share, signer } = yield* receiveServerKeyExchange(hs, offer, chosen, certificate);
  const request = yield* receiveRequest(hs, chosen);
  yield* receiveServerHelloDone(hs);

  const own = request ? yield* sendOwnCertificate(hs, request, chosen) : null;
  const premaster = yield* sendClientKeyExchange(hs, offer, chosen, share, certificate);
  const master = deriveMaster(hs, chosen, premaster);
  if (own) yield* sendCertificateVerify12(hs, own);
  hs.transcript.forget();
  const keys = master.keys(chosen.cipher);
  const clientData = changeAndFinish(hs, master, keys.client);
  startFalsely(hs, chosen, share);

  const ticket = chosen.ticketFollows ? yield* receiveTicket(hs) : null;
  const finished = yield* changeAndReceiveFinished(hs, master, keys.server);
  hs.io.expectEndOfFlight();
  const peer: PeerIdentity =
    signer ?? (certificate ? proveByFinished(certificate, finished) : { resumed: null });
  const done = finish(hs, chosen, master, peer, finished, clientData, share.group);
  // A renegotiation makes no session: its master secret says less about the peer than the first one.
  if (!previous) giveSession(hs, chosen, done, ticket);
  return done;
}

/** Sends the hello of a renegotiation (RFC 5746 §3.5) and goes through all of it again. */
export function* renegotiateAsClient(hs: Client, offer: Offer, previous: Established12): Flow<Established12> {
  hs.rememberClientRandom(offer.hello.random);
  hs.transcript.add(offer.bytes);
  hs.sendBytes(offer.bytes);
  const hello = yield* receive(hs, 'ServerHello');
  const version = hello.body.legacyVersion;
  if (version !== previous.version) throw tlsError('illegal_version_chosen');
  return yield* clientHandshake12(hs, offer, hello, version, previous);
}

/** Figure 2: both sides have the master secret; the server finishes first. */
function* resume(
  hs: Client,
  chosen: Chosen12,
  session: NonNullable<Chosen12['resumed']>,
  previous: Previous,
): Flow<Established12> {
  hs.transcript.forget();
  const master = new MasterSecret12(
    hs.provider,
    chosen.version,
    chosen.suite,
    session.psk.slice(),
    chosen.clientRandom,
    chosen.serverRandom,
  );
  hs.logSecret('CLIENT_RANDOM', master.secret);
  const leaf = session.peerRawKey ?? session.peerChain[0];
  const before = previous && (peerRawKey(previous.peer) ?? peerChain(previous.peer)[0]);
  if (previous && !(leaf && before && equal(leaf, before))) throw tlsError('server_changed_in_renegotiation');
  const keys = master.keys(chosen.cipher);
  const ticket = chosen.ticketFollows ? yield* receiveTicket(hs) : null;
  const finished = yield* changeAndReceiveFinished(hs, master, keys.server);
  hs.io.expectEndOfFlight();
  const clientData = changeAndFinish(hs, master, keys.client);
  const done = finish(hs, chosen, master, { resumed: session }, finished, clientData, null);
  giveSession(hs, chosen, done, ticket);
  return done;
}

function* receiveServerCertificate(hs: Client, offer: Offer, chosen: Chosen12): Flow<JudgedPeer> {
  const judged = yield* receiveCertificate12(hs, {
    role: 'server',
    serverName: hs.config.serverName ?? null,
    statusMayFollow: chosen.statusMayFollow,
    scts: chosen.scts,
    rawPublicKey: chosen.types.server === RAW_PUBLIC_KEY,
    use: usesRsa(chosen.kx) ? 'keyEncipherment' : 'digitalSignature',
    fits: (key) =>
      keyFitsSuite(key, chosen.suite, chosen.version) && curveIsNamed(key, chosen.suite, offer.groups),
  });
  return judged!;
}

/** RFC 7627 §1, RFC 5746 §5: whoever answers now must be who answered before. */
function checkSameServer(certificate: JudgedPeer, previous: Established12): void {
  const { chain, rawPublicKey } = certificate.presentation;
  const [now, before] = [rawPublicKey ?? chain[0], peerRawKey(previous.peer) ?? peerChain(previous.peer)[0]];
  if (!before || !now || !equal(now, before)) throw tlsError('server_changed_in_renegotiation');
}

function* sendOwnCertificate(hs: Client, request: CertificateRequest, chosen: Chosen12) {
  const type = acceptType(chosen.types.client, typesOf(hs.config, 'own'));
  return yield* sendClientCertificate12(hs, request, chosen.version, type);
}

interface Exchange {
  readonly share: ServerShare;
  /** The server, where its signature proved it. */
  readonly signer: VerifiedPeer | null;
}

/** RFC 5246 §7.4.3: there where the key exchange has parameters, or under a PSK where the server has a hint to give. */
function* receiveServerKeyExchange(
  hs: Client,
  offer: Offer,
  chosen: Chosen12,
  certificate: JudgedPeer | null,
): Flow<Exchange> {
  const { kx, version } = chosen;
  if (kx === 'RSA') return { share: NO_SHARE, signer: null };
  if (kx === 'PSK' || kx === 'RSA_PSK') {
    const next = yield* peekType();
    if (next !== HandshakeType.server_key_exchange) return { share: NO_SHARE, signer: null };
  }
  const { bytes } = yield* receive(hs, 'ServerKeyExchange');
  const body = decode(keyExchangeForms(kx, version).server, bytes, 4);
  hs.transcript.add(bytes);
  if (usesPsk(kx)) return { share: takeServerShare(hs, offer, body), signer: null };
  const { params, signed } = body;
  const signing = peerSigning(certificate!.publicKey, version, signed!.algorithm, offer.schemes);
  const content = concat(chosen.clientRandom, chosen.serverRandom, paramsBytes(kx, params!));
  const signer = proveBySignature(certificate!, signing.algorithm, content, signed!.signature, signing.name);
  decideScheme(hs, 'server', signing.name);
  return { share: takeServerShare(hs, offer, body), signer };
}

function decideScheme(hs: Handshake, by: Side, name: string): void {
  hs.decide({ about: 'signature_scheme', by, chosen: name, reason: 'chosen_by_server', alternatives: [] });
}

/** RFC 5246 §7.4.4: not from a server that is not authenticated by a certificate itself. */
function* receiveRequest(hs: Client, chosen: Chosen12): Flow<CertificateRequest | null> {
  if (usesPsk(chosen.kx) && chosen.kx !== 'RSA_PSK') return null;
  const next = yield* peekType();
  if (next === HandshakeType.certificate_request)
    return yield* receiveCertificateRequest12(hs, chosen.version);
  if (hs.config.credentials?.length) {
    hs.decide({
      about: 'client_certificate',
      by: 'server',
      chosen: null,
      reason: 'not_requested',
      alternatives: [],
    });
  }
  return null;
}

function* receiveServerHelloDone(hs: Client): Flow<void> {
  const { bytes } = yield* receive(hs, 'ServerHelloDone');
  hs.transcript.add(bytes);
  hs.io.expectEndOfFlight();
}

/** RFC 5246 §8.1, RFC 7627 §4: the transcript has ClientKeyExchange and no more. */
function deriveMaster(hs: Client, chosen: Chosen12, premaster: Uint8Array): MasterSecret12 {
  const master = MasterSecret12.from(
    hs.provider,
    chosen.version,
    chosen.suite,
    premaster,
    chosen.clientRandom,
    chosen.serverRandom,
    chosen.extendedMasterSecret ? hs.transcript.digest() : null,
  );
  hs.logSecret('CLIENT_RANDOM', master.secret);
  return master;
}

/** Our ChangeCipherSpec and Finished (§7.1, §7.4.9). Gives our verify_data. */
function changeAndFinish(hs: Client, master: MasterSecret12, keys: DirectionKeys): Uint8Array {
  hs.changeWriteKeys(keys);
  return sendFinished(hs, { verifyData: (hash) => master.verifyData('client', hash) });
}

function* changeAndReceiveFinished(
  hs: Client,
  master: MasterSecret12,
  keys: DirectionKeys,
): Flow<VerifiedFinished> {
  yield* receiveChangeCipherSpec();
  hs.changeReadKeys(keys);
  return yield* receiveFinished(hs, { verifyData: (hash) => master.verifyData('server', hash) });
}

/** RFC 7918 §3: with forward secrecy and an AEAD, of a server that is proven. */
function startFalsely(hs: Client, chosen: Chosen12, share: ServerShare): void {
  const strong =
    chosen.version >= Version['TLSv1.2'] && chosen.cipher.kind === 'aead' && chosen.kx === 'ECDHE';
  if (hs.config.falseStart && strong && share.agreement) hs.io.allowEarlyWriting();
}

interface Ticket {
  readonly lifetime: number;
  readonly ticket: Uint8Array;
}

/** RFC 5077 §3.3: promised in the ServerHello; empty where the server thought better of it. */
function* receiveTicket(hs: Client): Flow<Ticket | null> {
  const { body, bytes } = yield* receive(hs, 'NewSessionTicket12');
  hs.transcript.add(bytes);
  return body.ticket.length > 0 ? { lifetime: body.ticketLifetimeHint, ticket: body.ticket } : null;
}

function finish(
  hs: Client,
  chosen: Chosen12,
  master: MasterSecret12,
  peer: PeerIdentity,
  finished: VerifiedFinished,
  clientData: Uint8Array,
  group: number | null,
): Established12 {
  return establish(hs, {
    protocol: 'tls12',
    version: chosen.version,
    suite: chosen.suite,
    group,
    alpn: chosen.alpn,
    peer,
    finished,
    serverName: hs.config.serverName ?? null,
    earlyDataAccepted: false,
    exporter: master,
    master,
    extendedMasterSecret: chosen.extendedMasterSecret,
    secureRenegotiation: chosen.secureRenegotiation,
    firstFinished: 'resumed' in peer && peer.resumed !== null ? 'server' : 'client',
    verifyData: { client: clientData, server: finished.verifyData },
    keptAs: null,
  });
}

/** Seconds; a server that says 0 leaves it to us (RFC 5077 §3.3). At most a day: such sessions have no forward secrecy. */
const DEFAULT_LIFETIME = 7200;
const MAX_LIFETIME = 86_400;

/** Hands the session to the caller where the server gave an id or a ticket for it. */
function giveSession(hs: Client, chosen: Chosen12, done: Established12, ticket: Ticket | null): void {
  const { onSession } = hs.config;
  const kept = ticket ?? (chosen.resumed?.ticket.length ? null : { lifetime: 0, ticket: new Uint8Array(0) });
  const sessionId = ticket ? new Uint8Array(0) : chosen.sessionId;
  if (!onSession || !kept || (!ticket && (sessionId.length === 0 || chosen.resumed))) return;
  const now = Math.floor(hs.now());
  // A session that goes on has the same keys: a new ticket does not make it younger.
  const left = MAX_LIFETIME - Math.ceil((now - authenticatedAt(done.peer, now)) / 1000);
  if (left <= 0) return;
  const session = {
    version: done.version,
    cipherSuite: done.suite.code,
    psk: done.master.secret.slice(),
    ticket: kept.ticket.slice(),
    lifetime: Math.min(kept.lifetime || DEFAULT_LIFETIME, left),
    ageAdd: 0,
    receivedAt: now,
    authenticatedAt: authenticatedAt(done.peer, now),
    maxEarlyData: 0,
    serverName: done.serverName,
    alpn: done.alpn,
    peerChain: peerChain(done.peer),
    peerRawKey: peerRawKey(done.peer),
    trust: trustIn(done.peer),
    presented: presentedIn(hs, done.peer),
    sessionId: sessionId.slice(),
    extendedMasterSecret: done.extendedMasterSecret,
  };
  callerSays(() => onSession(session));
}
