/**
 * The default verdict on a peer: its chain against the trust anchors, now, for this host (RFC 5280 §6, RFC 9525).
 * Revocation only by what the peer staples: nothing is fetched.
 */
import type { Provider } from '../crypto/provider.js';
import { TlsError } from '../errors.js';
import type { PeerPresentation, PeerVerdict } from '../handshake/index.js';
import {
  type ChainVerdict,
  type Purpose,
  presentedNames,
  revocationCheck,
  type TrustAnchors,
  verifyChain,
} from '../x509/index.js';

export interface VerifierOptions {
  readonly provider: Provider;
  /** Asked when the first chain comes: loading the system's roots takes its time. */
  readonly anchors: () => TrustAnchors;
  /** What the certificate of the peer has to be for. */
  readonly purpose: Purpose;
  /** DNS name or IP address; left out: any. */
  readonly host?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What endangers a user is refused; what is only badly formed, as in private authorities and old roots, is not. */
const POLICY = { profile: 'default' } as const;

/** Judges a chain of DER certificates, leaf first. Never throws on what a peer sent. */
export type ChainJudge = (
  chain: readonly Uint8Array[],
  /** What the peer stapled now (RFC 6066 §8), null for nothing. Left out where nobody presents anything: revocation is not looked at. */
  staple?: Uint8Array | null,
) => PeerVerdict;

/** Soft: a staple that says revoked is believed, and one that has to be there and is not is missed (RFC 7633). */
const REVOCATION = revocationCheck({ mustStaple: true });

export function chainJudge({ provider, anchors, purpose, host, now }: VerifierOptions): ChainJudge {
  return (chain, staple) => {
    const time = now();
    const roots = anchors();
    const verdict = verifyChain({
      chain,
      roots,
      time,
      purpose,
      host,
      provider,
      policy: POLICY,
      ...(staple !== undefined && { revocation: { mode: 'soft', check: REVOCATION, staples: [staple] } }),
    });
    return asPeerVerdict(verdict, { host: host ?? null, time, roots: roots.size });
  };
}

/** The verdict for the engine, with what an explanation needs. */
function asPeerVerdict(verdict: ChainVerdict, known: Readonly<Record<string, unknown>>): PeerVerdict {
  const path = verdict.path.map(({ subject }) => subject.text);
  const leaf = verdict.path[0];
  const facts = { ...known, path, ...(leaf && { presented: presentedNames(leaf), notAfter: leaf.notAfter }) };
  if (verdict.ok) return { trusted: true, facts };
  const { code, index, subject, rfc, facts: own } = verdict.failure;
  return {
    trusted: false,
    code,
    facts: {
      ...facts,
      ...own,
      rfc,
      certificate: index,
      subject,
      failures: verdict.failures.map((failure) => failure.code),
    },
  };
}

/** A raw public key (RFC 7250) is in no chain: whoever expects one brings a verifier. */
export function judgePresentation(judge: ChainJudge): (peer: PeerPresentation) => PeerVerdict {
  return (peer) =>
    peer.rawPublicKey
      ? { trusted: false, code: 'certificate_refused', facts: { reason: 'raw_public_key' } }
      : judge(peer.chain, peer.role === 'server' ? peer.ocsp : undefined);
}

export function asTlsError(verdict: PeerVerdict): TlsError | null {
  return verdict.trusted ? null : new TlsError(verdict.code, verdict.facts ? { facts: verdict.facts } : {});
}
