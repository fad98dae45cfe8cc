/**
 * What a server of TLS 1.3 takes from a ClientHello (RFC 9846 §4.2.1, §4.3): suite, group, protocol, pre-shared key,
 * credential and scheme. Every choice is reported with what was passed over.
 */
import { equal, toLatin1 } from '../bytes/index.js';
import { tlsError } from '../errors.js';
import type { EarlySecret } from '../keys/index.js';
import { X509 } from '../messages/extensions/certificate-types.js';
import { PSK_DHE_KE, PSK_KE } from '../messages/extensions/pre-shared-key.js';
import type { ClientHello, Extensions } from '../messages/index.js';
import {
  type CipherSuite,
  cipherSuiteByCode,
  cipherSuiteName,
  groupName,
  Scsv,
  Version,
} from '../registry/index.js';
import type { TicketState } from '../session/index.js';
import type { DecisionReason } from '../trace/index.js';
import { chooseType, ofType, typesOf } from './certificate-types.js';
import { DEFAULT_GROUPS, defaultSuites, type HelloInfo, type ServerConfig } from './config.js';
import { ask, type Flow } from './flow.js';
import { callerSays, type Handshake } from './handshake.js';
import { choose } from './negotiation.js';
import { checkBinder, fromExternal, type OfferedPsk } from './psk.js';
import { fitsClientAuth, isAlive, isStillTrusted } from './resumption.js';
import { groupsOf, suitesOf, versionsOf } from './suites.js';

type Server = Handshake<ServerConfig>;

/** A ClientHello of TLS 1.3 whose extensions are known to be there. */
export interface Hello {
  readonly body: ClientHello;
  readonly bytes: Uint8Array;
  readonly x: Extensions<'CH'>;
  readonly info: HelloInfo;
}

export function describeHello(body: ClientHello, bytes: Uint8Array): Hello {
  const x = body.extensions ?? {};
  const serverName = x.serverName ? hostName(x.serverName[0]!.value as Uint8Array) : null;
  const info: HelloInfo = {
    serverName,
    alpn: (x.alpn ?? []).map(toLatin1),
    signatureSchemes: x.signatureAlgorithms ?? [],
    cipherSuites: body.cipherSuites,
    groups: x.supportedGroups ?? [],
    certificateType: 'x509',
    hello: body,
  };
  return { body, bytes, x, info };
}

/** RFC 6066 §3: ASCII without a trailing dot; RFC 1035 §2.3.4: at most 255 bytes. Throws `bad_server_name`. */
function hostName(bytes: Uint8Array): string {
  const name = toLatin1(bytes);
  if (bytes.length > 255 || !/^[\x21-\x7e]+$/.test(name) || name.endsWith('.'))
    throw tlsError('bad_server_name', { length: bytes.length });
  return name;
}

/** The suite (§4.2.1). Throws `no_shared_cipher_suite`. */
export function chooseSuite(hs: Server, hello: Hello): CipherSuite {
  const usable = new Set(suitesOf(hs, Version['TLSv1.3']));
  const choice = chooseSuiteBy(hs, hello, (code) => (usable.has(code) ? undefined : 'not_for_this_version'));
  if (choice === undefined) throw noSharedSuite(hs, hello);
  return cipherSuiteByCode(choice)!;
}

/** The first suite that both sides have and `unfit` has nothing against, whatever the version; reported with all others. */
export function chooseSuiteBy(
  hs: Server,
  hello: Hello,
  unfit: (code: number) => DecisionReason | undefined,
): number | undefined {
  const ours = (hs.config.cipherSuites ?? defaultSuites(versionsOf(hs.config))).filter((code) =>
    cipherSuiteByCode(code),
  );
  // A client without AES in hardware puts ChaCha20 first: its wish costs the server little.
  const theirs = hello.body.cipherSuites.filter((code) => !SIGNALLING.has(code));
  const fit = (code: number) => ours.includes(code) && unfit(code) === undefined;
  const preferred = isChaCha(theirs.find(fit)) ? chachaFirst(ours) : ours;
  const order = hs.config.preference ?? 'server';
  const choice = choose({ ours: preferred, theirs, order, nameOf: cipherSuiteName, unfit });
  hs.decide({
    about: 'cipher_suite',
    by: 'server',
    chosen: choice.chosen === undefined ? null : cipherSuiteName(choice.chosen),
    reason: choice.chosen === undefined ? 'refused' : choice.reason,
    alternatives: choice.alternatives,
  });
  return choice.chosen;
}

export function noSharedSuite(hs: Server, hello: Hello): Error {
  const ours = hs.config.cipherSuites ?? defaultSuites(versionsOf(hs.config));
  return tlsError('no_shared_cipher_suite', {
    offered: hello.body.cipherSuites.map(cipherSuiteName),
    supported: ours.map(cipherSuiteName),
  });
}

/** Values among the suites that are none (RFC 5746 §3.3, RFC 7507). */
const SIGNALLING: ReadonlySet<number> = new Set(Object.values(Scsv));

const isChaCha = (code: number | undefined): boolean =>
  code !== undefined && cipherSuiteByCode(code)?.aead === 'chacha20-poly1305';

function chachaFirst(codes: readonly number[]): readonly number[] {
  return [...codes.filter(isChaCha), ...codes.filter((code) => !isChaCha(code))];
}

/** The group: the most preferred one that is shared, whether or not a share for it came. Undefined where none is shared. */
export function chooseGroup(
  hs: Server,
  hello: Hello,
  unfit?: (code: number) => DecisionReason | undefined,
): number | undefined {
  const choice = choose({
    ours: groupsOf(hs),
    theirs: hello.info.groups,
    order: hs.config.preference ?? 'server',
    nameOf: groupName,
    ...(unfit && { unfit }),
  });
  const chosen = choice.chosen === undefined ? null : groupName(choice.chosen);
  hs.decide({
    about: 'group',
    by: 'server',
    chosen,
    reason: choice.chosen === undefined ? 'refused' : choice.reason,
    alternatives: choice.alternatives,
  });
  return choice.chosen;
}

export function noSharedGroup(hs: Server, hello: Hello): Error {
  const ours = hs.config.groups ?? DEFAULT_GROUPS;
  return tlsError('no_shared_group', {
    offered: hello.info.groups.map(groupName),
    supported: ours.map(groupName),
  });
}

/** The application protocol (RFC 7301 §3.2), in the server's order. Throws `no_shared_alpn`. */
export function* chooseAlpn(hs: Server, hello: Hello): Flow<string | null> {
  const offered = hello.info.alpn;
  const { chooseAlpn: callback, alpn: ours } = hs.config;
  if (offered.length === 0) return null;
  let chosen: string | null = null;
  if (callback) {
    chosen = yield* ask(callerSays(() => callback(offered, hello.info)));
    if (chosen !== null && !offered.includes(chosen)) throw tlsError('callback_failed', { alpn: chosen });
  } else if (ours?.length) {
    const list = hs.config.preference === 'client' ? offered : ours;
    chosen = list.find((name) => ours.includes(name) && offered.includes(name)) ?? null;
    if (chosen === null && (hs.config.strictAlpn ?? true))
      throw tlsError('no_shared_alpn', { offered, supported: ours });
  } else return null;
  hs.decide({
    about: 'alpn',
    by: 'server',
    chosen,
    reason: callback ? 'chosen_by_callback' : 'first_shared_in_server_order',
    alternatives: offered
      .filter((name) => name !== chosen)
      .map((value) => ({
        value,
        reason: ours?.includes(value) ? 'less_preferred' : 'not_supported_by_server',
      })),
  });
  return chosen;
}

export interface ChosenPsk {
  readonly index: number;
  readonly psk: OfferedPsk;
  readonly early: EarlySecret;
  readonly state: TicketState | null;
  readonly dhe: boolean;
  /** The ClientHello, to which early data's key is bound (§7.1). */
  readonly hello: Uint8Array;
}

/** Takes the first pre-shared key that is known and fits the suite, and checks its binder (§4.3.11). Null: full handshake. */
export function* choosePsk(
  hs: Server,
  hello: Hello,
  suite: CipherSuite,
  groupShared: boolean,
): Flow<ChosenPsk | null> {
  const offered = hello.x.preSharedKey;
  if (!offered) return null;
  const modes = hello.x.pskKeyExchangeModes!;
  const dhe = modes.includes(PSK_DHE_KE) && groupShared;
  if (!dhe && !(modes.includes(PSK_KE) && hs.config.pskWithoutDhe)) return null;

  const alternatives: { value: string; reason: DecisionReason }[] = [];
  // §4.3.11: identities may be many; looking at a few keeps the work bounded.
  for (const index of identitiesInOrder(hs, offered.identities)) {
    const { identity } = offered.identities[index]!;
    const found = yield* lookUp(hs, hello, identity);
    if (typeof found === 'string') alternatives.push({ value: `identity ${index}`, reason: found });
    else if (found.psk.hash !== suite.hash)
      alternatives.push({ value: `identity ${index}`, reason: 'wrong_hash_for_psk' });
    else {
      const early = checkBinder(hs, hello.body, hello.bytes, index, found.psk);
      hs.decide({
        about: 'psk',
        by: 'server',
        chosen: `identity ${index}`,
        reason: found.state ? 'resumed' : 'accepted',
        alternatives,
      });
      return { index, psk: found.psk, early, state: found.state, dhe, hello: hello.bytes };
    }
  }
  hs.decide({ about: 'psk', by: 'server', chosen: null, reason: 'refused', alternatives });
  return null;
}

const MAX_IDENTITIES = 8;

/** Tickets as the client has them; then external keys in the order of whoever's counts. */
function identitiesInOrder(hs: Server, offered: readonly { readonly identity: Uint8Array }[]): number[] {
  const known = hs.config.externalPsks ?? [];
  const rank = offered
    .slice(0, MAX_IDENTITIES)
    .map(({ identity }) => known.findIndex((psk) => equal(psk.identity, identity)));
  const indices = [...rank.keys()];
  return hs.config.preference === 'client' ? indices : indices.sort((a, b) => rank[a]! - rank[b]!);
}

function* lookUp(
  hs: Server,
  hello: Hello,
  identity: Uint8Array,
): Flow<{ psk: OfferedPsk; state: TicketState | null } | DecisionReason> {
  const { tickets, externalPsks, findPsk } = hs.config;
  const known = externalPsks?.find((psk) => equal(psk.identity, identity));
  const external = known ?? (findPsk ? yield* ask(callerSays(() => findPsk(identity))) : null);
  if (external) return { psk: fromExternal(external), state: null };
  const state = tickets ? yield* ask(callerSays(() => tickets.open(identity))) : null;
  if (!state) return 'unknown_value';
  const suite = cipherSuiteByCode(state.cipherSuite);
  if (state.version !== Version['TLSv1.3']) return 'not_for_this_version';
  if (!suite?.versions.includes('TLSv1.3')) return 'unknown_value';
  if (!isAlive(hs, state)) return 'expired';
  // A session is bound to the name that it was made for (RFC 9846 §4.7.1, RFC 6066 §3).
  if (state.serverName !== hello.info.serverName) return 'name_does_not_match';
  if (!fitsClientAuth(hs, state)) return 'refused';
  if (!(yield* isStillTrusted(hs, state))) return 'not_verified';
  return { psk: { identity, key: state.psk, hash: suite.hash, binderLabel: 'res binder' }, state };
}

/** Code points of the types of certificate that were agreed upon (RFC 7250). */
export interface CertificateTypes {
  readonly server: number;
  readonly client: number;
}

/**
 * RFC 7250 §4.2: the first type that both sides take, for our certificate and for the client's. Of ours only what we
 * have a credential for. Throws `no_shared_certificate_type`.
 */
export function chooseCertificateTypes(hs: Server, hello: Hello): CertificateTypes {
  const { config } = hs;
  const own = typesOf(config, 'own');
  const have = config.chooseCredential
    ? own
    : own.filter((type) => ofType(config.credentials ?? [], type).length > 0);
  const asks = (config.clientAuth ?? 'none') !== 'none';
  return {
    server: chooseType(have.length > 0 ? have : own, hello.x.serverCertificateType),
    client: asks ? chooseType(typesOf(config, 'peer'), hello.x.clientCertificateType) : X509,
  };
}
