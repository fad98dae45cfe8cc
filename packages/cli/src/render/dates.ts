/** Points in time as people write them: in the reader's language and time zone. */
import type { Language } from '../language.js';

const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', ja: 'ja-JP' };

/** `21 Nov 2026, 12:13 UTC`, `2026年11月21日 12:13 UTC`; the number itself where it is no time. */
export function localTime(time: number, language: Language): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return String(time);
  return new Intl.DateTimeFormat(LOCALES[language], {
    year: 'numeric',
    month: language === 'ja' ? 'long' : 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  }).format(date);
}

/** For programs; null for what is no time. */
export function isoTime(time: number | null): string | null {
  const date = new Date(time ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
