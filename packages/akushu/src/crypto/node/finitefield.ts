/**
 * Finite-field Diffie-Hellman over node:crypto, through KeyObjects: since OpenSSL 3.5 createDiffieHellman tests the prime
 * again each time, which takes a fifth of a second and more. Shares outside of the subgroup that 2 generates, which no
 * honest peer sends, are refused by OpenSSL 3.0 for primes that it knows and taken by later versions; RFC 7919 §5.1
 * asks for neither.
 */
import { checkPrimeSync, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { wipe } from '../../bytes/index.js';
import { der, derBits, derUnsigned, oidElement, readDer, TAG } from '../der.js';
import { type FfdheName, ffdheGroup } from '../ffdhe.js';
import {
  checkFieldShare,
  type FieldGroup,
  fieldAgreement,
  fieldExponent,
  fieldGroup,
} from '../finitefield.js';
import type { DiffieHellman, NamedDiffieHellman } from '../groups.js';
import { ROUNDS, SafePrimes } from '../primes.js';
import { CryptoError, type FiniteField } from '../provider.js';
import { asBuffer, leftPad, random as systemRandom } from './bytes.js';
import { computeSecret, wipedByOpenssl } from './groups.js';

/** PKCS #3: dhKeyAgreement. */
const DH_OID = '2a864886f70d010301';

/** `groupOf` is called at first use: the primes of RFC 7919 have to be computed. */
function diffieHellmanOver(groupOf: () => FieldGroup): DiffieHellman<KeyObject> {
  let algorithm: Uint8Array | undefined;
  const algorithmOf = (group: FieldGroup) => {
    const parameters = der(TAG.sequence, derUnsigned(group.prime), derUnsigned(group.generator));
    algorithm ??= der(TAG.sequence, oidElement(DH_OID), parameters);
    return algorithm;
  };
  return {
    generate(random) {
      const group = groupOf();
      const exponent = fieldExponent(group, random, systemRandom);
      const key = der(TAG.octetString, derUnsigned(exponent));
      const pkcs8 = der(TAG.sequence, derUnsigned(Uint8Array.of(0)), algorithmOf(group), key);
      try {
        const privateKey = createPrivateKey({ key: asBuffer(pkcs8), format: 'der', type: 'pkcs8' });
        const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
        return { privateKey, publicKey: publicNumber(spki, group.length) };
      } catch {
        throw new CryptoError('bad_key', 'finite-field group'); // OpenSSL takes no such prime or generator
      } finally {
        wipe(exponent, key, pkcs8);
      }
    },
    derive(privateKey, peer) {
      const group = groupOf();
      checkFieldShare(group, peer);
      return leftPad(
        computeSecret(privateKey, importShare(algorithmOf(group), peer), 'bad_point'),
        group.length,
      );
    },
    wipe: wipedByOpenssl,
  };
}

function importShare(algorithm: Uint8Array, share: Uint8Array): KeyObject {
  const spki = der(TAG.sequence, algorithm, derBits(derUnsigned(share)));
  try {
    return createPublicKey({ key: asBuffer(spki), format: 'der', type: 'spki' });
  } catch {
    throw new CryptoError('bad_point');
  }
}

/** The INTEGER in a Diffie-Hellman SubjectPublicKeyInfo. */
function publicNumber(spki: Uint8Array, length: number): Uint8Array {
  const number = readDer(spki, (file) =>
    file.inside(TAG.sequence, (info) => {
      info.content(TAG.sequence);
      return readDer(info.bits(), (inner) => inner.unsigned());
    }),
  );
  return leftPad(number, length);
}

/** RFC 7919. */
export function ffdhe(name: FfdheName): NamedDiffieHellman<KeyObject> {
  return { name, ...diffieHellmanOver(() => ffdheGroup(name)) };
}

const safePrimes = new SafePrimes((candidate) => checkPrimeSync(candidate, { checks: ROUNDS }));

export const isSafePrime = (prime: Uint8Array): boolean => safePrimes.check(prime);

export function finiteField(prime: Uint8Array, generator: Uint8Array): FiniteField {
  const group = fieldGroup(prime, generator, safePrimes);
  return fieldAgreement(
    diffieHellmanOver(() => group),
    group,
  );
}
