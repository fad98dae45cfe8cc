/** `akushu verify`, run in this process over certificates of our own. */
import { writeFileSync } from 'node:fs';
import { parseCertificate } from 'akushu/x509';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { widthOf } from '../src/text.js';
import { crlOf, flat, issue, makePki, type Pki, run, staplesFor, writePki } from './certificates.js';
import { akushu, has, scratch } from './spawn.js';
import { LANGUAGES } from './support.js';

const files = scratch();
let pki: Pki;
const at = (name: string): string => files.at(name);
const put = (name: string, content: string | Uint8Array): string => {
  writeFileSync(at(name), content);
  return at(name);
};
const verify = (...args: string[]) => run(['verify', '--ca', at('root.pem'), ...args]);
const json = async (...args: string[]) => {
  const { code, stdout } = await verify('--json', ...args);
  return { code, ...JSON.parse(stdout) };
};

beforeAll(async () => {
  pki = await makePki();
  writePki(pki, files);
});
afterAll(() => files.remove());

describe('a verdict', () => {
  test('of a valid chain shows its path and gives exit code 0', async () => {
    const args = [at('leaf.pem'), at('intermediate.pem'), '--host', 'www.example.com'];
    const { code, stdout, stderr } = await verify(...args);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^ {2}VALID$/m);
    expect(stdout).toMatch(
      /1 +CN=www\.example\.com\n +2 +CN=Our Intermediate\n +3 +CN=Our Root, O=Ours \(trusted\)/,
    );
    expect(await json(...args)).toMatchObject({
      code: 0,
      valid: true,
      failures: [],
      paths: [{ valid: true }],
    });
  });

  test('of one without its issuer names what is missing, and where it is', async () => {
    const { code, stdout } = await verify(at('leaf.pem'));
    expect(code).toBe(1);
    const text = flat(stdout);
    expect(text).toContain('NOT VALID');
    expect(text).toContain('issuer_missing · RFC 5280 §6.1.3 (a)(4)');
    expect(text).toContain('Add the certificate of CN=Our Intermediate');
    expect(text).toContain('http://ca.example/intermediate.der');
    expect((await verify(at('leaf.pem'), '--intermediates', at('intermediate.pem'))).code).toBe(0);
  });

  test('for another host has rule, certificate and RFC', async () => {
    const { code, valid, failures } = await json(
      at('leaf.pem'),
      at('intermediate.pem'),
      '--host',
      'example.org',
    );
    expect([code, valid]).toEqual([1, false]);
    expect(failures).toMatchObject([{ rule: 'host_mismatch', certificate: 0, rfc: 'RFC 9525 §6' }]);
  });

  test('at another time is that of then', async () => {
    const chain = [at('leaf.pem'), at('intermediate.pem')];
    const late = await json(...chain, '--at', '2100-01-01');
    expect(late.failures.map(({ rule }: { rule: string }) => rule)).toContain('expired');
    const early = await json(...chain, '--at', '2000-01-01T00:00:00Z');
    expect(early.failures.map(({ rule }: { rule: string }) => rule)).toContain('not_yet_valid');
    expect((await verify(...chain, '--at', '2000-01-01')).stdout).toContain('Wait until it begins');
  });

  test('under roots of the system says that ours is not among them', async () => {
    const { code, stdout } = await run(['verify', at('mixed.pem'), '--intermediates', at('leaf.pem')]);
    expect(code).toBe(1);
    expect(flat(stdout)).toContain('trust CN=Our Root, O=Ours');
  });

  test('of a name outside of the constraints of its issuer is refused', async () => {
    const stray = await issue({ subject: 'x', altNames: ['www.example.net'], by: pki.intermediate });
    const { code, failures } = await json(put('stray.pem', stray.pem), at('intermediate.pem'));
    expect(code).toBe(1);
    expect(failures[0].code).toBe('certificate_constraint_violated');
  });

  test('depends on purpose, profile and depth', async () => {
    const client = await issue({
      subject: 'someone',
      altNames: ['client.example.com'],
      extKeyUsage: ['clientAuth'],
      by: pki.intermediate,
    });
    const chain = [put('client.pem', client.pem), at('intermediate.pem')];
    expect((await verify(...chain)).code).toBe(1);
    expect((await verify(...chain, '--purpose', 'client')).code).toBe(0);
    // Our intermediate says nothing of what its certificates may be for: the web's rules want that.
    expect((await verify(...chain, '--purpose', 'client', '--profile', 'webpki')).code).toBe(1);
    expect((await verify(...chain, '--purpose', 'client', '--max-depth', '1')).code).toBe(0);
    expect((await verify(...chain, '--purpose', 'client', '--max-depth', '0')).code).toBe(1);
  });

  test('is about the first certificate, and tells where that is not the leaf', async () => {
    const { code, stderr } = await verify(at('intermediate.pem'), at('leaf.pem'));
    expect(code).toBe(1);
    expect(stderr).toContain('The leaf goes first');
  });

  test('is about the leaf of a file that begins with an authority, and says so', async () => {
    const { code, stdout, stderr } = await verify(at('mixed.pem'), '--host', 'www.example.com');
    expect([code, stderr]).toEqual([0, expect.stringContaining('does not begin with the leaf')]);
    expect(stdout).toMatch(/certificate +CN=www\.example\.com/);
  });

  test('on a damaged certificate is a refusal with its rule, and no crash', async () => {
    const { code, failures } = await json(put('cut.der', pki.leaf.der.subarray(0, 300)));
    expect(code).toBe(1);
    expect(failures).toMatchObject([
      { rule: 'truncated', certificate: 0, code: 'bad_certificate', offset: 0 },
    ]);
    expect((await verify(at('cut.der'))).stdout).toMatch(/where +at byte 0/);
  });
});

describe('revocation', () => {
  const chain = () => [at('leaf.pem'), at('intermediate.pem')];
  const serial = () => parseCertificate(pki.leaf.der).serial;

  test('by a CRL counts, and a CRL without the certificate clears it', async () => {
    const clean = put('clean.crl', await crlOf(pki.intermediate, []));
    const revoking = put(
      'revoking.crl',
      await crlOf(pki.intermediate, [
        { serial: serial(), revokedAt: Date.now() - 1000, reason: 'keyCompromise' },
      ]),
    );
    expect((await verify(...chain(), '--crl', clean)).code).toBe(0);
    const { code, failures } = await json(...chain(), '--crl', revoking);
    expect(code).toBe(1);
    expect(failures).toMatchObject([{ code: 'certificate_revoked', certificate: 0 }]);
  });

  test('by OCSP counts', async () => {
    const good = put('good.ocsp', await staplesFor(pki.leaf, pki.intermediate, 'good'));
    const revoked = put('revoked.ocsp', await staplesFor(pki.leaf, pki.intermediate, 'revoked'));
    expect((await verify(...chain(), '--ocsp', good)).code).toBe(0);
    expect((await verify(...chain(), '--ocsp', revoked)).code).toBe(1);
  });

  test('by a list that says nothing of the certificate is no answer', async () => {
    const foreign = put('foreign.crl', await crlOf(pki.root, []));
    const { code, failures } = await json(...chain(), '--crl', foreign);
    expect(code).toBe(1);
    expect(failures[0]).toMatchObject({ certificate: 0, code: 'certificate_revoked' });
  });
});

describe('usage', () => {
  test.each([
    [['leaf.key'], 'this is a private key, not a certificate'],
    [['missing.pem'], 'does not exist'],
    [['.'], 'is a directory'],
    [['leaf.pem', '--crl', 'leaf.pem'], 'holds no CRL'],
    [['leaf.pem', '--ocsp', 'leaf.pem'], 'no OCSP response'],
    [['leaf.pem', '=--at', '=soon'], 'is no time'],
    [['leaf.pem', '=--at', '=2026-13-45'], 'is no time'],
    [['leaf.pem', '=--max-depth', '=-1'], 'is not a number of intermediates'],
    [['leaf.pem', '=--purpose', '=mail'], 'is not one of server, client'],
    [['leaf.pem', '=--profile', '=lax'], 'is not one of default, rfc5280, webpki'],
    [['leaf.pem', '=--host', '=a b'], 'is not a host'],
  ])('%j: exit code 2, and why', async (args, words) => {
    const paths = args.map((arg) =>
      arg.startsWith('=') ? arg.slice(1) : arg.startsWith('--') || arg === '.' ? arg : at(arg),
    );
    const { code, stdout, stderr } = await verify(...paths);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(words);
    expect(stderr).toContain('akushu verify --help');
  });

  test('a root that cannot be read is told, and is none; so is an intermediate, and a list among others', async () => {
    const cut = put('cut-root.der', pki.root.der.subarray(0, 200));
    const alone = await run(['verify', '--ca', cut, at('leaf.pem')]);
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining('it is cut off')]);
    const broken = `-----BEGIN CERTIFICATE-----\n${Buffer.from(pki.root.der.subarray(0, 99)).toString('base64')}\n-----END CERTIFICATE-----\n`;
    const bundle = put('bundle.pem', pki.root.pem + broken);
    const both = await run(['verify', '--ca', bundle, at('leaf.pem'), at('intermediate.pem')]);
    expect([both.code, both.stderr]).toEqual([0, expect.stringContaining('it is cut off')]);
    const { code, stdout } = await verify(at('leaf.pem'), '--intermediates', cut);
    expect(code).toBe(1);
    expect(stdout).toContain('A certificate that cannot be read');
    const clean = Buffer.from(await crlOf(pki.intermediate, [])).toString('base64');
    const lists = `-----BEGIN X509 CRL-----\n${clean}\n-----END X509 CRL-----\n-----BEGIN X509 CRL-----\nMI!\n-----END X509 CRL-----\n`;
    const mixed = await verify(at('leaf.pem'), at('intermediate.pem'), '--crl', put('lists.pem', lists));
    expect([mixed.code, mixed.stderr]).toEqual([2, expect.stringContaining('its base64 is damaged')]);
  });

  test('HTML in place of a certificate is called so', async () => {
    const { code, stderr } = await verify(put('page.crt', '<html><body>404</body></html>'));
    expect(code).toBe(2);
    expect(stderr).toContain('this is HTML');
  });

  test.skipIf(!has('openssl', 'version'))('the command agrees with openssl verify', async () => {
    const { spawnSync } = await import('node:child_process');
    const args = ['verify', '-CAfile', at('root.pem'), '-untrusted', at('intermediate.pem'), at('leaf.pem')];
    const theirs = spawnSync('openssl', args).status;
    const ours = await akushu(['verify', '--ca', at('root.pem'), at('leaf.pem'), at('intermediate.pem')]);
    expect([theirs, ours.code]).toEqual([0, 0]);
  });
});

test.each(LANGUAGES)('in %s every line fits into 80 columns', async (language) => {
  for (const args of [
    [at('leaf.pem'), at('intermediate.pem')],
    [at('leaf.pem'), '--host', 'example.org'],
    [at('leaf.pem'), '--at', '2100-01-01'],
    ['--help'],
  ]) {
    const { stdout } = await verify(...args, '--lang', language);
    expect(stdout).not.toBe('');
    expect(stdout.split('\n').filter((line) => widthOf(line) > 80)).toEqual([]);
  }
});
