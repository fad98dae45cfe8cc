/** Certificates, servers and small waits for tests with sockets. */
import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { nodeProvider } from '../../src/crypto/node.js';
import type { PrivateKey } from '../../src/crypto/provider.js';
import type { Credential } from '../../src/handshake/index.js';
import { type CertificateRequestOptions, createCertificate, encodePem } from '../../src/x509/index.js';

const DAY = 86_400_000;

export interface Identity extends Credential {
  readonly cert: string;
  readonly keyPem: string;
}

async function identity(
  options: Partial<CertificateRequestOptions>,
  chain: readonly Uint8Array[] = [],
): Promise<Identity> {
  const pkcs8 = await nodeProvider.generatePrivateKey('secp256r1');
  const key: PrivateKey = await nodeProvider.importPrivateKey(pkcs8);
  const now = Date.now();
  const certificate = await createCertificate({
    provider: nodeProvider,
    subject: 'test',
    notBefore: now - DAY,
    notAfter: now + DAY,
    ...options,
    ...(options.issuer ? { publicKey: key.spki } : { key }),
  });
  const ders = [certificate, ...chain];
  return {
    chain: ders,
    key,
    cert: ders.map((der) => encodePem('CERTIFICATE', der)).join(''),
    keyPem: encodePem('PRIVATE KEY', pkcs8),
  };
}

/** A small authority with a server for localhost and a client. */
export async function makePki() {
  const ca = await identity({ subject: 'Test Root', isCa: true });
  const other = await identity({ subject: 'Other Root', isCa: true });
  const issuer = { certificate: ca.chain[0]!, key: ca.key };
  const altNames = ['localhost', '127.0.0.1', '::1'];
  return {
    ca,
    other,
    server: await identity({ subject: 'localhost', altNames, issuer, extKeyUsage: ['serverAuth'] }, ca.chain),
    elsewhere: await identity({ subject: 'example.com', altNames: ['example.com'], issuer }),
    expired: await identity({ subject: 'localhost', altNames, issuer, notBefore: 0, notAfter: DAY }),
    client: await identity({
      subject: 'client',
      altNames: ['client@example.com'],
      issuer,
      extKeyUsage: ['clientAuth'],
    }),
    stranger: await identity({
      subject: 'stranger',
      issuer: { certificate: other.chain[0]!, key: other.key },
    }),
  };
}

export type Pki = Awaited<ReturnType<typeof makePki>>;

/** Listens on a free port of 127.0.0.1. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A TCP server that does what the test says. */
export function tcpServer(serve: (socket: Socket) => void): Server {
  return createTcpServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    serve(socket);
  });
}

/** The error of a stream; fails where it closes without one. */
export function failure(stream: Duplex): Promise<Error & { code?: string }> {
  return new Promise((resolve, reject) => {
    stream.once('error', resolve);
    stream.once('close', () => reject(new Error('closed without an error')));
  });
}

/** All that comes until the end. */
export async function readAll(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until something holds; the test's own deadline is the limit. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(5);
}
