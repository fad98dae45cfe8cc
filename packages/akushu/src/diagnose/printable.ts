/**
 * Text from a peer, made safe to show. Names, protocols and reasons are data: what would move the cursor, hide text
 * or turn its direction is written as an escape instead. Escaping for HTML is a different matter and not done here.
 */

/** Controls, what is invisible or turns the direction of text, line separators, lone surrogates. */
const UNSAFE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu;

const DEFAULT_LIMIT = 256;

/** `value` as text of one line without anything that acts on a terminal, at most `limit` characters long. */
export function printable(value: unknown, limit = DEFAULT_LIMIT): string {
  const text = typeof value === 'string' ? value : describe(value);
  const short = text.length > limit ? `${cut(text, limit)}…` : text;
  return short.replace(UNSAFE, escapeCharacter);
}

/** Not between the two halves of a character. */
function cut(text: string, limit: number): string {
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? limit - 1 : limit);
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return `\\u{${code.toString(16)}}`;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Uint8Array)
    return Array.from(value.subarray(0, 32), (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (typeof value === 'object') return '';
  return String(value);
}
