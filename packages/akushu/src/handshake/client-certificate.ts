/** The client's own authentication (RFC 9846 §4.4.2, §4.5.2): taking the request, choosing a credential, answering. */
import { tlsError } from '../errors.js';
import { RAW_PUBLIC_KEY } from '../messages/extensions/certificate-types.js';
import type { MessageBody } from '../messages/index.js';
import { credentialName, schemeFor, sendCertificate, sendCertificateVerify } from './authentication.js';
import { ofType, typeName } from './certificate-types.js';
import { type ClientConfig, type Credential, signingSchemesOf } from './config.js';
import { checkRequest } from './extension-rules.js';
import { ask, type Flow, peekType, receive } from './flow.js';
import { callerSays, type Handshake } from './handshake.js';
import { byIssuer } from './issuers.js';
import { notePresented } from './resumption.js';

type Client = Handshake<ClientConfig>;

export interface ClientAuthentication {
  readonly body: MessageBody<'CertificateRequest'>;
}

/** Receives a CertificateRequest if the server sends one; it looks ahead, since the next message tells. */
export function* receiveCertificateRequest(hs: Client): Flow<ClientAuthentication | undefined> {
  const next = yield* peekType();
  if (next !== 13) return undefined;
  const { body, bytes } = yield* receive(hs, 'CertificateRequest');
  // §4.4.2: the context is empty during the handshake; signature_algorithms is mandatory.
  if (body.certificateRequestContext.length !== 0) throw tlsError('bad_certificate_context');
  checkCertificateRequest(body);
  hs.transcript.add(bytes);
  return { body };
}

export function checkCertificateRequest(body: MessageBody<'CertificateRequest'>): void {
  checkRequest('CR', body.extensions.order ?? []);
  if (!body.extensions.signatureAlgorithms)
    throw tlsError('missing_extension', { extension: 'signature_algorithms' });
}

/** Answers a CertificateRequest: a chain and its proof, or an empty chain (§4.5.2). */
export function* sendClientCertificate(
  hs: Client,
  request: ClientAuthentication,
  certificateType: number,
): Flow<void> {
  const { body } = request;
  const schemes = body.extensions.signatureAlgorithms!;
  const { credential, scheme } = yield* chooseClientCredential(hs, body, schemes, certificateType);
  notePresented(hs, credential);
  sendCertificate(hs, credential, {
    context: body.certificateRequestContext,
    schemes,
    peerExtensions: body.extensions.order ?? [],
    compression: body.extensions.compressCertificate ?? [],
    rawPublicKey: certificateType === RAW_PUBLIC_KEY,
  });
  if (credential) yield* sendCertificateVerify(hs, credential, scheme!);
}

function* chooseClientCredential(
  hs: Client,
  body: MessageBody<'CertificateRequest'>,
  schemes: readonly number[],
  certificateType: number,
): Flow<{ credential: Credential | null; scheme?: number }> {
  const ours = signingSchemesOf(hs.config);
  const choose = hs.config.chooseCredential;
  const wish = {
    signatureSchemes: schemes,
    certificateAuthorities: body.extensions.certificateAuthorities ?? [],
    oidFilters: body.extensions.oidFilters ?? [],
    certificateType: typeName(certificateType),
    postHandshake: body.certificateRequestContext.length > 0,
  };
  const candidates = choose
    ? [yield* ask(callerSays(() => choose(wish)))]
    : byIssuer(ofType(hs.config.credentials ?? [], certificateType), wish.certificateAuthorities);
  for (const credential of candidates) {
    const scheme = credential && schemeFor(hs, credential, schemes, ours);
    if (credential && scheme !== undefined && scheme !== null) {
      hs.decide({
        about: 'client_certificate',
        by: 'client',
        chosen: credentialName(hs, credential),
        reason: choose ? 'chosen_by_callback' : 'first_that_fits',
        alternatives: [],
      });
      return { credential, scheme };
    }
  }
  const fitting = candidates.some((credential) => credential !== null);
  hs.decide({
    about: 'client_certificate',
    by: 'client',
    chosen: null,
    reason: fitting ? 'key_cannot_sign' : 'not_configured',
    alternatives: [],
  });
  return { credential: null };
}
