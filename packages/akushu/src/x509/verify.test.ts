import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, equal, fromHex } from '../bytes/index.js';
import { nodeProvider as provider } from '../crypto/node.js';
import type { PrivateKey, Provider } from '../crypto/provider.js';
import { annotateCertificate, parseCertificate } from './certificate.js';
import { X509Error } from './der/index.js';
import { type CertificateRequestOptions, createCertificate } from './issue.js';
import { trustAnchors } from './trust.js';
import type { ChainVerdict } from './verdict.js';
import { type VerifyInput, verifyChain } from './verify.js';

const notBefore = Date.UTC(2026, 0, 1);
const notAfter = Date.UTC(2036, 0, 1);
const time = Date.UTC(2030, 0, 1);

interface Authority {
  readonly certificate: Uint8Array;
  readonly key: PrivateKey;
}

let leafKey: PrivateKey;
let rsaKey: PrivateKey;
let root: Authority;
let middle: Authority;

const newKey = async () => provider.importPrivateKey(await provider.generatePrivateKey('secp256r1'));

type Options = Partial<CertificateRequestOptions>;

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

const leafOf = async (issuer: Authority | undefined, options: Options = {}) =>
  (await issue(issuer, { subject: 'leaf', isCa: false, altNames: ['example.com'], key: leafKey, ...options }))
    .certificate;

beforeAll(async () => {
  leafKey = await newKey();
  rsaKey = await provider.importPrivateKey(await provider.generatePrivateKey('rsa-2048'));
  root = await issue(undefined, { subject: 'Root' });
  middle = await issue(root, { subject: 'Middle' });
});

function verify(chain: readonly Uint8Array[], more: Partial<VerifyInput> = {}): ChainVerdict {
  const input = {
    chain,
    roots: trustAnchors([root.certificate]),
    time,
    purpose: 'server',
    provider,
  } as const;
  return verifyChain({ ...input, host: 'example.com', ...more });
}

const failureOf = (verdict: ChainVerdict) => (verdict.ok ? 'accepted' : verdict.failure);
const codeOf = (verdict: ChainVerdict) => (verdict.ok ? 'accepted' : verdict.failure.code);

describe('what is accepted', () => {
  test('a chain in any order, with certificates that do not belong to it', async () => {
    const stranger = await issue(undefined, { subject: 'Stranger' });
    const lower = await issue(middle, { subject: 'Lower' });
    const verdict = verify([
      await leafOf(lower),
      stranger.certificate,
      middle.certificate,
      Uint8Array.of(1, 2, 3),
      root.certificate,
      lower.certificate,
    ]);
    expect(verdict.ok && verdict.path.map(({ subject }) => subject.text)).toEqual([
      'CN=leaf',
      'CN=Lower',
      'CN=Middle',
      'CN=Root',
    ]);
  });

  test('another path, where the first leads to an expired, an untrusted or a constrained issuer', async () => {
    const other = await issue(undefined, { subject: 'Untrusted' });
    const options = { subject: 'Middle', key: middle.key };
    const variants = [
      await issue(root, { ...options, notAfter: Date.UTC(2027, 0, 1) }),
      await issue(other, options),
      await issue(root, { ...options, permittedNames: ['example.org'] }),
    ];
    const chain = [await leafOf(middle), ...variants.map(({ certificate }) => certificate)];
    expect(verify(chain).ok).toBe(false);
    expect(verify([...chain, middle.certificate]).ok).toBe(true);
    expect(verify([chain[0]!, middle.certificate, ...chain.slice(1)]).ok).toBe(true);
  });

  test('a leaf, or an intermediate, that is itself a trust anchor', async () => {
    const leaf = await leafOf(undefined);
    expect(verify([leaf], { roots: trustAnchors([leaf]) }).ok).toBe(true);
    expect(verify([await leafOf(middle)], { roots: trustAnchors([middle.certificate]) }).ok).toBe(true);
    expect(codeOf(verify([leaf], { roots: trustAnchors([leaf]), host: 'example.org' }))).toBe(
      'hostname_mismatch',
    );
    expect(codeOf(verify([leaf], { roots: trustAnchors([leaf]), time: notAfter + 1000 }))).toBe(
      'certificate_expired',
    );
  });

  test('both ends of the validity, to the second', async () => {
    const chain = [await leafOf(root)];
    expect(verify(chain, { time: notBefore }).ok).toBe(true);
    expect(verify(chain, { time: notAfter + 999 }).ok).toBe(true);
    expect(codeOf(verify(chain, { time: notBefore - 1 }))).toBe('certificate_not_yet_valid');
    expect(codeOf(verify(chain, { time: notAfter + 1000 }))).toBe('certificate_expired');
  });
});

describe('who is not trusted', () => {
  test('a self-signed leaf is told as such, though a trust anchor has its name', async () => {
    const [leaf, namesake] = [await leafOf(undefined), await leafOf(undefined)];
    expect(codeOf(verify([leaf], { roots: trustAnchors([namesake]) }))).toBe('self_signed_certificate');
  });

  test('nothing is, without trust anchors', async () => {
    const none = { roots: trustAnchors([]) };
    expect(codeOf(verify([await leafOf(undefined)], none))).toBe('self_signed_certificate');
    expect(codeOf(verify([await leafOf(middle), middle.certificate, root.certificate], none))).toBe(
      'unknown_ca',
    );
    expect(codeOf(verify([await leafOf(middle), middle.certificate], none))).toBe('unknown_ca');
    expect(codeOf(verify([await leafOf(middle)], none))).toBe('unknown_ca');
    const named = await issue(root, { subject: 'Lab Intermediate' });
    expect(codeOf(verify([await leafOf(named)], none))).toBe('missing_intermediate');
    expect(codeOf(verify([], none))).toBe('bad_certificate');
  });

  test('a missing intermediate is told from an unknown root, and the failure says where to look', async () => {
    const url = 'http://ca.example/middle.crt';
    const uri = concat(Uint8Array.of(0x86, url.length), new TextEncoder().encode(url));
    const method = fromHex('06082b06010505073002');
    const description = concat(Uint8Array.of(0x30, method.length + uri.length), method, uri);
    const value = concat(Uint8Array.of(0x30, description.length), description);
    const leaf = await leafOf(middle, {
      extraExtensions: [{ oid: '1.3.6.1.5.5.7.1.1', critical: false, value }],
    });
    expect(failureOf(verify([leaf]))).toMatchObject({
      code: 'missing_intermediate',
      index: 0,
      subject: 'CN=leaf',
      facts: { issuer: 'CN=Middle', caIssuers: [url] },
    });
  });

  test('an authority with a trusted name and another key', async () => {
    const impostor = await issue(undefined, { subject: 'Root' });
    const leaf = await leafOf(impostor);
    expect(verify([leaf]).ok).toBe(false);
    expect(codeOf(verify([leaf, impostor.certificate]))).toBe('unknown_ca');
  });

  test('a leaf whose signature was altered', async () => {
    const leaf = (await leafOf(root)).slice();
    leaf[leaf.length - 1]! ^= 1;
    expect(failureOf(verify([leaf]))).toMatchObject({ code: 'certificate_signature_invalid', index: 0 });
  });

  test('an expired root', async () => {
    const old = await issue(undefined, { subject: 'Old', notAfter: Date.UTC(2027, 0, 1) });
    const verdict = verify([await leafOf(old)], { roots: trustAnchors([old.certificate]) });
    expect(failureOf(verdict)).toMatchObject({ code: 'certificate_expired', index: 1, subject: 'CN=Old' });
    expect(!verdict.ok && verdict.path).toHaveLength(2);
  });
});

describe('what an issuer may not do', () => {
  const throughMiddle = async (options: Options) => {
    const authority = await issue(root, { subject: 'Middle', ...options });
    return verify([await leafOf(authority), authority.certificate]);
  };

  test('be a leaf', async () => {
    expect(failureOf(await throughMiddle({ isCa: false, keyUsage: ['digitalSignature'] }))).toMatchObject({
      code: 'certificate_constraint_violated',
      index: 1,
      facts: { rule: 'not_a_ca' },
    });
  });

  test('lack keyCertSign', async () => {
    expect(failureOf(await throughMiddle({ keyUsage: ['cRLSign'] }))).toMatchObject({
      code: 'certificate_constraint_violated',
      facts: { rule: 'key_usage_without_cert_sign' },
    });
  });

  test('be restricted to another purpose', async () => {
    expect(codeOf(await throughMiddle({ extKeyUsage: ['clientAuth'] }))).toBe('wrong_certificate_purpose');
    expect(codeOf(await throughMiddle({ extKeyUsage: ['serverAuth'] }))).toBe('accepted');
  });

  test('have a critical extension that nobody knows', async () => {
    const value = fromHex('0500');
    const unknown = { oid: '1.2.3.4', critical: true, value };
    expect(failureOf(await throughMiddle({ extraExtensions: [unknown] }))).toMatchObject({
      code: 'certificate_constraint_violated',
      facts: { rule: 'unknown_critical_extension', oid: '1.2.3.4' },
    });
    expect(codeOf(await throughMiddle({ extraExtensions: [{ ...unknown, critical: false }] }))).toBe(
      'accepted',
    );
  });

  test('demand an explicit policy that the leaf does not have', async () => {
    const value = fromHex('3003800100');
    const extension = { oid: '2.5.29.36', critical: true, value };
    expect(failureOf(await throughMiddle({ extraExtensions: [extension] }))).toMatchObject({
      code: 'certificate_constraint_violated',
      index: 0,
      rule: 'no_valid_policy',
      rfc: 'RFC 5280 §6.1.3 (f)',
    });
  });

  test('have more authorities below it than its path length', async () => {
    const top = await issue(root, { subject: 'Top', pathLength: 0 });
    const below = await issue(top, { subject: 'Below' });
    expect(verify([await leafOf(top), top.certificate]).ok).toBe(true);
    expect(failureOf(verify([await leafOf(below), below.certificate, top.certificate]))).toMatchObject({
      code: 'certificate_constraint_violated',
      index: 2,
      facts: { rule: 'path_length', limit: 0, length: 1 },
    });
  });

  test.each<[string, readonly string[], Options, string | null]>([
    ['a name inside of the permitted domain', ['www.example.com'], { permittedNames: ['example.com'] }, null],
    ['a name that only ends alike', ['badexample.com'], { permittedNames: ['example.com'] }, 'not_permitted'],
    ['an excluded name in other case', ['WWW.Example.COM'], { excludedNames: ['example.com'] }, 'excluded'],
    [
      'a wildcard above an excluded name',
      ['*.example.com'],
      { excludedNames: ['bar.example.com'] },
      'excluded',
    ],
    ['a wildcard beside an excluded name', ['*.example.com'], { excludedNames: ['a.bar.example.com'] }, null],
    [
      'a wildcard above the permitted name',
      ['*.example.com'],
      { permittedNames: ['a.example.com'] },
      'not_permitted',
    ],
    ['a wildcard below the permitted name', ['*.a.example.com'], { permittedNames: ['example.com'] }, null],
    ['one good name and one bad', ['a.com', 'b.com'], { permittedNames: ['a.com'] }, 'not_permitted'],
    ['an address inside of the range', ['192.0.2.255'], { permittedNames: ['192.0.2.0/24'] }, null],
    ['an address beside the range', ['192.0.3.0'], { permittedNames: ['192.0.2.0/24'] }, 'not_permitted'],
    ['an excluded address', ['2001:db8::1'], { excludedNames: ['2001:db8::/32'] }, 'excluded'],
    ['an address of the other kind', ['192.0.2.1'], { permittedNames: ['2001:db8::/32'] }, 'not_permitted'],
    [
      'an address under name constraints for domains',
      ['192.0.2.1'],
      { permittedNames: ['example.com'] },
      null,
    ],
    ['a mailbox outside of its host', ['a@b.example'], { permittedNames: ['c@b.example'] }, 'not_permitted'],
  ])('issue %s against its name constraints', async (_, altNames, constraints, problem) => {
    const authority = await issue(root, { subject: 'Constrained', ...constraints });
    const leaf = await leafOf(authority, { altNames });
    const verdict = verify([leaf, authority.certificate], { host: undefined });
    if (problem === null) expect(failureOf(verdict)).toBe('accepted');
    else {
      expect(failureOf(verdict)).toMatchObject({
        code: 'certificate_constraint_violated',
        facts: { rule: 'name_constraints', problem },
      });
    }
  });
});

test('name constraints hold for a leaf that bears its issuer’s name', async () => {
  const top = await issue(undefined, { subject: 'Top', permittedNames: ['example.com'] });
  const leaf = await leafOf(top, { subject: 'Top', altNames: ['example.org'] });
  const verdict = verify([leaf], { host: 'example.org', roots: trustAnchors([top.certificate]) });
  expect(failureOf(verdict)).toMatchObject({ facts: { rule: 'name_constraints', problem: 'not_permitted' } });
});

test('a range of addresses whose mask has gaps is malformed', async () => {
  // [0] permittedSubtrees with iPAddress 192.0.2.0 and mask 255.0.255.0
  const value = fromHex('300ea00c300a8708c0000200ff00ff00');
  const odd = await issue(root, {
    subject: 'Odd',
    extraExtensions: [{ oid: '2.5.29.30', critical: true, value }],
  });
  const leaf = await leafOf(odd, { altNames: ['192.0.2.1'] });
  expect(failureOf(verify([leaf, odd.certificate], { host: '192.0.2.1' }))).toMatchObject({
    facts: { rule: 'name_constraints', problem: 'malformed_constraint' },
  });
});

test('the given provider decides on signatures, also where another one did before', async () => {
  const roots = trustAnchors([root.certificate]);
  const chain = [await leafOf(root)];
  expect(verify(chain, { roots }).ok).toBe(true);
  const refusing: Provider = {
    ...provider,
    importPublicKey(spki) {
      const { kind, bits } = provider.importPublicKey(spki);
      return { kind, bits, spki, verify: () => false };
    },
  };
  expect(codeOf(verify(chain, { roots, provider: refusing }))).toBe('certificate_signature_invalid');
});

describe('what a leaf may not be', () => {
  test('for another host, or none', async () => {
    const leaf = await leafOf(root);
    expect(failureOf(verify([leaf], { host: 'example.org' }))).toMatchObject({
      code: 'hostname_mismatch',
      facts: { host: 'example.org', presented: ['example.com'] },
    });
    expect(codeOf(verify([await leafOf(root, { altNames: [], subject: 'example.com' })]))).toBe(
      'hostname_mismatch',
    );
  });

  test('for another purpose', async () => {
    const leaf = await leafOf(root, { extKeyUsage: ['clientAuth'] });
    expect(codeOf(verify([leaf]))).toBe('wrong_certificate_purpose');
    expect(verify([leaf], { purpose: 'client', host: undefined }).ok).toBe(true);
    const any = await leafOf(root, { extKeyUsage: ['2.5.29.37.0'] });
    expect(codeOf(verify([any], { policy: { profile: 'rfc5280' } }))).toBe('wrong_certificate_purpose');
    expect(codeOf(verify([any]))).toBe('accepted');
    expect(codeOf(verify([await leafOf(root, { keyUsage: ['cRLSign'] })]))).toBe('wrong_certificate_purpose');
  });

  test('signed over SHA-1, unless the policy allows it', async () => {
    const rsaRoot = await issue(undefined, { subject: 'RSA', key: rsaKey });
    const more = { roots: trustAnchors([rsaRoot.certificate]) };
    const scheme = 'rsa_pkcs1_sha1';
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const signer: PrivateKey = {
      spki: new Uint8Array(stranger.publicKey.export({ type: 'spki', format: 'der' })),
      schemes: [scheme],
      sign: (_, message) => new Uint8Array(sign('sha1', message, stranger.privateKey)),
    };
    const believing: Provider = {
      ...provider,
      importPublicKey: (spki) => ({ kind: 'rsa', bits: 2048, spki, verify: () => true }),
    };
    const leaf = await leafOf({ ...rsaRoot, key: signer }, { scheme, provider: believing });
    expect(failureOf(verify([leaf], more))).toMatchObject({
      code: 'weak_certificate',
      facts: { hash: 'sha1' },
    });
    // With SHA-1 allowed the signature itself decides, and this one is another key's.
    expect(codeOf(verify([leaf], { ...more, policy: { allowSha1: true } }))).toBe(
      'certificate_signature_invalid',
    );
  });

  test('signed over MD5, whatever the policy allows', async () => {
    const rsaRoot = await issue(undefined, { subject: 'RSA', key: rsaKey });
    const leaf = (await leafOf(rsaRoot, { scheme: 'rsa_pkcs1_sha256' })).slice();
    // sha256WithRSAEncryption becomes md5WithRSAEncryption, inside and outside.
    const identifier = fromHex('2a864886f70d01010b');
    const places = [...leaf.keys()].flatMap((at) =>
      equal(leaf.subarray(at, at + 9), identifier) ? [at + 8] : [],
    );
    expect(places).toHaveLength(2);
    for (const at of places) leaf[at] = 4;
    const more = { roots: trustAnchors([rsaRoot.certificate]), policy: { allowSha1: true } };
    expect(failureOf(verify([leaf], more))).toMatchObject({
      code: 'weak_certificate',
      facts: { hash: 'md5' },
    });
  });

  test('weaker than the policy asks', async () => {
    const leaf = await leafOf(root, { key: rsaKey });
    expect(verify([leaf]).ok).toBe(true);
    expect(failureOf(verify([leaf], { policy: { minRsaBits: 3072 } }))).toMatchObject({
      code: 'weak_certificate',
      facts: { bits: 2048, minimum: 3072 },
    });
  });

  test('all problems are reported, the one with the chain first', async () => {
    const leaf = await leafOf(undefined, { notAfter: Date.UTC(2027, 0, 1) });
    const verdict = verify([leaf], { host: 'example.org' });
    expect(!verdict.ok && verdict.failures.map(({ code }) => code)).toEqual([
      'self_signed_certificate',
      'certificate_expired',
      'hostname_mismatch',
    ]);
  });
});

describe('bounds', () => {
  test('a mesh of authorities that sign each other costs no more than the budget', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, newKey));
    const name = (i: number) => `Mesh ${i}`;
    const selves = await Promise.all(keys.map((key, i) => issue(undefined, { subject: name(i), key })));
    const mesh: Uint8Array[] = [];
    for (const signer of selves) {
      for (const [i, key] of keys.entries()) {
        if (key !== signer.key) mesh.push((await issue(signer, { subject: name(i), key })).certificate);
      }
    }
    let checks = 0;
    const counting: Provider = {
      ...provider,
      importPublicKey(spki) {
        const key = provider.importPublicKey(spki);
        return {
          kind: key.kind,
          bits: key.bits,
          spki: key.spki,
          verify(...args) {
            checks++;
            return key.verify(...args);
          },
        };
      },
    };
    const verdict = verify([await leafOf(selves[0]), ...mesh], { provider: counting });
    expect(verdict.ok).toBe(false);
    expect(checks).toBeLessThanOrEqual(20);
    expect(checks).toBeGreaterThan(10);
    expect(JSON.stringify(!verdict.ok && verdict.failures).length).toBeLessThan(20_000);
  });

  test('authorities that sign each other end in a dead end, not in a circle', async () => {
    const [one, two] = [await newKey(), await newKey()];
    const selves = [
      await issue(undefined, { subject: 'One', key: one }),
      await issue(undefined, { subject: 'Two', key: two }),
    ] as const;
    const crossed = [
      await issue(selves[1], { subject: 'One', key: one }),
      await issue(selves[0], { subject: 'Two', key: two }),
    ] as const;
    const verdict = verify([await leafOf(selves[0]), crossed[0].certificate, crossed[1].certificate]);
    expect(!verdict.ok && verdict.failures.map(({ code, index }) => [code, index])).toEqual([
      ['unknown_ca', 2],
    ]);
  });

  test('long names under many constraints are compared within the budget', async () => {
    const top = await issue(root, {
      subject: 'Top',
      excludedNames: Array.from({ length: 2_000 }, (_, i) => `n${i}.example`),
    });
    const leaf = await leafOf(top, { altNames: Array.from({ length: 300 }, (_, i) => `m${i}.example`) });
    const verdict = verify([leaf, top.certificate], { host: 'm1.example' });
    expect(failureOf(verdict)).toMatchObject({ facts: { problem: 'too_many_comparisons' } });
  });

  test('a path longer than the limit is refused', async () => {
    let authority = root;
    const chain: Uint8Array[] = [];
    for (let i = 0; i < 9; i++) {
      authority = await issue(authority, { subject: `Level ${i}` });
      chain.push(authority.certificate);
    }
    expect(failureOf(verify([await leafOf(authority), ...chain]))).toMatchObject({
      code: 'certificate_constraint_violated',
      facts: { rule: 'path_too_long' },
    });
    expect(
      verify([await leafOf(authority), ...chain], { limits: { maxPathLength: 11, maxIntermediates: 9 } }).ok,
    ).toBe(true);
  });

  test('trust anchors that cannot be read are counted and skipped', async () => {
    const broken = root.certificate.slice();
    // The version becomes 9: the outline is still that of a certificate.
    broken[broken.indexOf(0xa0) + 4] = 8;
    const roots = trustAnchors([Uint8Array.of(1), broken, root.certificate, root.certificate.slice()]);
    expect(roots.size).toBe(2);
    expect(roots.unreadable).toBe(1);
    expect(verify([await leafOf(root)], { roots }).ok).toBe(true);
    expect(roots.unreadable).toBe(2);
    expect(roots.all()).toHaveLength(1);
  });
});

describe('hostile bytes', () => {
  test('no change of one byte in a leaf or an intermediate verifies', async () => {
    const leaf = await leafOf(middle);
    const chain = [leaf, middle.certificate];
    expect(verify(chain).ok).toBe(true);
    const change = fc
      .nat(1)
      .chain((which) =>
        fc.tuple(fc.constant(which), fc.nat(chain[which]!.length - 1), fc.integer({ min: 1, max: 255 })),
      );
    fc.assert(
      fc.property(change, ([which, at, flip]) => {
        const altered = chain.map((der, i) =>
          i === which ? der.map((byte, j) => (j === at ? byte ^ flip : byte)) : der,
        );
        const verdict = verify(altered);
        expect(verdict.ok).toBe(false);
      }),
      { numRuns: 1_500 },
    );
  });

  test('random, cut and altered bytes raise nothing but the typed error', async () => {
    const leaf = await leafOf(middle, {
      altNames: ['a.example', '192.0.2.1', 'a@b.example', 'http://c.example/'],
    });
    const altered = fc
      .array(fc.tuple(fc.nat(leaf.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map((changes) => {
        const bytes = leaf.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        return bytes;
      });
    const cut = fc.nat(leaf.length - 1).map((length) => leaf.subarray(0, length));
    fc.assert(
      fc.property(fc.oneof(altered, cut, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        expect(annotateCertificate(bytes).name).toBe('certificate');
        try {
          parseCertificate(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(X509Error);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test.each([
    ['a certificate that is too large', new Uint8Array(200_000), 'too_large'],
    ['an indefinite length', fromHex('3080'), 'indefinite_length'],
    ['a length of four gigabytes', fromHex('3084ffffffff'), 'truncated'],
    ['thousands of nested sequences', new Uint8Array(60_000).fill(0x30), 'truncated'],
    ['nothing', new Uint8Array(0), 'truncated'],
  ])('%s is refused', (_, bytes, rule) => {
    expect(failureOf(verify([bytes]))).toMatchObject({ code: 'bad_certificate', index: 0, facts: { rule } });
  });

  test('a negative serial number is read, and refused by the profile', async () => {
    const der = await leafOf(root, { serial: Uint8Array.of(0x7f, 1, 2) });
    const at = der.findIndex((byte, i) => byte === 0x7f && der[i - 1] === 3 && der[i - 2] === 2);
    const altered = der.slice();
    altered[at] = 0xff;
    expect(parseCertificate(altered).serialHex).toBe('ff0102');
    const verdict = verify([altered], { policy: { profile: 'rfc5280' } });
    expect(!verdict.ok && verdict.failures).toContainEqual(
      expect.objectContaining({ code: 'bad_certificate', facts: { rule: 'bad_serial_number' } }),
    );
  });
});
