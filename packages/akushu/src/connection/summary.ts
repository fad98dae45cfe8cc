/** What was negotiated, and why, as callers see it. */
import { type Established, peerChain } from '../handshake/index.js';
import {
  type CipherSuite,
  findScheme,
  groupByCode,
  type NamedGroup,
  type SignatureSchemeInfo,
  type VersionName,
  versionByCode,
} from '../registry/index.js';
import type { DecisionEvent, DecisionTopic } from '../trace/index.js';

export interface HandshakeSummary {
  readonly version: VersionName;
  readonly cipherSuite: CipherSuite;
  /** null for a PSK without (EC)DHE. */
  readonly group: NamedGroup | null;
  /** The scheme of the server's CertificateVerify; null where a PSK stood in its place. */
  readonly signatureScheme: SignatureSchemeInfo | null;
  readonly alpn: string | null;
  readonly serverName: string | null;
  readonly resumed: boolean;
  readonly earlyDataAccepted: boolean;
  /** DER, leaf first; of the earlier session where this one was resumed. */
  readonly peerCertificates: readonly Uint8Array[];
  /** The peer's stapled OCSP response and SCTs, unread. */
  readonly ocsp: Uint8Array | null;
  readonly scts: readonly Uint8Array[];
  /** The last decision on each topic, with what was passed over: `why.cipherSuite`, `why.group`, … */
  readonly why: Readonly<Partial<Record<TopicKey, DecisionEvent>>>;
}

type CamelCase<S extends string> = S extends `${infer A}_${infer B}` ? `${A}${Capitalize<CamelCase<B>>}` : S;

/** A topic as a property: `cipher_suite` is `cipherSuite`. */
export type TopicKey = CamelCase<DecisionTopic>;

const topicKeys = new Map<DecisionTopic, TopicKey>();

function keyOf(topic: DecisionTopic): TopicKey {
  const known = topicKeys.get(topic);
  if (known) return known;
  const key = topic.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()) as TopicKey;
  topicKeys.set(topic, key);
  return key;
}

export function summarize(done: Established): HandshakeSummary {
  const why: Partial<Record<TopicKey, DecisionEvent>> = {};
  for (const decision of done.decisions) why[keyOf(decision.about)] = decision;
  const { peer } = done;
  const proven = 'publicKey' in peer ? peer : null;
  const scheme = why.signatureScheme?.chosen;
  return {
    version: versionByCode(done.version)!.name,
    cipherSuite: done.suite,
    group: done.group === null ? null : (groupByCode(done.group) ?? null),
    signatureScheme: scheme ? (findScheme(scheme) ?? null) : null,
    alpn: done.alpn,
    serverName: done.serverName,
    resumed: 'resumed' in peer && peer.resumed !== null,
    earlyDataAccepted: done.earlyDataAccepted,
    peerCertificates: peerChain(peer),
    ocsp: proven?.ocsp ?? null,
    scts: proven?.scts ?? [],
    why,
  };
}
