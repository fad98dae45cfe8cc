/**
 * Distinguished names: attributes, a string for people (as RFC 4514, but in the order of the encoding and without
 * anything that could harm a terminal or a log), and comparison (RFC 5280 §7.1).
 */
import { toHex } from '../bytes/index.js';
import type { name as nameSyntax } from './asn1.js';
import {
  asX509Error,
  bmpString,
  type Der,
  decodeDer,
  escapeControls,
  type InferDer,
  ia5String,
  numericString,
  printableString,
  teletexString,
  universalString,
  utf8String,
  type WithRaw,
} from './der/index.js';
import { ATTRIBUTE_NAMES } from './oids.js';

export interface NameAttribute {
  readonly oid: string;
  /** `CN`, `O`, …; the object identifier where it has no short name. */
  readonly name: string;
  /** As text, not escaped; null where it is no string. */
  readonly value: string | null;
  /** The value's DER. */
  readonly raw: Uint8Array;
}

export interface DistinguishedName {
  /** The DER of the whole name. Issuer and subject are matched over these bytes. */
  readonly raw: Uint8Array;
  /** One entry for each relative distinguished name; nearly always of one attribute. */
  readonly parts: readonly (readonly NameAttribute[])[];
  readonly attributes: readonly NameAttribute[];
  /** Such as `CN=example.com, O=Example`; control characters are escaped, length bounded. */
  readonly text: string;
}

const STRINGS: ReadonlyMap<number, Der<string>> = new Map(
  [utf8String, printableString, teletexString, ia5String, bmpString, universalString, numericString].map(
    (der) => [der.tag, der],
  ),
);

const MAX_TEXT = 512;

type DecodedName = InferDer<typeof nameSyntax>;

export function distinguishedName({ value, raw }: WithRaw<DecodedName>): DistinguishedName {
  const parts = value.map((part) => part.map(toAttribute));
  const text = parts.map((part) => part.map(attributeText).join('+')).join(', ');
  return { raw, parts, attributes: parts.flat(), text: bounded(text) };
}

/** One relative name under any tag, such as a CRL's place below its issuer (RFC 5280 §4.2.1.13); `raw` has SET's. */
export function relativeName({ value, raw }: WithRaw<DecodedName[number]>): {
  attributes: NameAttribute[];
  raw: Uint8Array;
} {
  const set = raw.slice();
  set[0] = 0x31;
  return { attributes: value.map(toAttribute), raw: set };
}

function toAttribute(attribute: DecodedName[number][number]): NameAttribute {
  const string = STRINGS.get(attribute.value[0]!);
  return {
    oid: attribute.type,
    name: ATTRIBUTE_NAMES.get(attribute.type) ?? attribute.type,
    value: string ? decodeText(string, attribute.value) : null,
    raw: attribute.value,
  };
}

function decodeText(der: Der<string>, bytes: Uint8Array): string {
  try {
    return decodeDer(der, bytes);
  } catch (error) {
    throw asX509Error(error).within('value');
  }
}

function attributeText({ name, value, raw }: NameAttribute): string {
  if (value === null) return `${name}=#${toHex(raw.subarray(0, 64))}`;
  // RFC 4514 §2.4
  const escaped = bounded(value).replace(/[\\",+;<>=]|^[ #]| $/g, (found) => `\\${found}`);
  return `${name}=${escapeControls(escaped)}`;
}

function bounded(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}

/** RFC 5280 §7.1: strings without regard to case, width of white space and string type; all else by its bytes. */
function comparable(part: readonly NameAttribute[]): string {
  return part
    .map(({ oid, value, raw }) => {
      const text =
        value === null
          ? `#${toHex(raw)}`
          : `=${value.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ')}`;
      return `${oid}${text}`;
    })
    .sort()
    .join('\u0000');
}

const comparables = new WeakMap<DistinguishedName, readonly string[]>();

/** Made once for each name: a peer decides how long names are, and name constraints compare them many times. */
function comparableParts(name: DistinguishedName): readonly string[] {
  let parts = comparables.get(name);
  if (!parts) {
    parts = name.parts.map(comparable);
    comparables.set(name, parts);
  }
  return parts;
}

/** Whether `name` lies in the subtree below `base`: begins with the same relative names (RFC 5280 §4.2.1.10). */
export function isWithinName(name: DistinguishedName, base: DistinguishedName): boolean {
  if (name.parts.length < base.parts.length) return false;
  const inner = comparableParts(name);
  return comparableParts(base).every((part, i) => part === inner[i]);
}
