/** The examples of docs/diagnosis.md are run as they stand, against the built package; its list of causes is complete. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { CAUSES } from '../src/diagnose/index.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const guide = readFileSync(new URL('../../../docs/diagnosis.md', import.meta.url), 'utf8');
const built = existsSync(new URL('../dist/diagnose/what-if.js', import.meta.url));

const examples = [...guide.matchAll(/^## ([^\n]+)\n(?:(?!^## ).)*?```js\n(.*?)```/gms)].map(
  ([, title, code]) => ({ title: title!, code: code! }),
);

const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'A message or a log': ['curl certificate_expired server A certificate has expired', '0'],
  'A capture': ['failed protocol_version_mismatch client'],
  'An error of your own program': ['self_signed_certificate self_signed server'],
  'What if': ['false no_shared_version add version TLSv1.2'],
};

describe.skipIf(!built)(
  `examples of docs/diagnosis.md${built ? '' : ' (skipped: the package is not built)'}`,
  () => {
    test('every example is known to this test', () => {
      expect(examples.map(({ title }) => title)).toEqual(Object.keys(EXPECTED));
    });

    test.each(examples)('$title', async ({ title, code }) => {
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        ['--input-type=module', '-e', code],
        { cwd: root, timeout: 20_000 },
      );
      expect(stderr).toBe('');
      const lines = stdout.trim().split('\n');
      expect(lines).toEqual(EXPECTED[title]);
      for (const line of lines) expect(guide).toContain(`\`${line}\``);
    });
  },
);

test('the causes in docs/diagnosis.md are all there are, in their order', () => {
  const table = guide.slice(guide.indexOf('## The causes'));
  expect([...table.matchAll(/^\| `(\w+)`/gm)].map(([, cause]) => cause)).toEqual(CAUSES);
});
