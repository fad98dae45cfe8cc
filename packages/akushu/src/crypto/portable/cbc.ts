/** CBC over @noble/ciphers, which has AES only. */
import { cbc as nobleCbc } from '@noble/ciphers/aes.js';
import type { CbcName } from '../../registry/types.js';
import { checkBlocks, checkCbcKey } from '../cbcs.js';
import type { Cbc } from '../provider.js';

export const cbcCiphers: readonly CbcName[] = ['aes-128-cbc', 'aes-256-cbc'];

export function cbc(name: CbcName, keyOfCaller: Uint8Array): Cbc {
  const blockLength = checkCbcKey(name, cbcCiphers, keyOfCaller);
  const key = keyOfCaller.slice();
  const cipher = (iv: Uint8Array, data: Uint8Array) => {
    checkBlocks(blockLength, iv, data);
    return nobleCbc(key, iv, { disablePadding: true });
  };
  return {
    blockLength,
    encrypt: (iv, data) => cipher(iv, data).encrypt(data),
    decrypt: (iv, data) => cipher(iv, data).decrypt(data),
  };
}
