/**
 * Notices when a caller's asynchronous answer has come: the engine wants no input while it waits for one, and does not
 * say when it wants some again. Wraps every callback of a configuration that may give a promise.
 */
import type { PrivateKey } from '../crypto/provider.js';
import type { ClientConfig, CommonConfig, Credential, Maybe, ServerConfig } from '../handshake/index.js';
import type { TicketKeeper } from '../session/index.js';

type Notice = <T>(answer: Maybe<T>) => Maybe<T>;

/** The same configuration; `settled` is called after the engine has taken each answer that was a promise. */
export function noticingClient(config: ClientConfig, settled: () => void): ClientConfig {
  const notice = noticeBy(settled);
  const { chooseCredential } = config;
  return {
    ...config,
    ...noticedCommon(config, notice),
    ...(chooseCredential && {
      chooseCredential: (wish) => notice(noticedChoice(chooseCredential(wish), notice)),
    }),
  };
}

/** As `noticingClient`. */
export function noticingServer(config: ServerConfig, settled: () => void): ServerConfig {
  const notice = noticeBy(settled);
  const { chooseCredential, chooseAlpn, findPsk, acceptEarlyData, tickets } = config;
  return {
    ...config,
    ...noticedCommon(config, notice),
    ...(chooseCredential && {
      chooseCredential: (hello) => notice(noticedChoice(chooseCredential(hello), notice)),
    }),
    ...(chooseAlpn && { chooseAlpn: (offered, hello) => notice(chooseAlpn(offered, hello)) }),
    ...(findPsk && { findPsk: (identity) => notice(findPsk(identity)) }),
    ...(acceptEarlyData && { acceptEarlyData: (offer) => notice(acceptEarlyData(offer)) }),
    ...(tickets && { tickets: noticedTickets(tickets, notice) }),
  };
}

function noticeBy(settled: () => void): Notice {
  const later = (): void => void setImmediate(settled);
  return (answer) => {
    if (isPromise(answer)) answer.then(later, later);
    return answer;
  };
}

function isPromise<T>(value: Maybe<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function noticedCommon({ verifyPeer, credentials }: CommonConfig, notice: Notice): Partial<CommonConfig> {
  return {
    ...(verifyPeer && { verifyPeer: (peer) => notice(verifyPeer(peer)) }),
    ...(credentials && {
      credentials: credentials.map((credential) => noticedCredential(credential, notice)),
    }),
  };
}

function noticedChoice(chosen: Maybe<Credential | null>, notice: Notice): Maybe<Credential | null> {
  const wrap = (credential: Credential | null) => credential && noticedCredential(credential, notice);
  return isPromise(chosen) ? chosen.then(wrap) : wrap(chosen);
}

function noticedCredential(credential: Credential, notice: Notice): Credential {
  const { key } = credential;
  const noticedKey: PrivateKey = {
    schemes: key.schemes,
    spki: key.spki,
    sign: (scheme, message, options) => notice(key.sign(scheme, message, options)),
  };
  return { ...credential, key: noticedKey };
}

function noticedTickets(tickets: TicketKeeper, notice: Notice): TicketKeeper {
  return {
    seal: (state) => notice(tickets.seal(state)),
    open: (ticket) => notice(tickets.open(ticket)),
  };
}
