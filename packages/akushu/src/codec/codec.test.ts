import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodes, rangeFault } from '../../test/support/hellos.js';
import { toHex, toLatin1 } from '../bytes/index.js';
import { TlsError } from '../errors.js';
import {
  annotate,
  type Codec,
  checked,
  decode,
  dependent,
  empty,
  encode,
  enumerated,
  fixed,
  opaque,
  optional,
  remainder,
  select,
  struct,
  uint8,
  uint16,
  uint24,
  uint32,
  vector,
  wireName,
} from './index.js';

const colour = enumerated('Colour', 2, (code) => ({ 1: 'red', 2: 'green' })[code]);
const point = struct('Point', 'RFC 0 §1', { xAxis: uint8, yAxis: uint16 });
const tagged = select<string, unknown>('Tagged', uint8, (tag) =>
  tag === 1 ? { kind: 'point', codec: point } : { kind: 'other', codec: opaque(0, 255) },
);
const message = struct('Message', 'RFC 0 §2', {
  kind: colour,
  fixedPart: fixed(3),
  points: vector(point, 0, 0xffff),
  choice: tagged,
  body: dependent<{ kind: number }, unknown>('Body', (parent) => (parent.kind === 1 ? uint32 : empty)),
  last: optional(vector(opaque(1, 255), 0, 0xffff)),
});

const anyPoint = fc.record({ xAxis: fc.nat(255), yAxis: fc.nat(65_535) });
const anyBytes = (min: number, max: number) => fc.uint8Array({ minLength: min, maxLength: max });

const anyMessage = fc.nat(3).chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    fixedPart: anyBytes(3, 3),
    points: fc.array(anyPoint, { maxLength: 4 }),
    choice: fc.oneof(
      anyPoint.map((value) => ({ tag: 1, kind: 'point', value: value as unknown })),
      anyBytes(0, 5).map((value) => ({ tag: 9, kind: 'other', value: value as unknown })),
    ),
    body: kind === 1 ? fc.nat(0xffffffff) : fc.constant(true as const),
    last: fc.option(fc.array(anyBytes(1, 4), { maxLength: 3 }), { nil: undefined }),
  }),
);

const roundTrip = <T>(codec: Codec<T>, value: T): void =>
  expect(decode(codec, encode(codec, value))).toEqual(value);

const codeFrom = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof TlsError) return error.code;
    throw error;
  }
  return 'nothing';
};

describe('round trips', () => {
  test('integers and enumerateds come back, unknown code points among them', () => {
    fc.assert(
      fc.property(fc.nat(0xff), fc.nat(0xffff), fc.nat(0xffffff), fc.nat(0xffffffff), (a, b, c, d) => {
        roundTrip(uint8, a);
        roundTrip(uint16, b);
        roundTrip(uint24, c);
        roundTrip(uint32, d);
        roundTrip(colour, b);
      }),
    );
  });

  test('opaque data and vectors come back for each width of the length', () => {
    fc.assert(
      fc.property(anyBytes(0, 200), fc.array(fc.nat(0xffff), { maxLength: 50 }), (data, items) => {
        for (const max of [255, 0xffff, 0xffffff]) {
          roundTrip(opaque(0, max), data);
          roundTrip(vector(uint16, 0, max), items);
        }
        roundTrip(fixed(data.length), data);
        roundTrip(remainder, data);
      }),
    );
  });

  test('a structure of everything comes back', () => {
    fc.assert(
      fc.property(anyMessage, (value) => {
        roundTrip(message, value);
      }),
    );
  });

  test('what is empty takes no bytes', () => {
    expect(encode(empty, true).length).toBe(0);
    expect(decode(empty, new Uint8Array(0))).toBe(true);
  });
});

describe('what does not fit', () => {
  test('every proper prefix of a structure without optional end is malformed_message', () => {
    fc.assert(
      fc.property(anyPoint, fc.array(anyPoint, { maxLength: 5 }), (first, rest) => {
        const codec = struct('Two', '', { first: point, rest: vector(point, 0, 255) });
        const whole = encode(codec, { first, rest });
        for (let length = 0; length < whole.length; length++) {
          expect(codeFrom(() => decode(codec, whole.subarray(0, length)))).toBe('malformed_message');
        }
      }),
    );
  });

  test('bytes left over are malformed_message', () => {
    expect(codeFrom(() => decode(uint16, new Uint8Array(3)))).toBe('malformed_message');
    expect(codeFrom(() => decode(empty, new Uint8Array(1)))).toBe('malformed_message');
  });

  test('a vector whose length is no multiple of its items is malformed_message', () => {
    expect(codeFrom(() => decode(vector(uint16, 0, 255), Uint8Array.of(3, 0, 0, 0)))).toBe(
      'malformed_message',
    );
  });

  test('lengths outside of the bounds are refused in both directions', () => {
    const codec = opaque(2, 4);
    for (const length of [0, 1, 5]) {
      expect(codeFrom(() => decode(codec, Uint8Array.of(length, ...new Uint8Array(length))))).toBe(
        'malformed_message',
      );
      expect(() => encode(codec, new Uint8Array(length))).toThrow(RangeError);
    }
    expect(() => encode(vector(uint16, 2, 4), [])).toThrow(RangeError);
    expect(() => encode(vector(uint16, 2, 4), [1, 2, 3])).toThrow(RangeError);
    expect(() => encode(fixed(2), new Uint8Array(3))).toThrow(RangeError);
  });

  test('a vector never reads past its own length into what follows', () => {
    const codec = struct('Pair', '', { items: vector(opaque(0, 255), 0, 255), next: uint8 });
    expect(codeFrom(() => decode(codec, Uint8Array.of(2, 5, 0, 0, 0, 0, 0, 0)))).toBe('malformed_message');
  });

  test('checked refuses with its own code', () => {
    const even = checked(uint8, (value) => (value % 2 === 0 ? undefined : 'bad_record_size_limit'));
    expect(decode(even, Uint8Array.of(2))).toBe(2);
    expect(codeFrom(() => decode(even, Uint8Array.of(3)))).toBe('bad_record_size_limit');
    expect(annotate(even, Uint8Array.of(3), 'even').error).toBe('bad_record_size_limit');
  });

  test('whatever the bytes are, decoding throws TlsError or nothing', () => {
    fc.assert(
      fc.property(anyBytes(0, 60), (bytes) => {
        codeFrom(() => decode(message, bytes));
      }),
      { numRuns: 500 },
    );
  });
});

describe('annotated trees', () => {
  test('ranges of a valid structure nest, follow one another and cover everything', () => {
    fc.assert(
      fc.property(anyMessage, (value) => {
        const bytes = encode(message, value);
        const tree = annotate(message, bytes, 'message');
        expect(tree.error).toBeUndefined();
        expect([tree.start, tree.end]).toEqual([0, bytes.length]);
        expect(rangeFault(tree)).toBeUndefined();
      }),
    );
  });

  test('whatever the bytes are, the tree says the same as the decoder and stays within them', () => {
    fc.assert(
      fc.property(anyBytes(0, 60), (bytes) => {
        const code = codeFrom(() => decode(message, bytes));
        const tree = annotate(message, bytes, 'message');
        expect(tree.error ?? 'nothing').toBe(code);
        for (const node of nodes(tree)) {
          expect(node.start).toBeLessThanOrEqual(node.end);
          expect(node.end).toBeLessThanOrEqual(bytes.length);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('values are said as a reader of the RFC would say them', () => {
    const tree = annotate(
      struct('Shown', 'RFC 0 §3', {
        legacyVersion: colour,
        unknownColour: colour,
        hostName: opaque(1, 255, toLatin1),
        someData: opaque(0, 255),
        total: uint16,
      }),
      Uint8Array.of(0, 1, 0, 9, 2, 0x68, 0x69, 1, 0xfe, 1, 0),
      'shown',
    );
    expect(tree.children.map((child) => [child.name, child.value, child.start, child.end])).toEqual([
      ['legacy_version', 'red (0x0001)', 0, 2],
      ['unknown_colour', '0x0009', 2, 4],
      ['host_name', 'hi', 4, 7],
      ['some_data', 'fe', 7, 9],
      ['total', '256', 9, 11],
    ]);
    expect(tree.rfc).toBe('RFC 0 §3');
  });

  test('code points keep the name of their type', () => {
    expect(annotate(colour, Uint8Array.of(0, 1), 'colour').type).toBe('Colour');
    expect(annotate(vector(colour, 0, 255), Uint8Array.of(2, 0, 1), 'colours').type).toBe('Colour<0..255>');
  });

  test('long data is shown in part only', () => {
    const bytes = Uint8Array.of(0, 200, ...new Uint8Array(200).fill(1));
    expect(annotate(opaque(0, 0xffff), bytes, 'data').value).toBe(`${toHex(new Uint8Array(64).fill(1))}…`);
  });

  test('what is left over is a node of its own with an error', () => {
    const tree = annotate(point, Uint8Array.of(1, 0, 2, 9, 9), 'point');
    expect(tree.error).toBe('malformed_message');
    expect(tree.children.at(-1)).toMatchObject({ name: 'trailing bytes', start: 3, end: 5, value: '0909' });
  });

  test('what could be read before the fault is shown', () => {
    const tree = annotate(point, Uint8Array.of(1, 0), 'point');
    expect(tree.children.map((child) => child.error)).toEqual([undefined, 'malformed_message']);
  });

  test('wire names are those of the RFC', () => {
    expect([wireName('legacySessionIdEcho'), wireName('random')]).toEqual([
      'legacy_session_id_echo',
      'random',
    ]);
  });
});
