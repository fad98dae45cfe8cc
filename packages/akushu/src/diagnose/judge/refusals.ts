/**
 * Alerts by which one side refuses the other's certificate, and what in the chain they may mean (RFC 9846 §6.2). Some
 * peers have one alert for each fault, others one for all.
 */
import type { Provider } from '../../crypto/provider.js';
import type { Cause } from '../cause.js';
import { type FactAlert, type HandshakeFacts, stapleOf } from '../facts.js';
import type { Evidence, Finding, VerdictSide } from '../verdict.js';
import type { MissingId } from '../verdict-texts.js';
import { type ChainProblem, chainProblems } from './certificates.js';
import { alertEvidence, messageEvidence } from './evidence.js';

/** Alerts by which a verifier refuses a certificate. */
export const OF_CERTIFICATES: ReadonlySet<string> = new Set([
  'bad_certificate',
  'unsupported_certificate',
  'certificate_revoked',
  'certificate_expired',
  'certificate_unknown',
  'unknown_ca',
  'no_certificate',
  'certificate_required',
  'access_denied',
  'bad_certificate_status_response',
  'bad_certificate_hash_value',
]);

/** What each alert says of the chain: causes that it can stand for. Others are possible only where it names none. */
const STANDS_FOR: Readonly<Record<string, readonly Cause[]>> = {
  certificate_expired: ['certificate_expired', 'certificate_not_yet_valid'],
  unknown_ca: ['self_signed', 'missing_intermediate', 'wrong_chain_order', 'unknown_ca', 'tls_inspection'],
  unsupported_certificate: ['wrong_key_usage', 'weak_key_or_signature'],
  certificate_revoked: ['certificate_revoked'],
  bad_certificate_status_response: ['ocsp_problem'],
  bad_certificate_hash_value: ['ocsp_problem'],
};

/** OpenSSL sends bad_certificate for a wrong name and for weak keys; Go for everything; Chrome and Java certificate_unknown. */
export function serverRefused(alert: FactAlert, facts: HandshakeFacts, provider: Provider | null): Finding[] {
  const { serverChain: chain, time, host } = facts;
  const evidence = alertEvidence(alert);
  if (alert.description === 'certificate_revoked')
    return [{ cause: 'certificate_revoked', side: 'server', confidence: 0.96, evidence: [evidence] }];
  if (STANDS_FOR[alert.description]?.includes('ocsp_problem'))
    return [{ cause: 'ocsp_problem', side: 'server', confidence: 0.95, evidence: [evidence] }];
  if (!chain || chain.length === 0) return unseenChain(alert, facts);
  const problems = chainProblems({ chain, owner: 'server', time, host, provider, ...stapleOf(facts) });
  const named = STANDS_FOR[alert.description];
  const fitting = problems.filter(({ cause }) => !named || named.includes(cause));
  if (alert.description === 'certificate_expired' && fitting.length === 0) return clockIsWrong(alert);
  const dates = fitting.flatMap((problem) =>
    problem.cause === 'certificate_not_yet_valid' ? clockToo(evidence) : [],
  );
  if (fitting.length > 0) return [...blamed(fitting, evidence), ...dates];
  return alert.description === 'unsupported_certificate'
    ? [
        {
          cause: 'wrong_key_usage',
          side: 'server',
          confidence: 0.6,
          evidence: [evidence],
          missing: ['server_certificates'],
        },
      ]
    : unseenChain(alert, facts);
}

/** With the alert and a fault of the chain, the first is close to certain; the others follow. */
function blamed(problems: readonly ChainProblem[], alert: Evidence): Finding[] {
  let left = 1;
  return problems.map((problem) => {
    const confidence = Math.min(problem.weight, left * problem.weight);
    left -= confidence;
    return blame(problem, alert, confidence);
  });
}

function blame({ cause, facts, evidence }: ChainProblem, alert: Evidence, confidence: number): Finding {
  return {
    cause,
    side: cause === 'unknown_ca' ? 'client' : cause === 'tls_inspection' ? 'path' : 'server',
    confidence,
    evidence: [alert, evidence],
    facts,
    missing: cause === 'unknown_ca' || confidence < 0.8 ? ['client_trust', 'client_log'] : [],
  };
}

const clockToo = (evidence: Evidence): Finding[] => [
  {
    cause: 'client_clock_wrong',
    side: 'client',
    confidence: 0.05,
    evidence: [evidence],
    missing: ['client_clock'],
  },
];

/** The chain was valid when this happened: the client lives in another time. */
const clockIsWrong = (alert: FactAlert): Finding[] => [
  {
    cause: 'client_clock_wrong',
    side: 'client',
    confidence: 0.88,
    evidence: [alertEvidence(alert)],
    missing: ['client_clock'],
  },
];

/**
 * The certificate travelled encrypted, or nothing is wrong with it to our eyes. A client that sends alerts in the clear
 * in TLS 1.3 is most likely OpenSSL, and that one has its own alert for most faults: bad_certificate is left for names.
 */
function unseenChain(alert: FactAlert, facts: HandshakeFacts): Finding[] {
  const evidence = [alertEvidence(alert), ...sizeEvidence(facts)];
  const missing: MissingId[] = ['keys', 'client_log', 'server_certificates'];
  const at = (cause: Cause, side: VerdictSide, confidence: number): Finding => ({
    cause,
    side,
    confidence,
    evidence,
    missing,
  });
  const single = facts.hiddenChainBytes !== null && facts.hiddenChainBytes < ONE_CERTIFICATE;
  switch (alert.description) {
    case 'certificate_expired':
      return [at('certificate_expired', 'server', 0.85), at('client_clock_wrong', 'client', 0.1)];
    case 'unsupported_certificate':
      return [at('wrong_key_usage', 'server', 0.8), at('weak_key_or_signature', 'server', 0.1)];
    case 'unknown_ca':
      return single
        ? [
            at('missing_intermediate', 'server', 0.52),
            at('self_signed', 'server', 0.3),
            at('unknown_ca', 'client', 0.14),
          ]
        : [
            at('unknown_ca', 'client', 0.74),
            at('missing_intermediate', 'server', 0.12),
            at('self_signed', 'server', 0.06),
          ];
    case 'bad_certificate':
      if (facts.hiddenChainBytes !== null)
        return [
          at('hostname_mismatch', 'server', 0.72),
          at('unknown_ca', 'client', 0.1),
          at('weak_key_or_signature', 'server', 0.08),
        ];
  }
  return [
    at('unknown_ca', 'client', 0.42),
    at('hostname_mismatch', 'server', 0.2),
    at('self_signed', 'server', 0.12),
    at('certificate_expired', 'server', 0.1),
  ];
}

/** A Certificate message with two certificates is longer, with RSA keys and with ECDSA ones that say what they are for. */
const ONE_CERTIFICATE = 1250;

const sizeEvidence = ({ hiddenChainBytes }: HandshakeFacts): Evidence[] =>
  hiddenChainBytes === null
    ? []
    : [messageEvidence('server', 'Certificate', 'length', `≤ ${hiddenChainBytes}`)];

/** The server refuses the client: for want of a certificate, or for the one that it sent. */
export function clientRefused(alert: FactAlert, facts: HandshakeFacts, provider: Provider | null): Finding[] {
  const evidence = alertEvidence(alert);
  const { clientChain: chain, time } = facts;
  const required = alert.description === 'certificate_required' || alert.description === 'no_certificate';
  if (required || (chain !== null && chain.length === 0))
    return [{ cause: 'client_certificate_required', side: 'client', confidence: 0.97, evidence: [evidence] }];
  const problems = chain ? chainProblems({ chain, owner: 'client', time, host: null, provider }) : [];
  const named = STANDS_FOR[alert.description];
  const why = problems.find(({ cause }) => !named || named.includes(cause));
  return [
    {
      cause: 'client_certificate_rejected',
      side: 'client',
      confidence: 0.92,
      evidence: why ? [evidence, why.evidence] : [evidence],
      ...(why && { facts: why.facts }),
      missing: ['server_log', 'client_certificate'],
    },
  ];
}
