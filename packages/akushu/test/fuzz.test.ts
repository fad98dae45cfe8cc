/**
 * Recorded exchanges, damaged at random and fed to either side: errors of the table and nothing else, no exception out
 * of receive(), no endless talk, no memory beyond the limits. More of it with AKUSHU_FULL=1.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { concat } from '../src/bytes/index.js';
import { nodeProvider as provider } from '../src/crypto/node.js';
import type { ClientConfig, Credential, ServerConfig } from '../src/handshake/index.js';
import { decodeBody, messageBytes } from '../src/messages/index.js';
import { Group, HandshakeType } from '../src/registry/index.js';
import { SelfEncryptedTickets } from '../src/session/index.js';
import { credential, trustAll } from './support/credentials.js';
import { all, damages, expectSane } from './support/damage.js';
import { End, Pair } from './support/pair.js';
import { ScriptedClient, ScriptedServer } from './support/scripted-peer.js';

const full = process.env.AKUSHU_FULL === '1';
const numRuns = full ? 5000 : 100;
if (full) vi.setConfig({ testTimeout: 600_000 });

let p256: Credential;
let other: Credential;
beforeAll(async () => {
  p256 = await credential();
  other = await credential('Ed25519', 'client.example');
});

const base = {
  provider,
  groups: [Group.x25519],
  now: () => 1_800_000_000_000,
  verifyPeer: trustAll,
  alpn: ['h2'],
};
const clientConfig = (): ClientConfig => ({
  ...base,
  serverName: 'localhost',
  credentials: [other],
  postHandshakeAuth: true,
});
const serverConfig = (): ServerConfig => ({
  ...base,
  credentials: [p256],
  clientAuth: 'request',
  tickets: new SelfEncryptedTickets(provider),
});

describe('random damage', () => {
  test('to what travels, at any moment and in either direction, gives errors of the table only', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('client', 'server'),
        fc.nat(5),
        damages,
        fc.nat(500),
        (to, turn, list, cut) => {
          const pair = new Pair(clientConfig(), serverConfig());
          for (let i = 0; i < 8; i++) {
            const up = pair.client.take();
            const down = pair.server.take();
            const deliver = (end: End, bytes: Uint8Array, hit: boolean): void => {
              const damaged = hit && i === turn ? all(bytes, list) : bytes;
              for (let at = 0; at < damaged.length; at += cut + 1)
                end.connection.receive(damaged.slice(at, at + cut + 1));
            };
            deliver(pair.server, up, to === 'server');
            deliver(pair.client, down, to === 'client');
            if (i === 4) {
              for (const end of [pair.client, pair.server]) {
                if (end.connection.summary && !end.connection.isDead)
                  end.connection.write(Uint8Array.of(1, 2, 3));
              }
            }
          }
          pair.pump();
          pair.client.connection.endOfInput();
          pair.server.connection.endOfInput();
          expectSane(pair.client);
          expectSane(pair.server);
        },
      ),
      { numRuns },
    );
  });

  test('to a message before it is encrypted gives errors of the table only, and never a connection that is not one', () => {
    const steps = [
      'ServerHello',
      'EncryptedExtensions',
      'CertificateRequest',
      'Certificate',
      'CertificateVerify',
      'Finished',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...steps), damages, (step, list) => {
        const client = new End('client', clientConfig());
        let honest = true;
        const server = new ScriptedServer({
          credential: p256,
          request: true,
          edit: {
            [step]: (message) => {
              const body = all(message.slice(4), list);
              const damaged = concat(
                message.slice(0, 1),
                Uint8Array.of(body.length >> 16, body.length >> 8, body.length),
                body,
              );
              honest = Buffer.compare(damaged, message) === 0;
              return damaged;
            },
          },
        });
        client.connection.start();
        server.receive(client.take());
        client.connection.receive(server.take());
        expectSane(client);
        // The peer's transcript has what was sent: only what is signed or authenticated by itself must fail.
        if (step === 'CertificateVerify' || step === 'Finished') {
          expect(client.summaries.length).toBe(honest ? 1 : 0);
        }
      }),
      { numRuns },
    );
  });

  test('to a ClientHello or the flight of a client gives errors of the table only', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('ClientHello', 'Certificate', 'CertificateVerify', 'Finished'),
        damages,
        (step, list) => {
          const server = new End('server', serverConfig());
          const client = new ScriptedClient({
            credential: other,
            extensions: {
              alpn: [Uint8Array.of(0x68, 0x32)],
              serverName: [{ tag: 0, kind: 'host_name', value: Uint8Array.of(0x61) }],
              pskKeyExchangeModes: [1],
              recordSizeLimit: 4000,
              compressCertificate: [1, 2],
            },
            edit: {
              [step]: (message) => {
                const body = all(message.slice(4), list);
                return concat(
                  message.slice(0, 1),
                  Uint8Array.of(body.length >> 16, body.length >> 8, body.length),
                  body,
                );
              },
            },
          });
          client.start();
          for (let i = 0; i < 4; i++) {
            server.connection.receive(client.take());
            const flight = server.take();
            // A scripted client cannot go on from every hello that a server accepts.
            try {
              client.receive(flight);
            } catch {
              break;
            }
          }
          server.connection.endOfInput();
          expectSane(server);
        },
      ),
      { numRuns },
    );
  });

  test('after the handshake gives errors of the table only', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(20, 21, 22, 23, 24), fc.uint8Array({ maxLength: 60 })), {
          maxLength: 6,
        }),
        (records) => {
          const client = new End('client', clientConfig());
          const server = new ScriptedServer({ credential: p256 });
          client.connection.start();
          server.receive(client.take());
          client.connection.receive(server.take());
          for (const [type, data] of records) server.record(type, data);
          client.connection.receive(server.take());
          client.connection.endOfInput();
          expectSane(client);
        },
      ),
      { numRuns },
    );
  });
});

test('nothing but noise gives one error and no answer beyond an alert', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 5, maxLength: 300 }), fc.boolean(), (noise, looksLikeTls) => {
      const bytes = looksLikeTls ? concat(Uint8Array.of(22, 3, 1, 0, noise.length & 0xff), noise) : noise;
      for (const end of [new End('server', serverConfig()), new End('client', clientConfig())]) {
        end.connection.start();
        end.take();
        end.connection.receive(bytes);
        end.connection.endOfInput();
        expectSane(end);
        expect(end.take().length).toBeLessThanOrEqual(7);
      }
    }),
    { numRuns },
  );
});

test('what is kept of messages that never end stays within the limits', () => {
  const server = new End('server', serverConfig());
  server.connection.start();
  // A ClientHello of the largest size, a byte to a record.
  const header = Uint8Array.of(HandshakeType.client_hello, 1, 0, 0);
  const record = (data: Uint8Array): Uint8Array => concat(Uint8Array.of(22, 3, 1, 0, data.length), data);
  server.connection.receive(record(header));
  for (let i = 0; i < 65_535; i++) server.connection.receive(record(Uint8Array.of(0)));
  const { wire } = server.connection as unknown as { wire: { joiner: { buffer: Uint8Array } } };
  expect(wire.joiner.buffer.length).toBeLessThanOrEqual(65_540);
  expect(server.errors).toEqual([]);
  server.connection.receive(record(Uint8Array.of(0)));
  expect(server.errors.map((error) => error.code)).toEqual(['malformed_message']);
});

test('a hello with as many extensions as fit is read once, not again and again', () => {
  const client = new ScriptedClient({});
  client.start();
  const hello = decodeBody('ClientHello', client.take().subarray(5));
  const unknown = Array.from({ length: 15_000 }, (_, i) => ({ type: 0x2000 + i, data: new Uint8Array(0) }));
  const bytes = messageBytes('ClientHello', { ...hello, extensions: { ...hello.extensions, unknown } });
  const server = new End('server', serverConfig());
  server.connection.start();
  for (let at = 0; at < bytes.length; at += 16_384) {
    const piece = bytes.subarray(at, at + 16_384);
    server.connection.receive(concat(Uint8Array.of(22, 3, 1, piece.length >> 8, piece.length & 0xff), piece));
  }
  expect(server.errors).toEqual([]);
  expect(server.take().length).toBeGreaterThan(100);
});
