/** Reads Botan's `key = value` test vectors: sections in brackets, comments with `#`. */
import { readFileSync } from 'node:fs';

export type VecSection = Readonly<Record<string, string>>;

export function readVec(path: string): Map<string, VecSection> {
  const sections = new Map<string, Record<string, string>>();
  let current: Record<string, string> = {};
  for (const raw of readFileSync(path, 'utf8').split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const header = /^\[(.+)\]$/.exec(line);
    if (header) {
      current = {};
      sections.set(header[1]!, current);
      continue;
    }
    const at = line.indexOf('=');
    current[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return sections;
}
