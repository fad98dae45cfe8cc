/** Which of several certificates a server presents for a name. */
import { expect, test } from 'vitest';
import { nodeProvider as provider } from '../src/crypto/node.js';
import type { Credential } from '../src/handshake/index.js';
import { createCertificate } from '../src/x509/index.js';
import { Pair } from './support/pair.js';

async function credentialFor(...altNames: string[]): Promise<Credential> {
  const key = await provider.importPrivateKey(await provider.generatePrivateKey('secp256r1'));
  const [notBefore, notAfter] = [Date.UTC(2026, 0, 1), Date.UTC(2030, 0, 1)];
  return {
    chain: [await createCertificate({ provider, subject: 'x', altNames, key, notBefore, notAfter })],
    key,
  };
}

test('a certificate with very many names answers to the last of them', async () => {
  const other = await credentialFor('other.test');
  const many = await credentialFor(...Array.from({ length: 150 }, (_, i) => `n${i}.example.test`));
  const pair = new Pair(
    { provider, serverName: 'n149.example.test', verifyPeer: () => ({ trusted: true }) },
    { provider, credentials: [other, many] },
  );
  pair.pump();
  expect([pair.client.errors, pair.client.summaries[0]?.peerCertificates]).toEqual([[], many.chain]);
});
