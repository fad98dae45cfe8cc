import { beforeAll, describe, expect, test } from 'vitest';
import { nodeProvider as provider } from '../crypto/node.js';
import type { PrivateKey } from '../crypto/provider.js';
import { type CertificateRequestOptions, createCertificate } from './issue.js';
import { encodePem } from './pem.js';
import type { RevocationOptions, RevocationStatus } from './revocation-hook.js';
import { trustAnchors } from './trust.js';
import { type VerifyInput, verifyChain } from './verify.js';
import { type FetchingInput, type IssuerFetch, verifyChainAsync } from './verify-fetching.js';

const notBefore = Date.UTC(2026, 0, 1);
const notAfter = Date.UTC(2036, 0, 1);
const time = Date.UTC(2030, 0, 1);
const URL_OF_MIDDLE = 'http://ca.example/middle.crt';

interface Authority {
  readonly certificate: Uint8Array;
  readonly key: PrivateKey;
}

const newKey = async () => provider.importPrivateKey(await provider.generatePrivateKey('secp256r1'));

async function issue(
  issuer: Authority | undefined,
  options: Partial<CertificateRequestOptions>,
): Promise<Authority> {
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

const text = (value: string) => new TextEncoder().encode(value);
const tlv = (tag: number, ...parts: readonly Uint8Array[]) => {
  const content = parts.flatMap((part) => [...part]);
  return Uint8Array.from([tag, content.length, ...content]);
};

const METHOD = Uint8Array.from([6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 2]);

/** authorityInfoAccess with addresses of the issuer. */
const access = (...urls: readonly string[]) => ({
  oid: '1.3.6.1.5.5.7.1.1',
  critical: false,
  value: tlv(0x30, ...urls.map((url) => tlv(0x30, METHOD, tlv(0x86, text(url))))),
});

let root: Authority;
let middle: Authority;
let other: Authority;
/** `middle`, signed by `other`. */
let crossed: Authority;
let leaf: Uint8Array;

const leafOf = async (issuer: Authority, ...urls: readonly string[]) =>
  (
    await issue(issuer, {
      subject: 'leaf',
      isCa: false,
      altNames: ['example.com'],
      ...(urls.length > 0 && { extraExtensions: [access(...urls)] }),
    })
  ).certificate;

beforeAll(async () => {
  root = await issue(undefined, { subject: 'Root' });
  other = await issue(undefined, { subject: 'Other' });
  middle = await issue(root, { subject: 'Middle' });
  crossed = await issue(other, { subject: 'Middle', key: middle.key });
  leaf = await leafOf(middle, URL_OF_MIDDLE);
});

const inputOf = (chain: readonly Uint8Array[], more: Partial<VerifyInput> = {}): VerifyInput => ({
  chain,
  roots: trustAnchors([root.certificate]),
  time,
  purpose: 'server',
  host: 'example.com',
  provider,
  ...more,
});

const verify = (chain: readonly Uint8Array[], more: Partial<VerifyInput> = {}) =>
  verifyChain(inputOf(chain, more));

describe('a verdict', () => {
  test('lists each path that was tried, and by which rule it failed where', async () => {
    const expired = await issue(root, { subject: 'Middle', key: middle.key, notAfter: Date.UTC(2027, 0, 1) });
    const chain = [leaf, expired.certificate, crossed.certificate];
    const refused = verify(chain);
    const paths = refused.paths.map(({ certificates, complete, failures }) => [
      certificates.map(({ subject }) => subject.text),
      complete,
      failures.map(({ rule, index, rfc }) => `${rule} ${index} ${rfc}`),
    ]);
    expect(paths).toEqual([
      [['CN=leaf', 'CN=Middle'], false, ['issuer_not_trusted 1 RFC 5280 §6.1.3 (a)(4)']],
      [['CN=leaf', 'CN=Middle'], false, ['expired 1 RFC 5280 §6.1.3 (a)(2)']],
    ]);
    expect(refused).toMatchObject({ ok: false, failure: { rule: 'expired', code: 'certificate_expired' } });

    const accepted = verify([...chain, middle.certificate]);
    expect(accepted.ok).toBe(true);
    expect(accepted.paths.at(-1)).toMatchObject({ complete: true, failures: [] });
  });

  test('says what is wrong with the leaf of a path that is complete', () => {
    const verdict = verify([leaf, middle.certificate], { host: 'example.org' });
    expect(verdict.ok).toBe(false);
    expect(verdict.paths).toMatchObject([
      { complete: true, failures: [{ rule: 'host_mismatch', index: 0 }] },
    ]);
  });

  test('names the issuer that is missing, with its address and key', () => {
    const verdict = verify([leaf]);
    expect(!verdict.ok && verdict.repairs).toEqual([
      {
        kind: 'add_issuer',
        issuer: 'CN=Middle',
        keyId: expect.stringMatching(/^[0-9a-f]{40}$/),
        caIssuers: [URL_OF_MIDDLE],
        below: 'CN=leaf',
      },
    ]);
  });

  test('names the root to trust, and holds it where it was sent', () => {
    const sent = verify([leaf, crossed.certificate, other.certificate]);
    expect(!sent.ok && sent.repairs).toMatchObject([
      { kind: 'trust_root', subject: 'CN=Other', certificate: { der: other.certificate } },
    ]);
    const absent = verify([leaf, crossed.certificate]);
    expect(!absent.ok && absent.repairs).toEqual([
      { kind: 'trust_root', subject: 'CN=Other', certificate: null },
    ]);
  });

  test('honours the date after which an authority is not trusted', async () => {
    const distrusted = (distrustAfter: number) => ({
      roots: trustAnchors([{ der: root.certificate, distrustAfter }]),
    });
    const chain = [leaf, middle.certificate];
    expect(verify(chain, distrusted(notBefore)).ok).toBe(true);
    expect(verify(chain, distrusted(notBefore - 1))).toMatchObject({
      ok: false,
      failure: { code: 'unknown_ca', rule: 'distrusted_anchor', index: 2 },
    });
  });

  test('finds an issuer whose name is written in another way', async () => {
    const spaced = await issue(undefined, { subject: { O: 'Some  Authority' } });
    const same = await issue(undefined, { subject: { O: 'some authority' }, key: spaced.key });
    const below = await leafOf(spaced);
    expect(verify([below], { roots: trustAnchors([same.certificate]) }).ok).toBe(true);
  });
});

describe('revocation', () => {
  const said = (mode: RevocationOptions['mode'], answers: readonly Partial<RevocationStatus>[]) => ({
    revocation: {
      mode,
      check: () =>
        answers.map((answer, index) => ({
          index,
          status: 'good' as const,
          reason: null,
          rule: 'told',
          rfc: 'RFC 5280 §6.3',
          ...answer,
        })),
    },
  });
  const chain = () => [leaf, middle.certificate];

  test('what is revoked is refused, where anybody asks', () => {
    const answers = [{ status: 'revoked', reason: 'keyCompromise' }, {}] as const;
    expect(verify(chain(), said('off', answers)).ok).toBe(true);
    for (const mode of ['soft', 'hard'] as const) {
      expect(verify(chain(), said(mode, answers))).toMatchObject({
        ok: false,
        failure: { code: 'certificate_revoked', rule: 'told', index: 0, facts: { reason: 'keyCompromise' } },
      });
    }
  });

  test('what nothing is known of is refused in the mode hard only', () => {
    const answers = [{}, { status: 'unknown' }] as const;
    expect(verify(chain(), said('soft', answers)).ok).toBe(true);
    expect(verify(chain(), said('hard', answers))).toMatchObject({ ok: false, failure: { index: 1 } });
    expect(verify(chain(), said('hard', [{}]))).toMatchObject({
      ok: false,
      failure: { rule: 'no_revocation_information', index: 1 },
    });
    expect(verify(chain(), said('hard', [{}, {}])).ok).toBe(true);
  });

  test('what has to be known, such as a staple that is demanded, is refused in the mode soft too', () => {
    const answers = [{ status: 'unknown', fatal: true }, {}] as const;
    expect(verify(chain(), said('soft', answers)).ok).toBe(false);
  });

  test('a path around a revoked intermediate is found', () => {
    const roots = trustAnchors([root.certificate, other.certificate]);
    const both = [leaf, middle.certificate, crossed.certificate];
    const revokedUnder = (name: string): RevocationOptions => ({
      mode: 'soft',
      check: ({ path }) =>
        path.at(-1)!.subject.text === name
          ? [{ index: 1, status: 'revoked', reason: null, rule: 'told', rfc: 'RFC 5280 §6.3' }]
          : [],
    });
    for (const name of ['CN=Root', 'CN=Other']) {
      const verdict = verify(both, { roots, revocation: revokedUnder(name) });
      expect(verdict.ok && verdict.path.at(-1)?.subject.text).not.toBe(name);
      expect(verdict.ok).toBe(true);
    }
  });
});

describe('fetching a missing intermediate', () => {
  const fetching = (files: Readonly<Record<string, Uint8Array>>) => {
    const asked: string[] = [];
    const fetchIssuer: IssuerFetch = async ({ url }) => {
      asked.push(url);
      const found = files[url];
      if (!found) throw new Error('404');
      return found;
    };
    return { asked, fetchIssuer };
  };
  const run = (chain: readonly Uint8Array[], more: Partial<FetchingInput> = {}) =>
    verifyChainAsync({ ...inputOf(chain), ...more });

  test('happens only by choice', async () => {
    expect(await run([leaf])).toMatchObject({ ok: false, fetched: [] });
  });

  test('completes the path, from DER and from PEM', async () => {
    const pem = text(encodePem('CERTIFICATE', middle.certificate));
    for (const body of [middle.certificate, pem]) {
      const { asked, fetchIssuer } = fetching({ [URL_OF_MIDDLE]: body });
      expect(await run([leaf], { fetchIssuer })).toMatchObject({
        ok: true,
        fetched: [{ url: URL_OF_MIDDLE, certificates: 1, problem: null }],
      });
      expect(asked).toEqual([URL_OF_MIDDLE]);
    }
  });

  test('brings a renewed intermediate in the place of one that has expired', async () => {
    const expired = await issue(root, { subject: 'Middle', key: middle.key, notAfter: Date.UTC(2027, 0, 1) });
    const { fetchIssuer } = fetching({ [URL_OF_MIDDLE]: middle.certificate });
    const chain = [leaf, expired.certificate];
    expect(await run(chain)).toMatchObject({ ok: false, failure: { rule: 'expired' } });
    expect((await run(chain, { fetchIssuer })).ok).toBe(true);
  });

  test('nothing is asked where nothing is missing', async () => {
    const { asked, fetchIssuer } = fetching({});
    expect((await run([leaf, middle.certificate], { fetchIssuer })).ok).toBe(true);
    expect(asked).toEqual([]);
  });

  test('what is fetched is believed no more than what is sent', async () => {
    const impostor = await issue(undefined, { subject: 'Middle' });
    const { fetchIssuer } = fetching({ [URL_OF_MIDDLE]: impostor.certificate });
    expect((await run([leaf], { fetchIssuer })).ok).toBe(false);
  });

  test('other addresses than http are left alone, and each is asked once', async () => {
    const urls = ['https://a.example/', 'ldap://b.example/', 'file:///etc/passwd', 'http://c.example/'];
    const { asked, fetchIssuer } = fetching({});
    expect(await run([await leafOf(middle, ...urls)], { fetchIssuer })).toMatchObject({
      ok: false,
      fetched: [{ url: 'http://c.example/', problem: 'fetch_failed' }],
    });
    expect(asked).toEqual(['http://c.example/']);
  });

  test('number and size are bounded', async () => {
    const urls = ['http://a.example/', 'http://b.example/', 'http://c.example/'];
    const { asked, fetchIssuer } = fetching({
      'http://a.example/': new Uint8Array(70_000),
      'http://b.example/': text('<html>'),
    });
    const verdict = await run([await leafOf(middle, ...urls)], { fetchIssuer, maxFetches: 2 });
    expect(verdict.fetched).toMatchObject([{ problem: 'too_large' }, { problem: expect.any(String) }]);
    expect(asked).toHaveLength(2);
  });

  test('ends where the caller ends it', async () => {
    const { fetchIssuer } = fetching({});
    const signal = AbortSignal.abort();
    await expect(run([leaf], { fetchIssuer, signal })).rejects.toThrow();
  });
});
