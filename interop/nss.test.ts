/** NSS's selfserv and tstclnt, with a certificate database made by certutil and pk12util. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findCipherSuite, MemoryStore, ReplayGuard, type VersionName } from 'akushu';
import { beforeAll, expect, inject } from 'vitest';
import { callWith, serviceOf, textPayload } from './support/command-line.js';
import { shows } from './support/matrix.js';
import { OLDER_VERSIONS, PSK_HEX, PSK_IDENTITY, withPsk } from './support/older.js';
import type { Call, CallOptions, PeerService, ServeOptions } from './support/peer.js';
import { certFile, keyFile } from './support/pki.js';
import { type Cleaner, freePort, PeerProcess, untilListening } from './support/processes.js';
import { clientSuite } from './support/suite-client.js';
import { olderClientSuite } from './support/suite-client-older.js';
import { pemPair, serverSuite, trusting } from './support/suite-server.js';
import { olderServerSuite } from './support/suite-server-older.js';
import { missingTools, tool } from './support/tools.js';
import { open, Service, type Wire } from './support/wire.js';

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
  'client-rsa',
  'other-client',
  'expired',
  'wrong-host',
  'untrusted',
];
const GROUPS = ['-I', 'x25519,P256,P384,P521,FF2048,FF3072'];
/** By default it does without keys that are for PSS alone. SHA-1 is for signatures before TLS 1.2. */
const SCHEMES = [
  '-J',
  'ecdsa_secp256r1_sha256,ecdsa_secp384r1_sha384,ecdsa_secp521r1_sha512,rsa_pss_rsae_sha256,rsa_pss_pss_sha256,rsa_pkcs1_sha256,rsa_pkcs1_sha1,ecdsa_sha1',
];
const VERSIONS: Readonly<Record<string, string>> = {
  'TLSv1.3': 'tls1.3',
  'TLSv1.2': 'tls1.2',
  'TLSv1.1': 'tls1.1',
  TLSv1: 'tls1.0',
};
/** It has no list of them to ask for. */
const OLDER_SUITES = [
  ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
  ...['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA', 'ECDHE-ECDSA-AES128-SHA256'],
  ...['ECDHE-ECDSA-AES256-SHA384', 'ECDHE-ECDSA-DES-CBC3-SHA', 'ECDHE-ECDSA-NULL-SHA'],
  ...['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ...['ECDHE-RSA-AES128-SHA', 'ECDHE-RSA-AES256-SHA', 'ECDHE-RSA-AES128-SHA256', 'ECDHE-RSA-AES256-SHA384'],
  ...['ECDHE-RSA-DES-CBC3-SHA', 'ECDHE-RSA-NULL-SHA'],
  ...['DHE-RSA-AES128-GCM-SHA256', 'DHE-RSA-AES256-GCM-SHA384', 'DHE-RSA-CHACHA20-POLY1305'],
  ...['DHE-RSA-AES128-SHA', 'DHE-RSA-AES256-SHA', 'DHE-RSA-AES128-SHA256', 'DHE-RSA-AES256-SHA256'],
  ...['DHE-RSA-CAMELLIA128-SHA', 'DHE-RSA-CAMELLIA256-SHA', 'DHE-RSA-DES-CBC3-SHA'],
  ...['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'AES128-SHA', 'AES256-SHA', 'AES128-SHA256', 'AES256-SHA256'],
  ...['CAMELLIA128-SHA', 'CAMELLIA256-SHA', 'DES-CBC3-SHA', 'NULL-SHA', 'NULL-SHA256', 'NULL-MD5'],
];

function versionArguments(version: VersionName = 'TLSv1.3'): string[] {
  const only = VERSIONS[version]!;
  const args = ['-V', `${only}:${only}`, '-G'];
  if (version === 'TLSv1.3') return args;
  const codes = OLDER_SUITES.map((name) => findCipherSuite(name)!.code.toString(16).padStart(4, '0'));
  return [...args, '-c', codes.map((code) => `:${code.toUpperCase()}`).join('')];
}

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

async function serve(
  clean: Cleaner,
  options: ServeOptions,
  more: readonly string[] = ['-u'],
): Promise<PeerService> {
  const port = await freePort();
  const args = [
    '-d',
    database('keys'),
    '-p',
    String(port),
    '-n',
    options.credential,
    ...(options.also ? ['-e', options.also] : []),
    ...versionArguments(options.version),
    ...GROUPS,
    ...SCHEMES,
    ...more,
    '-v',
  ];
  if (options.clientAuth) args.push('-r');
  if (options.clientAuth === true) args.push('-r');
  if (options.alpn) args.push('-Q');
  if (options.exporter) args.push('-x', `${options.exporter}:32`);
  const peer = new PeerProcess(tool('selfserv'), args, clean, {
    ...(options.lifetime && { lifetime: options.lifetime }),
  });
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
    ...versionArguments(options.version),
    ...GROUPS,
    ...SCHEMES,
  ];
  // Else it does not name the finite fields that it takes (RFC 7919).
  if (options.version) args.push('-H');
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

async function call(clean: Cleaner, options: CallOptions): Promise<Call> {
  return callWith(clean, options, {
    command: tool('tstclnt'),
    runs: [clientArguments(options)],
    quit: (peer) => peer.kill(),
  });
}

clientSuite({
  ...abilities,
  credentials: ['p256', 'p384', 'p521', 'rsa', 'rsa-pss'],
  call,
  without: {
    alpn: 'tstclnt has no option for ALPN',
    close: 'tstclnt stays until its input ends, which it does not notice on a pipe',
    exporter: 'tstclnt keeps what it exported in a buffer until its end',
    resumption:
      'tstclnt reconnects when its input ends, which it does not notice on a pipe; see its own tests',
  },
  neverCloses: true,
  retryGroup: 'secp521r1',
  refusalAlerts: ['unknown_ca', 'bad_certificate', 'certificate_unknown'],
});

const older = {
  name: 'NSS',
  why,
  versions: OLDER_VERSIONS,
  suites: () => OLDER_SUITES,
  groups: ['x25519', 'secp256r1', 'secp384r1', 'secp521r1'],
  finiteFields: ['ffdhe2048', 'ffdhe3072'],
  credentials: ['p256', 'p384', 'p521', 'rsa', 'rsa-pss'],
  withoutPsk: 'NSS has pre-shared keys in TLS 1.3 only',
} as const;

olderServerSuite({
  ...older,
  serve,
  without: {
    '1 MiB': 'selfserv takes requests of a few kilobytes',
    truncation: 'selfserv closes after one answer',
  },
  answersOnce: true,
  asksOnly: true,
  noCertificateAlert: 'bad_certificate',
  exported: /Keying Material:\s+((?:[0-9a-f]{2}:?\s*){32})/,
  noSharedVersion: 'protocol_version',
  noSharedSuite: 'handshake_failure',
});

olderClientSuite({
  ...older,
  call,
  without: {
    alpn: 'tstclnt has no option for ALPN',
    close: 'tstclnt stays until its input ends, which it does not notice on a pipe',
    exporter: 'tstclnt keeps what it exported in a buffer until its end',
    resumption:
      'tstclnt reconnects when its input ends, which it does not notice on a pipe; see its own tests',
  },
  neverCloses: true,
  refusalAlerts: ['unknown_ca', 'bad_certificate', 'certificate_unknown'],
});

// ---- Sessions ----

const PSK = ['-z', `0x${PSK_HEX}:${PSK_IDENTITY}`];
const nssServer = { peer: 'NSS', role: 'server' } as const;
const nssClient = { peer: 'NSS', role: 'client' } as const;

function request(): { readonly text: string; readonly bytes: Buffer } {
  const text = textPayload(100).toString('latin1');
  return { text, bytes: Buffer.from(`GET /${text} HTTP/1.0\r\n\r\n`) };
}

shows(
  { ...nssServer, feature: 'early data' },
  'takes our early data, after a while in which it gets it after the handshake',
  why,
  async ({ onTestFinished }) => {
    const service = await serve(onTestFinished, { credential: 'p256' }, ['-u', '-Z']);
    const outcomes: (string | null)[] = [];
    // Its memory against replays is sure of nothing in the first ten seconds.
    while (!outcomes.includes('accepted') && outcomes.length < 100) {
      const first = await open(onTestFinished, service.port, trusting());
      const session = await first.session();
      expect(session.maxEarlyData).toBeGreaterThan(0);
      await exchange(first, 10);
      await first.close();
      const { text, bytes } = request();
      const options = trusting({ session, earlyData: { replayable: bytes } });
      const second = await open(onTestFinished, service.port, options);
      expect(second.handshake.resumed).toBe(true);
      outcomes.push(second.socket.earlyData);
      expect(await second.readThrough('EOF')).toContain(text);
      await second.close();
      await sleep(200);
    }
    expect(new Set(outcomes)).toEqual(new Set(['sent_late', 'accepted']));
  },
);

shows(
  { ...nssServer, feature: 'psk' },
  'knows us by a pre-shared key',
  why ?? 'selfserv shows its certificate even so, also to tstclnt',
  async () => {},
);

/** Asks by a file, whose end it notices: then it connects once more where it should. */
function ask(clean: Cleaner, options: CallOptions, bytes: Buffer, more: readonly string[]): PeerProcess {
  const file = join(dir, `nss-request-${options.port}`);
  writeFileSync(file, bytes);
  const only = VERSIONS[options.version ?? 'TLSv1.3']!;
  const args = ['-4', '-h', 'localhost', '-p', String(options.port), '-d', database(options.ca)];
  args.push('-V', `${only}:${only}`, '-G', '-A', file, ...GROUPS, ...SCHEMES);
  return new PeerProcess(tool('tstclnt'), [...args, ...more], clean);
}

async function answer(wire: Wire, bytes: Buffer): Promise<void> {
  expect(await wire.read(bytes.length)).toEqual(bytes);
  wire.socket.end('HTTP/1.0 200 OK\r\n\r\nanswered');
}

for (const [version, how, more] of [
  ['TLSv1.3', 'by a ticket', ['-u']],
  ['TLSv1.2', 'by a ticket', ['-u']],
  ['TLSv1.2', 'by its id', []],
  ['TLSv1', 'by its id', []],
] as const) {
  shows(
    { ...nssClient, feature: 'resumption', version },
    `resumes our session ${how}`,
    why,
    async ({ onTestFinished }) => {
      const service = await Service.start(onTestFinished, { ...pemPair('p256'), versions: [version] });
      const { bytes } = request();
      const options = { port: service.port, ca: 'ca', size: 0, ...(version !== 'TLSv1.3' && { version }) };
      const peer = ask(onTestFinished, options, bytes, ['-L', '2', ...more]);
      for (const resumed of [false, true]) {
        const wire = await service.next();
        expect(wire.handshake.resumed).toBe(resumed);
        if (resumed && version !== 'TLSv1.3')
          expect(wire.handshake.why.session?.chosen).toBe(how === 'by its id' ? 'session_id' : 'ticket');
        await answer(wire, bytes);
      }
      expect((await peer.exit).code).toBe(0);
    },
  );
}

for (const taken of [true, false]) {
  shows(
    { ...nssClient, feature: 'early data' },
    taken ? 'sends early data, which we take' : 'sends again what we do not take as early data',
    why,
    async ({ onTestFinished }) => {
      // The other guard is not sure yet whether it has lost something.
      const earlyData = taken || { guard: new ReplayGuard({ store: new MemoryStore() }) };
      const service = await Service.start(onTestFinished, { ...pemPair('p256'), earlyData });
      const { bytes } = request();
      const options = { port: service.port, ca: 'ca', size: 0 };
      const peer = ask(onTestFinished, options, bytes, ['-L', '2', '-Z']);
      for (const resumed of [false, true]) {
        const wire = await service.next();
        expect([wire.handshake.resumed, wire.handshake.earlyDataAccepted]).toEqual([
          resumed,
          resumed && taken,
        ]);
        await answer(wire, bytes);
      }
      expect((await peer.exit).code).toBe(0);
    },
  );
}

shows(
  { ...nssClient, feature: 'psk' },
  'is known to us by a pre-shared key',
  why,
  async ({ onTestFinished }) => {
    const service = await Service.start(onTestFinished, { tls: withPsk });
    const { bytes } = request();
    const peer = ask(onTestFinished, { port: service.port, ca: 'ca', size: 0 }, bytes, PSK);
    const wire = await service.next();
    expect(wire.handshake.why.psk).toMatchObject({ chosen: 'identity 0', reason: 'accepted' });
    expect(wire.hasMessage('server', 'Certificate')).toBe(false);
    // It asks, and then does not read an answer of anybody without a certificate.
    expect(await wire.read(bytes.length)).toEqual(bytes);
    await peer.exit;
  },
);
