/**
 * One server of the fleet, as a process of its own: ticket keys and replay marks in the Redis that all share. What it
 * is given is in its first argument (`Settings` in fleet.ts), as JSON. It says `listening PORT`, and to every line of its input
 * `report {…}`: what was delivered, by its text, as 0-RTT data and after a handshake; and what went wrong.
 *
 * A connection is one text from the client, of 0-RTT data or not, and the server's name in return.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { ReplayGuard, SharedTickets } from 'akushu';
import { nodeProvider } from 'akushu/crypto/node';
import { createServer } from 'akushu/node';
import { RedisStore } from 'akushu/redis';
import { Redis } from 'ioredis';
import { createClient } from 'redis';

const settings = JSON.parse(process.argv[2]);
const report = { early: {}, late: {}, troubles: {} };
const count = (list, text) => {
  list[text] = (list[text] ?? 0) + 1;
};
const onTrouble = (error) => count(report.troubles, error === null ? 'back' : String(error));

async function redisClient() {
  const { redisPort: port } = settings;
  if (settings.client === 'ioredis') {
    const redis = new Redis({ port, retryStrategy: () => 50 });
    redis.on('error', () => {});
    return redis;
  }
  const client = createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: () => 50 } });
  client.on('error', () => {});
  await client.connect();
  return client;
}

const store = new RedisStore({
  client: await redisClient(),
  // Of a machine on which all of the fleet and its clients share the processors.
  timeout: 1500,
  clockTolerance: settings.clockTolerance,
  onTrouble,
});
const tickets = new SharedTickets({
  provider: nodeProvider,
  store,
  key: Buffer.from(settings.key, 'hex'),
  rotation: settings.rotation,
  checkEvery: 1000,
  onTrouble,
});
const server = createServer({
  cert: readFileSync(settings.cert),
  key: readFileSync(settings.certKey),
  tickets,
  // One machine has one clock.
  earlyData: { guard: new ReplayGuard({ store, clockSkew: 0, onTrouble }) },
});

const answered = new WeakSet();
server.on('earlyConnection', (socket) => {
  socket.once('earlyData', (bytes, { replaySafe }) => {
    answered.add(socket);
    count(replaySafe ? report.late : report.early, String(bytes));
    socket.write(settings.name);
  });
});
server.on('secureConnection', (socket) => {
  if (answered.has(socket)) {
    socket.end();
    return;
  }
  socket.once('data', (bytes) => {
    count(report.late, String(bytes));
    socket.end(settings.name);
  });
});

await tickets.ready();
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
createInterface({ input: process.stdin })
  .on('line', () => console.log(`report ${JSON.stringify(report)}`))
  .on('close', () => process.exit());
