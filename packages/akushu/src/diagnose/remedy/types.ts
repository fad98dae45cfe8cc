/** Configuration that mends a cause, by program. Configuration is no prose: it is the same in all languages. */

export const PROGRAMS = ['nginx', 'apache', 'haproxy', 'caddy', 'node', 'java', 'go', 'aws_alb'] as const;

export type Program = (typeof PROGRAMS)[number];

export interface Snippet {
  readonly program: Program;
  /** As people write the program's name. */
  readonly title: string;
  readonly config: string;
}

/** What is filled in: names as the program at hand wants them are made from these. */
export interface Fillings {
  /** Safe to stand in a configuration. */
  readonly host: string;
  readonly port: number;
  /** IANA. */
  readonly suites: readonly string[];
  readonly groups: readonly string[];
  readonly alpn: readonly string[];
}

export type SnippetTable = Readonly<Record<Program, (fill: Fillings) => string>>;
