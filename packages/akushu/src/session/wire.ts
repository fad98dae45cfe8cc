/** Pieces that the stored forms of sessions share. */
import { toUtf8 } from '../bytes/index.js';
import { annotateLeaf, type Codec } from '../codec/codec.js';
import { uint32 } from '../codec/index.js';
import { tlsError } from '../errors.js';

const TWO_32 = 0x1_0000_0000;

/** Milliseconds since 1970 in eight bytes; whole ones, for ever as far as numbers go. */
const layout = {
  type: 'uint64',
  decode: (reader) => uint32.decode(reader) * TWO_32 + uint32.decode(reader),
  encode: (writer, value) => {
    const whole = Math.min(Math.max(0, Math.floor(value)), Number.MAX_SAFE_INTEGER);
    uint32.encode(writer, Math.floor(whole / TWO_32));
    uint32.encode(writer, whole % TWO_32);
  },
} satisfies Omit<Codec<number>, 'annotate'>;

export const milliseconds: Codec<number> = {
  ...layout,
  annotate: (reader, name) => annotateLeaf(milliseconds, String)(reader, name),
};

/** Throws `malformed_message` where the bytes are not UTF-8. */
export function textOf(bytes: Uint8Array): string {
  try {
    return toUtf8(bytes);
  } catch {
    throw tlsError('malformed_message', { type: 'UTF-8' });
  }
}
