import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Capture, openKeyLog } from './sinks.js';
import { UsageError } from './usage.js';
import { wordsOf } from './words/index.js';

const words = wordsOf('en');
const directory = mkdtempSync(join(tmpdir(), 'akushu-sinks-'));
afterAll(() => rmSync(directory, { recursive: true }));
const at = (name: string) => join(directory, name);

describe('a key log', () => {
  test('is appended to, and completes a last line that lacks its end', () => {
    writeFileSync(at('keys'), 'CLIENT_RANDOM aa bb');
    const log = openKeyLog([at('keys'), at('keys')], words);
    log.line('SERVER_TRAFFIC_SECRET_0 cc dd');
    log.close();
    expect(readFileSync(at('keys'), 'utf8')).toBe('CLIENT_RANDOM aa bb\nSERVER_TRAFFIC_SECRET_0 cc dd\n');
  });

  test('is made for its owner alone', () => {
    openKeyLog([at('new')], words).close();
    expect(statSync(at('new')).mode & 0o777).toBe(0o600);
  });

  test('that cannot be written is refused with its name', () => {
    const path = join(directory, 'no', 'such', 'keys');
    expect(() => openKeyLog([path], words)).toThrow(UsageError);
    expect(() => openKeyLog([path], words)).toThrow(path);
  });
});

describe('a capture', () => {
  test('of a connection that never opened is a pcapng file without packets', () => {
    new Capture(at('empty.pcapng'), words).write();
    expect(readFileSync(at('empty.pcapng')).readUInt32BE(0)).toBe(0x0a0d0d0a);
  });

  test('that cannot be written is refused before anything is sent', () => {
    expect(() => new Capture(directory, words)).toThrow(UsageError);
  });
});
