/**
 * The default verdict on a peer: its chain against the trust anchors, now, for this host (RFC 5280 §6, RFC 9525).
 * Revocation only by what the peer staples: nothing is fetched.
 */
import { concat, equal, fromUtf8 } from '../bytes/index.js';
import type { Provider } from '../crypto/provider.js';
import { TlsError } from '../errors.js';
import type { PeerPresentation, PeerVerdict } from '../handshake/index.js';
import type { Trust } from '../session/index.js';
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

/** Judges peers under one configuration of trust. Never throws on what a peer sent. */
export interface ChainJudge {
  /**
   * DER certificates, leaf first. `staple` is what the peer stapled now (RFC 6066 §8), null for nothing; left out where
   * nobody presents anything: revocation is not looked at.
   */
  judge(chain: readonly Uint8Array[], staple?: Uint8Array | null): PeerVerdict;
  /** Whether a verdict of this configuration still holds. */
  holds(trust: Trust): boolean;
}

/** Soft: a staple that says revoked is believed, and one that has to be there and is not is missed (RFC 7633). */
const REVOCATION = revocationCheck({ mustStaple: true });

export function chainJudge({ provider, anchors, purpose, host, now }: VerifierOptions): ChainJudge {
  const trustName = (roots: TrustAnchors): Uint8Array =>
    provider.digest(
      'sha256',
      fromUtf8(JSON.stringify(['akushu trust 1', purpose, host ?? null, POLICY])),
      digestOf(provider, roots),
    );
  const holds = ({ name, until }: Trust): boolean => now() < until && equal(name, trustName(anchors()));
  const judge: ChainJudge['judge'] = (chain, staple) => {
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
    const seen = asPeerVerdict(verdict, { host: host ?? null, time, roots: roots.size });
    if (!seen.trusted) return seen;
    const until = Math.min(...verdict.path.map(({ notAfter }) => notAfter));
    return { ...seen, trust: { name: trustName(roots), until } };
  };
  return { judge, holds };
}

const digests = new WeakMap<TrustAnchors, Uint8Array>();

/** Of which anchors there are, in whatever order. */
function digestOf(provider: Provider, roots: TrustAnchors): Uint8Array {
  const known = digests.get(roots);
  if (known) return known;
  const each = roots.inputs().map(({ der, distrustAfter }) => {
    const condition = fromUtf8(String(distrustAfter ?? ''));
    return provider.digest('sha256', provider.digest('sha256', der), condition);
  });
  each.sort((a, b) => Buffer.compare(a, b));
  const digest = provider.digest('sha256', concat(...each));
  digests.set(roots, digest);
  return digest;
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
      ...repairFacts(verdict),
      rfc,
      certificate: index,
      subject,
      failures: verdict.failures.map((failure) => failure.code),
    },
  };
}

/** What would help: the issuer that is missing with the addresses where it lies, the root that is not trusted. */
function repairFacts({ repairs }: Extract<ChainVerdict, { ok: false }>): Readonly<Record<string, unknown>> {
  if (repairs.length === 0) return {};
  const caIssuers = repairs.flatMap((repair) => (repair.kind === 'add_issuer' ? repair.caIssuers : []));
  return {
    // Whole certificates are no facts.
    repairs: repairs.map((repair) =>
      repair.kind === 'trust_root' ? { kind: repair.kind, subject: repair.subject } : repair,
    ),
    ...(caIssuers.length > 0 && { caIssuers }),
  };
}

/** A raw public key (RFC 7250) is in no chain: whoever expects one brings a verifier. */
export function judgePresentation(judge: ChainJudge): (peer: PeerPresentation) => PeerVerdict {
  return ({ rawPublicKey, resuming, chain, role, ocsp }) => {
    if (rawPublicKey)
      return { trusted: false, code: 'certificate_refused', facts: { reason: 'raw_public_key' } };
    if (!resuming) return judge.judge(chain, role === 'server' ? ocsp : undefined);
    const { trust } = resuming;
    return trust && judge.holds(trust) ? { trusted: true, trust } : judge.judge(chain);
  };
}

export function asTlsError(verdict: PeerVerdict): TlsError | null {
  return verdict.trusted ? null : new TlsError(verdict.code, verdict.facts ? { facts: verdict.facts } : {});
}
