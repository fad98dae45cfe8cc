/** Reads just enough of a pcap file: the bytes of its one TCP connection, in each direction, in order. */
import { readFileSync } from 'node:fs';

export interface Conversation {
  readonly client: Uint8Array;
  readonly server: Uint8Array;
}

/** Bytes of the link layer in front of IP, by link type. */
const LINK_HEADER: Readonly<Record<number, number>> = { 0: 4, 1: 14, 101: 0 };

interface Segment {
  readonly from: number;
  readonly isSyn: boolean;
  readonly payload: Buffer;
}

function segmentOf(packet: Buffer): Segment | undefined {
  const version = packet[0]! >> 4;
  const headerLength = version === 6 ? 40 : (packet[0]! & 15) * 4;
  const protocol = version === 6 ? packet[6] : packet[9];
  if (protocol !== 6) return undefined;
  const end = version === 6 ? 40 + packet.readUInt16BE(4) : packet.readUInt16BE(2);
  const tcp = packet.subarray(headerLength, end);
  const flags = tcp[13]!;
  return {
    from: tcp.readUInt16BE(0),
    isSyn: (flags & 0x12) === 0x02,
    payload: tcp.subarray((tcp[12]! >> 4) * 4),
  };
}

/** Captures without loss or repetition only: segments are taken as they come. */
export function readConversation(path: string): Conversation {
  const file = readFileSync(path);
  if (file.readUInt32LE(0) !== 0xa1b2c3d4) throw new Error(`${path}: not a pcap file of this byte order`);
  const linkHeader = LINK_HEADER[file.readUInt32LE(20)];
  if (linkHeader === undefined) throw new Error(`${path}: unknown link type`);
  const sides = { client: [] as Buffer[], server: [] as Buffer[] };
  let clientPort: number | undefined;
  for (let at = 24; at < file.length; ) {
    const length = file.readUInt32LE(at + 8);
    const segment = segmentOf(file.subarray(at + 16 + linkHeader, at + 16 + length));
    at += 16 + length;
    if (!segment) continue;
    if (segment.isSyn) clientPort = segment.from;
    sides[segment.from === clientPort ? 'client' : 'server'].push(segment.payload);
  }
  return {
    client: new Uint8Array(Buffer.concat(sides.client)),
    server: new Uint8Array(Buffer.concat(sides.server)),
  };
}
