/** node:tls, both ways. */
import { getCiphers } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { beforeAll } from 'vitest';
import { Driver } from './support/driver.js';
import { OLDER_VERSIONS } from './support/older.js';
import { cleanerAfterAll } from './support/processes.js';
import { clientSuite } from './support/suite-client.js';
import { olderClientSuite } from './support/suite-client-older.js';
import { serverSuite } from './support/suite-server.js';
import { olderServerSuite } from './support/suite-server-older.js';

let driver: Driver;
const clean = cleanerAfterAll();

beforeAll(async () => {
  driver = new Driver(process.execPath, [fileURLToPath(new URL('peers/peer.mjs', import.meta.url))], clean);
  await driver.ready();
});

const abilities = {
  name: 'node:tls',
  why: null,
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
  serve: (_clean, options) => driver.serve(options),
  alpnMismatch: 'refuse',
  noCertificateAlert: 'certificate_required',
  orderly: /\tevent=end/,
  refused: /UNKNOWN_CA/,
  exported: /exporter=([0-9a-f]{64})/,
});

clientSuite({
  ...abilities,
  call: (_clean, options) => driver.call(options),
  retryGroup: 'secp384r1',
  // It looks at the verdict when the handshake is done, and hangs up.
  refusalAlerts: [],
  exported: /exporter=([0-9a-f]{64})/,
  alpnRefused: /NO_APPLICATION_PROTOCOL/,
});

const older = {
  name: abilities.name,
  why: abilities.why,
  versions: OLDER_VERSIONS,
  // Whether the peer runs in the same Node or not: this one is it.
  suites: () => getCiphers().filter((name) => !name.startsWith('tls_')),
  groups: ['x25519', 'secp256r1', 'secp384r1', 'secp521r1', 'x448'],
  credentials: abilities.credentials,
} as const;

olderServerSuite({
  ...older,
  serve: (_clean, options) => driver.serve(options),
  asksOnly: true,
  noCertificateAlert: 'handshake_failure',
  exported: /exporter=([0-9a-f]{64})/,
  withoutSessionIds: 'node:tls keeps no sessions by itself',
  noSharedVersion: 'protocol_version',
  noSharedSuite: 'handshake_failure',
  saysNoSharedVersion: /UNSUPPORTED_PROTOCOL/,
  saysNoSharedSuite: /NO_SHARED_CIPHER/,
});

olderClientSuite({
  ...older,
  call: (_clean, options) => driver.call(options),
  refusalAlerts: [],
  exported: /exporter=([0-9a-f]{64})/,
  saysNoSharedVersion: /PROTOCOL_VERSION/,
  saysNoSharedSuite: /HANDSHAKE_FAILURE/,
});
