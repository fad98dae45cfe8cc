/** `akushu explain` with many connections: what is shown of them, by the same words, and to readers who leave. */
import { Buffer } from 'node:buffer';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writePcapng } from '../../akushu/src/observe/index.js';
import { akushu, finished, type Scratch, scratch, start } from './spawn.js';

let files: Scratch;
let capture: string;
const COUNT = 120;

/** HTTP to a port of TLS, again and again, by two clients. */
beforeAll(() => {
  files = scratch();
  capture = files.at('many.pcapng');
  const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
  const request = new Uint8Array(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  const connections = Array.from({ length: COUNT }, (_, i) => {
    const t = 1_700_000_000_000 + i * 1000;
    return {
      client: { address: i % 2 === 0 ? '10.0.0.1' : '203.0.113.9', port: 20_000 + i },
      server: { address: '192.168.7.7', port: 443 },
      events: [
        { t, from: 'client' as const, bytes: request },
        { t: t + 1, from: 'server' as const, bytes: bytes('15030100020246') },
        { t: t + 2, from: 'server' as const, end: true as const },
      ],
    };
  });
  writeFileSync(capture, writePcapng(connections));
});
afterAll(() => files.remove());

test('the first failures are shown in full, the others in a line each', async () => {
  const report = files.at('many.html');
  const { stdout } = await akushu(['explain', capture, '--html', report]);
  expect(stdout.match(/^── Connection #/gm)).toHaveLength(100);
  expect(stdout.match(/^ {2}#1\d\d .*http_to_tls_port$/gm)).toHaveLength(COUNT - 100);
  expect(stdout).toContain('--stream N');
  expect(readFileSync(report, 'utf8').match(/class="short failed"/g)).toHaveLength(COUNT - 100);
  const { stdout: one } = await akushu(['explain', capture, '--stream', '119']);
  expect(one).toContain('── Connection #119');
});

test('JSON has all of them', async () => {
  const { stdout } = await akushu(['explain', capture, '--json', '--failed']);
  expect((JSON.parse(stdout) as { connections: readonly unknown[] }).connections).toHaveLength(COUNT);
});

test('--redact says the same of the same throughout, and leaves public addresses', async () => {
  const { stdout } = await akushu(['explain', capture, '--json', '--redact']);
  const { connections } = JSON.parse(stdout) as {
    connections: readonly { client: string; server: string }[];
  };
  const hosts = (side: 'client' | 'server') =>
    new Set(connections.map((one) => one[side].replace(/:\d+$/, '')));
  expect([...hosts('client')]).toEqual(['address-1', '203.0.113.9']);
  expect([...hosts('server')]).toEqual(['address-2']);
});

test('a reader who leaves early is no failure', async () => {
  const child = start(['explain', capture]);
  child.stdout!.once('data', () => child.stdout!.destroy());
  const { code, stderr } = await finished(child);
  expect([code === 0 || code === 1, stderr]).toEqual([true, '']);
});
