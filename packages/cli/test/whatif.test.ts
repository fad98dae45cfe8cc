/** `akushu whatif`, run as the command, and the help of the commands that find causes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { akushu, makeCertificate, opensslServer, type Scratch, scratch } from './spawn.js';
import { tooWide } from './support.js';

let files: Scratch;
let capture: string;
beforeAll(async () => {
  files = scratch();
  capture = files.at('hello.pcapng');
  const { cert, key } = makeCertificate(files, 'server');
  const { port, stop } = await opensslServer(['-cert', cert, '-key', key, '-tls1_2']);
  await akushu(['connect', `localhost:${port}`, '--once', '--ca', cert, '--tls12', '--pcap', capture]);
  stop();
});
afterAll(() => files.remove());

test('a hello that goes with the policy', async () => {
  const { code, stdout } = await akushu(['whatif', capture, '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ works: true, agreed: { version: 'TLSv1.2' }, change: [] });
});

test('a policy that the hello does not go with, and the smallest change', async () => {
  const { code, stdout } = await akushu(['whatif', capture, '--tls13', '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    works: false,
    code: 'no_shared_version',
    change: [{ add: 'version', value: 'TLSv1.2' }],
  });
});

test('the reverse: what the recorded server chose is not for every client', async () => {
  const { code, stdout } = await akushu(['whatif', capture, '--as-client', '--tls13', '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ works: false, code: 'no_shared_version' });
  expect((await akushu(['whatif', capture, '--as-client'])).code).toBe(0);
});

test('text is refused', async () => {
  const { code, stderr } = await akushu(['whatif', 'no capture at all']);
  expect(code).toBe(2);
  expect(stderr).toContain('pcap');
});

test('help and output fit 80 columns in both languages', async () => {
  for (const lang of ['en', 'ja']) {
    for (const args of [
      ['explain', '--help'],
      ['doctor', '--help'],
      ['whatif', '--help'],
      ['whatif', capture, '--tls13'],
    ]) {
      const { stdout } = await akushu([...args, '--lang', lang]);
      expect(stdout.length).toBeGreaterThan(100);
      expect(tooWide(stdout)).toEqual([]);
    }
  }
});
