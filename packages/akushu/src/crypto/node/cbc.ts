/**
 * CBC over node:crypto. Making a cipher costs three times as much as running it over a short record, so each direction
 * keeps one for as long as the key lives. It chains on from its last ciphertext block, which is made up for in the first
 * block: what is encrypted or decrypted under an IV differs from what is under that block by the XOR of the two.
 */
import {
  type Cipher,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type Decipher,
  type KeyObject,
} from 'node:crypto';
import type { CbcName } from '../../registry/types.js';
import { CBC_NAMES, checkBlocks, checkCbcKey } from '../cbcs.js';
import type { Cbc } from '../provider.js';
import { plain } from './bytes.js';
import { cipherFilter } from './features.js';

const CIPHERS: Readonly<Record<CbcName, string>> = {
  'aes-128-cbc': 'aes-128-cbc',
  'aes-256-cbc': 'aes-256-cbc',
  'camellia-128-cbc': 'camellia-128-cbc',
  'camellia-256-cbc': 'camellia-256-cbc',
  'aria-128-cbc': 'aria-128-cbc',
  'aria-256-cbc': 'aria-256-cbc',
  '3des-ede-cbc': 'des-ede3-cbc',
};

/** What the running OpenSSL has. */
export const cbcCiphers: () => readonly CbcName[] = cipherFilter(CBC_NAMES, CIPHERS);

export function cbc(name: CbcName, key: Uint8Array): Cbc {
  const blockLength = checkCbcKey(name, cbcCiphers(), key);
  return new NodeCbc(CIPHERS[name], createSecretKey(key), blockLength);
}

class NodeCbc implements Cbc {
  private cipher: Cipher | undefined;
  private decipher: Decipher | undefined;
  /** The ciphertext block that each goes on from. */
  private readonly encrypted: Uint8Array;
  private readonly decrypted: Uint8Array;

  constructor(
    private readonly name: string,
    private readonly key: KeyObject,
    readonly blockLength: number,
  ) {
    this.encrypted = new Uint8Array(blockLength);
    this.decrypted = new Uint8Array(blockLength);
  }

  /** Changes the first block of `data` while it runs, and changes it back. */
  encrypt(iv: Uint8Array, data: Uint8Array): Uint8Array {
    checkBlocks(this.blockLength, iv, data);
    if (data.length === 0) return new Uint8Array(0);
    const mask = this.encrypted;
    const cipher = this.cipher ?? createCipheriv(this.name, this.key, mask).setAutoPadding(false);
    this.cipher = undefined; // were `update` to throw, it would be unknown what it goes on from
    xorInto(mask, iv);
    xorInto(data, mask);
    let ciphertext: Uint8Array;
    try {
      ciphertext = plain(cipher.update(data));
    } finally {
      xorInto(data, mask);
    }
    mask.set(ciphertext.subarray(ciphertext.length - this.blockLength));
    this.cipher = cipher;
    return ciphertext;
  }

  decrypt(iv: Uint8Array, data: Uint8Array): Uint8Array {
    checkBlocks(this.blockLength, iv, data);
    if (data.length === 0) return new Uint8Array(0);
    const decipher =
      this.decipher ?? createDecipheriv(this.name, this.key, this.decrypted).setAutoPadding(false);
    this.decipher = undefined;
    const plaintext = plain(decipher.update(data));
    xorInto(plaintext, this.decrypted);
    xorInto(plaintext, iv);
    this.decrypted.set(data.subarray(data.length - this.blockLength));
    this.decipher = decipher;
    return plaintext;
  }
}

/** Over the length of `mask`. */
function xorInto(bytes: Uint8Array, mask: Uint8Array): void {
  for (let i = 0; i < mask.length; i++) bytes[i]! ^= mask[i]!;
}
