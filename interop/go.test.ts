/** Go's crypto/tls, both ways. */
import { execFileSync } from 'node:child_process';
import { beforeAll, inject } from 'vitest';
import { Driver } from './support/driver.js';
import { OLDER_VERSIONS } from './support/older.js';
import { cleanerAfterAll } from './support/processes.js';
import { clientSuite } from './support/suite-client.js';
import { olderClientSuite } from './support/suite-client-older.js';
import { serverSuite } from './support/suite-server.js';
import { olderServerSuite } from './support/suite-server-older.js';

const { path, why } = inject('prepared').go;
let driver: Driver;
const clean = cleanerAfterAll();

beforeAll(async () => {
  if (why) return;
  driver = new Driver(path, [], clean);
  await driver.ready();
});

const abilities = {
  name: 'Go',
  why,
  suites: ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
  groups: [
    'x25519',
    'secp256r1',
    'secp384r1',
    'secp521r1',
    'X25519MLKEM768',
    'SecP256r1MLKEM768',
    'SecP384r1MLKEM1024',
  ],
  // Go knows neither Ed448 nor RSA keys that are for PSS alone.
  credentials: ['p256', 'p384', 'p521', 'ed25519', 'rsa'],
} as const;

serverSuite({
  ...abilities,
  serve: (_clean, options) => driver.serve(options),
  alpnMismatch: 'refuse',
  noCertificateAlert: 'certificate_required',
  orderly: /\tevent=end/,
  refused: /unknown certificate authority/,
  exported: /exporter=([0-9a-f]{64})/,
});

clientSuite({
  ...abilities,
  call: (_clean, options) => driver.call(options),
  retryGroup: 'secp384r1',
  refusalAlerts: ['bad_certificate', 'unknown_ca'],
  exported: /exporter=([0-9a-f]{64})/,
  alpnRefused: /no application protocol/,
});

const SUITES = why ? [] : execFileSync(path, ['suites'], { encoding: 'utf8' }).trim().split('\n');

const older = {
  name: abilities.name,
  why,
  versions: OLDER_VERSIONS,
  suites: () => SUITES,
  groups: ['x25519', 'secp256r1', 'secp384r1', 'secp521r1'],
  credentials: abilities.credentials,
  withoutPsk: 'Go has no pre-shared keys',
} as const;

olderServerSuite({
  ...older,
  serve: (_clean, options) => driver.serve(options),
  asksOnly: true,
  noCertificateAlert: 'handshake_failure',
  exported: /exporter=([0-9a-f]{64})/,
  withoutSessionIds: 'Go resumes by tickets alone',
  noSharedVersion: 'protocol_version',
  noSharedSuite: 'handshake_failure',
  saysNoSharedVersion: /client offered only unsupported versions/,
  saysNoSharedSuite: /no cipher suite supported by both client and server/,
});

olderClientSuite({
  ...older,
  call: (_clean, options) => driver.call(options),
  refusalAlerts: ['bad_certificate', 'unknown_ca'],
  exported: /exporter=([0-9a-f]{64})/,
  saysNoSharedVersion: /protocol version not supported/,
  saysNoSharedSuite: /handshake failure/,
});
