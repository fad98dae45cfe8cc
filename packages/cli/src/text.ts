/**
 * Text in the columns of a terminal: East Asian characters take two, marks none, escape sequences none. Breaks lines
 * of English at spaces and of Japanese between words, with the rules that matter (kinsoku).
 */
import { eastAsianWidth } from 'get-east-asian-width';

const SEGMENTS = new Intl.Segmenter('ja', { granularity: 'grapheme' });
const WORDS = new Intl.Segmenter('ja', { granularity: 'word' });
const STYLE = /\u001b\[[0-9;]*m/g;

/** Columns that `text` takes. */
export function widthOf(text: string): number {
  const plain = text.replace(STYLE, '');
  if (/^[\x20-\x7e]*$/.test(plain)) return plain.length;
  let width = 0;
  for (const { segment } of SEGMENTS.segment(plain)) width += widthOfCharacter(segment);
  return width;
}

function widthOfCharacter(segment: string): number {
  if (/^\p{M}+$/u.test(segment)) return 0;
  // Emoji presentation takes two columns whatever it is made of.
  return /\p{Emoji_Presentation}|\ufe0f/u.test(segment) ? 2 : eastAsianWidth(segment.codePointAt(0)!);
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

/** At most `width` columns; what is left out shows as `…`. For text without styles. */
export function truncate(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let short = '';
  let used = 0;
  for (const { segment } of SEGMENTS.segment(text)) {
    const next = widthOfCharacter(segment);
    if (used + next > width - 1) break;
    short += segment;
    used += next;
  }
  return `${short}…`;
}

/** Not at the beginning of a line; not at its end. */
const NO_START =
  /^[、。，．・：；？！）」』】〕〉》”’ー々ゝゞァィゥェォッャュョヮぁぃぅぇぉっゃゅょゎ,.:;?!)\]}%]/u;
const NO_END = /[（「『【〔〈《“‘([{]$/u;

/** Lines of at most `width` columns; with `whole`, words that are longer stay whole. For text without styles. */
export function wrap(text: string, width: number, whole = false): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces(text)) {
    for (const part of !whole && widthOf(piece) > width ? chop(piece, width) : [piece]) {
      if (line !== '' && widthOf(line + part.trimEnd()) > width) {
        lines.push(line.trimEnd());
        line = '';
      }
      line += line === '' ? part.trimStart() : part;
    }
  }
  if (line.trimEnd() !== '') lines.push(line.trimEnd());
  return lines.length > 0 ? lines : [''];
}

/** What may not be broken: words with the spaces after them and the punctuation beside them. */
function pieces(text: string): string[] {
  const found: string[] = [];
  for (const { segment } of WORDS.segment(text)) {
    const last = found.at(-1);
    if (last !== undefined && belongsTo(last, segment)) found[found.length - 1] = last + segment;
    else found.push(segment);
  }
  return found;
}

function belongsTo(piece: string, next: string): boolean {
  if (/^\s/.test(next)) return true;
  if (/\s$/.test(piece)) return false;
  if (NO_START.test(next) || NO_END.test(piece)) return true;
  return !isWide(next) && !isWide(piece.at(-1) ?? '');
}

const isWide = (text: string): boolean => text !== '' && eastAsianWidth(text.codePointAt(0)!) === 2;

function chop(word: string, width: number): string[] {
  const parts: string[] = [];
  let part = '';
  for (const { segment } of SEGMENTS.segment(word)) {
    if (part !== '' && widthOf(part + segment) > width) {
      parts.push(part);
      part = '';
    }
    part += segment;
  }
  return [...parts, part];
}
