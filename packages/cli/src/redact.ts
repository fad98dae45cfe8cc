/**
 * Private addresses and names blotted out, the same one always by the same word, so that a report can be handed on.
 * Blots what was seen to be a name; words of ours stay.
 */
import { isIP } from 'node:net';
import type { Explained } from './explained.js';

const IPV4 = /\b(?:\d{1,3}\.){3}\d{1,3}\b/g;
const IPV6 = /(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi;
/** Addresses of nobody in particular: RFC 1918, 6598, 3927, 4193, 4291, loopback. */
const PRIVATE =
  /^(?:10\.|127\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd]|fe[89ab]|::1$|::ffff:(?:10\.|127\.|192\.168\.))/i;
const NAME = /\b(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24}\b/gi;
/** What looks like a host and is a file or a piece of code. */
const NO_NAME =
  /\.(?:pem|crt|cer|key|p12|jks|conf|log|pcap|pcapng|txt|js|ts|c|h|go|rs|py|rb|php|java|sh|so|html|service)$|^(?:javax?|sun|system|java|node|org|com\.sun|io\.netty|requests|urllib3|ssl|openssl|tls|err|net)\.|^www\.example\.com$/i;
const SUBJECT = /\b(CN|O|OU|L|ST|serialNumber|emailAddress)=([^,+/\n]{1,128})/g;

export class Redaction {
  private readonly known = new Map<string, string>();
  private addresses = 0;
  private names = 0;

  /** The same without what is private. */
  explained(one: Explained): Explained {
    const { client, server, sni, verdicts, observed } = one;
    for (const address of [client, server]) if (address !== null) this.learnAddresses(address);
    for (const text of namesIn(one)) this.learnName(text);
    const known = [...this.known].sort(([a], [b]) => b.length - a.length);
    const blot = (text: string): string => {
      this.learnAddresses(text);
      return known.reduce((rest, [from, to]) => rest.split(from).join(to), this.blotAddresses(text));
    };
    const deep = <T>(value: T): T => {
      if (typeof value === 'string') return blot(value) as T;
      if (Array.isArray(value)) return value.map(deep) as T;
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, deep(part)])) as T;
    };
    return {
      ...one,
      client: deep(client),
      server: deep(server),
      sni: deep(sni),
      verdicts: deep(verdicts),
      observed,
    };
  }

  private learnAddresses(text: string): void {
    for (const address of addressesIn(text)) if (PRIVATE.test(address)) this.wordFor(address, 'address');
  }

  private blotAddresses(text: string): string {
    const replace = (address: string): string => this.known.get(address) ?? address;
    return text.replace(IPV4, replace).replace(IPV6, replace);
  }

  private learnName(name: string): void {
    if (name.length > 1 && isIP(name) === 0) this.wordFor(name, 'name');
  }

  private wordFor(value: string, kind: 'address' | 'name'): void {
    if (this.known.has(value)) return;
    const number = kind === 'address' ? ++this.addresses : ++this.names;
    this.known.set(value, `${kind}-${number}`);
  }
}

function addressesIn(text: string): string[] {
  return [...(text.match(IPV4) ?? []), ...(text.match(IPV6) ?? [])].filter((one) => isIP(one) !== 0);
}

/** Every name that what was seen holds: asked for, resolved, in certificates, in pasted text. */
function namesIn({ sni, server, observed, verdicts }: Explained): string[] {
  const found: string[] = [];
  if (sni !== null) found.push(sni);
  const texts = verdicts.flatMap(({ evidence, explanation }) => [
    explanation,
    ...evidence.flatMap(({ kind, value, field }) => (kind === 'message' ? [] : [value, field])),
  ]);
  if (server !== null) texts.push(server);
  if (observed?.kind === 'connection') found.push(...observed.server.names, ...observed.client.names);
  for (const text of texts) {
    for (const name of text.match(NAME) ?? []) if (!NO_NAME.test(name)) found.push(name);
    for (const [, , value] of text.matchAll(SUBJECT)) found.push(value!.trim());
  }
  return found;
}
