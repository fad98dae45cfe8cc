/** The example of docs/certificates.md is run as it stands, against the built package: certificates without TLS. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const text = readFileSync(new URL('../../../docs/certificates.md', import.meta.url), 'utf8');
const built = existsSync(new URL('../dist/x509/index.js', import.meta.url));

const run = promisify(execFile);

test.skipIf(!built)(
  'the example of docs/certificates.md prints what it says (skipped: the package is not built)',
  async () => {
    const code = /```js\n(.*?)```/s.exec(text)?.[1] ?? '';
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', code], {
      cwd: root,
      timeout: 20_000,
    });
    expect(stderr).toBe('');
    for (const line of stdout.trim().split('\n')) expect(text).toContain(`\`${line}\``);
    expect(stdout.trim().split('\n')).toHaveLength(2);
  },
);

test.skipIf(!built)(
  'akushu/x509 loads nothing of TLS and nothing of Node (skipped: the package is not built)',
  () => {
    const dist = new URL('../dist/', import.meta.url);
    const seen = new Set<string>();
    const waiting = [new URL('x509/index.js', dist)];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      if (seen.has(next.href)) continue;
      seen.add(next.href);
      for (const [, from] of readFileSync(next, 'utf8').matchAll(
        /^(?:import|export)[^'"]*?from '([^']+)';/gms,
      )) {
        expect(from).toMatch(/^\.{1,2}\//);
        waiting.push(new URL(from!, next));
      }
    }
    const rooms = new Set([...seen].map((href) => href.slice(dist.href.length).split('/')[0]));
    expect(seen.size).toBeGreaterThan(40);
    expect([...rooms].sort()).toEqual(
      ['bytes', 'codec', 'crypto', 'errors.js', 'registry', 'x509'].filter((room) => rooms.has(room)),
    );
  },
);
