/** What the commands say of sessions, early data and pre-shared keys, as a type; `sessions-en.ts` and `sessions-ja.ts` have it in words. */
import type { SessionFileError } from 'akushu/node';

type FileProblem = NonNullable<SessionFileError['problem']>;

/** What became of a session that was to be resumed; else the reason of the engine's decision. */
export type SessionOutcome = 'resumed' | 'none_found' | 'refused';
/** As a client sees it, and as a server does. */
export type EarlyOutcome = 'accepted' | 'sent_late' | 'withheld';

export interface SessionWords {
  readonly title: string;
  readonly rows: Readonly<Record<'session' | 'kept' | 'earlyData' | 'psk', string>>;
  readonly outcome: Readonly<Record<SessionOutcome, (file: string) => string>>;
  readonly notOffered: (why: string) => string;
  readonly kept: (count: number, file: string) => string;
  readonly inMemory: string;
  /** In place of "full handshake with certificate". */
  readonly byPsk: string;
  readonly early: Readonly<Record<EarlyOutcome, (bytes: string) => string>>;
  /** That it can be replayed: with each early data that went as such. */
  readonly replayable: string;
  /** The verdict on a server that did not have to prove itself again. */
  readonly verifiedBefore: string;
  readonly pskTaken: string;
  readonly pskNotTaken: string;
  /** In place of what is said of an alert otherwise. */
  readonly wrongPsk: { readonly what: string; readonly tryThis: string };
  readonly unknownPsk: { readonly what: string; readonly tryThis: string };
  /** For stderr. */
  readonly corrupt: (file: string, problem: string, aside: string) => string;
  readonly problems: Readonly<Record<FileProblem, string>>;
  readonly corruptKey: (file: string, aside: string) => string;
  readonly cannotKeep: (file: string, reason: string) => string;
  readonly locked: string;
  readonly usage: {
    readonly notASessionFile: (file: string) => string;
    readonly badPsk: string;
    readonly badPskHex: string;
    readonly badPskLength: string;
    readonly samePsk: string;
    readonly badReconnect: (text: string, most: number) => string;
    readonly badEarlyBytes: (text: string) => string;
    readonly earlyTooLarge: (file: string, most: string) => string;
    readonly earlyNeedsTickets: string;
    readonly redisNeedsTickets: string;
    readonly redisNeedsKey: string;
    readonly onlyWithRedis: (option: string) => string;
    readonly badRedisUrl: string;
    readonly noRedisClient: string;
    readonly badTicketKey: (file: string) => string;
  };
  readonly reconnect: {
    readonly title: string;
    readonly columns: Readonly<
      Record<'number' | 'kind' | 'time' | 'sent' | 'received' | 'saved' | 'keys', string>
    >;
    readonly kinds: Readonly<Record<'full' | 'resumed' | '0-rtt' | 'failed', string>>;
    readonly yes: string;
    readonly no: string;
    readonly bytes: (count: string) => string;
    /** Under the table. */
    readonly average: (time: string, bytes: string, count: number) => string;
    readonly nothingResumed: string;
    readonly about: string;
    readonly sameMaster: string;
  };
  readonly serve: {
    readonly tickets: Readonly<Record<'on' | 'off' | 'once', string>>;
    readonly earlyData: (bytes: string) => string;
    readonly pskOnly: string;
    readonly redis: (address: string) => string;
    readonly redisAway: (reason: string) => string;
    readonly redisBack: string;
    readonly foreignKey: string;
    readonly marksUnsafe: (reason: string) => string;
  };
  readonly page: {
    readonly early: string;
    readonly notEarly: string;
  };
  readonly help: Readonly<
    Record<
      | 'session'
      | 'earlyData'
      | 'psk'
      | 'reconnect'
      | 'tickets'
      | 'noTickets'
      | 'serveEarlyData'
      | 'servePsk'
      | 'redis'
      | 'ticketKeyFile'
      | 'redisAway',
      string
    >
  >;
}
