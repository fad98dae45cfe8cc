/**
 * Fingerprints of hellos. JA3 and JA3S (Salesforce, 2017): decimal code points in the order in which they stand, and
 * the MD5 of that. JA4 (FoxIO, "JA4: TLS Client Fingerprinting"): what was counted, and two halves of SHA-256 over
 * sorted lists, so that shuffled extensions stay the same. GREASE (RFC 8701) is left out of all of them.
 */
import { fromLatin1, toHex } from '../../bytes/index.js';
import type { Provider } from '../../crypto/provider.js';
import type { ClientHello, ServerHello } from '../../messages/index.js';
import { ExtensionType, isGrease } from '../../registry/index.js';
import type { Fingerprints } from '../observation.js';

const NONE: Fingerprints = { ja3: null, ja3Text: null, ja3s: null, ja3sText: null, ja4: null, ja4Text: null };

interface Hellos {
  readonly clientHello: ClientHello | null;
  /** Null for one of SSL 2.0. */
  readonly clientHelloBytes: Uint8Array | null;
  readonly serverHello: ServerHello | null;
  readonly helloRetryRequest: ServerHello | null;
}

export function fingerprintsOf(provider: Provider, hellos: Hellos): Fingerprints {
  // A hello of SSL 2.0 has none: it is another message.
  const client = hellos.clientHelloBytes && hellos.clientHello;
  // The first answer of the server, as those who made it up take it.
  const server = hellos.helloRetryRequest ?? hellos.serverHello;
  const hash = (name: 'md5' | 'sha256', text: string) => toHex(provider.digest(name, fromLatin1(text)));
  let found = NONE;
  if (client) {
    const ja3Text = ja3(client);
    const ja4 = ja4Parts(client, (text) => hash('sha256', text).slice(0, 12));
    found = { ...found, ja3Text, ja3: hash('md5', ja3Text), ja4: ja4.hashed, ja4Text: ja4.raw };
  }
  if (server) {
    const ja3sText = ja3s(server);
    found = { ...found, ja3sText, ja3s: hash('md5', ja3sText) };
  }
  return found;
}

const plain = (codes: readonly number[] | undefined): number[] =>
  (codes ?? []).filter((code) => !isGrease(code));

function ja3({ legacyVersion, cipherSuites, extensions }: ClientHello): string {
  return [
    legacyVersion,
    plain(cipherSuites).join('-'),
    plain(extensions?.order).join('-'),
    plain(extensions?.supportedGroups).join('-'),
    (extensions?.ecPointFormats ?? []).join('-'),
  ].join(',');
}

function ja3s({ legacyVersion, cipherSuite, extensions }: ServerHello): string {
  const order =
    extensions?.retry?.order ?? (extensions as { order?: readonly number[] } | undefined)?.order ?? [];
  return [legacyVersion, cipherSuite, order.join('-')].join(',');
}

const VERSIONS: Readonly<Record<number, string>> = {
  2: 's2',
  768: 's3',
  769: '10',
  770: '11',
  771: '12',
  772: '13',
};
const hex4 = (code: number): string => code.toString(16).padStart(4, '0');
const twoDigits = (count: number): string => String(Math.min(count, 99)).padStart(2, '0');

function ja4Parts(
  { legacyVersion, cipherSuites, extensions }: ClientHello,
  hash: (text: string) => string,
): { readonly hashed: string; readonly raw: string } {
  const suites = plain(cipherSuites);
  const order = plain(extensions?.order);
  const version = Math.max(0, ...plain(extensions?.supportedVersions)) || legacyVersion;
  const head = [
    't',
    VERSIONS[version] ?? '00',
    order.includes(ExtensionType.server_name) ? 'd' : 'i',
    twoDigits(suites.length),
    twoDigits(order.length),
    alpnMark(extensions?.alpn?.[0]),
  ].join('');
  const named: readonly number[] = [
    ExtensionType.server_name,
    ExtensionType.application_layer_protocol_negotiation,
  ];
  const sorted = (codes: readonly number[]): string => codes.map(hex4).sort().join(',');
  const ciphers = sorted(suites);
  const others = sorted(order.filter((code) => !named.includes(code)));
  const schemes = plain(extensions?.signatureAlgorithms).map(hex4).join(',');
  const tail = schemes === '' ? others : `${others}_${schemes}`;
  const digest = (text: string): string => (text === '' ? '000000000000' : hash(text));
  return {
    hashed: `${head}_${digest(ciphers)}_${others === '' ? digest('') : digest(tail)}`,
    raw: `${head}_${ciphers}_${tail}`,
  };
}

/** First and last character of the first protocol; of their hexadecimal digits where they are no letters or digits. */
function alpnMark(name: Uint8Array | undefined): string {
  if (!name || name.length === 0) return '00';
  const ends = [name[0]!, name[name.length - 1]!];
  if (ends.every((byte) => /[0-9A-Za-z]/.test(String.fromCharCode(byte))))
    return String.fromCharCode(...ends);
  const digits = toHex(name);
  return `${digits[0]}${digits[digits.length - 1]}`;
}
