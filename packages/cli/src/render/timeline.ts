/**
 * The connection as a timeline: DNS, TCP, every message of both directions, alerts. The client's arrows point to the
 * right, the server's to the left; a lock names the secret under which a message travelled.
 */
import type { AlertEvent, MessageEvent, Side } from 'akushu';
import { explainAlert, explainMessage, keyText, printable, type Setting } from 'akushu/diagnose';
import type { StartTlsProtocol } from 'akushu/node';
import type { Style } from '../output.js';
import type { StoryEvent } from '../story.js';
import { padStart, truncate, widthOf, wrap } from '../text.js';
import { detailsOf } from './details.js';

const TIME_WIDTH = 7;
const SIZE_WIDTH = 12;
/** An arrow's two ends. */
const ARROW_WIDTH = 8;
/** Where text under an arrow begins. */
const INDENT = TIME_WIDTH + 5;

/** The lines for one event; none for what is shown elsewhere. */
export function timelineLines(event: StoryEvent, style: Style, setting: Setting): string[] {
  const { words, colors } = style;
  switch (event.kind) {
    case 'lookup': {
      if (event.host === event.address) return [];
      return [plainLine(event.t, words.resolved(printable(event.host), event.address), style)];
    }
    case 'connect':
      return [plainLine(event.t, words.connected(addressText(event.remote)), style)];
    case 'starttls':
      return starttlsLines(event, style);
    case 'starttls_ready':
      return [plainLine(event.t, words.starttlsReady(PROTOCOL_NAMES[event.protocol]), style), ''];
    case 'message':
      return messageLines(event, style, setting);
    case 'alert':
      return alertLines(event, style);
    case 'state':
      if (event.state !== 'established') return [];
      return [plainLine(event.t, colors.green(words.established(milliseconds(event.t))), style)];
    default:
      return [];
  }
}

/** What the arrows and the lock mean: once, above the first of them. */
export function legendLines({ words, colors }: Style): string[] {
  return [colors.dim(`${' '.repeat(INDENT)}${words.legend}`), ''];
}

export function addressText({ address, port }: { readonly address: string; readonly port: number }): string {
  // An IPv4 client of a socket for both families (RFC 4291 §2.5.5.2).
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, '');
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}

/** `1234.5`. */
const milliseconds = (t: number): string => t.toFixed(1);

function timeText(t: number): string {
  return `${padStart(milliseconds(t), TIME_WIDTH)} ms  `;
}

export function plainLine(t: number, text: string, { colors, width }: Style): string {
  const plain = widthOf(text) > width - INDENT ? truncate(text, width - INDENT) : text;
  return `${colors.dim(timeText(t))}${plain}`;
}

function messageLines(event: MessageEvent, style: Style, setting: Setting): string[] {
  const { words, colors, language } = style;
  const size = words.bytes(event.bytes.length.toLocaleString('en-US'));
  const lock = event.protectedBy === null ? '' : `🔒 ${keyText(event.protectedBy, language).name}`;
  const lines = [arrowLine(event, event.type, lock, size, style)];
  lines.push(...indented(explainMessage(event, language, setting).short, style));
  const details = detailsOf(event, words);
  if (details.length > 0) lines.push(...indented(details.join(' · '), style).map((line) => colors.dim(line)));
  return lines;
}

const PROTOCOL_NAMES: Readonly<Record<StartTlsProtocol, string>> = {
  smtp: 'SMTP',
  imap: 'IMAP',
  pop3: 'POP3',
  ftp: 'FTP',
  xmpp: 'XMPP',
  ldap: 'LDAP',
  postgres: 'PostgreSQL',
  mysql: 'MySQL',
};

/** Of a long answer, this many lines beside the first. */
const MAX_LINES = 12;

/** The first line stands on the arrow, what is left of a longer answer under it. */
function starttlsLines(event: Extract<StoryEvent, { kind: 'starttls' }>, style: Style): string[] {
  const { words, colors } = style;
  const [first = '', ...rest] = event.lines;
  const size = words.bytes(event.bytes.toLocaleString('en-US'));
  const name = truncate(first, style.width - INDENT - SIZE_WIDTH - ARROW_WIDTH);
  const shown = rest.slice(0, MAX_LINES);
  if (rest.length > MAX_LINES) shown.push(words.more(rest.length - MAX_LINES));
  const under = shown.length === 0 ? [] : indented(shown.join(' · '), style);
  return [arrowLine(event, name, '', size, style), ...under.map((line) => colors.dim(line))];
}

function alertLines(event: AlertEvent, style: Style): string[] {
  const { words, colors, language } = style;
  const name = printable(event.description);
  const arrow = arrowLine(event, words.alert(name), '', '', style);
  const lines = [event.level === 'fatal' ? colors.red(arrow) : arrow];
  return [...lines, ...indented(explainAlert(event.description, language).what, style)];
}

interface Sent {
  readonly t: number;
  readonly from: Side;
}

export function arrowLine({ t, from }: Sent, name: string, lock: string, size: string, style: Style): string {
  const { colors, width } = style;
  const room = width - INDENT - SIZE_WIDTH;
  const paint = from === 'client' ? colors.cyan : colors.magenta;
  const head = from === 'client' ? '─── ' : '◀── ';
  const tail = from === 'client' ? '──▶' : '──';
  const left = room - widthOf(head) - widthOf(tail) - widthOf(name) - 1;
  const secret = lock === '' || left < 8 ? '' : `${truncate(lock, left - 1)} `;
  const fill = '─'.repeat(Math.max(0, left - widthOf(secret)));
  const line = `${colors.dim(timeText(t))}${paint(head)}${colors.bold(name)} ${colors.yellow(secret)}${paint(fill + tail)}`;
  return size === '' ? line : `${line}${padStart(size, SIZE_WIDTH)}`;
}

function indented(text: string, { width }: Style): string[] {
  return wrap(text, width - INDENT - 4).map((line) => `${' '.repeat(INDENT + 4)}${line}`);
}
