/**
 * The ServerHello of TLS 1.0 to 1.2 as the client takes it (RFC 5246 §7.4.1.3), with the extensions that it answered:
 * what it may say is judged by what was offered, and in a renegotiation by what was before (RFC 5746 §3.5).
 */
import { concat, equal, equalSecret, toLatin1 } from '../../bytes/index.js';
import { tlsError } from '../../errors.js';
import { cipherOf } from '../../keys/index.js';
import type { Extensions, KeyExchange12, ServerHello } from '../../messages/index.js';
import {
  type CipherSuite,
  cipherSuiteByCode,
  cipherSuiteName,
  extensionName,
  ExtensionType as X,
} from '../../registry/index.js';
import type { Session } from '../../session/index.js';
import { acceptType, typesOf } from '../certificate-types.js';
import type { Offer } from '../client-hello.js';
import type { ClientConfig } from '../config.js';
import type { Handshake } from '../handshake.js';
import { observedChoice } from '../negotiation.js';
import { suitesOf } from '../suites.js';
import type { Previous, Terms12 } from './terms.js';

type Client = Handshake<ClientConfig>;
type Answers = Extensions<'SH'>;

/** What a ServerHello may answer before TLS 1.3. */
const ALLOWED: ReadonlySet<number> = new Set<number>([
  X.server_name,
  X.max_fragment_length,
  X.status_request,
  X.supported_groups,
  X.ec_point_formats,
  X.application_layer_protocol_negotiation,
  X.signed_certificate_timestamp,
  X.encrypt_then_mac,
  X.extended_master_secret,
  X.record_size_limit,
  X.session_ticket,
  X.renegotiation_info,
  X.client_certificate_type,
  X.server_certificate_type,
]);

export interface Chosen12 extends Terms12 {
  /** The session that the server agreed to go on with; null for a full handshake. */
  readonly resumed: Session | null;
  readonly sessionId: Uint8Array;
  readonly statusMayFollow: boolean;
  readonly scts: readonly Uint8Array[];
  /** Types of certificate (RFC 7250 §4.2); the client's is of meaning only where the server asks for one. */
  readonly types: { readonly server: number; readonly client: number | undefined };
}

export function acceptServerHello12(
  hs: Client,
  offer: Offer,
  hello: ServerHello,
  version: number,
  previous: Previous,
): Chosen12 {
  const x = (hello.extensions as Answers | undefined) ?? {};
  checkExtensions(offer, x);
  const suite = acceptSuite(hs, offer, hello, version);
  if (hello.legacyCompressionMethod !== 0) throw tlsError('compression_chosen');
  hs.io.agreeOn12(version);
  hs.speak(version, suite.kx as KeyExchange12);
  const resumed = acceptSessionId(hs, offer, hello, version);
  const secureRenegotiation = checkRenegotiationInfo(hs, x, previous);
  const extendedMasterSecret = acceptExtendedMasterSecret(hs, x, resumed, previous);
  acceptSizes(hs, x);
  if (suite.cbc) reportEncryptThenMac(hs, x.encryptThenMac === true);
  return {
    version,
    suite,
    kx: suite.kx as KeyExchange12,
    cipher: cipherOf(suite, x.encryptThenMac === true)!,
    clientRandom: offer.hello.random,
    serverRandom: hello.random,
    extendedMasterSecret,
    secureRenegotiation,
    // RFC 7301 §3.1: of the connection, which goes on.
    alpn: previous ? previous.alpn : acceptAlpn(hs, x),
    ticketFollows: x.sessionTicket !== undefined,
    resumed,
    sessionId: hello.legacySessionIdEcho,
    statusMayFollow: x.statusRequest !== undefined,
    scts: x.signedCertificateTimestamp ?? [],
    types: {
      server: acceptType(x.serverCertificateType, typesOf(hs.config, 'peer')),
      client: x.clientCertificateType,
    },
  };
}

function checkExtensions(offer: Offer, x: Answers): void {
  for (const code of x.order ?? []) {
    // RFC 5246 §7.4.1.4: only what was asked for.
    if (!offer.extensions.includes(code) || !ALLOWED.has(code))
      throw tlsError('unsolicited_extension', { message: 'ServerHello', extension: extensionName(code) });
  }
  // RFC 8422 §5.2: what every client can read has to be among them.
  if (x.ecPointFormats && !x.ecPointFormats.includes(0)) throw tlsError('bad_point_formats');
  // RFC 7366 §3: not without a block cipher; judged with the suite.
}

function acceptSuite(hs: Client, offer: Offer, hello: ServerHello, version: number): CipherSuite {
  const code = hello.cipherSuite;
  const suite = cipherSuiteByCode(code);
  if (!suite || !offer.suites.includes(code) || !suitesOf(hs, version).includes(code))
    throw tlsError('unoffered_cipher_suite', { suite: cipherSuiteName(code) });
  const x = hello.extensions as Answers | undefined;
  if (x?.encryptThenMac && !suite.cbc)
    throw tlsError('forbidden_extension', { message: 'ServerHello', extension: 'encrypt_then_mac' });
  hs.decide({
    about: 'cipher_suite',
    by: 'server',
    ...observedChoice(code, offer.suites, cipherSuiteName, suitesOf(hs, version)),
  });
  return suite;
}

/** RFC 5246 §7.4.1.3: our own id again means that the session goes on; only one that we meant may. */
function acceptSessionId(hs: Client, offer: Offer, hello: ServerHello, version: number): Session | null {
  const echoed =
    hello.legacySessionIdEcho.length > 0 && equal(hello.legacySessionIdEcho, offer.hello.legacySessionId);
  const session = offer.session12;
  if (session) {
    hs.decide({
      about: 'session',
      by: 'server',
      chosen: echoed ? (session.ticket.length > 0 ? 'ticket' : 'session_id') : null,
      reason: echoed ? 'resumed' : 'refused',
      alternatives: [],
    });
  }
  if (!echoed) return null;
  if (!session) throw tlsError('session_not_resumable', { reason: 'not_offered' });
  if (session.version !== version || session.cipherSuite !== hello.cipherSuite)
    throw tlsError('session_not_resumable', { reason: 'other_version_or_suite' });
  return session;
}

/** RFC 5746 §3.4, §3.5: empty the first time, afterwards both sides' last verify_data. True where the server knows it. */
function checkRenegotiationInfo(hs: Client, x: Answers, previous: Previous): boolean {
  const info = x.renegotiationInfo;
  if (!previous) {
    if (info && info.length > 0) throw tlsError('renegotiation_info_mismatch');
    if (!info && hs.config.requireSecureRenegotiation) throw tlsError('no_secure_renegotiation');
  } else {
    const expected = concat(previous.verifyData.client, previous.verifyData.server);
    if (!info || !equalSecret(info, expected)) throw tlsError('renegotiation_info_mismatch');
  }
  hs.decide({
    about: 'secure_renegotiation',
    by: 'server',
    chosen: info ? 'renegotiation_info' : null,
    reason: info ? 'accepted' : 'not_supported_by_server',
    alternatives: [],
  });
  return info !== undefined;
}

/** RFC 7627 §5.3: a session keeps its kind. */
function acceptExtendedMasterSecret(
  hs: Client,
  x: Answers,
  resumed: Session | null,
  previous: Previous,
): boolean {
  const extended = x.extendedMasterSecret === true;
  const before = resumed ? (resumed.extendedMasterSecret ?? false) : previous?.extendedMasterSecret;
  if (before !== undefined && before !== extended) throw tlsError('extended_master_secret_changed');
  if (!extended && hs.config.requireExtendedMasterSecret) throw tlsError('extended_master_secret_missing');
  hs.decide({
    about: 'extended_master_secret',
    by: 'server',
    chosen: extended ? 'extended_master_secret' : null,
    reason: extended ? 'accepted' : 'not_supported_by_server',
    alternatives: [],
  });
  return extended;
}

function reportEncryptThenMac(hs: Client, accepted: boolean): void {
  const asked = hs.config.encryptThenMac ?? true;
  hs.decide({
    about: 'encrypt_then_mac',
    by: 'server',
    chosen: accepted ? 'encrypt_then_mac' : null,
    reason: accepted ? 'accepted' : asked ? 'not_supported_by_server' : 'disabled',
    alternatives: [],
  });
}

function acceptAlpn(hs: Client, x: Answers): string | null {
  const offered = hs.config.alpn ?? [];
  const alpn = x.alpn ? toLatin1(x.alpn[0]!) : null;
  if (alpn !== null && !offered.includes(alpn)) throw tlsError('unoffered_alpn', { chosen: alpn, offered });
  if (offered.length > 0) {
    hs.decide({
      about: 'alpn',
      by: 'server',
      chosen: alpn,
      reason: alpn === null ? 'not_supported_by_server' : 'chosen_by_server',
      alternatives: offered
        .filter((name) => name !== alpn)
        .map((value) => ({ value, reason: 'less_preferred' as const })),
    });
  }
  return alpn;
}

/** RFC 8449 §4, RFC 6066 §4: one of the two, and what was asked for. */
function acceptSizes(hs: Client, x: Answers): void {
  const { config } = hs;
  if (x.recordSizeLimit !== undefined) {
    if (x.recordSizeLimit < 64 || x.maxFragmentLength !== undefined)
      throw tlsError('bad_record_size_limit', { limit: x.recordSizeLimit });
    hs.io.setSendLimit(Math.min(x.recordSizeLimit, 16_384));
    hs.io.setReceiveLimit(config.recordSizeLimit!);
  } else if (x.maxFragmentLength !== undefined) {
    const bytes = 2 ** (8 + x.maxFragmentLength);
    if (bytes !== config.maxFragmentLength) throw tlsError('bad_max_fragment_length', { bytes });
    hs.io.setSendLimit(bytes);
    hs.io.setReceiveLimit(bytes);
  }
}
