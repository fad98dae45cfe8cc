/**
 * Whether an earlier session may be gone on with, for both roles: it is bound to the trust that it came from (RFC 9846
 * §4.7.1, §4.2.2), which may have changed since.
 */
import { EMPTY, equal } from '../bytes/index.js';
import { hashLength } from '../keys/index.js';
import { cipherSuiteByCode, Version, versionByCode } from '../registry/index.js';
import type { Session, TicketState } from '../session/index.js';
import type { ClientConfig, Credential, ServerConfig } from './config.js';
import type { PeerIdentity } from './established.js';
import { ask, type Flow } from './flow.js';
import { callerSays, type Handshake } from './handshake.js';
import { isFresh } from './psk.js';
import { usableVersions } from './suites.js';

/** Asks the caller about the peer of an earlier session. A session without one, as under a PSK, has nothing to ask about. */
export function* isStillTrusted(hs: Handshake, session: Session | TicketState): Flow<boolean> {
  const { verifyPeer, rejudgeOnResumption = true } = hs.config;
  const { peerChain, peerRawKey } = session;
  if (!rejudgeOnResumption || (peerChain.length === 0 && !peerRawKey)) return true;
  if (!verifyPeer) return false;
  const verdict = yield* ask(
    callerSays(() =>
      verifyPeer({
        role: hs.peerRole,
        chain: peerChain,
        rawPublicKey: peerRawKey,
        serverName: session.serverName,
        ocsp: null,
        scts: [],
        resuming: { trust: 'trust' in session ? session.trust : null },
      }),
    ),
  );
  return verdict.trusted;
}

/** Server: whether the ticket's time is not over, by the clock that it was made by. */
export function isAlive(hs: Handshake, { issuedAt, lifetime }: TicketState): boolean {
  const age = hs.now() - issuedAt;
  return age >= -CLOCK_SKEW && age <= lifetime * 1000;
}

/** Milliseconds by which another server's clock, which a ticket was made by, may be ahead of ours. */
const CLOCK_SKEW = 10_000;

/**
 * Server: what a client had not to prove then it has to prove now; and who nobody asks for a certificate now is nobody,
 * whatever another configuration found out.
 */
export function fitsClientAuth({ config }: Handshake<ServerConfig>, state: TicketState): boolean {
  const known = state.peerChain.length > 0 || state.peerRawKey !== null;
  const { clientAuth = 'none' } = config;
  return clientAuth === 'none' ? !known : known || clientAuth === 'request';
}

/** Client: remembers what we showed, or that we had nothing to show, for sessions with this server. */
export function notePresented(hs: Handshake, credential: Credential | null): void {
  hs.own.presented = credential ? fingerprintOf(hs, credential) : EMPTY;
}

/** What the server knows us by, now or from the session that goes on. */
export function presentedIn(hs: Handshake, peer: PeerIdentity): Uint8Array | null {
  const earlier = 'resumed' in peer && peer.resumed && 'presented' in peer.resumed ? peer.resumed : null;
  return hs.own.presented ?? earlier?.presented ?? null;
}

function fingerprintOf(hs: Handshake, { chain, key }: Credential): Uint8Array {
  return hs.provider.digest('sha256', chain[0] ?? key.spki);
}

/** A session in which we were somebody else, or nobody, is not gone on with. What a callback would choose is its matter. */
function isOurs(hs: Handshake<ClientConfig>, { presented }: Session): boolean {
  const { chooseCredential, credentials = [] } = hs.config;
  if (!presented || chooseCredential) return true;
  if (presented.length === 0) return credentials.length === 0;
  return credentials.some((credential) => equal(fingerprintOf(hs, credential), presented));
}

/** The configured session, where it can be offered: of this server, still good, and of a version that is spoken. */
export function* sessionToOffer(hs: Handshake<ClientConfig>): Flow<Session | null> {
  const { findSession } = hs.config;
  const found = findSession && !hs.config.session ? yield* ask(callerSays(findSession)) : null;
  const session = hs.config.session ?? found;
  if (!session) return null;
  const refusal = unfit(hs, session) ?? ((yield* isStillTrusted(hs, session)) ? null : 'not_verified');
  if (refusal) hs.decide({ about: 'session', by: 'client', chosen: null, reason: refusal, alternatives: [] });
  return refusal ? null : session;
}

/** Bytes. It comes back in a ClientHello, next to key shares and all else, of which some peers take 16 KiB at most. */
const MAX_TICKET = 12_288;

/** What can be put into a ClientHello at all: a server may send tickets that are too long, and what was stored may be damaged. */
function isWhole({ version, cipherSuite, ticket, sessionId = EMPTY, psk }: Session): boolean {
  const suite = cipherSuiteByCode(cipherSuite);
  const name = versionByCode(version)?.name;
  if (!suite || !name || !suite.versions.includes(name)) return false;
  if (ticket.length > MAX_TICKET || sessionId.length > 32) return false;
  if (version < Version['TLSv1.3']) return psk.length === 48 && ticket.length + sessionId.length > 0;
  return ticket.length > 0 && psk.length === hashLength(suite.hash);
}

function unfit(hs: Handshake<ClientConfig>, session: Session) {
  if (!isWhole(session)) return 'unknown_value' as const;
  if (!usableVersions(hs).includes(session.version)) return 'not_for_this_version' as const;
  if (session.serverName !== (hs.config.serverName ?? null)) return 'name_does_not_match' as const;
  if (!isOurs(hs, session)) return 'another_client_certificate' as const;
  return isFresh(session, hs.now()) ? null : ('expired' as const);
}
