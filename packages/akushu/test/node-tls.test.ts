/** Our connections against node:tls over loopback: exporters, resumption, key logs, both ways. */
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { concat, fromUtf8, toHex } from '../src/bytes/index.js';
import { Connection } from '../src/connection/index.js';
import { nodeProvider as provider } from '../src/crypto/node.js';
import type { ClientConfig, Credential, ServerConfig } from '../src/handshake/index.js';
import type { Session } from '../src/session/index.js';
import { createCertificate, encodePem } from '../src/x509/index.js';
import { trustAll } from './support/credentials.js';

let cert: string;
let key: string;
let ours: Credential;
beforeAll(async () => {
  const pkcs8 = await provider.generatePrivateKey('secp256r1');
  const imported = await provider.importPrivateKey(pkcs8);
  const der = await createCertificate({
    provider,
    subject: 'localhost',
    key: imported,
    altNames: ['localhost'],
    notBefore: Date.UTC(2020, 0, 1),
    notAfter: Date.UTC(2060, 0, 1),
  });
  cert = encodePem('CERTIFICATE', der);
  key = encodePem('PRIVATE KEY', pkcs8);
  ours = { chain: [der], key: imported };
});

const open: { destroy(): void }[] = [];
const servers: net.Server[] = [];
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

async function listen(server: net.Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

interface Wired {
  readonly connection: Connection;
  readonly socket: net.Socket;
  /** Settles when the handshake is done, or has failed. */
  readonly ready: Promise<void>;
  /** Settles when so many bytes have come. */
  receives(bytes: number): Promise<Uint8Array>;
}

function wire(
  socket: net.Socket,
  make: (handlers: ConstructorParameters<typeof Connection>[2]) => Connection,
): Wired {
  open.push(socket);
  const received: Uint8Array[] = [];
  let arrived: () => void = () => {};
  const length = (): number => received.reduce((sum, bytes) => sum + bytes.length, 0);
  let connection: Connection | undefined;
  const ready = new Promise<void>((resolve, reject) => {
    connection = make({
      output: (pieces) => {
        for (const piece of pieces) socket.write(piece);
      },
      established: () => resolve(),
      data(bytes) {
        received.push(bytes.slice());
        arrived();
      },
      error: reject,
    });
  });
  const wired = connection!;
  socket.on('data', (bytes) => wired.receive(bytes));
  socket.on('error', () => {});
  return {
    connection: wired,
    socket,
    ready,
    async receives(bytes) {
      while (length() < bytes) {
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
      return concat(...received);
    },
  };
}

async function dial(port: number, config: Partial<ClientConfig> = {}): Promise<Wired> {
  const socket = net.connect(port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  const wired = wire(
    socket,
    (handlers) =>
      new Connection(
        'client',
        { provider, serverName: 'localhost', now: Date.now, verifyPeer: trustAll, ...config },
        handlers,
      ),
  );
  wired.connection.start();
  await wired.ready;
  return wired;
}

/** A server of node:tls and what it saw. */
async function nodeServer() {
  const connections: tls.TLSSocket[] = [];
  let next: (socket: tls.TLSSocket) => void = () => {};
  const lines: string[] = [];
  const server = tls.createServer({ cert, key, minVersion: 'TLSv1.3' }, (socket) => {
    connections.push(socket);
    open.push(socket);
    socket.on('error', () => {});
    socket.on('data', (data) => socket.write(data));
    next(socket);
  });
  server.on('keylog', (line: Buffer) => lines.push(line.toString().trim()));
  const accepted = (): Promise<tls.TLSSocket> =>
    new Promise((resolve) => {
      next = resolve;
    });
  return { port: await listen(server), accepted, lines };
}

test('exported keying material is that of node:tls, whatever label, context and length', async () => {
  const { port, accepted } = await nodeServer();
  const theirs = accepted();
  const client = await dial(port);
  const socket = await theirs;
  for (const [label, context, length] of [
    ['EXPORTER-Channel-Binding', '', 32],
    ['EXPERIMENTAL one', 'a context', 77],
  ] as const) {
    const expected = socket.exportKeyingMaterial(length, label, Buffer.from(context));
    expect(toHex(client.connection.exportKeyingMaterial(label, fromUtf8(context), length))).toBe(
      expected.toString('hex'),
    );
  }
});

test('our key log has the lines of node:tls', async () => {
  const { port, accepted, lines } = await nodeServer();
  const own: string[] = [];
  const theirs = accepted();
  await dial(port, { keyLog: (line) => void own.push(line) });
  await theirs;
  expect(own.toSorted()).toEqual(lines.toSorted());
});

test('tickets of node:tls resume', async () => {
  const { port } = await nodeServer();
  const sessions: Session[] = [];
  const first = await dial(port, { onSession: (session) => void sessions.push(session) });
  first.connection.write(fromUtf8('hello'));
  await first.receives(5);
  expect(sessions.length).toBeGreaterThan(0);
  const second = await dial(port, { session: sessions[0]! });
  expect(second.connection.summary?.resumed).toBe(true);
});

test('node:tls follows our key updates, and answers our requests for its own', async () => {
  const { port } = await nodeServer();
  const generations: number[] = [];
  const client = await dial(port, {
    trace: (event) => {
      if (event.kind === 'key' && event.sender === 'server') generations.push(event.generation);
    },
  });
  for (let i = 0; i < 3; i++) {
    client.connection.updateKeys(true);
    client.connection.write(fromUtf8('ab'));
    expect((await client.receives(2 * (i + 1))).length).toBe(2 * (i + 1));
  }
  expect(generations.at(-1)).toBe(3);
});

async function ourServer(config: Partial<ServerConfig> = {}) {
  const wired: Wired[] = [];
  const server = net.createServer((socket) => {
    const one: Wired = wire(
      socket,
      (handlers) =>
        new Connection(
          'server',
          { provider, now: Date.now, credentials: [ours], verifyPeer: trustAll, ...config },
          { ...handlers, data: (bytes) => one.connection.write(bytes) },
        ),
    );
    one.ready.catch(() => {});
    wired.push(one);
  });
  return { port: await listen(server), wired };
}

async function nodeClient(port: number, options: tls.ConnectionOptions = {}): Promise<tls.TLSSocket> {
  const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: cert, ...options });
  open.push(socket);
  await new Promise((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

test('a client of node:tls trusts our server, exports what it exports and gets its data back', async () => {
  const { port, wired } = await ourServer({ alpn: ['h2'] });
  const socket = await nodeClient(port, { ALPNProtocols: ['h2', 'http/1.1'] });
  expect([socket.authorized, socket.getProtocol(), socket.alpnProtocol]).toEqual([true, 'TLSv1.3', 'h2']);
  const expected = socket.exportKeyingMaterial(40, 'EXPORTER-test', Buffer.from('x'));
  await wired[0]!.ready;
  expect(toHex(wired[0]!.connection.exportKeyingMaterial('EXPORTER-test', fromUtf8('x'), 40))).toBe(
    expected.toString('hex'),
  );
  const large = Buffer.alloc(100_000, 7);
  socket.write(large);
  let got = 0;
  await new Promise<void>((resolve) => {
    socket.on('data', (data) => {
      got += data.length;
      if (got === large.length) resolve();
    });
  });
});

test('a client of node:tls that cannot agree with us is told why', async () => {
  const { port } = await ourServer({ alpn: ['h2'] });
  await expect(nodeClient(port, { ALPNProtocols: ['smtp'] })).rejects.toMatchObject({
    code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL',
  });
  const modern = await ourServer({ versions: [0x0304] });
  await expect(nodeClient(modern.port, { maxVersion: 'TLSv1.2' })).rejects.toMatchObject({
    code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  });
});

test('a client of node:tls shows its certificate to our server', async () => {
  const { port, wired } = await ourServer({ clientAuth: 'require' });
  await nodeClient(port, { cert, key });
  await wired[0]!.ready;
  expect(wired[0]!.connection.summary?.peerCertificates).toEqual(ours.chain);
});
