/** `npm start`: sets up what is missing, then runs the command `akushu`; without a command of its own, the demo. */
import { setUp } from './setup.mjs';

const args = process.argv.slice(2);
const COMMANDS = ['connect', 'serve', 'demo', 'help', '--help', '-h', '--version', '-V'];

try {
  setUp();
  const { main } = await import('../packages/cli/dist/main.js');
  const demo =
    !args.some((arg) => COMMANDS.includes(arg)) && args.every((arg) => /^(--lang(=.*)?|en|ja)$/.test(arg));
  process.exitCode = await main(demo ? ['demo', ...args] : args);
} catch (error) {
  process.stderr.write(`${process.env.AKUSHU_DEBUG === '1' ? error.stack : error.message}\n`);
  process.exitCode = 1;
}
