/**
 * RC4 (RFC 2246 §6.2.3.1), to read old captures: nothing here can encrypt, and no suite with it is ever negotiated
 * (RFC 7465).
 */
import { concat, equal } from '../../bytes/index.js';
import type { HmacKey, Provider } from '../../crypto/provider.js';
import { HASH_LENGTH } from '../../crypto/schemes.js';
import { type MasterSecret12, prfOf } from '../../keys/index.js';
import { HEADER_LENGTH, type InnerPlaintext } from '../../record/index.js';
import type { CipherSuite, HashName } from '../../registry/index.js';
import type { Side } from '../../trace/index.js';

export const RC4_KEY = 16;

/** The keystream goes on from record to record. */
export class Rc4 {
  private readonly state = Uint8Array.from({ length: 256 }, (_, i) => i);
  private i = 0;
  private j = 0;

  constructor(key: Uint8Array) {
    const { state } = this;
    let j = 0;
    for (let i = 0; i < 256; i++) {
      j = (j + state[i]! + key[i % key.length]!) & 0xff;
      [state[i], state[j]] = [state[j]!, state[i]!];
    }
  }

  apply(data: Uint8Array): Uint8Array {
    const { state } = this;
    const out = new Uint8Array(data.length);
    let { i, j } = this;
    for (let at = 0; at < data.length; at++) {
      i = (i + 1) & 0xff;
      const a = state[i]!;
      j = (j + a) & 0xff;
      const b = state[j]!;
      state[i] = b;
      state[j] = a;
      out[at] = data[at]! ^ state[(a + b) & 0xff]!;
    }
    this.i = i;
    this.j = j;
    return out;
  }
}

/** Eight bytes of a record's number. */
export function sequenceBytes(sequence: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(sequence / 0x1_0000_0000));
  view.setUint32(4, sequence % 0x1_0000_0000);
  return bytes;
}

export function macHash(suite: CipherSuite): HashName | undefined {
  return suite.mac === 'MD5' ? 'md5' : suite.mac === 'SHA1' ? 'sha1' : undefined;
}

class Rc4Opener {
  private sequence = 0;
  private readonly cipher: Rc4;

  constructor(
    private readonly mac: HmacKey,
    key: Uint8Array,
    private readonly version: number,
  ) {
    this.cipher = new Rc4(key);
  }

  open(record: Uint8Array): InnerPlaintext | undefined {
    const plain = this.cipher.apply(record.subarray(HEADER_LENGTH));
    const length = plain.length - this.mac.length;
    const number = sequenceBytes(this.sequence++);
    if (length < 0) return undefined;
    const fragment = plain.subarray(0, length);
    const { version } = this;
    const header = Uint8Array.of(record[0]!, version >> 8, version & 0xff, length >> 8, length & 0xff);
    const genuine = equal(this.mac.sign(number, header, fragment), plain.subarray(length));
    return genuine ? { type: record[0]!, fragment } : undefined;
  }
}

/** Both directions from the key block (RFC 5246 §6.3): MAC keys, then keys; no IVs. */
export function rc4Opener(
  provider: Provider,
  suite: CipherSuite,
  master: MasterSecret12,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): Readonly<Record<Side, Rc4Opener>> | null {
  const hash = macHash(suite);
  if (!hash) return null;
  const size = HASH_LENGTH[hash];
  const { version, secret } = master;
  const seed = concat(serverRandom, clientRandom);
  const block = prfOf(provider, version, suite)(secret, 'key expansion', seed, 2 * (size + RC4_KEY));
  const direction = (i: number): Rc4Opener => {
    const mac = provider.hmacKey(hash, block.subarray(i * size, (i + 1) * size));
    const start = 2 * size + i * RC4_KEY;
    return new Rc4Opener(mac, block.subarray(start, start + RC4_KEY), version);
  };
  return { client: direction(0), server: direction(1) };
}
