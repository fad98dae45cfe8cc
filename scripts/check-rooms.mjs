/**
 * The order of the rooms in packages/akushu/src: a room imports only from rooms above it, and only `crypto/node` and
 * `node/` import from Node. Exits 1 with a line for each import that breaks the rule. Tests may import anything.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOMS = [
  'bytes',
  'errors',
  'codec',
  'registry',
  'crypto',
  'x509',
  'messages',
  'keys',
  'record',
  'trace',
  'session',
  'handshake',
  'connection',
  'observe',
  'diagnose',
  'node',
];

const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(?\s*)['"]([^'"]+)['"]/g;

/** The room of a path below src: its first folder, or the file's own name where it stands in src itself. */
export function roomOf(path) {
  const first = path.split(sep)[0];
  return first.replace(/\.ts$/, '');
}

const mayUseNode = (path) =>
  path.startsWith(`node${sep}`) ||
  path === join('crypto', 'node.ts') ||
  path.startsWith(join('crypto', 'node') + sep);

/** Complaints about one file's text; `path` is relative to src. */
export function complaintsAbout(path, text) {
  const room = roomOf(path);
  // The roof: what the package exports as a whole.
  if (room === 'index') return [];
  const place = ROOMS.indexOf(room);
  if (place < 0) return [`${path}: the room "${room}" is not in the list`];
  const complaints = [];
  for (const [, specifier] of text.matchAll(SPECIFIER)) {
    if (specifier.startsWith('.')) {
      const target = roomOf(relative('.', join(dirname(path), specifier.replace(/\.js$/, '.ts'))));
      const there = ROOMS.indexOf(target);
      if (there < 0 || there > place)
        complaints.push(`${path}: imports ${specifier}, but ${target} is below ${room}`);
    } else if ((specifier.startsWith('node:') || builtinModules.includes(specifier)) && !mayUseNode(path)) {
      complaints.push(`${path}: imports ${specifier}, but only crypto/node and node/ may import from Node`);
    }
  }
  return complaints;
}

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (path.endsWith('.ts') && !path.endsWith('.test.ts')) yield path;
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const src = fileURLToPath(new URL('../packages/akushu/src', import.meta.url));
  const complaints = [...sources(src)].flatMap((path) =>
    complaintsAbout(relative(src, path), readFileSync(path, 'utf8')),
  );
  for (const complaint of complaints) console.error(complaint);
  if (complaints.length > 0) process.exit(1);
  console.log('rooms: in order');
}
