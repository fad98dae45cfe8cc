/** Arguments as values: targets, ports, lists of names. What is wrong with them is a `UsageError` in words. */
import { isIP, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { DEFAULT_SCHEMES, findGroup, findScheme, namedGroups, signatureSchemes } from 'akushu';
import { nodeProvider } from 'akushu/crypto/node';
import { printable } from 'akushu/diagnose';
import { isStartTlsProtocol, STARTTLS_PROTOCOLS, type StartTlsProtocol } from 'akushu/node';
import type { Words } from './words/index.js';

/** Exit code 2. The message is for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Target {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORT = 443;
const HOST_NAME =
  /^(?=.{1,253}\.?$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i;

/** `HOST`, `HOST:PORT`, `[IPv6]`, `[IPv6]:PORT`, an IPv6 address by itself, or a URL. `usual` where no port is given. */
export function parseTarget(text: string, words: Words, usual: number = DEFAULT_PORT): Target {
  const bad = (): never => {
    throw new UsageError(words.usage.badHost(printable(text)));
  };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return targetOfUrl(text, words) ?? bad();
  if (isIPv6(text)) return { host: text, port: usual };
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(.*))?$/.exec(text);
  if (!match) return bad();
  const [, bracketed, plain, port] = match;
  if (bracketed !== undefined && !isIPv6(bracketed)) return bad();
  const host = bracketed ?? hostOf(plain!) ?? bad();
  return { host, port: port === undefined ? usual : parsePort(port, words, 1) };
}

function targetOfUrl(text: string, words: Words): Target | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const bare = url?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '';
  const host = isIP(bare) ? bare : hostOf(bare);
  if (!url || host === undefined) return undefined;
  const standard = url.protocol === 'http:' ? 80 : DEFAULT_PORT;
  return { host, port: url.port === '' ? standard : parsePort(url.port, words, 1) };
}

/** As an A-label; undefined for what no host can be called. */
function hostOf(text: string): string | undefined {
  const ascii = /^[\x20-\x7e]*$/.test(text) ? text : domainToASCII(text);
  return HOST_NAME.test(ascii) ? ascii : undefined;
}

export function parsePort(text: string, words: Words, lowest: 0 | 1): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < lowest || port > 65_535) throw new UsageError(words.usage.badPort(printable(text)));
  return port;
}

export function parseStartTls(text: string, words: Words): StartTlsProtocol {
  const name = text.toLowerCase();
  if (isStartTlsProtocol(name)) return name;
  throw new UsageError(words.usage.badChoice('--starttls', printable(text), STARTTLS_PROTOCOLS.join(', ')));
}

/** Seconds to milliseconds. */
export function parseSeconds(option: string, text: string, words: Words): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  const ms = Math.round(seconds * 1000);
  // More does not fit into a timer of Node.
  if (ms < 1 || ms > 0x7fff_ffff) throw new UsageError(words.usage.badNumber(option, printable(text)));
  return ms;
}

export function parseAlpn(text: string, words: Words): string[] {
  const names = text.split(',').map((name) => name.trim());
  const bad = names.find((name) => name === '' || name.length > 255 || /[^\x21-\x7e]/.test(name));
  if (bad !== undefined) throw new UsageError(words.usage.badAlpn(printable(bad)));
  return names;
}

interface Named {
  readonly iana: string;
  readonly openssl: string | null;
  readonly gnutls: string | null;
  readonly aliases?: readonly string[];
}

interface Kind {
  readonly option: string;
  readonly find: (name: string) => Named | undefined;
  readonly usable: () => readonly Named[];
}

const GROUPS: Kind = {
  option: '--groups',
  find: findGroup,
  usable: () => namedGroups().filter(({ iana }) => nodeProvider.groups.some((name) => name === iana)),
};

const SCHEMES: Kind = {
  option: '--sigalgs',
  find: findScheme,
  usable: () =>
    signatureSchemes().filter(
      ({ code, iana }) => DEFAULT_SCHEMES.includes(code) || SHA1_SCHEMES.includes(iana),
    ),
};

/** For peers of TLS 1.2 that have nothing better; never offered unasked. */
const SHA1_SCHEMES: readonly string[] = ['rsa_pkcs1_sha1', 'ecdsa_sha1'];

export const parseGroups = (text: string, words: Words): string[] => parseNames(text, GROUPS, words);
export const parseSchemes = (text: string, words: Words): string[] => parseNames(text, SCHEMES, words);

/** IANA's names, for any names that a registry knows, separated by commas or colons. */
function parseNames(text: string, kind: Kind, words: Words): string[] {
  const usable = kind.usable();
  const names = text.split(/[,:]/).map((word) => {
    const name = word.trim();
    const found = name === '' ? undefined : kind.find(name);
    if (found && usable.some(({ iana }) => iana === found.iana)) return found.iana;
    const say = found ? words.usage.unusableName : words.usage.unknownName;
    throw new UsageError(say(kind.option, printable(name), nearest(name, usable).join(', ')));
  });
  return [...new Set(names)];
}

const NEAREST = 3;

/** The usable names that look most like `name`, by whichever of their names comes closest. */
export function nearest(name: string, usable: readonly Named[]): string[] {
  const wanted = fold(name);
  const ranked = usable.map((row) => {
    const names = [row.iana, row.openssl, row.gnutls, ...(row.aliases ?? [])].filter((one) => one !== null);
    return { iana: row.iana, distance: Math.min(...names.map((one) => distanceOf(wanted, fold(one)))) };
  });
  return ranked
    .sort((a, b) => a.distance - b.distance)
    .slice(0, NEAREST)
    .map(({ iana }) => iana);
}

const fold = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 64);

/** Levenshtein's distance. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
