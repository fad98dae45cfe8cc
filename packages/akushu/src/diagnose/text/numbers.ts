/**
 * OpenSSL's errors without their words, as programs print them that did not load its strings: the number of the reason
 * is in the code, and was the same in all versions.
 */

/** Reasons of its TLS library that name a cause. Those above 1000 are alerts. */
const REASONS: Readonly<Record<number, string>> = {
  101: 'no suitable key share',
  116: 'bad protocol version number',
  118: 'no suitable signature algorithm',
  123: 'bad signature',
  134: 'certificate verify failed',
  146: 'data length too long',
  147: 'decryption failed or bad record mac',
  149: 'digest check failed',
  155: 'https proxy request',
  156: 'http request',
  179: 'no certificate set',
  190: 'no private key assigned',
  191: 'no protocols available',
  193: 'no shared cipher',
  198: 'packet length too long',
  199: 'peer did not return a certificate',
  234: 'callback failed',
  235: 'no application protocol',
  244: 'unexpected message',
  252: 'unknown protocol',
  253: 'binder does not verify',
  258: 'unsupported protocol',
  259: 'unsupported ssl version',
  267: 'wrong version number',
  281: 'decryption failed or bad record mac',
  294: 'unexpected eof while reading',
  333: 'legacy sigalg disallowed or unsupported',
  338: 'unsafe legacy renegotiation disabled',
  339: 'no renegotiation',
  370: 'wrong signature type',
  373: 'inappropriate fallback',
  378: 'wrong curve',
  394: 'dh key too small',
  396: 'version too low',
  397: 'ca key too small',
  398: 'ca md too weak',
  399: 'ee key too small',
};

/** `error:0A` and 23 bits, or `error:14`, three digits of the function and three of the reason. */
const CODE =
  /\berror:(?:0a([0-9a-f]{6})|14[0-9a-f]{3}([0-9a-f]{3}))\b(?=(?:$|[^:\w]|:(?!.{0,80}:(?!(?:lib|func|reason)\()[a-z][a-z' ]{3})))/;

const ALERTS = 1000;

/** The words of a code that stands alone, and where it is; null for none. */
export function reasonSpelledOut(folded: string): { name: string; start: number; end: number } | null {
  const match = CODE.exec(folded);
  const number = match ? Number.parseInt((match[1] ?? match[2])!, 16) : 0;
  const words = number > ALERTS ? `ssl alert number ${number - ALERTS}` : REASONS[number];
  if (!match || words === undefined) return null;
  return { name: `ssl routines::${words}`, start: match.index, end: match.index + match[0].length };
}
