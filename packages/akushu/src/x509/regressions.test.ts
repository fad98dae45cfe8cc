/**
 * One test for each class of failure that verifiers of certificates had before. Those of files are in
 * `formats/hostile.test.ts`, of CRLs in `revocation/`, of policies in `policies.test.ts`.
 */
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, fromHex } from '../bytes/index.js';
import { nodeProvider } from '../crypto/node.js';
import { portableProvider } from '../crypto/portable.js';
import type { PrivateKey, Provider } from '../crypto/provider.js';
import type { Profile } from './conformance.js';
import { type CertificateRequestOptions, createCertificate } from './issue.js';
import { trustAnchors } from './trust.js';
import type { ChainVerdict } from './verdict.js';
import { type VerifyInput, verifyChain } from './verify.js';

const provider = nodeProvider;
const notBefore = Date.UTC(2026, 0, 1);
const notAfter = Date.UTC(2036, 0, 1);
const time = Date.UTC(2030, 0, 1);

interface Authority {
  readonly certificate: Uint8Array;
  readonly key: PrivateKey;
}

type Options = Partial<CertificateRequestOptions>;

const newKey = async () => provider.importPrivateKey(await provider.generatePrivateKey('secp256r1'));

async function issue(issuer: Authority | undefined, options: Options): Promise<Authority> {
  const key = options.key ?? (await newKey());
  const certificate = await createCertificate({
    provider,
    subject: 'CA',
    isCa: true,
    notBefore,
    notAfter,
    issuer,
    publicKey: key.spki,
    ...options,
    key,
  });
  return { certificate, key };
}

let leafKey: PrivateKey;
let root: Authority;

const leafOf = async (issuer: Authority, options: Options = {}) =>
  (await issue(issuer, { subject: 'leaf', isCa: false, altNames: ['example.com'], key: leafKey, ...options }))
    .certificate;

beforeAll(async () => {
  leafKey = await newKey();
  root = await issue(undefined, { subject: 'Root' });
});

function verify(chain: readonly Uint8Array[], more: Partial<VerifyInput> = {}): ChainVerdict {
  const roots = trustAnchors([root.certificate]);
  return verifyChain({ chain, roots, time, purpose: 'server', host: 'example.com', provider, ...more });
}

const ruleOf = (verdict: ChainVerdict) => (verdict.ok ? 'accepted' : verdict.failure.rule);

/** Believes every signature, and takes every key: for making what should not be. */
const gullible: Provider = {
  ...provider,
  importPublicKey: (spki) => ({ kind: 'rsa', bits: 2048, spki, verify: () => true }),
};

/** A provider that counts the signatures it is asked about. */
function counting(): { provider: Provider; checks: () => number } {
  let checks = 0;
  const counted: Provider = {
    ...provider,
    importPublicKey(spki) {
      const key = provider.importPublicKey(spki);
      const verifySignature: typeof key.verify = (...args) => {
        checks++;
        return key.verify(...args);
      };
      return { kind: key.kind, bits: key.bits, spki: key.spki, verify: verifySignature };
    },
  };
  return { provider: counted, checks: () => checks };
}

// ---- A little DER, to write what no issuer writes ----

function tlv(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concat(...parts);
  const length = content.length;
  if (length < 0x80) return concat(Uint8Array.of(tag, length), content);
  const bytes: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return concat(Uint8Array.of(tag, 0x80 | bytes.length, ...bytes), content);
}

const ascii = (text: string) => new TextEncoder().encode(text);

/** nameConstraints with one permitted or excluded subtree of the form that `tag` stands for. */
const constraint = (kind: 'permitted' | 'excluded', tag: number, value: string) => ({
  oid: '2.5.29.30',
  critical: true,
  value: tlv(0x30, tlv(kind === 'permitted' ? 0xa0 : 0xa1, tlv(0x30, tlv(tag, ascii(value))))),
});

/** subjectAltName with example.com and one name more. */
const altName = (tag: number, value: string) => ({
  oid: '2.5.29.17',
  critical: false,
  value: tlv(0x30, tlv(0x82, ascii('example.com')), tlv(tag, ascii(value))),
});

async function underConstraint(
  kind: 'permitted' | 'excluded',
  tag: number,
  limit: string,
  name: string,
  profile: Profile = 'default',
): Promise<string> {
  const middle = await issue(root, { subject: 'Middle', extraExtensions: [constraint(kind, tag, limit)] });
  const leaf = await leafOf(middle, { altNames: [], extraExtensions: [altName(tag, name)] });
  const verdict = verify([leaf, middle.certificate], { policy: { profile } });
  return verdict.ok ? 'accepted' : String(verdict.failure.facts.problem ?? verdict.failure.rule);
}

/** The same certificate in version 1: no version, no extensions, signed anew. */
async function asVersion1({ certificate, key }: Authority): Promise<Uint8Array> {
  const inside = children(children(certificate)[0]!);
  const tbs = tlv(0x30, ...inside.filter((part) => part[0] !== 0xa0 && part[0] !== 0xa3));
  const signature = await key.sign('ecdsa_secp256r1_sha256', tbs);
  return tlv(0x30, tbs, children(certificate)[1]!, tlv(0x03, Uint8Array.of(0), signature));
}

function children(der: Uint8Array): Uint8Array[] {
  const header = (bytes: Uint8Array, at: number): readonly [number, number] => {
    const first = bytes[at + 1]!;
    if (first < 0x80) return [at + 2, first];
    const digits = bytes.subarray(at + 2, at + 2 + (first & 0x7f));
    return [at + 2 + digits.length, digits.reduce((sum, digit) => sum * 256 + digit, 0)];
  };
  const found: Uint8Array[] = [];
  for (let at = header(der, 0)[0]; at < der.length; ) {
    const [start, length] = header(der, at);
    found.push(der.subarray(at, start + length));
    at = start + length;
  }
  return found;
}

// ---- Paths ----

test('path explosion: layers of authorities with the same names and many keys end within the budget (CVE-2018-16875)', async () => {
  const keys = await Promise.all(Array.from({ length: 4 }, newKey));
  const chain: Uint8Array[] = [];
  let above = await Promise.all(keys.map((key) => issue(undefined, { subject: 'Top', key })));
  for (let layer = 0; layer < 5; layer++) {
    const next: Authority[] = [];
    for (const signer of above) {
      for (const key of keys) next.push(await issue(signer, { subject: `Layer ${layer}`, key }));
    }
    chain.push(...next.map(({ certificate }) => certificate));
    above = next.slice(0, 4);
  }
  const counted = counting();
  const verdict = verify([await leafOf(above[0]!), ...chain], { provider: counted.provider });
  expect(verdict.ok).toBe(false);
  expect(counted.checks()).toBeLessThanOrEqual(32);
  expect(!verdict.ok && verdict.paths.length).toBeLessThanOrEqual(32);
});

test('path explosion: steps are bounded too, where signatures are known already', async () => {
  const middle = await issue(root, { subject: 'Middle', notAfter: Date.UTC(2027, 0, 1) });
  const verdict = verify([await leafOf(middle), middle.certificate], { limits: { maxSteps: 0 } });
  expect(ruleOf(verdict)).toBe('too_many_steps');
});

test('wrong orders: every order of a chain, with strangers in it, leads to the same path', async () => {
  const middle = await issue(root, { subject: 'Middle' });
  const lower = await issue(middle, { subject: 'Lower' });
  const stranger = await issue(undefined, { subject: 'Middle' });
  const leaf = await leafOf(lower);
  const others = [middle, lower, stranger, root].map(({ certificate }) => certificate);
  fc.assert(
    fc.property(fc.shuffledSubarray(others, { minLength: others.length }), (order) => {
      const verdict = verify([leaf, ...order]);
      expect(verdict.ok && verdict.path.map(({ subject }) => subject.text)).toEqual([
        'CN=leaf',
        'CN=Lower',
        'CN=Middle',
        'CN=Root',
      ]);
    }),
    { numRuns: 24 },
  );
});

test('renewed and expired intermediates: the one that is valid leads on, wherever it stands', async () => {
  const key = await newKey();
  const old = await issue(root, { subject: 'Middle', key, notAfter: Date.UTC(2027, 0, 1) });
  const renewed = await issue(root, { subject: 'Middle', key });
  const leaf = await leafOf(renewed);
  for (const order of [
    [old, renewed],
    [renewed, old],
  ]) {
    expect(verify([leaf, ...order.map(({ certificate }) => certificate)]).ok).toBe(true);
  }
  expect(verify([leaf, old.certificate])).toMatchObject({
    failure: { code: 'certificate_expired', rule: 'expired', index: 1 },
  });
});

test('cycles: two authorities that sign each other, one of them trusted as well', async () => {
  const [one, two] = [await newKey(), await newKey()];
  const first = await issue(undefined, { subject: 'One', key: one });
  const second = await issue(undefined, { subject: 'Two', key: two });
  const crossed = [
    await issue(second, { subject: 'One', key: one }),
    await issue(first, { subject: 'Two', key: two }),
  ];
  const chain = [await leafOf(first), ...crossed.map(({ certificate }) => certificate)];
  expect(verify(chain).ok).toBe(false);
  expect(verify(chain, { roots: trustAnchors([second.certificate]) }).ok).toBe(true);
});

// ---- Name constraints ----

test('quadratic name constraints: many names under many constraints end within the budget (CVE-2025-58187)', async () => {
  const excludedNames = Array.from({ length: 1_500 }, (_, i) => `n${i}.example`);
  const altNames = ['example.com', ...Array.from({ length: 400 }, (_, i) => `m${i}.example`)];
  const middle = await issue(root, { subject: 'Middle', excludedNames });
  const verdict = verify([await leafOf(middle, { altNames }), middle.certificate]);
  expect(verdict).toMatchObject({ ok: false, failure: { facts: { problem: 'too_many_comparisons' } } });
});

describe('e-mail constraint confusions (CVE-2026-27137, CVE-2026-27138, CVE-2026-33810)', () => {
  const EMAIL = 0x81;
  test.each([
    ['permitted', 'example.com', 'a@example.com', 'accepted'],
    ['permitted', 'example.com', 'a@EXAMPLE.com', 'accepted'],
    ['permitted', 'example.com', 'a@sub.example.com', 'not_permitted'],
    ['permitted', '.example.com', 'a@sub.example.com', 'accepted'],
    ['permitted', '.example.com', 'a@example.com', 'not_permitted'],
    ['permitted', 'a@example.com', 'A@example.com', 'not_permitted'],
    ['permitted', 'example.com', 'a@evil.org@example.com', 'malformed_name'],
    ['permitted', 'example.com', '"a@evil.org"@example.com', 'malformed_name'],
    ['permitted', 'example.com', 'example.com', 'malformed_name'],
    ['permitted', 'example.com', '@example.com', 'malformed_name'],
    ['excluded', 'example.com', 'a@example.com.', 'malformed_name'],
    ['excluded', 'example.com', 'a@example.com', 'excluded'],
    ['excluded', '*.example.com', 'a@example.org', 'malformed_constraint'],
  ] as const)('%s %s and the mailbox %s: %s', async (kind, limit, name, expected) => {
    expect(await underConstraint(kind, EMAIL, limit, name)).toBe(expected);
  });
});

describe('URI constraint confusions (RUSTSEC-2026-0098, CVE-2024-45341)', () => {
  const URI = 0x86;
  test.each([
    ['permitted', 'good.example', 'https://good.example/path', 'accepted'],
    ['permitted', 'good.example', 'https://user@GOOD.example:8443?q', 'accepted'],
    ['permitted', 'good.example', 'https://sub.good.example/', 'not_permitted'],
    ['permitted', '.good.example', 'https://sub.good.example/', 'accepted'],
    ['permitted', '.good.example', 'https://good.example/', 'not_permitted'],
    ['permitted', 'good.example', 'https://good.example@evil.example/', 'not_permitted'],
    ['permitted', 'good.example', 'https://evil.example#@good.example', 'not_permitted'],
    ['permitted', 'good.example', 'https://evil.example?@good.example', 'not_permitted'],
    ['permitted', 'good.example', 'https://evil.example\\@good.example/', 'malformed_name'],
    ['permitted', 'good.example', 'https://a@evil.example@good.example/', 'malformed_name'],
    ['permitted', 'good.example', 'https://good.example:80:80/', 'malformed_name'],
    ['permitted', 'good.example', 'https:///good.example', 'malformed_name'],
    ['permitted', 'good.example', 'urn:good.example', 'malformed_name'],
    ['excluded', 'evil.example', 'https://192.0.2.1/', 'malformed_name'],
    ['excluded', 'evil.example', 'https://[2001:db8::1]/', 'malformed_name'],
    ['permitted', 'good.example', 'https://[fe80::1%25.good.example]/', 'malformed_name'],
    ['excluded', 'evil.example', 'https://0x7f.1/', 'malformed_name'],
    ['excluded', 'evil.example', 'https://evil.example./', 'excluded'],
    ['excluded', 'evil.example', 'https://evil%2eexample/', 'malformed_name'],
    ['excluded', 'https://evil.example', 'https://good.example/', 'malformed_constraint'],
    ['excluded', '', 'https://good.example/', 'excluded'],
  ] as const)('%s %s and %s: %s', async (kind, limit, name, expected) => {
    expect(await underConstraint(kind, URI, limit, name)).toBe(expected);
  });
});

test('a constraint on URIs that cannot be read concerns no certificate without one', async () => {
  const middle = await issue(root, {
    subject: 'Middle',
    extraExtensions: [constraint('permitted', 0x86, 'https://good.example/')],
  });
  expect(ruleOf(verify([await leafOf(middle), middle.certificate]))).toBe('accepted');
});

describe('wildcard against constraints (CVE-2025-61727, RUSTSEC-2026-0099)', () => {
  const DNS = 0x82;
  test.each([
    ['excluded', 'a.example.com', '*.example.com', 'excluded'],
    ['excluded', 'example.com', '*.example.com', 'excluded'],
    ['permitted', 'a.example.com', '*.example.com', 'not_permitted'],
    ['excluded', '.example.com', '*.example.com', 'excluded'],
    ['excluded', '.a.example.com', '*.example.org', 'accepted'],
  ] as const)('%s %s and %s: %s', async (kind, limit, name, expected) => {
    // example.com, which every leaf here has, is not what is asked about.
    const middle = await issue(root, { subject: 'Middle', extraExtensions: [constraint(kind, DNS, limit)] });
    const leaf = await leafOf(middle, { altNames: [name] });
    const verdict = verify([leaf, middle.certificate], { host: undefined });
    expect(verdict.ok ? 'accepted' : verdict.failure.facts.problem).toBe(expected);
  });

  test('a leading dot is a constraint for the default profile only', async () => {
    const dotted = (profile: Profile) =>
      underConstraint('excluded', DNS, '.evil.example', 'good.example', profile);
    expect(await dotted('default')).toBe('accepted');
    expect(await dotted('rfc5280')).toBe('malformed_constraint');
  });
});

// ---- Authorities ----

describe('EKU "any" disabling checks (CVE-2025-22874)', () => {
  const any = ['2.5.29.37.0'];

  test('in the leaf it does not lift what the authority above is restricted to', async () => {
    const middle = await issue(root, { subject: 'Middle', extKeyUsage: ['1.3.6.1.5.5.7.3.3'] });
    const leaf = await leafOf(middle, { extKeyUsage: any });
    expect(ruleOf(verify([leaf, middle.certificate]))).toBe('extended_key_usage');
  });

  test('in an authority it does not make a leaf for clients one for servers', async () => {
    const middle = await issue(root, { subject: 'Middle', extKeyUsage: any });
    const leaf = await leafOf(middle, { extKeyUsage: ['clientAuth'] });
    expect(ruleOf(verify([leaf, middle.certificate]))).toBe('extended_key_usage');
  });

  test('neither do constraints, policies and usages of keys become void', async () => {
    const middle = await issue(root, {
      subject: 'Middle',
      extKeyUsage: any,
      permittedNames: ['example.org'],
    });
    const leaf = await leafOf(middle, { extKeyUsage: any });
    expect(ruleOf(verify([leaf, middle.certificate]))).toBe('name_constraints');
    const noSigner = await issue(root, { subject: 'Middle', extKeyUsage: any, keyUsage: ['cRLSign'] });
    expect(ruleOf(verify([await leafOf(noSigner), noSigner.certificate]))).toBe(
      'key_usage_without_cert_sign',
    );
  });
});

describe('missing basicConstraints taken as CA (CVE-2026-33896)', () => {
  test('a leaf signs nothing, be it sent or trusted', async () => {
    const other = await issue(root, { subject: 'other', isCa: false, keyUsage: ['digitalSignature'] });
    const leaf = await leafOf(other);
    expect(ruleOf(verify([leaf, other.certificate]))).toBe('not_a_ca');
    expect(ruleOf(verify([leaf], { roots: trustAnchors([other.certificate]) }))).toBe('not_a_ca');
  });

  test('version 1 is enough for a root that the user trusts, and for nothing else', async () => {
    const old = await issue(undefined, { subject: 'Old' });
    const certificate = await asVersion1(old);
    const leaf = await leafOf({ ...old, certificate });
    const roots = trustAnchors([certificate]);
    expect(ruleOf(verify([leaf], { roots }))).toBe('accepted');
    expect(ruleOf(verify([leaf], { roots, policy: { profile: 'rfc5280' } }))).toBe('not_a_ca');
    expect(ruleOf(verify([leaf], { roots, policy: { profile: 'webpki' } }))).toBe('not_a_ca');

    const middle = await issue(root, { subject: 'Middle' });
    const sent = tbsSignedBy(root, await asVersion1(middle));
    expect(ruleOf(verify([await leafOf(middle), await sent]))).toBe('not_a_ca');
  });
});

async function tbsSignedBy(issuer: Authority, certificate: Uint8Array): Promise<Uint8Array> {
  const [tbs, algorithm] = children(certificate);
  const signature = await issuer.key.sign('ecdsa_secp256r1_sha256', tbs!);
  return tlv(0x30, tbs!, algorithm!, tlv(0x03, Uint8Array.of(0), signature));
}

// ---- Keys and signatures ----

const SHA256_INFO = '3031300d060960864801650304020105000420';

const big = (bytes: Uint8Array): bigint => bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

/** The smallest number whose cube is not below `n`. */
function cubeRoot(n: bigint): bigint {
  let [low, high] = [0n, 1n << 700n];
  while (low < high) {
    const middle = (low + high) >> 1n;
    if (middle ** 3n < n) low = middle + 1n;
    else high = middle;
  }
  return low;
}

function bytesOf(n: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = length - 1, left = n; i >= 0; i--, left >>= 8n) bytes[i] = Number(left & 0xffn);
  return bytes;
}

describe.each([
  ['node', nodeProvider],
  ['portable', portableProvider],
])('RSA PKCS#1 v1.5 forgery, with the provider %s', (_, tested) => {
  test('a cube root with rubbish behind the digest is no signature (CVE-2006-4339)', async () => {
    const made = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 });
    const key = await provider.importPrivateKey(
      new Uint8Array(made.privateKey.export({ type: 'pkcs8', format: 'der' })),
    );
    const weak = await issue(undefined, { subject: 'Exponent 3', key });
    // 00 01 FF … FF 00, and the DigestInfo of SHA-256 without the digest.
    const prefix = concat(
      Uint8Array.from([0, 1, ...new Array<number>(8).fill(0xff), 0]),
      fromHex(SHA256_INFO),
    );
    const forge = (message: Uint8Array): Uint8Array => {
      const block = new Uint8Array(256);
      block.set(concat(prefix, provider.digest('sha256', message)));
      const root3 = cubeRoot(big(block));
      // The forgery is what it claims to be: its cube begins with padding, algorithm and digest.
      expect(bytesOf(root3 ** 3n, 256).subarray(0, prefix.length + 32)).toEqual(
        block.subarray(0, prefix.length + 32),
      );
      return bytesOf(root3, 256);
    };
    const scheme = 'rsa_pkcs1_sha256';
    const signer: PrivateKey = {
      ...key,
      spki: key.spki,
      schemes: [scheme],
      sign: (_scheme, message) => forge(message),
    };
    const roots = trustAnchors([weak.certificate]);
    const forged = await leafOf({ ...weak, key: signer }, { scheme, provider: gullible });
    const options = { roots, provider: tested };
    expect(ruleOf(verify([forged], options))).not.toBe('accepted');
    expect(ruleOf(verify([await leafOf(weak)], options))).toBe('accepted');
  });
});

test('giant keys: one of 16,384 bits is refused before anything is computed with it (CVE-2023-29409)', async () => {
  const modulus = new Uint8Array(2049).fill(0xff);
  modulus[0] = 0;
  const rsa = tlv(0x30, tlv(0x02, modulus), tlv(0x02, Uint8Array.of(1, 0, 1)));
  const algorithm = tlv(0x30, Uint8Array.from([6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0]));
  const publicKey = tlv(0x30, algorithm, tlv(0x03, Uint8Array.of(0), rsa));
  const giant = (await issue(root, { subject: 'Giant', publicKey, provider: gullible })).certificate;
  const scheme = 'rsa_pkcs1_sha256';
  const signer: PrivateKey = {
    ...leafKey,
    spki: publicKey,
    schemes: [scheme],
    sign: () => new Uint8Array(2048).fill(1),
  };
  const leaf = await leafOf({ certificate: giant, key: signer }, { scheme, provider: gullible });
  const counted = counting();
  const verdict = verify([leaf, giant], { provider: counted.provider });
  expect(verdict).toMatchObject({ ok: false, failure: { index: 1, rule: 'key_too_large' } });
  expect(counted.checks()).toBe(0);
  const own = await leafOf(root, { publicKey, provider: gullible });
  expect(verify([own])).toMatchObject({ ok: false, failure: { rule: 'key_too_large', index: 0 } });
});

describe('key types that nobody knows (CVE-2025-58188, CVE-2024-24783)', () => {
  const oid = (digits: string): Uint8Array => tlv(0x06, fromHex(digits));
  const spki = (algorithm: readonly Uint8Array[], bits: Uint8Array): Uint8Array =>
    tlv(0x30, tlv(0x30, ...algorithm), tlv(0x03, bits));
  const DSA = oid('2a8648ce380401');
  const point = concat(Uint8Array.of(0, 4), new Uint8Array(64).fill(7));
  const keys: readonly (readonly [string, Uint8Array])[] = [
    ['DSA without parameters', spki([DSA], Uint8Array.of(0, 2, 1, 5))],
    ['DSA with rubbish in their place', spki([DSA, tlv(0x30, fromHex('020101'))], Uint8Array.of(0, 2, 1, 5))],
    ['an algorithm without a name', spki([oid('2a03')], Uint8Array.of(0, 1, 2, 3))],
    ['a curve without a name', spki([oid('2a8648ce3d0201'), oid('2a03')], point)],
    ['a point that is on no curve', spki([oid('2a8648ce3d0201'), oid('2a8648ce3d030107')], point)],
    ['no bits at all', spki([oid('2a8648ce3d0201'), oid('2a8648ce3d030107')], Uint8Array.of(0))],
  ];

  test.each(keys)('%s: in a leaf and in an authority a refusal, never a crash', async (_, publicKey) => {
    for (const tested of [nodeProvider, portableProvider]) {
      const leaf = await leafOf(root, { publicKey, provider: gullible });
      expect(verify([leaf], { provider: tested }).ok).toBe(false);
      const middle = (await issue(root, { subject: 'Middle', publicKey, provider: gullible })).certificate;
      const below = await leafOf({ certificate: middle, key: leafKey }, { provider: gullible });
      expect(verify([below, middle], { provider: tested }).ok).toBe(false);
      const self = (await issue(undefined, { subject: 'Self', publicKey, provider: gullible })).certificate;
      expect(verify([self], { roots: trustAnchors([self]), provider: tested }).ok).toBe(false);
    }
  });
});

test('error text without bound: two thousand names give a short verdict (CVE-2025-61729, CVE-2026-27145)', async () => {
  const altNames = Array.from({ length: 2_000 }, (_, i) => `name-${i}.example`);
  const verdict = verify([await leafOf(root, { altNames, subject: 'x'.repeat(60) })]);
  expect(ruleOf(verdict)).toBe('host_mismatch');
  expect(JSON.stringify(verdict.ok ? '' : verdict.failures).length).toBeLessThan(8_000);
});

test('prototype pollution: names such as __proto__ are names', async () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  const middle = await issue(root, { subject: { O: '__proto__', CN: 'constructor' } });
  const leaf = await leafOf(middle, { altNames: ['example.com', 'constructor', 'prototype.example'] });
  expect(ruleOf(verify([leaf, middle.certificate]))).toBe('accepted');
  for (const host of names) expect(ruleOf(verify([leaf, middle.certificate], { host }))).not.toBe('weak_key');
  expect(({} as Record<string, unknown>).O).toBeUndefined();
});

test('aliasing: what is read keeps to its part of a pooled buffer, and does not change it', async () => {
  const leaf = await leafOf(root);
  const pool = new Uint8Array(leaf.length + 64).fill(0x30);
  pool.set(leaf, 32);
  const before = pool.slice();
  expect(ruleOf(verify([pool.subarray(32, 32 + leaf.length)]))).toBe('accepted');
  expect(pool).toEqual(before);
});
