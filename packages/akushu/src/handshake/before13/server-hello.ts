/** The ServerHello of TLS 1.0 to 1.2 as a server sends it (RFC 5246 §7.4.1.3), with its answers to the client's extensions. */
import { concat, EMPTY, equalSecret, fromLatin1 } from '../../bytes/index.js';
import { tlsError } from '../../errors.js';
import type { Extensions } from '../../messages/index.js';
import { Scsv, Version } from '../../registry/index.js';
import type { ServerConfig } from '../config.js';
import { callerSays, type Handshake } from '../handshake.js';
import type { Hello } from '../server-negotiation.js';
import { usableVersions } from '../suites.js';
import type { Negotiated12 } from './negotiation.js';
import type { Previous, Terms12 } from './terms.js';

type Server = Handshake<ServerConfig>;

/** What of the answers depends on more than the hellos. */
export interface Answers {
  readonly resumed: boolean;
  readonly ticketFollows: boolean;
  readonly sessionId: Uint8Array;
}

/** RFC 5746 §3.6, §3.7: whether the client knows of secure renegotiation. Throws `renegotiation_info_mismatch`, `no_secure_renegotiation`. */
export function checkClientRenegotiationInfo(hs: Server, hello: Hello, previous: Previous): boolean {
  const info = hello.x.renegotiationInfo;
  const signalled = hello.body.cipherSuites.includes(Scsv.TLS_EMPTY_RENEGOTIATION_INFO_SCSV);
  if (!previous) {
    if (info && info.length > 0) throw tlsError('renegotiation_info_mismatch');
    if (!info && !signalled && hs.config.requireSecureRenegotiation)
      throw tlsError('no_secure_renegotiation');
    return info !== undefined || signalled;
  }
  if (signalled || !info || !equalSecret(info, previous.verifyData.client))
    throw tlsError('renegotiation_info_mismatch');
  return true;
}

/** Sends it; sets the record version and the sizes that follow from it. Gives what both sides know now. */
export function sendServerHello12(
  hs: Server,
  hello: Hello,
  chosen: Negotiated12,
  answers: Answers,
  secureRenegotiation: boolean,
  previous: Previous,
): Terms12 {
  const serverRandom = helloRandom(hs, chosen.version);
  const extensions = answersTo(hs, hello, chosen, answers, secureRenegotiation, previous);
  const plain = {
    legacyVersion: chosen.version,
    random: serverRandom,
    legacySessionIdEcho: answers.sessionId,
    cipherSuite: chosen.suite.code,
    legacyCompressionMethod: 0,
    // RFC 5246 §7.4.1.4: a client that sent no extensions may not know of any.
    extensions: hello.body.extensions && !isEmpty(extensions) ? extensions : undefined,
  };
  hs.send('ServerHello', callerSays(() => hs.config.shapeHello?.(plain)) ?? plain);
  decideAll(hs, hello, chosen, secureRenegotiation);
  return { serverRandom, secureRenegotiation, ticketFollows: answers.ticketFollows, ...chosen };
}

/** RFC 9846 §4.2.3: the last bytes tell a client of a later version that we could have done better. */
function helloRandom(hs: Server, version: number): Uint8Array {
  const random = hs.random(32).slice();
  const best = usableVersions(hs)[0]!;
  if (best >= Version['TLSv1.3'] && version === Version['TLSv1.2'])
    random.set(fromLatin1('DOWNGRD\u0001'), 24);
  if (best >= Version['TLSv1.2'] && version < Version['TLSv1.2']) random.set(fromLatin1('DOWNGRD\u0000'), 24);
  return random;
}

const isEmpty = (extensions: Extensions<'SH'>): boolean =>
  Object.values(extensions).every((value) => value === undefined);

function answersTo(
  hs: Server,
  hello: Hello,
  chosen: Negotiated12,
  answers: Answers,
  secureRenegotiation: boolean,
  previous: Previous,
): Extensions<'SH'> {
  const { x } = hello;
  const { credential, cipher } = chosen;
  const full = !answers.resumed;
  const renegotiated = previous ? concat(previous.verifyData.client, previous.verifyData.server) : EMPTY;
  return {
    renegotiationInfo: secureRenegotiation ? renegotiated : undefined,
    // RFC 6066 §3: not when a session is resumed.
    serverName: (x.serverName && full) || undefined,
    ecPointFormats: x.ecPointFormats && chosen.suite.kx.startsWith('ECDHE') ? [0] : undefined,
    sessionTicket: answers.ticketFollows ? EMPTY : undefined,
    encryptThenMac: (cipher.kind === 'cbc' && cipher.encryptThenMac) || undefined,
    extendedMasterSecret: chosen.extendedMasterSecret || undefined,
    alpn:
      chosen.alpn !== null && hello.info.alpn.includes(chosen.alpn) ? [fromLatin1(chosen.alpn)] : undefined,
    statusRequest: full && x.statusRequest && credential?.ocsp ? true : undefined,
    signedCertificateTimestamp: full && x.signedCertificateTimestamp ? credential?.scts : undefined,
    // Also where a session goes on: it is what the client would have to take.
    serverCertificateType: x.serverCertificateType && chosen.types.server,
    clientCertificateType:
      full && x.clientCertificateType && (hs.config.clientAuth ?? 'none') !== 'none'
        ? chosen.types.client
        : undefined,
    ...sizes(hs, x),
  };
}

/** RFC 8449 §4 before RFC 6066 §4, where a client asks for both (RFC 8449 §5). */
function sizes(
  hs: Server,
  x: Extensions<'CH'>,
): Pick<Extensions<'SH'>, 'recordSizeLimit' | 'maxFragmentLength'> {
  const { recordSizeLimit } = hs.config;
  if (x.recordSizeLimit !== undefined && x.recordSizeLimit < 64)
    throw tlsError('bad_record_size_limit', { limit: x.recordSizeLimit });
  if (x.recordSizeLimit !== undefined && recordSizeLimit !== undefined) {
    hs.io.setSendLimit(Math.min(x.recordSizeLimit, 16_384));
    hs.io.setReceiveLimit(recordSizeLimit);
    return { recordSizeLimit };
  }
  if (x.maxFragmentLength === undefined) return {};
  if (x.maxFragmentLength < 1 || x.maxFragmentLength > 4)
    throw tlsError('bad_max_fragment_length', { code: x.maxFragmentLength });
  const bytes = 2 ** (8 + x.maxFragmentLength);
  hs.io.setSendLimit(bytes);
  hs.io.setReceiveLimit(bytes);
  return { maxFragmentLength: x.maxFragmentLength };
}

function decideAll(hs: Server, hello: Hello, chosen: Negotiated12, secureRenegotiation: boolean): void {
  const { cipher } = chosen;
  hs.decide({
    about: 'extended_master_secret',
    by: 'server',
    chosen: chosen.extendedMasterSecret ? 'extended_master_secret' : null,
    reason: chosen.extendedMasterSecret ? 'accepted' : 'not_offered_by_client',
    alternatives: [],
  });
  hs.decide({
    about: 'secure_renegotiation',
    by: 'server',
    chosen: secureRenegotiation ? 'renegotiation_info' : null,
    reason: secureRenegotiation ? 'accepted' : 'not_offered_by_client',
    alternatives: [],
  });
  if (cipher.kind !== 'cbc') return;
  hs.decide({
    about: 'encrypt_then_mac',
    by: 'server',
    chosen: cipher.encryptThenMac ? 'encrypt_then_mac' : null,
    reason: cipher.encryptThenMac
      ? 'accepted'
      : hello.x.encryptThenMac
        ? 'disabled'
        : 'not_offered_by_client',
    alternatives: [],
  });
}
