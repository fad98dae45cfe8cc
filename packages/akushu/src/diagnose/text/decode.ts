/**
 * A log's bytes as text, whatever wrote them: UTF-8, UTF-16 of Windows with its mark or without, and what Japanese
 * Windows and older Unix write, Shift_JIS and EUC-JP. Told by the bytes alone: a log says nowhere what it is in.
 */

const UTF16 = ['utf-16le', 'utf-16be'] as const;
/** So many bytes tell it. */
const LOOKED_AT = 4096;
/** Neither a log nor an error holds these. The last character may be cut through. */
const UNPRINTABLE = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]|[\ufffd\ufffe\uffff](?!$)/;

/** UTF-16 by its mark, or by zeros, which no other text has, in every other place only; null where it is not. */
export function utf16Of(bytes: Uint8Array): (typeof UTF16)[number] | null {
  const [a, b] = bytes;
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  const head = bytes.subarray(0, LOOKED_AT & ~1);
  const zeros: [number, number] = [0, 0];
  head.forEach((byte, i) => {
    if (byte === 0) zeros[(i & 1) as 0 | 1]++;
  });
  if ((zeros[0] === 0) === (zeros[1] === 0)) return null;
  const encoding = zeros[0] === 0 ? UTF16[0] : UTF16[1];
  return UNPRINTABLE.test(new TextDecoder(encoding).decode(head)) ? null : encoding;
}

/** Never throws: what is in no encoding becomes U+FFFD. */
export function textFromBytes(bytes: Uint8Array): string {
  const utf16 = utf16Of(bytes);
  if (utf16) return new TextDecoder(utf16).decode(bytes);
  const utf8 = new TextDecoder().decode(bytes);
  if (!utf8.includes('\ufffd')) return utf8;
  const others = ['shift_jis', 'euc-jp'].map((encoding) => new TextDecoder(encoding).decode(bytes));
  return [utf8, ...others].reduce((best, text) => (oddities(text) < oddities(best) ? text : best));
}

/** What a right guess has few of: characters that could not be read, and half-width katakana, which wrong ones are full of. */
const oddities = (text: string): number => (text.match(/[\ufffd\uff61-\uff9f]/g) ?? []).length;
