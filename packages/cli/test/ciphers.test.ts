/** `akushu ciphers`, run in this process. */
import { spawnSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { cipherSuites, DEFAULT_SUITES } from 'akushu';
import { describe, expect, test } from 'vitest';
import { main } from '../src/main.js';
import { suiteDetailLines, suiteListLines } from '../src/render/ciphers.js';
import { widthOf } from '../src/text.js';
import { akushu } from './spawn.js';
import { LANGUAGES, plainStyle } from './support.js';

interface Shown {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface SuiteJson {
  readonly code: string;
  readonly iana: string;
  readonly openssl: string | null;
}

async function ciphers(...args: string[]): Promise<Shown> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await main(['ciphers', ...args], { stdin: new PassThrough(), stdout, stderr, env: {} });
  const textOf = (stream: PassThrough): string => (stream.read() as Buffer | null)?.toString() ?? '';
  return { code, stdout: textOf(stdout), stderr: textOf(stderr) };
}

const json = (text: string): SuiteJson[] => JSON.parse(text);
const tooWide = (text: string): string[] => text.split('\n').filter((line) => widthOf(line) > 80);

describe('a list', () => {
  test('names each suite three times, with its code, its parts, its versions and what is wrong with it', async () => {
    const { code, stdout, stderr } = await ciphers('AES128-SHA');
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toContain('AES128-SHA: a cipher string of OpenSSL.');
    expect(stdout).toMatch(/^ {2}0x002F {2}AES128-SHA {10,}SSL 3\.0 – TLS 1\.2$/m);
    expect(stdout).toContain('IANA     TLS_RSA_WITH_AES_128_CBC_SHA\n');
    expect(stdout).toContain('GnuTLS   TLS_RSA_AES_128_CBC_SHA1\n');
    expect(stdout).toContain('Kx=RSA Au=RSA Enc=AES-128-CBC(128) Mac=SHA1 · no forward secrecy\n');
    expect(stdout).toContain('why discouraged: cbc, static_rsa\n');
    expect(stdout).toMatch(/^ {2}static_rsa +RSA key exchange: no forward secrecy/m);
    expect(stdout).not.toContain('\u001b');
  });

  test('without a string is what akushu offers, and says so', async () => {
    const { code, stdout } = await ciphers();
    expect(code).toBe(0);
    expect(stdout.replace(/\s+/g, ' ')).toContain('that akushu itself offers by default');
    const listed = json((await ciphers('--json')).stdout).map((suite) => Number(suite.code));
    expect(listed).toEqual(DEFAULT_SUITES);
  });

  test('tells what OpenSSL lists and does not use at its security level', async () => {
    const { stdout } = await ciphers('aNULL:@SECLEVEL=1');
    expect(stdout).toContain('OpenSSL does not use it at security level 1: anonymous.');
    expect((await ciphers('aNULL:@SECLEVEL=0')).stdout).not.toContain('does not use it');
  });

  test('tells what a priority string says besides suites', async () => {
    const { code, stdout } = await ciphers('SECURE192:-VERS-TLS1.0:%SERVER_PRECEDENCE');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}versions +TLS 1\.3, TLS 1\.2, TLS 1\.1$/m);
    expect(stdout).toMatch(/^ {2}groups +secp384r1, secp521r1, ffdhe8192$/m);
    expect(stdout).toMatch(/^ {2}flags +%SERVER_PRECEDENCE$/m);
  });

  test('tells which suites were asked for in vain, and which words have no effect', async () => {
    const { code, stdout } = await ciphers('RSA+AES:!AES256:-AESCCM:3DES:LOW');
    expect(code).toBe(0);
    const absent = stdout.slice(stdout.indexOf('What is not in the list')).replace(/\s+/g, ' ');
    expect(absent).toContain('struck out by ! AES256-');
    expect(absent).toContain('taken out by - AES128-CCM');
    expect(absent).toContain('not in this OpenSSL ECDHE-ECDSA-DES-CBC3-SHA');
    expect(absent).toContain('more without effect LOW');
  });

  test('fits 80 columns in both languages, whatever the suite', () => {
    for (const language of LANGUAGES) {
      const style = plainStyle(language);
      const text = suiteListLines(cipherSuites(), style).join('\n');
      expect(tooWide(text)).toEqual([]);
      const lines = cipherSuites().flatMap((suite) => suiteDetailLines(suite, false, style));
      expect(tooWide(lines.join('\n'))).toEqual([]);
      expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
      expect(lines.join('\n')).not.toContain('undefined');
    }
  });

  test('speaks Japanese', async () => {
    const { stdout } = await ciphers('HIGH', '--lang', 'ja');
    expect(stdout).toContain('前方秘匿性あり');
    expect(stdout).toContain('各部分の意味');
    expect(tooWide(stdout)).toEqual([]);
    for (const lang of LANGUAGES)
      expect(tooWide((await ciphers('--help', '--lang', lang)).stdout)).toEqual([]);
  });
});

describe('the languages of strings', () => {
  test('are recognised, or taken as given', async () => {
    expect((await ciphers('SUITEB128')).stdout).toContain('a cipher string of OpenSSL');
    expect((await ciphers('SUITEB128', '--gnutls')).stdout).toContain('a priority string');
    expect((await ciphers('NORMAL', '--openssl')).code).toBe(2);
    expect((await ciphers('AES128-SHA', '--iana')).stdout).toContain('a list of names, with 1 cipher suite.');
    expect(json((await ciphers('0xC02F,TLS_AES_128_GCM_SHA256', '--json')).stdout)).toHaveLength(2);
  });

  test('exclude each other, and --name', async () => {
    const two = await ciphers('ALL', '--gnutls', '--openssl');
    expect(two.code).toBe(2);
    expect(two.stderr).toContain('only one of --openssl, --gnutls and --iana');
    expect((await ciphers('ALL', '--name', 'AES128-SHA')).stderr).toContain('either STRING or --name');
  });
});

describe('what is wrong with a string', () => {
  test('is on stderr and in the exit code, and the rest is listed', async () => {
    const { code, stdout, stderr } = await ciphers('FOO:AES128-SHA:!BAR');
    expect(code).toBe(2);
    expect(stdout).toContain('0x002F  AES128-SHA');
    expect(stderr).toBe(
      'akushu: "FOO" at character 1 is not known; it is passed over.\nakushu: "BAR" at character 17 is not known; it is passed over.\n',
    );
  });

  test('is no error where the word is only old', async () => {
    const { code, stderr } = await ciphers('HIGH:!EXPORT');
    expect(code).toBe(0);
    expect(stderr).toContain('"EXPORT" at character 7 is a word of older releases');
  });

  test('leaves JSON on stdout', async () => {
    const unknown = await ciphers('AES128-SHA:FOO', '--json');
    expect(unknown.code).toBe(2);
    expect(json(unknown.stdout).at(-1)?.openssl).toBe('AES128-SHA');
    for (const text of ['@FOO:ALL', 'AES_256', 'FOO', '', 'NORMAL:+FOO', '@SYSTEM', 'TLS_FOO']) {
      const refused = await ciphers(text, '--json', ...(text.startsWith('@FOO') ? ['--openssl'] : []));
      expect(refused.code, text).toBe(2);
      expect(refused.stdout, text).toBe('[]\n');
      expect(refused.stderr, text).not.toBe('');
    }
  });

  test('is shortened and cannot move the cursor', async () => {
    const { stderr } = await ciphers(`ALL:${'X'.repeat(5000)}:${Array(50).fill('FOO').join(':')}`);
    expect(stderr.length).toBeLessThan(2000);
    expect(stderr).toContain('41 more');
    const cursor = await ciphers('TLS_\u001b[2J');
    expect(cursor.stderr + cursor.stdout).not.toContain('\u001b');
  });
});

describe('--name', () => {
  test.each([
    'ECDHE-RSA-AES128-GCM-SHA256',
    'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
    'tls_ecdhe_rsa_aes_128_gcm_sha256',
    '0xC02F',
    '0xc0,0x2f',
  ])('explains the suite that is called %s', async (name) => {
    const { code, stdout } = await ciphers('--name', name);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}IANA +TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256$/m);
    expect(stdout).toMatch(/^ {2}code +0xC02F$/m);
    expect(stdout).toContain('Both sides make fresh keys on an elliptic curve');
    expect(stdout).toContain('offers it by default');
  });

  test('says why a suite is discouraged', async () => {
    const { stdout } = await ciphers('--name', 'DES-CBC3-SHA', '--lang', 'ja');
    expect(stdout).toMatch(/^── 勧められない理由 ─/m);
    expect(stdout).toMatch(/^ {2}block64 /m);
  });

  test('gives the nearest names where there is no such suite', async () => {
    const { code, stdout, stderr } = await ciphers('--name', 'ECDHE-RSA-AES128-GCM-SHA257', '--json');
    expect(code).toBe(2);
    expect(stdout).toBe('[]\n');
    expect(stderr).toContain('Nearest: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256');
    expect((await ciphers('--name', 'x'.repeat(100_000))).code).toBe(2);
  });

  test('gives one element as JSON, with all that is known', async () => {
    expect(json((await ciphers('--name', '0xC013', '--json')).stdout)).toEqual([
      {
        code: '0xC013',
        iana: 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
        openssl: 'ECDHE-RSA-AES128-SHA',
        gnutls: 'TLS_ECDHE_RSA_AES_128_CBC_SHA1',
        versions: ['TLSv1', 'TLSv1.1', 'TLSv1.2'],
        kx: 'ECDHE',
        auth: 'RSA',
        enc: 'AES-128-CBC',
        bits: 128,
        mac: 'SHA1',
        hash: 'sha256',
        forwardSecret: true,
        aead: false,
        recommended: 'N',
        weaknesses: ['cbc'],
      },
    ]);
  });
});

const version = spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? '';

test.skipIf(!version.startsWith('OpenSSL 3.0.'))(
  'prints the suites of openssl ciphers, in its order (skipped without OpenSSL 3.0)',
  async () => {
    for (const text of ['DEFAULT', 'HIGH:!aNULL:@STRENGTH', 'ECDHE+AESGCM:kRSA:+AES128']) {
      const { stdout } = spawnSync('openssl', ['ciphers', text], { encoding: 'utf8' });
      const names = json((await ciphers(text, '--json')).stdout).map(({ openssl }) => openssl);
      expect(names.join(':')).toBe(stdout.trim());
    }
  },
);

test('the built command does as this one', async () => {
  const built = await akushu(['ciphers', 'HIGH:FOO']);
  expect(built).toEqual(await ciphers('HIGH:FOO'));
});
