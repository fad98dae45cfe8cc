import { beforeAll, describe, expect, test } from 'vitest';
import { DAY, type Entity, makeCertificate, makeRoot, TIME } from '../../../test/support/pki.js';
import { nodeProvider as provider } from '../../crypto/node.js';
import type { Certificate } from '../certificate.js';
import { createCrl } from '../issuing/crl.js';
import { createOcspResponse } from '../issuing/ocsp.js';
import type { RevocationMode } from '../revocation-hook.js';
import { trustAnchors } from '../trust.js';
import { verifyChain } from '../verify.js';
import { gatherRevocation, type RevocationFetchRequest } from './gather.js';
import { parseOcspRequest } from './ocsp.js';
import { type RevocationCheckOptions, revocationCheck } from './policy.js';

let root: Entity;
let ca: Entity;
let leaf: Entity;
let stapling: Entity;
beforeAll(async () => {
  root = await makeRoot();
  ca = await makeCertificate(root, 'Issuing CA', { isCa: true });
  leaf = await makeCertificate(ca, 'a.example');
  stapling = await makeCertificate(ca, 'b.example', { mustStaple: true });
});

const crl = (issuer: Entity, ...revoked: readonly Certificate[]): Promise<Uint8Array> =>
  createCrl({
    provider,
    issuer,
    number: 1,
    thisUpdate: TIME - DAY,
    nextUpdate: TIME + DAY,
    entries: revoked.map(({ serial }) => ({
      serial,
      revokedAt: TIME - DAY,
      reason: 'keyCompromise' as const,
    })),
  });

const ocsp = (
  issuer: Entity,
  certificate: Certificate,
  status: 'good' | 'revoked' | 'unknown' = 'good',
  nextUpdate = TIME + DAY,
): Promise<Uint8Array> =>
  createOcspResponse({
    provider,
    authority: issuer.certificate,
    responder: issuer,
    producedAt: TIME - 2 * DAY,
    answers: [
      {
        certificate,
        status,
        thisUpdate: TIME - 2 * DAY,
        nextUpdate,
        ...(status === 'revoked' && { revokedAt: TIME - 9 * DAY }),
      },
    ],
  });

function verify(
  entity: Entity,
  mode: RevocationMode,
  options: RevocationCheckOptions = {},
  staple: Uint8Array | null = null,
): string {
  const verdict = verifyChain({
    chain: [entity.certificate.der, ca.certificate.der],
    roots: trustAnchors([root.certificate.der]),
    time: TIME,
    purpose: 'server',
    provider,
    revocation: { mode, check: revocationCheck(options), staples: [staple] },
  });
  if (verdict.ok) return 'accepted';
  const { code, rule, index } = verdict.failure;
  return `${code} ${rule} ${index}`;
}

const REVOKED = 'certificate_revoked crl_revoked';

describe('modes', () => {
  test('off: nobody is asked', async () => {
    expect(verify(leaf, 'off', { crls: [await crl(ca, leaf.certificate)] })).toBe('accepted');
  });

  test('soft: what is revoked is refused, what is unknown is not', async () => {
    expect(verify(leaf, 'soft')).toBe('accepted');
    expect(verify(leaf, 'soft', { crls: [await crl(ca, leaf.certificate)] })).toBe(`${REVOKED} 0`);
    expect(verify(leaf, 'soft', { crls: [await crl(root, ca.certificate)] })).toBe(`${REVOKED} 1`);
  });

  test('hard: every certificate but the anchor has to be known as good', async () => {
    const [ofLeaf, ofCa] = [await crl(ca), await crl(root)];
    expect(verify(leaf, 'hard')).toMatch(/no_crl 0$/);
    expect(verify(leaf, 'hard', { crls: [ofLeaf] })).toMatch(/crl_issuer_mismatch 1$/);
    expect(verify(leaf, 'hard', { crls: [ofLeaf, ofCa] })).toBe('accepted');
    const ocspResponses = [await ocsp(root, ca.certificate)];
    expect(verify(leaf, 'hard', { crls: [ofLeaf], ocspResponses })).toBe('accepted');
    expect(verify(leaf, 'hard', { ocspResponses }, await ocsp(ca, leaf.certificate))).toBe('accepted');
  });

  test('one that says revoked outweighs all that say good', async () => {
    const crls = [await crl(ca, leaf.certificate)];
    expect(verify(leaf, 'soft', { crls }, await ocsp(ca, leaf.certificate))).toBe(`${REVOKED} 0`);
    const staple = await ocsp(ca, leaf.certificate, 'revoked');
    expect(verify(leaf, 'soft', { crls: [await crl(ca)] }, staple)).toBe(
      'certificate_revoked ocsp_revoked 0',
    );
  });
});

describe('staples', () => {
  test('a certificate that demands a staple is refused without a good one, in soft mode too', async () => {
    const options = { mustStaple: true, crls: [await crl(ca)] };
    expect(verify(stapling, 'soft', options)).toMatch(/ must_staple 0$/);
    expect(verify(stapling, 'soft', options, await ocsp(ca, stapling.certificate))).toBe('accepted');
    const expired = await ocsp(ca, stapling.certificate, 'good', TIME - DAY);
    expect(verify(stapling, 'soft', options, expired)).toMatch(/ must_staple 0$/);
    expect(verify(stapling, 'soft', options, await ocsp(ca, leaf.certificate))).toMatch(/ must_staple 0$/);
    expect(verify(stapling, 'soft', options, Uint8Array.of(1, 2, 3))).toMatch(/ must_staple 0$/);
  });

  test('outside of connections there are no staples to demand', () => {
    expect(verify(stapling, 'soft')).toBe('accepted');
    expect(verify(leaf, 'soft', { mustStaple: true })).toBe('accepted');
  });

  test('an expired staple tells nothing in soft mode, and is told about in hard mode', async () => {
    const expired = await ocsp(ca, leaf.certificate, 'good', TIME - DAY);
    expect(verify(leaf, 'soft', {}, expired)).toBe('accepted');
    expect(verify(leaf, 'hard', {}, expired)).toMatch(/ ocsp_stale 0$/);
  });
});

describe('certificates about which nothing is said', () => {
  test('RFC 9608: noRevAvail, and a short life without any place to ask at', async () => {
    const crls = [await crl(root)];
    const silent = await makeCertificate(ca, 'c.example', { noRevAvail: true });
    expect(verify(silent, 'hard', { crls })).toBe('accepted');
    const period = { notBefore: TIME - DAY, notAfter: TIME + 5 * DAY };
    const short = await makeCertificate(ca, 'd.example', period);
    expect(verify(short, 'hard', { crls })).toBe('accepted');
    expect(verify(short, 'hard', { crls, shortLived: 0 })).toMatch(/ crl_issuer_mismatch 0$/);
    const asked = await makeCertificate(ca, 'e.example', { ...period, ocspUrls: ['http://ocsp.example'] });
    expect(verify(asked, 'hard', { crls })).not.toBe('accepted');
    expect(verify(silent, 'soft', { crls: [await crl(ca, silent.certificate)] })).toBe(`${REVOKED} 0`);
  });
});

test('what cannot be read is refused when it is given, not when a certificate is checked', async () => {
  expect(() => revocationCheck({ crls: [Uint8Array.of(1)] })).toThrow(/x509|wrong_tag|truncated/i);
  expect(() => revocationCheck({ ocspResponses: [Uint8Array.of(1)] })).toThrow();
});

describe('asking', () => {
  const OCSP = 'http://ocsp.example/';
  const CRL = 'http://crl.example/ca.crl';
  let asked: Entity;
  let path: readonly Certificate[];
  beforeAll(async () => {
    asked = await makeCertificate(ca, 'f.example', {
      ocspUrls: ['ldap://no', OCSP],
      crlDistributionPoints: [CRL],
    });
    path = [asked.certificate, ca.certificate, root.certificate];
  });

  test('the responder is asked with a nonce, and its answer decides', async () => {
    const requests: RevocationFetchRequest[] = [];
    const gathered = await gatherRevocation({
      path,
      provider,
      nonce: true,
      fetch: async (request) => {
        requests.push(request);
        return createOcspResponse({
          provider,
          authority: ca.certificate,
          responder: ca,
          producedAt: TIME,
          request: parseOcspRequest(request.body!),
          answers: [{ certificate: asked.certificate, status: 'revoked', revokedAt: TIME, thisUpdate: TIME }],
        });
      },
    });
    expect(requests.map(({ url, method }) => [url, method])).toEqual([[OCSP, 'POST']]);
    expect(gathered.failures).toEqual([{ index: 0, url: 'ldap://no', reason: 'bad_url' }]);
    expect(verify(asked, 'soft', gathered)).toBe('certificate_revoked ocsp_revoked 0');
  });

  test('an answer to somebody else’s question does not count', async () => {
    const replayed = await ocsp(ca, asked.certificate);
    const gathered = await gatherRevocation({ path, provider, nonce: true, fetch: async () => replayed });
    expect(verify(asked, 'hard', gathered)).toMatch(/ ocsp_nonce_mismatch 0$/);
  });

  test('where no responder answers the list is fetched; what fails is told', async () => {
    const list = await crl(ca, asked.certificate);
    const gathered = await gatherRevocation({
      path,
      provider,
      fetch: async ({ url, method }) => {
        if (method === 'POST') throw new Error('no route to host');
        expect(url).toBe(CRL);
        return list;
      },
    });
    expect(gathered.failures).toContainEqual({ index: 0, url: OCSP, reason: 'fetch_failed' });
    expect(verify(asked, 'soft', gathered)).toBe('certificate_revoked crl_revoked 0');
  });

  test('nonsense from the network is a failure, never an exception', async () => {
    const gathered = await gatherRevocation({
      path,
      provider,
      prefer: 'both',
      fetch: async () => new Uint8Array(9),
    });
    expect(gathered).toMatchObject({ crls: [], ocspResponses: [] });
    expect(gathered.failures.map(({ reason }) => reason)).toEqual(['bad_url', 'wrong_tag', 'wrong_tag']);
  });

  test('an aborted signal ends it', async () => {
    const signal = AbortSignal.abort();
    await expect(
      gatherRevocation({ path, provider, signal, fetch: async () => new Uint8Array(0) }),
    ).rejects.toThrow();
  });
});
