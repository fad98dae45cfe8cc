import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { credential } from '../../../test/support/credentials.js';
import { concat, toHex } from '../../bytes/index.js';
import { nodeProvider } from '../../crypto/node.js';
import type { PrivateKey, PublicKey } from '../../crypto/provider.js';
import { TlsError } from '../../errors.js';
import { makePremaster, selectPremaster } from './rsa.js';

const OFFERED = 0x0303;
const FALLBACK = new Uint8Array(48).fill(0xee);

/** A block as it has to be (RFC 5246 §7.4.7.1), with a secret of ones. */
function wellPadded(size = 256, offered = OFFERED): Uint8Array {
  const block = new Uint8Array(size).fill(0x77);
  block.set([0, 2]);
  block[size - 49] = 0;
  block.set([offered >> 8, offered & 0xff], size - 48);
  block.fill(1, size - 46);
  return block;
}

function selected(block: Uint8Array, offered = OFFERED): string {
  const out = FALLBACK.slice();
  selectPremaster(out, block, offered);
  return toHex(out);
}

const taken = (block: Uint8Array): string => toHex(block.slice(-48));
const refused = toHex(FALLBACK);

describe('selectPremaster', () => {
  test('takes the secret out of a block that is in order, whatever its size', () => {
    for (const size of [64, 128, 256, 257, 384, 512, 1024])
      expect(selected(wellPadded(size))).toBe(taken(wellPadded(size)));
    for (const offered of [0x0301, 0x0302, 0x0303, 0x0304])
      expect(selected(wellPadded(256, offered), offered)).toBe(taken(wellPadded(256, offered)));
  });

  test('keeps the fallback where any byte of the padding is not what it must be', () => {
    const size = 256;
    const surprises: unknown[] = [];
    for (let at = 0; at < size - 48; at++) {
      for (let value = 0; value < 256; value++) {
        const block = wellPadded(size);
        const was = block[at]!;
        block[at] = value;
        // The bytes in between are anything but zero; the others have one value.
        const free = at >= 2 && at < size - 49;
        const good = free ? value !== 0 : value === was;
        if (selected(block) !== (good ? taken(block) : refused)) surprises.push([at, value]);
      }
    }
    expect(surprises).toEqual([]);
  });

  test('leaves the block as it is, and 48 bytes where there were 48', () => {
    for (const block of [wellPadded(), new Uint8Array(256), new Uint8Array(64).fill(255)]) {
      const [out, before] = [FALLBACK.slice(), block.slice()];
      selectPremaster(out, block, OFFERED);
      expect([out.length, block]).toEqual([48, before]);
    }
  });

  test('keeps the fallback where the version is not the one of the hello', () => {
    for (const offered of [0x0300, 0x0302, 0x0304, 0x0203, 0x0003, 0x0403, 0xffff, 0])
      expect([offered, selected(wellPadded(256, offered))]).toEqual([offered, refused]);
    for (const bit of [1, 2, 4, 8, 16, 32, 64, 128]) {
      for (const at of [0, 1]) {
        const block = wellPadded();
        block[block.length - 48 + at]! ^= bit;
        expect(selected(block)).toBe(refused);
      }
    }
  });

  test('does not care what the secret is', () => {
    for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
      const block = wellPadded();
      block.fill(value, block.length - 46);
      expect(selected(block)).toBe(taken(block));
    }
  });

  test('is as RFC 5246 §7.4.7.1 says, for any block', () => {
    const naively = (block: Uint8Array, offered: number): boolean => {
      const separator = block.indexOf(0, 2);
      const version = (block.at(-48)! << 8) | block.at(-47)!;
      return block[0] === 0 && block[1] === 2 && separator === block.length - 49 && version === offered;
    };
    const block = fc.oneof(
      fc.uint8Array({ minLength: 64, maxLength: 300 }),
      fc
        .tuple(
          fc.integer({ min: 64, max: 300 }),
          fc.array(fc.tuple(fc.nat(299), fc.nat(255)), { maxLength: 2 }),
        )
        .map(([size, changes]) => {
          const made = wellPadded(size);
          for (const [at, value] of changes) made[at % size] = value;
          return made;
        }),
    );
    fc.assert(
      fc.property(block, fc.constantFrom(0x0303, 0x0301), (bytes, offered) => {
        expect(selected(bytes, offered)).toBe(naively(bytes, offered) ? taken(bytes) : refused);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('makePremaster', () => {
  let publicKey: PublicKey;
  let privateKey: PrivateKey;
  beforeAll(async () => {
    privateKey = (await credential('RSA')).key;
    publicKey = nodeProvider.importPublicKey(privateKey.spki);
  });

  test('makes a block that selectPremaster accepts, with the version of the hello in front', () => {
    for (const offered of [0x0301, 0x0303]) {
      const { premaster, encrypted } = makePremaster(nodeProvider.random, publicKey, offered);
      expect([premaster[0], premaster[1], premaster.length]).toEqual([offered >> 8, offered & 0xff, 48]);
      const block = privateKey.decryptRaw!(encrypted) as Uint8Array;
      expect(selected(block, offered)).toBe(toHex(premaster));
    }
  });

  test('has no zero in its padding, whatever the random source gives', () => {
    let calls = 0;
    // Nothing but zeros at first, and every other byte zero from then on.
    const random = (length: number): Uint8Array =>
      Uint8Array.from({ length }, () => (calls++ < 200 ? 0 : calls % 2 === 0 ? 0 : 9));
    const { encrypted, premaster } = makePremaster(random, publicKey, OFFERED);
    const block = privateKey.decryptRaw!(encrypted) as Uint8Array;
    expect(block.subarray(2, 256 - 49).includes(0)).toBe(false);
    expect(selected(block)).toBe(toHex(premaster));
  });

  test('is another one each time', () => {
    const made = Array.from({ length: 20 }, () =>
      toHex(makePremaster(nodeProvider.random, publicKey, OFFERED).premaster),
    );
    expect(new Set(made).size).toBe(20);
  });

  test('needs a key that encrypts', async () => {
    const { key } = await credential('P-256');
    const other = nodeProvider.importPublicKey(key.spki);
    expect(() => makePremaster(nodeProvider.random, other, OFFERED)).toThrow(TlsError);
    const small = { ...publicKey, bits: 512, encryptRaw: (block: Uint8Array) => concat(block) };
    expect(() => makePremaster(nodeProvider.random, small as PublicKey, OFFERED)).not.toThrow();
    const tiny = { ...publicKey, bits: 464, encryptRaw: (block: Uint8Array) => concat(block) };
    expect(() => makePremaster(nodeProvider.random, tiny as PublicKey, OFFERED)).toThrow(
      /certificate_suite_mismatch/,
    );
  });
});
