/**
 * Reading a capture, beside tshark in the same run: makes a file of 200 MiB with connections of TLS 1.3 and 1.2, long and
 * short, sixteen at a time, and reads it with and without its keys. Exits with 1 where tshark is faster.
 * `npm run bench:observe [-- SIZE_IN_MIB]`.
 */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  createReadStream,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from 'akushu';
import { nodeProvider } from 'akushu/crypto/node';
import { observe, writePcapng } from 'akushu/observe';
import { createCertificate } from 'akushu/x509';

const SIZE = Number(process.argv[2] ?? 200) * 1024 * 1024;
const AT_A_TIME = 16;
const START = Date.UTC(2026, 0, 1);

const now = () => Date.now();
const key = await nodeProvider.importPrivateKey(await nodeProvider.generatePrivateKey('secp256r1'));
const certificate = await createCertificate({
  provider: nodeProvider,
  subject: 'localhost',
  altNames: ['localhost'],
  key,
  notBefore: now() - 60_000,
  notAfter: now() + 86_400_000,
});

/** One connection, as what each side put on the wire. */
function record(version, suite, request, response) {
  const events = [];
  const keyLog = [];
  const common = {
    provider: nodeProvider,
    now,
    versions: [version],
    cipherSuites: [suite],
    keyLog: (line) => keyLog.push(line),
  };
  const queue = [];
  const fail = (error) => {
    throw error;
  };
  const from = (side) => (pieces) => {
    const bytes = new Uint8Array(Buffer.concat(pieces));
    events.push({ t: START + events.length, from: side, bytes });
    queue.push([side, bytes]);
  };
  const client = new Connection(
    'client',
    { ...common, serverName: 'localhost', verifyPeer: () => ({ trusted: true }) },
    { output: from('client'), error: fail },
  );
  const server = new Connection(
    'server',
    { ...common, credentials: [{ chain: [certificate], key }] },
    { output: from('server'), error: fail },
  );
  const pump = () => {
    while (queue.length > 0) {
      const [side, bytes] = queue.shift();
      (side === 'client' ? server : client).receive(bytes);
    }
  };
  client.start();
  pump();
  client.write(new Uint8Array(request).fill(0x61));
  pump();
  for (let sent = 0; sent < response; sent += 65_536)
    server.write(new Uint8Array(Math.min(65_536, response - sent)).fill(0x62));
  pump();
  client.close();
  pump();
  server.close();
  pump();
  const ends = { client: { address: '10.0.0.1', port: 1 }, server: { address: '192.0.2.1', port: 443 } };
  return { packets: packetsOf(writePcapng([{ ...ends, events }])), keyLog };
}

/** The packets of a pcapng file that `writePcapng` made. */
function packetsOf(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const packets = [];
  for (let at = 0; at < file.length; at += view.getUint32(at + 4)) {
    if (view.getUint32(at) !== 6) continue;
    packets.push(file.slice(at + 28, at + 28 + view.getUint32(at + 20)));
  }
  return packets;
}

/** A packet as another client's: address and port changed in place. */
function writeAs(packet, client, out, at) {
  out.set(packet, at);
  const fromClient = packet[12] === 10;
  const address = at + (fromClient ? 12 : 16) + 1;
  const port = at + 20 + (fromClient ? 0 : 2);
  out[address] = client >> 16;
  out[address + 1] = client >> 8;
  out[address + 2] = client;
  out[port] = 0x40 | (client & 0x3f);
  out[port + 1] = client >> 6;
}

function makeCapture(path, kinds) {
  const file = openSync(path, 'w');
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt32LE(0x00040002, 4);
  header.writeUInt32LE(262_144, 16);
  header.writeUInt32LE(101, 20);
  writeSync(file, header);
  const running = [];
  let clients = 0;
  let packets = 0;
  let written = 24;
  let time = START * 1000;
  const out = Buffer.alloc(4 * 1024 * 1024);
  let filled = 0;
  while (written < SIZE || running.length > 0) {
    while (running.length < AT_A_TIME && written < SIZE)
      running.push({ packets: kinds[clients % kinds.length].packets, next: 0, client: ++clients });
    const turn = packets++ % running.length;
    const connection = running[turn];
    const packet = connection.packets[connection.next++];
    if (connection.next === connection.packets.length) running.splice(turn, 1);
    time += 10;
    out.writeUInt32LE(Math.floor(time / 1e6), filled);
    out.writeUInt32LE(time % 1e6, filled + 4);
    out.writeUInt32LE(packet.length, filled + 8);
    out.writeUInt32LE(packet.length, filled + 12);
    writeAs(packet, connection.client, out, filled + 16);
    filled += 16 + packet.length;
    written += 16 + packet.length;
    if (filled > out.length - 70_000) {
      writeSync(file, out, 0, filled);
      filled = 0;
    }
  }
  writeSync(file, out, 0, filled);
  closeSync(file);
  return { packets, connections: clients };
}

const seconds = (start) => Number(process.hrtime.bigint() - start) / 1e9;

async function ours(path, keyLog) {
  const start = process.hrtime.bigint();
  let connections = 0;
  let plaintext = 0;
  const options = {
    provider: nodeProvider,
    keyLog,
    ...(keyLog && { onPlaintext: (_, bytes) => (plaintext += bytes.length) }),
  };
  for await (const seen of observe(createReadStream(path, { highWaterMark: 1024 * 1024 }), options)) {
    if (seen.kind === 'connection' && seen.tls?.serverHello) connections++;
  }
  return { time: seconds(start), connections, plaintext };
}

function tshark(path, keyLogPath) {
  const start = process.hrtime.bigint();
  const keys = keyLogPath ? ['-o', `tls.keylog_file:${keyLogPath}`] : [];
  const args = [
    '-n',
    '-r',
    path,
    ...keys,
    '-Y',
    'tls.handshake.type == 2',
    '-T',
    'fields',
    '-e',
    'tcp.stream',
  ];
  const { status, stdout, stderr } = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(stderr);
  return { time: seconds(start), connections: stdout.trim().split('\n').length };
}

const folder = mkdtempSync(join(tmpdir(), 'observe-'));
try {
  const kinds = [
    record(0x0304, 0x1301, 300, 1_000_000),
    record(0x0304, 0x1302, 400, 12_000),
    record(0x0303, 0xc02b, 500, 300_000),
    record(0x0304, 0x1303, 600, 2_000),
    record(0x0303, 0xc02c, 700, 40_000),
    record(0x0304, 0x1301, 800, 100),
  ];
  const path = join(folder, 'capture.pcap');
  const made = makeCapture(path, kinds);
  const keyLog = `${kinds.flatMap((kind) => kind.keyLog).join('\n')}\n`;
  const keyLogPath = join(folder, 'keys.txt');
  writeFileSync(keyLogPath, keyLog);
  const size = statSync(path).size / 1024 / 1024;
  console.log(
    `${size.toFixed(0)} MiB, ${made.packets.toLocaleString('en')} packets, ${made.connections.toLocaleString('en')} connections`,
  );
  const hasTshark = spawnSync('tshark', ['--version']).status === 0;
  let slower = false;
  for (const [name, keys, keysPath] of [
    ['without keys', undefined, undefined],
    ['with keys', keyLog, keyLogPath],
  ]) {
    const mine = [await ours(path, keys), await ours(path, keys)].sort((a, b) => a.time - b.time)[0];
    if (mine.connections !== made.connections)
      throw new Error(`akushu read ${mine.connections} of ${made.connections} connections`);
    const rate = (time) => `${time.toFixed(2)} s, ${(size / time).toFixed(0)} MiB/s`;
    console.log(`${name}`);
    console.log(`  akushu   ${rate(mine.time)}, ${(mine.plaintext / 1e6).toFixed(0)} MB of plaintext`);
    if (!hasTshark) continue;
    const theirs = tshark(path, keysPath);
    console.log(
      `  tshark   ${rate(theirs.time)}   akushu is ${(theirs.time / mine.time).toFixed(1)} times as fast`,
    );
    if (theirs.connections !== made.connections)
      console.log(`  tshark found ${theirs.connections} of ${made.connections} connections`);
    slower ||= theirs.time < mine.time;
  }
  console.log(`peak memory ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
  if (!hasTshark) console.log('tshark is not installed: nothing to compare with');
  process.exitCode = slower ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}
