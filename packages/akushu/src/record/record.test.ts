import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, equal, fromUtf8, toHex } from '../bytes/index.js';
import { nodeProvider } from '../crypto/node.js';
import { portableProvider } from '../crypto/portable.js';
import type { Aead, Provider } from '../crypto/provider.js';
import { TlsError } from '../errors.js';
import { TrafficSecret } from '../keys/index.js';
import { type AeadName, ContentType } from '../registry/index.js';
import {
  HEADER_LENGTH,
  MAX_CIPHERTEXT_13,
  MAX_PLAINTEXT,
  MessageJoiner,
  Opener13,
  RecordLayer,
  RecordReader,
  recordLimit,
  Sealer13,
} from './index.js';

const codeFrom = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof TlsError) return error.code;
    throw error;
  }
  return 'nothing';
};

const record = (type: number, fragment: Uint8Array, version = 0x0303): Uint8Array =>
  concat(
    Uint8Array.of(type, version >> 8, version & 0xff, fragment.length >> 8, fragment.length & 0xff),
    fragment,
  );

const secretFor = (aead: AeadName, provider: Provider = nodeProvider): TrafficSecret =>
  new TrafficSecret(provider, { hash: 'sha256', aead }, new Uint8Array(32).fill(9));

/** Cuts bytes at the given places, each modulo what is left. */
function* cut(bytes: Uint8Array, places: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = 1 + (places.length === 0 ? bytes.length : places[i % places.length]!);
    yield bytes.slice(at, at + size);
    at += size;
  }
}

describe('RecordReader', () => {
  const someRecords = fc.array(fc.tuple(fc.constantFrom(20, 21, 22, 23), fc.uint8Array({ maxLength: 40 })), {
    minLength: 1,
    maxLength: 6,
  });

  test('however the stream is cut, the records are the same', () => {
    fc.assert(
      fc.property(someRecords, fc.array(fc.nat(30), { maxLength: 5 }), (records, places) => {
        const stream = concat(...records.map(([type, fragment]) => record(type, fragment)));
        const reader = new RecordReader();
        const seen: string[] = [];
        for (const chunk of cut(stream, places)) {
          reader.push(chunk);
          for (let next = reader.next(); next; next = reader.next()) seen.push(toHex(next.bytes));
          reader.detach();
          // The caller may reuse its chunk.
          chunk.fill(0xee);
        }
        expect(seen).toEqual(records.map(([type, fragment]) => toHex(record(type, fragment))));
        expect(reader.midRecord).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('a record that has not ended is known to be under way', () => {
    const reader = new RecordReader();
    reader.push(record(22, new Uint8Array(3)).subarray(0, 6));
    expect(reader.next()).toBeUndefined();
    expect(reader.midRecord).toBe(true);
  });

  test('a fragment above the limit is refused as soon as its header is there', () => {
    const reader = new RecordReader();
    reader.push(Uint8Array.of(22, 3, 3, 0x40, 0x01));
    expect(codeFrom(() => reader.next())).toBe('record_too_long');
    const larger = new RecordReader();
    larger.maxFragment = MAX_CIPHERTEXT_13;
    larger.push(Uint8Array.of(23, 3, 3, MAX_CIPHERTEXT_13 >> 8, MAX_CIPHERTEXT_13 & 0xff));
    expect(codeFrom(() => larger.next())).toBe('nothing');
    const largest = new RecordReader();
    largest.maxFragment = MAX_CIPHERTEXT_13;
    largest.push(Uint8Array.of(23, 3, 3, MAX_CIPHERTEXT_13 >> 8, (MAX_CIPHERTEXT_13 & 0xff) + 1));
    expect(codeFrom(() => largest.next())).toBe('record_too_long');
  });

  test('the limit holds for a header that comes a byte at a time', () => {
    const reader = new RecordReader();
    const code = [22, 3, 3, 0xff, 0xff].map((byte) => {
      reader.push(Uint8Array.of(byte));
      return codeFrom(() => reader.next());
    });
    expect(code).toEqual(['nothing', 'nothing', 'nothing', 'nothing', 'record_too_long']);
  });

  test('what speaks HTTP is told apart from what is no TLS at all', () => {
    for (const start of ['GET / HTTP/1.1\r\n', 'HTTP/1.1 400 Bad Request', 'POST /x', 'PRI * HTTP/2.0']) {
      const reader = new RecordReader();
      reader.push(fromUtf8(start));
      expect(codeFrom(() => reader.next())).toBe('not_tls_http');
    }
    for (const start of [
      'SSH-2.0-OpenSSH',
      '220 mail.example',
      '\x16\x04\x00\x00\x00',
      '\x13\x03\x03\x00\x00',
    ]) {
      const reader = new RecordReader();
      reader.push(fromUtf8(start));
      expect(codeFrom(() => reader.next())).toBe('not_tls');
    }
  });

  test('after the first record a strange version or type has an error of its own', () => {
    for (const [bytes, code] of [
      [Uint8Array.of(22, 2, 3, 0, 0), 'wrong_record_version'],
      [Uint8Array.of(99, 3, 3, 0, 0), 'unknown_record_type'],
    ] as const) {
      const reader = new RecordReader();
      reader.push(concat(record(22, Uint8Array.of(1)), bytes));
      reader.next();
      expect(codeFrom(() => reader.next())).toBe(code);
    }
  });

  test('pushing before the records of the last chunk were taken is a mistake of the caller', () => {
    const reader = new RecordReader();
    reader.push(record(22, Uint8Array.of(1)));
    expect(() => reader.push(new Uint8Array(1))).toThrow(/still to be taken/);
  });
});

const AEADS = [
  'aes-128-gcm',
  'aes-256-gcm',
  'chacha20-poly1305',
  'aes-128-ccm',
  'aes-128-ccm-8',
] as const satisfies readonly AeadName[];

for (const provider of [nodeProvider, portableProvider]) {
  describe.each(AEADS)(`%s of the ${provider.name} provider`, (aead) => {
    const runs = { numRuns: provider === nodeProvider ? 40 : 8 };

    test('gives back type and content of every record, whatever the padding', () => {
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.constantFrom(21, 22, 23), fc.uint8Array({ maxLength: 100 }), fc.nat(60)), {
            maxLength: 5,
          }),
          (records) => {
            const sealer = new Sealer13(provider, secretFor(aead, provider));
            const opener = new Opener13(provider, secretFor(aead, provider));
            for (const [type, fragment, padding] of records) {
              const out: Uint8Array[] = [];
              sealer.seal(type, fragment, padding, out);
              const bytes = concat(...out);
              const tag = aead.endsWith('ccm-8') ? 8 : 16;
              expect(bytes.length).toBe(HEADER_LENGTH + fragment.length + 1 + padding + tag);
              const opened = opener.open(bytes);
              expect(opened?.type).toBe(type);
              expect(equal(opened!.fragment, fragment)).toBe(true);
            }
            expect(sealer.records).toBe(records.length);
          },
        ),
        runs,
      );
    });

    test('does not open a record of which any byte was changed, and opens the true one afterwards', () => {
      const sealer = new Sealer13(provider, secretFor(aead, provider));
      const opener = new Opener13(provider, secretFor(aead, provider));
      const out: Uint8Array[] = [];
      sealer.seal(23, fromUtf8('hello'), 3, out);
      const bytes = concat(...out);
      for (let at = 0; at < bytes.length; at++) {
        const changed = bytes.slice();
        changed[at]! ^= 0x80;
        expect([at, opener.open(changed)]).toEqual([at, undefined]);
      }
      expect(opener.open(bytes)?.type).toBe(23);
      // A record opens once only: the sequence number has moved on.
      expect(opener.open(bytes)).toBeUndefined();
    });

    test('does not open what is shorter than a tag', () => {
      const opener = new Opener13(provider, secretFor(aead, provider));
      for (const length of [0, 1, 7, 8, 15, 16]) {
        expect(opener.open(record(23, new Uint8Array(length)))).toBeUndefined();
      }
    });
  });
}

/** A provider whose AEAD notes the nonces that it was given. */
function notingNonces(nonces: string[]): Provider {
  return {
    ...nodeProvider,
    aead(name, key): Aead {
      const real = nodeProvider.aead(name, key);
      return {
        tagLength: real.tagLength,
        open: (nonce, aad, sealed) => real.open(nonce, aad, sealed),
        seal(nonce, aad, plaintext) {
          nonces.push(toHex(nonce));
          return real.seal(nonce, aad, plaintext);
        },
      };
    },
  };
}

const atSequence = (protector: object, sequence: number): void => {
  (protector as { keys: { sequence: { value: number } } }).keys.sequence.value = sequence;
};

describe('Sealer13 and Opener13', () => {
  test('no nonce is used twice, and each is the IV with the sequence number XORed in', () => {
    const nonces: string[] = [];
    const secret = secretFor('aes-128-gcm');
    const sealer = new Sealer13(notingNonces(nonces), secret);
    for (let i = 0; i < 700; i++) sealer.seal(23, new Uint8Array(0), 0, []);
    expect(new Set(nonces).size).toBe(700);
    const iv = BigInt(`0x${toHex(secret.iv())}`);
    expect(nonces.map((nonce) => BigInt(`0x${nonce}`) ^ iv)).toEqual(nonces.map((_, i) => BigInt(i)));
  });

  test('sequence numbers above 2^32 reach the upper half of the nonce', () => {
    const nonces: string[] = [];
    const secret = secretFor('aes-128-gcm');
    const sealer = new Sealer13(notingNonces(nonces), secret);
    const places = [2 ** 32 - 1, 2 ** 32, 2 ** 40 + 5, 2 ** 52 + 1];
    for (const place of places) {
      atSequence(sealer, place);
      sealer.seal(23, new Uint8Array(0), 0, []);
    }
    const iv = BigInt(`0x${toHex(secret.iv())}`);
    expect(nonces.map((nonce) => BigInt(`0x${nonce}`) ^ iv)).toEqual(places.map(BigInt));
  });

  test('the last sequence number that can be counted is never used', () => {
    const sealer = new Sealer13(nodeProvider, secretFor('aes-128-gcm'));
    atSequence(sealer, Number.MAX_SAFE_INTEGER);
    const out: Uint8Array[] = [];
    expect(codeFrom(() => sealer.seal(23, new Uint8Array(0), 0, out))).toBe('encryption_limit_reached');
    expect(out).toEqual([]);
  });

  test('a key is worn after as many records as its AEAD allows', () => {
    expect([recordLimit('aes-128-gcm'), recordLimit('aes-128-ccm')]).toEqual([23_726_566, 2 ** 23]);
    expect(recordLimit('chacha20-poly1305')).toBeGreaterThan(2 ** 40);
    const sealer = new Sealer13(nodeProvider, secretFor('aes-128-gcm'), 2);
    const worn = [0, 1, 2].map(() => {
      const now = sealer.worn;
      sealer.seal(23, new Uint8Array(1), 0, []);
      return now;
    });
    expect(worn).toEqual([false, false, true]);
  });

  test('a record of nothing but zeros has no content type', () => {
    const out: Uint8Array[] = [];
    new Sealer13(nodeProvider, secretFor('aes-128-gcm')).seal(0, new Uint8Array(5), 5, out);
    const opener = new Opener13(nodeProvider, secretFor('aes-128-gcm'));
    expect(codeFrom(() => opener.open(concat(...out)))).toBe('missing_content_type');
  });

  test('the plaintext is measured with its type and padding', () => {
    for (const [fragment, padding, code] of [
      [MAX_PLAINTEXT, 0, 'nothing'],
      [MAX_PLAINTEXT - 1, 1, 'nothing'],
      [MAX_PLAINTEXT, 1, 'plaintext_too_long'],
    ] as const) {
      const out: Uint8Array[] = [];
      new Sealer13(nodeProvider, secretFor('aes-128-gcm')).seal(23, new Uint8Array(fragment), padding, out);
      const opener = new Opener13(nodeProvider, secretFor('aes-128-gcm'));
      expect(codeFrom(() => opener.open(concat(...out)))).toBe(code);
    }
  });
});

describe('MessageJoiner', () => {
  const message = (type: number, body: Uint8Array): Uint8Array =>
    concat(Uint8Array.of(type, body.length >> 16, (body.length >> 8) & 0xff, body.length & 0xff), body);

  test('however messages are fragmented or packed, they come out the same', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(255), fc.uint8Array({ maxLength: 50 })), { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(40), { maxLength: 5 }),
        (messages, places) => {
          const stream = concat(...messages.map(([type, body]) => message(type, body)));
          const joiner = new MessageJoiner(() => 1000);
          const seen: Uint8Array[] = [];
          for (const fragment of cut(stream, places)) {
            joiner.push(fragment);
            for (let next = joiner.next(); next; next = joiner.next()) seen.push(next);
            fragment.fill(0xee);
          }
          // Looked at only now: what came out is the caller's to keep.
          expect(seen.map(toHex)).toEqual(messages.map(([type, body]) => toHex(message(type, body))));
          expect([joiner.pending, joiner.peekType()]).toEqual([false, undefined]);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a length above the limit of its type is refused at the header, before any of the body', () => {
    const limits: Record<number, number> = { 1: 10, 11: 20 };
    const joiner = () => new MessageJoiner((type) => limits[type] ?? 0);
    expect(codeFrom(() => joiner().push(Uint8Array.of(1, 0, 0, 10)))).toBe('nothing');
    expect(codeFrom(() => joiner().push(Uint8Array.of(1, 0, 0, 11)))).toBe('message_too_long');
    expect(codeFrom(() => joiner().push(Uint8Array.of(11, 0, 0, 20)))).toBe('nothing');
    expect(codeFrom(() => joiner().push(Uint8Array.of(11, 0xff, 0xff, 0xff)))).toBe('message_too_long');
  });

  test('the limit holds for a second message in the same fragment and for a header in pieces', () => {
    const joiner = new MessageJoiner(() => 3);
    joiner.push(Uint8Array.of(1, 0, 0, 1, 7, 1, 0, 0, 4));
    expect(toHex(joiner.next()!)).toBe('0100000107');
    expect(codeFrom(() => joiner.next())).toBe('message_too_long');
    const slow = new MessageJoiner(() => 3);
    const codes = [1, 0, 0, 4].map((byte) => codeFrom(() => slow.push(Uint8Array.of(byte))));
    expect(codes).toEqual(['nothing', 'nothing', 'nothing', 'message_too_long']);
  });

  test('a message half read is pending, and so is a whole one that was not taken', () => {
    const joiner = new MessageJoiner(() => 10);
    expect(joiner.pending).toBe(false);
    joiner.push(Uint8Array.of(20));
    expect([joiner.pending, joiner.peekType(), joiner.next()]).toEqual([true, 20, undefined]);
    joiner.push(Uint8Array.of(0, 0, 0));
    expect(joiner.pending).toBe(true);
    joiner.next();
    expect(joiner.pending).toBe(false);
  });

  test('no more is kept than the message that was announced, however small its fragments', () => {
    const joiner = new MessageJoiner(() => 60_000);
    joiner.push(Uint8Array.of(11, 0, 0xea, 0x60));
    for (let i = 0; i < 60_000 / 100 - 1; i++) joiner.push(new Uint8Array(100));
    const held = (joiner as unknown as { buffer: Uint8Array }).buffer.length;
    expect(held).toBeLessThanOrEqual(60_004);
    joiner.push(new Uint8Array(100));
    expect(joiner.next()?.length).toBe(60_004);
  });
});

describe('RecordLayer', () => {
  const layers = () => {
    const sender = new RecordLayer(100, undefined);
    const receiver = new RecordLayer(100, undefined);
    return { sender, receiver };
  };
  const sent = (layer: RecordLayer): Uint8Array => concat(...layer.takeOutput(), new Uint8Array(0));

  test('a flight of messages goes into one record where it fits', () => {
    const { sender } = layers();
    sender.sendMessage(Uint8Array.of(1, 0, 0, 0));
    sender.sendMessage(Uint8Array.of(2, 0, 0, 0));
    expect(toHex(sent(sender))).toBe('16030100080100000002000000');
  });

  test('a key change, or a record of another type, ends the record of messages', () => {
    const { sender } = layers();
    sender.sendMessage(Uint8Array.of(1, 0, 0, 0));
    sender.send(ContentType.alert, Uint8Array.of(1, 0));
    sender.sendMessage(Uint8Array.of(2, 0, 0, 0));
    sender.writeWith(new Sealer13(nodeProvider, secretFor('aes-128-gcm')));
    expect(toHex(sent(sender))).toBe('160301000401000000' + '15030300020100' + '160303000402000000');
  });

  test('long data goes out in records of at most the limit, sealed or not, and comes back whole', () => {
    fc.assert(
      fc.property(fc.integer({ min: 63, max: 500 }), fc.nat(3000), fc.boolean(), (limit, size, isSealed) => {
        const { sender, receiver } = layers();
        sender.sendLimit = limit;
        if (isSealed) {
          sender.writeWith(new Sealer13(nodeProvider, secretFor('aes-128-gcm')));
          receiver.agreeOn13();
          receiver.readWith(new Opener13(nodeProvider, secretFor('aes-128-gcm')));
        }
        const data = new Uint8Array(size).map((_, i) => i & 0xff);
        sender.send(ContentType.handshake, data);
        receiver.push(sent(sender));
        const pieces: Uint8Array[] = [];
        for (let next = receiver.next(); next; next = receiver.next()) {
          expect(next.fragment.length).toBeLessThanOrEqual(limit);
          expect(next.protected).toBe(isSealed);
          pieces.push(next.fragment);
        }
        expect(equal(concat(...pieces, new Uint8Array(0)), data)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('padding never makes a record longer than the peer takes', () => {
    const sender = new RecordLayer(0, () => 1e9);
    sender.sendLimit = 100;
    sender.writeWith(new Sealer13(nodeProvider, secretFor('aes-128-gcm')));
    sender.send(ContentType.application_data, new Uint8Array(30));
    expect(sent(sender).length).toBe(5 + 100 + 1 + 16);
  });

  test.each([Number.NaN, -5, 0.5, Number.NEGATIVE_INFINITY])('a padding of %s is none', (padding) => {
    const sender = new RecordLayer(0, () => padding);
    sender.writeWith(new Sealer13(nodeProvider, secretFor('aes-128-gcm')));
    sender.send(ContentType.application_data, new Uint8Array(30));
    expect(sent(sender).length).toBe(5 + 30 + 1 + 16);
  });

  test('protected data before there are keys is refused, and records that do not open are bad_record_mac', () => {
    const { receiver } = layers();
    receiver.push(record(23, new Uint8Array(40)));
    expect(codeFrom(() => receiver.next())).toBe('unexpected_application_data');
    const other = layers().receiver;
    other.readWith(new Opener13(nodeProvider, secretFor('aes-128-gcm')));
    other.push(record(23, new Uint8Array(40)));
    expect(codeFrom(() => other.next())).toBe('bad_record_mac');
  });

  test('early data that does not open is skipped up to the limit, and only until something opens', () => {
    const start = (): RecordLayer => {
      const { receiver } = layers();
      receiver.readWith(new Opener13(nodeProvider, secretFor('aes-128-gcm')));
      receiver.skipEarlyData('decrypts');
      return receiver;
    };
    const out: Uint8Array[] = [];
    new Sealer13(nodeProvider, secretFor('aes-128-gcm')).seal(22, Uint8Array.of(1), 0, out);
    const junk = record(23, new Uint8Array(40));
    const patient = start();
    patient.push(concat(junk, junk, ...out, junk));
    expect(patient.next()?.type).toBe(22);
    expect(codeFrom(() => patient.next())).toBe('bad_record_mac');
    const flooded = start();
    flooded.push(concat(junk, junk, junk));
    expect(codeFrom(() => flooded.next())).toBe('too_much_skipped_data');
  });

  test('once TLS 1.3 is agreed on, records say 0x0303', () => {
    const { receiver } = layers();
    receiver.agreeOn13();
    receiver.push(record(22, new Uint8Array(1), 0x0301));
    expect(codeFrom(() => receiver.next())).toBe('wrong_record_version');
  });

  test('a plaintext record may not be as long as a protected one', () => {
    const { receiver } = layers();
    receiver.agreeOn13();
    receiver.push(record(22, new Uint8Array(MAX_PLAINTEXT + 1)));
    expect(codeFrom(() => receiver.next())).toBe('record_too_long');
  });
});
