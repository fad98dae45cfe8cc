/** Pre-shared keys by the built command: against itself and against OpenSSL. They are never shown. */
import { afterAll, describe, expect, test } from 'vitest';
import { sessionBench, tooWide } from './session-bench.js';
import { akushu, has, makeCertificate, opensslServer } from './spawn.js';

const openssl = has('openssl', 'version');
const { directory, serve, connect, json, end } = sessionBench();
afterAll(end);

const IDENTITY = 'sensor:7-secretname';
const KEY = '00112233445566778899aabbccddeeff';
const WRONG_KEY = '00112233445566778899aabbccddee00';

describe('--psk', () => {
  const secrets = [IDENTITY, KEY, Buffer.from(IDENTITY).toString('hex'), WRONG_KEY];
  const shown = (...texts: string[]): string[] =>
    secrets.filter((secret) => texts.some((text) => text.toLowerCase().includes(secret.toLowerCase())));

  test.each([
    ['TLS 1.3', []],
    ['TLS 1.2', ['--tls12', '--ciphers', 'ECDHE-PSK-CHACHA20-POLY1305']],
  ])('makes a connection without certificates in %s, and is never shown', async (_, more) => {
    for (const output of [[], ['--json']]) {
      const server = await serve('--psk', `${IDENTITY}:${KEY}`, ...more, ...output, '--once');
      const client = await connect(server.port, [
        '--psk',
        `${IDENTITY}:${KEY}`,
        ...more,
        ...output,
        '--once',
      ]);
      const { stdout, stderr } = await server.result;
      expect([client.code, shown(client.stdout, client.stderr, stdout, stderr)]).toEqual([0, []]);
      if (output.length > 0) expect(JSON.parse(client.stdout).psk).toEqual({ taken: true });
      else expect(client.stdout).toContain('both sides have the same pre-shared key');
    }
  });

  test.each([
    [
      'a wrong key',
      `${IDENTITY}:${WRONG_KEY}`,
      [],
      'decrypt_error',
      ['different pre-shared keys', '事前共有鍵が異なります'],
    ],
    [
      'an unknown identity',
      `other:${KEY}`,
      [],
      'unknown_psk_identity',
      ['does not know the identity', '識別子が知られていない'],
    ],
    [
      'a wrong key in TLS 1.2',
      `${IDENTITY}:${WRONG_KEY}`,
      ['--tls12', '--ciphers', 'ECDHE-PSK-CHACHA20-POLY1305'],
      'bad_record_mac',
      ['different pre-shared keys', '事前共有鍵が異なります'],
    ],
    [
      'an unknown identity in TLS 1.2',
      `other:${KEY}`,
      ['--tls12', '--ciphers', 'PSK-AES128-GCM-SHA256'],
      'unknown_psk_identity',
      ['does not know the identity', '識別子が知られていない'],
    ],
  ] as const)(
    '%s ends with an alert, and an explanation in both languages',
    async (_, psk, more, alert, said) => {
      const server = await serve('--psk', `${IDENTITY}:${KEY}`, ...more, '--json');
      for (const [i, lang] of ['en', 'ja'].entries()) {
        const { stdout, code } = await connect(server.port, [
          '--psk',
          psk,
          ...more,
          '--once',
          '--lang',
          lang,
        ]);
        expect(code).toBe(1);
        expect(stdout.replace(/\s+/g, lang === 'en' ? ' ' : '')).toContain(said[i]);
        expect([tooWide(stdout), shown(stdout)]).toEqual([[], []]);
      }
      const failed = await json(server.port, '--psk', psk, ...more);
      expect(failed.error).toMatchObject({ code: 'peer_alert', alert, sentBy: 'server' });
      expect(failed.verdicts.map(({ cause }: { cause: string }) => cause)).toEqual(['wrong_psk']);
      server.stop();
      const { stdout } = await server.result;
      expect(shown(stdout)).toEqual([]);
      for (const line of stdout.trim().split('\n'))
        expect(JSON.parse(line).verdicts[0].cause).toBe('wrong_psk');
    },
  );

  test('that the server does not know leaves the certificate, where it has one', async () => {
    const files = makeCertificate(directory, 'psk-server');
    const server = await serve('--psk', `${IDENTITY}:${KEY}`, '--cert', files.cert, '--key', files.key);
    const result = await json(server.port, '--psk', `other:${KEY}`, '--ca', files.cert);
    expect([result.exitCode, result.psk, result.trusted]).toEqual([0, { taken: false }, true]);
  });

  test('goes with --reconnect, whose sessions have no certificate either', async () => {
    const server = await serve('--psk', `${IDENTITY}:${KEY}`);
    const { reconnect } = await json(server.port, '--psk', `${IDENTITY}:${KEY}`, '--reconnect', '1');
    expect(reconnect.connections.map(({ kind }: { kind: string }) => kind)).toEqual(['full', 'resumed']);
  });

  test.each(['noColon', ':00', 'secretname:xy', 'secretname:0'])('%j is a usage error', async (psk) => {
    for (const command of [['connect', 'localhost'], ['serve']]) {
      const { code, stderr } = await akushu([...command, '--psk', psk]);
      expect(code).toBe(2);
      expect(stderr).not.toContain('secretname');
    }
  });
});

describe.skipIf(!openssl)('connect, to openssl s_server', () => {
  test.each([
    ['TLS 1.3', ['-tls1_3', '-ciphersuites', 'TLS_AES_128_GCM_SHA256'], []],
    [
      'TLS 1.2',
      ['-tls1_2', '-cipher', 'ECDHE-PSK-CHACHA20-POLY1305'],
      ['--ciphers', 'ECDHE-PSK-CHACHA20-POLY1305'],
    ],
  ])('--psk in %s', async (_, theirs, ours) => {
    const server = await opensslServer(['-nocert', '-psk', KEY, '-psk_identity', IDENTITY, ...theirs]);
    const result = await json(server.port, '--psk', `${IDENTITY}:${KEY}`, ...ours);
    expect([result.exitCode, result.psk]).toEqual([0, { taken: true }]);
    server.stop();
  });
});
