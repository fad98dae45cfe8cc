import { beforeAll, describe, expect, test } from 'vitest';
import { nodeProvider as provider } from '../crypto/node.js';
import type { PrivateKey } from '../crypto/provider.js';
import { type CertificateRequestOptions, createCertificate } from './issue.js';
import { trustAnchors } from './trust.js';
import { type VerifyInput, verifyChain } from './verify.js';
import { validityLimit } from './webpki.js';

const DAY = 86_400_000;

let rootKey: PrivateKey;
let leafKey: PrivateKey;
let root: Uint8Array;

beforeAll(async () => {
  rootKey = await provider.importPrivateKey(await provider.generatePrivateKey('secp256r1'));
  leafKey = await provider.importPrivateKey(await provider.generatePrivateKey('secp256r1'));
  root = await createCertificate({
    provider,
    subject: 'Root',
    isCa: true,
    key: rootKey,
    notBefore: Date.UTC(2010, 0, 1),
    notAfter: Date.UTC(2040, 0, 1),
  });
});

async function ruleOf(options: Partial<CertificateRequestOptions>, more: Partial<VerifyInput> = {}) {
  const notBefore = options.notBefore ?? Date.UTC(2026, 0, 1);
  const leaf = await createCertificate({
    provider,
    subject: 'example.com',
    altNames: ['example.com'],
    extKeyUsage: ['serverAuth'],
    publicKey: leafKey.spki,
    issuer: { certificate: root, key: rootKey },
    notBefore,
    notAfter: notBefore + 40 * DAY,
    ...options,
  });
  const verdict = verifyChain({
    chain: [leaf],
    roots: trustAnchors([root]),
    time: notBefore,
    purpose: 'server',
    host: 'example.com',
    provider,
    policy: { profile: 'webpki' },
    ...more,
  });
  return verdict.ok ? 'accepted' : verdict.failure.rule;
}

describe('the profile webpki', () => {
  test.each([
    ['2012-06-30', null],
    ['2012-07-01', 1860],
    ['2015-04-01', 1209],
    ['2018-03-01', 825],
    ['2020-08-31', 825],
    ['2020-09-01', 398],
    ['2026-03-14', 398],
    ['2026-03-15', 200],
    ['2027-03-14', 200],
    ['2027-03-15', 100],
    ['2029-03-14', 100],
    ['2029-03-15', 47],
  ])('of what was issued on %s allows %s days', async (day, days) => {
    const notBefore = Date.parse(`${day}T00:00:00Z`);
    expect(validityLimit(notBefore)).toBe(days);
    expect(validityLimit(notBefore + DAY - 1000)).toBe(days);
    if (days === null) return;
    // Both ends belong to the period.
    expect(await ruleOf({ notBefore, notAfter: notBefore + days * DAY - 1000 })).toBe('accepted');
    expect(await ruleOf({ notBefore, notAfter: notBefore + days * DAY })).toBe('validity_too_long');
  });

  test('other profiles know no limit', async () => {
    const policy = { profile: 'default' } as const;
    expect(await ruleOf({ notAfter: Date.UTC(2039, 0, 1) }, { policy })).toBe('accepted');
  });

  test('demands names, and a common name that is one of them', async () => {
    expect(await ruleOf({ altNames: [] }, { host: undefined })).toBe('missing_subject_alt_name');
    expect(await ruleOf({ subject: 'example.org' })).toBe('common_name_not_in_subject_alt_name');
    expect(await ruleOf({ subject: { O: 'Example' } })).toBe('accepted');
    expect(await ruleOf({ altNames: ['example.com', 'a@example.com'] })).toBe('bad_subject_alt_name_form');
  });

  test('allows no purpose beside that of a server that endangers it', async () => {
    expect(await ruleOf({ extKeyUsage: ['serverAuth', 'clientAuth'] })).toBe('accepted');
    expect(await ruleOf({ extKeyUsage: ['serverAuth', '1.3.6.1.5.5.7.3.4'] })).toBe(
      'forbidden_extended_key_usage',
    );
    expect(await ruleOf({ extKeyUsage: [] })).toBe('missing_extended_key_usage');
  });

  test('knows the keys of public authorities only', async () => {
    const key = await provider.importPrivateKey(await provider.generatePrivateKey('ed25519'));
    expect(await ruleOf({ publicKey: key.spki })).toBe('key_type_not_allowed');
  });

  test('refuses wildcards below a public suffix, where a list is given', async () => {
    const isPublicSuffix = (domain: string) => domain === 'co.uk';
    const options = { altNames: ['*.co.uk', '*.a.co.uk'], subject: { O: 'Example' } };
    const policy = { profile: 'webpki' } as const;
    expect(await ruleOf(options, { host: 'a.co.uk', policy })).toBe('accepted');
    expect(await ruleOf(options, { host: 'a.co.uk', policy: { ...policy, isPublicSuffix } })).toBe(
      'wildcard_below_public_suffix',
    );
  });
});
