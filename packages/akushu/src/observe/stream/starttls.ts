/**
 * The dialogue in the clear in front of a ClientHello: which protocol it was, where TLS was asked for, and what the
 * server said to it (RFC 3207, RFC 2595, RFC 4217, RFC 6120 §5, RFC 4511 §4.14, RFC 9110 §9.3.6, and the protocols of
 * PostgreSQL, MySQL and RDP). Told from what was said, whatever the port.
 */
import { toLatin1 } from '../../bytes/index.js';
import type { Side } from '../../trace/index.js';
import type { ObservedStartTls, PreambleStep, StartTlsProtocol } from '../observation.js';
import { decodeText, isLdap } from './detect.js';

/** What one side said before the other did. */
export interface Turn {
  readonly from: Side;
  readonly time: number;
  /** The beginning, as far as it is kept. */
  bytes: Uint8Array;
  length: number;
}

interface Dialogue {
  readonly protocol: StartTlsProtocol;
  /** A turn of the client that asks for TLS; `before` is what both said until then. */
  readonly asks: (text: string, bytes: Uint8Array, before: string) => boolean;
  /** The server's answer; undefined where the answer is something else. */
  readonly grants: (text: string, bytes: Uint8Array) => boolean | undefined;
  readonly target?: (text: string, bytes: Uint8Array) => string | null;
}

const reply = (good: RegExp, bad: RegExp) => (text: string) =>
  good.test(text) ? true : bad.test(text) ? false : undefined;

const STARTTLS = /^STARTTLS\b/im;
const LDAP_STARTTLS = '1.3.6.1.4.1.1466.20037';

/** The first whose request is found is the one. */
const DIALOGUES: readonly Dialogue[] = [
  {
    protocol: 'http_connect',
    asks: (text) => /^CONNECT \S+/i.test(text),
    grants: (text) => (/^HTTP\/\d/.test(text) ? /^HTTP\/\S+ 2\d\d/.test(text) : undefined),
    target: (text) => /^CONNECT (\S+)/i.exec(text)?.[1] ?? null,
  },
  {
    protocol: 'http_upgrade',
    asks: (text) => /^Upgrade:.*TLS/im.test(text),
    grants: (text) => (/^HTTP\/\d/.test(text) ? /^HTTP\/\S+ 101/.test(text) : undefined),
  },
  {
    protocol: 'ftp',
    asks: (text) => /^AUTH (TLS|SSL|TLS-C|TLS-P)\b/im.test(text),
    grants: reply(/^[23]34/m, /^[45]\d\d/m),
  },
  {
    protocol: 'pop3',
    asks: (text) => /^STLS\b/im.test(text),
    grants: reply(/^\+OK/m, /^-ERR/m),
  },
  {
    protocol: 'imap',
    asks: (text) => /^\S+ STARTTLS\b/im.test(text),
    grants: reply(/^\S+ OK\b/m, /^\S+ (NO|BAD)\b/m),
  },
  {
    protocol: 'xmpp',
    asks: (text) => /<starttls\b/i.test(text),
    grants: reply(/<proceed\b/i, /<(failure|stream:error)\b/i),
  },
  {
    protocol: 'irc',
    asks: (text, _, before) => STARTTLS.test(text) && /^(:\S+ )?(CAP|NICK|USER|NOTICE) /m.test(before + text),
    grants: reply(/ 670 /, / 691 /),
  },
  {
    protocol: 'nntp',
    asks: (text, _, before) => STARTTLS.test(text) && /^20[01] /.test(before),
    grants: reply(/^382/m, /^[45]\d\d/m),
  },
  {
    protocol: 'sieve',
    asks: (text, _, before) => STARTTLS.test(text) && /^"IMPLEMENTATION"/im.test(before),
    grants: reply(/^OK/m, /^(NO|BYE)/m),
  },
  {
    protocol: 'smtp',
    asks: (text) => STARTTLS.test(text),
    grants: reply(/^2[23]0/m, /^[45]\d\d/m),
  },
  {
    protocol: 'ldap',
    asks: (text, bytes) => isLdap(bytes) && text.includes(LDAP_STARTTLS),
    grants: (_, bytes) => (isLdap(bytes) ? ldapSuccess(bytes) : undefined),
  },
  {
    protocol: 'postgresql',
    // SSLRequest: length 8 and a number that is no version.
    asks: (_, bytes) => startsWith(bytes, [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]),
    grants: (text) => (text.startsWith('S') ? true : /^[NE]/.test(text) ? false : undefined),
  },
  {
    protocol: 'mysql',
    asks: (_, bytes) => isMysqlSslRequest(bytes),
    grants: () => undefined,
  },
  {
    protocol: 'rdp',
    // MS-RDPBCGR §2.2.1.1: TPKT, an X.224 connection request.
    asks: (_, bytes) => startsWith(bytes, [3, 0]) && bytes[5] === 0xe0,
    grants: (_, bytes) => (startsWith(bytes, [3, 0]) && bytes[5] === 0xd0 ? bytes[11] !== 3 : undefined),
  },
  {
    protocol: 'socks',
    asks: (_, bytes) => bytes[0] === 5 && bytes[1] === 1 && bytes[2] === 0 && bytes.length >= 7,
    grants: (_, bytes) => (bytes[0] === 5 && bytes.length >= 4 ? bytes[1] === 0 : undefined),
    target: (_, bytes) => socksTarget(bytes),
  },
  {
    protocol: 'proxy',
    asks: (text, bytes) => /^PROXY (TCP[46]|UNKNOWN)/.test(text) || startsWith(bytes, PROXY_V2),
    grants: () => undefined,
  },
];

/** Version 2 of HAProxy's PROXY protocol: a signature that no other protocol begins with. */
const PROXY_V2 = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

/** A packet of 32 bytes, number 1, with the flag CLIENT_SSL. */
export function isMysqlSslRequest(bytes: Uint8Array): boolean {
  return startsWith(bytes, [0x20, 0, 0, 1]) && bytes.length >= 36 && (bytes[5]! & 0x08) !== 0;
}

/** Length of a header of the PROXY protocol at the beginning; 0 where there is none. */
export function proxyHeaderLength(bytes: Uint8Array): number {
  if (startsWith(bytes, PROXY_V2) && bytes.length >= 16) return 16 + (bytes[14]! << 8) + bytes[15]!;
  const line = /^PROXY (TCP[46]|UNKNOWN)[^\r\n]*\r\n/.exec(toLatin1(bytes.subarray(0, 108)));
  return line ? line[0].length : 0;
}

/** The result code behind the operation's header: ENUMERATED 0 is success. */
function ldapSuccess(bytes: Uint8Array): boolean {
  const at = bytes.findIndex((byte, i) => byte === 0x0a && bytes[i + 1] === 1);
  return at >= 0 && bytes[at + 2] === 0;
}

function socksTarget(bytes: Uint8Array): string | null {
  if (bytes[3] !== 3) return null;
  const end = 5 + bytes[4]!;
  if (bytes.length < end + 2) return null;
  return `${toLatin1(bytes.subarray(5, end))}:${(bytes[end]! << 8) + bytes[end + 1]!}`;
}

const MAX_TEXT = 400;
/** Turns in front of a request that tell the protocol. */
const BEFORE = 8;

/** What the turns say about TLS. Null where nobody asked for it and none of it began (`began`). */
export function describeStartTls(turns: readonly Turn[], began: boolean): ObservedStartTls | null {
  const preamble = turns.map(step);
  const texts = turns.map(({ bytes }) => toLatin1(bytes));
  const befores = texts.map((_, i) => texts.slice(Math.max(0, i - BEFORE), i).join(''));
  for (const dialogue of DIALOGUES) {
    const requested = turns.findIndex(
      ({ from, bytes }, i) => from === 'client' && dialogue.asks(texts[i]!, bytes, befores[i]!),
    );
    if (requested < 0) continue;
    let accepted: boolean | undefined;
    for (let i = requested + 1; i < turns.length; i++)
      if (turns[i]!.from === 'server') accepted ??= dialogue.grants(texts[i]!, turns[i]!.bytes);
    const target = dialogue.target?.(texts[requested]!, turns[requested]!.bytes) ?? null;
    return { protocol: dialogue.protocol, preamble, requested, accepted: accepted ?? null, target };
  }
  return began ? { protocol: 'unknown', preamble, requested: null, accepted: null, target: null } : null;
}

function step({ from, time, bytes, length }: Turn): PreambleStep {
  return { from, time, text: decodeText(bytes).slice(0, MAX_TEXT), bytes: length };
}
