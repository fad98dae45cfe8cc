/**
 * Lines as rules see them: lower case, `_` as a space, so that `SSLV3_ALERT_BAD_CERTIFICATE` and `sslv3 alert bad
 * certificate` are one phrase. Every character stays where it is, so that spans hold in the original. Bounded: a text
 * is cut at a limit, a line into pieces.
 */

/** Longer texts are read as far as this. */
export const MAX_TEXT = 2 * 1024 * 1024;
/** A log's line is shorter; longer ones are taken in pieces, so that no pattern sees more. */
const MAX_LINE = 4096;

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Where it begins in the text. */
  readonly start: number;
  readonly text: string;
  readonly folded: string;
}

const fold = (text: string): string =>
  text.replace(/[A-Z_’]/g, (character) =>
    character === '_' ? ' ' : character === '’' ? "'" : character.toLowerCase(),
  );

/** The lines of a text, without their ends. */
export function* linesOf(text: string): Generator<Line> {
  const end = Math.min(text.length, MAX_TEXT);
  let number = 0;
  let start = 0;
  while (start < end) {
    const newline = text.indexOf('\n', start);
    const stop = newline < 0 || newline > end ? end : newline;
    number++;
    for (let piece = start; piece < stop; piece += MAX_LINE) {
      const line = text.slice(piece, Math.min(stop, piece + MAX_LINE));
      yield { number, start: piece, text: line, folded: fold(line) };
    }
    start = stop + 1;
  }
}
