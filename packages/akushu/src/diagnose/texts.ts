/**
 * What has to be said, as types: a language that lacks a word for anything the engine can report does not compile.
 * The words themselves are in `en/` and `ja/`. Sentences that take values are functions; all values that come from a
 * peer have been through `printable` before they get here.
 */
import type { AlertName, ErrorCode } from '../errors.js';
import type { KeyLabel } from '../keys/index.js';
import type { GroupKind, HandshakeType, SignatureKind, Weakness } from '../registry/index.js';
import type { DecisionReason, DecisionTopic, Side } from '../trace/index.js';
import type { VerdictTexts } from './verdict-texts.js';

export type Language = 'en' | 'ja';

/** IANA's name of a handshake message, and the record that is counted among them. */
export type MessageName = keyof typeof HandshakeType | 'change_cipher_spec';

/** Messages that say something else before TLS 1.3; where it depends on the key exchange, with its name behind. */
export type MessageBefore13 =
  | 'client_hello'
  | 'server_hello'
  | 'server_hello_resumed'
  | 'certificate'
  | 'certificate_rsa'
  | 'certificate_client'
  | 'certificate_verify'
  | 'server_key_exchange'
  | 'server_key_exchange_psk'
  | 'server_key_exchange_dhe_psk'
  | 'client_key_exchange'
  | 'client_key_exchange_rsa'
  | 'client_key_exchange_psk'
  | 'client_key_exchange_dhe_psk'
  | 'client_key_exchange_rsa_psk'
  | 'change_cipher_spec'
  | 'finished'
  | 'finished_rsa'
  | 'new_session_ticket';

/** What the keys of a connection before TLS 1.3 are made from, as far as it matters to who can have them. */
export type KeySource = 'ephemeral' | 'rsa' | 'psk' | 'rsa_psk' | 'resumed';

/** What can be agreed on beside the suite before TLS 1.3, and protects the handshake or the records. */
export type ProtectionTopic = 'extended_master_secret' | 'encrypt_then_mac' | 'secure_renegotiation';

/** What is weak about a connection that came about. */
export type WeakPoint =
  | 'old_version'
  | 'no_encryption'
  | 'not_authenticated'
  | 'no_forward_secrecy'
  | 'broken_cipher'
  | 'small_blocks'
  | 'mac_then_encrypt'
  | 'short_tag'
  | 'sha1_signature'
  | 'no_extended_master_secret'
  | 'no_secure_renegotiation';

export interface MessageText {
  /** One short line for a timeline. */
  readonly short: string;
  /** What it is. */
  readonly is: string;
  /** What it does for the connection. */
  readonly does: string;
}

/** What happened, and what to try. */
export type Advice = readonly [what: string, tryThis: string];

/** Failures below TLS: the name, the network, the transport. */
export type NetworkCode =
  | 'dns_failure'
  | 'connection_refused'
  | 'connect_timeout'
  | 'connection_reset'
  | 'host_unreachable'
  | 'network_unreachable'
  | 'address_in_use'
  | 'address_unavailable'
  | 'permission_denied'
  | 'network_error';

/** Facts of an error that are worth showing; lists are joined already. */
export type FactName =
  | 'offered'
  | 'offeredUpTo'
  | 'supported'
  | 'chosen'
  | 'suite'
  | 'group'
  | 'scheme'
  | 'extension'
  | 'message'
  | 'structure'
  | 'field'
  | 'got'
  | 'expected'
  | 'serverName'
  | 'host'
  | 'best'
  | 'shared'
  | 'key'
  | 'keyUsage'
  | 'presented'
  | 'subject'
  | 'issuer'
  | 'missingIssuer'
  | 'caIssuers'
  | 'notBefore'
  | 'notAfter'
  | 'kind'
  | 'bits'
  | 'minimum'
  | 'least'
  | 'most'
  | 'hash'
  | 'rule'
  | 'purpose'
  | 'length'
  | 'count'
  | 'limit'
  | 'offset'
  | 'start'
  | 'reason'
  | 'answer'
  | 'protocol'
  | 'now'
  | 'smallestChange';

/** A thing that is decided about: `cipher suite`, `cipher suites`. */
interface TopicText {
  readonly one: string;
  readonly many: string;
}

interface ReasonFacts {
  readonly topic: TopicText;
  /** How many values both sides have, the chosen one included. */
  readonly shared: number;
  /** How many values were on offer where only the other side knows why it chose. */
  readonly offered: number;
}

export interface KeyText {
  /** In a few words, for a table. */
  readonly name: string;
  readonly protects: string;
  /** Who holds it, and what it comes from. */
  readonly holders: string;
}

/** What is known of a cipher suite in general. */
export interface SuiteFacts {
  readonly encryption: string;
  readonly bits: number;
  readonly keyExchange: string;
  readonly authentication: string;
  readonly mac: string;
  readonly hash: string;
  readonly tls13: boolean;
  readonly forwardSecret: boolean;
  readonly weaknesses: readonly string[];
}

export interface Texts {
  readonly messages: Readonly<Record<MessageName, MessageText>>;
  readonly before13: Readonly<Record<MessageBefore13, MessageText>>;
  readonly unknownMessage: MessageText;
  readonly alerts: Readonly<Record<AlertName, Advice>>;
  readonly unknownAlert: Advice;
  readonly errors: Readonly<Record<ErrorCode, Advice>>;
  readonly network: Readonly<Record<NetworkCode, Advice>>;
  readonly unknownError: Advice;
  readonly facts: Readonly<Record<FactName, string>>;
  readonly topics: Readonly<Record<DecisionTopic, TopicText>>;
  /** Why a value was taken, or why none was: it follows the value and a colon. */
  readonly reasons: Readonly<Record<DecisionReason, (facts: ReasonFacts) => string>>;
  /** Why values were passed over: they follow, after a colon. */
  readonly passedOver: Readonly<Record<DecisionReason, string>>;
  /** What it does where it is in use, and what follows where it is not: both follow the value and a colon. */
  readonly protections: Readonly<Record<ProtectionTopic, { readonly used: string; readonly unused: string }>>;
  /** Of the two write keys the holders are in `writeKeyHolders`. */
  readonly keys: Readonly<Record<KeyLabel, KeyText>>;
  readonly writeKeyHolders: Readonly<Record<KeySource, string>>;
  /** How the keys of the two directions hang together, in TLS 1.3 and before. */
  readonly keyDescent: {
    readonly tls13: string;
    readonly before13: Readonly<Record<'extended' | 'plain', string>>;
  };
  /** What the private key of the server's certificate did, and did not do. */
  readonly privateKeyUse: Readonly<Record<'signed' | 'decrypted' | 'unused', string>>;
  readonly weakPoints: Readonly<Record<WeakPoint, Advice>>;
  readonly groupKinds: Readonly<Record<GroupKind, string>>;
  readonly signatureKinds: Readonly<Record<SignatureKind, string>>;
  readonly weaknesses: Readonly<Record<Weakness, string>>;
  readonly verdicts: VerdictTexts;
  readonly say: Sayings;
}

/** How things are put together. */
export interface Sayings {
  readonly peerAlert: (by: Side | null, alert: string, meaning: string) => string;
  readonly fact: (name: string, value: string) => string;
  readonly list: (values: readonly string[]) => string;
  readonly more: (count: number) => string;
  /** A version, or any before it. */
  readonly orOlder: (version: string) => string;
  readonly decision: (chosen: string, reason: string, passed: readonly string[]) => string;
  /** As `decision`, without the value. */
  readonly why: (reason: string, passed: readonly string[]) => string;
  /** The peer's certificate was let through although something is wrong with it. */
  readonly ignored: (problem: string) => string;
  readonly none: (topic: TopicText) => string;
  readonly nothingShared: (topic: TopicText) => string;
  readonly passed: (reason: string, values: string) => string;
  /** Introduces what else was offered where the other side chose. */
  readonly alsoOffered: string;
  /** Introduces the groups for which the client had sent a share already. */
  readonly sharesSent: string;
  readonly credential: (index: number) => string;
  readonly identity: (index: number) => string;
  readonly cookie: string;
  readonly serverLacksIt: string;
  readonly ticket: string;
  readonly inUse: string;
  readonly notInUse: string;
  /** Shared values there are, but none that can be used. */
  readonly noneUsable: (topic: TopicText) => string;
  /** Introduces certificates whose keys make no signature that the peer accepts. */
  readonly cannotSign: string;
  /** Introduces certificates whose keys do not go with the suite. */
  readonly otherKey: string;
  /** Who lacks a protection, and what follows from it. */
  readonly unprotected: (lack: string, consequence: string) => string;
  readonly trusted: string;
  readonly accepted: string;
  /** Why early data counts as accepted. */
  readonly readEarly: string;
  readonly key: (text: KeyText, aead: string, generation: number) => string;
  readonly suite: (facts: SuiteFacts) => string;
  readonly group: (kind: string, bits: number | null, postQuantum: boolean) => string;
  /** A Diffie-Hellman group that has no name. */
  readonly ownGroup: (bits: number) => string;
  /** The signature with RSA of TLS 1.1 and 1.0, which has no code point. */
  readonly md5Sha1: string;
  readonly scheme: (kind: string, hash: string | null, curve: string | null, postQuantum: boolean) => string;
  readonly unknownName: string;
}
