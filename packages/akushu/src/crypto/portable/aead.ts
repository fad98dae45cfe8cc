/** AEADs over @noble/ciphers (RFC 5116, RFC 6655, RFC 8439). */
import { gcm } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import type { AeadName } from '../../registry/types.js';
import { AEAD_NAMES, AEADS, checkAeadKey, checkNonce } from '../aeads.js';
import { type Aead, CryptoError } from '../provider.js';
import { ccmOpen, ccmSeal } from './ccm.js';

/** Without ARIA, which @noble does not have. */
export const aeads: readonly AeadName[] = AEAD_NAMES.filter((name) => !name.startsWith('aria-'));

export function aead(name: AeadName, keyOfCaller: Uint8Array): Aead {
  checkAeadKey(name, keyOfCaller);
  if (!aeads.includes(name)) throw new CryptoError('unsupported', 'AEAD');
  const key = keyOfCaller.slice();
  const { tagLength, ccm } = AEADS[name];
  return ccm
    ? ccmAead(key, tagLength)
    : nobleAead(name === 'chacha20-poly1305' ? chacha20poly1305 : gcm, key, tagLength);
}

type NobleAead = (
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
) => {
  encrypt(plaintext: Uint8Array): Uint8Array;
  decrypt(sealed: Uint8Array): Uint8Array;
};

function nobleAead(cipher: NobleAead, key: Uint8Array, tagLength: number): Aead {
  return {
    tagLength,
    seal(nonce, aad, plaintext) {
      checkNonce(nonce, plaintext.length, false);
      const sealed = cipher(key, nonce, aad).encrypt(plaintext);
      return { ciphertext: sealed.slice(0, plaintext.length), tag: sealed.slice(plaintext.length) };
    },
    open(nonce, aad, sealed) {
      checkNonce(nonce, sealed.length - tagLength, false);
      if (sealed.length < tagLength) return null;
      try {
        return cipher(key, nonce, aad).decrypt(sealed);
      } catch {
        return null;
      }
    },
  };
}

function ccmAead(key: Uint8Array, tagLength: number): Aead {
  return {
    tagLength,
    seal(nonce, aad, plaintext) {
      checkNonce(nonce, plaintext.length, true);
      return ccmSeal(key, tagLength, nonce, aad, plaintext);
    },
    open(nonce, aad, sealed) {
      checkNonce(nonce, sealed.length - tagLength, true);
      return sealed.length < tagLength ? null : ccmOpen(key, tagLength, nonce, aad, sealed);
    },
  };
}
