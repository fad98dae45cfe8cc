/** Where text goes and how it looks there: colours only on a terminal that wants them, never wider than 80 columns. */
import type { Writable } from 'node:stream';
import pc from 'picocolors';
import type { Language } from './language.js';
import { type Words, wordsOf } from './words/index.js';

export const MAX_WIDTH = 80;
const MIN_WIDTH = 60;

/** Everything that a renderer needs to know of its reader. */
export interface Style {
  readonly language: Language;
  readonly words: Words;
  readonly width: number;
  readonly colors: ReturnType<typeof pc.createColors>;
}

export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

type Environment = Readonly<Record<string, string | undefined>>;

export function styleFor(stream: OutputStream, language: Language, env: Environment): Style {
  const colorful = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  return {
    language,
    words: wordsOf(language),
    width: Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, stream.columns ?? MAX_WIDTH)),
    colors: pc.createColors(colorful),
  };
}

export function writeLines(stream: Writable, lines: readonly string[]): void {
  if (lines.length > 0) stream.write(`${lines.join('\n')}\n`);
}

/** What the command runs in: a process, or a test. */
export interface Environs {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Environment;
}
