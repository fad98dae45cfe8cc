/**
 * The engine in a browser: Chromium loads the built modules as they are, and client and server shake hands in its
 * memory on the portable provider. What went over the wire is then read as a capture. Shows that nothing in
 * them needs Node.
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject } from 'vitest';
import { browserArguments, findBrowser } from './support/browser.js';
import { shows } from './support/matrix.js';
import { PeerProcess } from './support/processes.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const browser = findBrowser();

/** What packages call their own files (their `exports`) is what they are called on disk. */
const IMPORTS = {
  imports: {
    akushu: '/packages/akushu/dist/index.js',
    'akushu/crypto/portable': '/packages/akushu/dist/crypto/portable.js',
    'akushu/observe': '/packages/akushu/dist/observe/index.js',
    'akushu/x509': '/packages/akushu/dist/x509/index.js',
    '@noble/ciphers/': '/node_modules/@noble/ciphers/',
    '@noble/curves/': '/node_modules/@noble/curves/',
    '@noble/hashes/': '/node_modules/@noble/hashes/',
    '@noble/post-quantum/': '/node_modules/@noble/post-quantum/',
  },
};

const SCRIPT = `
import { Connection, findGroup } from 'akushu';
import { portableProvider as provider } from 'akushu/crypto/portable';
import { observe, writePcapng } from 'akushu/observe';
import { createCertificate, trustAnchors, verifyChain } from 'akushu/x509';

const text = new TextDecoder();

/** What went over the wire, as a compressed capture, is read again. */
async function watch(events, keyLog) {
  const ends = { client: { address: '192.0.2.1', port: 1 }, server: { address: '192.0.2.2', port: 443 } };
  const file = new Blob([writePcapng([{ ...ends, events, keyLog }])]);
  const source = file.stream().pipeThrough(new CompressionStream('gzip'));
  const read = [];
  let found;
  const onPlaintext = ({ from }, bytes) => read.push(from + ': ' + text.decode(bytes));
  for await (const seen of observe(source, { provider, onPlaintext })) if (seen.kind === 'connection') found = seen;
  return { read: read.sort(), serverName: found.tls.negotiated.serverName, problems: found.problems.length };
}

async function shakeHands(group) {
  const key = await provider.importPrivateKey(await provider.generatePrivateKey('secp256r1'));
  const now = Date.now();
  const validity = { notBefore: now - 3600000, notAfter: now + 3600000 };
  const certificate = await createCertificate({ provider, subject: 'localhost', key, altNames: ['localhost'], ...validity });
  const roots = trustAnchors([certificate]);
  const got = { client: [], server: [] };
  const done = {};
  const events = [];
  const keyLog = [];
  let client, server;
  // Never in the middle of the sender's step.
  const to = (from, receiver) => (pieces) => {
    for (const bytes of pieces) events.push({ t: Date.now(), from, bytes: bytes.slice() });
    queueMicrotask(() => pieces.forEach((piece) => receiver().receive(piece)));
  };
  const handlers = (name, receiver, resolve, reject) => ({
    output: to(name, receiver),
    established: (summary) => { done[name] = summary; if (done.client && done.server) resolve(); },
    data: (bytes) => got[name].push(text.decode(bytes)),
    error: (error) => reject(error),
  });
  await new Promise((resolve, reject) => {
    server = new Connection('server', { provider, now: Date.now, credentials: [{ chain: [certificate], key }] },
      handlers('server', () => client, resolve, reject));
    client = new Connection('client', {
      provider, now: Date.now, keyLog: (line) => keyLog.push(line), serverName: 'localhost', groups: [findGroup(group).code],
      verifyPeer: ({ chain }) => {
        const verdict = verifyChain({ chain, roots, time: Date.now(), purpose: 'server', host: 'localhost', provider });
        return verdict.ok ? { trusted: true } : { trusted: false, code: verdict.failure.code };
      },
    }, handlers('client', () => server, resolve, reject));
    client.start();
  });
  client.write(new TextEncoder().encode('from the client'));
  server.write(new TextEncoder().encode('from the server'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const watched = await watch(events, keyLog);
  return { suite: done.client.cipherSuite.iana, group: done.server.group.iana, got, watched };
}

try {
  const results = [];
  for (const group of ['x25519', 'X25519MLKEM768']) results.push(await shakeHands(group));
  document.body.textContent = JSON.stringify({ node: typeof process, results });
} catch (error) {
  document.body.textContent = 'failed: ' + error + ' ' + error.stack;
}
`;

const PAGE = `<!doctype html><title>akushu</title><link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify(IMPORTS)}</script><body>
<script>addEventListener('error', (event) => { document.body.textContent = 'failed: ' + event.message; });</script>
<script type="module">${SCRIPT}</script>`;

/** Gives out the page, and files of the two directories that the import map names. */
function serveFiles(): Server {
  return createServer((request, response) => {
    const path = normalize(decodeURIComponent((request.url ?? '/').split('?')[0]!));
    if (path === sep) {
      response.setHeader('Content-Type', 'text/html');
      response.end(PAGE);
      return;
    }
    try {
      if (!/^\/(packages\/akushu\/dist|node_modules\/@noble)\/[^\0]*\.js$/.test(path))
        throw new Error('not served');
      const content = readFileSync(join(root, path));
      response.setHeader('Content-Type', 'text/javascript');
      response.end(content);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
}

const cell = { peer: 'our own in Chromium', role: 'client', feature: 'extras' } as const;
shows(
  cell,
  'client and server shake hands and exchange data in a page, and a capture of it is read there, without Node',
  browser ? null : 'not installed: chromium',
  async ({ onTestFinished }) => {
    const server = serveFiles();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const profile = mkdtempSync(join(inject('prepared').dir, 'chromium-'));
    const args = [...browserArguments(profile), '--dump-dom', `http://127.0.0.1:${port}/`];
    const peer = new PeerProcess(browser!, args, onTestFinished, { lifetime: 35_000 });
    await peer.exit;
    const body = peer.stdout.match(/<body>([\s\S]*)<\/body>/)?.[1]?.trim() ?? peer.output;
    expect(body).toMatch(/^\{/);
    const exchanged = {
      suite: 'TLS_AES_128_GCM_SHA256',
      got: { client: ['from the server'], server: ['from the client'] },
      watched: {
        read: ['client: from the client', 'server: from the server'],
        serverName: 'localhost',
        problems: 0,
      },
    };
    expect(JSON.parse(body)).toEqual({
      node: 'undefined',
      results: [
        { group: 'x25519', ...exchanged },
        { group: 'X25519MLKEM768', ...exchanged },
      ],
    });
  },
);
