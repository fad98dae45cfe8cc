/** What nobody speaks any more is still read: RC4, SSL 3.0, drafts of TLS 1.3. tshark, where it is, agrees. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { draftConnection, OLD_KINDS, type OldConnection, oldConnection } from './support/old-records.js';
import { captureOf, watch } from './support/watched.js';

const hasTshark = spawnSync('tshark', ['--version']).status === 0;

/** Application data of both sides as tshark decrypts it. */
function tsharkText({ events, keyLog }: OldConnection): string {
  const folder = mkdtempSync(join(tmpdir(), 'old-'));
  try {
    const [path, keys] = [join(folder, 'x.pcapng'), join(folder, 'keys')];
    writeFileSync(path, captureOf(events));
    writeFileSync(keys, `${keyLog}\n`);
    const args = ['-r', path, '-o', `tls.keylog_file:${keys}`, '-q', '-z', 'follow,tls,raw,0'];
    const text = execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const lines = text.split('\n').filter((line) => /^\t?[0-9a-f]+$/.test(line));
    return Buffer.from(lines.map((line) => line.trim()).join(''), 'hex').toString();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.each(Object.entries(OLD_KINDS))('%s', (_, kind) => {
  const made = oldConnection(kind);

  test('is opened with the master secret', async () => {
    const { connections, text } = await watch(captureOf(made.events), { keyLog: made.keyLog });
    expect(text).toEqual({ client: 'ping', server: 'pong' });
    const { tls, problems } = connections[0]!;
    expect(problems).toEqual([]);
    expect(tls!.negotiated).toMatchObject({ version: kind.version, cipherSuite: kind.suite });
    expect(tls!.decryption.server.outcome).toBe('decrypted');
    expect(tls!.finished).toEqual({ client: true, server: true });
  });

  test.skipIf(!hasTshark)('is opened by tshark to the same', () => {
    expect(tsharkText(made)).toBe('pingpong');
  });

  test('does not open with another', async () => {
    const keyLog = made.keyLog.replace(/33$/, '34');
    const { text } = await watch(captureOf(made.events), { keyLog });
    expect(text).toEqual({ client: '', server: '' });
  });
});

describe.each([18, 19, 20, 21, 22, 23, 24, 25, 28])('draft %i of TLS 1.3', (draft) => {
  const made = draftConnection(draft);

  test('is read and opened', async () => {
    const { connections, text } = await watch(captureOf(made.events), { keyLog: made.keyLog });
    expect(text).toEqual({ client: 'ping', server: 'pong' });
    const { tls, problems } = connections[0]!;
    expect(problems).toEqual([]);
    expect(tls!.negotiated).toMatchObject({ version: 0x7f00 | draft, cipherSuite: 0x1301, group: 29 });
    expect(tls!.messages[1]).toMatchObject({ name: 'ServerHello', error: null });
    for (const message of tls!.messages)
      if (message.kind === 'handshake') expect(message.annotate().error).toBeUndefined();
  });

  test.skipIf(!hasTshark)('is opened by tshark to the same', () => {
    expect(tsharkText(made)).toBe('pingpong');
  });
});
