/** The examples of docs/sessions.md are run as they stand, against the built package; what they print is in the text. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const guide = readFileSync(new URL('../../../docs/sessions.md', import.meta.url), 'utf8');
const built = existsSync(new URL('../dist/session/redis.js', import.meta.url));
const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

const examples = [...guide.matchAll(/^## ([^\n]+)\n(?:(?!^## ).)*?```js\n(.*?)```/gms)].map(
  ([, title, code]) => ({ title: title!, code: code! }),
);

const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  Resume: ['first full true', 'second resumed true'],
  'Early data, and what it costs': [
    'sent_late | after the handshake: GET /',
    'early: GET / false',
    'accepted | at once',
  ],
  'Keys that both sides have already': ['true null'],
  'Where sessions are kept': ['null'],
  'A fleet behind one address': ['one, full', 'two, resumed'],
};

async function run(code: string, env: Record<string, string> = {}): Promise<void> {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', code],
    { cwd: root, timeout: 20_000, env: { ...process.env, ...env } },
  );
  expect(stderr).toBe('');
  const lines = stdout.trim().split('\n');
  expect(lines).toEqual(EXPECTED[examples.find((example) => example.code === code)!.title]);
  for (const line of lines) expect(guide).toContain(`\`${line}\``);
}

describe.skipIf(!built)(
  `examples of docs/sessions.md${built ? '' : ' (skipped: the package is not built)'}`,
  () => {
    test('every example is known to this test', () => {
      expect(examples.map(({ title }) => title)).toEqual(Object.keys(EXPECTED));
    });

    test.each(examples.filter(({ code }) => !code.includes('REDIS_URL')))('$title', ({ code }) => run(code));

    test.skipIf(!hasRedis)('with Redis (skipped where there is no redis-server)', async () => {
      const port = await freePort();
      const redis = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '']);
      try {
        await new Promise<void>((resolve) => {
          redis.stdout.on('data', (text) => String(text).includes('Ready to accept') && resolve());
        });
        const { code } = examples.find((example) => example.code.includes('REDIS_URL'))!;
        await run(code, { REDIS_URL: `redis://127.0.0.1:${port}` });
      } finally {
        redis.kill();
      }
    });
  },
);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
