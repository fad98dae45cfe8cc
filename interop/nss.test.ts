/** NSS's selfserv and tstclnt, with a certificate database made by certutil and pk12util. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, inject } from 'vitest';
import { callWith, serviceOf, textPayload } from './support/command-line.js';
import { shows } from './support/matrix.js';
import type { CallOptions, PeerService, ServeOptions } from './support/peer.js';
import { certFile, keyFile } from './support/pki.js';
import { type Cleaner, freePort, PeerProcess, untilListening } from './support/processes.js';
import { clientSuite } from './support/suite-client.js';
import { serverSuite, trusting } from './support/suite-server.js';
import { missingTools, tool } from './support/tools.js';
import { open, type Wire } from './support/wire.js';

const why = missingTools('selfserv', 'tstclnt', 'certutil', 'pk12util', 'openssl');
const { dir, pkiDir } = inject('prepared');
const pki = { dir: pkiDir };
const KEYS = [
  'p256',
  'p384',
  'p521',
  'rsa',
  'rsa-pss',
  'client',
  'other-client',
  'expired',
  'wrong-host',
  'untrusted',
];
const GROUPS = ['-I', 'x25519,P256,P384,P521,FF2048,FF3072'];
const VERSION = ['-V', 'tls1.3:tls1.3'];
/** By default it does without keys that are for PSS alone. */
const SCHEMES = [
  '-J',
  'ecdsa_secp256r1_sha256,ecdsa_secp384r1_sha384,ecdsa_secp521r1_sha512,rsa_pss_rsae_sha256,rsa_pss_pss_sha256,rsa_pkcs1_sha256',
];

/** A database for each authority that is trusted; and one more with keys, of which tstclnt takes one unasked. */
const database = (name: string): string => `sql:${join(dir, `nss-${name}`)}`;

beforeAll(() => {
  if (why) return;
  const run = (name: string, args: readonly string[]): void => {
    execFileSync(tool(name), args, { stdio: 'pipe' });
  };
  for (const [name, ca] of [
    ['ca', 'ca'],
    ['other-ca', 'other-ca'],
    ['keys', 'ca'],
  ] as const) {
    mkdirSync(join(dir, `nss-${name}`));
    run('certutil', ['-N', '-d', database(name), '--empty-password']);
    run('certutil', ['-A', '-n', ca, '-t', 'CT,C,C', '-i', certFile(pki, ca), '-d', database(name)]);
  }
  for (const name of KEYS) {
    const p12 = join(dir, `${name}.p12`);
    const files = ['-in', certFile(pki, name), '-inkey', keyFile(pki, name)];
    run('openssl', ['pkcs12', '-export', ...files, '-name', name, '-out', p12, '-passout', 'pass:']);
    run('pk12util', ['-i', p12, '-d', database('keys'), '-W', '']);
  }
});

/** selfserv answers with the request that it got, and closes. */
async function exchange(wire: Wire, size: number): Promise<void> {
  const ours = textPayload(size).toString('latin1');
  wire.send(`GET /${ours} HTTP/1.0\r\n\r\n`);
  expect(await wire.readThrough('EOF')).toContain(ours);
}

async function serve(clean: Cleaner, options: ServeOptions): Promise<PeerService> {
  const port = await freePort();
  const args = [
    '-d',
    database('keys'),
    '-p',
    String(port),
    '-n',
    options.credential,
    ...VERSION,
    ...GROUPS,
    ...SCHEMES,
    '-u',
    '-v',
  ];
  if (options.clientAuth) args.push('-r', '-r');
  if (options.alpn) args.push('-Q');
  if (options.exporter) args.push('-x', `${options.exporter}:32`);
  const peer = new PeerProcess(tool('selfserv'), args, clean);
  await untilListening(peer, port);
  return serviceOf(peer, port, exchange);
}

function clientArguments(options: CallOptions): string[] {
  const args = [
    '-4',
    '-h',
    'localhost',
    '-p',
    String(options.port),
    '-d',
    database(options.credential ? 'keys' : options.ca),
    ...VERSION,
    ...GROUPS,
    ...SCHEMES,
  ];
  if (options.credential) args.push('-n', options.credential);
  if (options.exporter) args.push('-x', `${options.exporter}:32`);
  return args;
}

const abilities = {
  name: 'NSS',
  why,
  suites: ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
  groups: ['x25519', 'secp256r1', 'secp384r1', 'secp521r1', 'ffdhe2048', 'ffdhe3072'],
} as const;

serverSuite({
  ...abilities,
  credentials: ['p256', 'p384', 'p521', 'rsa', 'rsa-pss'],
  serve,
  without: {
    'key update': 'selfserv closes after one answer; see the test of its own',
    '1 MiB': 'selfserv takes requests of a few kilobytes',
    truncation: 'selfserv closes after one answer',
  },
  alpnMismatch: 'refuse',
  noCertificateAlert: 'certificate_required',
  exported: /Keying Material:\s+((?:[0-9a-f]{2}:?\s*){32})/,
});

shows(
  { peer: 'NSS', role: 'server', feature: 'key update' },
  'follows our KeyUpdate before the request',
  why,
  async ({ onTestFinished }) => {
    const service = await serve(onTestFinished, { credential: 'p256' });
    const wire = await open(onTestFinished, service.port, trusting());
    wire.socket.updateKeys({ requestPeer: true });
    await exchange(wire, 100);
    await wire.traced(
      'KeyUpdate of the server',
      (e) => e.kind === 'message' && e.from === 'server' && e.type === 'KeyUpdate',
    );
    expect(await wire.close()).toBeNull();
  },
);

clientSuite({
  ...abilities,
  credentials: ['p256', 'p384', 'p521', 'rsa', 'rsa-pss'],
  call: async (clean, options) =>
    callWith(clean, options, {
      command: tool('tstclnt'),
      runs: [clientArguments(options)],
      quit: (peer) => peer.kill(),
    }),
  without: {
    alpn: 'tstclnt has no option for ALPN',
    close: 'tstclnt stays until its input ends, which it does not notice on a pipe',
    exporter: 'tstclnt keeps what it exported in a buffer until its end',
    resumption: 'tstclnt reconnects when its input ends, which it does not notice on a pipe',
  },
  neverCloses: true,
  retryGroup: 'secp521r1',
  refusalAlerts: ['unknown_ca', 'bad_certificate', 'certificate_unknown'],
});
