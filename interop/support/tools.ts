/** Finds the programs that peers are. Looks in PATH, then where systems keep what is not in everybody's PATH. */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

const ELSEWHERE: readonly string[] = ['/usr/sbin', '/usr/local/sbin', '/usr/local/go/bin', '/usr/lib/go/bin'];

/** Where a program is; null where it is not installed. */
export function findTool(name: string): string | null {
  const places = [...(process.env.PATH ?? '').split(':').filter(Boolean), ...ELSEWHERE];
  for (const place of places) {
    const path = join(place, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here.
    }
  }
  return null;
}

/** Why a peer that needs these programs cannot be run; null where it can. */
export function missingTools(...names: readonly string[]): string | null {
  const missing = names.filter((name) => findTool(name) === null);
  return missing.length === 0 ? null : `not installed: ${missing.join(', ')}`;
}

/** The path of a program that `missingTools` has found. */
export function tool(name: string): string {
  const path = findTool(name);
  if (path === null) throw new Error(`not installed: ${name}`);
  return path;
}
