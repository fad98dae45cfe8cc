/** curl as a client of ours, with whatever TLS library it is built with. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { textPayload } from './support/command-line.js';
import { answerPost } from './support/http.js';
import type { Call, CallOptions } from './support/peer.js';
import { certFile, keyFile } from './support/pki.js';
import { type Cleaner, PeerProcess } from './support/processes.js';
import { clientSuite } from './support/suite-client.js';
import { missingTools, tool } from './support/tools.js';

const { dir, pkiDir } = inject('prepared');
const pki = { dir: pkiDir };
let files = 0;

async function call(clean: Cleaner, options: CallOptions): Promise<Call> {
  const file = join(dir, `curl-${++files}`);
  const body = textPayload(options.size);
  writeFileSync(file, body);
  const url = `https://localhost:${options.port}/`;
  const connections = options.connections ?? 1;
  const args = [
    '--silent',
    '--show-error',
    '--tlsv1.3',
    '--connect-timeout',
    '8',
    '--cacert',
    certFile(pki, options.ca),
  ];
  args.push('--resolve', `localhost:${options.port}:127.0.0.1`);
  args.push(options.alpn ? '--http1.1' : '--no-alpn', '--data-binary', `@${file}`);
  if (options.credential)
    args.push('--cert', certFile(pki, options.credential), '--key', keyFile(pki, options.credential));
  const peer = new PeerProcess(
    tool('curl'),
    [...args, ...Array.from({ length: connections }, () => url)],
    clean,
  );
  return {
    outcome: async () => {
      const { code } = await peer.exit;
      const expected = Buffer.concat(Array.from({ length: connections }, () => body));
      return { ok: code === 0 && peer.stdoutBytes.equals(expected), text: `exit ${code}\n${peer.stderr}` };
    },
    cut: () => peer.kill(),
    says: (pattern) => peer.says(pattern),
  };
}

clientSuite({
  name: 'curl',
  why: missingTools('curl'),
  suites: ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
  groups: ['x25519', 'secp256r1', 'secp384r1', 'secp521r1'],
  credentials: ['p256', 'p384', 'ed25519', 'rsa'],
  without: {
    'key update': 'curl sends nothing after its request',
    truncation: 'curl closes when the answer is there',
    close: 'curl closes when the answer is there',
    exporter: 'curl has no exporter',
  },
  call,
  answer: answerPost,
  retryGroup: 'secp384r1',
  refusalAlerts: ['unknown_ca'],
  alpnRefused: /no application protocol/i,
});
