/**
 * Sessions of TLS 1.0 to 1.2 on the server: by tickets (RFC 5077) and by ids (RFC 5246 §7.3), and when one is good
 * (RFC 7627 §5.3).
 */
import { tlsError } from '../../errors.js';
import { cipherSuiteByCode, Version } from '../../registry/index.js';
import type { OpenedTicket, TicketState } from '../../session/index.js';
import type { DecisionReason } from '../../trace/index.js';
import type { ServerConfig } from '../config.js';
import { authenticatedAt, type Established12, peerChain, peerRawKey } from '../established.js';
import { ask, type Flow } from '../flow.js';
import { callerSays, type Handshake } from '../handshake.js';
import { fitsClientAuth, isAlive, isStillTrusted } from '../resumption.js';
import type { Hello } from '../server-negotiation.js';
import { suitesOf } from '../suites.js';

type Server = Handshake<ServerConfig>;

/** A session to go on with, and how the client named it. */
export interface Found {
  readonly state: OpenedTicket;
  readonly by: 'ticket' | 'session_id';
}

/** The session to go on with; null for a full handshake. Throws `extended_master_secret_missing`. */
export function* findSession12(hs: Server, hello: Hello, version: number): Flow<Found | null> {
  const named = yield* lookUp(hs, hello);
  if (!named) return null;
  const { by, state } = named;
  const refusal = state ? yield* unfit(hs, hello, state, version) : 'unknown_value';
  hs.decide({
    about: 'session',
    by: 'server',
    chosen: refusal ? null : by,
    reason: refusal ?? 'resumed',
    alternatives: [],
  });
  if (refusal || !state) return null;
  // RFC 7627 §5.3: a session with the extension is never continued without it.
  if (state.extendedMasterSecret && !hello.x.extendedMasterSecret)
    throw tlsError('extended_master_secret_missing');
  return { state, by };
}

/** RFC 5077 §3.4: where there is a ticket the session id says nothing. null where the client names none that we could know. */
function* lookUp(
  hs: Server,
  { body, x }: Hello,
): Flow<{ by: Found['by']; state: OpenedTicket | null } | null> {
  const { tickets, sessionIds } = hs.config;
  const ticket = x.sessionTicket;
  if (tickets && ticket?.length) {
    const state = yield* ask(callerSays(() => tickets.open(ticket)));
    return { by: 'ticket', state };
  }
  const id = body.legacySessionId;
  // A client of TLS 1.3 as well makes one up (RFC 9846 appendix E.4): to look it up does no harm.
  if (!sessionIds || id.length === 0 || ticket?.length) return null;
  const state = yield* ask(callerSays(() => sessionIds.find(id)));
  return { by: 'session_id', state };
}

function* unfit(
  hs: Server,
  { body, x, info }: Hello,
  state: TicketState,
  version: number,
): Flow<DecisionReason | undefined> {
  if (state.version !== version || version >= Version['TLSv1.3']) return 'not_for_this_version';
  if (!isAlive(hs, state)) return 'expired';
  if (state.serverName !== info.serverName) return 'name_does_not_match';
  const known = cipherSuiteByCode(state.cipherSuite) && suitesOf(hs, version).includes(state.cipherSuite);
  if (!known || !body.cipherSuites.includes(state.cipherSuite)) return 'not_offered_by_client';
  // RFC 7627 §5.3: one without it is not continued where the client has it now.
  if (!state.extendedMasterSecret && x.extendedMasterSecret) return 'refused';
  if (hs.config.requireExtendedMasterSecret && !state.extendedMasterSecret) return 'refused';
  if (!fitsClientAuth(hs, state)) return 'refused';
  return (yield* isStillTrusted(hs, state)) ? undefined : 'not_verified';
}

/** Seconds. The keys of such a session have no forward secrecy. */
const MAX_LIFETIME = 86_400;

type SessionFacts = Pick<
  Established12,
  'version' | 'suite' | 'master' | 'peer' | 'alpn' | 'serverName' | 'extendedMasterSecret'
>;

/** What comes back with the session's ticket or id; null where its time is over. */
function stateOf(hs: Server, session: SessionFacts): TicketState | null {
  const now = Math.floor(hs.now());
  const { ticketLifetime = 7200 } = hs.config;
  const since = authenticatedAt(session.peer, now);
  // A session that goes on has the same keys: a new ticket does not make it younger.
  const lifetime = Math.min(ticketLifetime, MAX_LIFETIME) - Math.ceil((now - since) / 1000);
  if (lifetime <= 0) return null;
  return {
    version: session.version,
    cipherSuite: session.suite.code,
    psk: session.master.secret,
    ageAdd: 0,
    issuedAt: now,
    authenticatedAt: since,
    lifetime,
    maxEarlyData: 0,
    serverName: session.serverName,
    alpn: session.alpn,
    peerChain: peerChain(session.peer),
    peerRawKey: peerRawKey(session.peer),
    extendedMasterSecret: session.extendedMasterSecret,
  };
}

/** Seals the session and sends NewSessionTicket, empty where there is none to give (RFC 5077 §3.3). */
export function* sendTicket12(hs: Server, session: SessionFacts): Flow<void> {
  const { tickets } = hs.config;
  const state = stateOf(hs, session);
  const sealed = tickets && state ? yield* ask(callerSays(() => tickets.seal(state))) : null;
  const ticket = sealed && sealed.length <= 0xffff - 1024 ? sealed : new Uint8Array(0);
  const ticketLifetimeHint = state && ticket.length > 0 ? state.lifetime : 0;
  hs.send('NewSessionTicket12', { ticketLifetimeHint, ticket });
}

/** Keeps the session under the id that the ServerHello named. */
export function* keepSession12(hs: Server, id: Uint8Array, session: SessionFacts): Flow<void> {
  const { sessionIds } = hs.config;
  const state = stateOf(hs, session);
  if (sessionIds && state && id.length > 0) yield* ask(callerSays(() => sessionIds.keep(id, state)));
}

/** Whether the client, which has one that works, should have another ticket (RFC 5077 §3.3). */
export function wantsNewTicket(hs: Server, hello: Hello, { by, state }: Found): boolean {
  if (by !== 'ticket' || !hello.x.sessionTicket) return false;
  const age = hs.now() - state.issuedAt;
  return state.renew === true || age > state.lifetime * 500;
}
