import type { HandshakeSummary, TlsError, TraceEvent } from 'akushu';
import type { ConnectOptions, ServerOptions } from 'akushu/node';

type Title = Readonly<Record<'en' | 'ja', string>>;

export interface Scenario {
  readonly title: Title;
  readonly client: ConnectOptions;
  readonly server: ServerOptions;
  readonly temper?: (hello: Buffer) => 'forward' | 'drop' | 'reset';
  readonly without?: boolean;
  readonly again?: { readonly title: Title; readonly client: ConnectOptions };
}

export const SCENARIOS: Readonly<Record<string, Scenario>>;

export interface Side {
  readonly error: (TlsError & NodeJS.ErrnoException) | null;
  readonly trace: readonly TraceEvent[];
  readonly handshake: HandshakeSummary | null;
}

export interface Outcome {
  readonly client: Side;
  readonly server: Side;
}

export function run(name: string): Promise<Outcome & { readonly again?: Outcome }>;
