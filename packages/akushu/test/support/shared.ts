/** Where the test data lies that is not part of this repository, and how its absence is said. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../../shared/', import.meta.url));

/** Path of a file or folder in `../shared`, seen from the project's root. */
export const shared = (path: string): string => `${root}${path}`;

export const hasShared = (path: string): boolean => existsSync(shared(path));

export const ABSENT = 'skipped: ../shared is absent';
