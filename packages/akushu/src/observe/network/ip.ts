/**
 * IPv4 (RFC 791) and IPv6 with its extension headers (RFC 8200), fragments put together, and tunnels taken off: IP in
 * IP (RFC 2003), 6in4 (RFC 4213), GRE (RFC 2784, 2890), VXLAN (RFC 7348), GENEVE (RFC 8926), GTP-U. Checksums are
 * not checked: captures are full of those that the network card would have filled in.
 */
import { Fragments } from './fragments.js';
import { knowsLinkType, LinkLayer } from './link.js';
import { i32, u16 } from './words.js';

const PROTOCOL = { icmp: 1, ipip: 4, tcp: 6, udp: 17, ipv6: 41, gre: 47, icmpv6: 58 } as const;
const EXTENSION: ReadonlySet<number> = new Set([0, 43, 60, 135, 139, 140]);
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const TUNNEL_PORTS = { vxlan: 4789, vxlanOld: 8472, geneve: 6081, gtp: 2152 } as const;
const MAX_DEPTH = 8;

/** The IP header of a packet, in place: one object for all, valid while the packet is looked at. */
export interface IpHeader {
  bytes: Uint8Array;
  /** 4 or 6. */
  version: number;
  /** Where the addresses are; 4 or 16 bytes each. */
  source: number;
  target: number;
  time: number;
}

export interface TransportSink {
  /** A segment or datagram from `start`; `end` as captured, `fullEnd` as it was on the wire. */
  tcp(ip: IpHeader, start: number, end: number, fullEnd: number): void;
  udp(ip: IpHeader, start: number, end: number): void;
  icmp(ip: IpHeader, start: number, end: number): void;
  /** One more packet of a kind. */
  count(kind: string): void;
}

export class Packets {
  private readonly link = new LinkLayer();
  private readonly fragments: Fragments;
  private readonly ip: IpHeader = { bytes: new Uint8Array(0), version: 4, source: 0, target: 0, time: 0 };
  private depth = 0;

  constructor(
    private readonly sink: TransportSink,
    fragmentedPackets: number,
  ) {
    this.fragments = new Fragments(fragmentedPackets);
  }

  /** A frame; `bytes` are valid during the call only. */
  frame(bytes: Uint8Array, start: number, end: number, time: number, linkType: number): void {
    if (!knowsLinkType(linkType)) {
      this.sink.count('unknown_link');
      return;
    }
    this.ip.time = time;
    this.depth = 0;
    this.found(this.link.find(bytes, start, end, linkType), bytes, end);
  }

  private found(protocol: ReturnType<LinkLayer['find']>, bytes: Uint8Array, end: number): void {
    if (protocol === 'ip') this.network(bytes, this.link.start, end);
    else this.sink.count(protocol === 'arp' ? 'arp' : protocol === 'short' ? 'malformed' : 'other');
  }

  private network(bytes: Uint8Array, start: number, end: number): void {
    if (++this.depth > MAX_DEPTH) {
      this.sink.count('malformed');
      return;
    }
    const version = bytes[start]! >> 4;
    if (version === 4) this.ipv4(bytes, start, end);
    else if (version === 6) this.ipv6(bytes, start, end);
    else this.sink.count('malformed');
  }

  private ipv4(bytes: Uint8Array, start: number, end: number): void {
    const header = (bytes[start]! & 0x0f) * 4;
    if (header < 20 || end - start < header) {
      this.sink.count('malformed');
      return;
    }
    // Zero where the network card was to cut it into packets: then the frame says it.
    const total = u16(bytes, start + 2) || end - start;
    if (total < header) {
      this.sink.count('malformed');
      return;
    }
    this.setIp(bytes, 4, start + 12, start + 16);
    const fullEnd = start + total;
    const offset = u16(bytes, start + 6);
    const protocol = bytes[start + 9]!;
    if ((offset & 0x3fff) === 0) {
      this.transport(protocol, bytes, start + header, Math.min(end, fullEnd), fullEnd);
      return;
    }
    if (end < fullEnd) {
      this.sink.count('cut_fragment');
      return;
    }
    this.fragment(
      protocol,
      u16(bytes, start + 4),
      offset & 0x2000,
      (offset & 0x1fff) * 8,
      start + header,
      fullEnd,
    );
  }

  private ipv6(bytes: Uint8Array, start: number, end: number): void {
    if (end - start < 40) {
      this.sink.count('malformed');
      return;
    }
    // Zero: a jumbogram (RFC 2675) or a card that cuts it.
    const payload = u16(bytes, start + 4) || end - start - 40;
    const fullEnd = start + 40 + payload;
    const available = Math.min(end, fullEnd);
    this.setIp(bytes, 6, start + 8, start + 24);
    let next = bytes[start + 6]!;
    let at = start + 40;
    for (;;) {
      if (EXTENSION.has(next) || next === AUTHENTICATION) {
        if (available - at < 8) {
          this.sink.count('malformed');
          return;
        }
        const size = next === AUTHENTICATION ? (bytes[at + 1]! + 2) * 4 : (bytes[at + 1]! + 1) * 8;
        next = bytes[at]!;
        at += size;
        if (at > available) {
          this.sink.count('malformed');
          return;
        }
      } else if (next === FRAGMENT) {
        if (available - at < 8) {
          this.sink.count('malformed');
          return;
        }
        const offset = u16(bytes, at + 2);
        next = bytes[at]!;
        if ((offset & ~6) === 0) {
          // RFC 6946: a fragment that is the whole.
          at += 8;
          continue;
        }
        if (end < fullEnd) {
          this.sink.count('cut_fragment');
          return;
        }
        this.fragment(next, i32(bytes, at + 4), offset & 1, offset & 0xfff8, at + 8, fullEnd);
        return;
      } else {
        this.transport(next, bytes, at, available, fullEnd);
        return;
      }
    }
  }

  private setIp(bytes: Uint8Array, version: number, source: number, target: number): void {
    const { ip } = this;
    ip.bytes = bytes;
    ip.version = version;
    ip.source = source;
    ip.target = target;
  }

  private fragment(
    protocol: number,
    id: number,
    more: number,
    offset: number,
    start: number,
    end: number,
  ): void {
    this.sink.count('fragment');
    const whole = this.fragments.add(this.ip, protocol, id, more !== 0, offset, start, end);
    if (!whole) return;
    this.setIp(whole.bytes, this.ip.version, whole.source, whole.target);
    this.transport(protocol, whole.bytes, whole.start, whole.bytes.length, whole.bytes.length);
  }

  private transport(protocol: number, bytes: Uint8Array, start: number, end: number, fullEnd: number): void {
    const { sink, ip } = this;
    switch (protocol) {
      case PROTOCOL.tcp:
        sink.tcp(ip, start, end, fullEnd);
        break;
      case PROTOCOL.udp:
        this.udp(bytes, start, end);
        break;
      case PROTOCOL.icmp:
      case PROTOCOL.icmpv6:
        sink.icmp(ip, start, end);
        break;
      case PROTOCOL.ipip:
      case PROTOCOL.ipv6:
        if (end > start) this.network(bytes, start, end);
        break;
      case PROTOCOL.gre:
        this.gre(bytes, start, end);
        break;
      default:
        sink.count('other_ip');
    }
  }

  private udp(bytes: Uint8Array, start: number, end: number): void {
    if (end - start < 8) {
      this.sink.count('malformed');
      return;
    }
    const port = u16(bytes, start + 2);
    const at = start + 8;
    if (port === TUNNEL_PORTS.vxlan || port === TUNNEL_PORTS.vxlanOld) {
      // RFC 7348 §5: the flag I alone.
      if (end - at >= 22 && bytes[at] === 0x08) {
        this.inner(bytes, at + 8, end);
        return;
      }
    } else if (port === TUNNEL_PORTS.geneve) {
      const header = 8 + (bytes[at]! & 0x3f) * 4;
      if (end - at > header && bytes[at]! >> 6 === 0) {
        this.carried(bytes, u16(bytes, at + 2), at + header, end);
        return;
      }
    } else if (
      port === TUNNEL_PORTS.gtp &&
      end - at > 12 &&
      bytes[at]! >> 4 === 3 &&
      bytes[at + 1] === 0xff
    ) {
      this.network(bytes, at + ((bytes[at]! & 7) === 0 ? 8 : 12), end);
      return;
    }
    this.sink.udp(this.ip, start, end);
  }

  private inner(bytes: Uint8Array, start: number, end: number): void {
    if (++this.depth > MAX_DEPTH) {
      this.sink.count('malformed');
      return;
    }
    this.found(this.link.ethernet(bytes, start, end), bytes, end);
  }

  private carried(bytes: Uint8Array, etherType: number, start: number, end: number): void {
    if (++this.depth > MAX_DEPTH) {
      this.sink.count('malformed');
      return;
    }
    this.found(this.link.byEtherType(bytes, etherType, start, end), bytes, end);
  }

  private gre(bytes: Uint8Array, start: number, end: number): void {
    if (end - start < 4) {
      this.sink.count('malformed');
      return;
    }
    const flags = bytes[start]!;
    // RFC 2784 §2.1, RFC 2890 §2: checksum, key, sequence number, four bytes each where their flag is set.
    let at = start + 4;
    for (const flag of [0x80, 0x20, 0x10]) if (flags & flag) at += 4;
    const version = bytes[start + 1]! & 7;
    // PPTP (RFC 2637) has an acknowledgement of its own.
    if (version === 1 && bytes[start + 1]! & 0x80) at += 4;
    if (at >= end) {
      this.sink.count('other_ip');
      return;
    }
    this.carried(bytes, u16(bytes, start + 2), at, end);
  }
}
