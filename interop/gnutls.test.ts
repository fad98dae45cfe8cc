/** GnuTLS's gnutls-serv and gnutls-cli. */
import { expect, inject, type TestContext } from 'vitest';
import { callWith, exchangeWithEcho, serviceOf } from './support/command-line.js';
import { shows } from './support/matrix.js';
import type { CallOptions, PeerService, ServeOptions } from './support/peer.js';
import { certFile, keyFile } from './support/pki.js';
import { type Cleaner, freePort, PeerProcess, untilListening } from './support/processes.js';
import { clientSuite } from './support/suite-client.js';
import { pemPair, serverSuite, trusting } from './support/suite-server.js';
import { missingTools, tool } from './support/tools.js';
import { open, Service, type Wire } from './support/wire.js';

const pki = { dir: inject('prepared').pkiDir };
const PRIORITY = 'NORMAL:-VERS-ALL:+VERS-TLS1.3:+AES-128-CCM:+AES-128-CCM-8:+GROUP-ALL:+SIGN-ALL';

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

/** Its echo server cannot ask for certificates; then it is an HTTP server. */
async function exchangeHttp(wire: Wire): Promise<void> {
  wire.send('GET / HTTP/1.0\r\n\r\n');
  await wire.readThrough('200 OK');
}

interface Running extends PeerService {
  readonly peer: PeerProcess;
}

async function serve(clean: Cleaner, options: ServeOptions, more: readonly string[] = []): Promise<Running> {
  const port = await freePort();
  const args = ['--port', String(port), '--priority', PRIORITY];
  args.push(
    '--x509certfile',
    certFile(pki, options.credential),
    '--x509keyfile',
    keyFile(pki, options.credential),
  );
  if (options.clientAuth)
    args.push('--http', '--require-client-cert', '--verify-client-cert', '--x509cafile', certFile(pki, 'ca'));
  else args.push('--echo');
  for (const protocol of options.alpn ?? []) args.push('--alpn', protocol);
  if (options.exporter) args.push('--keymatexport', options.exporter, '--keymatexportsize', '32');
  const peer = new PeerProcess(tool('gnutls-serv'), [...args, ...more], clean);
  await untilListening(peer, port);
  return { peer, ...serviceOf(peer, port, options.clientAuth ? exchangeHttp : exchangeWithEcho) };
}

function clientArguments(options: CallOptions): string[] {
  const args = ['127.0.0.1', '--port', String(options.port), '--priority', PRIORITY];
  args.push(
    '--sni-hostname',
    'localhost',
    '--verify-hostname',
    'localhost',
    '--x509cafile',
    certFile(pki, options.ca),
  );
  if (options.credential)
    args.push(
      '--x509certfile',
      certFile(pki, options.credential),
      '--x509keyfile',
      keyFile(pki, options.credential),
    );
  for (const protocol of options.alpn ?? []) args.push('--alpn', protocol);
  if (options.exporter) args.push('--keymatexport', options.exporter, '--keymatexportsize', '32');
  if (options.connections === 2) args.push('--resume', '--waitresumption');
  return args;
}

serverSuite({
  ...abilities,
  why: missingTools('gnutls-serv'),
  serve,
  alpnMismatch: 'ignore',
  noCertificateAlert: 'certificate_required',
  exported: /Key material: ([0-9a-f]{64})/,
});

clientSuite({
  ...abilities,
  why: missingTools('gnutls-cli'),
  call: async (clean, options) =>
    callWith(clean, options, {
      command: tool('gnutls-cli'),
      runs: [clientArguments(options)],
      secure: options.connections === 2 ? /This is a resumed session/ : /Simple Client Mode/,
      quit: (peer) => peer.endInput(),
    }),
  retryGroup: 'secp521r1',
  refusalAlerts: ['bad_certificate', 'unknown_ca'],
  hangsUp: true,
  idleBeforeResumption: true,
  truncated: /TLS connection was non-properly terminated|Error in the pull function/,
  exported: /Key material: ([0-9a-f]{64})/,
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
      const call = { port: service.port, ca: 'ca', size: 0 };
      const args = [...clientArguments(call), '--compress-cert', algorithm];
      const peer = new PeerProcess(tool('gnutls-cli'), args, onTestFinished);
      const wire = await service.next();
      await peer.says(/Simple Client Mode/);
      skipWithout(algorithm, peer, context);
      expect(wire.hasMessage('server', 'CompressedCertificate')).toBe(true);
    },
  );
}
