/** nginx as a server, in front of an echo server over plain HTTP. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { serviceOf, textPayload } from './support/command-line.js';
import { post } from './support/http.js';
import { shows } from './support/matrix.js';
import { OLDER_VERSIONS, olderClient } from './support/older.js';
import { ALL_CIPHERS, compiledIn } from './support/openssl.js';
import type { PeerService, ServeOptions } from './support/peer.js';
import { certFile, dhFile, keyFile } from './support/pki.js';
import { type Cleaner, freePort, PeerProcess, untilListening } from './support/processes.js';
import { pemPair, serverSuite, trusting } from './support/suite-server.js';
import { olderServerSuite } from './support/suite-server-older.js';
import { missingTools, tool } from './support/tools.js';
import { open } from './support/wire.js';

const { dir, pkiDir } = inject('prepared');
const pki = { dir: pkiDir };
const SUITES = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_CCM_SHA256',
  'TLS_AES_128_CCM_8_SHA256',
] as const;
const backend = createServer((request, response) => {
  const { 'content-length': length = '0' } = request.headers;
  response.writeHead(200, { 'Content-Length': length });
  request.pipe(response);
});
let number = 0;

beforeAll(() => new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise<void>((resolve) => backend.close(() => resolve())));

/** One process, in the foreground: its end is the end of all of it. */
function configuration(port: number, home: string, options: ServeOptions, more: string): string {
  const { port: behind } = backend.address() as AddressInfo;
  const names = [options.credential, options.also ?? []].flat();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off; master_process off; pid ${home}/pid; error_log stderr info;
events {}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${home}/${name};`).join('\n  ')}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_protocols ${options.version ?? 'TLSv1.3'};
    ssl_ciphers ${ALL_CIPHERS};
    ssl_dhparam ${dhFile(pki)};
    ssl_conf_command Ciphersuites ${SUITES.join(':')};
    ssl_ecdh_curve X25519:P-256:P-384:P-521:X448;
    ${names.map((name) => `ssl_certificate ${certFile(pki, name)};`).join('\n    ')}
    ${names.map((name) => `ssl_certificate_key ${keyFile(pki, name)};`).join('\n    ')}
    ${options.clientAuth ? `ssl_verify_client ${options.clientAuth === 'request' ? 'optional' : 'on'}; ssl_client_certificate ${certFile(pki, 'ca')};` : ''}
    ${more}
    client_max_body_size 8m;
    location / { proxy_pass http://127.0.0.1:${behind}; proxy_http_version 1.1; proxy_request_buffering off; }
  }
}`;
}

async function serve(clean: Cleaner, options: ServeOptions, more = ''): Promise<PeerService> {
  const home = join(dir, `nginx-${++number}`);
  mkdirSync(home);
  const port = await freePort();
  writeFileSync(join(home, 'nginx.conf'), configuration(port, home, options, more));
  const peer = new PeerProcess(tool('nginx'), ['-p', home, '-c', join(home, 'nginx.conf')], clean, {
    ...(options.lifetime && { lifetime: options.lifetime }),
  });
  await untilListening(peer, port);
  return serviceOf(peer, port, post);
}

serverSuite({
  name: 'nginx',
  why: missingTools('nginx'),
  suites: SUITES,
  groups: ['x25519', 'secp256r1', 'secp384r1', 'secp521r1', 'x448'],
  credentials: ['p256', 'p384', 'p521', 'ed25519', 'ed448', 'rsa', 'rsa-pss'],
  without: {
    exporter: 'nginx has no exporter',
    'client certificate': 'nginx answers in HTTP where the certificate is missing; see the tests of its own',
  },
  serve,
  alpnMismatch: 'refuse',
  noCertificateAlert: '',
  refused: /unknown ca/,
  hangsUp: true,
});

const clientAuth = { peer: 'nginx', role: 'server', feature: 'client certificate' } as const;
shows(clientAuth, 'accepts our certificate', missingTools('nginx'), async ({ onTestFinished }) => {
  const service = await serve(onTestFinished, { credential: 'p256', clientAuth: true });
  const wire = await open(onTestFinished, service.port, trusting(pemPair('client')));
  expect(wire.hasMessage('client', 'CertificateVerify')).toBe(true);
  await service.exchange(wire, 100);
});

shows(
  clientAuth,
  'refuses us in HTTP without a certificate',
  missingTools('nginx'),
  async ({ onTestFinished }) => {
    const service = await serve(onTestFinished, { credential: 'p256', clientAuth: true });
    const wire = await open(onTestFinished, service.port, trusting());
    wire.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await wire.readThrough('\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  },
);

olderServerSuite({
  name: 'nginx',
  why: missingTools('nginx'),
  versions: OLDER_VERSIONS,
  suites: compiledIn,
  groups: ['x25519', 'secp256r1', 'secp384r1', 'secp521r1', 'x448'],
  credentials: ['p256', 'p384', 'p521', 'ed25519', 'ed448', 'rsa', 'rsa-pss'],
  withoutPsk: 'nginx has no pre-shared keys',
  without: { exporter: 'nginx has no exporter' },
  serve,
  asksOnly: true,
  noCertificateAlert: null,
  refusesAbove: true,
  withoutSessionIds: 'nginx keeps no sessions unless told to; see the tests of its own',
  noSharedVersion: 'protocol_version',
  noSharedSuite: 'handshake_failure',
  saysNoSharedVersion: /unsupported protocol/,
  saysNoSharedSuite: /no shared cipher/,
  hangsUp: true,
});

shows(
  { peer: 'nginx', role: 'server', feature: 'early data' },
  'takes our early data',
  missingTools('nginx'),
  async ({ onTestFinished }) => {
    const service = await serve(onTestFinished, { credential: 'p256' }, 'ssl_early_data on;');
    const first = await open(onTestFinished, service.port, trusting());
    await service.exchange(first, 100);
    const session = await first.session();
    expect(session.maxEarlyData).toBeGreaterThan(200);
    await first.close();
    const body = textPayload(100).toString('latin1');
    const head = 'POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n';
    const options = trusting({ session, earlyData: { replayable: Buffer.from(head + body) } });
    const second = await open(onTestFinished, service.port, options);
    expect([second.handshake.resumed, second.socket.earlyData]).toEqual([true, 'accepted']);
    expect(await second.readThrough(body)).toMatch(/^HTTP\/1\.1 200 /);
    // More on the same connection, under the keys of after the handshake.
    await service.exchange(second, 1000);
  },
);

for (const version of ['TLSv1.2', 'TLSv1.1'] as const) {
  shows(
    { peer: 'nginx', role: 'server', feature: 'resumption', version },
    'resumes its session by its id',
    missingTools('nginx'),
    async ({ onTestFinished }) => {
      const more = 'ssl_session_tickets off; ssl_session_cache builtin;';
      const service = await serve(onTestFinished, { credential: 'p256', version }, more);
      const first = await open(onTestFinished, service.port, olderClient(version));
      await service.exchange(first, 100);
      const session = await first.session();
      expect([session.ticket.length, session.sessionId?.length]).toEqual([0, 32]);
      await first.close();
      const second = await open(onTestFinished, service.port, olderClient(version, { session }));
      expect(second.handshake.resumed).toBe(true);
      await service.exchange(second, 100);
    },
  );
}
