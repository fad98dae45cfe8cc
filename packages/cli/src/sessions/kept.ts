/** The sessions of `connect`: in a file between runs (`--session`), or in memory within one (`--reconnect`). */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { ClientSessions, MemoryStore, type Session } from 'akushu';
import { nodeProvider } from 'akushu/crypto/node';
import { printable } from 'akushu/diagnose';
import { FileStore, SessionFileError } from 'akushu/node';
import { systemCode } from '../failure.js';
import { complain, type Environs } from '../output.js';
import { UsageError } from '../usage.js';
import type { Words } from '../words/index.js';

/** Remembers what passed through it. */
export class KeptSessions extends ClientSessions {
  /** The session that was taken last; null where there was none. */
  taken: Session | null = null;
  /** How many the server gave since then. */
  kept = 0;
  /** Told when a session could not be kept, or looked for. */
  onTrouble: (error: unknown) => void = () => {};

  constructor(
    /** Where they are; null for in memory. */
    readonly file: string | null,
    private readonly fileStore: FileStore | null,
    key: Uint8Array,
  ) {
    super({ provider: nodeProvider, store: fileStore ?? new MemoryStore(), key });
  }

  override async take(server: string): Promise<Session | null> {
    this.kept = 0;
    this.taken = null;
    try {
      this.taken = await super.take(server);
    } catch (error) {
      this.onTrouble(error);
    }
    return this.taken;
  }

  override async put(server: string, session: Session): Promise<void> {
    this.kept++;
    try {
      await super.put(server, session);
    } catch (error) {
      this.kept--;
      this.onTrouble(error);
    }
  }

  /** When everything is in the file. */
  async settled(): Promise<void> {
    await this.fileStore?.settled();
  }
}

export function sessionsInMemory(): KeptSessions {
  return new KeptSessions(null, null, randomBytes(KEY_LENGTH));
}

/** Says on stderr what is wrong with a file that was set aside. Throws UsageError for one that cannot be used. */
export async function sessionsInFile(file: string, environs: Environs, words: Words): Promise<KeptSessions> {
  const { sessions } = words;
  const say = (text: string): void => complain(environs.stderr, [text]);
  const name = printable(file);
  const key = keyFor(file, environs, words, say);
  const store = new FileStore({
    path: file,
    key,
    onCorrupt: ({ problem, setAside }) =>
      say(sessions.corrupt(name, sessions.problems[problem!], printable(setAside!))),
  });
  try {
    await store.check();
  } catch (error) {
    if (!(error instanceof SessionFileError)) throw error;
    if (error.code === 'not_a_session_file') throw new UsageError(sessions.usage.notASessionFile(name));
    if (error.code !== 'locked') throw new UsageError(words.cannotWrite(name, systemCode(error.cause)));
    say(sessions.cannotKeep(name, sessions.locked));
  }
  const kept = new KeptSessions(file, store, key);
  let told = false;
  kept.onTrouble = (error) => {
    if (!told) say(sessions.cannotKeep(name, reasonOf(error, words)));
    told = true;
  };
  return kept;
}

function reasonOf(error: unknown, { sessions }: Words): string {
  if (!(error instanceof SessionFileError)) return printable(String(error));
  return error.code === 'locked' ? sessions.locked : systemCode(error.cause) || error.code;
}

// ---- The key ----

const KEY_LENGTH = 32;

/** The user's own; beside the file where that has no place. */
function keyFor(file: string, { env }: Environs, words: Words, say: (text: string) => void): Uint8Array {
  const beside = `${file}.key`;
  const state = env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state');
  const usual = join(state, 'akushu', 'session.key');
  const found = readKey(beside) ?? ownKey(usual, words, say);
  if (found) return found;
  try {
    mkdirSync(dirname(usual), { recursive: true, mode: 0o700 });
    return makeKey(usual);
  } catch {
    try {
      return makeKey(beside);
    } catch (error) {
      throw new UsageError(words.cannotWrite(printable(beside), systemCode(error)));
    }
  }
}

/** null where there is none, or it cannot be read, or is something else: whoever's that is keeps it. */
function readKey(path: string): Uint8Array | null {
  try {
    const key = readFileSync(path);
    return key.length === KEY_LENGTH ? key : null;
  } catch {
    return null;
  }
}

/** As `readKey`, of a file that is nobody's but ours: what is no key is set aside. */
function ownKey(path: string, { sessions }: Words, say: (text: string) => void): Uint8Array | null {
  const key = readKey(path);
  try {
    if (key) {
      chmodSync(path, 0o600);
    } else if (statSync(path).isFile()) {
      const aside = `${path}.corrupt-${Date.now()}`;
      renameSync(path, aside);
      say(sessions.corruptKey(printable(path), printable(aside)));
    }
  } catch {
    // There is none, or it is not ours to change.
  }
  return key;
}

/** Of two processes at once the first one's counts. */
function makeKey(path: string): Uint8Array {
  const temporary = `${path}.tmp-${randomBytes(6).toString('hex')}`;
  writeFileSync(temporary, randomBytes(KEY_LENGTH), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST' || readKey(path) === null) throw error;
  } finally {
    unlinkSync(temporary);
  }
  return readFileSync(path);
}
