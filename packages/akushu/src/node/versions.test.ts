import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { nodeProvider } from '../crypto/node.js';
import type { Credential } from '../handshake/index.js';
import { createCertificate } from '../x509/index.js';
import { type ConnectOptions, connect } from './connect.js';
import { localhostCredential } from './localhost.js';
import { createServer, type ServerOptions } from './server.js';
import type { TlsSocket } from './socket.js';
import { versionCodes } from './versions.js';

describe('versions by name', () => {
  test('are a range, in which TLS 1.1 and 1.0 stand only where they are named', () => {
    expect(versionCodes({})).toBeUndefined();
    expect(versionCodes({ minVersion: 'TLSv1.3' })).toEqual([0x0304]);
    expect(versionCodes({ maxVersion: 'TLSv1.2' })).toEqual([0x0303]);
    expect(versionCodes({ maxVersion: 'TLSv1.1' })).toEqual([0x0302]);
    expect(versionCodes({ minVersion: 'TLSv1' })).toEqual([0x0304, 0x0303, 0x0302, 0x0301]);
  });

  test('are a list in which there may be gaps', () => {
    expect(versionCodes({ versions: ['TLSv1.3', 'TLSv1.1'] })).toEqual([0x0304, 0x0302]);
  });

  test('are refused where they contradict each other, or are none of TLS', () => {
    expect(() => versionCodes({ minVersion: 'TLSv1.3', maxVersion: 'TLSv1.2' })).toThrow(RangeError);
    expect(() => versionCodes({ versions: ['TLSv1.2'], minVersion: 'TLSv1.2' })).toThrow(TypeError);
    expect(() => versionCodes({ versions: [] })).toThrow(RangeError);
    expect(() => versionCodes({ minVersion: 'SSLv3' as never })).toThrow(/"minVersion" expected/);
    expect(() => versionCodes({ maxVersion: 'x' as never })).toThrow(RangeError);
  });
});

/** One connection; the client's socket once it is secure. */
async function meet(client: Partial<ConnectOptions>, server: ServerOptions): Promise<TlsSocket['handshake']> {
  const listener = createServer(server);
  listener.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  const socket = connect({ host: 'localhost', family: 4, port, rejectUnauthorized: false, ...client });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
    });
    return socket.handshake;
  } finally {
    socket.destroy();
    listener.close();
  }
}

async function credentialOf(kind: 'rsa-2048' | 'secp256r1' | 'ed25519'): Promise<Credential> {
  const key = await nodeProvider.importPrivateKey(await nodeProvider.generatePrivateKey(kind));
  const certificate = await createCertificate({
    provider: nodeProvider,
    subject: 'localhost',
    altNames: ['localhost'],
    key,
    notBefore: Date.now() - 1000,
    notAfter: Date.now() + 1_000_000,
  });
  return { chain: [certificate], key, serverNames: ['localhost'] };
}

describe('connections of a version', () => {
  test.each(['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1'] as const)(
    '%s come about where it is asked for',
    async (name) => {
      const credentials = [await localhostCredential()];
      const handshake = await meet({ versions: [name] }, { credentials, minVersion: 'TLSv1' });
      expect(handshake?.version).toBe(name);
    },
  );

  test('do not come about where the two sides share none', async () => {
    const credentials = [await localhostCredential()];
    await expect(
      meet({ maxVersion: 'TLSv1.2' }, { credentials, minVersion: 'TLSv1.3' }),
    ).rejects.toMatchObject({
      code: 'peer_alert',
      alert: 'protocol_version',
    });
  });
});

test('the order of suites is the server’s, or with honorCipherOrder false the client’s', async () => {
  const credentials = [await localhostCredential()];
  const ciphers = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'];
  const reversed = [...ciphers].reverse();
  const server = { credentials, ciphers, maxVersion: 'TLSv1.2' } as const;
  const ours = await meet({ ciphers: reversed }, server);
  expect(ours?.cipherSuite.openssl).toBe(ciphers[0]);
  const theirs = await meet({ ciphers: reversed }, { ...server, honorCipherOrder: false });
  expect(theirs?.cipherSuite.openssl).toBe(ciphers[1]);
});

test('certificates of RSA, ECDSA and Ed25519 stand side by side, and the suite chooses among them', async () => {
  const credentials = await Promise.all([
    credentialOf('rsa-2048'),
    credentialOf('secp256r1'),
    credentialOf('ed25519'),
  ]);
  const server = { credentials, ciphers: undefined, maxVersion: 'TLSv1.2' } as const;
  const schemeWith = async (client: Partial<ConnectOptions>) =>
    (await meet(client, server))?.signatureScheme?.iana;
  expect(await schemeWith({ ciphers: ['ECDHE-RSA-AES128-GCM-SHA256'] })).toMatch(/^rsa_/);
  expect(
    await schemeWith({ ciphers: ['ECDHE-ECDSA-AES128-GCM-SHA256'], sigalgs: ['ecdsa_secp256r1_sha256'] }),
  ).toBe('ecdsa_secp256r1_sha256');
  expect(await schemeWith({ ciphers: ['ECDHE-ECDSA-AES128-GCM-SHA256'], sigalgs: ['ed25519'] })).toBe(
    'ed25519',
  );
});
