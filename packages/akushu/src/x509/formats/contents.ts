/**
 * What is in a file of any kind, taken out: certificates, private keys as PKCS#8, CRLs. A file is damaged, locked or the
 * wrong one in parts: each part that could not be read is listed with its error, and the rest is there.
 */
import { equal } from '../../bytes/index.js';
import { CryptoError, type Provider } from '../../crypto/provider.js';
import { subjectPublicKeyInfo } from '../asn1.js';
import { decodeDer, X509Error } from '../der/index.js';
import { privateKeyFromItem } from '../private-key.js';
import { decryptJksKey, parseJks } from './jks.js';
import { budgetOf, type PasswordOptions } from './pbe.js';
import { parsePkcs7 } from './pkcs7.js';
import { parsePkcs12 } from './pkcs12.js';
import { type FileItem, type FileKind, type IdentifiedFile, identifyFile } from './sniff.js';

export interface ContainedCertificate {
  readonly der: Uint8Array;
  /** An alias of a key store; null elsewhere. */
  readonly name: string | null;
  /** Marked as a trust anchor by a Java key store. */
  readonly trusted: boolean;
  readonly item: FileItem;
}

export interface ContainedKey {
  readonly pkcs8: Uint8Array;
  readonly name: string | null;
  readonly item: FileItem;
}

export interface FileContents extends IdentifiedFile {
  readonly certificates: readonly ContainedCertificate[];
  readonly privateKeys: readonly ContainedKey[];
  readonly crls: readonly Uint8Array[];
  /** `password_needed` and `wrong_password` among them. */
  readonly failures: readonly { readonly item: FileItem; readonly error: X509Error }[];
}

interface Collected {
  readonly certificates: ContainedCertificate[];
  readonly privateKeys: ContainedKey[];
  readonly crls: Uint8Array[];
}

/** Throws X509Error `too_large`, and nothing else for any content. */
export function openFile(input: Uint8Array | string, options: PasswordOptions): FileContents {
  const file = identifyFile(input);
  // A file may hold thousands of keys, each with as many iterations as it likes.
  const bounded = { ...options, budget: budgetOf(options) };
  const found: Collected = { certificates: [], privateKeys: [], crls: [] };
  const failures: { item: FileItem; error: X509Error }[] = [];
  for (const item of file.items) {
    try {
      if (item.problem) throw item.problem;
      if (item.bytes) OPENERS[item.kind]?.(item, item.bytes, bounded, found);
    } catch (error) {
      if (!(error instanceof X509Error)) throw error;
      failures.push({ item, error });
    }
  }
  return { ...file, ...found, failures };
}

type Opener = (item: FileItem, bytes: Uint8Array, options: PasswordOptions, found: Collected) => void;

const keyOpener: Opener = (item, _, options, found) => {
  found.privateKeys.push({ pkcs8: privateKeyFromItem(item, options), name: null, item });
};

const javaOpener: Opener = (item, bytes, options, found) => {
  const store = parseJks(bytes, options);
  for (const { alias, certificate } of store.trusted) {
    found.certificates.push({ der: certificate, name: alias, trusted: true, item });
  }
  for (const { alias, chain } of store.keys) {
    for (const der of chain) found.certificates.push({ der, name: alias, trusted: false, item });
  }
  for (const key of store.keys) {
    found.privateKeys.push({ pkcs8: decryptJksKey(key, options), name: key.alias, item });
  }
};

const OPENERS: Partial<Record<FileKind, Opener>> = {
  certificate: (item, der, _, found) => {
    found.certificates.push({ der, name: null, trusted: false, item });
  },
  crl: (_, der, __, found) => {
    found.crls.push(der);
  },
  'private-key': keyOpener,
  'encrypted-private-key': keyOpener,
  pkcs7: (item, bytes, _, found) => {
    const { certificates, crls } = parsePkcs7(bytes);
    for (const der of certificates) found.certificates.push({ der, name: null, trusted: false, item });
    found.crls.push(...crls);
  },
  pkcs12: (item, bytes, options, found) => {
    const store = parsePkcs12(bytes, options);
    for (const { der, friendlyName, trusted } of store.certificates) {
      found.certificates.push({ der, name: friendlyName, trusted, item });
    }
    for (const { pkcs8, friendlyName } of store.keys)
      found.privateKeys.push({ pkcs8, name: friendlyName, item });
    found.crls.push(...store.crls);
  },
  jks: javaOpener,
  jceks: javaOpener,
};

/** The certificates, or an X509Error that says what is there instead: `wrong_kind`, or why it could not be opened. */
export function expectCertificates(contents: FileContents): readonly ContainedCertificate[] {
  if (contents.certificates.length > 0) return contents.certificates;
  throw contents.failures[0]?.error ?? wrongKind('certificate', contents);
}

/** The private keys, or an X509Error as from `expectCertificates`. */
export function expectPrivateKeys(contents: FileContents): readonly ContainedKey[] {
  if (contents.privateKeys.length > 0) return contents.privateKeys;
  throw contents.failures[0]?.error ?? wrongKind('private-key', contents);
}

function wrongKind(wanted: FileKind, { items }: IdentifiedFile): X509Error {
  return new X509Error('wrong_kind', {
    facts: { wanted, found: [...new Set(items.map(({ kind }) => kind))] },
  });
}

/**
 * For each key the place of its certificate, by the public key: the first that has it, or null. Asks the provider for
 * the public half, so keys that it cannot use have null as well.
 */
export async function matchKeys(
  keys: readonly { readonly pkcs8: Uint8Array }[],
  certificates: readonly { readonly spki: Uint8Array }[],
  provider: Provider,
): Promise<(number | null)[]> {
  const bits = (spki: Uint8Array): Uint8Array => decodeDer(subjectPublicKeyInfo, spki).subjectPublicKey;
  return Promise.all(
    keys.map(async ({ pkcs8 }) => {
      try {
        const own = bits((await provider.importPrivateKey(pkcs8)).spki);
        const place = certificates.findIndex(({ spki }) => equal(bits(spki), own));
        return place < 0 ? null : place;
      } catch (error) {
        if (error instanceof CryptoError) return null;
        throw error;
      }
    }),
  );
}
