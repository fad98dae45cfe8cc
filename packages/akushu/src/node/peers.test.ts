/** Our sockets and servers against those of node:tls, in both directions. */
import { once } from 'node:events';
import type { Server } from 'node:net';
import tls from 'node:tls';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { failure, listen, makePki, type Pki, readAll } from '../../test/support/sockets.js';
import type { TlsError } from '../errors.js';
import { connect, createServer, type ServerOptions, type TlsServer, type TlsSocket } from './index.js';

let pki: Pki;
const open: Server[] = [];

beforeAll(async () => {
  pki = await makePki();
});

afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** Node's server sends no close_notify where it ends within 'secureConnection'. */
const endSoon = (socket: tls.TLSSocket): void => void setImmediate(() => socket.end('x'));

async function startTheirs(options: tls.TlsOptions, serve: (socket: tls.TLSSocket) => void): Promise<number> {
  const server = tls.createServer(
    { minVersion: 'TLSv1.3', cert: pki.server.cert, key: pki.server.keyPem, ...options },
    serve,
  );
  server.on('tlsClientError', () => {});
  open.push(server);
  return listen(server);
}

async function startOurs(
  options: ServerOptions,
  serve: (socket: TlsSocket) => void,
): Promise<{ port: number; server: TlsServer }> {
  const server = createServer({ cert: pki.server.cert, key: pki.server.keyPem, ...options }, serve);
  open.push(server);
  return { port: await listen(server), server };
}

const theirs = (port: number, options: tls.ConnectionOptions = {}): tls.TLSSocket =>
  tls.connect({
    host: '127.0.0.1',
    port,
    minVersion: 'TLSv1.3',
    ca: pki.ca.cert,
    servername: 'localhost',
    ...options,
  });

const MEBIBYTE = Buffer.alloc(1 << 20, (() => Buffer.from(Array.from({ length: 251 }, (_, i) => i)))());

describe('our client and their server', () => {
  const ours = (port: number, options: Parameters<typeof connect>[0] = {}): TlsSocket =>
    connect({ host: '127.0.0.1', port, servername: 'localhost', ca: pki.ca.cert, ...options });

  test('what is written before the handshake is echoed after it', async () => {
    const port = await startTheirs({}, (socket) => void socket.pipe(socket));
    const socket = ours(port);
    socket.end('hello');
    expect((await readAll(socket)).toString()).toBe('hello');
    expect(socket.authorized).toBe(true);
    expect(socket.handshake.version).toBe('TLSv1.3');
    expect(socket.getPeerCertificates()[0]?.subject.text).toContain('localhost');
  });

  test('a mebibyte goes each way', async () => {
    const port = await startTheirs({}, (socket) => void socket.pipe(socket));
    const socket = ours(port);
    socket.end(MEBIBYTE);
    expect((await readAll(socket)).equals(MEBIBYTE)).toBe(true);
  });

  test('an application protocol is agreed upon', async () => {
    const port = await startTheirs({ ALPNProtocols: ['http/1.1'] }, endSoon);
    const socket = ours(port, { ALPNProtocols: ['h2', 'http/1.1'] });
    await once(socket, 'secureConnect');
    expect(socket.alpnProtocol).toBe('http/1.1');
    socket.destroy();
  });

  test('our certificate convinces a server that asks for one', async () => {
    let authorized: boolean | undefined;
    const port = await startTheirs({ requestCert: true, ca: pki.ca.cert }, (socket) => {
      authorized = socket.authorized;
      endSoon(socket);
    });
    const socket = ours(port, { cert: pki.client.cert, key: pki.client.keyPem });
    expect((await readAll(socket)).toString()).toBe('x');
    expect(authorized).toBe(true);
  });

  test('a server that wants a certificate and gets none says so in an alert of its own', async () => {
    const port = await startTheirs({ requestCert: true, ca: pki.ca.cert }, () => {});
    const error = (await failure(ours(port).resume())) as TlsError;
    expect(error).toMatchObject({ code: 'peer_alert', alert: 'certificate_required', sentBy: 'server' });
  });

  test('a certificate of an unknown authority is refused by us', async () => {
    const port = await startTheirs({}, () => {});
    const error = (await failure(ours(port, { ca: pki.other.cert }))) as TlsError;
    expect(error).toMatchObject({ code: 'unknown_ca', alert: 'unknown_ca', sentBy: 'client' });
    expect(error.facts).toMatchObject({ presented: ['localhost', '127.0.0.1', '::1'] });
  });

  test('a certificate for another host is refused, with the names that it has', async () => {
    const port = await startTheirs({ cert: pki.elsewhere.cert, key: pki.elsewhere.keyPem }, () => {});
    const error = (await failure(ours(port))) as TlsError;
    expect(error).toMatchObject({ code: 'hostname_mismatch', sentBy: 'client' });
    expect(error.facts).toMatchObject({ host: 'localhost', presented: ['example.com'] });
  });

  test('an address is verified where no name is given, and no name is sent for it', async () => {
    let name: string | false | null = null;
    const port = await startTheirs({}, (socket) => {
      name = (socket as tls.TLSSocket & { servername: string | false }).servername;
      endSoon(socket);
    });
    const socket = connect({ host: '127.0.0.1', port, ca: pki.ca.cert });
    await readAll(socket);
    expect(socket.authorized).toBe(true);
    expect(name).toBe(false);
  });

  test('an expired certificate is let in without rejectUnauthorized, and told of', async () => {
    const port = await startTheirs({ cert: pki.expired.cert, key: pki.expired.keyPem }, (socket) =>
      socket.end(),
    );
    const socket = ours(port, { rejectUnauthorized: false });
    await readAll(socket);
    expect(socket.authorized).toBe(false);
    expect(socket.authorizationError?.code).toBe('certificate_expired');
  });

  test('a session is resumed', async () => {
    const port = await startTheirs({}, endSoon);
    const first = ours(port);
    const [session] = await once(first.resume(), 'session');
    const second = ours(port, { session });
    await readAll(second);
    expect(second.handshake.resumed).toBe(true);
    expect(second.authorized).toBe(true);
  });

  test('a session is not offered where its certificate is not trusted any more', async () => {
    const port = await startTheirs({}, endSoon);
    const first = ours(port, { rejectUnauthorized: false });
    const [session] = await once(first.resume(), 'session');
    const error = (await failure(ours(port, { session, ca: pki.other.cert }))) as TlsError;
    expect(error.code).toBe('unknown_ca');
    const second = ours(port, { session, servername: 'example.com', rejectUnauthorized: false });
    await readAll(second);
    expect(second.authorizationError?.code).toBe('hostname_mismatch');
  });

  test('both sides export the same keying material', async () => {
    const exported = new Promise<Buffer>((resolve) => {
      void startTheirs({}, (socket) =>
        resolve(socket.exportKeyingMaterial(32, 'EXPERIMENTAL akushu', Buffer.from('c'))),
      ).then((port) => {
        const socket = ours(port);
        socket.on('secureConnect', () => {
          mine = socket.exportKeyingMaterial(32, 'EXPERIMENTAL akushu', Buffer.from('c'));
        });
        socket.on('close', () => {});
        open.push({ close: () => socket.destroy() } as unknown as Server);
      });
    });
    let mine: Buffer | undefined;
    expect((await exported).equals(mine!)).toBe(true);
  });

  test('new keys are taken into use on the way', async () => {
    const port = await startTheirs({}, (socket) => void socket.pipe(socket));
    const socket = ours(port);
    await once(socket, 'secureConnect');
    socket.write('a');
    socket.updateKeys({ requestPeer: true });
    socket.end('b');
    expect((await readAll(socket)).toString()).toBe('ab');
  });
});

describe('their client and our server', () => {
  test('an echo comes back', async () => {
    const { port } = await startOurs({}, (socket) => void socket.pipe(socket));
    const socket = theirs(port);
    socket.end('hello');
    expect((await readAll(socket)).toString()).toBe('hello');
    expect(socket.authorized).toBe(true);
  });

  test('a mebibyte goes each way', async () => {
    const { port } = await startOurs({}, (socket) => void socket.pipe(socket));
    const socket = theirs(port);
    socket.end(MEBIBYTE);
    expect((await readAll(socket)).equals(MEBIBYTE)).toBe(true);
  });

  test('an application protocol is agreed upon, in our order', async () => {
    const { port } = await startOurs({ ALPNProtocols: ['h2', 'http/1.1'] }, (socket) =>
      socket.end(socket.alpnProtocol),
    );
    const socket = theirs(port, { ALPNProtocols: ['http/1.1', 'h2'] });
    expect((await readAll(socket)).toString()).toBe('h2');
  });

  test('no shared protocol is an error of the client, told in tlsClientError', async () => {
    const { port, server } = await startOurs({ ALPNProtocols: ['h2'] }, () => {});
    const told = once(server, 'tlsClientError');
    const socket = theirs(port, { ALPNProtocols: ['smtp'] });
    expect((await failure(socket)).code).toBe('ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL');
    const [error] = await told;
    expect(error).toMatchObject({ code: 'no_shared_alpn', sentBy: 'server' });
  });

  test('a client proves itself with a certificate', async () => {
    const { port } = await startOurs({ requestCert: true, ca: pki.ca.cert }, (socket) =>
      socket.end(`${socket.authorized} ${socket.getPeerCertificates()[0]?.subject.text}`),
    );
    const socket = theirs(port, { cert: pki.client.cert, key: pki.client.keyPem });
    expect((await readAll(socket)).toString()).toBe('true CN=client');
  });

  test.each([
    [
      'without a certificate',
      () => ({}),
      'no_peer_certificate',
      /^ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED$/,
    ],
    [
      'of an unknown authority',
      () => ({ cert: pki.stranger.cert, key: pki.stranger.keyPem }),
      'unknown_ca',
      /^ERR_SSL_TLSV1_ALERT_UNKNOWN_CA$/,
    ],
    [
      'with the certificate of a server',
      () => ({ cert: pki.server.cert, key: pki.server.keyPem }),
      'wrong_certificate_purpose',
      // OpenSSL 3.5 has another word for the versions.
      /^ERR_SSL_SSL(V3|\/TLS)_ALERT_UNSUPPORTED_CERTIFICATE$/,
    ],
  ])('a client %s is refused where one is required', async (_, credentials, code, theirCode) => {
    const { port, server } = await startOurs({ requestCert: true, ca: pki.ca.cert }, () => {});
    const told = once(server, 'tlsClientError');
    const socket = theirs(port, credentials());
    expect((await failure(socket.resume())).code).toMatch(theirCode);
    expect((await told)[0]).toMatchObject({ code });
  });

  test('a stranger is let in without rejectUnauthorized, and told of', async () => {
    const { port } = await startOurs(
      { requestCert: true, rejectUnauthorized: false, ca: pki.ca.cert },
      (socket) => socket.end(`${socket.authorized} ${socket.authorizationError?.code}`),
    );
    const socket = theirs(port, { cert: pki.stranger.cert, key: pki.stranger.keyPem });
    expect((await readAll(socket)).toString()).toBe('false unknown_ca');
    expect((await readAll(theirs(port))).toString()).toBe('false undefined');
  });

  test('the certificate is chosen by the name that the client asks for', async () => {
    const { port } = await startOurs(
      { cert: [pki.server.cert, pki.elsewhere.cert], key: [pki.server.keyPem, pki.elsewhere.keyPem] },
      (socket) => socket.end(),
    );
    const socket = theirs(port, { servername: 'example.com' });
    await once(socket, 'secureConnect');
    expect(socket.getPeerCertificate().subject.CN).toBe('example.com');
    await readAll(socket);
  });

  test('a session is resumed, and is not without tickets', async () => {
    for (const tickets of [undefined, false] as const) {
      const { port } = await startOurs({ tickets }, (socket) => socket.end(String(socket.handshake.resumed)));
      const first = theirs(port);
      let session: Buffer | undefined;
      first.on('session', (ticket) => {
        session = ticket;
      });
      expect((await readAll(first)).toString()).toBe('false');
      const second = theirs(port, session ? { session } : {});
      expect((await readAll(second)).toString()).toBe(String(tickets === undefined));
    }
  });

  test('a client of TLS 1.2 is served by default', async () => {
    const { port } = await startOurs({}, (socket) => void socket.pipe(socket));
    const socket = theirs(port, { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' });
    await once(socket, 'secureConnect');
    expect([socket.getProtocol(), socket.authorized]).toEqual(['TLSv1.2', true]);
    socket.end('hello');
    expect((await readAll(socket)).toString()).toBe('hello');
  });

  test.each([
    ['TLSv1.2', { tls: { versions: [0x0304] } }],
    ['TLSv1.1', {}],
  ] as const)('an old client of at most %s is refused with protocol_version', async (maxVersion, options) => {
    const { port, server } = await startOurs(options, () => {});
    const told = once(server, 'tlsClientError');
    const socket = theirs(port, { minVersion: 'TLSv1.1', maxVersion, ciphers: 'ALL:@SECLEVEL=0' });
    expect((await failure(socket)).code).toMatch(/PROTOCOL_VERSION/);
    expect((await told)[0]).toMatchObject({ sentBy: 'server', code: 'no_shared_version' });
  });
});
