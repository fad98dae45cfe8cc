/** TLS 1.2 and older by the built command: against OpenSSL, and our client against our server where they do not meet. */
import { afterAll, describe, expect, test } from 'vitest';
import { widthOf } from '../src/text.js';
import {
  akushu,
  finished,
  has,
  makeCertificate,
  opensslServer,
  scratch,
  start,
  tcpServer,
  textFrom,
} from './spawn.js';

const openssl = has('openssl', 'version');
const directory = scratch();
afterAll(directory.remove);

const tooWide = (text: string): string[] => text.split('\n').filter((line) => widthOf(line) > 80);
const flat = (text: string): string => text.replace(/\s+/g, ' ');

/** `akushu connect` to `akushu serve`, once; what both of them said. */
async function meet(server: readonly string[], client: readonly string[]) {
  const child = start(['serve', '--port', '0', '--host', '127.0.0.1', '--once', ...server]);
  const done = finished(child);
  const [, port] = await textFrom(child.stdout!, /^listening on \S+:(\d+)\n/);
  const connected = await akushu(['connect', `localhost:${port}`, '--once', '--insecure', ...client]);
  return { client: connected, server: await done };
}

describe.skipIf(!openssl)('connect, to openssl s_server', () => {
  const cases = [
    ['ECDHE-RSA-AES128-GCM-SHA256', '--tls12', 'x25519 · rsa_pss_rsae_sha256', null],
    ['DHE-RSA-AES256-SHA', '--tls12', /a prime of \d+ bits · rsa_pss_rsae_sha256/, null],
    [
      'AES128-SHA',
      '--tls12',
      'The pre-master secret, encrypted to the server’s public key.',
      'no_forward_secrecy',
    ],
    ['ECDHE-RSA-AES128-SHA', '--tls10', 'rsa_pkcs1_md5_sha1', 'old_version'],
  ] as const;

  test.each(cases)('explains %s with %s in both languages', async (suite, version, detail, weak) => {
    const { cert, key } = makeCertificate(directory, 'rsa', 'localhost', 'rsa');
    const cipher = 'ALL:@SECLEVEL=0';
    const server = await opensslServer(['-cert', cert, '-key', key, '-cipher', cipher, '-www']);
    const args = ['connect', `localhost:${server.port}`, '--once', '--ca', cert, version, '--ciphers', suite];
    const english = await akushu(args);
    expect(english.code).toBe(0);
    expect(english.stdout).toMatch(detail);
    expect(english.stdout).toMatch(/◀── Finished 🔒 server write key/);
    expect(english.stderr).toMatch(version === '--tls10' ? /^akushu: TLS 1\.0: deprecated/ : /^$/);
    expect(tooWide(english.stdout)).toEqual([]);
    const japanese = await akushu([...args, '--lang', 'ja']);
    expect(japanese.stdout).toContain('◀── Finished 🔒 サーバー書き込み鍵');
    expect(tooWide(japanese.stdout)).toEqual([]);
    const { stdout } = await akushu([...args, '--json']);
    server.stop();
    expect(JSON.parse(stdout)).toMatchObject({
      negotiated: { version: version === '--tls10' ? 'TLSv1' : 'TLSv1.2' },
      weakPoints: weak === null ? [] : expect.arrayContaining([weak]),
    });
  });
});

describe.skipIf(!openssl)('serve', () => {
  test('presents of several certificates the one that the client can use', async () => {
    const pairs = (['rsa', 'ec', 'ed25519'] as const).flatMap((kind) => {
      const { cert, key } = makeCertificate(directory, kind, 'localhost', kind);
      return ['--cert', cert, '--key', key];
    });
    for (const [suite, scheme] of [
      ['ECDHE-RSA-AES128-GCM-SHA256', 'rsa_pss_rsae_sha256'],
      ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ecdsa_secp256r1_sha256'],
      ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ed25519'],
      ['TLS_AES_128_GCM_SHA256', 'ed25519'],
    ]) {
      const { client } = await meet(pairs, ['--json', '--ciphers', suite!, '--sigalgs', scheme!]);
      expect(JSON.parse(client.stdout).negotiated).toMatchObject({ signatureScheme: scheme });
    }
  });

  test('takes suites in its own order, or with --cipher-order client in the client’s', async () => {
    const order = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'];
    const client = ['--json', '--tls12', '--ciphers', [...order].reverse().join(':')];
    const server = ['--tls12', '--ciphers', order.join(':')];
    const chosen = async (...more: string[]) => {
      const { stdout } = (await meet([...server, ...more], client)).client;
      return JSON.parse(stdout).negotiated.cipherSuite;
    };
    expect(await chosen()).toBe('TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256');
    expect(await chosen('--cipher-order', 'server')).toBe('TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256');
    expect(await chosen('--cipher-order', 'client')).toBe('TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384');
  });
});

describe('where versions do not meet, both sides say so', () => {
  test('a client of TLS 1.2 at most, and a server of TLS 1.3 only', async () => {
    const { client, server } = await meet(['--tls13'], ['--tls12']);
    expect(client.code).toBe(1);
    expect(client.stdout).toContain('It failed: peer_alert');
    expect(flat(client.stdout)).toContain('The server ended the connection with the alert protocol_version.');
    expect(server.code).toBe(1);
    expect(server.stdout).toContain('It failed: no_shared_version');
    expect(flat(server.stdout)).toContain('Supported: TLSv1.3.');
  });

  test('a client of TLS 1.3 only, and a server of TLS 1.2 at most', async () => {
    const { client, server } = await meet(['--max', '1.2', '--lang', 'ja'], ['--tls13', '--lang', 'ja']);
    expect(client.stdout).toContain('失敗: peer_alert');
    expect(server.stdout).toContain('失敗: no_shared_version');
    expect(flat(server.stdout)).toContain('双方に共通するプロトコルバージョンがありません。');
  });

  test('a device that drops a hello which it does not understand: the client names it, and what to try', async () => {
    const { port, server } = await tcpServer((socket) => socket.resume());
    const { code, stdout } = await akushu(['connect', `127.0.0.1:${port}`, '--once', '--timeout', '0.7']);
    server.close();
    expect(code).toBe(1);
    expect(stdout).toContain('It failed: handshake_timeout');
    expect(flat(stdout)).toMatch(/A firewall may swallow the hello: try --groups x25519.* or --tls12/);
  });
});

test('the demo shows the RSA handshake and that of Diffie-Hellman, in both languages', async () => {
  for (const lang of ['en', 'ja']) {
    const dh = await akushu(['demo', '--tls12', '--lang', lang]);
    expect(dh.code).toBe(0);
    expect(dh.stdout).toContain('◀── ServerKeyExchange');
    expect(tooWide(dh.stdout)).toEqual([]);
    const rsa = await akushu(['demo', '--ciphers', 'AES128-SHA', '--lang', lang]);
    expect(rsa.code).toBe(0);
    expect(rsa.stdout).not.toContain('ServerKeyExchange');
    expect(rsa.stdout).toContain(lang === 'en' ? 'What is weak' : '弱点');
    expect(tooWide(rsa.stdout)).toEqual([]);
  }
});
