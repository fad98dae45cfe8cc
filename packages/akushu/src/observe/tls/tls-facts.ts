/** What is said of a TLS connection once it is over, from all that was gathered while it was read. */
import type { Provider } from '../../crypto/provider.js';
import type { Side } from '../../trace/index.js';
import type { Fingerprints, ObservedAlert, TlsFacts } from '../observation.js';
import type { Direction } from './direction.js';
import { isVersion13 } from './drafts.js';
import { fingerprintsOf } from './fingerprints.js';
import type { HandshakeFacts } from './handshake-facts.js';
import type { MessageLog, RecordLog } from './logs.js';

export interface Gathered {
  readonly provider: Provider;
  readonly facts: HandshakeFacts;
  readonly sides: Readonly<Record<Side, Direction>>;
  readonly records: RecordLog;
  readonly messages: MessageLog;
  readonly alerts: readonly ObservedAlert[];
  readonly midStream: boolean;
}

export function tlsFactsOf({
  provider,
  facts,
  sides,
  records,
  messages,
  alerts,
  midStream,
}: Gathered): TlsFacts {
  const { client, server } = sides;
  const is13 = isVersion13(facts.negotiated.version);
  const each = <T>(get: (direction: Direction) => T) => ({ client: get(client), server: get(server) });
  // In TLS 1.3 a record that was not opened may have been anything.
  const unlessUnread = (d: Direction) => (is13 && d.openedRecords < d.protectedRecords ? null : false);
  let fingerprints: Fingerprints | undefined;
  return {
    records: records.list(),
    recordsOmitted: records.omitted,
    messages: messages.list,
    messagesOmitted: messages.omitted,
    alerts,
    clientHello: facts.clientHello,
    secondClientHello: facts.secondClientHello,
    serverHello: facts.serverHello,
    helloRetryRequest: facts.helloRetryRequest,
    negotiated: facts.negotiated,
    serverChain: facts.chains.server,
    clientChain: facts.chains.client,
    ocspStaple: facts.ocspStaple,
    finished: each((d) => d.finished || unlessUnread(d)),
    applicationData: each((d) => d.sentData || unlessUnread(d)),
    closeNotify: each((d) => d.closeNotify || (d.unreadAlerts > 0 ? null : unlessUnread(d))),
    decryption: each((d) => d.state()),
    // Four hashes that not everybody looks at.
    get fingerprints() {
      fingerprints ??= fingerprintsOf(provider, facts);
      return fingerprints;
    },
    fromTheStart: !midStream && facts.clientHello !== null,
  };
}
