/** `akushu connect --starttls`: the built command against servers that begin in the clear. */
import { writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createServer, localhostCredential } from 'akushu/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { widthOf } from '../src/text.js';
import { akushu, scratch, tcpServer } from './spawn.js';

const directory = scratch();
const ca = directory.at('ca.pem');
let echo: Awaited<ReturnType<typeof tcpServer>>;

beforeAll(async () => {
  const credential = await localhostCredential();
  writeFileSync(ca, credential.certificatePem);
  const tls = createServer({ credentials: [credential] }, (socket) => socket.pipe(socket));
  echo = await tcpServer((socket) =>
    answer(socket, ['250-mail.test \u001b[2J\r\n250-SIZE\r\n250 STARTTLS\r\n', '220 go\r\n'], () =>
      tls.accept(socket),
    ),
  );
});

afterAll(() => {
  echo.server.close();
  directory.remove();
});

/** Greets, and answers each line with the next reply; with the last of them the next thing begins. */
function answer(socket: Socket, replies: readonly string[], then: () => void = () => {}): void {
  const rest = [...replies];
  const listener = (): void => {
    if (rest.length === 1) {
      socket.off('data', listener);
      socket.pause();
    }
    socket.write(rest.shift()!);
    if (rest.length === 0) then();
  };
  socket.on('data', listener);
  socket.write('220 mail.test ESMTP\r\n');
}

const connect = (port: number, ...args: string[]) =>
  akushu(['connect', `localhost:${port}`, '--starttls', 'smtp', '--ca', ca, '--once', ...args]);

test('the dialogue stands in the timeline above the handshake, escaped, in both languages', async () => {
  for (const [lang, ready] of [
    ['en', 'SMTP makes way for TLS.'],
    ['ja', 'SMTP からTLSに移る。'],
  ] as const) {
    const { code, stdout } = await connect(echo.port, '--lang', lang);
    expect(code).toBe(0);
    expect(stdout.replace(/^.* ms {2}/gm, '')).toMatch(
      /◀── 220 mail\.test ESMTP ─+ .*\n─── EHLO \[127\.0\.0\.1\] ─+▶ .*\n◀── 250-mail\.test \\x1b\[2J ─+ .*\n +250-SIZE · 250 STARTTLS\n─── STARTTLS ─+▶ .*\n◀── 220 go ─/,
    );
    expect(stdout).toContain(ready);
    expect(stdout.indexOf(ready)).toBeLessThan(stdout.indexOf('─── ClientHello'));
    expect(stdout).not.toContain('\u001b');
    expect(stdout.split('\n').filter((line) => widthOf(line) > 80)).toEqual([]);
  }
});

test('--json has it under starttls, and its time is none of TLS', async () => {
  const { stdout } = await connect(echo.port, '--json');
  const { ok, starttls, timings } = JSON.parse(stdout);
  expect(ok).toBe(true);
  expect(starttls).toMatchObject({
    protocol: 'smtp',
    banner: 'mail.test ESMTP',
    ms: expect.any(Number),
    steps: [
      { from: 'server', lines: ['220 mail.test ESMTP'], bytes: 21, t: expect.any(Number) },
      { from: 'client', lines: ['EHLO [127.0.0.1]'], bytes: 18 },
      { from: 'server', lines: ['250-mail.test \\x1b[2J', '250-SIZE', '250 STARTTLS'] },
      { from: 'client', lines: ['STARTTLS'] },
      { from: 'server', lines: ['220 go'] },
    ],
  });
  const sum = timings.dns + timings.tcp + starttls.ms + timings.tls;
  expect(sum).toBeLessThanOrEqual(timings.total + 0.01);
});

test('without --starttls it is null', async () => {
  const { stdout } = await akushu(['connect', `localhost:${echo.port}`, '--once', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'not_tls' }, starttls: null });
});

test('what the user types goes through TLS and comes back', async () => {
  const { code, stdout } = await akushu(
    ['connect', `localhost:${echo.port}`, '--starttls', 'SMTP', '--ca', ca],
    { input: 'over and out\n' },
  );
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'over and out\n' });
});

describe('a failure before TLS', () => {
  const against = async (act: (socket: Socket) => void, ...args: string[]) => {
    const { port, server } = await tcpServer(act);
    const result = await connect(port, ...args);
    server.close();
    return result;
  };

  test('is a TLS failure with its own code, and shows how far it came', async () => {
    const { code, stdout } = await against((socket) => answer(socket, ['250 SIZE\r\n']), '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      error: { code: 'starttls_not_offered', alert: null, sentBy: null },
      starttls: { protocol: 'smtp', banner: null, ms: null, steps: { length: 3 } },
      messages: [],
    });
  });

  test('says the server’s words, escaped, and what to try', async () => {
    for (const lang of ['en', 'ja']) {
      const { stdout } = await against((socket) => void socket.end('554 \u001b[31mno\r\n'), '--lang', lang);
      expect(stdout).toContain('starttls_refused');
      expect(stdout).toContain('554 \\x1b[31mno');
      expect(stdout).not.toContain('\u001b');
    }
  });

  test('that is silence advises to leave --starttls out', async () => {
    const { code, stdout } = await against(() => {}, '--timeout', '0.3');
    expect(code).toBe(1);
    expect(stdout).toContain('It failed: starttls_timeout');
    expect(stdout.replace(/\s+/g, ' ')).toContain('leave --starttls out');
  });

  test('that is an early end closed during the handshake', async () => {
    const { stdout } = await against((socket) => void socket.end(), '--json');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'closed_during_handshake' }, starttls: null });
  });
});

test('an unknown protocol is a mistake of usage that names those that are known', async () => {
  const { code, stderr } = await akushu(['connect', 'localhost', '--starttls', 'gopher']);
  expect(code).toBe(2);
  expect(stderr).toContain(
    '--starttls: "gopher" is not one of smtp, imap, pop3, ftp, xmpp, ldap, postgres, mysql',
  );
});
