/**
 * Side by side with node:tls in the same process and run: full and resumed handshakes, and bulk data, both ends in
 * one thread, in memory. Prints medians and ratios; asserts nothing about time. `npm run bench [-- quick] [WORD]`: with
 * a word, only what has it in its title.
 */
import { once } from 'node:events';
import tls from 'node:tls';
import { Connection, SelfEncryptedTickets } from 'akushu';
import { nodeProvider } from 'akushu/crypto/node';
import { createCertificate, encodePem } from 'akushu/x509';
import { duplexPair } from './duplex-pair.mjs';

const quick = process.argv.includes('quick');
const wanted = process.argv.slice(2).find((word) => word !== 'quick') ?? '';
const ROUNDS = quick ? 5 : 15;
const HANDSHAKES = quick ? 50 : 200;
/** Rounds that do not count: it takes some 2,000 handshakes until V8 has compiled what they run. */
const WARM_UP = { µs: quick ? 5 : 12, 'MB/s': 1 };
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

/** What is compared: one version and suite on both sides. */
const TLS13 = { version: 0x0304, suite: 0x1301, name: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256' };
const TLS12 = { version: 0x0303, suite: 0xc02b, name: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' };
const CBC = { version: 0x0303, suite: 0xc009, name: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' };

// ---- ours ----

/** Two connections that hand each other their bytes. */
function ourPair({ client = {}, server = {}, onClientData, onServerData, kind = TLS13 } = {}) {
  const { version, suite } = kind;
  const base = {
    provider: nodeProvider,
    now,
    groups: [0x001d, 0x0017],
    keyShares: [0x001d],
    versions: [version],
    cipherSuites: [suite],
  };
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

const contextFor = ({ name, ciphers }, own = {}) =>
  tls.createSecureContext({
    ...own,
    minVersion: name,
    maxVersion: name,
    ciphers,
    // P-256 for the certificate: before TLS 1.3 its curve has to be named as well.
    ecdhCurve: 'X25519:P-256',
  });
const contexts = new Map(
  [TLS13, TLS12, CBC].map((kind) => [kind, { server: contextFor(kind, pem), client: contextFor(kind) }]),
);

async function nodeHandshake(session, kind = TLS13) {
  const context = contexts.get(kind);
  const [left, right] = duplexPair();
  const server = new tls.TLSSocket(right, { isServer: true, secureContext: context.server });
  const client = tls.connect({
    socket: left,
    secureContext: context.client,
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
  if (!title.includes(wanted)) return;
  const results = new Map(Object.keys(contenders).map((name) => [name, []]));
  for (let round = -WARM_UP[unit]; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const value = await run();
      if (round >= 0) results.get(name).push(value);
    }
  }
  const [[, ours], [, theirs]] = [...results].map(([name, values]) => [name, median(values)]);
  const ratio = ours / theirs;
  console.log(
    `${title.padEnd(46)} akushu ${ours.toFixed(0).padStart(6)} ${unit}   node:tls ${theirs.toFixed(0).padStart(6)} ${unit}   ratio ${ratio.toFixed(2)}`,
  );
}

/** Processor time, all threads. */
const perHandshake = async (count, run) => {
  const start = process.cpuUsage();
  for (let i = 0; i < count; i++) await run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / count;
};

async function ourBulk(kind) {
  let got = 0;
  const pair = ourHandshake({
    kind,
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

async function nodeBulk(kind) {
  const { client, server } = await nodeHandshake(undefined, kind);
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

const tickets = new SelfEncryptedTickets(nodeProvider);

/** A session for each stack, for the resumed handshakes. */
async function sessionsFor(kind) {
  let ours;
  const onSession = (given) => {
    ours = given;
  };
  ourHandshake({ kind, client: { onSession }, server: { tickets } });
  const { client, server } = await nodeHandshake(undefined, kind);
  const early = client.getSession();
  const theirs =
    kind === TLS13
      ? await new Promise((resolve) => {
          client.once('session', resolve);
          server.write('x');
          client.resume();
        })
      : early;
  return { ours, theirs };
}

console.log(
  `node ${process.version}, ${process.arch}; both ends in one thread, in memory; handshakes in CPU time; medians of ${ROUNDS} rounds\n`,
);
/** As in any process that serves, some connections stay: with none, V8 would forget their objects' shapes between rounds. */
const staying = [];
for (const kind of [TLS13, TLS12]) {
  staying.push(ourHandshake({ kind }), await nodeHandshake(undefined, kind));
  const version = kind.name.replace('v', ' ');
  await compare(`full ${version} handshake, X25519, ECDSA P-256`, 'µs', {
    akushu: () => perHandshake(HANDSHAKES, () => void ourHandshake({ kind })),
    node: () =>
      perHandshake(HANDSHAKES, async () => {
        const { client, server } = await nodeHandshake(undefined, kind);
        client.destroy();
        server.destroy();
      }),
  });
  const sessions = await sessionsFor(kind);
  await compare(`resumed ${version} handshake${kind === TLS13 ? ' (PSK with X25519)' : ' (ticket)'}`, 'µs', {
    akushu: () =>
      perHandshake(HANDSHAKES, () => {
        const options = { session: sessions.ours, onSession: () => {} };
        const { client } = ourHandshake({ kind, client: options, server: { tickets, ticketCount: 0 } });
        if (!client.summary.resumed) throw new Error('not resumed');
      }),
    node: () =>
      perHandshake(HANDSHAKES, async () => {
        const { client, server } = await nodeHandshake(sessions.theirs, kind);
        if (!client.isSessionReused()) throw new Error('not resumed');
        client.destroy();
        server.destroy();
      }),
  });
}
for (const [title, kind] of [
  ['AES-128-GCM, TLS 1.3', TLS13],
  ['AES-128-GCM, TLS 1.2', TLS12],
  ['AES-128-CBC with HMAC-SHA1, TLS 1.2', CBC],
]) {
  await compare(`${title}: bulk, one way`, 'MB/s', {
    akushu: () => ourBulk(kind),
    node: () => nodeBulk(kind),
  });
}
