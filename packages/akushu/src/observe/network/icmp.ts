/** ICMP (RFC 792) and ICMPv6 (RFC 4443) messages that say that a packet did not arrive, with what they quote of it. */
import type { TcpFacts } from '../observation.js';
import type { IpHeader } from './ip.js';
import { u16 } from './words.js';

export type UnreachableReason = NonNullable<TcpFacts['unreachable']>['reason'];

export interface Undelivered {
  readonly reason: UnreachableReason;
  /** The quoted packet's header. */
  readonly ip: IpHeader;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly targetPort: number;
}

const REASONS_4: Readonly<Record<number, UnreachableReason>> = {
  0: 'network',
  1: 'host',
  3: 'port',
  4: 'too_big',
  6: 'network',
  7: 'host',
  9: 'prohibited',
  10: 'prohibited',
  13: 'prohibited',
};
const REASONS_6: Readonly<Record<number, UnreachableReason>> = {
  0: 'network',
  1: 'prohibited',
  3: 'host',
  4: 'port',
  5: 'prohibited',
};

/** Undefined for all other messages, and for what quotes too little. */
export function undelivered(ip: IpHeader, start: number, end: number): Undelivered | undefined {
  const { bytes } = ip;
  if (end - start < 8) return undefined;
  const reason =
    ip.version === 4 ? reason4(bytes[start]!, bytes[start + 1]!) : reason6(bytes[start]!, bytes[start + 1]!);
  if (!reason) return undefined;
  const quoted = start + 8;
  const version = bytes[quoted]! >> 4;
  const header = version === 4 ? (bytes[quoted]! & 15) * 4 : 40;
  const ports = quoted + header;
  if (version !== ip.version || end - ports < 4) return undefined;
  return {
    reason,
    ip: {
      bytes,
      version,
      source: quoted + (version === 4 ? 12 : 8),
      target: quoted + (version === 4 ? 16 : 24),
      time: ip.time,
    },
    protocol: bytes[quoted + (version === 4 ? 9 : 6)]!,
    sourcePort: u16(bytes, ports),
    targetPort: u16(bytes, ports + 2),
  };
}

function reason4(type: number, code: number): UnreachableReason | undefined {
  if (type === 11) return 'time_exceeded';
  return type === 3 ? (REASONS_4[code] ?? 'other') : undefined;
}

function reason6(type: number, code: number): UnreachableReason | undefined {
  if (type === 2) return 'too_big';
  if (type === 3) return 'time_exceeded';
  return type === 1 ? (REASONS_6[code] ?? 'other') : undefined;
}
