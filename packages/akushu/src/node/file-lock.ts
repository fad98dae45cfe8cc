/**
 * A lock between processes: a file that only one of them can make. One whose owner died is recognised, by its process
 * where that was of this machine and by its age anywhere, and broken by one of those who wait.
 */
import { randomBytes } from 'node:crypto';
import { open, readFile, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';

export interface LockTimes {
  /** Milliseconds to wait for another process. */
  readonly timeout: number;
  /** Milliseconds after which a lock is nobody's any more; owners are done in a fraction of it. */
  readonly staleAfter: number;
}

const LONGEST_PAUSE = 25;
/** More is not ours. */
const MAX_CONTENT = 1024;

export class FileLock {
  private readonly since = performance.now();

  private constructor(
    private readonly path: string,
    private readonly content: string,
    private readonly staleAfter: number,
    /** Whether a lock of somebody who died was found on the way. */
    readonly brokeAnother: boolean,
  ) {}

  /** null where others keep it for longer than `timeout`. Rejects with the system's error where no file can be made. */
  static async acquire(path: string, { timeout, staleAfter }: LockTimes): Promise<FileLock | null> {
    const content = `${process.pid} ${randomBytes(16).toString('hex')} ${hostname()}\n`;
    const end = performance.now() + timeout;
    let broke = false;
    for (;;) {
      if (await makeFile(path, content)) return new FileLock(path, content, staleAfter, broke);
      if (await isStale(path, staleAfter)) {
        await breakLock(path, staleAfter);
        broke = true;
      } else {
        if (performance.now() >= end) return null;
        await wait(1 + Math.random() * LONGEST_PAUSE);
      }
    }
  }

  /** Whether nobody has taken us for dead meanwhile. */
  async isHeld(): Promise<boolean> {
    return this.isYoung && (await contentOf(this.path)) === this.content;
  }

  async release(): Promise<void> {
    if (await this.isHeld()) await remove(this.path);
  }

  /** Half of the time is left for what follows the question. */
  private get isYoung(): boolean {
    return performance.now() - this.since < this.staleAfter / 2;
  }
}

/** False where there is one. */
async function makeFile(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(path: string, staleAfter: number): Promise<boolean> {
  const age = await ageOf(path);
  if (age === null) return false;
  if (Math.abs(age) > staleAfter) return true;
  const [, pid, host] = /^(\d{1,9}) [0-9a-f]{32} (.*)\n$/.exec((await contentOf(path)) ?? '') ?? [];
  return host === hostname() && !isRunning(Number(pid));
}

/** One of those who wait removes it: two could remove the lock of a third, made in between. */
async function breakLock(path: string, staleAfter: number): Promise<void> {
  const breaker = `${path}.break`;
  if (!(await makeFile(breaker, ''))) {
    const age = await ageOf(breaker);
    if (age !== null && Math.abs(age) > staleAfter) await remove(breaker);
    await wait(1);
    return;
  }
  try {
    if (await isStale(path, staleAfter)) await remove(path);
  } finally {
    await remove(breaker);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is somebody else's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

async function ageOf(path: string): Promise<number | null> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch (error) {
    return ifMissing(error);
  }
}

async function contentOf(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'latin1')).slice(0, MAX_CONTENT);
  } catch (error) {
    return ifMissing(error);
  }
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch(ifMissing);
}

function ifMissing(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  throw error;
}
