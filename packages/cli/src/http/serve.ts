/**
 * A very small HTTP/1.1 server (RFC 9112) over one TLS connection: GET and HEAD of a page with the visitor's own
 * handshake. Requests one after the other, bounded in size and in time; bodies are not read.
 */
import { Buffer } from 'node:buffer';
import type { TlsSocket } from 'akushu/node';
import { storyJson } from '../json.js';
import type { Language } from '../language.js';
import type { Story } from '../story.js';
import { handshakePage } from './page.js';
import { HEAD_LIMIT, parseHead, type Request } from './request.js';

const IDLE_MS = 10_000;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
  505: 'HTTP Version Not Supported',
};

export function serveHttp(socket: TlsSocket, story: Story, language: Language): void {
  let input: Buffer = Buffer.alloc(0);
  const idle = setTimeout(() => socket.destroy(), IDLE_MS);
  socket.once('close', () => clearTimeout(idle));
  socket.on('end', () => socket.end());
  socket.on('data', (chunk: Buffer) => {
    if (socket.writableEnded) return;
    idle.refresh();
    input = Buffer.concat([input, chunk]);
    input = answerAll(socket, input, story, language);
  });
}

/** Answers every complete request; gives what is left of the input. */
function answerAll(socket: TlsSocket, input: Buffer, story: Story, language: Language): Buffer {
  let rest = input;
  while (!socket.writableEnded) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0 && rest.length <= HEAD_LIMIT) return rest;
    const parsed = end < 0 || end > HEAD_LIMIT ? 431 : parseHead(rest.toString('latin1', 0, end));
    if (typeof parsed === 'number') {
      send(
        socket,
        { status: parsed, type: 'text/plain', body: `${parsed} ${REASONS[parsed]}\n` },
        false,
        false,
      );
      break;
    }
    send(socket, answerTo(parsed, story, language), parsed.keepAlive, parsed.method === 'HEAD');
    rest = rest.subarray(end + 4);
  }
  return Buffer.alloc(0);
}

function answerTo({ method, path, languages }: Request, story: Story, language: Language): Answer {
  if (method !== 'GET' && method !== 'HEAD') return plain(405);
  const reader = readerLanguage(languages, language);
  if (path === '/') return { status: 200, type: 'text/html', body: handshakePage(story, reader) };
  if (path === '/handshake.json') {
    return {
      status: 200,
      type: 'application/json',
      body: `${JSON.stringify(storyJson(story, reader, Date.now()))}\n`,
    };
  }
  return plain(404);
}

const plain = (status: number): Answer => ({
  status,
  type: 'text/plain',
  body: `${status} ${REASONS[status]}\n`,
});

/** The first of the reader's languages that is spoken here. */
function readerLanguage(accepted: string, fallback: Language): Language {
  const first = /\b(ja|en)\b/i.exec(accepted)?.[1]?.toLowerCase();
  return first === 'ja' || first === 'en' ? first : fallback;
}

function send(
  socket: TlsSocket,
  { status, type, body }: Answer,
  keepAlive: boolean,
  headOnly: boolean,
): void {
  const head = [
    `HTTP/1.1 ${status} ${REASONS[status]}`,
    `Content-Type: ${type}; charset=utf-8`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Connection: ${keepAlive ? 'keep-alive' : 'close'}`,
    ...(status === 405 ? ['Allow: GET, HEAD'] : []),
    'Cache-Control: no-store',
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'",
    'X-Content-Type-Options: nosniff',
    '',
    '',
  ].join('\r\n');
  socket.write(headOnly ? head : head + body);
  if (!keepAlive) socket.end();
}
