/** `akushu inspect`, run in this process over files of our own, of OpenSSL and of Java's keytool. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { nodeProvider } from 'akushu/crypto/node';
import { createServer, credentialFrom } from 'akushu/node';
import { certificatesFromPem, createCertificateSigningRequest } from 'akushu/x509';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { widthOf } from '../src/text.js';
import { crlOf, flat, issue, makePki, type Pki, run, staplesFor, writePki } from './certificates.js';
import { has, scratch, tcpServer } from './spawn.js';
import { LANGUAGES } from './support.js';

const files = scratch();
let pki: Pki;
const inspect = (...args: string[]) => run(['inspect', ...args]);
const at = (name: string): string => files.at(name);
const put = (name: string, content: string | Uint8Array): string => {
  writeFileSync(at(name), content);
  return at(name);
};

beforeAll(async () => {
  pki = await makePki();
  writePki(pki, files);
});
afterAll(() => files.remove());

describe('a certificate', () => {
  test('is called what it is, with its fields and what they mean', async () => {
    const { code, stdout, stderr } = await inspect(at('leaf.der'));
    expect([code, stderr]).toEqual([0, '']);
    const text = flat(stdout);
    for (const part of [
      'leaf certificate',
      'OV, organization validated',
      'CN=www.example.com',
      'CN=Our Intermediate',
      '89 days left',
      'EC secp256r1 · worth 128 bits · strong',
      'ECDSA SHA256 · strong',
      'digitalSignature (sign handshakes and messages)',
      'serverAuth (TLS server)',
      'http://ocsp.example/',
      'http://ca.example/intermediate.der',
      'http://ca.example/list.crl',
      'must-staple (RFC 7633)',
      'X.509 v3, DER',
    ]) {
      expect(text).toContain(part);
    }
    const digest = Buffer.from(nodeProvider.digest('sha256', pki.leaf.der)).toString('hex');
    expect(stdout).toContain(digest);
  });

  test.each([
    ['root.pem', 'root certificate', 'root', true],
    ['intermediate.pem', 'intermediate certificate', 'intermediate', false],
    ['leaf.pem', 'leaf certificate', 'leaf', false],
  ])('%s is a %s', async (name, words, role, selfSigned) => {
    expect((await inspect(at(name))).stdout).toContain(words);
    const { things } = JSON.parse((await inspect(at(name), '--json')).stdout);
    expect(things).toMatchObject([{ kind: 'certificate', encoding: 'pem', role, selfSigned }]);
  });

  test('shows names of every form, and its version', async () => {
    const altNames = ['a.example', { uri: 'https://a.example/x' }, { email: 'someone@a.example' }];
    const { pem } = await issue({ altNames, by: pki.intermediate });
    const { stdout } = await inspect(put('names.pem', pem));
    expect(flat(stdout)).toContain('a.example, uri:https://a.example/x, email:someone@a.example');
    const { things } = JSON.parse((await inspect(at('names.pem'), '--json')).stdout);
    expect(things[0]).toMatchObject({
      version: 3,
      names: ['a.example'],
      otherNames: ['uri:https://a.example/x', 'email:someone@a.example'],
    });
  });

  test('that signs itself and is no authority is vouched for by nobody', async () => {
    const { pem } = await issue({ altNames: ['example.com'] });
    const { stdout } = await inspect(put('own.pem', pem));
    expect(stdout).toContain('self-signed certificate: nobody vouches for it');
  });

  test.each([
    ['2.23.140.1.1', 'EV'],
    ['2.23.140.1.2.1', 'DV'],
    ['2.23.140.1.2.2', 'OV'],
    ['2.23.140.1.2.3', 'IV'],
    ['1.2.3.4', null],
  ])('with the policy %s is %s', async (policy, validation) => {
    const { pem } = await issue({ policies: [policy], by: pki.intermediate });
    const { things } = JSON.parse((await inspect(put('policy.pem', pem), '--json')).stdout);
    expect(things[0].validation).toBe(validation);
  });

  test('that has expired, and one that has not begun, say so', async () => {
    const [past, future] = [Date.UTC(2020, 0, 1), Date.UTC(2200, 0, 1)];
    const old = await issue({ notBefore: past, notAfter: past + 1e10 });
    const young = await issue({ notBefore: future, notAfter: future + 1e10 });
    expect((await inspect(put('old.pem', old.pem))).stdout).toMatch(/EXPIRED \d+ days ago/);
    expect((await inspect(put('young.pem', young.pem))).stdout).toMatch(/NOT YET: in \d+ days/);
  });

  test('cannot act on a terminal, whatever is written in it (CVE-2025-58189)', async () => {
    const evil = 'evil\u001b[2J\u001b]0;owned\u0007\u202e\r\nforged: line';
    const { pem } = await issue({
      subject: { CN: evil, O: `\u0000${evil}` },
      policies: [{ oid: '1.2.3', notice: evil }],
    });
    const named = put('evil.pem', pem);
    for (const args of [[named], [named, '--bytes'], [named, '--lang', 'ja'], [named, '--json']]) {
      const { stdout, stderr } = await inspect(...args);
      expect(stdout + stderr).toContain('evil');
      expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
      expect(stdout).not.toMatch(/^forged/m);
    }
  });
});

describe('several', () => {
  test('are put in order, with what is superfluous, and their key is found', async () => {
    const { code, stdout } = await inspect(at('mixed.pem'), at('leaf.key'));
    expect(code).toBe(0);
    const chain = stdout.slice(stdout.indexOf('The chain, from the leaf upwards'));
    expect(chain).toMatch(/1 +CN=www\.example\.com\n +2 +CN=Our Intermediate\n +3 +CN=Our Root, O=Ours\n/);
    expect(flat(chain)).toContain('The root need not be sent');
    expect(flat(chain)).toContain('in another order than this');
    expect(stdout).toContain(`its private key is in ${at('leaf.key')}`.slice(0, 30));
    expect(stdout).toContain('the certificate CN=www.example.com');
  });

  test('that lack an issuer say which, and where it is', async () => {
    const { stdout } = await inspect(at('leaf.pem'));
    expect(flat(stdout)).toContain('MISSING: the certificate of the issuer, CN=Our Intermediate.');
    expect(flat(stdout)).toContain('fetched from http://ca.example/intermediate.der');
  });

  test('that are unrelated are separate chains, and those given twice are counted', async () => {
    const other = put('other.pem', (await issue({ subject: 'other', by: pki.root })).pem);
    const { chains, duplicates } = JSON.parse(
      (await inspect(at('leaf.pem'), other, at('leaf.der'), '--json')).stdout,
    );
    expect(chains).toHaveLength(2);
    expect(duplicates).toBe(1);
  });

  test('with the same name and other keys are not taken for issuers', async () => {
    const impostor = await issue({ subject: 'Our Intermediate', isCa: true });
    const args = [at('leaf.pem'), put('impostor.pem', impostor.pem)];
    const { chains, superfluous } = JSON.parse((await inspect(...args, '--json')).stdout);
    expect(chains).toMatchObject([{ missing: { issuer: 'CN=Our Intermediate' } }]);
    expect(superfluous).toHaveLength(1);
    expect(flat((await inspect(...args)).stdout)).toContain(
      'Superfluous: CN=Our Intermediate, which issued none of these.',
    );
  });

  test('that vouch for each other in a circle come to an end', async () => {
    const a = await issue({ subject: 'A', isCa: true });
    const b = await issue({ subject: 'B', isCa: true, by: a });
    const again = await issue({ subject: 'A', isCa: true, by: b, publicKey: a.key.key.spki });
    const { code, stdout } = await inspect(put('circle.pem', b.pem + again.pem));
    expect(code).toBe(0);
    expect(stdout).toContain('CN=B');
  });

  test('a key that belongs to none of them is told so', async () => {
    const { stdout } = await inspect(at('root.pem'), at('leaf.key'));
    expect(stdout).toContain('none of these certificates');
  });

  test('a whole store of roots gets a line each', async () => {
    const pems = await Promise.all(
      Array.from({ length: 15 }, (_, i) => issue({ subject: `Root ${i}`, isCa: true })),
    );
    const { stdout } = await inspect(put('many.pem', pems.map(({ pem }) => pem).join('')));
    expect(stdout).toContain('certificate: 15');
    expect(stdout.split('\n').length).toBeLessThan(30);
  });
});

describe('--chain', () => {
  test('writes leaf and intermediates in order, without the root', async () => {
    const { code, stderr } = await inspect(at('mixed.pem'), '--chain', at('full.pem'));
    expect(code).toBe(0);
    expect(stderr).toContain('2 certificates written to');
    const ders = certificatesFromPem(readFileSync(at('full.pem')));
    expect(ders.map((der) => Buffer.from(der))).toEqual(
      [pki.leaf.der, pki.intermediate.der].map(Buffer.from),
    );
  });

  test('overwrites only with --force', async () => {
    put('kept.pem', 'mine');
    const refused = await inspect(at('mixed.pem'), '--chain', at('kept.pem'));
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('exists already');
    expect(readFileSync(at('kept.pem'), 'utf8')).toBe('mine');
    expect((await inspect(at('mixed.pem'), '--chain', at('kept.pem'), '--force')).code).toBe(0);
    expect(readFileSync(at('kept.pem'), 'utf8')).toContain('BEGIN CERTIFICATE');
  });

  test('writes nothing where there is no certificate', async () => {
    const { code } = await inspect(at('leaf.key'), '--chain', at('none.pem'));
    expect(code).toBe(1);
    expect(existsSync(at('none.pem'))).toBe(false);
  });
});

describe('other things', () => {
  test('requests, lists and answers are read', async () => {
    const request = await createCertificateSigningRequest({
      provider: nodeProvider,
      key: pki.leaf.key.key,
      subject: 'www.example.com',
      altNames: ['www.example.com'],
    });
    const serial = Uint8Array.of(1, 2, 3);
    const list = await crlOf(pki.intermediate, [{ serial, revokedAt: Date.now(), reason: 'keyCompromise' }]);
    const answer = await staplesFor(pki.leaf, pki.intermediate, 'good');
    const { code, stdout } = await inspect(put('a.csr', request), put('a.crl', list), put('a.ocsp', answer));
    expect(code).toBe(0);
    expect(stdout).toContain('signed with the key that it is for');
    expect(stdout).toMatch(/1 certificate: 010203 on .+\(keyCompromise\)/);
    expect(stdout).toMatch(/status +good/);
  });

  test('--bytes shows every byte once, and of private keys none', async () => {
    const { stdout } = await inspect(at('leaf.pem'), '--bytes');
    const section = stdout.slice(stdout.indexOf('Byte for byte')).split('\n\n')[0]!.split('\n').slice(1);
    // Four columns of offset, two between, eight bytes.
    const hex = section.map((line) => line.slice(6, 29).replaceAll(' ', ''));
    expect(hex.join('')).toBe(Buffer.from(pki.leaf.der).toString('hex'));
    expect((await inspect(at('leaf.key'), '--bytes')).stdout).toBe((await inspect(at('leaf.key'))).stdout);
  });

  test('- reads stdin', async () => {
    const { code, stdout } = await run(['inspect', '-'], pki.leaf.pem);
    expect(code).toBe(0);
    expect(stdout).toContain('-: certificate');
    expect((await run(['inspect', '-', '-'], '')).code).toBe(2);
  });
});

describe('what cannot be read', () => {
  const junk = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919 + (i >> 3)) & 0xff);

  test.each<[string, string | Uint8Array, string]>([
    ['page.pem', '<!DOCTYPE html><html>', 'this is HTML'],
    ['nothing.pem', '', 'this is empty'],
    ['junk.crt', junk, 'this is binary data'],
    ['ssh.pub', 'ssh-ed25519 AAAAC3 someone', 'this is an SSH public key'],
    ['data.json', '{"a": 1}', 'this is JSON'],
    ['notes.txt', 'Dear diary', 'this is text'],
    ['bad.pem', '-----BEGIN CERTIFICATE-----\nMI!!\n-----END CERTIFICATE-----\n', 'its base64 is damaged'],
    ['open.pem', '-----BEGIN CERTIFICATE-----\nMIIB\n', 'its END line is missing'],
  ])('%s: says what it looks like', async (name, content, words) => {
    const { code, stdout, stderr } = await inspect(put(name, content));
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(words);
    expect(stderr).toContain(name);
    expect(stderr).not.toContain('    at ');
  });

  test('a certificate that is cut off, or of which a byte is wrong, is named with the place', async () => {
    const cut = await inspect(put('cut.crt', pki.leaf.der.subarray(0, 200)));
    expect(cut.stderr).toContain('certificate, but it is cut off (truncated, at byte 200)');
    const text = pki.leaf.pem.replace(/^(.*\n.*\n.{5})./, '$1!');
    expect((await inspect(put('text.pem', text))).stderr).toContain('(bad_base64, at line 3, column 6)');
    const damaged = pki.leaf.der.slice();
    // TRUE is written as 01.
    damaged[Buffer.from(damaged).indexOf(Buffer.from('0101ff', 'hex')) + 2] = 1;
    const wrong = await inspect(
      put(
        'wrong.pem',
        `-----BEGIN CERTIFICATE-----\n${Buffer.from(damaged).toString('base64')}\n-----END CERTIFICATE-----\n`,
      ),
    );
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/boolean_not_canonical in tbsCertificate.*at byte \d+/);
  });

  test('the rest is shown nevertheless', async () => {
    const { code, stdout, stderr } = await inspect(at('leaf.pem'), at('page.pem'), at('missing.pem'));
    expect(code).toBe(2);
    expect(stdout).toContain('CN=www.example.com');
    expect(stderr).toContain('this is HTML');
    expect(stderr).toContain('does not exist');
    const object = JSON.parse((await inspect(at('leaf.pem'), at('page.pem'), '--json')).stdout);
    expect(object).toMatchObject({ ok: false, things: [{ kind: 'certificate' }, { kind: 'html' }] });
  });

  test('directories, files without rights and files of a gigabyte are refused at once', async () => {
    mkdirSync(at('folder.pem'));
    expect(await inspect(at('folder.pem'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('directory'),
    });
    put('big.pem', '');
    truncateSync(at('big.pem'), 1024 ** 3);
    expect(statSync(at('big.pem')).size).toBe(1024 ** 3);
    expect(await inspect(at('big.pem'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('larger'),
    });
    expect(await inspect('/dev/zero')).toMatchObject({ code: 2, stderr: expect.stringContaining('larger') });
  });

  test.skipIf(process.getuid?.() === 0)('a file without rights (not as root, who has all)', async () => {
    writeFileSync(at('secret.pem'), 'x', { mode: 0 });
    expect(await inspect(at('secret.pem'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('rights'),
    });
  });

  test('UTF-16, with and without a mark, is read like any text', async () => {
    const { code, stdout } = await inspect(put('wide.pem', Buffer.from(`\ufeff${pki.leaf.pem}`, 'utf16le')));
    expect(code).toBe(0);
    expect(stdout).toContain('CN=www.example.com');
  });

  test('stdin without an end is not read for ever', async () => {
    const { code, stderr } = await run(['inspect', '-'], new Uint8Array(17 * 1024 * 1024));
    expect(code).toBe(2);
    expect(stderr).toContain('larger');
  });
});

describe.skipIf(!has('openssl', 'version'))('files made by openssl (skipped without it)', () => {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });

  beforeAll(() => {
    put('password', 'secret\n');
    put('wrong-password', 'wrong\n');
    const pair = ['-in', at('leaf.pem'), '-inkey', at('leaf.key'), '-certfile', at('intermediate.pem')];
    openssl(
      'pkcs12',
      '-export',
      ...pair,
      '-out',
      at('store.p12'),
      '-passout',
      'pass:secret',
      '-name',
      'mine',
    );
    openssl('crl2pkcs7', '-nocrl', '-certfile', at('mixed.pem'), '-out', at('bundle.p7b'));
    const enciphered = ['-aes-256-cbc', '-passout', 'pass:secret'];
    openssl('pkey', '-in', at('leaf.key'), ...enciphered, '-out', at('encrypted.key'));
    openssl('ec', '-in', at('leaf.key'), '-aes128', '-passout', 'pass:secret', '-out', at('old.key'));
  });

  test('a PKCS#12 store opens with its password: key, certificates, and what belongs together', async () => {
    const { code, stdout } = await inspect(at('store.p12'), '--password-file', at('password'));
    expect(code).toBe(0);
    expect(flat(stdout)).toContain('3 entries · unchanged: the password fits');
    expect(stdout).toMatch(/called +mine/);
    expect(stdout).toContain('the certificate CN=www.example.com');
    expect(stdout).not.toContain('secret');
  });

  test('without a password, or with a wrong one, it says so', async () => {
    const without = await inspect(at('store.p12'));
    expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining('it needs a password') });
    const wrong = await inspect(at('store.p12'), '--password-file', at('wrong-password'));
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('the password does not fit') });
    const missing = await inspect(at('store.p12'), '--password-file', at('no-such-file'));
    expect(missing.code).toBe(2);
  });

  test('encrypted keys of both kinds open, and closed ones are called what they are', async () => {
    for (const name of ['encrypted.key', 'old.key']) {
      const opened = await inspect(at(name), at('leaf.pem'), '--password-file', at('password'));
      expect(opened.code).toBe(0);
      expect(opened.stdout).toContain('the certificate CN=www.example.com');
      const closed = await inspect(at(name));
      expect(closed.code).toBe(0);
      expect(closed.stdout).toContain('encrypted private key');
    }
  });

  test('a PKCS#7 bundle is ordered like files', async () => {
    const { stdout } = await inspect(at('bundle.p7b'));
    expect(stdout).toContain('PKCS#7 bundle');
    expect(stdout).toMatch(/1 +CN=www\.example\.com\n +2 +CN=Our Intermediate\n +3 +CN=Our Root/);
  });

  test.skipIf(!has('keytool', '-help'))('a Java key store opens (skipped without keytool)', async () => {
    execFileSync(
      'keytool',
      [
        ...`-importkeystore -srckeystore ${at('store.p12')} -srcstoretype pkcs12 -srcstorepass secret`.split(
          ' ',
        ),
        ...`-destkeystore ${at('store.jks')} -deststoretype jks -deststorepass secret`.split(' '),
      ],
      { stdio: 'pipe' },
    );
    const { code, stdout } = await inspect(at('store.jks'), '--password-file', at('password'));
    expect(code).toBe(0);
    expect(stdout).toContain('Java key store (JKS)');
    expect(stdout).toContain('the certificate CN=www.example.com');
    const closed = await inspect(at('store.jks'));
    expect(closed.stdout).toContain('encrypted private key');
    expect(closed.stdout).toContain('CN=www.example.com');
  });
});

describe('a server', () => {
  test('shows what it sends, trusted or not', async () => {
    const { root, intermediate, leaf } = pki;
    const credential = credentialFrom(leaf.pem + intermediate.pem + root.pem, leaf.key.pem);
    const server = createServer({ credentials: [credential] }, (socket) => {
      socket.on('error', () => {});
      socket.resume();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, stdout } = await inspect(`127.0.0.1:${port}`);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    expect(code).toBe(0);
    expect(stdout).toContain('sent by the server');
    expect(flat(stdout)).toContain('The root need not be sent');
  });

  test('that refuses, or speaks no TLS, gives exit code 3', async () => {
    const { port, server } = await tcpServer((socket) => socket.resume().end('220 hello\r\n'));
    expect((await inspect(`127.0.0.1:${port}`)).code).toBe(3);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    const { code, stderr } = await inspect(`127.0.0.1:${port}`);
    expect(code).toBe(3);
    expect(stderr).toContain('refused');
  });

  test('has to be named with its port', async () => {
    const { code, stderr } = await inspect('nothing.example');
    expect(code).toBe(2);
    expect(stderr).toContain('nothing.example:443');
  });
});

test.each(LANGUAGES)('in %s every line fits into 80 columns', async (language) => {
  for (const args of [
    [at('mixed.pem'), at('leaf.key'), at('page.pem')],
    [at('leaf.pem'), '--bytes'],
    ['--help'],
  ]) {
    const { stdout } = await inspect(...args, '--lang', language);
    expect(stdout).not.toBe('');
    expect(stdout.split('\n').filter((line) => widthOf(line) > 80)).toEqual([]);
  }
});

test('--json escapes what JSON lets stand and a terminal obeys', async () => {
  const name = 'x\u009b2J\u202ey.pem';
  const { stdout } = await inspect(put(name, pki.leaf.pem), '--json');
  expect(stdout).toContain('\\u009b2J\\u202ey');
  expect(JSON.parse(stdout).things[0].file).toBe(at(name));
});
