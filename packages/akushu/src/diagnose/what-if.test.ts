import { expect, test } from 'vitest';
import { credential, trustAll } from '../../test/support/credentials.js';
import { End } from '../../test/support/pair.js';
import { nodeProvider as provider } from '../crypto/node.js';
import type { ClientConfig, ServerConfig } from '../handshake/index.js';
import { Group, Scheme, Suite, Version } from '../registry/index.js';
import { serverNameIn, whatIfHello } from './what-if.js';

function helloWith(config: Partial<ClientConfig> = {}): Uint8Array {
  const client = new End('client', { provider, serverName: 'localhost', verifyPeer: trustAll, ...config });
  client.connection.start();
  return client.take().subarray(5);
}

const policy = async (config: Partial<ServerConfig> = {}): Promise<ServerConfig> => ({
  provider,
  credentials: [await credential()],
  ...config,
});

test('a hello that goes with the policy says what would be negotiated', async () => {
  const found = await whatIfHello(helloWith(), await policy());
  expect(found).toMatchObject({ works: true, code: null, change: [] });
  expect(found.agreed).toMatchObject({ version: 'TLSv1.3', group: 'X25519MLKEM768', retry: false });
});

test('the version that is missing is the smallest change', async () => {
  const hello = helloWith({ versions: [Version['TLSv1.2']] });
  const found = await whatIfHello(hello, await policy({ versions: [Version['TLSv1.3']] }));
  expect(found).toMatchObject({ works: false, code: 'no_shared_version' });
  expect(found.verdicts[0]!.cause).toBe('protocol_version_mismatch');
  expect(found.change).toEqual([{ add: 'version', value: 'TLSv1.2' }]);
});

test('the suite, the group and the protocol likewise', async () => {
  const old = { versions: [Version['TLSv1.2']] };
  const suite = await whatIfHello(
    helloWith({ ...old, cipherSuites: [Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256] }),
    await policy({ cipherSuites: [Suite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384] }),
  );
  expect(suite.change).toEqual([{ add: 'cipher_suite', value: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256' }]);
  const group = await whatIfHello(
    helloWith({ groups: [Group.secp521r1] }),
    await policy({ groups: [Group.x25519] }),
  );
  expect(group.change).toEqual([{ add: 'group', value: 'secp521r1' }]);
  const alpn = await whatIfHello(helloWith({ alpn: ['h2'] }), await policy({ alpn: ['http/1.1'] }));
  expect(alpn.change).toEqual([{ add: 'alpn', value: 'h2' }]);
});

test('a certificate with the other kind of key, where that is what is missing', async () => {
  const hello = helloWith({
    versions: [Version['TLSv1.2']],
    cipherSuites: [Suite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256],
  });
  const spareCredentials = [await credential('RSA')];
  const found = await whatIfHello(hello, await policy(), { spareCredentials });
  expect(found.change?.map(({ add }) => add)).toEqual(['certificate']);
});

test('what follows a HelloRetryRequest is judged as well', async () => {
  const old = { signatureSchemes: [Scheme.rsa_pss_rsae_sha256] };
  const other = { groups: [Group.secp384r1] };
  const fine = await whatIfHello(helloWith(), await policy(other));
  expect(fine).toMatchObject({ works: true, agreed: { retry: true, group: 'secp384r1' } });
  expect(fine.agreed!.signatureScheme).not.toBeNull();
  const found = await whatIfHello(helloWith(old), await policy(other));
  expect(found).toMatchObject({ works: false, code: 'no_shared_signature_scheme' });
});

test('a signature scheme that the policy leaves out is a change like others', async () => {
  const found = await whatIfHello(helloWith(), await policy({ signatureSchemes: [Scheme.ed25519] }));
  expect(found).toMatchObject({ works: false, code: 'no_shared_signature_scheme' });
  expect(found.change).toEqual([{ add: 'signature_scheme', value: 'ecdsa_secp256r1_sha256' }]);
});

test('a hello that cannot be read is no reason to look for changes', async () => {
  const hello = Uint8Array.of(1, 0, 0, 4, 255, 255, 255, 255);
  expect(serverNameIn(hello)).toBeNull();
  expect(serverNameIn(helloWith())).toBe('localhost');
  expect(await whatIfHello(hello, await policy())).toMatchObject({ works: false, change: null });
});
