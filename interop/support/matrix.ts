/** Names what a test shows, for the table at the end of a run: a peer in a role, and a feature. */
import type { VersionName } from 'akushu';
import { type TestContext, test } from 'vitest';

export const FEATURES = [
  'suites',
  'groups',
  'certificates',
  'retry',
  'client certificate',
  'alpn',
  'key update',
  '1 MiB',
  'close',
  'truncation',
  'resumption',
  'early data',
  'psk',
  'exporter',
  'master secret',
  'encrypt-then-mac',
  'renegotiation',
  'refusal',
  'starttls',
  'extras',
] as const;
export type Feature = (typeof FEATURES)[number];

/** Which part the peer plays. */
export type PeerRole = 'server' | 'client';

export interface Cell {
  readonly peer: string;
  readonly role: PeerRole;
  readonly feature: Feature;
  /** Default TLS 1.3. */
  readonly version?: VersionName;
}

declare module 'vitest' {
  interface TaskMeta {
    interop?: Cell;
  }
}

/** A test that counts in the table. With a reason in `skip` it is reported as skipped, with the reason. */
export function shows(
  cell: Cell,
  title: string,
  skip: string | null | undefined,
  run: (context: TestContext) => Promise<void>,
): void {
  const version = cell.version ? `, ${cell.version}` : '';
  test(`${cell.peer} as ${cell.role}${version}: ${title}`, async (context) => {
    context.task.meta.interop = cell;
    if (skip) context.skip(skip);
    await run(context);
  });
}
