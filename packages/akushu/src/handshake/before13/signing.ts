/**
 * Certificates and signatures before TLS 1.3: which key goes with which suite (RFC 5246 §7.4.2, RFC 8422 §5.3), which
 * scheme signs (RFC 5246 §7.4.1.4.1; before 1.2 the key alone says it), and Certificate, CertificateStatus,
 * CertificateRequest and CertificateVerify as messages.
 */
import { EMPTY } from '../../bytes/index.js';
import type { PublicKey } from '../../crypto/provider.js';
import { tlsError } from '../../errors.js';
import {
  type CipherSuite,
  groupName,
  Scheme,
  schemeByCode,
  signatureSchemeName,
  Version,
} from '../../registry/index.js';
import type { DecisionReason } from '../../trace/index.js';
import { ownPublicKey } from '../authentication.js';
import type { Credential } from '../config.js';
import { type Flow, peekType, receive } from '../flow.js';
import type { Handshake } from '../handshake.js';
import { importPeerKey, type JudgedPeer, judgePeer, parseLeaf } from '../peer-proof.js';
import { keyFits12, type Signing12, signing10, signing12 } from '../signatures.js';

/** RFC 5246 §7.4.1.4.1: what a client of TLS 1.2 means that says nothing. */
export const DEFAULT_PEER_SCHEMES: readonly number[] = [Scheme.rsa_pkcs1_sha1, Scheme.ecdsa_sha1];

/** Whether a key of this kind may stand in the server's certificate under the suite. */
export function keyFitsSuite(key: PublicKey, suite: CipherSuite, version: number): boolean {
  if (suite.auth === 'RSA') {
    const encrypts = suite.kx === 'RSA' || suite.kx === 'RSA_PSK';
    return key.kind === 'rsa' || (key.kind === 'rsa-pss' && !encrypts && version >= Version['TLSv1.2']);
  }
  // RFC 8422 §5.3: EdDSA keys go under the ECDSA suites.
  if (key.kind === 'ed25519' || key.kind === 'ed448') return version >= Version['TLSv1.2'];
  return key.kind === 'ec';
}

/** RFC 8422 §5.3: the curve of an ECDSA certificate is among those that the client named; undefined: it named none. */
export function curveIsNamed(
  key: PublicKey,
  suite: CipherSuite,
  groups: readonly number[] | undefined,
): boolean {
  if (key.kind !== 'ec' || suite.auth !== 'ECDSA' || !groups) return true;
  return groups.some((code) => groupName(code) === key.curve);
}

/** How to sign with a key of ours; undefined where the peer can verify none of it. */
export function chooseSigning(
  hs: Handshake,
  credential: Credential,
  version: number,
  ours: readonly number[],
  theirs: readonly number[],
): Signing12 | undefined {
  const key = ownPublicKey(hs, credential);
  if (version < Version['TLSv1.2']) {
    const signing = signing10(key);
    return signing && credential.key.schemes.includes(signing.name) ? signing : undefined;
  }
  for (const code of ours) {
    const signing = theirs.includes(code) ? signing12(code) : undefined;
    if (signing && keyFits12(key, signing.info) && credential.key.schemes.includes(signing.name))
      return signing;
  }
  return undefined;
}

/** Why a credential of ours cannot stand under a suite; or how it signs, null where it need not. */
export function credentialFits(
  hs: Handshake,
  credential: Credential,
  suite: CipherSuite,
  version: number,
  ours: readonly number[],
  theirs: readonly number[],
): { readonly signing: Signing12 | null } | DecisionReason {
  if (!keyFitsSuite(ownPublicKey(hs, credential), suite, version)) return 'no_certificate_for_it';
  if (suite.kx === 'RSA' || suite.kx === 'RSA_PSK')
    return credential.key.decryptRaw ? { signing: null } : 'no_certificate_for_it';
  const signing = chooseSigning(hs, credential, version, ours, theirs);
  return signing ? { signing } : 'no_shared_signature_scheme';
}

/** How the peer says that it signed. Throws where that was not offered or does not go with its key. */
export function peerSigning(
  key: PublicKey,
  version: number,
  code: number | undefined,
  offered: readonly number[],
): Signing12 {
  if (version < Version['TLSv1.2']) {
    const signing = signing10(key);
    if (!signing) throw tlsError('signature_scheme_key_mismatch', { key: key.kind });
    return signing;
  }
  const info = schemeByCode(code!);
  if (!offered.includes(code!))
    throw tlsError('unoffered_signature_scheme', { scheme: signatureSchemeName(code!) });
  const signing = signing12(code!);
  if (!signing || !info || !keyFits12(key, info))
    throw tlsError('signature_scheme_key_mismatch', { scheme: signatureSchemeName(code!), key: key.kind });
  return signing;
}

/** What is said about a certificate besides the chain, and by what it is judged. */
export interface Certificate12Terms {
  readonly role: 'client' | 'server';
  readonly serverName: string | null;
  /** The peer may staple an OCSP response in a message of its own (RFC 6066 §8). */
  readonly statusMayFollow: boolean;
  readonly scts: readonly Uint8Array[];
  /** What the key in it is to be used for. */
  readonly use: 'digitalSignature' | 'keyEncipherment';
  /** A bare key comes in place of a chain (RFC 7250 §3). */
  readonly rawPublicKey: boolean;
  /** Whether a key may stand here at all. */
  readonly fits: (key: PublicKey) => boolean;
}

const CERTIFICATE_STATUS = 22;

/** Receives Certificate, and CertificateStatus where one comes, and asks for the verdict; null where a client has none. */
export function* receiveCertificate12(hs: Handshake, terms: Certificate12Terms): Flow<JudgedPeer | null> {
  const chain = yield* receiveChain(hs, terms);
  if (chain.length === 0) {
    if (terms.role === 'server') throw tlsError('empty_server_certificate');
    return null;
  }
  if (chain.length > hs.limits.chain)
    throw tlsError('too_many_certificates', { count: chain.length, limit: hs.limits.chain });
  const publicKey = terms.rawPublicKey
    ? importPeerKey(hs, chain[0]!, 'malformed_certificate')
    : leafKey(hs, chain[0]!, terms.use);
  if (!terms.fits(publicKey)) throw tlsError('certificate_suite_mismatch', { key: publicKey.kind });
  const ocsp = terms.statusMayFollow ? yield* receiveStatus(hs) : null;
  const presentation = {
    role: terms.role,
    chain: terms.rawPublicKey ? [] : chain,
    rawPublicKey: terms.rawPublicKey ? chain[0]! : null,
    serverName: terms.serverName,
    ocsp,
    scts: terms.scts,
  };
  return yield* judgePeer(hs, presentation, publicKey);
}

/** The chain, or the one key in its place. */
function* receiveChain(hs: Handshake, terms: Certificate12Terms): Flow<readonly Uint8Array[]> {
  if (!terms.rawPublicKey) {
    const { body, bytes } = yield* receive(hs, 'Certificate12');
    hs.transcript.add(bytes);
    return body.certificateList;
  }
  const { body, bytes } = yield* receive(hs, 'RawPublicKey12');
  hs.transcript.add(bytes);
  return body.subjectPublicKeyInfo.length > 0 ? [body.subjectPublicKeyInfo] : [];
}

/** RFC 5246 §7.4.2: where the certificate limits the use of its key, this one must be allowed. */
function leafKey(hs: Handshake, der: Uint8Array, use: Certificate12Terms['use']): PublicKey {
  const leaf = parseLeaf(der);
  if (leaf.keyUsage && !leaf.keyUsage.includes(use))
    throw tlsError('wrong_key_usage', { keyUsage: leaf.keyUsage });
  return importPeerKey(hs, leaf.spki);
}

/** Sends our chain, the bare key where that was negotiated, or nothing of either. */
export function sendCertificate12(hs: Handshake, credential: Credential | null, rawPublicKey: boolean): void {
  if (rawPublicKey) hs.send('RawPublicKey12', { subjectPublicKeyInfo: credential?.key.spki ?? EMPTY });
  else hs.send('Certificate12', { certificateList: credential?.chain ?? [] });
}

/** RFC 6066 §8: a server that said it would may still leave it out. */
function* receiveStatus(hs: Handshake): Flow<Uint8Array | null> {
  const next = yield* peekType();
  if (next !== CERTIFICATE_STATUS) return null;
  const { body, bytes } = yield* receive(hs, 'CertificateStatus');
  hs.transcript.add(bytes);
  if (body.statusType !== 1) throw tlsError('illegal_field', { structure: 'CertificateStatus' });
  return body.response;
}

/** ClientCertificateType (RFC 5246 §7.4.4, RFC 8422 §5.5). */
const RSA_SIGN = 1;
const ECDSA_SIGN = 64;

export const CLIENT_CERTIFICATE_TYPES: readonly number[] = [RSA_SIGN, ECDSA_SIGN];

/** The type under which a key is asked for; EdDSA goes with ECDSA. */
export function certificateTypeOf(key: PublicKey): number {
  return key.kind === 'rsa' || key.kind === 'rsa-pss' ? RSA_SIGN : ECDSA_SIGN;
}

/** What a CertificateRequest wants, whatever the version. */
export interface CertificateRequest {
  readonly certificateTypes: readonly number[];
  /** Before TLS 1.2 derived from the types. */
  readonly schemes: readonly number[];
  readonly certificateAuthorities: readonly Uint8Array[];
}

export function* receiveCertificateRequest12(hs: Handshake, version: number): Flow<CertificateRequest> {
  if (version >= Version['TLSv1.2']) {
    const { body, bytes } = yield* receive(hs, 'CertificateRequest12');
    hs.transcript.add(bytes);
    return { ...body, schemes: body.supportedSignatureAlgorithms };
  }
  const { body, bytes } = yield* receive(hs, 'CertificateRequest10');
  hs.transcript.add(bytes);
  const schemes = [
    ...(body.certificateTypes.includes(RSA_SIGN) ? [Scheme.rsa_pkcs1_sha1] : []),
    ...(body.certificateTypes.includes(ECDSA_SIGN) ? [Scheme.ecdsa_sha1] : []),
  ];
  return { ...body, schemes };
}
