/**
 * Handshakes of TLS 1.2, 1.1 and 1.0, damaged at random: errors of the table and nothing else, no connection that the two
 * sides see differently, no end that does not come. More of it with AKUSHU_FULL=1.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { concat, toHex } from '../src/bytes/index.js';
import { nodeProvider as provider } from '../src/crypto/node.js';
import type { ClientConfig, ServerConfig } from '../src/handshake/index.js';
import { Group, Suite, Version } from '../src/registry/index.js';
import { SelfEncryptedTickets, type Session } from '../src/session/index.js';
import { trustAll } from './support/credentials.js';
import { all, damages, expectSane } from './support/damage.js';
import { End, type Pair } from './support/pair.js';
import { makeCredentials, meet, own, sessionsFrom, V10, V11 } from './support/pairs12.js';
import { ScriptedClient12 } from './support/scripted-client12.js';
import { PSK } from './support/scripted-peer12.js';
import { ScriptedServer12 } from './support/scripted-server12.js';

const full = process.env.AKUSHU_FULL === '1';
const numRuns = full ? 1000 : 15;
if (full) vi.setConfig({ testTimeout: 600_000 });

const tickets = new SelfEncryptedTickets(provider);
let session: Session;
beforeAll(async () => {
  await makeCredentials();
  [session] = sessionsFrom({}, { tickets }) as [Session];
});

interface Scenario {
  readonly name: string;
  readonly make: () => readonly [Partial<ClientConfig>, Partial<ServerConfig>];
  readonly renegotiates?: true;
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'ECDHE with certificates on both sides and a ticket',
    make: () => [
      { credentials: [own('Ed25519')], alpn: ['h2'], requestOcsp: true, onSession: () => {} },
      {
        clientAuth: 'require',
        alpn: ['h2'],
        tickets,
        credentials: [{ ...own(), ocsp: Uint8Array.of(0x30) }],
      },
    ],
  },
  {
    name: 'CBC in TLS 1.0',
    make: () => [
      { versions: V10, credentials: [own('RSA')] },
      { versions: V10, clientAuth: 'request' },
    ],
  },
  {
    name: 'CBC without encrypt-then-MAC in TLS 1.1',
    make: () => [{ versions: V11, encryptThenMac: false }, { versions: V11 }],
  },
  { name: 'DHE', make: () => [{ cipherSuites: [0x009e] }, { cipherSuites: [0x009e] }] },
  { name: 'static RSA', make: () => [{ cipherSuites: [0x003c] }, { cipherSuites: [0x003c] }] },
  {
    name: 'ECDHE_PSK',
    make: () => [
      { cipherSuites: [0xc037], externalPsks: [PSK] },
      { cipherSuites: [0xc037], externalPsks: [PSK], pskIdentityHint: Uint8Array.of(1) },
    ],
  },
  { name: 'a session that goes on', make: () => [{ session }, { tickets }] },
  {
    name: 'TLS 1.3 offered as well',
    make: () => [{ versions: [Version['TLSv1.3'], Version['TLSv1.2']] }, {}],
  },
  {
    name: 'a renegotiation',
    make: () => [{ renegotiations: 3 }, { renegotiations: 3, clientAuth: 'request' }],
    renegotiates: true,
  },
];

/** Carries bytes to and fro, with damage in one turn of one direction, and writes once both can. */
function play(
  pair: Pair,
  { renegotiates }: Scenario,
  to: 'client' | 'server',
  turn: number,
  harm: (bytes: Uint8Array) => Uint8Array,
  cut: number,
): void {
  if (renegotiates) {
    pair.pump();
    pair.client.connection.renegotiate();
  }
  for (let i = 0; i < 8; i++) {
    const flights = [pair.client.take(), pair.server.take()] as const;
    for (const [end, bytes] of [
      [pair.server, flights[0]],
      [pair.client, flights[1]],
    ] as const) {
      const hit = i === turn && end === pair[to];
      const given = hit ? harm(bytes) : bytes;
      for (let at = 0; at < given.length; at += cut) end.connection.receive(given.slice(at, at + cut));
    }
    if (i === 3) {
      for (const end of [pair.client, pair.server])
        if (end.connection.summary && !end.connection.isDead) end.connection.write(Uint8Array.of(1, 2, 3));
    }
  }
  pair.pump();
}

/** What they have in common is the same to both; and each comes to its end. */
function expectNoDifference(pair: Pair): void {
  const { client, server } = pair;
  if (client.summaries.length > 0 && server.summaries.length > 0) {
    // One may still wait for the end of a record that the other sent last.
    const level = client.renewed.length === server.renewed.length;
    if (level && !client.connection.isDead && !server.connection.isDead) {
      const [ours, theirs] = [client, server].map((end) =>
        toHex(end.connection.exportKeyingMaterial('label', null, 16)),
      );
      expect(ours).toBe(theirs);
    }
    expect(client.summaries[0]?.cipherSuite).toBe(server.summaries[0]?.cipherSuite);
    expect(client.summaries[0]?.version).toBe(server.summaries[0]?.version);
  }
  for (const end of [client, server]) {
    end.connection.endOfInput();
    expectSane(end);
    expect(end.connection.isDead).toBe(true);
    expect(end.errors.length).toBe(1);
    // What came through was what was sent.
    for (const data of end.received) expect([...data].every((byte) => byte >= 1 && byte <= 3)).toBe(true);
  }
}

describe.each(SCENARIOS)('$name', (scenario) => {
  const direction = fc.constantFrom('client', 'server');
  const cut = fc.constantFrom(1, 7, 1000, 100_000);

  test('with any one byte changed on the way', () => {
    fc.assert(
      fc.property(
        direction,
        fc.nat(3),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        cut,
        (to, turn, at, mask, size) => {
          const pair = meet(...scenario.make());
          play(
            pair,
            scenario,
            to,
            turn,
            (bytes) => bytes.map((byte, i) => (i === at % bytes.length ? byte ^ mask : byte)),
            size,
          );
          expectNoDifference(pair);
        },
      ),
      { numRuns: 2 * numRuns },
    );
  });

  test('with more damage on the way', () => {
    fc.assert(
      fc.property(direction, fc.nat(3), damages, cut, (to, turn, list, size) => {
        const pair = meet(...scenario.make());
        play(pair, scenario, to, turn, (bytes) => all(bytes, list), size);
        expectNoDifference(pair);
      }),
      { numRuns },
    );
  });
});

const damaged = (list: Parameters<typeof all>[1]) => (message: Uint8Array) => {
  const body = all(message.slice(4), list);
  return concat(
    message.slice(0, 1),
    Uint8Array.of(body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff),
    body,
  );
};

describe('a message that is damaged before it is protected', () => {
  const base = {
    provider,
    now: () => 0,
    verifyPeer: trustAll,
    groups: [Group.x25519, Group.ffdhe2048, Group.secp256r1],
  };
  const suites = [
    Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    Suite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
    0x009e,
    0x009c,
    0xc037,
    0x00ac,
  ];
  const credentialFor = (suite: number) =>
    suite === 0x009e || suite === 0x009c || suite === 0x00ac ? own('RSA') : own();

  test('of a server gives errors of the table only', () => {
    const step = fc.constantFrom(
      'ServerHello',
      'Certificate',
      'CertificateStatus',
      'ServerKeyExchange',
      'CertificateRequest',
      'ServerHelloDone',
      'NewSessionTicket',
      'Finished',
    );
    fc.assert(
      fc.property(step, fc.constantFrom(...suites), damages, (name, suite, list) => {
        const client = new End('client', {
          ...base,
          versions: [0x0304, 0x0303],
          cipherSuites: [0x1301, suite],
          serverName: 'localhost',
          credentials: [own()],
          requestOcsp: true,
          externalPsks: [PSK],
          onSession: () => {},
        });
        let honest = true;
        const server = new ScriptedServer12({
          suite,
          credential: credentialFor(suite),
          request: suite !== 0xc037,
          status: suite !== 0xc037,
          ticket: true,
          edit: {
            [name]: (message) => {
              const changed = damaged(list)(message);
              honest &&= Buffer.compare(changed, message) === 0;
              return changed;
            },
          },
        });
        client.connection.start();
        for (let round = 0; round < 3; round++) {
          // A scripted server cannot go on from everything that a client accepts.
          try {
            server.receive(client.take());
          } catch {
            break;
          }
          client.connection.receive(server.take());
        }
        expectSane(client);
        if ((name === 'Finished' || name === 'ServerKeyExchange') && /ECDHE$|DHE$/.test(server.kx))
          expect(client.summaries.length).toBe(honest ? 1 : 0);
        client.connection.endOfInput();
        expect(client.connection.isDead).toBe(true);
      }),
      { numRuns: 4 * numRuns },
    );
  });

  test('of a client gives errors of the table only', () => {
    const step = fc.constantFrom(
      'ClientHello',
      'Certificate',
      'ClientKeyExchange',
      'CertificateVerify',
      'Finished',
    );
    fc.assert(
      fc.property(step, fc.constantFrom(...suites), damages, (name, suite, list) => {
        const server = new End('server', {
          ...base,
          versions: [0x0304, 0x0303, 0x0302, 0x0301],
          cipherSuites: [0x1301, ...suites],
          credentials: [own(), own('RSA')],
          clientAuth: 'request',
          externalPsks: [PSK],
          tickets,
        });
        let honest = true;
        const client = new ScriptedClient12({
          suite,
          credential: own(),
          extensions: {
            sessionTicket: session.ticket,
            serverName: [{ tag: 0, kind: 'host_name', value: Uint8Array.of(0x61) }],
          },
          edit: {
            [name]: (message) => {
              const changed = damaged(list)(message);
              honest &&= Buffer.compare(changed, message) === 0;
              return changed;
            },
          },
        });
        server.connection.start();
        client.start();
        for (let round = 0; round < 3; round++) {
          server.connection.receive(client.take());
          const flight = server.take();
          try {
            client.receive(flight);
          } catch {
            break;
          }
        }
        expectSane(server);
        if (name === 'Finished') expect(server.summaries.length).toBe(honest ? 1 : 0);
        server.connection.endOfInput();
        expect(server.connection.isDead).toBe(true);
      }),
      { numRuns: 4 * numRuns },
    );
  });
});
