/** STARTTLS: which protocols there are, on which ports they are usually found, and the dialogue of each. */
import { mysql, postgres } from './databases.js';
import { Dialogue, type DialogueHandlers, type Protocol } from './dialogue.js';
import { ldap } from './ldap.js';
import { ftp, imap, pop3, smtp } from './lines.js';
import { xmpp } from './xmpp.js';

export type { Dialogue, StartTlsStep } from './dialogue.js';

/** A protocol that begins in the clear and lets TLS begin on request. */
export type StartTlsProtocol = keyof typeof PROTOCOLS;

const row = (talk: Protocol, port: number) => ({ talk, port });

const PROTOCOLS = {
  smtp: row(smtp, 25),
  imap: row(imap, 143),
  pop3: row(pop3, 110),
  ftp: row(ftp, 21),
  xmpp: row(xmpp, 5222),
  ldap: row(ldap, 389),
  postgres: row(postgres, 5432),
  mysql: row(mysql, 3306),
} as const;

export const STARTTLS_PROTOCOLS = Object.keys(PROTOCOLS) as readonly StartTlsProtocol[];

export function isStartTlsProtocol(name: string): name is StartTlsProtocol {
  return Object.hasOwn(PROTOCOLS, name);
}

/** Where such servers listen; for mail between servers, not for submission (587). */
export function startTlsPort(protocol: StartTlsProtocol): number {
  return PROTOCOLS[protocol].port;
}

/** What leads to TLS. `serverName` is what the server is called, for protocols that ask for it. */
export function startTls(
  protocol: StartTlsProtocol,
  serverName: string,
  handlers: DialogueHandlers,
): Dialogue {
  return new Dialogue(protocol, PROTOCOLS[protocol].talk, serverName, handlers);
}
