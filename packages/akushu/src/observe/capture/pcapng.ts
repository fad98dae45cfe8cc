/**
 * pcapng (draft-ietf-opsawg-pcapng): sections of both byte orders, several interfaces with their own clocks, enhanced,
 * simple and old packet blocks, names, and the decryption secrets of TLS. Other blocks are passed over.
 */
import { toUtf8 } from '../../bytes/index.js';
import type { ByteQueue } from './byte-queue.js';
import type { CaptureSink, FormatReader } from './reader.js';

export const SECTION_HEADER = 0x0a0d0d0a;
const BLOCK = { interface: 1, oldPacket: 2, simplePacket: 3, names: 4, packet: 6, secrets: 10 } as const;
const BYTE_ORDER = 0x1a2b3c4d;
const TLS_KEY_LOG = 0x544c534b;
const OPTION = { end: 0, timeResolution: 9, timeOffset: 14 } as const;
const RECORD = { end: 0, ipv4: 1, ipv6: 2 } as const;
/** Interfaces of a section; hostile files have millions. */
const MAX_INTERFACES = 65_536;

interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  /** Ticks in a millisecond. */
  readonly perMillisecond: number;
  /** Milliseconds to add. */
  readonly shift: number;
}

export class PcapngReader implements FormatReader {
  readonly format = 'pcapng';
  private little = false;
  private interfaces: Interface[] = [];
  /** Bytes of a block still to be passed over. */
  private passing = 0;

  constructor(
    private readonly sink: CaptureSink,
    private readonly limit: number,
  ) {}

  read(queue: ByteQueue): boolean {
    for (;;) {
      if (this.passing > 0) {
        const count = Math.min(this.passing, queue.length);
        queue.skip(count);
        this.passing -= count;
        if (this.passing > 0) return true;
      }
      if (queue.length < 12 || this.sink.busy) return true;
      const type = queue.view.getUint32(queue.start, this.little);
      if (type === SECTION_HEADER && !this.byteOrder(queue)) return false;
      const length = queue.view.getUint32(queue.start + 4, this.little);
      if (length < 12 || length % 4 !== 0) return this.corrupt(queue, 'block_length', length);
      if (!this.understands(type)) {
        this.passing = length;
        continue;
      }
      if (length > this.limit) return this.corrupt(queue, 'block_length', length);
      if (queue.length < length) return true;
      const trailer = queue.view.getUint32(queue.start + length - 4, this.little);
      if (trailer !== length) return this.corrupt(queue, 'block_trailer', trailer);
      this.block(type, queue, queue.start + 8, queue.start + length - 4);
      queue.skip(length);
    }
  }

  finish(queue: ByteQueue): void {
    const missing = this.passing;
    if (missing > 0) this.sink.problem('truncated', queue.offset, { what: 'block', missing });
    else if (queue.length > 0)
      this.sink.problem('truncated', queue.offset, { what: 'block', length: queue.length });
  }

  private understands(type: number): boolean {
    return (
      type === BLOCK.packet ||
      type === BLOCK.simplePacket ||
      type === BLOCK.oldPacket ||
      type === BLOCK.interface ||
      type === BLOCK.secrets ||
      type === BLOCK.names ||
      type === SECTION_HEADER
    );
  }

  private corrupt(queue: ByteQueue, what: string, value: number): false {
    this.sink.problem('corrupt', queue.offset, { what, value });
    return false;
  }

  private byteOrder(queue: ByteQueue): boolean {
    const magic = queue.view.getUint32(queue.start + 8);
    if (magic === BYTE_ORDER) this.little = false;
    else if (magic === 0x4d3c2b1a) this.little = true;
    else return this.corrupt(queue, 'byte_order', magic);
    return true;
  }

  /** A whole block; its body is from `at` to `end`. */
  private block(type: number, queue: ByteQueue, at: number, end: number): void {
    if (type === BLOCK.packet) this.packet(queue, at, end, queue.view, false);
    else if (type === BLOCK.oldPacket) this.packet(queue, at, end, queue.view, true);
    else if (type === BLOCK.simplePacket) this.simplePacket(queue, at, end);
    else if (type === BLOCK.interface) this.describeInterface(queue, at, end);
    else if (type === BLOCK.secrets) this.secrets(queue, at, end);
    else if (type === BLOCK.names) this.names(queue, at, end);
    else this.interfaces = [];
  }

  private packet(queue: ByteQueue, at: number, end: number, view: DataView, old: boolean): void {
    const { little, sink } = this;
    const offset = queue.offset;
    if (end - at < 20) {
      sink.problem('bad_packet', offset, { what: 'block' });
      return;
    }
    const id = old ? view.getUint16(at, little) : view.getUint32(at, little);
    const from = this.interfaces[id];
    const captured = view.getUint32(at + 12, little);
    const body = at + 20;
    if (!from) {
      sink.problem('unknown_interface', offset, { interface: id });
      return;
    }
    if (captured > end - body) {
      sink.problem('bad_packet', offset, { what: 'length', length: captured });
      return;
    }
    const ticks = view.getUint32(at + 4, little) * 0x1_0000_0000 + view.getUint32(at + 8, little);
    const time = ticks / from.perMillisecond + from.shift;
    const original = view.getUint32(at + 16, little);
    sink.packet(queue.bytes, body, body + captured, captured < original, time, from.linkType, offset);
  }

  /** Without a time, and of the first interface. */
  private simplePacket(queue: ByteQueue, at: number, end: number): void {
    const from = this.interfaces[0];
    const offset = queue.offset;
    if (!from || end - at < 4) {
      this.sink.problem('unknown_interface', offset, { interface: 0 });
      return;
    }
    const original = queue.view.getUint32(at, this.little);
    const most = from.snapLength === 0 ? original : Math.min(original, from.snapLength);
    const captured = Math.min(most, end - at - 4);
    const body = at + 4;
    const cut = captured < original;
    this.sink.packet(queue.bytes, body, body + captured, cut, Number.NaN, from.linkType, offset);
  }

  private describeInterface(queue: ByteQueue, at: number, end: number): void {
    const { view } = queue;
    const { little } = this;
    if (end - at < 8 || this.interfaces.length >= MAX_INTERFACES) {
      this.sink.problem('bad_packet', queue.offset, { what: 'interface' });
      return;
    }
    let perMillisecond = 1e3;
    let shift = 0;
    this.eachOption(view, at + 8, end, (code, start, length) => {
      if (code === OPTION.timeResolution && length >= 1) {
        const value = view.getUint8(start);
        perMillisecond = (value & 0x80 ? 2 ** (value & 0x7f) : 10 ** value) / 1000;
      }
      if (code === OPTION.timeOffset && length >= 8) shift = Number(view.getBigInt64(start, little)) * 1000;
    });
    const linkType = view.getUint16(at, little);
    this.interfaces.push({ linkType, snapLength: view.getUint32(at + 4, little), perMillisecond, shift });
    this.sink.linkType(linkType);
  }

  private secrets(queue: ByteQueue, at: number, end: number): void {
    const { view } = queue;
    const offset = queue.offset;
    const length = end - at < 8 ? -1 : view.getUint32(at + 4, this.little);
    if (length < 0 || length > end - at - 8) {
      this.sink.problem('bad_secrets', offset, { what: 'length' });
      return;
    }
    if (view.getUint32(at, this.little) !== TLS_KEY_LOG) return;
    this.sink.keyLog(queue.bytes.subarray(at + 8, at + 8 + length), offset);
  }

  private names(queue: ByteQueue, at: number, end: number): void {
    const { bytes, view } = queue;
    this.eachOption(view, at, end, (code, start, length) => {
      const size = code === RECORD.ipv4 ? 4 : code === RECORD.ipv6 ? 16 : 0;
      if (size === 0 || length <= size) return;
      const address = bytes.slice(start, start + size);
      try {
        for (const name of toUtf8(bytes.subarray(start + size, start + length)).split('\0'))
          if (name !== '') this.sink.name(address, name);
      } catch {
        this.sink.problem('bad_packet', queue.offset, { what: 'name' });
      }
    });
  }

  /** Options and records of names alike: code, length, value padded to four bytes; 0 ends them. */
  private eachOption(
    view: DataView,
    from: number,
    end: number,
    each: (code: number, start: number, length: number) => void,
  ): void {
    let at = from;
    while (end - at >= 4) {
      const code = view.getUint16(at, this.little);
      const length = view.getUint16(at + 2, this.little);
      if (code === OPTION.end || length > end - at - 4) return;
      each(code, at + 4, length);
      at += 4 + length + ((4 - (length % 4)) % 4);
    }
  }
}
