/** Hashes and HMAC over node:crypto. HMAC's two passes are run over prepared pads: half the cost of createHmac. */
import {
  createHash,
  createHmac,
  createSecretKey,
  hash as hashOnce,
  type Hash as NodeHash,
} from 'node:crypto';
import { concat } from '../../bytes/index.js';
import type { HashName } from '../../registry/types.js';
import type { Hash, HmacKey } from '../provider.js';
import { HASH_LENGTH } from '../schemes.js';
import { fromBinary, plain, withSecret } from './bytes.js';

class RunningHash implements Hash {
  constructor(private readonly hash: NodeHash) {}

  update(data: Uint8Array): this {
    this.hash.update(data);
    return this;
  }

  digest(): Uint8Array {
    return fromBinary(this.hash.copy().digest('binary'));
  }

  copy(): Hash {
    return new RunningHash(this.hash.copy());
  }
}

export function startHash(hash: HashName): Hash {
  return new RunningHash(createHash(hash));
}

export function digest(hash: HashName, ...parts: readonly Uint8Array[]): Uint8Array {
  return fromBinary(hashOnce(hash, concat(...parts), 'binary'));
}

const blockLength = (hash: HashName) => (hash === 'sha384' || hash === 'sha512' ? 128 : 64);

/** Messages up to here, which the key schedule has, go through prepared pads. */
const SHORT = 192;

/**
 * HMAC (RFC 2104) as two calls of node:crypto's one-shot hash: `inner` holds the first pad and room for a short
 * message, `outer` the second pad and room for a digest.
 */
export function hmacKey(hash: HashName, key: Uint8Array): HmacKey {
  const length = HASH_LENGTH[hash];
  const block = blockLength(hash);
  const padded = key.length > block ? digest(hash, key) : key;
  const inner = new Uint8Array(block + SHORT).fill(0x36, 0, block);
  const outer = new Uint8Array(block + length).fill(0x5c, 0, block);
  for (let i = 0; i < padded.length; i++) {
    inner[i]! ^= padded[i]!;
    outer[i]! ^= padded[i]!;
  }
  let signLong: ((parts: readonly Uint8Array[]) => Uint8Array) | undefined;
  return {
    hash,
    length,
    sign(...parts) {
      let end = block;
      for (const part of parts) end += part.length;
      if (end > inner.length) {
        signLong ??= longSigner(hash, inner.subarray(0, block));
        return signLong(parts);
      }
      let at = block;
      for (const part of parts) {
        inner.set(part, at);
        at += part.length;
      }
      const first = hashOnce(hash, inner.subarray(0, end), 'binary');
      for (let i = 0; i < length; i++) outer[block + i] = first.charCodeAt(i);
      return fromBinary(hashOnce(hash, outer, 'binary'));
    },
  };
}

/** Long messages, as in records of TLS 1.2's CBC suites: streamed, never copied. The key is what the pad was made of. */
function longSigner(hash: HashName, pad: Uint8Array): (parts: readonly Uint8Array[]) => Uint8Array {
  const keyObject = withSecret(
    pad.map((byte) => byte ^ 0x36),
    (key) => createSecretKey(key),
  );
  return (parts) => {
    const mac = createHmac(hash, keyObject);
    for (const part of parts) mac.update(part);
    return plain(mac.digest());
  };
}
