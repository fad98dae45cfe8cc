/**
 * Certificates and keys from files and from PEM. What is wrong is told by a code that can be put into a sentence:
 * which file, and what it holds instead. Does not verify chains.
 */
import { readFileSync } from 'node:fs';
import { equal } from '../bytes/index.js';
import { nodeProvider } from '../crypto/node.js';
import { CryptoError, type PrivateKey } from '../crypto/provider.js';
import type { Credential } from '../handshake/index.js';
import {
  certificatesFromPem,
  decodePem,
  parseCertificate,
  presentedNames,
  privateKeyFromPem,
  X509Error,
} from '../x509/index.js';

export type FileErrorCode =
  | 'file_missing'
  | 'file_unreadable'
  | 'not_a_certificate'
  | 'not_a_key'
  | 'encrypted_key'
  | 'unsupported_key'
  | 'key_does_not_match';

/** What a file holds instead of what was wanted. */
export type FileContent =
  | 'certificate'
  | 'private_key'
  | 'public_key'
  | 'certificate_request'
  | 'other_pem'
  | 'broken_pem'
  | 'directory'
  | 'empty'
  | 'unknown';

/** `code` is its identity; `message` is for logs only. */
export class FileError extends Error {
  override readonly name = 'FileError';
  constructor(
    readonly code: FileErrorCode,
    /** Null where the text came from an option. */
    readonly path: string | null,
    readonly found: FileContent | null = null,
    options?: ErrorOptions,
  ) {
    super([code, path, found && `found ${found}`].filter(Boolean).join(': '), options);
  }
}

/** PEM, or one DER certificate. */
export type PemInput = string | Uint8Array;

/** The bytes of a file. Throws FileError `file_missing` or `file_unreadable`. */
function readFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new FileError('file_missing', path, null, { cause });
    throw new FileError('file_unreadable', path, code === 'EISDIR' ? 'directory' : null, { cause });
  }
}

/** The certificates of a file, DER, in its order. */
export function readCertificates(path: string): Uint8Array[] {
  return certificatesFrom(readFile(path), path);
}

/** The certificates of a text. Throws FileError `not_a_certificate` where there is none, or one cannot be read. */
export function certificatesFrom(input: PemInput, path: string | null = null): Uint8Array[] {
  try {
    const ders = certificatesFromPem(input);
    for (const der of ders) parseCertificate(der);
    return ders;
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
    throw new FileError('not_a_certificate', path, contentOf(input, 'certificate'), { cause });
  }
}

/** The private key of a file. */
export function readPrivateKey(path: string): PrivateKey {
  return privateKeyFrom(readFile(path), path);
}

/** The first private key of a text. Throws FileError `not_a_key`, `encrypted_key`, `unsupported_key`. */
export function privateKeyFrom(input: PemInput, path: string | null = null): PrivateKey {
  try {
    const key = nodeProvider.importPrivateKey(privateKeyFromPem(input));
    if (key instanceof Promise) throw new TypeError('a provider whose keys are at hand was expected');
    return key;
  } catch (cause) {
    if (cause instanceof CryptoError) {
      throw new FileError(
        cause.reason === 'unsupported' || cause.reason === 'key_size' ? 'unsupported_key' : 'not_a_key',
        path,
        'private_key',
        { cause },
      );
    }
    if (!(cause instanceof X509Error)) throw cause;
    const found = contentOf(input, 'private_key');
    const isKey =
      cause.rule === 'encrypted_key' || (cause.rule === 'unsupported_key' && found !== 'certificate');
    if (isKey) throw new FileError(cause.rule as FileErrorCode, path, 'private_key', { cause });
    throw new FileError('not_a_key', path, found, { cause });
  }
}

/** What it looks like: to tell a reader that certificate and key are swapped, say. */
function contentOf(input: PemInput, wanted: 'certificate' | 'private_key'): FileContent {
  if (input.length === 0) return 'empty';
  let labels: string[];
  try {
    labels = decodePem(input).map(({ label }) => label);
  } catch (error) {
    if (error instanceof X509Error) return 'broken_pem';
    throw error;
  }
  if (labels.length === 0) return contentOfDer(input);
  const found = labels.map(contentOfLabel);
  const other = found.find((content) => content !== wanted && content !== 'other_pem');
  // The right label over the wrong bytes.
  return other ?? (found.includes(wanted) ? 'broken_pem' : 'other_pem');
}

function contentOfLabel(label: string): FileContent {
  if (/CERTIFICATE REQUEST$/.test(label)) return 'certificate_request';
  if (/CERTIFICATE$/.test(label)) return 'certificate';
  if (/PRIVATE KEY$/.test(label)) return 'private_key';
  return /PUBLIC KEY$/.test(label) ? 'public_key' : 'other_pem';
}

function contentOfDer(input: PemInput): FileContent {
  if (typeof input === 'string') return 'unknown';
  const tries: readonly (readonly [FileContent, () => unknown])[] = [
    ['certificate', () => parseCertificate(input)],
    ['private_key', () => privateKeyFromPem(input)],
  ];
  for (const [content, read] of tries) {
    try {
      read();
      return content;
    } catch (error) {
      if (!(error instanceof X509Error)) throw error;
    }
  }
  return 'unknown';
}

export interface CredentialFiles {
  readonly certFile: string;
  /** Left out: the key is in `certFile` as well. */
  readonly keyFile?: string | undefined;
}

/** A chain and its key from files. Throws FileError; `key_does_not_match` where the key is not the leaf's. */
export function loadCredential({ certFile, keyFile = certFile }: CredentialFiles): Credential {
  const chain = readCertificates(certFile);
  return matched(chain, readPrivateKey(keyFile), keyFile);
}

/** A chain and its key from PEM texts. Throws FileError. */
export function credentialFrom(cert: PemInput, key: PemInput): Credential {
  return matched(certificatesFrom(cert), privateKeyFrom(key), null);
}

function matched(chain: readonly Uint8Array[], key: PrivateKey, path: string | null): Credential {
  const leaf = parseCertificate(chain[0]!);
  if (!samePublicKey(leaf.spki, key.spki)) throw new FileError('key_does_not_match', path);
  return { chain, key, serverNames: presentedNames(leaf) };
}

/** Some write the parameters of a key another way (RFC 4055 §1.2): compares what the provider makes of both. */
function samePublicKey(a: Uint8Array, b: Uint8Array): boolean {
  return equal(a, b) || equal(nodeProvider.importPublicKey(a).spki, nodeProvider.importPublicKey(b).spki);
}
