/**
 * `akushu doctor` against devices that do not bear something in the hello, and servers that fail in every way: what it
 * finds has to be the smallest change that makes it work, in its words and in JSON.
 */
import { Buffer } from 'node:buffer';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressResult, patientAt, tryAddresses } from '../src/doctor/addresses.js';
import { attemptAsUsual } from '../src/doctor/attempt.js';
import { greetingOf, protocolOf } from '../src/doctor/banner.js';
import { akushu, makeCertificate, opensslServer, type Scratch, scratch, tcpServer } from './spawn.js';
import { tooWide } from './support.js';

let files: Scratch;
let inner: { port: number; stop: () => void };
let cert: string;
beforeAll(async () => {
  files = scratch();
  const made = makeCertificate(files, 'server');
  cert = made.cert;
  inner = await opensslServer(['-cert', made.cert, '-key', made.key]);
});
afterAll(() => {
  inner.stop();
  files.remove();
});

interface Report {
  readonly connections: readonly {
    readonly server: string;
    readonly outcome: string;
    readonly verdicts: readonly {
      readonly cause: string;
      readonly side: string;
      readonly confidence: number;
      readonly explanation: string;
    }[];
  }[];
  readonly addresses: readonly unknown[];
  readonly trials: readonly { readonly trial: string; readonly worked: boolean }[];
  readonly finding: { readonly trial: string; readonly change: string } | null;
}

async function examine(port: number, ...args: string[]): Promise<Report & { code: number | null }> {
  const { code, stdout } = await akushu([
    'doctor',
    `localhost:${port}`,
    '--json',
    '--timeout',
    '1',
    '--ca',
    cert,
    ...args,
  ]);
  return { code, ...(JSON.parse(stdout) as Report) };
}

type Act = 'drop' | 'reset' | 'close' | Buffer;

/** Lets through what it has nothing against. */
async function device(against: (hello: Buffer) => Act | null, onward = inner.port) {
  return tcpServer((socket) => {
    socket.once('data', (hello) => {
      const act = against(hello);
      if (act === 'drop') return;
      if (act === 'reset') socket.resetAndDestroy();
      else if (act === 'close') socket.end();
      else if (act !== null) socket.end(act);
      else pass(socket, hello, onward);
    });
  });
}

function pass(socket: Socket, hello: Buffer, port: number): void {
  const onward = connect(port, 'localhost');
  onward.on('error', () => socket.destroy());
  onward.write(hello);
  socket.once('close', () => onward.destroy());
  socket.pipe(onward).pipe(socket);
}

/** The group of X25519MLKEM768 and the length of its share. */
const HYBRID_SHARE = Buffer.from('11ec04c0', 'hex');
const hasHybrid = (hello: Buffer): boolean => hello.includes(HYBRID_SHARE);
const hasGrease = (hello: Buffer): boolean => /([0-9a-f]a)\1/.test(hello.subarray(76, 90).toString('hex'));
const offers13 = (hello: Buffer): boolean => /002b00..(?:..)?(?:.a.a)?0304/.test(hello.toString('hex'));
const alert = (description: number): Buffer => Buffer.from([21, 3, 3, 0, 2, 2, description]);

describe('devices', () => {
  const cases: readonly (readonly [
    name: string,
    against: (hello: Buffer) => Act | null,
    cause: string,
    side: string,
    trial: string,
  ])[] = [
    [
      'drops hellos of more than a kilobyte',
      (hello) => (hello.length > 1000 ? 'drop' : null),
      'middlebox_intolerance',
      'path',
      'smaller_hello',
    ],
    [
      'resets for hellos that need a second segment',
      (hello) => (hello.length > 1400 ? 'reset' : null),
      'middlebox_intolerance',
      'path',
      'smaller_hello',
    ],
    [
      'closes for a hybrid key share',
      (hello) => (hasHybrid(hello) ? 'close' : null),
      'middlebox_intolerance',
      'path',
      'no_hybrid_share',
    ],
    [
      'resets for one server name',
      (hello) => (hello.includes('localhost') ? 'reset' : null),
      'middlebox_intolerance',
      'path',
      'other_server_name',
    ],
    [
      'resets for any server name',
      (hello) => (/localhost|invalid/.test(hello.toString('latin1')) ? 'reset' : null),
      'unrecognized_server_name',
      'server',
      'no_server_name',
    ],
    [
      'does not bear TLS 1.3',
      (hello) => (offers13(hello) ? 'reset' : null),
      'middlebox_intolerance',
      'path',
      'tls12_only',
    ],
    [
      'answers to TLS 1.3 with an alert: then it is the server',
      (hello) => (offers13(hello) ? alert(70) : null),
      'middlebox_intolerance',
      'server',
      'tls12_only',
    ],
    [
      'does not bear values that it does not know',
      (hello) => (hasGrease(hello) ? 'close' : null),
      'middlebox_intolerance',
      'path',
      'no_grease',
    ],
    [
      'waits for a hello in several segments',
      (hello) => (hello.length >= 5 + hello.readUInt16BE(3) ? 'drop' : null),
      'middlebox_intolerance',
      'path',
      'split_segments',
    ],
  ];

  test.each(cases)('one that %s', async (_, against, cause, side, trial) => {
    const { port, server } = await device(against);
    const report = await examine(port);
    server.close();
    expect(report.code).toBeGreaterThan(0);
    expect(report.finding?.trial).toBe(trial);
    const [verdict] = report.connections[0]!.verdicts;
    expect(verdict).toMatchObject({ cause, side });
    expect(verdict!.confidence).toBeGreaterThanOrEqual(0.8);
    expect(verdict!.explanation).toContain(report.finding!.change);
    expect(report.trials.at(-1)).toMatchObject({ trial, worked: true });
  });
});

describe('servers', () => {
  /** The first verdict on what a server does with what it is sent. */
  async function first(act: (socket: Socket) => void, ...args: string[]) {
    const { port, server } = await tcpServer(act);
    const report = await examine(port, ...args);
    server.close();
    expect(report.connections).toHaveLength(1);
    expect(report.connections[0]!.outcome).toBe('failed');
    expect(report.finding).toBeNull();
    return { ...report.connections[0]!.verdicts[0]!, code: report.code };
  }

  test('a silent one takes no more than a few times the limit of one attempt', async () => {
    const begun = performance.now();
    expect(await first(() => {})).toMatchObject({ cause: 'silence_after_client_hello' });
    // One attempt, a greeting, and all the trials at once: one by one they would take more than ten seconds.
    expect(performance.now() - begun).toBeLessThan(9000);
  });

  test('one that sends a byte now and then is given up', async () => {
    const verdict = await first((socket) => {
      socket.once('data', () => {
        const timer = setInterval(() => socket.write('\x16'), 200);
        socket.once('close', () => clearInterval(timer));
      });
    });
    expect(verdict.code).toBe(1);
  });

  test.each([
    ['resets', 'reset_after_client_hello', (socket: Socket) => void socket.resetAndDestroy()],
    ['closes', 'closed_after_client_hello', (socket: Socket) => void socket.end()],
    [
      'speaks HTTP',
      'not_tls_server',
      (socket: Socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    ],
    ['sends an alert', 'internal_error', (socket: Socket) => void socket.end(alert(80))],
  ])('one that %s', async (_, cause, act) => {
    expect(await first((socket) => void socket.once('data', () => act(socket)))).toMatchObject({ cause });
  });

  test('one that speaks SSH', async () => {
    const verdict = await first((socket) => void socket.write('SSH-2.0-OpenSSH_9.2p1\r\n'));
    expect(verdict).toMatchObject({ cause: 'not_tls_server', side: 'server' });
    expect(verdict.explanation).toContain('SSH');
  });

  test('ones that answer with garbage get a verdict, and no failure of ours', async () => {
    for (const hex of ['00', 'ff'.repeat(600), '1603030004020000', '16030300040e000000', '150303000102'])
      expect(
        (await first((socket) => void socket.once('data', () => socket.end(Buffer.from(hex, 'hex'))))).code,
      ).toBe(1);
  });

  test('one that ends in the middle, wherever that is', async () => {
    for (const limit of [1, 50, 120, 400]) {
      const verdict = await first((socket) => {
        const onward = connect(inner.port, 'localhost');
        onward.on('error', () => socket.destroy());
        let sent = 0;
        onward.on('data', (bytes: Buffer) => {
          socket.write(bytes.subarray(0, limit - sent));
          sent += bytes.length;
          if (sent >= limit) socket.destroy();
        });
        socket.once('close', () => onward.destroy());
        socket.pipe(onward);
      });
      expect(verdict.cause).toMatch(/closed_after_client_hello|reset_after_client_hello|truncated_close/);
    }
  });

  test('a name that has no address, and a server that is not there', async () => {
    const { code, stdout } = await akushu(['doctor', 'nothing.invalid', '--json', '--timeout', '2']);
    expect(code).toBe(3);
    const { connections } = JSON.parse(stdout) as Report;
    expect(connections[0]!.verdicts[0]).toMatchObject({ cause: 'dns_failure' });
    expect(connections[0]!.server).toBe('nothing.invalid:443');
  });

  test('STARTTLS that is not offered', async () => {
    const verdict = await first(
      (socket) => {
        socket.write('220 mail.example ESMTP\r\n');
        socket.on('data', (bytes) =>
          socket.write(/^EHLO/.test(String(bytes)) ? '250-mail.example\r\n250 PIPELINING\r\n' : '502 no\r\n'),
        );
      },
      '--starttls',
      'smtp',
    );
    expect(verdict).toMatchObject({ cause: 'starttls_expected', side: 'server' });
  });

  test('a mail server that is spoken to in TLS at once: by STARTTLS it works, and that is said', async () => {
    const { port, server } = await tcpServer((socket) => {
      socket.write('220 mail.example ESMTP\r\n');
      const talk = (bytes: Buffer): void => {
        const said = String(bytes);
        if (/^EHLO/.test(said)) socket.write('250-mail.example\r\n250 STARTTLS\r\n');
        else if (/^STARTTLS/.test(said)) {
          socket.off('data', talk);
          socket.once('data', (hello) => pass(socket, hello, inner.port));
          socket.write('220 go ahead\r\n');
        } else socket.end('500 what?\r\n');
      };
      socket.on('data', talk);
    });
    const { connections } = await examine(port);
    const healthy = await examine(port, '--starttls', 'smtp');
    server.close();
    expect(connections[0]!.verdicts[0]).toMatchObject({ cause: 'starttls_expected', side: 'client' });
    expect(connections[0]!.verdicts[0]!.confidence).toBeGreaterThan(0.95);
    expect(connections[0]!.verdicts[0]!.explanation).toContain('--starttls smtp');
    expect(healthy.code).toBe(0);
    expect(healthy.connections[0]!.verdicts[0]!.cause).toBe('none');
  });

  test('a client certificate that is demanded', async () => {
    const { key } = makeCertificate(files, 'server');
    const strict = await opensslServer(['-cert', cert, '-key', key, '-Verify', '1']);
    const { code, connections, trials } = await examine(strict.port);
    strict.stop();
    expect(code).toBe(1);
    expect(connections[0]!.verdicts[0]).toMatchObject({
      cause: 'client_certificate_required',
      side: 'client',
    });
    expect(trials).toEqual([]);
  });

  test('a certificate for another name', async () => {
    const { code, connections } = await examine(inner.port, '--servername', 'www.example');
    expect(code).toBe(1);
    expect(connections[0]!.verdicts[0]).toMatchObject({ cause: 'hostname_mismatch' });
  });
});

describe('several addresses', () => {
  test('each is tried on its own, and a dead one is told', async () => {
    const patient = {
      target: { host: 'localhost', port: inner.port },
      servername: undefined,
      starttls: undefined,
      ca: undefined,
      timeout: 1000,
    };
    const usual = await attemptAsUsual(patient);
    // Nothing listens on the second, though it is this machine as well.
    const only = await listenOn('127.0.0.2');
    const stories = await tryAddresses(patient, ['127.0.0.1', '127.0.0.3'], usual);
    only.close();
    expect(stories[0]).toBe(usual);
    expect(stories[1]!.target).toMatchObject({ host: '127.0.0.3' });
    expect(patientAt(patient, '127.0.0.3').servername).toBe('localhost');
    expect(addressResult('127.0.0.3', stories[1]!)).toMatchObject({ address: '127.0.0.3' });
  });
});

async function listenOn(host: string) {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return server;
}

test('what greets is known by its greeting', async () => {
  expect(
    ['220 ftp.example FTP server', '220 mx ESMTP', '* OK IMAP4', '+OK ready', 'SSH-2.0-x'].map(protocolOf),
  ).toEqual(['ftp', 'smtp', 'imap', 'pop3', null]);
  const { port, server } = await tcpServer((socket) => void socket.write('220 mx ESMTP\r\nmore'));
  expect(await greetingOf({ host: 'localhost', port })).toBe('220 mx ESMTP');
  server.close();
});

test('what it found is said in words, in both languages', async () => {
  const { port, server } = await device((hello) => (hello.length > 1000 ? 'reset' : null));
  for (const [language, words] of [
    ['en', 'What makes it work'],
    ['ja', '成功する変更'],
  ] as const) {
    const args = ['doctor', `localhost:${port}`, '--timeout', '2', '--ca', cert, '--lang', language];
    const { stdout } = await akushu(args);
    expect(stdout.replace(/\s+/g, ' ')).toContain(words);
    expect(stdout).toContain('middlebox_intolerance');
    expect(tooWide(stdout)).toEqual([]);
  }
  server.close();
});
