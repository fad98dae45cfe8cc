import { createCipheriv, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConversation } from '../../test/support/pcap.js';
import { ABSENT, hasShared, shared } from '../../test/support/shared.js';
import { concat, fromHex, toHex } from '../bytes/index.js';
import { nodeProvider } from '../crypto/node.js';
import { portableProvider } from '../crypto/portable.js';
import type { Hash, Provider } from '../crypto/provider.js';
import { HASH_LENGTH } from '../crypto/schemes.js';
import { TlsError } from '../errors.js';
import {
  AEAD_KEY_LENGTH,
  type Cipher12,
  cipherOf,
  type DirectionKeys,
  MasterSecret12,
} from '../keys/index.js';
import { decodeBody } from '../messages/index.js';
import { type CbcName, ContentType, cipherSuiteByCode, type HashName } from '../registry/index.js';
import {
  HEADER_LENGTH,
  MAX_CIPHERTEXT_12,
  MAX_PLAINTEXT,
  opener12,
  RecordLayer,
  RecordReader,
  type Sealer,
  sealer12,
} from './index.js';

const HANDSHAKE = ContentType.handshake;
const DATA = ContentType.application_data;

const CBC_KEYS: Readonly<Record<CbcName, readonly [number, number]>> = {
  'aes-128-cbc': [16, 16],
  'aes-256-cbc': [32, 16],
  '3des-ede-cbc': [24, 8],
  'camellia-128-cbc': [16, 16],
  'camellia-256-cbc': [32, 16],
  'aria-128-cbc': [16, 16],
  'aria-256-cbc': [32, 16],
};

const filled = (length: number, first: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (first + 7 * i) & 0xff);

function keysFor(cipher: Cipher12, version: number): DirectionKeys {
  const iv = (): number => {
    if (cipher.kind === 'aead') return cipher.aead === 'chacha20-poly1305' ? 12 : 4;
    return cipher.kind === 'cbc' && version === 0x0301 ? CBC_KEYS[cipher.cbc][1] : 0;
  };
  const key = (): number => {
    if (cipher.kind === 'aead') return AEAD_KEY_LENGTH[cipher.aead];
    return cipher.kind === 'cbc' ? CBC_KEYS[cipher.cbc][0] : 0;
  };
  return {
    version,
    cipher,
    macKey: filled(cipher.kind === 'aead' ? 0 : HASH_LENGTH[cipher.mac], 3),
    key: filled(key(), 1),
    iv: filled(iv(), 5),
  };
}

interface Kind {
  readonly name: string;
  readonly keys: DirectionKeys;
}

function nameOf(cipher: Cipher12): string {
  if (cipher.kind === 'aead') return cipher.aead;
  if (cipher.kind === 'null') return `NULL with ${cipher.mac}`;
  return `${cipher.cbc} ${cipher.encryptThenMac ? 'then' : 'with'} ${cipher.mac}`;
}

function* allKinds(provider: Provider): Generator<Kind> {
  const one = (cipher: Cipher12, version: number): Kind => ({
    name: `${nameOf(cipher)}, TLS 1.${version - 0x0301}`,
    keys: keysFor(cipher, version),
  });
  for (const aead of provider.aeads) yield one({ kind: 'aead', aead }, 0x0303);
  for (const version of [0x0301, 0x0302, 0x0303]) {
    for (const cbc of provider.cbcCiphers) {
      for (const mac of ['sha1', 'sha256', 'sha384'] as const) {
        for (const encryptThenMac of [false, true])
          yield one({ kind: 'cbc', cbc, mac, encryptThenMac }, version);
      }
    }
    for (const mac of ['md5', 'sha1', 'sha256', 'sha384'] as const) yield one({ kind: 'null', mac }, version);
  }
}

const KINDS = [...allKinds(nodeProvider)];
/** One of each way to protect, in each version: for what does not depend on the cipher itself. */
const FEW = KINDS.filter(({ keys: { cipher } }) => {
  if (cipher.kind === 'aead')
    return ['aes-128-gcm', 'chacha20-poly1305', 'aes-128-ccm-8'].includes(cipher.aead);
  if (cipher.kind === 'null') return cipher.mac === 'sha1';
  return ['aes-128-cbc', '3des-ede-cbc'].includes(cipher.cbc) && cipher.mac !== 'sha384';
});
const CBC = KINDS.filter(({ keys }) => keys.cipher.kind === 'cbc');

const sealerFor = ({ keys }: Kind, provider: Provider = nodeProvider): Sealer =>
  sealer12(provider, keys, provider.random);
const openerFor = ({ keys }: Kind, provider: Provider = nodeProvider) => opener12(provider, keys);

function sealed(sealer: Sealer, type: number, fragment: Uint8Array): Uint8Array {
  const out: Uint8Array[] = [];
  const length = sealer.seal(type, fragment, 0, out);
  const record = concat(...out);
  expect(record.length).toBe(length);
  return record;
}

const codeFrom = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof TlsError) return error.code;
    throw error;
  }
  return 'nothing';
};

describe('a protected record', () => {
  test('is opened by the peer, whatever the cipher, the version and the size', () => {
    const sizes = [0, 1, 15, 16, 17, 31, 255, 1000];
    for (const kind of KINDS) {
      const [sealer, opener] = [sealerFor(kind), openerFor(kind)];
      for (const size of sizes) {
        const fragment = filled(size, size);
        const record = sealed(sealer, DATA, fragment);
        expect([kind.name, [...record.subarray(0, 3)]]).toEqual([
          kind.name,
          [DATA, 3, kind.keys.version & 0xff],
        ]);
        expect((record[3]! << 8) | record[4]!).toBe(record.length - HEADER_LENGTH);
        expect([kind.name, opener.open(record)]).toEqual([kind.name, { type: DATA, fragment }]);
      }
    }
  });

  test('is the same to both providers', () => {
    for (const kind of allKinds(portableProvider)) {
      for (const [ours, theirs] of [
        [nodeProvider, portableProvider],
        [portableProvider, nodeProvider],
      ] as const) {
        const [sealer, opener] = [sealerFor(kind, ours), openerFor(kind, theirs)];
        for (const size of [0, 20, 300]) {
          const fragment = filled(size, 9);
          const record = sealed(sealer, HANDSHAKE, fragment);
          expect([kind.name, opener.open(record)]).toEqual([kind.name, { type: HANDSHAKE, fragment }]);
        }
      }
    }
  });

  test('comes out as it went in, for any row of fragments', () => {
    const fragments = fc.array(fc.tuple(fc.constantFrom(20, 21, 22, 23), fc.uint8Array({ maxLength: 600 })), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(fc.constantFrom(...FEW), fragments, (kind, row) => {
        const [sealer, opener] = [sealerFor(kind), openerFor(kind)];
        for (const [type, fragment] of row)
          expect(opener.open(sealed(sealer, type, fragment))).toEqual({ type, fragment });
      }),
      { numRuns: 300 },
    );
  });

  test('of the largest size stays within what a reader allows', () => {
    for (const kind of KINDS) {
      const record = sealed(sealerFor(kind), DATA, new Uint8Array(MAX_PLAINTEXT));
      expect(record.length - HEADER_LENGTH).toBeLessThanOrEqual(MAX_CIPHERTEXT_12);
    }
    for (const kind of FEW) {
      const record = sealed(sealerFor(kind), DATA, filled(MAX_PLAINTEXT, 1));
      expect(openerFor(kind).open(record)?.fragment).toEqual(filled(MAX_PLAINTEXT, 1));
    }
  });

  test('that is genuine but too large is record_overflow', () => {
    for (const kind of FEW) {
      const tooLarge = sealed(sealerFor(kind), DATA, new Uint8Array(MAX_PLAINTEXT + 1));
      expect([kind.name, codeFrom(() => openerFor(kind).open(tooLarge))]).toEqual([
        kind.name,
        'plaintext_too_long',
      ]);
      const opener = openerFor(kind);
      opener.maxInner = 512;
      const sealer = sealerFor(kind);
      expect(opener.open(sealed(sealer, DATA, new Uint8Array(512)))?.fragment.length).toBe(512);
      const larger = sealed(sealer, DATA, new Uint8Array(513));
      expect(codeFrom(() => opener.open(larger))).toBe('plaintext_too_long');
    }
  });

  test('does not share memory with the record or with the next one', () => {
    for (const kind of FEW) {
      const [sealer, opener] = [sealerFor(kind), openerFor(kind)];
      const fragment = filled(40, 1);
      const first = sealed(sealer, DATA, fragment);
      fragment.fill(0);
      const opened = opener.open(first)!;
      first.fill(0);
      opener.open(sealed(sealer, DATA, new Uint8Array(40).fill(0xaa)));
      expect([kind.name, opened.fragment]).toEqual([kind.name, filled(40, 1)]);
    }
  });
});

describe('a record that is not in order is nothing, and nothing else', () => {
  test.each(FEW)('with any one bit wrong ($name)', (kind) => {
    const record = sealed(sealerFor(kind), DATA, filled(21, 4));
    for (let at = 0; at < record.length; at++) {
      // The version and the length are the record layer's to judge.
      if (at > 0 && at < HEADER_LENGTH) continue;
      for (let bit = 0; bit < 8; bit++) {
        const changed = record.slice();
        changed[at]! ^= 1 << bit;
        expect([at, bit, openerFor(kind).open(changed)]).toEqual([at, bit, undefined]);
      }
    }
  });

  test.each(FEW)('cut short or made longer anywhere ($name)', (kind) => {
    const record = sealed(sealerFor(kind), DATA, filled(300, 4));
    for (let length = HEADER_LENGTH; length < record.length; length++)
      expect([length, openerFor(kind).open(record.slice(0, length))]).toEqual([length, undefined]);
    for (let more = 1; more <= 40; more++) {
      const longer = concat(record, new Uint8Array(more));
      expect([more, openerFor(kind).open(longer)]).toEqual([more, undefined]);
    }
  });

  test.each(FEW)('come twice, too late or too early ($name)', (kind) => {
    const sealer = sealerFor(kind);
    const [first, second] = [sealed(sealer, DATA, filled(9, 1)), sealed(sealer, DATA, filled(9, 2))];
    expect(openerFor(kind).open(second)).toBeUndefined();
    const opener = openerFor(kind);
    expect(opener.open(first)?.fragment).toEqual(filled(9, 1));
    expect(opener.open(first)).toBeUndefined();
  });

  test('of another direction, of another version, of anybody else', () => {
    for (const kind of FEW) {
      const record = sealed(sealerFor(kind), DATA, filled(32, 4));
      for (const change of ['key', 'macKey'] as const) {
        if (kind.keys[change].length === 0) continue;
        const other = { ...kind, keys: { ...kind.keys, [change]: kind.keys[change].map((b) => b ^ 0x12) } };
        const opened = openerFor(other).open(record);
        // RFC 7366: the MAC is over what is encrypted, so that nothing tells of another key but the padding, by chance.
        if (change === 'key' && kind.keys.cipher.kind === 'cbc' && kind.keys.cipher.encryptThenMac)
          expect([kind.name, opened?.fragment]).not.toEqual([kind.name, DATA]);
        else expect([kind.name, change, opened]).toEqual([kind.name, change, undefined]);
      }
    }
    const anything = fc.uint8Array({ minLength: HEADER_LENGTH, maxLength: 400 });
    fc.assert(
      fc.property(fc.constantFrom(...FEW), anything, (kind, record) => !openerFor(kind).open(record)),
      { numRuns: 1000 },
    );
  });
});

/** Seals as RFC 5246 §6.2.3.2 or RFC 7366 says, with any padding and any MAC. */
function craft(
  keys: DirectionKeys,
  fragment: Uint8Array,
  padding: Uint8Array,
  spoil: (mac: Buffer) => void = () => {},
): Uint8Array {
  const { cipher, version } = keys;
  if (cipher.kind !== 'cbc') throw new Error('for block ciphers');
  const blockLength = CBC_KEYS[cipher.cbc][1];
  const explicit = version > 0x0301;
  const iv = explicit ? filled(blockLength, 77) : keys.iv;
  const name = cipher.cbc === '3des-ede-cbc' ? 'des-ede3-cbc' : cipher.cbc;
  const encrypt = (plain: Uint8Array): Buffer => {
    const encryption = createCipheriv(name, keys.key, iv).setAutoPadding(false);
    return Buffer.concat([explicit ? iv : new Uint8Array(0), encryption.update(plain), encryption.final()]);
  };
  const macOf = (content: Uint8Array): Buffer => {
    const header = Uint8Array.of(
      ...[0, 0, 0, 0, 0, 0, 0, 0, DATA, version >> 8, version & 0xff],
      ...[content.length >> 8, content.length & 0xff],
    );
    const mac = createHmac(cipher.mac, keys.macKey).update(header).update(content).digest();
    spoil(mac);
    return mac;
  };
  const encrypted = cipher.encryptThenMac
    ? encrypt(concat(fragment, padding))
    : encrypt(concat(fragment, macOf(fragment), padding));
  const body = cipher.encryptThenMac ? Buffer.concat([encrypted, macOf(encrypted)]) : encrypted;
  const header = Uint8Array.of(DATA, 3, version & 0xff, body.length >> 8, body.length & 0xff);
  return concat(header, body);
}

/** A fragment that fills whole blocks with a padding of this length value. */
function fragmentFor(keys: DirectionKeys, padding: number, least = 1): Uint8Array {
  const { cipher } = keys;
  if (cipher.kind !== 'cbc') throw new Error('for block ciphers');
  const overhead = (cipher.encryptThenMac ? 0 : HASH_LENGTH[cipher.mac]) + padding + 1;
  const block = CBC_KEYS[cipher.cbc][1];
  let length = least;
  while ((length + overhead) % block !== 0) length++;
  return filled(length, padding);
}

const paddingOf = (value: number): Uint8Array => new Uint8Array(value + 1).fill(value);

describe('padding', () => {
  const few = CBC.filter(({ keys }) => FEW.some((one) => one.keys === keys));

  test.each(few)('of every length from 0 to 255 is good ($name)', (kind) => {
    for (let padding = 0; padding <= 255; padding++) {
      const fragment = fragmentFor(kind.keys, padding);
      const record = craft(kind.keys, fragment, paddingOf(padding));
      expect([padding, openerFor(kind).open(record)]).toEqual([padding, { type: DATA, fragment }]);
    }
  });

  test.each(few)('with any one byte wrong is bad ($name)', (kind) => {
    for (const padding of [1, 2, 7, 15, 16, 31, 100, 255]) {
      const fragment = fragmentFor(kind.keys, padding);
      for (let at = 0; at <= padding; at++) {
        const wrong = paddingOf(padding);
        wrong[at]! ^= 1 + (at % 255);
        expect([padding, at, openerFor(kind).open(craft(kind.keys, fragment, wrong))]).toEqual([
          padding,
          at,
          undefined,
        ]);
      }
    }
  });

  test.each(few)('that says more or less than there is is bad ($name)', (kind) => {
    for (let claimed = 0; claimed <= 255; claimed++) {
      // One block of padding, or as little as fits, that claims to be longer.
      const real = CBC_KEYS[(kind.keys.cipher as { cbc: CbcName }).cbc][1] - 1;
      if (claimed === real) continue;
      const fragment = fragmentFor(kind.keys, real, 0);
      const record = craft(kind.keys, fragment, new Uint8Array(real + 1).fill(claimed));
      const opened = openerFor(kind).open(record);
      // Outside of the MAC a shorter padding is as good as any: it is authenticated.
      const { cipher } = kind.keys;
      if (cipher.kind === 'cbc' && cipher.encryptThenMac && claimed < real) continue;
      expect([claimed, opened]).toEqual([claimed, undefined]);
    }
  });

  test.each(few)('that is good does not help a MAC that is not ($name)', (kind) => {
    for (let padding = 0; padding <= 255; padding += 5) {
      const fragment = fragmentFor(kind.keys, padding);
      const length = HASH_LENGTH[(kind.keys.cipher as { mac: HashName }).mac];
      for (const at of [0, 1, length >> 1, length - 1]) {
        const record = craft(kind.keys, fragment, paddingOf(padding), (mac) => {
          mac[at]! ^= 0x80;
        });
        expect([padding, at, openerFor(kind).open(record)]).toEqual([padding, at, undefined]);
      }
    }
  });

  test('is the shortest that fills the block when we send', () => {
    for (const kind of CBC) {
      const { cipher } = kind.keys;
      if (cipher.kind !== 'cbc') continue;
      const [, block] = CBC_KEYS[cipher.cbc];
      const explicit = kind.keys.version > 0x0301 ? block : 0;
      const mac = HASH_LENGTH[cipher.mac];
      for (let size = 0; size <= 2 * block; size++) {
        const inside = size + (cipher.encryptThenMac ? 0 : mac);
        const whole = Math.floor(inside / block) * block + block;
        const record = sealed(sealerFor(kind), DATA, new Uint8Array(size));
        expect(record.length).toBe(HEADER_LENGTH + explicit + whole + (cipher.encryptThenMac ? mac : 0));
      }
    }
  });
});

/** A provider that counts the compressions of its hashes, as far as they can be seen from outside. */
function counting(count: { compressions: number }): Provider {
  const block = (name: HashName): number => (name === 'sha384' || name === 'sha512' ? 128 : 64);
  const wrap = (name: HashName, hash: Hash, held: number): Hash => {
    let bytes = held;
    const wrapped: Hash = {
      update(data) {
        bytes += data.length;
        hash.update(data);
        return wrapped;
      },
      digest() {
        const field = block(name) === 128 ? 16 : 8;
        count.compressions += Math.ceil((bytes + 1 + field) / block(name));
        return hash.digest();
      },
      copy: () => wrap(name, hash.copy(), bytes),
    };
    return wrapped;
  };
  return {
    ...nodeProvider,
    createHash: (name) => wrap(name, nodeProvider.createHash(name), 0),
    hmacKey: () => {
      throw new Error('an HMAC in one piece takes as long as its input');
    },
  };
}

describe('Lucky Thirteen', () => {
  const inside = CBC.filter(({ keys }) => keys.cipher.kind === 'cbc' && !keys.cipher.encryptThenMac);

  test.each(inside.filter(({ keys }) => keys.version === 0x0303))(
    'hashes as much for every padding and every MAC, good or bad ($name)',
    ({ keys }) => {
      const { cipher } = keys;
      if (cipher.kind !== 'cbc') return;
      const block = CBC_KEYS[cipher.cbc][1];
      const mac = HASH_LENGTH[cipher.mac];
      const work = new Set<number>();
      const total = 352;
      const verdicts = { good: 0, bad: 0 };
      for (let padding = 0; padding <= 255; padding++) {
        const fragment = filled(total - mac - padding - 1, padding);
        if (fragment.length === 0) continue;
        const wrong = paddingOf(padding);
        wrong[0]! ^= 1;
        for (const record of [
          craft(keys, fragment, paddingOf(padding)),
          craft(keys, fragment, wrong),
          craft(keys, fragment, paddingOf(padding), (bytes) => {
            bytes[3]! ^= 1;
          }),
        ]) {
          expect(record.length).toBe(HEADER_LENGTH + block + total);
          const count = { compressions: 0 };
          const opener = opener12(counting(count), keys);
          const before = count.compressions;
          verdicts[opener.open(record) ? 'good' : 'bad']++;
          work.add(count.compressions - before);
        }
      }
      expect([...work].length).toBe(1);
      expect(verdicts).toEqual({ good: 256, bad: 512 });
    },
  );

  test('the work for a record that cannot be one is that for the longest fragment it could hold', () => {
    for (const { keys } of inside.filter((kind) => kind.keys.version === 0x0303)) {
      const work = (length: number): number => {
        const count = { compressions: 0 };
        const opener = opener12(counting(count), keys);
        const record = new Uint8Array(HEADER_LENGTH + length);
        record[0] = DATA;
        expect(opener.open(record)).toBeUndefined();
        return count.compressions;
      };
      expect(work(353)).toBeGreaterThanOrEqual(work(352));
      expect(work(0)).toBeGreaterThan(0);
    }
  });
});

describe('IVs and nonces', () => {
  test('each record of a block cipher has a fresh random IV from TLS 1.1 on', () => {
    for (const kind of CBC.filter(({ keys }) => keys.version > 0x0301)) {
      const given: string[] = [];
      const random = (length: number): Uint8Array => {
        const bytes = nodeProvider.random(length);
        given.push(toHex(bytes));
        return bytes;
      };
      const sealer = sealer12(nodeProvider, kind.keys, random);
      const block = CBC_KEYS[(kind.keys.cipher as { cbc: CbcName }).cbc][1];
      const seen = Array.from({ length: 20 }, () => {
        const record = sealed(sealer, DATA, new Uint8Array(5));
        return toHex(record.subarray(HEADER_LENGTH, HEADER_LENGTH + block));
      });
      expect(seen).toEqual(given);
      expect(new Set(seen).size).toBe(20);
    }
  });

  test('the IV is the last block of the record before in TLS 1.0', () => {
    for (const kind of CBC.filter(({ keys }) => keys.version === 0x0301)) {
      const none = () => {
        throw new Error('no randomness is due');
      };
      const sealer = sealer12(nodeProvider, kind.keys, none);
      const { cipher } = kind.keys;
      if (cipher.kind !== 'cbc') continue;
      const [, block] = CBC_KEYS[cipher.cbc];
      const tail = cipher.encryptThenMac ? HASH_LENGTH[cipher.mac] : 0;
      let iv = kind.keys.iv;
      for (let i = 0; i < 5; i++) {
        const record = sealed(sealer, DATA, filled(40, i));
        const decryption = nodeProvider.cbc(cipher.cbc, kind.keys.key);
        const body = record.subarray(HEADER_LENGTH, record.length - tail);
        expect(decryption.decrypt(iv, body).subarray(0, 40)).toEqual(filled(40, i));
        iv = body.slice(-block);
      }
    }
  });

  test('an AEAD never sees a nonce twice, and GCM and CCM show theirs', () => {
    for (const kind of KINDS) {
      const { cipher, iv } = kind.keys;
      if (cipher.kind !== 'aead') continue;
      const nonces: string[] = [];
      const noting: Provider = {
        ...nodeProvider,
        aead: (name, key) => {
          const aead = nodeProvider.aead(name, key);
          return {
            ...aead,
            tagLength: aead.tagLength,
            open: (...args) => aead.open(...args),
            seal(nonce, aad, plaintext) {
              nonces.push(toHex(nonce));
              return aead.seal(nonce, aad, plaintext);
            },
          };
        },
      };
      const sealer = sealer12(noting, kind.keys, nodeProvider.random);
      const records = Array.from({ length: 300 }, () => sealed(sealer, DATA, new Uint8Array(3)));
      expect(new Set(nonces).size).toBe(300);
      if (cipher.aead === 'chacha20-poly1305') {
        const first = BigInt(`0x${toHex(iv)}`);
        expect(nonces.map((nonce) => Number(BigInt(`0x${nonce}`) ^ first))).toEqual(nonces.map((_, i) => i));
      } else {
        const shown = records.map((record) => toHex(record.subarray(HEADER_LENGTH, HEADER_LENGTH + 8)));
        expect(nonces).toEqual(shown.map((explicit) => toHex(iv) + explicit));
      }
    }
  });

  test('the explicit part of a nonce is the sender’s to choose (RFC 5288 §3)', () => {
    const keys = keysFor({ kind: 'aead', aead: 'aes-128-gcm' }, 0x0303);
    const explicit = fromHex('fedcba9876543210');
    const encryption = createCipheriv('aes-128-gcm', keys.key, concat(keys.iv, explicit));
    encryption.setAAD(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, DATA, 3, 3, 0, 5));
    const body = Buffer.concat([
      explicit,
      encryption.update('hello'),
      encryption.final(),
      encryption.getAuthTag(),
    ]);
    const record = concat(Uint8Array.of(DATA, 3, 3, 0, body.length), body);
    expect(Buffer.from(opener12(nodeProvider, keys).open(record)!.fragment).toString()).toBe('hello');
  });

  test('the last sequence number that can be counted is never used', () => {
    for (const kind of FEW) {
      const holder = (protector: object): { sequence: { value: number } } => {
        const { pseudo, mac } = protector as { pseudo?: object; mac?: { pseudo: object } };
        return (pseudo ?? mac!.pseudo) as { sequence: { value: number } };
      };
      const [sealer, opener] = [sealerFor(kind), openerFor(kind)];
      for (const place of [2 ** 32 - 1, 2 ** 32, 2 ** 52 + 1]) {
        holder(sealer).sequence.value = place;
        holder(opener).sequence.value = place;
        // TLS 1.0 has the IVs chained, whatever the numbers.
        expect(opener.open(sealed(sealer, DATA, filled(8, 1)))?.fragment).toEqual(filled(8, 1));
        expect(holder(sealer).sequence.value).toBe(place + 1);
      }
      holder(sealer).sequence.value = Number.MAX_SAFE_INTEGER;
      const out: Uint8Array[] = [];
      expect(codeFrom(() => sealer.seal(DATA, new Uint8Array(1), 0, out))).toBe('encryption_limit_reached');
      expect(out).toEqual([]);
    }
  });
});

describe('the record layer', () => {
  const sizesOf = (keys: DirectionKeys, type: number, data: Uint8Array): number[] => {
    const layer = new RecordLayer(0, undefined);
    layer.agreeOn(keys.version);
    layer.writeWith(sealer12(nodeProvider, keys, nodeProvider.random));
    layer.send(type, data);
    const reader = new RecordReader();
    reader.maxFragment = MAX_CIPHERTEXT_12;
    reader.push(concat(...layer.takeOutput()));
    const opener = opener12(nodeProvider, keys);
    const sizes: number[] = [];
    for (let record = reader.next(); record; record = reader.next())
      sizes.push(opener.open(record.bytes)!.fragment.length);
    return sizes;
  };
  const cbc = { kind: 'cbc', cbc: 'aes-128-cbc', mac: 'sha1', encryptThenMac: false } as const;

  test('splits off a byte of application data in TLS 1.0 with a block cipher, and only there (BEAST)', () => {
    const old = keysFor(cbc, 0x0301);
    expect(sizesOf(old, DATA, new Uint8Array(1))).toEqual([1]);
    expect(sizesOf(old, DATA, new Uint8Array(2))).toEqual([1, 1]);
    expect(sizesOf(old, DATA, new Uint8Array(1000))).toEqual([1, 999]);
    expect(sizesOf(old, DATA, new Uint8Array(MAX_PLAINTEXT))).toEqual([1, MAX_PLAINTEXT - 1]);
    expect(sizesOf(old, DATA, new Uint8Array(MAX_PLAINTEXT + 1))).toEqual([1, MAX_PLAINTEXT]);
    expect(sizesOf({ ...old, cipher: { ...cbc, encryptThenMac: true } }, DATA, filled(9, 1))).toEqual([1, 8]);
    for (const keys of [
      keysFor(cbc, 0x0302),
      keysFor(cbc, 0x0303),
      keysFor({ kind: 'null', mac: 'sha1' }, 0x0301),
      keysFor({ kind: 'aead', aead: 'aes-128-gcm' }, 0x0303),
    ])
      expect(sizesOf(keys, DATA, new Uint8Array(1000))).toEqual([1000]);
  });

  test('does not split alerts and handshake messages', () => {
    const old = keysFor(cbc, 0x0301);
    expect(sizesOf(old, ContentType.alert, new Uint8Array(2))).toEqual([2]);
    expect(sizesOf(old, HANDSHAKE, new Uint8Array(16))).toEqual([16]);
  });

  test('tells of bad_record_mac for every record that does not open, and takes no alert in the clear', () => {
    for (const kind of FEW) {
      for (const type of [ContentType.alert, HANDSHAKE, DATA, ContentType.change_cipher_spec]) {
        const layer = new RecordLayer(0, undefined);
        layer.agreeOn(kind.keys.version);
        layer.readWith(openerFor(kind));
        layer.push(Uint8Array.of(type, 3, kind.keys.version & 0xff, 0, 2, 1, 0));
        expect([kind.name, type, codeFrom(() => layer.next())]).toEqual([kind.name, type, 'bad_record_mac']);
      }
    }
  });
});

const KAT = 'vectors/rfc8448/tls_cbc_kat.vec';
describe.skipIf(!hasShared(KAT))(
  `records of another implementation (${hasShared(KAT) ? KAT : ABSENT})`,
  () => {
    const cases = () =>
      readFileSync(shared(KAT), 'utf8')
        .split(/\n\s*\n/)
        .map((block) => Object.fromEntries([...block.matchAll(/^(\w+) = (.*)$/gm)].map((m) => [m[1], m[2]])))
        .filter((row) => row.Ciphertext) as Record<string, string>[];

    test('are opened, and sealed again to the same bytes', () => {
      const rows = cases();
      expect(rows.length).toBe(10);
      for (const row of rows) {
        const macLength = Number(row.KeylenMAC);
        const key = fromHex(row.Key!.toLowerCase());
        const header = fromHex(row.AssociatedData!.toLowerCase());
        const version = (header[9]! << 8) | header[10]!;
        const keys: DirectionKeys = {
          version,
          cipher: {
            kind: 'cbc',
            cbc: row.BlockCipher === 'AES-128' ? 'aes-128-cbc' : '3des-ede-cbc',
            mac: row.MAC === 'HMAC(SHA-256)' ? 'sha256' : 'sha1',
            encryptThenMac: row.EncryptThenMAC === 'true',
          },
          key: key.subarray(macLength),
          macKey: key.subarray(0, macLength),
          iv: new Uint8Array(0),
        };
        const iv = fromHex(row.Nonce!.toLowerCase());
        const body = concat(iv, fromHex(row.Ciphertext!.toLowerCase()));
        const type = header[8]!;
        const record = concat(
          Uint8Array.of(type, version >> 8, version & 0xff, body.length >> 8, body.length & 0xff),
          body,
        );
        const sequence = Number(BigInt(`0x${toHex(header.subarray(0, 8))}`));
        const start = (protector: object): void => {
          (protector as { mac: { pseudo: { sequence: { value: number } } } }).mac.pseudo.sequence.value =
            sequence;
        };
        const opener = opener12(nodeProvider, keys);
        start(opener);
        const fragment = fromHex(row.Plaintext!.toLowerCase());
        expect(opener.open(record)).toEqual({ type, fragment });
        const sealer = sealer12(nodeProvider, keys, () => iv);
        start(sealer);
        expect(toHex(sealed(sealer, type, fragment))).toBe(toHex(record));
      }
    });
  },
);

const CAPTURE = 'captures/illustrated/tls12.pcap';
const KEYS = 'captures/illustrated/tls12.keylog.txt';
describe.skipIf(!hasShared(CAPTURE))(
  `a recorded connection of TLS 1.2 (${hasShared(CAPTURE) ? CAPTURE : ABSENT})`,
  () => {
    const recordsOf = (bytes: Uint8Array) => {
      const reader = new RecordReader();
      reader.maxFragment = MAX_CIPHERTEXT_12;
      reader.push(bytes);
      const records: Uint8Array[] = [];
      for (let record = reader.next(); record; record = reader.next()) records.push(record.bytes.slice());
      return records;
    };
    /** Messages of the records in the clear, and the records behind the ChangeCipherSpec. */
    const partsOf = (records: readonly Uint8Array[]) => {
      const change = records.findIndex((record) => record[0] === ContentType.change_cipher_spec);
      const clear = records.slice(0, change).map((record) => record.subarray(HEADER_LENGTH));
      return { clear, sealed: records.slice(change + 1) };
    };

    test('is read with the logged master secret, and sealed again to the same bytes', () => {
      const conversation = readConversation(shared(CAPTURE));
      const sides = {
        client: partsOf(recordsOf(conversation.client)),
        server: partsOf(recordsOf(conversation.server)),
      };
      const hello = decodeBody('ClientHello', firstMessage(concat(...sides.client.clear)));
      const answer = decodeBody('ServerHello', firstMessage(concat(...sides.server.clear)));
      const [, random, secret] = readFileSync(shared(KEYS), 'utf8').trim().split(' ');
      expect(toHex(hello.random)).toBe(random);
      const suite = cipherSuiteByCode(answer.cipherSuite)!;
      expect(suite.iana).toBe('TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA');
      const master = new MasterSecret12(
        nodeProvider,
        0x0303,
        suite,
        fromHex(secret!),
        hello.random,
        answer.random,
      );
      const keys = master.keys(cipherOf(suite)!);

      const opened = (side: 'client' | 'server') => {
        const opener = opener12(nodeProvider, keys[side]);
        return sides[side].sealed.map((record) => opener.open(record)!);
      };
      const [fromClient, fromServer] = [opened('client'), opened('server')];
      const text = ({ fragment }: { fragment: Uint8Array }) => Buffer.from(fragment).toString();
      expect(fromClient.map(({ type }) => type)).toEqual([22, 23, 21]);
      expect(fromServer.map(({ type }) => type)).toEqual([22, 23]);
      expect([text(fromClient[1]!), text(fromServer[1]!)]).toEqual(['ping', 'pong']);
      expect(toHex(fromClient[2]!.fragment)).toBe('0100');

      const digest = (...messages: readonly Uint8Array[]) => nodeProvider.digest('sha256', ...messages);
      const clear = [sides.client.clear[0]!, ...sides.server.clear, ...sides.client.clear.slice(1)];
      expect(toHex(fromClient[0]!.fragment.subarray(4))).toBe(
        toHex(master.verifyData('client', digest(...clear))),
      );
      expect(toHex(fromServer[0]!.fragment.subarray(4))).toBe(
        toHex(master.verifyData('server', digest(...clear, fromClient[0]!.fragment))),
      );

      for (const side of ['client', 'server'] as const) {
        const ivs = sides[side].sealed.map((record) => record.subarray(HEADER_LENGTH, HEADER_LENGTH + 16));
        const sealer = sealer12(nodeProvider, keys[side], () => ivs.shift()!);
        const fragments = side === 'client' ? fromClient : fromServer;
        const again = fragments.map(({ type, fragment }) => toHex(sealed(sealer, type, fragment)));
        expect(again).toEqual(sides[side].sealed.map(toHex));
      }
    });
  },
);

function firstMessage(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, 4 + ((bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!));
}
