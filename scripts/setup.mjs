/**
 * Makes a fresh clone ready: installs and builds what is missing or out of date, and is quick and silent when nothing
 * is. Runs before `npm start` and `npm test`. Needs Node and npm, nothing else.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...path) => join(ROOT, ...path);
const OLDEST_NODE = [20, 19];

/** Whether Node is new enough. */
function nodeIsRecent() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
}

const timeOf = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** npm writes its own copy of the lock file whenever it has installed. */
function needsInstall() {
  return timeOf(at('node_modules', '.package-lock.json')) < timeOf(at('package-lock.json'));
}

/** The newest change below a directory of sources. */
function newestIn(directory) {
  let newest = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) newest = Math.max(newest, timeOf(path), newestIn(path));
    else if (/\.ts$/.test(entry.name) && !/\.test\.ts$/.test(entry.name))
      newest = Math.max(newest, timeOf(path));
  }
  return newest;
}

function needsBuild() {
  return ['akushu', 'cli'].some((name) => {
    const built = timeOf(at('packages', name, 'dist', '.tsbuildinfo'));
    const settings = ['tsconfig.json', '../../tsconfig.base.json', 'package.json'].map((file) =>
      timeOf(at('packages', name, file)),
    );
    return (
      built < Math.max(newestIn(at('packages', name, 'src')), ...settings) ||
      !existsSync(at('packages', name, 'dist'))
    );
  });
}

/** Runs a command; what it says is shown only where it fails. */
function run(what, command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    // npm is a script on Windows.
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  const output = `${stdout ?? ''}${stderr ?? ''}`.trim();
  throw new Error(
    [`${what} failed: ${[command, ...args].join(' ')}`, output || error?.message].filter(Boolean).join('\n'),
  );
}

function note(text) {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
}

/** Throws an Error with a message for the user. */
export function setUp() {
  if (!nodeIsRecent()) {
    throw new Error(
      `Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.versions.node}. See https://nodejs.org/`,
    );
  }
  if (needsInstall()) {
    note('Installing dependencies (once) …');
    run('Installing', 'npm', [
      existsSync(at('node_modules')) ? 'install' : 'ci',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ]);
  }
  if (needsBuild()) {
    note('Building …');
    run('Building', process.execPath, [at('node_modules', 'typescript', 'bin', 'tsc'), '-b', '--force']);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    setUp();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
