/** The built command, as a user runs it, against OpenSSL and against itself. Needs `npm run build` before. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { widthOf } from '../src/text.js';
import {
  akushu,
  BIN,
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
const tshark = has('tshark', '--version');
const curl = has('curl', '--version');
const directory = scratch();
afterAll(directory.remove);

const parsed = (text: string) => {
  expect(text.endsWith('\n')).toBe(true);
  expect(text.trimEnd()).not.toContain('\n');
  return JSON.parse(text);
};

describe.skipIf(!openssl)('connect, to openssl s_server', () => {
  let server: Awaited<ReturnType<typeof opensslServer>>;
  let files: ReturnType<typeof makeCertificate>;
  beforeAll(async () => {
    files = makeCertificate(directory, 'server');
    server = await opensslServer(['-cert', files.cert, '-key', files.key, '-alpn', 'http/1.1', '-www']);
  });
  afterAll(() => server.stop());
  const once = (...args: string[]) => akushu(['connect', `localhost:${server.port}`, '--once', ...args]);

  test('explains the handshake on stdout, in 80 columns without colour, and exits with 0', async () => {
    const { code, stdout, stderr } = await once('--ca', files.cert);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toContain('─── ClientHello ');
    expect(stdout).toContain('◀── CertificateVerify 🔒 server handshake secret ');
    expect(stdout).toContain('◀── NewSessionTicket ');
    expect(stdout).toMatch(/The server chose it out of the \d+ cipher suites on offer/);
    expect(stdout).not.toContain('\u001b');
    expect(stdout.split('\n').filter((line) => widthOf(line) > 80)).toEqual([]);
  });

  test('speaks Japanese by --lang and by the locale', async () => {
    for (const result of [
      await once('--ca', files.cert, '--lang', 'ja'),
      await akushu(['connect', `localhost:${server.port}`, '--once', '--ca', files.cert], {
        env: { LC_ALL: 'ja_JP.UTF-8' },
      }),
    ]) {
      expect(result.stdout).toContain('決まったこととその理由');
      expect(result.stdout.split('\n').filter((line) => widthOf(line) > 80)).toEqual([]);
    }
  });

  test('gives one JSON object', async () => {
    const { code, stdout } = await once(
      '--ca',
      files.cert,
      '--json',
      '--alpn',
      'h2,http/1.1',
      '--groups',
      'P-256',
    );
    expect(code).toBe(0);
    expect(parsed(stdout)).toMatchObject({
      ok: true,
      error: null,
      negotiated: {
        version: 'TLSv1.3',
        cipherSuite: 'TLS_AES_128_GCM_SHA256',
        group: 'secp256r1',
        signatureScheme: 'ecdsa_secp256r1_sha256',
        alpn: 'http/1.1',
        resumed: false,
      },
    });
    expect(parsed(stdout).certificates[0]).toMatchObject({
      subject: 'CN=localhost',
      names: ['localhost', '127.0.0.1'],
    });
  });

  test('refuses a certificate that is not trusted with 1, or lets it through with --insecure and says so', async () => {
    const refused = await once('--json');
    expect(refused.code).toBe(1);
    expect(parsed(refused.stdout)).toMatchObject({
      ok: false,
      error: { code: 'self_signed_certificate', alert: 'unknown_ca', sentBy: 'client' },
      negotiated: null,
    });
    const insecure = await once('--insecure');
    expect(insecure.code).toBe(0);
    expect(insecure.stdout).toContain('NOT trusted');
  });

  test('refuses a certificate for another name', async () => {
    const { code, stdout } = await once('--ca', files.cert, '--servername', 'other.example', '--json');
    expect(code).toBe(1);
    expect(parsed(stdout).error).toEqual({
      code: 'hostname_mismatch',
      alert: 'bad_certificate',
      sentBy: 'client',
    });
  });

  test('passes data through: stdout has the peer’s bytes and nothing else', async () => {
    const { code, stdout, stderr } = await akushu(
      ['connect', `localhost:${server.port}`, '--ca', files.cert],
      {
        input: 'GET / HTTP/1.0\r\n\r\n',
      },
    );
    expect(stdout).toMatch(/^HTTP\/1\.0 200 ok\r\n/i);
    expect(stdout).not.toContain('ClientHello ─');
    expect(stderr).toContain('─── ClientHello ');
    expect(code).toBe(0);
  });

  test('appends secrets to the key log and to SSLKEYLOGFILE', async () => {
    const own = directory.at('own.keys');
    const shared = directory.at('shared.keys');
    writeFileSync(own, '# mine\n');
    await akushu(['connect', `localhost:${server.port}`, '--once', '--ca', files.cert, '--keylog', own], {
      env: { SSLKEYLOGFILE: shared },
    });
    expect(readFileSync(own, 'utf8')).toMatch(
      /^# mine\nCLIENT_HANDSHAKE_TRAFFIC_SECRET [0-9a-f]{64} [0-9a-f]{64}\n/,
    );
    expect(readFileSync(own, 'utf8')).toBe(`# mine\n${readFileSync(shared, 'utf8')}`);
  });

  test.skipIf(!tshark)('writes a capture that tshark reads decrypted, by itself', async () => {
    const file = directory.at('connection.pcapng');
    const { code } = await akushu(
      ['connect', `localhost:${server.port}`, '--ca', files.cert, '--pcap', file],
      {
        input: 'GET / HTTP/1.0\r\n\r\n',
      },
    );
    expect(code).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const fields = ['tls.handshake.type', 'tls.alert_message.desc'].flatMap((name) => ['-e', name]);
    const read = spawnSync(
      'tshark',
      ['-r', file, '-d', `tcp.port==${server.port},tls`, '-T', 'fields', ...fields],
      { encoding: 'utf8' },
    );
    const seen = read.stdout.split(/\s+/).flatMap((cell) => cell.split(','));
    expect(seen).toEqual(expect.arrayContaining(['1', '2', '8', '11', '15', '20', '4', '0']));
    const talk = spawnSync(
      'tshark',
      ['-r', file, '-d', `tcp.port==${server.port},tls`, '-q', '-z', 'follow,tls,ascii,0'],
      { encoding: 'utf8' },
    );
    expect(talk.stdout).toContain('GET / HTTP/1.0');
    expect(talk.stdout).toMatch(/HTTP\/1\.0 200 ok/i);
    const expert = spawnSync('tshark', ['-r', file, '-q', '-z', 'expert,error'], { encoding: 'utf8' });
    expect(expert.stdout).not.toMatch(/Errors/);
  });

  test('tells an alert of the peer from one of its own', async () => {
    const strict = await opensslServer(['-cert', files.cert, '-key', files.key, '-groups', 'P-384']);
    try {
      const { code, stdout } = await akushu([
        'connect',
        `localhost:${strict.port}`,
        '--once',
        '--json',
        '--groups',
        'x25519',
        '--ca',
        files.cert,
      ]);
      expect(code).toBe(1);
      expect(parsed(stdout).error).toEqual({
        code: 'peer_alert',
        alert: 'handshake_failure',
        sentBy: 'server',
      });
    } finally {
      strict.stop();
    }
  });

  test('reports a server’s refusal of the client that comes after the handshake', async () => {
    const strict = await opensslServer([
      '-cert',
      files.cert,
      '-key',
      files.key,
      '-Verify',
      '1',
      '-verify_return_error',
      '-CAfile',
      files.cert,
    ]);
    try {
      const { code, stdout } = await akushu([
        'connect',
        `localhost:${strict.port}`,
        '--once',
        '--json',
        '--ca',
        files.cert,
      ]);
      expect(code).toBe(1);
      expect(parsed(stdout).error).toEqual({
        code: 'peer_alert',
        alert: 'certificate_required',
        sentBy: 'server',
      });
      const accepted = await akushu([
        ...['connect', `localhost:${strict.port}`, '--once', '--json', '--ca', files.cert],
        ...['--cert', files.cert, '--key', files.key],
      ]);
      expect(accepted.code).toBe(0);
    } finally {
      strict.stop();
    }
  });
});

describe('connect, to what is no TLS server', () => {
  const against = async (act: Parameters<typeof tcpServer>[0], ...args: string[]) => {
    const { port, server } = await tcpServer(act);
    const result = await akushu(['connect', `127.0.0.1:${port}`, '--once', '--json', ...args]);
    server.close();
    return { code: result.code, error: parsed(result.stdout).error };
  };

  test('a closed port is a network failure', async () => {
    const { port, server } = await tcpServer(() => {});
    await new Promise((resolve) => server.close(resolve));
    const { code, stdout } = await akushu(['connect', `127.0.0.1:${port}`, '--once', '--json']);
    expect(code).toBe(3);
    expect(parsed(stdout)).toMatchObject({
      ok: false,
      error: { code: 'connection_refused', alert: null, sentBy: null },
      messages: [],
    });
  });

  test('a name that does not exist is a network failure', async () => {
    const { code, stdout } = await akushu([
      'connect',
      'no-such-name.invalid',
      '--once',
      '--json',
      '--timeout',
      '5',
    ]);
    expect(code).toBe(3);
    expect(parsed(stdout).error).toEqual({ code: 'dns_failure', alert: null, sentBy: null });
  });

  test('a silent server ends at the time limit', async () => {
    expect(await against(() => {}, '--timeout', '0.4')).toMatchObject({
      code: 1,
      error: { code: 'handshake_timeout' },
    });
  });

  test('an HTTP server is recognized', async () => {
    const result = await against((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    );
    expect(result).toMatchObject({ code: 1, error: { code: 'not_tls_http' } });
  });

  test('another protocol is recognized', async () => {
    expect(await against((socket) => socket.write('220 mail ESMTP\r\n'))).toMatchObject({
      code: 1,
      error: { code: 'not_tls' },
    });
  });

  test('a reset before any TLS is a network failure, an end is not', async () => {
    expect(await against((socket) => socket.once('data', () => socket.resetAndDestroy()))).toMatchObject({
      code: 3,
      error: { code: 'connection_reset' },
    });
    expect(await against((socket) => socket.once('data', () => socket.end()))).toMatchObject({
      code: 1,
      error: { code: 'closed_during_handshake', alert: null },
    });
  });

  test('the sentence, the code and what to try stand on stdout, without a stack trace', async () => {
    const { port, server } = await tcpServer((socket) => socket.write('220 mail ESMTP\r\n'));
    const { stdout, stderr } = await akushu(['connect', `127.0.0.1:${port}`, '--once']);
    server.close();
    expect(stdout).toMatch(/It failed: not_tls ─+\n {2}What answers on this port is not TLS\./);
    expect(stdout).toContain('Try:');
    expect(stdout + stderr).not.toMatch(/^ +at /m);
  });
});

describe('usage', () => {
  test.each([
    [[]],
    [['connect']],
    [['connect', 'a b']],
    [['connect', 'localhost', '--nonsense']],
    [['connect', 'localhost', '--groups', 'x25518']],
    [['connect', 'localhost', '--timeout', '0']],
    [['connect', 'localhost', '--lang', 'fr']],
    [['connect', 'localhost', '--key', 'x.pem']],
    [['connect', 'localhost', '--min', '1.3', '--max', '1.2']],
    [['connect', 'localhost', '--tls12', '--min', '1.2']],
    [['connect', 'localhost', '--max', 'SSLv3']],
    [['connect', 'localhost', '--ciphers', 'ECDHE+AESGCM:NONSENSE']],
    [['connect', 'localhost', '--tls13', '--ciphers', 'AES128-SHA']],
    [['serve', '--cipher-order', 'nobody']],
    [['serve', '--cert', 'a.pem', '--cert', 'b.pem', '--key', 'a.key']],
    [['connect', 'localhost', '--ca', '/no/such/file']],
    [['connect', 'localhost', '--pcap', '/no/such/directory/file']],
    [['serve', '--port', '99999']],
    [['serve', '--client-auth', 'require']],
    [['nonsense']],
  ])('%j exits with 2, says why on stderr, and leaves stdout alone', async (args) => {
    const { code, stdout, stderr } = await akushu(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).not.toBe('');
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test('help fits 80 columns in both languages, names every option, and exits with 0', async () => {
    for (const lang of ['en', 'ja']) {
      for (const command of [[], ['connect'], ['serve'], ['ciphers'], ['demo'], ['inspect'], ['verify']]) {
        const { code, stdout } = await akushu([...command, '--help', '--lang', lang]);
        expect(code).toBe(0);
        expect(stdout).toContain(lang === 'ja' ? '使い方: akushu' : 'Usage: akushu');
        expect(stdout.split('\n').filter((line) => widthOf(line) > 80)).toEqual([]);
      }
      const { stdout } = await akushu(['connect', '--help', '--lang', lang]);
      for (const option of 'servername starttls alpn ca cert key tls13 tls12 tls11 tls10 min max groups ciphers sigalgs keylog pcap json lang insecure once timeout session early-data psk reconnect'.split(
        ' ',
      )) {
        expect(stdout).toContain(`--${option}`);
      }
    }
  });
});

test.each([
  [['connect', '--jsn', 'x'], '--jsn というオプションはありません。近いもの: --json', 'connect'],
  [['verify'], '引数 <file> がありません。', 'verify'],
  [['connect', 'a', 'b'], '引数が多すぎます。', 'connect'],
  [['connect', 'a', '--port'], '--port というオプションはありません。', 'connect'],
  [['demo', '--min', '9'], '--min: "9" は', 'demo'],
])('%j is refused in Japanese as well, and leads to the help of its command', async (args, says, command) => {
  const { code, stderr } = await akushu(args, { env: { LANG: 'ja_JP.UTF-8' } });
  expect(code).toBe(2);
  expect(stderr).toContain(`akushu: ${says}`);
  expect(stderr).toMatch(new RegExp(`\n参照: akushu ${command} --help\n$`));
});

test('connect takes --cipher-order, and says that the server decides', async () => {
  const { code, stderr } = await akushu(['connect', 'localhost:1', '--once', '--cipher-order', 'client']);
  expect(code).toBe(3);
  expect(stderr).toContain('--cipher-order: without effect');
  expect((await akushu(['connect', 'localhost:1', '--cipher-order', 'x'])).code).toBe(2);
});

test('--lang may stand before the command', async () => {
  const { stdout, code } = await akushu(['--lang', 'ja', 'ciphers', '--name', '0xC02F']);
  expect(code).toBe(0);
  expect(stdout).toContain('前方秘匿性');
});

test.skipIf(!existsSync('/dev/full'))('a full disk is named, without a stack trace', () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [BIN, 'ciphers'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  expect(status).toBe(2);
  expect(stderr).toContain('no space is left (ENOSPC)');
  expect(stderr).not.toMatch(/^ +at /m);
});

test('a handshake that is given up by Ctrl-C gets no verdict', async () => {
  const { server, port } = await tcpServer(() => {});
  const child = start(['connect', `localhost:${port}`, '--once']);
  const done = finished(child);
  await textFrom(child.stdout!, /ClientHello/);
  child.kill('SIGINT');
  const { code, stdout } = await done;
  server.close();
  expect(code).toBe(1);
  expect(stdout).toContain('It failed: canceled');
  expect(stdout).not.toMatch(/Verdict|most likely/);
});

describe('serve', () => {
  const serving = async (...args: string[]) => {
    const child = start(['serve', '--port', '0', '--host', '127.0.0.1', ...args]);
    const json = args.includes('--json');
    const [, port] = await textFrom(json ? child.stderr! : child.stdout!, /^listening on \S+:(\d+)\n/);
    return { child, port: port!, done: finished(child) };
  };

  test('makes a certificate for localhost, echoes, prints the handshake, and ends by Ctrl-C with 0', async () => {
    const saved = directory.at('made.pem');
    const { child, port, done } = await serving('--save-cert', saved);
    const client = await akushu(['connect', `localhost:${port}`, '--ca', saved], { input: 'over and out\n' });
    expect(client).toMatchObject({ code: 0, stdout: 'over and out\n' });
    child.kill('SIGINT');
    const { code, stdout } = await done;
    expect(code).toBe(0);
    expect(stdout).toContain('Connection 1 from 127.0.0.1:');
    expect(stdout.replace(/\s+/g, ' ')).toContain('First of 3 shared cipher suites in the server’s order');
    expect(stdout.split('\n').filter((line) => widthOf(line) > 80)).toEqual([]);
  });

  test('prints one JSON line per connection, of failures too', async () => {
    const { child, port, done } = await serving('--json');
    await akushu(['connect', `localhost:${port}`, '--once', '--insecure']);
    await akushu(['connect', `localhost:${port}`, '--once']);
    await akushu(['connect', `localhost:${port}`, '--once', '--insecure', '--groups', 'secp521r1']);
    child.kill('SIGINT');
    const { stdout } = await done;
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(lines[1].error).toEqual({ code: 'peer_alert', alert: 'unknown_ca', sentBy: 'client' });
    expect(lines[2].negotiated.group).toBe('secp521r1');
  });

  test('with --once ends after one connection, with 1 where it failed', async () => {
    const good = await serving('--once', '--json');
    await akushu(['connect', `localhost:${good.port}`, '--once', '--insecure']);
    expect(await good.done).toMatchObject({ code: 0 });
    const bad = await serving('--once', '--json');
    await akushu(['connect', `localhost:${bad.port}`, '--once']);
    expect(await bad.done).toMatchObject({ code: 1 });
  });

  test('on a port that is taken says so and exits with 3', async () => {
    const { port, server } = await tcpServer(() => {});
    const { code, stderr } = await akushu(['serve', '--port', String(port), '--host', '127.0.0.1']);
    server.close();
    expect(code).toBe(3);
    expect(stderr).toContain('address_in_use');
  });

  test.skipIf(!openssl)('serves a client of OpenSSL, with a certificate from files', async () => {
    const { cert, key } = makeCertificate(directory, 'server');
    const { child, port, done } = await serving('--cert', cert, '--key', key, '--json');
    const client = spawnSync(
      'openssl',
      [
        's_client',
        '-connect',
        `localhost:${port}`,
        '-CAfile',
        cert,
        '-verify_return_error',
        '-quiet',
        '-no_ign_eof',
      ],
      {
        input: 'hello\n',
        encoding: 'utf8',
      },
    );
    expect(client.status).toBe(0);
    child.kill('SIGTERM');
    expect(JSON.parse((await done).stdout)).toMatchObject({ ok: true });
  });

  test.skipIf(!curl)('shows curl its own handshake over HTTP/1.1, twice on one connection', async () => {
    const saved = directory.at('http.pem');
    const { child, port, done } = await serving('--http', '--save-cert', saved, '--json');
    const url = `https://localhost:${port}`;
    const { stdout } = spawnSync(
      'curl',
      ['-sS', '--cacert', saved, '-w', '%{num_connects} %{http_code}\n', `${url}/`, `${url}/handshake.json`],
      {
        encoding: 'utf8',
      },
    );
    expect(stdout).toContain('<title>Your TLS handshake</title>');
    expect(stdout).toContain('"cipherSuite":"TLS_AES_128_GCM_SHA256"');
    expect(stdout).toMatch(/^1 200$/m);
    expect(stdout).toMatch(/^0 200$/m);
    child.kill('SIGINT');
    expect((await done).code).toBe(0);
  });

  test('answers a request that is none with 400, one that is too long with 431, and closes', async () => {
    const saved = directory.at('strict.pem');
    const { child, port, done } = await serving('--http', '--save-cert', saved, '--json');
    const ask = async (input: string) =>
      (await akushu(['connect', `localhost:${port}`, '--ca', saved], { input })).stdout;
    expect(await ask('nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await ask(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
    child.kill('SIGINT');
    await done;
  });
});

test('the demo explains a whole handshake in both languages, within 80 columns', async () => {
  for (const [lang, sentence] of [
    ['en', 'What to try next'],
    ['ja', '次に試すこと'],
  ] as const) {
    const { code, stdout } = await akushu(['demo', '--lang', lang]);
    expect(code).toBe(0);
    expect(stdout).toContain(sentence);
    expect(stdout).toContain('◀── CertificateVerify');
    expect(stdout.split('\n').filter((line) => widthOf(line) > 80)).toEqual([]);
  }
});
