/** What callers may do with a connection, and when. What peers may do stands in the package's `test/`. */
import { beforeAll, describe, expect, test } from 'vitest';
import { credential, trustAll } from '../../test/support/credentials.js';
import { End, Pair } from '../../test/support/pair.js';
import { fromUtf8 } from '../bytes/index.js';
import { nodeProvider as provider } from '../crypto/node.js';
import type { ClientConfig, Credential, ServerConfig } from '../handshake/index.js';
import { Group } from '../registry/index.js';

let p256: Credential;
beforeAll(async () => {
  p256 = await credential();
});

const client = (more: Partial<ClientConfig> = {}): ClientConfig => ({
  provider,
  groups: [Group.x25519],
  serverName: 'localhost',
  verifyPeer: trustAll,
  ...more,
});
const server = (more: Partial<ServerConfig> = {}): ServerConfig => ({
  provider,
  groups: [Group.x25519],
  credentials: [p256],
  ...more,
});

const established = (): Pair => {
  const pair = new Pair(client(), server());
  pair.pump();
  return pair;
};

describe('calls at the wrong time', () => {
  test('a connection is started once', () => {
    const end = new End('client', client());
    end.connection.start();
    expect(() => end.connection.start()).toThrow(/started before/);
  });

  test('nothing can be written before the handshake is done', () => {
    const end = new End('client', client());
    end.connection.start();
    expect(() => end.connection.write(fromUtf8('x'))).toThrow(/not done/);
    expect(() => end.connection.updateKeys()).toThrow(/established/);
  });

  test('nothing can be written after close', () => {
    const { client: end } = established();
    end.connection.close();
    expect(() => end.connection.write(fromUtf8('x'))).toThrow(/write_after_close/);
    expect(() => end.connection.updateKeys()).toThrow(/established/);
  });

  test('a client cannot ask for certificates', () => {
    expect(() => established().client.connection.requestClientCertificate()).toThrow();
  });

  test('asking for a second certificate while the first is on its way is refused', () => {
    const pair = new Pair(client({ postHandshakeAuth: true }), server({ clientAuth: 'request' }));
    pair.pump();
    pair.server.connection.requestClientCertificate();
    expect(() => pair.server.connection.requestClientCertificate()).toThrow(/not now/);
  });

  test('a configuration that leaves nothing to offer is said at the start, once', () => {
    for (const wrong of [
      { cipherSuites: [] },
      { groups: [] },
      { versions: [0x0304], cipherSuites: [0xc02f] },
      { versions: [0x0303], cipherSuites: [0x1301] },
      { groups: [0x2a2a] },
      { versions: [0x0303], groups: [0x0100] },
      { versions: [] },
      { versions: [0x0304, 0x0300] },
    ]) {
      const end = new End('client', client(wrong));
      end.connection.start();
      expect(end.errors.map((error) => error.alert)).toEqual(['internal_error']);
      expect(end.connection.isDead).toBe(true);
    }
  });
});

describe('state', () => {
  test('summary and error are there when there is something to say', () => {
    const pair = new Pair(client(), server());
    expect([pair.client.connection.summary, pair.client.connection.error]).toEqual([null, null]);
    pair.pump();
    expect(pair.client.connection.summary).toBe(pair.client.summaries[0]);
    pair.client.connection.abort('canceled');
    expect(pair.client.connection.error?.code).toBe('canceled');
    expect(pair.client.connection.error).toBe(pair.client.errors[0]);
  });

  test('a client that receives before it was started starts by itself', () => {
    const end = new End('server', server());
    const peer = new End('client', client());
    peer.connection.start();
    end.connection.receive(peer.take());
    expect([end.errors, end.take().length > 100]).toEqual([[], true]);
  });

  test('an empty chunk is nothing, and an empty write sends nothing', () => {
    const { client: end } = established();
    end.connection.receive(new Uint8Array(0));
    end.connection.write(new Uint8Array(0));
    expect([end.errors, end.take().length]).toEqual([[], 0]);
  });

  test('the end is reported in the trace once', () => {
    const pair = established();
    pair.client.connection.close();
    pair.pump();
    pair.server.connection.close();
    pair.pump();
    for (const end of [pair.client, pair.server]) {
      const states = end.events.flatMap((event) => (event.kind === 'state' ? [event.state] : []));
      expect(states.filter((state) => state === 'closed')).toEqual(['closed']);
      expect(states[0]).toBe('established');
    }
  });

  test('closing twice sends one close_notify', () => {
    const { client: end } = established();
    end.connection.close();
    const once = end.take().length;
    end.connection.close();
    expect([once > 0, end.take().length]).toEqual([true, 0]);
  });

  test('data may still come after our own close_notify (half-closed)', () => {
    const pair = established();
    pair.client.connection.close();
    pair.pump();
    expect([pair.server.closes, pair.server.connection.isDead]).toEqual([1, false]);
    pair.server.connection.write(fromUtf8('rest'));
    pair.pump();
    expect(pair.client.text()).toBe('rest');
  });

  test('a KeyUpdate that asks for ours after our close_notify is taken and not answered', () => {
    const pair = established();
    pair.client.connection.close();
    pair.pump();
    pair.server.connection.updateKeys(true);
    pair.server.connection.write(fromUtf8('rest'));
    pair.pump();
    expect([pair.client.text(), pair.client.errors, pair.server.errors]).toEqual(['rest', [], []]);
  });

  test('secrets are wiped when it dies, what was exported before is the caller’s', () => {
    const pair = established();
    const exported = pair.client.connection.exportKeyingMaterial('x', new Uint8Array(0), 32);
    const { traffic } = pair.client.connection as unknown as {
      traffic: { secrets: Record<string, { secret: Uint8Array }> };
    };
    const secrets = Object.values(traffic.secrets).map((one) => one.secret);
    expect(secrets.some((secret) => secret.every((byte) => byte === 0))).toBe(false);
    pair.client.connection.abort('canceled');
    expect(secrets.every((secret) => secret.every((byte) => byte === 0))).toBe(true);
    expect(exported.some((byte) => byte !== 0)).toBe(true);
  });
});
