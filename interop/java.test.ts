/** Java's JSSE, both ways. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, inject } from 'vitest';
import { Driver } from './support/driver.js';
import { OLDER_VERSIONS } from './support/older.js';
import { cleanerAfterAll } from './support/processes.js';
import { clientSuite } from './support/suite-client.js';
import { olderClientSuite } from './support/suite-client-older.js';
import { serverSuite } from './support/suite-server.js';
import { olderServerSuite } from './support/suite-server-older.js';
import { tool } from './support/tools.js';

const { dir, java } = inject('prepared');
const { path, why } = java;
/** Lifts what the system forbids: old versions, 3DES, NULL, SHA-1. */
const LIFTED = join(dir, 'lifted.security');
writeFileSync(
  LIFTED,
  ['jdk.tls.disabledAlgorithms', 'jdk.certpath.disabledAlgorithms', 'jdk.tls.legacyAlgorithms']
    .map((name) => `${name}=\n`)
    .join(''),
);
const OPTIONS = ['-Xmx256m', `-Djava.security.properties=${LIFTED}`, '-cp', path];
let driver: Driver;
const clean = cleanerAfterAll();

beforeAll(async () => {
  if (why) return;
  // By default it takes any end for an orderly one.
  const args = ['-Dcom.sun.net.ssl.requireCloseNotify=true', ...OPTIONS, 'Peer'];
  driver = new Driver(tool('java'), args, clean);
  await driver.ready();
});

const abilities = {
  name: 'Java',
  why,
  suites: ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
  // Not ffdhe: JSSE takes leading zeros off the shared secret, against RFC 9846 §7.4.1, so one handshake in 256 fails.
  groups: ['x25519', 'secp256r1', 'secp384r1', 'secp521r1', 'x448'],
  credentials: ['p256', 'p384', 'p521', 'ed25519', 'ed448', 'rsa', 'rsa-pss'],
  without: { exporter: 'JSSE has no exporter before Java 25' },
} as const;

serverSuite({
  ...abilities,
  serve: (_clean, options) => driver.serve(options),
  alpnMismatch: 'refuse',
  noCertificateAlert: 'bad_certificate',
  orderly: /\tevent=end/,
  truncated: /\tevent=error\ttext=.*(terminated the connection|shut down incorrectly)/,
  refused: /unknown_ca/,
});

clientSuite({
  ...abilities,
  call: (_clean, options) => driver.call(options),
  retryGroup: 'secp384r1',
  refusalAlerts: ['certificate_unknown', 'unknown_ca'],
  truncated: /\tevent=error\ttext=.*(terminated the connection|shut down incorrectly)/,
  alpnRefused: /no_application_protocol/,
});

const SUITES = why
  ? []
  : execFileSync(tool('java'), [...OPTIONS, 'Peer', 'suites'], { encoding: 'utf8' }).match(/\w+_WITH_\w+/g);

const older = {
  name: abilities.name,
  why,
  versions: OLDER_VERSIONS,
  suites: () => SUITES ?? [],
  groups: abilities.groups,
  finiteFields: ['ffdhe2048', 'ffdhe3072'],
  credentials: abilities.credentials,
  without: abilities.without,
  withoutPsk: 'JSSE has no pre-shared keys',
} as const;

olderServerSuite({
  ...older,
  serve: (_clean, options) => driver.serve(options),
  asksOnly: true,
  noCertificateAlert: 'bad_certificate',
  truncated: /\tevent=error\ttext=.*(terminated the connection|shut down incorrectly)/,
  noSharedVersion: 'protocol_version',
  noSharedSuite: 'handshake_failure',
  saysNoSharedVersion: /are not accepted by server preferences/,
  saysNoSharedSuite: /no cipher suites in common/,
});

olderClientSuite({
  ...older,
  call: (_clean, options) => driver.call(options),
  refusalAlerts: ['certificate_unknown', 'unknown_ca'],
  truncated: /\tevent=error\ttext=.*(terminated the connection|shut down incorrectly)/,
  saysNoSharedVersion: /protocol_version/,
  saysNoSharedSuite: /handshake_failure/,
});
