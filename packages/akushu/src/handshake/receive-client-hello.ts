/**
 * The ClientHello as a server takes it, what TLS 1.3 wants of it (RFC 9846 §4.2.2, §9.2), and the round with a
 * HelloRetryRequest (§4.2.4). What is taken from it is in `server-negotiation.ts`.
 */
import { equal } from '../bytes/index.js';
import { tlsError } from '../errors.js';
import { type ClientHello, type Extensions, encodeBareBody, HELLO_RETRY_RANDOM } from '../messages/index.js';
import { type CipherSuite, groupName, Version } from '../registry/index.js';
import { checkOfferedTypes } from './certificate-types.js';
import type { ServerConfig } from './config.js';
import { checkRequest } from './extension-rules.js';
import { type Flow, receive } from './flow.js';
import { callerSays, type Handshake } from './handshake.js';
import { chooseGroup, chooseSuite, describeHello, type Hello, noSharedGroup } from './server-negotiation.js';

type Server = Handshake<ServerConfig>;

/** Receives a ClientHello of any version. Not yet in the transcript. */
export function* receiveClientHello(hs: Server): Flow<Hello> {
  const { body, bytes } = yield* receive(hs, 'ClientHello');
  return takeClientHello(hs, body, bytes);
}

export function takeClientHello(hs: Server, body: ClientHello, bytes: Uint8Array): Hello {
  hs.rememberClientRandom(body.random);
  hs.io.answerIn(body.legacyVersion);
  return describeHello(body, bytes);
}

/** Checks what must hold in TLS 1.3 whatever is negotiated (§4.2.2, §9.2). */
export function checkHello13(hs: Server, { body, x }: Hello): void {
  hs.io.agreeOn13();
  if (x.malformed13) throw x.malformed13;
  // §4.2.2: exactly one method, null.
  if (body.legacyCompressionMethods.length !== 1 || body.legacyCompressionMethods[0] !== 0)
    throw tlsError('compression_offered');
  checkRequest('CH', x.order ?? []);
  checkPresence(x);
  checkPreSharedKey(x);
  checkKeyShares(x);
  checkOfferedTypes(x.serverCertificateType, x.clientCertificateType);
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

export interface Terms {
  readonly suite: CipherSuite;
  readonly group: number | undefined;
}

export function agreeOnTerms(hs: Server, hello: Hello): Terms {
  const suite = chooseSuite(hs, hello);
  const group = hello.x.supportedGroups ? chooseGroup(hs, hello) : undefined;
  if (group === undefined && !hello.x.preSharedKey) throw noSharedGroup(hs, hello);
  return { suite, group };
}

/** Sends a HelloRetryRequest where a share or a cookie is wanting (§4.2.4). Starts the transcript. */
export function* retryIfNeeded(
  hs: Server,
  first: Hello,
  terms: Terms,
): Flow<{ hello: Hello; retried: boolean }> {
  const hasShare =
    terms.group === undefined || first.x.keyShare!.some((share) => share.group === terms.group);
  if (first.x.cookie) throw tlsError('bad_cookie');
  if (hasShare && !hs.config.requireCookie) {
    hs.transcript.start(terms.suite.hash);
    return { hello: first, retried: false };
  }
  hs.io.expectEndOfFlight();
  const cookie =
    callerSays(() => hs.config.makeCookie?.(first.bytes)) ??
    (hs.config.requireCookie ? hs.random(32) : undefined);
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
  if (!second.x.supportedVersions?.includes(Version['TLSv1.3']))
    throw tlsError('hello_changed_after_retry', { field: 'supported_versions' });
  checkHello13(hs, second);
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
