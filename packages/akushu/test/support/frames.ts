/** Packets in all kinds of wrapping: link layers, tunnels, fragments, file formats. */
import { concat, Writer } from '../../src/bytes/index.js';

/** The IP packets of a file that `writePcapng` made. */
export function packetsOf(file: Uint8Array): Uint8Array[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const packets: Uint8Array[] = [];
  for (let at = 0; at < file.length; at += view.getUint32(at + 4))
    if (view.getUint32(at) === 6) packets.push(file.slice(at + 28, at + 28 + view.getUint32(at + 20)));
  return packets;
}

export const u16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);
export const u32 = (value: number): Uint8Array => concat(u16(value >>> 16), u16(value & 0xffff));

/** A number of four bytes in either order. */
const word = (value: number, little: boolean): Uint8Array => (little ? u32(value).reverse() : u32(value));
const half = (value: number, little: boolean): Uint8Array => (little ? u16(value).reverse() : u16(value));

export interface PcapOptions {
  readonly linkType?: number;
  readonly little?: boolean;
  readonly nanoseconds?: boolean;
  /** Bytes that are left out at the end of each packet longer than that. */
  readonly snapLength?: number;
}

/** Milliseconds since 1970 of the first packet; one comes each millisecond. */
export const START = 1_800_000_000_000;

export function pcap(packets: readonly Uint8Array[], options: PcapOptions = {}): Uint8Array {
  const { linkType = 101, little = true, nanoseconds = false, snapLength = 262_144 } = options;
  const parts = [
    word(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, little),
    half(2, little),
    half(4, little),
    word(0, little),
    word(0, little),
    word(snapLength, little),
    word(linkType, little),
  ];
  for (const [i, packet] of packets.entries()) {
    const time = START + i;
    const captured = packet.subarray(0, snapLength);
    const fraction = (time % 1000) * (nanoseconds ? 1e6 : 1e3);
    parts.push(word(Math.floor(time / 1000), little), word(fraction, little));
    parts.push(word(captured.length, little), word(packet.length, little), captured);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** A block of pcapng in either order. */
export function block(type: number, body: Uint8Array, little = true): Uint8Array {
  const padded = concat(body, new Uint8Array((4 - (body.length % 4)) % 4));
  const length = word(padded.length + 12, little);
  return concat(word(type, little), length, padded, length);
}

export const sectionBlock = (little = true): Uint8Array =>
  block(
    0x0a0d0d0a,
    concat(word(0x1a2b3c4d, little), half(1, little), half(0, little), new Uint8Array(8).fill(0xff)),
    little,
  );

/** `resolution`: the value of if_tsresol; `offset`: of if_tsoffset, in seconds. */
export function interfaceBlock(linkType: number, resolution: number, offset = 0, little = true): Uint8Array {
  const options = concat(
    half(9, little),
    half(1, little),
    Uint8Array.of(resolution, 0, 0, 0),
    half(14, little),
    half(8, little),
    little ? concat(word(offset, true), word(0, true)) : concat(word(0, false), word(offset, false)),
    new Uint8Array(4),
  );
  return block(1, concat(half(linkType, little), half(0, little), word(0, little), options), little);
}

export function packetBlock(
  packet: Uint8Array,
  ticks: bigint,
  from = 0,
  little = true,
  type = 6,
): Uint8Array {
  const id = type === 6 ? word(from, little) : concat(half(from, little), half(0xffff, little));
  const high = Number(ticks >> 32n);
  const low = Number(ticks & 0xffffffffn);
  const size = word(packet.length, little);
  return block(type, concat(id, word(high, little), word(low, little), size, size, packet), little);
}

const etherTypeOf = (packet: Uint8Array): number => (packet[0]! >> 4 === 6 ? 0x86dd : 0x0800);

const ethernet = (packet: Uint8Array, type = etherTypeOf(packet)): Uint8Array =>
  concat(new Uint8Array(12).fill(2), u16(type), packet);

/** All link layers and tunnels on the way to IP, by name: the link type, and what is put around a packet. */
export const WRAPPINGS: Readonly<
  Record<string, readonly [linkType: number, wrap: (packet: Uint8Array) => Uint8Array]>
> = {
  'raw IP': [101, (packet) => packet],
  'raw IP of OpenBSD': [14, (packet) => packet],
  Ethernet: [1, (packet) => ethernet(packet)],
  'Ethernet with padding and a checksum': [
    1,
    (packet) => concat(ethernet(packet), new Uint8Array(10).fill(0x17)),
  ],
  VLAN: [1, (packet) => ethernet(concat(u16(5), u16(etherTypeOf(packet)), packet), 0x8100)],
  QinQ: [
    1,
    (packet) => ethernet(concat(u16(5), u16(0x8100), u16(6), u16(etherTypeOf(packet)), packet), 0x88a8),
  ],
  'LLC and SNAP': [
    1,
    (packet) =>
      ethernet(
        concat(Uint8Array.of(0xaa, 0xaa, 3, 0, 0, 0), u16(etherTypeOf(packet)), packet),
        packet.length % 1500,
      ),
  ],
  'Linux cooked': [113, (packet) => concat(new Uint8Array(14), u16(etherTypeOf(packet)), packet)],
  'Linux cooked 2': [276, (packet) => concat(u16(etherTypeOf(packet)), new Uint8Array(18), packet)],
  'loopback of little-endian machines': [
    0,
    (packet) => concat(u32(packet[0]! >> 4 === 6 ? 30 : 2).reverse(), packet),
  ],
  'loopback of big-endian machines': [0, (packet) => concat(u32(packet[0]! >> 4 === 6 ? 24 : 2), packet)],
  'loopback of OpenBSD': [108, (packet) => concat(u32(packet[0]! >> 4 === 6 ? 24 : 2), packet)],
  PPP: [9, (packet) => concat(Uint8Array.of(0xff, 3), u16(packet[0]! >> 4 === 6 ? 0x57 : 0x21), packet)],
  PPPoE: [
    1,
    (packet) =>
      ethernet(
        concat(Uint8Array.of(0x11, 0, 0, 1, 0, 0), u16(packet[0]! >> 4 === 6 ? 0x57 : 0x21), packet),
        0x8864,
      ),
  ],
  MPLS: [1, (packet) => ethernet(concat(Uint8Array.of(0, 1, 0, 64, 0, 2, 1, 64), packet), 0x8847)],
  'IP in IP': [101, (packet) => ipv4(packet, packet[0]! >> 4 === 6 ? 41 : 4)],
  'IP in IPv6': [101, (packet) => ipv6(packet, packet[0]! >> 4 === 6 ? 41 : 4)],
  GRE: [101, (packet) => ipv4(concat(u16(0), u16(etherTypeOf(packet)), packet), 47)],
  'GRE with checksum, key and sequence number': [
    101,
    (packet) => ipv4(concat(u16(0xb000), u16(etherTypeOf(packet)), new Uint8Array(12), packet), 47),
  ],
  'Ethernet in GRE': [101, (packet) => ipv4(concat(u16(0), u16(0x6558), ethernet(packet)), 47)],
  VXLAN: [101, (packet) => ipv4(udp(concat(u32(0x0800_0000), u32(0x100), ethernet(packet)), 5000, 4789), 17)],
  GENEVE: [
    101,
    (packet) =>
      ipv4(
        udp(concat(Uint8Array.of(1, 0), u16(0x6558), u32(0x100), u32(0), ethernet(packet)), 5000, 6081),
        17,
      ),
  ],
  'GTP-U': [
    101,
    (packet) =>
      ipv4(udp(concat(Uint8Array.of(0x30, 0xff), u16(packet.length), u32(1), packet), 2152, 2152), 17),
  ],
  'IPv6 extension headers': [101, (packet) => withExtensions(packet)],
};

/** Hop-by-hop, destination options and routing in front of what an IPv6 packet carries; others as they are. */
function withExtensions(packet: Uint8Array): Uint8Array {
  if (packet[0]! >> 4 !== 6) return packet;
  const header = packet.slice(0, 40);
  const next = header[6]!;
  header[6] = 0;
  const extensions = concat(
    Uint8Array.of(60, 0, 1, 4, 0, 0, 0, 0),
    Uint8Array.of(43, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    Uint8Array.of(next, 0, 0, 0, 0, 0, 0, 0),
  );
  header.set(u16(packet.length - 40 + extensions.length), 4);
  return concat(header, extensions, packet.subarray(40));
}

export function udp(payload: Uint8Array, from: number, to: number): Uint8Array {
  return concat(u16(from), u16(to), u16(payload.length + 8), u16(0), payload);
}

export function ipv4(
  payload: Uint8Array,
  protocol: number,
  source = '203.0.113.1',
  target = '203.0.113.2',
  fragment = 0,
): Uint8Array {
  const writer = new Writer();
  writer.u16(0x4500);
  writer.u16(20 + payload.length);
  writer.u16(0x77);
  writer.u16(fragment);
  writer.u8(64);
  writer.u8(protocol);
  writer.u16(0);
  for (const address of [source, target]) writer.append(Uint8Array.from(address.split('.').map(Number)));
  writer.append(payload);
  return writer.finish();
}

function ipv6(payload: Uint8Array, protocol: number): Uint8Array {
  const address = (last: number): Uint8Array =>
    Uint8Array.from({ length: 16 }, (_, i) => (i === 15 ? last : 0x20));
  return concat(
    u32(0x6000_0000),
    u16(payload.length),
    Uint8Array.of(protocol, 64),
    address(1),
    address(2),
    payload,
  );
}

/** A packet in pieces of at most `size` bytes (RFC 791, RFC 8200 §4.5). */
export function fragments(packet: Uint8Array, size: number): Uint8Array[] {
  const v6 = packet[0]! >> 4 === 6;
  const header = packet.slice(0, v6 ? 40 : 20);
  const payload = packet.subarray(header.length);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const piece = payload.subarray(at, at + size);
    const more = at + size < payload.length;
    const copy = header.slice();
    if (v6) {
      copy[6] = 44;
      copy.set(u16(8 + piece.length), 4);
      pieces.push(concat(copy, Uint8Array.of(header[6]!, 0), u16(at | (more ? 1 : 0)), u32(99), piece));
    } else {
      copy.set(u16(20 + piece.length), 2);
      copy.set(u16((at >> 3) | (more ? 0x2000 : 0)), 6);
      pieces.push(concat(copy, piece));
    }
  }
  return pieces;
}

const FLAGS = { S: 2, A: 16, F: 1, R: 4, P: 8 } as const;

/** One TCP segment over IPv4, for what `writePcapng` never does. `flags` as letters. */
export function segment(
  from: readonly [address: string, port: number],
  to: readonly [address: string, port: number],
  flags: string,
  seq: number,
  ack: number,
  payload: Uint8Array = new Uint8Array(0),
): Uint8Array {
  let bits = 0;
  for (const letter of flags) bits |= FLAGS[letter as keyof typeof FLAGS];
  const tcp = concat(
    u16(from[1]),
    u16(to[1]),
    u32(seq >>> 0),
    u32(ack >>> 0),
    Uint8Array.of(0x50, bits),
    u16(0xffff),
    u32(0),
    payload,
  );
  return ipv4(tcp, 6, from[0], to[0]);
}
