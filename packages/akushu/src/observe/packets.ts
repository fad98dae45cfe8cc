/**
 * TCP/IP packets made up around the bytes of a stream (RFC 791, RFC 8200, RFC 9293): opening, data, acknowledgements,
 * end. As a network without loss would carry them; no options, no window scaling, no retransmission.
 */

import { concat, EMPTY, Writer } from '../bytes/index.js';
import { parseIp } from '../x509/index.js';
import { otherSide } from './sides.js';

export interface PacketEndpoint {
  /** IPv4 or IPv6, without brackets. */
  readonly address: string;
  readonly port: number;
}

const TcpFlag = { FIN: 1, SYN: 2, PSH: 8, ACK: 16 } as const;

const PROTOCOL_TCP = 6;
const TCP_HEADER = 20;
const WINDOW = 0xffff;

/** One end of a connection: where it is, and what it has sent. */
class End {
  sent: number;
  constructor(
    readonly address: Uint8Array,
    readonly port: number,
    initial: number,
  ) {
    this.sent = initial;
  }
}

export type From = 'client' | 'server';

/** Makes the packets of one connection, in order. */
export class PacketMaker {
  private readonly ends: Readonly<Record<From, End>>;
  private identification = 0;

  /** Throws TypeError for what is no address, RangeError for what is no port. */
  constructor(client: PacketEndpoint, server: PacketEndpoint) {
    const [a, b] = sameFamily(addressOf(client), addressOf(server));
    this.ends = {
      client: new End(a, portOf(client), 0x1000_0000),
      server: new End(b, portOf(server), 0x2000_0000),
    };
  }

  /** Largest segment whose packet still has a 16-bit length. */
  get largestSegment(): number {
    return 0xffff - TCP_HEADER - (this.ends.client.address.length === 4 ? 20 : 0);
  }

  /** RFC 9293 §3.5. */
  open(): Uint8Array[] {
    const first = this.packet('client', TcpFlag.SYN, EMPTY, false);
    return [first, this.packet('server', TcpFlag.SYN | TcpFlag.ACK), this.packet('client', TcpFlag.ACK)];
  }

  data(from: From, payload: Uint8Array, last: boolean): Uint8Array {
    return this.packet(from, TcpFlag.ACK | (last ? TcpFlag.PSH : 0), payload);
  }

  /** FIN and its acknowledgement (RFC 9293 §3.6). */
  close(from: From): Uint8Array[] {
    const fin = this.packet(from, TcpFlag.FIN | TcpFlag.ACK);
    return [fin, this.packet(otherSide(from), TcpFlag.ACK)];
  }

  private packet(from: From, flags: number, payload: Uint8Array = EMPTY, acknowledges = true): Uint8Array {
    const source = this.ends[from];
    const target = this.ends[otherSide(from)];
    const segment = new Writer(TCP_HEADER);
    segment.u16(source.port);
    segment.u16(target.port);
    segment.u32(source.sent);
    segment.u32(acknowledges ? target.sent : 0);
    segment.u8((TCP_HEADER / 4) << 4);
    segment.u8(flags);
    segment.u16(WINDOW);
    const head = segment.finish();
    const length = TCP_HEADER + payload.length;
    const pseudo = pseudoHeader(source.address, target.address, length);
    const tail = (sum: number): Uint8Array => Uint8Array.of(sum >> 8, sum & 0xff, 0, 0);
    const sum = checksum(concat(pseudo, head, tail(0), payload));
    const phantom = (flags & (TcpFlag.SYN | TcpFlag.FIN)) === 0 ? 0 : 1;
    source.sent = (source.sent + payload.length + phantom) % 0x1_0000_0000;
    return concat(this.ipHeader(source.address, target.address, length), head, tail(sum), payload);
  }

  private ipHeader(source: Uint8Array, target: Uint8Array, length: number): Uint8Array {
    const header = new Writer(40);
    if (source.length === 16) {
      header.u32(0x6000_0000);
      header.u16(length);
      header.u8(PROTOCOL_TCP);
      header.u8(64);
      header.append(source);
      header.append(target);
      return header.finish();
    }
    this.identification = (this.identification + 1) & 0xffff;
    const write = (sum: number): Uint8Array => {
      const v4 = new Writer(20);
      v4.u16(0x4500);
      v4.u16(20 + length);
      v4.u16(this.identification);
      v4.u16(0x4000);
      v4.u8(64);
      v4.u8(PROTOCOL_TCP);
      v4.u16(sum);
      v4.append(source);
      v4.append(target);
      return v4.finish();
    };
    return write(checksum(write(0)));
  }
}

/** RFC 9293 §3.1; RFC 8200 §8.1. */
function pseudoHeader(source: Uint8Array, target: Uint8Array, length: number): Uint8Array {
  const header = new Writer(40);
  header.append(source);
  header.append(target);
  if (source.length === 16) {
    header.u32(length);
    header.u32(PROTOCOL_TCP);
  } else {
    header.u16(PROTOCOL_TCP);
    header.u16(length);
  }
  return header.finish();
}

/** RFC 1071: the ones' complement of the ones' complement sum of 16-bit words. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const [i, byte] of bytes.entries()) sum += i % 2 === 0 ? byte * 256 : byte;
  while (sum > 0xffff) sum = Math.floor(sum / 0x1_0000) + (sum % 0x1_0000);
  return ~sum & 0xffff;
}

function addressOf({ address }: PacketEndpoint): Uint8Array {
  const bytes = parseIp(address.replace(/%.*$/, ''));
  if (!bytes) throw new TypeError(`"address" expected an IP address, got ${JSON.stringify(address)}`);
  return bytes.length === 16 && isMapped(bytes) ? bytes.slice(12) : bytes;
}

function portOf({ port }: PacketEndpoint): number {
  if (!Number.isInteger(port) || port < 0 || port > 0xffff)
    throw new RangeError(`"port" expected 0 to 65,535, got ${port}`);
  return port;
}

/** RFC 4291 §2.5.5.2: `::ffff:a.b.c.d`, as dual-stack sockets show IPv4 peers. */
function isMapped(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
}

function sameFamily(a: Uint8Array, b: Uint8Array): [Uint8Array, Uint8Array] {
  return a.length === b.length ? [a, b] : [mapped(a), mapped(b)];
}

function mapped(bytes: Uint8Array): Uint8Array {
  return bytes.length === 16 ? bytes : concat(new Uint8Array(10), Uint8Array.of(0xff, 0xff), bytes);
}
