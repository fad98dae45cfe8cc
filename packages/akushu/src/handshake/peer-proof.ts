/**
 * Who the peer is, in two steps: the caller's verdict on what it presented, and its proof that it holds the key. A
 * `VerifiedPeer` can be had only from both (design decision 4). The same for all versions; how the proof travels differs.
 */
import { CryptoError, type PublicKey, type SignatureAlgorithm } from '../crypto/provider.js';
import { type ErrorCode, TlsError, tlsError } from '../errors.js';
import { parseCertificate, type Certificate as X509Certificate, X509Error } from '../x509/index.js';
import type { PeerPresentation, PeerVerdict } from './config.js';
import type { VerifiedFinished } from './finished.js';
import { ask, type Flow } from './flow.js';
import { callerSays, type Handshake } from './handshake.js';

class Judged {
  private readonly judged = true;
  constructor(
    readonly presentation: PeerPresentation,
    readonly publicKey: PublicKey,
    readonly verdict: PeerVerdict,
  ) {
    if (!this.judged) throw new Error('unreachable');
  }
}

/** A peer whose chain was accepted; whether it has the key for it is still to be shown. Can be had from `judgePeer` only. */
export type JudgedPeer = Judged;

class PeerProof {
  private readonly verified = true;
  /** DER, leaf first; empty for a raw public key. */
  readonly chain: readonly Uint8Array[];
  readonly publicKey: PublicKey;
  /** The key in place of a chain (RFC 7250). */
  readonly rawPublicKey: Uint8Array | null;
  readonly ocsp: Uint8Array | null;
  readonly scts: readonly Uint8Array[];
  readonly verdict: PeerVerdict;

  constructor(judged: JudgedPeer) {
    if (!this.verified) throw new Error('unreachable');
    const { presentation } = judged;
    this.chain = presentation.chain;
    this.rawPublicKey = presentation.rawPublicKey;
    this.ocsp = presentation.ocsp;
    this.scts = presentation.scts;
    this.publicKey = judged.publicKey;
    this.verdict = judged.verdict;
  }
}

/** A peer whose chain was accepted and who proved to hold its key. */
export type VerifiedPeer = PeerProof;

/** Asks the caller for the verdict on what the peer presented. Throws the verdict where it is not trusted. */
export function* judgePeer(
  hs: Handshake,
  presentation: PeerPresentation,
  publicKey: PublicKey,
): Flow<JudgedPeer> {
  const { verifyPeer } = hs.config;
  const verdict: PeerVerdict = verifyPeer
    ? yield* ask(callerSays(() => verifyPeer(presentation)))
    : { trusted: false, code: 'certificate_refused', facts: { reason: 'no_verifier' } };
  hs.decide({
    about: 'peer_certificate',
    by: hs.role,
    chosen: verdict.trusted ? 'trusted' : verdict.code,
    reason: verdict.trusted ? 'verified' : 'not_verified',
    alternatives: [],
    ...(verdict.facts && { facts: verdict.facts }),
  });
  if (!verdict.trusted) throw tlsError(verdict.code, verdict.facts);
  return new Judged(presentation, publicKey, verdict);
}

/** Its signature over `content`. Throws `bad_signature`. */
export function proveBySignature(
  judged: JudgedPeer,
  algorithm: SignatureAlgorithm,
  content: Uint8Array,
  signature: Uint8Array,
  scheme: string,
): VerifiedPeer {
  if (!judged.publicKey.verify(algorithm, content, signature)) throw tlsError('bad_signature', { scheme });
  return new PeerProof(judged);
}

/**
 * Static RSA (RFC 5246 §7.4.7.1): its Finished, under keys from a premaster secret that was encrypted to its public
 * key. Nobody else could have made it.
 */
export function proveByFinished(judged: JudgedPeer, _finished: VerifiedFinished): VerifiedPeer {
  return new PeerProof(judged);
}

/** Throws `malformed_certificate`. */
export function parseLeaf(certificate: Uint8Array): X509Certificate {
  try {
    return parseCertificate(certificate);
  } catch (error) {
    if (error instanceof X509Error)
      throw new TlsError('malformed_certificate', { cause: error, facts: { certificate: 0 } });
    throw error;
  }
}

/** The peer's key. Throws `unsupported_certificate_key`, or `otherwise` where it is not in order. */
export function importPeerKey(
  hs: Handshake,
  spki: Uint8Array,
  otherwise: ErrorCode = 'bad_certificate',
): PublicKey {
  try {
    return hs.provider.importPublicKey(spki);
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    throw new TlsError(error.reason === 'unsupported' ? 'unsupported_certificate_key' : otherwise, {
      cause: error,
    });
  }
}
