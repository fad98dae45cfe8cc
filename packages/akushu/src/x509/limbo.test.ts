import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { nodeProvider } from '../crypto/node.js';
import { certificatesFromPem } from './pem.js';
import { trustAnchors } from './trust.js';
import { type ChainVerdict, verifyChain } from './verify.js';

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
}

const FILE = new URL('../../../../../shared/vectors/x509-limbo/limbo-core.json.gz', import.meta.url);
const present = existsSync(FILE);

const cases: readonly Case[] = present
  ? (JSON.parse(gunzipSync(readFileSync(FILE)).toString()) as { testcases: Case[] }).testcases
  : [];

const byPublicAuthorities = 'a rule for public authorities only: the profile webpki refuses it';
const revocation = 'depends on a CRL: revocation is not looked at here';
const suffixes = 'needs the list of public suffixes';

/** Expected to fail, and accepted all the same by default. Every one with its reason. */
const ACCEPTED: ReadonlyMap<string, string> = new Map([
  ['crl::revoked-certificate-with-crl', revocation],
  ['crl::crlnumber-missing', revocation],
  ['crl::crlnumber-critical', revocation],
  ['crl::issuer-missing-crlsign', revocation],
  [
    'rfc5280::aki::cross-signed-root-missing-aki',
    'the issuer of a trust anchor is not looked for; cve::cve-2024-0567 expects the same form to pass',
  ],
  [
    'rfc5280::nc::permitted-dns-match-noncritical',
    'constraints are applied whether critical or not; webpki::nc::permitted-dns-match-noncritical expects that',
  ],
  ['webpki::aki::root-with-aki-missing-keyidentifier', byPublicAuthorities],
  ['webpki::aki::root-with-aki-authoritycertissuer', byPublicAuthorities],
  ['webpki::aki::root-with-aki-authoritycertserialnumber', byPublicAuthorities],
  ['webpki::aki::root-with-aki-all-fields', byPublicAuthorities],
  ['webpki::aki::root-with-aki-ski-mismatch', byPublicAuthorities],
  ['webpki::cn::ipv4-hex-mismatch', byPublicAuthorities],
  ['webpki::cn::ipv4-leading-zeros-mismatch', byPublicAuthorities],
  ['webpki::cn::ipv6-uppercase-mismatch', byPublicAuthorities],
  ['webpki::cn::ipv6-uncompressed-mismatch', byPublicAuthorities],
  ['webpki::cn::ipv6-non-rfc5952-mismatch', byPublicAuthorities],
  ['webpki::cn::punycode-not-in-san', byPublicAuthorities],
  ['webpki::cn::utf8-vs-punycode-mismatch', byPublicAuthorities],
  ['webpki::cn::not-in-san', byPublicAuthorities],
  ['webpki::cn::case-mismatch', byPublicAuthorities],
  ['webpki::eku::ee-anyeku', byPublicAuthorities],
  ['webpki::eku::ee-critical-eku', byPublicAuthorities],
  ['webpki::eku::ee-without-eku', byPublicAuthorities],
  ['webpki::eku::root-has-eku', byPublicAuthorities],
  ['webpki::san::san-critical-with-nonempty-subject', byPublicAuthorities],
  ['webpki::forbidden-rsa-not-divisible-by-8-in-root', byPublicAuthorities],
  ['webpki::forbidden-rsa-key-not-divisible-by-8-in-leaf', byPublicAuthorities],
  ['webpki::ee-basicconstraints-ca', byPublicAuthorities],
  ['webpki::san::public-suffix-multi-label-wildcard-san', suffixes],
  ['webpki::san::public-suffix-private-namespace-wildcard-san', suffixes],
]);

const caKeyOnly = 'the leaf may only sign certificates: it cannot take part in TLS (RFC 9846 §4.5.2.2)';

/** Expected to pass, and refused. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['pathlen::validation-ignores-pathlen-in-leaf', caKeyOnly],
  ['rfc5280::ca-as-leaf', caKeyOnly],
]);

function run(testcase: Case, profile: 'rfc5280' | 'webpki'): ChainVerdict {
  const ders = (pems: readonly string[]) => pems.flatMap((pem) => certificatesFromPem(pem));
  const name = testcase.expected_peer_name;
  return verifyChain({
    chain: ders([testcase.peer_certificate, ...testcase.untrusted_intermediates]),
    roots: trustAnchors(ders(testcase.trusted_certs)),
    time: Date.parse(testcase.validation_time ?? '2024-06-01T00:00:00Z'),
    purpose: testcase.validation_kind === 'SERVER' ? 'server' : 'client',
    host: name && (name.kind === 'DNS' || name.kind === 'IP') ? name.value : undefined,
    provider: nodeProvider,
    policy: { profile },
    ...(testcase.max_chain_depth !== null && { limits: { maxIntermediates: testcase.max_chain_depth } }),
  });
}

describe.skipIf(!present)('x509-limbo', () => {
  test.each(cases.map((testcase) => [testcase.id, testcase] as const))(
    '%s has the expected verdict',
    (id, testcase) => {
      const verdict = run(testcase, 'rfc5280');
      const expected = testcase.expected_result === 'SUCCESS' ? !REFUSED.has(id) : ACCEPTED.has(id);
      expect(verdict.ok ? 'accepted' : verdict.failure, id).toEqual(
        expected ? 'accepted' : expect.anything(),
      );
      expect(verdict.ok).toBe(expected);
    },
  );

  test('all cases are there, and every exception is one of them', () => {
    expect(cases).toHaveLength(208);
    const ids = new Set(cases.map(({ id }) => id));
    expect([...ACCEPTED.keys(), ...REFUSED.keys()].filter((id) => !ids.has(id))).toEqual([]);
    const agreed = cases.filter(
      (testcase) => run(testcase, 'rfc5280').ok === (testcase.expected_result === 'SUCCESS'),
    );
    expect(agreed).toHaveLength(208 - ACCEPTED.size - REFUSED.size);
  });

  test.each([...ACCEPTED].filter(([, reason]) => reason === byPublicAuthorities).map(([id]) => id))(
    '%s is refused by the profile for public authorities',
    (id) => {
      const testcase = cases.find((candidate) => candidate.id === id)!;
      expect(run(testcase, 'webpki').ok).toBe(false);
    },
  );

  test('the chains of public web sites pass the profile for public authorities', () => {
    const online = cases.filter(({ id }) => id.startsWith('online::'));
    expect(online.length).toBeGreaterThan(10);
    for (const testcase of online) {
      const verdict = run(testcase, 'webpki');
      expect(verdict.ok ? 'accepted' : verdict.failure, testcase.id).toBe('accepted');
    }
  });
});
