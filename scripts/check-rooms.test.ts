import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { complaintsAbout, ROOMS } from './check-rooms.mjs';

describe('the order of the rooms', () => {
  test('a room may import from itself and from rooms above it', () => {
    expect(complaintsAbout('keys/hkdf.ts', "import { concat } from '../bytes/index.js';")).toEqual([]);
    expect(
      complaintsAbout('messages/extensions/alpn.ts', "import { extension } from './context.js';"),
    ).toEqual([]);
    expect(complaintsAbout('codec/codec.ts', "import { tlsError } from '../errors.js';")).toEqual([]);
  });

  test('an import from further down the list is a complaint, of types and dynamic ones too', () => {
    for (const text of [
      "import { Sealer13 } from '../record/index.js';",
      "import type { Sealer13 } from '../record/index.js';",
      "export * from '../record/index.js';",
      "const room = await import('../record/index.js');",
      "import '../record/index.js';",
    ]) {
      expect(complaintsAbout('keys/hkdf.ts', text)).toEqual([
        expect.stringContaining('imports ../record/index.js, but record is below keys'),
      ]);
    }
  });

  test('the ground room imports from no other', () => {
    expect(complaintsAbout('bytes/reader.ts', "import { tlsError } from '../errors.js';")).toHaveLength(1);
  });

  test('only crypto/node and node/ import from Node', () => {
    const text = "import { createHash } from 'node:crypto';";
    expect(complaintsAbout('crypto/node.ts', text)).toEqual([]);
    expect(complaintsAbout('crypto/node/hash.ts', text)).toEqual([]);
    expect(complaintsAbout('node/socket.ts', "import { Socket } from 'net';")).toEqual([]);
    expect(complaintsAbout('crypto/portable.ts', text)).toHaveLength(1);
    expect(complaintsAbout('x509/pem.ts', "import fs from 'fs';")).toHaveLength(1);
  });

  test('a room that is not in the list is a complaint', () => {
    expect(complaintsAbout('cellar/wine.ts', '')).toEqual([
      'cellar/wine.ts: the room "cellar" is not in the list',
    ]);
  });

  test('every room of the house is in the list', () => {
    const src = fileURLToPath(new URL('../packages/akushu/src', import.meta.url));
    const rooms = readdirSync(src).map((name) => name.replace(/\.ts$/, ''));
    for (const room of rooms.filter((name) => name !== 'index')) expect(ROOMS).toContain(room);
  });
});
