/**
 * What to write into which configuration, with what the client offers filled in. Values of a peer stand in it only
 * where they are plain: nobody's host name becomes a directive.
 */
import { findCipherSuite } from '../../registry/index.js';
import type { Cause } from '../cause.js';
import type { Offers, VerdictSide } from '../verdict.js';
import * as certificates from './certificates.js';
import * as negotiation from './negotiation.js';
import * as ports from './ports.js';
import { type Fillings, PROGRAMS, type Program, type Snippet, type SnippetTable } from './types.js';

export type { Program, Snippet } from './types.js';

const TITLES: Readonly<Record<Program, string>> = {
  nginx: 'nginx',
  apache: 'Apache',
  haproxy: 'HAProxy',
  caddy: 'Caddy',
  node: 'Node',
  java: 'Java',
  go: 'Go',
  aws_alb: 'AWS ALB',
};

/** What mends it, whichever side is to blame. */
const BY_CAUSE: Readonly<Partial<Record<Cause, SnippetTable>>> = {
  protocol_version_mismatch: negotiation.versions,
  inappropriate_fallback: negotiation.versionsOfClient,
  no_shared_cipher_suite: negotiation.suites,
  no_certificate_for_suite: certificates.twoKeys,
  no_shared_signature_scheme: certificates.twoKeys,
  no_shared_group: negotiation.groups,
  no_shared_alpn: negotiation.alpn,
  unrecognized_server_name: certificates.name,
  hostname_mismatch: certificates.name,
  certificate_expired: certificates.certificate,
  certificate_not_yet_valid: certificates.certificate,
  certificate_revoked: certificates.certificate,
  missing_intermediate: certificates.certificate,
  wrong_chain_order: certificates.certificate,
  weak_key_or_signature: certificates.certificate,
  wrong_key_usage: certificates.certificate,
  server_has_no_private_key: certificates.certificate,
  unknown_ca: certificates.trust,
  self_signed: certificates.trust,
  tls_inspection: certificates.trust,
  ocsp_problem: certificates.ocsp,
  client_certificate_required: certificates.clientAuthClient,
  client_certificate_rejected: certificates.clientAuthServer,
  not_tls_server: ports.tlsPort,
  http_to_tls_port: ports.redirect,
  rate_or_resource_limit: ports.limits,
  renegotiation_refused: negotiation.renegotiation,
};

/** Of a client's own certificate, the client has to be given another. */
const OF_CLIENT: readonly Cause[] = [
  'certificate_expired',
  'certificate_not_yet_valid',
  'certificate_revoked',
  'wrong_key_usage',
  'weak_key_or_signature',
  'missing_intermediate',
];

const DEFAULT_SUITES = [
  'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
];
const DEFAULT_GROUPS = ['x25519', 'secp256r1'];
const DEFAULT_ALPN = ['h2', 'http/1.1'];
const MAX_NAMES = 6;
const MAX_SUITES = 4;

/** A server can meet such a client: it need not be updated. */
const offersModern = ({ versions = [] }: Offers): boolean =>
  versions.includes('TLS 1.2') || versions.includes('TLS 1.3');

/** One for each program; none where no configuration mends the cause. */
export function snippetsFor(cause: Cause, side: VerdictSide, offers: Offers): Snippet[] {
  const ofClient = side === 'client' && OF_CLIENT.includes(cause);
  const oldClient = side === 'client' && cause === 'protocol_version_mismatch' && !offersModern(offers);
  const table = ofClient
    ? certificates.clientAuthClient
    : oldClient
      ? negotiation.versionsOfClient
      : BY_CAUSE[cause];
  if (!table) return [];
  const fill = fillings(offers);
  return PROGRAMS.map((program) => ({ program, title: TITLES[program], config: table[program](fill) }));
}

const HOST = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._/+-]{0,63}$/;

function fillings({ host, port, suites, groups, alpn }: Offers): Fillings {
  const alpnNames = (alpn ?? []).filter((name) => PLAIN.test(name)).slice(0, MAX_NAMES);
  const named = (groups ?? []).filter((name) => PLAIN.test(name)).slice(0, MAX_NAMES);
  return {
    host: host !== undefined && HOST.test(host) ? host : 'www.example.com',
    port: port ?? 443,
    suites: worthHaving(suites ?? []),
    groups: named.length > 0 ? named : DEFAULT_GROUPS,
    alpn: alpnNames.length > 0 ? alpnNames : DEFAULT_ALPN,
  };
}

/** Of what was offered, what a server should take: forward secrecy and AEAD; the rest only where there is no better. */
function worthHaving(offered: readonly string[]): readonly string[] {
  const known = offered.flatMap((name) => findCipherSuite(name) ?? []).filter(({ bits }) => bits > 0);
  const old = known.filter(({ versions }) => !versions.includes('TLSv1.3'));
  const good = old.filter(({ weaknesses }) => weaknesses.length === 0);
  const usable = good.length > 0 ? good : old;
  return usable.length > 0 ? usable.slice(0, MAX_SUITES).map(({ iana }) => iana) : DEFAULT_SUITES;
}
