/** The examples of the package's README are run as they stand, against the built package. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const built = existsSync(new URL('../dist/index.js', import.meta.url));

const examples = [...readme.matchAll(/## ([^\n]+)\n[^#]*?```js\n(.*?)```/gs)].map(([, title, code]) => ({
  title: title!,
  code: code!,
}));

const EXPECTED: Readonly<Record<string, readonly RegExp[]>> = {
  'A connection that says why': [
    /^TLS_AES_128_GCM_SHA256 X25519MLKEM768$/m,
    /TLS_AES_128_GCM_SHA256: /,
    /サーバー/,
    /^hello$/m,
  ],
  'An error that has a code': [
    /the client says: self_signed_certificate unknown_ca sent by client/,
    /the server says: peer_alert unknown_ca sent by client/,
  ],
  'Without a socket': [/^client ClientHello \d+$/m, /^server CertificateVerify \d+$/m, /^hello$/m],
  'A private key that is elsewhere': [/^signed with ecdsa_secp256r1_sha256$/m],
};

describe.skipIf(!built)(
  `examples of the README${built ? '' : ' (skipped: the package is not built)'}`,
  () => {
    test('every example is known to this test', () => {
      expect(examples.map(({ title }) => title)).toEqual(Object.keys(EXPECTED));
    });

    test.each(examples)('$title', async ({ title, code }) => {
      const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
        cwd: root,
        timeout: 20_000,
      });
      const { stdout, stderr } = await run;
      expect(stderr).toBe('');
      for (const pattern of EXPECTED[title] ?? []) expect(stdout).toMatch(pattern);
    });
  },
);
