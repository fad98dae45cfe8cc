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
import { fromBinary, plain } from './bytes.js';

/** Up to here, as the transcripts of resumptions are, hashing all of it again costs less than a native object and its copies. */
const MAX_KEPT = 4096;

class RunningHash implements Hash {
  /** What came so far, until it is too much. */
  private kept: Uint8Array;
  private length = 0;

  constructor(
    private readonly hash: HashName,
    private running: NodeHash | null = null,
  ) {
    this.kept = new Uint8Array(running ? 0 : 512);
  }

  update(data: Uint8Array): this {
    const end = this.length + data.length;
    if (!this.running && end > MAX_KEPT) {
      this.running = createHash(this.hash).update(this.sofar());
      this.kept = new Uint8Array(0);
    }
    if (this.running) {
      this.running.update(data);
      return this;
    }
    if (end > this.kept.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.kept.length));
      larger.set(this.sofar());
      this.kept = larger;
    }
    this.kept.set(data, this.length);
    this.length = end;
    return this;
  }

  digest(): Uint8Array {
    const text = this.running
      ? this.running.copy().digest('binary')
      : hashOnce(this.hash, this.sofar(), 'binary');
    return fromBinary(text);
  }

  copy(): Hash {
    return this.running
      ? new RunningHash(this.hash, this.running.copy())
      : new RunningHash(this.hash).update(this.sofar());
  }

  private sofar(): Uint8Array {
    return this.kept.subarray(0, this.length);
  }
}

export function startHash(hash: HashName): Hash {
  return new RunningHash(hash);
}

export function digest(hash: HashName, ...parts: readonly Uint8Array[]): Uint8Array {
  return fromBinary(hashOnce(hash, parts.length === 1 ? parts[0]! : concat(...parts), 'binary'));
}

const blockLength = (hash: HashName) => (hash === 'sha384' || hash === 'sha512' ? 128 : 64);

/** Messages up to here, which the key schedule has, go through prepared pads. */
const SHORT = 192;
const MAX_BLOCK = 128;

/**
 * Room for a pad and a short message, and for a pad and a digest: one for all keys, since nothing else runs between
 * filling and hashing. Arrays of their own would cost more than the hash. Views are kept by length for the same reason.
 */
const innerRoom = new Uint8Array(MAX_BLOCK + SHORT);
const outerRoom = new Uint8Array(MAX_BLOCK + 64);
const innerViews: Uint8Array[] = [];
const outerViews: Uint8Array[] = [];

function viewOf(views: Uint8Array[], room: Uint8Array, length: number): Uint8Array {
  views[length] ??= room.subarray(0, length);
  return views[length];
}

/** HMAC (RFC 2104) as two calls of node:crypto's one-shot hash. A class: thousands of closures a second cost more than the hash. */
class NodeHmacKey implements HmacKey {
  readonly length: number;
  private readonly block: number;
  private readonly own: Uint8Array;
  private signLong: ((parts: readonly Uint8Array[]) => Uint8Array) | null = null;

  constructor(
    readonly hash: HashName,
    key: Uint8Array,
  ) {
    this.length = HASH_LENGTH[hash];
    this.block = blockLength(hash);
    this.own = key.length > this.block ? digest(hash, key) : key.slice();
  }

  sign(...parts: readonly Uint8Array[]): Uint8Array {
    const { hash, length, block, own } = this;
    let end = block;
    for (let i = 0; i < parts.length; i++) end += parts[i]!.length;
    if (end > block + SHORT) {
      this.signLong ??= longSigner(hash, own);
      return this.signLong(parts);
    }
    for (let i = 0; i < own.length; i++) {
      innerRoom[i] = own[i]! ^ 0x36;
      outerRoom[i] = own[i]! ^ 0x5c;
    }
    innerRoom.fill(0x36, own.length, block);
    outerRoom.fill(0x5c, own.length, block);
    let at = block;
    for (let i = 0; i < parts.length; i++) {
      innerRoom.set(parts[i]!, at);
      at += parts[i]!.length;
    }
    const first = hashOnce(hash, viewOf(innerViews, innerRoom, end), 'binary');
    for (let i = 0; i < length; i++) outerRoom[block + i] = first.charCodeAt(i);
    const result = fromBinary(hashOnce(hash, viewOf(outerViews, outerRoom, block + length), 'binary'));
    // The next one overwrites it, but nobody knows when.
    innerRoom.fill(0, 0, end);
    outerRoom.fill(0, 0, block + length);
    return result;
  }
}

export function hmacKey(hash: HashName, key: Uint8Array): HmacKey {
  return new NodeHmacKey(hash, key);
}

/** Long messages, as in records of TLS 1.2's CBC suites: streamed, never copied. */
function longSigner(hash: HashName, key: Uint8Array): (parts: readonly Uint8Array[]) => Uint8Array {
  const keyObject = createSecretKey(key);
  return (parts) => {
    const mac = createHmac(hash, keyObject);
    for (const part of parts) mac.update(part);
    return plain(mac.digest());
  };
}
