import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { copyMac, removePadding } from './cbc-padding.js';

/** RFC 5246 §6.2.3.2 as it reads, with all the branches that the real one must not have. */
function naively(plain: Uint8Array, macLength: number): { good: boolean; length: number } {
  const padding = plain[plain.length - 1]!;
  const length = plain.length - macLength - padding - 1;
  const good = length >= 0 && plain.subarray(plain.length - 1 - padding).every((byte) => byte === padding);
  return { good, length: good ? length : plain.length - macLength - 1 };
}

const MAC_LENGTHS = [0, 16, 20, 32, 48];

/** Fragment and MAC of so many bytes, padded with one of these values, so many of which are spoiled. */
function padded(content: number, padding: number, spoiled: readonly number[]): Uint8Array {
  const plain = new Uint8Array(content + padding + 1).fill(padding, content);
  for (let i = 0; i < content; i++) plain[i] = (i * 37 + 11) & 0xff;
  for (const place of spoiled) {
    const at = plain.length - 1 - (place % plain.length);
    plain[at]! ^= 1 + (place % 255);
  }
  return plain;
}

function expectSame(plain: Uint8Array, macLength: number): void {
  const expected = naively(plain, macLength);
  const { good, length } = removePadding(plain, macLength);
  expect({ good, length }).toEqual({ good: expected.good ? -1 : 0, length: expected.length });
}

describe('removePadding', () => {
  test('knows every padding that is good, of every length', () => {
    for (const macLength of MAC_LENGTHS) {
      for (let padding = 0; padding <= 255; padding++) {
        for (const fragment of [0, 1, 15, 300]) {
          const plain = padded(fragment + macLength, padding, []);
          expect(removePadding(plain, macLength)).toEqual({ good: -1, length: fragment });
        }
      }
    }
  });

  test('refuses a padding with any one bit of any one byte wrong', () => {
    for (const padding of [1, 2, 15, 16, 100, 254, 255]) {
      for (let back = 1; back <= padding; back++) {
        for (let bit = 0; bit < 8; bit++) {
          const plain = padded(40, padding, []);
          plain[plain.length - 1 - back]! ^= 1 << bit;
          expect(removePadding(plain, 20)).toEqual({ good: 0, length: plain.length - 21 });
        }
      }
    }
  });

  test('refuses a padding that would reach into the MAC, or in front of the record', () => {
    for (const macLength of MAC_LENGTHS) {
      for (let padding = 0; padding <= 255; padding++) {
        for (const missing of [1, 2, macLength, macLength + padding]) {
          const size = macLength + 1 + padding - missing;
          if (missing === 0 || size < macLength + 1) continue;
          const plain = new Uint8Array(size).fill(padding);
          expect(removePadding(plain, macLength)).toEqual({ good: 0, length: size - macLength - 1 });
        }
      }
    }
  });

  test('never looks at more than 256 bytes', () => {
    const plain = padded(500, 255, []);
    for (let at = 0; at < 500; at++) plain[at] = 0;
    expect(removePadding(plain, 20)).toEqual({ good: -1, length: 480 });
  });

  test('says what the naive way says, for anything', () => {
    const anything = fc.uint8Array({ minLength: 49, maxLength: 700 });
    const likely = fc
      .tuple(fc.integer({ min: 49, max: 400 }), fc.nat(255), fc.array(fc.nat(800), { maxLength: 3 }))
      .map(([content, padding, spoiled]) => padded(content, padding, spoiled));
    const uniform = fc
      .tuple(fc.integer({ min: 49, max: 300 }), fc.nat(255))
      .map(([size, value]) => new Uint8Array(size).fill(value));
    fc.assert(fc.property(fc.oneof(anything, likely, uniform), fc.constantFrom(...MAC_LENGTHS), expectSame), {
      numRuns: 3000,
    });
  });
});

describe('copyMac', () => {
  test('finds the MAC wherever a padding can have put it', () => {
    for (const macLength of [16, 20, 32, 48]) {
      for (const size of [macLength + 1, macLength + 15, 256, macLength + 256, macLength + 257, 700]) {
        const plain = Uint8Array.from({ length: size }, (_, i) => (i * 91 + (i >> 8)) & 0xff);
        const mac = new Uint8Array(macLength);
        for (let start = Math.max(0, size - macLength - 256); start + macLength < size; start++) {
          copyMac(plain, start, mac);
          expect(mac).toEqual(plain.slice(start, start + macLength));
        }
      }
    }
  });

  test('leaves nothing of what the array held before', () => {
    const mac = new Uint8Array(20).fill(0xff);
    copyMac(new Uint8Array(64), 30, mac);
    expect(mac).toEqual(new Uint8Array(20));
  });

  test('together with removePadding gives fragment and MAC of any record', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(16, 20, 32, 48),
        fc.nat(255),
        fc.integer(),
        (fragment, macLength, padding, seed) => {
          const mac = Uint8Array.from({ length: macLength }, (_, i) => (seed >> (i & 15)) & 0xff);
          const plain = new Uint8Array([...fragment, ...mac, ...new Array(padding + 1).fill(padding)]);
          const { good, length } = removePadding(plain, macLength);
          const found = new Uint8Array(macLength);
          copyMac(plain, length, found);
          expect([good, plain.slice(0, length), found]).toEqual([-1, fragment, mac]);
        },
      ),
      { numRuns: 500 },
    );
  });
});
