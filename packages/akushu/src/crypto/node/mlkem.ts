/** ML-KEM over node:crypto, from Node 24.7 on. With given randomness, and on older Node, @noble's takes over. */
import { checkEncapsulationKey, checkLength, type Kem, ML_KEM, type MlKemName, once } from '../groups.js';
import { nobleMlKem } from '../mlkem.js';
import { plain, random as systemRandom } from './bytes.js';
import {
  generateRaw,
  importRawPublic,
  nativeDecapsulate,
  nativeEncapsulate,
  supportsMlKem,
  supportsRaw,
} from './features.js';

export function mlKem(name: MlKemName): Kem {
  const { publicLength, ciphertextLength } = ML_KEM[name];
  const noble = nobleMlKem(name, systemRandom);
  const native = () => supportsMlKem() && supportsRaw();
  return {
    publicLength,
    ciphertextLength,
    generate(random) {
      if (random || !native()) return noble.generate(random);
      const { publicKey, privateKey } = generateRaw(name);
      return {
        publicKey: plain(publicKey),
        decapsulate: once((ciphertext: Uint8Array) => {
          checkLength(ciphertext, ciphertextLength, 'ciphertext');
          return plain(nativeDecapsulate(privateKey, ciphertext));
        }),
      };
    },
    encapsulate(peerShare, random) {
      if (random || !native()) return noble.encapsulate(peerShare, random);
      checkEncapsulationKey(name, peerShare);
      const { ciphertext, sharedKey } = nativeEncapsulate(importRawPublic(name, peerShare));
      return { ciphertext: plain(ciphertext), secret: plain(sharedKey) };
    },
  };
}
