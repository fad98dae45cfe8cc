/** Files of every kind, told apart by what is in them. */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { fromHex, fromUtf8 } from '../../bytes/index.js';
import { X509Error } from '../der/index.js';
import { decodePem, encodePem } from '../pem.js';
import { type FileItem, identifyFile } from './sniff.js';

const certificate = rootCertificates[0]!;
const der = decodePem(certificate)[0]!.der;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const only = (input: Uint8Array | string): FileItem => {
  const { items } = identifyFile(input);
  expect(items).toHaveLength(1);
  return items[0]!;
};

describe('what a file is', () => {
  const exported = (key: typeof ec.privateKey, type: string, more: object = {}): Uint8Array =>
    new Uint8Array(key.export({ type, format: 'der', ...more } as { type: 'pkcs8'; format: 'der' }));

  test.each([
    ['a certificate', der, { kind: 'certificate', form: 'X.509' }],
    ['PKCS#8', exported(ec.privateKey, 'pkcs8'), { kind: 'private-key', form: 'PKCS#8' }],
    ['PKCS#1', exported(rsa.privateKey, 'pkcs1'), { kind: 'private-key', form: 'PKCS#1' }],
    ['SEC1', exported(ec.privateKey, 'sec1'), { kind: 'private-key', form: 'SEC1' }],
    ['a public key', exported(ec.publicKey, 'spki'), { kind: 'public-key', form: 'SPKI' }],
    ['a public key of PKCS#1', exported(rsa.publicKey, 'pkcs1'), { kind: 'public-key', form: 'PKCS#1' }],
    [
      'an encrypted key',
      exported(ec.privateKey, 'pkcs8', { cipher: 'aes-128-cbc', passphrase: 'x' }),
      { kind: 'encrypted-private-key', encrypted: true },
    ],
    ['a SEQUENCE of something', fromHex('3003 0101ff'), { kind: 'der' }],
    ['nothing', new Uint8Array(0), { kind: 'empty' }],
    ['white space', fromUtf8(' \n\n'), { kind: 'empty' }],
    ['HTML', fromUtf8('\n<!DOCTYPE html><html></html>'), { kind: 'html' }],
    ['XML', fromUtf8('<?xml version="1.0"?><a/>'), { kind: 'xml' }],
    ['JSON', fromUtf8('{"error": "not found"}'), { kind: 'json' }],
    ['text', fromUtf8('hello'), { kind: 'text' }],
    ['a zip', fromHex('504b030414000000'), { kind: 'zip' }],
    ['noise', fromHex('0001020304050607'), { kind: 'binary' }],
    ['noise with zeros in between', fromHex('0100020003000400'), { kind: 'binary' }],
    ['an SSH public key', fromUtf8('ssh-ed25519 AAAAC3Nz user@host'), { kind: 'ssh-public-key' }],
    ['a PuTTY key', fromUtf8('PuTTY-User-Key-File-3: ssh-rsa\n'), { kind: 'putty-key' }],
    ['a PGP key', fromHex('98 33 04 5f000000 16'), { kind: 'pgp' }],
    [
      'an armoured PGP key',
      fromUtf8(
        '-----BEGIN PGP PUBLIC KEY BLOCK-----\nVersion: 1\n\nAQ==\n=ab12\n-----END PGP PUBLIC KEY BLOCK-----\n',
      ),
      { kind: 'pgp', problem: null },
    ],
    [
      'a key store that is cut off',
      fromHex('feedfeed 00000002 00000001 0000'),
      { kind: 'jks', problem: { rule: 'truncated' } },
    ],
  ])('%s', (_, bytes, expected) => {
    expect(only(bytes)).toMatchObject(expected);
  });

  test('the same in PEM has its label and its line; the content counts where they differ', () => {
    const key = ec.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    const { items } = identifyFile(`comment\n${certificate}\n${key}`);
    expect(items.map(({ kind, label, line }) => [kind, label, line])).toEqual([
      ['certificate', 'CERTIFICATE', 2],
      ['private-key', 'PRIVATE KEY', certificate.trimEnd().split('\n').length + 2],
    ]);
    expect(only(encodePem('CERTIFICATE', decodePem(key)[0]!.der))).toMatchObject({
      kind: 'private-key',
      label: 'CERTIFICATE',
    });
    expect(only(certificate.replaceAll(' CERTIFICATE-', ' WHATEVER-'))).toMatchObject({
      kind: 'certificate',
    });
  });

  test('text in UTF-16, with and without a mark, and with the mark of UTF-8', () => {
    const little = new Uint8Array(Buffer.from(certificate, 'utf16le'));
    const big = new Uint8Array(Buffer.from(certificate, 'utf16le').swap16());
    const mark = (bytes: Uint8Array, ...start: number[]) => Uint8Array.from([...start, ...bytes]);
    for (const [bytes, text] of [
      [little, 'utf-16le'],
      [big, 'utf-16be'],
      [mark(little, 0xff, 0xfe), 'utf-16le'],
      [mark(big, 0xfe, 0xff), 'utf-16be'],
      [mark(fromUtf8(certificate), 0xef, 0xbb, 0xbf), 'utf-8-bom'],
      [fromUtf8(certificate), 'plain'],
    ] as const) {
      expect(identifyFile(bytes)).toMatchObject({
        text,
        items: [{ kind: 'certificate', bytes: der, problem: null }],
      });
    }
  });

  test('base64 without its lines is a certificate all the same', () => {
    const bare = certificate.replace(/-----.*-----/g, '').trim();
    expect(only(bare)).toMatchObject({ kind: 'certificate', encoding: 'base64', bytes: der });
  });

  test('damage is told with line and column, and the next block is still found', () => {
    const lines = certificate.trimEnd().split('\n');
    lines[3] = `${lines[3]!.slice(0, 10)}*${lines[3]!.slice(11)}`;
    const { items } = identifyFile(`# two\n${lines.join('\n')}\n${certificate}`);
    expect(items[0]).toMatchObject({
      kind: 'certificate',
      bytes: null,
      line: 2,
      problem: { rule: 'bad_base64', facts: { line: 5, column: 11 } },
    });
    expect(items[1]).toMatchObject({ kind: 'certificate', bytes: der, problem: null });
  });

  test('a certificate that is cut off, and one with something behind it, are called what they are', () => {
    expect(only(der.subarray(0, der.length - 9))).toMatchObject({
      kind: 'certificate',
      problem: { rule: 'truncated', facts: { missing: 9 } },
    });
    const longer = Uint8Array.from([...der, 0]);
    expect(only(longer)).toMatchObject({
      kind: 'certificate',
      problem: { rule: 'trailing_bytes', offset: der.length },
    });
  });

  test('a certificate cut off anywhere behind its dates is still called one', () => {
    const dates = Buffer.from(der).indexOf(Buffer.from('170d', 'hex'));
    for (let end = dates + 4; end < der.length; end++) {
      expect(identifyFile(der.subarray(0, end)).items[0]).toMatchObject({
        kind: 'certificate',
        problem: { rule: 'truncated' },
      });
    }
  });

  test('it never throws, whatever it is given', () => {
    const starts = fc.constantFrom(
      '30',
      '3080',
      '3082',
      'feedfeed',
      'cececece',
      '98',
      'fffe',
      'efbbbf',
      '2d2d',
      '',
    );
    fc.assert(
      fc.property(starts, fc.uint8Array({ maxLength: 200 }), (start, rest) => {
        expect(identifyFile(Uint8Array.from([...fromHex(start), ...rest])).items.length).toBeGreaterThan(0);
      }),
      { numRuns: 3_000 },
    );
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(255), (at, byte) => {
        identifyFile(der.map((old, i) => (i === at ? byte : old)));
      }),
      { numRuns: 2_000 },
    );
    expect(() => identifyFile(new Uint8Array(16 * 1024 * 1024 + 1))).toThrow(X509Error);
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
describe.skipIf(!hasOpenssl)('what OpenSSL writes (skipped where it is absent)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'akushu-sniff-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const openssl = (...args: string[]): void => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder });
    if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
  };
  const kindOf = (name: string) => only(new Uint8Array(readFileSync(join(folder, name))));

  test('requests, CRLs, OCSP, bundles, key stores and parameters, in DER and in PEM', () => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'k'];
    openssl('req', '-x509', ...key, '-out', 'c.pem', '-subj', '/CN=x');
    openssl('req', '-new', '-key', 'k', '-subj', '/CN=x', '-outform', 'DER', '-out', 'r.der');
    openssl('pkcs12', '-export', '-inkey', 'k', '-in', 'c.pem', '-passout', 'pass:x', '-out', 'p12');
    openssl('crl2pkcs7', '-nocrl', '-certfile', 'c.pem', '-outform', 'DER', '-out', 'p7');
    openssl('crl2pkcs7', '-nocrl', '-certfile', 'c.pem', '-out', 'p7.pem');
    openssl('ocsp', '-issuer', 'c.pem', '-cert', 'c.pem', '-reqout', 'o.req');
    openssl('ecparam', '-name', 'prime256v1', '-outform', 'DER', '-out', 'ec');
    openssl('x509', '-in', 'c.pem', '-trustout', '-addtrust', 'serverAuth', '-out', 't.pem');
    expect(kindOf('r.der')).toMatchObject({ kind: 'certificate-request', problem: null });
    expect(kindOf('p12')).toMatchObject({ kind: 'pkcs12', problem: null });
    expect(kindOf('p7')).toMatchObject({ kind: 'pkcs7', problem: null });
    expect(kindOf('p7.pem')).toMatchObject({ kind: 'pkcs7', encoding: 'pem', problem: null });
    expect(kindOf('o.req')).toMatchObject({ kind: 'ocsp-request', problem: null });
    expect(kindOf('ec')).toMatchObject({ kind: 'parameters', form: 'EC' });
    expect(kindOf('t.pem')).toMatchObject({
      kind: 'certificate',
      form: 'OpenSSL trusted certificate',
      problem: null,
    });
  });
});
