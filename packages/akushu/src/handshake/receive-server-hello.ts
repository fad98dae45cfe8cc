/**
 * ServerHello and HelloRetryRequest as the client takes them (RFC 9846 §4.2.3, §4.2.4): what they may say is judged by
 * what was offered.
 */
import { equal, toLatin1 } from '../bytes/index.js';
import { CryptoError } from '../crypto/provider.js';
import { TlsError, tlsError } from '../errors.js';
import { type SuiteKeys, suiteKeys } from '../keys/index.js';
import type { Extensions, ServerHello } from '../messages/index.js';
import {
  type CipherSuite,
  cipherSuiteByCode,
  cipherSuiteName,
  groupName,
  Version,
} from '../registry/index.js';
import { type Offer, retryOffer } from './client-hello.js';
import type { ClientConfig } from './config.js';
import { checkResponse } from './extension-rules.js';
import { type Flow, type Received, receive } from './flow.js';
import type { Handshake } from './handshake.js';
import { observedChoice } from './negotiation.js';
import type { OfferedPsk } from './psk.js';
import { suitesOf, versionLabel } from './suites.js';

type Client = Handshake<ClientConfig>;

/** Appendix E.4: a ChangeCipherSpec before the second flight, where a session id was sent. */
export function sendCompatibilityMessage(hs: Client, offer: Offer): void {
  if (offer.hello.legacySessionId.length > 0) hs.io.sendChangeCipherSpec();
}

export interface Chosen {
  readonly suite: CipherSuite;
  readonly suiteKeys: SuiteKeys;
  /** Code point; null for PSK without (EC)DHE. */
  readonly group: number | null;
  readonly sharedSecret: Uint8Array | undefined;
  readonly psk: OfferedPsk | null;
}

/**
 * The version that a ServerHello speaks (§4.2.3, §4.3.1). Throws where it was not offered, where it is an older one
 * that somebody forced upon a server that could do better, or what no server may say.
 */
export function acceptVersion(hs: Client, offer: Offer, hello: ServerHello): number {
  const extensions = hello.extensions?.retry ?? (hello.extensions as Extensions<'SH'> | undefined) ?? {};
  const named = extensions.supportedVersions;
  const version = named ?? hello.legacyVersion;
  const older = version < Version['TLSv1.3'];
  // Appendix E.5: nor SSL 3.0 under another name.
  if (hello.legacyVersion <= Version.SSLv3) throw unsupportedVersion(offer, hello.legacyVersion);
  // §4.3.1: the extension is for TLS 1.3 and later alone, and names what was offered.
  if (named !== undefined && (older || !offer.versions.includes(named)))
    throw tlsError('illegal_version_chosen', { chosen: versionLabel(named) });
  if (named === undefined && older) refuseDowngrade(offer, hello, version);
  if (named === undefined && (!older || !offer.versions.includes(version)))
    throw unsupportedVersion(offer, version);
  if (named !== undefined && hello.legacyVersion !== Version['TLSv1.2'])
    throw tlsError('illegal_version_chosen', { legacyVersion: versionLabel(hello.legacyVersion) });
  // §4.2.3: this random means a HelloRetryRequest, which older versions do not have.
  if (older && hello.extensions?.retry)
    throw tlsError('illegal_version_chosen', { chosen: versionLabel(version) });
  if (older && offer.earlyData)
    throw tlsError('old_version_after_early_data', { chosen: versionLabel(version) });
  hs.speak(version);
  hs.decide({
    about: 'version',
    by: 'server',
    chosen: versionLabel(version),
    reason: offer.versions.length === 1 ? 'only_shared' : 'chosen_by_server',
    alternatives: offer.versions
      .filter((code) => code !== version)
      .map((code) => ({
        value: versionLabel(code),
        reason: code > version ? ('not_supported_by_server' as const) : ('lower_version' as const),
      })),
  });
  return version;
}

function unsupportedVersion(offer: Offer, version: number): TlsError {
  return tlsError('unsupported_version_chosen', {
    chosen: versionLabel(version),
    supported: offer.versions.map((code) => versionLabel(code)),
  });
}

/** §4.2.3: a server that could do better says so in its random; then somebody on the way took it from our hello. */
function refuseDowngrade(offer: Offer, hello: ServerHello, version: number): void {
  const tail = toLatin1(hello.random.subarray(24));
  const best = offer.versions[0]!;
  const from13 = tail === 'DOWNGRD\u0001' && best >= Version['TLSv1.3'];
  const from12 = tail === 'DOWNGRD\u0000' && best >= Version['TLSv1.2'] && version < best;
  if (from13 || from12) throw tlsError('downgrade_detected', { chosen: versionLabel(version) });
}

/** Takes the ServerHello of TLS 1.3, going round once more on a HelloRetryRequest. Sets the transcript's hash. */
export function* takeServerHello(
  hs: Client,
  first: Offer,
  message: Received<'ServerHello'>,
): Flow<{ chosen: Chosen; offer: Offer }> {
  checkServerHello(hs, first, message.body);
  const retry = message.body.extensions?.retry;
  if (!retry) {
    hs.transcript.add(message.bytes);
    return { chosen: acceptServerHello(hs, first, message.body), offer: first };
  }
  const offer = answerRetry(hs, first, message.body, retry, message.bytes);
  const second = yield* receive(hs, 'ServerHello');
  if (second.body.extensions?.retry) throw tlsError('second_hello_retry_request');
  const version = (second.body.extensions as Extensions<'SH'> | undefined)?.supportedVersions;
  if (version !== Version['TLSv1.3'])
    throw tlsError('illegal_version_chosen', { chosen: versionLabel(version ?? second.body.legacyVersion) });
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
  if (hello.legacyVersion !== Version['TLSv1.2'])
    throw tlsError('illegal_version_chosen', { legacyVersion: versionLabel(hello.legacyVersion) });
  if (!equal(hello.legacySessionIdEcho, offer.hello.legacySessionId)) throw tlsError('session_id_not_echoed');
  const offered = offer.suites.includes(hello.cipherSuite);
  if (!offered || !cipherSuiteByCode(hello.cipherSuite)?.versions.includes('TLSv1.3'))
    throw tlsError('unoffered_cipher_suite', { suite: cipherSuiteName(hello.cipherSuite) });
  if (hello.legacyCompressionMethod !== 0) throw tlsError('compression_chosen');
  checkResponse(retry ? 'HRR' : 'SH', extensions.order ?? [], offer.extensions);
  hs.io.agreeOn13();
}

/** §4.2.4: checks what the server asks for, sends the second ClientHello. */
function answerRetry(
  hs: Client,
  first: Offer,
  hello: ServerHello,
  retry: Extensions<'HRR'>,
  bytes: Uint8Array,
): Offer {
  hs.io.expectEndOfFlight();
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
  hs.decide({
    about: 'cipher_suite',
    by: 'server',
    ...observedChoice(suite.code, offer.suites, cipherSuiteName, suitesOf(hs, Version['TLSv1.3'])),
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
