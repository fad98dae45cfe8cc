/**
 * What happened, as data (design decision 5). The engine reports to a sink when one is set; without one nothing is
 * made. No prose: `diagnose/` has the words. Times are milliseconds of the caller's clock since the connection began.
 */
import type { AnnotatedNode } from '../codec/index.js';
import type { AlertName } from '../errors.js';
import type { KeyLabel } from '../keys/index.js';

export type Side = 'client' | 'server';

/** A handshake message or ChangeCipherSpec, in either direction. */
export interface MessageEvent {
  readonly kind: 'message';
  readonly t: number;
  readonly from: Side;
  /** `ClientHello`, `HelloRetryRequest`, …, `ChangeCipherSpec`. */
  readonly type: string;
  /** Header included; the caller's to keep. */
  readonly bytes: Uint8Array;
  /** The secret, or before TLS 1.3 the write key, under which it travelled; null in the clear. */
  readonly protectedBy: KeyLabel | null;
  annotate(): AnnotatedNode;
}

export type DecisionTopic =
  | 'version'
  | 'cipher_suite'
  | 'group'
  | 'hello_retry_request'
  | 'key_exchange'
  | 'credential'
  | 'signature_scheme'
  | 'alpn'
  | 'client_certificate'
  | 'certificate_compression'
  | 'certificate_type'
  | 'psk'
  | 'session'
  | 'early_data'
  | 'record_size_limit'
  | 'extended_master_secret'
  | 'encrypt_then_mac'
  | 'secure_renegotiation'
  | 'peer_certificate';

/** Why a value was taken, or not: closed words that `diagnose/` puts into sentences. */
export type DecisionReason =
  | 'first_shared_in_server_order'
  | 'first_shared_in_client_order'
  | 'highest_shared'
  | 'only_shared'
  | 'has_key_share'
  | 'no_key_share_yet'
  | 'chosen_by_server'
  | 'chosen_by_callback'
  | 'first_that_fits'
  | 'default_credential'
  | 'default_group'
  | 'matches_server_name'
  | 'verified'
  | 'not_verified'
  | 'resumed'
  | 'not_offered_by_client'
  | 'not_supported_by_server'
  | 'not_supported_by_client'
  | 'less_preferred'
  | 'lower_version'
  | 'wrong_hash_for_psk'
  | 'not_for_this_version'
  | 'no_shared_group'
  | 'no_certificate_for_it'
  | 'no_shared_signature_scheme'
  | 'no_psk'
  | 'key_cannot_sign'
  | 'name_does_not_match'
  | 'another_client_certificate'
  | 'not_configured'
  | 'not_requested'
  | 'unknown_value'
  | 'grease'
  | 'expired'
  | 'disabled'
  | 'accepted'
  | 'refused';

export interface DecisionEvent {
  readonly kind: 'decision';
  readonly t: number;
  readonly about: DecisionTopic;
  readonly by: Side;
  /** The value by its standard name; null where nothing was chosen. */
  readonly chosen: string | null;
  readonly reason: DecisionReason;
  /** What else there was, in the order in which it was considered, and why each was passed over. */
  readonly alternatives: readonly { readonly value: string; readonly reason: DecisionReason }[];
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** A secret comes into use and what it protects from now on. The secret itself is not in the trace. */
export interface KeyEvent {
  readonly kind: 'key';
  readonly t: number;
  readonly label: KeyLabel;
  /** N of `application_traffic_secret_N`; 0 for all others. */
  readonly generation: number;
  /** Whose sent records it protects; null for the exporter. */
  readonly sender: Side | null;
  readonly protects: 'early_data' | 'handshake' | 'application_data' | 'exporter';
  /** The AEAD; before TLS 1.3 also a block cipher with its HMAC, such as `aes-128-cbc hmac-sha1`. */
  readonly aead: string;
}

export interface AlertEvent {
  readonly kind: 'alert';
  readonly t: number;
  readonly from: Side;
  readonly level: 'warning' | 'fatal';
  readonly description: AlertName | `alert_${number}`;
  /** For an alert of our own: the error code it follows from. */
  readonly code?: string;
}

/** A record as it travelled. */
export interface RecordEvent {
  readonly kind: 'record';
  readonly t: number;
  readonly from: Side;
  readonly type: number;
  /** The content type inside, where the record was protected. */
  readonly innerType: number;
  /** On the wire, header included. */
  readonly length: number;
}

export interface StateEvent {
  readonly kind: 'state';
  readonly t: number;
  readonly state: 'established' | 'peer_closed' | 'closed' | 'failed';
}

export type TraceEvent = MessageEvent | DecisionEvent | KeyEvent | AlertEvent | RecordEvent | StateEvent;
export type TraceSink = (event: TraceEvent) => void;
