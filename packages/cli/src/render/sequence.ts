/** What both sides did, as arrows: TCP, what was said in the clear, TLS messages, alerts, the end. A few lines for each. */
import type { Side } from 'akushu';
import { printable } from 'akushu/diagnose';
import type { ObservedConnection, ObservedMessage } from 'akushu/observe';
import type { Style } from '../output.js';
import { truncate } from '../text.js';
import { arrowLine, plainLine } from './timeline.js';

export interface Step {
  readonly t: number;
  /** null: of nobody. */
  readonly from: Side | null;
  readonly text: string;
  readonly size: number | null;
  readonly bad: boolean;
}

/** In order of time, so many at most; what is left out is counted. */
const FIRST_STEPS = 14;
const LAST_STEPS = 6;

export function stepsOf(observed: ObservedConnection, style: Style): Step[] {
  const { tcp, start, starttls, notTls, tls, end } = observed;
  const words = style.words.explain;
  const at = (time: number): number => Math.max(0, time - start);
  const opened: Step = {
    t: at(tcp.synAck ?? tcp.syn ?? start),
    from: null,
    text: words.opening[tcp.opening],
    size: null,
    bad: tcp.opening === 'refused' || tcp.opening === 'unreachable' || tcp.opening === 'no_answer',
  };
  const said = (starttls?.preamble ?? []).map(
    ({ from, time, text, bytes }): Step => ({
      t: at(time),
      from,
      text: firstLine(text) || words.plain,
      size: bytes,
      bad: false,
    }),
  );
  const plain = (['client', 'server'] as const).flatMap((from): Step[] => {
    const speech = notTls?.[from];
    return speech
      ? [{ t: at(speech.time), from, text: firstLine(speech.firstLine), size: null, bad: true }]
      : [];
  });
  const messages = (tls?.messages ?? []).flatMap((message) => stepOf(message, at, style));
  const steps = [opened, ...said, ...plain, ...messages, ...endOf(observed, end, at, style)];
  return steps.sort((a, b) => a.t - b.t);
}

const firstLine = (text: string): string => text.split(/[\r\n]/, 1)[0] ?? '';

function stepOf(message: ObservedMessage, at: (time: number) => number, { words }: Style): Step[] {
  const { from, time, start, end } = message;
  const step = (text: string, bad = false): Step => ({ t: at(time), from, text, size: end - start, bad });
  switch (message.kind) {
    case 'handshake':
      return [step(message.name)];
    case 'change_cipher_spec':
      return [step('ChangeCipherSpec')];
    case 'alert': {
      if (!message.alert) return [step(words.alert(words.explain.hidden))];
      const { description, level } = message.alert;
      return [step(words.alert(description), level !== 'warning' && description !== 'close_notify')];
    }
    case 'application_data':
      return [step(words.explain.data)];
    case 'heartbeat':
      return [step('Heartbeat')];
    default:
      return [step(words.explain[message.kind === 'unknown' ? 'unread' : 'encrypted'](message.records))];
  }
}

function endOf(
  { tcp, tls, notTls }: ObservedConnection,
  end: number,
  at: (time: number) => number,
  { words }: Style,
): Step[] {
  const { explain } = words;
  const first = tcp.finFirst;
  const last = tcp.lastData?.time ?? null;
  const ended = tcp.rst?.time ?? (first === null ? end : tcp.fin[first]!);
  const waited = last === null ? 0 : ended - last;
  const quiet = waited > 900 && (tls !== null || notTls !== null);
  const silence: Step[] = quiet
    ? [
        {
          t: at(ended),
          from: null,
          text: explain.silence((waited / 1000).toFixed(1)),
          size: null,
          bad: false,
        },
      ]
    : [];
  if (tcp.rst && tcp.opening !== 'refused')
    return [
      ...silence,
      { t: at(tcp.rst.time), from: tcp.rst.by, text: explain.reset, size: null, bad: true },
    ];
  if (first === null) return silence;
  return [...silence, { t: at(ended), from: first, text: explain.closes, size: null, bad: false }];
}

/** What is too many is left out in the middle, and counted. */
export function shortened(steps: readonly Step[], more: (count: number) => string): readonly Step[] {
  const hidden = steps.length - FIRST_STEPS - LAST_STEPS;
  if (hidden <= 1) return steps;
  const between: Step = {
    t: steps[FIRST_STEPS]!.t,
    from: null,
    text: `… ${more(hidden)}`,
    size: null,
    bad: false,
  };
  return [...steps.slice(0, FIRST_STEPS), between, ...steps.slice(-LAST_STEPS)];
}

export const sequenceLines = (observed: ObservedConnection, style: Style): string[] =>
  shortened(stepsOf(observed, style), style.words.explain.more).map((step) => stepLine(step, style));

const NAME_WIDTH = 46;

function stepLine({ t, from, text, size, bad }: Step, style: Style): string {
  const { words, colors } = style;
  const safe = truncate(printable(text), NAME_WIDTH);
  const line =
    from === null
      ? plainLine(t, printable(text), style)
      : arrowLine(
          { t, from },
          safe,
          '',
          size === null ? '' : words.bytes(size.toLocaleString('en-US')),
          style,
        );
  return bad ? colors.red(line) : line;
}
