/**
 * Certificate and CertificateVerify, both ways (RFC 9846 §4.5.2–4.5.3, RFC 8879, RFC 7250). Asks the caller for the
 * verdict on the chain; checks the signature itself. Knows nothing of trust stores.
 */
import { toHex } from '../bytes/index.js';
import type { PublicKey } from '../crypto/provider.js';
import { schemeAlgorithm } from '../crypto/schemes.js';
import { tlsError } from '../errors.js';
import type { Certificate } from '../messages/index.js';
import { ExtensionType, schemeByCode, signatureSchemeName } from '../registry/index.js';
import type { Side } from '../trace/index.js';
import { compressCertificate, decompressCertificate } from './certificate-compression.js';
import type { CertificateCompression, Credential } from './config.js';
import { checkResponse } from './extension-rules.js';
import { ask, type Flow, type Received, receive } from './flow.js';
import { callerSays, type Handshake } from './handshake.js';
import {
  importPeerKey,
  type JudgedPeer,
  judgePeer,
  parseLeaf,
  proveBySignature,
  type VerifiedPeer,
} from './peer-proof.js';
import { keyFits, schemesFor13, signedContent } from './signatures.js';

/** What we asked the peer for, by which its answer is judged. */
export interface AuthenticationTerms {
  readonly signer: Side;
  /** Must be echoed (§4.5.2). */
  readonly context: Uint8Array;
  readonly schemes: readonly number[];
  /** Extensions that the peer may put into its entries. */
  readonly offeredExtensions: readonly number[];
  readonly compression: readonly CertificateCompression[];
  readonly rawPublicKey: boolean;
  readonly serverName: string | null;
}

/**
 * Receives the peer's chain and proof of possession; undefined where a client sent an empty chain.
 * Throws what is wrong with either, and the caller's verdict where it is not trusted.
 */
export function* authenticatePeer(hs: Handshake, terms: AuthenticationTerms): Flow<VerifiedPeer | undefined> {
  const message =
    terms.compression.length > 0
      ? yield* receive(hs, 'Certificate', 'CompressedCertificate')
      : yield* receive(hs, 'Certificate');
  return yield* authenticateWith(hs, terms, message);
}

/** As `authenticatePeer`, from a Certificate message that has come already. */
export function* authenticateWith(
  hs: Handshake,
  terms: AuthenticationTerms,
  message: Received<'Certificate'> | Received<'CompressedCertificate'>,
): Flow<VerifiedPeer | undefined> {
  const certificate =
    message.name === 'Certificate'
      ? message.body
      : decompressCertificate(hs, terms.compression, message.body);
  hs.transcript.add(message.bytes);
  checkCertificate(hs, terms, certificate);
  if (certificate.certificateList.length === 0) return undefined;

  const chain = certificate.certificateList.map((entry) => entry.certData);
  const leaf = certificate.certificateList[0]!;
  const ocsp =
    leaf.extensions.statusRequest?.statusType === 1 ? leaf.extensions.statusRequest.response : null;
  const scts = leaf.extensions.signedCertificateTimestamp ?? [];
  const publicKey = importPeerKey(
    hs,
    terms.rawPublicKey ? chain[0]! : signingKeyOf(chain[0]!),
    terms.rawPublicKey ? 'malformed_certificate' : 'bad_certificate',
  );

  const presentation = {
    role: terms.signer,
    chain: terms.rawPublicKey ? [] : chain,
    rawPublicKey: terms.rawPublicKey ? chain[0]! : null,
    serverName: terms.serverName,
    ocsp,
    scts,
  };
  const judged = yield* judgePeer(hs, presentation, publicKey);
  return yield* receiveCertificateVerify(hs, terms, judged);
}

function checkCertificate(hs: Handshake, terms: AuthenticationTerms, certificate: Certificate): void {
  const { certificateRequestContext: context, certificateList: list } = certificate;
  // §4.5.2: empty from a server; otherwise what the request had.
  if (toHex(context) !== toHex(terms.context)) throw tlsError('bad_certificate_context');
  // §4.5.2.4: a server's list is never empty.
  if (list.length === 0 && terms.signer === 'server') throw tlsError('empty_server_certificate');
  // RFC 7250 §3: exactly one raw public key.
  if (terms.rawPublicKey && list.length > 1) throw tlsError('illegal_field', { structure: 'Certificate' });
  if (list.length > hs.limits.chain)
    throw tlsError('too_many_certificates', { count: list.length, limit: hs.limits.chain });
  for (const entry of list) checkResponse('CT', entry.extensions.order ?? [], terms.offeredExtensions);
}

/** The leaf's key, which must be allowed to sign (§4.5.2.2). */
function signingKeyOf(der: Uint8Array): Uint8Array {
  const { spki, keyUsage } = parseLeaf(der);
  if (keyUsage && !keyUsage.includes('digitalSignature')) throw tlsError('wrong_key_usage', { keyUsage });
  return spki;
}

/** §4.5.3: the scheme was offered, fits the key, and the signature is over this transcript. */
function* receiveCertificateVerify(
  hs: Handshake,
  terms: AuthenticationTerms,
  judged: JudgedPeer,
): Flow<VerifiedPeer> {
  const key = judged.publicKey;
  const { body, bytes } = yield* receive(hs, 'CertificateVerify');
  const scheme = schemeByCode(body.algorithm);
  if (!terms.schemes.includes(body.algorithm) || !scheme?.tls13) {
    throw tlsError('unoffered_signature_scheme', { scheme: signatureSchemeName(body.algorithm) });
  }
  const algorithm = schemeAlgorithm(scheme.iana);
  if (!algorithm || !keyFits(key, scheme)) {
    throw tlsError('signature_scheme_key_mismatch', { scheme: scheme.iana, key: key.kind });
  }
  const content = signedContent(terms.signer, hs.transcript.digest());
  const peer = proveBySignature(judged, algorithm, content, body.signature, scheme.iana);
  hs.transcript.add(bytes);
  if (terms.signer === 'server') {
    hs.decide({
      about: 'signature_scheme',
      by: terms.signer,
      chosen: scheme.iana,
      reason: 'chosen_by_server',
      alternatives: [],
    });
  }
  return peer;
}

/** How the peer wants our certificate. */
export interface PresentationTerms {
  readonly context: Uint8Array;
  readonly schemes: readonly number[];
  readonly peerExtensions: readonly number[];
  readonly compression: readonly number[];
  readonly rawPublicKey: boolean;
}

/** The scheme to sign with in TLS 1.3: the first of the peer's that the key has, in our order; undefined for none. */
export function schemeFor(
  hs: Handshake,
  credential: Credential,
  peerSchemes: readonly number[],
  ours: readonly number[],
): number | undefined {
  const key = ownPublicKey(hs, credential);
  return schemesFor13(ours).find(
    (scheme) =>
      peerSchemes.includes(scheme.code) &&
      credential.key.schemes.includes(scheme.iana) &&
      keyFits(key, scheme),
  )?.code;
}

/** For the trace: which of the configuration's credentials; one of a callback's has no number. */
export function credentialName(hs: Handshake, credential: Credential): string {
  const index = hs.config.credentials?.indexOf(credential) ?? -1;
  return index < 0 ? 'credential' : `credential ${index}`;
}

/** Sends our chain, compressed where the peer can and it gets shorter. */
export function sendCertificate(
  hs: Handshake,
  credential: Credential | null,
  terms: PresentationTerms,
): void {
  const body = { certificateRequestContext: terms.context, certificateList: entriesOf(credential, terms) };
  const compressed = credential && compressCertificate(hs, credential, body, terms.compression);
  if (compressed) hs.send('CompressedCertificate', compressed);
  else hs.send('Certificate', body);
}

function entriesOf(credential: Credential | null, terms: PresentationTerms): Certificate['certificateList'] {
  if (!credential) return [];
  if (terms.rawPublicKey) return [{ certData: credential.key.spki, extensions: {} }];
  const staple = credential.ocsp && terms.peerExtensions.includes(ExtensionType.status_request);
  const scts = credential.scts && terms.peerExtensions.includes(ExtensionType.signed_certificate_timestamp);
  return credential.chain.map((certData, index) => ({
    certData,
    extensions:
      index > 0
        ? {}
        : {
            statusRequest: staple ? { statusType: 1, response: credential.ocsp! } : undefined,
            signedCertificateTimestamp: scts ? credential.scts : undefined,
          },
  }));
}

/** Signs the transcript so far. */
export function* sendCertificateVerify(hs: Handshake, credential: Credential, code: number): Flow<void> {
  const scheme = schemeByCode(code)!.iana;
  const content = signedContent(hs.role, hs.transcript.digest());
  const signature = yield* signWith(hs, credential, scheme, content);
  hs.send('CertificateVerify', { algorithm: code, signature });
}

/** Signs, and verifies what came back before it is sent, since the key may be anywhere. Throws `own_signature_invalid`. */
export function* signWith(
  hs: Handshake,
  credential: Credential,
  scheme: string,
  content: Uint8Array,
): Flow<Uint8Array> {
  const signature = yield* ask(
    callerSays(() => credential.key.sign(scheme, content, { signal: hs.io.signal })),
  );
  const algorithm = schemeAlgorithm(scheme);
  if (!algorithm || !ownPublicKey(hs, credential).verify(algorithm, content, signature)) {
    throw tlsError('own_signature_invalid', { scheme });
  }
  return signature;
}

/** Imported once per credential: importing costs more than verifying. */
const ownKeys = new WeakMap<Credential, PublicKey>();

export function ownPublicKey(hs: Handshake, credential: Credential): PublicKey {
  const known = ownKeys.get(credential);
  if (known) return known;
  const spki = credential.chain.length > 0 ? parseLeaf(credential.chain[0]!).spki : credential.key.spki;
  const key = importPeerKey(hs, spki);
  ownKeys.set(credential, key);
  return key;
}
