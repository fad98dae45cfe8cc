/** The options of sessions, early data and pre-shared keys: what they are called, and what they say. */
import type { ExternalPsk } from 'akushu';
import { printable } from 'akushu/diagnose';
import type { Command } from 'commander';
import { collect, text, type Values } from '../options/shared.js';
import { UsageError } from '../usage.js';
import type { Words } from '../words/index.js';
import { parsePsks } from './psk.js';

/** Throws UsageError. */
function pskArguments(values: Values, words: Words): readonly ExternalPsk[] {
  return Array.isArray(values.psk) ? parsePsks(values.psk as readonly string[], words) : [];
}

// ---- connect ----

export interface ConnectSessionArguments {
  /** Paths. */
  readonly session?: string | undefined;
  readonly earlyData?: string | undefined;
  readonly psks: readonly ExternalPsk[];
  readonly reconnect?: number | undefined;
}

export function withConnectSessions(command: Command, { sessions: { help } }: Words): Command {
  return command
    .option('--session <file>', help.session)
    .option('--early-data <file>', help.earlyData)
    .option('--psk <id:hex>', help.psk, collect)
    .option('--reconnect <n>', help.reconnect);
}

const MOST_CONNECTIONS = 1000;

export function connectSessionArguments(values: Values, words: Words): ConnectSessionArguments {
  const { usage } = words.sessions;
  const reconnect = text(values, 'reconnect');
  const count = reconnect !== undefined && /^\d{1,4}$/.test(reconnect) ? Number(reconnect) : 0;
  if (reconnect !== undefined && (count < 1 || count > MOST_CONNECTIONS))
    throw new UsageError(usage.badReconnect(printable(reconnect), MOST_CONNECTIONS));
  return {
    session: text(values, 'session'),
    earlyData: text(values, 'earlyData'),
    psks: pskArguments(values, words),
    reconnect: reconnect === undefined ? undefined : count,
  };
}

// ---- serve ----

export interface ServeSessionArguments {
  readonly tickets: 'on' | 'off' | 'once';
  /** Bytes; null: none. */
  readonly earlyData: number | null;
  readonly psks: readonly ExternalPsk[];
  readonly redis?:
    | { readonly url: string; readonly keyFile: string; readonly away: 'never' | 'stateless' }
    | undefined;
}

export function withServeSessions(command: Command, { sessions: { help } }: Words): Command {
  return command
    .option('--tickets [mode]', help.tickets)
    .option('--no-tickets', help.noTickets)
    .option('--early-data [bytes]', help.serveEarlyData)
    .option('--psk <id:hex>', help.servePsk, collect)
    .option('--redis <url>', help.redis)
    .option('--ticket-key-file <file>', help.ticketKeyFile)
    .option('--redis-away <choice>', help.redisAway);
}

const USUAL_EARLY_DATA = 16_384;

export function serveSessionArguments(values: Values, words: Words): ServeSessionArguments {
  const tickets = ticketMode(values, words);
  const earlyData = earlyBytes(values, words);
  const { usage } = words.sessions;
  if (tickets === 'off' && earlyData !== null) throw new UsageError(usage.earlyNeedsTickets);
  return {
    tickets,
    earlyData,
    psks: pskArguments(values, words),
    redis: redisArguments(values, tickets, words),
  };
}

function ticketMode({ tickets }: Values, words: Words): ServeSessionArguments['tickets'] {
  if (tickets === false) return 'off';
  if (tickets === undefined || tickets === true) return 'on';
  return chosen('--tickets', String(tickets), ['on', 'off', 'once'] as const, words);
}

function earlyBytes({ earlyData }: Values, words: Words): number | null {
  if (earlyData === undefined || earlyData === false) return null;
  if (earlyData === true) return USUAL_EARLY_DATA;
  const bytes = /^\d{1,10}$/.test(String(earlyData)) ? Number(earlyData) : 0;
  if (bytes >= 1 && bytes <= 0xffff_ffff) return bytes;
  throw new UsageError(words.sessions.usage.badEarlyBytes(printable(String(earlyData))));
}

function redisArguments(
  values: Values,
  tickets: ServeSessionArguments['tickets'],
  words: Words,
): ServeSessionArguments['redis'] {
  const { usage } = words.sessions;
  const [url, keyFile, away] = ['redis', 'ticketKeyFile', 'redisAway'].map((name) => text(values, name));
  if (url === undefined) {
    if (keyFile !== undefined) throw new UsageError(usage.onlyWithRedis('--ticket-key-file'));
    if (away !== undefined) throw new UsageError(usage.onlyWithRedis('--redis-away'));
    return undefined;
  }
  if (tickets === 'off') throw new UsageError(usage.redisNeedsTickets);
  if (!/^rediss?:\/\/./i.test(url) || !URL.canParse(url)) throw new UsageError(usage.badRedisUrl);
  if (keyFile === undefined) throw new UsageError(usage.redisNeedsKey);
  const choices = ['never', 'stateless'] as const;
  return { url, keyFile, away: chosen('--redis-away', away ?? 'stateless', choices, words) };
}

function chosen<T extends string>(option: string, value: string, choices: readonly T[], words: Words): T {
  const found = choices.find((one) => one === value);
  if (found !== undefined) return found;
  throw new UsageError(words.usage.badChoice(option, printable(value), choices.join(', ')));
}
