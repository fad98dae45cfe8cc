/** The table of `--reconnect`: every handshake beside the first, and what resuming saved. Shows no secrets. */
import { type Comparison, type Handshake, isResumed, type Saving, savedBy } from '../commands/reconnect.js';
import type { Style } from '../output.js';
import { padEnd, padStart } from '../text.js';
import { failureLines } from './failure.js';
import { heading, paragraph, widest } from './layout.js';

export function reconnectLines({ handshakes, failure }: Comparison, style: Style): string[] {
  const { words, colors } = style;
  const { reconnect } = words.sessions;
  const { columns } = reconnect;
  const head = [
    columns.number,
    columns.kind,
    columns.time,
    columns.sent,
    columns.received,
    columns.saved,
    columns.keys,
  ];
  const first = handshakes[0]!;
  const rows = handshakes.map((handshake, i) => rowOf(handshake, i, first, style));
  const widths = head.map((title, i) => widest([title, ...rows.map((cells) => cells[i]!)]));
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, i) => (i === 1 || i === head.length - 1 ? padEnd : padStart)(cell, widths[i]!)).join('  ')}`.trimEnd();
  return [
    ...heading(reconnect.title, style),
    colors.dim(line(head)),
    ...rows.map(line),
    '',
    ...paragraph(average(handshakes, style), 2, style, colors.bold),
    ...paragraph(reconnect.about, 2, style, colors.dim),
    ...(handshakes.some(({ sameMaster }) => sameMaster)
      ? paragraph(reconnect.sameMaster, 2, style, colors.dim)
      : []),
    ...(failure ? failureLines(failure, style) : []),
    '',
  ];
}

function rowOf(handshake: Handshake, index: number, first: Handshake, { words }: Style): string[] {
  const { kinds, bytes, yes, no } = words.sessions.reconnect;
  const { kind, ms, sent, received, ownKeys } = handshake;
  const saved = index === 0 || kind === 'failed' ? null : savedBy(handshake, first);
  return [
    String(index + 1),
    kinds[kind],
    kind === 'failed' ? '' : time(ms),
    bytes(count(sent)),
    bytes(count(received)),
    saved === null ? '' : `${time(saved.ms)}, ${bytes(count(saved.bytes))}`,
    kind === 'failed' ? '' : ownKeys ? yes : no,
  ];
}

function average(handshakes: readonly Handshake[], { words }: Style): string {
  const { reconnect } = words.sessions;
  const [first, ...others] = handshakes as [Handshake, ...Handshake[]];
  const savings = others.filter(isResumed).map((one) => savedBy(one, first));
  if (savings.length === 0) return reconnect.nothingResumed;
  const mean = (pick: (saving: Saving) => number): number =>
    savings.reduce((sum, saving) => sum + pick(saving), 0) / savings.length;
  const bytes = words.bytes(count(Math.round(mean((saving) => saving.bytes))));
  return reconnect.average(time(mean((saving) => saving.ms)), bytes, savings.length);
}

const time = (ms: number): string => `${minus(ms.toFixed(Math.abs(ms) < 1000 ? 1 : 0))} ms`;
const count = (bytes: number): string => minus(bytes.toLocaleString('en-US'));
/** A true minus sign; none before zero. */
const minus = (text: string): string => (/^-[0.]+$/.test(text) ? text.slice(1) : text.replace(/^-/, '−'));
