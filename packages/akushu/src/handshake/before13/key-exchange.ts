/**
 * Key exchange before TLS 1.3: ServerKeyExchange and ClientKeyExchange of ECDHE (RFC 8422 §5.4, §5.7), DHE (RFC 5246
 * §7.4.3), static RSA (§7.4.7.1) and their forms under a pre-shared key (RFC 4279, RFC 5489). Each side comes to a
 * premaster secret; what signs the server's parameters is in `signing.ts`.
 */
import { concat, equal, wipe } from '../../bytes/index.js';
import { type Codec, decode, encode } from '../../codec/index.js';
import { ffdheGroup } from '../../crypto/ffdhe.js';
import { CryptoError, type FiniteField, type KeyAgreement, type KeyShare } from '../../crypto/provider.js';
import { TlsError, tlsError } from '../../errors.js';
import {
  type ClientKeyExchange,
  type KeyExchange12,
  keyExchangeForms,
  type ServerKeyExchange,
  serverDhParams,
  serverEcdhParams,
  usesDhe,
  usesEcdhe,
  usesPsk,
  usesRsa,
} from '../../messages/index.js';
import { Group, groupName } from '../../registry/index.js';
import type { ExternalPsk } from '../../session/index.js';
import type { Offer } from '../client-hello.js';
import type { ClientConfig, Credential, ServerConfig } from '../config.js';
import { ask, type Flow, receive } from '../flow.js';
import { callerSays, type Handshake } from '../handshake.js';
import { observedChoice } from '../negotiation.js';
import type { JudgedPeer } from '../peer-proof.js';
import { isEcdheGroup } from '../suites.js';
import { decryptPremaster, makePremaster } from './rsa.js';
import type { Terms12 } from './terms.js';

type Client = Handshake<ClientConfig>;
type Server = Handshake<ServerConfig>;

const named = (params: ServerKeyExchange['params']) =>
  params && 'namedCurve' in params ? params : undefined;
const made = (params: ServerKeyExchange['params']) => (params && 'p' in params ? params : undefined);

/** The parameters as they stand in the message: what the server signs. */
export function paramsBytes(kx: KeyExchange12, params: NonNullable<ServerKeyExchange['params']>): Uint8Array {
  return encode((usesEcdhe(kx) ? serverEcdhParams : serverDhParams) as Codec<unknown>, params);
}

// ---- The client ----

/** What the server sent to agree upon a key with. */
export interface ServerShare {
  /** Code point of a named group, also where a server of DHE uses one without naming it; null otherwise. */
  readonly group: number | null;
  readonly agreement: { readonly with: KeyAgreement | FiniteField; readonly share: Uint8Array } | null;
  readonly hint: Uint8Array | null;
}

export const NO_SHARE: ServerShare = { group: null, agreement: null, hint: null };

/** Judges the parameters of a ServerKeyExchange by what was offered. Its signature was checked before. */
export function takeServerShare(hs: Client, offer: Offer, body: ServerKeyExchange): ServerShare {
  const hint = body.pskIdentityHint ?? null;
  const curve = named(body.params);
  if (curve) {
    // RFC 8422 §5.4: explicit curves are not to be used.
    if (curve.curveType !== 3) throw tlsError('unsupported_curve_type', { curveType: curve.curveType });
    const group = curve.namedCurve;
    if (!offer.groups.includes(group) || !isEcdheGroup(group))
      throw tlsError('unoffered_group', { group: groupName(group) });
    hs.decide({
      about: 'group',
      by: 'server',
      ...observedChoice(group, offer.groups.filter(isEcdheGroup), groupName),
    });
    const agreement = { with: hs.provider.keyAgreement(groupName(group)), share: curve.public };
    return { group, agreement, hint };
  }
  const dh = made(body.params);
  return dh ? takeDhGroup(hs, dh, hint) : { group: null, agreement: null, hint };
}

function takeDhGroup(
  hs: Client,
  { p, g, ys }: { readonly p: Uint8Array; readonly g: Uint8Array; readonly ys: Uint8Array },
  hint: Uint8Array | null,
): ServerShare {
  const prime = stripZeros(p);
  const bits = prime.length === 0 ? 0 : prime.length * 8 - Math.clz32(prime[0]!) + 24;
  const { min, max } = hs.limits.dhBits;
  if (bits < min) throw tlsError('weak_dh_group', { bits, least: min });
  if (bits > max) throw tlsError('unsafe_dh_group', { bits, most: max });
  const group = namedFfdhe(prime);
  // RFC 7919 §3: an unknown prime could have a small subgroup made for us.
  if (group === null && !hs.provider.isSafePrime(prime)) throw tlsError('unsafe_dh_group', { bits });
  hs.decide({
    about: 'group',
    by: 'server',
    chosen: group === null ? `${bits} bits` : groupName(group),
    reason: 'chosen_by_server',
    alternatives: [],
    facts: { bits },
  });
  const share = stripZeros(ys);
  if (share.length > prime.length) throw tlsError('bad_key_exchange', { length: ys.length });
  try {
    const agreement = {
      with: hs.provider.finiteField(prime, stripZeros(g)),
      share: padTo(share, prime.length),
    };
    return { group, agreement, hint };
  } catch (cause) {
    throw badShare(cause, { bits });
  }
}

/** Groups that a server may have used without naming them. */
const FFDHE = [
  ['ffdhe2048', Group.ffdhe2048],
  ['ffdhe3072', Group.ffdhe3072],
  ['ffdhe4096', Group.ffdhe4096],
] as const;

function namedFfdhe(prime: Uint8Array): number | null {
  const found = FFDHE.find(([name, _code]) => {
    const size = Number(name.slice(5)) / 8;
    return size === prime.length && equal(ffdheGroup(name).prime, prime);
  });
  return found ? found[1] : null;
}

/** Sends ClientKeyExchange. Gives the premaster secret. */
export function* sendClientKeyExchange(
  hs: Client,
  offer: Offer,
  terms: Terms12,
  share: ServerShare,
  server: JudgedPeer | null,
): Flow<Uint8Array> {
  const { kx } = terms;
  const psk = usesPsk(kx) ? yield* choosePsk(hs, share.hint) : null;
  let body: ClientKeyExchange = psk ? { pskIdentity: psk.identity } : {};
  let secret: Uint8Array = psk ? new Uint8Array(psk.key.length) : new Uint8Array(0);
  if (share.agreement) {
    const { with: agreement, share: peer } = share.agreement;
    const result = agree(() => agreement.encapsulate(peer, hs.config.random), share.group);
    body = { ...body, [usesDhe(kx) ? 'dhPublic' : 'ecdhPublic']: result.ciphertext };
    secret = usesDhe(kx) ? stripZeros(result.secret) : result.secret;
  }
  if (usesRsa(kx)) {
    const made = makePremaster(hs.random, server!.publicKey, offer.hello.legacyVersion);
    body = { ...body, encryptedPremaster: made.encrypted };
    secret = made.premaster;
  }
  hs.send('ClientKeyExchange', encode(keyExchangeForms(kx, terms.version).client, body));
  return psk ? underPsk(secret, psk.key) : secret;
}

function* choosePsk(hs: Client, hint: Uint8Array | null): Flow<ExternalPsk> {
  const { choosePsk: choose, externalPsks } = hs.config;
  const psk = choose ? yield* ask(callerSays(() => choose(hint))) : externalPsks?.[0];
  if (!psk) throw tlsError('no_psk');
  return psk;
}

// ---- The server ----

/** What the server agrees upon a key with. */
export interface OwnShare {
  readonly params: NonNullable<ServerKeyExchange['params']>;
  readonly share: KeyShare;
  /** Bytes of what the client has to send; shorter for DHE where leading zeros are left out. */
  readonly peerLength: number;
}

/** A fresh share in the group that was chosen: a code point, or the configuration's own prime. */
export function makeShare(hs: Server, kx: KeyExchange12, group: number | null): OwnShare | null {
  if (usesEcdhe(kx)) {
    const agreement = hs.provider.keyAgreement(groupName(group!));
    const share = agreement.generate(hs.config.random);
    const params = { curveType: 3, namedCurve: group!, public: share.publicKey };
    return { params, share, peerLength: agreement.ciphertextLength };
  }
  if (!usesDhe(kx)) return null;
  const own = group === null ? hs.config.dhGroup! : { prime: primeOf(group), generator: Uint8Array.of(2) };
  const agreement = hs.provider.finiteField(own.prime, own.generator);
  const share = agreement.generate(hs.config.random);
  return {
    params: { p: own.prime, g: own.generator, ys: share.publicKey },
    share,
    peerLength: own.prime.length,
  };
}

function primeOf(group: number): Uint8Array {
  return ffdheGroup(groupName(group) as (typeof FFDHE)[number][0]).prime;
}

/** Receives ClientKeyExchange. Gives the premaster secret; for RSA one that nobody else knows where it is not in order. */
export function* receiveClientKeyExchange(
  hs: Server,
  terms: Terms12,
  own: OwnShare | null,
  credential: Credential | null,
  offered: number,
): Flow<Uint8Array> {
  const { kx, version } = terms;
  const { bytes } = yield* receive(hs, 'ClientKeyExchange');
  const body = decode(keyExchangeForms(kx, version).client, bytes, 4);
  hs.transcript.add(bytes);
  const psk = usesPsk(kx) ? yield* findPsk(hs, body.pskIdentity!) : null;
  let secret: Uint8Array = psk ? new Uint8Array(psk.key.length) : new Uint8Array(0);
  if (own) {
    const peer = usesDhe(kx) ? padShare(body.dhPublic!, own.peerLength) : body.ecdhPublic!;
    const shared = agree(() => own.share.decapsulate(peer), null);
    secret = usesDhe(kx) ? stripZeros(shared) : shared;
  }
  if (usesRsa(kx)) secret = yield* decryptPremaster(hs, credential!, body.encryptedPremaster!, offered);
  return psk ? underPsk(secret, psk.key) : secret;
}

function* findPsk(hs: Server, identity: Uint8Array): Flow<ExternalPsk> {
  const { externalPsks, findPsk: find } = hs.config;
  const known = externalPsks?.find((psk) => equal(psk.identity, identity));
  const psk = known ?? (find ? yield* ask(callerSays(() => find(identity))) : null);
  if (!psk) throw tlsError('unknown_psk_identity');
  return psk;
}

// ---- Both ----

/** RFC 4279 §2: what the exchange gave, and the key, each with its length in front. */
function underPsk(secret: Uint8Array, key: Uint8Array): Uint8Array {
  const length = (bytes: Uint8Array) => Uint8Array.of(bytes.length >> 8, bytes.length & 0xff);
  const premaster = concat(length(secret), secret, length(key), key);
  wipe(secret);
  return premaster;
}

/** RFC 5246 §8.1.2: leading zeros of a finite-field secret are left out. Also of numbers that a peer sent. */
function stripZeros(bytes: Uint8Array): Uint8Array {
  let at = 0;
  while (at < bytes.length && bytes[at] === 0) at++;
  return bytes.subarray(at);
}

function padTo(bytes: Uint8Array, length: number): Uint8Array {
  const padded = new Uint8Array(length);
  padded.set(bytes, length - bytes.length);
  return padded;
}

function padShare(share: Uint8Array, length: number): Uint8Array {
  const bare = stripZeros(share);
  if (bare.length > length) throw tlsError('bad_key_exchange', { length: share.length });
  return padTo(bare, length);
}

function agree<T>(compute: () => T, group: number | null): T {
  try {
    return compute();
  } catch (cause) {
    throw badShare(cause, group === null ? {} : { group: groupName(group) });
  }
}

function badShare(cause: unknown, facts: Readonly<Record<string, unknown>>): unknown {
  return cause instanceof CryptoError ? new TlsError('bad_key_share', { cause, facts }) : cause;
}
