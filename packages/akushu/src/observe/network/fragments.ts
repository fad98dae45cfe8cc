/**
 * Fragments of IP packets put together (RFC 791 §3.2, RFC 8200 §4.5). Bounded in number and age; where fragments
 * overlap, the first to come counts.
 */
import { toLatin1 } from '../../bytes/index.js';
import type { IpHeader } from './ip.js';
import { addressSize } from './words.js';

const LARGEST = 65_535;
/** RFC 8200 §4.5: what is not whole after a minute never will be. */
const PATIENCE = 60_000;
/** No packet needs more: 64 KiB in pieces of the smallest MTU's size is about a tenth. */
const MAX_PIECES = 1024;

interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

interface Partial {
  readonly pieces: Piece[];
  readonly begun: number;
  received: number;
  /** Known once the last fragment came. */
  total: number;
}

/** Addresses in front of the payload, so that an `IpHeader` can point into it. */
export interface WholePacket {
  readonly bytes: Uint8Array;
  readonly source: number;
  readonly target: number;
  readonly start: number;
}

export class Fragments {
  private readonly waiting = new Map<string, Partial>();

  constructor(private readonly limit: number) {}

  /** The packet where this piece was what it lacked. */
  add(
    ip: IpHeader,
    protocol: number,
    id: number,
    more: boolean,
    offset: number,
    start: number,
    end: number,
  ): WholePacket | undefined {
    const size = addressSize(ip);
    const addresses = ip.bytes.slice(ip.source, ip.source + 2 * size);
    const key = `${protocol} ${id} ${toLatin1(addresses)}`;
    const length = end - start;
    if (length <= 0 || offset + length > LARGEST) return undefined;
    const partial = this.find(key, ip.time);
    if (partial.pieces.length >= MAX_PIECES) return undefined;
    partial.pieces.push({ offset, bytes: ip.bytes.slice(start, end) });
    partial.received += length;
    if (!more) partial.total = offset + length;
    if (partial.total < 0 || partial.received < partial.total) return undefined;
    const payload = join(partial);
    if (!payload) return undefined;
    this.waiting.delete(key);
    const bytes = new Uint8Array(addresses.length + payload.length);
    bytes.set(addresses);
    bytes.set(payload, addresses.length);
    return { bytes, source: 0, target: size, start: addresses.length };
  }

  private find(key: string, time: number): Partial {
    const found = this.waiting.get(key);
    if (found && !(Math.abs(time - found.begun) > PATIENCE)) return found;
    this.waiting.delete(key);
    // The oldest stands first.
    if (this.waiting.size >= this.limit) this.waiting.delete(this.waiting.keys().next().value!);
    const partial: Partial = { pieces: [], begun: time, received: 0, total: -1 };
    this.waiting.set(key, partial);
    return partial;
  }
}

/** Undefined where there is a hole in it: repeated pieces count twice in what was received. */
function join({ pieces, total }: Partial): Uint8Array | undefined {
  const whole = new Uint8Array(total);
  const sorted = [...pieces].sort((a, b) => a.offset - b.offset);
  let filled = 0;
  for (const { offset, bytes } of sorted) {
    if (offset > filled) return undefined;
    const fresh = bytes.subarray(filled - offset, total - offset);
    if (offset + bytes.length <= filled) continue;
    whole.set(fresh, filled);
    filled += fresh.length;
  }
  return filled === total ? whole : undefined;
}
