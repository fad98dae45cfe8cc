/** Decoding a structure that stands inside another: errors say where in the whole, in bytes and in words. */
import { asX509Error, type Der, decodeDer } from '../der/index.js';
import { readAsBer } from './ber.js';

/** `part` is a view of `whole`, or comes from decryption or BER: then its offsets are its own. */
export function decodePart<T>(der: Der<T>, part: Uint8Array, field: string, whole: Uint8Array): T {
  return inside(field, part, whole, () => decodeDer(der, part));
}

/** The same where the part may be BER. */
export function decodeBerPart<T>(der: Der<T>, part: Uint8Array, field: string, whole: Uint8Array): T {
  return inside(field, part, whole, () => readAsBer(part, (definite) => decodeDer(der, definite)));
}

export function inside<T>(field: string, part: Uint8Array, whole: Uint8Array, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const known = asX509Error(error).within(field);
    const start = part.byteOffset - whole.byteOffset;
    const isView = part.buffer === whole.buffer && start >= 0 && start + part.length <= whole.length;
    throw isView ? known.shifted(start) : known;
  }
}
