import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { nodeProvider } from '../crypto/node.js';
import { portableProvider } from '../crypto/portable.js';
import type { Provider } from '../crypto/provider.js';
import type { Profile } from './conformance.js';
import { certificatesFromPem, decodePem } from './pem.js';
import { revocationCheck } from './revocation/index.js';
import type { RevocationOptions } from './revocation-hook.js';
import { trustAnchors } from './trust.js';
import type { ChainVerdict } from './verdict.js';
import { verifyChain } from './verify.js';

/** https://x509-limbo.com: chains with the verdict that a conforming verifier has to give. */
interface Case {
  readonly id: string;
  readonly features: readonly string[];
  readonly validation_kind: 'SERVER' | 'CLIENT';
  readonly trusted_certs: readonly string[];
  readonly untrusted_intermediates: readonly string[];
  readonly peer_certificate: string;
  readonly validation_time: string | null;
  readonly expected_result: 'SUCCESS' | 'FAILURE';
  readonly expected_peer_name: { readonly kind: string; readonly value: string } | null;
  readonly max_chain_depth: number | null;
  /** PEM. Where there are some, a certificate that none of them covers is refused. */
  readonly crls?: readonly string[];
}

const FILE = new URL('../../../../../shared/vectors/x509-limbo/limbo-core.json.gz', import.meta.url);
const present = existsSync(FILE);

const cases: readonly Case[] = present
  ? (JSON.parse(gunzipSync(readFileSync(FILE)).toString()) as { testcases: Case[] }).testcases
  : [];

const byId = new Map(cases.map((testcase) => [testcase.id, testcase]));

const caKeyOnly =
  'the leaf’s key may only sign certificates (RFC 5280 §4.2.1.3): it cannot take part in TLS (RFC 9846 §4.5.2.2)';
const strayCommonName =
  'the common name example.com is not one of the leaf’s names: BR §7.1.4.3 forbids it, as webpki::cn::not-in-san expects';

/** Every case where our verdict differs from the one expected, with the reason why ours is right. */
const DISAGREEMENTS: ReadonlyMap<string, string> = new Map([
  [
    'rfc5280::aki::cross-signed-root-missing-aki',
    'the issuer of a trust anchor is not looked for; cve::cve-2024-0567 expects the same form to pass',
  ],
  ['pathlen::validation-ignores-pathlen-in-leaf', caKeyOnly],
  ['rfc5280::ca-as-leaf', caKeyOnly],
  ['webpki::nc::nc-permits-dns-san-pattern', strayCommonName],
  ['webpki::san::exact-localhost-ip-san', strayCommonName],
  ['webpki::san::leftmost-wildcard-san', strayCommonName],
]);

/**
 * Rules that the default profile does not hold a chain to: nobody but its authority is harmed. `name_constraints` is for
 * the constraint `.example.com` on DNS names, which browsers and OpenSSL take as if it were one for URIs.
 */
const FAULTS_OF_FORM: readonly string[] = [
  'bad_dns_name',
  'bad_root_authority_key_identifier',
  'bad_serial_number',
  'basic_constraints_not_critical',
  'ca_as_leaf',
  'common_name_not_in_subject_alt_name',
  'critical_authority_info_access',
  'critical_authority_key_identifier',
  'critical_extended_key_usage',
  'critical_subject_alt_name',
  'critical_subject_key_identifier',
  'crl_number_critical',
  'crl_number_missing',
  'empty_ca_subject',
  'empty_issuer',
  'empty_subject_needs_critical_subject_alt_name',
  'forbidden_extended_key_usage',
  'key_cert_sign_without_ca',
  'missing_authority_key_identifier',
  'missing_extended_key_usage',
  'missing_subject_key_identifier',
  'name_constraints',
  'name_constraints_not_critical',
  'name_constraints_without_ca',
  'policy_constraints_not_critical',
  'root_extended_key_usage',
  'rsa_modulus_not_whole_bytes',
];

/** A case about the web's rules is for the profile of that name; one that says that it is not for the web is as well. */
const profileOf = ({ id }: Case): Profile => (id.startsWith('webpki::') ? 'webpki' : 'rfc5280');

const ders = (pems: readonly string[]): Uint8Array[] => pems.flatMap((pem) => certificatesFromPem(pem));

function revocationOf({ crls = [] }: Case): RevocationOptions | undefined {
  if (crls.length === 0) return undefined;
  const lists = crls.flatMap((pem) => decodePem(pem)).map(({ der }) => der);
  return { mode: 'hard', check: revocationCheck({ crls: lists }) };
}

function run(testcase: Case, profile: Profile, provider: Provider): ChainVerdict {
  const name = testcase.expected_peer_name;
  return verifyChain({
    chain: ders([testcase.peer_certificate, ...testcase.untrusted_intermediates]),
    roots: trustAnchors(ders(testcase.trusted_certs)),
    time: Date.parse(testcase.validation_time ?? '2024-06-01T00:00:00Z'),
    purpose: testcase.validation_kind === 'SERVER' ? 'server' : 'client',
    host: name && (name.kind === 'DNS' || name.kind === 'IP') ? name.value : undefined,
    provider,
    policy: { profile },
    revocation: revocationOf(testcase),
    ...(testcase.max_chain_depth !== null && { limits: { maxIntermediates: testcase.max_chain_depth } }),
  });
}

const expectsSuccess = ({ expected_result }: Case): boolean => expected_result === 'SUCCESS';

describe.skipIf(!present).each([
  ['node', nodeProvider],
  ['portable', portableProvider],
])('x509-limbo with the provider %s', (_, provider) => {
  test.each(cases.map((testcase) => [testcase.id, testcase] as const))(
    '%s has the expected verdict',
    (id, testcase) => {
      const verdict = run(testcase, profileOf(testcase), provider);
      const expected = expectsSuccess(testcase) !== DISAGREEMENTS.has(id);
      if (expected) expect(verdict.ok ? 'accepted' : verdict.failure).toBe('accepted');
      expect(verdict.ok).toBe(expected);
      if (!verdict.ok) {
        for (const failure of verdict.failures) {
          expect(failure.rule, id).toMatch(/^[a-z0-9_]+$/);
          expect(failure.rfc, id).toMatch(/^(RFC \d+|BR) §/);
        }
      }
    },
  );
});

describe.skipIf(!present)('x509-limbo', () => {
  test('all cases are there, and every disagreement is one of them', () => {
    expect(cases).toHaveLength(208);
    expect([...DISAGREEMENTS.keys()].filter((id) => !byId.has(id))).toEqual([]);
  });

  test('the default profile accepts every good chain but those whose key is for something else', () => {
    const refused = cases.filter(
      (testcase) => expectsSuccess(testcase) && !run(testcase, 'default', nodeProvider).ok,
    );
    expect(refused.map(({ id }) => id)).toEqual(
      [...DISAGREEMENTS].filter(([, reason]) => reason === caKeyOnly).map(([id]) => id),
    );
  });

  test('the default profile accepts of the bad chains only those with a fault of form', () => {
    const accepted = cases.filter(
      (testcase) =>
        !expectsSuccess(testcase) &&
        !DISAGREEMENTS.has(testcase.id) &&
        run(testcase, 'default', nodeProvider).ok,
    );
    const reasons = accepted.map((testcase) => {
      const verdict = run(testcase, profileOf(testcase), nodeProvider);
      return verdict.ok ? [testcase.id] : verdict.failures.map(({ rule }) => rule);
    });
    expect([...new Set(reasons.flat())].sort()).toEqual([...FAULTS_OF_FORM].sort());
  });

  test('the chains of public web sites pass the profile for public authorities', () => {
    const online = cases.filter(({ id }) => id.startsWith('online::'));
    expect(online.length).toBeGreaterThan(10);
    for (const testcase of online) {
      const verdict = run(testcase, 'webpki', nodeProvider);
      expect(verdict.ok ? 'accepted' : verdict.failure, testcase.id).toBe('accepted');
    }
  });
});
