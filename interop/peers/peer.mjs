/** A peer over node:tls. Commands and events: see interop/support/driver.ts. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, connect as tcpConnect } from 'node:net';
import { createInterface } from 'node:readline';
import { checkServerIdentity, createSecureContext, TLSSocket, connect as tlsConnect } from 'node:tls';

/** All that there is: without CCM in the list OpenSSL does not speak it; level 0 is for TLS 1.1 and 1.0. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_CCM_SHA256',
  'TLS_AES_128_CCM_8_SHA256',
  'ALL',
  'COMPLEMENTOFALL',
  '@SECLEVEL=0',
].join(':');

const VERSIONS = { 1.3: 'TLSv1.3', 1.2: 'TLSv1.2', 1.1: 'TLSv1.1', '1.0': 'TLSv1' };

const sockets = new Map();

function say(id, event, fields = {}) {
  const clean = (value) => String(value).replace(/[\t\n]/g, ' ');
  const parts = [`id=${id}`, `event=${event}`];
  for (const [key, value] of Object.entries(fields)) parts.push(`${key}=${clean(value)}`);
  console.log(parts.join('\t'));
}

function remember(id, raw) {
  sockets.set(id, [...(sockets.get(id) ?? []), raw]);
}

const readAll = (paths) => paths.split(',').map((path) => readFileSync(path));

function settings(cmd) {
  return {
    minVersion: VERSIONS[cmd.version],
    maxVersion: VERSIONS[cmd.version],
    ciphers: CIPHERS,
    ...(cmd.dh && { dhparam: readFileSync(cmd.dh) }),
    ...(cmd.cert && { cert: readAll(cmd.cert), key: readAll(cmd.key) }),
    ...(cmd.ca && { ca: readFileSync(cmd.ca) }),
    ...(cmd.alpn && { ALPNProtocols: cmd.alpn.split(',') }),
  };
}

function saySecure(id, cmd, socket) {
  say(id, 'secure', {
    suite: socket.getCipher().standardName,
    alpn: socket.alpnProtocol,
    resumed: socket.isSessionReused(),
    ...(cmd.exporter && { exporter: socket.exportKeyingMaterial(32, cmd.exporter).toString('hex') }),
  });
}

function listen(id, cmd) {
  // One context for all connections: tickets of one open for the next.
  const secureContext = createSecureContext(settings(cmd));
  const server = createServer({ allowHalfOpen: true }, (raw) => {
    remember(id, raw);
    const socket = new TLSSocket(raw, {
      isServer: true,
      secureContext,
      requestCert: Boolean(cmd.ca),
      rejectUnauthorized: Boolean(cmd.ca) && !cmd.ask,
      ...(cmd.alpn && { ALPNProtocols: cmd.alpn.split(',') }),
      ...(cmd.psk && { pskCallback: () => Buffer.from(cmd.psk, 'hex') }),
    });
    socket.on('secure', () => {
      if (cmd.ca && !cmd.ask && socket.ssl.verifyError()) {
        socket.destroy(socket.ssl.verifyError());
        return;
      }
      saySecure(id, cmd, socket);
      socket.pipe(socket);
    });
    socket.on('end', () => say(id, 'end'));
    socket.on('error', (error) => say(id, 'error', { text: error.code ?? error.message }));
  });
  server.listen(0, '127.0.0.1', () => say(id, 'listening', { port: server.address().port }));
}

async function connect(id, cmd) {
  let session;
  for (let i = 0; i < Number(cmd.connections); i++) session = await connectOnce(id, cmd, session);
}

async function connectOnce(id, cmd, session) {
  const raw = tcpConnect(Number(cmd.port), '127.0.0.1');
  await once(raw, 'connect');
  remember(id, raw);
  const pskCallback = cmd.psk && (() => ({ psk: Buffer.from(cmd.psk, 'hex'), identity: 'interop' }));
  const socket = tlsConnect({
    ...settings(cmd),
    socket: raw,
    servername: 'localhost',
    session,
    ...(pskCallback && {
      pskCallback,
      // Where the key alone proves the server there is no certificate to look at.
      checkServerIdentity: (name, certificate) =>
        certificate?.subject ? checkServerIdentity(name, certificate) : undefined,
    }),
  });
  const sessions = [];
  socket.on('session', (ticket) => sessions.push(ticket));
  const over = new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', resolve);
  });
  // Whoever waits for something else still learns of it through `over`.
  over.catch(() => {});
  await Promise.race([once(socket, 'secureConnect'), over.then(() => Promise.reject(new Error('closed')))]);
  saySecure(id, cmd, socket);
  socket.on('end', () => say(id, 'end'));
  let same = true;
  for (let i = 0; i < Number(cmd.rounds); i++) {
    const sent = randomBytes(Number(cmd.size));
    const echoed = received(socket, sent.length);
    socket.write(sent);
    const got = await Promise.race([echoed, over]);
    same &&= Buffer.isBuffer(got) && got.equals(sent);
  }
  say(id, 'exchanged', { same });
  if (cmd.hold !== '1') socket.end();
  await over;
  return sessions[0];
}

function received(socket, size) {
  const chunks = [];
  let length = 0;
  return new Promise((resolve) => {
    const take = (chunk) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length < size) return;
      socket.off('data', take);
      resolve(Buffer.concat(chunks));
    };
    socket.on('data', take);
  }).then((bytes) => {
    // Without a reader it would not notice the end.
    socket.resume();
    return bytes;
  });
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const cmd = Object.fromEntries(line.split('\t').map((field) => field.split(/=(.*)/s, 2)));
  const { id } = cmd;
  if (cmd.cmd === 'hello') say(id, 'hello', { library: process.versions.openssl });
  else if (cmd.cmd === 'cut') for (const raw of sockets.get(cmd.target) ?? []) raw.destroy();
  else if (cmd.cmd === 'listen') listen(id, cmd);
  else if (cmd.cmd === 'connect')
    connect(id, cmd)
      .catch((error) => say(id, 'error', { text: error.code ?? error.message }))
      .then(() => say(id, 'done'));
});
