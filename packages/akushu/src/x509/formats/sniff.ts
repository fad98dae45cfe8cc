/**
 * What a file is, whatever its name says: by its labels where it is PEM, by its structure where it is DER, by its first
 * bytes otherwise. Never throws on content; what is damaged is listed with what is wrong. Judges nothing.
 */
import { toLatin1 } from '../../bytes/index.js';
import { ecPrivateKey, encryptedPrivateKeyInfo, privateKeyInfo, rsaPrivateKey } from '../asn1.js';
import { parseCertificate } from '../certificate.js';
import { type Der, decodeDer, X509Error } from '../der/index.js';
import { type PemBlock, type PemDamage, type PemPlace, scanPem } from '../pem.js';
import { parseCrl } from '../revocation/crl.js';
import { parseOcspRequest, parseOcspResponse } from '../revocation/ocsp.js';
import { parseCertificateRequest } from './csr.js';
import { JCEKS_MAGIC, JKS_MAGIC, parseJks } from './jks.js';
import { type DerKind, outlineOf, surplus } from './outline.js';
import { parsePkcs7 } from './pkcs7.js';

export type FileKind =
  | DerKind
  | 'jks'
  | 'jceks'
  | 'ssh-private-key'
  | 'ssh-public-key'
  | 'putty-key'
  | 'pgp'
  | 'html'
  | 'xml'
  | 'json'
  | 'text'
  | 'zip'
  | 'gzip'
  | 'pdf'
  | 'der'
  | 'binary'
  | 'empty';

export interface FileItem {
  readonly kind: FileKind;
  /** `base64` is DER in base64 without PEM's lines. */
  readonly encoding: 'pem' | 'der' | 'base64' | 'binary' | 'text';
  /** Such as `PKCS#8` or `SEC1`; null where the kind says it all. */
  readonly form: string | null;
  /** The label of a PEM block. Where it does not fit what is inside, `kind` follows what is inside. */
  readonly label: string | null;
  /** The content, decoded from its text; null where it could not be, or has none. */
  readonly bytes: Uint8Array | null;
  /** A private key that needs a password. */
  readonly encrypted: boolean;
  /** Headers of the old PEM format. */
  readonly headers: readonly string[];
  /** Where the item begins: in bytes, or for text in characters; lines from 1 for text, null for binary. */
  readonly offset: number;
  readonly line: number | null;
  /** What is wrong with it, as far as can be told without a password or an issuer. */
  readonly problem: X509Error | null;
}

export interface IdentifiedFile {
  /** How the text is encoded; null where the file is not text. */
  readonly text: 'plain' | 'utf-8-bom' | 'utf-16le' | 'utf-16be' | null;
  /** In the order of the file; never empty. */
  readonly items: readonly FileItem[];
}

const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** Throws X509Error `too_large`, and nothing else. */
export function identifyFile(input: Uint8Array | string): IdentifiedFile {
  if (input.length > MAX_FILE_BYTES) throw new X509Error('too_large', { facts: { size: input.length } });
  if (typeof input === 'string') return identifyText(input.replace(/^\ufeff/, ''), 'plain');
  if (input.length === 0) return { text: null, items: [item('empty', 'binary')] };
  const binary = identifyBinary(input);
  if (binary) return { text: null, items: [binary] };
  const { encoding, text } = decodeText(input);
  if (text === null) return { text: null, items: [item('binary', 'binary', { bytes: input })] };
  return identifyText(text, encoding);
}

type Details = Partial<Omit<FileItem, 'kind' | 'encoding'>>;

function item(kind: FileKind, encoding: FileItem['encoding'], details: Details = {}): FileItem {
  return {
    kind,
    encoding,
    form: null,
    label: null,
    bytes: null,
    encrypted: kind === 'encrypted-private-key',
    headers: [],
    offset: 0,
    line: null,
    problem: null,
    ...details,
  };
}

// ---- Binary ----

function identifyBinary(bytes: Uint8Array): FileItem | null {
  const start = bytes.length >= 4 ? new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) : 0;
  if (start === JKS_MAGIC || start === JCEKS_MAGIC) {
    const problem = problemOf(() => parseJks(bytes));
    return item(start === JKS_MAGIC ? 'jks' : 'jceks', 'binary', { bytes, problem });
  }
  if (start === 0x504b0304) return item('zip', 'binary', { bytes });
  if (start >>> 16 === 0x1f8b) return item('gzip', 'binary', { bytes });
  if (start === 0x25504446) return item('pdf', 'binary', { bytes });
  return identifyDer(bytes, 'der') ?? identifyPgp(bytes);
}

function identifyDer(bytes: Uint8Array, encoding: 'der' | 'base64'): FileItem | null {
  const outline = outlineOf(bytes);
  if (outline) {
    return item(outline.kind, encoding, { form: outline.form, bytes, problem: derProblem(outline, bytes) });
  }
  // Some other SEQUENCE that is as long as the file.
  return bytes[0] === 0x30 && surplus(bytes) === 0 ? item('der', encoding, { bytes }) : null;
}

const SYNTAX: Partial<Record<FileKind, Der<unknown>>> = { 'encrypted-private-key': encryptedPrivateKeyInfo };

const KEY_SYNTAX: Readonly<Record<string, Der<unknown>>> = {
  'PKCS#8': privateKeyInfo,
  'PKCS#1': rsaPrivateKey,
  SEC1: ecPrivateKey,
};

/** What the readers say that need no more than the bytes. */
function derProblem({ kind, form }: Pick<FileItem, 'kind' | 'form'>, bytes: Uint8Array): X509Error | null {
  const extra = surplus(bytes);
  if (extra !== null && extra < 0)
    return new X509Error('truncated', { offset: bytes.length, facts: { missing: -extra } });
  if (extra !== null && extra > 0) return new X509Error('trailing_bytes', { offset: bytes.length - extra });
  switch (kind) {
    case 'certificate':
      return problemOf(() => parseCertificate(bytes));
    case 'certificate-request':
      return problemOf(() => parseCertificateRequest(bytes));
    case 'crl':
      return problemOf(() => parseCrl(bytes));
    case 'ocsp-request':
      return problemOf(() => parseOcspRequest(bytes));
    case 'ocsp-response':
      return problemOf(() => parseOcspResponse(bytes));
    case 'pkcs7':
      return problemOf(() => parsePkcs7(bytes));
    default: {
      const syntax = kind === 'private-key' ? KEY_SYNTAX[form ?? ''] : SYNTAX[kind];
      return syntax ? problemOf(() => decodeDer(syntax, bytes)) : null;
    }
  }
}

function problemOf(read: () => unknown): X509Error | null {
  try {
    read();
    return null;
  } catch (error) {
    if (error instanceof X509Error) return error;
    throw error;
  }
}

/** RFC 9580 §4.2: the first packet of a key or a message, version byte included. */
function identifyPgp(bytes: Uint8Array): FileItem | null {
  const [first, second] = bytes;
  if (first === undefined || second === undefined || first < 0x80) return null;
  const modern = (first & 0x40) !== 0;
  const type = modern ? first & 0x3f : (first >> 2) & 0x0f;
  if (type !== 5 && type !== 6) return null;
  const headerLength = modern
    ? second < 192
      ? 2
      : second < 224
        ? 3
        : 6
    : 2 + ([0, 1, 3, 0][first & 3] ?? 0);
  const version = bytes[headerLength];
  return version !== undefined && version >= 2 && version <= 6 ? item('pgp', 'binary', { bytes }) : null;
}

// ---- Text ----

function decodeText(bytes: Uint8Array): {
  encoding: 'plain' | 'utf-8-bom' | 'utf-16le' | 'utf-16be';
  text: string | null;
} {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf)
    return { encoding: 'utf-8-bom', text: latin1(bytes.subarray(3)) };
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', text: utf16(bytes.subarray(2), true) };
  if (a === 0xfe && b === 0xff) return { encoding: 'utf-16be', text: utf16(bytes.subarray(2), false) };
  // Without a mark: ASCII in 16 bits has a zero in every other byte.
  if (bytes.length >= 8 && b === 0 && bytes[3] === 0 && a !== 0)
    return { encoding: 'utf-16le', text: utf16(bytes, true) };
  if (bytes.length >= 8 && a === 0 && bytes[2] === 0 && b !== 0)
    return { encoding: 'utf-16be', text: utf16(bytes, false) };
  return { encoding: 'plain', text: latin1(bytes) };
}

/** Null where control characters say that it is no text. Bytes beyond ASCII keep their places. */
function latin1(bytes: Uint8Array): string | null {
  const head = bytes.subarray(0, 4096);
  if (head.some((byte) => byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b))) return null;
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += 4096) pieces.push(toLatin1(bytes.subarray(at, at + 4096)));
  return pieces.join('');
}

/** Null where control characters say that it is no text. */
function utf16(bytes: Uint8Array, littleEndian: boolean): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const pieces: string[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 2)
    pieces.push(String.fromCharCode(view.getUint16(at, littleEndian)));
  const text = pieces.join('');
  return /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text.slice(0, 2048)) ? null : text;
}

function identifyText(text: string, encoding: NonNullable<IdentifiedFile['text']>): IdentifiedFile {
  const items: FileItem[] = [];
  try {
    for (const found of scanPem(text)) items.push(fromPem(found));
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    items.push(item('text', 'pem', { problem: error, offset: error.offset }));
  }
  return { text: encoding, items: items.length > 0 ? items : [plainText(text)] };
}

/** What labels stand for where the content does not tell; keys by RFC 7468 and OpenSSL's list. */
const LABELS: Readonly<Record<string, readonly [FileKind, string | null]>> = {
  CERTIFICATE: ['certificate', 'X.509'],
  'X509 CERTIFICATE': ['certificate', 'X.509'],
  'TRUSTED CERTIFICATE': ['certificate', 'OpenSSL trusted certificate'],
  'CERTIFICATE REQUEST': ['certificate-request', 'PKCS#10'],
  'NEW CERTIFICATE REQUEST': ['certificate-request', 'PKCS#10'],
  'X509 CRL': ['crl', 'X.509'],
  PKCS7: ['pkcs7', 'CMS'],
  CMS: ['pkcs7', 'CMS'],
  PKCS12: ['pkcs12', 'PKCS#12'],
  'PRIVATE KEY': ['private-key', 'PKCS#8'],
  'ENCRYPTED PRIVATE KEY': ['encrypted-private-key', 'PKCS#8'],
  'RSA PRIVATE KEY': ['private-key', 'PKCS#1'],
  'EC PRIVATE KEY': ['private-key', 'SEC1'],
  'DSA PRIVATE KEY': ['private-key', 'DSA'],
  'PUBLIC KEY': ['public-key', 'SPKI'],
  'RSA PUBLIC KEY': ['public-key', 'PKCS#1'],
  'EC PARAMETERS': ['parameters', 'EC'],
  'DH PARAMETERS': ['parameters', 'DH'],
  'OCSP REQUEST': ['ocsp-request', 'OCSP'],
  'OCSP RESPONSE': ['ocsp-response', 'OCSP'],
  'OPENSSH PRIVATE KEY': ['ssh-private-key', null],
};

function fromPem(found: (PemBlock | PemDamage) & PemPlace): FileItem {
  const { label } = found;
  const place = { label, offset: found.start, line: found.line };
  if (label?.startsWith('PGP ')) return item('pgp', 'pem', place);
  const [kind, form] = (label !== null && LABELS[label]) || ['text' as const, null];
  if ('error' in found) return item(kind, 'pem', { ...place, form, problem: found.error });
  const { headers, der } = found;
  const encrypted = headers.some((header) => /^Proc-Type:.*ENCRYPTED/.test(header));
  const details = { ...place, headers, bytes: der };
  if (encrypted) return item(kind, 'pem', { ...details, form, encrypted });
  if (kind === 'ssh-private-key') return item(kind, 'pem', details);
  if (label === 'TRUSTED CERTIFICATE') return trustedCertificate(der, details);
  const inside = identifyDer(der, 'der');
  // Where the content says nothing, the label does.
  if (inside && (inside.kind !== 'der' || kind === 'text')) return { ...inside, ...details, encoding: 'pem' };
  if (inside) {
    const problem = derProblem({ kind, form }, der);
    return item(kind, 'pem', { ...details, form, problem });
  }
  return item(kind === 'text' ? 'binary' : kind, 'pem', {
    ...details,
    form,
    problem: kind === 'text' ? null : new X509Error('wrong_tag', { facts: { label } }),
  });
}

/** OpenSSL puts what a certificate is trusted for behind it. */
function trustedCertificate(bytes: Uint8Array, details: Details): FileItem {
  const der = bytes.subarray(0, bytes.length - Math.max(0, surplus(bytes) ?? 0));
  const problem = problemOf(() => parseCertificate(der));
  return item('certificate', 'pem', { ...details, form: 'OpenSSL trusted certificate', bytes: der, problem });
}

function plainText(text: string): FileItem {
  const start = text.slice(0, 4096).trimStart();
  const kind = kindOfText(start);
  if (kind) return item(kind, 'text', { line: 1 });
  if (start === '' && text.trim() === '') return item('empty', 'text');
  const der = bareBase64(text);
  return (der && identifyDer(der, 'base64')) ?? item('text', 'text', { line: 1 });
}

function kindOfText(start: string): FileKind | null {
  if (/^<(!doctype\s+html|html|head|body)\b/i.test(start)) return 'html';
  if (/^<\?xml\b/i.test(start)) return /<(!doctype\s+)?html\b/i.test(start) ? 'html' : 'xml';
  if (/^[{[]\s*(["{[\]}\d-]|true|false|null)/.test(start)) return 'json';
  if (/^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-\w+|sk-[\w@.-]+)(-cert-v01@openssh\.com)? /.test(start))
    return 'ssh-public-key';
  if (start.startsWith('---- BEGIN SSH2 PUBLIC KEY')) return 'ssh-public-key';
  if (start.startsWith('PuTTY-User-Key-File-')) return 'putty-key';
  return null;
}

/** DER in base64 begins with `MI`, `MH` or another `M`: a SEQUENCE. */
function bareBase64(text: string): Uint8Array | null {
  const compact = text.replace(/\s+/g, '');
  if (!/^M[A-Za-z0-9+/]+={0,2}$/.test(compact)) return null;
  try {
    for (const found of scanPem(`-----BEGIN X-----\n${compact}\n-----END X-----`))
      return 'der' in found ? found.der : null;
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
  }
  return null;
}
