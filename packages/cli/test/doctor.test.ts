/** `akushu doctor`, run as the command, against servers and devices that it has to tell apart. */
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { akushu, makeCertificate, opensslServer, type Scratch, scratch, tcpServer } from './spawn.js';
import { tooWide } from './support.js';

let files: Scratch;
beforeAll(() => {
  files = scratch();
});
afterAll(() => files.remove());

interface Report {
  readonly connections: readonly {
    readonly outcome: string;
    readonly version: string | null;
    readonly verdicts: readonly {
      readonly cause: string;
      readonly side: string;
      readonly confidence: number;
    }[];
  }[];
  readonly trials: readonly { readonly trial: string; readonly worked: boolean }[];
}

async function examine(port: number, ...args: string[]): Promise<Report & { code: number | null }> {
  const { code, stdout } = await akushu(['doctor', `localhost:${port}`, '--json', '--timeout', '2', ...args]);
  return { code, ...(JSON.parse(stdout) as Report) };
}

test('a healthy server gets none, and nothing else is tried', async () => {
  const { cert, key } = makeCertificate(files, 'server');
  const { port, stop } = await opensslServer(['-cert', cert, '-key', key]);
  const report = await examine(port, '--ca', cert);
  stop();
  expect(report.code).toBe(0);
  expect(report.connections[0]).toMatchObject({ outcome: 'established', version: 'TLSv1.3' });
  expect(report.connections[0]!.verdicts[0]!.cause).toBe('none');
  expect(report.trials).toEqual([]);
});

test('a certificate that nobody vouches for', async () => {
  const { cert, key } = makeCertificate(files, 'server');
  const { port, stop } = await opensslServer(['-cert', cert, '-key', key]);
  const report = await examine(port);
  stop();
  expect(report.code).toBe(1);
  expect(report.connections[0]!.verdicts[0]).toMatchObject({ cause: 'self_signed', side: 'server' });
});

test('a device that drops long hellos is told from the server behind it', async () => {
  const { cert, key } = makeCertificate(files, 'server');
  const { port: inner, stop } = await opensslServer(['-cert', cert, '-key', key]);
  const { port, server } = await tcpServer((socket) => {
    socket.once('data', (hello) => {
      if (hello.length > 1000) {
        socket.resetAndDestroy();
        return;
      }
      const onward = connect(inner, 'localhost');
      onward.on('error', () => socket.destroy());
      onward.write(hello);
      socket.pipe(onward).pipe(socket);
    });
  });
  const report = await examine(port, '--ca', cert);
  server.close();
  stop();
  expect(report.connections[0]!.verdicts[0]).toMatchObject({ cause: 'middlebox_intolerance', side: 'path' });
  expect(report.connections[0]!.verdicts[0]!.confidence).toBeGreaterThan(0.8);
  expect(report.trials.at(-1)!.worked).toBe(true);
});

test('a server that only has old versions', async () => {
  const { cert, key } = makeCertificate(files, 'server');
  const { port, stop } = await opensslServer([
    '-cert',
    cert,
    '-key',
    key,
    '-tls1',
    '-cipher',
    'ALL:@SECLEVEL=0',
  ]);
  const report = await examine(port, '--ca', cert);
  stop();
  expect(report.connections[0]!.verdicts[0]).toMatchObject({
    cause: 'protocol_version_mismatch',
    side: 'server',
  });
  expect(report.trials.at(-1)).toMatchObject({ trial: 'old_versions', worked: true });
});

test('a mail server that wants STARTTLS', async () => {
  const { port, server } = await tcpServer((socket) => {
    socket.write('220 mail.example ESMTP\r\n');
    socket.once('data', () => socket.end('500 5.5.1 what?\r\n'));
  });
  const report = await examine(port);
  server.close();
  expect(['not_tls_server', 'starttls_expected']).toContain(report.connections[0]!.verdicts[0]!.cause);
  expect(report.connections[0]!.verdicts.map(({ cause }) => cause)).toContain('starttls_expected');
});

test('a port on which nothing listens is a failure of the network', async () => {
  const { port, server } = await tcpServer(() => {});
  await new Promise((resolve) => server.close(resolve));
  const report = await examine(port);
  expect(report.code).toBe(3);
  expect(report.connections[0]!.verdicts[0]!.cause).toBe('connection_refused');
});

test('what it says fits into 80 columns in both languages', async () => {
  const { port, server } = await tcpServer((socket) => {
    socket.once('data', () => socket.destroy());
  });
  for (const language of ['en', 'ja']) {
    const { stdout } = await akushu(['doctor', `localhost:${port}`, '--timeout', '2', '--lang', language]);
    expect(stdout).toContain('closed_after_client_hello');
    expect(tooWide(stdout)).toEqual([]);
  }
  server.close();
});
