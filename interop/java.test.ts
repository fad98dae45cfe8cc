/** Java's JSSE, both ways. */
import { afterAll, beforeAll, inject } from 'vitest';
import { Driver } from './support/driver.js';
import { clientSuite } from './support/suite-client.js';
import { serverSuite } from './support/suite-server.js';
import { tool } from './support/tools.js';

const { path, why } = inject('prepared').java;
let driver: Driver;
beforeAll(async () => {
  if (why) return;
  // By default it takes any end for an orderly one.
  const options = ['-Xmx256m', '-Dcom.sun.net.ssl.requireCloseNotify=true'];
  driver = new Driver(tool('java'), [...options, '-cp', path, 'Peer'], afterAll);
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
