/**
 * RC2 in CBC mode, decryption only (RFC 2268): the cipher of the certificates in PKCS#12 files that Windows, Java and
 * OpenSSL wrote for twenty years. With its 40 bits it hides nothing; it is here so that such files can be opened.
 */

/** §2: a permutation of the bytes, from the digits of pi. */
const PITABLE = Uint8Array.from(
  (
    'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2' +
    '179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82' +
    '54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626' +
    '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7' +
    '08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec' +
    'c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731' +
    '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9' +
    '0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad'
  ).match(/../g)!,
  (digits) => Number.parseInt(digits, 16),
);

const BLOCK = 8;

/** A key of 1 to 128 bytes, of which `effectiveBits` count. */
export function rc2(
  key: Uint8Array,
  effectiveBits: number,
): {
  readonly blockLength: number;
  /** The caller sees to whole blocks. */
  readonly decrypt: (iv: Uint8Array, data: Uint8Array) => Uint8Array;
} {
  const words = expandKey(key, effectiveBits);
  return {
    blockLength: BLOCK,
    decrypt: (iv, data) => {
      const plain = data.slice();
      for (let at = 0; at < data.length; at += BLOCK) {
        decryptBlock(words, plain.subarray(at, at + BLOCK));
        const previous = at === 0 ? iv : data.subarray(at - BLOCK, at);
        for (let i = 0; i < BLOCK; i++) plain[at + i]! ^= previous[i]!;
      }
      return plain;
    },
  };
}

/** §2: 64 words of 16 bits. */
function expandKey(key: Uint8Array, effectiveBits: number): Uint16Array {
  const bytes = new Uint8Array(128);
  bytes.set(key);
  for (let i = key.length; i < 128; i++) bytes[i] = PITABLE[(bytes[i - 1]! + bytes[i - key.length]!) & 0xff]!;
  const length = Math.ceil(effectiveBits / 8);
  const mask = 0xff >> (8 * length - effectiveBits);
  bytes[128 - length] = PITABLE[bytes[128 - length]! & mask]!;
  for (let i = 127 - length; i >= 0; i--) bytes[i] = PITABLE[bytes[i + 1]! ^ bytes[i + length]!]!;
  return Uint16Array.from({ length: 64 }, (_, i) => bytes[2 * i]! | (bytes[2 * i + 1]! << 8));
}

const SHIFTS = [1, 2, 3, 5] as const;

/** §4, in place. */
function decryptBlock(key: Uint16Array, block: Uint8Array): void {
  const r = Uint16Array.from({ length: 4 }, (_, i) => block[2 * i]! | (block[2 * i + 1]! << 8));
  let next = 63;
  for (let round = 16; round > 0; round--) {
    for (let i = 3; i >= 0; i--) {
      const [one, two, three] = [r[(i + 3) & 3]!, r[(i + 2) & 3]!, r[(i + 1) & 3]!];
      const rotated = (r[i]! >>> SHIFTS[i]!) | (r[i]! << (16 - SHIFTS[i]!));
      r[i] = rotated - key[next--]! - (one & two) - (~one & three);
    }
    // Mashing after the fifth and the eleventh round from either end.
    if (round === 12 || round === 6) for (let i = 3; i >= 0; i--) r[i] = r[i]! - key[r[(i + 3) & 3]! & 63]!;
  }
  for (let i = 0; i < 4; i++) {
    block[2 * i] = r[i]! & 0xff;
    block[2 * i + 1] = r[i]! >>> 8;
  }
}
