/** The failures of the example, end to end: what each side reports, and that the example itself says it in both languages. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createServer, localhostCredential } from 'akushu/node';
import { describe, expect, test } from 'vitest';
import { run, SCENARIOS, type Side } from './support/scenarios.mjs';

/** What a client sees where the server refused with `alert`. */
const refused = (alert: string) => ({ code: 'peer_alert', alert, sentBy: 'server' });

const EXPECTED: Readonly<Record<string, { readonly client: object; readonly server: object }>> = {
  'old-client': {
    client: refused('protocol_version'),
    server: {
      code: 'no_shared_version',
      alert: 'protocol_version',
      sentBy: 'server',
      facts: { supported: ['TLSv1.3'] },
    },
  },
  'old-server': {
    client: refused('protocol_version'),
    server: {
      code: 'no_shared_version',
      alert: 'protocol_version',
      sentBy: 'server',
      facts: { offered: ['TLSv1.3'], supported: ['TLSv1.2'] },
    },
  },
  'middlebox-drops': {
    client: {
      code: 'handshake_timeout',
      sentBy: 'client',
      facts: { phase: 'handshake', state: 'handshaking', waitingFor: 'message', receivedAnything: false },
    },
    server: { code: 'closed_during_handshake', sentBy: null, facts: { receivedAnything: false } },
  },
  'middlebox-resets': {
    client: { code: 'ECONNRESET' },
    server: { code: 'closed_during_handshake', sentBy: null, facts: { receivedAnything: false } },
  },
  'no-shared-suite': {
    client: refused('handshake_failure'),
    server: {
      code: 'no_shared_cipher_suite',
      alert: 'handshake_failure',
      sentBy: 'server',
      facts: {
        offered: ['TLS_AES_128_GCM_SHA256'],
        supported: ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
      },
    },
  },
  'no-certificate-for-suite': {
    client: refused('handshake_failure'),
    server: {
      code: 'no_certificate_for_suite',
      alert: 'handshake_failure',
      sentBy: 'server',
      facts: { shared: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'] },
    },
  },
  'no-shared-group': {
    client: refused('handshake_failure'),
    server: {
      code: 'no_shared_group',
      alert: 'handshake_failure',
      sentBy: 'server',
      facts: { offered: ['x25519'], supported: ['secp384r1'] },
    },
  },
  'no-shared-scheme': {
    client: refused('handshake_failure'),
    server: {
      code: 'no_shared_signature_scheme',
      alert: 'handshake_failure',
      sentBy: 'server',
      facts: { offered: ['rsa_pss_rsae_sha256', 'ed25519'], supported: ['ecdsa_secp256r1_sha256'] },
    },
  },
  'no-private-key': {
    client: refused('handshake_failure'),
    server: { code: 'no_credential', alert: 'handshake_failure', sentBy: 'server' },
  },
};

test('every failure of the example is expected here', () => {
  expect(Object.keys(SCENARIOS)).toEqual(Object.keys(EXPECTED));
});

const decision = (side: Side, about: string) =>
  side.trace.find((event) => event.kind === 'decision' && event.about === about);

describe.each(Object.keys(SCENARIOS))('%s', (name) => {
  test('each side reports what it can know', async () => {
    const { client, server, again } = await run(name);
    expect(client.error).toMatchObject(EXPECTED[name]!.client);
    expect(server.error).toMatchObject(EXPECTED[name]!.server);
    expect([client.handshake, server.handshake]).toEqual([null, null]);
    expect(again === undefined).toBe(SCENARIOS[name]!.again === undefined);
    if (!again) return;
    expect([again.client.error, again.server.error]).toEqual([null, null]);
    expect(again.client.handshake?.version).toBe(again.server.handshake?.version);
  });
});

test('a refused version is a decision with everything that was on the table', async () => {
  const { server } = await run('old-client');
  expect(decision(server, 'version')).toMatchObject({
    chosen: null,
    reason: 'refused',
    alternatives: expect.arrayContaining([
      { value: 'TLSv1.2', reason: 'not_supported_by_server' },
      { value: 'TLSv1.3', reason: 'not_offered_by_client' },
    ]),
  });
});

test('a suite without a certificate is a decision that names the suite and why', async () => {
  const { server } = await run('no-certificate-for-suite');
  expect(decision(server, 'cipher_suite')).toMatchObject({
    chosen: null,
    alternatives: expect.arrayContaining([
      { value: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', reason: 'no_certificate_for_it' },
    ]),
  });
});

test('behind a middlebox the hello is what was not answered, and a smaller one would have been', async () => {
  const { client, again } = await run('middlebox-drops');
  const hellos = [client, again!.client].map((side) =>
    side.trace.filter((event) => event.kind === 'message' && event.from === 'client'),
  );
  expect(hellos[0]!.map((event) => event.kind === 'message' && event.type)).toEqual(['ClientHello']);
  expect(client.trace.some((event) => 'from' in event && event.from === 'server')).toBe(false);
  const [long, short] = hellos.map(([first]) => (first?.kind === 'message' ? first.bytes.length : 0));
  expect(long).toBeGreaterThan(1460);
  expect(short).toBeLessThan(1000);
});

test('a certificate without its private key is refused before a server is made', async () => {
  const { certificatePem } = await localhostCredential();
  expect(() => createServer({ cert: certificatePem })).toThrow(/"cert" and "key"/);
});

/** Over the built packages, as a user runs it. */
function example(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const script = fileURLToPath(new URL('negotiation-failures.mjs', import.meta.url));
  return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
}

test('the example runs and tells all of it in English', () => {
  const { status, stdout, stderr } = example('--lang', 'en');
  expect([status, stderr]).toEqual([0, '']);
  for (const name of Object.keys(SCENARIOS)) expect(stdout).toContain(`── ${name} ──`);
  expect(stdout).toMatch(/Sent and not answered: ClientHello, 1,\d{3} bytes\.\n\s+Nothing has come/);
  expect(stdout).toMatch(
    /no_shared_version · sends protocol_version\n.*Offered: TLSv1\.2.*Supported: TLSv1\.3/,
  );
  expect(stdout).not.toMatch(/undefined|\[object/);
});

test('the example runs and tells one of them in Japanese', () => {
  const { status, stdout, stderr } = example('--lang', 'ja', 'no-shared-group');
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/── no-shared-group ──\n両側に共通の鍵交換グループがありません。/);
  expect(stdout).not.toContain('old-client');
});

test('the example names its failures where it is asked for another', () => {
  const { status, stderr } = example('no-such-thing');
  expect(status).toBe(2);
  expect(stderr).toContain('old-client, old-server');
});
