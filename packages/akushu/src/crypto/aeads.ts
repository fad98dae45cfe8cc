/** The AEADs that TLS uses: key and tag lengths, and the checks on what a caller passes in. Nonces have 12 bytes. */
import type { AeadName } from '../registry/types.js';
import { CryptoError } from './provider.js';

interface AeadShape {
  readonly keyLength: 16 | 32;
  readonly tagLength: 8 | 16;
  readonly ccm: boolean;
}

/** Fastest first where AES is in hardware. */
export const AEADS: Readonly<Record<AeadName, AeadShape>> = {
  'aes-128-gcm': { keyLength: 16, tagLength: 16, ccm: false },
  'aes-256-gcm': { keyLength: 32, tagLength: 16, ccm: false },
  'chacha20-poly1305': { keyLength: 32, tagLength: 16, ccm: false },
  'aes-128-ccm': { keyLength: 16, tagLength: 16, ccm: true },
  'aes-256-ccm': { keyLength: 32, tagLength: 16, ccm: true },
  'aes-128-ccm-8': { keyLength: 16, tagLength: 8, ccm: true },
  'aes-256-ccm-8': { keyLength: 32, tagLength: 8, ccm: true },
  'aria-128-gcm': { keyLength: 16, tagLength: 16, ccm: false },
  'aria-256-gcm': { keyLength: 32, tagLength: 16, ccm: false },
};

export const AEAD_NAMES: readonly AeadName[] = [
  'aes-128-gcm',
  'aes-256-gcm',
  'chacha20-poly1305',
  'aes-128-ccm',
  'aes-256-ccm',
  'aes-128-ccm-8',
  'aes-256-ccm-8',
  'aria-128-gcm',
  'aria-256-gcm',
];

const NONCE_LENGTH = 12;
/** RFC 3610 §2: a nonce of 12 bytes leaves 3 for the length. */
const CCM_MAX = 2 ** 24 - 1;

export function checkAeadKey(name: AeadName, key: Uint8Array): void {
  if (!Object.hasOwn(AEADS, name)) throw new CryptoError('unsupported', 'AEAD');
  if (key.length !== AEADS[name].keyLength) throw new CryptoError('bad_length', `key of ${key.length} bytes`);
}

export function checkNonce(nonce: Uint8Array, plaintextLength: number, ccm: boolean): void {
  if (nonce.length !== NONCE_LENGTH) throw new CryptoError('bad_length', `nonce of ${nonce.length} bytes`);
  if (ccm && plaintextLength > CCM_MAX) throw new CryptoError('bad_length', 'too long for CCM');
}
