/** `serve --redis` by the built command: several servers, one Redis. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { connect as tcpConnect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { akushu, has, makeCertificate, scratch, start, tcpServer, textFrom } from './spawn.js';

const directory = scratch();
const running: ChildProcess[] = [];
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  directory.remove();
});

const KEY_FILE = directory.at('ticket.key');
const PASSWORD = 'opensesame';

describe.skipIf(!has('redis-server', '--version') || !has('openssl', 'version'))('serve --redis', () => {
  let url: string;
  let files: ReturnType<typeof makeCertificate>;

  beforeAll(async () => {
    writeFileSync(KEY_FILE, randomBytes(32));
    files = makeCertificate(directory, 'server');
    const port = await freePort();
    const redis = spawn('redis-server', [
      ...`--port ${port} --bind 127.0.0.1 --appendonly no --requirepass ${PASSWORD} --save`.split(' '),
      '',
    ]);
    running.push(redis);
    await textFrom(redis.stdout, /Ready to accept connections/);
    url = `redis://:${PASSWORD}@127.0.0.1:${port}`;
  });

  async function serve(...args: string[]) {
    const child = start([
      ...['serve', '--port', '0', '--host', '127.0.0.1', '--cert', files.cert, '--key', files.key],
      ...args,
    ]);
    running.push(child);
    const seen = { text: '' };
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (chunk) => {
        seen.text += chunk;
      });
    const [, port] = await textFrom(child.stdout!, /listening on \S*:(\d+)/);
    return { port: Number(port), child, seen };
  }

  const shared = (keyFile = KEY_FILE): string[] => ['--redis', url, '--ticket-key-file', keyFile];

  /** One port before several servers, which take turns. */
  async function balanced(ports: readonly number[]): Promise<number> {
    let next = 0;
    const { port, server } = await tcpServer((socket) => {
      const onward = tcpConnect(ports[next++ % ports.length]!, '127.0.0.1');
      onward.on('error', () => socket.destroy());
      socket.pipe(onward).pipe(socket);
    });
    server.unref();
    return port;
  }

  const reconnect = async (port: number, ...args: string[]) => {
    const { stdout } = await akushu(
      ['connect', `localhost:${port}`, '--ca', files.cert, '--reconnect', '3', '--json', ...args],
      {},
    );
    return JSON.parse(stdout).reconnect.connections.map(({ kind }: { kind: string }) => kind);
  };

  test.each([
    ['tickets', []],
    ['tickets that are good once', ['--tickets', 'once']],
    ['sessions of TLS 1.2', ['--tls12']],
  ])('resumes by another server’s %s', async (_, more) => {
    const servers = [await serve(...shared(), ...more), await serve(...shared(), ...more)];
    const port = await balanced(servers.map((server) => server.port));
    expect(await reconnect(port)).toEqual(['full', 'resumed', 'resumed', 'resumed']);
    for (const { seen } of servers) expect(seen.text).not.toContain(PASSWORD);
    expect(servers[0]!.seen.text).toContain('shared through Redis at 127.0.0.1:');
  });

  test('not by those of a server with another key, and says so', async () => {
    const other = directory.at('other.key');
    writeFileSync(other, randomBytes(40).toString('hex'));
    const first = await serve(...shared());
    const second = await serve(...shared(other));
    expect(second.seen.text).toContain('another server has another key');
    const port = await balanced([first.port, second.port]);
    expect(await reconnect(port)).not.toContain('failed');
    expect(await reconnect(second.port)).toEqual(['full', 'full', 'full', 'full']);
  });

  test('serves while Redis is away, and says that it is', async () => {
    const nowhere = ['--redis', `redis://127.0.0.1:${await freePort()}`, '--ticket-key-file', KEY_FILE];
    const { port, seen } = await serve(...nowhere, '--early-data');
    expect(seen.text).toContain('Redis is away');
    expect(await reconnect(port)).toEqual(['full', 'full', 'full', 'full']);
  });

  test.each([
    ['too short', 'x'],
    ['too short in hex', '00'.repeat(31)],
    ['a PEM file', '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n'],
    ['too large', 'x'.repeat(5000)],
  ])('refuses a key that is %s, and says how to make one', async (name, content) => {
    const file = directory.at(`bad-${name.replace(/ /g, '-')}`);
    writeFileSync(file, content);
    const { code, stderr } = await akushu(['serve', '--port', '0', ...shared(file)]);
    expect(code).toBe(2);
    expect(stderr).toContain('openssl rand');
    expect(stderr).toContain(file);
    expect(stderr).not.toContain(PASSWORD);
  });

  test('a key file that is missing is a usage error', async () => {
    const { code, stderr } = await akushu(['serve', ...shared('/no/such/file')]);
    expect([code, stderr.includes('/no/such/file')]).toEqual([2, true]);
  });
});

async function freePort(): Promise<number> {
  const { port, server } = await tcpServer(() => {});
  await new Promise((resolve) => server.close(resolve));
  return port;
}
