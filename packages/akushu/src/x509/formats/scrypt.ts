/**
 * scrypt (RFC 7914): the memory-hard derivation that OpenSSL offers for encrypted keys. Bounded in memory and work by
 * the caller's limits, see `pbe.ts`.
 */
import type { Provider } from '../../crypto/provider.js';
import { pbkdf2 } from './pbkdf2.js';

export interface ScryptCost {
  /** N: a power of two. */
  readonly cost: number;
  /** r */
  readonly blockSize: number;
  /** p */
  readonly parallel: number;
}

/** RFC 7914 §6. The cost has been checked. */
export function scrypt(
  provider: Provider,
  password: Uint8Array,
  salt: Uint8Array,
  { cost, blockSize, parallel }: ScryptCost,
  length: number,
): Uint8Array {
  const mixed = pbkdf2(provider, 'sha256', password, salt, 1, parallel * 128 * blockSize);
  const words = toWords(mixed);
  const memory = new Uint32Array(cost * 32 * blockSize);
  for (let i = 0; i < parallel; i++)
    mix(words.subarray(i * 32 * blockSize, (i + 1) * 32 * blockSize), memory, cost);
  const derived = pbkdf2(provider, 'sha256', password, toBytes(words), 1, length);
  memory.fill(0);
  words.fill(0);
  return derived;
}

/** §5: scryptROMix, in place. */
function mix(block: Uint32Array, memory: Uint32Array, cost: number): void {
  const size = block.length;
  let x = block.slice();
  let y = new Uint32Array(size);
  for (let i = 0; i < cost; i++) {
    memory.set(x, i * size);
    blockMix(x, y);
    [x, y] = [y, x];
  }
  for (let i = 0; i < cost; i++) {
    const j = x[size - 16]! & (cost - 1);
    for (let k = 0; k < size; k++) x[k]! ^= memory[j * size + k]!;
    blockMix(x, y);
    [x, y] = [y, x];
  }
  block.set(x);
}

const T = new Uint32Array(16);

/** §4: scryptBlockMix, even blocks to the first half. */
function blockMix(input: Uint32Array, output: Uint32Array): void {
  const blocks = input.length / 16;
  T.set(input.subarray(input.length - 16));
  for (let i = 0; i < blocks; i++) {
    for (let k = 0; k < 16; k++) T[k]! ^= input[i * 16 + k]!;
    salsa8(T);
    output.set(T, ((i >> 1) + (i & 1) * (blocks >> 1)) * 16);
  }
}

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

/** One quarter round over four places. */
function quarter(x: Int32Array, a: number, b: number, c: number, d: number): void {
  x[b]! ^= rotate((x[a]! + x[d]!) | 0, 7);
  x[c]! ^= rotate((x[b]! + x[a]!) | 0, 9);
  x[d]! ^= rotate((x[c]! + x[b]!) | 0, 13);
  x[a]! ^= rotate((x[d]! + x[c]!) | 0, 18);
}

const X = new Int32Array(16);

/** §3: the Salsa20/8 core, in place. */
function salsa8(block: Uint32Array): void {
  X.set(block);
  for (let round = 0; round < 4; round++) {
    quarter(X, 0, 4, 8, 12);
    quarter(X, 5, 9, 13, 1);
    quarter(X, 10, 14, 2, 6);
    quarter(X, 15, 3, 7, 11);
    quarter(X, 0, 1, 2, 3);
    quarter(X, 5, 6, 7, 4);
    quarter(X, 10, 11, 8, 9);
    quarter(X, 15, 12, 13, 14);
  }
  for (let i = 0; i < 16; i++) block[i] = block[i]! + X[i]!;
}

function toWords(bytes: Uint8Array): Uint32Array {
  const words = new Uint32Array(bytes.length / 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < words.length; i++) words[i] = view.getUint32(4 * i, true);
  return words;
}

function toBytes(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < words.length; i++) view.setUint32(4 * i, words[i]!, true);
  return bytes;
}
