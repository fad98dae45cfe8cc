/** Where text goes and how it looks there: colours only on a terminal that wants them, never wider than 80 columns. */
import type { Writable } from 'node:stream';
import pc from 'picocolors';
import type { Language } from './language.js';
import { wrap } from './text.js';
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
    width: columnsOf(stream),
    colors: pc.createColors(colorful),
  };
}

const columnsOf = ({ columns }: OutputStream): number =>
  Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, columns ?? MAX_WIDTH));

export function writeLines(stream: Writable, lines: readonly string[]): void {
  if (lines.length > 0) stream.write(`${lines.join('\n')}\n`);
}

/** What is wrong, for stderr: a line each in a log, broken on a terminal. Names of files stay whole there. */
export function complain(stream: OutputStream, messages: readonly string[]): void {
  writeLines(
    stream,
    messages.flatMap((message) => inLines(`akushu: ${message}`, stream)),
  );
}

export const inLines = (text: string, stream: OutputStream): string[] =>
  stream.isTTY ? wrap(text, columnsOf(stream), true) : [text];

/** What the command runs in: a process, or a test. */
export interface Environs {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Environment;
}
