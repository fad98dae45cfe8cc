/** Python's ssl, both ways. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll } from 'vitest';
import { Driver } from './support/driver.js';
import { OLDER_VERSIONS } from './support/older.js';
import { cleanerAfterAll } from './support/processes.js';
import { clientSuite } from './support/suite-client.js';
import { olderClientSuite } from './support/suite-client-older.js';
import { serverSuite } from './support/suite-server.js';
import { olderServerSuite } from './support/suite-server-older.js';
import { missingTools, tool } from './support/tools.js';

const why = missingTools('python3');
let driver: Driver;
const clean = cleanerAfterAll();

beforeAll(async () => {
  if (why) return;
  driver = new Driver(tool('python3'), [fileURLToPath(new URL('peers/peer.py', import.meta.url))], clean);
  await driver.ready();
});

const abilities = {
  name: 'Python',
  why,
  // Its interface to OpenSSL cannot turn CCM on.
  suites: ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
  groups: ['x25519', 'secp256r1', 'secp384r1', 'secp521r1', 'x448', 'ffdhe2048', 'ffdhe3072'],
  credentials: ['p256', 'p384', 'p521', 'ed25519', 'ed448', 'rsa', 'rsa-pss'],
  without: { exporter: "Python's ssl has no exporter" },
} as const;

serverSuite({
  ...abilities,
  serve: (_clean, options) => driver.serve(options),
  alpnMismatch: 'ignore',
  noCertificateAlert: 'certificate_required',
  orderly: /\tevent=end/,
  truncated: /\tevent=error\ttext=SSLEOFError/,
  refused: /UNKNOWN_CA/,
});

clientSuite({
  ...abilities,
  call: (_clean, options) => driver.call(options),
  retryGroup: 'secp384r1',
  refusalAlerts: ['unknown_ca'],
  truncated: /\tevent=error\ttext=SSLEOFError/,
  alpnRefused: /no application protocol/i,
});

const LIST =
  'import ssl; c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT); c.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0"); ' +
  'print("\\n".join(x["name"] for x in c.get_ciphers() if x["protocol"] != "TLSv1.3"))';
const SUITES = why
  ? []
  : execFileSync(tool('python3'), ['-c', LIST], { encoding: 'utf8' }).trim().split('\n');

const older = {
  name: abilities.name,
  why,
  versions: OLDER_VERSIONS,
  suites: () => SUITES,
  groups: ['x25519', 'secp256r1', 'secp384r1', 'secp521r1', 'x448'],
  credentials: abilities.credentials,
  without: abilities.without,
  withoutPsk: "Python's ssl has pre-shared keys since 3.13 only",
} as const;

olderServerSuite({
  ...older,
  serve: (_clean, options) => driver.serve(options),
  asksOnly: true,
  noCertificateAlert: 'handshake_failure',
  truncated: /\tevent=error\ttext=SSLEOFError/,
  noSharedVersion: 'protocol_version',
  noSharedSuite: 'handshake_failure',
  saysNoSharedVersion: /UNSUPPORTED_PROTOCOL/,
  saysNoSharedSuite: /NO_SHARED_CIPHER/,
});

olderClientSuite({
  ...older,
  call: (_clean, options) => driver.call(options),
  refusalAlerts: ['unknown_ca'],
  truncated: /\tevent=error\ttext=SSLEOFError/,
  saysNoSharedVersion: /PROTOCOL_VERSION/,
  saysNoSharedSuite: /HANDSHAKE_FAILURE/,
});
