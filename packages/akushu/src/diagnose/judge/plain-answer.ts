/** Verdicts on a server that answers a ClientHello in another protocol. */
import type { PlainProtocol } from '../../observe/observation.js';
import type { Speech } from '../../observe/stream/detect.js';
import type { Finding } from '../verdict.js';
import { occurrence } from './evidence.js';

/** Protocols that begin in the clear and go over to TLS when they are asked. */
const CAN_SWITCH: ReadonlySet<PlainProtocol> = new Set<PlainProtocol>([
  'smtp',
  'imap',
  'pop3',
  'ftp',
  'xmpp',
  'ldap',
  'mysql',
  'postgresql',
  'nntp',
  'irc',
  'sieve',
]);

export const canSwitchToTls = (protocol: PlainProtocol): boolean => CAN_SWITCH.has(protocol);

export function judgePlainAnswer({ protocol, firstLine }: Speech): Finding[] {
  const evidence = [occurrence('first_bytes', 'server', firstLine)];
  const garbled = protocol === 'binary';
  const facts = { answer: garbled || protocol === 'text' ? firstLine : protocol.toUpperCase() };
  const switches = canSwitchToTls(protocol);
  const confidence = garbled ? 0.72 : switches ? 0.76 : 0.96;
  const findings: Finding[] = [{ cause: 'not_tls_server', side: 'server', confidence, evidence, facts }];
  if (garbled) findings.push({ cause: 'peer_misbehaved', side: 'server', confidence: 0.2, evidence });
  if (switches)
    findings.push({ cause: 'starttls_expected', side: 'client', confidence: 0.22, evidence, facts });
  return findings;
}
