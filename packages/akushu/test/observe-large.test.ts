/**
 * A capture that is larger than memory: written into a process of its own that may have far less, and read there as it
 * comes. One connection goes on from the beginning to the end; beside it others come and go, and are decrypted.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { writePcapng } from '../src/observe/index.js';
import { u16, u32 } from './support/frames.js';
import { client, makeCredentials, server } from './support/pairs12.js';
import { WatchedPair } from './support/watched.js';

const MIB = 1_048_576;
const ROUNDS = 300;
const root = fileURLToPath(new URL('..', import.meta.url));

/** In `dist`: the process knows no TypeScript. */
const READER = `
  import { observe } from 'akushu/observe';
  import { nodeProvider } from 'akushu/crypto/node';
  const told = { connections: 0, opened: 0, longest: 0, bytes: 0, problems: 0 };
  const onPlaintext = (event, bytes) => { told.opened += bytes.length; };
  const onProgress = ({ bytesRead }) => { told.bytes = bytesRead; };
  for await (const seen of observe(process.stdin, { provider: nodeProvider, onPlaintext, onProgress })) {
    if (seen.kind !== 'connection') continue;
    told.connections++;
    told.problems += seen.problems.length;
    told.longest = Math.max(told.longest, seen.tcp.bytes.server);
  }
  console.log(JSON.stringify({ ...told, resident: process.resourceUsage().maxRSS * 1024 }));
`;

function talked(size: number): WatchedPair {
  const pair = new WatchedPair(client({ versions: [0x0304] }), server({ versions: [0x0304] }));
  pair.pump();
  pair.server.connection.write(new Uint8Array(size));
  pair.pump();
  return pair;
}

const CLIENT = '192.0.2.1';

/** Large segments: a reader is slow by packets, and it is bytes that count here. */
const fileOf = (events: WatchedPair['wire'], keyLog: readonly string[] = []): Uint8Array =>
  writePcapng(
    [
      {
        client: { address: CLIENT, port: 40_000 },
        server: { address: '198.51.100.7', port: 443 },
        events,
        keyLog,
      },
    ],
    { segmentSize: 32_768 },
  );

/** Where blocks of packets begin. */
function blocksOf(file: Uint8Array): number[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const starts: number[] = [];
  for (let at = 0; at < file.length; at += view.getUint32(at + 4))
    if (view.getUint32(at) === 6) starts.push(at);
  return starts;
}

const IN_BLOCK = 28;
const SEQUENCE = 20 + 4;

/** A connection without its end, and the server's data that is to be sent again and again, each time further on. */
function endless({ wire }: WatchedPair): { start: Uint8Array; more: (round: number) => Uint8Array } {
  const file = fileOf(wire);
  const blocks = blocksOf(file);
  // FIN and ACK of each side.
  const end = blocks[blocks.length - 4]!;
  const data = wire.at(-1)!;
  const length = 'bytes' in data ? data.bytes.length : 0;
  const own = blocks.slice(-4 - Math.ceil(length / 32_768), -4);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const sequences = own.map((at) => view.getUint32(at + IN_BLOCK + SEQUENCE));
  return {
    start: file.slice(0, end),
    more(round) {
      for (const [i, at] of own.entries())
        file.set(u32((sequences[i]! + round * length) >>> 0), at + IN_BLOCK + SEQUENCE);
      return file.slice(own[0], end);
    },
  };
}

/** The same connection from another port of the client's. */
function again(file: Uint8Array): (round: number) => Uint8Array {
  const packets = blocksOf(file).map((at) => at + IN_BLOCK);
  return (round) => {
    for (const at of packets) {
      const from = file.subarray(at + 12, at + 16).join('.');
      file.set(u16(40_000 + round), at + 20 + (from === CLIENT ? 0 : 2));
    }
    return file.slice();
  };
}

test('600 MB are read by a process that may have a tenth of it for its objects', async () => {
  await makeCredentials();
  const short = talked(MIB);
  const shortly = again(fileOf(short.wire, short.client.keyLog));
  const long = endless(talked(MIB));
  const arguments_ = ['--max-old-space-size=60', '--input-type=module', '-e', READER];
  const reader = spawn(process.execPath, arguments_, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  reader.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  reader.stdin.on('error', () => {});
  const closed = once(reader, 'close');
  let sent = 0;
  const write = async (bytes: Uint8Array): Promise<void> => {
    sent += bytes.length;
    if (!reader.stdin.write(bytes)) await Promise.race([once(reader.stdin, 'drain'), closed]);
  };
  await write(long.start);
  for (let round = 1; round <= ROUNDS; round++) {
    await write(long.more(round));
    // A section of its own, with its secrets.
    await write(shortly(round));
  }
  reader.stdin.end();
  const [code] = await closed;
  expect([code, said]).toEqual([0, expect.stringContaining('{')]);
  const told = JSON.parse(said);
  expect(sent).toBeGreaterThan(600 * MIB);
  expect(told).toMatchObject({ connections: ROUNDS + 1, opened: ROUNDS * MIB, bytes: sent, problems: 0 });
  expect(told.longest).toBeGreaterThan(ROUNDS * MIB);
  expect(told.resident).toBeLessThan(sent / 3);
}, 60_000);
