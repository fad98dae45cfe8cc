/**
 * The capture format of libpcap (draft-ietf-opsawg-pcap): both byte orders, microseconds and nanoseconds, and the
 * longer packet headers of Kuznetzov's patch.
 */
import type { ByteQueue } from './byte-queue.js';
import type { CaptureSink, FormatReader } from './reader.js';

const FILE_HEADER = 24;
/** What libpcap takes at most, unless the file says that its packets may be longer. */
const USUAL_MAXIMUM = 262_144;

interface Kind {
  readonly little: boolean;
  readonly perMillisecond: number;
  readonly packetHeader: number;
}

/** By the first four bytes, read big-endian. */
const KINDS: ReadonlyMap<number, Kind> = new Map([
  [0xa1b2c3d4, { little: false, perMillisecond: 1e3, packetHeader: 16 }],
  [0xd4c3b2a1, { little: true, perMillisecond: 1e3, packetHeader: 16 }],
  [0xa1b23c4d, { little: false, perMillisecond: 1e6, packetHeader: 16 }],
  [0x4d3cb2a1, { little: true, perMillisecond: 1e6, packetHeader: 16 }],
  [0xa1b2cd34, { little: false, perMillisecond: 1e3, packetHeader: 24 }],
  [0x34cdb2a1, { little: true, perMillisecond: 1e3, packetHeader: 24 }],
]);

export function pcapKind(magic: number): Kind | undefined {
  return KINDS.get(magic);
}

export class PcapReader implements FormatReader {
  readonly format = 'pcap';
  private linkType = -1;
  private largest = USUAL_MAXIMUM;

  constructor(
    private readonly kind: Kind,
    private readonly sink: CaptureSink,
    private readonly limit: number,
  ) {}

  read(queue: ByteQueue): boolean {
    if (this.linkType < 0) {
      if (queue.length < FILE_HEADER) return true;
      this.fileHeader(queue);
    }
    const { sink, kind, linkType } = this;
    const { little, perMillisecond, packetHeader } = kind;
    const { view, bytes, end } = queue;
    let at = queue.start;
    const base = queue.offset - at;
    while (end - at >= packetHeader && !sink.busy) {
      const captured = view.getUint32(at + 8, little);
      const original = view.getUint32(at + 12, little);
      if (captured > this.largest) {
        queue.start = at;
        sink.problem('corrupt', base + at, { what: 'packet_length', length: captured, limit: this.largest });
        return false;
      }
      const body = at + packetHeader;
      if (end - body < captured) break;
      const time = view.getUint32(at, little) * 1000 + view.getUint32(at + 4, little) / perMillisecond;
      sink.packet(bytes, body, body + captured, captured < original, time, linkType, base + at);
      at = body + captured;
    }
    queue.start = at;
    return true;
  }

  finish(queue: ByteQueue): void {
    if (this.linkType < 0) {
      this.sink.problem('truncated', 0, { what: 'file_header', length: queue.length });
    } else if (queue.length > 0) {
      this.sink.problem('truncated', queue.offset, { what: 'packet', length: queue.length });
    }
  }

  private fileHeader(queue: ByteQueue): void {
    const { view, start } = queue;
    const { little } = this.kind;
    const snapLength = view.getUint32(start + 16, little);
    this.largest = Math.min(this.limit, Math.max(USUAL_MAXIMUM, snapLength));
    // The upper bits say whether there is a frame check sequence, and how long it is; IP knows its own length.
    this.linkType = view.getUint32(start + 20, little) & 0xffff;
    this.sink.linkType(this.linkType);
    queue.skip(FILE_HEADER);
  }
}
