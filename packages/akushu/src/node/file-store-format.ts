/**
 * The bytes of a session file: a head that says what it is and under which key it is sealed, then everything else sealed
 * with AES-256-GCM, the head with it. Tells what is wrong with bytes that are no such file. Touches no file.
 */
import { concat, equal, fromLatin1, fromUtf8, toLatin1 } from '../bytes/index.js';
import { decode, encode, type Infer, opaque, struct, vector } from '../codec/index.js';
import type { Aead, Provider } from '../crypto/provider.js';
import { TlsError } from '../errors.js';
import { milliseconds } from '../session/wire.js';
import { type FileKind, identifyFile, X509Error } from '../x509/index.js';

/** What a file holds, oldest first. */
export interface StoredEntries {
  /** Since when marks have been kept without a gap. Milliseconds since 1970, as all times here. */
  readonly born: number;
  readonly values: ReadonlyMap<string, { readonly value: Uint8Array; readonly expires: number }>;
  readonly marks: ReadonlyMap<string, number>;
}

/**
 * Why bytes are no session file: they end too early, were changed, are of another format, or sealed under another key.
 * `foreign`: they are something else altogether, which somebody may want to keep.
 */
export type FileProblem = 'cut' | 'changed' | 'other_format' | 'other_key' | 'foreign';

export class BadSessionFile extends Error {
  override readonly name = 'BadSessionFile';
  constructor(readonly problem: FileProblem) {
    super(problem);
  }
}

const MAGIC = fromLatin1('akushu sessions\n');
const VERSION = 1;
const KEY_NAME_LENGTH = 8;
const NONCE_LENGTH = 12;
const HEAD_LENGTH = MAGIC.length + 1 + KEY_NAME_LENGTH + 4;

const codec = struct('SessionFile', 'akushu', {
  born: milliseconds,
  values: vector(
    struct('StoredValue', 'akushu', {
      key: opaque(1, 255),
      expires: milliseconds,
      value: opaque(0, 0xffff),
    }),
    0,
    0xffffff,
  ),
  marks: vector(struct('Mark', 'akushu', { key: opaque(1, 255), expires: milliseconds }), 0, 0xffffff),
});

export class SessionFileFormat {
  private readonly keyName: Uint8Array;
  private readonly aead: Aead;

  /** Throws RangeError for a key of less than 32 bytes. */
  constructor(
    private readonly provider: Provider,
    key: Uint8Array,
  ) {
    if (key.length < 32) throw new RangeError(`"key" expected at least 32 bytes, got ${key.length}`);
    const root = provider.hmacKey('sha256', key);
    this.keyName = root.sign(fromUtf8('akushu session file key name')).subarray(0, KEY_NAME_LENGTH);
    this.aead = provider.aead('aes-256-gcm', root.sign(fromUtf8('akushu session file key')));
  }

  encode({ born, values, marks }: StoredEntries): Uint8Array {
    const wire: Infer<typeof codec> = {
      born,
      values: [...values].map(([key, entry]) => ({ key: fromUtf8(key), ...entry })),
      marks: [...marks].map(([key, expires]) => ({ key: fromUtf8(key), expires })),
    };
    const plain = encode(codec, wire);
    const head = this.head(NONCE_LENGTH + plain.length + this.aead.tagLength);
    const nonce = this.provider.random(NONCE_LENGTH);
    const { ciphertext, tag } = this.aead.seal(nonce, head, plain);
    return concat(head, nonce, ciphertext, tag);
  }

  /** Throws BadSessionFile. */
  decode(bytes: Uint8Array): StoredEntries {
    const head = bytes.subarray(0, HEAD_LENGTH);
    this.checkHead(bytes);
    const nonce = bytes.subarray(HEAD_LENGTH, HEAD_LENGTH + NONCE_LENGTH);
    const plain = this.aead.open(nonce, head, bytes.subarray(HEAD_LENGTH + NONCE_LENGTH));
    if (!plain) throw new BadSessionFile('changed');
    try {
      const { born, values, marks } = decode(codec, plain);
      return {
        born,
        values: new Map(
          values.map(({ key, value, expires }) => [toLatin1(key), { value: value.slice(), expires }]),
        ),
        marks: new Map(marks.map(({ key, expires }) => [toLatin1(key), expires])),
      };
    } catch (cause) {
      // Sealed by us, and yet of another form: by another version.
      if (cause instanceof TlsError) throw new BadSessionFile('other_format');
      throw cause;
    }
  }

  private head(length: number): Uint8Array {
    const size = new Uint8Array(4);
    new DataView(size.buffer).setUint32(0, length);
    return concat(MAGIC, Uint8Array.of(VERSION), this.keyName, size);
  }

  private checkHead(bytes: Uint8Array): void {
    const start = bytes.subarray(0, MAGIC.length);
    if (!equal(start, MAGIC.subarray(0, start.length)) || bytes.length === 0)
      throw new BadSessionFile(isForeign(bytes) ? 'foreign' : 'other_format');
    if (bytes.length < HEAD_LENGTH) throw new BadSessionFile('cut');
    if (bytes[MAGIC.length] !== VERSION) throw new BadSessionFile('other_format');
    const name = bytes.subarray(MAGIC.length + 1, MAGIC.length + 1 + KEY_NAME_LENGTH);
    if (!equal(name, this.keyName)) throw new BadSessionFile('other_key');
    const length = new DataView(bytes.buffer, bytes.byteOffset + HEAD_LENGTH - 4, 4).getUint32(0);
    const rest = bytes.length - HEAD_LENGTH;
    if (rest < length) throw new BadSessionFile('cut');
    if (rest > length || length < NONCE_LENGTH + this.aead.tagLength) throw new BadSessionFile('changed');
  }
}

/** Whether a file begins as ours do, whatever its size. */
export function beginsAsOurs(bytes: Uint8Array): boolean {
  return equal(bytes.subarray(0, MAGIC.length), MAGIC);
}

/** What has no form that is known could be anything, and a damaged file of ours as well. */
const FORMLESS: ReadonlySet<FileKind> = new Set(['binary', 'der', 'pgp', 'empty']);
/** Text of some lines was written by somebody. */
const LINES_OF_TEXT = 3;

/** Whether this is something that somebody made for another purpose: a certificate, a key, an archive, a text. */
function isForeign(bytes: Uint8Array): boolean {
  const alike = MAGIC.filter((byte, at) => bytes[at] === byte).length;
  if (alike >= MAGIC.length / 2) return false;
  try {
    const { items } = identifyFile(bytes);
    return items.some(({ kind }) =>
      kind === 'text' ? toLatin1(bytes).split('\n').length > LINES_OF_TEXT : !FORMLESS.has(kind),
    );
  } catch (error) {
    if (error instanceof X509Error) return true;
    throw error;
  }
}
