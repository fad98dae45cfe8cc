/**
 * What is in a file, each certificate, key, list or message by itself, with key stores opened. Reading is the library's;
 * this puts its results side by side.
 */
import { CryptoError } from 'akushu';
import { nodeProvider } from 'akushu/crypto/node';
import {
  type Certificate,
  type CertificateRequest,
  type Crl,
  decryptJksKey,
  decryptPrivateKey,
  type FileItem,
  type FileKind,
  identifyFile,
  type OcspMessage,
  type OcspRequest,
  parseCertificate,
  parseCertificateRequest,
  parseCrl,
  parseJks,
  parseOcspRequest,
  parseOcspResponse,
  parsePkcs7,
  parsePkcs12,
  privateKeyFromItem,
  privateKeyFromPem,
  requestIsSigned,
  X509Error,
} from 'akushu/x509';
import type { Passwords } from './password.js';

/** Where a thing is from. */
export interface Place {
  /** The file, as the user named it. */
  readonly file: string;
  readonly encoding: FileItem['encoding'];
  readonly form: string | null;
  /** Of a PEM block, from 1. */
  readonly line: number | null;
  /** The store that it was in. */
  readonly store: 'pkcs7' | 'pkcs12' | 'jks' | 'jceks' | 'server' | null;
  /** Its name in the store. */
  readonly alias: string | null;
}

export interface KeySummary {
  readonly kind: string;
  readonly bits: number | null;
  readonly curve: string | null;
}

export type Content =
  | { readonly kind: 'certificate'; readonly certificate: Certificate }
  | {
      readonly kind: 'certificate-request';
      readonly request: CertificateRequest;
      /** Whether it is signed with its own key. */
      readonly signed: boolean;
    }
  | { readonly kind: 'crl'; readonly crl: Crl }
  | { readonly kind: 'ocsp-request'; readonly request: OcspRequest }
  | { readonly kind: 'ocsp-response'; readonly message: OcspMessage }
  | {
      readonly kind: 'private-key' | 'public-key';
      /** Null for a key of a kind that is not supported. */
      readonly key: KeySummary | null;
      /** SubjectPublicKeyInfo of its public half, written in one way for equal keys. */
      readonly spki: Uint8Array | null;
      readonly wasEncrypted: boolean;
    }
  /** No password: what is inside stays unknown. */
  | { readonly kind: 'encrypted-private-key' }
  | { readonly kind: 'parameters' }
  | {
      readonly kind: 'store';
      readonly store: 'pkcs7' | 'pkcs12' | 'jks' | 'jceks';
      readonly entries: number;
      /** What could not be shown: secret keys, attribute certificates. */
      readonly others: number;
      readonly checked: boolean;
    }
  | { readonly kind: 'unreadable'; readonly looksLike: FileKind; readonly problem: X509Error | null };

export interface Thing {
  readonly place: Place;
  /** DER; null where there is none. */
  readonly bytes: Uint8Array | null;
  readonly content: Content;
}

/** Everything in the bytes of one file. Never throws on what is in them. */
export async function thingsIn(bytes: Uint8Array, file: string, passwords: Passwords): Promise<Thing[]> {
  let items: readonly FileItem[];
  try {
    ({ items } = identifyFile(bytes));
  } catch (error) {
    return [unreadable(placeOf(file, 'binary'), 'binary', asX509Error(error))];
  }
  const found: Thing[] = [];
  for (const item of items) found.push(...(await openItem(item, file, passwords)));
  return found;
}

/** A certificate that came without a file. */
export function certificateThing(der: Uint8Array, place: Place): Thing {
  return plainThing('certificate', der, place, false);
}

/** An OCSP response that came without a file. */
export function messageThing(der: Uint8Array, place: Place): Thing {
  return plainThing('ocsp-response', der, place, false);
}

const placeOf = (file: string, encoding: Place['encoding'], more: Partial<Place> = {}): Place => ({
  file,
  encoding,
  form: null,
  line: null,
  store: null,
  alias: null,
  ...more,
});

const unreadable = (
  place: Place,
  looksLike: FileKind,
  problem: X509Error | null,
  bytes: Uint8Array | null = null,
): Thing => ({
  place,
  bytes,
  content: { kind: 'unreadable', looksLike, problem },
});

function asX509Error(error: unknown): X509Error {
  if (error instanceof X509Error) return error;
  throw error;
}

async function openItem(item: FileItem, file: string, passwords: Passwords): Promise<Thing[]> {
  const { kind, bytes, encoding, form, line, problem } = item;
  const place = placeOf(file, encoding, { form, line });
  if (problem !== null || bytes === null) return [unreadable(place, kind, problem, bytes)];
  const wanted = (open: (password: string | undefined) => Thing[], otherwise: () => Thing[]) =>
    withPassword(file, passwords, open, otherwise);
  const closed = (): Thing[] => [{ place, bytes, content: { kind: 'encrypted-private-key' } }];
  try {
    switch (kind) {
      case 'pkcs7':
        return openPkcs7(bytes, place);
      case 'pkcs12':
        return await wanted(
          (password) => openPkcs12(bytes, place, password),
          () => [unreadable(place, kind, new X509Error('password_needed'), bytes)],
        );
      case 'jks':
      case 'jceks':
        return await wanted(
          (password) => openJks(bytes, place, password),
          () => openJks(bytes, place, undefined),
        );
      case 'encrypted-private-key':
        return await wanted((password) => [openKey(bytes, place, password)], closed);
      default:
        if (item.encrypted) return await wanted(openOld(item, place), closed);
        return [plainThing(kind, bytes, place, false)];
    }
  } catch (error) {
    return [unreadable(place, kind, asX509Error(error), bytes)];
  }
}

const ATTEMPTS = 3;
const LOCKED: ReadonlySet<string> = new Set(['password_needed', 'wrong_password', 'encrypted_key']);

/** Tries without a password where that may do, then with what is given; a wrong one is asked for again on a terminal. */
async function withPassword(
  file: string,
  passwords: Passwords,
  open: (password: string | undefined) => Thing[],
  otherwise: () => Thing[],
): Promise<Thing[]> {
  for (const password of [undefined, '']) {
    try {
      const found = open(password);
      const complete = found.every(({ content }) => content.kind !== 'encrypted-private-key');
      if (complete) return found;
    } catch (error) {
      if (!LOCKED.has(asX509Error(error).rule)) throw error;
    }
  }
  for (let attempt = 1; ; attempt++) {
    const password = await passwords.ask(file);
    if (password === null) return otherwise();
    try {
      return open(password);
    } catch (error) {
      const again = passwords.interactive && attempt < ATTEMPTS;
      if (asX509Error(error).rule !== 'wrong_password' || !again) throw error;
    }
  }
}

const options = (password: string | undefined) => ({
  provider: nodeProvider,
  ...(password !== undefined && { password }),
});

function storeThing(
  bytes: Uint8Array,
  place: Place,
  store: Extract<Content, { kind: 'store' }>['store'],
  facts: Pick<Extract<Content, { kind: 'store' }>, 'entries' | 'others' | 'checked'>,
): Thing {
  return { place, bytes, content: { kind: 'store', store, ...facts } };
}

function openPkcs7(bytes: Uint8Array, place: Place): Thing[] {
  const { certificates, crls, others } = parsePkcs7(bytes);
  const inside: Place = { ...place, form: null, store: 'pkcs7' };
  const entries = certificates.length + crls.length;
  return [
    storeThing(bytes, place, 'pkcs7', { entries, others, checked: false }),
    ...certificates.map((der) => plainThing('certificate', der, inside, false)),
    ...crls.map((der) => plainThing('crl', der, inside, false)),
  ];
}

function openPkcs12(bytes: Uint8Array, place: Place, password: string | undefined): Thing[] {
  const { keys, certificates, crls, others, mac } = parsePkcs12(bytes, options(password));
  const inside = (alias: string | null): Place => ({ ...place, form: null, store: 'pkcs12', alias });
  const entries = keys.length + certificates.length + crls.length;
  return [
    storeThing(bytes, place, 'pkcs12', { entries, others, checked: mac !== null }),
    ...keys.map(({ pkcs8, friendlyName }) => plainThing('private-key', pkcs8, inside(friendlyName), true)),
    ...certificates.map(({ der, friendlyName }) =>
      plainThing('certificate', der, inside(friendlyName), false),
    ),
    ...crls.map((der) => plainThing('crl', der, inside(null), false)),
  ];
}

function openJks(bytes: Uint8Array, place: Place, password: string | undefined): Thing[] {
  const { format, keys, trusted, unread, verified } = parseJks(bytes, options(password));
  const inside = (alias: string): Place => ({ ...place, form: null, store: format, alias });
  const entries = trusted.length + keys.length;
  return [
    storeThing(bytes, place, format, { entries, others: unread, checked: verified === true }),
    ...keys.flatMap((entry): Thing[] => [
      openJksKey(entry, inside(entry.alias), password),
      ...entry.chain.map((der) => plainThing('certificate', der, inside(entry.alias), false)),
    ]),
    ...trusted.map(({ alias, certificate }) => plainThing('certificate', certificate, inside(alias), false)),
  ];
}

/** A key in a store may have a password of its own: then it stays closed. */
function openJksKey(entry: { encrypted: Uint8Array }, place: Place, password: string | undefined): Thing {
  try {
    return plainThing('private-key', decryptJksKey(entry, options(password)), place, true);
  } catch (error) {
    const { rule } = asX509Error(error);
    if (rule !== 'password_needed' && rule !== 'wrong_password') throw error;
    return { place, bytes: entry.encrypted, content: { kind: 'encrypted-private-key' } };
  }
}

/** A key that the headers of its PEM say is encrypted. */
const openOld =
  (item: FileItem, place: Place) =>
  (password: string | undefined): Thing[] => [
    plainThing('private-key', privateKeyFromItem(item, options(password)), place, true),
  ];

const openKey = (bytes: Uint8Array, place: Place, password: string | undefined): Thing =>
  plainThing('private-key', decryptPrivateKey(bytes, options(password)), place, true);

function plainThing(kind: FileKind, bytes: Uint8Array, place: Place, wasEncrypted: boolean): Thing {
  try {
    const content = contentOf(kind, bytes, wasEncrypted);
    return content ? { place, bytes, content } : unreadable(place, kind, null, bytes);
  } catch (error) {
    return unreadable(place, kind, asX509Error(error), bytes);
  }
}

function contentOf(kind: FileKind, bytes: Uint8Array, wasEncrypted: boolean): Content | null {
  switch (kind) {
    case 'certificate':
      return { kind, certificate: parseCertificate(bytes) };
    case 'certificate-request': {
      const request = parseCertificateRequest(bytes);
      return { kind, request, signed: requestIsSigned(request, nodeProvider) };
    }
    case 'crl':
      return { kind, crl: parseCrl(bytes) };
    case 'ocsp-request':
      return { kind, request: parseOcspRequest(bytes) };
    case 'ocsp-response':
      return { kind, message: parseOcspResponse(bytes) };
    case 'private-key':
      return { kind, wasEncrypted, ...publicHalf(() => privateKeySpki(bytes)) };
    case 'public-key':
      return { kind, wasEncrypted, ...publicHalf(() => bytes) };
    case 'parameters':
      return { kind };
    default:
      return null;
  }
}

function privateKeySpki(der: Uint8Array): Uint8Array | null {
  const key = nodeProvider.importPrivateKey(privateKeyFromPem(der));
  return key instanceof Promise ? null : key.spki;
}

/** Null for what the provider does not know, or what it refuses as too small. */
function publicHalf(spkiOf: () => Uint8Array | null): { key: KeySummary | null; spki: Uint8Array | null } {
  const given = attempt(spkiOf);
  const key = given && attempt(() => nodeProvider.importPublicKey(given));
  if (!key) return { key: null, spki: null };
  const { kind, bits, curve, spki } = key;
  return { key: { kind, bits, curve: curve ?? null }, spki };
}

/** The key of a certificate or a request as `publicHalf` writes it; as it stands where that cannot be. */
export function canonicalSpki(spki: Uint8Array): Uint8Array {
  return attempt(() => nodeProvider.importPublicKey(spki).spki) ?? spki;
}

/** Null where the provider or the reader refuses. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof X509Error || error instanceof CryptoError) return null;
    throw error;
  }
}
