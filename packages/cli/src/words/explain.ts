/** What `akushu explain` says, as a type; `explain-en.ts` and `explain-ja.ts` have it in words. */
import type { Outcome } from 'akushu/diagnose';
import type { CaptureProblemCode, ConnectionProblemCode, ObservedLookup, TcpOpening } from 'akushu/observe';

export interface ExplainWords {
  readonly outcomes: Readonly<Record<Outcome, string>>;
  readonly connection: (number: string) => string;
  readonly lookup: (name: string) => string;
  readonly lookups: Readonly<Record<Exclude<ObservedLookup['outcome'], `rcode_${number}`>, string>>;
  readonly message: (program: string | null) => string;
  readonly times: (count: number) => string;
  readonly line: (number: number) => string;
  readonly rows: Readonly<Record<'client' | 'server' | 'name' | 'version' | 'outcome' | 'problem', string>>;
  readonly opening: Readonly<Record<TcpOpening, string>>;
  readonly encrypted: (records: number) => string;
  /** Not encrypted, and of a kind that is not known or cut. */
  readonly unread: (records: number) => string;
  /** Of an alert that cannot be read. */
  readonly hidden: string;
  readonly data: string;
  readonly plain: string;
  readonly more: (count: number) => string;
  readonly reset: string;
  readonly closes: string;
  readonly silence: (seconds: string) => string;
  readonly verdict: (title: string) => string;
  /** Where it is not sure. */
  readonly likely: (title: string) => string;
  readonly sure: (percent: number, side: string) => string;
  readonly because: string;
  readonly also: string;
  readonly other: (percent: number, title: string, cause: string) => string;
  readonly settles: string;
  readonly fix: string;
  readonly nothingKnown: string;
  readonly notTls: string;
  readonly unknownText: string;
  readonly unknownHelp: string;
  readonly moreSnippets: string;
  readonly summary: string;
  readonly counts: (connections: number, packets: number, lookups: number) => string;
  /** Packets of a capture, how many of them were not kept whole, and of how many bytes the longest of those is. */
  readonly cutPackets: (packets: number, cut: number, bytes: number) => string;
  readonly noTls: string;
  readonly noConnection: string;
  readonly sawInstead: (what: string) => string;
  readonly noneFailed: string;
  readonly noSuchStream: (number: number) => string;
  readonly captureProblems: Readonly<Record<CaptureProblemCode, string>>;
  readonly connectionProblems: Readonly<Record<ConnectionProblemCode, string>>;
  readonly atByte: (what: string, offset: string, count: number) => string;
  /** Of many connections, the last are a line each. */
  readonly shortened: string;
  readonly tooLong: string;
  readonly written: (file: string) => string;
  readonly badStream: (text: string) => string;
  readonly notForText: (option: string) => string;
  readonly noSecrets: (file: string) => string;
  readonly notRsa: (file: string) => string;
  readonly exists: (file: string) => string;
  readonly forceNeedsHtml: string;
  readonly empty: string;
  readonly compressed: (how: string) => string;
  readonly notACapture: (looksLike: string | null) => string;
  /** Bytes of TLS in place of packets. */
  readonly tlsBytes: string;
  readonly badKeyLogLines: (count: number) => string;
  readonly html: { readonly title: string; readonly made: string };
  readonly progress: (percent: string, megabytes: string, connections: number) => string;
  readonly help: Readonly<
    Record<
      | 'explain'
      | 'what'
      | 'keylog'
      | 'rsaKey'
      | 'stream'
      | 'failed'
      | 'json'
      | 'html'
      | 'force'
      | 'redact'
      | 'more',
      string
    >
  >;
}
