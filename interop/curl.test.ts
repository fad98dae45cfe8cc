/** curl as a client of ours, with whatever TLS library it is built with. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VersionName } from 'akushu';
import { expect, inject } from 'vitest';
import { textPayload } from './support/command-line.js';
import { answerPost } from './support/http.js';
import { shows } from './support/matrix.js';
import { OLDER_VERSIONS, olderServer } from './support/older.js';
import { ALL_CIPHERS, compiledIn } from './support/openssl.js';
import type { Call, CallOptions } from './support/peer.js';
import { certFile, keyFile } from './support/pki.js';
import { type Cleaner, PeerProcess } from './support/processes.js';
import { clientSuite } from './support/suite-client.js';
import { olderClientSuite } from './support/suite-client-older.js';
import { pemPair } from './support/suite-server.js';
import { missingTools, tool } from './support/tools.js';
import { Service } from './support/wire.js';

const { dir, pkiDir } = inject('prepared');
const pki = { dir: pkiDir };
let files = 0;

/** Level 0 is what OpenSSL needs for TLS 1.1 and 1.0. */
function versionArguments(version: VersionName = 'TLSv1.3'): string[] {
  if (version === 'TLSv1.3') return ['--tlsv1.3'];
  const number = version === 'TLSv1' ? '1.0' : version.slice('TLSv'.length);
  return [`--tlsv${number}`, '--tls-max', number, '--ciphers', ALL_CIPHERS];
}

async function call(clean: Cleaner, options: CallOptions): Promise<Call> {
  const file = join(dir, `curl-${++files}`);
  const body = textPayload(options.size);
  writeFileSync(file, body);
  const url = `https://localhost:${options.port}/`;
  const connections = options.connections ?? 1;
  const args = [
    '--silent',
    '--show-error',
    ...versionArguments(options.version),
    '--connect-timeout',
    '8',
    '--cacert',
    certFile(pki, options.ca),
  ];
  args.push('--resolve', `localhost:${options.port}:127.0.0.1`);
  args.push(options.alpn ? '--http1.1' : '--no-alpn', '--data-binary', `@${file}`);
  if (options.credential)
    args.push('--cert', certFile(pki, options.credential), '--key', keyFile(pki, options.credential));
  const peer = new PeerProcess(
    tool('curl'),
    [...args, ...Array.from({ length: connections }, () => url)],
    clean,
  );
  return {
    outcome: async () => {
      const { code } = await peer.exit;
      const expected = Buffer.concat(Array.from({ length: connections }, () => body));
      return { ok: code === 0 && peer.stdoutBytes.equals(expected), text: `exit ${code}\n${peer.stderr}` };
    },
    cut: () => peer.kill(),
    says: (pattern) => peer.says(pattern),
  };
}

clientSuite({
  name: 'curl',
  why: missingTools('curl'),
  suites: ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
  groups: ['x25519', 'secp256r1', 'secp384r1', 'secp521r1'],
  credentials: ['p256', 'p384', 'ed25519', 'rsa'],
  without: {
    'key update': 'curl sends nothing after its request',
    truncation: 'curl closes when the answer is there',
    close: 'curl closes when the answer is there',
    exporter: 'curl has no exporter',
  },
  call,
  answer: answerPost,
  retryGroup: 'secp384r1',
  refusalAlerts: ['unknown_ca'],
  alpnRefused: /no application protocol/i,
});

const builtWithOpenssl =
  missingTools('curl') ??
  (/OpenSSL\//.test(execFileSync(tool('curl'), ['--version'], { encoding: 'utf8' }))
    ? null
    : 'it is built with another library than OpenSSL, and names its suites differently');

olderClientSuite({
  name: 'curl',
  why: builtWithOpenssl,
  versions: OLDER_VERSIONS,
  suites: compiledIn,
  groups: ['x25519', 'secp256r1', 'secp384r1', 'secp521r1'],
  credentials: ['p256', 'p384', 'ed25519', 'rsa', 'rsa-pss'],
  withoutPsk: 'curl has no pre-shared keys',
  without: {
    resumption: 'curl resumes by session id before TLS 1.3, never by ticket; see the tests of its own',
    truncation: 'curl closes when the answer is there',
    close: 'curl closes when the answer is there',
  },
  call,
  answer: answerPost,
  refusalAlerts: ['unknown_ca'],
  saysNoSharedVersion: /protocol version/,
  saysNoSharedSuite: /handshake failure/,
});

for (const version of OLDER_VERSIONS) {
  shows(
    { peer: 'curl', role: 'client', feature: 'resumption', version },
    'resumes our session by its id',
    builtWithOpenssl,
    async ({ onTestFinished }) => {
      const service = await Service.start(onTestFinished, olderServer(version, pemPair('p256')));
      const options = { port: service.port, ca: 'ca', size: 100, connections: 2, version };
      const client = await call(onTestFinished, options);
      for (const resumed of [false, true]) {
        const wire = await service.next();
        expect(wire.handshake.resumed).toBe(resumed);
        if (resumed) expect(wire.handshake.why.session?.chosen).toBe('session_id');
        await answerPost(wire, 100);
        wire.socket.end();
      }
      expect(await client.outcome()).toMatchObject({ ok: true });
    },
  );
}

shows(
  { peer: 'curl', role: 'client', feature: 'early data' },
  'sends early data',
  missingTools('curl') ?? 'curl sends early data since 8.11 with GnuTLS, and 8.13 with OpenSSL',
  async () => {},
);
