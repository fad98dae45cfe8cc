/**
 * Everything that is known about the revocation of a path in one answer for each certificate: staples, OCSP responses,
 * CRLs, must-staple (RFC 7633), certificates about which nothing will ever be said (RFC 9608). `verifyChain` asks it
 * through `../revocation-hook.ts`, and decides by its mode. Fetches nothing: see `gather.ts`.
 */
import type { Provider } from '../../crypto/provider.js';
import type { Certificate } from '../certificate.js';
import type { RevocationCheck, RevocationQuery, RevocationStatus } from '../revocation-hook.js';
import { checkCrls } from './check-crl.js';
import { checkOcsp, type OcspCheck } from './check-ocsp.js';
import { type Crl, parseCrl } from './crl.js';
import { type OcspMessage, parseOcspResponse } from './ocsp.js';
import { REVOCATION_OID } from './oids.js';
import { type Finding, unknown } from './signed.js';

/** An OCSP response, with the nonce that was asked with, if any. */
export interface GivenResponse {
  readonly response: Uint8Array | OcspMessage;
  readonly nonce?: Uint8Array | undefined;
}

export interface RevocationMaterial {
  /** DER, or read already: lists that are used often should be. */
  readonly crls?: readonly (Uint8Array | Crl)[] | undefined;
  /** For any certificates of the paths that will be verified. */
  readonly ocspResponses?: readonly (Uint8Array | OcspMessage | GivenResponse)[] | undefined;
  /** Certificates of CRL issuers that are in no path. Each has to be issued by an authority of the path. */
  readonly crlIssuers?: readonly Certificate[] | undefined;
  /** Responders that count whoever certified them. */
  readonly trustedResponders?: readonly Certificate[] | undefined;
}

export interface RevocationCheckOptions extends RevocationMaterial {
  /** Refuse a leaf that demands a staple and comes without a good one. For connections; default false. */
  readonly mustStaple?: boolean | undefined;
  /** How far clocks may be apart, in milliseconds. Default five minutes. */
  readonly clockSkew?: number | undefined;
  /** How long an OCSP answer without nextUpdate counts, in milliseconds. Default one day. */
  readonly maxAge?: number | undefined;
  /** Signatures over SHA-1 count. Default false. */
  readonly allowSha1?: boolean | undefined;
  /**
   * Certificates that are valid no longer than this, in milliseconds, and name no place to ask at are taken as good: they
   * expire before anybody would hear of it (CA/Browser Forum Baseline Requirements §4.9.7). Default seven days.
   */
  readonly shortLived?: number | undefined;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

interface Context {
  readonly clockSkew: number;
  readonly maxAge: number;
  readonly allowSha1: boolean;
  readonly crls: readonly Crl[];
  readonly ocspResponses: readonly GivenResponse[];
  readonly crlIssuers: readonly Certificate[];
  readonly trustedResponders: readonly Certificate[];
  readonly mustStaple: boolean;
  readonly shortLived: number;
  readonly time: number;
  readonly provider: Provider;
  /** CRLs have to be of the form that RFC 5280 §5 demands. */
  readonly strictForm: boolean;
}

/**
 * Makes the check that `verifyChain` takes as `revocation.check`. Throws X509Error where a CRL or OCSP response that is
 * given here cannot be read; never afterwards.
 *
 * @example
 * const check = revocationCheck({ crls: [der], mustStaple: true });
 * verifyChain({ ...input, revocation: { mode: 'hard', check, staples: [staple] } });
 */
export function revocationCheck(options: RevocationCheckOptions = {}): RevocationCheck {
  const crls = (options.crls ?? []).map((crl) => (crl instanceof Uint8Array ? parseCrl(crl) : crl));
  const ocspResponses = (options.ocspResponses ?? []).map(readGiven);
  return ({ path, time, provider, profile, staples }: RevocationQuery): readonly RevocationStatus[] => {
    const context: Context = {
      crls,
      ocspResponses,
      crlIssuers: options.crlIssuers ?? [],
      trustedResponders: options.trustedResponders ?? [],
      mustStaple: options.mustStaple ?? false,
      clockSkew: options.clockSkew ?? 5 * MINUTE,
      maxAge: options.maxAge ?? DAY,
      allowSha1: options.allowSha1 ?? false,
      shortLived: options.shortLived ?? 7 * DAY,
      time,
      provider,
      strictForm: profile !== 'default',
    };
    return path.slice(0, -1).map((certificate, index) => ({
      index,
      ...statusOf(certificate, path.slice(index + 1), index, staples[index] ?? null, context),
    }));
  };
}

function readGiven(given: Uint8Array | OcspMessage | GivenResponse): GivenResponse {
  if (given instanceof Uint8Array) return { response: parseOcspResponse(given) };
  if ('status' in given) return { response: given };
  const { response, nonce } = given;
  return { response: response instanceof Uint8Array ? parseOcspResponse(response) : response, nonce };
}

function statusOf(
  certificate: Certificate,
  issuers: readonly Certificate[],
  index: number,
  staple: Uint8Array | null,
  context: Context,
): Finding {
  const stapled = staple && ocspFinding({ response: staple }, certificate, issuers, context);
  if (stapled?.status === 'revoked') return stapled;
  const given = context.ocspResponses.map((one) => ocspFinding(one, certificate, issuers, context));
  const listed = checkCrls({ ...context, certificate, issuers, otherIssuers: context.crlIssuers });
  const all = [...(stapled ? [stapled] : []), ...given, listed];
  const revoked = all.find(({ status }) => status === 'revoked');
  if (revoked) return revoked;
  // RFC 7633 §4.2.3: concerns the server's own certificate.
  if (context.mustStaple && index === 0 && certificate.mustStaple && stapled?.status !== 'good') {
    return {
      ...unknown('must_staple', 'RFC 7633 §4.2.3', stapled ? 'bad_staple' : 'no_staple', {
        ...(stapled && { staple: stapled.rule, ...stapled.facts }),
      }),
      fatal: true,
    };
  }
  return all.find(({ status }) => status === 'good') ?? exemption(certificate, context) ?? mostTelling(all);
}

function ocspFinding(
  { response, nonce }: GivenResponse,
  certificate: Certificate,
  issuers: readonly Certificate[],
  context: Context,
): Finding {
  const check: OcspCheck = {
    ...context,
    certificate,
    issuer: issuers[0]!,
    response,
    nonce,
    isResponderRevoked: (responder) =>
      checkCrls({ ...context, certificate: responder, issuers, otherIssuers: context.crlIssuers }).status ===
      'revoked',
  };
  return checkOcsp(check);
}

/** Nothing is, or can be, said about these. */
function exemption(certificate: Certificate, { shortLived }: Context): Finding | null {
  const good = (rule: string, rfc: string): Finding => ({ status: 'good', reason: null, rule, rfc });
  if (certificate.basicConstraints?.ca === true) return null;
  // RFC 9608 §2: not in the certificates of authorities.
  if (certificate.extensions.some(({ oid }) => oid === REVOCATION_OID.noRevAvail)) {
    return good('no_rev_avail', 'RFC 9608 §2');
  }
  const lifetime = certificate.notAfter - certificate.notBefore + 1000;
  return lifetime <= shortLived && !saysWhereToAsk(certificate) ? good('short_lived', 'BR §4.9.7') : null;
}

function saysWhereToAsk({ authorityInfoAccess, crlDistributionPoints }: Certificate): boolean {
  return (authorityInfoAccess?.ocsp.length ?? 0) > 0 || crlDistributionPoints !== null;
}

/** What was wrong with information that was there tells more than that other information was not. */
function mostTelling(findings: readonly Finding[]): Finding {
  const weight = ({ rule }: Finding): number =>
    rule === 'no_crl' ? 0 : rule === 'ocsp_other_certificate' || rule === 'crl_issuer_mismatch' ? 1 : 2;
  return findings.reduce((best, finding) => (weight(finding) > weight(best) ? finding : best));
}
