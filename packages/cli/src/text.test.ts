import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { padEnd, padStart, truncate, widthOf, wrap } from './text.js';

const words = fc.array(
  fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom('暗号スイート', '、', '。', 'ハンドシェイク', '（TLS）', '🔒', 'é', ' '),
  ),
  { maxLength: 40 },
);

describe('the width of text', () => {
  test('counts East Asian characters and emoji twice, marks and styles not at all', () => {
    expect(widthOf('TLS')).toBe(3);
    expect(widthOf('暗号')).toBe(4);
    expect(widthOf('🔒 x')).toBe(4);
    expect(widthOf('e\u0301')).toBe(1);
    expect(widthOf('─▶')).toBe(2);
    expect(widthOf('\u001b[31mred\u001b[39m')).toBe(3);
  });

  test('is what padding fills up to', () => {
    expect(padEnd('鍵', 4)).toBe('鍵  ');
    expect(padStart('鍵', 4)).toBe('  鍵');
    expect(padEnd('long', 2)).toBe('long');
  });

  test('is what truncation keeps to, never cutting a character', () => {
    expect(truncate('ハンドシェイク', 8)).toBe('ハンド…');
    expect(truncate('short', 8)).toBe('short');
  });
});

describe('wrapped text', () => {
  test('is never wider than asked for, and loses nothing but spaces', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 4, max: 60 }), (parts, width) => {
        const text = parts.join('').replace(/\s+/g, ' ');
        const lines = wrap(text, width);
        expect(lines.every((line) => widthOf(line) <= width)).toBe(true);
        expect(lines.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
      }),
    );
  });

  test('breaks English at spaces', () => {
    expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
  });

  test('breaks Japanese between words, without spaces, and begins no line with punctuation', () => {
    const lines = wrap('証明書チェーンを検証する。サーバーの鍵を使う。', 16);
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(line).not.toMatch(/^[、。ー）]/);
  });

  test('cuts a word that is too long by itself', () => {
    expect(wrap('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
  });
});
