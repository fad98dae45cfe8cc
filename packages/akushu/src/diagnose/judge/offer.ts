/**
 * A server that refuses a ClientHello says at most "handshake failure". What the hello lacks that others have tells
 * why: the narrower an offer is in one respect, the more likely it failed there.
 */

import type { AnnotatedNode } from '../../codec/index.js';
import { annotateMessage } from '../../messages/index.js';
import {
  cipherSuiteByCode,
  cipherSuiteName,
  groupName,
  schemeByCode,
  signatureSchemeName,
  Version,
  versionName,
} from '../../registry/index.js';
import type { Cause } from '../cause.js';
import type { Offer } from '../facts.js';
import type { FactName } from '../texts.js';
import type { Evidence, Finding, VerdictSide } from '../verdict.js';
import { messageEvidence } from './evidence.js';

interface Suspicion {
  readonly cause: Cause;
  readonly side: VerdictSide;
  /** Not a probability: they are set against each other. */
  readonly score: number;
  readonly field: string;
  readonly values: readonly string[];
  /** Left out: `values`, as offered. */
  readonly facts?: Readonly<Partial<Record<FactName, unknown>>>;
  readonly evidence?: (message: Uint8Array | null) => Evidence;
}

/** Nearly every server of these days has one of them. */
const COMMON_GROUPS: readonly string[] = ['x25519', 'secp256r1', 'X25519MLKEM768'];

/** Ranked; together at most `total`. */
export function refusedOffer(
  offer: Offer,
  total: number,
  alert: Evidence,
  message: Uint8Array | null,
): Finding[] {
  const all = suspicions(offer);
  const sum = all.reduce((before, { score }) => before + score, 0);
  return all.map(({ cause, side, score, field, values, facts = { offered: values }, evidence }) => ({
    cause,
    side,
    confidence: (score / Math.max(sum, 1)) * total,
    evidence: [alert, evidence?.(message) ?? inHello(field, values, message)],
    facts,
    missing: ['server_settings', 'server_log'],
  }));
}

/** A field of the ClientHello, with its place in the message where that is at hand. */
export function inHello(field: string, values: readonly string[], message: Uint8Array | null): Evidence {
  const tree = message && annotateMessage(message);
  const found = tree && nodeNamed(tree, field);
  const bytes = found && { start: found.start, end: found.end };
  return messageEvidence(
    'client',
    'ClientHello',
    found?.name ?? field,
    values.slice(0, 12).join(', '),
    bytes,
  );
}

/** As the hello has it: before supported_versions one number, and what it means goes into the words. */
export const versionsInHello = ({ versions, highest }: Offer, message: Uint8Array | null): Evidence =>
  highest === null
    ? inHello('supported_versions', versions.map(versionName), message)
    : inHello('legacy_version', [versionName(highest)], message);

export const offeredVersions = ({
  versions,
  highest,
}: Offer): Readonly<Partial<Record<FactName, unknown>>> =>
  highest === null ? { offered: versions.map(versionName) } : { offeredUpTo: versionName(highest) };

/** Of the message itself, or among its extensions. */
function nodeNamed(tree: AnnotatedNode, name: string): AnnotatedNode | null {
  const extensions = tree.children.find((node) => node.name === 'extensions')?.children ?? [];
  return [...tree.children, ...extensions].find((node) => node.name === name) ?? null;
}

function suspicions(offer: Offer): Suspicion[] {
  const suites = offer.suites.map(cipherSuiteName);
  const { narrow, oneKind, outdated } = suiteFacts(offer);
  const versions = offer.versions.map(versionName);
  const old = offer.versions.every((version) => version < Version['TLSv1.2']);
  const narrowVersions = offer.versions.length === 1;
  const groups = (offer.groups ?? []).map(groupName);
  const oddGroups = groups.length > 0 && !groups.some((name) => COMMON_GROUPS.includes(name));
  const fewGroups = groups.length === 1;
  const schemes = (offer.schemes ?? []).map(signatureSchemeName);
  const kinds = schemeKinds(offer);
  const rsaOnly = oneKind === 'RSA' && offer.suites.length > 1;
  // One suite alone says that somebody picked it; several for one kind of key say that the key is what matters.
  const ecdsaOnly = oneKind === 'ECDSA' && offer.suites.length > 1;
  return [
    {
      cause: 'no_shared_cipher_suite',
      side: narrow || outdated ? 'client' : 'server',
      score: ecdsaOnly ? 0.4 : narrow ? 0.85 : outdated ? 0.6 : 0.3,
      field: 'cipher_suites',
      values: suites,
    },
    {
      cause: 'no_certificate_for_suite',
      side: 'server',
      score: ecdsaOnly ? 0.9 : rsaOnly ? 0.18 : oneKind === 'ECDSA' ? 0.15 : 0.04,
      field: 'cipher_suites',
      values: suites,
    },
    {
      cause: 'no_shared_group',
      side: oddGroups ? 'client' : 'server',
      score: oddGroups ? 0.95 : fewGroups ? 0.6 : 0.04,
      field: 'supported_groups',
      values: groups,
    },
    {
      cause: 'no_shared_signature_scheme',
      side: kinds.size <= 1 ? 'client' : 'server',
      score: schemes.length > 0 && kinds.size <= 1 ? 0.8 : 0.04,
      field: 'signature_algorithms',
      values: schemes,
    },
    {
      cause: 'protocol_version_mismatch',
      side: old ? 'client' : 'server',
      score: old ? 0.5 : narrowVersions ? 0.12 : 0.04,
      field: 'supported_versions',
      values: versions,
      facts: offeredVersions(offer),
      evidence: (message) => versionsInHello(offer, message),
    },
    {
      cause: 'unrecognized_server_name',
      side: offer.serverName === null ? 'client' : 'server',
      score: offer.serverName === null ? 0.12 : 0.06,
      field: 'server_name',
      values: offer.serverName === null ? [] : [offer.serverName],
      facts: { serverName: offer.serverName === null ? [] : [offer.serverName] },
    },
  ];
}

function suiteFacts({ suites }: Offer): { narrow: boolean; oneKind: string | null; outdated: boolean } {
  const known = suites.flatMap((code) => cipherSuiteByCode(code) ?? []);
  const of13 = known.filter(({ versions }) => versions.includes('TLSv1.3'));
  const before13 = known.filter(({ versions }) => !versions.includes('TLSv1.3'));
  const kinds = new Set(before13.map(({ auth }) => auth));
  // TLS 1.3 has few suites, and all that matter are offered by everyone: three are not narrow.
  const narrow = of13.length === 0 ? before13.length <= 3 : of13.length === 1 && before13.length <= 2;
  const good = known.filter(({ weaknesses, forwardSecret }) => weaknesses.length === 0 && forwardSecret);
  const only = kinds.size === 1 && of13.length === 0 ? [...kinds][0]! : null;
  return { narrow, oneKind: only, outdated: good.length === 0 };
}

/** The kinds of keys that can sign for this client: `rsa`, `ecdsa`, … */
function schemeKinds({ schemes }: Offer): Set<string> {
  const kinds = (schemes ?? []).flatMap((code) => {
    const scheme = schemeByCode(code);
    if (!scheme || scheme.hash === 'sha1' || scheme.hash === 'md5') return [];
    return [scheme.kind.split('-')[0]!];
  });
  return new Set(kinds);
}
