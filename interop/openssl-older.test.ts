/** OpenSSL's s_server and s_client in TLS 1.2, 1.1 and 1.0. */
import { OLDER_VERSIONS } from './support/older.js';
import { call, compiledIn, EXPORTED, serve, TRUNCATED } from './support/openssl.js';
import { olderClientSuite } from './support/suite-client-older.js';
import { olderServerSuite } from './support/suite-server-older.js';
import { missingTools } from './support/tools.js';

const why = missingTools('openssl');

const abilities = {
  name: 'OpenSSL',
  why,
  versions: OLDER_VERSIONS,
  suites: compiledIn,
  groups: ['x25519', 'secp256r1', 'secp384r1', 'secp521r1', 'x448'],
  credentials: ['p256', 'p384', 'p521', 'ed25519', 'ed448', 'rsa', 'rsa-pss'],
  plainMasterSecret: true,
  encryptThenMac: true,
} as const;

olderServerSuite({
  ...abilities,
  serve,
  asksOnly: true,
  noCertificateAlert: 'handshake_failure',
  truncated: TRUNCATED,
  exported: EXPORTED,
  noSharedVersion: 'protocol_version',
  noSharedSuite: 'handshake_failure',
  saysNoSharedVersion: /unsupported protocol|version too low/i,
  saysNoSharedSuite: /no shared cipher/,
});

olderClientSuite({
  ...abilities,
  call,
  refusalAlerts: ['unknown_ca'],
  truncated: TRUNCATED,
  exported: EXPORTED,
  saysNoSharedVersion: /alert protocol version/,
  saysNoSharedSuite: /alert handshake failure/,
});
