/**
 * Certificates that came in any order, put into chains: who issued whom, what is missing, what is superfluous. Says
 * nothing about trust: that is for `akushu verify`.
 */
import { Buffer } from 'node:buffer';
import { CryptoError } from 'akushu';
import { nodeProvider } from 'akushu/crypto/node';
import { systemTrust } from 'akushu/node';
import type { Certificate } from 'akushu/x509';

export interface OrderedChain {
  /** Leaf first, as far up as the given certificates reach. */
  readonly certificates: readonly Certificate[];
  /** The issuer of the last one, where it was not given; null where the last one is its own issuer. */
  readonly missing: {
    readonly issuer: string;
    /** Whether this system has it among its roots: then nobody needs to send it. */
    readonly isSystemRoot: boolean;
    /** Where to fetch it. */
    readonly addresses: readonly string[];
  } | null;
  /** Whether the last one is a root, which clients have by themselves. */
  readonly endsInRoot: boolean;
}

export interface ChainOrder {
  /** One for each leaf, that of the private key first; of authorities alone, for each that issued none of the others. */
  readonly chains: readonly OrderedChain[];
  /** In no chain: authorities that issued none of the others, other issuers with the same name. */
  readonly superfluous: readonly Certificate[];
  readonly duplicates: number;
  /** Whether what was given begins with the first chain, in its order. */
  readonly inOrder: boolean;
}

/** Signatures looked at in all; beyond, names and key identifiers decide. */
const MAX_SIGNATURES = 400;
const MAX_LENGTH = 20;
/** Certificates of one name that are looked at as issuers. */
const MAX_NAMESAKES = 50;

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** `isOwn` tells the certificates that a private key was given for. */
export function chainOrder(
  given: readonly Certificate[],
  isOwn: (certificate: Certificate) => boolean = () => false,
): ChainOrder {
  const unique: Certificate[] = [];
  const seen = new Set<string>();
  for (const certificate of given) {
    const key = Buffer.from(certificate.der).toString('latin1');
    if (!seen.has(key)) unique.push(certificate);
    seen.add(key);
  }
  const relation = new Relation(unique);
  const leaves = unique.filter((one) => !relation.issuedAny(one));
  const ends = leaves.filter((one) => !isCa(one) || isOwn(one));
  const starts = ends.length > 0 ? ends : leaves.length > 0 ? leaves : unique.slice(0, 1);
  const chains = [...starts]
    .sort((a, b) => Number(isOwn(b)) - Number(isOwn(a)) || Number(isCa(a)) - Number(isCa(b)))
    .map((leaf) => chainFrom(leaf, relation));
  const used = new Set(chains.flatMap(({ certificates }) => certificates));
  const first = chains[0]?.certificates ?? [];
  return {
    chains,
    superfluous: unique.filter((one) => !used.has(one)),
    duplicates: given.length - unique.length,
    inOrder: first.every((certificate, i) => unique[i] === certificate),
  };
}

const isCa = ({ basicConstraints }: Certificate): boolean => basicConstraints?.ca === true;

function chainFrom(leaf: Certificate, relation: Relation): OrderedChain {
  const certificates = [leaf];
  let last = leaf;
  while (!relation.isSelfSigned(last) && certificates.length < MAX_LENGTH) {
    const [next] = relation
      .issuersOf(last)
      .filter((issuer) => !certificates.includes(issuer))
      // Of several, such as a renewed one and the one before, that which lasts longest.
      .sort((a, b) => b.notAfter - a.notAfter);
    if (!next) break;
    certificates.push(next);
    last = next;
  }
  const own = relation.isSelfSigned(last);
  return {
    certificates,
    missing: own ? null : missingAbove(last),
    endsInRoot: own && certificates.length > 1,
  };
}

function missingAbove(last: Certificate): NonNullable<OrderedChain['missing']> {
  const roots = systemTrust().anchors.named(last.issuer);
  return {
    issuer: last.issuer.text,
    isSystemRoot: roots.some((root) => hasSigned(root, last) !== false),
    addresses: last.authorityInfoAccess?.caIssuers ?? [],
  };
}

/** Whether the key of `issuer` made the signature; null where that cannot be told. */
export function hasSigned(issuer: Certificate, below: Certificate): boolean | null {
  if (below.signatureAlgorithm === null) return null;
  try {
    const key = nodeProvider.importPublicKey(issuer.spki);
    return key.verify(below.signatureAlgorithm, below.tbs, below.signature);
  } catch (error) {
    if (error instanceof CryptoError) return null;
    throw error;
  }
}

/** Who issued whom among the given, each pair looked at once. */
class Relation {
  private readonly bySubject = new Map<string, Certificate[]>();
  private readonly issuers = new Map<Certificate, Certificate[]>();
  private readonly parents = new Set<Certificate>();
  private signatures = MAX_SIGNATURES;

  constructor(all: readonly Certificate[]) {
    for (const one of all) {
      const key = nameKey(one.subject.raw);
      const namesakes = this.bySubject.get(key) ?? [];
      if (namesakes.length < MAX_NAMESAKES) namesakes.push(one);
      this.bySubject.set(key, namesakes);
    }
    for (const one of all) {
      const found = (this.bySubject.get(nameKey(one.issuer.raw)) ?? []).filter((issuer) =>
        this.issued(issuer, one),
      );
      this.issuers.set(one, found);
      for (const issuer of found) if (issuer !== one) this.parents.add(issuer);
    }
  }

  issuersOf = (below: Certificate): Certificate[] => this.issuers.get(below) ?? [];
  issuedAny = (one: Certificate): boolean => this.parents.has(one);
  isSelfSigned = (one: Certificate): boolean => this.issuersOf(one).includes(one);

  private issued(issuer: Certificate, below: Certificate): boolean {
    const [wanted, own] = [below.authorityKeyId?.keyId, issuer.subjectKeyId];
    if (wanted && own && !sameBytes(wanted, own)) return false;
    if (this.signatures-- <= 0) return true;
    return hasSigned(issuer, below) !== false;
  }
}

const nameKey = (raw: Uint8Array): string => Buffer.from(raw).toString('latin1');
