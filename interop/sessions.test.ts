/**
 * Sessions with those who can do more of them than every peer must: 0-RTT both ways, accepted and refused, session ids
 * and renewal, and pre-shared keys that were agreed upon elsewhere.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryStore, ReplayGuard, RotatingTickets, type Session, StoredTickets } from 'akushu';
import { nodeProvider } from 'akushu/crypto/node';
import type { ConnectOptions } from 'akushu/node';
import { expect, inject } from 'vitest';
import { textPayload } from './support/command-line.js';
import * as gnutls from './support/gnutls.js';
import { shows } from './support/matrix.js';
import { olderClient, olderServer, withPsk } from './support/older.js';
import * as openssl from './support/openssl.js';
import type { Call, CallOptions, PeerService, ServeOptions } from './support/peer.js';
import { type Cleaner, PeerProcess } from './support/processes.js';
import { echo } from './support/suite-client.js';
import { pemPair, trusting } from './support/suite-server.js';
import { missingTools, tool } from './support/tools.js';
import { failureOf, open, Service, type Wire } from './support/wire.js';

const { dir } = inject('prepared');
const wrongPsk = {
  externalPsks: [{ ...withPsk.externalPsks[0], key: new Uint8Array(16) }],
};

interface Running extends PeerService {
  readonly peer: PeerProcess;
}

let files = 0;

/** A file with early data that nobody could make up. */
function earlyFile(): { readonly path: string; readonly bytes: Buffer } {
  const path = join(dir, `early-${process.pid}-${++files}`);
  const bytes = textPayload(500);
  bytes[499] = 0x0a;
  writeFileSync(path, bytes);
  return { path, bytes };
}

/** A connection with an exchange, for the session that comes of it. */
async function earlier(clean: Cleaner, service: PeerService, options: ConnectOptions): Promise<Session> {
  const wire = await open(clean, service.port, options);
  await service.exchange(wire, 100);
  const session = await wire.session();
  await wire.close();
  return session;
}

const count = (text: Buffer, part: Buffer): number =>
  text.toString('latin1').split(part.toString('latin1')).length - 1;

// ---- Servers ----

interface SessionServer {
  readonly name: string;
  readonly why: string | null;
  serve(clean: Cleaner, options: ServeOptions, more?: readonly string[]): Promise<Running>;
  /** Arguments for 0-RTT, and for a server without tickets. */
  readonly early: readonly string[];
  readonly withoutTickets: readonly string[];
  /** Waits until it has had these bytes, of the wire's early data or of what came after the handshake. */
  saw(service: Running, wire: Wire, bytes: Buffer, when: 'early' | 'late'): Promise<void>;
  /** With 0-RTT its tickets are good once. */
  readonly ticketsOnce?: boolean;
}

function serverSessions(server: SessionServer): void {
  const { name, why } = server;
  const cell = { peer: name, role: 'server' } as const;

  shows(
    { ...cell, feature: 'early data' },
    'takes our early data once, and where it does not it gets it after the handshake',
    why,
    async ({ onTestFinished }) => {
      const service = await server.serve(onTestFinished, { credential: 'p256' }, server.early);
      const session = await earlier(onTestFinished, service, trusting());
      expect(session.maxEarlyData).toBeGreaterThan(500);
      const { bytes } = earlyFile();
      const options = trusting({ session, earlyData: { replayable: bytes } });
      const first = await open(onTestFinished, service.port, options);
      expect([first.handshake.resumed, first.socket.earlyData]).toEqual([true, 'accepted']);
      await server.saw(service, first, bytes, 'early');
      await service.exchange(first, 100);
      expect(await first.close()).toBeNull();
      // Another one, which does not know the session, has to pass over what it cannot read.
      const other = await server.serve(onTestFinished, { credential: 'p256' }, server.early);
      const second = await open(onTestFinished, other.port, options);
      expect([second.handshake.resumed, second.socket.earlyData]).toEqual([false, 'sent_late']);
      await server.saw(other, second, bytes, 'late');
      expect(await second.close()).toBeNull();
      if (!server.ticketsOnce) return;
      const third = await open(onTestFinished, service.port, options);
      expect([third.handshake.resumed, third.socket.earlyData]).toEqual([false, 'sent_late']);
      await service.peer.until('it twice', () => count(service.peer.stdoutBytes, bytes) === 2);
      await third.close();
    },
  );

  shows(
    { ...cell, feature: 'resumption' },
    'renews its session each time it is resumed',
    why,
    async ({ onTestFinished }) => {
      const service = await server.serve(onTestFinished, { credential: 'p256' });
      let session = await earlier(onTestFinished, service, trusting());
      const tickets = [session.ticket];
      for (let i = 0; i < 3; i++) {
        const wire = await open(onTestFinished, service.port, trusting({ session }));
        expect(wire.handshake.resumed).toBe(true);
        await service.exchange(wire, 100);
        session = await wire.session();
        tickets.push(session.ticket);
        await wire.close();
      }
      expect(new Set(tickets.map((ticket) => Buffer.from(ticket).toString('hex'))).size).toBe(4);
    },
  );

  for (const version of ['TLSv1.2', 'TLSv1.1'] as const) {
    shows(
      { ...cell, feature: 'resumption', version },
      'resumes its session by its id, again and again',
      why,
      async ({ onTestFinished }) => {
        const options = { credential: 'p256', version } as const;
        const service = await server.serve(onTestFinished, options, server.withoutTickets);
        const session = await earlier(onTestFinished, service, olderClient(version));
        expect([session.ticket.length, session.sessionId?.length]).toEqual([0, 32]);
        for (let i = 0; i < 2; i++) {
          const wire = await open(onTestFinished, service.port, olderClient(version, { session }));
          expect([wire.handshake.resumed, wire.hasMessage('server', 'Certificate')]).toEqual([true, false]);
          await service.exchange(wire, 100);
          await wire.close();
        }
      },
    );
  }

  shows(
    { ...cell, feature: 'psk' },
    'knows us by a pre-shared key, and neither side shows a certificate',
    why,
    async ({ onTestFinished }) => {
      const service = await server.serve(onTestFinished, { credential: 'p256', psk: true });
      const wire = await open(onTestFinished, service.port, trusting({ tls: withPsk }));
      expect(wire.hasMessage('server', 'Certificate')).toBe(false);
      expect([wire.handshake.resumed, wire.handshake.group?.iana !== undefined]).toEqual([false, true]);
      await service.exchange(wire, 100);
      expect(await wire.close()).toBeNull();
    },
  );

  shows(
    { ...cell, feature: 'psk' },
    'refuses us with another key under the same name, and we say that it did',
    why,
    async ({ onTestFinished }) => {
      const service = await server.serve(onTestFinished, { credential: 'p256', psk: true });
      const error = await failureOf(onTestFinished, service.port, trusting({ tls: wrongPsk }));
      expect(error).toMatchObject({ code: 'peer_alert', sentBy: 'server' });
      expect(['decrypt_error', 'illegal_parameter']).toContain(error.alert);
    },
  );
}

serverSessions({
  name: 'OpenSSL',
  why: missingTools('openssl'),
  serve: openssl.serve,
  early: ['-early_data'],
  withoutTickets: ['-no_ticket'],
  saw: async ({ peer }, _wire, bytes) => {
    await peer.until('our data', () => count(peer.stdoutBytes, bytes) === 1);
  },
  ticketsOnce: true,
});

serverSessions({
  name: 'GnuTLS',
  why: missingTools('gnutls-serv'),
  serve: gnutls.serve,
  early: ['--earlydata', '--maxearlydata', '16384'],
  withoutTickets: ['--noticket'],
  // What came as early data its echo server does not give back, and no other either.
  saw: async (_service, wire, bytes, when) => {
    if (when === 'late') expect(await wire.read(bytes.length)).toEqual(bytes);
  },
});

// ---- Clients ----

interface SessionClient {
  readonly name: string;
  readonly why: string | null;
  call(clean: Cleaner, options: CallOptions, more?: readonly string[]): Promise<Call>;
  /** Sends a file as early data in the second of two connections, and stays. */
  early(clean: Cleaner, service: Service, path: string): Promise<Wire>;
  /** What is refused it sends again by itself. */
  readonly sendsAgain: boolean;
  withoutTickets(options: CallOptions): readonly string[];
  readonly idleBeforeResumption?: boolean;
}

function clientSessions(client: SessionClient): void {
  const { name, why } = client;
  const cell = { peer: name, role: 'client' } as const;

  shows(
    { ...cell, feature: 'early data' },
    'sends early data, which we take',
    why,
    async ({ onTestFinished }) => {
      const service = await Service.start(onTestFinished, { ...pemPair('p256'), earlyData: true });
      const { path, bytes } = earlyFile();
      const wire = await client.early(onTestFinished, service, path);
      expect([wire.handshake.resumed, wire.handshake.earlyDataAccepted]).toEqual([true, true]);
      expect(await wire.read(bytes.length)).toEqual(bytes);
      wire.socket.end();
    },
  );

  shows(
    { ...cell, feature: 'early data' },
    'sends early data, which we do not take and pass over',
    why,
    async ({ onTestFinished }) => {
      // A store that is not sure yet whether it has lost something.
      const guard = new ReplayGuard({ store: new MemoryStore() });
      const options = { ...pemPair('p256'), earlyData: { guard } };
      const service = await Service.start(onTestFinished, options);
      const { path, bytes } = earlyFile();
      const wire = await client.early(onTestFinished, service, path);
      expect([wire.handshake.resumed, wire.handshake.earlyDataAccepted]).toEqual([true, false]);
      expect(wire.handshake.why.earlyData?.reason).toBe('refused');
      if (client.sendsAgain) expect(await wire.read(bytes.length)).toEqual(bytes);
      wire.socket.end();
    },
  );

  for (const version of ['TLSv1.2', 'TLSv1.1'] as const) {
    shows(
      { ...cell, feature: 'resumption', version },
      'resumes our session by its id',
      why,
      async ({ onTestFinished }) => {
        const service = await Service.start(onTestFinished, olderServer(version, pemPair('p256')));
        const options = { port: service.port, ca: 'ca', size: 100, connections: 2, version };
        const call = await client.call(onTestFinished, options, client.withoutTickets(options));
        for (const resumed of [false, true]) {
          const wire = await service.next();
          expect(wire.handshake.resumed).toBe(resumed);
          expect(wire.hasMessage('server', 'NewSessionTicket')).toBe(false);
          if (resumed) expect(wire.handshake.why.session?.chosen).toBe('session_id');
          if (resumed || !client.idleBeforeResumption) await echo(wire, 100);
          expect(await wire.ended).toBeNull();
        }
        expect(await call.outcome()).toMatchObject({ ok: true });
      },
    );
  }

  shows(
    { ...cell, feature: 'resumption', version: 'TLSv1.2' },
    'takes another ticket when it resumes by one that will not open for long',
    why,
    async ({ onTestFinished }) => {
      const clock = { now: 0 };
      const tickets = new RotatingTickets(nodeProvider, { rotation: 1000, now: () => clock.now });
      const options = olderServer('TLSv1.2', { ...pemPair('p256'), tickets });
      const service = await Service.start(onTestFinished, options);
      const call = await client.call(onTestFinished, {
        port: service.port,
        ca: 'ca',
        size: 100,
        connections: 2,
        version: 'TLSv1.2',
      });
      for (const resumed of [false, true]) {
        const wire = await service.next();
        // The key's next turn begins.
        clock.now = 1000;
        expect([wire.handshake.resumed, wire.hasMessage('server', 'NewSessionTicket')]).toEqual([
          resumed,
          true,
        ]);
        if (resumed || !client.idleBeforeResumption) await echo(wire, 100);
        expect(await wire.ended).toBeNull();
      }
      expect(await call.outcome()).toMatchObject({ ok: true });
    },
  );

  shows(
    { ...cell, feature: 'resumption' },
    'resumes by a ticket that is good once',
    why,
    async ({ onTestFinished }) => {
      const store = new MemoryStore();
      const tickets = new StoredTickets({
        provider: nodeProvider,
        store,
        keeper: new RotatingTickets(nodeProvider),
      });
      const service = await Service.start(onTestFinished, { ...pemPair('p256'), tickets });
      const options = { port: service.port, ca: 'ca', size: 100, connections: 2 };
      const call = await client.call(onTestFinished, options);
      for (const resumed of [false, true]) {
        const wire = await service.next();
        expect(wire.handshake.resumed).toBe(resumed);
        if (resumed || !client.idleBeforeResumption) await echo(wire, 100);
        await wire.ended;
      }
      // Two for each connection, less the one that was spent.
      expect(store.size).toBe(3);
      expect(await call.outcome()).toMatchObject({ ok: true });
    },
  );

  shows(
    { ...cell, feature: 'psk' },
    'is known to us by a pre-shared key, and sees no certificate',
    why,
    async ({ onTestFinished }) => {
      const service = await Service.start(onTestFinished, { tls: withPsk });
      const call = await client.call(onTestFinished, { port: service.port, ca: 'ca', size: 100, psk: true });
      const wire = await service.next();
      expect(wire.handshake.why.psk).toMatchObject({ chosen: 'identity 0', reason: 'accepted' });
      expect([wire.handshake.resumed, wire.hasMessage('server', 'Certificate')]).toEqual([false, false]);
      await echo(wire, 100);
      expect(await call.outcome()).toMatchObject({ ok: true });
    },
  );

  shows(
    { ...cell, feature: 'psk' },
    'is refused with another key under the same name',
    why,
    async ({ onTestFinished }) => {
      const service = await Service.start(onTestFinished, { tls: wrongPsk });
      const call = await client.call(onTestFinished, { port: service.port, ca: 'ca', size: 100, psk: true });
      expect(await service.nextFailure()).toMatchObject({
        code: 'bad_psk_binder',
        alert: 'decrypt_error',
        sentBy: 'server',
      });
      expect(await call.outcome()).toMatchObject({ ok: false });
    },
  );
}

clientSessions({
  name: 'OpenSSL',
  why: missingTools('openssl'),
  call: openssl.call,
  early: async (clean, service, path) => {
    const args = openssl.clientArguments({ port: service.port, ca: 'ca', size: 0 });
    const session = `${path}.session`;
    const first = new PeerProcess(tool('openssl'), [...args, '-sess_out', session], clean);
    await service.next();
    await first.until(
      'a session',
      () => existsSync(session) && readFileSync(session, 'utf8').includes('END'),
    );
    first.write('Q\n');
    await first.exit;
    const more = ['-sess_in', session, '-early_data', path];
    new PeerProcess(tool('openssl'), [...args, ...more], clean);
    return service.next();
  },
  sendsAgain: false,
  withoutTickets: () => ['-no_ticket'],
});

clientSessions({
  name: 'GnuTLS',
  why: missingTools('gnutls-cli'),
  call: gnutls.call,
  early: async (clean, service, path) => {
    const args = gnutls.clientArguments({ port: service.port, ca: 'ca', size: 0, connections: 2 });
    new PeerProcess(tool('gnutls-cli'), [...args, '--earlydata', path], clean);
    await service.next();
    return service.next();
  },
  sendsAgain: false,
  // Its --noticket is for TLS 1.3 alone.
  withoutTickets: (options) => ['--priority', `${gnutls.priority(options)}:%NO_TICKETS`],
  idleBeforeResumption: true,
});

// ---- Those who cannot ----

for (const [peer, reason] of [
  ['Go', 'crypto/tls has early data in QUIC alone'],
  ['Java', 'JSSE has no early data'],
  ['Python', "Python's ssl has no early data"],
  ['node:tls', 'node:tls has no early data'],
] as const) {
  for (const role of ['server', 'client'] as const) {
    const what = role === 'server' ? 'takes our early data' : 'sends early data';
    shows({ peer, role, feature: 'early data' }, what, reason, async () => {});
  }
}
