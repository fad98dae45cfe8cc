/** node:tls, both ways. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { Driver } from './support/driver.js';
import { clientSuite } from './support/suite-client.js';
import { serverSuite } from './support/suite-server.js';

let driver: Driver;
beforeAll(async () => {
  driver = new Driver(
    process.execPath,
    [fileURLToPath(new URL('peers/peer.mjs', import.meta.url))],
    afterAll,
  );
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
