/** The client's offer: how the first ClientHello is put together, and the second after a HelloRetryRequest (RFC 9846 §4.2.2). */

import { EMPTY, fromLatin1 } from '../bytes/index.js';
import type { KeyShare } from '../crypto/provider.js';
import { tlsError } from '../errors.js';
import { PSK_DHE_KE, PSK_KE } from '../messages/extensions/pre-shared-key.js';
import { OCSP_REQUEST } from '../messages/extensions/status-request.js';
import { type ClientHello, decodeBody, type Extensions, messageBytes } from '../messages/index.js';
import { cipherSuiteByCode, groupByCode, groupName, Version } from '../registry/index.js';
import type { Session } from '../session/index.js';
import { compressionCodes, usableCompression } from './certificate-compression.js';
import { typesToOffer } from './certificate-types.js';
import { type ClientConfig, DEFAULT_GROUPS, DEFAULT_SCHEMES, DEFAULT_SUITES } from './config.js';
import { addGrease } from './grease.js';
import { callerSays, type Handshake } from './handshake.js';
import {
  emptyBinders,
  fromExternal,
  fromSession,
  isFresh,
  type OfferedPsk,
  obfuscatedAge,
  writeBinders,
} from './psk.js';

/** Everything that was offered, by which the server's answers are judged. */
export interface Offer {
  readonly hello: ClientHello;
  readonly bytes: Uint8Array;
  /** Code points of the extensions, as sent. */
  readonly extensions: readonly number[];
  readonly suites: readonly number[];
  readonly groups: readonly number[];
  readonly schemes: readonly number[];
  readonly shares: ReadonlyMap<number, KeyShare>;
  readonly psks: readonly OfferedPsk[];
  readonly earlyData: Uint8Array | null;
}

type Client = Handshake<ClientConfig>;
type HelloExtensions = Extensions<'CH'>;

/** Makes the first offer. Generates key shares; adds nothing to the transcript. */
export function makeOffer(hs: Client): Offer {
  const { config, provider } = hs;
  const suites = (config.cipherSuites ?? DEFAULT_SUITES).filter((code) => {
    const suite = cipherSuiteByCode(code);
    return suite?.versions.includes('TLSv1.3') && suite.aead && provider.aeads.includes(suite.aead);
  });
  const groups = (config.groups ?? DEFAULT_GROUPS).filter((code) =>
    provider.groups.some((name) => name === groupByCode(code)?.iana),
  );
  const schemes = config.signatureSchemes ?? DEFAULT_SCHEMES;
  if (suites.length === 0 || groups.length === 0)
    throw new RangeError('the configuration leaves no cipher suite or no group to offer');

  const random = hs.random(32);
  const sessionId = (config.middleboxCompatibility ?? true) ? hs.random(32) : EMPTY;
  const shares = new Map<number, KeyShare>();
  for (const code of config.keyShares ?? defaultShares(groups)) {
    if (!groups.includes(code))
      throw new RangeError(`"keyShares" expected groups that are offered, got ${groupName(code)}`);
    shares.set(code, provider.keyAgreement(groupName(code)).generate(config.random));
  }
  const psks = offeredPsks(hs, suites);
  const first = psks[0]?.session;
  const early = config.replayableEarlyData;
  const earlyData = early && first && allowsEarlyData(config, first, suites, early.length) ? early : null;

  const hello: ClientHello = {
    legacyVersion: Version['TLSv1.2'],
    random,
    legacySessionId: sessionId,
    cipherSuites: suites,
    legacyCompressionMethods: [0],
    extensions: helloExtensions(hs, { groups, schemes, shares, psks, earlyData: earlyData !== null }),
  };
  const greased = config.grease ? addGrease(hello, hs.random(6)) : hello;
  return finishOffer(hs, callerSays(() => config.shapeHello?.(greased)) ?? greased, {
    suites,
    groups,
    schemes,
    shares,
    psks,
    earlyData,
  });
}

/** §4.3.10: within the ticket's limit, and what was negotiated then can be negotiated now. */
function allowsEarlyData(
  config: ClientConfig,
  session: Session,
  suites: readonly number[],
  length: number,
): boolean {
  const sameProtocol = session.alpn === null || (config.alpn ?? []).includes(session.alpn);
  return session.maxEarlyData >= length && suites.includes(session.cipherSuite) && sameProtocol;
}

/** By default a share for the most preferred post-quantum group, and one for the most preferred classical one. */
function defaultShares(groups: readonly number[]): number[] {
  const ofKind = (postQuantum: boolean) =>
    groups.find((code) => (groupByCode(code)?.postQuantum ?? false) === postQuantum);
  const chosen = [ofKind(true), ofKind(false)].filter((code) => code !== undefined);
  return chosen.sort((a, b) => groups.indexOf(a) - groups.indexOf(b));
}

function offeredPsks(hs: Client, suites: readonly number[]): OfferedPsk[] {
  const { session, externalPsks } = hs.config;
  const psks = (externalPsks ?? []).map(fromExternal);
  // A session is bound to the name that its server proved (§4.7.1).
  const sameServer = session?.serverName === (hs.config.serverName ?? null);
  if (session && sameServer && isFresh(session, hs.now())) psks.unshift(fromSession(session));
  // A PSK goes with one hash: useless where no suite that we offer has it.
  return psks.filter((psk) => suites.some((code) => cipherSuiteByCode(code)?.hash === psk.hash));
}

interface Parts {
  readonly groups: readonly number[];
  readonly schemes: readonly number[];
  readonly shares: ReadonlyMap<number, KeyShare>;
  readonly psks: readonly OfferedPsk[];
  readonly earlyData: boolean;
}

function helloExtensions(hs: Client, parts: Parts): HelloExtensions {
  const { config } = hs;
  const compression = compressionCodes(usableCompression(hs));
  const peerTypes = typesToOffer(config, 'peer');
  const ownTypes = typesToOffer(config, 'own');
  return {
    ...(config.serverName && {
      serverName: [{ tag: 0, kind: 'host_name', value: fromLatin1(config.serverName) }],
    }),
    supportedVersions: [Version['TLSv1.3']],
    supportedGroups: parts.groups,
    signatureAlgorithms: parts.schemes,
    ...(config.signatureSchemesCert && { signatureAlgorithmsCert: config.signatureSchemesCert }),
    keyShare: [...parts.shares].map(([group, share]) => ({ group, keyExchange: share.publicKey })),
    ...(config.alpn?.length && { alpn: config.alpn.map(fromLatin1) }),
    ...(config.requestOcsp && { statusRequest: OCSP_REQUEST }),
    ...(config.requestScts && { signedCertificateTimestamp: true }),
    ...(compression.length > 0 && { compressCertificate: compression }),
    ...(config.recordSizeLimit && { recordSizeLimit: config.recordSizeLimit }),
    ...(config.certificateAuthorities?.length && { certificateAuthorities: config.certificateAuthorities }),
    ...(config.postHandshakeAuth && { postHandshakeAuth: true }),
    ...(peerTypes && { serverCertificateType: peerTypes }),
    ...(ownTypes && { clientCertificateType: ownTypes }),
    // §4.3.9: also without a PSK, so that the server knows which tickets are of use.
    pskKeyExchangeModes: config.pskWithoutDhe ? [PSK_DHE_KE, PSK_KE] : [PSK_DHE_KE],
    ...(parts.earlyData && { earlyData: true }),
    ...pskExtension(hs, parts.psks),
  };
}

function pskExtension(hs: Client, psks: readonly OfferedPsk[]): Pick<HelloExtensions, 'preSharedKey'> {
  if (psks.length === 0) return {};
  const identities = psks.map((psk) => ({
    identity: psk.identity,
    obfuscatedTicketAge: obfuscatedAge(psk, hs.now()),
  }));
  return { preSharedKey: { identities, binders: emptyBinders(psks) } };
}

function finishOffer(
  hs: Client,
  hello: ClientHello,
  parts: Omit<Offer, 'hello' | 'bytes' | 'extensions'>,
): Offer {
  const bytes = messageBytes('ClientHello', hello);
  if (parts.psks.length > 0) writeBinders(hs, bytes, parts.psks);
  return { ...parts, hello, bytes, extensions: offeredCodes(bytes) };
}

/** Codes of the extensions as they went out, whatever the shaping did. */
function offeredCodes(bytes: Uint8Array): number[] {
  return [...(decodeBody('ClientHello', bytes).extensions?.order ?? [])];
}

/** What a HelloRetryRequest asks to be changed. */
export interface RetryWish {
  readonly group?: number | undefined;
  readonly cookie?: Uint8Array | undefined;
  readonly cipherSuite: number;
}

/** The second offer (§4.2.2): the first with nothing changed but what may be. */
export function retryOffer(hs: Client, offer: Offer, wish: RetryWish): Offer {
  const { config, provider } = hs;
  const hash = cipherSuiteByCode(wish.cipherSuite)!.hash;
  let shares = offer.shares;
  if (wish.group !== undefined) {
    shares = new Map([[wish.group, provider.keyAgreement(groupName(wish.group)).generate(config.random)]]);
  }
  // §4.2.4: PSKs of another hash than the suite's cannot be chosen any more.
  const psks = offer.psks.filter((psk) => psk.hash === hash);
  const { preSharedKey: _binders, earlyData: _early, ...kept } = offer.hello.extensions!;
  const keyShare =
    wish.group === undefined
      ? kept.keyShare!
      : [...shares].map(([group, s]) => ({ group, keyExchange: s.publicKey }));
  const hello: ClientHello = {
    ...offer.hello,
    extensions: { ...kept, keyShare, ...(wish.cookie && { cookie: wish.cookie }), ...pskExtension(hs, psks) },
  };
  if (keyShare.length === 0) throw tlsError('internal_error');
  return finishOffer(hs, callerSays(() => config.shapeHello?.(hello)) ?? hello, {
    ...offer,
    shares,
    psks,
    earlyData: null,
  });
}
