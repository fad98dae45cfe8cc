/** Sessions and early data by the built command: against itself and against OpenSSL. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sessionBench, tooWide } from './session-bench.js';
import { has, makeCertificate, opensslServer, textFrom } from './spawn.js';

const openssl = has('openssl', 'version');
const { directory, state, running, serve, connect, json, end } = sessionBench();
afterAll(end);

const request = (method: string, path = '/handshake.json', more = ''): string =>
  `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${more}\r\n`;

describe('connect --session', () => {
  let port: number;
  let ca: string[];
  beforeAll(async () => {
    const cert = directory.at('own.pem');
    ({ port } = await serve('--save-cert', cert));
    ca = ['--ca', cert];
  });

  test.each([['--tls13'], ['--tls12']])(
    '%s resumes what the run before kept, and says so',
    async (version) => {
      const file = directory.at(`sessions${version}`);
      const first = await json(port, ...ca, version, '--session', file);
      expect(first.session).toMatchObject({
        file,
        found: false,
        offered: false,
        resumed: false,
        reason: 'none_found',
      });
      expect(first.session.kept).toBeGreaterThan(0);
      const second = await json(port, ...ca, version, '--session', file);
      expect(second.session).toMatchObject({ found: true, offered: true, resumed: true, reason: 'resumed' });
      expect([second.negotiated.resumed, second.trusted, second.exitCode]).toEqual([true, true, 0]);
      expect(statSync(file).mode & 0o777).toBe(0o600);
    },
  );

  test('says in both languages what it did, in 80 columns', async () => {
    const file = directory.at('told');
    for (const [lang, none, resumed] of [
      ['en', 'has none for this server', 'and resumed'],
      ['ja', 'まだない', '再開した'],
    ] as const) {
      const name = `${file}-${lang}`;
      const first = await connect(port, [...ca, '--once', '--session', name, '--lang', lang]);
      expect(first.stdout.replace(/\s+/g, ' ')).toContain(none);
      const second = await connect(port, [...ca, '--once', '--session', name, '--lang', lang]);
      expect(second.stdout.replace(/\s+/g, ' ')).toContain(resumed);
      expect([...tooWide(first.stdout), ...tooWide(second.stdout)]).toEqual([]);
    }
  });

  test('keeps sessions of one server and protocol apart from others', async () => {
    const file = directory.at('apart');
    await json(port, ...ca, '--session', file);
    expect((await json(port, ...ca, '--session', file, '--alpn', 'h2')).session.found).toBe(false);
    expect((await json(port, ...ca, '--session', file)).session.resumed).toBe(true);
  });

  test('does not resume a session that another trust does not cover', async () => {
    const file = directory.at('trust');
    await json(port, ...ca, '--session', file);
    const refused = await json(port, '--session', file);
    expect([refused.exitCode, refused.error.code]).toEqual([1, 'self_signed_certificate']);
    expect(refused.session).toMatchObject({ found: true, offered: false, reason: 'not_verified' });
  });

  test('shares one file between runs at the same time, none of which gets another’s ticket', async () => {
    const file = directory.at('shared');
    await json(port, ...ca, '--session', file);
    const runs = await Promise.all([1, 2, 3].map(() => json(port, ...ca, '--session', file)));
    expect(runs.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(runs.map(() => [0, '']));
    expect(runs.some(({ session }) => session.resumed)).toBe(true);
    const left = readdirSync(directory.at('.')).filter((name) => /^shared./.test(name));
    expect(left).toEqual([]);
    expect((await json(port, ...ca, '--session', file)).session.resumed).toBe(true);
  });

  test('seals the file under a secret of the user’s, of mode 600', () => {
    const key = `${state}/akushu/session.key`;
    expect([statSync(key).size, statSync(key).mode & 0o777]).toEqual([32, 0o600]);
  });

  test('puts the secret beside the file where the user has no other place', async () => {
    const file = directory.at('beside');
    const nowhere = directory.at('nowhere');
    writeFileSync(nowhere, '');
    const env = { XDG_STATE_HOME: nowhere };
    const args = [...ca, '--once', '--json', '--session', file];
    await connect(port, args, { env });
    expect([statSync(`${file}.key`).size, statSync(`${file}.key`).mode & 0o777]).toEqual([32, 0o600]);
    const again = JSON.parse((await connect(port, args, { env })).stdout);
    expect(again.session.resumed).toBe(true);
  });

  test('takes no key of somebody else’s that lies beside the file', async () => {
    const file = directory.at('mine');
    writeFileSync(`${file}.key`, '-----BEGIN PRIVATE KEY-----\n');
    expect((await json(port, ...ca, '--session', file)).exitCode).toBe(0);
    expect(readFileSync(`${file}.key`, 'utf8')).toBe('-----BEGIN PRIVATE KEY-----\n');
  });

  test('sets a damaged secret aside, and what was sealed under it', async () => {
    const file = directory.at('sealed');
    const own = directory.at('own-state');
    const args = [...ca, '--once', '--json', '--session', file];
    const env = { XDG_STATE_HOME: own };
    await connect(port, args, { env });
    truncateSync(`${own}/akushu/session.key`, 5);
    const { stderr, stdout, code } = await connect(port, args, { env });
    expect([code, JSON.parse(stdout).session.resumed]).toEqual([0, false]);
    expect(stderr).toContain('session.key has not 32 bytes');
    expect(stderr).toContain(`${file} is sealed under another key`);
    expect(readdirSync(`${own}/akushu`).filter((name) => name.includes('corrupt'))).toHaveLength(1);
    expect(existsSync(`${file}.corrupt-1`)).toBe(true);
  });

  test.each([
    ['cut', (file: string) => truncateSync(file, 60), 'is cut off'],
    [
      'changed',
      (file: string) => writeFileSync(file, readFileSync(file).fill(1, 100, 110)),
      'was changed by something else',
    ],
    ['garbage', (file: string) => writeFileSync(file, 'garbage'), 'has another format'],
  ])('a file that is %s is named and set aside; the handshake is a full one', async (name, damage, said) => {
    const file = directory.at(`damaged-${name}`);
    await json(port, ...ca, '--session', file);
    damage(file);
    const damaged = readFileSync(file);
    const { stderr, exitCode, session } = await json(port, ...ca, '--session', file);
    expect(stderr).toContain(`${file} ${said}`);
    expect(stderr).toContain(`${file}.corrupt-1`);
    expect([exitCode, session.found, session.resumed]).toEqual([0, false, false]);
    expect(readFileSync(`${file}.corrupt-1`)).toEqual(damaged);
    expect((await json(port, ...ca, '--session', file)).session.resumed).toBe(true);
  });

  test('refuses a file that is something else, and leaves it', async () => {
    const file = directory.at('own.pem');
    const before = readFileSync(file);
    const { code, stderr, stdout } = await connect(port, [...ca, '--once', '--session', file]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(file);
    expect(readFileSync(file)).toEqual(before);
  });

  test.skipIf(process.getuid?.() === 0)('refuses a directory that it cannot write to', async () => {
    const locked = directory.at('locked');
    mkdirSync(locked);
    chmodSync(locked, 0o500);
    expect((await connect(port, [...ca, '--once', '--session', `${locked}/s`])).code).toBe(2);
  });
});

describe.skipIf(!openssl)('connect, to openssl s_server', () => {
  let files: ReturnType<typeof makeCertificate>;
  beforeAll(() => {
    files = makeCertificate(directory, 'openssl');
  });

  test.each([['--tls13'], ['--tls12']])(
    '--session %s resumes; another server’s ticket is a full handshake',
    async (version) => {
      const args = ['-cert', files.cert, '-key', files.key, '-www'];
      const server = await opensslServer(args);
      const file = directory.at(`openssl${version}`);
      const given = ['--ca', files.cert, version, '--session', file];
      expect((await json(server.port, ...given)).session.resumed).toBe(false);
      expect((await json(server.port, ...given)).session.resumed).toBe(true);
      server.stop();
      await new Promise((resolve) => server.child.once('close', resolve));
      const { port } = server;
      const second = spawn('openssl', ['s_server', '-accept', String(port), ...args], { stdio: 'pipe' });
      running.push(second);
      await textFrom(second.stdout, /ACCEPT/);
      const { session, exitCode } = await json(port, ...given);
      expect(session).toMatchObject({ offered: true, resumed: false, reason: 'refused' });
      expect(exitCode).toBe(0);
      second.kill();
    },
  );

  test('--early-data goes as 0-RTT', async () => {
    const server = await opensslServer(['-cert', files.cert, '-key', files.key, '-early_data']);
    server.child.stdout!.removeAllListeners('data');
    const early = directory.at('early-openssl');
    writeFileSync(early, 'early words\n');
    const given = ['--ca', files.cert, '--session', directory.at('early-openssl-session')];
    await json(server.port, ...given);
    const seen = textFrom(server.child.stdout!, /early words/);
    const { earlyData } = await json(server.port, ...given, '--early-data', early);
    expect(earlyData).toEqual({ bytes: 12, outcome: 'accepted' });
    await seen;
    server.stop();
  });
});

describe('connect --early-data', () => {
  let server: Awaited<ReturnType<typeof serve>>;
  let ca: string[];
  beforeAll(async () => {
    const cert = directory.at('early.pem');
    server = await serve('--save-cert', cert, '--http', '--early-data', '--tickets');
    ca = ['--ca', cert];
  });

  /** With a session of its own, and a request in a file. */
  async function early(name: string, text: string, ...args: string[]) {
    const file = directory.at(`early-${name}`);
    writeFileSync(file, text);
    const given = [...ca, '--session', directory.at(`early-${name}-session`)];
    await connect(server.port, [...given, '--once']);
    return connect(server.port, [...given, '--early-data', file, ...args]);
  }

  test('sends a file as 0-RTT, with a warning; a safe request is answered and marked', async () => {
    const { stdout, stderr, code } = await early('get', request('GET'));
    expect(code).toBe(0);
    const [head, body] = stdout.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(JSON.parse(body!)).toMatchObject({
      request: { method: 'GET', earlyData: true },
      earlyData: { outcome: 'accepted' },
      negotiated: null,
    });
    expect(stderr.replace(/\s+/g, ' ')).toContain('bytes went as 0-RTT');
    expect(stderr.replace(/\s+/g, ' ')).toContain('can send it again');
    expect(tooWide(stderr)).toEqual([]);
  });

  test('the page says so in the reader’s language', async () => {
    for (const [languages, said] of [
      ['en', 'Early-Data: 1'],
      ['ja', '早期データとして届きました'],
    ] as const) {
      const text = request('GET', '/', `Accept-Language: ${languages}\r\n`);
      expect((await early(`page-${languages}`, text)).stdout).toContain(said);
    }
  });

  test.each([
    ['DELETE', request('DELETE', '/'), 425],
    ['POST with a body', `${request('POST', '/', 'Content-Length: 4\r\n')}body`, 425],
    ['HEAD', request('HEAD', '/'), 200],
    ['OPTIONS', request('OPTIONS', '/'), 204],
    ['something that is no request', '\u0000\r\n\r\n', 400],
  ])('%s in early data is answered with its status', async (name, text, status) => {
    const { stdout } = await early(`method-${name.replace(/\W/g, '-')}`, text);
    expect(stdout).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  test('a part of a request waits for the rest, and is no early one then', async () => {
    const whole = request('DELETE', '/');
    const file = directory.at('early-part');
    writeFileSync(file, whole.slice(0, 20));
    const given = [...ca, '--session', directory.at('early-part-session')];
    await connect(server.port, [...given, '--once']);
    const { stdout, stderr } = await connect(server.port, [...given, '--early-data', file], {
      input: whole.slice(20),
    });
    expect(stderr).toContain('0-RTT');
    expect(stdout).toMatch(/^HTTP\/1\.1 405 /);
  });

  test('from stdin, and after the handshake where there is no session', async () => {
    const { stdout, stderr } = await connect(server.port, [...ca, '--early-data', '-'], {
      input: request('GET'),
    });
    expect(JSON.parse(stdout.split('\r\n\r\n')[1]!).request).toEqual({ method: 'GET', earlyData: false });
    expect(stderr.replace(/\s+/g, ' ')).toContain('bytes went after the handshake');
  });

  test('of a file that is missing is a usage error that names it', async () => {
    const { code, stderr, stdout } = await connect(server.port, ['--early-data', '/no/such/file']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('/no/such/file');
  });

  test('is not accepted where the server did not ask for it', async () => {
    const cert = directory.at('no-early.pem');
    const { port } = await serve('--save-cert', cert);
    const file = directory.at('early-no');
    writeFileSync(file, 'hello');
    const given = ['--ca', cert, '--session', directory.at('early-no-session'), '--early-data', file];
    expect((await json(port, ...given)).earlyData.outcome).toBe('sent_late');
    const { session, earlyData } = await json(port, ...given);
    expect([session.resumed, earlyData]).toEqual([true, { bytes: 5, outcome: 'sent_late' }]);
  });
});

describe('connect --reconnect', () => {
  interface Row {
    kind: string;
    savedBytes: number;
    ownKeys: boolean;
    bytesSent: number;
    ms: number;
    sameMasterSecret: boolean;
  }

  test('compares handshakes: what resumption saved, and that all have their own keys', async () => {
    const cert = directory.at('reconnect.pem');
    const { port } = await serve('--save-cert', cert, '--early-data', '--tickets', 'once');
    const { reconnect, negotiated } = await json(port, '--ca', cert, '--reconnect', '3');
    const rows: Row[] = reconnect.connections;
    expect(negotiated.resumed).toBe(false);
    expect(rows.map(({ kind }) => kind)).toEqual(['full', 'resumed', 'resumed', 'resumed']);
    expect(rows.every(({ ownKeys, bytesSent, ms }) => ownKeys && bytesSent > 500 && ms > 0)).toBe(true);
    expect(rows.slice(1).every(({ savedBytes }) => savedBytes > 0)).toBe(true);
    const early = directory.at('reconnect-early');
    writeFileSync(early, 'hello');
    const zero = await json(port, '--ca', cert, '--reconnect', '2', '--early-data', early);
    expect(zero.reconnect.connections.map(({ kind }: Row) => kind)).toEqual(['full', '0-rtt', '0-rtt']);
    const old = await json(port, '--ca', cert, '--reconnect', '1', '--tls12');
    expect(old.reconnect.connections[1]).toMatchObject({
      kind: 'resumed',
      sameMasterSecret: true,
      ownKeys: true,
    });
  });

  test('shows a table in both languages, and no secrets', async () => {
    const cert = directory.at('table.pem');
    const { port } = await serve('--save-cert', cert);
    for (const [lang, title] of [
      ['en', 'What resumption saved'],
      ['ja', '再開で節約できたもの'],
    ] as const) {
      const { stdout, code } = await connect(port, ['--ca', cert, '--reconnect', '2', '--lang', lang]);
      expect(code).toBe(0);
      const table = stdout.slice(stdout.indexOf(title));
      expect(table.match(/^ {2}[123] {2}/gm)).toHaveLength(3);
      expect(tooWide(stdout)).toEqual([]);
      expect(table).not.toMatch(/[0-9a-f]{32}/);
    }
  });

  test('says so where nothing is resumed', async () => {
    const cert = directory.at('never.pem');
    for (const off of [['--no-tickets'], ['--tickets', 'off']]) {
      const { port, stop } = await serve('--save-cert', cert, ...off);
      const { reconnect, exitCode } = await json(port, '--ca', cert, '--reconnect', '1');
      expect([reconnect.resumed, exitCode]).toEqual([0, 0]);
      stop();
    }
  });
});

test.skipIf(!openssl)('serve --tickets and --early-data serve openssl s_client', async () => {
  const cert = directory.at('for-openssl.pem');
  const server = await serve('--save-cert', cert, '--early-data', '--tickets', 'on', '--json');
  const session = directory.at('openssl.session');
  const early = directory.at('openssl.early');
  writeFileSync(early, 'hello');
  const client = (...args: string[]) =>
    new Promise<string>((resolve) => {
      const child = spawn(
        'openssl',
        [
          's_client',
          '-connect',
          `127.0.0.1:${server.port}`,
          '-CAfile',
          cert,
          '-servername',
          'localhost',
          ...args,
        ],
        { stdio: 'pipe' },
      );
      let text = '';
      let ending = false;
      child.stdout.on('data', (chunk) => {
        text += chunk;
        // What it says of tickets it keeps in a buffer; what is sent back comes after them.
        if (ending || !text.includes('and back')) return;
        ending = true;
        child.stdin.end();
      });
      child.stdin.write('and back\n');
      child.on('close', () => resolve(text));
    });
  await client('-sess_out', session);
  const second = await client('-sess_in', session, '-early_data', early);
  expect(second).toContain('Reused, TLSv1.3');
  expect(second).toContain('Early data was accepted');
  server.stop();
  const lines = (await server.result).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ earlyData }) => earlyData)).toEqual([null, { outcome: 'accepted' }]);
});
