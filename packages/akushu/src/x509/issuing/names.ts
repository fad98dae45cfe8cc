/** Names as they are written into what is issued: distinguished names (RFC 5280 §4.1.2.4), general names (§4.2.1.6). */
import { concat } from '../../bytes/index.js';
import { type generalName, name, type nameConstraints, oid } from '../asn1.js';
import {
  any,
  decodeDer,
  encodeDer,
  explicit,
  type InferDer,
  ia5String,
  implicit,
  printableString,
  sequence,
  utf8String,
} from '../der/index.js';
import { parseIp } from '../ip.js';
import { ATTRIBUTE_NAMES } from '../oids.js';

/**
 * A distinguished name: attributes by short name or object identifier, in order (`{ CN: 'example.com', O: 'Example' }`);
 * a string is the common name; bytes are the DER of a whole name.
 */
export type NameInput = string | Readonly<Record<string, string>> | Uint8Array;

/** A string is read as what it looks like: an IP address, a URI (with `://`), an e-mail address (with `@`), a DNS name. */
export type GeneralNameInput =
  | string
  | { readonly dns: string }
  | { readonly email: string }
  | { readonly uri: string }
  | { readonly ip: string }
  | { readonly directory: NameInput }
  | { readonly registeredId: string }
  | { readonly other: { readonly oid: string /** DER. */; readonly value: Uint8Array } };

/** §4.1.2.4, RFC 4519: attributes whose syntax is not DirectoryString. */
const STRINGS: ReadonlyMap<string, typeof utf8String> = new Map([
  ['2.5.4.6', printableString],
  ['2.5.4.5', printableString],
  ['2.5.4.46', printableString],
  ['0.9.2342.19200300.100.1.25', ia5String],
  ['1.2.840.113549.1.9.1', ia5String],
  ['1.3.6.1.4.1.311.60.2.1.3', printableString],
]);

/** DER of a name. Throws RangeError for attributes that are not known, X509Error for bytes that are no name. */
export function encodeName(input: NameInput): Uint8Array {
  if (input instanceof Uint8Array) {
    decodeDer(name, input);
    return input;
  }
  const attributes = typeof input === 'string' ? { CN: input } : input;
  return encodeDer(
    name,
    Object.entries(attributes).map(([key, value]) => {
      const type = /^\d+(\.\d+)+$/.test(key)
        ? key
        : [...ATTRIBUTE_NAMES].find(([, known]) => known === key)?.[0];
      if (type === undefined) throw new RangeError(`"subject" expected known attributes, got ${key}`);
      return [{ type, value: encodeDer(STRINGS.get(type) ?? utf8String, value) }];
    }),
  );
}

export function isEmptyName(input: NameInput): boolean {
  if (input instanceof Uint8Array) return input.length === 2;
  return typeof input !== 'string' && Object.keys(input).length === 0;
}

type GeneralName = InferDer<typeof generalName>;

const registeredId = implicit(8, oid);
const otherName = implicit(
  0,
  sequence('OtherName', 'RFC 5280 §4.2.1.6', { typeId: oid, value: explicit(0, any) }),
);

export function encodableName(input: GeneralNameInput): GeneralName {
  if (typeof input === 'string') return guessed(input);
  if ('dns' in input) return { kind: 'dNSName', value: input.dns };
  if ('email' in input) return { kind: 'rfc822Name', value: input.email };
  if ('uri' in input) return { kind: 'uniformResourceIdentifier', value: input.uri };
  if ('registeredId' in input) {
    const value = input.registeredId;
    return { kind: 'registeredID', value: { value, raw: encodeDer(registeredId, value) } };
  }
  if ('other' in input) {
    const value = { typeId: input.other.oid, value: input.other.value };
    return { kind: 'otherName', value: { value, raw: encodeDer(otherName, value) } };
  }
  if ('directory' in input) {
    const raw = encodeName(input.directory);
    return { kind: 'directoryName', value: { value: decodeDer(name, raw), raw } };
  }
  const address = parseIp(input.ip);
  if (!address) throw new RangeError(`"ip" expected an address, got ${input.ip}`);
  return { kind: 'iPAddress', value: address };
}

function guessed(text: string): GeneralName {
  const address = parseIp(text);
  if (address) return { kind: 'iPAddress', value: address };
  if (text.includes('://')) return { kind: 'uniformResourceIdentifier', value: text };
  if (text.includes('@')) return { kind: 'rfc822Name', value: text };
  return { kind: 'dNSName', value: text };
}

type Subtree = NonNullable<InferDer<typeof nameConstraints>['permittedSubtrees']>[number];

/** §4.2.1.10. Ranges of addresses are written as `192.0.2.0/24`. */
export function encodableSubtree(input: GeneralNameInput): Subtree {
  const range =
    typeof input === 'string' ? addressRange(input) : 'ip' in input ? addressRange(input.ip) : null;
  return { base: range ?? encodableName(input), minimum: 0, maximum: undefined };
}

function addressRange(text: string): GeneralName | null {
  const [base, width] = text.split('/');
  const address = width === undefined ? null : parseIp(base!);
  if (!address) return null;
  const bits = Number(width);
  if (!(Number.isInteger(bits) && bits >= 0 && bits <= address.length * 8)) {
    throw new RangeError(`"range" expected a prefix, got ${text}`);
  }
  const mask = address.map((_, i) => (0xff00 >> Math.min(8, Math.max(0, bits - 8 * i))) & 0xff);
  return { kind: 'iPAddress', value: concat(address, mask) };
}
