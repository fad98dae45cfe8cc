/**
 * Bisection on a live host: the same attempt with one thing changed, the smallest change first. The first that works
 * tells a device on the way, or the server's own limits, from a server that is simply broken. Who connects is told
 * elsewhere; here is what it means.
 */
import type { Cause } from '../cause.js';
import { type Finding, type Offers, ranked, type Verdict, type VerdictSide } from '../verdict.js';

/** In the order in which they are tried. */
export const TRIALS = [
  'again',
  'split_segments',
  'no_hybrid_share',
  'smaller_hello',
  'no_server_name',
  'tls12_only',
  'old_suites',
  'old_versions',
] as const;

export type Trial = (typeof TRIALS)[number];

export interface TrialResult {
  readonly trial: Trial;
  readonly worked: boolean;
  /** What it failed with; null where it worked. */
  readonly code: string | null;
}

interface Meaning {
  readonly cause: Cause;
  readonly side: VerdictSide;
  readonly confidence: number;
  /** The change as options, in no language. */
  readonly change: string;
}

const MEANINGS: Readonly<Record<Trial, Meaning>> = {
  again: { cause: 'rate_or_resource_limit', side: 'unknown', confidence: 0.45, change: '×2' },
  split_segments: {
    cause: 'middlebox_intolerance',
    side: 'path',
    confidence: 0.85,
    change: 'ClientHello: 1 → n TCP segments',
  },
  no_hybrid_share: {
    cause: 'middlebox_intolerance',
    side: 'path',
    confidence: 0.9,
    change: '--groups x25519,secp256r1',
  },
  smaller_hello: {
    cause: 'middlebox_intolerance',
    side: 'path',
    confidence: 0.88,
    change: '--groups secp256r1 --ciphers TLS_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  },
  no_server_name: {
    cause: 'unrecognized_server_name',
    side: 'server',
    confidence: 0.9,
    change: '--servername ""',
  },
  tls12_only: { cause: 'middlebox_intolerance', side: 'path', confidence: 0.84, change: '--tls12' },
  old_suites: {
    cause: 'no_shared_cipher_suite',
    side: 'server',
    confidence: 0.96,
    change: '--tls12 --ciphers ALL',
  },
  old_versions: {
    cause: 'protocol_version_mismatch',
    side: 'server',
    confidence: 0.96,
    change: '--min 1.0 --max 1.1',
  },
};

/** The change of a trial as options of the command. */
export const changeOf = (trial: Trial): string => MEANINGS[trial].change;

/** Verdicts once the trials are in: what they show goes before what the first attempt alone says. */
export function judgeTrials(
  first: readonly Verdict[],
  results: readonly TrialResult[],
  offers: Offers,
): Verdict[] {
  const working = TRIALS.find((trial) => results.some((one) => one.trial === trial && one.worked));
  if (!working) return [...first];
  const { cause, side, confidence, change } = MEANINGS[working];
  const finding: Finding = {
    cause,
    side,
    confidence,
    evidence: results
      .filter(({ trial, worked }) => trial === working || !worked)
      .map(({ trial, worked, code }) => ({
        kind: 'error' as const,
        from: null,
        message: 'akushu',
        field: changeOf(trial),
        value: worked ? 'OK' : (code ?? ''),
        bytes: null,
        text: null,
      }))
      .reverse(),
    facts: { smallestChange: change },
    offers,
    missing: confidence > 0.8 ? [] : ['server_log'],
  };
  const room =
    (1 - confidence) /
    Math.max(
      1,
      first.reduce((sum, one) => sum + one.confidence, 0),
    );
  const rest = first
    .filter((one) => one.cause !== cause)
    .map((one) => ({ ...one, confidence: Math.round(one.confidence * room * 100) / 100 }));
  return [...ranked([finding]), ...rest];
}
