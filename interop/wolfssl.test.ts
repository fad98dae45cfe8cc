/** wolfSSL, both ways, in TLS 1.2 and 1.1. Debian packages no program of it. */
import { execFileSync } from 'node:child_process';
import { inject } from 'vitest';
import { callInC, serveInC } from './support/c-peer.js';
import { olderClientSuite } from './support/suite-client-older.js';
import { olderServerSuite } from './support/suite-server-older.js';

const { path, why } = inject('prepared').wolfssl;
/** Without what is of its own: suites of drafts, and one without encryption for Wi-Fi. */
const SUITES = why
  ? []
  : execFileSync(path, { encoding: 'utf8' })
      .split('\n')
      .filter((name) => /^TLS_.*_WITH_/.test(name) && !name.includes('_OLD_'));

const abilities = {
  name: 'wolfSSL',
  why,
  // TLS 1.0 is left out of Debian's build.
  versions: ['TLSv1.2', 'TLSv1.1'],
  suites: () => SUITES,
  groups: ['x25519', 'secp256r1', 'secp384r1', 'secp521r1', 'x448'],
  credentials: ['p256', 'p384', 'p521', 'ed25519', 'ed448', 'rsa'],
  plainMasterSecret: true,
  encryptThenMac: false,
} as const;

olderServerSuite({
  ...abilities,
  // With DHE it takes these only with a certificate that is signed by RSA.
  suites: () => SUITES.filter((name) => !/_DHE_RSA_WITH_(CAMELLIA|3DES)/.test(name)),
  // Told to do without extended_master_secret, it still accepts it as a server.
  plainMasterSecret: false,
  serve: (clean, options) => serveInC(path, clean, options),
  oneCertificate: true,
  asksOnly: true,
  noCertificateAlert: null,
  truncated: /error read/,
  exported: /exporter=([0-9a-f]{64})/,
  noSharedVersion: 'handshake_failure',
  noSharedSuite: 'handshake_failure',
});

olderClientSuite({
  ...abilities,
  call: (clean, options) => callInC(path, clean, options),
  refusalAlerts: ['unknown_ca', 'bad_certificate'],
  truncated: /error read/,
  exported: /exporter=([0-9a-f]{64})/,
  idleBeforeResumption: true,
  // With x25519 it fails with every server: it reads the key as one of NIST's curves.
  pskGroups: ['secp256r1'],
});
