/** The client's own authentication before TLS 1.3 (RFC 5246 §7.4.6, §7.4.8): choosing a credential, answering, signing. */

import { RAW_PUBLIC_KEY } from '../../messages/extensions/certificate-types.js';
import { credentialName, ownPublicKey, signWith } from '../authentication.js';
import { ofType, typeName } from '../certificate-types.js';
import { type ClientConfig, type Credential, signingSchemesOf } from '../config.js';
import { ask, type Flow } from '../flow.js';
import { callerSays, type Handshake } from '../handshake.js';
import { byIssuer } from '../issuers.js';
import { notePresented } from '../resumption.js';
import type { Signing12 } from '../signatures.js';
import { type CertificateRequest, certificateTypeOf, chooseSigning, sendCertificate12 } from './signing.js';

type Client = Handshake<ClientConfig>;

export interface Chosen {
  readonly credential: Credential;
  readonly signing: Signing12;
}

/** Sends our chain, or an empty one (§7.4.6). */
export function* sendClientCertificate12(
  hs: Client,
  request: CertificateRequest,
  version: number,
  certificateType: number,
): Flow<Chosen | null> {
  const chosen = yield* choose(hs, request, version, certificateType);
  notePresented(hs, chosen?.credential ?? null);
  sendCertificate12(hs, chosen?.credential ?? null, certificateType === RAW_PUBLIC_KEY);
  return chosen;
}

function* choose(
  hs: Client,
  request: CertificateRequest,
  version: number,
  certificateType: number,
): Flow<Chosen | null> {
  const { chooseCredential, credentials } = hs.config;
  const wish = {
    signatureSchemes: request.schemes,
    certificateAuthorities: request.certificateAuthorities,
    oidFilters: [],
    certificateType: typeName(certificateType),
    postHandshake: false,
  };
  const ofThisType = ofType(credentials ?? [], certificateType);
  const candidates = chooseCredential
    ? [yield* ask(callerSays(() => chooseCredential(wish)))]
    : byIssuer(ofThisType, request.certificateAuthorities);
  const ours = signingSchemesOf(hs.config);
  for (const credential of candidates) {
    if (!credential || !request.certificateTypes.includes(certificateTypeOf(ownPublicKey(hs, credential))))
      continue;
    const signing = chooseSigning(hs, credential, version, ours, request.schemes);
    if (!signing) continue;
    hs.decide({
      about: 'client_certificate',
      by: 'client',
      chosen: credentialName(hs, credential),
      reason: chooseCredential ? 'chosen_by_callback' : 'first_that_fits',
      alternatives: [],
    });
    return { credential, signing };
  }
  const fitting = candidates.some((credential) => credential !== null);
  hs.decide({
    about: 'client_certificate',
    by: 'client',
    chosen: null,
    reason: fitting ? 'key_cannot_sign' : 'not_configured',
    alternatives: [],
  });
  return null;
}

/** Signs all messages so far (§7.4.8): the messages themselves, under the hash of the scheme. */
export function* sendCertificateVerify12(hs: Client, { credential, signing }: Chosen): Flow<void> {
  const signature = yield* signWith(hs, credential, signing.name, hs.transcript.messages());
  if (signing.code === null) hs.send('CertificateVerify10', { signature });
  else hs.send('CertificateVerify12', { algorithm: signing.code, signature });
}
