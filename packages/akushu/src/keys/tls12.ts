/**
 * The key schedule of TLS 1.0 to 1.2 (RFC 5246 §5, §6.3, §8.1; RFC 4346 and RFC 2246 §5): the PRF, the master secret
 * plain or extended (RFC 7627), the key block, `verify_data` and exporters (RFC 5705). Premaster secrets come from
 * the handshake.
 */
import { concat, fromLatin1, Reader, wipe } from '../bytes/index.js';
import type { HmacKey, Provider } from '../crypto/provider.js';
import { HASH_LENGTH } from '../crypto/schemes.js';
import { type AeadName, type CbcName, type CipherSuite, type HashName, Version } from '../registry/index.js';
import { AEAD_KEY_LENGTH } from './tls13.js';

/** `PRF(secret, label, seed)`, cut to `length` bytes (RFC 5246 §5). */
export type Prf = (secret: Uint8Array, label: string, seed: Uint8Array, length: number) => Uint8Array;

/** P_hash (RFC 5246 §5), long enough for `length` bytes. */
function expandHmac(key: HmacKey, seed: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let a = key.sign(seed);
  for (let at = 0; at < length; at += key.length) {
    out.set(key.sign(a, seed).subarray(0, length - at), at);
    if (at + key.length < length) a = key.sign(a);
  }
  return out;
}

/** The PRF of a version and suite: of one hash in TLS 1.2, of MD5 and SHA-1 over half a secret each before (RFC 2246 §5). */
export function prfOf(provider: Provider, version: number, suite: CipherSuite): Prf {
  if (version >= Version['TLSv1.2']) {
    return (secret, label, seed, length) =>
      expandHmac(provider.hmacKey(suite.hash, secret), concat(fromLatin1(label), seed), length);
  }
  return (secret, label, seed, length) => {
    // The halves share the middle byte where the length is odd.
    const half = Math.ceil(secret.length / 2);
    const labelled = concat(fromLatin1(label), seed);
    const out = expandHmac(provider.hmacKey('md5', secret.subarray(0, half)), labelled, length);
    const other = expandHmac(
      provider.hmacKey('sha1', secret.subarray(secret.length - half)),
      labelled,
      length,
    );
    for (let i = 0; i < length; i++) out[i]! ^= other[i]!;
    return out;
  };
}

/** Hashes of the transcript: the PRF's in TLS 1.2, MD5 and SHA-1 side by side before (RFC 2246 §7.4.9). */
export function transcriptHashes(version: number, suite: CipherSuite): readonly HashName[] {
  return version >= Version['TLSv1.2'] ? [suite.hash] : ['md5', 'sha1'];
}

/** How records of a suite are protected before TLS 1.3. */
export type Cipher12 =
  | { readonly kind: 'aead'; readonly aead: AeadName }
  | { readonly kind: 'cbc'; readonly cbc: CbcName; readonly mac: HashName; readonly encryptThenMac: boolean }
  | { readonly kind: 'null'; readonly mac: HashName };

const CBC_KEY_LENGTH: Readonly<Record<CbcName, number>> = {
  'aes-128-cbc': 16,
  'aes-256-cbc': 32,
  '3des-ede-cbc': 24,
  'camellia-128-cbc': 16,
  'camellia-256-cbc': 32,
  'aria-128-cbc': 16,
  'aria-256-cbc': 32,
};

const MACS: Readonly<Record<string, HashName>> = {
  MD5: 'md5',
  SHA1: 'sha1',
  SHA256: 'sha256',
  SHA384: 'sha384',
};

/** The cipher of a suite; undefined where it is of a kind that is not spoken here (RC4, export, GOST, …). */
export function cipherOf(suite: CipherSuite, encryptThenMac = false): Cipher12 | undefined {
  if (suite.aead) return { kind: 'aead', aead: suite.aead };
  const mac = MACS[suite.mac];
  if (!mac || suite.foreignHash) return undefined;
  // RFC 7366 §3: for block ciphers only.
  if (suite.cbc) return { kind: 'cbc', cbc: suite.cbc, mac, encryptThenMac };
  return suite.enc === 'NULL' ? { kind: 'null', mac } : undefined;
}

/** What protects one direction. */
export interface DirectionKeys {
  readonly version: number;
  readonly cipher: Cipher12;
  readonly macKey: Uint8Array;
  readonly key: Uint8Array;
  /** AEAD: the fixed part of the nonce. CBC of TLS 1.0: the first IV. Otherwise empty. */
  readonly iv: Uint8Array;
}

/** RFC 7905 §2: all 12 bytes come from the key block; of GCM's and CCM's four (RFC 5288 §3, RFC 6655 §3). */
const fixedIvLength = (aead: AeadName) => (aead === 'chacha20-poly1305' ? 12 : 4);

/** The master secret, and what is derived from it (RFC 5246 §8.1). */
export class MasterSecret12 {
  private readonly prf: Prf;

  constructor(
    provider: Provider,
    readonly version: number,
    readonly suite: CipherSuite,
    /** 48 bytes. */
    readonly secret: Uint8Array,
    private readonly clientRandom: Uint8Array,
    private readonly serverRandom: Uint8Array,
  ) {
    this.prf = prfOf(provider, version, suite);
  }

  /**
   * From a premaster secret, which is wiped. With `sessionHash`, that of all messages up to ClientKeyExchange, it is
   * the extended one (RFC 7627 §4).
   */
  static from(
    provider: Provider,
    version: number,
    suite: CipherSuite,
    premaster: Uint8Array,
    clientRandom: Uint8Array,
    serverRandom: Uint8Array,
    sessionHash: Uint8Array | null,
  ): MasterSecret12 {
    const prf = prfOf(provider, version, suite);
    const secret = sessionHash
      ? prf(premaster, 'extended master secret', sessionHash, 48)
      : prf(premaster, 'master secret', concat(clientRandom, serverRandom), 48);
    wipe(premaster);
    return new MasterSecret12(provider, version, suite, secret, clientRandom, serverRandom);
  }

  /** Both directions' keys (RFC 5246 §6.3). */
  keys(cipher: Cipher12): { readonly client: DirectionKeys; readonly server: DirectionKeys } {
    const macLength = cipher.kind === 'aead' ? 0 : HASH_LENGTH[cipher.mac];
    const keyLength = keyLengthOf(cipher);
    const ivLength = this.ivLengthOf(cipher);
    const size = 2 * (macLength + keyLength + ivLength);
    const block = this.prf(this.secret, 'key expansion', concat(this.serverRandom, this.clientRandom), size);
    const reader = new Reader(block);
    const pair = (length: number) => [reader.view(length), reader.view(length)] as const;
    const [macs, keys, ivs] = [pair(macLength), pair(keyLength), pair(ivLength)];
    const direction = (i: 0 | 1): DirectionKeys => ({
      version: this.version,
      cipher,
      macKey: macs[i],
      key: keys[i],
      iv: ivs[i],
    });
    return { client: direction(0), server: direction(1) };
  }

  /** TLS 1.1 sends the IV with each record (RFC 4346 §6.2.3.2); 1.0 takes the first from the key block. */
  private ivLengthOf(cipher: Cipher12): number {
    if (cipher.kind === 'aead') return fixedIvLength(cipher.aead);
    if (cipher.kind === 'null' || this.version >= Version['TLSv1.1']) return 0;
    return cipher.cbc === '3des-ede-cbc' ? 8 : 16;
  }

  /** `verify_data` of the Finished message (RFC 5246 §7.4.9): 12 bytes. */
  verifyData(side: 'client' | 'server', transcriptHash: Uint8Array): Uint8Array {
    return this.prf(this.secret, `${side} finished`, transcriptHash, 12);
  }

  /** Keying material for another protocol (RFC 5705 §4); without a context it differs from that of an empty one. */
  export(label: string, context: Uint8Array | null, length: number): Uint8Array {
    const { clientRandom, serverRandom } = this;
    if (context === null) return this.prf(this.secret, label, concat(clientRandom, serverRandom), length);
    if (context.length > 0xffff)
      throw new RangeError(`"context" expected at most 65,535 bytes, got ${context.length}`);
    const size = Uint8Array.of(context.length >> 8, context.length & 0xff);
    return this.prf(this.secret, label, concat(clientRandom, serverRandom, size, context), length);
  }

  wipe(): void {
    wipe(this.secret);
  }
}

function keyLengthOf(cipher: Cipher12): number {
  if (cipher.kind === 'aead') return AEAD_KEY_LENGTH[cipher.aead];
  return cipher.kind === 'cbc' ? CBC_KEY_LENGTH[cipher.cbc] : 0;
}
