/**
 * Side by side with node:tls in the same process and run: full and resumed handshakes, and bulk data, both ends in
 * one thread, in memory. Prints medians and ratios; asserts nothing about time. `npm run bench [-- quick]`.
 */
import { once } from 'node:events';
import tls from 'node:tls';
import { Connection } from 'akushu';
import { nodeProvider } from 'akushu/crypto/node';
import { createCertificate, encodePem } from 'akushu/x509';
import { duplexPair } from './duplex-pair.mjs';

const quick = process.argv.includes('quick');
const ROUNDS = quick ? 5 : 15;
const HANDSHAKES = quick ? 50 : 200;
const MEGABYTES = quick ? 16 : 64;

const now = () => Date.now();
const pkcs8 = await nodeProvider.generatePrivateKey('secp256r1');
const key = await nodeProvider.importPrivateKey(pkcs8);
const certificate = await createCertificate({
  provider: nodeProvider,
  subject: 'localhost',
  altNames: ['localhost'],
  key,
  notBefore: now() - 60_000,
  notAfter: now() + 86_400_000,
});
const credential = { chain: [certificate], key };
const pem = { key: encodePem('PRIVATE KEY', pkcs8), cert: encodePem('CERTIFICATE', certificate) };

// ---- ours ----

/** Two connections that hand each other their bytes. */
function ourPair({ client = {}, server = {}, onClientData, onServerData } = {}) {
  const base = { provider: nodeProvider, now, groups: [0x001d], cipherSuites: [0x1301] };
  const toServer = [];
  const toClient = [];
  const a = new Connection(
    'client',
    { ...base, serverName: 'localhost', verifyPeer: () => ({ trusted: true }), ...client },
    {
      output: (pieces) => toServer.push(...pieces),
      data: onClientData,
      error: (error) => {
        throw error;
      },
    },
  );
  const b = new Connection(
    'server',
    { ...base, credentials: [credential], ...server },
    {
      output: (pieces) => toClient.push(...pieces),
      data: onServerData,
      error: (error) => {
        throw error;
      },
    },
  );
  // What one flush writes arrives as one chunk, as it does through a socket.
  const pump = () => {
    while (toServer.length > 0 || toClient.length > 0) {
      if (toServer.length > 0) b.receive(Buffer.concat(toServer.splice(0)));
      if (toClient.length > 0) a.receive(Buffer.concat(toClient.splice(0)));
    }
  };
  return { client: a, server: b, pump };
}

function ourHandshake(options) {
  const pair = ourPair(options);
  pair.client.start();
  pair.pump();
  return pair;
}

// ---- node:tls ----

const context = tls.createSecureContext({
  ...pem,
  minVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256',
  ecdhCurve: 'X25519',
});
const clientContext = tls.createSecureContext({
  minVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256',
  ecdhCurve: 'X25519',
});

async function nodeHandshake(session) {
  const [left, right] = duplexPair();
  const server = new tls.TLSSocket(right, { isServer: true, secureContext: context });
  const client = tls.connect({
    socket: left,
    secureContext: clientContext,
    servername: 'localhost',
    rejectUnauthorized: false,
    session,
  });
  await Promise.all([once(client, 'secureConnect'), once(server, 'secure')]);
  return { client, server };
}

// ---- measuring ----

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Runs the contenders in turns, so that a slow moment of the machine hits all of them. */
async function compare(title, unit, contenders) {
  const results = new Map(Object.keys(contenders).map((name) => [name, []]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const value = await run();
      if (round >= 0) results.get(name).push(value);
    }
  }
  const [[, ours], [, theirs]] = [...results].map(([name, values]) => [name, median(values)]);
  const ratio = unit === 'MB/s' ? ours / theirs : ours / theirs;
  console.log(
    `${title.padEnd(46)} akushu ${ours.toFixed(0).padStart(6)} ${unit}   node:tls ${theirs.toFixed(0).padStart(6)} ${unit}   ratio ${ratio.toFixed(2)}`,
  );
}

const perHandshake = async (count, run) => {
  const start = process.hrtime.bigint();
  for (let i = 0; i < count; i++) await run();
  return Number(process.hrtime.bigint() - start) / 1000 / count;
};

async function ourBulk() {
  let got = 0;
  const pair = ourHandshake({
    onServerData: (bytes) => {
      got += bytes.length;
    },
  });
  const chunk = new Uint8Array(256 * 1024);
  const start = process.hrtime.bigint();
  for (let sent = 0; sent < MEGABYTES * 1048576; sent += chunk.length) {
    pair.client.write(chunk);
    pair.pump();
  }
  if (got !== MEGABYTES * 1048576) throw new Error('data was lost');
  return (MEGABYTES * 1.048576) / (Number(process.hrtime.bigint() - start) / 1e9);
}

async function nodeBulk() {
  const { client, server } = await nodeHandshake();
  let got = 0;
  const done = new Promise((resolve) => {
    server.on('data', (bytes) => {
      got += bytes.length;
      if (got >= MEGABYTES * 1048576) resolve();
    });
  });
  const chunk = Buffer.alloc(256 * 1024);
  const start = process.hrtime.bigint();
  for (let sent = 0; sent < MEGABYTES * 1048576; sent += chunk.length) {
    if (!client.write(chunk)) await once(client, 'drain');
  }
  await done;
  const rate = (MEGABYTES * 1.048576) / (Number(process.hrtime.bigint() - start) / 1e9);
  client.destroy();
  server.destroy();
  return rate;
}

/** A session for each stack, for the resumed handshakes. */
const { SelfEncryptedTickets } = await import('akushu');
const tickets = new SelfEncryptedTickets(nodeProvider);
let session;
ourHandshake({
  client: {
    onSession: (given) => {
      session = given;
    },
  },
  server: { tickets },
});
const first = await nodeHandshake();
const nodeSession = await new Promise((resolve) => {
  first.client.once('session', resolve);
  first.server.write('x');
  first.client.resume();
});

console.log(
  `node ${process.version}, ${process.arch}; both ends in one thread, in memory; medians of ${ROUNDS} rounds\n`,
);
await compare('full TLS 1.3 handshake, X25519, ECDSA P-256', 'µs', {
  akushu: () => perHandshake(HANDSHAKES, () => void ourHandshake()),
  node: () =>
    perHandshake(HANDSHAKES, async () => {
      const { client, server } = await nodeHandshake();
      client.destroy();
      server.destroy();
    }),
});
await compare('resumed TLS 1.3 handshake (PSK with X25519)', 'µs', {
  akushu: () =>
    perHandshake(HANDSHAKES, () => {
      const { client } = ourHandshake({ client: { session }, server: { tickets, ticketCount: 0 } });
      if (!client.summary.resumed) throw new Error('not resumed');
    }),
  node: () =>
    perHandshake(HANDSHAKES, async () => {
      const { client, server } = await nodeHandshake(nodeSession);
      if (!client.isSessionReused()) throw new Error('not resumed');
      client.destroy();
      server.destroy();
    }),
});
await compare('AES-128-GCM bulk, one way, sealed and opened', 'MB/s', { akushu: ourBulk, node: nodeBulk });
