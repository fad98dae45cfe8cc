/** Chromium as a client of ours: it loads pages from an HTTP server over our sockets. */
import { createHash } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type HandshakeSummary, MemoryStore, ReplayGuard } from 'akushu';
import { type ServerOptions, TlsServer } from 'akushu/node';
import { certificatesFromPem, parseCertificate } from 'akushu/x509';
import { expect, inject } from 'vitest';
import { browserArguments, findBrowser } from './support/browser.js';
import { type Feature, shows } from './support/matrix.js';
import { type Cleaner, PeerProcess } from './support/processes.js';
import { pem, pemPair } from './support/suite-server.js';

const browser = findBrowser();
const why = browser === null ? 'not installed: chromium' : null;

interface Visit {
  readonly dom: string;
  readonly handshakes: readonly HandshakeSummary[];
  readonly failures: readonly Error[];
}

const AGAIN = ['/again/1', '/again/2', '/again/3'];

/** Answers with a page whose script fetches on more connections, or with what was posted. */
function respond(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Connection', 'close');
  if (request.url === '/early') {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<!doctype html><title>akushu</title><body><script type="module">
      let got = '';
      for (const path of ${JSON.stringify(AGAIN)}) got += await (await fetch(path, { cache: 'no-store' })).text();
      document.body.textContent = 'got ' + got;
    </script>`);
    return;
  }
  if (AGAIN.includes(request.url ?? '')) {
    response.end(request.url);
    return;
  }
  if (request.method === 'POST') {
    request.pipe(response);
    return;
  }
  if (request.url !== '/') {
    response.statusCode = 404;
    response.end();
    return;
  }
  response.setHeader('Content-Type', 'text/html');
  response.end(`<!doctype html><title>akushu</title><body><script type="module">
    const body = 'x'.repeat(100000) + Math.random();
    const answer = await fetch('/echo', { method: 'POST', body });
    document.body.textContent = (await answer.text()) === body ? 'posted and got back' : 'something else came';
  </script>`);
}

interface Manner {
  readonly trust?: boolean;
  readonly path?: string;
  readonly features?: string;
}

async function visit(
  clean: Cleaner,
  options: ServerOptions,
  { trust = true, path = '/', features }: Manner = {},
): Promise<Visit> {
  const http = createHttpServer(respond);
  const handshakes: HandshakeSummary[] = [];
  const failures: Error[] = [];
  const server = new TlsServer({ ...pemPair('p256'), ...options }, (socket) => {
    handshakes.push(socket.handshake);
    http.emit('connection', socket);
  });
  server.on('tlsClientError', (error: Error) => failures.push(error));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  clean(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const profile = mkdtempSync(join(inject('prepared').dir, 'chromium-'));
  const trusted = ['p256', 'rsa'].map((name) => {
    const { spki } = parseCertificate(certificatesFromPem(pem(name))[0]!);
    return createHash('sha256').update(spki).digest('base64');
  });
  const args = [
    ...browserArguments(profile),
    ...(trust ? [`--ignore-certificate-errors-spki-list=${trusted.join()}`] : []),
    ...(features ? [`--enable-features=${features}`] : []),
  ];
  const peer = new PeerProcess(browser!, [...args, '--dump-dom', `https://localhost:${port}${path}`], clean, {
    lifetime: 35_000,
  });
  await peer.exit;
  return { dom: peer.stdout, handshakes, failures };
}

function show(feature: Feature, title: string, run: (clean: Cleaner) => Promise<void>): void {
  shows({ peer: 'Chromium', role: 'client', feature }, title, why, ({ onTestFinished }) =>
    run(onTestFinished),
  );
}

show(
  'resumption',
  'loads a page, posts, and resumes its session; with X25519MLKEM768 and a certificate in brotli',
  async (clean) => {
    // The leaf twice: one alone is too random to get shorter every time.
    const { cert, key } = pemPair('p256');
    const { dom, handshakes } = await visit(clean, {
      cert: `${cert}${cert}`,
      key,
      ALPNProtocols: ['http/1.1'],
      tls: { certificateCompression: ['brotli'] },
    });
    expect(dom).toContain('posted and got back');
    const [first] = handshakes;
    expect(first?.group?.iana).toBe('X25519MLKEM768');
    expect(first?.alpn).toBe('http/1.1');
    expect(first?.why.certificateCompression?.chosen).toBe('brotli');
    expect(handshakes.some(({ resumed }) => resumed)).toBe(true);
  },
);

/** It is there, and off unless asked for. */
const EARLY = { path: '/early', features: 'EnableTLS13EarlyData' } as const;

show('early data', 'sends requests as early data, which we take', async (clean) => {
  const { dom, handshakes } = await visit(clean, { earlyData: true }, EARLY);
  expect(dom).toContain(`got ${AGAIN.join('')}`);
  const taken = handshakes.filter(({ resumed, earlyDataAccepted }) => resumed && earlyDataAccepted);
  expect(taken.length).toBeGreaterThan(0);
});

show('early data', 'sends again what we do not take as early data', async (clean) => {
  // A guard that is not sure yet whether it has lost something.
  const earlyData = { guard: new ReplayGuard({ store: new MemoryStore() }) };
  const { dom, handshakes, failures } = await visit(clean, { earlyData }, EARLY);
  expect(dom).toContain(`got ${AGAIN.join('')}`);
  // It hangs up in the middle of that handshake, and comes back without.
  expect(failures.some((error) => 'code' in error && error.code === 'closed_during_handshake')).toBe(true);
  expect(handshakes.some(({ earlyDataAccepted }) => earlyDataAccepted)).toBe(false);
});

for (const suite of ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']) {
  show('suites', `speaks ${suite}`, async (clean) => {
    const { dom, handshakes } = await visit(clean, { ciphers: [suite] });
    expect(dom).toContain('posted and got back');
    expect(handshakes[0]?.cipherSuite.iana).toBe(suite);
  });
}

show('retry', 'sends a share for secp384r1 when asked in a HelloRetryRequest', async (clean) => {
  const { dom, handshakes } = await visit(clean, { groups: ['secp384r1'] });
  expect(dom).toContain('posted and got back');
  expect(handshakes[0]?.group?.iana).toBe('secp384r1');
});

show(
  'refusal',
  'refuses our certificate of an authority it does not know, and we say that the client did',
  async (clean) => {
    const { dom, failures } = await visit(clean, {}, { trust: false });
    expect(dom).not.toContain('posted and got back');
    expect(failures[0]).toMatchObject({ code: 'peer_alert', sentBy: 'client' });
  },
);

for (const [suite, credential] of [
  ['ECDHE-ECDSA-AES128-GCM-SHA256', 'p256'],
  ['ECDHE-RSA-CHACHA20-POLY1305', 'rsa'],
  ['ECDHE-RSA-AES256-SHA', 'rsa'],
  ['AES128-GCM-SHA256', 'rsa'],
] as const) {
  shows(
    { peer: 'Chromium', role: 'client', feature: 'suites', version: 'TLSv1.2' },
    `speaks ${suite}, and resumes by a ticket`,
    why,
    async ({ onTestFinished }) => {
      const { dom, handshakes } = await visit(onTestFinished, {
        ...pemPair(credential),
        maxVersion: 'TLSv1.2',
        ciphers: [suite],
      });
      expect(dom).toContain('posted and got back');
      expect(handshakes[0]).toMatchObject({ version: 'TLSv1.2', cipherSuite: { openssl: suite } });
      expect(handshakes[0]!.why.extendedMasterSecret?.chosen).toBe('extended_master_secret');
      expect(handshakes.some(({ resumed }) => resumed)).toBe(true);
    },
  );
}
