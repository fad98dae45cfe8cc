/** What `connect --early-data` sends: the bytes of a file, or of stdin. */
import { printable } from 'akushu/diagnose';
import { FileError } from 'akushu/node';
import { InputError, readInput, readStdin } from '../input.js';
import type { Environs } from '../output.js';
import { UsageError } from '../usage.js';
import type { Words } from '../words/index.js';

/** More is no request. What a session allows is less, and what it does not allow goes after the handshake. */
const MAX_BYTES = 1024 * 1024;

export const STDIN = '-';

/** Throws FileError or UsageError. */
export async function readEarlyData(file: string, environs: Environs, words: Words): Promise<Uint8Array> {
  try {
    return file === STDIN ? await readStdin(environs, MAX_BYTES) : readInput(file, MAX_BYTES);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    if (cause.problem === 'missing') throw new FileError('file_missing', file, null, { cause });
    if (cause.problem === 'too_large') {
      const most = words.bytes(MAX_BYTES.toLocaleString('en-US'));
      throw new UsageError(words.sessions.usage.earlyTooLarge(printable(file), most));
    }
    const found = cause.problem === 'directory' ? 'directory' : null;
    throw new FileError('file_unreadable', file, found, { cause });
  }
}
