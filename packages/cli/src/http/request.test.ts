import { describe, expect, test } from 'vitest';
import { escapeHtml } from './page.js';
import { parseHead } from './request.js';

const head = (...lines: string[]) => lines.join('\r\n');

describe('a request', () => {
  test('has a method, a path without its query, and keeps the connection by its version', () => {
    expect(parseHead(head('GET /a?b HTTP/1.1', 'Host: x', 'Accept-Language: ja'))).toEqual({
      method: 'GET',
      path: '/a',
      keepAlive: true,
      languages: 'ja',
      early: false,
    });
    expect(parseHead(head('GET / HTTP/1.1', 'Host: x', 'Early-Data: 1'))).toMatchObject({ early: true });
    expect(parseHead(head('GET / HTTP/1.1', 'Host: x', 'Early-Data: 0'))).toMatchObject({ early: false });
    expect(parseHead(head('GET http://x/a HTTP/1.1', 'Host: x'))).toMatchObject({ path: '/a' });
    expect(parseHead(head('GET / HTTP/1.0'))).toMatchObject({ keepAlive: false });
    expect(parseHead(head('GET / HTTP/1.0', 'Connection: Keep-Alive'))).toMatchObject({ keepAlive: true });
    expect(parseHead(head('GET / HTTP/1.1', 'Host: x', 'Connection: Upgrade, close'))).toMatchObject({
      keepAlive: false,
    });
  });

  test.each([
    [400, head('GET /')],
    [400, head('GET / HTTP/1.1')],
    [400, head('GET / HTTP/1.1', 'Host: a', 'Host: b')],
    [400, head('GET / HTTP/1.1', 'Host : a')],
    [400, head('GET / HTTP/1.1', 'Host: a', ' folded')],
    [400, head('GET / HTTP/1.1', 'Host: a', 'X: \u0000')],
    [400, head('GET x HTTP/1.1', 'Host: a')],
    [400, '\u0016\u0003\u0001'],
    [413, head('POST / HTTP/1.1', 'Host: a', 'Content-Length: 4')],
    [413, head('POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked')],
    [431, head('GET / HTTP/1.1', ...Array.from({ length: 101 }, (_, i) => `X-${i}: y`))],
    [505, head('GET / HTTP/2.0', 'Host: a')],
  ])('is refused with %i: %j', (status, text) => {
    expect(parseHead(text)).toBe(status);
  });
});

test('what a peer sends is escaped in the page', () => {
  expect(escapeHtml(`<script>"'&\u0000`)).toBe('&#60;script&#62;&#34;&#39;&#38;\\x00');
});
