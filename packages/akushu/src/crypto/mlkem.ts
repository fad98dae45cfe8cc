/** ML-KEM (FIPS 203) over @noble: for the portable provider, and for a Node without it or with given randomness. */
import { ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import { wipe } from '../bytes/index.js';
import {
  checkEncapsulationKey,
  checkLength,
  type Kem,
  ML_KEM,
  type MlKemName,
  once,
  takeSecret,
} from './groups.js';
import type { RandomSource } from './provider.js';

const IMPLEMENTATIONS = { 'ml-kem-768': ml_kem768, 'ml-kem-1024': ml_kem1024 } as const;

/** `systemRandom` is used where no other source is passed: 64 bytes (d, z) for a key, 32 (m) to encapsulate. */
export function nobleMlKem(name: MlKemName, systemRandom: RandomSource): Kem {
  const { publicLength, ciphertextLength } = ML_KEM[name];
  const kem = IMPLEMENTATIONS[name];
  return {
    publicLength,
    ciphertextLength,
    generate(random) {
      const seed = takeSecret(random, systemRandom, 64);
      const { publicKey, secretKey } = kem.keygen(seed);
      wipe(seed);
      return {
        publicKey,
        decapsulate: once((ciphertext: Uint8Array) => {
          try {
            checkLength(ciphertext, ciphertextLength, 'ciphertext'); // FIPS 203 §7.3
            return kem.decapsulate(ciphertext, secretKey);
          } finally {
            wipe(secretKey);
          }
        }),
      };
    },
    encapsulate(peerShare, random) {
      checkEncapsulationKey(name, peerShare);
      const message = takeSecret(random, systemRandom, 32);
      const { cipherText, sharedSecret } = kem.encapsulate(peerShare, message);
      wipe(message);
      return { ciphertext: cipherText, secret: sharedSecret };
    },
  };
}
