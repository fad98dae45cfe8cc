/** OpenSSL's s_server and s_client in TLS 1.3. */
import { readFileSync } from 'node:fs';
import { parseCertificate } from 'akushu/x509';
import { expect, inject } from 'vitest';
import { shows } from './support/matrix.js';
import {
  call,
  clientArguments,
  EXPORTED,
  makeOcspResponse,
  SUITES_13,
  serve,
  TRUNCATED,
} from './support/openssl.js';
import { certFile } from './support/pki.js';
import { PeerProcess } from './support/processes.js';
import { clientSuite, echo } from './support/suite-client.js';
import { pemPair, serverSuite, trusting } from './support/suite-server.js';
import { missingTools, tool } from './support/tools.js';
import { open, Service } from './support/wire.js';

const why = missingTools('openssl');
const pki = { dir: inject('prepared').pkiDir };

const abilities = {
  name: 'OpenSSL',
  why,
  suites: SUITES_13,
  groups: ['x25519', 'secp256r1', 'secp384r1', 'secp521r1', 'x448', 'ffdhe2048', 'ffdhe3072'],
  credentials: ['p256', 'p384', 'p521', 'ed25519', 'ed448', 'rsa', 'rsa-pss'],
} as const;

serverSuite({
  ...abilities,
  serve,
  alpnMismatch: 'refuse',
  noCertificateAlert: 'certificate_required',
  orderly: /DONE/,
  truncated: TRUNCATED,
  refused: /unknown ca/,
  exported: EXPORTED,
});

clientSuite({
  ...abilities,
  call,
  retryGroup: 'secp384r1',
  refusalAlerts: ['unknown_ca'],
  truncated: TRUNCATED,
  exported: EXPORTED,
  alpnRefused: /no application protocol/,
});

const asServer = { peer: 'OpenSSL', role: 'server' } as const;
const asClient = { peer: 'OpenSSL', role: 'client' } as const;

for (const [command, requests] of [
  ['k', false],
  ['K', true],
] as const) {
  const what = requests ? 'and we answer with our own' : 'without a request';
  shows(
    { ...asServer, feature: 'key update' },
    `updates its key, ${what}`,
    why,
    async ({ onTestFinished }) => {
      const service = await serve(onTestFinished, { credential: 'p256' });
      const wire = await open(onTestFinished, service.port, trusting());
      await service.exchange(wire, 100);
      service.peer.write(`${command}\n`);
      await wire.traced(
        'KeyUpdate of the server',
        (e) => e.kind === 'message' && e.from === 'server' && e.type === 'KeyUpdate',
      );
      await service.exchange(wire, 1000);
      expect(wire.hasMessage('client', 'KeyUpdate')).toBe(requests);
      expect(await wire.close()).toBeNull();
    },
  );

  shows(
    { ...asClient, feature: 'key update' },
    `updates its key, ${what}`,
    why,
    async ({ onTestFinished }) => {
      const service = await Service.start(onTestFinished, pemPair('p256'));
      const peer = new PeerProcess(
        tool('openssl'),
        clientArguments({ port: service.port, ca: 'ca', size: 0 }),
        onTestFinished,
      );
      const wire = await service.next();
      await peer.says(/Verify return code/);
      peer.write(`${command}\n`);
      await wire.traced(
        'KeyUpdate of the client',
        (e) => e.kind === 'message' && e.from === 'client' && e.type === 'KeyUpdate',
      );
      peer.write('over and out');
      await echo(wire, 12);
      await peer.says(/over and out/);
      expect(wire.hasMessage('server', 'KeyUpdate')).toBe(requests);
    },
  );
}

shows(
  { ...asServer, feature: 'extras' },
  'staples an OCSP response that we get as it is',
  why,
  async ({ onTestFinished }) => {
    const file = makeOcspResponse();
    const service = await serve(onTestFinished, { credential: 'p256' }, ['-status_file', file]);
    const wire = await open(onTestFinished, service.port, trusting({ tls: { requestOcsp: true } }));
    expect(Buffer.from(wire.handshake.ocsp ?? []).equals(readFileSync(file))).toBe(true);
    expect(await wire.close()).toBeNull();
  },
);

shows({ ...asClient, feature: 'retry' }, 'comes back with our cookie', why, async ({ onTestFinished }) => {
  const service = await Service.start(onTestFinished, { ...pemPair('p256'), tls: { requireCookie: true } });
  const peer = new PeerProcess(
    tool('openssl'),
    clientArguments({ port: service.port, ca: 'ca', size: 0 }),
    onTestFinished,
  );
  const wire = await service.next();
  expect(wire.hasMessage('server', 'HelloRetryRequest')).toBe(true);
  await peer.says(/Verify return code: 0/);
});

shows(
  { ...asClient, feature: 'client certificate' },
  'proves itself after the handshake when we ask',
  why,
  async ({ onTestFinished }) => {
    const service = await Service.start(onTestFinished, { ...pemPair('p256'), ca: trusting().ca });
    const args = [
      ...clientArguments({ port: service.port, ca: 'ca', size: 0, credential: 'client' }),
      '-enable_pha',
    ];
    const peer = new PeerProcess(tool('openssl'), args, onTestFinished);
    const wire = await service.next();
    await peer.says(/Verify return code/);
    const proven = new Promise<readonly Uint8Array[]>((resolve) =>
      wire.socket.once('peerAuthenticated', resolve),
    );
    wire.socket.requestClientCertificate();
    expect(parseCertificate((await proven)[0]!).subject.text).toContain('client');
  },
);

shows(
  { ...asServer, feature: 'client certificate' },
  'asks after the handshake, and we prove ourselves',
  why,
  async ({ onTestFinished }) => {
    const service = await serve(onTestFinished, { credential: 'p256' }, [
      '-CAfile',
      certFile(pki, 'ca'),
      '-verify',
      '1',
    ]);
    const wire = await open(
      onTestFinished,
      service.port,
      trusting({ ...pemPair('client'), tls: { postHandshakeAuth: true } }),
    );
    await service.exchange(wire, 100);
    service.peer.write('c\n');
    await wire.traced(
      'a late Certificate of ours',
      (e) =>
        e.kind === 'message' &&
        e.from === 'client' &&
        e.type === 'CertificateVerify' &&
        e.protectedBy?.includes('TRAFFIC_SECRET') === true,
    );
    await service.exchange(wire, 100);
    expect(await wire.close()).toBeNull();
  },
);
