/**
 * What `serve` resumes by: tickets under its own keys, tickets that are good once, or what many servers share through
 * Redis; and what guards its early data.
 */
import {
  MemoryStore,
  ReplayGuard,
  RotatingTickets,
  SharedTickets,
  StoredSessions,
  StoredTickets,
} from 'akushu';
import { nodeProvider } from 'akushu/crypto/node';
import { printable } from 'akushu/diagnose';
import { FileError, type ServerOptions } from 'akushu/node';
import type { RedisStore } from 'akushu/redis';
import { InputError, readInput } from '../input.js';
import { UsageError } from '../usage.js';
import type { Words } from '../words/index.js';
import type { ServeSessionArguments } from './options.js';

export interface Serving {
  /** Of `createServer`. */
  readonly options: Pick<ServerOptions, 'tickets' | 'earlyData' | 'tls'>;
  /** For the first lines. */
  readonly redisAddress: string | null;
  readonly close: () => void;
}

type Say = (text: string) => void;

/** `say` is told of a Redis that goes away and comes back. Throws UsageError or FileError. */
export async function serving(args: ServeSessionArguments, words: Words, say: Say): Promise<Serving> {
  const shared = args.redis ? await sharedBy(args.redis, words, say) : null;
  const { psks, earlyData } = args;
  // Tickets under keys of this process are not older than its memory.
  const store = shared?.store ?? new MemoryStore({ marksFromTheStart: true });
  // A store vouches for nothing before its first mark: let that be now, and not with the first client.
  if (shared && earlyData !== null) await shared.store.mark('start', 1).catch(() => false);
  const tickets = ticketsFor(args, shared);
  const sessionIds =
    shared && new StoredSessions({ provider: nodeProvider, store: shared.store, keeper: shared.tickets });
  return {
    options: {
      ...(tickets !== undefined && { tickets }),
      ...(earlyData !== null && {
        earlyData: { maxBytes: earlyData, guard: new ReplayGuard({ store }) },
      }),
      tls: { ...(psks.length > 0 && { externalPsks: psks }), ...(sessionIds && { sessionIds }) },
    },
    redisAddress: shared?.address ?? null,
    close: shared?.close ?? (() => {}),
  };
}

function ticketsFor(
  { tickets, redis }: ServeSessionArguments,
  shared: Shared | null,
): ServerOptions['tickets'] {
  if (tickets === 'off') return false;
  if (tickets === 'on') return shared?.tickets;
  return new StoredTickets({
    provider: nodeProvider,
    store: shared?.store ?? new MemoryStore(),
    keeper: shared?.tickets ?? new RotatingTickets(nodeProvider),
    resumeWhenAway: redis?.away ?? 'never',
  });
}

// ---- Redis ----

interface Shared {
  readonly store: RedisStore;
  readonly tickets: SharedTickets;
  readonly address: string;
  readonly close: () => void;
}

async function sharedBy(
  { url, keyFile, away }: NonNullable<ServeSessionArguments['redis']>,
  words: Words,
  say: Say,
): Promise<Shared> {
  const { serve, usage } = words.sessions;
  const key = ticketKey(keyFile, words);
  const [client, { MarksUnsafe, RedisStore }] = await Promise.all([
    redisClient(url, usage.noRedisClient),
    import('akushu/redis'),
  ]);
  const store = new RedisStore({
    client,
    onTrouble: (error) => {
      if (error instanceof MarksUnsafe) say(serve.marksUnsafe(printable(error.message)));
    },
  });
  const tickets = new SharedTickets({
    provider: nodeProvider,
    store,
    key,
    resumeWhenAway: away,
    onTrouble: (error) => {
      if (error === null) say(serve.redisBack);
      else if (error instanceof Error && error.name === 'ForeignTicketKey') say(serve.foreignKey);
      else say(serve.redisAway(printable(error instanceof Error ? error.message : String(error))));
    },
  });
  await tickets.ready();
  // Never with what stands before the host: a password.
  const { hostname, port } = new URL(url);
  return { store, tickets, address: `${hostname}:${port || USUAL_PORT}`, close: () => client.disconnect() };
}

const USUAL_PORT = 6379;
/** Milliseconds between tries to reach it again. */
const LONGEST_PAUSE = 1000;
const LONGEST_CONNECT = 3000;

async function redisClient(url: string, missing: string) {
  const { Redis } = await import('ioredis').catch(() => {
    throw new UsageError(missing);
  });
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: LONGEST_CONNECT,
    // The store has its own time limit, and nobody wants yesterday's marks.
    maxRetriesPerRequest: 0,
    retryStrategy: (times: number) => Math.min(50 * times, LONGEST_PAUSE),
  });
  // What fails is told by the store.
  client.on('error', () => {});
  await client.connect().catch(() => {});
  return client;
}

// ---- The operator's key ----

const MAX_KEY_FILE = 4096;
const KEY_LENGTH = 32;

/** Hex or base64 where the file is such text, its bytes otherwise. Throws UsageError or FileError. */
function ticketKey(file: string, words: Words): Uint8Array {
  const bytes = keyBytes(file, words);
  const text = new TextDecoder('latin1').decode(bytes).trim();
  const key = /^([0-9a-f]{2})+$/i.test(text)
    ? Buffer.from(text, 'hex')
    : /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) && bytes.length !== KEY_LENGTH
      ? Buffer.from(text, 'base64')
      : bytes;
  // A PEM file is long enough, and not what anyone should use for this.
  if (key.length < KEY_LENGTH || text.startsWith('-----BEGIN'))
    throw new UsageError(words.sessions.usage.badTicketKey(printable(file)));
  return new Uint8Array(key);
}

function keyBytes(file: string, words: Words): Uint8Array {
  try {
    return readInput(file, MAX_KEY_FILE);
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    if (cause.problem === 'missing') throw new FileError('file_missing', file, null, { cause });
    if (cause.problem === 'too_large')
      throw new UsageError(words.sessions.usage.badTicketKey(printable(file)));
    throw new FileError('file_unreadable', file, cause.problem === 'directory' ? 'directory' : null, {
      cause,
    });
  }
}
