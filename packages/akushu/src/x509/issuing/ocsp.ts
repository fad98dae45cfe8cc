/** Makes OCSP responses (RFC 6960 §4.2), signed by the authority itself or by a responder that it certified. */
import { equal } from '../../bytes/index.js';
import { name, subjectPublicKeyInfo } from '../asn1.js';
import type { Certificate } from '../certificate.js';
import { decodeDer, encodeDer, type InferDer, octetString } from '../der/index.js';
import {
  basicOcspResponse,
  ENTRY_REASONS,
  ocspResponse,
  type RevocationReason,
  responseData,
  type singleResponse,
} from '../revocation/asn1.js';
import {
  type CertIdHash,
  certIdOf,
  nonceExtension,
  OCSP_STATUS,
  type OcspRequest,
  type OcspResponseStatus,
  parseOcspResponse,
} from '../revocation/ocsp.js';
import { REVOCATION_OID } from '../revocation/oids.js';
import { encodeSctList } from '../revocation/sct.js';
import { wholeSeconds } from './fields.js';
import { asCertificate, type Issuer, type SigningOptions, signingWith } from './sign.js';

export interface OcspAnswerInput {
  /** The certificate in question, or its serial number. */
  readonly certificate: Certificate | Pick<Certificate, 'serial'>;
  readonly status: 'good' | 'revoked' | 'unknown';
  /** For `revoked`. Milliseconds since 1970. */
  readonly revokedAt?: number | undefined;
  readonly reason?: RevocationReason | undefined;
  /** Milliseconds since 1970, cut to whole seconds. */
  readonly thisUpdate: number;
  readonly nextUpdate?: number | undefined;
  /** SerializedSCTs (RFC 6962 §3.3). */
  readonly scts?: readonly Uint8Array[] | undefined;
}

export interface OcspResponseOptions extends SigningOptions {
  /** Who issued the certificates in question. */
  readonly authority: Uint8Array | Certificate;
  /** Who signs: the authority itself, or a responder with the purpose OCSPSigning, whose certificate is then put in. */
  readonly responder: Issuer;
  readonly answers: readonly OcspAnswerInput[];
  /** Milliseconds since 1970, cut to whole seconds. */
  readonly producedAt: number;
  /** What is answered: gives the nonce and the hash. */
  readonly request?: Pick<OcspRequest, 'nonce' | 'certIds'> | undefined;
  /** Left out: that of `request`. */
  readonly nonce?: Uint8Array | undefined;
  /** Of the authority's name and key. Left out: that of `request`, or SHA-1. */
  readonly hash?: CertIdHash | undefined;
  /** How the responder is named. Default by its key. */
  readonly nameBy?: 'key' | 'name' | undefined;
}

/** Makes and signs a response; gives its DER. Throws RangeError or TypeError on options that do not fit together. */
export async function createOcspResponse(options: OcspResponseOptions): Promise<Uint8Array> {
  const authority = asCertificate(options.authority);
  const responder = asCertificate(options.responder.certificate);
  const signing = signingWith(options.responder.key, options);
  const { provider, nonce = options.request?.nonce ?? undefined, producedAt } = options;
  const hash = options.hash ?? (options.request?.certIds[0]?.hash as CertIdHash | null | undefined) ?? 'sha1';
  const tbs = encodeDer(responseData, {
    version: 0,
    responderID: responderIdOf(responder, options),
    producedAt: wholeSeconds(producedAt),
    responses: options.answers.map((answer) => ({
      certID: certIdOf(answer.certificate, authority, hash, provider),
      ...answerOf(answer),
    })),
    responseExtensions: nonce ? [nonceExtension(nonce)] : undefined,
  });
  const delegated = !equal(responder.der, authority.der);
  const basic = encodeDer(basicOcspResponse, {
    tbsResponseData: { value: decodeDer(responseData, tbs), raw: tbs },
    signatureAlgorithm: signing.identifier,
    signature: await signing.sign(tbs),
    certs: delegated ? [responder.der] : undefined,
  });
  const der = encodeDer(ocspResponse, {
    responseStatus: 0,
    responseBytes: { responseType: REVOCATION_OID.ocspBasic, response: basic },
  });
  parseOcspResponse(der);
  return der;
}

/** A response that says only why there is no answer (§4.2.1). */
export function createOcspError(status: Exclude<OcspResponseStatus, 'successful'>): Uint8Array {
  return encodeDer(ocspResponse, { responseStatus: OCSP_STATUS.indexOf(status), responseBytes: undefined });
}

function responderIdOf(
  responder: Certificate,
  { nameBy = 'key', provider }: OcspResponseOptions,
): InferDer<typeof responseData>['responderID'] {
  if (nameBy === 'name') {
    const { raw } = responder.subject;
    return { kind: 'byName', value: { value: decodeDer(name, raw), raw } };
  }
  const { subjectPublicKey } = decodeDer(subjectPublicKeyInfo, responder.spki);
  return { kind: 'byKey', value: provider.digest('sha1', subjectPublicKey) };
}

function answerOf(answer: OcspAnswerInput): Omit<InferDer<typeof singleResponse>, 'certID'> {
  const { thisUpdate, nextUpdate, scts } = answer;
  return {
    certStatus: statusOf(answer),
    thisUpdate: wholeSeconds(thisUpdate),
    nextUpdate: nextUpdate === undefined ? undefined : wholeSeconds(nextUpdate),
    singleExtensions: scts?.length
      ? [
          {
            extnID: REVOCATION_OID.ocspSctList,
            critical: false,
            extnValue: encodeDer(octetString, encodeSctList(scts)),
          },
        ]
      : undefined,
  };
}

function statusOf({
  status,
  revokedAt,
  reason,
}: OcspAnswerInput): InferDer<typeof singleResponse>['certStatus'] {
  if (status !== 'revoked') return { kind: status, value: null };
  if (revokedAt === undefined) throw new TypeError('"revokedAt" expected for a revoked certificate');
  return {
    kind: 'revoked',
    value: {
      revocationTime: wholeSeconds(revokedAt),
      revocationReason:
        reason === undefined || reason === 'unspecified' ? undefined : ENTRY_REASONS.indexOf(reason),
    },
  };
}
