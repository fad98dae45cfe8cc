import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { DAY, TIME } from '../../../test/support/pki.js';
import { nodeProvider } from '../../crypto/node.js';
import { portableProvider } from '../../crypto/portable.js';
import { CryptoError, type PrivateKey, type Provider } from '../../crypto/provider.js';
import { type Certificate, parseCertificate } from '../certificate.js';
import { X509Error } from '../der/index.js';
import { parseCertificateRequest, requestIsSigned } from '../formats/index.js';
import { createCertificate } from '../issue.js';
import { type Crl, parseCrl } from '../revocation/crl.js';
import { parseOcspResponse } from '../revocation/ocsp.js';
import { revocationCheck } from '../revocation/policy.js';
import { trustAnchors } from '../trust.js';
import { verifyChain } from '../verify.js';
import { createCrl } from './crl.js';
import { createCertificateSigningRequest } from './csr.js';
import { generateKey } from './keys.js';
import { createOcspResponse } from './ocsp.js';

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const host = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => `${labels.join('.')}.example`);
const POLICIES = ['1.3.6.1.4.1.99999.1', '1.3.6.1.4.1.99999.2', '2.23.140.1.2.1'];

const leafOptions = fc.record(
  {
    altNames: fc.array(fc.oneof(host, fc.ipV4()), { minLength: 1, maxLength: 5 }),
    serial: fc.uint8Array({ minLength: 1, maxLength: 20 }).filter((bytes) => bytes.some((byte) => byte > 0)),
    policies: fc.uniqueArray(fc.constantFrom(...POLICIES), { minLength: 1 }),
    ocspUrls: fc.constant(['http://ocsp.example/']),
    crlDistributionPoints: fc.constant(['http://crl.example/1']),
    mustStaple: fc.boolean(),
    extKeyUsage: fc.constantFrom(['serverAuth'], ['clientAuth', 'serverAuth'], []),
    issuerAltNames: fc.constant(['https://ca.example/']),
    notBefore: fc.integer({ min: 0, max: 365 }).map((days) => TIME - days * DAY),
    notAfter: fc.integer({ min: 0, max: 40_000 }).map((days) => TIME + days * DAY),
  },
  { requiredKeys: ['altNames', 'notBefore', 'notAfter'] },
);

interface Authority {
  readonly certificate: Certificate;
  readonly key: PrivateKey;
}

/** False for what cannot be read, or has a key that cannot be used. */
function holds(test: () => boolean): boolean {
  try {
    return test();
  } catch (error) {
    if (error instanceof X509Error || error instanceof CryptoError) return false;
    throw error;
  }
}

describe.each([
  ['node', nodeProvider, 60],
  ['portable', portableProvider, 15],
] as const)('with the %s provider', (_, provider: Provider, numRuns) => {
  let keys: readonly PrivateKey[];
  beforeAll(async () => {
    const kinds = ['secp256r1', 'ed25519', 'secp384r1', 'ml-dsa-44'] as const;
    keys = await Promise.all(kinds.map(async (kind) => (await generateKey(provider, kind)).key));
  });
  const period = { notBefore: TIME - 3650 * DAY, notAfter: TIME + 50_000 * DAY };

  /** Root first; each constrains how many may follow, exactly. */
  async function authorities(depth: number, start: number): Promise<Authority[]> {
    const made: Authority[] = [];
    for (let level = 0; level < depth; level++) {
      const key = keys[(start + level) % keys.length]!;
      const der = await createCertificate({
        provider,
        subject: { O: 'Test', CN: `CA ${level}` },
        isCa: true,
        pathLength: depth - 1 - level,
        permittedNames: ['example', '0.0.0.0/0'],
        policies: POLICIES,
        publicKey: key.spki,
        ...period,
        ...(level === 0 ? { key } : { issuer: made[level - 1] }),
      });
      made.push({ certificate: parseCertificate(der), key });
    }
    return made;
  }

  const verify = (leaf: Uint8Array, path: readonly Authority[], name: string) =>
    verifyChain({
      chain: [leaf, ...path.slice(1).map(({ certificate }) => certificate.der)],
      roots: trustAnchors([path[0]!.certificate.der]),
      time: TIME,
      purpose: 'server',
      host: name,
      provider,
    });

  test('whatever is issued verifies, says what was asked for, and no longer does with one byte changed', async () => {
    await fc.assert(
      fc.asyncProperty(
        leafOptions,
        fc.integer({ min: 1, max: 4 }),
        fc.nat(3),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (options, depth, start, place, change) => {
          const path = await authorities(depth, start);
          const issuer = path.at(-1)!;
          const { spki } = keys[(start + depth) % keys.length]!;
          const der = await createCertificate({
            provider,
            subject: 'leaf',
            issuer,
            publicKey: spki,
            ...options,
          });
          const leaf = parseCertificate(der);
          const name = options.altNames[0]!;
          const verdict = verify(der, path, name);
          expect(verdict.ok ? [] : verdict.failures).toEqual([]);
          expect(leaf.subjectAltName).toHaveLength(options.altNames.length);
          expect(leaf.mustStaple).toBe(options.mustStaple ?? false);
          expect(leaf.certificatePolicies?.map(({ oid }) => oid)).toEqual(options.policies);
          const changed = der.slice();
          changed[place % der.length]! ^= change;
          expect(verify(changed, path, name).ok).toBe(false);
        },
      ),
      { numRuns },
    );
  }, 60_000);

  test('a request, a list and an answer with one byte changed are refused, or their signature is', async () => {
    const [ca] = (await authorities(1, 0)) as [Authority];
    const csrs = await Promise.all(
      keys.map((key) =>
        createCertificateSigningRequest({ provider, subject: 'a.example', key, altNames: ['a.example'] }),
      ),
    );
    const times = { thisUpdate: TIME - DAY, nextUpdate: TIME + DAY };
    const entries = [{ serial: Uint8Array.of(7), revokedAt: TIME - DAY }];
    const crl = await createCrl({ provider, issuer: ca, number: 1, entries, ...times });
    const staple = await createOcspResponse({
      provider,
      authority: ca.certificate,
      responder: ca,
      producedAt: TIME,
      answers: [{ certificate: ca.certificate, status: 'good', ...times }],
    });
    const isSigned = (signed: Pick<Crl, 'signatureAlgorithm' | 'tbs' | 'signature'>): boolean =>
      signed.signatureAlgorithm !== null &&
      provider
        .importPublicKey(ca.certificate.spki)
        .verify(signed.signatureAlgorithm, signed.tbs, signed.signature);
    const readers: readonly (readonly [Uint8Array, (der: Uint8Array) => boolean])[] = [
      ...csrs.map(
        (csr) => [csr, (der: Uint8Array) => requestIsSigned(parseCertificateRequest(der), provider)] as const,
      ),
      [crl, (der) => isSigned(parseCrl(der))],
      [
        staple,
        (der) => {
          const { response } = parseOcspResponse(der);
          return response !== null && isSigned(response);
        },
      ],
    ];
    for (const [der, good] of readers) expect(good(der)).toBe(true);
    fc.assert(
      fc.property(
        fc.constantFrom(...readers),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        ([der, good], place, change) => {
          const changed = der.slice();
          changed[place % der.length]! ^= change;
          expect(holds(() => good(changed))).toBe(false);
        },
      ),
      { numRuns: numRuns * 20 },
    );
  }, 60_000);

  test('requests, lists and answers verify with the same provider', async () => {
    const path = await authorities(2, 0);
    const ca = path[1]!;
    for (const key of keys) {
      const csr = await createCertificateSigningRequest({
        provider,
        subject: 'a.example',
        key,
        altNames: ['a.example'],
      });
      const request = parseCertificateRequest(csr);
      expect(requestIsSigned(request, provider)).toBe(true);
      const der = await createCertificate({
        provider,
        subject: request.subject.raw,
        publicKey: request.spki,
        issuer: ca,
        ...period,
        extraExtensions: request.extensions,
      });
      const leaf = parseCertificate(der);
      expect(leaf.subject.text).toBe('CN=a.example');
      const times = { thisUpdate: TIME - DAY, nextUpdate: TIME + DAY };
      const entries = [{ serial: leaf.serial, revokedAt: TIME - DAY }];
      const crls = [
        await createCrl({ provider, issuer: path[0]!, number: 1, entries: [], ...times }),
        await createCrl({ provider, issuer: ca, number: 1, entries: [], ...times }),
      ];
      const staple = await createOcspResponse({
        provider,
        authority: ca.certificate,
        responder: ca,
        producedAt: TIME,
        answers: [{ certificate: leaf, status: 'good', ...times }],
      });
      const judge = (check: ReturnType<typeof revocationCheck>) =>
        verifyChain({
          chain: [der, ca.certificate.der],
          roots: trustAnchors([path[0]!.certificate.der]),
          time: TIME,
          purpose: 'server',
          provider,
          revocation: { mode: 'hard', check, staples: [staple] },
        }).ok;
      expect(judge(revocationCheck({ crls }))).toBe(true);
      const revoking = await createCrl({ provider, issuer: ca, number: 2, entries, ...times });
      expect(judge(revocationCheck({ crls: [...crls, revoking] }))).toBe(false);
    }
  }, 60_000);
});
