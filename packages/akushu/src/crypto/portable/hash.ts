/** Hashes and HMAC over @noble/hashes. */
import { hmac } from '@noble/hashes/hmac.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import type { HashName } from '../../registry/types.js';
import type { Hash, HmacKey } from '../provider.js';
import { HASH_LENGTH } from '../schemes.js';

const HASHES = { md5, sha1, sha224, sha256, sha384, sha512 } as const;

/** What the hashes of @noble have in common. */
interface NobleHash {
  update(data: Uint8Array): unknown;
  digest(): Uint8Array;
  clone(): NobleHash;
}

class RunningHash implements Hash {
  constructor(private readonly hash: NobleHash) {}

  update(data: Uint8Array): this {
    this.hash.update(data);
    return this;
  }

  digest(): Uint8Array {
    return this.hash.clone().digest();
  }

  copy(): Hash {
    return new RunningHash(this.hash.clone());
  }
}

export function startHash(hash: HashName): Hash {
  return new RunningHash(HASHES[hash].create());
}

export function digest(hash: HashName, ...parts: readonly Uint8Array[]): Uint8Array {
  const running = HASHES[hash].create();
  for (const part of parts) running.update(part);
  return running.digest();
}

/** The two pads are hashed once, here; each message continues from a copy. */
export function hmacKey(hash: HashName, key: Uint8Array): HmacKey {
  const prepared: NobleHash = hmac.create(HASHES[hash], key);
  return {
    hash,
    length: HASH_LENGTH[hash],
    sign(...parts) {
      const running = prepared.clone();
      for (const part of parts) running.update(part);
      return running.digest();
    },
  };
}
