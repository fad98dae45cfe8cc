/**
 * The SignedCertificateTimestampList inside an extension (RFC 6962 §3.3) for the annotated tree: TLS's presentation
 * language inside of an OCTET STRING inside of DER. What it means is told by `revocation/sct.ts`.
 */
import { Reader } from '../bytes/index.js';
import { type AnnotatedNode, annotate, type Codec, leaf } from '../codec/codec.js';
import { enumerated, fixed, opaque, struct, vector } from '../codec/index.js';
import { octetString, readHeader, type Tagged } from './der/index.js';

const HASHES = ['none', 'md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];
const SIGNATURES = ['anonymous', 'rsa', 'dsa', 'ecdsa'];

const sct = struct('SignedCertificateTimestamp', 'RFC 6962 §3.2', {
  version: enumerated('Version', 1, (value) => (value === 0 ? 'v1' : undefined)),
  logId: fixed(32),
  timestamp: timestamp(),
  extensions: opaque(0, 0xffff),
  hash: enumerated('HashAlgorithm', 1, (value) => HASHES[value]),
  signatureAlgorithm: enumerated('SignatureAlgorithm', 1, (value) => SIGNATURES[value]),
  signature: opaque(0, 0xffff),
});

/** Milliseconds since 1970, in 64 bits. */
function timestamp(): Codec<bigint> {
  const codec: Codec<bigint> = {
    type: 'uint64',
    decode: (reader) => reader.u64(),
    encode: (writer, value) => {
      writer.uint(4, Number(value >> 32n));
      writer.uint(4, Number(value & 0xffff_ffffn));
    },
    annotate(reader, name) {
      const start = reader.pos;
      if (reader.remaining < 8)
        return leaf(name, 'uint64', start, reader.end, '', undefined, 'malformed_message');
      const value = Number(reader.u64());
      const date = new Date(value);
      return leaf(
        name,
        'uint64',
        start,
        reader.pos,
        Number.isNaN(date.getTime()) ? String(value) : date.toISOString(),
      );
    },
  };
  return codec;
}

/** `opaque SerializedSCT<1..2^16-1>`, opened where it is of version 1. */
const serialized: Codec<Uint8Array> = {
  ...opaque(1, 0xffff),
  type: 'SerializedSCT',
  annotate(reader, name) {
    const start = reader.pos;
    const closed = opaque(1, 0xffff).annotate(reader, name);
    const body = start + 2;
    if (closed.error || reader.bytes[body] !== 0) return closed;
    const child = annotate(sct, reader.bytes, 'sct', body, closed.end);
    return {
      ...closed,
      type: 'SerializedSCT',
      value: '',
      children: [child],
      ...(child.error && { error: child.error }),
    };
  },
};

const list = vector(serialized, 1, 0xffff);

/** As an OCTET STRING, with the list below it. */
export const sctListSyntax: Tagged<Uint8Array> = {
  ...octetString,
  annotate(reader, name): AnnotatedNode {
    const start = reader.pos;
    const node = octetString.annotate(reader, name);
    if (node.error) return node;
    const header = new Reader(reader.bytes, start, node.end);
    readHeader(header);
    const child = annotate(list, reader.bytes, 'SignedCertificateTimestampList', header.pos, node.end);
    return { ...node, value: '', children: [child], ...(child.error && { error: child.error }) };
  },
};
