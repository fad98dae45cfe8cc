/**
 * The subject of a certificate without decoding the rest (RFC 5280 §4.1), to index many of them. Checks the headers that
 * it passes and nothing else; whoever uses the certificate decodes it with `parseCertificate`.
 */
import { Reader } from '../bytes/index.js';
import { MAX_CERTIFICATE_BYTES } from './certificate.js';
import { asX509Error, peekTag, readHeader, x509Error } from './der/index.js';

/** The subject's DER, header included. Throws X509Error where the bytes have not the outline of a certificate (§4.1). */
export function skimSubject(der: Uint8Array): Uint8Array {
  if (der.length > MAX_CERTIFICATE_BYTES) throw x509Error('too_large', 0, { size: der.length });
  try {
    const tbs = enter(enter(new Reader(der)));
    if (peekTag(tbs) === 0xa0) element(tbs);
    for (const _ of ['serialNumber', 'signature', 'issuer', 'validity']) element(tbs);
    return element(tbs);
  } catch (error) {
    throw asX509Error(error);
  }
}

function enter(reader: Reader): Reader {
  const start = reader.pos;
  const { tag, length } = readHeader(reader);
  if (tag !== 0x30) throw x509Error('wrong_tag', start, { expected: 0x30, found: tag });
  return reader.sub(length);
}

function element(reader: Reader): Uint8Array {
  const start = reader.pos;
  reader.view(readHeader(reader).length);
  return reader.bytes.subarray(start, reader.pos);
}
