/** Mbed TLS, both ways, in TLS 1.2, 1.1 and 1.0. Debian packages no program of it. */
import { execFileSync } from 'node:child_process';
import { inject } from 'vitest';
import { callInC, serveInC } from './support/c-peer.js';
import { OLDER_VERSIONS } from './support/older.js';
import { olderClientSuite } from './support/suite-client-older.js';
import { olderServerSuite } from './support/suite-server-older.js';

const { path, why } = inject('prepared').mbedtls;
const SUITES = why ? [] : execFileSync(path, { encoding: 'utf8' }).trim().split('\n');

const abilities = {
  name: 'Mbed TLS',
  why,
  versions: OLDER_VERSIONS,
  suites: () => SUITES,
  groups: ['x25519', 'secp256r1', 'secp384r1', 'secp521r1'],
  credentials: ['p256', 'p384', 'p521', 'rsa'],
  plainMasterSecret: true,
  encryptThenMac: true,
  without: { exporter: 'Mbed TLS has no exporter before version 3.6' },
} as const;

olderServerSuite({
  ...abilities,
  serve: (clean, options) => serveInC(path, clean, options),
  asksOnly: true,
  noCertificateAlert: null,
  truncated: /error read/,
  // It knows no supported_versions, and finds no suite.
  withoutSessionIds: 'our program over Mbed TLS keeps no sessions',
  noSharedVersion: 'handshake_failure',
  noSharedSuite: 'handshake_failure',
});

olderClientSuite({
  ...abilities,
  call: (clean, options) => callInC(path, clean, options),
  refusalAlerts: ['unknown_ca', 'bad_certificate'],
  truncated: /error read/,
  idleBeforeResumption: true,
  saysNoSharedVersion: /fatal alert/,
  saysNoSharedSuite: /fatal alert/,
});
