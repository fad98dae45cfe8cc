/**
 * What a fatal alert means, by who sent it, when in the handshake, and what had been sent before (RFC 9846 §6.2). An
 * alert names a family of causes; the messages before it tell which one.
 */

import type { Provider } from '../../crypto/provider.js';
import { otherSide } from '../../observe/sides.js';
import { cipherSuiteByCode, Version } from '../../registry/index.js';
import type { Side } from '../../trace/index.js';
import type { Cause } from '../cause.js';
import { type FactAlert, type HandshakeFacts, offerOf, offersOf } from '../facts.js';
import type { Finding, VerdictSide } from '../verdict.js';
import type { MissingId } from '../verdict-texts.js';
import { alertEvidence, messageEvidence } from './evidence.js';
import { offeredVersions, refusedOffer, versionsInHello } from './offer.js';
import { clientRefused, OF_CERTIFICATES, serverRefused } from './refusals.js';

/** Verdicts on a handshake that an alert ended. */
export function judgeAlert(alert: FactAlert, facts: HandshakeFacts, provider: Provider | null): Finding[] {
  const findings = findingsFor(alert, facts, provider);
  const offers = offersOf(facts);
  return findings.map((finding) => ({ offers, ...finding }));
}

function findingsFor(alert: FactAlert, facts: HandshakeFacts, provider: Provider | null): Finding[] {
  const { from, description } = alert;
  const evidence = [alertEvidence(alert)];
  const one = (cause: Cause, side: VerdictSide, confidence: number, ...missing: MissingId[]): Finding[] => [
    { cause, side, confidence, evidence, missing },
  ];
  // Peers have several alerts for it.
  if (facts.renegotiating === otherSide(from)) return one('renegotiation_refused', otherSide(from), 0.93);
  if (OF_CERTIFICATES.has(description))
    return from === 'client' ? serverRefused(alert, facts, provider) : clientRefused(alert, facts, provider);
  switch (description) {
    case 'protocol_version':
      return version(alert, facts);
    case 'handshake_failure':
      return from === 'server' ? handshakeFailure(alert, facts) : refusedByClient(alert, facts);
    case 'insufficient_security':
      return [
        {
          cause: 'no_shared_cipher_suite',
          side: otherSide(from),
          confidence: 0.72,
          evidence,
          missing: ['server_settings'],
        },
        { cause: 'weak_key_or_signature', side: otherSide(from), confidence: 0.22, evidence },
      ];
    case 'unrecognized_name':
      return [
        {
          ...one('unrecognized_server_name', 'server', 0.97)[0]!,
          ...(facts.host !== null && { facts: { serverName: facts.host } }),
        },
      ];
    case 'no_application_protocol':
      return [
        {
          ...one('no_shared_alpn', 'server', 0.97)[0]!,
          ...(facts.clientHello && { facts: { offered: offerOf(facts.clientHello).alpn } }),
        },
      ];
    case 'inappropriate_fallback':
      return one('inappropriate_fallback', 'client', 0.97);
    case 'no_renegotiation':
      return one('renegotiation_refused', otherSide(from), 0.95);
    case 'unknown_psk_identity':
      return one('wrong_psk', 'unknown', 0.95);
    case 'decrypt_error':
      return decryptError(alert, facts);
    case 'bad_record_mac':
    case 'decryption_failed':
      if (isPsk(facts)) return one('wrong_psk', 'unknown', 0.9);
      return one('decrypt_failure', 'unknown', 0.9, 'probe_elsewhere');
    case 'record_overflow':
      return one('record_overflow', otherSide(from), 0.93);
    case 'internal_error':
      return [
        ...one('internal_error', from, 0.76, from === 'server' ? 'server_log' : 'client_log'),
        ...(from === 'server' && !facts.seen.has('server ServerHello')
          ? one('unrecognized_server_name', 'server', 0.16)
          : []),
      ];
    case 'user_canceled':
      return one('closed_after_client_hello', from, 0.6, 'client_log');
    case 'ech_required':
      return one('unrecognized_server_name', 'server', 0.4);
    case 'illegal_parameter':
      // OpenSSL says so of a binder that does not verify (RFC 9846 §4.3.11 has decrypt_error for it).
      if (from === 'server' && offersPsk(facts) && !facts.seen.has('server ServerHello'))
        return [...one('wrong_psk', 'unknown', 0.8, 'server_log'), ...one('peer_misbehaved', 'client', 0.15)];
      return misbehaved(alert);
    case 'unexpected_message':
    case 'decode_error':
    case 'missing_extension':
    case 'unsupported_extension':
    case 'decompression_failure':
    case 'export_restriction':
      return misbehaved(alert);
    default:
      return one('peer_misbehaved', 'unknown', 0.3, 'server_log', 'client_log');
  }
}

const misbehaved = (alert: FactAlert): Finding[] => [
  {
    cause: 'peer_misbehaved',
    side: otherSide(alert.from),
    confidence: 0.82,
    evidence: [alertEvidence(alert)],
    missing: ['probe_elsewhere'],
  },
  { cause: 'middlebox_intolerance', side: 'path', confidence: 0.1, evidence: [alertEvidence(alert)] },
];

const offersPsk = ({ clientHello }: HandshakeFacts): boolean =>
  clientHello !== null && offerOf(clientHello).psk;

/** The handshake rests on a pre-shared key, and no certificate. */
function isPsk({ cipherSuite }: HandshakeFacts): boolean {
  const suite = cipherSuite === null ? undefined : cipherSuiteByCode(cipherSuite);
  return suite?.kx.includes('PSK') === true;
}

/** RFC 9846 §4.3.1. The side whose highest version is lower has to change; where both are modern, the stricter one says no. */
function version(alert: FactAlert, facts: HandshakeFacts): Finding[] {
  const evidence = [alertEvidence(alert)];
  if (!facts.clientHello)
    return [{ cause: 'protocol_version_mismatch', side: otherSide(alert.from), confidence: 0.93, evidence }];
  const offer = offerOf(facts.clientHello);
  const { versions } = offer;
  // A client that has the newest cannot be too old.
  const newest = versions.some((one) => one >= Version['TLSv1.3']);
  const side: Side = alert.from === 'client' || newest ? 'server' : 'client';
  return [
    {
      cause: 'protocol_version_mismatch',
      side,
      confidence: 0.96,
      evidence: [...evidence, versionsInHello(offer, facts.helloMessage)],
      facts: offeredVersions(offer),
      missing: alert.from === 'server' ? ['server_settings'] : [],
    },
  ];
}

function handshakeFailure(alert: FactAlert, facts: HandshakeFacts): Finding[] {
  const evidence = [alertEvidence(alert)];
  const asked = facts.clientCertificateRequested === true || facts.seen.has('server CertificateRequest');
  if (asked && facts.clientChain !== null && facts.clientChain.length === 0)
    return [{ cause: 'client_certificate_required', side: 'client', confidence: 0.93, evidence }];
  if (asked && facts.clientChain !== null)
    return [
      {
        cause: 'client_certificate_rejected',
        side: 'client',
        confidence: 0.85,
        evidence,
        missing: ['server_log'],
      },
    ];
  // The server's first word: it answers a hello, of which too little was captured.
  if (!facts.clientHello && !facts.seen.has('server ServerHello') && alert.bytes?.start === 0)
    return [
      {
        cause: 'no_shared_cipher_suite',
        side: 'client',
        confidence: 0.4,
        evidence,
        missing: ['client_offer'],
      },
      { cause: 'no_shared_group', side: 'client', confidence: 0.15, evidence, missing: ['client_offer'] },
      { cause: 'protocol_version_mismatch', side: 'client', confidence: 0.15, evidence },
    ];
  if (facts.seen.has('server ServerHello') || !facts.clientHello)
    return [
      {
        cause: 'client_certificate_required',
        side: 'client',
        confidence: 0.4,
        evidence,
        missing: ['server_log'],
      },
      { cause: 'peer_misbehaved', side: 'unknown', confidence: 0.3, evidence, missing: ['server_log'] },
    ];
  return refusedOffer(offerOf(facts.clientHello), 0.93, alertEvidence(alert), facts.helloMessage);
}

const UNSAFE = messageEvidence('server', 'ServerHello', 'renegotiation_info');

/** A client that refuses what the server chose: parameters that are too weak, or renegotiation that is not secure. */
function refusedByClient(alert: FactAlert, facts: HandshakeFacts): Finding[] {
  const evidence = [alertEvidence(alert)];
  if (facts.secureRenegotiation === false)
    return [
      { cause: 'legacy_renegotiation', side: 'server', confidence: 0.92, evidence: [...evidence, UNSAFE] },
    ];
  const keyExchange = facts.seen.has('server ServerKeyExchange');
  return [
    {
      cause: 'weak_key_or_signature',
      side: 'server',
      confidence: keyExchange ? 0.74 : 0.4,
      evidence,
      missing: ['client_log'],
    },
    {
      cause: 'legacy_renegotiation',
      side: 'server',
      confidence: 0.1,
      evidence,
      missing: ['client_log'],
    },
    { cause: 'no_shared_signature_scheme', side: 'unknown', confidence: 0.08, evidence },
  ];
}

function decryptError(alert: FactAlert, facts: HandshakeFacts): Finding[] {
  const evidence = [alertEvidence(alert)];
  if (isPsk(facts)) return [{ cause: 'wrong_psk', side: 'unknown', confidence: 0.92, evidence }];
  if (alert.from === 'server' && offersPsk(facts) && !facts.seen.has('server ServerHello'))
    return [{ cause: 'wrong_psk', side: 'unknown', confidence: 0.93, evidence }];
  const signed =
    alert.from === 'client' && !facts.seen.has('client Finished') && facts.seen.has('server Certificate');
  if (signed)
    return [
      {
        cause: 'server_has_no_private_key',
        side: 'server',
        confidence: 0.72,
        evidence,
        missing: ['server_key'],
      },
      { cause: 'decrypt_failure', side: 'unknown', confidence: 0.24, evidence },
    ];
  const proof = alert.from === 'server' && facts.seen.has('client CertificateVerify');
  return [
    { cause: 'decrypt_failure', side: 'unknown', confidence: proof ? 0.5 : 0.82, evidence },
    ...(proof
      ? [
          {
            cause: 'client_certificate_rejected' as const,
            side: 'client' as const,
            confidence: 0.42,
            evidence,
          },
        ]
      : []),
  ];
}
