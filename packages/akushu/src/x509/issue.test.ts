import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toHex } from '../bytes/index.js';
import { nodeProvider as provider } from '../crypto/node.js';
import type { PrivateKey } from '../crypto/provider.js';
import { annotateCertificate, parseCertificate } from './certificate.js';
import { createCertificate } from './issue.js';
import { encodePem } from './pem.js';
import { trustAnchors } from './trust.js';
import { verifyChain } from './verify.js';

const notBefore = Date.UTC(2026, 0, 1);
const notAfter = Date.UTC(2060, 0, 1);
const time = Date.UTC(2030, 0, 1);

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version']);
    return true;
  } catch {
    return false;
  }
}

const opensslPresent = hasOpenssl();
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'akushu-x509-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What `openssl verify -x509_strict` says. */
function opensslVerdict(
  leaf: Uint8Array,
  intermediates: readonly Uint8Array[],
  root: Uint8Array,
  ...more: string[]
) {
  const file = (name: string, ders: readonly Uint8Array[]): string => {
    const path = join(directory, name);
    writeFileSync(path, ders.map((der) => encodePem('CERTIFICATE', der)).join(''));
    return path;
  };
  const args = [
    'verify',
    '-x509_strict',
    '-attime',
    String(time / 1000),
    '-CAfile',
    file('root.pem', [root]),
  ];
  if (intermediates.length > 0) args.push('-untrusted', file('chain.pem', intermediates));
  return execFileSync('openssl', [...args, ...more, file('leaf.pem', [leaf])], {
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

async function newKey(
  kind: 'rsa-2048' | 'secp256r1' | 'secp384r1' | 'ed25519' | 'ml-dsa-44',
): Promise<PrivateKey> {
  return provider.importPrivateKey(await provider.generatePrivateKey(kind));
}

async function nodeKey(pair: { privateKey: { export(o: { type: 'pkcs8'; format: 'der' }): Buffer } }) {
  return provider.importPrivateKey(new Uint8Array(pair.privateKey.export({ type: 'pkcs8', format: 'der' })));
}

const keys: readonly [string, () => Promise<PrivateKey>, string | undefined][] = [
  ['P-256', () => newKey('secp256r1'), undefined],
  ['P-384', () => newKey('secp384r1'), undefined],
  ['P-521', () => nodeKey(generateKeyPairSync('ec', { namedCurve: 'P-521' })), undefined],
  ['Ed25519', () => newKey('ed25519'), undefined],
  ['Ed448', () => nodeKey(generateKeyPairSync('ed448')), undefined],
  ['RSA with PKCS#1 v1.5', () => newKey('rsa-2048'), undefined],
  ['RSA with PSS', () => newKey('rsa-2048'), 'rsa_pss_rsae_sha256'],
  ['RSA with PSS and SHA-384', () => newKey('rsa-2048'), 'rsa_pss_rsae_sha384'],
];

describe.each(keys)('%s', (kind, makeKey, scheme) => {
  let root: Uint8Array;
  let middle: Uint8Array;
  let leaf: Uint8Array;
  beforeAll(async () => {
    const [rootKey, middleKey, leafKey] = [await makeKey(), await makeKey(), await makeKey()];
    const common = { provider, notBefore, notAfter, scheme };
    const subject = { CN: 'Root', O: 'Test', C: 'JP' };
    root = await createCertificate({ ...common, subject, key: rootKey, isCa: true });
    middle = await createCertificate({
      ...common,
      subject: 'Intermediate',
      publicKey: middleKey.spki,
      issuer: { certificate: root, key: rootKey },
      isCa: true,
      pathLength: 0,
      permittedNames: ['example.com', '192.0.2.0/24'],
    });
    leaf = await createCertificate({
      ...common,
      subject: 'example.com',
      publicKey: leafKey.spki,
      issuer: { certificate: middle, key: middleKey },
      altNames: ['example.com', '*.example.com', '192.0.2.7'],
      // CA/Browser Forum: at most 47 days from 2029 on.
      notBefore: time - 20 * 86_400_000,
      notAfter: time + 20 * 86_400_000,
    });
  });

  test('a chain made here verifies by the strictest profile that allows its keys', () => {
    const roots = trustAnchors([root]);
    // CA/Browser Forum Baseline Requirements §6.1.5: RSA and NIST's curves only.
    const policy = { profile: kind.startsWith('Ed') ? 'rfc5280' : 'webpki' } as const;
    const host = 'www.example.com';
    const verdict = verifyChain({
      chain: [leaf, middle],
      roots,
      time,
      purpose: 'server',
      host,
      provider,
      policy,
    });
    expect(verdict.ok ? [] : verdict.failures).toEqual([]);
  });

  test.skipIf(!opensslPresent)('openssl verify -x509_strict accepts it', () => {
    expect(opensslVerdict(leaf, [middle], root, '-purpose', 'sslserver')).toContain('OK');
    expect(() => opensslVerdict(leaf, [], root)).toThrow();
  });

  test('node:crypto reads it, and the annotated tree has no error', () => {
    const reference = new X509Certificate(leaf);
    expect(reference.verify(new X509Certificate(middle).publicKey)).toBe(true);
    expect(reference.checkIssued(new X509Certificate(middle))).toBe(true);
    expect(reference.subjectAltName).toBe('DNS:example.com, DNS:*.example.com, IP Address:192.0.2.7');
    expect(JSON.stringify(annotateCertificate(leaf))).not.toContain('"error"');
  });
});

test('a self-signed certificate for the local host verifies where it is trusted by itself, and only there', async () => {
  const key = await newKey('secp256r1');
  const der = await createCertificate({
    provider,
    key,
    subject: 'localhost',
    altNames: ['localhost', '127.0.0.1', '::1'],
    notBefore,
    notAfter,
  });
  for (const host of ['localhost', '127.0.0.1', '::1']) {
    const input = { chain: [der], time, purpose: 'server', host, provider } as const;
    expect(verifyChain({ ...input, roots: trustAnchors([der]) }).ok).toBe(true);
    expect(verifyChain({ ...input, roots: trustAnchors([]) })).toMatchObject({
      ok: false,
      failure: { code: 'self_signed_certificate' },
    });
  }
  if (opensslPresent) {
    expect(opensslVerdict(der, [], der, '-purpose', 'sslserver', '-verify_hostname', 'localhost')).toContain(
      'OK',
    );
  }
});

test('ML-DSA certificates verify', async () => {
  const key = await newKey('ml-dsa-44');
  const root = await createCertificate({ provider, key, subject: 'Root', isCa: true, notBefore, notAfter });
  const leaf = await createCertificate({
    provider,
    subject: 'x',
    publicKey: key.spki,
    issuer: { certificate: root, key },
    altNames: ['x.example'],
    notBefore,
    notAfter,
  });
  const input = {
    roots: trustAnchors([root]),
    time,
    purpose: 'server',
    host: 'x.example',
    provider,
  } as const;
  expect(verifyChain({ ...input, chain: [leaf] }).ok).toBe(true);
  const forged = leaf.slice();
  forged[forged.length - 1]! ^= 1;
  expect(verifyChain({ ...input, chain: [forged] })).toMatchObject({
    failure: { code: 'certificate_signature_invalid' },
  });
});

describe('fields', () => {
  const make = async (options: Partial<Parameters<typeof createCertificate>[0]>) =>
    parseCertificate(
      await createCertificate({
        provider,
        key: await newKey('secp256r1'),
        subject: 'x',
        notBefore,
        notAfter,
        ...options,
      }),
    );

  test('serial numbers are positive, and random ones have 16 bytes', async () => {
    const { serial } = await make({ serial: Uint8Array.of(0, 0, 0xff, 1) });
    expect(toHex(serial)).toBe('00ff01');
    const random = await make({});
    expect(random.serialHex.length).toBeGreaterThan(24);
    expect(random.serial[0]).toBeLessThan(0x80);
    await expect(make({ serial: new Uint8Array(4) })).rejects.toThrow(RangeError);
    await expect(make({ serial: new Uint8Array(21).fill(1) })).rejects.toThrow(RangeError);
  });

  test('times are UTCTime through 2049 and GeneralizedTime afterwards', async () => {
    const certificate = await make({ notBefore: Date.UTC(2049, 11, 31), notAfter: Date.UTC(2050, 0, 1) });
    expect(certificate).toMatchObject({
      notBefore: Date.UTC(2049, 11, 31),
      notAfter: Date.UTC(2050, 0, 1),
      properTimeTypes: true,
    });
  });

  test('a certificate without subject has a critical subjectAltName', async () => {
    const certificate = await make({ subject: {}, altNames: ['a.example'] });
    expect(certificate.subject.text).toBe('');
    expect(certificate.extensions.find(({ oid }) => oid === '2.5.29.17')?.critical).toBe(true);
  });

  test('control characters in a name do not reach its text', async () => {
    const certificate = await make({ subject: { CN: 'a\u001b[2J\nb, O=Evil\u202e' } });
    expect(certificate.subject.text).toBe('CN=a\\u{1b}[2J\\u{a}b\\, O\\=Evil\\u{202e}');
    expect(certificate.subject.attributes).toHaveLength(1);
  });

  test('options that do not fit together are refused', async () => {
    await expect(make({ scheme: 'rsa_pkcs1_sha256' })).rejects.toThrow(RangeError);
    await expect(make({ key: undefined })).rejects.toThrow(TypeError);
    await expect(make({ subject: { nonsense: 'x' } })).rejects.toThrow(RangeError);
  });
});
