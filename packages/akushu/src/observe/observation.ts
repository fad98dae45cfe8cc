/**
 * What a capture shows, as data: one `ObservedConnection` for each TCP connection, one `ObservedLookup` for each name
 * that could not be resolved, and last what is to be said of the capture as a whole. No prose and no verdicts: those
 * are `diagnose/`'s. Names, addresses and texts are as they travelled: whoever shows them escapes them.
 *
 * Times are milliseconds since 1970, with fractions.
 */
import type { AnnotatedNode } from '../codec/index.js';
import type { AlertName, TlsError } from '../errors.js';
import type { ClientHello, ServerHello } from '../messages/index.js';
import type { Side } from '../trace/index.js';

export type Observation = ObservedConnection | ObservedLookup | ObservedCapture;

export type PerSide<T> = Readonly<Record<Side, T>>;

export interface ObservedEndpoint {
  readonly address: string;
  readonly port: number;
  /** Names that DNS answers or a name resolution block in the same capture gave this address, latest first. */
  readonly names: readonly string[];
}

// ---- TCP ----

/**
 * How the connection was opened: `complete` (SYN, SYN-ACK and more), `half` (SYN and SYN-ACK, nothing after),
 * `refused` (RST to the SYN), `unreachable` (ICMP to the SYN), `no_answer` (SYN alone), `unseen` (began before the capture).
 */
export type TcpOpening = 'complete' | 'half' | 'refused' | 'unreachable' | 'no_answer' | 'unseen';

/** Bytes that the capture lacks: never captured, cut by the snapshot length, or given up. */
export interface LostBytes {
  readonly from: Side;
  readonly time: number;
  /** In the sender's byte stream, counted from its first byte. */
  readonly offset: number;
  readonly length: number;
}

export interface TcpFacts {
  readonly opening: TcpOpening;
  /** First SYN; null where none was captured. */
  readonly syn: number | null;
  /** How often the SYN was sent. */
  readonly syns: number;
  readonly synAck: number | null;
  /** The first RST. */
  readonly rst: { readonly by: Side; readonly time: number } | null;
  /** The first FIN of each side. */
  readonly fin: PerSide<number | null>;
  readonly finFirst: Side | null;
  /** ICMP (RFC 792) or ICMPv6 (RFC 4443) that answered a packet of the connection. */
  readonly unreachable: {
    readonly by: string;
    readonly time: number;
    readonly reason: 'network' | 'host' | 'port' | 'prohibited' | 'too_big' | 'time_exceeded' | 'other';
  } | null;
  readonly packets: PerSide<number>;
  /** Bytes of payload that each side sent, repetitions not counted. */
  readonly bytes: PerSide<number>;
  /** How many of its bytes the other side has acknowledged, whether or not they were captured. */
  readonly acknowledged: PerSide<number>;
  /** Segments of which the capture kept less than there was. */
  readonly cutSegments: PerSide<number>;
  /** Segments with nothing but bytes that had been seen. */
  readonly retransmissions: PerSide<number>;
  readonly outOfOrder: PerSide<number>;
  /** Segments that partly repeat what had been seen. */
  readonly overlaps: PerSide<number>;
  readonly lost: readonly LostBytes[];
  /** More of `lost` than are listed. */
  readonly lostOmitted: number;
  /** No SYN was captured. */
  readonly startedMidStream: boolean;
  /** Neither both FINs nor a RST were captured. */
  readonly open: boolean;
  /** The longest step back in time from one packet to the next, in milliseconds. */
  readonly stepBack: number;
  /** Who sent the last payload, and when. */
  readonly lastData: { readonly from: Side; readonly time: number } | null;
}

// ---- Before and instead of TLS ----

/** Protocols in the clear that are told apart. `text` and `binary`: something else. */
export type PlainProtocol =
  | 'http'
  | 'http2'
  | 'smtp'
  | 'imap'
  | 'pop3'
  | 'ftp'
  | 'xmpp'
  | 'ldap'
  | 'postgresql'
  | 'mysql'
  | 'rdp'
  | 'ssh'
  | 'telnet'
  | 'irc'
  | 'nntp'
  | 'sieve'
  | 'vnc'
  | 'redis'
  | 'smb'
  | 'socks'
  | 'openvpn'
  | 'dns'
  | 'rtsp'
  | 'sip'
  | 'mqtt'
  | 'amqp'
  | 'memcached'
  | 'text'
  | 'binary';

/** Protocols that lead to TLS by a word in the clear; `http_connect` through a proxy, `proxy` a PROXY header. */
export type StartTlsProtocol =
  | 'smtp'
  | 'imap'
  | 'pop3'
  | 'ftp'
  | 'xmpp'
  | 'ldap'
  | 'postgresql'
  | 'mysql'
  | 'rdp'
  | 'nntp'
  | 'irc'
  | 'sieve'
  | 'http_connect'
  | 'http_upgrade'
  | 'socks'
  | 'proxy'
  | 'unknown';

/** Something said in the clear before TLS. */
export interface PreambleStep {
  readonly from: Side;
  readonly time: number;
  /** The first lines as text, or what a binary packet is; cut at a limit. Not escaped. */
  readonly text: string;
  readonly bytes: number;
}

export interface ObservedStartTls {
  readonly protocol: StartTlsProtocol;
  readonly preamble: readonly PreambleStep[];
  /** Where TLS was asked for in `preamble`; null where it never was. */
  readonly requested: number | null;
  /** What the server answered; null where it did not answer, or no answer belongs there. */
  readonly accepted: boolean | null;
  /** For a proxy: the host and port that the client asked for. */
  readonly target: string | null;
}

/** What a side said where TLS was not spoken. */
export interface PlainSpeech {
  readonly protocol: PlainProtocol;
  readonly time: number;
  /** The first line without its end, as Latin-1 where it is not UTF-8; of binary protocols the first bytes in hexadecimal. Not escaped. */
  readonly firstLine: string;
  /** At some place it says that TLS is to be spoken here: `400 The plain HTTP request was sent to HTTPS port`. */
  readonly wantsTls: boolean;
}

// ---- TLS ----

export interface ObservedRecord {
  readonly from: Side;
  /** When its last byte was captured. */
  readonly time: number;
  /** As the header says. */
  readonly type: number;
  /** As the header says; 0x0002 for SSL 2.0. */
  readonly version: number;
  /** Bytes behind the header. */
  readonly length: number;
  /** Byte range in the sender's stream, header included. */
  readonly start: number;
  readonly end: number;
  readonly protected: boolean;
  /** The content type inside of a record that was decrypted; that of the header for one in the clear; otherwise null. */
  readonly innerType: number | null;
  /** Length of the content of a record that was decrypted or in the clear; otherwise null. */
  readonly innerLength: number | null;
}

interface MessageBase {
  readonly from: Side;
  /** When its last byte was captured. */
  readonly time: number;
  /** Byte range in the sender's stream of the records that hold it, headers included. */
  readonly start: number;
  readonly end: number;
  /** It travelled protected and was read with a key. */
  readonly decrypted: boolean;
}

export interface ObservedHandshakeMessage extends MessageBase {
  readonly kind: 'handshake';
  /** HandshakeType; of SSL 2.0 the message type. */
  readonly type: number;
  /** `ClientHello`, `HelloRetryRequest`, …; SSL 2.0: `CLIENT-HELLO`, `SERVER-HELLO`. */
  readonly name: string;
  /** Header included. */
  readonly bytes: Uint8Array;
  /** As the live engine's codecs decode it; null where they cannot, or the form is one they do not know. */
  readonly value: unknown;
  /** Why `value` is null or, for a hello, incomplete. */
  readonly error: TlsError | null;
  annotate(): AnnotatedNode;
}

export interface ObservedChangeCipherSpec extends MessageBase {
  readonly kind: 'change_cipher_spec';
}

export interface ObservedAlertMessage extends MessageBase {
  readonly kind: 'alert';
  /** Null where it is encrypted and could not be read. */
  readonly alert: ObservedAlert | null;
}

/** Records of one kind in a row. Their content is not kept: see `onPlaintext`. */
export interface ObservedData extends MessageBase {
  /**
   * `encrypted`: could not be read, and in TLS 1.3 may be anything; `recordType` says what the header does.
   */
  readonly kind: 'application_data' | 'heartbeat' | 'encrypted' | 'unknown';
  readonly recordType: number;
  readonly records: number;
  /** Bytes of content; of records that were not decrypted the bytes behind their headers. */
  readonly length: number;
}

export type ObservedMessage =
  | ObservedHandshakeMessage
  | ObservedChangeCipherSpec
  | ObservedAlertMessage
  | ObservedData;

export interface ObservedAlert {
  readonly from: Side;
  readonly time: number;
  readonly level: 'warning' | 'fatal' | `level_${number}`;
  readonly description: AlertName | `alert_${number}`;
  readonly code: number;
  /** It travelled protected. */
  readonly encrypted: boolean;
}

export type EarlyDataState = 'not_offered' | 'offered' | 'accepted' | 'rejected';

/** What was offered and what came of it, as far as it could be read. Code points; `null` is "not known". */
export interface NegotiatedFacts {
  /** Of drafts of TLS 1.3 the code that they travelled with, such as 0x7f17. */
  readonly version: number | null;
  readonly cipherSuite: number | null;
  readonly group: number | null;
  /** What the server signed its key exchange or CertificateVerify with. */
  readonly signatureScheme: number | null;
  readonly serverName: string | null;
  readonly alpnOffered: readonly string[];
  readonly alpn: string | null;
  readonly resumed: boolean | null;
  readonly helloRetryRequest: boolean;
  readonly earlyData: EarlyDataState;
  /** encrypted_client_hello stood in the ClientHello; GREASE looks the same. */
  readonly echOffered: boolean;
  /** Known only where the server's answer could be read. */
  readonly echRetryConfigs: boolean | null;
  readonly extendedMasterSecret: boolean | null;
  readonly encryptThenMac: boolean | null;
  readonly secureRenegotiation: boolean | null;
  readonly compression: number | null;
  /** TLS_FALLBACK_SCSV stood in the ClientHello. */
  readonly fallbackScsv: boolean;
  readonly clientCertificateRequested: boolean | null;
  /** How many handshakes after the first one began on the connection. */
  readonly renegotiations: number;
  readonly keyUpdates: PerSide<number>;
}

/** `plain`: nothing was protected. `no_keys`: no secret fits. `partial`: some records could not be opened. */
export type DecryptionOutcome = 'plain' | 'no_keys' | 'decrypted' | 'partial' | 'failed' | 'unsupported';

export interface DecryptionState {
  readonly outcome: DecryptionOutcome;
  /** Records that were protected, and how many of them were opened. */
  readonly protectedRecords: number;
  readonly openedRecords: number;
  /** Where the secrets came from, as far as they were used. */
  readonly sources: readonly ('key_log' | 'decryption_secrets_block' | 'rsa_key' | 'session')[];
  /** Labels of the secrets that opened something. */
  readonly labels: readonly string[];
}

export type ConnectionProblemCode =
  /** Bytes are missing: what they held is not known, and the record that they cut is skipped. */
  | 'lost_bytes'
  /** The bytes are no record where one should begin. */
  | 'not_a_record'
  | 'malformed_message'
  /** A header like that of a record, with a length that none may have. */
  | 'record_too_long'
  | 'message_too_long'
  /** A key was there, and the record did not open. */
  | 'undecryptable_record'
  /** A secret of another length than the suite has. */
  | 'unfit_secret'
  /** There are secrets, and no way to decrypt with them. */
  | 'unsupported_cipher'
  | 'unsupported_compression'
  /** The connection, or the capture, ended in the middle of a handshake message. */
  | 'incomplete_message'
  /** More than `limits` allows; the rest is counted and not kept. */
  | 'limit_reached';

export interface ConnectionProblem {
  readonly code: ConnectionProblemCode;
  readonly from: Side;
  readonly time: number;
  /** In the sender's byte stream. */
  readonly offset: number;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Fingerprints {
  /** Salesforce's JA3 and JA3S: the text and its MD5. */
  readonly ja3: string | null;
  readonly ja3Text: string | null;
  readonly ja3s: string | null;
  readonly ja3sText: string | null;
  /** FoxIO's JA4 of the TLS client, and its raw form. */
  readonly ja4: string | null;
  readonly ja4Text: string | null;
}

export interface TlsFacts {
  readonly records: readonly ObservedRecord[];
  /** Records between the first and the last ones that are not listed. */
  readonly recordsOmitted: number;
  readonly messages: readonly ObservedMessage[];
  readonly messagesOmitted: number;
  readonly alerts: readonly ObservedAlert[];
  /** The first ClientHello; null where none was seen or read. Of SSL 2.0: as the same fields. */
  readonly clientHello: ClientHello | null;
  /** The one after a HelloRetryRequest. */
  readonly secondClientHello: ClientHello | null;
  readonly serverHello: ServerHello | null;
  readonly helloRetryRequest: ServerHello | null;
  readonly negotiated: NegotiatedFacts;
  /** DER, leaf first, as sent; null where no Certificate message was read. Empty: an empty message. */
  readonly serverChain: readonly Uint8Array[] | null;
  readonly clientChain: readonly Uint8Array[] | null;
  /** DER of the OCSP response that was stapled for the leaf. */
  readonly ocspStaple: Uint8Array | null;
  /** Finished of each side was read, or before TLS 1.3 seen in protected form. In TLS 1.3 without keys: null. */
  readonly finished: PerSide<boolean | null>;
  /** Application data went this way. In TLS 1.3 without keys: null, except where sizes and order leave no other reading. */
  readonly applicationData: PerSide<boolean | null>;
  /** Null where an encrypted alert, or in TLS 1.3 any record, may have been one. */
  readonly closeNotify: PerSide<boolean | null>;
  readonly decryption: PerSide<DecryptionState>;
  readonly fingerprints: Fingerprints;
  /** Whether all of the handshake was captured from its ClientHello on. */
  readonly fromTheStart: boolean;
}

export interface ObservedConnection {
  readonly kind: 'connection';
  /** Number of the connection in the capture, from 0, in the order of their first packets. */
  readonly index: number;
  readonly client: ObservedEndpoint;
  readonly server: ObservedEndpoint;
  /** What told who is the client; `hello`: what only one side sends. `port` and `first` are guesses. */
  readonly rolesFrom: 'syn' | 'hello' | 'port' | 'first';
  /** First and last packet. */
  readonly start: number;
  readonly end: number;
  readonly tcp: TcpFacts;
  readonly starttls: ObservedStartTls | null;
  /** What was spoken by a side that did not speak TLS; null where both did, or said nothing. */
  readonly notTls: PerSide<PlainSpeech | null> | null;
  /** Null where neither side sent anything of TLS. */
  readonly tls: TlsFacts | null;
  readonly problems: readonly ConnectionProblem[];
  readonly problemsOmitted: number;
}

// ---- DNS ----

/** A question about a name that got no address. */
export interface ObservedLookup {
  readonly kind: 'lookup';
  readonly name: string;
  /** `A`, `AAAA`, or `TYPE65` and such. */
  readonly type: string;
  readonly outcome:
    | 'nxdomain'
    | 'servfail'
    | 'refused'
    | 'no_addresses'
    | 'no_answer'
    | 'unreachable'
    | `rcode_${number}`;
  readonly client: ObservedEndpoint;
  readonly resolver: ObservedEndpoint;
  readonly time: number;
  readonly answeredAt: number | null;
  /** How often it was asked. */
  readonly attempts: number;
}

// ---- The capture ----

export type CaptureProblemCode =
  /** The file ends inside of a packet or block. */
  | 'truncated'
  /** A header cannot be right: nothing after it can be read. */
  | 'corrupt'
  | 'gzip_corrupt'
  | 'gzip_truncated'
  /** A packet of an interface that was never described. */
  | 'unknown_interface'
  | 'unsupported_link_type'
  | 'bad_packet'
  | 'bad_secrets'
  | 'limit_reached';

export interface CaptureProblem {
  readonly code: CaptureProblemCode;
  /** Where it begins in the file; of a compressed one in what it decompresses to. */
  readonly offset: number;
  /** How often it was met; the offset is that of the first. */
  readonly count: number;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Always the last observation. */
export interface ObservedCapture {
  readonly kind: 'capture';
  readonly format: 'pcap' | 'pcapng';
  readonly compressed: boolean;
  readonly bytes: number;
  readonly packets: number;
  /** Packets with less than what was on the wire. */
  readonly cutPackets: number;
  /** Bytes that were kept of the longest one of them; null where none was cut. */
  readonly cutAt: number | null;
  /** LINKTYPE numbers of the interfaces. */
  readonly linkTypes: readonly number[];
  readonly start: number | null;
  readonly end: number | null;
  readonly connections: number;
  readonly lookups: number;
  /** What was there, in packets: `tcp`, `udp`, `dns`, `quic`, `dtls`, `icmp`, `arp`, `other_ip`, `other`, … */
  readonly seen: Readonly<Record<string, number>>;
  readonly problems: readonly CaptureProblem[];
}
