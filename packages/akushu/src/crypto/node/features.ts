/**
 * What the running Node has beyond Node 20, found by trying, once. The typings are those of Node 20, so newer calls
 * are described here.
 */

import type { KeyObject } from 'node:crypto';
import * as crypto from 'node:crypto';

type RawKey = {
  readonly key: Uint8Array;
  readonly format: 'raw-public' | 'raw-private' | 'raw-seed';
  readonly asymmetricKeyType: string;
};

interface NewerCrypto {
  createPublicKey(key: RawKey): KeyObject;
  createPrivateKey(key: RawKey): KeyObject;
  generateKeyPairSync(
    type: string,
    options: { readonly publicKeyEncoding: { readonly format: 'raw-public' } },
  ): { readonly publicKey: Buffer; readonly privateKey: KeyObject };
  generateKeyPairSync(type: string): { readonly privateKey: KeyObject };
  readonly encapsulate?: (key: KeyObject) => { readonly sharedKey: Buffer; readonly ciphertext: Buffer };
  readonly decapsulate?: (key: KeyObject, ciphertext: Uint8Array) => Buffer;
}

const newer = crypto as unknown as NewerCrypto;

function lazily(attempt: () => unknown): () => boolean {
  let known: boolean | undefined;
  return () => {
    if (known === undefined) {
      try {
        attempt();
        known = true;
      } catch {
        known = false;
      }
    }
    return known;
  };
}

/** Raw keys go in and out without a wrapper. */
export const supportsRaw = lazily(() => {
  const { publicKey } = generateRaw('x25519');
  if (publicKey.length !== 32) throw new TypeError('not raw');
  importRawPublic('x25519', publicKey);
  importRawPrivate('x25519', publicKey);
});

export const supportsMlKem = lazily(() => {
  const { privateKey } = newer.generateKeyPairSync('ml-kem-768');
  nativeDecapsulate(privateKey, nativeEncapsulate(crypto.createPublicKey(privateKey)).ciphertext);
});

export const supportsMlDsa = lazily(() => newer.generateKeyPairSync('ml-dsa-44'));

export function importRawPublic(type: string, key: Uint8Array): KeyObject {
  return newer.createPublicKey({ key, format: 'raw-public', asymmetricKeyType: type });
}

export function importRawPrivate(type: string, key: Uint8Array): KeyObject {
  return newer.createPrivateKey({ key, format: 'raw-private', asymmetricKeyType: type });
}

export function exportRawPublic(key: KeyObject): Buffer {
  const raw = key as unknown as { export(options: { format: 'raw-public' }): Buffer };
  return raw.export({ format: 'raw-public' });
}

export function generateRaw(type: string): { readonly publicKey: Buffer; readonly privateKey: KeyObject } {
  return newer.generateKeyPairSync(type, { publicKeyEncoding: { format: 'raw-public' } });
}

export function nativeEncapsulate(key: KeyObject): {
  readonly sharedKey: Buffer;
  readonly ciphertext: Buffer;
} {
  if (!newer.encapsulate) throw new TypeError('no encapsulate');
  return newer.encapsulate(key);
}

export function nativeDecapsulate(key: KeyObject, ciphertext: Uint8Array): Buffer {
  if (!newer.decapsulate) throw new TypeError('no decapsulate');
  return newer.decapsulate(key, ciphertext);
}

/** Those of `names` whose cipher OpenSSL has, asked at first use. BoringSSL, under Electron, lacks some. */
export function cipherFilter<N extends string>(
  names: readonly N[],
  ciphers: Readonly<Record<N, string>>,
): () => readonly N[] {
  let available: readonly N[] | undefined;
  return () => {
    available ??= names.filter((name) => crypto.getCipherInfo(ciphers[name]) !== undefined);
    return available;
  };
}
