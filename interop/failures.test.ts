/** The failures of versions that everyone meets (examples/negotiation-failures.mjs), with OpenSSL as the other side. */
import { explainError } from 'akushu/diagnose';
import { expect } from 'vitest';
import { type PeerRole, shows } from './support/matrix.js';
import type { OlderVersion } from './support/older.js';
import { clientArguments, serve } from './support/openssl.js';
import { PeerProcess } from './support/processes.js';
import { pem, pemPair } from './support/suite-server.js';
import { missingTools, tool } from './support/tools.js';
import { failureOf, Service } from './support/wire.js';

const show = (
  role: PeerRole,
  version: OlderVersion | undefined,
  title: string,
  run: Parameters<typeof shows>[3],
): void =>
  shows(
    { peer: 'OpenSSL', role, feature: 'refusal', ...(version && { version }) },
    title,
    missingTools('openssl'),
    run,
  );

const REFUSED = { code: 'peer_alert', alert: 'protocol_version', sentBy: 'server' } as const;

show('server', undefined, 'refuses us where we are of TLS 1.2 at most', async ({ onTestFinished }) => {
  const service = await serve(onTestFinished, { credential: 'p256' });
  const error = await failureOf(onTestFinished, service.port, { ca: pem('ca'), maxVersion: 'TLSv1.2' });
  expect(error).toMatchObject(REFUSED);
  await service.says(/unsupported protocol/);
  const words = [explainError(error, 'en').what, explainError(error, 'ja').what];
  for (const what of words) expect(what).toContain('protocol_version');
});

show('server', 'TLSv1.2', 'refuses us where we are of TLS 1.3 alone', async ({ onTestFinished }) => {
  const service = await serve(onTestFinished, { credential: 'p256', version: 'TLSv1.2' });
  const error = await failureOf(onTestFinished, service.port, { ca: pem('ca'), minVersion: 'TLSv1.3' });
  expect(error).toMatchObject(REFUSED);
  await service.says(/unsupported protocol/);
});

show('client', undefined, 'is refused where we are of TLS 1.2 at most', async ({ onTestFinished }) => {
  const service = await Service.start(onTestFinished, { ...pemPair('p256'), maxVersion: 'TLSv1.2' });
  const args = clientArguments({ port: service.port, ca: 'ca', size: 0 });
  const peer = new PeerProcess(tool('openssl'), args, onTestFinished);
  const error = await service.nextFailure();
  expect(error).toMatchObject({
    code: 'no_shared_version',
    alert: 'protocol_version',
    sentBy: 'server',
    facts: { offered: ['TLSv1.3'], supported: ['TLSv1.2'] },
  });
  expect(explainError(error, 'en').what).toMatch(/Offered: TLSv1\.3\. Supported: TLSv1\.2\./);
  await peer.says(/alert protocol version/);
});

show('client', 'TLSv1.2', 'is refused where we are of TLS 1.3 alone', async ({ onTestFinished }) => {
  const service = await Service.start(onTestFinished, { ...pemPair('p256'), minVersion: 'TLSv1.3' });
  const args = clientArguments({ port: service.port, ca: 'ca', size: 0, version: 'TLSv1.2' });
  const peer = new PeerProcess(tool('openssl'), args, onTestFinished);
  const error = await service.nextFailure();
  expect(error).toMatchObject({
    code: 'no_shared_version',
    alert: 'protocol_version',
    sentBy: 'server',
    facts: { offered: ['TLSv1.2', 'TLSv1.1', 'TLSv1'], supported: ['TLSv1.3'] },
  });
  expect(explainError(error, 'en').what).toMatch(
    /Offered: TLSv1\.2, TLSv1\.1, TLSv1\. Supported: TLSv1\.3\./,
  );
  await peer.says(/alert protocol version/);
});
