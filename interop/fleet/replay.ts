/** Plays recorded first flights to servers again, as somebody who has them and no keys. */
import { connect as tcpConnect } from 'node:net';

const PRE_SHARED_KEY = 41;
const AT_A_TIME = 50;

/** How many of the copies a server took up as a resumption; to each port in turn. */
export async function replay(flights: readonly Buffer[], ports: readonly number[]): Promise<number> {
  let resumed = 0;
  const waiting = flights.map((flight, i) => ({ flight, port: ports[i % ports.length]! }));
  const player = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      if (choseKey(await answerTo(next.flight, next.port))) resumed++;
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, player));
  return resumed;
}

/** What the server says first; nothing where it hangs up. */
function answerTo(flight: Buffer, port: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = tcpConnect({ port, host: '127.0.0.1', noDelay: true });
    let answer = Buffer.alloc(0);
    socket.once('data', (bytes) => {
      answer = bytes;
      socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
    socket.write(flight);
  });
}

/** Whether it starts with a ServerHello that has chosen a pre-shared key (RFC 9846 §4.3.11). */
function choseKey(answer: Buffer): boolean {
  // Record, message, version, random; session id, suite and compression; then the extensions.
  const sessionId = 5 + 4 + 2 + 32;
  const list = sessionId + 1 + (answer[sessionId] ?? 0) + 3;
  if (answer[5] !== 2 || answer.length < list + 2) return false;
  const end = list + 2 + answer.readUInt16BE(list);
  for (let at = list + 2; at + 4 <= Math.min(end, answer.length); at += 4 + answer.readUInt16BE(at + 2))
    if (answer.readUInt16BE(at) === PRE_SHARED_KEY) return true;
  return false;
}
