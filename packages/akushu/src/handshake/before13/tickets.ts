/** Tickets of TLS 1.0 to 1.2 on the server (RFC 5077, RFC 7627 §5.3): what is sealed in one, and when it is good. */

import { tlsError } from '../../errors.js';
import { cipherSuiteByCode, Version } from '../../registry/index.js';
import type { TicketState } from '../../session/index.js';
import type { ServerConfig } from '../config.js';
import { type Established12, peerChain, peerRawKey } from '../established.js';
import { ask, type Flow } from '../flow.js';
import { callerSays, type Handshake } from '../handshake.js';
import type { Hello } from '../server-negotiation.js';
import { suitesOf } from '../suites.js';

type Server = Handshake<ServerConfig>;

/** The session to go on with; null for a full handshake. Throws `extended_master_secret_missing`. */
export function* openTicket12(hs: Server, hello: Hello, version: number): Flow<TicketState | null> {
  const { tickets } = hs.config;
  const { x } = hello;
  if (!tickets || !x.sessionTicket?.length) return null;
  const ticket = x.sessionTicket;
  const state = yield* ask(callerSays(() => tickets.open(ticket)));
  const refusal = state ? unfit(hs, hello, state, version) : 'unknown_value';
  hs.decide({
    about: 'session',
    by: 'server',
    chosen: refusal ? null : 'ticket',
    reason: refusal ?? 'resumed',
    alternatives: [],
  });
  if (refusal || !state) return null;
  // RFC 7627 §5.3: a session with the extension is never continued without it.
  if (state.extendedMasterSecret && !x.extendedMasterSecret) throw tlsError('extended_master_secret_missing');
  return state;
}

function unfit(hs: Server, { body, x, info }: Hello, state: TicketState, version: number) {
  if (state.version !== version || version >= Version['TLSv1.3']) return 'not_for_this_version' as const;
  const age = hs.now() - state.issuedAt;
  if (age < 0 || age > state.lifetime * 1000) return 'expired' as const;
  if (state.serverName !== info.serverName) return 'name_does_not_match' as const;
  const known = cipherSuiteByCode(state.cipherSuite) && suitesOf(hs, version).includes(state.cipherSuite);
  if (!known || !body.cipherSuites.includes(state.cipherSuite)) return 'not_offered_by_client' as const;
  // RFC 7627 §5.3: one without it is not continued where the client has it now.
  if (!state.extendedMasterSecret && x.extendedMasterSecret) return 'refused' as const;
  if (hs.config.requireExtendedMasterSecret && !state.extendedMasterSecret) return 'refused' as const;
  // What a client had not to prove then it has to prove now.
  if (hs.config.clientAuth === 'require' && state.peerChain.length === 0 && !state.peerRawKey)
    return 'refused' as const;
  return undefined;
}

/** Seals the session and sends NewSessionTicket, empty where the keeper has none to give (RFC 5077 §3.3). */
export function* sendTicket12(
  hs: Server,
  session: Pick<
    Established12,
    'version' | 'suite' | 'master' | 'peer' | 'alpn' | 'serverName' | 'extendedMasterSecret'
  >,
): Flow<void> {
  const { tickets, ticketLifetime = 7200 } = hs.config;
  const lifetime = Math.min(ticketLifetime, 86_400);
  const state = {
    version: session.version,
    cipherSuite: session.suite.code,
    psk: session.master.secret,
    ageAdd: 0,
    issuedAt: Math.floor(hs.now()),
    lifetime,
    maxEarlyData: 0,
    serverName: session.serverName,
    alpn: session.alpn,
    peerChain: peerChain(session.peer),
    peerRawKey: peerRawKey(session.peer),
    extendedMasterSecret: session.extendedMasterSecret,
  };
  const sealed = tickets ? yield* ask(callerSays(() => tickets.seal(state))) : null;
  const ticket = sealed && sealed.length <= 0xffff - 1024 ? sealed : new Uint8Array(0);
  hs.send('NewSessionTicket12', { ticketLifetimeHint: ticket.length > 0 ? lifetime : 0, ticket });
}
