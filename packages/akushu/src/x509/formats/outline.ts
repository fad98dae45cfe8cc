/**
 * What a piece of DER is, told by its outline: the tags of its first levels, without decoding anything. Lenient, so that
 * a damaged or cut file is still called by its name; what is wrong with it is for its reader to say.
 */

export type DerKind =
  | 'certificate'
  | 'certificate-request'
  | 'crl'
  | 'ocsp-request'
  | 'ocsp-response'
  | 'private-key'
  | 'encrypted-private-key'
  | 'public-key'
  | 'parameters'
  | 'pkcs7'
  | 'pkcs12';

export interface DerOutline {
  readonly kind: DerKind;
  /** The format where one kind has several, such as `PKCS#1`. */
  readonly form: string;
}

interface Element {
  readonly tag: number;
  /** Of the content. */
  readonly start: number;
  readonly end: number;
}

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OID = 0x06;
const ENUMERATED = 0x0a;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const SEQUENCE = 0x30;
const CONTEXT_0 = 0xa0;
const CONTEXT_1 = 0xa1;

/** More elements than this tell nothing. */
const MAX_CHILDREN = 12;

/** Null where it is none of these. */
export function outlineOf(bytes: Uint8Array): DerOutline | null {
  const top = elementAt(bytes, 0, bytes.length);
  if (!top) return null;
  if (top.tag === OID) return { kind: 'parameters', form: 'EC' };
  if (top.tag !== SEQUENCE) return null;
  const parts = childrenOf(bytes, top);
  const [first] = parts;
  switch (first?.tag) {
    case SEQUENCE:
      return ofSequence(bytes, parts);
    case INTEGER:
      return ofInteger(bytes, parts);
    case OID:
      // CMS content types; anything else with an identifier in front is not known here.
      return hasOid(bytes, first, CMS_PREFIX) ? { kind: 'pkcs7', form: 'CMS' } : null;
    case ENUMERATED:
      return parts.length === 1 || parts[1]?.tag === CONTEXT_0
        ? { kind: 'ocsp-response', form: 'OCSP' }
        : null;
    default:
      return null;
  }
}

/** 1.2.840.113549.1.7, of which the last arc follows. */
const CMS_PREFIX = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07);

function hasOid(bytes: Uint8Array, { start, end }: Element, prefix: Uint8Array): boolean {
  return end - start > prefix.length && prefix.every((byte, i) => bytes[start + i] === byte);
}

function ofSequence(bytes: Uint8Array, parts: readonly Element[]): DerOutline | null {
  const [first, second, third] = parts as [Element, Element?, Element?];
  const inner = childrenOf(bytes, first);
  if (inner[0]?.tag === OID) {
    if (second?.tag === BIT_STRING) return { kind: 'public-key', form: 'SPKI' };
    if (second?.tag === OCTET_STRING) return { kind: 'encrypted-private-key', form: 'PKCS#8' };
    return null;
  }
  if (isOcspRequest(bytes, inner)) return { kind: 'ocsp-request', form: 'OCSP' };
  // SIGNED{…}: what is signed, algorithm, signature. Cut files may end inside of the first.
  const signed =
    second === undefined || (second.tag === SEQUENCE && (third === undefined || third.tag === BIT_STRING));
  return signed ? ofSigned(bytes, inner) : null;
}

const isTime = (element: Element | undefined): boolean =>
  element?.tag === UTC_TIME || element?.tag === GENERALIZED_TIME;

function ofSigned(bytes: Uint8Array, inner: readonly Element[]): DerOutline | null {
  const tags = inner.map(({ tag }) => tag);
  const startsWith = (...wanted: number[]): boolean => wanted.every((tag, i) => tags[i] === tag);
  const certificate = (at: number): boolean =>
    // RFC 5280 §4.1: serial, algorithm, issuer, validity
    isTime(childrenOf(bytes, inner[at + 3]!)[0]);
  if (startsWith(CONTEXT_0, INTEGER, SEQUENCE, SEQUENCE, SEQUENCE) && certificate(1)) return CERTIFICATE;
  if (startsWith(INTEGER, SEQUENCE, SEQUENCE, SEQUENCE) && certificate(0)) return CERTIFICATE;
  // §5.1: version, algorithm, issuer, thisUpdate
  if (startsWith(INTEGER, SEQUENCE, SEQUENCE) && isTime(inner[3])) return CRL;
  if (startsWith(SEQUENCE, SEQUENCE) && isTime(inner[2])) return CRL;
  // RFC 2986 §4.1: version, subject, key
  if (startsWith(INTEGER, SEQUENCE, SEQUENCE) && childrenOf(bytes, inner[2]!)[1]?.tag === BIT_STRING)
    return REQUEST;
  return null;
}

const CERTIFICATE: DerOutline = { kind: 'certificate', form: 'X.509' };
const CRL: DerOutline = { kind: 'crl', form: 'X.509' };
const REQUEST: DerOutline = { kind: 'certificate-request', form: 'PKCS#10' };

/** RFC 6960 §4.1.1: the first CertID of the list. */
function isOcspRequest(bytes: Uint8Array, inner: readonly Element[]): boolean {
  const list = inner.find(({ tag }) => tag !== CONTEXT_0 && tag !== CONTEXT_1);
  if (list?.tag !== SEQUENCE) return false;
  const [request] = childrenOf(bytes, list);
  const [id] = request?.tag === SEQUENCE ? childrenOf(bytes, request) : [];
  const tags = id?.tag === SEQUENCE ? childrenOf(bytes, id).map(({ tag }) => tag) : [];
  return [SEQUENCE, OCTET_STRING, OCTET_STRING, INTEGER].every((tag, i) => tags[i] === tag);
}

function ofInteger(bytes: Uint8Array, parts: readonly Element[]): DerOutline | null {
  const [first, second, third] = parts as [Element, Element?, Element?];
  if (second?.tag === OCTET_STRING) return { kind: 'private-key', form: 'SEC1' };
  if (second?.tag === SEQUENCE) {
    const [type, content] = childrenOf(bytes, second);
    if (type?.tag !== OID) return null;
    if (content?.tag === CONTEXT_0 && hasOid(bytes, type, CMS_PREFIX))
      return { kind: 'pkcs12', form: 'PKCS#12' };
    return third === undefined || third.tag === OCTET_STRING ? { kind: 'private-key', form: 'PKCS#8' } : null;
  }
  if (!parts.every(({ tag }) => tag === INTEGER)) return null;
  const version = first.end - first.start === 1 && bytes[first.start] === 0;
  if (version && parts.length >= 9) return { kind: 'private-key', form: 'PKCS#1' };
  if (version && parts.length === 6) return { kind: 'private-key', form: 'DSA' };
  // A generator is 2 or 5, an exponent 3 or 65,537.
  const last = parts[1] && bytes[parts[1].end - 1]!;
  if (parts.length === 2 && last !== undefined && last % 2 === 1 && last !== 5)
    return { kind: 'public-key', form: 'PKCS#1' };
  return parts.length === 2 || parts.length === 3 ? { kind: 'parameters', form: 'DH' } : null;
}

/** As many as there are, also where the last one is cut off. */
function childrenOf(bytes: Uint8Array, { tag, start, end }: Element): Element[] {
  const children: Element[] = [];
  if ((tag & 0x20) === 0) return children;
  for (let at = start; at < end && children.length < MAX_CHILDREN; ) {
    const child = elementAt(bytes, at, end);
    if (!child) break;
    children.push(child);
    at = child.end;
  }
  return children;
}

/** An indefinite length reaches to the end of what is around it; so does one that is longer. */
function elementAt(bytes: Uint8Array, at: number, end: number): Element | null {
  if (end - at < 2) return null;
  const tag = bytes[at]!;
  const first = bytes[at + 1]!;
  if ((tag & 0x1f) === 0x1f || tag === 0) return null;
  if (first < 0x80) return { tag, start: at + 2, end: Math.min(end, at + 2 + first) };
  if (first === 0x80) return (tag & 0x20) === 0 ? null : { tag, start: at + 2, end };
  const count = first & 0x7f;
  if (count > 4 || at + 2 + count > end) return null;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + bytes[at + 2 + i]!;
  return { tag, start: at + 2 + count, end: Math.min(end, at + 2 + count + length) };
}

/** Whether the first element is shorter (positive) or longer (negative) than `bytes`; null where that cannot be told. */
export function surplus(bytes: Uint8Array): number | null {
  const first = bytes[1];
  if (bytes.length < 2 || first === undefined || first === 0x80) return null;
  if (first < 0x80) return bytes.length - 2 - first;
  const count = first & 0x7f;
  if (count > 4 || bytes.length < 2 + count) return null;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + bytes[2 + i]!;
  return bytes.length - 2 - count - length;
}
