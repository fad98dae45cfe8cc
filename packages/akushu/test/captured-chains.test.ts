import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { concat, equal } from '../src/bytes/index.js';
import { nodeProvider } from '../src/crypto/node.js';
import { parseCertificate, trustAnchors, verifyChain } from '../src/x509/index.js';

/**
 * Chains that servers sent in captures of real connections, read with as little as it takes: classic pcap over Ethernet,
 * loopback or raw IP, TCP segments in the order of their numbers, handshake messages before encryption.
 */
const DIRECTORY = new URL('../../../../shared/captures/', import.meta.url);
const present = existsSync(DIRECTORY);

interface Chain {
  readonly file: string;
  /** Milliseconds since 1970: when its first byte went by. */
  readonly time: number;
  readonly ders: readonly Uint8Array[];
}

interface Segment {
  readonly sequence: number;
  readonly data: Uint8Array;
  readonly time: number;
}

const uint = (bytes: Uint8Array, at: number, length: number): number =>
  bytes.subarray(at, at + length).reduce((sum, byte) => sum * 256 + byte, 0);

/** Segments by direction of a connection. */
function streams(file: Uint8Array): Segment[][] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const little = view.getUint32(0, false) !== 0xa1b2c3d4;
  const linkType = view.getUint32(20, little);
  const found = new Map<string, Segment[]>();
  for (let at = 24; at + 16 <= file.length; ) {
    const length = view.getUint32(at + 8, little);
    const time = view.getUint32(at, little) * 1000 + Math.floor(view.getUint32(at + 4, little) / 1000);
    const packet = file.subarray(at + 16, at + 16 + length);
    at += 16 + length;
    const segment = tcpSegment(packet.subarray(linkLength(linkType, packet)));
    if (!segment || segment.data.length === 0) continue;
    const known = found.get(segment.flow) ?? [];
    known.push({ sequence: segment.sequence, data: segment.data, time });
    found.set(segment.flow, known);
  }
  return [...found.values()];
}

/** Loopback, Ethernet with or without a tag (802.1Q), IP itself. */
function linkLength(linkType: number, packet: Uint8Array): number {
  if (linkType === 0) return 4;
  if (linkType !== 1) return 0;
  return uint(packet, 12, 2) === 0x8100 ? 18 : 14;
}

function tcpSegment(ip: Uint8Array): { flow: string; sequence: number; data: Uint8Array } | null {
  const version = (ip[0] ?? 0) >> 4;
  if (version !== 4 && version !== 6) return null;
  if ((version === 4 ? ip[9] : ip[6]) !== 6) return null;
  const header = version === 4 ? (ip[0]! & 15) * 4 : 40;
  const end = version === 4 ? uint(ip, 2, 2) || ip.length : 40 + uint(ip, 4, 2);
  const addresses = version === 4 ? ip.subarray(12, 20) : ip.subarray(8, 40);
  const tcp = ip.subarray(header, end);
  const flow = [...addresses, ...tcp.subarray(0, 4)].join();
  return { flow, sequence: uint(tcp, 4, 4), data: tcp.subarray((tcp[12]! >> 4) * 4) };
}

/** The bytes of one direction, as far as there is no gap. */
function reassemble(segments: readonly Segment[]): Uint8Array {
  const sorted = [...segments].sort((a, b) => a.sequence - b.sequence);
  const parts: Uint8Array[] = [];
  let next = sorted[0]!.sequence;
  for (const { sequence, data } of sorted) {
    if (sequence > next) break;
    const fresh = data.subarray(next - sequence);
    parts.push(fresh);
    next += fresh.length;
  }
  return concat(...parts);
}

/** Contents of handshake records up to the first that is encrypted. What goes before TLS, as with STARTTLS, is skipped. */
function handshakeBytes(stream: Uint8Array): Uint8Array {
  let at = stream.findIndex(
    (byte, i) => byte === 22 && stream[i + 1] === 3 && stream[i + 2]! < 4 && stream[i + 5] === 2,
  );
  const parts: Uint8Array[] = [];
  while (at >= 0 && at + 5 <= stream.length && stream[at] === 22) {
    const length = uint(stream, at + 3, 2);
    parts.push(stream.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  return concat(...parts);
}

/** The list of a Certificate message before TLS 1.3 (RFC 5246 §7.4.2). */
function certificateList(handshake: Uint8Array): Uint8Array[] {
  for (let at = 0; at + 4 <= handshake.length; ) {
    const body = handshake.subarray(at + 4, at + 4 + uint(handshake, at + 1, 3));
    at += 4 + body.length;
    if (handshake[at - 4 - body.length] !== 11) continue;
    const ders: Uint8Array[] = [];
    for (let i = 3; i + 3 <= body.length; i += 3 + uint(body, i, 3)) {
      ders.push(body.subarray(i + 3, i + 3 + uint(body, i, 3)));
    }
    return ders;
  }
  return [];
}

function chainsOf(file: string): Chain[] {
  const bytes = new Uint8Array(readFileSync(new URL(file, DIRECTORY)));
  return streams(bytes).flatMap((segments) => {
    const ders = certificateList(handshakeBytes(reassemble(segments)));
    return ders.length > 0 ? [{ file, time: segments[0]!.time, ders }] : [];
  });
}

/** Chains that were not accepted then, or whose capture is no record of a connection. */
const NOT_ACCEPTED: ReadonlyMap<string, string> = new Map([
  ['failures/expired_tls12.pcap', 'the leaf is expired: the client refused it'],
  ['zeek/tls-early-alert.pcap', 'the leaf expired four years before'],
  ['zeek/ml-dsa-44-cert.pcap', 'put together by hand: its time lies before the certificate’s'],
]);

const files = present
  ? readdirSync(DIRECTORY, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.pcap'))
      .sort()
  : [];
const chains = files.flatMap(chainsOf);

/** From the leaf up as far as the chain goes: what stands for the root, which servers do not send. */
function topOf(ders: readonly Uint8Array[]): Uint8Array {
  const [leaf, ...others] = ders.map((der) => parseCertificate(der));
  let top = leaf!;
  for (let i = 0; i < others.length; i++) {
    const issuer = others.find(
      ({ subject, der }) => equal(subject.raw, top.issuer.raw) && !equal(der, top.der),
    );
    if (!issuer || top.selfIssued) break;
    top = issuer;
  }
  return top.der;
}

describe.skipIf(!present)('chains in captures of real connections', () => {
  test('are found', () => {
    expect(chains.length).toBeGreaterThan(25);
    expect([...NOT_ACCEPTED.keys()].filter((file) => !chains.some((chain) => chain.file === file))).toEqual(
      [],
    );
  });

  test.each(
    chains.filter(({ file }) => !NOT_ACCEPTED.has(file)).map((chain, i) => [chain.file, i, chain] as const),
  )('that of %s (%i) is accepted at its time under its own root', (_, _i, { ders, time }) => {
    const roots = trustAnchors([topOf(ders)]);
    const verdict = verifyChain({ chain: ders, roots, time, purpose: 'server', provider: nodeProvider });
    expect(verdict.ok ? 'accepted' : verdict.failure).toBe('accepted');
  });

  test.each([...NOT_ACCEPTED.keys()])('that of %s is refused', (file) => {
    for (const { ders, time } of chains.filter((chain) => chain.file === file)) {
      const roots = trustAnchors(ders.slice(-1));
      const verdict = verifyChain({ chain: ders, roots, time, purpose: 'server', provider: nodeProvider });
      expect(verdict.ok).toBe(false);
    }
  });
});
