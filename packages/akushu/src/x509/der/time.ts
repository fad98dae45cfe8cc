/**
 * UTCTime and GeneralizedTime as RFC 5280 §4.1.2.5 narrows them: seconds present, Zulu, no fractions.
 * Days that the month does not have and seconds of 60 are refused.
 */
import { x509Error } from './error.js';

/** `YYMMDDHHMMSSZ` to milliseconds since 1970. */
export function utcTimeFromText(text: string, offset = 0): number {
  if (!/^\d{12}Z$/.test(text)) throw x509Error('time_malformed', offset);
  const year = Number(text.slice(0, 2));
  // RFC 5280 §4.1.2.5.1: 50 and above is 19YY.
  return instant(year >= 50 ? 1900 + year : 2000 + year, text.slice(2), offset);
}

/** `YYYYMMDDHHMMSSZ` to milliseconds since 1970. */
export function generalizedTimeFromText(text: string, offset = 0): number {
  if (!/^\d{14}Z$/.test(text)) throw x509Error('time_malformed', offset);
  return instant(Number(text.slice(0, 4)), text.slice(4), offset);
}

function instant(year: number, rest: string, offset: number): number {
  const part = (at: number): number => Number(rest.slice(at, at + 2));
  const [month, day, hour, minute, second] = [part(0), part(2), part(4), part(6), part(8)];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  // A field out of range moves the others.
  const same =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  if (!same) throw x509Error('time_malformed', offset);
  return date.getTime();
}

function digits(ms: number): string {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw new RangeError('"time" expected a year from 0 to 9999');
  return `${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
}

export function textFromUtcTime(ms: number): string {
  const text = digits(ms);
  if (text < '1950' || text >= '2050') throw new RangeError('"time" expected a year from 1950 to 2049');
  return text.slice(2);
}

export function textFromGeneralizedTime(ms: number): string {
  return digits(ms);
}
