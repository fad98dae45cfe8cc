/**
 * The server of TLS 1.3 (RFC 9846 §2 figure 1, appendix A.2), in the order in which things happen. What it takes
 * from the ClientHello is in `server-negotiation.ts`.
 */
import { EMPTY, fromLatin1 } from '../bytes/index.js';
import { CryptoError } from '../crypto/provider.js';
import { TlsError, tlsError } from '../errors.js';
import {
  EarlySecret,
  type HandshakeSecret,
  type SuiteKeys,
  suiteKeys,
  type TrafficSecret,
} from '../keys/index.js';
import { RAW_PUBLIC_KEY } from '../messages/extensions/certificate-types.js';
import { PSK_DHE_KE, PSK_KE } from '../messages/extensions/pre-shared-key.js';
import type { MessageBody } from '../messages/index.js';
import { type CipherSuite, groupName, Version } from '../registry/index.js';
import { FRESHNESS_WINDOW } from '../session/index.js';
import { sendCertificate, sendCertificateVerify } from './authentication.js';
import { authenticateClient, certificateRequest } from './certificate-request.js';
import type { EarlyDataOffer, ServerConfig } from './config.js';
import { type ChosenCredential, chooseCredential } from './credential-choice.js';
import { type Established13, establish, type PeerIdentity } from './established.js';
import { receiveFinished, sendFinished } from './finished.js';
import { ask, type Flow, receive } from './flow.js';
import { callerSays, type Handshake } from './handshake.js';
import { agreeOnTerms, checkHello13, retryIfNeeded, type Terms } from './receive-client-hello.js';
import {
  type ChosenPsk,
  chooseAlpn,
  chooseCertificateTypes,
  choosePsk,
  type Hello,
  noSharedGroup,
} from './server-negotiation.js';

type Server = Handshake<ServerConfig>;

/** RFC 9846 §2, figure 1, as the server sees it. */
export function* serverHandshake13(hs: Server, first: Hello): Flow<Established13> {
  checkHello13(hs, first);
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
  const peer: PeerIdentity = requested
    ? yield* authenticateClient(hs, chosen.types.client === RAW_PUBLIC_KEY)
    : whoElse(chosen);
  const finished = yield* receiveFinished(hs, keys.client);
  hs.io.expectNoChangeCipherSpec();
  hs.useSecret('CLIENT_TRAFFIC_SECRET_0', traffic.client, 'client', 'application_data');
  const resumption = master.resumption(hs.transcript.digest());
  keys.client.wipe();
  keys.server.wipe();
  const { suite, group, alpn } = chosen;
  return establish(hs, {
    protocol: 'tls13',
    version: Version['TLSv1.3'],
    suite,
    group,
    alpn,
    earlyDataAccepted: early === 'accepted',
    peer,
    finished,
    traffic,
    exporter,
    resumption,
    serverName: hello.info.serverName,
    clientAbilities: abilitiesOf(hs, hello),
  });
}

/** §4.3.9: a ticket is of use only in a mode that both sides have. */
function abilitiesOf(hs: Server, { x }: Hello): Established13['clientAbilities'] {
  const modes = x.pskKeyExchangeModes ?? [];
  const usesTickets =
    modes.includes(PSK_DHE_KE) || (modes.includes(PSK_KE) && hs.config.pskWithoutDhe === true);
  return { usesTickets, postHandshakeAuth: x.postHandshakeAuth === true };
}

function whoElse(chosen: Chosen): PeerIdentity {
  return chosen.psk ? { resumed: chosen.psk.state } : { anonymous: true };
}

interface Chosen {
  readonly suite: CipherSuite;
  readonly suiteKeys: SuiteKeys;
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
    if (hello.x.preSharedKey && knowsKeysOnly(hs)) throw tlsError('unknown_psk_identity');
    // Without a PSK the rest of §9.2 holds as well.
    if (!hello.x.signatureAlgorithms)
      throw tlsError('missing_extension', { extension: 'signature_algorithms' });
    if (group === undefined) throw noSharedGroup(hs, hello);
  }
  const alpn = yield* chooseAlpn(hs, hello);
  const types = chooseCertificateTypes(hs, hello);
  const credential = psk ? null : yield* chooseCredential(hs, hello, types.server);
  const withGroup = psk && !psk.dhe ? null : group!;
  return {
    suite,
    suiteKeys: suiteKeys(suite),
    group: withGroup,
    psk,
    credential,
    alpn,
    types,
  };
}

/** A server with external PSKs and nothing else to show: who offers others is to know why it fails (§6.2). */
function knowsKeysOnly({ config }: Server): boolean {
  const { externalPsks, findPsk, credentials, chooseCredential } = config;
  const keys = (externalPsks?.length ?? 0) > 0 || findPsk !== undefined;
  return keys && !credentials?.length && !chooseCredential;
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
  const { acceptEarlyData, maxEarlyData = 0 } = hs.config;
  const offer = maxEarlyData > 0 && !retried ? earlyOffer(hs, hello, chosen) : undefined;
  const accepted = acceptEarlyData && offer ? yield* ask(callerSays(() => acceptEarlyData(offer))) : false;
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

/** What the caller is asked about, where the first PSK is a fresh ticket for the same suite and protocol; else undefined. */
function earlyOffer(hs: Server, hello: Hello, { psk, suite, alpn }: Chosen): EarlyDataOffer | undefined {
  const offered = hello.x.preSharedKey;
  const state = psk?.state;
  if (!offered || psk?.index !== 0 || !state || state.maxEarlyData === 0) return undefined;
  const { identity, obfuscatedTicketAge } = offered.identities[0]!;
  const claimedAge = (obfuscatedTicketAge - state.ageAdd + 0x1_0000_0000) % 0x1_0000_0000;
  const fresh = Math.abs(hs.now() - state.issuedAt - claimedAge) <= FRESHNESS_WINDOW;
  if (!fresh || state.cipherSuite !== suite.code || state.alpn !== alpn) return undefined;
  return { binder: offered.binders[0]!, ticket: identity, serverName: hello.info.serverName };
}

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
      keyShare: share && { group: chosen.group!, keyExchange: share.ciphertext },
      preSharedKey: chosen.psk?.index,
    },
  };
  hs.send('ServerHello', callerSays(() => hs.config.shapeHello?.(plain)) ?? plain);
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
  const hash = hs.provider.digest(chosen.suite.hash, chosen.psk!.hello);
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
      alpn: chosen.alpn === null ? undefined : [fromLatin1(chosen.alpn)],
      serverCertificateType: x.serverCertificateType && chosen.types.server,
      clientCertificateType:
        x.clientCertificateType && !chosen.psk && (config.clientAuth ?? 'none') !== 'none'
          ? chosen.types.client
          : undefined,
      supportedGroups: config.announceGroups,
      recordSizeLimit: sizeLimit ? config.recordSizeLimit : undefined,
      // RFC 6066 §3: not when a session is resumed.
      serverName: (x.serverName && !chosen.psk?.state) || undefined,
      earlyData: earlyData || undefined,
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
