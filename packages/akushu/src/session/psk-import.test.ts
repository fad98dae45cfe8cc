import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ABSENT, hasShared, shared } from '../../test/support/shared.js';
import { nodeProvider } from '../crypto/node.js';
import { portableProvider } from '../crypto/portable.js';
import { importPsk, plainPsk } from './index.js';

const VECTORS = 'vectors/rfc8448/tls_13_psk_import.vec';

interface Vector {
  readonly hash: 'sha256' | 'sha384';
  readonly target: 'sha256' | 'sha384';
  readonly key: Uint8Array;
  readonly identity: Uint8Array;
  readonly context: Uint8Array;
  readonly output: string;
}

const HASHES: Record<string, Vector['hash']> = { 'SHA-256': 'sha256', 'SHA-384': 'sha384' };

/** Several entries stand in one section, each ends with its output. */
function readVectors(): Vector[] {
  const vectors: Vector[] = [];
  let section = '';
  let entry: Record<string, string> = {};
  for (const line of readFileSync(shared(VECTORS), 'utf8').split('\n')) {
    const header = /^\[(.+)\]$/.exec(line.trim());
    if (header) section = header[1]!;
    const [, name, value] = /^(\w+)\s*=\s*(.*)$/.exec(line.trim()) ?? [];
    if (!name) continue;
    entry[name] = value ?? '';
    if (name !== 'Output') continue;
    const bytes = (what: string) => new Uint8Array(Buffer.from(entry[what] ?? '', 'hex'));
    vectors.push({
      hash: HASHES[section]!,
      target: HASHES[entry.TargetHash!]!,
      key: bytes('Key'),
      identity: bytes('Identity'),
      context: bytes('Context'),
      output: entry.Output!,
    });
    entry = {};
  }
  return vectors;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('an imported key', () => {
  test('is that of the published vectors', (context) => {
    if (!hasShared(VECTORS)) return context.skip(ABSENT);
    const vectors = readVectors();
    expect(vectors.length).toBeGreaterThanOrEqual(5);
    for (const provider of [nodeProvider, portableProvider]) {
      for (const { hash, target, key, identity, context, output } of vectors) {
        const [imported] = importPsk(provider, { identity, key, hash, context }, [target]);
        expect(hex(imported!.key)).toBe(output);
        expect([imported!.hash, imported!.imported]).toEqual([target, true]);
      }
    }
  });

  const psk = { identity: Uint8Array.of(0xaa, 0xbb), key: new Uint8Array(16).fill(1) };

  test('has an identity with context, protocol and hash in it', () => {
    const [first, second] = importPsk(nodeProvider, { ...psk, context: Uint8Array.of(0xcc) });
    expect(hex(first!.identity)).toBe('0002aabb0001cc03040001');
    expect(hex(second!.identity)).toBe('0002aabb0001cc03040002');
    expect([first!.key.length, second!.key.length]).toEqual([32, 48]);
    expect(hex(importPsk(nodeProvider, psk)[0]!.identity)).toBe('0002aabb000003040001');
  });

  test('is another one for another hash, identity, context and key', () => {
    const variants = [
      psk,
      { ...psk, hash: 'sha384' as const },
      { ...psk, context: Uint8Array.of(0) },
      { ...psk, identity: Uint8Array.of(0xaa) },
      { ...psk, key: new Uint8Array(17).fill(1) },
    ];
    const keys = variants.flatMap((one) => importPsk(nodeProvider, one)).map(({ key }) => hex(key));
    expect(new Set(keys).size).toBe(variants.length * 2);
    for (const key of keys) expect(key).not.toContain(hex(psk.key));
  });

  test('is the same whatever computes it', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.uint8Array({ maxLength: 40 }),
        (key, context) => {
          const one = { ...psk, key, context };
          expect(importPsk(portableProvider, one)).toEqual(importPsk(nodeProvider, one));
        },
      ),
      { numRuns: 30 },
    );
  });

  test('needs a key, an identity that fits, and a hash that TLS 1.3 has', () => {
    const none = new Uint8Array(0);
    expect(() => importPsk(nodeProvider, { ...psk, key: none })).toThrow(RangeError);
    expect(() => importPsk(nodeProvider, { ...psk, identity: none })).toThrow(RangeError);
    expect(() => importPsk(nodeProvider, { ...psk, identity: new Uint8Array(65_528) })).toThrow(RangeError);
    expect(() => importPsk(nodeProvider, psk, ['sha1'])).toThrow(RangeError);
    const longest = importPsk(nodeProvider, { ...psk, identity: new Uint8Array(65_527) });
    expect(longest[0]!.identity.length).toBe(65_535);
  });
});

describe('a key as it is', () => {
  test('is for SHA-256 unless it is for another hash', () => {
    const key = Uint8Array.of(1);
    expect(plainPsk('é', key)).toEqual({ identity: Uint8Array.of(0xc3, 0xa9), key, hash: 'sha256' });
    expect(plainPsk('a', key, 'sha384').hash).toBe('sha384');
    expect(() => plainPsk('', key)).toThrow(RangeError);
    expect(() => plainPsk('a', new Uint8Array(0))).toThrow(RangeError);
  });
});
