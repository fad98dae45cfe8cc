/**
 * All TCP connections of a capture: which one a segment belongs to, when one is over, and whose turn it is to go when
 * there are too many. A connection stays for a while after its end, since a few segments still follow.
 */
import { toLatin1 } from '../../bytes/index.js';
import type { IpHeader } from './ip.js';
import { FLAG, TcpConnection, type TcpHost } from './tcp.js';
import { addressSize, i32, u16 } from './words.js';

const CACHE = 1024;
/** How long a closed connection waits for what still belongs to it, in milliseconds of the capture's time, and how many do. */
const LINGER = 2000;
const LINGERING = 64;
/** How long its place is remembered after that, so that repeated FINs are not taken for a new one. */
const REMEMBER = 120_000;
const REMEMBERED = 1024;
const HEADER = 20;

export interface FlowLimits {
  readonly connections: number;
  readonly memory: number;
}

interface CacheEntry {
  readonly connection: TcpConnection;
  readonly key: string;
}

export class Flows {
  private readonly open = new Map<string, TcpConnection>();
  private readonly cache: (CacheEntry | undefined)[] = new Array(CACHE);
  private readonly closed = new Fifo<CacheEntry>();
  private readonly places = new Fifo<CacheEntry>();
  private used = 0;
  count = 0;

  constructor(
    private readonly makeHost: (retain: (count: number) => void) => TcpHost,
    private readonly limits: FlowLimits,
    /** A connection is over. */
    private readonly over: (connection: TcpConnection) => void,
  ) {
    this.host = this.makeHost((count) => {
      this.used += count;
    });
  }

  private readonly host: TcpHost;

  /** A segment; false where it is not one. `end` as captured, `fullEnd` as on the wire. */
  segment(ip: IpHeader, start: number, end: number, fullEnd: number): boolean {
    const { bytes, time } = ip;
    if (end - start < HEADER) return false;
    const header = (bytes[start + 12]! >> 4) * 4;
    if (header < HEADER || fullEnd - start < header) return false;
    const flags = bytes[start + 13]!;
    const seq = i32(bytes, start + 4);
    const body = Math.min(end, start + header);
    let entry = this.find(ip, u16(bytes, start), u16(bytes, start + 2));
    let index = this.direction;
    if (
      entry &&
      (flags & (FLAG.syn | FLAG.ack)) === FLAG.syn &&
      entry.connection.isNewConnection(index, seq)
    ) {
      this.remove(entry);
      entry = undefined;
    }
    // What comes after the end of all changes nothing.
    if (entry?.connection.over) return true;
    if (!entry) {
      entry = this.create(ip, u16(bytes, start), u16(bytes, start + 2));
      index = 0;
    }
    const { connection } = entry;
    const wasClosed = connection.closedAt !== null;
    connection.segment(
      index,
      seq,
      i32(bytes, start + 8),
      flags,
      bytes,
      body,
      end,
      fullEnd - start - header,
      time,
    );
    if (connection.closedAt !== null && !wasClosed) this.closed.push(entry);
    this.letGo(time);
    if (this.used > this.limits.memory) this.shrink();
    return true;
  }

  /** The connection between these ends, for what ICMP quotes of it. */
  lookUp(ip: IpHeader, sourcePort: number, targetPort: number): TcpConnection | undefined {
    return this.find(ip, sourcePort, targetPort)?.connection;
  }

  finish(): void {
    for (const connection of this.open.values()) if (!connection.over) this.over(connection);
    this.open.clear();
    this.cache.fill(undefined);
  }

  /** Set by `find`: which of the connection's ends sent it. */
  private direction: 0 | 1 = 0;

  private find(ip: IpHeader, sourcePort: number, targetPort: number): CacheEntry | undefined {
    const { bytes, source, target, version } = ip;
    const mixed =
      version === 4
        ? i32(bytes, source) ^ i32(bytes, target)
        : i32(bytes, source + 12) ^ i32(bytes, target + 12);
    const slot =
      (Math.imul(mixed ^ Math.imul(sourcePort ^ targetPort, 0x9e3779b1), 0x85ebca6b) >>> 20) % CACHE;
    const cached = this.cache[slot];
    if (cached && this.matches(cached.connection, ip, sourcePort, targetPort)) return cached;
    const key = keyOf(ip, sourcePort, targetPort);
    const connection = this.open.get(key);
    if (!connection || !this.matches(connection, ip, sourcePort, targetPort)) return undefined;
    const entry = { connection, key };
    this.cache[slot] = entry;
    return entry;
  }

  private matches(connection: TcpConnection, ip: IpHeader, sourcePort: number, targetPort: number): boolean {
    const { addresses, ports } = connection;
    const size = addressSize(ip);
    if (connection.gone || addresses[0].length !== size) return false;
    if (
      ports[0] === sourcePort &&
      ports[1] === targetPort &&
      same(addresses[0], ip.bytes, ip.source) &&
      same(addresses[1], ip.bytes, ip.target)
    ) {
      this.direction = 0;
      return true;
    }
    if (
      ports[1] === sourcePort &&
      ports[0] === targetPort &&
      same(addresses[1], ip.bytes, ip.source) &&
      same(addresses[0], ip.bytes, ip.target)
    ) {
      this.direction = 1;
      return true;
    }
    return false;
  }

  private create(ip: IpHeader, sourcePort: number, targetPort: number): CacheEntry {
    if (this.open.size >= this.limits.connections) this.evict();
    const size = addressSize(ip);
    const connection = new TcpConnection(
      this.host,
      this.count++,
      [ip.bytes.slice(ip.source, ip.source + size), ip.bytes.slice(ip.target, ip.target + size)],
      [sourcePort, targetPort],
      ip.time,
    );
    const key = keyOf(ip, sourcePort, targetPort);
    this.open.set(key, connection);
    return { connection, key };
  }

  /** It is reported, and nothing of what it said is kept. */
  private conclude({ connection }: CacheEntry): void {
    if (connection.over) return;
    connection.over = true;
    this.over(connection);
    this.used -= connection.retained;
    connection.forget();
  }

  private remove(entry: CacheEntry): void {
    this.conclude(entry);
    entry.connection.gone = true;
    // A later connection may have taken its place.
    if (this.open.get(entry.key) === entry.connection) this.open.delete(entry.key);
  }

  private letGo(time: number): void {
    for (let entry = this.closed.first; entry; entry = this.closed.first) {
      const old = time - entry.connection.closedAt! > LINGER;
      if (!old && this.closed.size <= LINGERING) break;
      this.closed.shift();
      this.conclude(entry);
      this.places.push(entry);
    }
    for (let entry = this.places.first; entry; entry = this.places.first) {
      const old = time - entry.connection.closedAt! > REMEMBER;
      if (!old && this.places.size <= REMEMBERED) break;
      this.places.shift();
      this.remove(entry);
    }
  }

  /** Too much is kept: first those go that are over, then those that have been silent longest. */
  private shrink(): void {
    for (let entry = this.closed.shift(); entry; entry = this.closed.shift()) this.remove(entry);
    if (this.used > this.limits.memory) this.evict();
  }

  /** A quarter of all, so that the sorting is paid for by as many new ones. */
  private evict(): void {
    const all = [...this.open].map(([key, connection]) => ({ key, connection }));
    all.sort((a, b) => a.connection.end - b.connection.end);
    for (const entry of all.slice(0, Math.ceil(all.length / 4))) this.remove(entry);
  }
}

/** First in, first out. */
class Fifo<T> {
  private items: (T | undefined)[] = [];
  private from = 0;

  get size(): number {
    return this.items.length - this.from;
  }

  get first(): T | undefined {
    return this.items[this.from];
  }

  push(item: T): void {
    this.items.push(item);
  }

  shift(): T | undefined {
    const item = this.items[this.from];
    if (item === undefined) return undefined;
    this.items[this.from++] = undefined;
    if (this.from > 1024 && this.from * 2 > this.items.length) {
      this.items = this.items.slice(this.from);
      this.from = 0;
    }
    return item;
  }
}

function same(a: Uint8Array, b: Uint8Array, at: number): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[at + i]) return false;
  return true;
}

/** The same for both directions. */
function keyOf(ip: IpHeader, sourcePort: number, targetPort: number): string {
  const { bytes, source, target } = ip;
  const size = addressSize(ip);
  const a = toLatin1(bytes.subarray(source, source + size)) + String.fromCharCode(sourcePort);
  const b = toLatin1(bytes.subarray(target, target + size)) + String.fromCharCode(targetPort);
  return a < b ? a + b : b + a;
}
