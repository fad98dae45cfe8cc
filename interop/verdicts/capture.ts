/** One `tcpdump` on the loopback interface for all connections of the file. */

import { spawnSync } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cleaner, PeerProcess } from '../support/processes.js';
import { missingTools, tool } from '../support/tools.js';

/** Why nothing can be captured; null where it can. */
export function whyNoCapture(): string | null {
  const missing = missingTools('tcpdump');
  if (missing) return missing;
  // Opens the interface to know its kind, prints the filter and is done.
  const tried = spawnSync(tool('tcpdump'), ['-i', 'lo', '-d', 'tcp'], { encoding: 'utf8', timeout: 10_000 });
  return tried.status !== 0 ? `tcpdump may not capture: ${tried.stderr.trim().slice(0, 200)}` : null;
}

export interface Capture {
  /** Ends it; gives the file. */
  stop(): Promise<Buffer>;
}

export async function startCapture(clean: Cleaner): Promise<Capture> {
  // To its output: the file's owner is of no concern then. Every packet at once, and none is cut.
  const args = ['-i', 'lo', '-U', '-s', '0', '-B', '65536', '-w', '-', 'tcp'];
  const peer = new PeerProcess(tool('tcpdump'), args, clean, { lifetime: 170_000 });
  await peer.says(/listening on lo/);
  await seen(peer);
  return {
    async stop() {
      await seen(peer);
      peer.signal('SIGINT');
      await peer.exit;
      if (!/\b0 packets dropped by kernel/.test(peer.stderr))
        throw new Error(`packets were lost:\n${peer.stderr}`);
      return peer.stdoutBytes;
    },
  };
}

/** Sends something that nothing else sends, until it is there: what went before is there as well. */
async function seen(peer: PeerProcess): Promise<void> {
  const mark = Buffer.from(`mark ${Math.random()} ${process.pid}`);
  const server = createServer((socket) => socket.resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  try {
    for (let i = 0; i < 100; i++) {
      await new Promise<void>((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => socket.end(mark));
        socket.once('close', () => resolve());
        socket.once('error', reject);
        socket.resume();
      });
      await sleep(50);
      if (peer.hasSaid(mark)) return;
    }
    throw new Error(`the capture never had our mark:\n${peer.stderr}`);
  } finally {
    server.close();
  }
}
