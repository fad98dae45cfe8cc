/**
 * What OpenSSL's client and server say to each other, recorded on its way and written as a capture: opened with
 * OpenSSL's own key log, or the server's RSA key, to the same bytes as tshark opens it to.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { nodeProvider } from 'akushu/crypto/node';
import { type CaptureEvent, type ObserveOptions, observeAll, writePcapng } from 'akushu/observe';
import { privateKeyFromPem } from 'akushu/x509';
import { expect, inject, onTestFinished, test } from 'vitest';
import { serve } from './support/openssl.js';
import type { ServeOptions } from './support/peer.js';
import { keyFile } from './support/pki.js';
import { type Cleaner, PeerProcess } from './support/processes.js';
import { missingTools, tool } from './support/tools.js';
import { followTls } from './support/tshark.js';

const missing = missingTools('openssl', 'tshark');
const folder = inject('prepared').dir;
const SAID = 'ping of the client\n';
let files = 0;

/** Stands between both and notes what goes by. */
async function recorder(clean: Cleaner, port: number): Promise<{ port: number; events: CaptureEvent[] }> {
  const events: CaptureEvent[] = [];
  const proxy = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    const pass = (from: 'client' | 'server', source: typeof near, target: typeof near): void => {
      source.on('data', (bytes: Buffer) => {
        events.push({ t: Date.now(), from, bytes: new Uint8Array(bytes) });
        target.write(bytes);
      });
      source.on('close', () => target.destroy());
      source.on('error', () => target.destroy());
    };
    pass('client', near, far);
    pass('server', far, near);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  clean(() => void proxy.close());
  return { port: (proxy.address() as AddressInfo).port, events };
}

interface Recorded {
  /** Paths of the capture and of the key log. */
  readonly capture: string;
  readonly keys: string;
}

/** One connection, or two of which the second resumes the first; the server answers with the line turned round. */
async function record(
  clean: Cleaner,
  options: ServeOptions,
  clientArguments: readonly string[],
  resumes = false,
): Promise<Recorded> {
  const base = join(folder, `observed-${++files}`);
  const keys = `${base}.keys`;
  writeFileSync(keys, '');
  const { port } = await serve(clean, options, ['-rev', '-keylogfile', keys]);
  const connections = [];
  for (let i = 0; i < (resumes ? 2 : 1); i++) {
    const path = await recorder(clean, port);
    const args = [
      's_client',
      '-connect',
      `127.0.0.1:${path.port}`,
      '-quiet',
      '-no_ign_eof',
      ...clientArguments,
    ];
    if (resumes) args.push(i === 0 ? '-sess_out' : '-sess_in', `${base}.session`);
    const peer = new PeerProcess(tool('openssl'), args, clean);
    peer.write(SAID);
    await peer.says(/tneilc eht fo gnip/);
    peer.endInput();
    await peer.exit;
    connections.push({
      client: { address: '127.0.0.1', port: 40_000 + i },
      server: { address: '127.0.0.2', port: 4433 },
      events: path.events,
    });
  }
  writeFileSync(`${base}.pcapng`, writePcapng(connections));
  return { capture: `${base}.pcapng`, keys };
}

/** What we open, stream by stream, beside what tshark opens. */
async function compare(
  { capture }: Recorded,
  options: Partial<ObserveOptions>,
  tsharkOptions: readonly string[],
): Promise<void> {
  const opened = new Map<number, { client: string; server: string }>();
  const seen = await observeAll(readFileSync(capture), {
    provider: nodeProvider,
    onPlaintext: ({ connection, from }, bytes) => {
      const sides = opened.get(connection) ?? { client: '', server: '' };
      sides[from] += Buffer.from(bytes).toString('hex');
      opened.set(connection, sides);
    },
    ...options,
  });
  for (const item of seen) {
    if (item.kind !== 'connection') continue;
    expect(item.problems).toEqual([]);
    const own = opened.get(item.index);
    expect(own).toEqual(followTls(capture, item.index, item.client.port, tsharkOptions));
    expect(Buffer.from(own!.client, 'hex').toString()).toBe(SAID);
  }
}

const withKeyLog = (recorded: Recorded) =>
  compare(recorded, { keyLog: readFileSync(recorded.keys, 'utf8') }, [
    '-o',
    `tls.keylog_file:${recorded.keys}`,
  ]);

test.skipIf(missing).each([
  ['TLSv1.3', ['-ciphersuites', 'TLS_AES_128_GCM_SHA256']],
  ['TLSv1.3', ['-ciphersuites', 'TLS_AES_256_GCM_SHA384', '-groups', 'P-384']],
  ['TLSv1.3', ['-ciphersuites', 'TLS_CHACHA20_POLY1305_SHA256']],
  ['TLSv1.2', ['-cipher', 'ECDHE-RSA-AES128-GCM-SHA256']],
  ['TLSv1.2', ['-cipher', 'ECDHE-RSA-CHACHA20-POLY1305']],
  ['TLSv1.2', ['-cipher', 'ECDHE-RSA-AES256-SHA384']],
  ['TLSv1.2', ['-cipher', 'AES128-CCM8']],
  ['TLSv1.2', ['-cipher', 'ECDHE-RSA-CAMELLIA128-SHA256']],
  ['TLSv1.2', ['-cipher', 'AES256-SHA256']],
] as const)('the key log of %s with %j', async (version, args) => {
  const flag = version === 'TLSv1.3' ? '-tls1_3' : '-tls1_2';
  await withKeyLog(await record(onTestFinished, { credential: 'rsa', version }, [flag, ...args]));
});

test.skipIf(missing).each(['TLSv1.3', 'TLSv1.2'] as const)('a resumed connection of %s', async (version) => {
  const flag = version === 'TLSv1.3' ? '-tls1_3' : '-tls1_2';
  await withKeyLog(await record(onTestFinished, { credential: 'rsa', version }, [flag], true));
});

test.skipIf(missing).each(['AES128-GCM-SHA256', 'AES256-SHA'])(
  "the server's RSA key opens %s",
  async (cipher) => {
    const clean: (() => void | Promise<void>)[] = [];
    try {
      const recorded = await record(
        onTestFinished,
        { credential: 'rsa', version: 'TLSv1.2' },
        ['-tls1_2', '-cipher', cipher],
        true,
      );
      const path = keyFile({ dir: inject('prepared').pkiDir }, 'rsa');
      const key = await nodeProvider.importPrivateKey(privateKeyFromPem(readFileSync(path, 'utf8')));
      await compare(recorded, { rsaKeys: [key] }, ['-o', `uat:rsa_keys:"${path}",""`]);
    } finally {
      for (const end of clean.reverse()) await end();
    }
  },
);
