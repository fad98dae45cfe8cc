/** What a server says without being asked: mail servers and others greet, and are to be spoken to by STARTTLS. */
import { connect } from 'node:net';
import { TextDecoder } from 'node:util';
import type { StartTlsProtocol } from 'akushu/node';
import type { Target } from '../usage.js';

const PATIENCE = 1500;
const LIMIT = 512;

/** Its first line; null where it waits to be spoken to. */
export function greetingOf({ host, port }: Target): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (text: string | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    const timer = setTimeout(() => end(null), PATIENCE);
    socket.once('data', (bytes) => {
      const text = new TextDecoder('utf-8').decode(bytes.subarray(0, LIMIT));
      end(text.split(/[\r\n]/, 1)[0] ?? '');
    });
    socket.once('error', () => end(null));
    socket.once('close', () => end(null));
  });
}

/** Greetings of protocols that switch to TLS by a command. */
const GREETINGS: readonly (readonly [RegExp, StartTlsProtocol])[] = [
  [/^\* (?:OK|PREAUTH)/i, 'imap'],
  [/^\+OK/i, 'pop3'],
  [/^220[ -].*(?:ftp|filezilla)/i, 'ftp'],
  [/^220[ -]/, 'smtp'],
];

export const protocolOf = (greeting: string): StartTlsProtocol | null =>
  GREETINGS.find(([pattern]) => pattern.test(greeting))?.[1] ?? null;
