import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../bytes/index.js';
import type { AnnotatedNode } from '../../codec/codec.js';
import {
  annotateDer,
  any,
  bitString,
  boolean,
  choice,
  type Der,
  decodeDer,
  encodeDer,
  explicit,
  generalizedTime,
  ia5String,
  implicit,
  integer,
  MAX_DEPTH,
  namedBits,
  nullValue,
  objectIdentifier,
  octetString,
  oidFromBytes,
  oidToBytes,
  optional,
  sequence,
  sequenceOf,
  setOf,
  smallInteger,
  utcTime,
  utf8String,
  withDefault,
  X509Error,
} from './index.js';

const oid = objectIdentifier(() => undefined);

function ruleOf(der: Der<unknown>, hex: string): string {
  try {
    decodeDer(der, fromHex(hex));
    return 'accepted';
  } catch (error) {
    if (error instanceof X509Error) return error.rule;
    throw error;
  }
}

describe('lengths', () => {
  test.each([
    ['an indefinite one', '3080 0500 0000', 'indefinite_length'],
    ['one padded to the long form', '0481 01 00', 'length_not_minimal'],
    ['one with a leading zero', '0482 0080', 'length_not_minimal'],
    ['one of five bytes', '0485 0100000000', 'length_too_large'],
    ['the reserved one', '04ff', 'length_too_large'],
    ['one of four gigabytes', '0484 ffffffff 00', 'truncated'],
    ['one that goes beyond the end', '0402 00', 'truncated'],
    ['none at all', '04', 'truncated'],
    ['one followed by more bytes', '0401 00 00', 'trailing_bytes'],
  ])('%s is refused', (_, hex, rule) => {
    expect(ruleOf(any, hex)).toBe(rule);
  });

  test('a high tag number is refused', () => {
    expect(ruleOf(any, '1f8101 00')).toBe('high_tag_number');
  });

  test.each([0, 1, 127, 128, 255, 256, 65_535, 65_536])(
    '%i bytes survive encoding and decoding',
    (length) => {
      const value = new Uint8Array(length).fill(7);
      expect(decodeDer(octetString, encodeDer(octetString, value))).toEqual(value);
    },
  );
});

describe('values', () => {
  test.each<[string, Der<unknown>, string, string]>([
    ['a TRUE that is not ff', boolean, '0101 01', 'boolean_not_canonical'],
    ['a BOOLEAN of two bytes', boolean, '0102 ffff', 'trailing_bytes'],
    ['an empty BOOLEAN', boolean, '0100', 'truncated'],
    ['an empty INTEGER', integer, '0200', 'integer_empty'],
    ['a padded INTEGER', integer, '0202 007f', 'integer_not_minimal'],
    ['a padded negative INTEGER', integer, '0202 ff80', 'integer_not_minimal'],
    ['a negative small INTEGER', smallInteger, '0201 ff', 'integer_out_of_range'],
    ['a small INTEGER of 33 bits', smallInteger, '0205 0100000000', 'integer_out_of_range'],
    ['a NULL with content', nullValue, '0501 00', 'null_not_empty'],
    ['a BIT STRING without content', bitString, '0300', 'truncated'],
    ['an empty BIT STRING with unused bits', bitString, '0301 01', 'bit_string_malformed'],
    ['eight unused bits', bitString, '0302 0800', 'bit_string_malformed'],
    ['unused bits that are set', bitString, '0302 0101', 'bit_string_malformed'],
    ['an empty OBJECT IDENTIFIER', oid, '0600', 'oid_malformed'],
    ['an arc with leading zeros', oid, '0603 2a8001', 'oid_malformed'],
    ['an arc that does not end', oid, '0602 2a81', 'oid_malformed'],
    ['an IA5String beyond ASCII', ia5String, '1601 e9', 'string_malformed'],
    ['a UTF8String that is none', utf8String, '0c01 e9', 'string_malformed'],
  ])('%s is refused', (_, der, hex, rule) => {
    expect(ruleOf(der, hex)).toBe(rule);
  });

  const time = (tag: string, text: string) =>
    tag + toHex(Uint8Array.of(text.length)) + toHex(Buffer.from(text));

  test.each([
    '2401010000Z',
    '240101000000',
    '240101000000+0000',
    '240230000000Z',
    '240101240000Z',
    '240101006000Z',
    '240101000060Z',
    '241301000000Z',
    '240100000000Z',
    '24010100000 Z',
  ])('UTCTime %s is refused', (text) => {
    expect(ruleOf(utcTime, time('17', text))).toBe('time_malformed');
  });

  test.each(['20240101000000.5Z', '20240101000000', '20230229000000Z', '202401010000Z'])(
    'GeneralizedTime %s is refused',
    (text) => {
      expect(ruleOf(generalizedTime, time('18', text))).toBe('time_malformed');
    },
  );

  test('two-digit years turn at 50', () => {
    expect(decodeDer(utcTime, fromHex(time('17', '491231235959Z')))).toBe(Date.UTC(2049, 11, 31, 23, 59, 59));
    expect(decodeDer(utcTime, fromHex(time('17', '500101000000Z')))).toBe(Date.UTC(1950, 0, 1));
  });

  test('times survive encoding and decoding', () => {
    const seconds = fc.integer({ min: Date.UTC(1950, 0, 1) / 1000, max: Date.UTC(2049, 11, 31) / 1000 });
    fc.assert(
      fc.property(seconds, (second) => {
        expect(decodeDer(utcTime, encodeDer(utcTime, second * 1000))).toBe(second * 1000);
        expect(decodeDer(generalizedTime, encodeDer(generalizedTime, second * 1000))).toBe(second * 1000);
      }),
    );
  });

  test('arcs beyond 32 and 64 bits are kept exactly', () => {
    const text = '2.999.4294967296.9007199254740993.340282366920938463463374607431768211456.1';
    expect(oidFromBytes(oidToBytes(text))).toBe(text);
    expect(oidFromBytes(fromHex('2a864886f70d'))).toBe('1.2.840.113549');
    expect(() => oidFromBytes(new Uint8Array(129).fill(0xff))).toThrow(X509Error);
  });

  test('object identifiers survive decoding and encoding', () => {
    const arc = fc.bigInt({ min: 0n, max: 1n << 80n });
    fc.assert(
      fc.property(
        fc.constantFrom(0n, 1n, 2n),
        arc,
        fc.array(arc, { maxLength: 6 }),
        (first, second, rest) => {
          const text = [first, first < 2n ? second % 40n : second, ...rest].join('.');
          expect(oidFromBytes(oidToBytes(text))).toBe(text);
        },
      ),
    );
  });

  test('small integers survive encoding and decoding', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), (value) => {
        expect(decodeDer(smallInteger, encodeDer(smallInteger, value))).toBe(value);
      }),
    );
  });

  test('named bits are written without trailing zeros and read in order', () => {
    const bits = namedBits(['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']);
    expect(toHex(encodeDer(bits, 0b1))).toBe('03020780');
    expect(toHex(encodeDer(bits, 0b110_0000))).toBe('03020106');
    expect(toHex(encodeDer(bits, 0))).toBe('030100');
    expect(toHex(encodeDer(bits, 1 << 8))).toBe('0303070080');
    for (const value of [0, 1, 0x1ff, 0x100, 0x60])
      expect(decodeDer(bits, encodeDer(bits, value))).toBe(value);
    expect(annotateDer(bits, fromHex('03020106'), 'usage').value).toBe('five, six');
    expect(ruleOf(bits, '0306 00 0000000001')).toBe('bit_string_malformed');
  });
});

describe('structures', () => {
  const pair = sequence('Pair', 'RFC 0 §0', {
    flag: withDefault(boolean, false),
    number: smallInteger,
    extra: optional(implicit(0, octetString)),
    more: optional(explicit(1, sequenceOf(smallInteger, 1))),
  });

  test('what is left out takes its default, or undefined', () => {
    expect(decodeDer(pair, fromHex('3003 020105'))).toEqual({
      flag: false,
      number: 5,
      extra: undefined,
      more: undefined,
    });
  });

  test('a value survives encoding and decoding', () => {
    const value = { flag: true, number: 300, extra: Uint8Array.of(1), more: [1, 2] };
    expect(decodeDer(pair, encodeDer(pair, value))).toEqual(value);
  });

  test.each([
    ['an encoded default', '3006 010100 020105', 'encoded_default', 'flag'],
    ['a missing field', '3000', 'missing_field', 'number'],
    ['fields in the wrong order', '3006 020105 0101ff', 'trailing_bytes', ''],
    ['an element too many', '3006 020105 020105', 'trailing_bytes', ''],
    ['an empty SEQUENCE OF that may not be', '3007 020105 a102 3000', 'too_few_elements', 'more'],
    [
      'something beside the content of an explicit tag',
      '300c 020105 a107 3003020101 0500',
      'trailing_bytes',
      'more',
    ],
    ['a bad element deep inside', '300a 020105 a105 3003 020181', 'integer_out_of_range', 'more.0'],
  ])('%s is refused, with its place', (_, hex, rule, field) => {
    let caught: unknown;
    try {
      decodeDer(pair, fromHex(hex));
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(X509Error);
    expect(caught).toMatchObject({ rule, field });
  });

  test('the elements of a SET OF stand in order', () => {
    const set = setOf(smallInteger);
    expect(decodeDer(set, fromHex('3106 020101 020102'))).toEqual([1, 2]);
    expect(ruleOf(set, '3106 020102 020101')).toBe('set_not_sorted');
    expect(toHex(encodeDer(set, [2, 1]))).toBe('3106020101020102');
  });

  test('a CHOICE is told by its tag', () => {
    const either = choice('Either', 'RFC 0 §0', { number: smallInteger, flag: boolean });
    expect(decodeDer(either, fromHex('020107'))).toEqual({ kind: 'number', value: 7 });
    expect(ruleOf(either, '0500')).toBe('wrong_tag');
    expect(ruleOf(either, '')).toBe('missing_field');
  });
});

describe('annotation', () => {
  const nested = (depth: number): Uint8Array => {
    let bytes = fromHex('0500');
    for (let i = 0; i < depth; i++) bytes = encodeDer(sequenceOf(any), [bytes]);
    return bytes;
  };

  const hasError = (node: AnnotatedNode): boolean => node.error !== undefined || node.children.some(hasError);

  test('elements of unknown shape are opened down to the limit of depth, and no further', () => {
    expect(hasError(annotateDer(any, nested(MAX_DEPTH), 'x'))).toBe(false);
    expect(hasError(annotateDer(any, nested(MAX_DEPTH + 1), 'x'))).toBe(true);
    expect(hasError(annotateDer(any, nested(5_000), 'x'))).toBe(true);
  });

  test('it never throws, and reports an error exactly where decoding throws', () => {
    const shape = sequence('Shape', 'RFC 0 §0', {
      flag: withDefault(boolean, false),
      name: choice('Name', 'RFC 0 §0', { text: utf8String, number: smallInteger }),
      list: optional(sequenceOf(oid, 1)),
    });
    const good = encodeDer(shape, {
      flag: true,
      name: { kind: 'text', value: 'ab' },
      list: ['1.2.3', '2.5.4.3'],
    });
    const mutated = fc
      .tuple(fc.nat(good.length - 1), fc.nat(255))
      .map(([at, byte]) => good.map((old, i) => (i === at ? byte : old)));
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 40 })), (bytes) => {
        let failed = false;
        try {
          decodeDer(shape, bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(X509Error);
          failed = true;
        }
        expect(hasError(annotateDer(shape, bytes, 'shape'))).toBe(failed);
      }),
      { numRuns: 1_000 },
    );
  });
});
