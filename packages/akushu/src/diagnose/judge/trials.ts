/**
 * Bisection on a live host: the same attempt with one thing changed, the smallest change first. The first that works
 * tells a device on the way, or the server's own limits, from a server that is simply broken. Who connects is told
 * elsewhere; here is what it means.
 */
import type { Cause } from '../cause.js';
import { type Finding, type Offers, ranked, type Verdict, type VerdictSide } from '../verdict.js';
import { ownError } from './evidence.js';

/**
 * In the order in which they are tried. Splitting comes late: whoever looks into the first segment only is got past by it
 * whatever it is that he does not bear, and what that is would not be found.
 */
export const TRIALS = [
  'again',
  'no_grease',
  'no_hybrid_share',
  'smaller_hello',
  'minimal_hello',
  'other_server_name',
  'no_server_name',
  'tls12_only',
  'split_segments',
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

const intolerance = (confidence: number, change: string): Meaning => ({
  cause: 'middlebox_intolerance',
  side: 'path',
  confidence,
  change,
});

const MEANINGS: Readonly<Record<Trial, Meaning>> = {
  again: { cause: 'rate_or_resource_limit', side: 'unknown', confidence: 0.45, change: '×2' },
  split_segments: intolerance(0.85, 'ClientHello: 1 → n TCP segments'),
  no_grease: intolerance(0.88, 'ClientHello − GREASE (RFC 8701)'),
  no_hybrid_share: intolerance(0.9, 'key_share − X25519MLKEM768: --groups x25519,secp256r1'),
  smaller_hello: intolerance(0.9, 'ClientHello < 600 bytes: --groups x25519,secp256r1'),
  minimal_hello: intolerance(
    0.88,
    '--groups secp256r1 --ciphers TLS_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  ),
  other_server_name: intolerance(0.8, '--servername other.invalid'),
  no_server_name: {
    cause: 'unrecognized_server_name',
    side: 'server',
    confidence: 0.9,
    change: '--servername ""',
  },
  tls12_only: intolerance(0.84, '--tls12'),
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

/** The smallest change that works; null where none does. */
export const findingOf = (results: readonly TrialResult[]): Trial | null =>
  TRIALS.find((trial) => results.some((one) => one.trial === trial && one.worked)) ?? null;

/**
 * Verdicts once the trials are in: what they show goes before what the first attempt alone says. `answered`: the first
 * attempt got an alert, so that the server itself read the hello and refused it.
 */
export function judgeTrials(
  first: readonly Verdict[],
  results: readonly TrialResult[],
  offers: Offers,
  answered: boolean,
): Verdict[] {
  const working = findingOf(results);
  if (!working) return [...first];
  const { cause, side, confidence, change } = meaningOf(working, answered);
  const finding: Finding = {
    cause,
    side,
    confidence,
    evidence: results
      .filter(({ trial, worked }) => trial === working || !worked)
      .map(({ trial, worked, code }) => ownError(worked ? 'OK' : (code ?? ''), null, changeOf(trial)))
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

/** A server that answers is no device that drops; and of names it is the server who knows which are its own. */
function meaningOf(trial: Trial, answered: boolean): Meaning {
  const meaning = MEANINGS[trial];
  if (!answered || meaning.side !== 'path') return meaning;
  if (trial === 'other_server_name') return { ...MEANINGS.no_server_name, change: meaning.change };
  return { ...meaning, side: 'server' };
}
