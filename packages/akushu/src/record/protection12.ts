/**
 * Record protection of TLS 1.0 to 1.2: AEADs (RFC 5246 §6.2.3.3, RFC 5288, RFC 6655, RFC 7905), block ciphers in CBC
 * mode with the MAC inside (RFC 5246 §6.2.3.2) or outside (RFC 7366), and NULL (§6.2.3.1). One object protects one
 * direction under one set of keys. A record that fails does so in one way, whatever is wrong with it.
 */
import { equalSecret } from '../bytes/index.js';
import type { Aead, Cbc, Hash, HmacKey, Provider, RandomSource } from '../crypto/provider.js';
import { HASH_LENGTH } from '../crypto/schemes.js';
import { tlsError } from '../errors.js';
import type { DirectionKeys } from '../keys/index.js';
import { type HashName, Version } from '../registry/index.js';
import { copyMac, removePadding } from './cbc-padding.js';
import { HEADER_LENGTH, MAX_PLAINTEXT } from './framing.js';
import { type InnerPlaintext, type Opener, type Sealer, SequenceNumber } from './protection.js';

/** Sequence number, type, version, length: in front of what a MAC or an AEAD covers (RFC 5246 §6.2.3.1, §6.2.3.3). */
const PSEUDO_HEADER = 13;

class Pseudo {
  readonly sequence = new SequenceNumber();
  private readonly bytes = new Uint8Array(PSEUDO_HEADER);

  constructor(version: number) {
    this.bytes[9] = version >> 8;
    this.bytes[10] = version & 0xff;
  }

  /** Of the next record. The array is used again. */
  next(type: number, length: number): Uint8Array {
    const { bytes, sequence } = this;
    // RFC 5246 §6.1: sequence numbers do not wrap.
    if (sequence.value === Number.MAX_SAFE_INTEGER) throw tlsError('encryption_limit_reached');
    sequence.writeTo(bytes, 0);
    bytes[8] = type;
    bytes[11] = length >> 8;
    bytes[12] = length & 0xff;
    sequence.value++;
    return bytes;
  }
}

const recordHeader = (type: number, version: number, length: number): Uint8Array =>
  Uint8Array.of(type, version >> 8, version & 0xff, length >> 8, length & 0xff);

/** Bytes of the nonce that travel with each record: none for ChaCha20-Poly1305 (RFC 7905 §2). */
const explicitLength = (iv: Uint8Array) => (iv.length === 12 ? 0 : 8);

/** The nonce of record `sequence`: IV and number side by side (RFC 5288 §3), or XORed (RFC 7905 §2). */
function fillNonce(nonce: Uint8Array, iv: Uint8Array, sequence: SequenceNumber): void {
  sequence.writeTo(nonce, 4);
  if (explicitLength(iv) === 0) for (let i = 4; i < 12; i++) nonce[i]! ^= iv[i]!;
}

function startNonce(iv: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(12);
  nonce.set(iv);
  return nonce;
}

class AeadSealer12 implements Sealer {
  readonly worn = false;
  readonly splitOff = 0;
  private readonly pseudo: Pseudo;
  private readonly nonce: Uint8Array;

  constructor(
    private readonly aead: Aead,
    private readonly keys: DirectionKeys,
  ) {
    this.pseudo = new Pseudo(keys.version);
    this.nonce = startNonce(keys.iv);
  }

  wireType(type: number): number {
    return type;
  }

  seal(type: number, fragment: Uint8Array, _padding: number, out: Uint8Array[]): number {
    const { aead, keys, nonce, pseudo } = this;
    fillNonce(nonce, keys.iv, pseudo.sequence);
    const explicit = explicitLength(keys.iv);
    const { ciphertext, tag } = aead.seal(nonce, pseudo.next(type, fragment.length), fragment);
    const length = explicit + ciphertext.length + tag.length;
    const header = recordHeader(type, keys.version, length);
    if (explicit > 0) {
      const head = new Uint8Array(HEADER_LENGTH + explicit);
      head.set(header);
      head.set(nonce.subarray(4), HEADER_LENGTH);
      out.push(head, ciphertext, tag);
    } else out.push(header, ciphertext, tag);
    return HEADER_LENGTH + length;
  }
}

class AeadOpener12 implements Opener {
  maxInner = MAX_PLAINTEXT;
  private readonly pseudo: Pseudo;
  private readonly nonce: Uint8Array;

  constructor(
    private readonly aead: Aead,
    private readonly keys: DirectionKeys,
  ) {
    this.pseudo = new Pseudo(keys.version);
    this.nonce = startNonce(keys.iv);
  }

  covers(): boolean {
    return true;
  }

  open(record: Uint8Array): InnerPlaintext | undefined {
    const { aead, keys, nonce, pseudo } = this;
    const explicit = explicitLength(keys.iv);
    const length = record.length - HEADER_LENGTH - explicit - aead.tagLength;
    if (length < 0) return undefined;
    // The explicit part is the sender's to choose (RFC 5288 §3).
    if (explicit > 0) nonce.set(record.subarray(HEADER_LENGTH, HEADER_LENGTH + explicit), 4);
    else fillNonce(nonce, keys.iv, pseudo.sequence);
    const type = record[0]!;
    const fragment = aead.open(nonce, pseudo.next(type, length), record.subarray(HEADER_LENGTH + explicit));
    return fragment === null ? undefined : checkSize(this, type, fragment);
  }
}

function checkSize(opener: Opener, type: number, fragment: Uint8Array): InnerPlaintext {
  if (fragment.length > opener.maxInner)
    throw tlsError('plaintext_too_long', { length: fragment.length, limit: opener.maxInner });
  return { type, fragment };
}

/** The HMAC of a record (RFC 5246 §6.2.3.1). */
class RecordMac {
  readonly length: number;
  private readonly hmac: HmacKey;
  private readonly pseudo: Pseudo;

  constructor(provider: Provider, hash: HashName, keys: DirectionKeys) {
    this.hmac = provider.hmacKey(hash, keys.macKey);
    this.length = HASH_LENGTH[hash];
    this.pseudo = new Pseudo(keys.version);
  }

  of(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    return this.hmac.sign(this.pseudo.next(type, length), ...parts);
  }
}

/**
 * The same over a fragment whose length is secret (Lucky Thirteen). HMAC's two passes are run here, since a provider
 * may take another way for short messages, and what a shorter fragment saves is hashed for nothing.
 */
class HiddenMac {
  readonly length: number;
  private readonly pseudo: Pseudo;
  private readonly block: number;
  private readonly inner: Hash;
  private readonly outer: Hash;

  constructor(
    private readonly provider: Provider,
    private readonly hash: HashName,
    keys: DirectionKeys,
  ) {
    this.length = HASH_LENGTH[hash];
    this.pseudo = new Pseudo(keys.version);
    this.block = hash === 'sha384' ? 128 : 64;
    const pad = new Uint8Array(this.block);
    pad.set(keys.macKey);
    this.inner = provider.createHash(hash).update(pad.map((byte) => byte ^ 0x36));
    this.outer = provider.createHash(hash).update(pad.map((byte) => byte ^ 0x5c));
  }

  /** The MAC of a fragment that could have had up to `most` bytes. */
  of(type: number, fragment: Uint8Array, most: number): Uint8Array {
    const header = this.pseudo.next(type, fragment.length);
    const first = this.inner.copy().update(header).update(fragment).digest();
    const spare = this.compressions(most) - this.compressions(fragment.length);
    this.provider
      .createHash(this.hash)
      .update(ZEROS.subarray(0, spare * this.block))
      .digest();
    return this.outer.copy().update(first).digest();
  }

  /** Compressions of the first pass over a pseudo header, so many bytes, and the padding with its length. */
  private compressions(length: number): number {
    const lengthField = this.block === 128 ? 16 : 8;
    return Math.ceil((PSEUDO_HEADER + length + 1 + lengthField) / this.block);
  }
}

/** Padding of 256 bytes is all that is ever hashed for nothing. */
const ZEROS = new Uint8Array(512);

class CbcSealer12 implements Sealer {
  readonly worn = false;
  readonly splitOff: 0 | 1;
  /** TLS 1.0: the last block sent, which is the next IV (RFC 2246 §6.2.3.2). */
  private chained: Uint8Array | null;
  private readonly mac: RecordMac;

  constructor(
    provider: Provider,
    private readonly cbc: Cbc,
    private readonly keys: DirectionKeys,
    mac: HashName,
    private readonly encryptThenMac: boolean,
    private readonly random: RandomSource,
  ) {
    this.mac = new RecordMac(provider, mac, keys);
    const implicit = keys.version < Version['TLSv1.1'];
    this.chained = implicit ? keys.iv : null;
    // BEAST: a record of one byte makes the IV of the next one unknown to whoever chose its content.
    this.splitOff = implicit ? 1 : 0;
  }

  wireType(type: number): number {
    return type;
  }

  seal(type: number, fragment: Uint8Array, _padding: number, out: Uint8Array[]): number {
    const { cbc, keys, mac } = this;
    const inside = this.encryptThenMac ? 0 : mac.length;
    const content = fragment.length + inside;
    const padding = cbc.blockLength - (content % cbc.blockLength);
    const plain = new Uint8Array(content + padding).fill(padding - 1, content);
    plain.set(fragment);
    if (inside > 0) plain.set(mac.of(type, fragment), fragment.length);
    const iv = this.chained ?? this.random(cbc.blockLength);
    const encrypted = cbc.encrypt(iv, plain);
    const pieces = this.chained ? [encrypted] : [iv, encrypted];
    if (this.chained) this.chained = encrypted.slice(-cbc.blockLength);
    // RFC 7366 §3: over the IV as well, where it travels.
    if (this.encryptThenMac) pieces.push(mac.of(type, ...pieces));
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    out.push(recordHeader(type, keys.version, length), ...pieces);
    return HEADER_LENGTH + length;
  }
}

/** RFC 5246 §6.2.3.2: the MAC is inside, and with it the secret where it begins. */
class CbcOpener12 implements Opener {
  maxInner = MAX_PLAINTEXT;
  private readonly mac: HiddenMac;
  private readonly received: Uint8Array;
  private readonly blocks: CbcDecryption;

  constructor(provider: Provider, cbc: Cbc, keys: DirectionKeys, mac: HashName) {
    this.mac = new HiddenMac(provider, mac, keys);
    this.received = new Uint8Array(this.mac.length);
    this.blocks = new CbcDecryption(cbc, keys);
  }

  covers(): boolean {
    return true;
  }

  open(record: Uint8Array): InnerPlaintext | undefined {
    const { mac, received } = this;
    const type = record[0]!;
    const body = record.subarray(HEADER_LENGTH);
    const decrypted = this.blocks.decrypt(body, mac.length + 1);
    // What cannot be a record at all gets the same work.
    const plain = decrypted ?? this.blocks.decryptAnyway(body, mac.length + 1);
    const { good: padded, length } = removePadding(plain, mac.length);
    const good = decrypted ? padded : 0;
    copyMac(plain, length, received);
    const expected = mac.of(type, plain.subarray(0, length), plain.length - mac.length - 1);
    let difference = ~good;
    for (let i = 0; i < expected.length; i++) difference |= expected[i]! ^ received[i]!;
    return difference === 0 ? checkSize(this, type, plain.subarray(0, length)) : undefined;
  }
}

/** RFC 7366 §3: the MAC is outside, and is checked before anything is decrypted. */
class EncryptThenMacOpener12 implements Opener {
  maxInner = MAX_PLAINTEXT;
  private readonly mac: RecordMac;
  private readonly blocks: CbcDecryption;

  constructor(provider: Provider, cbc: Cbc, keys: DirectionKeys, mac: HashName) {
    this.mac = new RecordMac(provider, mac, keys);
    this.blocks = new CbcDecryption(cbc, keys);
  }

  covers(): boolean {
    return true;
  }

  open(record: Uint8Array): InnerPlaintext | undefined {
    const type = record[0]!;
    const end = Math.max(HEADER_LENGTH, record.length - this.mac.length);
    const body = record.subarray(HEADER_LENGTH, end);
    const genuine = equalSecret(this.mac.of(type, body), record.subarray(end));
    const plain = genuine ? this.blocks.decrypt(body, 1) : undefined;
    if (!plain) return undefined;
    const { good, length } = removePadding(plain, 0);
    return good === 0 ? undefined : checkSize(this, type, plain.subarray(0, length));
  }
}

/** The IVs of a direction, chained (RFC 2246 §6.2.3.2) or in front of each record (RFC 4346 §6.2.3.2). */
class CbcDecryption {
  private chained: Uint8Array | null;

  constructor(
    private readonly cbc: Cbc,
    keys: DirectionKeys,
  ) {
    this.chained = keys.version < Version['TLSv1.1'] ? keys.iv : null;
  }

  /** Undefined where the length cannot be that of a record: it is no secret. */
  decrypt(body: Uint8Array, least: number): Uint8Array | undefined {
    const block = this.cbc.blockLength;
    const ivLength = this.chained ? 0 : block;
    const length = body.length - ivLength;
    if (length < least || length % block !== 0) return undefined;
    const iv = this.chained ?? body.subarray(0, block);
    const data = body.subarray(ivLength);
    if (this.chained) this.chained = data.slice(-block);
    return this.cbc.decrypt(iv, data);
  }

  /** As many whole blocks as there are, and at least `least` bytes: for a length that is wrong. */
  decryptAnyway(body: Uint8Array, least: number): Uint8Array {
    const block = this.cbc.blockLength;
    const size = Math.ceil(Math.max(least, body.length - block + 1) / block) * block;
    const data = new Uint8Array(size);
    data.set(body.subarray(0, size));
    return this.cbc.decrypt(new Uint8Array(block), data);
  }
}

class NullSealer12 implements Sealer {
  readonly worn = false;
  readonly splitOff = 0;
  private readonly mac: RecordMac;

  constructor(
    provider: Provider,
    private readonly keys: DirectionKeys,
    mac: HashName,
  ) {
    this.mac = new RecordMac(provider, mac, keys);
  }

  wireType(type: number): number {
    return type;
  }

  seal(type: number, fragment: Uint8Array, _padding: number, out: Uint8Array[]): number {
    const mac = this.mac.of(type, fragment);
    const length = fragment.length + mac.length;
    out.push(recordHeader(type, this.keys.version, length), fragment.slice(), mac);
    return HEADER_LENGTH + length;
  }
}

class NullOpener12 implements Opener {
  maxInner = MAX_PLAINTEXT;
  private readonly mac: RecordMac;

  constructor(provider: Provider, keys: DirectionKeys, mac: HashName) {
    this.mac = new RecordMac(provider, mac, keys);
  }

  covers(): boolean {
    return true;
  }

  open(record: Uint8Array): InnerPlaintext | undefined {
    const type = record[0]!;
    const end = Math.max(HEADER_LENGTH, record.length - this.mac.length);
    const fragment = record.slice(HEADER_LENGTH, end);
    const genuine = equalSecret(this.mac.of(type, fragment), record.subarray(end));
    return genuine ? checkSize(this, type, fragment) : undefined;
  }
}

export function sealer12(provider: Provider, keys: DirectionKeys, random: RandomSource): Sealer {
  const { cipher } = keys;
  switch (cipher.kind) {
    case 'aead':
      return new AeadSealer12(provider.aead(cipher.aead, keys.key), keys);
    case 'cbc':
      return new CbcSealer12(
        provider,
        provider.cbc(cipher.cbc, keys.key),
        keys,
        cipher.mac,
        cipher.encryptThenMac,
        random,
      );
    case 'null':
      return new NullSealer12(provider, keys, cipher.mac);
  }
}

export function opener12(provider: Provider, keys: DirectionKeys): Opener {
  const { cipher } = keys;
  switch (cipher.kind) {
    case 'aead':
      return new AeadOpener12(provider.aead(cipher.aead, keys.key), keys);
    case 'cbc': {
      const OpenerOfKind = cipher.encryptThenMac ? EncryptThenMacOpener12 : CbcOpener12;
      return new OpenerOfKind(provider, provider.cbc(cipher.cbc, keys.key), keys, cipher.mac);
    }
    case 'null':
      return new NullOpener12(provider, keys, cipher.mac);
  }
}

/** RFC 5246 §6.2.3: what protection may add to 2^14 bytes before TLS 1.3. */
export const MAX_CIPHERTEXT_12 = MAX_PLAINTEXT + 2048;
