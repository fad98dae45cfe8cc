/**
 * Everything that is known of one connection, in the order in which it happened: what the renderers and the JSON are
 * made from. Collects what the engine's trace and the transport report; judges nothing.
 */
import type { DecisionEvent, HandshakeSummary, KeyEvent, MessageEvent, Side, TraceEvent } from 'akushu';
import { NO_SETTING, type Setting, settingAfter } from 'akushu/diagnose';
import type { Endpoint, StartTlsProtocol, TransportEvent } from 'akushu/node';
import type { Failure } from './failure.js';
import type { ClientFacts } from './sessions/facts.js';

/** A line of the story. Times are milliseconds since it began. */
export type StoryEvent =
  | Exclude<TraceEvent, { readonly kind: 'record' }>
  | { readonly kind: 'lookup'; readonly t: number; readonly host: string; readonly address: string }
  | { readonly kind: 'connect'; readonly t: number; readonly local: Endpoint; readonly remote: Endpoint }
  /** A line or more of the dialogue before TLS; `bytes` is its size. */
  | {
      readonly kind: 'starttls';
      readonly t: number;
      readonly protocol: StartTlsProtocol;
      readonly from: Side;
      readonly lines: readonly string[];
      readonly bytes: number;
    }
  /** TLS may begin. */
  | {
      readonly kind: 'starttls_ready';
      readonly t: number;
      readonly protocol: StartTlsProtocol;
      readonly banner: string | null;
      readonly ms: number;
    };

export class Story {
  readonly events: StoryEvent[] = [];
  /** Version and key exchange as they were known with each event. */
  private readonly settings: Setting[] = [];
  /** As they are known now. */
  setting: Setting = NO_SETTING;
  /** Called with each event as it comes, and with what is known of the connection by then. */
  onEvent: ((event: StoryEvent, setting: Setting) => void) | null = null;
  summary: HandshakeSummary | null = null;
  failure: Failure | null = null;
  /** Of a client that was given a session, early data or a pre-shared key. */
  facts: ClientFacts | null = null;
  /** Whether any byte of the peer came. */
  heardFromPeer = false;
  private givenUp = false;
  /** When the handshake was done. */
  securedAt: number | null = null;

  constructor(
    readonly role: Side,
    /** Milliseconds since 1970, with fractions. */
    public start: number,
    /** As the user named it; null on a server. */
    readonly target: { readonly host: string; readonly port: number } | null,
  ) {}

  readonly trace = (event: TraceEvent): void => {
    if (event.kind === 'record') return;
    // What is given up says goodbye, whether or not there is still a peer to hear it: no news to anybody.
    if (event.kind === 'alert' && event.code === 'canceled') this.givenUp = true;
    if (event.kind === 'alert' && event.from === this.role && this.givenUp) return;
    if (event.kind === 'state' && event.state === 'established') this.securedAt = event.t;
    this.add(event);
  };

  readonly transport = (event: TransportEvent): void => {
    const t = Math.max(0, event.t - this.start);
    if (event.kind === 'lookup' && !this.lookup)
      this.add({ kind: 'lookup', t, host: event.host, address: event.address });
    if (event.kind === 'connect') this.add({ kind: 'connect', t, local: event.local, remote: event.remote });
    if (event.kind === 'starttls') this.add({ ...event, t });
    if (event.kind === 'starttls_ready') this.add({ kind: 'starttls_ready', t, ...event.facts });
    if (event.kind === 'bytes' && event.from !== this.role) this.heardFromPeer = true;
  };

  private add(event: StoryEvent): void {
    this.events.push(event);
    if (event.kind === 'message') this.setting = settingAfter(this.setting, event);
    this.settings.push(this.setting);
    this.onEvent?.(event, this.setting);
  }

  get lookup() {
    return this.events.find((event) => event.kind === 'lookup') ?? null;
  }

  get connected() {
    return this.events.find((event) => event.kind === 'connect') ?? null;
  }

  /** What was said before TLS. */
  get starttlsSteps() {
    return this.events.filter((event) => event.kind === 'starttls');
  }

  /** Null where TLS was to begin at once, and where it was not reached. */
  get starttlsReady() {
    return this.events.find((event) => event.kind === 'starttls_ready') ?? null;
  }

  /** Each event with what was known of the connection by then. */
  map<T>(show: (event: StoryEvent, setting: Setting) => readonly T[]): T[] {
    return this.events.flatMap((event, i) => show(event, this.settings[i]!));
  }

  get messages(): MessageEvent[] {
    return this.events.filter((event) => event.kind === 'message');
  }

  get keys(): KeyEvent[] {
    return this.events.filter((event) => event.kind === 'key');
  }

  /** The last decision on each topic, in the order of the first. */
  get decisions(): DecisionEvent[] {
    const last = new Map<string, DecisionEvent>();
    for (const event of this.events) if (event.kind === 'decision') last.set(event.about, event);
    for (const event of this.explained) if (last.has(event.about)) last.set(event.about, event);
    return [...last.values()];
  }

  private explained: readonly DecisionEvent[] = [];

  /** Takes the reasons from the side that chose, where both sides are at hand. */
  explainBy(chooser: Story): void {
    this.explained = chooser.decisions.filter(({ by }) => by === chooser.role);
  }

  decision(about: DecisionEvent['about']): DecisionEvent | null {
    return this.decisions.find((event) => event.about === about) ?? null;
  }
}
