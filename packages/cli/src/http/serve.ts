/**
 * A very small HTTP/1.1 server (RFC 9112) over one TLS connection: GET and HEAD of a page with the visitor's own
 * handshake. Requests one after the other, bounded in size and in time; bodies are not read. Requests in early data may
 * be replays: safe ones are answered at once, others with 425 (RFC 8470 §5.2), and what is not whole waits for the rest
 * and so for the end of the handshake.
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
  204: 'No Content',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  425: 'Too Early',
  431: 'Request Header Fields Too Large',
  505: 'HTTP Version Not Supported',
};

export function serveHttp(socket: TlsSocket, story: Story, language: Language): void {
  const visit: Visit = { socket, story, language };
  let input: Buffer = Buffer.alloc(0);
  const idle = setTimeout(() => socket.destroy(), IDLE_MS);
  socket.once('close', () => clearTimeout(idle));
  socket.on('end', () => socket.end());
  const receive = (chunk: Buffer, early: boolean): void => {
    if (socket.writableEnded) return;
    idle.refresh();
    input = answerAll(visit, Buffer.concat([input, chunk]), early);
  };
  socket.on('earlyData', (chunk) => receive(chunk, true));
  socket.on('data', (chunk: Buffer) => receive(chunk, false));
}

interface Visit {
  readonly socket: TlsSocket;
  readonly story: Story;
  readonly language: Language;
}

/** Answers every complete request; gives what is left of the input. `early`: the handshake is not done. */
function answerAll(visit: Visit, input: Buffer, early: boolean): Buffer {
  const { socket } = visit;
  let rest = input;
  while (!socket.writableEnded) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0 && rest.length <= HEAD_LIMIT) return rest;
    const parsed = end < 0 || end > HEAD_LIMIT ? 431 : parseHead(rest.toString('latin1', 0, end));
    if (typeof parsed === 'number') {
      // Whatever a body is for, it is not safe; where it ends nobody looks.
      send(socket, plain(early && parsed === 413 ? 425 : parsed), false, false);
      break;
    }
    const request = early ? { ...parsed, early } : parsed;
    send(socket, answerTo(request, visit), request.keepAlive, request.method === 'HEAD');
    rest = rest.subarray(end + 4);
  }
  return Buffer.alloc(0);
}

/** RFC 9110 §9.2.1. */
const SAFE = ['GET', 'HEAD', 'OPTIONS'];

function answerTo({ method, path, languages, early }: Request, { story, language }: Visit): Answer {
  if (early && !SAFE.includes(method)) return plain(425);
  if (method === 'OPTIONS') return { status: 204, type: 'text/plain', body: '' };
  if (!SAFE.includes(method)) return plain(405);
  const reader = readerLanguage(languages, language);
  if (path === '/') return { status: 200, type: 'text/html', body: handshakePage(story, reader, early) };
  if (path === '/handshake.json') {
    const json = { ...storyJson(story, reader, Date.now()), request: { method, earlyData: early } };
    return { status: 200, type: 'application/json', body: `${JSON.stringify(json)}\n` };
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
    // RFC 9110 §8.6: not with 204.
    ...(status === 204 ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    `Connection: ${keepAlive ? 'keep-alive' : 'close'}`,
    ...(status === 405 || status === 204 ? [`Allow: ${SAFE.join(', ')}`] : []),
    'Cache-Control: no-store',
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'",
    'X-Content-Type-Options: nosniff',
    '',
    '',
  ].join('\r\n');
  socket.write(headOnly ? head : head + body);
  if (!keepAlive) socket.end();
}
