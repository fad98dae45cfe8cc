/**
 * What is wrong with a chain as it was sent, without a list of roots: dates, names, order, what is missing, weakness,
 * purpose. Trust itself is the verifier's to know; the alert that it sends says what it thought.
 */
import { equal } from '../../bytes/index.js';
import type { Provider } from '../../crypto/provider.js';
import type { Side } from '../../trace/index.js';
import {
  type Certificate,
  type CertificateErrorCode,
  matchHost,
  type OcspResponse,
  OID,
  parseCertificate,
  parseOcspResponse,
  trustAnchors,
  verifyChain,
  X509Error,
} from '../../x509/index.js';
import type { Cause } from '../cause.js';
import type { FactName } from '../texts.js';
import type { Evidence } from '../verdict.js';

export interface ChainProblem {
  readonly cause: Cause;
  /** How sure it is that a verifier with ordinary rules refuses the chain for this. */
  readonly weight: number;
  readonly facts: Readonly<Partial<Record<FactName, unknown>>>;
  readonly evidence: Evidence;
}

export interface ChainInput {
  readonly chain: readonly Uint8Array[];
  readonly owner: Side;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The name that was meant; null: any will do. */
  readonly host: string | null;
  readonly provider: Provider | null;
  /** DER of an OCSP response that came with it; null: none came. Left out: not known. */
  readonly staple?: Uint8Array | null;
}

/** Most telling first. */
export function chainProblems(input: ChainInput): ChainProblem[] {
  const certificates = input.chain.map(read);
  const known = certificates.filter((certificate) => certificate !== null);
  const leaf = certificates[0];
  if (!leaf) return [];
  return [
    ...stapleOf(leaf, input),
    ...datesOf(known, input),
    ...nameOf(leaf, input),
    ...purposeOf(leaf, input),
    ...inspectionOf(leaf, known, input),
    ...pathOf(leaf, known, input),
    ...strengthOf(known, input),
  ].sort((a, b) => b.weight - a.weight);
}

function read(der: Uint8Array): Certificate | null {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (error instanceof X509Error) return null;
    throw error;
  }
}

function evidence(certificate: Certificate, owner: Side, field: string, value: string): Evidence {
  const subject = certificate.subject.text;
  return {
    kind: 'certificate',
    from: owner,
    message: 'Certificate',
    field: subject === '' ? field : `${subject} ${field}`,
    value,
    bytes: null,
    text: null,
  };
}

const iso = (time: number): string => {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
};

function datesOf(certificates: readonly Certificate[], { time, owner }: ChainInput): ChainProblem[] {
  return certificates.flatMap((certificate, i): ChainProblem[] => {
    const subject = certificate.subject.text;
    // A root that has expired in the chain does no harm where the verifier has another one.
    const weight = i === 0 ? 0.97 : certificate.selfIssued ? 0.3 : 0.85;
    if (time > certificate.notAfter) {
      const { notAfter } = certificate;
      return [
        {
          cause: 'certificate_expired',
          weight,
          facts: { subject, notAfter, now: time },
          evidence: evidence(certificate, owner, 'notAfter', iso(notAfter)),
        },
      ];
    }
    if (time >= certificate.notBefore) return [];
    const { notBefore } = certificate;
    return [
      {
        cause: 'certificate_not_yet_valid',
        weight,
        facts: { subject, notBefore, now: time },
        evidence: evidence(certificate, owner, 'notBefore', iso(notBefore)),
      },
    ];
  });
}

/** What the server itself brings as proof that its certificate counts, or fails to bring (RFC 7633 §4.2.3.1). */
function stapleOf(leaf: Certificate, { staple, owner }: ChainInput): ChainProblem[] {
  if (staple === undefined || owner !== 'server') return [];
  const facts = { subject: leaf.subject.text };
  if (staple === null)
    return leaf.mustStaple
      ? [
          {
            cause: 'ocsp_problem',
            weight: 0.93,
            facts,
            evidence: evidence(leaf, owner, 'tlsFeature', 'status_request'),
          },
        ]
      : [];
  const answers =
    readStaple(staple)?.responses.filter(({ certId }) => equal(certId.serial, leaf.serial)) ?? [];
  if (!answers.some(({ status }) => status === 'revoked')) return [];
  const found = evidence(leaf, owner, 'certStatus', 'revoked');
  return [{ cause: 'certificate_revoked', weight: 0.97, facts, evidence: found }];
}

function readStaple(der: Uint8Array): OcspResponse | null {
  try {
    return parseOcspResponse(der).response;
  } catch (error) {
    if (error instanceof X509Error) return null;
    throw error;
  }
}

function nameOf(leaf: Certificate, { host, owner }: ChainInput): ChainProblem[] {
  if (host === null || owner !== 'server') return [];
  const match = matchHost(leaf, host);
  if (match.ok || match.problem !== undefined) return [];
  return [
    {
      cause: 'hostname_mismatch',
      weight: 0.94,
      facts: { host, presented: match.presented },
      evidence: evidence(leaf, owner, 'subjectAltName', match.presented.slice(0, 8).join(', ')),
    },
  ];
}

function purposeOf(leaf: Certificate, { owner }: ChainInput): ChainProblem[] {
  const wanted = owner === 'server' ? OID.serverAuth : OID.clientAuth;
  const { extKeyUsage, keyUsage } = leaf;
  const wrong =
    extKeyUsage !== null && !extKeyUsage.includes(wanted) && !extKeyUsage.includes(OID.anyExtendedKeyUsage);
  const cannotSign =
    keyUsage !== null &&
    !keyUsage.includes('digitalSignature') &&
    !keyUsage.includes('keyEncipherment') &&
    !keyUsage.includes('keyAgreement');
  if (!wrong && !cannotSign) return [];
  const field = wrong ? 'extKeyUsage' : 'keyUsage';
  const value = (wrong ? extKeyUsage : (keyUsage ?? [])).join(', ');
  return [
    {
      cause: 'wrong_key_usage',
      weight: 0.92,
      facts: { subject: leaf.subject.text },
      evidence: evidence(leaf, owner, field, value),
    },
  ];
}

/** Names of what opens TLS on the way: proxies, firewalls, virus scanners, debugging tools. */
const INSPECTORS =
  /zscaler|fortinet|fortigate|netskope|palo alto|blue ?coat|forcepoint|websense|mcafee web|umbrella root|sophos|kaspersky|avast|avg tech|eset ssl|bitdefender|mitmproxy|charles proxy|fiddler|portswigger|check point|squid|untangle|barracuda|securly|adguard|lightspeed|ssl inspection|tls inspection/i;

function inspectionOf(
  leaf: Certificate,
  certificates: readonly Certificate[],
  { owner }: ChainInput,
): ChainProblem[] {
  const by = [leaf.issuer.text, ...certificates.slice(1).map(({ subject }) => subject.text)].find((name) =>
    INSPECTORS.test(name),
  );
  if (by === undefined || owner !== 'server') return [];
  return [
    {
      cause: 'tls_inspection',
      weight: 0.9,
      facts: { issuer: by },
      evidence: evidence(leaf, owner, 'issuer', by),
    },
  ];
}

/** A name that an authority gives to one that others certify. */
const INTERMEDIATE =
  /intermediate|issuing|sub[ -]?ca|subordinate|\b[A-Z]{0,3}\d{1,2}\b|class \d|\b(?:tls|ssl|dv|ov|ev)\b/i;

/** Authorities of the public say where their own certificate is, and log what they issue; home-made ones rarely do. */
const isPublic = ({ authorityInfoAccess, extensions }: Certificate): boolean =>
  (authorityInfoAccess?.all.length ?? 0) > 0 || extensions.some(({ oid }) => oid === SCT_LIST);
const SCT_LIST = '1.3.6.1.4.1.11129.2.4.2';

/** Of the issuer's certificate; a certificate may list any number. */
const MAX_ADDRESSES = 2;

function pathOf(leaf: Certificate, certificates: readonly Certificate[], input: ChainInput): ChainProblem[] {
  const { owner } = input;
  const subject = leaf.subject.text;
  const issuer = leaf.issuer.text;
  const others = certificates.slice(1);
  if (leaf.selfIssued) {
    const found = evidence(leaf, owner, 'issuer', issuer);
    return [{ cause: 'self_signed', weight: 0.95, facts: { subject }, evidence: found }];
  }
  const issuing = others.find((other) => certifies(other, leaf));
  if (!issuing) {
    const found = evidence(leaf, owner, 'issuer', issuer);
    const caIssuers = leaf.authorityInfoAccess?.caIssuers.slice(0, MAX_ADDRESSES) ?? [];
    const facts = { subject, issuer, ...(caIssuers.length > 0 && { caIssuers }) };
    // What came belongs to another chain, or nothing came. A root of one's own often signs servers directly.
    const named = INTERMEDIATE.test(issuer) && !/root/i.test(issuer);
    const missing = others.length > 0 || isPublic(leaf) || named ? 0.9 : 0.25;
    return [
      { cause: 'missing_intermediate', weight: missing, facts, evidence: found },
      { cause: 'unknown_ca', weight: missing > 0.5 ? 0.07 : 0.74, facts, evidence: found },
    ];
  }
  const problems: ChainProblem[] = [];
  const inOrder = certificates.every((one, i) => i === 0 || certifies(one, certificates[i - 1]!));
  if (!inOrder) {
    const value = certificates.map((one) => one.subject.text).join(' ← ');
    const found = evidence(leaf, owner, 'certificate_list', value.slice(0, 400));
    problems.push({ cause: 'wrong_chain_order', weight: 0.55, facts: { subject }, evidence: found });
  }
  const top = topOf(leaf, others);
  const found = evidence(top, owner, 'issuer', top.issuer.text);
  const facts = { subject: top.subject.text, issuer: top.issuer.text };
  problems.push({ cause: 'unknown_ca', weight: inOrder ? 0.8 : 0.4, facts, evidence: found });
  return [...problems, ...brokenRules(input, top)];
}

const certifies = (issuer: Certificate, below: Certificate): boolean =>
  issuer.subject.text === below.issuer.text && issuer !== below;

function topOf(leaf: Certificate, others: readonly Certificate[]): Certificate {
  let top = leaf;
  for (let i = 0; i <= others.length && !top.selfIssued; i++) {
    const next = others.find((other) => certifies(other, top));
    if (!next) break;
    top = next;
  }
  return top;
}

const CAUSE_OF_CODE: Readonly<Partial<Record<CertificateErrorCode, Cause>>> = {
  weak_certificate: 'weak_key_or_signature',
  certificate_signature_invalid: 'unknown_ca',
  certificate_constraint_violated: 'wrong_key_usage',
  wrong_certificate_purpose: 'wrong_key_usage',
};

/** As if the last certificate were trusted: what else would a verifier find? */
function brokenRules({ chain, time, owner, provider }: ChainInput, top: Certificate): ChainProblem[] {
  if (!provider) return [];
  const roots = trustAnchors([top.der]);
  const verdict = verifyChain({ chain, roots, time, purpose: owner, provider });
  if (verdict.ok) return [];
  return verdict.failures.flatMap(({ code, rule, subject }): ChainProblem[] => {
    const cause = CAUSE_OF_CODE[code];
    if (!cause) return [];
    const found = evidence(top, owner, 'rule', rule);
    return [{ cause, weight: 0.85, facts: { subject, rule }, evidence: found }];
  });
}

function strengthOf(certificates: readonly Certificate[], { owner }: ChainInput): ChainProblem[] {
  return certificates.flatMap((certificate): ChainProblem[] => {
    const { kind, bits } = certificate.publicKeyAlgorithm;
    const subject = certificate.subject.text;
    const small = (kind === 'rsa' || kind === 'rsa-pss') && bits !== null && bits < 2048;
    const algorithm = certificate.signatureAlgorithm;
    const hash = algorithm && 'hash' in algorithm ? String(algorithm.hash) : '';
    const broken = !certificate.selfIssued && (hash === 'sha1' || hash === 'md5');
    if (!small && !broken) return [];
    const found = small
      ? evidence(certificate, owner, 'subjectPublicKeyInfo', `RSA ${bits}`)
      : evidence(certificate, owner, 'signatureAlgorithm', hash);
    const facts = small ? { subject, bits } : { subject, hash };
    return [{ cause: 'weak_key_or_signature', weight: 0.88, facts, evidence: found }];
  });
}
