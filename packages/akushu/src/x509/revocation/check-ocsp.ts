/**
 * What an OCSP response says about a certificate (RFC 6960 §3.2, §4.2.2): signed by the issuer itself or by a responder
 * that the issuer certified for it, about this certificate, still true. Fetches nothing.
 */
import { equal } from '../../bytes/index.js';
import type { Provider } from '../../crypto/provider.js';
import { subjectPublicKeyInfo } from '../asn1.js';
import { type Certificate, parseCertificate } from '../certificate.js';
import { decodeDer, X509Error } from '../der/index.js';
import { sameName } from './distribution-points.js';
import {
  isAbout,
  type OcspMessage,
  type OcspResponse,
  parseOcspResponse,
  type SingleResponse,
} from './ocsp.js';
import { REVOCATION_OID } from './oids.js';
import { type Finding, isIssuedBy, isSignedByOnce, isWeak, signerProblem, unknown } from './signed.js';

export interface OcspCheck {
  readonly certificate: Certificate;
  /** Who issued it, verified. */
  readonly issuer: Certificate;
  /** DER, or read already. */
  readonly response: Uint8Array | OcspMessage;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** How far clocks may be apart, in milliseconds. */
  readonly clockSkew: number;
  /** How long an answer without nextUpdate counts, in milliseconds. */
  readonly maxAge: number;
  /** What was asked with. A response with another nonce, or none, does not count. */
  readonly nonce?: Uint8Array | undefined;
  readonly allowSha1: boolean;
  readonly provider: Provider;
  /** Responders trusted by the user beside those that the issuer certified (§4.2.2.2 (1)). */
  readonly trustedResponders?: readonly Certificate[] | undefined;
  /** Whether a delegated responder without id-pkix-ocsp-nocheck is known to be revoked (§4.2.2.2.1). */
  readonly isResponderRevoked?: ((responder: Certificate) => boolean) | undefined;
}

/** More certificates in a response are not tried: each costs a signature check. */
const MAX_RESPONDERS = 4;

/** More answers in a response are not looked at. */
const MAX_ANSWERS = 1024;

/** Revoked, good, or unknown with what was wrong. Never throws on what a responder sent. */
export function checkOcsp(check: OcspCheck): Finding {
  let message: OcspMessage;
  try {
    message = check.response instanceof Uint8Array ? parseOcspResponse(check.response) : check.response;
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    const { rule, offset, field } = error;
    return unknown('ocsp_malformed', 'RFC 6960 §4.2.1', 'malformed', { rule, offset, field });
  }
  if (message.response === null) {
    return unknown('ocsp_error_status', 'RFC 6960 §4.2.1', message.status, { status: message.status });
  }
  const { response } = message;
  const answers = response.responses
    .slice(0, MAX_ANSWERS)
    .filter(({ certId }) => isAbout(certId, check.certificate, check.issuer, check.provider));
  // §3.2 (1)
  if (answers.length === 0)
    return unknown('ocsp_other_certificate', 'RFC 6960 §3.2 (1)', 'other_certificate');
  return responseProblem(response, check) ?? judge(answers, check);
}

/** §3.2 (2)–(4) and the nonce: whether the response as a whole counts. */
function responseProblem(response: OcspResponse, check: OcspCheck): Finding | null {
  const critical = [response, ...response.responses]
    .flatMap(({ extensions }) => extensions)
    .find((extension) => extension.critical && !UNDERSTOOD.has(extension.oid));
  if (critical) {
    return unknown('ocsp_unknown_critical_extension', 'RFC 6960 §4.4', 'not_understood', {
      oid: critical.oid,
    });
  }
  if (isWeak(response, check.allowSha1)) {
    return unknown('ocsp_weak_signature', 'RFC 6960 §4.3', 'weak_signature', {
      signatureAlgorithm: response.signatureAlgorithmOid,
    });
  }
  const unsigned = signatureProblem(response, check);
  if (unsigned) return unsigned;
  if (check.nonce && !(response.nonce && equal(response.nonce, check.nonce))) {
    return unknown('ocsp_nonce_mismatch', 'RFC 9654 §2.1', 'other_nonce', {
      present: response.nonce !== null,
    });
  }
  if (response.producedAt > check.time + check.clockSkew) {
    return unknown('ocsp_not_yet_valid', 'RFC 6960 §4.2.2.1', 'not_yet_valid', {
      producedAt: response.producedAt,
      time: check.time,
    });
  }
  return null;
}

const UNDERSTOOD: ReadonlySet<string> = new Set([
  REVOCATION_OID.ocspNonce,
  REVOCATION_OID.ocspCrlReference,
  REVOCATION_OID.ocspArchiveCutoff,
  REVOCATION_OID.ocspSctList,
]);

/** §4.2.2.2: the issuer, a responder that it certified, or one that the user trusts. */
function signatureProblem(response: OcspResponse, check: OcspCheck): Finding | null {
  const { issuer, provider } = check;
  const trusted = [issuer, ...(check.trustedResponders ?? [])];
  for (const signer of trusted) {
    if (isNamed(response, signer, provider) && isSignedByOnce(response, signer, provider)) return null;
  }
  let problem = unknown('ocsp_signature_invalid', 'RFC 6960 §3.2 (2)', 'bad_signature');
  for (const der of response.certificates.slice(0, MAX_RESPONDERS)) {
    const responder = readCertificate(der);
    if (!responder || !isNamed(response, responder, provider)) continue;
    if (!isSignedByOnce(response, responder, provider)) continue;
    const refused = delegationProblem(responder, check);
    if (!refused) return null;
    problem = unknown('ocsp_responder_not_authorized', 'RFC 6960 §4.2.2.2', refused, {
      responder: responder.subject.text,
    });
  }
  return problem;
}

function readCertificate(der: Uint8Array): Certificate | null {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (error instanceof X509Error) return null;
    throw error;
  }
}

/** §4.2.2.3: ResponderID is the signer's name or the SHA-1 of its key. */
function isNamed({ responder }: OcspResponse, signer: Certificate, provider: Provider): boolean {
  if (responder.kind === 'name') return sameName(responder.name, signer.subject);
  const { subjectPublicKey } = decodeDer(subjectPublicKeyInfo, signer.spki);
  return equal(responder.hash, provider.digest('sha1', subjectPublicKey));
}

/** §4.2.2.2: certified by the very issuer of the certificate in question, for signing responses, and valid now. */
function delegationProblem(responder: Certificate, check: OcspCheck): string | null {
  if (!responder.extKeyUsage?.includes(REVOCATION_OID.ocspSigning)) return 'no_ocsp_signing';
  const { keyUsage } = responder;
  if (keyUsage && !keyUsage.includes('digitalSignature') && !keyUsage.includes('nonRepudiation')) {
    return 'key_usage';
  }
  if (!isIssuedBy(responder, check.issuer, check.provider, check.allowSha1)) return 'other_issuer';
  const unusable = signerProblem(responder, check.time);
  if (unusable) return unusable;
  // §4.2.2.2.1
  const exempt = responder.extensions.some(({ oid }) => oid === REVOCATION_OID.ocspNoCheck);
  return !exempt && check.isResponderRevoked?.(responder) === true ? 'responder_revoked' : null;
}

/** Of several answers about the same certificate the worst among those that are fresh. */
function judge(answers: readonly SingleResponse[], check: OcspCheck): Finding {
  let stale: Finding | null = null;
  const fresh = answers.filter((answer) => {
    const problem = timeProblem(answer, check);
    stale ??= problem;
    return problem === null;
  });
  const worst =
    fresh.find(({ status }) => status === 'revoked') ??
    fresh.find(({ status }) => status === 'unknown') ??
    fresh[0];
  if (!worst) return stale!;
  const { status, thisUpdate, nextUpdate, revokedAt, reason } = worst;
  const rfc = 'RFC 6960 §2.2';
  const facts = { thisUpdate, nextUpdate };
  if (status === 'good') return { status, reason: null, rule: 'ocsp_good', rfc, facts };
  if (status === 'unknown') return unknown('ocsp_unknown', rfc, 'unknown_to_responder', facts);
  return {
    status,
    reason: reason ?? 'unspecified',
    rule: 'ocsp_revoked',
    rfc,
    facts: { ...facts, revokedAt },
  };
}

/** §3.2 (5), (6), §4.2.2.1 */
function timeProblem(answer: SingleResponse, { time, clockSkew, maxAge }: OcspCheck): Finding | null {
  const { thisUpdate, nextUpdate } = answer;
  const facts = { thisUpdate, nextUpdate, time };
  const rfc = 'RFC 6960 §4.2.2.1';
  if (thisUpdate > time + clockSkew) return unknown('ocsp_not_yet_valid', rfc, 'not_yet_valid', facts);
  const until = nextUpdate ?? thisUpdate + maxAge;
  return until < time - clockSkew ? unknown('ocsp_stale', rfc, 'stale', facts) : null;
}
