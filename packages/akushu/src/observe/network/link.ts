/**
 * From a frame to the protocol that it carries: Ethernet with VLAN tags (IEEE 802.1Q, 802.1ad), raw IP, Linux cooked
 * captures, loopback, PPP; MPLS (RFC 3032) and PPPoE (RFC 2516) on the way. Sets where the network layer begins.
 */
import { i32, i32Little, u16 } from './words.js';

const LINK = {
  null: 0,
  ethernet: 1,
  ppp: 9,
  rawOld: 12,
  rawOpenBsd: 14,
  pppHdlc: 50,
  pppoe: 51,
  raw: 101,
  cHdlc: 104,
  loop: 108,
  cooked: 113,
  pflog: 117,
  ipv4: 228,
  ipv6: 229,
  cooked2: 276,
} as const;

const ETHER = {
  ipv4: 0x0800,
  arp: 0x0806,
  ethernet: 0x6558,
  vlan: 0x8100,
  qinq: 0x88a8,
  qinqOld: 0x9100,
  ipv6: 0x86dd,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  pppoeDiscovery: 0x8863,
  pppoe: 0x8864,
} as const;

const KNOWN_LINKS: ReadonlySet<number> = new Set(Object.values(LINK));

export function knowsLinkType(linkType: number): boolean {
  return KNOWN_LINKS.has(linkType);
}

export type NetworkProtocol = 'ip' | 'arp' | 'other' | 'short';

/** Layers of one packet around each other; more are a hostile packet. */
const MAX_LAYERS = 16;

/** One for all packets: `find` sets `start`. */
export class LinkLayer {
  start = 0;

  /** What stands behind the link layer's headers, from `start` on. */
  find(bytes: Uint8Array, start: number, end: number, linkType: number): NetworkProtocol {
    switch (linkType) {
      case LINK.ethernet:
        return this.ethernet(bytes, start, end);
      case LINK.raw:
      case LINK.rawOld:
      case LINK.rawOpenBsd:
      case LINK.ipv4:
      case LINK.ipv6:
        return this.ip(start, end);
      case LINK.null:
        return this.loopback(bytes, start, end);
      case LINK.loop:
        return this.family(i32(bytes, start), start + 4, end);
      case LINK.cooked:
        return end - start < 16 ? 'short' : this.byEtherType(bytes, u16(bytes, start + 14), start + 16, end);
      case LINK.cooked2:
        return end - start < 20 ? 'short' : this.byEtherType(bytes, u16(bytes, start), start + 20, end);
      case LINK.ppp:
      case LINK.pppHdlc:
        return this.ppp(bytes, start, end);
      case LINK.pppoe:
        return this.ppp(bytes, start + 6, end);
      case LINK.cHdlc:
        return end - start < 4 ? 'short' : this.byEtherType(bytes, u16(bytes, start + 2), start + 4, end);
      case LINK.pflog:
        return this.pflog(bytes, start, end);
      default:
        return 'other';
    }
  }

  ethernet(bytes: Uint8Array, start: number, end: number): NetworkProtocol {
    if (end - start < 14) return 'short';
    return this.byEtherType(bytes, u16(bytes, start + 12), start + 14, end);
  }

  byEtherType(bytes: Uint8Array, first: number, from: number, end: number): NetworkProtocol {
    let type = first;
    let at = from;
    for (let layer = 0; layer < MAX_LAYERS; layer++) {
      switch (type) {
        case ETHER.ipv4:
        case ETHER.ipv6:
          return this.ip(at, end);
        case ETHER.arp:
          return 'arp';
        case ETHER.vlan:
        case ETHER.qinq:
        case ETHER.qinqOld:
          if (end - at < 4) return 'short';
          type = u16(bytes, at + 2);
          at += 4;
          break;
        case ETHER.mpls:
        case ETHER.mplsMulticast:
          return this.mpls(bytes, at, end);
        case ETHER.pppoe:
          return this.ppp(bytes, at + 6, end);
        case ETHER.ethernet:
          if (end - at < 14) return 'short';
          type = u16(bytes, at + 12);
          at += 14;
          break;
        default:
          // IEEE 802.3: a length and no type; LLC with SNAP carries IP (RFC 1042).
          if (type <= 1500 && end - at >= 8 && bytes[at] === 0xaa && bytes[at + 1] === 0xaa) {
            type = u16(bytes, at + 6);
            at += 8;
            break;
          }
          return 'other';
      }
    }
    return 'other';
  }

  private ip(at: number, end: number): NetworkProtocol {
    this.start = at;
    return end > at ? 'ip' : 'short';
  }

  /** The family's number is in the byte order of whoever captured. */
  private loopback(bytes: Uint8Array, start: number, end: number): NetworkProtocol {
    if (end - start < 4) return 'short';
    const big = i32(bytes, start);
    return this.family(big > 0 && big < 0x1_0000 ? big : i32Little(bytes, start), start + 4, end);
  }

  /** AF_INET is 2 everywhere; AF_INET6 is 10, 24, 28 or 30. */
  private family(family: number, at: number, end: number): NetworkProtocol {
    const known = family === 2 || family === 10 || family === 24 || family === 28 || family === 30;
    return known ? this.ip(at, end) : 'other';
  }

  private mpls(bytes: Uint8Array, start: number, end: number): NetworkProtocol {
    for (let at = start; end - at > 4; at += 4) {
      if ((bytes[at + 2]! & 1) === 0) continue;
      const version = bytes[at + 4]! >> 4;
      if (version === 4 || version === 6) return this.ip(at + 4, end);
      // Pseudowires (RFC 4448): a control word of zeros, then Ethernet.
      return version === 0 ? this.ethernet(bytes, at + 8, end) : 'other';
    }
    return 'short';
  }

  /** RFC 1661, RFC 1662: address and control may be left out, and a protocol of one byte is odd. */
  private ppp(bytes: Uint8Array, start: number, end: number): NetworkProtocol {
    let at = start;
    if (end - at < 4) return 'short';
    if (bytes[at] === 0xff && bytes[at + 1] === 0x03) at += 2;
    const short = (bytes[at]! & 1) === 1;
    const protocol = short ? bytes[at]! : u16(bytes, at);
    at += short ? 1 : 2;
    return protocol === 0x21 || protocol === 0x57 ? this.ip(at, end) : 'other';
  }

  /** OpenBSD's packet filter: a length, the address family, and padding to four bytes. */
  private pflog(bytes: Uint8Array, start: number, end: number): NetworkProtocol {
    if (end - start < 4) return 'short';
    return this.family(bytes[start + 1]!, start + ((bytes[start]! + 3) & ~3), end);
  }
}
