/** A connection recorded through the sockets, written as pcapng, and read by tshark: decrypted. */
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, localhostCredential, type TransportEvent } from 'akushu/node';
import { type CapturedConnection, type CaptureEvent, writePcapng } from 'akushu/observe';
import { beforeAll, describe, expect, test } from 'vitest';

const hasTshark = spawnSync('tshark', ['--version']).status === 0;

/** A request over HTTP, as the client's transport saw it. */
async function record(): Promise<CapturedConnection> {
  const credential = await localhostCredential();
  const server = createServer({ credentials: [credential] }, (socket) => {
    socket.once('data', () =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: akushu-test\r\n\r\nhello'),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const seen: TransportEvent[] = [];
  const keyLog: string[] = [];
  const socket = connect({
    host: '127.0.0.1',
    port,
    ca: credential.certificatePem,
    keyLog: (line) => keyLog.push(line),
    onTransport: (event) => seen.push(event),
  });
  socket.write('GET /secret HTTP/1.1\r\nHost: localhost\r\n\r\n');
  socket.resume();
  await once(socket, 'close');
  server.close();
  const opened = seen.find((event) => event.kind === 'connect')!;
  const events = seen.flatMap((event): CaptureEvent[] => {
    if (event.kind === 'bytes') return [{ t: event.t, from: event.from, bytes: event.bytes }];
    return event.kind === 'end' ? [{ t: event.t, from: event.from, end: true }] : [];
  });
  return { client: opened.local, server: opened.remote, openedAt: opened.t, events, keyLog };
}

describe.skipIf(!hasTshark)('a recorded connection', () => {
  let connection: CapturedConnection;

  beforeAll(async () => {
    connection = await record();
  });

  function tshark(file: Uint8Array, filter: string, ...fields: string[]): string[] {
    const folder = mkdtempSync(join(tmpdir(), 'capture-'));
    try {
      const path = join(folder, 'x.pcapng');
      writeFileSync(path, file);
      const decode = ['-d', `tcp.port==${connection.server.port},tls`];
      const args = [
        '-r',
        path,
        ...decode,
        '-Y',
        filter,
        '-T',
        'fields',
        ...fields.flatMap((field) => ['-e', field]),
      ];
      return execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
        .split('\n')
        .filter(Boolean);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test('opens decrypted: Wireshark reads request and answer', () => {
    const file = writePcapng([connection]);
    expect(tshark(file, 'http.request', 'http.request.uri')).toEqual(['/secret']);
    expect(tshark(file, 'http.response', 'http.server')).toEqual(['akushu-test']);
    expect(tshark(file, 'tls.handshake.type == 20', 'tls.handshake.type').join()).toContain('20');
  });

  test('stays closed without its secrets', () => {
    expect(tshark(writePcapng([{ ...connection, keyLog: [] }]), 'http', 'http.request.uri')).toEqual([]);
  });

  test('has nothing that TCP would complain of, whatever the size of its segments', () => {
    for (const segmentSize of [1460, 500, 1e6]) {
      const file = writePcapng([connection], { segmentSize });
      expect(tshark(file, 'tcp.analysis.flags || _ws.malformed', 'frame.number')).toEqual([]);
      expect(tshark(file, 'http.request', 'http.request.uri')).toEqual(['/secret']);
    }
  });

  test('two connections share a file', () => {
    const other = { ...connection, client: { ...connection.client, port: 1234 } };
    const file = writePcapng([connection, other]);
    expect(tshark(file, 'http.request', 'http.request.uri')).toEqual(['/secret', '/secret']);
  });
});
