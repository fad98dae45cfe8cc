/** AEADs over node:crypto (RFC 5116, RFC 6209, RFC 6655, RFC 8439). Keys are KeyObjects: raw ones cost Node 24 four times as much. */
import {
  type CipherGCM,
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type DecipherGCM,
  type KeyObject,
} from 'node:crypto';
import type { AeadName } from '../../registry/types.js';
import { AEAD_NAMES, AEADS, checkAeadKey, checkNonce } from '../aeads.js';
import { type Aead, CryptoError } from '../provider.js';
import { plain } from './bytes.js';
import { cipherFilter } from './features.js';

const CIPHERS: Readonly<Record<AeadName, string>> = {
  'aes-128-gcm': 'aes-128-gcm',
  'aes-256-gcm': 'aes-256-gcm',
  'chacha20-poly1305': 'chacha20-poly1305',
  'aes-128-ccm': 'aes-128-ccm',
  'aes-256-ccm': 'aes-256-ccm',
  'aes-128-ccm-8': 'aes-128-ccm',
  'aes-256-ccm-8': 'aes-256-ccm',
  'aria-128-gcm': 'aria-128-gcm',
  'aria-256-gcm': 'aria-256-gcm',
};

/** What the running OpenSSL has. */
export const aeads: () => readonly AeadName[] = cipherFilter(AEAD_NAMES, CIPHERS);

export function aead(name: AeadName, key: Uint8Array): Aead {
  checkAeadKey(name, key);
  if (!aeads().includes(name)) throw new CryptoError('unsupported', 'AEAD');
  const { tagLength, ccm } = AEADS[name];
  return new NodeAead(CIPHERS[name] as CipherGCMTypes, createSecretKey(key), tagLength, ccm);
}

class NodeAead implements Aead {
  private readonly options: { readonly authTagLength: number };

  constructor(
    /** Node's types know GCM, CCM and ChaCha20 apart; the calls are the same. */
    private readonly cipher: CipherGCMTypes,
    private readonly key: KeyObject,
    readonly tagLength: number,
    private readonly ccm: boolean,
  ) {
    this.options = { authTagLength: tagLength };
  }

  seal(nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array) {
    checkNonce(nonce, plaintext.length, this.ccm);
    const cipher: CipherGCM = createCipheriv(this.cipher, this.key, nonce, this.options);
    this.setAad(cipher, aad, plaintext.length);
    const ciphertext = cipher.update(plaintext);
    cipher.final();
    return { ciphertext: plain(ciphertext), tag: plain(cipher.getAuthTag()) };
  }

  open(nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | null {
    const length = sealed.length - this.tagLength;
    checkNonce(nonce, length, this.ccm);
    if (length < 0) return null;
    const decipher: DecipherGCM = createDecipheriv(this.cipher, this.key, nonce, this.options);
    decipher.setAuthTag(sealed.subarray(length));
    this.setAad(decipher, aad, length);
    try {
      const plaintext = decipher.update(sealed.subarray(0, length));
      decipher.final();
      return plain(plaintext);
    } catch {
      return null;
    }
  }

  /** CCM hashes the length first and has to be told. */
  private setAad(cipher: CipherGCM | DecipherGCM, aad: Uint8Array, plaintextLength: number): void {
    if (this.ccm) cipher.setAAD(aad, { plaintextLength });
    else if (aad.length > 0) cipher.setAAD(aad);
  }
}
