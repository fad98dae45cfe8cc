/**
 * Key derivation and record protection of SSL 3.0 (RFC 6101 §5.2.3, §6), to read old captures: never spoken, never
 * encrypted with (RFC 7568).
 */
import { concat, equal, fromLatin1 } from '../../bytes/index.js';
import type { Provider } from '../../crypto/provider.js';
import { HASH_LENGTH } from '../../crypto/schemes.js';
import { cipherOf } from '../../keys/index.js';
import { HEADER_LENGTH, type InnerPlaintext } from '../../record/index.js';
import type { CbcName, CipherSuite, HashName } from '../../registry/index.js';
import type { Side } from '../../trace/index.js';
import { macHash, RC4_KEY, Rc4, sequenceBytes } from './rc4.js';

/** RFC 6101 §6.1, §6.2.2: MD5 over SHA-1 over 'A', 'BB', 'CCC', … */
function expand(
  provider: Provider,
  secret: Uint8Array,
  first: Uint8Array,
  second: Uint8Array,
  length: number,
): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let i = 0; i * 16 < length; i++) {
    const salt = fromLatin1(String.fromCharCode(0x41 + i).repeat(i + 1));
    pieces.push(provider.digest('md5', secret, provider.digest('sha1', salt, secret, first, second)));
  }
  return concat(...pieces).subarray(0, length);
}

export function masterOfSsl3(
  provider: Provider,
  premaster: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): Uint8Array {
  return expand(provider, premaster, clientRandom, serverRandom, 48);
}

export interface Ssl3Keys {
  readonly hash: HashName;
  readonly cbc: CbcName | null;
  readonly rc4: boolean;
  readonly macKey: Uint8Array;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

const KEY_LENGTH: Partial<Record<CbcName, number>> = {
  'aes-128-cbc': 16,
  'aes-256-cbc': 32,
  '3des-ede-cbc': 24,
};

/** Null where the cipher is not one that can be opened here. */
export function keysOfSsl3(
  provider: Provider,
  suite: CipherSuite,
  master: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): Readonly<Record<Side, Ssl3Keys>> | null {
  const hash = macHash(suite);
  const rc4 = suite.enc === 'RC4-128';
  const cipher = cipherOf(suite);
  if (!hash || (!rc4 && (!cipher || cipher.kind === 'aead'))) return null;
  const cbc = cipher?.kind === 'cbc' ? cipher.cbc : null;
  const keyLength = rc4 ? RC4_KEY : cbc ? KEY_LENGTH[cbc] : 0;
  if (keyLength === undefined) return null;
  const ivLength = cbc ? (cbc === '3des-ede-cbc' ? 8 : 16) : 0;
  const macLength = HASH_LENGTH[hash];
  const block = expand(provider, master, serverRandom, clientRandom, 2 * (macLength + keyLength + ivLength));
  let at = 0;
  const take = (length: number): Uint8Array => {
    at += length;
    return block.subarray(at - length, at);
  };
  const [macs, keys, ivs] = [macLength, keyLength, ivLength].map(
    (length) => [take(length), take(length)] as const,
  );
  const direction = (i: 0 | 1): Ssl3Keys => ({
    hash,
    cbc,
    rc4,
    macKey: macs![i],
    key: keys![i],
    iv: ivs![i],
  });
  return { client: direction(0), server: direction(1) };
}

class Ssl3Opener {
  private sequence = 0;
  private iv: Uint8Array;

  constructor(
    private readonly provider: Provider,
    private readonly keys: Ssl3Keys,
    /** Content and MAC, padding taken off; undefined where it cannot be. */
    private readonly decrypt: (data: Uint8Array, iv: Uint8Array) => Uint8Array | undefined,
  ) {
    this.iv = keys.iv;
  }

  open(record: Uint8Array): InnerPlaintext | undefined {
    const data = record.subarray(HEADER_LENGTH);
    const plain = this.decrypt(data, this.iv);
    if (this.iv.length > 0) this.iv = data.slice(-this.iv.length);
    const number = sequenceBytes(this.sequence++);
    const size = HASH_LENGTH[this.keys.hash];
    if (!plain || plain.length < size) return undefined;
    const fragment = plain.subarray(0, plain.length - size);
    const genuine = equal(this.mac(number, record[0]!, fragment), plain.subarray(fragment.length));
    return genuine ? { type: record[0]!, fragment } : undefined;
  }

  /** RFC 6101 §5.2.3.1. */
  private mac(number: Uint8Array, type: number, fragment: Uint8Array): Uint8Array {
    const { provider } = this;
    const { hash, macKey } = this.keys;
    const pad = (byte: number): Uint8Array => new Uint8Array(hash === 'md5' ? 48 : 40).fill(byte);
    const header = Uint8Array.of(type, fragment.length >> 8, fragment.length & 0xff);
    const inner = provider.digest(hash, macKey, pad(0x36), number, header, fragment);
    return provider.digest(hash, macKey, pad(0x5c), inner);
  }
}

export function ssl3Opener(provider: Provider, keys: Ssl3Keys): Ssl3Opener {
  if (keys.rc4) {
    const stream = new Rc4(keys.key);
    return new Ssl3Opener(provider, keys, (data) => stream.apply(data));
  }
  if (!keys.cbc) return new Ssl3Opener(provider, keys, (data) => data.slice());
  const cipher = provider.cbc(keys.cbc, keys.key);
  return new Ssl3Opener(provider, keys, (data, iv) => {
    if (data.length === 0 || data.length % cipher.blockLength !== 0) return undefined;
    const plain = cipher.decrypt(iv, data);
    // RFC 6101 §5.2.3.2: padding bytes may be anything; its length is less than a block.
    const padding = plain[plain.length - 1]! + 1;
    return padding <= plain.length ? plain.subarray(0, plain.length - padding) : undefined;
  });
}
