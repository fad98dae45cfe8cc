/**
 * The client's offer: how the first ClientHello is put together, and the second after a HelloRetryRequest (RFC 9846
 * §4.2.2). One hello offers all versions (RFC 9846 §4.3.1, appendix E).
 */

import { EMPTY, fromLatin1 } from '../bytes/index.js';
import type { KeyShare } from '../crypto/provider.js';
import { tlsError } from '../errors.js';
import { PSK_DHE_KE, PSK_KE } from '../messages/extensions/pre-shared-key.js';
import { OCSP_REQUEST } from '../messages/extensions/status-request.js';
import { type ClientHello, type Extensions, extensionCodesOf, messageBytes } from '../messages/index.js';
import { cipherSuiteByCode, groupByCode, groupName, Scsv, Version } from '../registry/index.js';
import type { Session } from '../session/index.js';
import { compressionCodes, usableCompression } from './certificate-compression.js';
import { typesToOffer } from './certificate-types.js';
import { type ClientConfig, DEFAULT_SCHEMES, defaultSuites } from './config.js';
import { addGrease } from './grease.js';
import { callerSays, type Handshake } from './handshake.js';
import {
  emptyBinders,
  fromExternal,
  fromSession,
  type OfferedPsk,
  obfuscatedAge,
  writeBinders,
} from './psk.js';
import { groupsOf, isEcdheGroup, isFiniteField, suitesOf, usableVersions } from './suites.js';

/** Everything that was offered, by which the server's answers are judged. */
export interface Offer {
  /** Highest first. */
  readonly versions: readonly number[];
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
  /** A session of TLS 1.2 or older that we would resume. */
  readonly session12: Session | null;
}

type Client = Handshake<ClientConfig>;
type HelloExtensions = Extensions<'CH'>;

/** What an earlier handshake on the same connection leaves to a renegotiation (RFC 5746 §3.5). */
export interface Renegotiating {
  readonly version: number;
  readonly clientVerifyData: Uint8Array;
}

/** Makes the first offer, with a session that was found good. Generates key shares; adds nothing to the transcript. */
export function makeOffer(
  hs: Client,
  past: { readonly session?: Session | null; readonly renegotiating?: Renegotiating } = {},
): Offer {
  const { renegotiating } = past;
  const { config } = hs;
  const versions = renegotiating ? [renegotiating.version] : usableVersions(hs);
  const suites = suitesToOffer(hs, versions);
  const groups = groupsOf(hs).filter((code) => usefulGroup(code, versions, suites));
  const schemes = config.signatureSchemes ?? DEFAULT_SCHEMES;
  const with13 = versions.includes(Version['TLSv1.3']);
  const needsGroup = with13 || suites.some((code) => cipherSuiteByCode(code)!.kx.startsWith('ECDHE'));
  if (versions.length === 0 || (groups.length === 0 && needsGroup))
    throw new RangeError('the configuration leaves no cipher suite or no group to offer');

  const session = session12(past.session, suites);
  const random = hs.random(32);
  const sessionId = sessionIdOf(hs, with13, session);
  const shares = with13 ? makeShares(hs, groups) : new Map<number, KeyShare>();
  const psks = with13 ? offeredPsks(hs, past.session, suites) : [];
  const first = psks[0]?.session;
  const early = config.replayableEarlyData;
  const earlyData = early && first && allowsEarlyData(config, first, suites, early.length) ? early : null;

  const parts: Parts = {
    versions,
    suites,
    groups,
    schemes,
    shares,
    psks,
    earlyData: earlyData !== null,
    session,
    ...(renegotiating && { renegotiating }),
  };
  const hello: ClientHello = {
    legacyVersion: Math.min(versions[0]!, Version['TLSv1.2']),
    random,
    legacySessionId: sessionId,
    cipherSuites: config.fallback ? [...suites, Scsv.TLS_FALLBACK_SCSV] : suites,
    legacyCompressionMethods: [0],
    extensions: helloExtensions(hs, parts),
  };
  const greased = config.grease && !renegotiating ? addGrease(hello, hs.random(6)) : hello;
  return finishOffer(hs, callerSays(() => config.shapeHello?.(greased)) ?? greased, {
    versions,
    suites,
    groups,
    schemes,
    shares,
    psks,
    earlyData,
    session12: session,
  });
}

/** Suites in the configuration's order, of whichever versions are offered. */
function suitesToOffer(hs: Client, versions: readonly number[]): readonly number[] {
  const usable = new Set(versions.flatMap((version) => suitesOf(hs, version)));
  return (hs.config.cipherSuites ?? defaultSuites(versions)).filter((code) => usable.has(code));
}

/** Before TLS 1.3 a group is of use to ECDHE or, by RFC 7919, to DHE. */
function usefulGroup(code: number, versions: readonly number[], suites: readonly number[]): boolean {
  if (versions.includes(Version['TLSv1.3'])) return true;
  const wanted = isFiniteField(code) ? 'DHE' : 'ECDHE';
  const fits = isFiniteField(code) || isEcdheGroup(code);
  return fits && suites.some((suite) => cipherSuiteByCode(suite)!.kx.split('_')[0] === wanted);
}

function makeShares(hs: Client, groups: readonly number[]): Map<number, KeyShare> {
  const { config, provider } = hs;
  const shares = new Map<number, KeyShare>();
  for (const code of config.keyShares ?? defaultShares(groups)) {
    if (!groups.includes(code))
      throw new RangeError(`"keyShares" expected groups that are offered, got ${groupName(code)}`);
    shares.set(code, provider.keyAgreement(groupName(code)).generate(config.random));
  }
  return shares;
}

/** A session of TLS 1.2 or older goes on with its suite, which has to be on offer. */
function session12(session: Session | null | undefined, suites: readonly number[]): Session | null {
  const fits = session && session.version < Version['TLSv1.3'] && suites.includes(session.cipherSuite);
  return fits ? session : null;
}

/**
 * Appendix E.4: random where TLS 1.3 is offered, so that the connection looks like a resumption. A ticket of TLS 1.2
 * likewise needs one to see whether it was accepted (RFC 5077 §3.4).
 */
function sessionIdOf(hs: Client, with13: boolean, session: Session | null): Uint8Array {
  if (session?.sessionId?.length) return session.sessionId;
  const wanted = session !== null || (with13 && (hs.config.middleboxCompatibility ?? true));
  return wanted ? hs.random(32) : EMPTY;
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

function offeredPsks(
  hs: Client,
  session: Session | null | undefined,
  suites: readonly number[],
): OfferedPsk[] {
  const psks = (hs.config.externalPsks ?? []).map(fromExternal);
  if (session?.version === Version['TLSv1.3']) psks.unshift(fromSession(session));
  // A PSK goes with one hash: useless where no suite that we offer has it.
  return psks.filter((psk) => suites.some((code) => hashOf13(code) === psk.hash));
}

/** The hash of a suite of TLS 1.3; others' go with no PSK of that version. */
function hashOf13(code: number): string | undefined {
  const suite = cipherSuiteByCode(code);
  return suite?.versions.includes('TLSv1.3') ? suite.hash : undefined;
}

interface Parts {
  readonly versions: readonly number[];
  readonly suites: readonly number[];
  readonly groups: readonly number[];
  readonly schemes: readonly number[];
  readonly shares: ReadonlyMap<number, KeyShare>;
  readonly psks: readonly OfferedPsk[];
  readonly earlyData: boolean;
  readonly session: Session | null;
  readonly renegotiating?: Renegotiating;
}

function helloExtensions(hs: Client, parts: Parts): HelloExtensions {
  const { config } = hs;
  const with13 = parts.versions.includes(Version['TLSv1.3']);
  const before13 = parts.versions.some((version) => version < Version['TLSv1.3']);
  const peerTypes = typesToOffer(config, 'peer');
  const ownTypes = typesToOffer(config, 'own');
  const of13 = with13 ? extensionsOf13(hs, parts) : undefined;
  return {
    serverName: config.serverName
      ? [{ tag: 0, kind: 'host_name', value: fromLatin1(config.serverName) }]
      : undefined,
    supportedGroups: parts.groups.length > 0 ? parts.groups : undefined,
    // RFC 5246 §7.4.1.4.1: not meaningful before TLS 1.2.
    signatureAlgorithms: parts.versions[0]! >= Version['TLSv1.2'] ? parts.schemes : undefined,
    signatureAlgorithmsCert: config.signatureSchemesCert,
    alpn: config.alpn?.length && !parts.renegotiating ? config.alpn.map(fromLatin1) : undefined,
    statusRequest: config.requestOcsp ? OCSP_REQUEST : undefined,
    signedCertificateTimestamp: config.requestScts || undefined,
    recordSizeLimit: config.recordSizeLimit,
    serverCertificateType: peerTypes,
    clientCertificateType: ownTypes,
    ...(before13 ? { ...extensionsBefore13(hs, parts), ...of13 } : of13),
  };
}

function extensionsOf13(hs: Client, parts: Parts): HelloExtensions {
  const { config } = hs;
  const compression = compressionCodes(usableCompression(hs));
  return {
    supportedVersions: parts.versions,
    keyShare: [...parts.shares].map(([group, share]) => ({ group, keyExchange: share.publicKey })),
    compressCertificate: compression.length > 0 ? compression : undefined,
    certificateAuthorities: config.certificateAuthorities?.length ? config.certificateAuthorities : undefined,
    postHandshakeAuth: config.postHandshakeAuth || undefined,
    // §4.3.9: also without a PSK, so that the server knows which tickets are of use.
    pskKeyExchangeModes: config.pskWithoutDhe ? [PSK_DHE_KE, PSK_KE] : [PSK_DHE_KE],
    earlyData: parts.earlyData || undefined,
    preSharedKey: pskExtension(hs, parts.psks),
  };
}

const FRAGMENT_CODES = { 512: 1, 1024: 2, 2048: 3, 4096: 4 } as const;

function extensionsBefore13(hs: Client, parts: Parts): HelloExtensions {
  const { config } = hs;
  const suites = parts.suites.map((code) => cipherSuiteByCode(code)!);
  const curves = suites.some((suite) => suite.kx.startsWith('ECDHE'));
  const blocks = suites.some((suite) => suite.cbc !== null);
  const tickets = config.onSession !== undefined || parts.session !== null;
  return {
    renegotiationInfo: parts.renegotiating?.clientVerifyData ?? EMPTY,
    extendedMasterSecret: true,
    ecPointFormats: curves ? [0] : undefined,
    encryptThenMac: (blocks && (config.encryptThenMac ?? true)) || undefined,
    sessionTicket: tickets ? (parts.session?.ticket ?? EMPTY) : undefined,
    maxFragmentLength: config.maxFragmentLength && FRAGMENT_CODES[config.maxFragmentLength],
  };
}

function pskExtension(hs: Client, psks: readonly OfferedPsk[]): HelloExtensions['preSharedKey'] {
  if (psks.length === 0) return undefined;
  const identities = psks.map((psk) => ({
    identity: psk.identity,
    obfuscatedTicketAge: obfuscatedAge(psk, hs.now()),
  }));
  return { identities, binders: emptyBinders(psks) };
}

function finishOffer(
  hs: Client,
  hello: ClientHello,
  parts: Omit<Offer, 'hello' | 'bytes' | 'extensions'>,
): Offer {
  const bytes = messageBytes('ClientHello', hello);
  if (parts.psks.length > 0) writeBinders(hs, bytes, parts.psks);
  // As they went out, whatever the shaping did.
  return { hello, bytes, extensions: extensionCodesOf(bytes), ...parts };
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
    extensions: { ...kept, keyShare, cookie: wish.cookie, preSharedKey: pskExtension(hs, psks) },
  };
  if (keyShare.length === 0) throw tlsError('internal_error');
  const { versions, suites, groups, schemes, session12 } = offer;
  return finishOffer(hs, callerSays(() => config.shapeHello?.(hello)) ?? hello, {
    versions,
    suites,
    groups,
    schemes,
    shares,
    psks,
    earlyData: null,
    session12,
  });
}
