/** Resumption and 0-RTT through sockets: what is resumed, what is not, and what early data can and cannot do. */
import { once } from 'node:events';
import { type Server, type Socket, connect as tcpConnect } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { delay, listen, makePki, type Pki, readAll, tcpServer } from '../../test/support/sockets.js';
import { nodeProvider } from '../crypto/node.js';
import {
  ClientSessions,
  decodeSession,
  encodeSession,
  MemoryStore,
  ReplayGuard,
  RotatingTickets,
  type Session,
  StoredTickets,
} from '../session/index.js';
import {
  type ConnectOptions,
  connect,
  createServer,
  type ServerOptions,
  type TlsServer,
  type TlsSocket,
} from './index.js';

let pki: Pki;
const open: Server[] = [];
const sockets = new Set<Socket>();

beforeAll(async () => {
  pki = await makePki();
});

afterEach(() => {
  for (const server of open.splice(0)) server.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});

async function start(
  options: ServerOptions = {},
  serve: (socket: TlsSocket) => void = (socket) => socket.end(String(socket.handshake.resumed)),
): Promise<{ port: number; server: TlsServer }> {
  const server = createServer({ cert: pki.server.cert, key: pki.server.keyPem, ...options }, serve);
  server.on('connection', (socket) => sockets.add(socket));
  open.push(server);
  return { port: await listen(server), server };
}

const dial = (port: number, options: ConnectOptions = {}): TlsSocket =>
  connect({ host: '127.0.0.1', port, ca: pki.ca.cert, ...options });

async function talk(port: number, options: ConnectOptions = {}) {
  const sessions: Session[] = [];
  const socket = dial(port, options);
  socket.on('session', (session) => sessions.push(session));
  const answer = (await readAll(socket)).toString();
  return { answer, sessions, socket };
}

const TLS12 = { maxVersion: 'TLSv1.2' } as const;

describe('a session', () => {
  test.each([
    ['TLS 1.3', {}],
    ['TLS 1.2 by its ticket', TLS12],
  ])('of %s is resumed, also after it was bytes', async (_, options) => {
    const { port } = await start();
    const { sessions } = await talk(port, options);
    const session = decodeSession(encodeSession(sessions[0]!));
    expect(encodeSession(session)).toEqual(encodeSession(sessions[0]!));
    expect(session.trust).not.toBeNull();
    expect((await talk(port, { ...options, session })).answer).toBe('true');
  });

  test('of TLS 1.2 is resumed by its id where the client has no tickets', async () => {
    const { port } = await start();
    const withoutTickets: ConnectOptions = {
      ...TLS12,
      tls: {
        shapeHello: (hello) => {
          const { sessionTicket: _, ...extensions } = hello.extensions ?? {};
          return { ...hello, extensions };
        },
      },
    };
    const { sessions, answer } = await talk(port, withoutTickets);
    expect([answer, sessions[0]!.sessionId?.length, sessions[0]!.ticket.length]).toEqual(['false', 32, 0]);
    expect((await talk(port, { ...withoutTickets, session: sessions[0] })).answer).toBe('true');
  });

  test('is not resumed where tickets are off', async () => {
    for (const options of [{}, TLS12]) {
      const { port } = await start();
      const { sessions } = await talk(port, options);
      const other = await start({ tickets: false });
      expect((await talk(other.port, { ...options, session: sessions[0] })).answer).toBe('false');
      expect((await talk(other.port, options)).sessions).toEqual([]);
    }
  });

  test('is offered under the trust that it came from without another look at the chain, and else after one', async () => {
    const { port } = await start();
    const { sessions } = await talk(port);
    expect(sessions[0]!.trust?.until).toBeGreaterThan(Date.now());
    expect((await talk(port, { session: sessions[0], ca: [pki.ca.cert, pki.other.cert] })).answer).toBe(
      'true',
    );
    const foreign = { ...sessions[1]!, trust: { name: new Uint8Array(32), until: Number.MAX_SAFE_INTEGER } };
    expect((await talk(port, { session: foreign })).answer).toBe('true');
    const socket = dial(port, { session: sessions[1], ca: pki.other.cert });
    const [error] = await once(socket, 'error');
    expect(error.code).toBe('unknown_ca');
  });

  test('whose server is not believed any more by a verifier of the caller’s own leads to a full handshake', async () => {
    const { port } = await start();
    const { sessions } = await talk(port);
    const asked: boolean[] = [];
    const verifyPeer = ({ resuming }: { resuming?: unknown }) => {
      asked.push(resuming !== undefined);
      return resuming === undefined
        ? ({ trusted: true } as const)
        : ({ trusted: false, code: 'certificate_refused' } as const);
    };
    const { answer, socket } = await talk(port, { session: sessions[0], tls: { verifyPeer } });
    expect([answer, asked]).toEqual(['false', [true, false]]);
    expect(socket.handshake.why.session?.reason).toBe('not_verified');
  });

  test.each([
    ['TLS 1.3', {}],
    ['TLS 1.2', TLS12],
  ])('of %s belongs to the client certificate that it was made with', async (_, options) => {
    const { port } = await start(
      { requestCert: true, rejectUnauthorized: false, ca: pki.ca.cert },
      (socket) => socket.end(`${socket.handshake.resumed} ${socket.getPeerCertificates()[0]?.subject.text}`),
    );
    const as = ({ cert, keyPem }: Pki['client']) => ({ ...options, cert, key: keyPem });
    const named = await talk(port, as(pki.client));
    const again = { session: named.sessions[0] };
    expect(named.answer).toBe('false CN=client');
    expect((await talk(port, { ...as(pki.client), ...again })).answer).toBe('true CN=client');
    const [, second = named.sessions[0]] = named.sessions;
    const other = await talk(port, { ...as(pki.stranger), session: second });
    expect([other.answer, other.socket.handshake.why.session?.reason]).toEqual([
      'false CN=stranger',
      'another_client_certificate',
    ]);
    expect((await talk(port, { ...options, session: second })).answer).toBe('false undefined');
    const nobody = await talk(port, options);
    expect((await talk(port, { ...options, session: nobody.sessions[0] })).answer).toBe('true undefined');
    const now = await talk(port, { ...as(pki.client), session: nobody.sessions[0] });
    expect(now.answer).toBe('false CN=client');
    expect(now.sessions[0]!.presented).toEqual(named.sessions[0]!.presented);
  });

  test.each([
    ['TLS 1.3', {}],
    ['TLS 1.2', TLS12],
  ])('of %s that cannot be offered is left aside, and the handshake is a full one', async (_, options) => {
    const { port } = await start();
    const [session] = (await talk(port, options)).sessions;
    const damaged: Partial<Session>[] = [
      { ticket: new Uint8Array(65_535) },
      { ticket: new Uint8Array(12_289) },
      { ticket: new Uint8Array(0) },
      { cipherSuite: 0x1a1a },
      { cipherSuite: session!.version === 0x0304 ? 0xc02b : 0x1301 },
      { sessionId: new Uint8Array(33) },
      { psk: new Uint8Array(31) },
      { version: 0x7f12 },
      { version: 0x0300 },
    ];
    for (const change of damaged) {
      const { answer } = await talk(port, { ...options, session: { ...session!, ...change } });
      expect([change, answer]).toEqual([change, 'false']);
    }
  });

  test('does not outlive its time', async () => {
    const { port } = await start();
    const { sessions } = await talk(port);
    const old = { ...sessions[0]!, receivedAt: sessions[0]!.receivedAt - 7_201_000 };
    const { answer, socket } = await talk(port, { session: old });
    expect([answer, socket.handshake.why.session?.reason]).toEqual(['false', 'expired']);
  });

  test('does not get younger by being resumed', async () => {
    let now = Date.now();
    const tls = { ticketLifetime: 604_800, now: () => now };
    const { port } = await start({ tls, tickets: new RotatingTickets(nodeProvider, { rotation: 1e12 }) });
    const client = { tls: { now: () => now, verifyPeer: () => ({ trusted: true }) as const } };
    const first = await talk(port, client);
    now += 500_000_000;
    const second = await talk(port, { ...client, session: first.sessions[0] });
    expect(second.answer).toBe('true');
    expect(second.sessions[0]!.lifetime).toBe(604_800 - 500_000);
    expect(second.sessions[0]!.authenticatedAt).toBe(first.sessions[0]!.authenticatedAt);
  });

  test('comes from where sessions are kept, each ticket of TLS 1.3 once', async () => {
    const { port } = await start();
    const sessions = new ClientSessions({ provider: nodeProvider });
    const answers: string[] = [];
    for (let i = 0; i < 4; i++) {
      answers.push((await talk(port, { sessions })).answer);
      await delay(5);
    }
    expect(answers).toEqual(['false', 'true', 'true', 'true']);
  });
});

describe('a ticket that is good once', () => {
  test('resumes one of two connections', async () => {
    const store = new MemoryStore();
    const tickets = new StoredTickets({
      provider: nodeProvider,
      store,
      keeper: new RotatingTickets(nodeProvider),
    });
    const { port } = await start({ tickets });
    const { sessions } = await talk(port);
    expect(sessions[0]!.ticket.length).toBe(32);
    const both = await Promise.all([0, 1].map(() => talk(port, { session: sessions[0] })));
    expect(both.map(({ answer }) => answer).sort()).toEqual(['false', 'true']);
  });
});

describe('early data', () => {
  const request = new TextEncoder().encode('GET /');

  /** Answers with what came, and how. */
  function echoing(server: TlsServer, seen: string[] = []): string[] {
    server.on('earlyConnection', (socket) => {
      socket.on('earlyData', (bytes, { replaySafe }) => {
        seen.push(`early ${bytes} ${replaySafe} ${socket.replaySafe}`);
        socket.write(`early ${bytes}`);
      });
    });
    return seen;
  }

  const answering = (seen: string[]) => (socket: TlsSocket) => {
    if (socket.handshake.earlyDataAccepted && socket.listenerCount('earlyData') > 0) socket.end();
    socket.on('data', (bytes) => {
      seen.push(`data ${bytes} ${socket.replaySafe}`);
      socket.end(`data ${bytes}`);
    });
  };

  test('is seen apart from the rest, and is not safe until the handshake is done', async () => {
    const seen: string[] = [];
    const { port, server } = await start({ earlyData: true }, answering(seen));
    echoing(server, seen);
    const first = dial(port);
    const [session] = await once(first.resume(), 'session');
    first.destroy();
    expect(session.maxEarlyData).toBe(16_384);
    const second = await talk(port, { session, earlyData: { replayable: request } });
    expect([second.answer, second.socket.earlyData]).toEqual(['early GET /', 'accepted']);
    expect(seen).toEqual(['early GET / false false']);
  });

  test('waits for the end of the handshake where nobody asked for it by name', async () => {
    const seen: string[] = [];
    const { port } = await start({ earlyData: true }, answering(seen));
    const first = dial(port);
    const [session] = await once(first.resume(), 'session');
    first.destroy();
    const { answer, socket } = await talk(port, { session, earlyData: { replayable: request } });
    expect([answer, socket.earlyData, seen]).toEqual(['data GET /', 'accepted', ['data GET / true']]);
  });

  test('is off unless it was asked for on both sides, and goes after the handshake then', async () => {
    const { port } = await start({}, answering([]));
    const first = dial(port);
    const [session] = await once(first.resume(), 'session');
    first.destroy();
    expect(session.maxEarlyData).toBe(0);
    const { answer, socket } = await talk(port, { session, earlyData: { replayable: request } });
    expect([answer, socket.earlyData]).toEqual(['data GET /', 'sent_late']);
    const without = await talk(port, { earlyData: { replayable: request } });
    expect([without.answer, without.socket.earlyData]).toEqual(['data GET /', 'sent_late']);
  });

  test('that is refused is sent again, before what was written meanwhile', async () => {
    const guard = new ReplayGuard({ store: new MemoryStore() });
    let all = '';
    const { port } = await start({ earlyData: { guard } }, (socket) => {
      socket.on('data', (bytes) => {
        all += bytes;
        if (all.endsWith('!')) socket.end(all);
      });
    });
    const first = dial(port);
    const [session] = await once(first.resume(), 'session');
    first.destroy();
    const socket = dial(port, { session, earlyData: { replayable: request } });
    socket.write(' and more!');
    expect((await readAll(socket)).toString()).toBe('GET / and more!');
    expect([socket.earlyData, socket.handshake.resumed]).toEqual(['sent_late', true]);
  });

  test('is not sent again under another protocol', async () => {
    const tickets = new RotatingTickets(nodeProvider);
    const { port } = await start({ tickets, earlyData: true, ALPNProtocols: ['a', 'b'] });
    const first = dial(port, { ALPNProtocols: ['a'] });
    const [session] = await once(first.resume(), 'session');
    first.destroy();
    const chooses = { chooseAlpn: () => 'b' };
    const { port: second } = await start(
      { tickets, earlyData: true, tls: chooses, ALPNProtocols: ['a', 'b'] },
      (socket) => setTimeout(() => socket.end('nothing'), 50),
    );
    const { socket, answer } = await talk(second, {
      session,
      ALPNProtocols: ['a', 'b'],
      earlyData: { replayable: request },
    });
    expect([answer, socket.earlyData]).toEqual(['nothing', 'withheld']);
  });

  test('of a flight that is played again is accepted once, whatever the connection', async () => {
    let accepted = 0;
    const { port, server } = await start({ earlyData: true }, () => {});
    server.on('earlyConnection', () => accepted++);
    const first = dial(port);
    const [session] = await once(first.resume(), 'session');
    first.destroy();
    // Somebody on the path who keeps the first flight.
    const flight: Buffer[] = [];
    const path = tcpServer((client) => {
      sockets.add(client);
      const onward = tcpConnect(port, '127.0.0.1');
      sockets.add(onward);
      client.on('data', (bytes: Buffer) => {
        if (flight.length === 0) flight.push(bytes);
        onward.write(bytes);
      });
      onward.pipe(client);
    });
    open.push(path);
    const via = dial(await listen(path), { session, earlyData: { replayable: request } });
    await once(via, 'secureConnect');
    expect([via.earlyData, accepted]).toEqual(['accepted', 1]);
    for (let i = 0; i < 20; i++) {
      const again = tcpConnect(port, '127.0.0.1');
      sockets.add(again);
      again.write(flight[0]!);
      await once(again, 'data');
      again.destroy();
    }
    expect(accepted).toBe(1);
    via.destroy();
  });

  test('beyond what the ticket allows is not offered', async () => {
    const { port } = await start({ earlyData: { maxBytes: 4 } }, answering([]));
    const first = dial(port);
    const [session] = await once(first.resume(), 'session');
    first.destroy();
    const { socket, answer } = await talk(port, { session, earlyData: { replayable: request } });
    expect([answer, socket.earlyData, socket.handshake.resumed]).toEqual(['data GET /', 'sent_late', true]);
  });

  test('needs tickets, and a bound', () => {
    expect(() => createServer({ earlyData: true, tickets: false })).toThrow(TypeError);
    for (const maxBytes of [0, -1, 1.5, 2 ** 32])
      expect(() => createServer({ earlyData: { maxBytes } })).toThrow(RangeError);
  });
});
