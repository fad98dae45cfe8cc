/**
 * Lines as rules see them: lower case, `_` as a space, so that `SSLV3_ALERT_BAD_CERTIFICATE` and `sslv3 alert bad
 * certificate` are one phrase; without the colours of a terminal; with what JSON escapes as it was before. Every
 * character knows where it stood, so that spans hold in the original. Bounded: a text is cut at a limit, a line into
 * pieces.
 */

/** Longer texts are read as far as this. */
export const MAX_TEXT = 2 * 1024 * 1024;
/** A log's line is shorter; longer ones are taken in pieces, so that no pattern sees more. */
const MAX_LINE = 4096;
const RETURN = 13;

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Where it begins in the text. */
  readonly start: number;
  readonly text: string;
  readonly folded: string;
  /** Where a character of `folded` stands in `text`; one place more than there are characters. */
  readonly at: (index: number) => number;
}

const TYPOGRAPHIC: Readonly<Record<string, string>> = {
  _: ' ',
  '\t': ' ',
  '\u00a0': ' ',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
};
const FULL_WIDTH = 0xfee0;

/** One character for one. Full-width letters of Japanese texts are letters. */
const fold = (text: string): string =>
  text.replace(/[A-Z_\t\u00a0‘’“”\uff01-\uff5e]/g, (character) => {
    const code = character.charCodeAt(0);
    if (code >= 0xff01) return fold(String.fromCharCode(code - FULL_WIDTH));
    return TYPOGRAPHIC[character] ?? character.toLowerCase();
  });

/** Colours of a terminal, and a mark of the encoding: nothing to a reader. */
const UNSEEN = /\u001b\[[\d;:]{0,20}[A-Za-z]|\ufeff/g;
/** The same, and what JSON escapes. */
const UNSEEN_OR_ESCAPED = /\u001b\[[\d;:]{0,20}[A-Za-z]|\ufeff|\\(?:u([0-9a-fA-F]{4})|([^u]))/g;

const isJson = (text: string): boolean => text.includes('{"') && text.includes('\\');
const meantBy = (code: string | undefined, escaped: string | undefined): string =>
  code !== undefined
    ? String.fromCharCode(Number.parseInt(code, 16))
    : escaped === undefined || 'nrtbf'.includes(escaped)
      ? ' '.repeat(escaped === undefined ? 0 : 1)
      : escaped;

const IDENTITY = (index: number): number => index;

/** What a reader means by a line, and where each character of that stands. */
function seen(text: string): Pick<Line, 'folded' | 'at'> {
  const json = isJson(text);
  if (!json && !text.includes('\u001b') && !text.includes('\ufeff'))
    return { folded: fold(text), at: IDENTITY };
  const places: number[] = [];
  let clear = '';
  let done = 0;
  const keep = (until: number): void => {
    for (let i = done; i < until; i++) places.push(i);
    clear += text.slice(done, until);
  };
  for (const match of text.matchAll(json ? UNSEEN_OR_ESCAPED : UNSEEN)) {
    keep(match.index);
    const meant = meantBy(match[1], match[2]);
    if (meant !== '') places.push(match.index);
    clear += meant;
    done = match.index + match[0].length;
  }
  keep(text.length);
  return { folded: fold(clear), at: (index) => places[index] ?? text.length };
}

/** The lines of a text, without their ends. */
export function* linesOf(text: string): Generator<Line> {
  const end = Math.min(text.length, MAX_TEXT);
  let number = 0;
  let start = 0;
  while (start < end) {
    const newline = text.indexOf('\n', start);
    const next = newline < 0 || newline > end ? end : newline;
    const stop = text.charCodeAt(next - 1) === RETURN ? next - 1 : next;
    number++;
    for (let piece = start; piece < stop; piece += MAX_LINE) {
      const line = text.slice(piece, Math.min(stop, piece + MAX_LINE));
      yield { number, start: piece, text: line, ...seen(line) };
    }
    start = next + 1;
  }
}
