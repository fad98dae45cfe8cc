/**
 * PKCS#12 (RFC 7292), password integrity and privacy: private keys, certificates and CRLs with their names. The MAC is
 * checked before anything is decrypted. Public-key modes and RFC 9579's PBMAC1 are named as unsupported. BER is accepted.
 */
import { equal, equalSecret } from '../../bytes/index.js';
import type { AnnotatedNode } from '../../codec/codec.js';
import type { HashName } from '../../registry/types.js';
import { HASH_BY_OID } from '../algorithms.js';
import { privateKeyInfo } from '../asn1.js';
import { annotateDer, bmpString, decodeDer, type InferDer, octetString, X509Error } from '../der/index.js';
import { authenticatedSafe, type contentInfo, encryptedData, pfx, safeContents, typedBag } from './asn1.js';
import { definite, readAsBer } from './ber.js';
import { FORMAT_OID } from './oids.js';
import { decodeBerPart, decodePart, inside } from './part.js';
import {
  type Decryption,
  decryptionWith,
  decryptPbe,
  type PasswordOptions,
  unsupported,
  utf16Password,
} from './pbe.js';
import { PKCS12_MAC, pkcs12Derive } from './pbkdf2.js';
import { openPrivateKey } from './pkcs8.js';

interface Labels {
  /** What people call it: an alias. */
  readonly friendlyName: string | null;
  /** The same for a key and its certificate. */
  readonly localKeyId: Uint8Array | null;
}

export interface Pkcs12Key extends Labels {
  readonly pkcs8: Uint8Array;
  /** The certificate with the same `localKeyId`, by its place in `certificates`; null where none has it. */
  readonly certificate: number | null;
}

export interface Pkcs12Certificate extends Labels {
  readonly der: Uint8Array;
  /** Marked by Java as a trust anchor. */
  readonly trusted: boolean;
}

export interface Pkcs12 {
  readonly keys: readonly Pkcs12Key[];
  readonly certificates: readonly Pkcs12Certificate[];
  readonly crls: readonly Uint8Array[];
  /** Secrets and kinds of certificates that are not X.509, which are passed over. */
  readonly others: number;
  /** Null where nothing protects the file against change. */
  readonly mac: { readonly hash: HashName; readonly iterations: number } | null;
  readonly ber: boolean;
}

const MAX_PKCS12_BYTES = 16 * 1024 * 1024;
const MAX_BAGS = 10_000;
/** Of SafeContents in SafeContents. */
const MAX_NESTING = 8;

/**
 * Throws X509Error: `wrong_password` where the MAC does not fit, which a damaged file looks like as well,
 * `password_needed`, `unsupported_algorithm` with its name, `too_much_work`.
 */
export function parsePkcs12(bytes: Uint8Array, options: PasswordOptions): Pkcs12 {
  if (bytes.length > MAX_PKCS12_BYTES) throw new X509Error('too_large', { facts: { size: bytes.length } });
  const outer = readAsBer(bytes, (der) => ({ value: decodeDer(pfx, der), whole: der }));
  const { version, authSafe, macData } = outer.value;
  if (version !== 3) throw new X509Error('bad_version', { field: 'version', facts: { version } });
  if (authSafe.contentType !== FORMAT_OID.data || authSafe.content === undefined) {
    throw unsupported(authSafe.contentType, 'authSafe.contentType');
  }
  const safe = decodeBerPart(octetString, authSafe.content, 'authSafe.content', outer.whole);
  let decryption: Decryption | null = null;
  let mac: Pkcs12['mac'] = null;
  if (macData) {
    const checked = checkMac(macData, safe, decryptionWith(options));
    ({ decryption, mac } = checked);
  } else if (options.password !== undefined) decryption = decryptionWith(options);
  const found: Found = { keys: [], certificates: [], crls: [], others: 0, bags: 0, whole: outer.whole };
  const infos = decodeBerPart(authenticatedSafe, safe, 'authenticatedSafe', outer.whole);
  for (const info of infos) {
    const contents = openContent(info, decryption, outer.whole);
    collect(contents, decryption, found, 0);
  }
  const { keys, certificates, crls, others } = found;
  return {
    keys: keys.map((key) => ({ ...key, certificate: certificateWith(key.localKeyId, certificates) })),
    certificates,
    crls,
    others,
    mac,
    ber: outer.whole !== bytes,
  };
}

function certificateWith(id: Uint8Array | null, certificates: readonly Pkcs12Certificate[]): number | null {
  if (id === null) return null;
  const place = certificates.findIndex(({ localKeyId }) => localKeyId !== null && equal(localKeyId, id));
  return place < 0 ? null : place;
}

type MacData = NonNullable<InferDer<typeof pfx>['macData']>;

/** RFC 7292 §5.1 step 5. An empty password is two zero bytes to some writers and none to others: both are tried. */
function checkMac(
  { mac: { digestAlgorithm, digest }, macSalt, iterations = 1 }: MacData,
  content: Uint8Array,
  decryption: Decryption,
): { decryption: Decryption; mac: NonNullable<Pkcs12['mac']> } {
  const hash = HASH_BY_OID.get(digestAlgorithm.algorithm);
  if (!hash) throw unsupported(digestAlgorithm.algorithm, 'macData.mac.digestAlgorithm');
  const { provider, password, budget } = decryption;
  const secrets = [utf16Password(password, true)];
  if (password.length === 0) secrets.push(new Uint8Array(0));
  const fits = secrets.some((secret) => {
    budget.take(iterations);
    const length = digest.length;
    const key = pkcs12Derive(
      provider,
      hash,
      PKCS12_MAC,
      secret,
      macSalt,
      iterations,
      hashLength(provider, hash),
    );
    const expected = provider.hmacKey(hash, key).sign(content);
    return length === expected.length && equalSecret(expected, digest);
  });
  if (!fits) throw new X509Error('wrong_password', { field: 'macData' });
  return { decryption, mac: { hash, iterations } };
}

const hashLength = (provider: Decryption['provider'], hash: HashName): number => provider.digest(hash).length;

function needed(decryption: Decryption | null): Decryption {
  if (decryption === null) throw new X509Error('password_needed');
  return decryption;
}

/** The SafeContents of one ContentInfo. */
function openContent(
  { contentType, content }: InferDer<typeof contentInfo>,
  decryption: Decryption | null,
  whole: Uint8Array,
): Uint8Array {
  if (content === undefined) throw new X509Error('missing_field', { field: 'authSafe.content' });
  if (contentType === FORMAT_OID.data)
    return decodeBerPart(octetString, content, 'authenticatedSafe.content', whole);
  if (contentType !== FORMAT_OID.encryptedData) throw unsupported(contentType, 'authSafe.contentType');
  const { encryptedContentInfo: info } = decodeBerPart(
    encryptedData,
    content,
    'authenticatedSafe.content',
    whole,
  );
  if (info.encryptedContent === undefined)
    throw new X509Error('missing_field', { field: 'encryptedContent' });
  const data =
    info.encryptedContent.kind === 'whole'
      ? info.encryptedContent.value
      : joined(info.encryptedContent.value);
  return decryptPbe(info.contentEncryptionAlgorithm, data, needed(decryption), whole);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

interface Found {
  readonly keys: Omit<Pkcs12Key, 'certificate'>[];
  readonly certificates: Pkcs12Certificate[];
  readonly crls: Uint8Array[];
  others: number;
  bags: number;
  /** What offsets of errors are from. */
  readonly whole: Uint8Array;
}

const BAG_VALUE = 'safeContents.bagValue';

type SafeBag = InferDer<typeof safeContents>[number];

function collect(contents: Uint8Array, decryption: Decryption | null, found: Found, nesting: number): void {
  if (nesting > MAX_NESTING) throw new X509Error('too_deep', { field: 'safeContents' });
  for (const bag of decodeBerPart(safeContents, contents, 'safeContents', found.whole)) {
    if (++found.bags > MAX_BAGS) throw new X509Error('too_many_elements', { field: 'safeContents' });
    takeBag(bag, decryption, found, nesting);
  }
}

function takeBag(bag: SafeBag, decryption: Decryption | null, found: Found, nesting: number): void {
  const { bagId, bagValue } = bag;
  switch (bagId) {
    case FORMAT_OID.keyBag:
      decodePart(privateKeyInfo, bagValue, BAG_VALUE, found.whole);
      found.keys.push({ pkcs8: bagValue, ...labels(bag, found.whole) });
      return;
    case FORMAT_OID.shroudedKeyBag:
      found.keys.push({
        pkcs8: inside(BAG_VALUE, bagValue, found.whole, () => openPrivateKey(bagValue, needed(decryption))),
        ...labels(bag, found.whole),
      });
      return;
    case FORMAT_OID.certBag:
    case FORMAT_OID.crlBag: {
      const { id, value } = decodePart(typedBag, bagValue, BAG_VALUE, found.whole);
      if (bagId === FORMAT_OID.certBag && id === FORMAT_OID.x509Certificate) {
        const trusted = attribute(bag, FORMAT_OID.javaTrustedKeyUsage) !== undefined;
        found.certificates.push({ der: value, trusted, ...labels(bag, found.whole) });
      } else if (bagId === FORMAT_OID.crlBag && id === FORMAT_OID.x509Crl) found.crls.push(value);
      else found.others++;
      return;
    }
    case FORMAT_OID.safeContentsBag:
      collect(bagValue, decryption, found, nesting + 1);
      return;
    default:
      found.others++;
  }
}

function attribute({ bagAttributes }: SafeBag, wanted: string): Uint8Array | undefined {
  return bagAttributes?.find(({ type }) => type === wanted)?.values[0];
}

function labels(bag: SafeBag, whole: Uint8Array): Labels {
  const name = attribute(bag, FORMAT_OID.friendlyName);
  const id = attribute(bag, FORMAT_OID.localKeyId);
  return {
    // Other strings than RFC 2985's are not worth losing a key for.
    friendlyName:
      name?.[0] === bmpString.tag ? decodePart(bmpString, name, 'bagAttributes.friendlyName', whole) : null,
    localKeyId: id ? decodePart(octetString, id, 'bagAttributes.localKeyId', whole) : null,
  };
}

/** For BER, offsets are those of the definite form. What is encrypted stays bytes. */
export function annotatePkcs12(bytes: Uint8Array): AnnotatedNode {
  let der = bytes;
  try {
    der = definite(bytes) ?? bytes;
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
  }
  return annotateDer(pfx, der, 'pfx');
}
