/**
 * Sessions in a file, for programs that run for a moment: `SessionStore` over one file that is sealed, replaced as a
 * whole, locked against other processes, and bounded. A file that is damaged is set aside, not thrown away; one that is
 * something else is left alone. Cannot notice that somebody put back an older copy of it.
 */
import { randomBytes } from 'node:crypto';
import { open, readdir, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { nodeProvider } from '../crypto/node.js';
import type { Provider } from '../crypto/provider.js';
import type { SessionStore } from '../session/index.js';
import { FileLock } from './file-lock.js';
import {
  BadSessionFile,
  beginsAsOurs,
  type FileProblem,
  SessionFileFormat,
  type StoredEntries,
} from './file-store-format.js';

/**
 * `corrupt`: see `problem` and `setAside`. `not_a_session_file`: something else is there, and stays as it is. `locked`:
 * another process kept it for too long. `unreadable`, `unwritable`: the system's error is the cause.
 */
export type SessionFileCode = 'corrupt' | 'not_a_session_file' | 'locked' | 'unreadable' | 'unwritable';

/** `code` is its identity; `message` is for logs only. */
export class SessionFileError extends Error {
  override readonly name = 'SessionFileError';
  constructor(
    readonly code: SessionFileCode,
    readonly path: string,
    /** What is wrong with a corrupt file. */
    readonly problem: Exclude<FileProblem, 'foreign'> | null = null,
    /** Where a corrupt file is now. */
    readonly setAside: string | null = null,
    options?: ErrorOptions,
  ) {
    super([code, path, problem].filter(Boolean).join(': '), options);
  }
}

export interface FileStoreOptions {
  /** Made when something is put into it, with mode 600. */
  readonly path: string;
  /** At least 32 unpredictable bytes: seals the file. */
  readonly key: Uint8Array;
  /** Values and marks that are kept at most, each kind for itself. Default 1,000 and 10,000. */
  readonly maxEntries?: number;
  readonly maxMarks?: number;
  /** Milliseconds to wait for another process that uses the file. Default 2,000. */
  readonly lockTimeout?: number;
  /** Milliseconds after which another process counts as dead. Default 10,000. */
  readonly staleAfter?: number;
  /** Told of a corrupt file that was set aside; the store goes on empty. */
  readonly onCorrupt?: (error: SessionFileError) => void;
  readonly provider?: Provider;
  /** Milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

const MAX_FILE = 8 * 1024 * 1024;
/** Room for marks and lengths beside it. */
const MAX_VALUES = 4 * 1024 * 1024;
const MAX_VALUE = 0xffff;
const MAX_KEY = 255;
const MAX_SET_ASIDE = 1000;

interface Entries extends StoredEntries {
  readonly values: Map<string, { readonly value: Uint8Array; readonly expires: number }>;
  readonly marks: Map<string, number>;
}

/** What an operation did with the entries: whether they are to be written. */
interface Outcome<T> {
  readonly result: T;
  readonly changed: boolean;
}

/** Every method rejects with a SessionFileError where the file cannot be used. */
export class FileStore implements SessionStore {
  private readonly format: SessionFileFormat;
  private readonly maxEntries: number;
  private readonly maxMarks: number;
  private readonly now: () => number;
  /** The last of the operations of this process, which take turns. */
  private last: Promise<unknown> = Promise.resolve();

  /** Throws RangeError for a key of less than 32 bytes and bounds that are not positive integers. */
  constructor(private readonly options: FileStoreOptions) {
    this.format = new SessionFileFormat(options.provider ?? nodeProvider, options.key);
    this.maxEntries = positive('maxEntries', options.maxEntries ?? 1000);
    this.maxMarks = positive('maxMarks', options.maxMarks ?? 10_000);
    this.now = options.now ?? Date.now;
  }

  /** Whether the file can be used, found out before anything depends on it: reads it, and sets it aside if corrupt. */
  check(): Promise<void> {
    return this.change(() => ({ result: undefined, changed: false }));
  }

  /** When everything that was asked for so far is done, or has failed. */
  async settled(): Promise<void> {
    await this.last.catch(() => {});
  }

  get(key: string): Promise<Uint8Array | null> {
    return this.change(({ values }) => ({ result: values.get(key)?.value ?? null, changed: false }));
  }

  async put(key: string, value: Uint8Array, ttl: number): Promise<void> {
    checkEntry(key, value);
    const copy = value.slice();
    await this.change(({ values }) => {
      this.keep(values, key, copy, ttl);
      return { result: undefined, changed: true };
    });
  }

  async add(key: string, value: Uint8Array, ttl: number): Promise<boolean> {
    checkEntry(key, value);
    const copy = value.slice();
    return this.change(({ values }) => {
      if (values.has(key)) return { result: false, changed: false };
      this.keep(values, key, copy, ttl);
      return { result: true, changed: true };
    });
  }

  take(key: string): Promise<Uint8Array | null> {
    return this.change(({ values }) => {
      const value = values.get(key)?.value ?? null;
      return { result: value, changed: values.delete(key) };
    });
  }

  async delete(key: string): Promise<void> {
    await this.change(({ values }) => ({ result: undefined, changed: values.delete(key) }));
  }

  async mark(key: string, window: number): Promise<boolean> {
    checkEntry(key);
    return this.change(({ born, marks }) => {
      const now = this.now();
      const refused = now - born < window || marks.has(key) || marks.size >= this.maxMarks;
      // A file that is not there yet has to begin before it can vouch for anything.
      if (refused) return { result: false, changed: born === now };
      marks.set(key, now + window);
      return { result: true, changed: true };
    });
  }

  private keep(values: Entries['values'], key: string, value: Uint8Array, ttl: number): void {
    values.delete(key);
    if (!(ttl > 0)) return;
    values.set(key, { value, expires: this.now() + ttl });
    let size = [...values.values()].reduce((sum, entry) => sum + entry.value.length, 0);
    for (const [oldest, entry] of values) {
      if (values.size <= this.maxEntries && size <= MAX_VALUES) return;
      values.delete(oldest);
      size -= entry.value.length;
    }
  }

  // ---- The file ----

  private change<T>(act: (entries: Entries) => Outcome<T>): Promise<T> {
    const next = this.last.catch(() => {}).then(() => this.changeNow(act));
    this.last = next.catch(() => {});
    return next;
  }

  private async changeNow<T>(act: (entries: Entries) => Outcome<T>): Promise<T> {
    const path = await this.target();
    const lock = await this.lock(path);
    try {
      const entries = await this.read(path);
      const { result, changed } = act(entries);
      if (changed) await this.write(path, lock, entries);
      return result;
    } finally {
      await lock.release().catch(() => {});
    }
  }

  /** A link stays a link. */
  private async target(): Promise<string> {
    const { path } = this.options;
    try {
      return await realpath(path);
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return path;
      throw new SessionFileError('unreadable', path, null, null, { cause });
    }
  }

  private async lock(path: string): Promise<FileLock> {
    const times = {
      timeout: this.options.lockTimeout ?? 2000,
      staleAfter: this.options.staleAfter ?? 10_000,
    };
    let lock: FileLock | null;
    try {
      lock = await FileLock.acquire(`${path}.lock`, times);
    } catch (cause) {
      throw new SessionFileError('unwritable', this.options.path, null, null, { cause });
    }
    if (!lock) throw new SessionFileError('locked', this.options.path);
    if (lock.brokeAnother) await removeLeftovers(path, times.staleAfter);
    return lock;
  }

  private async read(path: string): Promise<Entries> {
    const now = this.now();
    const bytes = await this.bytesOf(path);
    let found: StoredEntries = { born: now, values: new Map(), marks: new Map() };
    if (bytes && bytes.length > 0) {
      try {
        found = this.format.decode(bytes);
      } catch (error) {
        if (!(error instanceof BadSessionFile)) throw error;
        this.options.onCorrupt?.(await this.putAside(path, error.problem));
      }
    }
    return {
      born: found.born,
      values: new Map([...found.values].filter(([, { expires }]) => expires > now)),
      marks: new Map([...found.marks].filter(([, expires]) => expires > now)),
    };
  }

  /** null where there is none. */
  private async bytesOf(path: string): Promise<Uint8Array | null> {
    const fail = (code: SessionFileCode, cause?: unknown): SessionFileError =>
      new SessionFileError(code, this.options.path, null, null, cause === undefined ? undefined : { cause });
    try {
      // Opening a pipe would wait for its other end.
      const found = await stat(path);
      if (!found.isFile()) throw fail('not_a_session_file');
      const file = await open(path, 'r');
      try {
        const buffer = new Uint8Array(Math.min(MAX_FILE, found.size) + 1);
        const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
        const bytes = buffer.slice(0, bytesRead);
        if (bytesRead > MAX_FILE && !beginsAsOurs(bytes)) throw fail('not_a_session_file');
        return bytes;
      } finally {
        await file.close();
      }
    } catch (cause) {
      if (cause instanceof SessionFileError) throw cause;
      if (codeOf(cause) === 'ENOENT') return null;
      throw fail('unreadable', cause);
    }
  }

  /** Under the first number that is free: what was set aside before stays. */
  private async putAside(path: string, problem: FileProblem): Promise<SessionFileError> {
    if (problem === 'foreign') throw new SessionFileError('not_a_session_file', this.options.path);
    try {
      for (let n = 1; n <= MAX_SET_ASIDE; n++) {
        const aside = `${path}.corrupt-${n}`;
        if (!(await claim(aside))) continue;
        await rename(path, aside);
        return new SessionFileError('corrupt', this.options.path, problem, aside);
      }
    } catch (cause) {
      throw new SessionFileError('unwritable', this.options.path, problem, null, { cause });
    }
    throw new SessionFileError('unwritable', this.options.path, problem);
  }

  private async write(path: string, lock: FileLock, entries: Entries): Promise<void> {
    const temporary = `${path}.tmp-${randomBytes(6).toString('hex')}`;
    try {
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(this.format.encode(entries));
        // Without it the name may be on the disk before the content, and a power cut leaves an empty file.
        await file.sync();
      } finally {
        await file.close();
      }
      if (!(await lock.isHeld())) throw new SessionFileError('locked', this.options.path);
      await rename(temporary, path);
    } catch (cause) {
      await unlink(temporary).catch(() => {});
      if (cause instanceof SessionFileError) throw cause;
      throw new SessionFileError('unwritable', this.options.path, null, null, { cause });
    }
  }
}

/** Makes an empty file where there is none; false where there is one. */
async function claim(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** What somebody who died left half written. */
async function removeLeftovers(path: string, olderThan: number): Promise<void> {
  const directory = dirname(path);
  const start = `${basename(path)}.tmp-`;
  try {
    for (const name of await readdir(directory)) {
      const file = join(directory, name);
      if (name.startsWith(start) && Date.now() - (await stat(file)).mtimeMs > olderThan) await unlink(file);
    }
  } catch {
    // They are in nobody's way.
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

function checkEntry(key: string, value?: Uint8Array): void {
  if (!/^[\x21-\x7e]+$/.test(key) || key.length > MAX_KEY)
    throw new RangeError(`"key" expected 1 to ${MAX_KEY} ASCII characters`);
  if (value && value.length > MAX_VALUE)
    throw new RangeError(`"value" expected at most ${MAX_VALUE} bytes, got ${value.length}`);
}

function positive(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`"${name}" expected a positive integer, got ${value}`);
  return value;
}
