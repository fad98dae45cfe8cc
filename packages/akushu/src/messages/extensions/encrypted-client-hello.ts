/**
 * encrypted_client_hello (RFC 9849 §5) as it stands in a ClientHello: read, so that it can be shown. Whoever does not
 * speak it ignores it whatever it holds, so decoding never fails: what has another form is kept as bytes.
 */
import { Reader } from '../../bytes/index.js';
import {
  type Codec,
  empty,
  enumerated,
  opaque,
  remainder,
  select,
  struct,
  uint8,
} from '../../codec/index.js';
import { extension } from './context.js';

const KDFS: Readonly<Record<number, string>> = { 1: 'HKDF-SHA256', 2: 'HKDF-SHA384', 3: 'HKDF-SHA512' };
const AEADS: Readonly<Record<number, string>> = { 1: 'AES-128-GCM', 2: 'AES-256-GCM', 3: 'ChaCha20Poly1305' };
const OUTER = 0;
const INNER = 1;

const outer = struct('ECHClientHello', 'RFC 9849 §5', {
  kdfId: enumerated('HpkeKdfId', 2, (code) => KDFS[code]),
  aeadId: enumerated('HpkeAeadId', 2, (code) => AEADS[code]),
  configId: uint8,
  enc: opaque(0, 0xffff),
  payload: opaque(1, 0xffff),
});

const type = enumerated('ECHClientHelloType', 1, (code) => ['outer', 'inner'][code]);

/** Types that are none have no form: nothing may stand behind them. */
const form = select<string, unknown>('ECHClientHello', type, (code) =>
  code === OUTER
    ? { kind: 'outer', codec: outer }
    : { kind: code === INNER ? 'inner' : 'unknown', codec: empty },
);

export interface EchClientHello {
  /** Null where the bytes have no form that is known. */
  readonly outer: {
    readonly kdfId: number;
    readonly aeadId: number;
    readonly configId: number;
    readonly enc: Uint8Array;
    readonly payload: Uint8Array;
  } | null;
  readonly inner: boolean;
  readonly bytes: Uint8Array;
}

const body: Codec<EchClientHello> = {
  type: 'ECHClientHello',
  rfc: 'RFC 9849 §5',
  decode(reader) {
    const bytes = reader.rest();
    try {
      const inside = new Reader(bytes);
      const { kind, value } = form.decode(inside);
      if (inside.remaining > 0) return { outer: null, inner: false, bytes };
      return {
        outer: kind === 'outer' ? (value as EchClientHello['outer']) : null,
        inner: kind === 'inner',
        bytes,
      };
    } catch {
      return { outer: null, inner: false, bytes };
    }
  },
  encode: (writer, { bytes }) => writer.append(bytes),
  annotate(reader, name) {
    const start = reader.pos;
    const node = form.annotate(reader, name);
    if (!node.error && reader.remaining === 0) return node;
    reader.pos = start;
    return remainder.annotate(reader, name);
  },
};

export const encryptedClientHello = extension(0xfe0d, 'encrypted_client_hello', 'RFC 9849 §5', { CH: body });
