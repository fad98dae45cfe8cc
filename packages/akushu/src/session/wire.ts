/** Pieces that the stored forms of sessions share. */
import { annotateLeaf, type Codec } from '../codec/codec.js';
import { uint32 } from '../codec/index.js';

const TWO_32 = 0x1_0000_0000;

/** Milliseconds since 1970 in eight bytes; whole ones. */
const layout = {
  type: 'uint64',
  decode: (reader) => uint32.decode(reader) * TWO_32 + uint32.decode(reader),
  encode: (writer, value) => {
    const whole = Math.max(0, Math.floor(value));
    uint32.encode(writer, Math.floor(whole / TWO_32));
    uint32.encode(writer, whole % TWO_32);
  },
} satisfies Omit<Codec<number>, 'annotate'>;

export const milliseconds: Codec<number> = {
  ...layout,
  annotate: (reader, name) => annotateLeaf(milliseconds, String)(reader, name),
};
