/** GnuTLS's gnutls-serv and gnutls-cli in TLS 1.3. */
import { expect, type TestContext } from 'vitest';
import { call, clientArguments, EXPORTED, serve, TRUNCATED } from './support/gnutls.js';
import { shows } from './support/matrix.js';
import { PeerProcess } from './support/processes.js';
import { clientSuite } from './support/suite-client.js';
import { pemPair, serverSuite, trusting } from './support/suite-server.js';
import { missingTools, tool } from './support/tools.js';
import { open, Service } from './support/wire.js';

const abilities = {
  name: 'GnuTLS',
  suites: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_CCM_SHA256',
    'TLS_AES_128_CCM_8_SHA256',
  ],
  groups: ['x25519', 'secp256r1', 'secp384r1', 'secp521r1', 'x448', 'ffdhe2048', 'ffdhe3072'],
  credentials: ['p256', 'p384', 'p521', 'ed25519', 'ed448', 'rsa', 'rsa-pss'],
} as const;

serverSuite({
  ...abilities,
  why: missingTools('gnutls-serv'),
  serve,
  alpnMismatch: 'ignore',
  noCertificateAlert: 'certificate_required',
  exported: EXPORTED,
});

clientSuite({
  ...abilities,
  why: missingTools('gnutls-cli'),
  call,
  retryGroup: 'secp521r1',
  refusalAlerts: ['bad_certificate', 'unknown_ca'],
  hangsUp: true,
  idleBeforeResumption: true,
  truncated: TRUNCATED,
  exported: EXPORTED,
  alpnRefused: /application protocol/i,
});

/** Distributions build it without the one or the other; it says so, and goes on. */
function skipWithout(algorithm: string, peer: PeerProcess, context: TestContext): void {
  if (peer.output.includes('Unknown compression method')) context.skip(`built without ${algorithm}`);
}

for (const algorithm of ['zlib', 'brotli'] as const) {
  shows(
    { peer: 'GnuTLS', role: 'server', feature: 'extras' },
    `compresses its certificate with ${algorithm}`,
    missingTools('gnutls-serv'),
    async (context) => {
      const { onTestFinished } = context;
      const service = await serve(onTestFinished, { credential: 'rsa' }, ['--compress-cert', algorithm]);
      const options = trusting({ tls: { certificateCompression: [algorithm] } });
      const wire = await open(onTestFinished, service.port, options);
      skipWithout(algorithm, service.peer, context);
      expect(wire.hasMessage('server', 'CompressedCertificate')).toBe(true);
      await service.exchange(wire, 100);
      expect(await wire.close()).toBeNull();
    },
  );

  shows(
    { peer: 'GnuTLS', role: 'client', feature: 'extras' },
    `reads our certificate compressed with ${algorithm}`,
    missingTools('gnutls-cli'),
    async (context) => {
      const { onTestFinished } = context;
      const tls = { certificateCompression: [algorithm] } as const;
      const service = await Service.start(onTestFinished, { ...pemPair('rsa'), tls });
      const args = [
        ...clientArguments({ port: service.port, ca: 'ca', size: 0 }),
        '--compress-cert',
        algorithm,
      ];
      const peer = new PeerProcess(tool('gnutls-cli'), args, onTestFinished);
      const wire = await service.next();
      await peer.says(/Simple Client Mode/);
      skipWithout(algorithm, peer, context);
      expect(wire.hasMessage('server', 'CompressedCertificate')).toBe(true);
    },
  );
}
