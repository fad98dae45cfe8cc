/**
 * Clients of the fleet, as a process of their own: in each of `lanes` one connection after the other, which resumes the
 * session of the one before. What it is given is in its first argument (`Load` in fleet.ts), as JSON. It stops after `count` connections, or
 * at the end of its input, and says how it stands at each line of that: `report {…}`, and at its end `done {…}`.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { anchorsFor, connect } from 'akushu/node';

const load = JSON.parse(process.argv[2]);
const ca = anchorsFor(readFileSync(load.ca));
const report = { connections: 0, resumable: 0, resumed: 0, crossed: 0, early: 0, failures: {}, keys: {} };
const count = (list, text) => {
  list[text] = (list[text] ?? 0) + 1;
};
/** The first bytes of a ticket name its key. */
const keyName = ({ ticket }) => Buffer.from(ticket.subarray(0, 16)).toString('hex');
let started = 0;
let stopping = false;

/** The server's name, and what to resume next. */
function converse(text, session) {
  return new Promise((resolve, reject) => {
    let name = '';
    let next;
    const socket = connect({
      host: '127.0.0.1',
      port: load.port,
      servername: 'localhost',
      ca,
      session,
      ...(load.early && { earlyData: { replayable: Buffer.from(text) } }),
    });
    socket.on('session', (one) => {
      next = one;
    });
    socket.on('data', (bytes) => {
      name += bytes;
    });
    socket.on('error', reject);
    socket.on('secureConnect', () => {
      if (!load.early) socket.write(text);
    });
    socket.on('close', () => {
      if (name === '') reject(new Error('no answer'));
      else resolve({ name, next, resumed: socket.handshake.resumed, early: socket.earlyData });
    });
  });
}

async function lane() {
  let last;
  while (!stopping && started < load.count) {
    const text = `${load.name}-${++started}`;
    try {
      const answer = await converse(text, last?.next);
      report.connections++;
      if (last?.next) report.resumable++;
      if (answer.resumed) report.resumed++;
      if (answer.resumed && answer.name !== last.name) report.crossed++;
      if (answer.early === 'accepted') report.early++;
      if (answer.next) count(report.keys, keyName(answer.next));
      last = answer;
    } catch (error) {
      count(report.failures, String(error));
      last = undefined;
    }
  }
}

createInterface({ input: process.stdin })
  .on('line', () => console.log(`report ${JSON.stringify(report)}`))
  .on('close', () => {
    stopping = true;
  });
await Promise.all(Array.from({ length: load.lanes }, lane));
console.log(`done ${JSON.stringify(report)}`);
process.exit();
