/** Our sockets against each other and against plain TCP: ends, failures, backpressure, callbacks that throw. */
import { type EventEmitter, once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  delay,
  failure,
  listen,
  makePki,
  type Pki,
  readAll,
  tcpServer,
  until,
} from '../../test/support/sockets.js';
import { nodeProvider } from '../crypto/node.js';
import type { TlsError } from '../errors.js';
import { SelfEncryptedTickets, type Session } from '../session/index.js';
import type { TraceEvent } from '../trace/index.js';
import {
  type ConnectOptions,
  connect,
  createServer,
  type ServerOptions,
  type TlsServer,
  type TlsSocket,
  type TransportEvent,
} from './index.js';

let pki: Pki;
const open: Server[] = [];
const sockets = new Set<Socket>();
const uncaught: unknown[] = [];
const catchIt = (error: unknown): void => void uncaught.push(error);

beforeAll(async () => {
  pki = await makePki();
  process.on('unhandledRejection', catchIt);
  process.on('uncaughtExceptionMonitor', catchIt);
});

beforeEach(() => void uncaught.splice(0));

afterEach(() => {
  for (const server of open.splice(0)) server.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  expect(uncaught).toEqual([]);
});

afterAll(() => {
  process.off('unhandledRejection', catchIt);
  process.off('uncaughtExceptionMonitor', catchIt);
});

async function tcp(serve: (socket: Socket) => void): Promise<number> {
  const server = tcpServer((socket) => {
    sockets.add(socket);
    serve(socket);
  });
  open.push(server);
  return listen(server);
}

async function start(
  serve: (socket: TlsSocket) => void,
  options: ServerOptions = {},
): Promise<{ port: number; server: TlsServer }> {
  const server = createServer({ cert: pki.server.cert, key: pki.server.keyPem, ...options }, serve);
  server.on('connection', (socket) => sockets.add(socket));
  open.push(server);
  return { port: await listen(server), server };
}

const dial = (port: number, options: ConnectOptions = {}): TlsSocket =>
  connect({ host: '127.0.0.1', port, ca: pki.ca.cert, ...options });

/** Names of all that a socket emits, in order. */
function eventsOf(socket: EventEmitter, ...names: string[]): string[] {
  const seen: string[] = [];
  for (const name of names) socket.on(name, () => seen.push(name));
  return seen;
}

describe('the end', () => {
  test('events come in the order in which things happen', async () => {
    const { port } = await start((socket) => void socket.pipe(socket));
    const socket = dial(port);
    const seen = eventsOf(socket, 'connect', 'secureConnect', 'data', 'end', 'finish', 'close', 'error');
    socket.end('x');
    await once(socket, 'close');
    expect(seen.filter((name) => name !== 'finish')).toEqual([
      'connect',
      'secureConnect',
      'data',
      'end',
      'close',
    ]);
    expect(seen.indexOf('finish')).toBeGreaterThan(seen.indexOf('secureConnect'));
  });

  test('after our close_notify data still comes', async () => {
    const { port } = await start(
      (socket) => {
        socket.resume();
        socket.on('end', () => setTimeout(() => socket.end('late'), 20));
      },
      { allowHalfOpen: true },
    );
    const socket = dial(port);
    socket.end('request');
    expect((await readAll(socket)).toString()).toBe('late');
  });

  test('with allowHalfOpen we write on after the close_notify of the peer', async () => {
    let got = '';
    const { port } = await start(
      (socket) => {
        socket.end('bye');
        socket.on('data', (bytes) => {
          got += bytes;
        });
      },
      { allowHalfOpen: true },
    );
    const socket = dial(port, { allowHalfOpen: true });
    socket.resume();
    await once(socket, 'end');
    expect([socket.destroyed, socket.writable]).toEqual([false, true]);
    socket.end('still here');
    await once(socket, 'close');
    await until(() => got === 'still here');
  });

  test('writing after the end is an error', async () => {
    const { port } = await start((socket) => void socket.resume());
    const socket = dial(port);
    socket.end('x');
    socket.write('y');
    expect((await failure(socket)).code).toBe('ERR_STREAM_WRITE_AFTER_END');
  });

  test('a FIN without close_notify is truncated_close, after the data that came before it', async () => {
    const { port } = await start((socket) => {
      socket.write('half', () => {
        for (const raw of sockets) raw.end();
      });
      socket.on('error', () => {});
    });
    const socket = dial(port);
    await once(socket, 'readable');
    await delay(50);
    const failed = failure(socket);
    expect(String(socket.read())).toBe('half');
    expect(await failed).toMatchObject({ code: 'truncated_close', sentBy: null });
    expect(socket.readableEnded).toBe(false);
  });

  test('a server that closes in mid-handshake is told as that', async () => {
    const port = await tcp((socket) => socket.once('data', () => socket.end()));
    expect(await failure(dial(port))).toMatchObject({ code: 'closed_during_handshake' });
  });

  test('destroy in mid-handshake closes without an error, and aborts what was asked', async () => {
    const port = await tcp((socket) => void socket.resume());
    const socket = dial(port);
    const seen = eventsOf(socket, 'error', 'close', 'secureConnect');
    await once(socket, 'connect');
    socket.destroy();
    await once(socket, 'close');
    await delay(20);
    expect(seen).toEqual(['close']);
  });

  test('destroying a server socket while its key is signing aborts the signature', async () => {
    let signal: AbortSignal | undefined;
    const key = {
      ...keyOf(pki.server),
      sign: (_scheme: string, _message: Uint8Array, options?: { signal?: AbortSignal }) => {
        signal = options?.signal;
        return new Promise<Uint8Array>(() => {});
      },
    };
    const { port } = await start(() => {}, {
      cert: [],
      key: [],
      credentials: [{ chain: pki.server.chain, key }],
    });
    const socket = dial(port);
    socket.on('error', () => {});
    await until(() => signal !== undefined);
    socket.destroy();
    await until(() => signal!.aborted);
  });

  test('an AbortSignal ends the connection with an AbortError, also where it was aborted before', async () => {
    const port = await tcp(() => {});
    const controller = new AbortController();
    const socket = dial(port, { signal: controller.signal });
    await once(socket, 'connect');
    const failed = failure(socket);
    controller.abort();
    expect((await failed).name).toBe('AbortError');
    expect((await failure(dial(port, { signal: AbortSignal.abort() }))).name).toBe('AbortError');
  });

  test('a write that is under way when the socket is destroyed gets its callback', async () => {
    const port = await tcp(() => {});
    const socket = dial(port);
    const told = new Promise<Error | null | undefined>((resolve) => socket.write('x', resolve));
    await once(socket, 'connect');
    socket.destroy();
    expect(await told).toBeInstanceOf(Error);
  });
});

const keyOf = ({ key }: Pki['server']) => ({
  schemes: key.schemes,
  spki: key.spki,
  sign: (scheme: string, message: Uint8Array) => key.sign(scheme, message),
});

describe('failures', () => {
  test('a port where nobody listens is ECONNREFUSED', async () => {
    const server = tcpServer(() => {});
    const port = await listen(server);
    server.close();
    await once(server, 'close');
    const socket = dial(port);
    const seen = eventsOf(socket, 'error', 'close');
    expect((await failure(socket)).code).toBe('ECONNREFUSED');
    await delay(10);
    expect(seen).toEqual(['error', 'close']);
  });

  test('a silent server is handshake_timeout in the handshake', async () => {
    const port = await tcp((socket) => void socket.resume());
    const error = (await failure(dial(port, { timeout: 50 }))) as TlsError;
    expect(error).toMatchObject({ code: 'handshake_timeout', sentBy: 'client' });
    expect(error.facts).toMatchObject({ phase: 'handshake', timeout: 50, receivedAnything: false });
  });

  test('a connection that TCP does not open is told apart from it', async () => {
    // A stream that stays where a TCP socket is before its connection.
    const stream = Object.assign(new Duplex({ read() {}, write() {} }), { connecting: true });
    const error = (await failure(connect({ socket: stream, ca: pki.ca.cert, timeout: 20 }))) as TlsError;
    expect(error).toMatchObject({ code: 'handshake_timeout', sentBy: null });
    expect(error.facts.phase).toBe('connect');
  });

  test('a silent client is handshake_timeout at the server', async () => {
    const { port, server } = await start(() => {}, { handshakeTimeout: 50 });
    const told = once(server, 'tlsClientError');
    const { connect: tcpConnect } = await import('node:net');
    const socket = tcpConnect(port, '127.0.0.1');
    socket.resume();
    const [error] = await told;
    expect(error).toMatchObject({ code: 'handshake_timeout' });
    await once(socket, 'close');
  });

  test('a server that speaks HTTP is not_tls_http', async () => {
    const port = await tcp((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    );
    expect(await failure(dial(port))).toMatchObject({ code: 'not_tls_http' });
  });

  test('a client that speaks HTTP is not_tls_http at the server', async () => {
    const { port, server } = await start(() => {});
    const told = once(server, 'tlsClientError');
    const { connect: tcpConnect } = await import('node:net');
    tcpConnect(port, '127.0.0.1').end('GET / HTTP/1.1\r\n\r\n').resume();
    expect((await told)[0]).toMatchObject({ code: 'not_tls_http' });
  });

  test('the alert arrives although the client is still sending', async () => {
    const { port } = await start(() => {}, { requestCert: true, ca: pki.ca.cert });
    for (let i = 0; i < 10; i++) {
      const socket = dial(port, { cert: pki.stranger.cert, key: pki.stranger.keyPem });
      socket.write(Buffer.alloc(8 << 20));
      expect(await failure(socket)).toMatchObject({
        code: 'peer_alert',
        alert: 'unknown_ca',
        sentBy: 'server',
      });
    }
  });

  test('options that nobody can understand are refused at once', () => {
    expect(() => dial(1, { ciphers: ['TLS_NO_SUCH'] })).toThrow(RangeError);
    expect(() => connect({})).toThrow(TypeError);
    expect(() => dial(1, { cert: pki.client.cert })).toThrow(TypeError);
    expect(() => dial(1, { cert: pki.client.cert, key: pki.server.keyPem })).toThrow('key_does_not_match');
    expect(() => dial(1, { ca: 'nothing' })).toThrow('not_a_certificate');
  });
});

describe('backpressure', () => {
  const BIG = 8 << 20;

  test('a slow reader stops the writer, and gets everything in the end', async () => {
    let written = 0;
    let writer: TlsSocket | undefined;
    const { port } = await start((socket) => {
      writer = socket;
      const piece = Buffer.alloc(65_536, 7);
      const more = (): void => {
        while (written < BIG) {
          written += piece.length;
          if (!socket.write(piece)) return void socket.once('drain', more);
        }
        socket.end();
      };
      more();
    });
    const socket = dial(port);
    await once(socket, 'secureConnect');
    let before = -1;
    while (before !== written || written === 0) {
      before = written;
      await delay(100);
    }
    // What is on the way fits into the buffers of the system and of the two sockets.
    expect(written).toBeLessThan(BIG);
    expect(socket.readableLength).toBeLessThan(1 << 18);
    expect(writer!.writableLength).toBeLessThan(1 << 18);
    expect((await readAll(socket)).length).toBe(BIG);
    expect(written).toBe(BIG);
  });

  test('one large write is sealed as the transport takes it', async () => {
    const size = 32 << 20;
    const { port } = await start((socket) => void socket.end(Buffer.alloc(size, 1)));
    const socket = dial(port);
    await once(socket, 'secureConnect');
    await until(() => [...sockets].some((raw) => raw.bytesWritten > 100_000));
    await delay(50);
    for (const raw of sockets) expect(raw.writableLength).toBeLessThan(1 << 18);
    expect((await readAll(socket)).length).toBe(size);
  });

  test('small writes of one turn share a record', async () => {
    const { port } = await start((socket) => void socket.pipe(socket));
    const lengths: number[] = [];
    const socket = dial(port, {
      trace: (event) => {
        if (event.kind === 'record' && event.from === 'client' && event.innerType === 23)
          lengths.push(event.length);
      },
    });
    await once(socket, 'secureConnect');
    for (let i = 0; i < 100; i++) socket.write('0123456789');
    socket.end();
    expect((await readAll(socket)).length).toBe(1000);
    expect(lengths.length).toBeLessThanOrEqual(2);
  });

  test('ChangeCipherSpec, Finished and the first data are one write', async () => {
    const { port } = await start((socket) => void socket.pipe(socket));
    const sent: TransportEvent[] = [];
    const socket = dial(port, {
      onTransport: (event) => void (event.kind === 'bytes' && event.from === 'client' && sent.push(event)),
    });
    socket.write('queued');
    socket.once('secureConnect', () => socket.write('first'));
    await once(socket, 'data');
    expect(sent).toHaveLength(2);
    socket.destroy();
  });

  test('input waits while an answer is awaited, and goes on after it', async () => {
    const size = 6 << 20;
    let asked = false;
    const { port } = await start(
      (socket) => {
        socket.requestClientCertificate();
        socket.write(Buffer.alloc(size));
        socket.on('peerAuthenticated', (chain) => socket.end(String(chain.length)));
        socket.resume();
      },
      { ca: pki.ca.cert },
    );
    const socket = dial(port, {
      tls: {
        postHandshakeAuth: true,
        chooseCredential: async () => {
          asked = true;
          await delay(100);
          return pki.client;
        },
      },
    });
    const bytes = await readAll(socket);
    expect(asked).toBe(true);
    expect(bytes.length).toBe(size + 1);
    expect(bytes.toString('latin1', size)).toBe('1');
  });
});

describe('callbacks', () => {
  test('a key that signs later is waited for', async () => {
    const key = {
      ...keyOf(pki.server),
      sign: async (scheme: string, message: Uint8Array) => {
        await delay(30);
        return pki.server.key.sign(scheme, message);
      },
    };
    const { port } = await start((socket) => socket.end('signed'), {
      cert: [],
      key: [],
      credentials: [{ chain: pki.server.chain, key }],
    });
    expect((await readAll(dial(port))).toString()).toBe('signed');
  });

  test('a key that refuses to sign ends the handshake with callback_failed', async () => {
    const key = { ...keyOf(pki.server), sign: () => Promise.reject(new Error('no')) };
    const { port, server } = await start(() => {}, {
      cert: [],
      key: [],
      credentials: [{ chain: pki.server.chain, key }],
    });
    const told = once(server, 'tlsClientError');
    expect(await failure(dial(port))).toMatchObject({
      code: 'peer_alert',
      alert: 'internal_error',
      sentBy: 'server',
    });
    expect((await told)[0]).toMatchObject({ code: 'callback_failed', cause: new Error('no') });
  });

  const boom = (): never => {
    throw new Error('boom');
  };

  test.each<[string, ServerOptions]>([
    ['chooseAlpn', { tls: { chooseAlpn: boom } }],
    ['chooseCredential', { tls: { chooseCredential: boom } }],
    ['a trace', { trace: () => boom }],
    ['a key log', { keyLog: boom }],
    ['an observer of the transport', { onTransport: () => boom }],
    ['the maker of a trace', { trace: boom }],
    ['the maker of an observer', { onTransport: boom }],
  ])('%s that throws ends the connection at the server, not the process', async (_, options) => {
    const { port, server } = await start((socket) => void socket.resume(), options);
    const told = once(server, 'tlsClientError');
    const socket = dial(port, { ALPNProtocols: ['h2'] });
    socket.on('error', () => {});
    socket.resume();
    expect((await told)[0]).toMatchObject({ code: 'callback_failed', cause: new Error('boom') });
    await until(() => socket.closed);
  });

  test.each<[string, ConnectOptions]>([
    ['verifyPeer', { tls: { verifyPeer: boom } }],
    ['a trace', { trace: boom }],
    [
      'a trace that throws at the end',
      { trace: (event: TraceEvent) => (event.kind === 'state' ? boom() : undefined) },
    ],
    ['a key log', { keyLog: boom }],
    ['an observer of the transport', { onTransport: boom }],
    ['onSession', { tls: { onSession: boom } }],
    ['shapeHello', { tls: { shapeHello: boom } }],
  ])('%s that throws ends the connection at the client, not the process', async (_, options) => {
    const { port } = await start((socket) => void socket.write('x'));
    const error = await failure(dial(port, options).resume());
    expect(error).toMatchObject({ code: 'callback_failed', cause: new Error('boom') });
  });
});

describe('what is told', () => {
  test('sessions, key log and transport are told to listeners', async () => {
    const { port } = await start((socket) => socket.end('x'));
    const lines: string[] = [];
    const transport: TransportEvent[] = [];
    const socket = dial(port, {
      host: 'localhost',
      keyLog: (line) => lines.push(line),
      onTransport: (event) => transport.push(event),
    });
    const seen = eventsOf(socket, 'lookup', 'connect', 'keylog', 'session');
    await readAll(socket);
    expect(new Set(seen)).toEqual(new Set(['lookup', 'connect', 'keylog', 'session']));
    expect(lines.map((line) => line.split(' ')[0])).toContain('CLIENT_TRAFFIC_SECRET_0');
    const kinds = transport.map(({ kind }) => kind);
    expect([...new Set(kinds)]).toEqual(['lookup', 'connect', 'bytes', 'end']);
    const { timings } = socket;
    expect([timings.lookup, timings.connect, timings.secure]).not.toContain(null);
    expect(transport.map(({ t }) => t)).toEqual(transport.map(({ t }) => t).sort((a, b) => a - b));
  });

  test('what is known before the handshake is little', async () => {
    const port = await tcp(() => {});
    const socket = dial(port);
    expect(() => socket.handshake).toThrow('the handshake is not done');
    expect([
      socket.handshakeOrNull,
      socket.alpnProtocol,
      socket.authorized,
      socket.getPeerCertificates().length,
    ]).toEqual([null, null, false, 0]);
    socket.destroy();
  });

  test('a session of ours is resumed by us', async () => {
    const { port } = await start((socket) => socket.end(String(socket.handshake.resumed)));
    const sessions: Session[] = [];
    const first = dial(port);
    first.on('session', (session: Session) => sessions.push(session));
    expect((await readAll(first)).toString()).toBe('false');
    expect((await readAll(dial(port, { session: sessions[0] }))).toString()).toBe('true');
  });

  test('a client that was authenticated is still so when it resumes, and its chain is judged again', async () => {
    const identity = { cert: pki.client.cert, key: pki.client.keyPem };
    const { port } = await start(
      (socket) =>
        socket.end(`${socket.handshake.resumed} ${socket.authorized} ${socket.getPeerCertificates().length}`),
      {
        requestCert: true,
        ca: pki.ca.cert,
      },
    );
    const sessions: Session[] = [];
    const first = dial(port, identity);
    first.on('session', (session: Session) => sessions.push(session));
    await readAll(first);
    expect((await readAll(dial(port, { session: sessions[0], ...identity }))).toString()).toBe('true true 1');
  });

  test('a ticket does not carry a client to a server that does not trust it', async () => {
    const tickets = new SelfEncryptedTickets(nodeProvider);
    const trusting = await start((socket) => socket.end(), { requestCert: true, ca: pki.ca.cert, tickets });
    const strict = await start((socket) => socket.end(), { requestCert: true, ca: pki.other.cert, tickets });
    const identity = { cert: pki.client.cert, key: pki.client.keyPem };
    const sessions: Session[] = [];
    const first = dial(trusting.port, identity);
    first.on('session', (session) => sessions.push(session));
    await readAll(first);
    const error = await failure(dial(strict.port, { session: sessions[0], ...identity }).resume());
    expect(error).toMatchObject({ code: 'peer_alert', alert: 'unknown_ca', sentBy: 'server' });
  });

  test('a connection runs over any stream', async () => {
    const [a, b] = pair();
    const server = createServer(
      { cert: pki.server.cert, key: pki.server.keyPem },
      (socket) => void socket.pipe(socket),
    );
    server.accept(b);
    const socket = connect({ socket: a, servername: 'localhost', ca: pki.ca.cert });
    socket.end('over a pipe');
    expect((await readAll(socket)).toString()).toBe('over a pipe');
  });

  test('a stream that was paused is resumed, and one that is gone already is told as that', async () => {
    const { port } = await start((socket) => socket.end('x'));
    const { connect: tcpConnect } = await import('node:net');
    const raw = tcpConnect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(raw, 'connect');
    raw.pause();
    const socket = connect({ socket: raw, servername: 'localhost', ca: pki.ca.cert });
    expect((await readAll(socket)).toString()).toBe('x');
    const gone = connect({ socket: raw.destroy(), servername: 'localhost', ca: pki.ca.cert });
    expect(await failure(gone)).toMatchObject({ code: 'closed_during_handshake' });
  });

  test('a connection runs within another', async () => {
    const inner = createServer(
      { cert: pki.server.cert, key: pki.server.keyPem },
      (socket) => void socket.pipe(socket),
    );
    const { port } = await start((socket) => void inner.accept(socket), { allowHalfOpen: true });
    const outer = dial(port, { allowHalfOpen: true });
    const socket = connect({ socket: outer, servername: 'localhost', ca: pki.ca.cert });
    socket.end('twice wrapped');
    expect((await readAll(socket)).toString()).toBe('twice wrapped');
  });

  test('a server that is closed lets its connections end, and closes then', async () => {
    const { port, server } = await start((socket) => void socket.pipe(socket));
    const socket = dial(port);
    await once(socket, 'secureConnect');
    const closed = once(server, 'close');
    server.close();
    socket.end('last words');
    expect((await readAll(socket)).toString()).toBe('last words');
    await closed;
  });
});

/** Two ends of a pipe in memory. */
function pair(): [Duplex, Duplex] {
  const make = (): Duplex & { other?: Duplex } =>
    Object.assign(
      new Duplex({
        read() {},
        write(this: Duplex & { other?: Duplex }, chunk: Buffer, _encoding, done) {
          this.other?.push(chunk);
          done();
        },
        final(this: Duplex & { other?: Duplex }, done) {
          this.other?.push(null);
          done();
        },
      }),
      {},
    );
  const [a, b] = [make(), make()];
  a.other = b;
  b.other = a;
  return [a, b];
}

describe('an idle socket', () => {
  test('says so, and stays open', async () => {
    const { port } = await start((socket) => void socket.pipe(socket));
    const socket = dial(port);
    await once(socket.resume(), 'secureConnect');
    await new Promise<void>((resolve) => socket.setTimeout(20, resolve));
    expect(socket.destroyed).toBe(false);
    expect(socket.timeout).toBe(20);
    socket.destroy();
  });
});

test('a name in another script is asked for by its A-labels', async () => {
  const { port } = await start((socket) => socket.end(socket.servername ?? ''));
  const socket = dial(port, { servername: 'bücher.example.', rejectUnauthorized: false });
  expect((await readAll(socket)).toString()).toBe('xn--bcher-kva.example');
});
