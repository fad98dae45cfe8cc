/** What verdicts say, as types: a language that lacks a cause, or a word for what would settle it, does not compile. */
import type { Side } from '../trace/index.js';
import type { Cause } from './cause.js';

export interface CauseText {
  /** A few words, for a heading. */
  readonly title: string;
  /** What is wrong, and why the connection fails because of it. */
  readonly what: string;
  /** What to change. */
  readonly fix: string;
}

/** What would settle a case that is not settled. */
export type MissingId =
  | 'server_log'
  | 'client_log'
  | 'whole_message'
  | 'capture'
  | 'capture_at_server'
  | 'whole_capture'
  | 'whole_packets'
  | 'both_directions'
  | 'lost_packets'
  | 'from_the_start'
  | 'to_the_end'
  | 'right_times'
  | 'keys'
  | 'client_offer'
  | 'server_settings'
  | 'server_certificates'
  | 'client_certificate'
  | 'server_key'
  | 'client_trust'
  | 'client_clock'
  | 'probe'
  | 'probe_smaller_hello'
  | 'probe_tls12'
  | 'probe_elsewhere'
  | 'plain_answer';

/** What happened below TLS. */
export type Occurrence =
  | 'reset'
  | 'closed'
  | 'silence'
  | 'refused'
  | 'syn_unanswered'
  | 'unreachable'
  | 'not_resolved'
  | 'alert_sized_record'
  | 'empty_certificate_flight'
  | 'nothing_after'
  | 'segments_lost'
  | 'first_bytes';

export interface VerdictTexts {
  readonly causes: Readonly<Record<Cause, CauseText>>;
  readonly missing: Readonly<Record<MissingId, string>>;
  readonly occurrences: Readonly<Record<Occurrence, string>>;
  readonly sides: Readonly<Record<Side | 'path' | 'unknown', string>>;
  readonly say: {
    readonly evidence: (message: string, from: Side | null, field: string, value: string) => string;
    readonly occurrence: (what: string, from: Side | null, value: string) => string;
  };
}
