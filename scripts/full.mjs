/** Runs a command of node_modules/.bin with AKUSHU_FULL=1: long fuzzing, full cross products. Works in every shell. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [command, ...args] = process.argv.slice(2);
if (!command) {
  console.error('usage: node scripts/full.mjs COMMAND [ARGUMENT…]');
  process.exit(2);
}
const windows = process.platform === 'win32';
const path = fileURLToPath(
  new URL(`../node_modules/.bin/${command}${windows ? '.cmd' : ''}`, import.meta.url),
);
const { status, error } = spawnSync(path, args, {
  stdio: 'inherit',
  shell: windows,
  env: { ...process.env, AKUSHU_FULL: '1' },
});
if (error) console.error(error.message);
process.exit(status ?? 1);
