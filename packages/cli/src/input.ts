/**
 * Bytes from files and from stdin, bounded: whatever a path names, no more is read than can be of use. What cannot be
 * read is told by a code.
 */
import { Buffer } from 'node:buffer';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { systemCode } from './failure.js';
import type { Environs } from './output.js';

export type InputProblem = 'missing' | 'unreadable' | 'directory' | 'too_large';

export class InputError extends Error {
  override readonly name = 'InputError';
  constructor(readonly problem: InputProblem) {
    super(problem);
  }
}

/** More holds no certificates that anyone wants to look at. */
export const MAX_INPUT = 16 * 1024 * 1024;
const CHUNK = 64 * 1024;

/** The bytes of a file, a device or a pipe. Throws InputError. */
export function readInput(path: string, limit = MAX_INPUT): Uint8Array {
  const fd = open(path);
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw new InputError('directory');
    if (stat.size > limit) throw new InputError('too_large');
    return readAll(fd, limit);
  } catch (error) {
    throw asInputError(error);
  } finally {
    closeSync(fd);
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw asInputError(error);
  }
}

/** Sizes may lie: a device has none, and a file may grow. */
function readAll(fd: number, limit: number): Uint8Array {
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const chunk = Buffer.alloc(CHUNK);
    const count = readSync(fd, chunk, 0, CHUNK, null);
    if (count === 0) return joined(chunks);
    size += count;
    if (size > limit) throw new InputError('too_large');
    chunks.push(chunk.subarray(0, count));
  }
}

/** All of stdin, to its end. Throws InputError. */
export async function readStdin({ stdin }: Environs, limit = MAX_INPUT): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const piece of stdin) {
    const chunk = typeof piece === 'string' ? Buffer.from(piece) : (piece as Buffer);
    size += chunk.length;
    if (size > limit) throw new InputError('too_large');
    chunks.push(chunk);
  }
  return joined(chunks);
}

/** In an array of its own: offsets are counted from its beginning. */
const joined = (chunks: readonly Buffer[]): Uint8Array => new Uint8Array(Buffer.concat(chunks));

function asInputError(error: unknown): unknown {
  if (error instanceof InputError) return error;
  const code = systemCode(error);
  if (code === '') return error instanceof TypeError ? new InputError('missing') : error;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new InputError('missing');
  return new InputError(code === 'EISDIR' ? 'directory' : 'unreadable');
}
