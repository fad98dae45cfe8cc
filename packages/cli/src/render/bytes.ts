/** A structure byte for byte: offset, bytes, and beside them the field, its type, its value and its section. */
import type { AnnotatedNode } from 'akushu';
import { printable } from 'akushu/diagnose';
import type { Style } from '../output.js';
import { padEnd, padStart, wrap } from '../text.js';

const PER_LINE = 8;
const HEX_WIDTH = PER_LINE * 3 - 1;
const MAX_INDENT = 8;
const MAX_BYTES = 256 * 1024;
const MAX_VALUE = 400;

export function byteLines(tree: AnnotatedNode, bytes: Uint8Array, style: Style): string[] {
  const shown = bytes.subarray(0, MAX_BYTES);
  const offsetWidth = Math.max(4, String(bytes.length).length);
  const lines: string[] = [];
  const put = (start: number, end: number, text: string, depth: number): void => {
    if (start < MAX_BYTES) lines.push(...block(shown, start, end, text, depth, offsetWidth, style));
  };
  walk(tree, 0, put);
  if (bytes.length > MAX_BYTES) {
    const more = (bytes.length - MAX_BYTES).toLocaleString('en-US');
    lines.push(`  ${style.words.inspect.more(bytes.length - MAX_BYTES)} (${style.words.bytes(more)})`);
  }
  return lines;
}

/** Every byte once: headers with the field around, what no child covers without a name. */
function walk(
  node: AnnotatedNode,
  depth: number,
  put: (start: number, end: number, text: string, depth: number) => void,
): void {
  let at = node.children[0]?.start ?? node.end;
  put(node.start, at, describe(node), depth);
  for (const child of node.children) {
    if (child.start > at) put(at, child.start, '', depth + 1);
    walk(child, depth + 1, put);
    at = Math.max(at, child.end);
  }
  if (at < node.end) put(at, node.end, '', depth);
}

function describe({ name, type, value, rfc, error }: AnnotatedNode): string {
  const named = printable(`${name}: ${type}`);
  const shown = value === '' ? '' : ` = ${printable(value, MAX_VALUE)}`;
  return `${named}${shown}${rfc === undefined ? '' : ` [${rfc}]`}${error === undefined ? '' : ` !! ${error}`}`;
}

function block(
  bytes: Uint8Array,
  start: number,
  end: number,
  text: string,
  depth: number,
  offsetWidth: number,
  { colors, width }: Style,
): string[] {
  const left = offsetWidth + 2 + HEX_WIDTH + 2;
  const indent = Math.min(depth, MAX_INDENT);
  const texts = wrap(text, width - left - indent);
  const rows = Math.max(Math.ceil((end - start) / PER_LINE), text === '' ? 0 : texts.length);
  return Array.from({ length: rows }, (_, i) => {
    const from = start + i * PER_LINE;
    const hex = [...bytes.subarray(from, Math.min(from + PER_LINE, end))]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join(' ');
    const offset = from < end || i === 0 ? String(from) : '';
    const label = texts[i] === undefined ? '' : `${' '.repeat(indent)}${texts[i]}`;
    return `${colors.dim(padStart(offset, offsetWidth))}  ${padEnd(hex, HEX_WIDTH)}  ${label}`.trimEnd();
  });
}
