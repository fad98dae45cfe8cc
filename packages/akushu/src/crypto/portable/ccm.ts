/**
 * AES-CCM (RFC 3610, NIST SP 800-38C) with nonces of 12 bytes, composed of @noble's AES in CBC and CTR mode:
 * CBC-MAC over the formatted input, then CTR over tag and text.
 */
import { cbc, ctr } from '@noble/ciphers/aes.js';
import { concat, equalSecret, wipe } from '../../bytes/index.js';

const BLOCK = 16;
/** 15 bytes of every block are shared between nonce and length: 12 and 3. */
const LENGTH_SIZE = 3;

/** Ciphertext followed by tag. Lengths were checked before. */
export function ccmSeal(
  key: Uint8Array,
  tagLength: number,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): { readonly ciphertext: Uint8Array; readonly tag: Uint8Array } {
  const mac = cbcMac(key, tagLength, nonce, aad, plaintext);
  const encrypted = counterMode(key, nonce, concat(mac, plaintext));
  return { ciphertext: encrypted.slice(BLOCK), tag: encrypted.slice(0, tagLength) };
}

/** The plaintext, or null where the tag does not fit. */
export function ccmOpen(
  key: Uint8Array,
  tagLength: number,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | null {
  const length = sealed.length - tagLength;
  const padding = new Uint8Array(BLOCK - tagLength);
  const decrypted = counterMode(
    key,
    nonce,
    concat(sealed.subarray(length), padding, sealed.subarray(0, length)),
  );
  const plaintext = decrypted.slice(BLOCK);
  const mac = cbcMac(key, tagLength, nonce, aad, plaintext);
  if (equalSecret(mac.subarray(0, tagLength), decrypted.subarray(0, tagLength))) return plaintext;
  wipe(plaintext, decrypted);
  return null;
}

/** RFC 3610 §2.3: the first block masks the tag, the text follows. */
function counterMode(key: Uint8Array, nonce: Uint8Array, data: Uint8Array): Uint8Array {
  const counter = new Uint8Array(BLOCK);
  counter[0] = LENGTH_SIZE - 1;
  counter.set(nonce, 1);
  return ctr(key, counter).encrypt(data);
}

/** RFC 3610 §2.2: the last block of CBC over B_0, the additional data and the text, each padded with zeros. */
function cbcMac(
  key: Uint8Array,
  tagLength: number,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  const head = encodeAadLength(aad.length);
  const aadEnd = BLOCK + roundUp(head.length + aad.length);
  const blocks = new Uint8Array(aadEnd + roundUp(plaintext.length));
  blocks[0] = (aad.length > 0 ? 0x40 : 0) | (((tagLength - 2) / 2) << 3) | (LENGTH_SIZE - 1);
  blocks.set(nonce, 1);
  blocks.set([plaintext.length >> 16, plaintext.length >> 8, plaintext.length], BLOCK - LENGTH_SIZE);
  blocks.set(head, BLOCK);
  blocks.set(aad, BLOCK + head.length);
  blocks.set(plaintext, aadEnd);
  const chained = cbc(key, new Uint8Array(BLOCK), { disablePadding: true }).encrypt(blocks);
  wipe(blocks);
  return chained.slice(-BLOCK);
}

const roundUp = (length: number) => Math.ceil(length / BLOCK) * BLOCK;

function encodeAadLength(length: number): Uint8Array {
  if (length === 0) return new Uint8Array(0);
  if (length < 0xff00) return Uint8Array.of(length >> 8, length);
  return Uint8Array.of(0xff, 0xfe, length >> 24, length >> 16, length >> 8, length);
}
