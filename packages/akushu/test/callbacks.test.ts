/**
 * Callers' functions that throw, reject, take their time, never answer, or end the connection themselves: the engine
 * tells the peer, tells the caller once, and stays dead (CVE-2026-21637).
 */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { concat, fromUtf8 } from '../src/bytes/index.js';
import { Connection, type ConnectionHandlers } from '../src/connection/index.js';
import { nodeProvider as provider } from '../src/crypto/node.js';
import type { PrivateKey } from '../src/crypto/provider.js';
import { TlsError, tlsError } from '../src/errors.js';
import type { ClientConfig, Credential, ServerConfig } from '../src/handshake/index.js';
import { Group } from '../src/registry/index.js';
import { SelfEncryptedTickets, type Session } from '../src/session/index.js';
import { credential, trustAll } from './support/credentials.js';
import { End, Pair } from './support/pair.js';
import { ScriptedServer } from './support/scripted-peer.js';
import { converse, expectDead, expectDeath } from './support/verdict.js';

let p256: Credential;
let other: Credential;
beforeAll(async () => {
  p256 = await credential();
  other = await credential('P-256', 'other.example');
});

/** Nothing that a caller's function does wrong may end up as a rejection that nobody hears. */
const unheard: unknown[] = [];
const hear = (reason: unknown): void => void unheard.push(reason);
beforeEach(() => {
  unheard.length = 0;
  process.on('unhandledRejection', hear);
});
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve, 2));
  process.off('unhandledRejection', hear);
  expect(unheard).toEqual([]);
});

const base = { provider, groups: [Group.x25519], now: () => 1_800_000_000_000, verifyPeer: trustAll };
const clientConfig = (more: Partial<ClientConfig> = {}): ClientConfig => ({
  ...base,
  serverName: 'localhost',
  ...more,
});
const serverConfig = (more: Partial<ServerConfig> = {}): ServerConfig => ({
  ...base,
  credentials: [p256],
  alpn: ['h2'],
  ...more,
});

const mine = new Error('mine');
const throwing = (): never => {
  throw mine;
};
const later = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(() => resolve(value), 1));
const rejecting = async (): Promise<never> => {
  await later(0);
  throw mine;
};
const never = (): Promise<never> => new Promise(() => {});

const keyThat = (sign: () => never | Promise<never>): PrivateKey => ({ ...p256.key, sign });

interface Row {
  readonly what: string;
  readonly side: 'client' | 'server';
  readonly client?: (fail: () => never | Promise<never>) => Partial<ClientConfig>;
  readonly server?: (fail: () => never | Promise<never>) => Partial<ServerConfig>;
  /** What it would say in earnest. */
  readonly honest: (...question: readonly unknown[]) => unknown;
}

const signed = (scheme: unknown, message: unknown): unknown =>
  p256.key.sign(scheme as string, message as Uint8Array);

const ASKED: readonly Row[] = [
  {
    what: 'verifyPeer of a client',
    honest: trustAll,
    side: 'client',
    client: (verifyPeer) => ({ verifyPeer }),
  },
  {
    what: 'verifyPeer of a server',
    honest: trustAll,
    side: 'server',
    client: () => ({ credentials: [other] }),
    server: (verifyPeer) => ({ verifyPeer, clientAuth: 'require' }),
  },
  {
    what: 'chooseCredential of a client',
    honest: () => other,
    side: 'client',
    client: (chooseCredential) => ({ chooseCredential }),
    server: () => ({ clientAuth: 'request' }),
  },
  {
    what: 'chooseCredential of a server',
    honest: () => p256,
    side: 'server',
    server: (chooseCredential) => ({ chooseCredential }),
  },
  {
    what: 'chooseAlpn',
    honest: () => 'h2',
    side: 'server',
    client: () => ({ alpn: ['h2'] }),
    server: (chooseAlpn) => ({ chooseAlpn }),
  },
  {
    what: 'sign of a server',
    honest: signed,
    side: 'server',
    server: (sign) => ({ credentials: [{ ...p256, key: keyThat(sign) }] }),
  },
  {
    what: 'sign of a client',
    honest: signed,
    side: 'client',
    client: (sign) => ({ credentials: [{ ...p256, key: keyThat(sign) }] }),
    server: () => ({ clientAuth: 'require' }),
  },
  {
    what: 'findPsk',
    honest: () => null,
    side: 'server',
    client: () => ({ externalPsks: [{ identity: fromUtf8('me'), key: new Uint8Array(32), hash: 'sha256' }] }),
    server: (findPsk) => ({ findPsk }),
  },
  {
    what: 'the opening of a ticket',
    honest: () => null,
    side: 'server',
    client: () => ({ externalPsks: [{ identity: fromUtf8('me'), key: new Uint8Array(32), hash: 'sha256' }] }),
    server: (open) => ({ tickets: { seal: () => new Uint8Array(1), open } }),
  },
  {
    what: 'the sealing of a ticket',
    honest: () => Uint8Array.of(1, 2, 3),
    side: 'server',
    server: (seal) => ({ tickets: { seal, open: () => null } }),
  },
];

function pairFor(row: Row, fail: () => never | Promise<never>): Pair {
  return new Pair(clientConfig(row.client?.(fail)), serverConfig(row.server?.(fail)));
}

const sides = (pair: Pair, row: Row) =>
  row.side === 'client' ? { own: pair.client, peer: pair.server } : { own: pair.server, peer: pair.client };

describe.each(ASKED)('$what', (row) => {
  test.each([
    ['throws', throwing],
    ['rejects', rejecting],
  ] as const)('that %s ends the connection with internal_error, told once to each side', async (_, fail) => {
    const pair = await pairFor(row, fail).settle();
    const { own, peer } = sides(pair, row);
    expect(own.errors.map((error) => [error.code, error.alert, error.cause])).toEqual([
      ['callback_failed', 'internal_error', mine],
    ]);
    expect(peer.errors.map((error) => [error.code, error.alert, error.sentBy])).toEqual([
      ['peer_alert', 'internal_error', row.side],
    ]);
    expectDead(own);
    expectDead(peer);
  });

  test('that never answers can be aborted, and stops the input meanwhile', async () => {
    const pair = await pairFor(row, never).settle();
    const { own, peer } = sides(pair, row);
    expect([own.errors, own.connection.wantsInput]).toEqual([[], false]);
    own.connection.abort('handshake_timeout');
    await pair.settle();
    expect(own.errors.map((error) => error.code)).toEqual(['handshake_timeout']);
    // §6.1: user_canceled says why, the close_notify behind it that it is over.
    const alerts = peer.events.filter((event) => event.kind === 'alert').map((event) => event.description);
    expect(alerts).toEqual(['user_canceled', 'close_notify']);
    expectDead(own);
  });

  test.each([
    ['resolves', (resolve: () => void, _: () => void) => resolve()],
    ['rejects', (_: () => void, reject: () => void) => reject()],
  ])('that %s after the connection died has no effect', async (_, settle) => {
    let resolve: (value: never) => void = () => {};
    let reject: (reason: unknown) => void = () => {};
    const pair = await pairFor(
      row,
      () =>
        new Promise((yes, no) => {
          resolve = yes as typeof resolve;
          reject = no;
        }),
    ).settle();
    const { own } = sides(pair, row);
    own.connection.abort('canceled');
    own.take();
    settle(
      () => resolve({ trusted: true } as never),
      () => reject(mine),
    );
    await later(0);
    expectDead(own);
    expect(own.errors.length).toBe(1);
  });

  test.each(['abort', 'close'] as const)('that calls %s itself ends the connection for good', async (how) => {
    const found: { own?: End } = {};
    const pair = pairFor(row, ((...question: readonly unknown[]) => {
      if (how === 'abort') found.own!.connection.abort('canceled');
      else found.own!.connection.close();
      return row.honest(...question);
    }) as () => never);
    const { own } = sides(pair, row);
    found.own = own;
    await pair.settle();
    expect(own.errors.map((error) => error.code)).toEqual(how === 'abort' ? ['canceled'] : []);
    expect(messagesAfterAlert(own, row.side)).toEqual([]);
    if (row.what === 'the sealing of a ticket') return;
    expect(own.summaries).toEqual([]);
    expectDead(own);
  });
});

/** Handshake records that a side sent after an alert of its own. */
function messagesAfterAlert(end: End, side: 'client' | 'server'): unknown[] {
  const own = end.events.filter((event) => 'from' in event && event.from === side);
  const first = own.findIndex((event) => event.kind === 'alert');
  expect(first).toBeGreaterThanOrEqual(0);
  return own.slice(first).filter((event) => event.kind === 'record' && event.innerType === 22);
}

test('an error of ours that a callback raises keeps its code, thrown or rejected', async () => {
  for (const verifyPeer of [
    () => {
      throw tlsError('unknown_ca');
    },
    async () => {
      await later(0);
      throw tlsError('unknown_ca');
    },
  ]) {
    const pair = await new Pair(clientConfig({ verifyPeer }), serverConfig()).settle();
    expect(pair.client.errors.map((error) => error.code)).toEqual(['unknown_ca']);
    expect(pair.server.errors.map((error) => error.alert)).toEqual(['unknown_ca']);
  }
});

test('a signature that does not verify is never sent', async () => {
  for (const signature of [new Uint8Array(70), new Uint8Array(0)]) {
    const key: PrivateKey = { ...p256.key, sign: () => signature };
    const pair = await new Pair(clientConfig(), serverConfig({ credentials: [{ ...p256, key }] })).settle();
    expect(pair.server.errors.map((error) => error.code)).toEqual(['own_signature_invalid']);
    expect(pair.client.errors.map((error) => error.alert)).toEqual(['internal_error']);
  }
});

test('an ALPN choice that the client did not offer is our failure', async () => {
  const pair = new Pair(clientConfig({ alpn: ['h2'] }), serverConfig({ chooseAlpn: () => 'smtp' }));
  pair.pump();
  expect(pair.server.errors.map((error) => error.code)).toEqual(['callback_failed']);
});

test('the signal given to a key is aborted when the connection dies', async () => {
  let signal: AbortSignal | undefined;
  const key: PrivateKey = {
    ...p256.key,
    sign(_scheme, _message, options) {
      signal = options?.signal;
      return never();
    },
  };
  const pair = await new Pair(clientConfig(), serverConfig({ credentials: [{ ...p256, key }] })).settle();
  expect(signal?.aborted).toBe(false);
  pair.server.connection.abort('canceled');
  expect(signal?.aborted).toBe(true);
});

describe('onlookers', () => {
  test.each([
    ['trace', { trace: throwing }],
    ['keyLog', { keyLog: throwing }],
    ['padding', { padding: throwing }],
    ['shapeHello', { shapeHello: throwing }],
    ['now', { now: throwing }],
  ] as const)('%s that throws never comes out of the engine and ends the connection once', (what, wrong) => {
    for (const role of ['client', 'server'] as const) {
      const errors: TlsError[] = [];
      const peer = role === 'client' ? new End('server', serverConfig()) : new End('client', clientConfig());
      const out: Uint8Array[] = [];
      const handlers: ConnectionHandlers = {
        output: (pieces) => void out.push(...pieces),
        error: (error) => void errors.push(error),
      };
      // A clock that is broken from the start is a mistake that shows at once.
      if (what === 'now') {
        expect(() =>
          role === 'client'
            ? new Connection('client', clientConfig(wrong), handlers)
            : new Connection('server', serverConfig(wrong), handlers),
        ).toThrow(mine);
        continue;
      }
      const own =
        role === 'client'
          ? new Connection('client', clientConfig(wrong), handlers)
          : new Connection('server', serverConfig(wrong), handlers);
      peer.connection.start();
      own.start();
      for (let i = 0; i < 5; i++) {
        own.receive(peer.take());
        peer.connection.receive(concat(...out.splice(0), new Uint8Array(0)));
      }
      expect([role, errors.map((error) => error.code)]).toEqual([role, ['callback_failed']]);
      expect(own.isDead).toBe(true);
    }
  });

  test.each(['established', 'data', 'peerClosed', 'peerAuthenticated'] as const)(
    'a handler for %s that throws ends the connection with callback_failed',
    (name) => {
      const errors: TlsError[] = [];
      const out: Uint8Array[] = [];
      const server = new Connection('server', serverConfig({ clientAuth: 'none' }), {
        output: (pieces) => void out.push(...pieces),
        [name]: throwing,
        error: (error) => void errors.push(error),
      });
      const client = new End('client', clientConfig({ postHandshakeAuth: true }));
      const pump = (): void => {
        for (let i = 0; i < 4; i++) {
          server.receive(client.take());
          client.connection.receive(concat(...out.splice(0), new Uint8Array(0)));
        }
      };
      server.start();
      client.connection.start();
      pump();
      if (name !== 'established') {
        if (name === 'peerAuthenticated') server.requestClientCertificate();
        else {
          client.connection.write(fromUtf8('x'));
          client.connection.close();
        }
        pump();
      }
      expect(errors.map((error) => [error.code, error.cause])).toEqual([['callback_failed', mine]]);
      expect(server.isDead).toBe(true);
    },
  );

  test('output that throws ends the connection, and nothing comes out of the engine', () => {
    const errors: TlsError[] = [];
    const client = new Connection('client', clientConfig(), {
      output: throwing,
      error: (error) => void errors.push(error),
    });
    client.start();
    expect([errors.map((error) => error.code), client.isDead]).toEqual([['callback_failed'], true]);
  });

  test('onSession that throws ends the connection', async () => {
    const tickets = new SelfEncryptedTickets(provider);
    const pair = await new Pair(clientConfig({ onSession: throwing }), serverConfig({ tickets })).settle();
    expect(pair.client.errors.map((error) => error.code)).toEqual(['callback_failed']);
    expect(pair.server.errors.map((error) => error.alert)).toEqual(['internal_error']);
  });
});

describe('calls from within', () => {
  /** Two connections whose transport delivers during the very call that sends. */
  function shortCircuit(handlers: {
    client?: Partial<ConnectionHandlers>;
    server?: Partial<ConnectionHandlers>;
  }) {
    const errors: TlsError[] = [];
    const error = (problem: TlsError): void => void errors.push(problem);
    const client: Connection = new Connection('client', clientConfig(), {
      output(pieces) {
        for (const piece of pieces) server.receive(piece.slice());
      },
      error,
      ...handlers.client,
    });
    const server: Connection = new Connection('server', serverConfig(), {
      output(pieces) {
        for (const piece of pieces) client.receive(piece.slice());
      },
      error,
      ...handlers.server,
    });
    return { client, server, errors };
  }

  test('a transport that delivers at once loses nothing and keeps the order', () => {
    const seen: number[] = [];
    const ends = shortCircuit({
      client: {
        established: () => ends.client.write(Uint8Array.of(0)),
        data(bytes) {
          seen.push(bytes[0]!);
          if (bytes[0]! < 50) ends.client.write(Uint8Array.of(bytes[0]! + 1));
        },
      },
      server: { data: (bytes) => ends.server.write(Uint8Array.of(bytes[0]! + 1)) },
    });
    ends.server.start();
    ends.client.start();
    expect(ends.errors).toEqual([]);
    expect(seen).toEqual(Array.from({ length: 26 }, (_, i) => 2 * i + 1));
  });

  test('close within a data handler goes out once and both sides end in order', () => {
    const ends = shortCircuit({
      client: {
        established: () => ends.client.write(Uint8Array.of(0)),
        peerClosed: () => ends.client.close(),
      },
      server: {
        data() {
          ends.server.close();
          ends.server.close();
        },
      },
    });
    ends.server.start();
    ends.client.start();
    expect([ends.errors, ends.client.isDead, ends.server.isDead]).toEqual([[], true, true]);
  });

  test('abort within a data handler delivers nothing more', () => {
    const pair = new Pair(clientConfig(), serverConfig());
    pair.pump();
    const seen: string[] = [];
    const out: Uint8Array[] = [];
    const client: Connection = new Connection('client', clientConfig(), {
      output: (pieces) => void out.push(...pieces),
      data(bytes) {
        seen.push(new TextDecoder().decode(bytes));
        client.abort('canceled');
      },
    });
    const server = new ScriptedServer({ credential: p256 });
    client.start();
    server.receive(concat(...out.splice(0)));
    client.receive(server.take());
    server.receive(concat(...out.splice(0)));
    server.applicationData('one');
    server.applicationData('two');
    client.receive(server.take());
    server.receive(concat(...out.splice(0)));
    expect(seen).toEqual(['one']);
    expect(server.alerts.map((alert) => alert.description)).toEqual(['user_canceled', 'close_notify']);
    expect(server.afterAlert).toBe(1);
  });
});

describe('after close', () => {
  test('no ticket follows a close_notify that the handler for established sends', () => {
    const client = new End('client', clientConfig());
    const out: Uint8Array[] = [];
    const sent: string[] = [];
    const server: Connection = new Connection(
      'server',
      serverConfig({
        tickets: new SelfEncryptedTickets(provider),
        trace(event) {
          if (event.kind === 'message' && event.from === 'server') sent.push(event.type);
          if (event.kind === 'alert' && event.from === 'server') sent.push(event.description);
        },
      }),
      { output: (pieces) => void out.push(...pieces), established: () => server.close() },
    );
    client.connection.start();
    server.receive(client.take());
    client.connection.receive(concat(...out.splice(0)));
    server.receive(client.take());
    expect(sent.at(-1)).toBe('close_notify');
  });

  test('no ticket that was sealed too late follows a close_notify', async () => {
    const keeper = new SelfEncryptedTickets(provider);
    const sessions: Session[] = [];
    const pair = new Pair(
      clientConfig({ onSession: (session) => void sessions.push(session) }),
      serverConfig({ tickets: { seal: (state) => later(keeper.seal(state)), open: () => null } }),
    );
    pair.pump();
    pair.server.connection.close();
    pair.pump();
    await later(0);
    await later(0);
    expect([pair.server.take().length, sessions.length, pair.client.errors]).toEqual([0, 0, []]);
  });

  test('no late certificate follows a close_notify', async () => {
    const pair = new Pair(
      clientConfig({ postHandshakeAuth: true, chooseCredential: () => later(other) }),
      serverConfig(),
    );
    pair.pump();
    pair.server.connection.requestClientCertificate();
    pair.pump();
    pair.client.connection.close();
    pair.pump();
    await later(0);
    await later(0);
    expect(pair.client.take().length).toBe(0);
  });

  test('a late certificate, its proof and Finished are not interrupted by a KeyUpdate or data', async () => {
    const sign: PrivateKey['sign'] = (scheme, message) =>
      later(null).then(() => other.key.sign(scheme, message));
    const slow = { ...other, key: { ...other.key, sign } };
    const pair = new Pair(clientConfig({ credentials: [slow], postHandshakeAuth: true }), serverConfig());
    pair.pump();
    const before = pair.server.events.length;
    pair.server.connection.requestClientCertificate();
    pair.pump();
    pair.client.connection.updateKeys();
    pair.client.connection.write(fromUtf8('x'));
    await pair.settle();
    const seen = pair.server.events.slice(before).flatMap((event) => {
      if (event.kind === 'message' && event.from === 'client') return [event.type];
      return event.kind === 'record' && event.from === 'client' && event.innerType === 23 ? ['data'] : [];
    });
    const start = seen.indexOf('Certificate');
    expect(seen.slice(start, start + 3)).toEqual(['Certificate', 'CertificateVerify', 'Finished']);
    expect([seen.includes('data'), pair.server.late, pair.server.errors]).toEqual([true, [other.chain], []]);
  });

  test('what comes after the peer said that it is done is ignored', () => {
    const client = new End('client', clientConfig());
    const server = new ScriptedServer({ credential: p256 });
    client.connection.start();
    converse(client, server);
    server.alert(1, 0);
    server.applicationData('late');
    server.handshake(Uint8Array.of(99, 0, 0, 0));
    server.alert(1, 0);
    converse(client, server);
    server.applicationData('later');
    converse(client, server);
    expect([client.errors, client.received, client.closes]).toEqual([[], [], 1]);
  });
});

describe('input while an answer is awaited', () => {
  const waiting = (more: Partial<ClientConfig> = {}) => {
    let answer: (verdict: { trusted: true }) => void = () => {};
    const client = new End(
      'client',
      clientConfig({
        verifyPeer: () =>
          new Promise((resolve) => {
            answer = resolve;
          }),
        ...more,
      }),
    );
    const server = new ScriptedServer({ credential: p256 });
    client.connection.start();
    server.receive(client.take());
    client.connection.receive(server.take());
    expect(client.connection.wantsInput).toBe(false);
    const go = async (): Promise<void> => {
      answer({ trusted: true });
      await later(0);
    };
    return { client, server, go };
  };

  test('is read when the answer has come, in order, the end of input last', async () => {
    const { client, server, go } = waiting();
    for (const text of ['a', 'b', 'c']) {
      server.applicationData(text);
      client.connection.receive(server.take());
    }
    client.connection.endOfInput();
    expect(client.errors).toEqual([]);
    await go();
    expect([client.text(), client.errors.map((error) => error.code)]).toEqual(['abc', ['truncated_close']]);
  });

  test('an end in order is an end in order, however late it is read', async () => {
    const { client, server, go } = waiting();
    server.applicationData('bye');
    server.alert(1, 0);
    client.connection.receive(server.take());
    client.connection.endOfInput();
    await go();
    expect([client.text(), client.errors, client.closes]).toEqual(['bye', [], 1]);
  });

  test('is read again in time that grows with its size, in however many chunks it came', async () => {
    const { client, server, go } = waiting();
    const chunks = 200_000;
    let left = chunks;
    while (left > 0) {
      server.record(23, new Uint8Array(16_000));
      for (const byte of server.take().subarray(0, left)) client.connection.receive(Uint8Array.of(byte));
      left -= 16_022;
    }
    await go();
    expect([client.errors, client.received.length]).toEqual([[], Math.floor(chunks / 16_022)]);
  });

  test('is kept up to a bound', async () => {
    const { client, server, go } = waiting({ limits: { pendingInput: 10_000 } });
    for (let i = 0; i < 11; i++) client.connection.receive(new Uint8Array(1000));
    server.receive(client.take());
    expectDeath(client, server, 'too_much_pending_input');
    await go();
    expectDead(client);
  });
});

test('errors of the table are the only ones that handlers see', () => {
  const pair = new Pair(clientConfig(), serverConfig());
  pair.client.connection.receive(fromUtf8('nonsense, really'));
  expect(pair.client.errors[0]).toBeInstanceOf(TlsError);
});
