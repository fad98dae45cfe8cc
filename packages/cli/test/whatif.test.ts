/** `akushu whatif`, run as the command, and the help of the commands that find causes. */
import { Buffer } from 'node:buffer';
import { readFileSync, writeFileSync } from 'node:fs';
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

test('a hello alone, as bytes, hexadecimal or Base64, whole or in several records', async () => {
  const whole = recordedHello();
  const body = whole.subarray(5);
  const inPieces = Buffer.concat(
    [0, 100].map((at, i) => record(body.subarray(at, i === 0 ? 100 : undefined))),
  );
  for (const [name, bytes] of [
    ['hello.bin', whole],
    ['pieces.bin', inPieces],
    ['message.bin', body],
    ['hello.hex', whole.toString('hex').replace(/(.{32})/g, '$1\n')],
    ['colons.hex', whole.toString('hex').replace(/(..)(?!$)/g, '$1:')],
    ['hello.b64', whole.toString('base64')],
  ] as const) {
    writeFileSync(files.at(name), bytes);
    const { code, stdout } = await akushu(['whatif', files.at(name), '--json']);
    expect([name, code]).toEqual([name, 0]);
    expect(JSON.parse(stdout)).toMatchObject({ stream: null, works: true, agreed: { version: 'TLSv1.2' } });
  }
  const { code } = await akushu(['whatif', '-', '--tls13'], { input: whole.toString('hex') });
  expect(code).toBe(1);
});

test('what holds no hello is a usage error; a hello that cannot be read fails', async () => {
  const cut = files.at('cut.bin');
  writeFileSync(cut, recordedHello().subarray(0, 60));
  const empty = files.at('empty.bin');
  writeFileSync(empty, '');
  for (const args of [[cut], [empty], [capture, '--stream', '9'], [cut, '--as-client']])
    expect((await akushu(['whatif', ...args])).code).toBe(2);
  const bad = files.at('bad.bin');
  writeFileSync(bad, Buffer.from(`01000010${'ff'.repeat(16)}`, 'hex'));
  const { code, stdout } = await akushu(['whatif', bad, '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ code: 'malformed_message', change: null });
});

/** The first record of the client in the capture, found by its header. */
function recordedHello(): Buffer {
  const bytes = readFileSync(capture);
  const at = bytes.indexOf(Buffer.from('160301', 'hex'));
  return bytes.subarray(at, at + 5 + bytes.readUInt16BE(at + 3));
}

function record(fragment: Buffer): Buffer {
  return Buffer.concat([Buffer.from([22, 3, 1, fragment.length >> 8, fragment.length & 0xff]), fragment]);
}

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
