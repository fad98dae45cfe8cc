import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compare,
  concat,
  equal,
  equalSecret,
  fromHex,
  fromLatin1,
  fromUtf8,
  Reader,
  ShortRead,
  toHex,
  toLatin1,
  toUtf8,
  Writer,
  wipe,
} from './index.js';

const bytes = fc.uint8Array({ maxLength: 64 });

describe('small operations', () => {
  test('hexadecimal digits give back the bytes they were made from', () => {
    fc.assert(fc.property(bytes, (value) => equal(fromHex(toHex(value)), value)));
  });

  test('white space and colons between hexadecimal digits are skipped, everything else is refused', () => {
    expect(toHex(fromHex(' 0A:ff\n01 '))).toBe('0aff01');
    for (const bad of ['0', '0g', '0x00', '٠٠']) expect(() => fromHex(bad)).toThrow(TypeError);
  });

  test('concatenation keeps order and loses nothing', () => {
    fc.assert(
      fc.property(fc.array(bytes), (parts) => {
        expect(toHex(concat(...parts))).toBe(parts.map(toHex).join(''));
      }),
    );
  });

  test('both comparisons agree with each other and with the hexadecimal digits', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const same = toHex(a) === toHex(b);
        expect([equal(a, b), equalSecret(a, b), equal(a, a.slice()), equalSecret(a, a.slice())]).toEqual([
          same,
          same,
          true,
          true,
        ]);
      }),
    );
  });

  test('a single changed bit makes arrays unequal, wherever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(), fc.nat(7), (value, at, bit) => {
        const other = value.slice();
        other[at % other.length]! ^= 1 << bit;
        expect([equal(value, other), equalSecret(value, other), compare(value, other) === 0]).toEqual([
          false,
          false,
          false,
        ]);
      }),
    );
  });

  test('the order of byte arrays is that of their hexadecimal digits', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const [x, y] = [toHex(a), toHex(b)];
        expect(Math.sign(compare(a, b))).toBe(x < y ? -1 : x > y ? 1 : 0);
      }),
    );
  });

  test('wiping leaves zeros and passes over what is absent', () => {
    const secret = Uint8Array.of(1, 2, 3);
    wipe(secret, null, undefined);
    expect([...secret]).toEqual([0, 0, 0]);
  });

  test('Latin-1 has one character a byte, UTF-8 refuses what is none', () => {
    fc.assert(fc.property(bytes, (value) => equal(fromLatin1(toLatin1(value)), value)));
    expect(toUtf8(fromUtf8('握手'))).toBe('握手');
    expect(() => toUtf8(Uint8Array.of(0xc3, 0x28))).toThrow(TypeError);
  });
});

describe('Reader and Writer', () => {
  test('integers of every width come back as they were written', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<1 | 2 | 3 | 4>(1, 2, 3, 4),
        fc.nat(),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        (width, seed, large) => {
          const value = seed % 2 ** (8 * width);
          const writer = new Writer(1);
          writer.uint(width, value);
          writer.u64(large);
          const reader = new Reader(writer.finish());
          expect([reader.uint(width), reader.u64(), reader.remaining]).toEqual([value, large, 0]);
        },
      ),
    );
  });

  test('the largest integer of each width is unsigned', () => {
    const reader = new Reader(new Uint8Array(18).fill(0xff));
    expect([reader.u8(), reader.u16(), reader.u24(), reader.u32(), reader.u64()]).toEqual([
      0xff,
      0xffff,
      0xffffff,
      0xffffffff,
      2n ** 64n - 1n,
    ]);
  });

  test('an integer that does not fit is refused, not cut', () => {
    const writer = new Writer();
    for (const bad of [256, -1, 1.5, Number.NaN]) expect(() => writer.u8(bad)).toThrow(RangeError);
    expect(() => writer.u32(2 ** 32)).toThrow(RangeError);
    expect(() => writer.u64(2n ** 64n)).toThrow(RangeError);
    expect(() => writer.u64(-1n)).toThrow(RangeError);
  });

  test('reading past the end throws ShortRead with the place and moves nothing', () => {
    const reader = new Reader(new Uint8Array(8), 2, 5);
    reader.u16();
    for (const read of [() => reader.u16(), () => reader.view(2), () => reader.sub(9)]) {
      expect(read).toThrow(ShortRead);
      expect(reader.pos).toBe(4);
    }
    expect(reader.rest().length).toBe(1);
  });

  test('a reader never sees bytes outside of its range', () => {
    const outer = new Reader(Uint8Array.of(1, 2, 3, 4, 5));
    const inner = outer.sub(2);
    expect([...inner.rest()]).toEqual([1, 2]);
    expect([...outer.rest()]).toEqual([3, 4, 5]);
    expect(() => new Reader(new Uint8Array(2), 0, 3)).toThrow(RangeError);
    expect(() => new Reader(new Uint8Array(2), 2, 1)).toThrow(RangeError);
  });

  test('a length prefix holds the size of what is written inside, nested too', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const writer = new Writer(1);
        writer.prefixed(3, () => {
          writer.append(a);
          writer.prefixed(2, () => writer.append(b));
        });
        const reader = new Reader(writer.finish());
        const outer = reader.sub(reader.u24());
        expect(equal(outer.view(a.length), a)).toBe(true);
        expect(equal(outer.view(outer.u16()), b)).toBe(true);
        expect([outer.remaining, reader.remaining]).toEqual([0, 0]);
      }),
    );
  });

  test('a body too long for its length prefix is refused', () => {
    const writer = new Writer();
    expect(() => writer.prefixed(1, () => writer.append(new Uint8Array(256)))).toThrow(RangeError);
  });
});
