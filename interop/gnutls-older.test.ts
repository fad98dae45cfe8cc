/** GnuTLS's gnutls-serv and gnutls-cli in TLS 1.2, 1.1 and 1.0. */
import { execFileSync } from 'node:child_process';
import { call, EXPORTED, serve, TRUNCATED } from './support/gnutls.js';
import { OLDER_VERSIONS, type OlderVersion } from './support/older.js';
import { olderClientSuite } from './support/suite-client-older.js';
import { olderServerSuite } from './support/suite-server-older.js';
import { missingTools, tool } from './support/tools.js';

const compiledIn = missingTools('gnutls-cli')
  ? ''
  : execFileSync(tool('gnutls-cli'), ['--list'], { encoding: 'utf8' });

/** It has suites of CBC with SHA-256 and SHA-384 in TLS 1.2 only, also those with PSK, which RFC 5487 allows before. */
function suites(version: OlderVersion): string[] {
  const rows = [...compiledIn.matchAll(/(0x[0-9a-f]{2}), (0x[0-9a-f]{2})\tTLS(1\.\d)/g)];
  return rows
    .filter(([, , , since]) => version === 'TLSv1.2' || since === '1.0')
    .map(([, first, second]) => `${first},${second}`);
}

const abilities = {
  name: 'GnuTLS',
  versions: OLDER_VERSIONS,
  suites,
  groups: ['x25519', 'secp256r1', 'secp384r1', 'secp521r1', 'x448'],
  finiteFields: ['ffdhe2048', 'ffdhe3072'],
  credentials: ['p256', 'p384', 'p521', 'ed25519', 'ed448', 'rsa', 'rsa-pss'],
  plainMasterSecret: true,
  encryptThenMac: true,
} as const;

olderServerSuite({
  ...abilities,
  why: missingTools('gnutls-serv'),
  serve,
  asksOnly: true,
  // It says the same to OpenSSL.
  noCertificateAlert: 'decode_error',
  exported: EXPORTED,
  // It does not look at supported_versions where it has no TLS 1.3, and finds no suite then.
  noSharedVersion: 'handshake_failure',
  noSharedSuite: 'handshake_failure',
});

olderClientSuite({
  ...abilities,
  why: missingTools('gnutls-cli'),
  call,
  refusalAlerts: ['bad_certificate', 'unknown_ca'],
  hangsUp: true,
  idleBeforeResumption: true,
  // gnutls-cli 3.7 crashes when it prints what it agreed upon.
  fallsAfter: ['ECDHE_PSK', 'DHE_PSK'],
  truncated: TRUNCATED,
  exported: EXPORTED,
  saysNoSharedVersion: /protocol version/i,
  saysNoSharedSuite: /Handshake failed/i,
});
