/** Just enough of HTTP/1.1 to carry bytes each way. */
import { expect } from 'vitest';
import { payload, sha256, type Wire } from './wire.js';

/** Posts `size` bytes and expects them back. */
export async function post(wire: Wire, size: number): Promise<void> {
  const sent = payload(size);
  wire.send(`POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${size}\r\n\r\n`);
  wire.send(sent);
  const head = await wire.readThrough('\r\n\r\n');
  expect(head).toMatch(/^HTTP\/1\.1 200 /);
  expect(Number(head.match(/content-length: (\d+)/i)?.[1])).toBe(size);
  expect(sha256(await wire.read(size))).toBe(sha256(sent));
}

/** Answers a POST with its own body. */
export async function answerPost(wire: Wire, size: number, between?: () => void): Promise<void> {
  const head = await wire.readThrough('\r\n\r\n');
  if (/^expect: 100-continue/im.test(head)) wire.send('HTTP/1.1 100 Continue\r\n\r\n');
  const body = await wire.read(size);
  between?.();
  wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\nConnection: close\r\n\r\n`);
  wire.send(body);
}
