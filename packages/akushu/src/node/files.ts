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
  expectCertificates,
  expectPrivateKeys,
  type FileContents,
  type FileKind,
  openFile,
  parseCertificate,
  presentedNames,
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
  | 'damaged'
  | 'crl'
  | 'key_store'
  | 'ssh_key'
  | 'html'
  | 'too_large'
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

/** PEM, DER, or a PKCS#7 bundle. */
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
  const contents = contentsOf(input, path);
  try {
    // What is damaged in a chain is not passed over: a handshake would fail without saying why.
    for (const { kind, problem } of contents.items) if (problem && !UNWANTED.has(kind)) throw problem;
    const ders = expectCertificates(contents).map(({ der }) => der);
    for (const der of ders) parseCertificate(der);
    return ders;
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
    throw new FileError('not_a_certificate', path, foundIn(contents, 'certificate'), { cause });
  }
}

/** Kinds that a file with certificates may hold as well, and whose damage is for others to see. */
const UNWANTED: ReadonlySet<FileKind> = new Set([
  'private-key',
  'encrypted-private-key',
  'parameters',
  'text',
]);

function contentsOf(input: PemInput, path: string | null): FileContents {
  try {
    return openFile(input, { provider: nodeProvider });
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
    throw new FileError('file_unreadable', path, 'too_large', { cause });
  }
}

/** The private key of a file. */
export function readPrivateKey(path: string): PrivateKey {
  return privateKeyFrom(readFile(path), path);
}

/** The first private key of a text. Throws FileError `not_a_key`, `encrypted_key`, `unsupported_key`. */
export function privateKeyFrom(input: PemInput, path: string | null = null): PrivateKey {
  const contents = contentsOf(input, path);
  try {
    const key = nodeProvider.importPrivateKey(expectPrivateKeys(contents)[0]!.pkcs8);
    if (key instanceof Promise) throw new TypeError('a provider whose keys are at hand was expected');
    return key;
  } catch (cause) {
    if (cause instanceof CryptoError) {
      const isUnsupported = cause.reason === 'unsupported' || cause.reason === 'key_size';
      throw new FileError(isUnsupported ? 'unsupported_key' : 'not_a_key', path, 'private_key', { cause });
    }
    if (!(cause instanceof X509Error)) throw cause;
    throw new FileError(codeOfKeyError(cause), path, foundIn(contents, 'private_key'), { cause });
  }
}

function codeOfKeyError({ rule }: X509Error): FileErrorCode {
  if (rule === 'encrypted_key' || rule === 'password_needed') return 'encrypted_key';
  return rule === 'unsupported_key' ? 'unsupported_key' : 'not_a_key';
}

/** What it looks like: to tell a reader that certificate and key are swapped, say. */
function foundIn({ items }: FileContents, wanted: 'certificate' | 'private_key'): FileContent {
  const found = items.map(({ kind, problem, encoding }): FileContent => {
    const content = CONTENTS[kind] ?? (encoding === 'pem' ? 'other_pem' : 'unknown');
    // The right label over the wrong bytes, or nothing that could be read at all.
    const isDamaged = problem !== null && (content === wanted || content === 'unknown' || kind === 'text');
    return isDamaged ? (encoding === 'pem' ? 'broken_pem' : 'damaged') : content;
  });
  return found.find((content) => content !== wanted && content !== 'other_pem') ?? found[0] ?? 'unknown';
}

const CONTENTS: Readonly<Partial<Record<FileKind, FileContent>>> = {
  certificate: 'certificate',
  'certificate-request': 'certificate_request',
  'private-key': 'private_key',
  'encrypted-private-key': 'private_key',
  'public-key': 'public_key',
  crl: 'crl',
  pkcs12: 'key_store',
  jks: 'key_store',
  jceks: 'key_store',
  'ssh-private-key': 'ssh_key',
  'ssh-public-key': 'ssh_key',
  'putty-key': 'ssh_key',
  html: 'html',
  empty: 'empty',
};

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
